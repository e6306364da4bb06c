"""A file that a learning system gave out, with marks put into it: one row for each system, in a
literal table.

Only the cells of the marks (in Moodle also the comments) change. Where the system's maximum is not
ours, marks are scaled to it. Of a team one hands in, and all get the mark.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rnnquiz.errors import CourseError, Problem
from rnnquiz.exports.editing import EditableTable
from rnnquiz.exports.grade_row import GradeRow, two_places
from rnnquiz.exports.layouts import LAYOUTS
from rnnquiz.exports.moodle_table import PARTICIPANT
from rnnquiz.exports.table_layout import TableLayout
from rnnquiz.people.roster import Lookup

LARGEST_MAXIMUM = 1e6  # beyond it a number in the place of the maximum is an id or a phone
_LONGEST, _MOST = 80, 5  # characters of what names nobody, and students that it may be
MOST_REPLACED = 20  # lines about marks that are replaced


@dataclass(repr=False)
class Filled:
    """The file with marks in it; how many rows changed; and a problem for each row and each student
    left out.

    `written`: how many students have their marks in it, also where they stood there before.
    `notes`: what else is to be known. `scaled`: how many marks were scaled, by our maximum and the
    system's. `shared`: who got the mark of the team. `replaced`: a line for each mark that stood
    there and was another.
    """

    data: bytes = b""
    changed: int = 0
    problems: list[Problem] = field(default_factory=list)
    written: int = 0
    notes: list[str] = field(default_factory=list)
    scaled: Scales = field(default_factory=Counter)
    shared: set[str] = field(default_factory=set)
    replaced: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        counts = f"{self.written} students, {self.changed} rows changed, {len(self.data)} bytes"
        return f"<Filled: {counts}>"


@dataclass(frozen=True)
class SystemFile:
    """A file that a system gave out. `column`: that of the mark, where the teacher names it."""

    system: str
    name: str
    data: bytes
    column: str = ""


Scales = Counter[tuple[str, str]]


def fill(
    file: SystemFile,
    rows: Sequence[GradeRow],
    lookup: Lookup,
    handed: Mapping[str, str] | None = None,
) -> Filled:
    """Put the marks of `rows` into the file; CourseError where it is none that the system gives
    out.

    `handed`: the student by the number that the system's own download has for him or her.
    """
    table = EditableTable(file.name, file.data)
    if not table.rows:
        raise CourseError.at(file.name, "the file", "is empty", "download it again")
    layout = LAYOUTS[file.system](table, file.column)
    marks, done = {row.id: row for row in rows}, Filled()
    known: dict[int, tuple[str, str]] = {}
    owners: dict[int, str] = {}
    # All owners first: the mark of a team may come from a row further down.
    for number in range(1, len(table.rows)):
        if not layout.skip(number):
            words = layout.words(table, number)
            known[number] = _owner(words, lookup, handed or {})
            student, _ = known[number]
            if student:
                owners[number] = student
    teams = _teams(table, layout, owners, marks)
    for number, (student, why) in known.items():
        row = marks.get(student)
        team = teams.get(_team(table, layout, number), [])
        if why:
            done.problems.append(_left(number, why))
        elif team and (row is None or row.marks is None):
            row = _shared_mark(number, student, team, done)
        done.problems += _put(table, layout, number, row, done)
    done.problems += _missing(file, rows, set(owners.values()))
    done.notes += _scaled(done, table.header[layout.mark])
    done.notes += _replaced(done)
    done.data = table.data()
    return done


def _missing(file: SystemFile, rows: Sequence[GradeRow], met: Collection[str]) -> Iterator[Problem]:
    for row in rows:
        if row.marks is not None and row.id not in met:
            yield Problem(row.id, f"has marks, but no row in {file.name}")


def _left(number: int, why: str) -> Problem:
    """Why a row is left as it is; rows count from 1, as a spreadsheet counts them."""
    return Problem(f"row {number + 1}", why, "left as it is")


def _scaled(done: Filled, column: str) -> list[str]:
    """That marks are out of another maximum there."""
    return [
        f"marks are scaled: {ours} marks here are {theirs} in the column "
        f"{column!r} ({count} students)"
        for (ours, theirs), count in done.scaled.items()
    ]


def _replaced(done: Filled) -> list[str]:
    """The marks that stood there, such as those that a teacher has typed, and are no more."""
    shown, rest = done.replaced[:MOST_REPLACED], done.replaced[MOST_REPLACED:]
    if not rest:
        return shown
    return [*shown, f"... and {len(rest)} more marks like these"]


def _owner(words: Sequence[str], lookup: Lookup, handed: Mapping[str, str]) -> tuple[str, str]:
    """The id of the student whom a row names; or nothing, and why."""
    meant: list[str] = []
    for word in words:
        meant += _spelled(word, handed)
    student = lookup.find(meant)
    if student is not None:
        return student.id, ""
    who = " / ".join(filter(None, words))
    shown = repr(who[:_LONGEST])
    if several := lookup.candidates(meant):
        students = ", ".join(several[:_MOST])
        return "", f"{shown} may be any of {students}"
    return "", f"{shown} is nobody of the course"


def _spelled(word: str, handed: Mapping[str, str]) -> Iterator[str]:
    """A word as the roster may have it: Moodle's word for a participant in English, a name without
    it; and whose number it is.
    """
    numbered = PARTICIPANT.match(word)
    if numbered is None:
        yield word
        return
    number = numbered[1]
    # A course made from Moodle's worksheet has the participants' numbers as ids.
    yield f"Participant {number}"
    if number in handed:
        yield handed[number]
    # Teachers who may see them have the names of blind marking in brackets.
    rest = word[numbered.end() :].strip()
    if named := re.fullmatch(r"\((.+)\)", rest):
        yield named[1]


def _team(table: EditableTable, layout: TableLayout, row: int) -> str:
    if layout.team is None:
        return ""
    return table.value(row, layout.team)


def _teams(
    table: EditableTable,
    layout: TableLayout,
    owners: Mapping[int, str],
    marks: Mapping[str, GradeRow],
) -> dict[str, list[GradeRow]]:
    """The marks of those of each team who have some."""
    teams: dict[str, list[GradeRow]] = {}
    for number, student in owners.items():
        row, team = marks.get(student), _team(table, layout, number)
        if team and row is not None and row.marks is not None:
            teams.setdefault(team, []).append(row)
    return teams


def _shared_mark(
    number: int, student: str, team: Sequence[GradeRow], done: Filled
) -> GradeRow | None:
    """The mark of the one who handed in for all; none where several of a team did, and got other
    marks.
    """
    first = team[0]
    if len({(row.marks, row.maximum) for row in team}) == 1:
        who = f"row {number + 1}: {student!r}"
        done.notes.append(f"{who} gets the mark of the team ({first.id!r} handed in)")
        done.shared.add(student)
        return first
    # Which of their marks is that of the team, nothing in the file says.
    members = [row.id for row in team]
    several = ", ".join(members[:_MOST])
    why = f"{student!r}: of the team {several} differ in marks"
    done.problems.append(_left(number, why))
    return None


def _put(
    table: EditableTable, layout: TableLayout, number: int, row: GradeRow | None, done: Filled
) -> list[Problem]:
    """Put one student's mark; what stood in the way."""
    if row is None or row.marks is None:
        return []
    if why := layout.locked(number):
        return [_left(number, f"{row.id!r} {why}")]
    maximum = _maximum(table, layout, number, row)
    if maximum is None or not 0 < maximum <= LARGEST_MAXIMUM:
        text = layout.maximum(number)[:40]
        return [_left(number, f"{text} is no maximum of marks")]
    mark = _scaled_mark(row.marks, row.maximum, maximum)
    # With the decimal mark of the file: a system reads numbers as it writes them.
    shown = mark
    if layout.amounts.mark == ",":
        shown = mark.replace(".", ",")
    before = table.value(number, layout.mark)
    if _is_another(before, mark, layout):
        line = f"row {number + 1}: {row.id!r} had {before} there, and has {shown} now"
        done.replaced.append(line)
    changed = table.put(number, layout.mark, shown)
    # Only Moodle's worksheets have a column for comments.
    if layout.comment is not None:
        # Moodle takes comments for HTML.
        comment = html.escape(comment_of(row), quote=False)
        changed |= table.put(number, layout.comment, comment)
    done.changed += changed
    done.written += 1
    # As texts: maxima that differ by the last bit of a float are the same to a teacher.
    ours, theirs = two_places(row.maximum), two_places(maximum)
    if ours != theirs:
        done.scaled[ours, theirs] += 1
    return []


