"""Commands about what was handed in: marks, what would change, how a box was judged, gradebooks of
other systems."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnquiz.commands.frame import (
    AS_JSON,
    ATTEMPT,
    CLOSE,
    EXECUTOR,
    FILE,
    MOST_ATTEMPTS,
    BankName,
    counted,
    engine_of,
    keep_private,
    one_of,
    progress_bar,
    student_of,
)  # fmt: skip
from rnnquiz.errors import CourseError, Problem
from rnnquiz.resources import bank_path
from rnnquiz.text import nearest

if TYPE_CHECKING:
    from rnnquiz.course.clearing import Cleared
    from rnnquiz.course.regrading import Change

MOST_NAMES, TABLE = 200, "gradebook.csv"


@click.command()
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
def grade(
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
    from rnnquiz.course.grading import GradeOptions
    from rnnquiz.course.grading import grade as run

    if out is None and not dry_run and not as_json:
        raise click.UsageError("give --out FOLDER, or --dry-run")
    if per_day and not due and dates is None:
        raise click.UsageError("--per-day needs to know when sheets were due: --due, or --dates")
    keep_private(closing and not dry_run, course, out)
    with progress_bar() as progress:
        made = engine_of("auto") if pdf else None
        options = GradeOptions(
            dry_run, as_json, not no_pages, made, late, not no_report, executor, attempt,
            read_due(due), per_day / 100, dates,
        )  # fmt: skip
        graded = run(course, submissions, out, options, progress)
    if as_json:
        without = {row.id: row.status for row in graded.rows if row.marks is None}
        shown = {"problems": graded.problems, "matches": graded.matches, "results": graded.results}
        shown["without_marks"] = without
        click.echo(json.dumps(shown, indent=1, ensure_ascii=False))
        return
    _show_marks(graded)
    if out is not None and not dry_run:
        reports = ", ".join(map(str, graded.reports)) or out / "report.html"
        click.echo(
            f"gradebook: {out / 'gradebook.csv'}\nfeedback:  {out / 'feedback'}\nreport:   "
            f" {reports}"
        )


def _show_marks(graded: Any) -> None:
    for row in graded.rows if len(graded.rows) <= 40 else []:
        marks = row.status[:60] if row.marks is None else f"{row.marks:6.2f} / {row.maximum:.2f}"
        click.echo(
            f"{row.id:12.12} {row.name:28.28} {marks} "
            f" {row.first_wrong and 'first wrong step: ' + row.first_wrong}"
        )
    earlier = sum(row.status == "marked earlier" for row in graded.rows)
    also = f"; {earlier} stand as they were marked earlier" if earlier else ""
    click.echo(f"{graded.marked} of {len(graded.rows)} marked, mean {graded.mean:.2f}{also}")
    for status in ("not handed in", "handed in, not marked"):
        if names := [row.id for row in graded.rows if row.status.partition(":")[0] == status]:
            more = f", ... (all of them in {TABLE})" if len(names) > MOST_NAMES else ""
            click.echo(f"{status}: {len(names)}: {', '.join(names[:MOST_NAMES])}{more}")
    for match in graded.matches:
        click.echo(f"  to look at: {match}")
    for problem in graded.problems:
        click.echo(f"  {problem}", err=True)


@click.command()
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
def regrade(
    course: Path, bank_: str | None, out: Path | None, apply: bool, attempt: int, as_json: bool,
    closing: bool,
) -> None:  # fmt: skip
    """What another marking would change; --apply stores it.

    \b
    rnnquiz regrade course --bank new_marks.yaml
    """
    from rnnquiz.assignment_files import load_assignment
    from rnnquiz.course.regrading import regrade as run

    keep_private(closing, course, out)
    given = load_assignment(bank_path(bank_)) if bank_ else None
    changes, graded = run(course, given, out, apply, attempt)
    if as_json:
        rows = [_as_data(change) for change in changes]
        click.echo(json.dumps({"applied": apply, "changes": rows}, indent=1))
        return
    for old, new in sorted({change.maxima for change in changes}):
        if old != new:
            words = "look at the per cent, and at the maximum where marks were exported"
            click.echo(f"the maximum changes: {old:.2f} -> {new:.2f}; {words}")
    for change in changes:
        shares, maxima = change.percents, change.maxima
        click.echo(
            f"{change.student}: {change.before:.2f} / {maxima[0]:.2f} ({shares[0]:.1f} %) -> "
            f"{change.after:.2f} / {maxima[1]:.2f} ({shares[1]:.1f} %)"
        )
        for box, before, after in change.boxes:
            click.echo(f"    {box}: {before or 'not marked'} -> {after}")
    for problem in graded.problems:
        click.echo(f"  {problem}", err=True)
    verb = "changes" if len(changes) == 1 else "change"
    stored = f"stored as run {graded.run}" if apply else "nothing was stored (use --apply)"
    click.echo(f"{counted(len(changes), 'student')} {verb}; {stored}")


def _as_data(change: Change) -> dict[str, Any]:
    return {
        "student": change.student,
        "before": change.before,
        "after": change.after,
        "maximum_before": change.maxima[0],
        "maximum_after": change.maxima[1],
        "percent_before": round(change.percents[0], 4),
        "percent_after": round(change.percents[1], 4),
        "boxes": [list(box) for box in change.boxes],
    }


@click.command()
@click.argument("course", type=FILE)
@click.option(
    "--to", "target", required=True, metavar="FORM", help="The form of the file, see above."
)
@click.option("--out", required=True, type=FILE, help="The file to write.")
@click.option(
    "--into",
    type=FILE,
    help="The file that canvas, moodle, brightspace or blackboard gave out, to put the marks into.",
)
@click.option("--column", default="", help="Which of its columns, where there are several.")
@click.option(
    "--feedback",
    type=FILE,
    help="The folder of feedback pages (of grade --out), for moodle-feedback.",
)
@click.option(
    "--wheels",
    type=FILE,
    help="A folder of wheels, for a gradescope autograder that installs without a network.",
)
@click.option(
    "--count",
    type=click.Choice(["best", "last", "mean"]),
    default="best",
    show_default=True,
    help="Which attempt counts, where there is a retake.",
)
@click.option(
    "--attempt",
    type=click.IntRange(1, MOST_ATTEMPTS),
    default=1,
    show_default=True,
    help="Of the gradescope autograder: the first sheets, or those of a retake.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@AS_JSON
@CLOSE
def export(
    course: Path,
    target: str,
    out: Path,
    into: Path | None,
    column: str,
    feedback: Path | None,
    wheels: Path | None,
    count: str,
    attempt: int,
    dry_run: bool,
    as_json: bool,
    closing: bool,
) -> None:
    """Marks as a gradebook, or into a system's file.

    \b
    rnnquiz export course --to canvas --into downloaded.csv --out upload.csv

    \b
    canvas, moodle, brightspace, blackboard   its own file, given with --into: only marks (and
    comments) change moodle-gradebook                          for Moodle's import of grades,
    checked before moodle-feedback                           feedback pages in the folders of
    Moodle's download gradescope                                an autograder to upload, with the
    numbers of each student csv, json, xlsx                           plain gradebooks

    Who has no marks is listed; where nobody has, nothing is written, and that is an error.
    """
    from rnnquiz.course.exporting import TARGETS, Wish
    from rnnquiz.course.exporting import export as run
    from rnnquiz.exports.layouts import LAYOUTS

    if into is not None and target not in LAYOUTS:
        raise click.UsageError(f"--into is for {', '.join(LAYOUTS)}")
    if attempt > 1 and target != "gradescope":
        raise click.UsageError("--attempt is for gradescope; of marks, --count says which counts")
    if not out.parent.is_dir():
        raise CourseError(
            str(out),
            Problem("--out", f"there is no folder {out.parent}", "make it, or mend the path"),
        )
    if wheels is not None and not wheels.is_dir():
        raise CourseError(
            str(wheels),
            Problem(
                "--wheels", "is no folder", "give one, if it is empty: what is missing is said"
            ),
        )
    found = tuple(sorted(wheels.iterdir())) if wheels is not None else None
    keep_private(closing and not dry_run, course)
    wish = Wish(into, column, feedback, found, count, attempt)
    done = run(course, one_of(TARGETS, target), out, wish, dry_run)
    if as_json:
        shown = {"out": str(out), "written": done.written, "changed": done.changed}
        shown |= {"notes": done.notes, "problems": done.problems}
        click.echo(json.dumps(shown, indent=1))
        return
    changed = f", {done.changed} of them changed" if target in LAYOUTS else ""
    click.echo(
        f"{counted(done.written, 'student')} {'would be ' if dry_run else ''}written to"
        f" {out}{changed}"
    )
    for note in done.notes:
        click.echo(f"  {note}")
    for problem in done.problems:
        click.echo(f"  {problem}", err=True)


@click.command()
@click.argument("course", type=FILE)
@click.argument("students", nargs=-1, required=True)
@click.option(
    "--out", "grades", type=FILE, multiple=True,
    help="A folder that grade wrote, to clear of them, too; may be repeated.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only say what would be forgotten.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@CLOSE
def erase(
    course: Path, students: tuple[str, ...], grades: tuple[Path, ...], dry_run: bool, yes: bool,
    closing: bool,
) -> None:  # fmt: skip
    """Forget students, when the law asks for it.

    \b
    rnnquiz erase course s17 --out grades

    STUDENTS are ids: their rows in the course, their files in its folder, and with --out what a
    folder of grades has of them. It cannot be undone.

    What else the course has put elsewhere is named: other folders of grades, exported files. What
    was handed in, and what learning systems were given, is not reached: delete it yourself. Take
    the students off the roster, too, or generate gives them their sheets again.
    """
    from rnnquiz.course.erasing import erase as run

    keep_private(closing and not dry_run, course, *grades)
    found = run(course, students, True, grades)
    for file in found.files:
        click.echo(f"  {file}")
    shown = ((students, "student"), (range(found.markings), "marking"), (found.files, "file"))
    click.echo(", ".join(counted(len(what), word) for what, word in shown))
    _show_cleared(found.cleared)
    if not dry_run:
        if not yes:
            click.confirm("forget them?", abort=True)
        run(course, students, False, grades)
        again = "generate makes the documents of the class again, regrade --apply --out the report"
        click.echo(f"forgotten; {again}")
    for path, words in found.outside:
        again = "make it again" if words not in ("grade", "regrade") else "give it as --out"
        found_at = f"outside of the course, written by {words}, not touched: {path}"
        click.echo(f"  {found_at} -> {again}, or delete it", err=True)
    elsewhere = "what was handed in, what learning systems were given, backups"
    click.echo(f"  not reached: {elsewhere} -> delete it there", err=True)


def _show_cleared(cleared: list[Cleared]) -> None:
    for one in cleared:
        for file in one.removed:
            click.echo(f"  {file}")
        for file in one.rewritten:
            click.echo(f"  {file}: their rows")
        for file in one.left:
            words = "names them, and is none of the files that grade writes"
            click.echo(f"  {file}: {words} -> look at it", err=True)


@click.command()
@click.argument("course", type=FILE)
@click.argument("student")
@click.argument("box")
@ATTEMPT
@AS_JSON
def explain(course: Path, student: str, box: str, attempt: int, as_json: bool) -> None:
    """How one box was judged, for an appeal.

    Formula, numbers used, accepted interval, mistakes tried.

    \b
    rnnquiz explain course s17 'dL[2]/dU'
    rnnquiz explain course s17 '2: dL[2]/dU'      of the second exercise
    """
    from rnnquiz.bank.variant import arrays_of
    from rnnquiz.course.assignments import box_named
    from rnnquiz.course.store import Course
    from rnnquiz.explain import explain as words
    from rnnquiz.grade.answers import known_boxes
    from rnnquiz.grade.diagnose import Diagnosis
    from rnnquiz.grade.mark import mark

    with Course.open(course) as opened:
        meant = student_of(opened, student)
        part, box = box_named(opened.sitting(attempt), box, meant)
        row = next((row for row in part.standing() if row.student == meant), None)
        if row is None:
            raise CourseError(
                str(course),
                Problem("student", f"nothing is marked of {meant!r}", "run rnnquiz grade first"),
            )
        bank = part.bank(row.bank)
        variant = part.variant_of(row)
    boxes = known_boxes(bank)
    if box not in boxes:
        raise CourseError(str(course), Problem("box", f"{box!r} is no box", nearest(box, boxes)))
    diagnosis = Diagnosis(bank)
    marked = mark(bank, arrays_of(bank, [variant]), [row.answers], diagnosis)
    told = words(marked, 0, boxes[box], diagnosis)
    if not as_json:
        click.echo(told)
        return
    judged = marked.result(
        0, boxes[box], next((k for k, b in enumerate(bank.boxes) if b.name == box), None)
    )
    shown: dict[str, Any] = {
        "student": meant,
        "box": judged.box,
        "typed": judged.typed,
        "verdict": judged.verdict,
        "reason": judged.reason,
    }
    shown |= {
        "marks": judged.marks,
        "of": judged.of,
        "accepted": [judged.low, judged.high],
        "exact": judged.exact,
    }
    click.echo(json.dumps(shown | {"says": told.splitlines()}, indent=1, ensure_ascii=False))
