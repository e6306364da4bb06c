"""How each student stands: the newest marking of each, as a row of the gradebook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.course.records import Standing
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError, Problem
from rnnquiz.exports.gradebook import GradeRow
from rnnquiz.grade.mark import marks_by_kind
from rnnquiz.roster import Student

AT_ONCE = 500  # students
_RIGHT = ("correct", "follow-through", "blank")


def marks_of(course: Course) -> list[GradeRow]:
    """A row for each student of the roster; CourseError where nothing is marked yet."""
    standing = {row.student: row for row in course.standing()}
    if not standing:
        raise CourseError(
            str(course.folder),
            Problem("the course", "has no marking yet", "run rnnquiz grade first"),
        )
    bank, kinds = course.marking_bank(), kinds_of(course, standing.values())
    return [row_of(bank, student, standing.get(student.id), kinds) for student in course.students()]


Kinds = Mapping[str, dict[str, tuple[float, float]]]


def kinds_of(course: Course, rows: Iterable[Standing]) -> Kinds:
    """Of each student, the marks and maximum of each kind of quantity in a stored marking."""
    by_bank: dict[str, list[Standing]] = {}
    for row in rows:
        by_bank.setdefault(row.bank, []).append(row)
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for digest, stored in by_bank.items():
        bank = course.bank(digest)
        for start in range(0, len(stored), AT_ONCE):
            variants = _numbers_of(course, stored[start : start + AT_ONCE])
            part = [row for row in stored[start : start + AT_ONCE] if row.student in variants]
            if not part:
                continue
            givens = arrays_of(bank, [variants[row.student] for row in part])
            marks = marks_by_kind(
                bank, givens, [row.boxes for row in part], [row.marks for row in part]
            )
            found |= {row.student: kinds for row, kinds in zip(part, marks, strict=True)}
    return found


def _numbers_of(course: Course, rows: Sequence[Standing]) -> dict[str, Variant]:
    """The numbers each student was marked by, a response to a quiz by those that were shown.

    Another's that were erased are left out: of such a student no kinds can be told.
    """
    owners = {token: student for student, token in course.tokens().items()}
    meant = {row.student: owners.get(row.numbers) if row.numbers else row.student for row in rows}
    whose = sorted({owner for owner in meant.values() if owner is not None})
    issued = {variant.student: variant for variant in course.variants(whose)}
    return {student: issued[owner] for student, owner in meant.items() if owner in issued}


def row_of(
    bank: Bank, student: Student, row: Standing | None, kinds: Kinds, status: str = "marked"
) -> GradeRow:  # fmt: skip
    """The row of a student by a stored marking, or of one who has none."""
    if row is None:
        return without_marks(bank, student, "not handed in")
    asked = [(box.name, row.boxes[box.name]) for box in bank.boxes if box.name in row.boxes]
    first = next((box for box, verdict in asked if verdict not in _RIGHT), "")
    verdicts = dict(Counter(verdict for _, verdict in asked))
    who = student.id, student.name, student.email
    skills = kinds.get(student.id, {})
    return GradeRow(*who, row.marks, row.maximum, skills, verdicts, first, status)


def without_marks(bank: Bank, student: Student, status: str) -> GradeRow:
    return GradeRow(
        student.id, student.name, student.email, None, sum(bank.marks.values()), {}, {}, "", status
    )
