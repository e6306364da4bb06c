"""The command that shows what another marking would change, and stores it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnquiz.commands.frame import (
    AS_JSON,
    ATTEMPT,
    CLOSE,
    FILE,
    BankName,
    counted,
    keep_private,
    show_json,
)  # fmt: skip
from rnnquiz.files.resources import bank_path

if TYPE_CHECKING:
    from rnnquiz.course.regrading import Change


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
