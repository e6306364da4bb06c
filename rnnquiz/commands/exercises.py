"""Commands about exercises: what ships, is a bank sound, its solution."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnnquiz.commands.frame import (
    AS_JSON,
    CLOSE,
    ENGINE,
    FILE,
    NOTATION,
    BankName,
    counted,
    engine_of,
    keep_private,
    one_of,
    progress_bar,
    student_of,
)  # fmt: skip
from rnnquiz.resources import bank_path

if TYPE_CHECKING:
    from rnnquiz.solution import Solution


@click.command()
@click.argument("bank", type=BankName())
@NOTATION
@click.option(
    "--stress",
    default=0,
    metavar="N",
    help="Draw N variants: how many are good, what refuses the others, what would help.",
)
@AS_JSON
def check(bank: str, notation: str, stress: int, as_json: bool) -> None:
    """Is a bank sound, and how good are its numbers?

    Every problem is listed with file, line and remedy.

    Ends with 1 where nothing can be issued. Where few draws are good, the obvious changes are
    tried, and what each gives is said.

    \b
    rnnquiz check bptt_scalar --stress 1000
    """
    from rnnquiz.bank.load import load_bank
    from rnnquiz.variants.stress import report_of

    loaded = load_bank(bank_path(bank), notation)
    with progress_bar() as progress:
        report = report_of(loaded, stress, progress)
    click.echo(json.dumps(report.as_dict(), indent=1) if as_json else report.text())
    sys.exit(0 if report.usable else 1)


@click.command()
@click.argument("bank", type=BankName(), required=False)
@click.option(
    "--student",
    default="",
    help="Whose numbers: as issued, with --course; without, numbers for practice.",
)
@NOTATION
@click.option(
    "--course",
    type=FILE,
    help="Take the numbers that were issued in this course folder, in place of a BANK.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Every quantity with formula, numbers, exact and rounded value.",
)
def solve(
    bank: str | None, student: str, notation: str, course: Path | None, as_json: bool
) -> None:
    """Show the worked solution of a bank.

    \b
    rnnquiz solve worked_example --notation goodfellow
    rnnquiz solve --course course --student s17
    """
    from rnnquiz.exercise import Exercise

    if (bank is None) == (course is None):
        raise click.UsageError("give a BANK, or --course; not both")
    if course is None:
        solution = Exercise.load(str(bank), student or "anyone", notation=notation).solution
    elif notation:
        raise click.UsageError(
            "--notation is for a BANK; a course keeps the notation in which its sheets are written"
        )
    else:
        solution = _issued(course, student)
    click.echo(
        json.dumps(solution.as_dict(), indent=1, ensure_ascii=False) if as_json else solution.text()
    )


def _issued(course: Path, student: str) -> Solution:
    """The solution of the sheet that a student of the course has last got."""
    from rnnquiz.course.store import Course
    from rnnquiz.solution import solve as worked

    with Course.open(course) as opened:
        meant = student_of(opened, student)
        return worked(
            opened.bank(),
            [variant for variant in opened.variants() if variant.student == meant][-1],
        )


@click.command()
@click.argument("bank", type=BankName(), required=False)
@click.option(
    "--course",
    type=FILE,
    help="Take the bank of this course; with --student, the kind in which that student is weakest.",
)
@click.option("--student", default="", help="Whose weak step to practise (an id of the roster).")
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
    bank: str | None, course: Path | None, student: str, kind: str, count: int, seed: str,
    engine: str, out: Path, as_json: bool, closing: bool,
) -> None:  # fmt: skip
    """Practice sheets on one kind of step, with keys.

    The keys explain every line.

    Only the lines of that kind are open; all others are shown. The numbers are those of no graded
    sheet.

    \b
    rnnquiz practice bptt_scalar --on sum -n 2
    rnnquiz practice --course course --student s17 -n 3
    """
    from rnnquiz.bank.load import load_bank
    from rnnquiz.course.practising import practise, weakest
    from rnnquiz.course.store import Course

    if (bank is None) == (course is None):
        raise click.UsageError("give a BANK, or --course; not both")
    keep_private(closing, course, out)
    if course is not None:
        with Course.open(course) as opened:
            loaded = opened.bank()
            kind = kind or (weakest(opened, student) if student else "")
    else:
        loaded = load_bank(bank_path(str(bank)))
    if not kind:
        raise click.UsageError(
            f"say what to practise: --on KIND ({', '.join(loaded.marks)}), or --course with"
            " --student"
        )
    with progress_bar() as progress:
        done = practise(loaded, kind, count, out, engine_of(engine), seed, progress)
    if as_json:
        click.echo(
            json.dumps(
                {"kind": done.kind, "seed": done.seed, "files": [str(file) for file in done.files]},
                indent=1,
            )
        )
        return
    click.echo(
        f"{counted(count, 'sheet')} on {done.kind} in {out} (the same again with --seed"
        f" {done.seed})"
    )


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
    bank: str | None, form: str, course: Path | None, count: int, seed: str, out: Path,
    notation: str, as_json: bool, closing: bool,
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
    from rnnquiz.course.quizzing import OF_A_COURSE, quiz_of_bank, quiz_of_course
    from rnnquiz.exports.quiz.writers import QUIZZES

    if (bank is None) == (course is None):
        raise click.UsageError("give a BANK, or --course; not both")
    if (
        form in QUIZZES
        and out.suffix in (".xml", ".zip")
        and out.suffix != f".{QUIZZES[form].ending}"
    ):
        raise click.UsageError(f"--out: a file for {form} ends with .{QUIZZES[form].ending}")
    one_of((*QUIZZES, *OF_A_COURSE), form)
    keep_private(closing, course)
    done = (
        quiz_of_course(course, form, out)
        if course is not None
        else quiz_of_bank(str(bank), form, count, out, seed, notation)
    )
    if as_json:
        click.echo(
            json.dumps(
                {
                    "file": str(done.file),
                    "variants": done.variants,
                    "seed": done.seed,
                    "notes": done.notes,
                },
                indent=1,
            )
        )
        return
    click.echo(
        f"{counted(done.variants, 'variant')} in {done.file}"
        + (f" (the same again with --seed {done.seed})" if done.seed else "")
    )
    for note in done.notes:
        click.echo(f"  {note}")
