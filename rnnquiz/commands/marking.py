"""Commands that judge what was handed in: marks, what another marking would change, why a box got
its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnquiz.commands.frame import (
    AS_JSON,
    ATTEMPT,
    CLOSE,
    EXECUTOR,
    FILE,
    BankName,
    counted,
    engine_of,
    keep_private,
    progress_bar,
    show_json,
    student_of,
)  # fmt: skip
from rnnquiz.errors import CourseError
from rnnquiz.resources import bank_path
from rnnquiz.text import nearest

if TYPE_CHECKING:
    from rnnquiz.bank.specification import Box
    from rnnquiz.course.graded import Graded
    from rnnquiz.course.records import NewestMarking
    from rnnquiz.course.regrading import Change
    from rnnquiz.course.store import Course
    from rnnquiz.grade.marked import Marked

MOST_STUDENTS_NAMED = 200  # of those without marks: the rest stands in the gradebook


@click.command("grade")
@click.argument("course", type=FILE)
@click.argument("submissions", type=FILE)
@click.option(
    "--out", type=FILE, help="Folder for gradebook, feedback pages, class report and evidence."
)
@click.option("--dry-run", is_flag=True, help="Mark and show, store and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Every verdict with its evidence.")
@click.option("--no-pages", is_flag=True, help="Leave out the feedback pages.")
@click.option("--pdf", is_flag=True, help="The feedback pages also as PDF.")
@click.option("--no-report", is_flag=True, help="Leave out the class report.")
@click.option(
    "--late",
    type=click.Choice(["mark", "refuse"]),
    default="mark",
    show_default=True,
    help="Sheets that the system calls late, or that come after --due.",
)
@click.option(
    "--due",
    default="",
    metavar="DATE",
    help="When they were due, like '2026-12-14 18:00': how late is told by the system's times.",
)
@click.option(
    "--per-day",
    type=click.FloatRange(0, 100),
    default=0.0,
    metavar="PERCENT",
    help="Of all marks, taken off for each day begun after that.",
)
@click.option(
    "--dates",
    type=FILE,
    help="A table of single students: id, and any of due (an extension), handed in, excused.",
)
@ATTEMPT
@EXECUTOR
@CLOSE
def grade_submissions(
    course: Path,
    submissions: Path,
    out: Path | None,
    dry_run: bool,
    as_json: bool,
    no_pages: bool,
    pdf: bool,
    no_report: bool,
    late: str,
    due: str,
    per_day: float,
    dates: Path | None,
    attempt: int,
    executor: str,
    closing: bool,
) -> None:
    """Mark what students handed in.

    \b
    rnnquiz grade course submissions --out grades
    rnnquiz grade course download.zip --dry-run

    SUBMISSIONS is a file, a folder, or an archive as Moodle, Canvas, Gradescope, Brightspace or
    Blackboard give it out: filled PDF forms, YAML, JSON, CSV, XLSX, text with lines such as  h1 =
    0.604 , or Moodle's report of a quiz's responses. Of several sheets of one student the last
    counts; whatever does not count has a line that says why.
    """
    from rnnquiz.course.deadlines import read_due
    from rnnquiz.course.grading import GradeOptions, grade

    if out is None and not dry_run and not as_json:
        raise click.UsageError("give --out FOLDER, or --dry-run")
    if per_day and not due and dates is None:
        raise click.UsageError("--per-day needs to know when sheets were due: --due, or --dates")
    # A dry run changes nothing, no rights either.
    keep_private(closing and not dry_run, course, out)
    with progress_bar() as progress:
        made = engine_of("auto") if pdf else None
        share = per_day / 100
        options = GradeOptions(
            dry_run, as_json, not no_pages, made, late, not no_report, executor, attempt,
            read_due(due), share, dates,
        )  # fmt: skip
        graded = grade(course, submissions, out, options, progress)
    if as_json:
        show_json(_graded_as_data(graded), letters=True)
        return
    _show_marks(graded)
    if out is not None and not dry_run:
        click.echo(f"gradebook: {out / 'gradebook.csv'}")
        if options.pages:
            click.echo(f"feedback:  {out / 'feedback'}")
        if graded.reports:
            click.echo(f"report:    {', '.join(map(str, graded.reports))}")


def _graded_as_data(graded: Graded) -> dict[str, Any]:
    without = {}
    for row in graded.rows:
        if row.marks is None:
            without[row.id] = row.status
    return {
        "problems": graded.problems,
        "matches": graded.matches,
        "results": graded.results,
        "without_marks": without,
    }


def _show_marks(graded: Graded) -> None:
    # A longer list runs off the screen; the gradebook has it.
    for row in graded.rows if len(graded.rows) <= 40 else []:
        marks = row.status[:60] if row.marks is None else f"{row.marks:6.2f} / {row.maximum:.2f}"
        first = f"first wrong step: {row.first_wrong}" if row.first_wrong else ""
        click.echo(f"{row.id:12} {row.name:28.28} {marks}  {first}")
    earlier = sum(row.status == "marked earlier" for row in graded.rows)
    also = f"; {earlier} stand as they were marked earlier" if earlier else ""
    click.echo(f"{graded.marked} of {len(graded.rows)} marked, mean {graded.mean:.2f}{also}")
    for status in ("not handed in", "handed in, not marked"):
        if names := list(_of_status(graded, status)):
            listed = names[:MOST_STUDENTS_NAMED]
            if len(listed) < len(names):
                listed.append("... (all of them in gradebook.csv)")
            click.echo(f"{status}: {len(names)}: {', '.join(listed)}")
    for match in graded.matches:
        click.echo(f"  to look at: {match}")
    # Behind all others, and on the error stream, so that none is overlooked.
    for problem in graded.problems:
        click.echo(f"  {problem}", err=True)


def _of_status(graded: Graded, status: str) -> Iterator[str]:
    for row in graded.rows:
        # Why something was not marked stands behind a colon.
        kind, _, _ = row.status.partition(":")
        if kind == status:
            yield row.id


@click.command("regrade")
@click.argument("course", type=FILE)
@click.option(
    "--bank",
    "bank_",
    type=BankName(),
    help="A bank of the same exercise with other marks, credits, wording or misconceptions.",
)
@click.option("--out", type=FILE, help="Folder for the new gradebook and pages (with --apply).")
@click.option(
    "--apply",
    is_flag=True,
    help=(
        "Store the new marking; the earlier one is kept. Without it, only the differences are"
        " shown."
    ),
)
@ATTEMPT
@AS_JSON
@CLOSE
def regrade_course(
    course: Path, bank_: str | None, out: Path | None, apply: bool, attempt: int, as_json: bool,
    closing: bool,
) -> None:  # fmt: skip
    """What another marking would change; --apply stores it.

    \b
    rnnquiz regrade course --bank new_marks.yaml
    """
    from rnnquiz.assignment_files import load_assignment
    from rnnquiz.course.regrading import regrade

    keep_private(closing, course, out)
    given = load_assignment(bank_path(bank_)) if bank_ else None
    changes, graded = regrade(course, given, out, apply, attempt)
    if as_json:
        rows = [_as_data(change) for change in changes]
        show_json({"applied": apply, "changes": rows})
        return
    # Each once, whichever students they are of.
    for old, new in sorted({change.maxima for change in changes}):
        if old != new:
            words = "look at the per cent, and at the maximum where marks were exported"
            click.echo(f"the maximum changes: {old:.2f} -> {new:.2f}; {words}")
    for change in changes:
        was, now = change.percents
        old, new = change.maxima
        click.echo(
            f"{change.student}: {change.before:.2f} / {old:.2f} ({was:.1f} %) -> "
            f"{change.after:.2f} / {new:.2f} ({now:.1f} %)"
        )
        for box, before, after in change.boxes:
            click.echo(f"    {box}: {before or 'not marked'} -> {after}")
    for problem in graded.problems:
        click.echo(f"  {problem}", err=True)
    verb = "changes" if len(changes) == 1 else "change"
    stored = f"stored as run {graded.run}" if apply else "nothing was stored (use --apply)"
    click.echo(f"{counted(len(changes), 'student')} {verb}; {stored}")


def _as_data(change: Change) -> dict[str, Any]:
    old, new = change.maxima
    was, now = change.percents
    return {
        "student": change.student,
        "before": change.before,
        "after": change.after,
        "maximum_before": old,
        "maximum_after": new,
        "percent_before": round(was, 4),
        "percent_after": round(now, 4),
        "boxes": list(map(list, change.boxes)),
    }


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
    from rnnquiz.explain import explained
    from rnnquiz.grade.answers import known_boxes
    from rnnquiz.grade.diagnose import Diagnosis
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
