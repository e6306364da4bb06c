"""Where the tables that learning systems give out have what is needed: one row for each system."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rnnquiz.errors import CourseError
from rnnquiz.exports.amounts import Amounts
from rnnquiz.exports.editing import EditableTable, column_of


@dataclass(frozen=True)
class Layout:
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
    return Amounts.of(
        (table.value(row, k) for row in range(1, len(table.rows)) for k in columns), table.separator
    )


def _canvas(table: EditableTable, column: str) -> Layout:
    header = table.header
    section = next((k for k, name in enumerate(header) if name == "Section"), 0)
    split = {"LastName", "FirstName"} <= set(header[:section])
    if not section or not _id_column(header) or not (split or "Student" in header[0]):
        raise CourseError.at(
            table.source,
            "the first row",
            "is not that of a Canvas gradebook",
            "export the gradebook from Canvas",
        )
    points = next(
        (k for k in range(1, min(4, len(table.rows))) if "Points Possible" in table.value(k, 0)), 0
    )
    assignments = [k for k in range(section + 1, len(header)) if re.search(r"\(\d+\)$", header[k])]
    mark = column_of(table, column, assignments, "the assignment")
    if points and "read only" in table.value(points, mark):
        raise CourseError.at(
            table.source, header[mark], "is read only in Canvas", "choose a column of an assignment"
        )
    names = (header.index("LastName"), header.index("FirstName")) if split else (0,)
    return Layout(
        people=tuple(k for k in range(_id_column(header), section) if header[k] != "Root Account"),
        names=names,
        mark=mark,
        comment=None,
        maximum=lambda row: table.value(points, mark) if points else "",
        amounts=_amounts(table, range(section + 1, len(header))),
        skip=lambda row: row <= points or _is_nobody(table, row, names),
        locked=lambda row: _CANVAS_LOCKED.get(table.value(row, mark).upper(), ""),
    )


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


def _moodle(table: EditableTable, column: str) -> Layout:
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
    return Layout(
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


def _brightspace(table: EditableTable, column: str) -> Layout:
    found = {
        k: re.fullmatch(r"(.+) Points Grade(?: <.*?MaxPoints:([\d.,]+).*>)?", name)
        for k, name in enumerate(table.header)
    }
    mark = column_of(table, column, [k for k, match in found.items() if match], "the grade item")
    return _by_heading(
        table,
        mark,
        found[mark],
        2,
        ("orgdefinedid", "username", "email"),
        lambda text: text.lstrip("#"),
    )


def _blackboard(table: EditableTable, column: str) -> Layout:
    found = {
        k: re.search(r"\[Total Pts: ?(?:up to )?([\d.,]+)[^\]]*\] ?\|\d+", name)
        for k, name in enumerate(table.header)
    }
    mark = column_of(table, column, [k for k, match in found.items() if match], "the column")
    return _by_heading(table, mark, found[mark], 1, ("username", "student id"), lambda text: text)


def _by_heading(
    table: EditableTable,
    mark: int,
    match: re.Match[str] | None,
    group: int,
    ids: Sequence[str],
    clean: Callable[[str], str],
) -> Layout:
    """A table that has the maximum in the heading of the mark."""
    people, names = _named(table.header, ids), _named(table.header, ("last name", "first name"))
    maximum = (match[group] if match else "") or ""
    return Layout(
        tuple(people),
        mark,
        None,
        lambda row: maximum,
        _amounts(table, [mark]),
        tuple(names),
        clean=clean,
    )


LAYOUTS: Mapping[str, Callable[[EditableTable, str], Layout]] = {
    "canvas": _canvas,
    "moodle": _moodle,
    "brightspace": _brightspace,
    "blackboard": _blackboard,
}
