"""Rows in columns: on a terminal within its width, in a pipe or a file each row on one line."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence
from shutil import get_terminal_size

import click

BETWEEN_COLUMNS = 2  # blanks between two columns
_ENDLESS = 1_000_000  # letters: no row is as long


def show_columns(rows: Iterable[Sequence[str]], indent: int = 0) -> None:
    """The rows on the output, `indent` blanks from its edge."""
    listed = list(rows)
    width = get_terminal_size().columns if sys.stdout.isatty() else None
    if listed:
        click.echo(in_columns(listed, width, indent))


def in_columns(rows: Iterable[Sequence[str]], width: int | None = None, indent: int = 0) -> str:
    """The rows as lines. Columns are as wide as what stands in them, by the cells of a terminal, of
    which a letter of Chinese takes two; past `width` they are wrapped, and nothing is cut off.
    """
    # Many commands show no columns: they need not wait for the library.
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, BETWEEN_COLUMNS, 0, 0))
    for row in rows:
        # As texts: what stands in brackets in a name is no mark-up.
        table.add_row(*map(Text, row))
    for column in table.columns:
        column.overflow = "fold"
    written = io.StringIO()
    console = Console(file=written, width=width or _ENDLESS, color_system=None)
    console.print(Padding(table, (0, 0, 0, indent), expand=False))
    lines = written.getvalue().splitlines()
    return "\n".join(map(str.rstrip, lines))