def _scaled_mark(marks: float, ours: float, theirs: float) -> str:
    # Nothing counts for such a variant, and there is nothing to scale.
    if not ours:
        return two_places(0.0)
    mark = marks * theirs / ours
    return two_places(mark)


def _maximum(table: EditableTable, layout: TableLayout, number: int, row: GradeRow) -> float | None:
    """The system's maximum for a row, ours where it has none; None where it is no number."""
    text = layout.maximum(number)
    if not text:
        return row.maximum
    try:
        maximum = layout.amounts.read(text)
    except ValueError as error:
        remedy = "write that number without a mark between its digits, and run it again"
        found = f"the maximum {error}"
        raise CourseError.at(table.source, f"row {number + 1}", found, remedy) from None
    # A column that was made without a maximum has 0 there.
    if maximum == 0:
        return row.maximum
    return maximum


def _is_another(before: str, mark: str, layout: TableLayout) -> bool:
    """Whether what stands in a cell is a mark, and not the one that is put there."""
    if not before:
        return False
    try:
        number = layout.amounts.read(before)
    except ValueError:
        return True  # two numbers may be meant: the teacher is told of it
    # A dash, or words, is no mark that anybody would miss.
    return number is not None and two_places(number) != mark


def comment_of(row: GradeRow) -> str:
    """A line for the student: marks, and the first step to look at."""
    marks, maximum = two_places(row.marks or 0.0), two_places(row.maximum)
    first = ""
    if row.first_wrong:
        first = f" The first step to look at is {row.first_wrong}."
    return f"{marks} of {maximum} marks.{first}"
