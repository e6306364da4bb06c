"""`rnnquiz grade`: sheets to marks, gradebook and feedback pages; nothing that is wrong
stops the rest."""

from __future__ import annotations

import json
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from rnnquiz import __version__
from rnnquiz.bank.load import Portable
from rnnquiz.bank.specification import Bank
from rnnquiz.course.crew import hired
from rnnquiz.course.desk import QUIET, Desk, Graded, Progress
from rnnquiz.course.evidence import evidence_in
from rnnquiz.course.marking import Wish, ready
from rnnquiz.course.receiving import receive
from rnnquiz.course.responses import as_shown
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError, Problem
from rnnquiz.roster import Lookup
from rnnquiz.submissions.collect import Unread, collect
from rnnquiz.submissions.sheets import Sheet

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
        bank, place = course.marking_bank(), None if dry_run else out
        chosen, problems, refused = _received(course, bank, submissions, late)
        wish = Wish(
            Portable.of(bank), evidence or place is not None, pages and place is not None, engine
        )
        desk = Desk(course, bank, chosen, Graded(problems=problems), refused)
        storing = (
            nullcontext() if dry_run else course.run(bank, __version__, f"grade {submissions.name}")
        )
        keeping, hands = (
            evidence_in(place, bank),
            hired(executor, partial(ready, wish), desk.work(wish)),
        )
        with (
            keeping as kept,
            hands as crew,
            storing as run,
        ):  # left in reverse: the marks are stored before their evidence is in place
            results = desk.graded.results if evidence else []
            desk.mark(
                wish,
                crew,
                place,
                run,
                kept,
                lambda made: results.extend(map(json.loads, made.evidence)),
                progress,
            )
        if place is not None:
            desk.write(place, report)
            desk.note(place, "grade")
    return desk.graded


def _received(
    course: Course, bank: Bank, submissions: Path, late: str
) -> tuple[dict[str, Sheet], list[str], dict[str, str]]:
    """The sheet that counts for each student, a line for whatever does not, and why nothing counts
    of a student who handed in.

    CourseError where nothing can be marked at all, so that no gradebook is overwritten by an empty
    one.
    """
    sheets, problems = collect(submissions)
    sheets, unmarked = as_shown(course, bank, sheets)
    problems += unmarked
    students = {student.id: student for student in course.students()}
    chosen, lines, refused = receive(bank, sheets, students, course.tokens(), late)
    if not chosen:
        found = [Problem("", line) for line in [*problems, *lines][:MOST_LINES]]
        nothing = Problem(
            "nothing can be marked",
            f"{len(sheets)} sheets were read",
            "give the file or folder of what was handed in",
        )
        raise CourseError(str(submissions), [nothing, *found])
    lookup = Lookup(students.values())
    by_token = {token: student for student, token in course.tokens().items()}
    for line in problems:
        if isinstance(line, Unread):
            named = lookup.find(line.known_as)
            owner = by_token.get(line.token.lower()) or (named.id if named is not None else None)
            if owner is not None and owner not in chosen:
                refused.setdefault(owner, line)
    return chosen, [*problems, *lines], refused
