"""What all commands share: kinds of options, progress on the terminal, the engine of PDFs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from rnnquiz.private import close, open_to_others

FILE = click.Path(path_type=Path)
ENGINE = click.Choice(["auto", "latex", "typst", "none"])
NOTATION = click.option(
    "--notation", default="", metavar="NAMES", help="How it is written, such as goodfellow or d2l+delta_a (rnnquiz models lists them)."
)
EXECUTOR = click.option(
    "--executor", default="processes", show_default=True, metavar="NAME",
    help="Who works: alone, processes (all cores), dask or dask=ADDRESS.",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")
CLOSE = click.option(
    "--close", "closing", is_flag=True,
    help="Take from all others on this machine the rights on folders that are open to them.",
)  # fmt: skip
Progress = Callable[[str, int, int], None]


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress bar on the terminal's error stream; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda what, done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def advance(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done, total=of)

        yield advance


def keep_private(closing: bool, *folders: Path | None) -> None:
    """Close folders that are open to others, where that is wished; else say that they are.

    What is not there yet is made closed.
    """
    for folder in folders:
        if folder is None or not folder.is_dir() or not (how := open_to_others(folder)):
            continue
        if closing:
            close(folder)
            said = f"was open to others on this machine ({how}), and is closed now"
        else:
            remedy = "close it with all that is in it: --close"
            said = f"open to others on this machine ({how}) -> {remedy}"
        click.echo(f"{folder}: {said}", err=True)


def counted(number: int, noun: str) -> str:
    """1 student, 2 students."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def engine_of(name: str) -> str | None:
    from rnnquiz.documents.engines import choose_engine

    return None if name == "none" else choose_engine(name)


def one_of(table: Iterable[str], chosen: str) -> str:
    """The name, where the table has it; else a usage error that lists those that it has. The table is loaded only when it is needed."""
    known = list(table)
    if chosen not in known:
        raise click.UsageError(f"--to {chosen!r} is none of {', '.join(known)}")
    return chosen
