"""Commands about one exercise: is its bank sound, what is its solution."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnnquiz.commands.frame import (
    AS_JSON,
    ATTEMPT,
    EXERCISE,
    FILE,
    MOST_STRESS,
    NOTATION,
    BankName,
    counted,
    progress_bar,
    show_json,
    student_of,
)  # fmt: skip
from rnnquiz.errors import CourseError
from rnnquiz.files.resources import bank_path

if TYPE_CHECKING:
    from rnnquiz.assignment import Assignment
    from rnnquiz.solution.solved import Solution
    from rnnquiz.variants.stress import StressReport


@click.command("check")
@click.argument("bank", type=BankName())
@NOTATION
@click.option(
    "--stress",
    type=click.IntRange(0, MOST_STRESS),
    default=0,
    metavar="N",
    help="Draw N variants: how many are good, what refuses the others, what would help.",
)
@AS_JSON
def check_bank(bank: str, notation: str, stress: int, as_json: bool) -> None:
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
    first = reports[0]
    if not assignment.alone:
        _show_reports(assignment, reports, as_json)
    elif as_json:
        show_json(first.as_dict())
    else:
        click.echo(first.text())
    # Each problem of a sheet needs numbers: one bank without them stops all.
    sound = all(report.usable for report in reports)
    sys.exit(0 if sound else 1)


def _show_reports(assignment: Assignment, reports: Sequence[StressReport], as_json: bool) -> None:
    """The report of each exercise of an assignment."""
    pairs = list(zip(assignment.exercises, reports, strict=True))
    if as_json:
        rows = [
            {"exercise": exercise.key, "marks": exercise.marks, **report.as_dict()}
            for exercise, report in pairs
        ]
        show_json({"assignment": assignment.head.id, "exercises": rows})
        return
    count = counted(len(assignment.places), "exercise")
    click.echo(f"{assignment.head.title}: {count}, {assignment.marks:g} marks")
    for exercise, report in pairs:
        click.echo(f"\nExercise {exercise.key}: {exercise.marks:g} marks")
        click.echo(report.text())


@click.command("solve")
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
def solve_bank(
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
        path = bank_path(str(bank))
        loaded = load_exercise(path, exercise, notation)
        # The name decides the numbers: without one they are the same each time.
        solution = Exercise.of(loaded, student or "anyone").solution
    elif notation:
        raise click.UsageError(
            "--notation is for a BANK; a course keeps the notation in which its sheets are written"
        )
    else:
        solution = _issued(course, student, exercise, attempt)
    if as_json:
        show_json(solution.as_dict(), letters=True)
    else:
        click.echo(solution.text())


def _issued(course: Path, student: str, exercise: str, attempt: int) -> Solution:
    """The solution of the sheet that a student of the course has got."""
    from rnnquiz.course.assignments import part_named
    from rnnquiz.course.store import Course
    from rnnquiz.solution.solved import solve as worked

    with Course.open(course) as opened:
        meant = student_of(opened, student)
        # Of a pool each student has another exercise.
        part = part_named(opened.sitting(attempt), exercise, meant)
        own = part.variants([meant])
        if not own:
            found = f"{meant!r} has no sheet of attempt {attempt}"
            raise CourseError.at(str(course), "--attempt", found, "run rnnquiz generate")
        return worked(part.bank(), own[0])
