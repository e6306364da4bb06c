"""Mathematics in MathML."""

from __future__ import annotations

import re
from html import escape

from rnnquiz.algebra.language import Target, taken_apart, with_powers
from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.symbols import GREEK, Derivative, Variable

# An index with its bracket, as t, (1), ⟨t-1⟩.
_INDEX = re.compile(r"([(⟨\[]?)(-?\w+)(?:([+-])(\d+))?([)⟩\]]?)")
_SIGNS = {"+": "+", "-": "−"}
_TIMES = "<mrow>{}<mo>&#8901;</mo>{}</mrow>"
_ACCENTS = {"hat": "^", "tilde": "~", "bar": "¯"}
# Where the italic letters of mathematics begin; h is missing there, being Planck's constant.
_SMALL, _CAPITAL, _H = 0x1D44E, 0x1D434, "ℎ"


def _slanted(word: str) -> str:
    """A word of several letters in italics, as a variable is: MathML sets it upright otherwise."""
    if len(word) == 1:
        return word
    return "".join(map(_italic, word))


def _italic(letter: str) -> str:
    if letter == "h":
        return _H
    first, slanted = ("a", _SMALL) if letter.islower() else ("A", _CAPITAL)
    place = ord(letter) - ord(first)
    return chr(slanted + place)


def _index(part: str) -> str:
    """An index of a variable: its letters in italics, its brackets upright."""
    # The brackets of a step, h<t>, are no signs of less and more.
    angled = part.replace("<", "⟨").replace(">", "⟩")
    shown = GREEK.get(part) or escape(angled)
    index = _INDEX.fullmatch(shown)
    if not index:
        return f"<mi>{shown}</mi>"
    before, word, sign, number, after = index.groups()
    kind = "mn" if word.lstrip("-").isdigit() else "mi"
    text = f"<{kind}>{word}</{kind}>"
    if sign:
        text += f"<mo>{_SIGNS[sign]}</mo><mn>{number}</mn>"
    return _fence(before) + text + _fence(after)


def _fence(bracket: str) -> str:
    if bracket:
        return f"<mo>{bracket}</mo>"
    return ""


def _variable(variable: Variable, notation: Notation) -> str:
    apart = taken_apart(variable, notation)
    letter = GREEK.get(apart.letter) or _slanted(apart.letter)
    text = f"<mi>{escape(letter)}</mi>"
    if apart.accent:
        text = f'<mover accent="true">{text}<mo>{_ACCENTS[apart.accent]}</mo></mover>'
    above = "<mo>,</mo>".join(map(_index, apart.above))
    below = "<mo>,</mo>".join(map(_index, apart.below))
    if apart.prime:
        above = f"<mo>′</mo>{above}"
    if above and below:
        return f"<msubsup>{text}<mrow>{below}</mrow><mrow>{above}</mrow></msubsup>"
    if above:
        return f"<msup>{text}<mrow>{above}</mrow></msup>"
    if below:
        return f"<msub>{text}<mrow>{below}</mrow></msub>"
    return text


def _derivative(symbol: Derivative, of: str, by: str) -> str:
    d = "<msup><mo>∂</mo><mo>+</mo></msup>" if symbol.direct else "<mo>∂</mo>"
    return _at(symbol, f"<mfrac><mrow>{d}{of}</mrow><mrow><mo>∂</mo>{by}</mrow></mfrac>")


def _slashed(symbol: Derivative, of: str, by: str) -> str:
    slash, d = map('<mo lspace="0" rspace="0">{}</mo>'.format, "/∂")
    direct = f"<msup>{d}<mo>+</mo></msup>" if symbol.direct else d
    return _at(symbol, f"<mrow>{direct}{of}{slash}{d}{by}</mrow>")


def _at(symbol: Derivative, text: str) -> str:
    if symbol.at is None:
        return text
    step = f"<mi>t</mi><mo>=</mo><mn>{symbol.at}</mn>"
    return f"<msub><mrow>{text}<mo>|</mo></mrow><mrow>{step}</mrow></msub>"


def _number(text: str) -> str:
    if text.startswith("-"):
        return f'<mrow><mo form="prefix">&#8722;</mo><mn>{text[1:]}</mn></mrow>'
    return f"<mn>{text}</mn>"


def _matrix(cells: list[list[str]]) -> str:
    rows = "".join(map(_row, cells))
    return f"<mrow><mo>(</mo><mtable>{rows}</mtable><mo>)</mo></mrow>"


def _row(cells: list[str]) -> str:
    inside = "".join(f"<mtd>{cell}</mtd>" for cell in cells)
    return f"<mtr>{inside}</mtr>"


MATHML = Target(
    language="mathml",
    dot="<mo>&#8901;</mo>",
    bracket=lambda inside: f"<mrow><mo>(</mo>{inside}<mo>)</mo></mrow>",
    minus="<mo>&#8722;</mo>",
    fraction=lambda top, bottom: f"<mfrac><mn>{top}</mn><mn>{bottom}</mn></mfrac>",
    number=with_powers(_number, "<msup><mn>10</mn>{}</msup>", _TIMES),
    matrix=_matrix,
    variable=_variable,
    derivative=_derivative,
    slashed=_slashed,
    join=lambda parts: f"<mrow>{''.join(parts)}</mrow>",
)
