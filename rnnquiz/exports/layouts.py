"""Where the tables that learning systems give out have what is needed: one row for each system."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rnnquiz.errors import CourseError
from rnnquiz.exports.amounts import Amounts
from rnnquiz.exports.editing import EditableTable, column_of


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
        alone = [self.clean(table.value(row, k)) for k in self.people]
        return [*alone, " ".join(self.clean(table.value(row, k)) for k in self.names)]


def _plainly(heading: str) -> str:
    return " ".join(heading.casefold().replace("’", "'").split())


def _named(header: Sequence[str], names: Sequence[str]) -> list[int]:
    return [k for k, name in enumerate(header) if _plainly(name) in names]


def _amounts(table: EditableTable, columns: Sequence[int]) -> Amounts:
    rows = range(1, len(table.rows))
    return Amounts.of((table.value(row, k) for row in rows for k in columns), table.separator)


def _canvas(table: EditableTable, column: str) -> TableLayout:
    header = table.header
    section = header.index("Section") if "Section" in header else 0
    split = {"LastName", "FirstName"} <= set(header[:section])
    if not section or not _id_column(header) or not (split or "Student" in header[0]):
        remedy = "export the gradebook from Canvas"
        found = "is not that of a Canvas gradebook"
        raise CourseError.at(table.source, "the first row", found, remedy)
    points = _points_row(table)
    assignments = [k for k in range(section + 1, len(header)) if re.search(r"\(\d+\)$", header[k])]
    mark = column_of(table, column, assignments, "the assignment")
    if points and "read only" in table.value(points, mark):
        remedy = "choose a column of an assignment"
        raise CourseError.at(table.source, header[mark], "is read only in Canvas", remedy)
    names = (header.index("LastName"), header.index("FirstName")) if split else (0,)
    people = range(_id_column(header), section)
    return TableLayout(
        people=tuple(k for k in people if header[k] != "Root Account"),
        names=names,
        mark=mark,
        comment=None,
        maximum=lambda row: table.value(points, mark) if points else "",
        amounts=_amounts(table, range(section + 1, len(header))),
        skip=lambda row: row <= points or _is_nobody(table, row, names),
        locked=lambda row: _CANVAS_LOCKED.get(table.value(row, mark).upper(), ""),
    )


def _points_row(table: EditableTable) -> int:
    """The row of the maxima, one of the first below the header; 0 where there is none."""
    for row in range(1, min(4, len(table.rows))):
        if "Points Possible" in table.value(row, 0):
            return row
    return 0


_CANVAS_LOCKED = {
    "N/A": "has no such assignment (N/A)",
    "EX": "is excused (EX)",
    "EXCUSED": "is excused (EX)",
}


def _is_nobody(table: EditableTable, row: int, names: Sequence[int]) -> bool:
    """True for a row without an id, and for the student that Canvas makes for teachers."""
    name = ", ".join(table.value(row, k) for k in names)
    own_id = table.value(row, _id_column(table.header))
    return not own_id or name in ("Student, Test", "Test Student")


def _id_column(header: Sequence[str]) -> int:
    return next((k for k, name in enumerate(header) if "ID" in name), 0)


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
_NO = ("no", "nein", "non")


def _moodle(table: EditableTable, column: str) -> TableLayout:
    header = table.header
    mark = column_of(table, column, _named(header, _MOODLE["mark"]), "the grade")
    found = {key: _named(header, names) for key, names in _MOODLE.items()}
    highest, changeable, comments, teams = (
        found[key] for key in ("maximum", "changeable", "comment", "team")
    )
    if not highest:
        scale = "is marked by a scale, for which Moodle drops all numbers"
        why = scale if found["scale"] else "has no column of the maximum grade"
        remedy = "set its grade to type Point with a maximum, and download the worksheet again"
        raise CourseError.at(table.source, "the assignment", why, remedy)
    return TableLayout(
        people=(0, *_named(header, _MOODLE["before"])),
        mark=mark,
        comment=comments[0] if comments else None,
        maximum=lambda row: table.value(row, highest[0]),
        amounts=_amounts(table, (mark, highest[0])),
        locked=lambda row: "is locked" if _is_locked(table, row, changeable) else "",
        team=teams[0] if teams else None,
    )


def _is_locked(table: EditableTable, row: int, changeable: Sequence[int]) -> bool:
    return bool(changeable) and table.value(row, changeable[0]).casefold() in _NO


@dataclass(frozen=True)
class _Headings:
    """A table that has the maximum in the heading of the mark: the pattern of such a heading, whose
    group `maximum` it is; the columns of ids, and what is to be taken away from these."""

    pattern: re.Pattern[str]
    what: str
    ids: tuple[str, ...]
    prefix: str = ""

    def layout(self, table: EditableTable, column: str) -> TableLayout:
        found = [self.pattern.search(name) for name in table.header]
        mark = column_of(table, column, [k for k, one in enumerate(found) if one], self.what)
        match = found[mark]
        maximum = (match["maximum"] if match else "") or ""
        return TableLayout(
            people=tuple(_named(table.header, self.ids)),
            mark=mark,
            comment=None,
            maximum=lambda row: maximum,
            amounts=_amounts(table, [mark]),
            names=tuple(_named(table.header, ("last name", "first name"))),
            clean=lambda text: text.lstrip(self.prefix),
        )


_BRIGHTSPACE = _Headings(
    re.compile(r"\A.+ Points Grade(?: <.*?MaxPoints:(?P<maximum>[\d.,]+).*>)?\Z"),
    "the grade item",
    ("orgdefinedid", "username", "email"),
    "#",
)
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
