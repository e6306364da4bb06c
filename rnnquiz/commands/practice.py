"""Commands that make more of an exercise: sheets for practice, questions of online quizzes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnnquiz.commands.frame import (
    AS_JSON,
    ATTEMPT,
    CLOSE,
    ENGINE,
    EXERCISE,
    FILE,
    NOTATION,
    BankName,
    counted,
    engine_of,
    keep_private,
    one_of,
    progress_bar,
    show_json,
)  # fmt: skip
from rnnquiz.files.resources import bank_path

if TYPE_CHECKING:
    from rnnquiz.bank.specification import Bank
    from rnnquiz.course.quizzing import Quizzed


@click.command()
@click.argument("bank", type=BankName(), required=False)
@click.option(
    "--course",
    type=FILE,
    help="Take the bank of this course; with --student, the kind in which that student is weakest.",
)
@click.option("--student", default="", help="Whose weak step to practise (an id of the roster).")
@EXERCISE
@click.option(
    "--on",
    "kind",
    default="",
    help="What to practise: forward, loss, local, recurrence, gradient, sum or update.",
)
@click.option(
    "-n",
    "count",
    type=click.IntRange(1, 500),
    default=1,
    show_default=True,
    help="How many sheets, each with other numbers.",
)
@click.option("--seed", default="", help="The same seed makes the same sheets.")
@click.option(
    "--engine",
    type=ENGINE,
    default="auto",
    show_default=True,
    help="What makes the PDFs; HTML is always written.",
)
@click.option(
    "--out", type=FILE, default=Path("practice"), show_default=True, help="The folder to write to."
)
@AS_JSON
@CLOSE
def practice(
    bank: str | None, course: Path | None, student: str, exercise: str, kind: str, count: int,
    seed: str, engine: str, out: Path, as_json: bool, closing: bool,
) -> None:  # fmt: skip
    """Practice sheets on one kind of step, with keys.

    The keys explain every line.

    Only the lines of that kind are open; all others are shown. The numbers are those of no graded
    sheet.

    \b
    rnnquiz practice bptt_scalar --on sum -n 2
    rnnquiz practice --course course --student s17 -n 3
    """
    from rnnquiz.assignment_files import load_exercise
    from rnnquiz.course.practising import PracticeOptions, practise

    _one_source(bank, course)
    keep_private(closing, course, out)
    if course is not None:
        loaded, weak = _issued(course, exercise, student)
        kind = kind or weak
    else:
        loaded = load_exercise(bank_path(str(bank)), exercise)
    # A bank has marks for each kind that it asks, and for no others.
    if not kind:
        kinds = f"--on KIND ({', '.join(loaded.marks)})"
        raise click.UsageError(f"say what to practise: {kinds}, or --course with --student")
    options = PracticeOptions(kind, count, out, engine_of(engine), seed)
    with progress_bar() as progress:
        done = practise(loaded, options, progress)
    if as_json:
        files = list(map(str, done.files))
        show_json({"kind": done.kind, "seed": done.seed, "files": files})
        return
    sheets = f"{counted(count, 'sheet')} on {done.kind} in {out}"
    click.echo(f"{sheets} (the same again with --seed {done.seed})")


def _issued(course: Path, exercise: str, student: str) -> tuple[Bank, str]:
    """The bank of an exercise of a course, and the kind in which a student is weakest; no kind
    where nobody is named."""
    from rnnquiz.course.assignments import part_named
    from rnnquiz.course.practising import weakest
    from rnnquiz.course.store import Course

    with Course.open(course) as opened:
        part = part_named(opened, exercise, student)
        return part.bank(), weakest(part, student) if student else ""


def _one_source(bank: str | None, course: Path | None) -> None:
    """Refuses both and neither."""
    if (bank is None) == (course is None):
        raise click.UsageError("give a BANK, or --course; not both")


@click.command()
@click.argument("bank", type=BankName(), required=False)
@click.option(
    "--to",
    "form",
    required=True,
    metavar="SYSTEM",
    help="moodle, canvas, qti21, qti3, prairielearn; gradescope with --course.",
)
@click.option(
    "--course",
    type=FILE,
    help="The variants issued in this course, named by the tokens of their sheets.",
)
@EXERCISE
@ATTEMPT
@click.option(
    "-n",
    "count",
    type=click.IntRange(1, 2000),
    default=20,
    show_default=True,
    help="Variants of BANK, with new numbers.",
)
@click.option("--seed", default="", help="The same seed makes the same numbers.")
@click.option(
    "--out",
    required=True,
    type=FILE,
    help="The file to import: .xml for moodle, .zip for the others.",
)
@NOTATION
@AS_JSON
@CLOSE
def quiz(
    bank: str | None, form: str, course: Path | None, exercise: str, attempt: int, count: int,
    seed: str, out: Path, notation: str, as_json: bool, closing: bool,
) -> None:  # fmt: skip
    """An exercise as questions of an online quiz.

    Each box has the interval that is accepted there.

    Where the system allows it, numbers that a known mistake gives earn their credit and its
    explanation. What the system cannot hold (too small numbers in Canvas, credits in Moodle) is
    refused, with all problems at once. Follow-through needs the grader: an online quiz marks each
    box against the key.

    \b
    rnnquiz quiz bptt_scalar --to moodle -n 50 --out quiz.xml
    """
    from rnnquiz.assignment_files import load_exercise
    from rnnquiz.course.quizzing import OF_A_COURSE, quiz_of_bank, quiz_of_course
    from rnnquiz.exports.quiz.writers import QUIZZES

    # What can be refused is refused before a course is opened or a number drawn.
    _one_source(bank, course)
    _fits_ending(form, out)
    # Only to refuse a system that there is not; names of systems have no hyphens.
    one_of((*QUIZZES, *OF_A_COURSE), form)
    keep_private(closing, course)
    if course is not None:
        done = quiz_of_course(course, form, out, exercise, attempt)
    else:
        path = bank_path(str(bank))
        loaded = load_exercise(path, exercise, notation)
        done = quiz_of_bank(loaded, form, count, out, seed)
    _show_quiz(done, as_json)


def _show_quiz(done: Quizzed, as_json: bool) -> None:
    """How many variants are in which file, and what there is to know of them."""
    if as_json:
        shown = {"file": str(done.file), "variants": done.variants}
        shown |= {"seed": done.seed, "notes": done.notes}
        show_json(shown)
        return
    again = f" (the same again with --seed {done.seed})" if done.seed else ""
    click.echo(f"{counted(done.variants, 'variant')} in {done.file}{again}")
    for note in done.notes:
        click.echo(f"  {note}")


def _fits_ending(form: str, out: Path) -> None:
    """Refuses a file whose ending is that of another system: it would not be imported."""
    from rnnquiz.exports.quiz.writers import QUIZZES

    if form not in QUIZZES or out.suffix not in (".xml", ".zip"):
        return
    ending = QUIZZES[form].ending
    if out.suffix != f".{ending}":
        raise click.UsageError(f"--out: a file for {form} ends with .{ending}")
