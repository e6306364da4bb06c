"""The command that marks what was handed in, and what it says of the marks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnquiz.commands.columns import show_columns
from rnnquiz.commands.frame import (
    ATTEMPT,
    CLOSE,
    EXECUTOR,
    FILE,
    engine_of,
    keep_private,
    progress_bar,
    show_json,
)  # fmt: skip

if TYPE_CHECKING:
    from rnnquiz.course.graded import Graded
    from rnnquiz.exports.grade_row import GradeRow

MOST_ROWS_SHOWN = 40  # a longer list runs off the screen; the gradebook has it
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
    course: Path, submissions: Path, out: Path | None, dry_run: bool, as_json: bool,
    no_pages: bool, pdf: bool, no_report: bool, late: str, due: str, per_day: float,
    dates: Path | None, attempt: int, executor: str, closing: bool,
) -> None:  # fmt: skip
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
        _show_files(graded, out, options.pages)


def _show_files(graded: Graded, out: Path, pages: bool) -> None:
    """Where gradebook, feedback and report are."""
    click.echo(f"gradebook: {out / 'gradebook.csv'}")
    if pages:
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


def _shown_row(row: GradeRow) -> tuple[str, ...]:
    marks = row.status[:60] if row.marks is None else f"{row.marks:6.2f} / {row.maximum:.2f}"
    first = f"first wrong step: {row.first_wrong}" if row.first_wrong else ""
    return row.id, row.name, marks, first


def _show_marks(graded: Graded) -> None:
    if len(graded.rows) <= MOST_ROWS_SHOWN:
        show_columns(map(_shown_row, graded.rows))
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
