"""How each student stands: the newest marking of each, as a row of the gradebook."""

from __future__ import annotations

from collections import Counter

from rnnquiz.bank.specification import Bank
from rnnquiz.course.store import Course, Standing
from rnnquiz.errors import CourseError, Problem
from rnnquiz.exports.gradebook import GradeRow
from rnnquiz.roster import Student

_RIGHT = ("correct", "follow-through", "blank")


def marks_of(course: Course) -> list[GradeRow]:
    """A row for each student of the roster; CourseError where nothing is marked yet."""
    standing = {row.student: row for row in course.standing()}
    if not standing:
        raise CourseError(str(course.folder), Problem("the course", "has no marking yet", "run rnnquiz grade first"))
    bank = course.marking_bank()
    return [row_of(bank, student, standing.get(student.id)) for student in course.students()]


def row_of(bank: Bank, student: Student, row: Standing | None, status: str = "marked") -> GradeRow:
    """The row of a student by a stored marking, or of one who has none."""
    if row is None:
        return without_marks(bank, student, "not handed in")
    asked = [(box.name, row.boxes[box.name]) for box in bank.boxes if box.name in row.boxes]
    first = next((box for box, verdict in asked if verdict not in _RIGHT), "")
    verdicts = dict(Counter(verdict for _, verdict in asked))
    return GradeRow(student.id, student.name, student.email, row.marks, row.maximum, {}, verdicts, first, status)


def without_marks(bank: Bank, student: Student, status: str) -> GradeRow:
    return GradeRow(student.id, student.name, student.email, None, sum(bank.marks.values()), {}, {}, "", status)
