"""What was handed in before, as the course keeps it: of each problem the newest marking, and the
sheet that it was of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rnnquiz.assignment import Assignment
from rnnquiz.bank.variant import Variant
from rnnquiz.course.records import NewestMarking
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError
from rnnquiz.pages.layout.page import Page
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.submissions.sources import Source


def standing_rows(course: Course, assignment: Assignment) -> dict[str, list[NewestMarking]]:
    """The newest marking of each student, exercise by exercise. Who was marked by two exercises of
    a pool (a quiz may show another one than the sheet has) counts by the newer marking."""
    rows = {one.key: course.part(one.key).standing() for one in assignment.exercises}
    newest: dict[tuple[str, int], int] = {}
    for key, standing in rows.items():
        for row in standing:
            at = row.student, assignment[key].place
            # Runs are numbered as they come, and two exercises never share one.
            newest[at] = max(newest.get(at, 0), row.run)
    found: dict[str, list[NewestMarking]] = {key: [] for key in rows}
    for key, standing in rows.items():
        place = assignment[key].place
        for row in standing:
            if row.run == newest[row.student, place]:
                found[key].append(row)
    return found


def stored_sheet(row: NewestMarking, pages: Mapping[tuple[int, str], str]) -> Sheet:
    """What was handed in, as it was stored; a worked page is read again."""
    # Of where it was found the course has only the words.
    sheet = Sheet(
        Source.of(row.source), row.student, "", row.answers, numbers=row.numbers, late=row.days > 0,
        days=row.days, taken_off=row.taken_off,
    )  # fmt: skip
    page = pages.get((row.run, row.student))
    if page is None:
        return sheet
    return replace(sheet, page=Page.from_json(page))


def variant_of(course: Course, row: NewestMarking) -> Variant:
    """The numbers that a student was marked by; CourseError where they were another's who was
    erased."""
    owner: str | None = row.student
    if row.numbers:
        owner = course.owners().get(row.numbers)
    if owner is None:
        found = (
            f"was marked by the numbers {row.numbers}, which were erased with the student whose"
            " sheet has them"
        )
        remedy = "the marks stay as they are stored"
        raise CourseError.at(str(course.folder), row.student, found, remedy)
    return course.variants([owner])[0]
