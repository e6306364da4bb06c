"""Formulas as lines of a key show them: with symbols or with numbers, and long sums in several
pieces.

All students' lines have the same formulas. What is typeset is kept as a form with places for the
digits: for each formula, and each way in which the signs of its numbers fall.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, repeat
from typing import Any

from rnnquiz.algebra.expression import Apply, Expression, add, parts_by, refs
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.language import DECIMAL_POINT, is_tiny
from rnnquiz.algebra.shown_numbers import value_piece
from rnnquiz.algebra.shown_symbols import KEPT_TYPESET as KEPT
from rnnquiz.algebra.shown_symbols import symbol_leaf
from rnnquiz.algebra.targets import LATEX, TYPST, Target
from rnnquiz.algebra.typeset import typeset
from rnnquiz.algebra.typeset_part import Leaf
from rnnquiz.algebra.writing import WRITTEN_FORMS

# Characters of plain text of a sum in one row. Nothing is measured before it is set: with that a
# sheet by Typst took 190 ms, without it 50.
LONGEST_PART = 72
_PLACE = 0xE000  # private characters stand for the digits of the first, second, ... number


@dataclass(frozen=True)
class LinePart:
    """A part of a line: its length in plain text, the sign before it ("=", or "" where a sum goes
    on), and its text."""

    length: int
    sign: str
    shown: str


def typeset_numbers(tree: Expression, target: Target, printed: Mapping[str, Any]) -> str:
    """The formula with the printed values of its names in it: texts, or nested lists of them."""
    signs, digits = _taken_apart(tree, printed)
    if any(map(is_tiny, digits)):
        return typeset(tree, target, _leaf(tree, target, signs, iter(digits)))
    form, filled = _form(tree, target, signs), _filled(digits, target)
    return form.translate(filled)


def broken_symbols(
    tree: Expression, text: Target, target: Target, longest: int = LONGEST_PART
) -> tuple[LinePart, ...]:
    """The formula with symbols, a sum of many terms in several parts; `text` is plain text in the
    same notation."""
    return _broken_symbols(tree, text, target, longest)


def broken_numbers(
    tree: Expression,
    text: Target,
    target: Target,
    printed: Mapping[str, Any],
    longest: int = LONGEST_PART,
) -> tuple[LinePart, ...]:
    """The formula with numbers, broken as with symbols."""
    signs, digits = _taken_apart(tree, printed)
    # How a power of ten is written depends on its digits: it has no place in a form.
    if any(map(is_tiny, digits)):
        leaves = [_leaf(tree, of, signs, iter(digits)) for of in (text, target)]
        return tuple(_broken(tree, text, target, leaves[0], leaves[1], longest))
    filled = _filled(digits, target)
    length = _usual(digits)
    parts = []
    for part in _broken_form(tree, text, target, signs, length, longest):
        shown = part.shown.translate(filled)
        parts.append(LinePart(part.length, part.sign, shown))
    return tuple(parts)


def _usual(digits: list[str]) -> int:
    """How long the numbers of a formula are on the whole: what is measured is their sum."""
    letters = sum(map(len, digits))
    return math.ceil(letters / max(1, len(digits)))


def _taken_apart(tree: Expression, printed: Mapping[str, Any]) -> tuple[Any, list[str]]:
    """For each name whether its numbers are negative (nested as they are), and the digits of all
    numbers."""
    digits: list[str] = []

    def sign(value: Any) -> Any:
        if isinstance(value, str):
            digits.append(value.removeprefix("-"))
            return value.startswith("-")
        return tuple(map(sign, value))

    signs = tuple(sign(printed[name]) for name in refs(tree))
    return signs, digits


def _filled(digits: list[str], target: Target) -> dict[int, str]:
    """The digits by their places, with the decimal mark of the target."""
    if target.mark != DECIMAL_POINT:
        digits = [text.replace(DECIMAL_POINT, target.mark) for text in digits]
    return dict(enumerate(digits, _PLACE))


def _leaf(tree: Expression, target: Target, signs: Any, texts: Iterator[str]) -> Leaf:
    """Values with these signs, and with these texts as digits."""

    def value(sign: Any) -> Any:
        if isinstance(sign, bool):
            if sign:
                return f"-{next(texts)}"
            return next(texts)
        return [value(part) for part in sign]

    of_names = zip(refs(tree), signs, strict=True)
    values = {name: value(sign) for name, sign in of_names}
    return lambda name: value_piece(values[name], target)


@lru_cache(maxsize=KEPT)
def _form(tree: Expression, target: Target, signs: Any) -> str:
    return typeset(tree, target, _places(tree, target, signs))


def _places(tree: Expression, target: Target, signs: Any) -> Leaf:
    """Values with these signs, and with a place for the digits of each number."""
    places = map(chr, count(_PLACE))
    return _leaf(tree, target, signs, places)


@lru_cache(maxsize=KEPT)
def _broken_symbols(
    tree: Expression, text: Target, target: Target, longest: int
) -> tuple[LinePart, ...]:
    leaves = symbol_leaf(text), symbol_leaf(target)
    return tuple(_broken(tree, text, target, *leaves, longest))


@lru_cache(maxsize=KEPT)
def _broken_form(
    tree: Expression, text: Target, target: Target, signs: Any, length: int, longest: int
) -> tuple[LinePart, ...]:
    # Where it breaks, all numbers count as equally long.
    text_leaf = _leaf(tree, text, signs, repeat("0" * length))
    leaf = _places(tree, target, signs)
    return tuple(_broken(tree, text, target, text_leaf, leaf, longest))


def _broken(
    tree: Expression, text: Target, target: Target, text_leaf: Leaf, leaf: Leaf, longest: int
) -> Iterator[LinePart]:
    """A long sum breaks between its terms, also where it is all that a function is taken of."""
    before = after = ""
    inner = tree
    if (
        isinstance(tree, Apply)
        and _has_brackets(tree.op)
        and len(typeset(tree, text, text_leaf)) > longest
    ):
        before, after = _around(tree.op, target)
        inner = target.notation.laid_out(tree.args[0])
    terms = parts_by("add", inner)
    chunk: list[Expression] = []
    sign = "="
    for k, term in enumerate(terms):
        chunk.append(term)
        last = k == len(terms) - 1
        # Measured with the next term: the row ends before one that would make it too long.
        next_end = k + 2
        following = typeset(add(*chunk, *terms[k + 1 : next_end]), text, text_leaf)
        if last or len(following) > longest:
            part = add(*chunk)
            shown = typeset(part, target, leaf)
            if not sign:
                shown = _going_on(shown, target)
            if before:
                shown = _halved(shown, before if sign else "", after if last else "", target)
            length = len(typeset(part, text, text_leaf))
            yield LinePart(length, sign, shown)
            chunk, sign = [], ""


def _going_on(shown: str, target: Target) -> str:
    """A piece with its sign in front, with which a row begins."""
    bare = shown.removeprefix("-").lstrip()
    sign = "+" if bare == shown else "-"
    # At the beginning of a row Typst takes it for the sign of a number, and leaves no space.
    space = " med" if target.language == TYPST.language else ""
    return f"{sign}{space} {bare}"


def _around(op: str, target: Target) -> list[str]:
    """What stands before and after the argument of a function."""
    form = target.of(WRITTEN_FORMS[op].prints)
    # A half is no template any more: the braces, which stand twice in one, stand once.
    plain = form.replace("{{", "{").replace("}}", "}")
    return plain.split("{0}")


def _has_brackets(op: str) -> bool:
    """True for a function that is written with brackets around what it is taken of (not for a
    root)."""
    if op not in FUNCTIONS:
        return False
    in_latex = WRITTEN_FORMS[op].prints.latex
    return in_latex.endswith(r"\right)")


def _halved(shown: str, before: str, after: str, target: Target) -> str:
    """A piece of what stands in brackets, with the opening bracket, the closing one, both or none;
    each grows with the piece. LaTeX wants a bracket closed by nothing, Typst to be told of one
    that is alone."""
    if target.language == LATEX.language:
        opening, closing = before or r"\left.", after or r"\right."
        return f"{opening}{shown}{closing}"
    if target.language != TYPST.language:
        return f"{before}{shown}{after}"
    opened = rf"\( {shown}" if before else shown
    closed = rf"{opened} \)" if after else opened
    # What stands before ends with the bracket; the rest of it is the name of the function.
    if before or after:
        return f"{before[:-1]}lr({closed})"
    return closed
