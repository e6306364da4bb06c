"""A term: a folder with the students and the secret of a course, and in it a folder for each
assignment.

The folder of an assignment is a course folder like any other. What it has from the term is its
secret, which is made from that of the term and its own name, so that no two assignments share a
stream of numbers or a token, and its students. What the term has from its assignments is one
gradebook.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import filterfalse
from pathlib import Path

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant, keyed
from rnnquiz.course.assignments import issued_assignment, marking_assignment
from rnnquiz.course.counting import counted_marks
from rnnquiz.course.deadlines import EXCUSED
from rnnquiz.course.folders import DATABASE, SECRET
from rnnquiz.course.issued import begin_term
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError
from rnnquiz.exports.grade_row import GradeRow
from rnnquiz.files.private import make_folder, write_atomically
from rnnquiz.people.roster import Student


def term_of(folder: Path) -> Path | None:
    """The term that a course folder lies in; None where it lies in none."""
    # A folder may be given without those above it, as  hw1  or  .
    above = folder.absolute().parent
    if not _holds_course(above):
        return None
    with Course.open(above) as course:
        return above if course.is_term else None


def take_part(folder: Path, begin: bool) -> Path | None:
    """The term of a folder, begun where that is wished; a new folder in it gets its secret."""
    if begin:
        with Course.create(folder.absolute().parent) as course:
            begin_term(course)
    term = term_of(folder)
    there = [(folder / name).exists() for name in (SECRET, DATABASE)]
    # A course that was begun outside of the term keeps the secret of its sheets.
    if term is not None and not any(there):
        with Course.open(term) as course:
            secret = keyed(course.secret, "assignment", folder.absolute().name)
        make_folder(folder)
        write_atomically(folder / SECRET, secret)
    return term


def assignments_in(term: Path) -> list[Path]:
    """The folders of the assignments of a term, by name."""
    return list(filter(_holds_course, folders_in(term)))


def folders_in(folder: Path) -> list[Path]:
    """The folders in a folder, by name, without links."""
    found = []
    for place in sorted(folder.iterdir()):
        if place.is_dir() and not place.is_symlink():
            found.append(place)
    return found


def _holds_course(folder: Path) -> bool:
    return (folder / DATABASE).is_file()


def numbers_elsewhere(folder: Path, bank: Bank) -> Iterator[Variant]:
    """What was drawn from the same ranges in the other assignments of the term."""
    term = term_of(folder)
    for place in assignments_in(term) if term is not None else []:
        # The numbers of this assignment are looked up by its own course, which is open already.
        if place.name == folder.absolute().name:
            continue
        with Course.open(place) as course:
            yield from numbers_drawn_in(course, bank)


def numbers_drawn_in(course: Course, bank: Bank, without: str | None = None) -> Iterator[Variant]:
    """What was drawn from the same ranges in a course, of all exercises but one."""
    # Of a folder from which nothing was issued nobody knows the exercises.
    if not course.attempts():
        return
    for exercise in issued_assignment(course).exercises:
        if exercise.key != without and exercise.bank.samplers == bank.samplers:
            yield from course.part(exercise.key).every_variant()


def term_marks(course: Course, rule: str) -> list[GradeRow]:
    """A row for each student of a term: the marks of each assignment, and their sum. What is not
    handed in adds nothing; an assignment of which nothing is marked yet is left out."""
    found: dict[str, dict[str, GradeRow]] = {}
    worth: dict[str, float] = {}
    for place in assignments_in(course.folder):
        with Course.open(place) as one:
            if not _is_marked(one):
                continue
            worth[place.name] = marking_assignment(one).marks
            for row in counted_marks(one, rule):
                found.setdefault(row.id, {})[place.name] = row
    if not worth:
        remedy = "run rnnquiz grade for one of its assignments first"
        raise CourseError.at(str(course.folder), "the term", "has no marking yet", remedy)
    students = course.students()
    return [_row(student, found.get(student.id, {}), worth) for student in students]


def _is_marked(course: Course) -> bool:
    return bool(course.rows("SELECT 1 FROM grades LIMIT 1"))


def _row(student: Student, rows: dict[str, GradeRow], worth: dict[str, float]) -> GradeRow:
    """The row of a student: what each assignment says of marks. What somebody is excused from is
    no part of the maximum."""
    excused, pairs = set(), {}
    for name, row in rows.items():
        if row.status == EXCUSED:
            excused.add(name)
        if row.marks is not None:
            pairs[name] = (row.marks, row.maximum)
    counted = filterfalse(excused.__contains__, worth)
    maximum = sum(worth[name] for name in counted)
    total: float | None = None
    status = "not handed in"
    # Who handed nothing in has no marks, which is not the same as 0 in a gradebook.
    if pairs:
        total, status = sum(marks for marks, _ in pairs.values()), "marked"
    who = student.id, student.name, student.email
    return GradeRow(*who, total, maximum, {}, {}, "", status, assignments=pairs)
