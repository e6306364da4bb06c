"""Which rows of a roster are no students: titles, footers, totals, staff, and what Canvas writes
between."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rnnquiz.files.workbook import Row
from rnnquiz.people.columns import Columns, column_at
from rnnquiz.people.heading_words import FIRST, FULL, LAST, ROLE
from rnnquiz.people.identity import cleaned, squeezed

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
        found = (columns.id(cells) for _, cells in rows)
        ids = list(filter(None, found))
        # What most ids look like: a word unlike them is no id, but a remark in their column.
        spaced = sum(" " in id_ for id_ in ids)
        self.unspaced = spaced < len(ids) / 2
        with_digits = sum(map(_has_digit, ids))
        self.digits = with_digits >= len(ids) / 2
        self.names = not {FULL, FIRST, LAST}.isdisjoint(columns.roles)
        heads = {squeezed(cell) for cell in columns.header}
        named = "student" in heads or {"lastname", "firstname"} <= heads
        self.canvas = {"id", "section"} <= heads and named
        self.sis = column_at(columns.header, "SIS User ID")

    def why(self, row: Sequence[str], name: str) -> str:
        """Why a row, as long as the header, is none of a student; empty where it is one."""
        columns = self.columns
        # Files that were put together out of several have the headings of each.
        if row == [cell.strip() for cell in columns.header]:
            return "the headings once more:"
        column = columns.first_filled(row)
        if self.canvas and column is None:
            return "Canvas writes"
        if self.canvas and self._is_test_student(row, name):
            return "the test student of Canvas,"
        role = self._role(row)
        if role and all(squeezed(word) in _STAFF for word in re.split(r"[,;]", role)):
            return f"{role}:"
        if self._is_title(row):
            return "a title or a footer:"
        # With an e-mail it is a student, whatever stands in the column of ids.
        if column is None or "@" in columns.mail(row):
            return ""
        if self._is_words(cleaned(row[column]), name):
            return "a remark instead of an id:"
        return ""

    def _role(self, row: Sequence[str]) -> str:
        """What the row says that the person is in the course."""
        for cell, own in zip(row, self.columns.roles, strict=True):
            if own == ROLE and cell:
                return cell
        return ""

    def _is_test_student(self, row: Sequence[str], name: str) -> bool:
        # A real student may have such a name; Canvas gives its own no id of the university.
        if self.sis is not None and row[self.sis] != "":
            return False
        return squeezed(name) in ("studenttest", "teststudent")

    def _is_title(self, row: Sequence[str]) -> bool:
        filled = list(filter(None, row))
        if not filled or squeezed(filled[0]) in _TOTALS:
            return True
        # In a table of one column every student is alone in the row.
        if len(filled) > 1 or len(row) == 1 or self.columns.mail(row):
            return False
        return _is_remark(filled[0], row)

    def _is_words(self, id_: str, name: str) -> bool:
        """True for words that are no id among those of the others: with blanks between them, or
        without a digit beside what is no name."""
        if not any(c.isalnum() for c in id_):
            return True
        if " " in id_ and self.unspaced:
            return True
        has_letters = any(map(str.isalpha, name))
        nameless = self.names and not has_letters
        return nameless and self.digits and not _has_digit(id_)


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _is_remark(text: str, row: Sequence[str]) -> bool:
    """True for the only text of a row where it is more than an id or a name: a date of the export,
    a count, a sentence.
    """
    words = len(text.split())
    if words > _LONGEST_NAME or text.endswith((":", ".")):
        return True
    if words == 1:
        return False
    marked = text == row[0] and text.startswith(("#", "--"))
    return marked or _has_digit(text)


_LONGEST_NAME = 5  # words; Maria del Carmen García López has five
