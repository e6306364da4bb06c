"""Mathematics as plain text, and as text that is as wide as what it stands for is typeset."""

from __future__ import annotations

import math
from dataclasses import replace

from rnnquiz.algebra.language import Target, rows_of, with_powers
from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.symbols import Derivative, Variable

_INDEX_WIDTH = 0.6  # of a letter: TeX sets an index in 7 points of 10, and letters there are narrow


def _variable(variable: Variable, notation: Notation) -> str:
    # What a person types: each sign of a name is on every keyboard.
    text = f"{variable.base}{variable.mark}"
    if variable.time is not None:
        text += f"[{variable.shown or variable.time}]"
    if variable.number is not None:
        text += f"#{variable.counted or variable.number}"
    return text


def _derivative(symbol: Derivative, of: str, by: str) -> str:
    direct = "+" if symbol.direct else ""
    at = "" if symbol.at is None else f"@{symbol.at}"
    # The number of the pass stands once, at the end: dL/dU@2#1.
    by, numbered, number = by.partition("#")
    return f"d{direct}{of}/d{by}{at}{numbered}{number}"


TEXT = Target(
    language="text",
    dot=" * ",
    bracket=lambda inside: f"({inside})",
    minus="-",
    fraction=lambda top, bottom: f"{top}/{bottom}",
    number=with_powers(str, "10^{}", "{} * {}"),
    matrix=lambda cells: f"[{rows_of(cells, ', ', '; ')}]",
    variable=_variable,
    derivative=_derivative,
    slashed=_derivative,
    listed=lambda cells: f"[{rows_of(cells, '; ', ' | ')}]",
    typed=True,
)


def _wide_variable(variable: Variable, notation: Notation) -> str:
    """A letter, and an index of small letters and digits."""
    letter, _, index = variable.base.partition("_")
    time = variable.shown or variable.time or ""
    number = variable.counted or variable.number or ""
    small = f"{index}{variable.mark}{time}{number}"
    # yhat is one letter with an accent.
    wide = "x" if len(letter) > 1 else letter
    narrow = math.ceil(_INDEX_WIDTH * len(small))
    return wide + "i" * narrow


def _widest_row(cells: list[list[str]]) -> str:
    rows = map(", ".join, cells)
    return f"({max(rows, key=len)})"


def _wide_derivative(symbol: Derivative, of: str, by: str) -> str:
    at = "" if symbol.at is None else "t=1"
    return f"d{max(of, by, key=len)}{at}"


AS_WIDE = replace(
    TEXT,
    dot=" *",
    variable=_wide_variable,
    matrix=_widest_row,
    derivative=_wide_derivative,
    typed=False,
)
"""Plain text about as wide as what it stands for is typeset: of rows and fractions the widest
part."""
