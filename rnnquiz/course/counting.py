"""Which attempt counts, where there are several: the best, the last, or the mean of all that were
marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from rnnquiz.course.assignments import marking_assignment
from rnnquiz.course.standing import Stored, marks_of
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError
from rnnquiz.exports.grade_row import GradeRow
from rnnquiz.people.roster import Student

RowsByAttempt = Mapping[int, GradeRow]
"""What is marked of a student, by the attempt."""


def _best(rows: RowsByAttempt) -> GradeRow:
    """The attempt with the most marks, the earlier of two that have as many."""
    shares = {}
    for number, row in sorted(rows.items()):
        shares[number] = _share(row)
    # max takes the first of several, and so the earliest.
    best = max(shares, key=shares.__getitem__)
    return _said(rows, best)


def _last(rows: RowsByAttempt) -> GradeRow:
    return _said(rows, max(rows))


def _mean(rows: RowsByAttempt) -> GradeRow:
    """The mean of all attempts that are marked, also problem by problem and of what is taken off;
    the days are those of the latest one, the rest is that of the last."""
    last = rows[max(rows)]
    every = rows.values()
    exercises = {}
    for place, (_, maximum) in last.exercises.items():
        pairs = [row.exercises[place] for row in every]
        mean = _mean_of([got for got, _ in pairs])
        exercises[place] = (mean, maximum)
    numbers = map(str, sorted(rows))
    said = " and ".join(numbers)
    if len(rows) > 1:
        said = f"mean of {said}"
    counted = _marks(rows).values()
    marks = _mean_of(list(counted))
    off = _mean_of([row.taken_off for row in every])
    days = max(row.days for row in every)
    whole = replace(last, marks=marks, exercises=exercises, skills={}, attempt=said)
    return replace(whole, days=days, taken_off=off)


def _marks(rows: RowsByAttempt) -> dict[int, float]:
    return {number: row.marks or 0.0 for number, row in rows.items()}


COUNTS: dict[str, Callable[[RowsByAttempt], GradeRow]] = {
    "best": _best,
    "last": _last,
    "mean": _mean,
}
"""The rules by which attempts count."""


def counted_marks(course: Course, rule: str) -> list[GradeRow]:
    """A row for each student of the roster, by the attempt that counts; CourseError where nothing
    is marked yet."""
    attempts = course.attempts()
    # With nothing to choose from, no row says which attempt it is of.
    if len(attempts) <= 1:
        return marks_of(course)
    assignment = marking_assignment(course)
    stored = {}
    for number in attempts:
        stored[number] = Stored(course.sitting(number), assignment)
    if not any(one.lines for one in stored.values()):
        remedy = "run rnnquiz grade first"
        raise CourseError.at(str(course.folder), "the course", "has no marking yet", remedy)
    first = stored[attempts[0]]
    found = []
    for student in course.students():
        rows = _rows_of(student, stored)
        if rows:
            counted = COUNTS[rule](rows)
            found.append(replace(counted, attempts=_marks(rows)))
        else:
            # Why there are no marks, not handed in or excused, is told by the first attempt.
            found.append(first.row(student))
    return found


def _rows_of(student: Student, stored: Mapping[int, Stored]) -> dict[int, GradeRow]:
    """What is marked of a student, by the attempt."""
    rows = {}
    for number, one in stored.items():
        if student.id in one:
            rows[number] = one.row(student)
    return rows


def words_of_count(course: Course, rule: str) -> list[str]:
    """What is to be said beside marks of several attempts: the rule, and where attempts were marked
    by different marks."""
    attempts = course.attempts()
    # Without a retake nobody has asked by which rule.
    if len(attempts) <= 1:
        return []
    lines = [f"of {len(attempts)} attempts {_WORDS[rule]} (--count)"]
    sittings = map(course.sitting, attempts)
    banks = {_banks(sitting) for sitting in sittings}
    # An attempt that is not marked yet has no banks, and differs from none.
    if len(banks - {frozenset()}) > 1:
        lines.append(
            "the attempts were marked by different texts of the bank: run rnnquiz regrade for each"
            " of them, with --attempt"
        )
    return lines


_WORDS = {"best": "the best counts", "last": "the last counts", "mean": "the mean counts"}


def _banks(course: Course) -> frozenset[tuple[str, str]]:
    """By which banks an attempt was marked, exercise by exercise."""
    found = set()
    for exercise in marking_assignment(course).exercises:
        standing = course.part(exercise.key).standing()
        found |= {(exercise.key, row.bank) for row in standing}
    return frozenset(found)


def _said(rows: RowsByAttempt, number: int) -> GradeRow:
    row = rows[number]
    return replace(row, attempt=str(number))


def _share(row: GradeRow) -> float:
    if not row.maximum:
        return 0.0
    marks = row.marks or 0.0
    # The marks alone would not do: the attempts may be marked out of different maxima.
    return marks / row.maximum


def _mean_of(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)
