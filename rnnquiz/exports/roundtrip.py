"""A file that a learning system gave out, with marks put into it: one row for each system, in a literal table.

Only the cells of the marks (in Moodle also the comments) change. Where the system's maximum is not ours, marks are scaled to it.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rnnquiz.errors import CourseError, Problem
from rnnquiz.exports.editing import EditableTable, column_of
from rnnquiz.exports.gradebook import GradeRow, two_places
from rnnquiz.roster import Lookup

LARGEST_MAXIMUM = 1e6


@dataclass
class Filled:
    """The file with marks in it; how many rows changed; and a line for each row and each student
    left out.

    `written`: how many students have their marks in it, also where they stood there before.
    `notes`: what else is to be known. `scaled`: how many marks were scaled, by our maximum and the
    system's.
    """

    data: bytes = b""
    changed: int = 0
    problems: list[str] = field(default_factory=list)
    written: int = 0
    notes: list[str] = field(default_factory=list)
    scaled: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(frozen=True)
class Layout:
    """Where a table has what is needed: the columns that say who, the columns of the mark and of comments, the maximum of a row.

    `skip` says which rows are no students, `locked` which must not be changed, `comma` how the system writes decimals.
    """

    people: tuple[int, ...]
    mark: int
    comment: int | None
    maximum: Callable[[int], float | None]
    skip: Callable[[int], bool]
    locked: Callable[[int], bool]
    first: int = 1
    comma: bool = False
    clean: Callable[[str], str] = lambda text: text


def fill(system: str, source: str, data: bytes, rows: Sequence[GradeRow], lookup: Lookup, column: str = "") -> Filled:
    """Put the marks of `rows` into the file; CourseError where it is none that the system gives out."""
    table = EditableTable(source, data)
    if not table.rows:
        raise CourseError(source, Problem("the file", "is empty", "download it again"))
    layout = LAYOUTS[system](table, column)
    marks = {row.id: row for row in rows}
    done, met = Filled(), set[str]()
    for number in range(layout.first, len(table.rows)):
        if layout.skip(number):
            continue
        words = [layout.clean(table.value(number, k)) for k in layout.people]
        student = lookup.find(_spelled(words))
        if student is None:
            several = ", ".join(lookup.candidates(_spelled(words))[:5])
            found = f"may be any of {several}" if several else "is nobody of the course"
            done.problems.append(f"row {number + 1}: {' / '.join(filter(None, words))[:80]!r} {found} -> left as it is")
            continue
        met.add(student.id)
        done.problems += _put(table, layout, number, marks.get(student.id), done)
    missing = [row.id for row in rows if row.marks is not None and row.id not in met]
    done.problems += [f"{student}: has marks, but no row in {source}" for student in missing]
    done.notes += [
        f"marks are scaled: {ours} marks here are {theirs} in the column "
        f"{table.header[layout.mark]!r} ({count} students)"
        for (ours, theirs), count in done.scaled.items()
    ]
    done.data = table.data()
    return done


def _spelled(words: Sequence[str]) -> Iterator[str]:
    """The words; Moodle's word for a participant in English."""
    for word in words:
        found = re.fullmatch(r"(?:Teilnehmer/in|Participant)\s?(\d+)", word)
        yield f"Participant {found[1]}" if found else word


def _put(table: EditableTable, layout: Layout, number: int, row: GradeRow | None, done: Filled) -> list[str]:
    """Put one student's mark; what stood in the way."""
    if row is None or row.marks is None:
        return []
    if layout.locked(number):
        return [f"row {number + 1}: the mark of {row.id!r} is locked -> left as it is"]
    maximum = layout.maximum(number) or row.maximum
    if not 0 <= maximum <= LARGEST_MAXIMUM:
        return [f"row {number + 1}: {maximum:g} is no maximum of marks -> left as it is"]
    text = two_places(row.marks * maximum / row.maximum if row.maximum else 0.0)
    changed = table.put(number, layout.mark, text.replace(".", ",") if layout.comma else text)
    if layout.comment is not None:
        changed |= table.put(number, layout.comment, html.escape(comment_of(row), quote=False))
    done.changed += changed
    done.written += 1
    if two_places(maximum) != two_places(row.maximum):
        done.scaled[two_places(row.maximum), two_places(maximum)] += 1
    return []


