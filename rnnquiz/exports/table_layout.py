"""Where a table of a learning system has what is needed, and how its headings are looked up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import compress, count, product, starmap

from rnnquiz.exports.amounts import Amounts
from rnnquiz.exports.editing import EditableTable


@dataclass(frozen=True)
class TableLayout:
    """Where a table has what is needed: the columns that say who, the columns of the mark and of
    comments, the maximum of a row.

    `names`: columns that are a name together. `skip` says which rows are no students, `locked` why
    one must not be changed (nothing where it may), `amounts` how the system writes numbers. `team`:
    the column of the group that hands in together.
    """

    people: tuple[int, ...]
    mark: int
    comment: int | None
    maximum: Callable[[int], str]
    amounts: Amounts
    names: tuple[int, ...] = ()
    skip: Callable[[int], bool] = lambda row: False
    locked: Callable[[int], str] = lambda row: ""
    team: int | None = None
    clean: Callable[[str], str] = lambda text: text

    def words(self, table: EditableTable, row: int) -> list[str]:
        """Everything in a row that says who it is."""
        name = " ".join(self._cells(table, row, self.names))
        return [*self._cells(table, row, self.people), name]

    def _cells(self, table: EditableTable, row: int, columns: Sequence[int]) -> list[str]:
        texts = (table.value(row, k) for k in columns)
        return list(map(self.clean, texts))


def _plainly(heading: str) -> str:
    # French Moodle writes the typographic apostrophe: Numéro d’identification.
    straight = heading.casefold().replace("’", "'")
    return " ".join(straight.split())


def columns_named(header: Sequence[str], names: Sequence[str]) -> list[int]:
    """The columns whose headings are one of these names, however they are written."""
    plain = map(_plainly, header)
    return where_true(name in names for name in plain)


def where_true(hits: Iterable[bool]) -> list[int]:
    """Where something holds."""
    return list(compress(count(), hits))


def amounts_in(table: EditableTable, columns: Sequence[int]) -> Amounts:
    """How the numbers of some columns are written."""
    # Not the first row: a number in a heading is no mark, and may have any decimal mark.
    rows = range(1, len(table.rows))
    cells = starmap(table.value, product(rows, columns))
    return Amounts.of(cells, table.separator)
