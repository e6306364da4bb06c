"""The command line. Each command reads its input, calls one function and shows what came out."""

from __future__ import annotations

import io
import os
import re
import sys
from typing import Any

import click

# What a command needs is imported where it runs: the help of all of them stays quick.
from rnnquiz.commands import (
    exercises,
    explaining,
    issuing,
    machine,
    manual,
    marking,
    outgoing,
    practice,
    reading,
    regrading,
    starting,
)
from rnnquiz.errors import RnnquizError
from rnnquiz.text import nearest
from rnnquiz.version import __version__


class _Group(click.Group):
    """Shows our own errors as text and leaves with 1; 130 after Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(
                    errors="replace"
                )  # a terminal without our letters is no reason to stop
        try:
            return super().invoke(ctx)
        except RnnquizError as error:
            show_error(error)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo(
                "\ninterrupted; what was done is kept, run the same command to go on", err=True
            )
            ctx.exit(130)  # 128 and the number of the signal, as shells have it

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A command that there is not is answered with those that are like it."""
        # Of an option that there is not click says what is wrong.
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            word = args[0]
            near = nearest(word, self.commands)
            ctx.fail(f"there is no command {word!r} -> {near}")
        return super().resolve_command(ctx, args)


def show_error(error: RnnquizError) -> None:
    """An error on the error stream: who has to act in bold red, and what would do in green, where
    that is a terminal."""
    kind = f"{type(error).__name__}:"
    text = f"{click.style(kind, fg='red', bold=True)} {error}"
    shown = re.sub(r" -> (.*)", _green, text)
    # As no-color.org asks; without it click looks whether the stream is a terminal.
    click.echo(shown, err=True, color=False if os.environ.get("NO_COLOR") else None)


def _green(remedy: re.Match[str]) -> str:
    return f" -> {click.style(remedy[1], fg='green')}"


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Exercises on recurrent networks computed by hand.

    \b
    rnnquiz demo                            the whole loop on a small class
    rnnquiz check BANK                      is the bank sound, are its variants good?
    rnnquiz solve BANK                      the worked solution in the terminal
    rnnquiz generate BANK --roster R --out COURSE
    rnnquiz grade COURSE SUBMISSIONS --out GRADES
    rnnquiz read PAGE --bank BANK           a worked page, line by line

    A bank is a YAML file; those that ship (rnnquiz banks) can be given by name.
    The manual: rnnquiz help tutorial. To complete commands and banks by TAB in bash:
    eval "$(_RNNQUIZ_COMPLETE=bash_source rnnquiz)"
    """


for _command in (
    starting.banks,
    starting.new,
    starting.models,
    starting.schema,
    exercises.check_bank,
    exercises.solve_bank,
    practice.practice,
    practice.quiz,
    issuing.generate_sheets,
    starting.make_demo,
    reading.read_page,
    marking.grade_submissions,
    regrading.regrade_course,
    outgoing.export_marks,
    explaining.explain_box,
    outgoing.erase_students,
    machine.doctor,
    manual.help_,
):
    main.add_command(_command)


if __name__ == "__main__":
    main()
