"""Which attempt counts, where there are several: the best, the last, or the mean of all that were
marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from rnnquiz.course.assignments import marking_assignment
from rnnquiz.course.standing import Stored, marks_of
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError
from rnnquiz.exports.gradebook import GradeRow

RowsByAttempt = Mapping[int, GradeRow]
"""What is marked of a student, by the attempt."""


def _best(rows: RowsByAttempt) -> GradeRow:
    """The attempt with the most marks, the earlier of two that have as many."""
    return _said(rows, max(rows, key=lambda number: (_share(rows[number]), -number)))


def _last(rows: RowsByAttempt) -> GradeRow:
    return _said(rows, max(rows))


def _mean(rows: RowsByAttempt) -> GradeRow:
    """The mean of all attempts that are marked, also problem by problem and of what is taken off;
    the days are those of the latest one, the rest is that of the last."""
    last = rows[max(rows)]
    marks = _mean_of([row.marks or 0.0 for row in rows.values()])
    exercises = {
        place: (_mean_of([row.exercises[place][0] for row in rows.values()]), of)
        for place, (_, of) in last.exercises.items()
    }
    off = _mean_of([row.taken_off for row in rows.values()])
    days = max(row.days for row in rows.values())
    words = " and ".join(map(str, sorted(rows)))
    said = f"mean of {words}" if len(rows) > 1 else words
    whole = replace(last, marks=marks, exercises=exercises, skills={}, attempt=said)
    return replace(whole, days=days, taken_off=off)


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
    if len(attempts) < 2:
        return marks_of(course)
    assignment = marking_assignment(course)
    stored = {number: Stored(course.sitting(number), assignment) for number in attempts}
    if not any(one.lines for one in stored.values()):
        remedy = "run rnnquiz grade first"
        raise CourseError.at(str(course.folder), "the course", "has no marking yet", remedy)
    found = []
    for student in course.students():
        rows = {k: one.row(student) for k, one in stored.items() if student.id in one}
        if not rows:
            found.append(stored[attempts[0]].row(student))
            continue
        marks = {number: row.marks or 0.0 for number, row in rows.items()}
        found.append(replace(COUNTS[rule](rows), attempts=marks))
    return found


def words_of_count(course: Course, rule: str) -> list[str]:
    """What is to be said beside marks of several attempts: the rule, and where attempts were marked
    by different marks."""
    attempts = course.attempts()
    if len(attempts) < 2:
        return []
    lines = [f"of {len(attempts)} attempts {_WORDS[rule]} (--count)"]
    by = {number: _banks(course.sitting(number)) for number in attempts}
    if len({banks for banks in by.values() if banks}) > 1:
        lines.append(
            "the attempts were marked by different texts of the bank: run rnnquiz regrade for each"
            " of them, with --attempt"
        )
    return lines


_WORDS = {"best": "the best counts", "last": "the last counts", "mean": "the mean counts"}


def _banks(course: Course) -> frozenset[tuple[str, str]]:
    """By which banks an attempt was marked, exercise by exercise."""
    keys = [exercise.key for exercise in marking_assignment(course).exercises]
    return frozenset((key, row.bank) for key in keys for row in course.part(key).standing())


def _said(rows: RowsByAttempt, number: int) -> GradeRow:
    return replace(rows[number], attempt=str(number))


def _share(row: GradeRow) -> float:
    return (row.marks or 0.0) / row.maximum if row.maximum else 0.0


def _mean_of(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)
