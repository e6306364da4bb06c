"""Where the tables that learning systems give out have what is needed: one row for each system."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

from rnnquiz.errors import CourseError
from rnnquiz.exports.editing import EditableTable, column_of
from rnnquiz.exports.table_layout import TableLayout, amounts_in, columns_named, where_true


def _canvas(table: EditableTable, column: str) -> TableLayout:
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


# Moodle's word for a student under blind marking; German writes no blank: "Teilnehmer/in57".
PARTICIPANT = re.compile(r"(?:Participante?|Partecipante|Teilnehmer[/_]?in)\s?(\d+)\b")
_MOODLE = {
    "mark": ("grade", "bewertung", "note", "calificación", "valutazione", "cijfer"),
    "maximum": (
        "maximum grade",
        "bestwertung",
        "note maximale",
        "calificación máxima",
        "valutazione massima",
    ),
    "scale": ("scale", "skala", "barème", "escala", "scala"),
    "comment": (
        "feedback comments",
        "feedback als kommentar",
        "feedback par commentaires",
        "comentarios de retroalimentación",
        "commenti",
        "commenti (feedback)",
    ),
    "changeable": (
        "grade can be changed",
        "bewertung kann geändert werden",
        "la note peut être modifiée",
        "la calificación puede ser cambiada",
        "la valutazione può essere cambiata",
    ),
    "before": (
        "email address",
        "e-mail-adresse",
        "adresse de courriel",
        "dirección de correo",
        "indirizzo email",
        "username",
        "id number",
        "id-nummer",
        "numéro d'identification",
        "número de id",
        "codice identificativo",
        "full name",
        "vollständiger name",
        "nom complet",
        "nombre completo",
        "nome",
    ),
    "team": ("group", "gruppe", "groupe", "grupo", "gruppo"),
}
"""The headings of a worksheet in English, German, French, Spanish and Italian."""
_NO = ("no", "nein", "non")  # one word in English, Spanish and Italian


def _moodle(table: EditableTable, column: str) -> TableLayout:
    header = table.header
    found = {key: columns_named(header, names) for key, names in _MOODLE.items()}
    mark = column_of(table, column, found["mark"], "the grade")
    highest, changeable = _first(found["maximum"]), _first(found["changeable"])
    if highest is None:
        why = "has no column of the maximum grade"
        if found["scale"]:
            why = "is marked by a scale, for which Moodle drops all numbers"
        remedy = "set its grade to type Point with a maximum, and download the worksheet again"
        raise CourseError.at(table.source, "the assignment", why, remedy)

    def why_locked(row: int) -> str:
        # Moodle drops a mark for such a row without a word.
        if changeable is not None and table.value(row, changeable).casefold() in _NO:
            return "is locked"
        return ""

    comment, team = _first(found["comment"]), _first(found["team"])
    amounts = amounts_in(table, (mark, highest))
    # The first column is Moodle's own word for the participant, in any language.
    people = (0, *found["before"])
    return TableLayout(
        people=people,
        mark=mark,
        comment=comment,
        maximum=lambda row: table.value(row, highest),
        amounts=amounts,
        locked=why_locked,
        team=team,
    )


def _first(columns: Sequence[int]) -> int | None:
    return next(iter(columns), None)


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
    "canvas": _canvas,
    "moodle": _moodle,
    "brightspace": _BRIGHTSPACE.layout,
    "blackboard": _BLACKBOARD.layout,
}
