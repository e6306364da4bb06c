"""The command that says why a box got its verdict."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnquiz.commands.frame import (
    AS_JSON,
    ATTEMPT,
    FILE,
    show_json,
    student_of,
)  # fmt: skip
from rnnquiz.errors import CourseError
from rnnquiz.text import nearest

if TYPE_CHECKING:
    from rnnquiz.bank.specification import Box
    from rnnquiz.course.records import NewestMarking
    from rnnquiz.course.store import Course
    from rnnquiz.grade.marked import Marked


@click.command("explain")
@click.argument("course", type=FILE)
@click.argument("student")
@click.argument("box")
@ATTEMPT
@AS_JSON
def explain_box(course: Path, student: str, box: str, attempt: int, as_json: bool) -> None:
    """How one box was judged, for an appeal.

    Formula, numbers used, accepted interval, mistakes tried.

    \b
    rnnquiz explain course s17 'dL[2]/dU'
    rnnquiz explain course s17 '2: dL[2]/dU'      of the second exercise
    """
    from rnnquiz.bank.variant import arrays_of
    from rnnquiz.course.assignments import box_named
    from rnnquiz.course.kept import variant_of
    from rnnquiz.course.store import Course
    from rnnquiz.grade.answers import known_boxes
    from rnnquiz.grade.diagnose import Diagnosis
    from rnnquiz.grade.explain import explained
    from rnnquiz.grade.mark import mark

    with Course.open(course) as opened:
        meant = student_of(opened, student)
        part, box = box_named(opened.sitting(attempt), box, meant)
        row = _newest(part, meant)
        # An appeal is about what was judged: by the bank of then, and the numbers of then.
        bank = part.bank(row.bank)
        variant = variant_of(part, row)
    # Those that nobody was asked for, too, as a student may have filled them.
    boxes = known_boxes(bank)
    if box not in boxes:
        near = nearest(box, boxes)
        raise CourseError.at(str(course), "box", f"{box!r} is no box", near)
    diagnosis = Diagnosis(bank)
    marked = mark(bank, arrays_of(bank, [variant]), [row.answers], diagnosis)
    told = explained(marked, 0, boxes[box], diagnosis)
    if as_json:
        judged = _judged(marked, boxes[box])
        shown = {"student": meant, **judged, "says": told.splitlines()}
        show_json(shown, letters=True)
        return
    click.echo(told)


def _newest(course: Course, student: str) -> NewestMarking:
    """How a student stands in an exercise; CourseError where nothing is marked."""
    by_student = {row.student: row for row in course.standing()}
    if student not in by_student:
        found = f"nothing is marked of {student!r}"
        raise CourseError.at(str(course.folder), "student", found, "run rnnquiz grade first")
    return by_student[student]


def _judged(marked: Marked, box: Box) -> dict[str, Any]:
    """The verdict on a box of the first sheet, for programs."""
    asked = {box.name: place for place, box in enumerate(marked.bank.boxes)}
    # One that is not asked has no place among those that are.
    judged = marked.result(0, box, asked.get(box.name))
    return {
        "box": judged.box,
        "typed": judged.typed,
        "verdict": judged.verdict,
        "reason": judged.reason,
        "marks": judged.marks,
        "of": judged.of,
        "accepted": [judged.low, judged.high],
        "exact": judged.exact,
    }
