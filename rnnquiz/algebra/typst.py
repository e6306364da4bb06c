"""Mathematics in Typst."""

from __future__ import annotations

from rnnquiz.algebra.language import Target, is_short, rows_of, taken_apart, with_powers
from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.symbols import GREEK, Derivative, Variable

_ACCENTS = {"bar": "macron"}  # the others are called as in names


def _letter(letter: str) -> str:
    if len(letter) == 1 or (letter in GREEK and letter[0].islower()):
        return letter
    # Capital Greek letters stand upright otherwise.
    if letter in GREEK:
        return f"italic({letter})"
    return f'italic("{letter}")'


def _index(part: str) -> str:
    if not is_short(part) and part not in GREEK:
        return f'"{part}"'
    # A bracket that is not quoted grows in Typst, and < begins a label.
    if part.startswith("<"):
        return f'"⟨" {part[1:-1]} "⟩"'
    return part


def _variable(variable: Variable, notation: Notation) -> str:
    apart = taken_apart(variable, notation)
    text = _letter(apart.letter)
    if apart.accent:
        text = f"{_ACCENTS.get(apart.accent, apart.accent)}({text})"
    above = ", ".join(map(_index, apart.above))
    if apart.prime:
        above = f"prime {above}".strip()
    if above:
        text += f"^({above})"
    if apart.below:
        text += f"_({', '.join(map(_index, apart.below))})"
    return text


def _derivative(symbol: Derivative, of: str, by: str) -> str:
    direct = "^+" if symbol.direct else ""
    text = f"frac(partial{direct} {of}, partial {by})"
    if symbol.at is None:
        return text
    return f"lr({text} |)_(t = {symbol.at})"


def _slashed(symbol: Derivative, of: str, by: str) -> str:
    direct = "^+" if symbol.direct else ""
    at = "" if symbol.at is None else f" |_(t = {symbol.at})"
    # A slash alone would make a fraction.
    return f"partial{direct} {of}\\/partial {by}{at}"


TYPST = Target(
    language="typst",
    dot=" dot ",
    bracket=lambda inside: f"({inside})",
    minus="-",
    fraction=lambda top, bottom: f"frac({top}, {bottom})",
    number=with_powers(str, "10^({})", "{} dot {}"),
    matrix=lambda cells: f'mat(delim: "(", {rows_of(cells, ", ", "; ")})',
    variable=_variable,
    derivative=_derivative,
    slashed=_slashed,
    comma='","',  # text, with no space beside it; a bare comma has one after it
)
