"""How each student stands: the newest marking of each, as a row of the gradebook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from rnnquiz.assignment import Assignment, numbered
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.course.assignments import marking_assignment
from rnnquiz.course.deadlines import EXCUSED
from rnnquiz.course.records import GradedLine, NewestMarking
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError
from rnnquiz.exports.gradebook import GradeRow
from rnnquiz.grade.mark import marks_by_kind
from rnnquiz.roster import Student

STUDENTS_AT_ONCE = 500  # students
_RIGHT = ("correct", "follow-through", "blank")


def marks_of(course: Course) -> list[GradeRow]:
    """A row for each student of the roster; CourseError where nothing is marked yet."""
    assignment = marking_assignment(course)
    stored = Stored(course, assignment)
    if not stored.lines:
        raise CourseError.at(
            str(course.folder), "the course", "has no marking yet", "run rnnquiz grade first"
        )
    return [stored.row(student) for student in course.students()]


def concerned(course: Course) -> list[Student]:
    """Everybody, in the order of the roster; of a retake those who have a sheet of it."""
    everyone = course.students()
    if course.attempt == 1:
        return everyone
    having = course.sheets()
    return [student for student in everyone if student.id in having]


class Stored:
    """The newest marking of each student who was ever marked, but for some."""

    def __init__(
        self, course: Course, assignment: Assignment, without: Collection[str] = ()
    ) -> None:
        self.assignment, self.excused = assignment, course.excused()
        self.lines: dict[str, dict[int, GradedLine]] = {}
        for exercise in assignment.exercises:
            part = course.part(exercise.key)
            rows = [row for row in part.standing() if row.student not in without]
            kinds = kinds_of(part, rows)
            for row in rows:
                line = as_line(exercise.bank, row, kinds)
                self.lines.setdefault(row.student, {})[exercise.place] = line

    def __contains__(self, student: str) -> bool:
        return student in self.lines

    def row(self, student: Student, status: str = "marked") -> GradeRow:
        """The row of a student, also of one who has no marks."""
        if student.id not in self.lines:
            why = EXCUSED if student.id in self.excused else "not handed in"
            return without_marks(self.assignment, student, why)
        return row_of_lines(self.assignment, student, self.lines[student.id], status)


Kinds = Mapping[str, dict[str, tuple[float, float]]]


def kinds_of(course: Course, rows: Iterable[NewestMarking]) -> Kinds:
    """Of each student, the marks and maximum of each kind of quantity in a stored marking."""
    by_bank: dict[str, list[NewestMarking]] = {}
    for row in rows:
        by_bank.setdefault(row.bank, []).append(row)
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for digest, stored in by_bank.items():
        bank = course.bank(digest)
        for start in range(0, len(stored), STUDENTS_AT_ONCE):
            variants = _numbers_of(course, stored[start : start + STUDENTS_AT_ONCE])
            part = [
                row for row in stored[start : start + STUDENTS_AT_ONCE] if row.student in variants
            ]
            if not part:
                continue
            givens = arrays_of(bank, [variants[row.student] for row in part])
            marks = marks_by_kind(
                bank, givens, [row.boxes for row in part], [row.marks for row in part]
            )
            found |= {row.student: kinds for row, kinds in zip(part, marks, strict=True)}
    return found


def _numbers_of(course: Course, rows: Sequence[NewestMarking]) -> dict[str, Variant]:
    """The numbers each student was marked by, a response to a quiz by those that were shown.

    Another's that were erased are left out: of such a student no kinds can be told.
    """
    owners = {token: student for student, token in course.tokens().items()}
    meant = {row.student: owners.get(row.numbers) if row.numbers else row.student for row in rows}
    whose = sorted({owner for owner in meant.values() if owner is not None})
    issued = {variant.student: variant for variant in course.variants(whose)}
    return {student: issued[owner] for student, owner in meant.items() if owner in issued}


def as_line(bank: Bank, row: NewestMarking, kinds: Kinds) -> GradedLine:
    """A stored marking, as the gradebook has it."""
    asked = [(box.name, row.boxes[box.name]) for box in bank.boxes if box.name in row.boxes]
    first = next((box for box, verdict in asked if verdict not in _RIGHT), "")
    verdicts = dict(Counter(verdict for _, verdict in asked))
    skills = kinds.get(row.student, {})
    return GradedLine(row.marks, row.maximum, skills, verdicts, first, row.days, row.taken_off)


def row_of_lines(
    assignment: Assignment,
    student: Student,
    lines: Mapping[int, GradedLine],
    status: str = "marked",
) -> GradeRow:
    """The row of a student, from what is marked of each exercise of the sheet."""
    who = student.id, student.name, student.email
    whole, pairs = _whole(lines), {}
    if assignment.several:
        pairs = {place: (line.marks, line.maximum) for place, line in sorted(lines.items())}
    else:
        (whole,) = lines.values()
    # A late sheet never has less than nothing.
    off = min(whole.marks, whole.taken_off * whole.maximum)
    return GradeRow(
        *who, whole.marks - off, whole.maximum, whole.skills, whole.verdicts, whole.first_wrong,
        status, pairs, days=whole.days, taken_off=off,
    )  # fmt: skip


def _whole(lines: Mapping[int, GradedLine]) -> GradedLine:
    """What is marked of all exercises of a sheet."""
    whole = GradedLine(0.0, 0.0, {}, {}, "")
    for place in sorted(lines):
        whole = _added(whole, place, lines[place])
    return whole


def _added(whole: GradedLine, place: int, line: GradedLine) -> GradedLine:
    """What is marked of the exercises before, and of one more."""
    skills = dict(whole.skills)
    for kind, (got, of) in line.skills.items():
        before = skills.get(kind, (0.0, 0.0))
        skills[kind] = before[0] + got, before[1] + of
    first = whole.first_wrong or (line.first_wrong and numbered(place, line.first_wrong))
    return GradedLine(
        whole.marks + line.marks,
        whole.maximum + line.maximum,
        skills,
        dict(Counter(whole.verdicts) + Counter(line.verdicts)),
        first,
        max(whole.days, line.days),
        max(whole.taken_off, line.taken_off),
    )


def without_marks(assignment: Assignment, student: Student, status: str) -> GradeRow:
    """The row of a student of whom nothing is marked."""
    maximum = assignment.marks
    return GradeRow(student.id, student.name, student.email, None, maximum, {}, {}, "", status)
