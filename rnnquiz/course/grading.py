"""`rnnquiz grade`: sheets to marks, gradebook and feedback pages; nothing that is wrong
stops the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

from rnnquiz import __version__
from rnnquiz.assignment import Assignment, PortableAssignment
from rnnquiz.course.assignments import exercises_of, marking_assignment
from rnnquiz.course.box_names import NumberedBoxes, SheetNames, parted
from rnnquiz.course.crew import Progress, hired
from rnnquiz.course.desk import QUIET, Desk, Graded, Shelf
from rnnquiz.course.evidence import evidence_in
from rnnquiz.course.marking import Wish, ready
from rnnquiz.course.receiving import receive
from rnnquiz.course.responses import as_shown
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError, Problem
from rnnquiz.roster import Lookup
from rnnquiz.submissions.collect import Unread, collect
from rnnquiz.submissions.sheets import Packed, Sheet

MOST_LINES = 20  # of a message


def grade(
    folder: Path,
    submissions: Path,
    out: Path | None,
    dry_run: bool = False,
    evidence: bool = False,
    pages: bool = True,
    engine: str | None = None,
    progress: Progress = QUIET,
    late: str = "mark",
    report: bool = True,
    executor: str = "processes",
) -> Graded:
    """Mark what was handed in. Nothing is stored or written in a dry run. `evidence` gives every
    box's verdict back; `engine` makes the feedback pages PDFs, too. `late`: what becomes of late
    sheets (`receiving.LATE`). `report`: write the class report, too.
    `executor`: who does the work, one of `crew.EXECUTORS`."""
    if (
        out is not None
        and submissions.is_dir()
        and out.resolve().is_relative_to(submissions.resolve())
    ):
        raise CourseError(
            str(out), Problem("--out", "lies in the folder of submissions", "choose another folder")
        )
    with Course.open(folder) as course:
        assignment, place = marking_assignment(course), None if dry_run else out
        chosen, problems, refused = _received(course, assignment, submissions, late)
        portable = PortableAssignment.of(assignment)
        wish = Wish(portable, evidence or place is not None, pages and place is not None, engine)
        parts, strange = parted_sheets(course, assignment, chosen)
        problems += strange
        desk = Desk(course, assignment, parts, Graded(problems=problems), refused)
        banks = {one.key: one.bank for one in assignment.exercises}
        storing = (
            nullcontext()
            if dry_run
            else course.runs(banks, __version__, f"grade {submissions.name}")
        )
        keeping, hands = (
            evidence_in(place, assignment.head.id),
            hired(executor, partial(ready, wish), desk.work(wish)),
        )
        with (
            keeping as kept,
            hands as crew,
            storing as runs,
        ):  # left in reverse: the marks are stored before their evidence is in place
            results = desk.graded.results if evidence else []
            desk.mark(
                wish,
                crew,
                Shelf(place, runs, kept),
                lambda key, made: results.extend(map(json.loads, made.evidence)),
                progress,
            )
        if place is not None:
            desk.write(place, report)
            desk.note(place, "grade")
    return desk.graded


def parted_sheets(
    course: Course, assignment: Assignment, chosen: Mapping[str, Sheet]
) -> tuple[dict[str, dict[str, Sheet]], list[str]]:
    """Of each exercise, what each student's sheet says of it; a line for each name that is none of
    their boxes."""
    if assignment.alone:
        return {"": dict(chosen)}, []
    own, known = exercises_of(course, assignment), SheetNames(assignment)
    parts: dict[str, dict[str, Sheet]] = {one.key: {} for one in assignment.exercises}
    lines = list[str]()
    for student, sheet in chosen.items():
        names = known.of(own[student])
        if not isinstance(names, NumberedBoxes):
            parts[own[student][0]][student] = sheet
            continue
        answers, strange = parted(sheet.answers, names)
        lines += [f"{sheet.source}: {name[:80]!r} {_STRANGE} ({student!r})" for name in strange]
        for key in own[student]:
            mine = answers[assignment[key].place]
            parts[key][student] = replace(sheet, answers=Packed(mine))
    return parts, lines


_STRANGE = "is no box of the sheet, or of more than one problem -> use the names of the template"


def _received(
    course: Course, assignment: Assignment, submissions: Path, late: str
) -> tuple[dict[str, Sheet], list[str], dict[str, str]]:
    """The sheet that counts for each student, a line for whatever does not, and why nothing counts
    of a student who handed in.

    CourseError where nothing can be marked at all, so that no gradebook is overwritten by an empty
    one.
    """
    sheets, problems = collect(submissions)
    if assignment.alone:
        sheets, unmarked = as_shown(course, assignment.exercises[0].bank, sheets)
        problems += unmarked
    students = {student.id: student for student in course.students()}
    own, tokens = exercises_of(course, assignment), course.sheets()
    chosen, lines, refused = receive(assignment, sheets, students, tokens, late, own)
    if not chosen:
        found = [Problem("", line) for line in [*problems, *lines][:MOST_LINES]]
        nothing = Problem(
            "nothing can be marked",
            f"{len(sheets)} sheets were read",
            "give the file or folder of what was handed in",
        )
        raise CourseError(str(submissions), [nothing, *found])
    lookup = Lookup(students.values())
    by_token = {token: student for student, token in tokens.items()}
    for line in problems:
        if isinstance(line, Unread):
            named = lookup.find(line.known_as)
            owner = by_token.get(line.token.lower()) or (named.id if named is not None else None)
            if owner is not None and owner not in chosen:
                refused.setdefault(owner, line)
    return chosen, [*problems, *lines], refused