def comment_of(row: GradeRow) -> str:
    """A line for the student: marks, and the first step to look at."""
    first = f" The first step to look at is {row.first_wrong}." if row.first_wrong else ""
    return f"{two_places(row.marks or 0.0)} of {two_places(row.maximum)} marks.{first}"


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", ".")) or None
    except ValueError:
        return None


def _named(header: Sequence[str], names: Sequence[str]) -> list[int]:
    return [k for k, name in enumerate(header) if name.casefold() in names]


def _canvas(table: EditableTable, column: str) -> Layout:
    header = table.header
    section = next((k for k, name in enumerate(header) if name == "Section"), None)
    if "Student" not in header[0] or section is None:
        raise CourseError(table.source, Problem("the first row", "is not that of a Canvas gradebook", "export the gradebook from Canvas"))
    points = next((k for k in range(1, min(4, len(table.rows))) if "Points Possible" in table.value(k, 0)), 0)
    assignments = [k for k in range(section + 1, len(header)) if re.search(r"\(\d+\)$", header[k])]
    mark = column_of(table, column, assignments, "the assignment")
    if points and "read only" in table.value(points, mark):
        raise CourseError(table.source, Problem(header[mark], "is read only in Canvas", "choose a column of an assignment"))
    return Layout(
        people=(*(k for k in range(1, section) if header[k] != "Root Account"), 0), mark=mark, comment=None,
        maximum=lambda row: _number(table.value(points, mark)) if points else None,
        skip=lambda row: row <= points or not table.value(row, 1) or table.value(row, 0) == "Student, Test",
        locked=lambda row: table.value(row, mark) == "N/A",
    )  # fmt: skip


_MOODLE = {
    "mark": ("grade", "bewertung", "note", "calificación", "valutazione", "cijfer"),
    "maximum": ("maximum grade", "bestwertung", "note maximale", "calificación máxima", "valutazione massima"),
    "comment": ("feedback comments", "feedback als kommentar", "feedback par commentaires", "comentarios de retroalimentación"),
    "changeable": ("grade can be changed", "bewertung kann geändert werden", "la note peut être modifiée"),
    "before": ("email address", "e-mail-adresse", "adresse de courriel", "username", "id number", "full name", "vollständiger name"),
}
_NO = ("no", "nein", "non")


def _moodle(table: EditableTable, column: str) -> Layout:
    header = table.header
    marks = _named(header, _MOODLE["mark"])
    mark = column_of(table, column, marks, "the grade")
    highest, changeable, comments = (_named(header, _MOODLE[key]) for key in ("maximum", "changeable", "comment"))
    maxima = [table.value(row, highest[0]) for row in range(1, len(table.rows))] if highest else []
    return Layout(
        people=(0, *_named(header, _MOODLE["before"])), mark=mark, comment=comments[0] if comments else None,
        maximum=lambda row: _number(table.value(row, highest[0])) if highest else None,
        skip=lambda row: False,
        locked=lambda row: bool(changeable) and table.value(row, changeable[0]).casefold() in _NO,
        comma=any("," in text for text in maxima),
    )  # fmt: skip


def _brightspace(table: EditableTable, column: str) -> Layout:
    found = {k: re.fullmatch(r"(.+) Points Grade(?: <.*?MaxPoints:([\d.]+).*>)?", name) for k, name in enumerate(table.header)}
    mark = column_of(table, column, [k for k, match in found.items() if match], "the grade item")
    match = found[mark]
    maximum = _number(match[2] or "") if match else None
    people = _named(table.header, ("orgdefinedid", "username", "email"))
    return Layout(tuple(people), mark, None, lambda row: maximum, lambda row: False, lambda row: False, clean=lambda text: text.lstrip("#"))


def _blackboard(table: EditableTable, column: str) -> Layout:
    found = {k: re.search(r"\[Total Pts: ?(?:up to )?([\d.,]+)[^\]]*\] ?\|\d+", name) for k, name in enumerate(table.header)}
    mark = column_of(table, column, [k for k, match in found.items() if match], "the column")
    match = found[mark]
    maximum = _number(match[1]) if match else None
    people = _named(table.header, ("username", "student id"))
    return Layout(tuple(people), mark, None, lambda row: maximum, lambda row: False, lambda row: False)


LAYOUTS: Mapping[str, Callable[[EditableTable, str], Layout]] = {
    "canvas": _canvas,
    "moodle": _moodle,
    "brightspace": _brightspace,
    "blackboard": _blackboard,
}
