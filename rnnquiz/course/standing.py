"""How each student stands: the newest marking of each, as a row of the gradebook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from rnnquiz.assignment import Assignment, numbered
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.bank.verdict import Verdict
from rnnquiz.course.assignments import marking_assignment
from rnnquiz.course.deadlines import EXCUSED
from rnnquiz.course.kept import standing_rows
from rnnquiz.course.records import GradedLine, NewestMarking
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError
from rnnquiz.exports.grade_row import GradeRow
from rnnquiz.grade.mark import marks_by_kind
from rnnquiz.people.roster import Student, among

STUDENTS_AT_ONCE = 500


def marks_of(course: Course) -> list[GradeRow]:
    """A row for each student of the roster; CourseError where nothing is marked yet."""
    stored = Stored(course, marking_assignment(course))
    if not stored.lines:
        place, remedy = str(course.folder), "run rnnquiz grade first"
        raise CourseError.at(place, "the course", "has no marking yet", remedy)
    students = course.students()
    return [stored.row(student) for student in students]


def concerned(course: Course) -> list[Student]:
    """Everybody, in the order of the roster; of a retake those who have a sheet of it."""
    everyone = course.students()
    if course.attempt == 1:
        return everyone
    return among(everyone, course.sheets())


class Stored:
    """The newest marking of each student who was ever marked, but for some."""

    def __init__(
        self, course: Course, assignment: Assignment, without: Collection[str] = ()
    ) -> None:
        self.assignment, self.excused = assignment, course.excused()
        self.lines: dict[str, LinesOfSheet] = {}
        standing = standing_rows(course, assignment)
        for exercise in assignment.exercises:
            part, rows = course.part(exercise.key), standing[exercise.key]
            own = []
            for row in rows:
                if row.student not in without:
                    own.append(row)
            kinds = kinds_of(part, own)
            for row in own:
                lines = self.lines.setdefault(row.student, {})
                lines[exercise.place] = as_line(exercise.bank, row, kinds)

    def __contains__(self, student: str) -> bool:
        return student in self.lines

    def row(self, student: Student, status: str = "marked") -> GradeRow:
        """The row of a student, also of one who has no marks."""
        if student.id in self.lines:
            return row_of_lines(self.assignment, student, self.lines[student.id], status)
        why = "not handed in"
        if student.id in self.excused:
            why = EXCUSED
        return without_marks(self.assignment, student, why)


LinesOfSheet = dict[int, GradedLine]


MarksByKind = dict[str, tuple[float, float]]


Kinds = Mapping[str, MarksByKind]


def kinds_of(course: Course, rows: Iterable[NewestMarking]) -> Kinds:
    """Of each student, the marks and maximum of each kind of quantity in a stored marking."""
    by_bank: dict[str, list[NewestMarking]] = {}
    for row in rows:
        by_bank.setdefault(row.bank, []).append(row)
    found: dict[str, MarksByKind] = {}
    for digest, stored in by_bank.items():
        bank = course.bank(digest)
        # A query takes a thousand students at most.
        for start in range(0, len(stored), STUDENTS_AT_ONCE):
            some = stored[start : start + STUDENTS_AT_ONCE]
            found |= _kinds(course, bank, some)
    return found


def _kinds(course: Course, bank: Bank, rows: Sequence[NewestMarking]) -> dict[str, MarksByKind]:
    variants = _numbers_of(course, rows)
    known = []
    for row in rows:
        if row.student in variants:
            known.append(row)
    if not known:
        return {}
    givens = arrays_of(bank, [variants[row.student] for row in known])
    boxes, marks = [row.boxes for row in known], [row.marks for row in known]
    by_kind = marks_by_kind(bank, givens, boxes, marks)
    return {row.student: kinds for row, kinds in zip(known, by_kind, strict=True)}


def _numbers_of(course: Course, rows: Sequence[NewestMarking]) -> dict[str, Variant]:
    """The numbers each student was marked by, a response to a quiz by those that were shown.

    Another's that were erased are left out: of such a student no kinds can be told.
    """
    owners = course.owners()
    meant: dict[str, str] = {}
    for row in rows:
        if not row.numbers:
            meant[row.student] = row.student
        elif row.numbers in owners:
            meant[row.student] = owners[row.numbers]
    whose = sorted(set(meant.values()))
    issued = {one.student: one for one in course.variants(whose)}
    found = {}
    for student, owner in meant.items():
        if owner in issued:
            found[student] = issued[owner]
    return found


def as_line(bank: Bank, row: NewestMarking, kinds: Kinds) -> GradedLine:
    """A stored marking, as the gradebook has it."""
    verdicts, first = Counter[str](), ""
    for box in bank.boxes:
        verdict = row.boxes.get(box.name)
        # The bank of today may have boxes that the stored marking did not know.
        if verdict is None:
            continue
        verdicts[verdict] += 1
        # Boxes are in the order of the work; of a blank one nobody knows what the student can.
        if not first and Verdict(verdict).is_fault:
            first = box.name
    late = row.days, row.taken_off
    skills = kinds.get(row.student, {})
    return GradedLine(row.marks, row.maximum, skills, dict(verdicts), first, *late)


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
        for place in sorted(lines):
            line = lines[place]
            pairs[place] = (line.marks, line.maximum)
    else:
        # As it is: no number stands before the first wrong box.
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
    first = whole.first_wrong
    if line.first_wrong and not first:
        first = numbered(place, line.first_wrong)
    marks, maximum = whole.marks + line.marks, whole.maximum + line.maximum
    verdicts = Counter(whole.verdicts) + Counter(line.verdicts)
    # All exercises of a sheet were handed in together: it is as late as the latest of them.
    days, off = max(whole.days, line.days), max(whole.taken_off, line.taken_off)
    skills = _sum_by_kind(whole.skills, line.skills)
    return GradedLine(marks, maximum, skills, dict(verdicts), first, days, off)


def _sum_by_kind(one: MarksByKind, other: MarksByKind) -> MarksByKind:
    found = dict(one)
    for kind, (got, of) in other.items():
        before, maximum = found.get(kind, (0.0, 0.0))
        found[kind] = (before + got, maximum + of)
    return found


def without_marks(assignment: Assignment, student: Student, status: str) -> GradeRow:
    """The row of a student of whom nothing is marked."""
    maximum = assignment.marks
    return GradeRow(student.id, student.name, student.email, None, maximum, {}, {}, "", status)
