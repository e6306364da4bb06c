"""`rnnquiz grade`: sheets to marks, gradebook and feedback pages; nothing that is wrong
stops the rest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from rnnquiz.assignment import Assignment, PortableAssignment, place_of
from rnnquiz.course.assignments import exercises_of, marking_assignment
from rnnquiz.course.box_names import SheetNames
from rnnquiz.course.bundles import MarkingOptions, Outcome
from rnnquiz.course.crew import check_executor, crew_for
from rnnquiz.course.deadlines import Dates, Deadline, read_dates
from rnnquiz.course.desk import Desk
from rnnquiz.course.evidence import evidence_in
from rnnquiz.course.graded import Graded, Shelf
from rnnquiz.course.kept import standing_rows, stored_sheet
from rnnquiz.course.marking import ready
from rnnquiz.course.parting import by_exercise, is_empty, with_parts_of
from rnnquiz.course.receiving import Received, receive
from rnnquiz.course.responses import as_shown
from rnnquiz.course.runs import marking_runs, worked_pages
from rnnquiz.course.store import Course
from rnnquiz.errors import MOST_PROBLEMS, CourseError, Problem
from rnnquiz.people.roster import Lookup, Student
from rnnquiz.progress import Progress, unseen
from rnnquiz.submissions.collect import collect
from rnnquiz.submissions.owners import token_written
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.submissions.sources import Notice, Refusal
from rnnquiz.version import __version__


@dataclass(frozen=True)
class GradeOptions:
    """How a class is marked.

    `dry_run`: store and write nothing. `evidence`: give every box's verdict back. `pages`: write
    the feedback pages; `engine` makes them PDFs, too. `report`: write the class report. `late`:
    what becomes of late sheets, mark or refuse; `due`, `per_day` and `dates` as in `Deadline`, the
    latter a file. `executor`: who does the work, one of
    `crew.EXECUTORS`. `attempt`: whose sheets these are, those of the first, or of a retake.
    """

    dry_run: bool = False
    evidence: bool = False
    pages: bool = True
    engine: str | None = None
    late: str = "mark"
    report: bool = True
    executor: str = "processes"
    attempt: int = 1
    due: datetime | None = None
    per_day: float = 0.0
    dates: Path | None = None

    def deadline(self, students: Iterable[Student]) -> Deadline:
        """When sheets are due, and what becomes of late ones."""
        own = dict[str, Dates]()
        if self.dates is not None:
            own = read_dates(self.dates, Lookup(students))
        return Deadline(self.late, self.due, self.per_day, own)


AS_USUAL = GradeOptions()


def grade(
    folder: Path,
    submissions: Path,
    out: Path | None,
    options: GradeOptions = AS_USUAL,
    progress: Progress = unseen,
) -> Graded:
    """Mark what was handed in; `out` is a folder for gradebook, feedback and report."""
    if out is not None:
        _refuse_within(submissions, out)
    check_executor(options.executor)
    with Course.open(folder) as whole:
        course = whole.sitting(options.attempt)
        assignment, place = marking_assignment(course), None if options.dry_run else out
        desk = _desk(course, assignment, submissions, options)
        portable, written = PortableAssignment.of(assignment), place is not None
        evidence, pages = options.evidence or written, options.pages and written
        wish = MarkingOptions(portable, evidence, pages, options.engine)
        _mark(desk, wish, place, options, f"grade {submissions.name}", progress)
        if place is not None:
            desk.write(place, options.report)
            desk.note(place, "grade")
    return desk.graded


def _desk(course: Course, assignment: Assignment, submissions: Path, options: GradeOptions) -> Desk:
    """A desk with what counts of all that was handed in, and nobody else who holds the sheets:
    they go when they are marked."""
    deadline = options.deadline(course.students())
    received, unread = _received(course, assignment, submissions, deadline)
    # Without a table of dates, who was excused by an earlier one stays so.
    if options.dates is not None and not options.dry_run:
        course.set_excused(deadline.excused)
    parts, strange = parted_sheets(course, assignment, received.sheets)
    lines = [str(line) for line in (*unread, *received.lines, *strange)]
    why = _why_nothing_counts(course, received, unread)
    desk = Desk(course, assignment, parts, Graded(problems=lines), why)
    # A dry run stores nothing, and shows them as excused all the same.
    desk.excused |= deadline.excused
    return desk


def _refuse_within(submissions: Path, out: Path) -> None:
    # What lies there would be read as handed in the next time.
    if submissions.is_dir() and out.resolve().is_relative_to(submissions.resolve()):
        found = "lies in the folder of submissions"
        raise CourseError.at(str(out), "--out", found, "choose another folder")


def _mark(
    desk: Desk,
    wish: MarkingOptions,
    place: Path | None,
    options: GradeOptions,
    note: str,
    progress: Progress,
) -> None:
    """Mark all that lies on the desk, and store it under a note."""
    banks = {one.key: one.bank for one in desk.assignment.exercises}
    dry = options.dry_run
    storing = nullcontext() if dry else marking_runs(desk.course, banks, __version__, note)
    keeping = evidence_in(place, desk.assignment.head.id)
    prepare = partial(ready, wish)
    hands = crew_for(options.executor, prepare, desk.work(wish))
    # Left in reverse: the marks are stored before their evidence is in place.
    with keeping as kept, hands as crew, storing as runs:
        shelf = Shelf(place, runs, kept)

        def told(key: str, made: Outcome) -> None:
            # Evidence that goes into its file alone is not kept: of a large class it is most of
            # the memory.
            if options.evidence:
                desk.graded.results.extend(map(json.loads, made.evidence))

        desk.mark(wish, crew, shelf, told, progress)


def parted_sheets(
    course: Course, assignment: Assignment, chosen: Mapping[str, Sheet]
) -> tuple[dict[str, dict[str, Sheet]], list[Notice]]:
    """Of each exercise, what each student's sheet says of it; a notice on each name that is none of
    their boxes, and on each problem of an earlier marking that stands."""
    if assignment.alone:
        return {"": dict(chosen)}, []
    own, known = exercises_of(course, assignment), SheetNames(assignment)
    parts: dict[str, dict[str, Sheet]] = {one.key: {} for one in assignment.exercises}
    notices = list[Notice]()
    for student, sheet in chosen.items():
        found, strange = by_exercise(sheet, known, own[student])
        notices += strange
        for key, part in found.items():
            parts[key][student] = part
    notices += _with_stored(course, assignment, parts)
    return parts, notices


def _with_stored(
    course: Course, assignment: Assignment, parts: dict[str, dict[str, Sheet]]
) -> Iterator[Notice]:
    """Put in what was handed in before of problems that are blank now, in place; a notice on
    each."""
    if not assignment.several:
        return
    blank: dict[tuple[str, int], str] = {}
    for key, sheets in parts.items():
        for who, sheet in sheets.items():
            # By its place: another exercise of the pool may have been handed in before.
            if is_empty(sheet):
                blank[who, place_of(key)] = key
    if not blank:
        return
    pages = worked_pages(course)
    for key, rows in standing_rows(course, assignment).items():
        for row in rows:
            stored, at = stored_sheet(row, pages), (row.student, place_of(key))
            if at in blank and not is_empty(stored):
                sheet = parts[blank[at]].pop(row.student)
                whole = replace(stored, attempts=sheet.attempts, late=sheet.late)
                parts[key][row.student] = with_parts_of(sheet, whole)
                standing = f"problem {at[1]} stands as in {row.source} ({row.student!r})"
                yield Notice(sheet.source, standing)


def _others(course: Course) -> dict[str, int]:
    """The tokens of the sheets of other attempts."""
    found: dict[str, int] = {}
    for attempt in course.attempts():
        if attempt != course.attempt:
            tokens = course.sitting(attempt).sheets().values()
            found |= dict.fromkeys(tokens, attempt)
    return found


def _of_attempt(sheet: Sheet, others: Mapping[str, int]) -> Sheet:
    """The sheet, refused where its token is that of another attempt."""
    # In a question of a quiz the token stands behind the key of the exercise.
    _, _, token = token_written(sheet).rpartition("/")
    attempt = others.get(token)
    if attempt is None or sheet.refusal:
        return sheet
    why = f"the token is that of attempt {attempt} -> grade it with --attempt {attempt}"
    return replace(sheet, refusal=why)


def _received(
    course: Course, assignment: Assignment, submissions: Path, deadline: Deadline
) -> tuple[Received, list[Refusal]]:
    """The sheet that counts for each student; and why, for each file that cannot be read.

    CourseError where nothing can be marked at all, so that no gradebook is overwritten by an empty
    one.
    """
    sheets, unread = collect(submissions)
    others = _others(course)
    sheets = [_of_attempt(sheet, others) for sheet in sheets]
    sheets, unmarked = as_shown(course, assignment, sheets)
    unread += unmarked
    students = {student.id: student for student in course.students()}
    own, tokens = exercises_of(course, assignment), course.sheets()
    received = receive(assignment, sheets, students, tokens, deadline, own)
    if not received.sheets:
        some = [*unread, *received.lines][:MOST_PROBLEMS]
        found = [Problem("", str(line)) for line in some]
        nothing = Problem(
            "nothing can be marked",
            f"{len(sheets)} sheets were read",
            "give the file or folder of what was handed in",
        )
        raise CourseError(str(submissions), [nothing, *found])
    return received, unread


def _why_nothing_counts(
    course: Course, received: Received, unread: Sequence[Refusal]
) -> dict[str, str]:
    """Of each student who handed in, and of whom nothing counts, why."""
    lookup = Lookup(course.students())
    by_token = {token: student for student, token in course.sheets().items()}
    found = {student: refusal.why for student, refusal in received.refused.items()}
    for refusal in unread:
        named = lookup.find(refusal.known_as)
        owner = by_token.get(refusal.token.lower())
        if owner is None and named is not None:
            owner = named.id
        # Where nothing else of its owner counts, a file that cannot be read is the reason.
        if owner is not None and owner not in received.sheets:
            found.setdefault(owner, str(refusal))
    return found
