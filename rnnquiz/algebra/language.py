"""What an output language has to say beside the table of operations, and a variable taken apart for
it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from rnnquiz.algebra.notation import OWN, Notation
from rnnquiz.algebra.prints import Prints, T
from rnnquiz.algebra.symbols import GREEK, Derivative, Variable

KEPT_TARGETS = 1_000  # five languages in two hundred notations
DECIMAL_POINT, DECIMAL_COMMA = ".", ","
_ACCENTS = ("hat", "tilde", "bar")
_RELATIVE_TO = ("t+", "t-", "k+", "k-")  # this step or update


@dataclass(frozen=True, eq=False)
class Target:
    """How one output language writes what is not in the operation table, in one notation.

    `comma`: a decimal one; `listed`: a matrix of numbers with such commas, where it is not written
    as others are; `mark`: how the decimal mark in use is written. `typed`: names stand as people
    type them.

    `slashed`: a derivative without the line of a fraction.

    There is one object of each (`notated`), by which what is typeset is kept.
    """

    language: Literal["latex", "typst", "mathml", "text"]
    dot: str
    bracket: Callable[[str], str]
    minus: str
    fraction: Callable[[str, str], str]
    number: Callable[[str], str]
    matrix: Callable[[list[list[str]]], str]
    variable: Callable[[Variable, Notation], str]
    derivative: Callable[[Derivative, str, str], str]
    slashed: Callable[[Derivative, str, str], str]
    join: Callable[[list[str]], str] = "".join
    comma: str = ","
    listed: Callable[[list[list[str]]], str] | None = None
    mark: str = DECIMAL_POINT
    typed: bool = False
    notation: Notation = OWN

    def of(self, each: Prints[T]) -> T:
        """What stands in a table for this language."""
        found: T = getattr(each, self.language)
        return found

    @property
    def is_text(self) -> bool:
        """Plain text has no line of a fraction, and nothing stands above a letter."""
        return self.language == "text"


@lru_cache(maxsize=KEPT_TARGETS)
def notated(target: Target, notation: Notation) -> Target:
    """The output language in a notation."""
    return replace(target, notation=notation)


@lru_cache(maxsize=KEPT_TARGETS)
def with_mark(target: Target, decimal: str) -> Target:
    """The output language with a decimal mark."""
    if decimal == DECIMAL_POINT:
        return target
    # In LaTeX and Typst a bare comma is followed by a space.
    comma = target.comma if decimal == DECIMAL_COMMA else decimal

    def number(text: str) -> str:
        return target.number(text).replace(DECIMAL_POINT, comma)

    # In plain text a comma parts the entries of a matrix, too.
    matrix = target.listed or target.matrix
    return replace(target, number=number, matrix=matrix, mark=comma)


@lru_cache(maxsize=KEPT_TARGETS)
def in_sentences(target: Target) -> Target:
    """The output language inside of sentences, where the letters of a fraction would be small."""
    return replace(target, derivative=target.slashed)


_TINY = re.compile(r"(-?)0\.(0{5,})([1-9])(\d*)")


def is_tiny(text: str) -> bool:
    """True for a number that is written as a power of ten: nobody counts five zeros or more."""
    return _TINY.fullmatch(text) is not None


def with_powers(number: Callable[[str], str], power: str, product: str) -> Callable[[str], str]:
    """How a language writes numbers, tiny ones with a power of ten: 4.20 · 10^-7 for 0.000000420,
    10^-8 for 0.00000001. All digits stay, those at the end too: they are as exact as the number."""

    def written(text: str) -> str:
        tiny = _TINY.fullmatch(text)
        if tiny is None:
            return number(text)
        sign, zeros, first, rest = tiny.groups()
        ten = power.format(number(f"-{len(zeros) + 1}"))
        digits = f"{sign}{first}.{rest}" if rest else f"{sign}{first}"
        return ten if digits == "1" else product.format(number(digits), ten)

    return written


@dataclass(frozen=True)
class Apart:
    """A variable taken apart: letter and accent; what stands below and above it, in the order of
    writing."""

    letter: str
    accent: str
    prime: bool
    below: tuple[str, ...]
    above: tuple[str, ...]


def taken_apart(variable: Variable, notation: Notation) -> Apart:
    """yhat[2] -> y, hat, below 2; W_f -> W, below f; h_1[2] -> h, below 2, above (1): a numbered
    layer stands above.

    Greek letters are constants: their numbers stand below.
    """
    letter, _, index = variable.base.partition("_")
    accent = _accent(letter)
    below, above = _indices(letter, index)
    time = variable.shown or _text(variable.time)
    if time and notation.time == "below":
        below.append(time)
    elif time:
        above.append(notation.time.replace("t", time))
    if variable.entry:
        below += variable.entry.split(",")
    # Where updates are counted, the number says which value it is.
    if variable.mark == "_new" and variable.number is None:
        above.append("new")
    if variable.number is not None:
        above.append(f"[{variable.counted or variable.number}]")
    bare = letter.removesuffix(accent)
    return Apart(bare, accent, variable.mark == "'", tuple(below), tuple(above))


def _accent(letter: str) -> str:
    """The accent that a letter ends with: hat of yhat."""
    for accent in _ACCENTS:
        if letter.endswith(accent) and letter != accent:
            return accent
    return ""


def _indices(letter: str, index: str) -> tuple[list[str], list[str]]:
    """What of an index stands below, and what above: numbers of layers."""
    below: list[str] = []
    above: list[str] = []
    for part in filter(None, index.split("_")):
        if part.isdigit() and letter not in GREEK:
            above.append(f"({part})")
        else:
            below.append(part)
    return below, above


def _text(number: int | None) -> str:
    if number is None:
        return ""
    return str(number)


def is_short(part: str) -> bool:
    """True for an index that is written as mathematics: a number, a letter, a time such as t-1,
    with or without brackets."""
    bare = part.strip("()[]<>")
    is_number = bare.lstrip("-").isdigit()
    return len(bare) == 1 or is_number or bare.startswith(_RELATIVE_TO)


def rows_of(cells: Sequence[Sequence[str]], cell: str, row: str) -> str:
    """The cells of a matrix with what parts cells and rows."""
    lines = map(cell.join, cells)
    return row.join(lines)
