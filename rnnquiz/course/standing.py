"""How each student stands: the newest marking of each, as a row of the gradebook."""

from __future__ import annotations

from collections import Counter

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
    maximum = next(iter(standing.values())).maximum
    return [row_of(student, standing.get(student.id), maximum) for student in course.students()]


def row_of(student: Student, row: Standing | None, maximum: float, status: str = "marked") -> GradeRow:
    """The row of a student by a stored marking, or of one who has none."""
    if row is None:
        return without_marks(student, maximum, "not handed in")
    first = next((box for box, verdict in row.boxes.items() if verdict not in _RIGHT), "")
    verdicts = dict(Counter(row.boxes.values()))
    return GradeRow(student.id, student.name, student.email, row.marks, row.maximum, {}, verdicts, first, status)


def without_marks(student: Student, maximum: float, status: str) -> GradeRow:
    return GradeRow(student.id, student.name, student.email, None, maximum, {}, {}, "", status)
