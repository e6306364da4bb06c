"""Where the tables that learning systems give out have what is needed: one row for each system."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product, starmap

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
        name = " ".join(self._cells(table, row, self.names))
        return [*self._cells(table, row, self.people), name]

    def _cells(self, table: EditableTable, row: int, columns: Sequence[int]) -> list[str]:
        return [self.clean(table.value(row, k)) for k in columns]


def _plainly(heading: str) -> str:
    straight = heading.casefold().replace("’", "'")
    return " ".join(straight.split())


def _named(header: Sequence[str], names: Sequence[str]) -> list[int]:
    plain = [_plainly(name) for name in header]
    return [k for k, name in enumerate(plain) if name in names]


def _amounts(table: EditableTable, columns: Sequence[int]) -> Amounts:
    rows = range(1, len(table.rows))
    cells = starmap(table.value, product(rows, columns))
    return Amounts.of(cells, table.separator)


def _canvas(table: EditableTable, column: str) -> TableLayout:
    header = table.header
    section = _section_column(header)
    names = _name_columns(header, section)
    if not section or not _id_column(header) or not names:
        remedy = "export the gradebook from Canvas"
        found = "is not that of a Canvas gradebook"
        raise CourseError.at(table.source, "the first row", found, remedy)
    # Behind the sections stand assignments, each with its number, and totals, which have none.
    behind = range(section + 1, len(header))
    assignments = [k for k in behind if re.search(r"\(\d+\)$", header[k])]
    mark = column_of(table, column, assignments, "the assignment")
    points = _points_row(table)
    if points and "read only" in table.value(points, mark):
        remedy = "choose a column of an assignment"
        raise CourseError.at(table.source, header[mark], "is read only in Canvas", remedy)
    people = range(_id_column(header), section)
    return TableLayout(
        people=tuple(k for k in people if header[k] != "Root Account"),
        names=names,
        mark=mark,
        comment=None,
        maximum=lambda row: _points(table, points, mark),
        amounts=_amounts(table, behind),
        skip=lambda row: row <= points or _is_nobody(table, row, names),
        locked=lambda row: _why_locked(table.value(row, mark)),
    )


def _points(table: EditableTable, row: int, mark: int) -> str:
    """What Canvas says is possible; nothing where it has no row of it."""
    if not row:
        return ""
    return table.value(row, mark)


def _why_locked(cell: str) -> str:
    return _CANVAS_LOCKED.get(cell.upper(), "")


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
    if not table.value(row, _id_column(table.header)):
        return True
    parts = [table.value(row, k) for k in names]
    return ", ".join(parts) in ("Student, Test", "Test Student")


def _id_column(header: Sequence[str]) -> int:
    for k, name in enumerate(header):
        if "ID" in name:
            return k
    return 0


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
    found = {key: _named(header, names) for key, names in _MOODLE.items()}
    mark = column_of(table, column, found["mark"], "the grade")
    highest, changeable = found["maximum"], found["changeable"]
    if not highest:
        why = "has no column of the maximum grade"
        if found["scale"]:
            why = "is marked by a scale, for which Moodle drops all numbers"
        remedy = "set its grade to type Point with a maximum, and download the worksheet again"
        raise CourseError.at(table.source, "the assignment", why, remedy)

    def why_locked(row: int) -> str:
        if changeable and table.value(row, changeable[0]).casefold() in _NO:
            return "is locked"
        return ""

    # The first column is Moodle's own word for the participant, in any language.
    return TableLayout(
        people=(0, *found["before"]),
        mark=mark,
        comment=_first(found["comment"]),
        maximum=lambda row: table.value(row, highest[0]),
        amounts=_amounts(table, (mark, highest[0])),
        locked=why_locked,
        team=_first(found["team"]),
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
        candidates = [k for k, match in enumerate(matches) if match]
        mark = column_of(table, column, candidates, self.what)
        # A column that the teacher names may have another heading, and then no maximum.
        maximum, match = "", matches[mark]
        if match is not None:
            maximum = match["maximum"] or ""
        people = _named(table.header, self.ids)
        names = _named(table.header, ("last name", "first name"))
        return TableLayout(
            people=tuple(people),
            mark=mark,
            comment=None,
            maximum=lambda row: maximum,
            amounts=_amounts(table, [mark]),
            names=tuple(names),
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
