"""Commands about exercises: what ships, is a bank sound, its solution."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
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
    student_of,
)  # fmt: skip
from rnnquiz.errors import CourseError, Problem
from rnnquiz.resources import bank_path

if TYPE_CHECKING:
    from rnnquiz.assignment import Assignment
    from rnnquiz.solution import Solution
    from rnnquiz.variants.stress import StressReport


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

    An assignment is looked at exercise by exercise.

    Every problem is listed with file, line and remedy.

    Ends with 1 where nothing can be issued. Where few draws are good, the obvious changes are
    tried, and what each gives is said.

    \b
    rnnquiz check bptt_scalar --stress 1000
    """
    from rnnquiz.assignment_files import load_assignment
    from rnnquiz.variants.stress import report_of

    assignment = load_assignment(bank_path(bank), notation)
    with progress_bar() as progress:
        reports = [report_of(exercise.bank, stress, progress) for exercise in assignment.exercises]
    if assignment.alone:
        click.echo(json.dumps(reports[0].as_dict(), indent=1) if as_json else reports[0].text())
    else:
        _show_reports(assignment, reports, as_json)
    sys.exit(0 if all(report.usable for report in reports) else 1)


def _show_reports(assignment: Assignment, reports: Sequence[StressReport], as_json: bool) -> None:
    """The report of each exercise of an assignment."""
    pairs = list(zip(assignment.exercises, reports, strict=True))
    if as_json:
        rows = [
            {"exercise": exercise.key, "marks": exercise.marks, **report.as_dict()}
            for exercise, report in pairs
        ]
        click.echo(json.dumps({"assignment": assignment.head.id, "exercises": rows}, indent=1))
        return
    count = counted(len(assignment.places), "exercise")
    click.echo(f"{assignment.head.title}: {count}, {assignment.marks:g} marks")
    for exercise, report in pairs:
        click.echo(f"\nExercise {exercise.key}: {exercise.marks:g} marks")
        click.echo(report.text())


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
@EXERCISE
@ATTEMPT
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Every quantity with formula, numbers, exact and rounded value.",
)
def solve(
    bank: str | None, student: str, notation: str, course: Path | None, exercise: str,
    attempt: int, as_json: bool,
) -> None:  # fmt: skip
    """Show the worked solution of a bank.

    \b
    rnnquiz solve worked_example --notation goodfellow
    rnnquiz solve --course course --student s17
    """
    from rnnquiz.assignment_files import load_exercise
    from rnnquiz.exercise import Exercise

    if (bank is None) == (course is None):
        raise click.UsageError("give a BANK, or --course; not both")
    if course is None:
        loaded = load_exercise(bank_path(str(bank)), exercise, notation)
        solution = Exercise.of(loaded, student or "anyone").solution
    elif notation:
        raise click.UsageError(
            "--notation is for a BANK; a course keeps the notation in which its sheets are written"
        )
    else:
        solution = _issued(course, student, exercise, attempt)
    click.echo(
        json.dumps(solution.as_dict(), indent=1, ensure_ascii=False) if as_json else solution.text()
    )


def _issued(course: Path, student: str, exercise: str, attempt: int) -> Solution:
    """The solution of the sheet that a student of the course has got."""
    from rnnquiz.course.assignments import part_named
    from rnnquiz.course.store import Course
    from rnnquiz.solution import solve as worked

    with Course.open(course) as opened:
        meant = student_of(opened, student)
        part = part_named(opened.sitting(attempt), exercise, meant)
        own = part.variants([meant])
        if not own:
            found = f"{meant!r} has no sheet of attempt {attempt}"
            raise CourseError(str(course), Problem("--attempt", found, "run rnnquiz generate"))
        return worked(part.bank(), own[0])


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
    from rnnquiz.course.assignments import part_named
    from rnnquiz.course.practising import practise, weakest
    from rnnquiz.course.store import Course

    if (bank is None) == (course is None):
        raise click.UsageError("give a BANK, or --course; not both")
    keep_private(closing, course, out)
    if course is not None:
        with Course.open(course) as opened:
            part = part_named(opened, exercise, student)
            loaded = part.bank()
            kind = kind or (weakest(part, student) if student else "")
    else:
        loaded = load_exercise(bank_path(str(bank)), exercise)
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
        quiz_of_course(course, form, out, exercise, attempt)
        if course is not None
        else quiz_of_bank(
            load_exercise(bank_path(str(bank)), exercise, notation), form, count, out, seed
        )
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
