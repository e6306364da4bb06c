"""Where a gradebook of Canvas has what is needed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import compress

from rnnquiz.errors import CourseError
from rnnquiz.exports.editing import EditableTable, column_of
from rnnquiz.exports.table_layout import TableLayout, amounts_in


def canvas_layout(table: EditableTable, column: str) -> TableLayout:
    """The layout of a gradebook; `column`: the assignment that the teacher names, or nothing.
    CourseError where it is none of Canvas."""
    header = table.header
    section = _section_column(header)
    names = _name_columns(header, section)
    if not section or not _id_column(header) or not names:
        remedy = "export the gradebook from Canvas"
        found = "is not that of a Canvas gradebook"
        raise CourseError.at(table.source, "the first row", found, remedy)
    behind = range(section + 1, len(header))
    mark = column_of(table, column, _assignments(header, behind), "the assignment")
    points = _points_row(table)
    possible, amounts = _points(table, points, mark), amounts_in(table, behind)

    def is_no_student(row: int) -> bool:
        return row <= points or _is_nobody(table, row, names)

    def why_locked(row: int) -> str:
        cell = table.value(row, mark)
        return _CANVAS_LOCKED.get(cell.upper(), "")

    return TableLayout(
        people=_people(header, section),
        names=names,
        mark=mark,
        comment=None,
        maximum=lambda row: possible,
        amounts=amounts,
        skip=is_no_student,
        locked=why_locked,
    )


def _assignments(header: Sequence[str], columns: Sequence[int]) -> list[int]:
    """The columns of assignments, each with its number; totals have none."""
    numbered = (_NUMBERED.search(header[k]) is not None for k in columns)
    return list(compress(columns, numbered))


_NUMBERED = re.compile(r"\(\d+\)$")


def _people(header: Sequence[str], section: int) -> tuple[int, ...]:
    """The columns of ids, up to the sections."""
    columns = range(_id_column(header), section)
    # The root account is the school's, and the same in all rows.
    of_students = (header[k] != "Root Account" for k in columns)
    return tuple(compress(columns, of_students))


def _points(table: EditableTable, row: int, mark: int) -> str:
    """What Canvas says is possible; nothing where it has no row of it. CourseError where it says
    that the column is read only."""
    if not row:
        return ""
    possible = table.value(row, mark)
    # Canvas passes over such a column without a word.
    if "read only" in possible:
        remedy = "choose a column of an assignment"
        found = "is read only in Canvas"
        raise CourseError.at(table.source, table.header[mark], found, remedy)
    return possible


def _section_column(header: Sequence[str]) -> int:
    """The column of the sections, which parts students from marks; 0 where there is none."""
    if "Section" not in header:
        return 0
    return header.index("Section")


def _name_columns(header: Sequence[str], section: int) -> tuple[int, ...]:
    """The columns of the name, which Canvas may write in two parts; none where there are none."""
    before = header[:section]
    if "LastName" in before and "FirstName" in before:
        return header.index("LastName"), header.index("FirstName")
    if section and "Student" in header[0]:
        return (0,)
    return ()


def _points_row(table: EditableTable) -> int:
    """The row of the maxima, one of the first below the header; 0 where there is none."""
    # Above it may stand rows that say how marks are posted: Manual Posting, Muted.
    for row in range(1, min(4, len(table.rows))):
        if "Points Possible" in table.value(row, 0):
            return row
    return 0


# A number there would undo what the teacher has decided.
_CANVAS_LOCKED = {
    "N/A": "has no such assignment (N/A)",
    "EX": "is excused (EX)",
    "EXCUSED": "is excused (EX)",
}


def _is_nobody(table: EditableTable, row: int, names: Sequence[int]) -> bool:
    """True for a row without an id, and for the student that Canvas makes for teachers."""
    if not table.value(row, _id_column(table.header)):
        return True
    name = ", ".join(table.value(row, k) for k in names)
    return name in ("Student, Test", "Test Student")


def _id_column(header: Sequence[str]) -> int:
    # Canvas, too, asks only that the letters stand in the heading.
    for k, name in enumerate(header):
        if "ID" in name:
            return k
    return 0
