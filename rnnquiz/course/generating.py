"""`rnnquiz generate`: variants, sheets, keys and templates for a roster; goes on where it was
interrupted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, filterfalse
from pathlib import Path

from rnnquiz.assignment import Assignment
from rnnquiz.bank.specification import Bank
from rnnquiz.course.assignments import assignment_of, set_assignment, set_language, with_sheets
from rnnquiz.course.class_files import ClassFiles
from rnnquiz.course.crew import check_executor, crew_for
from rnnquiz.course.issued import keep_layout
from rnnquiz.course.issuing import Issuing
from rnnquiz.course.known_again import changes_of, known_again
from rnnquiz.course.store import Course
from rnnquiz.course.terms import take_part
from rnnquiz.course.wanted import SHEETS_AND_KEYS, Wanted
from rnnquiz.documents.engines import names_not_set
from rnnquiz.errors import CourseError
from rnnquiz.files.private import make_folder, refuse_links
from rnnquiz.people.roster import Student, among
from rnnquiz.progress import Progress, unseen
from rnnquiz.variants.issue import Report


@dataclass(frozen=True, repr=False)
class Generated:
    """What a run of generate did: students, variants made now, files written now, why draws were
    refused, what could not be set.

    `notes`: what the roster changes in a course that is there already.
    """

    students: int
    new_variants: int
    written: int
    report: Report
    problems: list[str]
    notes: list[str]

    def __repr__(self) -> str:
        return (
            f"<Generated: {self.students} students, {self.new_variants} new, {self.written} files>"
        )


def generate(
    exercises: Bank | Assignment,
    roster: list[Student],
    folder: Path,
    wanted: Wanted = SHEETS_AND_KEYS,
    progress: Progress = unseen,
    executor: str = "processes",
) -> Generated:
    """Issue what is missing and write what is missing. `executor`: who does the work, one of
    `crew.EXECUTORS`.

    Every variant is stored before any of its files is written; every file is whole or absent. A
    retake is for those of the `roster` who had a sheet before.
    """
    check_executor(executor)
    term = take_part(folder, wanted.term)
    # A retake is for students whom the course has already.
    if term is not None and wanted.attempt == 1:
        roster = _in_term(term, roster)
    with Course.create(folder) as first:
        assignment, wanted = _agreed(first, exercises, wanted)
        course = first.sitting(wanted.attempt)
        files = _files_of(assignment, folder, wanted)
        waiting, notes = _waiting(course, roster)
        notes += _names_in_doubt(roster, wanted)
        # Before any file is written: two layouts in one folder would be handed out as one.
        _keep_layouts(course, wanted)
        before = with_sheets(course, assignment)
        issuing = Issuing(course, assignment, wanted.batches)
        with crew_for(executor, files.rehearsal, files.work(before, waiting)) as crew:
            # Who has numbers already is given what is missing of the documents.
            issued = chain([before], issuing.issue(waiting, crew, progress))
            students = len(before) + len(waiting)
            steps = students * len(files.kinds)
            written, problems = files.make(issued, crew, partial(progress, "documents"), steps)
        everyone = with_sheets(course, assignment)
    written += files.finish(everyone, bool(problems))
    new = len(everyone) - len(before)
    return Generated(len(everyone), new, written, issuing.report, problems, notes)


def _agreed(
    course: Course, exercises: Bank | Assignment, wanted: Wanted
) -> tuple[Assignment, Wanted]:
    """The assignment as the course keeps it from now on, and what is wanted in its language."""
    assignment = _in_its_language(course, assignment_of(exercises), wanted)
    wanted = replace(wanted, style=replace(wanted.style, language=assignment.language))
    return set_assignment(course, _checked(assignment, wanted)), wanted


def _in_its_language(course: Course, assignment: Assignment, wanted: Wanted) -> Assignment:
    """The assignment in the language that is wanted, or else in that of the course, or of its
    file."""
    # A bank that names no language is in English, too: then the course decides.
    known = course.language() if assignment.language.plain else None
    chosen = wanted.language or known or assignment.language
    set_language(course, chosen)
    return assignment.in_language(chosen)


def _in_term(term: Path, roster: Sequence[Student]) -> list[Student]:
    """The roster with the ids that the term has for its students; who is new is taken up there,
    too."""
    with Course.open(term) as course:
        students, _ = known_again(course, roster)
        course.add_students(students)
    return students


def _place_of(folder: Path, wanted: Wanted) -> Path:
    """The folder of the files, there and closed to others."""
    place = folder / wanted.place
    # The folder of a retake lies within the course, where no link is followed.
    if wanted.place:
        refuse_links(folder, wanted.place.rstrip("/"))
        make_folder(place)
    return place


def _files_of(assignment: Assignment, folder: Path, wanted: Wanted) -> ClassFiles:
    """The files that are wanted of the class, in a folder that is there."""
    place = _place_of(folder, wanted)
    return ClassFiles(wanted.recipe(assignment), wanted.kinds, wanted.templates, place)


def _names_in_doubt(roster: Sequence[Student], wanted: Wanted) -> list[str]:
    """A line for each name that the engine cannot set as it is, where it is to set documents."""
    if wanted.engine is None or not wanted.documents:
        return []
    return names_not_set(wanted.engine, [student.shown for student in roster])


def _keep_layouts(course: Course, wanted: Wanted) -> None:
    """CourseError where documents of a kind are there already in another layout."""
    for kind in wanted.kinds:
        keep_layout(course, f"{wanted.place}{kind}", wanted.words(kind))


def _waiting(course: Course, roster: Sequence[Student]) -> tuple[list[Student], list[str]]:
    """Who needs a sheet of the attempt, and a line for each change that the roster brings. New
    students are taken up for the first attempt only; for a retake they are an error."""
    students, notes = known_again(course, roster)
    if course.attempt == 1:
        notes += changes_of(course, students)
        course.add_students(students)
        return course.waiting(), notes
    _refuse_new(course, students)
    listed = {student.id for student in students}
    wanted = listed - course.sheets().keys()
    # In the order of the course, whose positions are in the names of the files.
    return among(course.students(), wanted), notes


def _refuse_new(course: Course, students: Sequence[Student]) -> None:
    earlier = course.attempt - 1
    before = course.sitting(earlier).sheets()
    ids = [student.id for student in students]
    unknown = list(filterfalse(before.__contains__, ids))
    if unknown:
        found = f"no sheet of attempt {earlier}: {', '.join(unknown[:20])}"
        remedy = "take them off the list, or give them that attempt first"
        raise CourseError.at(str(course.folder), "--students", found, remedy)


def _checked(assignment: Assignment, wanted: Wanted) -> Assignment:
    """The assignment, where all that is wanted can be made of it; CourseError where a template of
    the teacher's would write one problem in the notation of another."""
    own = wanted.style.templates
    notations = {exercise.bank.notation.name for exercise in assignment.exercises}
    if own is None or len(notations) == 1:
        return assignment
    # Our own templates turn at the heading of each problem.
    for name, text in own.texts:
        if name.startswith("document.") and "turn(" not in text:
            found = "does not turn to the notation of each problem, and these have several"
            remedy = "write  turn(block.notation)  in the heading of a problem, as ours does"
            raise CourseError.at(f"{own.folder}/{name}", "template", found, remedy)
    return assignment
