"""What generate says: of what it made, and of what it would make."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnnquiz.commands.frame import counted, show_json

if TYPE_CHECKING:
    from rnnquiz.assignment import Assignment
    from rnnquiz.course.foreseeing import Foreseen
    from rnnquiz.course.generating import Generated
    from rnnquiz.people.lists import Roster


def show_made_as_data(done: Generated, roster: Roster | None) -> None:
    """What was made, for programs; where a document could not be set the command ends with 1."""
    # The plus sign of a Counter drops what has refused nothing.
    reasons = dict(+done.report.reasons)
    made = {
        "roster": roster.summary() if roster else {},
        "students": done.students,
        "new_variants": done.new_variants,
        "files_written": done.written,
        "drawn": done.report.drawn,
        "refused": reasons,
        "problems": done.problems,
        "notes": done.notes,
    }
    show_json(made)
    sys.exit(1 if done.problems else 0)


def show_done(done: Generated, out: Path, fixed: bool) -> None:
    """What was made, what was passed over, and what could not be set: that ends with 1."""
    made = (
        f"{counted(done.new_variants, 'new variant')}, {counted(done.written, 'file')} written in"
        f" {out}"
    )
    click.echo(f"{counted(done.students, 'student')}: {made}")
    for note in done.notes:
        click.echo(f"  {note}")
    if done.report.drawn:
        click.echo(f"  {done.report.drawn} sets of numbers were tried; passed over, as is usual:")
    # What refuses most is where a bank can be made better.
    for reason, count in done.report.reasons.most_common():
        if count:
            click.echo(f"    {count}: {reason}")
    if fixed:
        click.echo(
            "  fixed numbers: every student has the same sheet; run rnnquiz check to see which"
            " mistakes they cannot tell apart"
        )
    for problem in done.problems:
        click.echo(f"  {problem}", err=True)
    # A script looks at the code alone: with a document missing it is not 0.
    if done.problems:
        failed = counted(len(done.problems), "document")
        click.echo(
            f"{failed} could not be set; all others are there. Mend the cause, run it again",
            err=True,
        )
        sys.exit(1)


def show_plan(
    found: Foreseen, out: Path, assignment: Assignment, chosen: str | None, as_json: bool
) -> None:
    """Who would be new, what the roster would change, whether there are numbers enough."""
    if as_json:
        shown = {
            "new": found.new,
            "there": found.there,
            "drawn": found.report.drawn,
            "notes": found.notes,
        }
        show_json({"dry_run": True, "bank": assignment.head.id, **shown})
        return
    click.echo(
        f"{out}: {counted(found.new, 'student')} would get sheets, {found.there} have theirs"
    )
    for note in found.notes:
        click.echo(f"  {note}")
    # Fixed numbers are enough for any number of students.
    if found.new and not assignment.fixed:
        click.echo(
            f"there are enough numbers for them: {found.report.drawn} draws gave"
            f" {counted(found.report.issued, 'good variant')}"
        )
    click.echo(f"sheets of {assignment.head.id}; PDFs: {chosen or 'none'}; nothing was done")
