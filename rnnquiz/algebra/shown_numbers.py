"""Numbers, vectors and matrices as they are printed, and constants of formulas: 1/3, 0.05."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

from rnnquiz.algebra.expression import Number
from rnnquiz.algebra.language import is_tiny
from rnnquiz.algebra.shown_symbols import KEPT_TYPESET
from rnnquiz.algebra.targets import Target
from rnnquiz.algebra.typeset_part import ATOM, Typeset
from rnnquiz.algebra.writing import (
    POWER,
    PRODUCT,
    SUM,
)
from rnnquiz.decimals import plain

LARGEST_DENOMINATOR = 10  # 1/10 is read as a fraction, 1/16 as 0.0625


def value_piece(printed: Any, target: Target) -> Typeset:
    """A printed value: the text of a number, or nested lists of them for a vector or a matrix."""
    if isinstance(printed, str):
        return typeset_number(printed, target)
    rows = matrix_rows(printed, target.notation.layout)
    cells = [list(map(target.number, row)) for row in rows]
    return Typeset(target.matrix(cells), ATOM, True, matrix=True)


def matrix_rows(printed: list[Any], layout: str) -> list[list[str]]:
    """The rows of a vector or a matrix, as the notation lays it out."""
    if isinstance(printed[0], list):
        if layout == "rows":
            columns = zip(*printed, strict=True)
            return list(map(list, columns))
        return printed
    if layout == "columns":
        return [[cell] for cell in printed]
    return [printed]


@lru_cache(maxsize=KEPT_TYPESET)
def typeset_number(printed: str, target: Target) -> Typeset:
    """A number as it is printed: negative, it binds as loosely as a sum."""
    text = target.number(printed)
    if printed.startswith("-"):
        return Typeset(text, SUM, True, target.number(printed[1:]))
    # A power of ten is a product, of which a power needs brackets.
    return Typeset(text, PRODUCT if is_tiny(printed) else ATOM, True)


def typeset_constant(tree: Number, target: Target) -> Typeset:
    """A constant of a formula, a quotient as a fraction."""
    shown = _unsigned(abs(tree.value), target)
    if tree.value >= 0:
        return shown
    text = target.join([target.minus, shown.text])
    return Typeset(text, SUM, shown.number, shown.text)


def _unsigned(value: Fraction, target: Target) -> Typeset:
    """A constant that is not negative: 1/3 and 1/2 as fractions, 0.05 as a decimal number."""
    text = plain(value)
    top, bottom = value.numerator, value.denominator
    # What has no finite decimal expansion (1/37) can be shown in no other way.
    if bottom != 1 and (bottom <= LARGEST_DENOMINATOR or "/" in text):
        fraction = target.fraction(str(top), str(bottom))
        return Typeset(fraction, PRODUCT if target.is_text else POWER)
    return typeset_number(text, target)
