"""What a run of generate would do: nothing is stored, nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import filterfalse
from pathlib import Path
from secrets import token_bytes

from rnnquiz.assignment import Assignment
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import SECRET_BYTES, Variant
from rnnquiz.course.assignments import assignment_of
from rnnquiz.course.folders import DATABASE
from rnnquiz.course.known_again import changes_of, known_again
from rnnquiz.course.store import Course
from rnnquiz.people.roster import Student
from rnnquiz.variants.issue import Report, issue_variants


@dataclass(frozen=True)
class Foreseen:
    """What a run of generate would do: sheets for how many new students, what the roster changes,
    and what it took to find numbers for them."""

    new: int
    there: int
    notes: list[str]
    report: Report


def plan(
    exercises: Bank | Assignment, roster: Sequence[Student], folder: Path, attempt: int = 1
) -> Foreseen:
    """Look and store nothing. BankError where a bank has not enough variants for the new
    students."""
    assignment, notes = assignment_of(exercises), list[str]()
    # Without a course there is no secret yet: numbers of one that is thrown away are drawn.
    there = _There(token_bytes(SECRET_BYTES))
    if (folder / DATABASE).is_file():
        with Course.open(folder) as first:
            course = first.sitting(attempt)
            roster, notes = known_again(course, roster)
            if attempt == 1:
                notes += changes_of(course, roster)
            there = _There.of(course, assignment)
    ids = [student.id for student in roster]
    new = list(filterfalse(there.known.__contains__, ids))
    report = _tried(assignment, there, new, attempt)
    before = len(roster) - len(new)
    return Foreseen(len(new), before, notes, report)


@dataclass(frozen=True)
class _There:
    """What a course has already: its secret, who has a sheet, the variants of each exercise that
    were issued, the position of each student."""

    secret: bytes
    known: Collection[str] = ()
    taken: Mapping[str, Sequence[Variant]] = field(default_factory=dict)
    positions: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def of(course: Course, assignment: Assignment) -> _There:
        positions = {student.id: student.position for student in course.students()}
        taken = {}
        for exercise in assignment.exercises:
            taken[exercise.key] = course.part(exercise.key).every_variant()
        return _There(course.secret, set(course.sheets()), taken, positions)


def _tried(assignment: Assignment, there: _There, new: Sequence[str], attempt: int) -> Report:
    """What it takes to find numbers for new students, who come after those that there are."""
    positions = dict(there.positions)
    for id_ in new:
        following = max(positions.values(), default=0) + 1
        # For a retake they have a position already, by which the lot of a pool is drawn.
        positions.setdefault(id_, following)
    report = Report()
    lots = {id_: assignment.drawn(there.secret, positions[id_]) for id_ in new}
    for exercise in assignment.exercises:
        # Of a pool each student has but one exercise.
        rows = []
        for id_ in new:
            if exercise in lots[id_]:
                rows.append((id_, attempt))
        if rows:
            before_them = there.taken.get(exercise.key, ())
            _, found = issue_variants(exercise.bank, there.secret, rows, before_them)
            report.add(found)
    return report
