"""`rnnquiz regrade`: the answers that are stored, marked again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from rnnquiz.assignment import Assignment, PortableAssignment, numbered
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.specification import Bank
from rnnquiz.course.assignments import issued_assignment, with_banks
from rnnquiz.course.bundles import MarkingOptions
from rnnquiz.course.crew import crew_for
from rnnquiz.course.desk import Desk
from rnnquiz.course.evidence import evidence_in
from rnnquiz.course.graded import Graded, Shelf
from rnnquiz.course.kept import standing_rows, stored_sheet
from rnnquiz.course.marking import ready
from rnnquiz.course.records import NewestMarking, StoredRow
from rnnquiz.course.runs import marking_runs, worked_pages
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.text import shortened
from rnnquiz.version import __version__

SAME_MARKS = 1e-9  # marks are sums of shares: what differs by less is rounding


@dataclass(frozen=True, repr=False)
class Change:
    """A student whose marks or maximum differ between two markings, with both maxima and the
    boxes whose verdict changed."""

    student: str
    before: float
    after: float
    maxima: tuple[float, float]
    boxes: tuple[tuple[str, str, str], ...]

    @property
    def percents(self) -> tuple[float, float]:
        """The marks in per cent of the maximum, before and after."""
        was, now = self.maxima
        return _percent(self.before, was), _percent(self.after, now)

    def __repr__(self) -> str:
        return f"<Change of {shortened(self.student)}: {self.before:.2f} to {self.after:.2f} marks>"


def _percent(marks: float, maximum: float) -> float:
    # Where nothing counts for a variant, there is nothing to have a share of.
    if not maximum:
        return 0.0
    return 100 * marks / maximum


SumsOf = dict[str, tuple[float, float]]
"""Marks and maximum of each student."""


def regrade(
    folder: Path, bank: Bank | Assignment | None, out: Path | None, apply: bool, attempt: int = 1
) -> tuple[list[Change], Graded]:
    """Mark the stored answers again, with the program as it is and the marks and credits of `bank`
    where one is given.

    Only `apply` stores the new marking (the earlier one is kept) and writes it to `out`.
    CourseError where the bank asks another exercise than the one issued.
    """
    place = None
    if apply:
        place = out
    with Course.open(folder) as first:
        course = first.sitting(attempt)
        given = None
        if bank is not None:
            given = _same_exercises(course, bank)
        earlier, erased = _stored(course)
        now = given or _marked_by(course, earlier)
        graded = Graded(problems=erased)
        desk = Desk(course, now, _sheets(course, earlier), graded, {})
        after: _Stored = {key: [] for key in earlier}
        storing: AbstractContextManager[Any] = nullcontext()
        if apply:
            banks = {one.key: one.bank for one in now.exercises}
            storing = marking_runs(course, banks, __version__, "regrade")
        portable, written = PortableAssignment.of(now), place is not None
        wanted = MarkingOptions(portable, evidence=written, pages=written)
        keeping = evidence_in(place, now.head.id)
        hands = crew_for("processes", partial(ready, wanted), desk.work(wanted))
        # Left in reverse, as by grade: the marks are stored before their evidence is in place.
        with keeping as kept, hands as crew, storing as runs:
            shelf = Shelf(place, runs, kept)
            desk.mark(wanted, crew, shelf, lambda key, made: after[key].extend(made.stored))
        changes = list(_changes(now, earlier, after))
        if place is not None:
            desk.write(place)
            desk.note(place, "regrade")
    return changes, desk.graded


def _sheets(
    course: Course, earlier: Mapping[str, Sequence[NewestMarking]]
) -> dict[str, dict[str, Sheet]]:
    """What was handed in, exercise by exercise, by student."""
    pages = worked_pages(course)
    found = {}
    for key, rows in earlier.items():
        found[key] = {row.student: stored_sheet(row, pages) for row in rows}
    return found


def _same_exercises(course: Course, given: Bank | Assignment) -> Assignment:
    """What is given, in the names and the notation of the course; CourseError where it asks
    anything else."""
    issued = issued_assignment(course)
    if isinstance(given, Bank):
        given = Assignment.of(given)
    if [one.key for one in given.exercises] != [one.key for one in issued.exercises]:
        found = "has other exercises than what was issued"
        remedy = "give what was issued, with other marks, credit, wording and misconceptions"
        raise CourseError.at(given.head.id, "it", found, remedy)
    banks = {}
    for one in given.exercises:
        part, before = course.part(one.key), issued[one.key]
        banks[one.key] = _same_bank(part, one.bank, before.bank)
    return with_banks(issued, banks)


def _same_bank(part: Course, given: Bank, issued: Bank) -> Bank:
    # In the notation of the course: it changes how a box is called, not what is asked.
    text, notation = part.as_issued(given.text), issued.notation.name
    bank = parse_bank(text, given.source, notation, issued.language)
    if not same_exercise(issued, bank):
        found = "asks another exercise than the one that was issued"
        remedy = "change only marks, credit, wording and misconceptions"
        raise CourseError.at(bank.source, "the bank", found, remedy)
    return bank


def _stored(course: Course) -> tuple[dict[str, list[NewestMarking]], list[str]]:
    """How those stand who can be marked again, exercise by exercise, and a line for each who
    cannot; CourseError where nobody was marked."""
    rows: dict[str, list[NewestMarking]] = {}
    erased: list[str] = []
    standing = standing_rows(course, issued_assignment(course))
    for key, marked in standing.items():
        rows[key], lost = _with_numbers(course.part(key), marked)
        erased += lost
    if not any(standing.values()):
        place, remedy = str(course.folder), "run rnnquiz grade first"
        raise CourseError.at(place, "the course", "has no marking yet", remedy)
    return rows, erased


def _marked_by(course: Course, rows: Mapping[str, Sequence[NewestMarking]]) -> Assignment:
    """The exercises, each by the bank of its newest marking."""
    issued = issued_assignment(course)
    banks = {one.key: one.bank for one in issued.exercises}
    # What an earlier regrade --apply has changed stays in force.
    for key, standing in rows.items():
        if standing:
            newest = max(standing, key=lambda row: row.run)
            banks[key] = course.part(key).bank(newest.bank)
    return with_banks(issued, banks)


def _with_numbers(
    course: Course, standing: Sequence[NewestMarking]
) -> tuple[list[NewestMarking], list[str]]:
    """Those who can be marked again, and a line for each whose numbers were another's who was
    erased."""
    # The token is empty where students were marked by their own numbers.
    known = {*course.tokens().values(), ""}
    why = "were erased with the student whose sheet has them -> stays as it is"
    rows, lost = [], []
    for row in standing:
        if row.numbers in known:
            rows.append(row)
        else:
            lost.append(f"{row.student}: the numbers {row.numbers} {why}")
    return rows, lost


def same_exercise(one: Bank, other: Bank) -> bool:
    """True where two banks ask the same boxes of the same problem under the same rounding rule."""
    return _asked_by(one) == _asked_by(other)


def _asked_by(bank: Bank) -> tuple[object, ...]:
    # Without what may change after sheets are out: marks, credit, wording, known mistakes. Style
    # and slope decide which derivatives there are, and what they read.
    style = bank.written.style, bank.written.slope
    return (bank.model, bank.samplers, bank.rounding, bank.asked, *style)


_Stored = dict[str, list[StoredRow]]


def _changes(
    assignment: Assignment, before: Mapping[str, Sequence[NewestMarking]], after: _Stored
) -> Iterator[Change]:
    """Each student whose marks, maximum or verdicts are others, all exercises together."""
    old, new = _sums(before), _sums(after)
    moved = _all_moved(assignment, before, after)
    for student, (marks, maximum) in new.items():
        was, of = old[student]
        most = max(abs(was - marks), abs(of - maximum))
        if moved[student] or most > SAME_MARKS:
            yield Change(student, was, marks, (of, maximum), tuple(moved[student]))


def _all_moved(
    assignment: Assignment, before: Mapping[str, Sequence[NewestMarking]], after: _Stored
) -> dict[str, list[Moved]]:
    """The boxes of each student whose verdict changed, all exercises together."""
    found: dict[str, list[Moved]] = {}
    for exercise in assignment.exercises:
        place = 0
        # On a sheet of one exercise the boxes have no number.
        if assignment.several:
            place = exercise.place
        verdicts = {row.student: row.boxes for row in before[exercise.key]}
        for row in after[exercise.key]:
            moved = _moved(verdicts[row.student], json.loads(row.boxes), place)
            found.setdefault(row.student, []).extend(moved)
    return found


Moved = tuple[str, str, str]


"""A box, and its verdict before and after."""


def _moved(verdicts: Mapping[str, str], now: Mapping[str, str], place: int) -> Iterator[Moved]:
    for box, verdict in now.items():
        # The bank of today may have boxes that the stored marking did not know.
        before = verdicts.get(box, "")
        if before == verdict:
            continue
        name = box
        if place:
            name = numbered(place, box)
        yield name, before, verdict


def _sums(rows: Mapping[str, Sequence[NewestMarking | StoredRow]]) -> SumsOf:
    """Marks and maximum of each student, all exercises together."""
    found: SumsOf = {}
    for row in chain.from_iterable(rows.values()):
        got, of = found.get(row.student, (0.0, 0.0))
        found[row.student] = (got + row.marks, of + row.maximum)
    return found
