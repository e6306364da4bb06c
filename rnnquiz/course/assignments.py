"""The assignment of a course: what is issued, to whom, and by which banks it is marked.

A course of a bank alone has an assignment of one exercise; what is asked of either is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from rnnquiz.assignment import Assignment, restored, unnumbered
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.course.issued import set_assignment_text, set_bank
from rnnquiz.course.records import NewestMarking, language_as_text
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError
from rnnquiz.languages.catalogue import Language
from rnnquiz.people.roster import Student


def assignment_of(exercises: Bank | Assignment) -> Assignment:
    """What is given, as an assignment."""
    if isinstance(exercises, Assignment):
        return exercises
    return Assignment.of(exercises)


def set_assignment(course: Course, assignment: Assignment) -> Assignment:
    """Store what is issued, and give back what to go on with, in the names of today. CourseError
    where something else was issued already."""
    if assignment.alone:
        (only,) = assignment.exercises
        return Assignment.of(set_bank(course, only.bank))
    # Each step can be done again: a run that was killed in between goes on from there.
    set_assignment_text(course, assignment.stored())
    banks = {}
    for one in assignment.exercises:
        banks[one.key] = set_bank(course.part(one.key), one.bank)
    return with_banks(assignment, banks)


def set_language(course: Course, language: Language) -> None:
    """Store in which language students read; CourseError where it is another one already."""
    known = course.language() or language
    if known != language:
        found = f"its documents are in {known.words()}, and {language.words()} is asked for"
        remedy = "leave --language and --catalogue as they were, or choose a new folder"
        raise CourseError.at(str(course.folder), "the language", found, remedy)
    # A course that is older than the choice of languages is in English: it gets its row here.
    row = language_as_text(language)
    with course.transaction() as db:
        db.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('language', ?)", (row,))


def issued_assignment(course: Course) -> Assignment:
    """What was issued."""
    return _assignment(course, Course.bank)


def marking_assignment(course: Course) -> Assignment:
    """The same, with the banks that marks are given by."""
    return _assignment(course, Course.marking_bank)


def _assignment(course: Course, bank_of: Callable[[Course], Bank]) -> Assignment:
    text = course.assignment()
    if not text:
        return Assignment.of(bank_of(course))

    def bank_by(key: str) -> Bank:
        return bank_of(course.part(key))

    return restored(text, bank_by)


def with_banks(assignment: Assignment, banks: Mapping[str, Bank]) -> Assignment:
    """The same exercises, by other banks."""
    exercises = []
    for one in assignment.exercises:
        exercises.append(replace(one, bank=banks[one.key]))
    return replace(assignment, exercises=tuple(exercises))


def issued_sheets(
    course: Course, assignment: Assignment, students: Sequence[str] | None = None
) -> dict[str, tuple[Variant, ...]]:
    """The numbers of each student who has a sheet, exercise by exercise; of all, or of some (a
    thousand at most)."""
    found: dict[str, list[Variant]] = {}
    for exercise in assignment.exercises:
        for variant in course.part(exercise.key).variants(students):
            found.setdefault(variant.student, []).append(variant)
    return {student: tuple(variants) for student, variants in found.items()}


def with_sheets(
    course: Course, assignment: Assignment
) -> list[tuple[Student, tuple[Variant, ...]]]:
    """Everybody who has a sheet, in the order of the roster."""
    sheets = issued_sheets(course, assignment)
    found = []
    for student in course.students():
        if student.id in sheets:
            found.append((student, sheets[student.id]))
    return found


def exercises_of(course: Course, assignment: Assignment) -> dict[str, tuple[str, ...]]:
    """The keys of each student's exercises, in the order of the sheet."""
    found: dict[str, tuple[str, ...]] = {}
    # The exercises are in the order of the sheet, and so are the keys of each student.
    for exercise in assignment.exercises:
        for student in course.part(exercise.key).tokens():
            before = found.get(student, ())
            found[student] = (*before, exercise.key)
    return found


def handed_in(course: Course) -> dict[str, str]:
    """Of each student who was marked, where the newest sheet was found."""
    newest: dict[str, tuple[int, str]] = {}
    for row in _every_standing(course):
        place = row.run, row.source
        # Runs are numbered as they come: the greatest is the newest.
        newest[row.student] = max(newest.get(row.student, place), place)
    found = {}
    for student in course.students():
        if student.id in newest:
            _, found[student.id] = newest[student.id]
    return found


def _every_standing(course: Course) -> Iterator[NewestMarking]:
    exercises = issued_assignment(course).exercises
    for attempt in course.attempts():
        for exercise in exercises:
            yield from course.sitting(attempt).part(exercise.key).standing()


def box_named(course: Course, name: str, student: str) -> tuple[Course, str]:
    """The exercise of a box of a student's sheet, and the box without its number."""
    place, box = unnumbered(name)
    exercise = ""
    if place:
        exercise = str(place)
    return part_named(course, exercise, student), box


def part_named(course: Course, name: str, student: str = "") -> Course:
    """The course, looked at for one exercise by its number on the sheet (of a pool: the one that
    the student has), or its key; CourseError where it is not clear which."""
    assignment = issued_assignment(course)
    if assignment.alone and not name:
        return course
    own = exercises_of(course, assignment).get(student, ())
    chosen = [one.key for one in assignment.named(name)]
    if student:
        chosen = list(filter(own.__contains__, chosen))
    if len(chosen) == 1:
        return course.part(chosen[0])
    every = filter(None, (one.key for one in assignment.exercises))
    # Who has a sheet is told of its exercises, not of the others of a pool.
    known = ", ".join(own or every)
    if name:
        found, remedy = f"has no exercise {name!r}", f"there are {known or 'none'}"
    else:
        found, remedy = "holds several exercises", f"say which: {known}"
    raise CourseError.at(str(course.folder), "the course", found, remedy)
