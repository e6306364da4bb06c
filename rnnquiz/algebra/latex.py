"""Mathematics in LaTeX."""

from __future__ import annotations

from rnnquiz.algebra.language import Target, is_short, rows_of, taken_apart, with_powers
from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.symbols import GREEK, Derivative, Variable


def _letter(letter: str) -> str:
    if letter in GREEK:
        # Capital Greek letters stand upright in TeX, and variables do not.
        if letter[0].isupper():
            return f"\\var{letter}"
        return f"\\{letter}"
    if len(letter) == 1:
        return letter
    # Letters side by side would be a product.
    return rf"\mathit{{{letter}}}"


def _index(part: str) -> str:
    if part in GREEK:
        return f"\\{part}"
    shown = part.replace("<", r"\langle ").replace(">", r"\rangle")
    if is_short(part):
        return shown
    # An index that is a word stands upright: W_{in} in italics would be i times n.
    return rf"\mathrm{{{shown}}}"


def _variable(variable: Variable, notation: Notation) -> str:
    apart = taken_apart(variable, notation)
    text = _letter(apart.letter)
    if apart.accent:
        text = rf"\{apart.accent}{{{text}}}"
    if apart.prime:
        text += "'"
    if apart.above:
        text += f"^{{{','.join(map(_index, apart.above))}}}"
    if apart.below:
        text += f"_{{{','.join(map(_index, apart.below))}}}"
    return text


def _derivative(symbol: Derivative, of: str, by: str) -> str:
    direct = "^{+}" if symbol.direct else ""
    text = rf"\frac{{\partial{direct} {of}}}{{\partial {by}}}"
    if symbol.at is None:
        return text
    return rf"\left.{text}\right|_{{t={symbol.at}}}"


def _slashed(symbol: Derivative, of: str, by: str) -> str:
    direct = "^{+}" if symbol.direct else ""
    at = "" if symbol.at is None else rf"|_{{t={symbol.at}}}"
    return rf"\partial{direct} {of}/\partial {by}{at}"


def _matrix(cells: list[list[str]]) -> str:
    rows = rows_of(cells, " & ", r" \\ ")
    return rf"\begin{{pmatrix}}{rows}\end{{pmatrix}}"


LATEX = Target(
    language="latex",
    dot=r" \cdot ",
    bracket=lambda inside: rf"\left({inside}\right)",
    minus="-",
    fraction=lambda top, bottom: rf"\frac{{{top}}}{{{bottom}}}",
    number=with_powers(str, "10^{{{}}}", r"{} \cdot {}"),
    matrix=_matrix,
    variable=_variable,
    derivative=_derivative,
    slashed=_slashed,
    comma="{,}",
)
