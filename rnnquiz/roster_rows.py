"""Which rows of a roster are no students: titles, footers, totals, staff, and what Canvas writes
between."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rnnquiz.headings import FIRST, FULL, LAST, ROLE
from rnnquiz.identity import cleaned, squeezed
from rnnquiz.roster_columns import Columns, column_at
from rnnquiz.workbook import Row

_TOTALS = frozenset(map(squeezed, (
    "total", "totals", "sum", "average", "mean", "median", "count", "overall average",
    "points possible", "summe", "gesamt", "mittelwert", "durchschnitt", "gesamtdurchschnitt",
    "anzahl", "suma", "media", "promedio", "promedio general", "moyenne", "moyenne générale",
    "somme", "totale", "média", "soma", "gemiddelde", "totaal", "итого", "среднее", "合計", "平均",
    "总计", "end of report", "end",
)))  # fmt: skip
_STAFF = frozenset(map(squeezed, (
    "ta", "instructor", "teacher", "observer", "grader", "reader", "teaching assistant",
    "designer", "course builder", "trainer", "trainer/in", "manager", "tutor", "tutor/in",
    "dozent", "dozentin", "dozent/in", "lehrende", "lehrende/r", "lehrperson", "profesor",
    "profesora", "enseignant", "enseignante", "docente", "professor", "professore",
    "non-editing teacher", "editing teacher", "lecturer", "facilitator", "staff", "admin",
    "administrator", "examiner", "guest", "gast", "leader", "support", "auditor",
)))  # fmt: skip


class Remarks:
    """Finds them, by what the columns are and what the ids of most rows look like."""

    def __init__(self, columns: Columns, rows: Sequence[Row]) -> None:
        self.columns = columns
        ids = [id_ for _, cells in rows if (id_ := columns.id(cells))]
        self.unspaced = sum(" " in id_ for id_ in ids) * 2 < len(ids)
        self.digits = sum(map(_has_digit, ids)) * 2 >= len(ids)
        self.names = bool({FULL, FIRST, LAST} & set(columns.roles))
        heads = {squeezed(cell) for cell in columns.header}
        self.canvas = {"id", "section"} <= heads and (
            "student" in heads or {"lastname", "firstname"} <= heads
        )
        self.sis = column_at(columns.header, "SIS User ID")

    def why(self, row: Sequence[str], name: str) -> str:
        """Why a row, as long as the header, is none of a student; empty where it is one."""
        columns = self.columns
        if row == [cell.strip() for cell in columns.header]:
            return "the headings once more:"
        ids = [row[k] for k in (*columns.ids, *columns.known) if row[k]]
        if self.canvas and not ids:
            return "Canvas writes"
        if self.canvas and self._is_test_student(row, name):
            return "the test student of Canvas,"
        role = next((row[k] for k, own in enumerate(columns.roles) if own == ROLE and row[k]), "")
        if role and all(squeezed(word) in _STAFF for word in re.split(r"[,;]", role)):
            return f"{role}:"
        if self._is_title(row):
            return "a title or a footer:"
        if ids and "@" not in columns.mail(row) and self._is_words(cleaned(ids[0]), name):
            return "a remark instead of an id:"
        return ""

    def _is_test_student(self, row: Sequence[str], name: str) -> bool:
        own = self.sis is not None and row[self.sis] != ""
        return squeezed(name) in ("studenttest", "teststudent") and not own

    def _is_title(self, row: Sequence[str]) -> bool:
        filled = [cell for cell in row if cell]
        if not filled or squeezed(filled[0]) in _TOTALS:
            return True
        alone = len(filled) == 1 and len(row) > 1 and not self.columns.mail(row)
        return alone and _is_remark(filled[0], row)

    def _is_words(self, id_: str, name: str) -> bool:
        """True for words that are no id among those of the others: with blanks between them, or
        without a digit beside what is no name."""
        if not any(c.isalnum() for c in id_):
            return True
        nameless = self.names and not any(c.isalpha() for c in name)
        return (" " in id_ and self.unspaced) or (nameless and self.digits and not _has_digit(id_))


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)


def _is_remark(text: str, row: Sequence[str]) -> bool:
    """True for the only text of a row where it is more than an id or a name: a date of the export,
    a count, a sentence.
    """
    words = len(text.split())
    if words > _LONGEST_NAME or text.endswith((":", ".")):
        return True
    marked = text == row[0] and text.startswith(("#", "--"))
    return words > 1 and (marked or _has_digit(text))


_LONGEST_NAME = 5  # words; Maria del Carmen García López has five
