"""Commands by which marks leave a course, and by which students do: gradebooks and files of other
systems, and what is forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnnquiz.commands.frame import (
    AS_JSON,
    CLOSE,
    FILE,
    MOST_ATTEMPTS,
    counted,
    keep_private,
    one_of,
    show_json,
)
from rnnquiz.errors import CourseError

if TYPE_CHECKING:
    from rnnquiz.course.clearing import Cleared
    from rnnquiz.exports.roundtrip import Filled


@click.command("export")
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
def export_marks(
    course: Path, target: str, out: Path, into: Path | None, column: str, feedback: Path | None,
    wheels: Path | None, count: str, attempt: int, dry_run: bool, as_json: bool, closing: bool,
) -> None:  # fmt: skip
    """Marks as a gradebook, or into a system's file.

    \b
    rnnquiz export course --to canvas --into downloaded.csv --out upload.csv

    \b
    canvas, moodle, brightspace, blackboard   its own file, given with --into:
                                              only marks (and comments) change
    moodle-gradebook                          for Moodle's import of grades, checked before
    moodle-feedback                           feedback pages in the folders of Moodle's download
    gradescope                                an autograder to upload, with each student's numbers
    csv, json, xlsx                           plain gradebooks

    Who has no marks is listed; where nobody has, nothing is written, and that is an error.
    """
    from rnnquiz.course.exporting import TARGETS, ExportOptions, export
    from rnnquiz.exports.layouts import LAYOUTS

    if into is not None and target not in LAYOUTS:
        raise click.UsageError(f"--into is for {', '.join(LAYOUTS)}")
    if attempt > 1 and target != "gradescope":
        raise click.UsageError("--attempt is for gradescope; of marks, --count says which counts")
    # Folders that are missing would be made: a slip in the path would go unseen.
    if not out.parent.is_dir():
        found = f"there is no folder {out.parent}"
        raise CourseError.at(str(out), "--out", found, "make it, or mend the path")
    options = ExportOptions(into, column, feedback, _wheels_in(wheels), count, attempt)
    keep_private(closing and not dry_run, course)
    done = export(course, one_of(TARGETS, target), out, options, dry_run)
    if as_json:
        shown = {"out": str(out), "written": done.written, "changed": done.changed}
        shown |= {"notes": done.notes, "problems": list(map(str, done.problems))}
        show_json(shown)
        return
    _show_filled(done, out, target in LAYOUTS, dry_run)


def _wheels_in(folder: Path | None) -> tuple[Path, ...] | None:
    """The files of a folder of wheels; none where none is given."""
    if folder is None:
        return None
    if not folder.is_dir():
        remedy = "give one, if it is empty: what is missing is said"
        raise CourseError.at(str(folder), "--wheels", "is no folder", remedy)
    return tuple(sorted(folder.iterdir()))


def _show_filled(done: Filled, out: Path, theirs: bool, dry_run: bool) -> None:
    """How many marks went into a file; of one of `theirs`, how many of its cells changed."""
    changed = f", {done.changed} of them changed" if theirs else ""
    verb = "would be written" if dry_run else "written"
    click.echo(f"{counted(done.written, 'student')} {verb} to {out}{changed}")
    for note in done.notes:
        click.echo(f"  {note}")
    for problem in done.problems:
        click.echo(f"  {problem}", err=True)


@click.command("erase")
@click.argument("course", type=FILE)
@click.argument("students", nargs=-1, required=True)
@click.option(
    "--out", "grades", type=FILE, multiple=True,
    help="A folder that grade wrote, to clear of them, too; may be repeated.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only say what would be forgotten.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@CLOSE
def erase_students(
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
    from rnnquiz.course.erasing import erase

    keep_private(closing and not dry_run, course, *grades)
    # A dry run first: the question is asked once it is shown what would go.
    found = erase(course, students, True, grades)
    for file in found.files:
        click.echo(f"  {file}")
    shown = ((students, "student"), (range(found.markings), "marking"), (found.files, "file"))
    counts = [counted(len(what), word) for what, word in shown]
    click.echo(", ".join(counts))
    _show_cleared(found.cleared)
    if not dry_run:
        if not yes:
            click.confirm("forget them?", abort=True)
        erase(course, students, False, grades)
        again = "generate makes the documents of the class again, regrade --apply --out the report"
        click.echo(f"forgotten; {again}")
    for path, words in found.outside:
        # Only what these two write can be cleared of somebody.
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
