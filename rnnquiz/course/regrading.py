"""`rnnquiz regrade`: the answers that are stored, marked again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rnnquiz import __version__
from rnnquiz.assignment import Assignment, PortableAssignment, numbered
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.specification import Bank
from rnnquiz.course.assignments import issued_assignment, with_banks
from rnnquiz.course.crew import hired
from rnnquiz.course.desk import Desk, Graded, Shelf
from rnnquiz.course.evidence import evidence_in
from rnnquiz.course.kept import standing_rows, stored_sheet
from rnnquiz.course.marking import MarkingOptions, ready
from rnnquiz.course.records import NewestMarking
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError
from rnnquiz.text import shortened


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
        pairs = zip((self.before, self.after), self.maxima, strict=True)
        before, after = (100 * marks / of if of else 0.0 for marks, of in pairs)
        return before, after

    def __repr__(self) -> str:
        return f"<Change of {shortened(self.student)}: {self.before:.2f} to {self.after:.2f} marks>"


def regrade(
    folder: Path, bank: Bank | Assignment | None, out: Path | None, apply: bool, attempt: int = 1
) -> tuple[list[Change], Graded]:
    """Mark the stored answers again, with the program as it is and the marks and credits of `bank`
    where one is given.

    Only `apply` stores the new marking (the earlier one is kept) and writes it to `out`.
    CourseError where the bank asks another exercise than the one issued.
    """
    with Course.open(folder) as first:
        course = first.sitting(attempt)
        given = None if bank is None else _same_exercises(course, bank)
        earlier, erased = _stored(course)
        now = given or _marked_by(course, earlier)
        pages = course.pages()
        chosen = {
            key: {row.student: stored_sheet(row, pages) for row in rows}
            for key, rows in earlier.items()
        }
        place = out if apply else None
        wish = MarkingOptions(PortableAssignment.of(now), place is not None, place is not None)
        desk = Desk(course, now, chosen, Graded(problems=erased), {})
        stored: dict[str, list[tuple[Any, ...]]] = {key: [] for key in earlier}
        banks = {one.key: one.bank for one in now.exercises}
        storing = course.runs(banks, __version__, "regrade") if apply else nullcontext()
        keeping, hands = (
            evidence_in(place, now.head.id),
            hired("processes", partial(ready, wish), desk.work(wish)),
        )
        with keeping as kept, hands as crew, storing as runs:
            shelf = Shelf(place, runs, kept)
            desk.mark(wish, crew, shelf, lambda key, made: stored[key].extend(made.stored))
        changes = list(_changes(now, earlier, stored))
        if place is not None:
            desk.write(place)
            desk.note(place, "regrade")
    return changes, desk.graded


def _same_exercises(course: Course, given: Bank | Assignment) -> Assignment:
    """What is given, in the names and the notation of the course; CourseError where it asks
    anything else."""
    issued = issued_assignment(course)
    other = given if isinstance(given, Assignment) else Assignment.of(given)
    if [one.key for one in other.exercises] != [one.key for one in issued.exercises]:
        found = "has other exercises than what was issued"
        remedy = "give what was issued, with other marks, credit, wording and misconceptions"
        raise CourseError.at(other.head.id, "it", found, remedy)
    banks = {
        one.key: _same_bank(course.part(one.key), one.bank, issued[one.key].bank)
        for one in other.exercises
    }
    return with_banks(issued, banks)


def _same_bank(part: Course, given: Bank, issued: Bank) -> Bank:
    text, notation = part.as_issued(given.text), issued.notation.name
    bank = parse_bank(text, given.source, notation, issued.language)
    if not same_exercise(issued, bank):
        found = "asks another exercise than the one that was issued"
        raise CourseError.at(
            bank.source, "the bank", found, "change only marks, credit, wording and misconceptions"
        )
    return bank


def _stored(course: Course) -> tuple[dict[str, list[NewestMarking]], list[str]]:
    """How those stand who can be marked again, exercise by exercise, and a line for each who
    cannot; CourseError where nobody was marked."""
    rows: dict[str, list[NewestMarking]] = {}
    erased = list[str]()
    standing = standing_rows(course, issued_assignment(course))
    for key, marked in standing.items():
        rows[key], lost = _with_numbers(course.part(key), marked)
        erased += lost
    if not any(standing.values()):
        raise CourseError.at(
            str(course.folder), "the course", "has no marking yet", "run rnnquiz grade first"
        )
    return rows, erased


def _marked_by(course: Course, rows: Mapping[str, Sequence[NewestMarking]]) -> Assignment:
    """The exercises, each by the bank of its newest marking."""
    issued = issued_assignment(course)
    banks = {one.key: one.bank for one in issued.exercises}
    for key, standing in rows.items():
        if standing:
            banks[key] = course.part(key).bank(max(standing, key=lambda row: row.run).bank)
    return with_banks(issued, banks)


def _with_numbers(
    course: Course, standing: Sequence[NewestMarking]
) -> tuple[list[NewestMarking], list[str]]:
    """Those who can be marked again, and a line for each whose numbers were another's who was
    erased."""
    known = set(course.tokens().values())
    lost = [row for row in standing if row.numbers and row.numbers not in known]
    why = "were erased with the student whose sheet has them -> stays as it is"
    return [row for row in standing if row not in lost], [
        f"{row.student}: the numbers {row.numbers} {why}" for row in lost
    ]


def same_exercise(one: Bank, other: Bank) -> bool:
    """True where two banks ask the same boxes of the same problem under the same rounding rule."""
    return (
        one.model,
        one.samplers,
        one.rounding,
        one.asked,
        one.written.style,
        one.written.slope,
    ) == (
        other.model,
        other.samplers,
        other.rounding,
        other.asked,
        other.written.style,
        other.written.slope,
    )


_Stored = dict[str, list[tuple[Any, ...]]]


def _changes(
    assignment: Assignment, before: Mapping[str, Sequence[NewestMarking]], after: _Stored
) -> Iterator[Change]:
    """Each student whose marks, maximum or verdicts are others, all exercises together."""
    old, new, moved = _sums(before), dict[str, tuple[float, float]](), _Moved()
    for exercise in assignment.exercises:
        place = exercise.place if assignment.several else 0
        verdicts = {row.student: row.boxes for row in before[exercise.key]}
        for student, _, _, _, marks, maximum, boxes in after[exercise.key]:
            got, of = new.get(student, (0.0, 0.0))
            new[student] = got + marks, of + maximum
            rows = _moved(verdicts[student], json.loads(boxes), place)
            moved[student] = (*moved.get(student, ()), *rows)
    for student, (marks, maximum) in new.items():
        was, of = old[student]
        if moved[student] or abs(was - marks) > 1e-9 or abs(of - maximum) > 1e-9:
            yield Change(student, was, marks, (of, maximum), moved[student])


_Moved = dict[str, tuple[tuple[str, str, str], ...]]


def _moved(
    verdicts: Mapping[str, str], now: Mapping[str, str], place: int
) -> Iterator[tuple[str, str, str]]:
    """The boxes whose verdict changed, with both."""
    for box, verdict in now.items():
        if verdicts.get(box, "") != verdict:
            yield numbered(place, box) if place else box, verdicts.get(box, ""), verdict


def _sums(rows: Mapping[str, Sequence[NewestMarking]]) -> dict[str, tuple[float, float]]:
    """Marks and maximum of each student, all exercises together."""
    found: dict[str, tuple[float, float]] = {}
    for standing in rows.values():
        for row in standing:
            got, of = found.get(row.student, (0.0, 0.0))
            found[row.student] = got + row.marks, of + row.maximum
    return found
