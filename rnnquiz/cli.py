"""The command line. Each command reads its input, calls one function and shows what came out."""

from __future__ import annotations

import io
import sys
from typing import Any

import click

from rnnquiz import __version__
from rnnquiz.commands import exercises, issuing, machine, marking, reading
from rnnquiz.errors import RnnquizError


class _Group(click.Group):
    """Shows our own errors as text and leaves with 1; 130 after Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal without our letters is no reason to stop
        try:
            return super().invoke(ctx)
        except RnnquizError as error:
            click.echo(f"{type(error).__name__}: {error}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("\ninterrupted; what was done is kept, run the same command to go on", err=True)
            ctx.exit(130)


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
    """


for _command in (
    exercises.check, exercises.solve, exercises.banks, exercises.models, exercises.practice, exercises.quiz,
    issuing.generate, issuing.demo,
    reading.read, marking.grade, marking.regrade, marking.export, marking.explain, marking.erase, machine.doctor,
):  # fmt: skip
    main.add_command(_command)


if __name__ == "__main__":
    main()
