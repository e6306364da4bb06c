"""The four languages in which mathematics is written: LaTeX, Typst, MathML and plain text, each in
any notation."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from html import escape

from rnnquiz.algebra.notation import OWN, Notation
from rnnquiz.algebra.symbols import GREEK, Derivative, Variable


@dataclass(frozen=True, eq=False)
class Target:
    """How one output language writes what is not in the operation table, in one notation. `column`:
    its place in `prints`.

    There is one object of each (`notated`).
    """

    column: int
    dot: str
    bracket: Callable[[str], str]
    minus: str
    fraction: Callable[[str, str], str]
    number: Callable[[str], str]
    matrix: Callable[[list[list[str]]], str]
    variable: Callable[[Variable, Notation], str]
    derivative: Callable[[Derivative, str, str], str]
    join: Callable[[list[str]], str] = "".join
    notation: Notation = OWN


@cache
def notated(target: Target, notation: Notation) -> Target:
    """The output language in a notation."""
    return replace(target, notation=notation)


@dataclass(frozen=True)
class _Parts:
    """A variable taken apart: letter and accent; what stands below and above it, in the order of
    writing."""

    letter: str
    accent: str
    prime: bool
    below: tuple[str, ...]
    above: tuple[str, ...]


def _parts(variable: Variable, notation: Notation) -> _Parts:
    """yhat[2] -> y, hat, below 2; W_f -> W, below f; h_1[2] -> h, below 2, above (1): a numbered
    layer stands above.

    Greek letters are constants: their numbers stand below.
    """
    letter, _, index = variable.base.partition("_")
    accent = next(
        (a for a in ("hat", "tilde", "bar") if letter.endswith(a) and len(letter) > len(a)), ""
    )
    time = variable.shown or ("" if variable.time is None else str(variable.time))
    below: list[str] = []
    above: list[str] = []
    for part in index.split("_") if index else []:
        layer = part.isdigit() and letter not in GREEK
        (above if layer else below).append(f"({part})" if layer else part)
    if time and notation.time == "below":
        below.append(time)
    elif time:
        above.append(notation.time.replace("t", time))
    if variable.entry:
        below.append(variable.entry)
    if variable.mark == "_new" and variable.number is None:
        above.append("new")
    if variable.number is not None:
        above.append(f"[{variable.counted or variable.number}]")
    return _Parts(
        letter.removesuffix(accent), accent, variable.mark == "'", tuple(below), tuple(above)
    )


def _is_short(part: str) -> bool:
    """True for an index that is written as mathematics: a number, a letter, a time such as t-1,
    with or without brackets."""
    bare = part.strip("()[]<>")
    return len(bare) == 1 or bare.lstrip("-").isdigit() or bare.startswith(("t+", "t-", "k+", "k-"))


def _latex_variable(variable: Variable, notation: Notation) -> str:
    p = _parts(variable, notation)
    text = (
        f"\\{p.letter}"
        if p.letter in GREEK
        else p.letter
        if len(p.letter) == 1
        else rf"\mathit{{{p.letter}}}"
    )
    text = rf"\{p.accent}{{{text}}}" if p.accent else text

    def index(part: str) -> str:
        shown = (
            f"\\{part}"
            if part in GREEK
            else part.replace("<", r"\langle ").replace(">", r"\rangle")
        )
        return shown if part in GREEK or _is_short(part) else rf"\mathrm{{{shown}}}"

    above = ",".join(map(index, p.above))
    text += ("'" if p.prime else "") + (f"^{{{above}}}" if above else "")
    return text + (f"_{{{','.join(map(index, p.below))}}}" if p.below else "")


def _latex_derivative(symbol_: Derivative, of: str, by: str) -> str:
    text = rf"\frac{{\partial{'^{+}' if symbol_.direct else ''} {of}}}{{\partial {by}}}"
    return text if symbol_.at is None else rf"\left.{text}\right|_{{t={symbol_.at}}}"


def _typst_variable(variable: Variable, notation: Notation) -> str:
    p = _parts(variable, notation)
    text = p.letter if len(p.letter) == 1 or p.letter in GREEK else f'italic("{p.letter}")'
    text = f"{'macron' if p.accent == 'bar' else p.accent}({text})" if p.accent else text

    def index(part: str) -> str:
        if not _is_short(part) and part not in GREEK:
            return f'"{part}"'
        return f'"⟨" {part[1:-1]} "⟩"' if part.startswith("<") else part

    above = ", ".join(map(index, p.above))
    above = f"prime {above}".strip() if p.prime else above
    below = ", ".join(map(index, p.below))
    return f"{text}{f'^({above})' if above else ''}{f'_({below})' if below else ''}"


def _typst_derivative(symbol_: Derivative, of: str, by: str) -> str:
    text = f"frac(partial{'^+' if symbol_.direct else ''} {of}, partial {by})"
    return text if symbol_.at is None else f"lr({text} |)_(t = {symbol_.at})"


def _slanted(word: str) -> str:
    """A word of several letters in italics, as a variable is: MathML sets it upright otherwise."""
    if len(word) == 1:
        return word
    return "".join(
        "ℎ" if c == "h" else chr(ord(c) - ord(f) + start)
        for c in word
        for f, start in [("a", 0x1D44E) if c.islower() else ("A", 0x1D434)]
    )


_RELATIVE = re.compile(r"([(⟨\[]?)([tk])([+-])(\d+)([)⟩\]]?)")  # such as t-1
_SIGNS = {"+": "+", "-": "−"}
_ACCENTS = {"hat": "^", "tilde": "~", "bar": "¯"}


def _fence(bracket: str) -> str:
    return f"<mo>{bracket}</mo>" if bracket else ""


def _mathml_variable(variable: Variable, notation: Notation) -> str:
    p = _parts(variable, notation)
    text = f"<mi>{escape(GREEK.get(p.letter) or _slanted(p.letter))}</mi>"
    if p.accent:
        text = f'<mover accent="true">{text}<mo>{_ACCENTS[p.accent]}</mo></mover>'

    def index(part: str) -> str:
        shown = GREEK.get(part) or escape(part.replace("<", "⟨").replace(">", "⟩"))
        if relative := _RELATIVE.fullmatch(shown):
            before, letter, sign, number, after = relative.groups()
            time = f"<mi>{letter}</mi><mo>{_SIGNS[sign]}</mo><mn>{number}</mn>"
            return _fence(before) + time + _fence(after)
        return f"<mn>{shown}</mn>" if part.lstrip("-").isdigit() else f"<mi>{shown}</mi>"

    above = ("<mo>′</mo>" if p.prime else "") + "<mo>,</mo>".join(map(index, p.above))
    below = "<mo>,</mo>".join(map(index, p.below))
    if above and below:
        return f"<msubsup>{text}<mrow>{below}</mrow><mrow>{above}</mrow></msubsup>"
    if above:
        return f"<msup>{text}<mrow>{above}</mrow></msup>"
    return f"<msub>{text}<mrow>{below}</mrow></msub>" if below else text


def _mathml_derivative(symbol_: Derivative, of: str, by: str) -> str:
    d = "<msup><mo>∂</mo><mo>+</mo></msup>" if symbol_.direct else "<mo>∂</mo>"
    text = f"<mfrac><mrow>{d}{of}</mrow><mrow><mo>∂</mo>{by}</mrow></mfrac>"
    if symbol_.at is None:
        return text
    step = f"<mi>t</mi><mo>=</mo><mn>{symbol_.at}</mn>"
    return f"<msub><mrow>{text}<mo>|</mo></mrow><mrow>{step}</mrow></msub>"


def _text_variable(v: Variable) -> str:
    time = "" if v.time is None else f"[{v.shown or v.time}]"
    return f"{v.base}{v.mark}{time}" + ("" if v.number is None else f"#{v.counted or v.number}")


def _text_derivative(symbol_: Derivative, of: str, by: str) -> str:
    at = "" if symbol_.at is None else f"@{symbol_.at}"
    by, numbered, number = by.partition("#")
    return f"d{'+' if symbol_.direct else ''}{of}/d{by}{at}{numbered}{number}"


def _rows(cells: list[list[str]], cell: str, row: str) -> str:
    return row.join(cell.join(line) for line in cells)


LATEX = Target(
    0,
    r" \cdot ",
    lambda s: rf"\left({s}\right)",
    "-",
    lambda a, b: rf"\frac{{{a}}}{{{b}}}",
    str,
    lambda rows: r"\begin{pmatrix}" + _rows(rows, " & ", r" \\ ") + r"\end{pmatrix}",
    _latex_variable,
    _latex_derivative,
)
TYPST = Target(
    1, " dot ", lambda s: f"({s})", "-", lambda a, b: f"frac({a}, {b})", str,
    lambda rows: f'mat(delim: "(", {_rows(rows, ", ", "; ")})', _typst_variable, _typst_derivative,
)  # fmt: skip
MATHML = Target(
    2,
    "<mo>&#8901;</mo>",
    lambda s: f"<mrow><mo>(</mo>{s}<mo>)</mo></mrow>",
    "<mo>&#8722;</mo>",
    lambda a, b: f"<mfrac><mn>{a}</mn><mn>{b}</mn></mfrac>",
    lambda text: (
        f'<mrow><mo form="prefix">&#8722;</mo><mn>{text[1:]}</mn></mrow>'
        if text.startswith("-")
        else f"<mn>{text}</mn>"
    ),
    lambda rows: (
        "<mrow><mo>(</mo><mtable>"
        + "".join(
            "<mtr>" + "".join(f"<mtd>{cell}</mtd>" for cell in row) + "</mtr>" for row in rows
        )
        + "</mtable><mo>)</mo></mrow>"
    ),
    _mathml_variable,
    _mathml_derivative,
    lambda parts: f"<mrow>{''.join(parts)}</mrow>",
)
TEXT = Target(
    3,
    " * ",
    lambda s: f"({s})",
    "-",
    lambda a, b: f"{a}/{b}",
    str,
    lambda rows: f"[{_rows(rows, ', ', '; ')}]",
    lambda v, notation: _text_variable(v),
    _text_derivative,
)


def _wide(v: Variable, notation: Notation) -> str:
    """A letter, and an index of small letters and digits."""
    letter, _, index = v.base.partition("_")
    small = f"{index}{v.mark}{v.shown or v.time or ''}{v.counted or v.number or ''}"
    return ("x" if len(letter) > 1 else letter) + "i" * math.ceil(0.6 * len(small))


WIDTH = replace(
    TEXT,
    variable=_wide,
    matrix=lambda rows: f"({max((', '.join(row) for row in rows), key=len)})",
    derivative=lambda d, of, by: f"d{max(of, by, key=len)}" + ("" if d.at is None else "t=1"),
)
"""Plain text about as wide as what it stands for is typeset: of rows and fractions the widest
part."""

TARGETS = {"latex": LATEX, "typst": TYPST, "mathml": MATHML, "text": TEXT}
