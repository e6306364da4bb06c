"""Where the tables that learning systems give out have what is needed: one row for each system."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rnnquiz.exports.canvas_table import canvas_layout
from rnnquiz.exports.editing import EditableTable, column_of
from rnnquiz.exports.moodle_table import moodle_layout
from rnnquiz.exports.table_layout import TableLayout, amounts_in, columns_named, where_true


@dataclass(frozen=True)
class _Headings:
    """A table that has the maximum in the heading of the mark: the pattern of such a heading, whose
    group `maximum` it is; the columns of ids, and what is to be taken away from these."""

    pattern: re.Pattern[str]
    what: str
    ids: tuple[str, ...]
    prefix: str = ""

    def layout(self, table: EditableTable, column: str) -> TableLayout:
        matches = [self.pattern.search(name) for name in table.header]
        candidates = where_true(match is not None for match in matches)
        mark = column_of(table, column, candidates, self.what)
        # A column that the teacher names may have another heading, and then no maximum.
        maximum, match = "", matches[mark]
        if match is not None:
            maximum = match["maximum"] or ""
        people = tuple(columns_named(table.header, self.ids))
        names = tuple(columns_named(table.header, ("last name", "first name")))
        amounts = amounts_in(table, [mark])
        return TableLayout(
            people=people,
            mark=mark,
            comment=None,
            maximum=lambda row: maximum,
            amounts=amounts,
            names=names,
            clean=self._without_prefix,
        )

    def _without_prefix(self, text: str) -> str:
        return text.lstrip(self.prefix)


# Brightspace writes # before ids and names of users.
_BRIGHTSPACE = _Headings(
    re.compile(r"\A.+ Points Grade(?: <.*?MaxPoints:(?P<maximum>[\d.,]+).*>)?\Z"),
    "the grade item",
    ("orgdefinedid", "username", "email"),
    "#",
)
# Behind the bar stands the id of the column, by which Blackboard finds it again.
_BLACKBOARD = _Headings(
    re.compile(r"\[Total Pts: ?(?:up to )?(?P<maximum>[\d.,]+)[^\]]*\] ?\|\d+"),
    "the column",
    ("username", "student id"),
)

LAYOUTS: Mapping[str, Callable[[EditableTable, str], TableLayout]] = {
    "canvas": canvas_layout,
    "moodle": moodle_layout,
    "brightspace": _BRIGHTSPACE.layout,
    "blackboard": _BLACKBOARD.layout,
}
