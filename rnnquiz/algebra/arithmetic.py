"""The operations entry by entry that have signs of their own: plus, minus, times, divided by, to
the power of."""

from __future__ import annotations

from functools import partial, reduce

import numpy as np

from rnnquiz.algebra.affine import Affine, Bounded, bilinear, curved, linear, plus
from rnnquiz.algebra.expression import Apply, Expression, Number, mul, neg, number, power
from rnnquiz.algebra.functions import beyond, smooth
from rnnquiz.algebra.operation_row import Operation, product_row
from rnnquiz.algebra.shapes import ShapeOf, alike, divided, times
from rnnquiz.decimals import Array
from rnnquiz.languages.sentences import said

SQUARE = 2  # the exponent


def _neg_bound(value: Bounded) -> Bounded:
    if isinstance(value, float):
        return -value
    return linear(np.negative, value)


def _mul_bound(*factors: Bounded) -> Bounded:
    product = partial(bilinear, np.multiply)
    return reduce(product, factors)


def mul_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    """The gradient times all other factors."""
    others = (*args[:i], *args[i + 1 :])
    return reduce(lambda a, b: times(a, b, of), others, g)


def _pow(base: Array, exponent: Array | float) -> Array:
    exponent = float(exponent)
    # NumPy's square is one product, and right to the last bit; its power is not.
    if exponent == SQUARE:
        return np.square(base)
    raised: Array = np.power(base, exponent)
    return raised


def _pow_bound(base: Affine, exponent: float) -> Affine:
    factor = abs(exponent * (exponent - 1))
    lower = exponent - 2

    def curvature(c: Array, r: Array) -> Array:
        # Below the second power the curvature is largest at the end that is nearest to zero.
        if exponent < SQUARE:
            return factor * beyond(c, r, lambda e: e**lower)
        farthest = np.abs(c) + r
        return factor * np.asarray(farthest**lower)

    with np.errstate(all="ignore"):
        value = _pow(base.centre, exponent)
        slope = exponent * _pow(base.centre, exponent - 1)
        return curved(base, value, slope, smooth(curvature))


def _pow_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    base, exponent = args
    assert isinstance(exponent, Number)
    lower = power(base, exponent.value - 1)
    return times(g, mul(exponent, lower), of)


def _div_bound(top: Bounded, bottom: Bounded) -> Bounded:
    if isinstance(bottom, float):
        # NumPy divides by zero without an error, as it does in the formula itself.
        with np.errstate(all="ignore"):
            reciprocal = float(np.divide(1.0, bottom))
            return bilinear(np.multiply, top, reciprocal)
    # Times the reciprocal, whose curvature is known: a quotient needs no bound of its own.
    return bilinear(np.multiply, top, _pow_bound(bottom, -1.0))


def _div_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    top, bottom = args
    if i == 1:
        square = Apply("pow", (bottom, number(2)))
        slope = divided(top, square, of)
        return neg(times(g, slope, of))
    # A scalar gradient over a vector is no quotient entry by entry.
    if of(g) == () != of(bottom) and not isinstance(g, Number):
        reciprocal = divided(number(1), bottom, of)
        return times(g, reciprocal, of)
    return divided(g, bottom, of)


ARITHMETIC: dict[str, Operation] = {
    "add": Operation(
        lambda *terms: reduce(np.add, terms),
        lambda *terms: reduce(plus, terms),
        lambda args, g, i, of: g,
        alike,
        rule=said("sum rule (terms without it fall away)"),
        fold=np.add,
    ),
    "neg": Operation(
        np.negative,
        _neg_bound,
        lambda args, g, i, of: neg(g),
        alike,
        rule=said("a sign stays"),
    ),
    "mul": Operation(
        lambda *factors: reduce(np.multiply, factors),
        _mul_bound,
        mul_partial,
        alike,
        rule=said("a constant factor stays"),
        fold=np.multiply,
    ),
    "hadamard": product_row(np.multiply, mul_partial, alike, said("a factor entry by entry stays")),
    "div": Operation(np.divide, _div_bound, _div_partial, alike, rule=said("quotient rule")),
    "over": Operation(np.divide, _div_bound, _div_partial, alike, rule=said("quotient rule")),
    "pow": Operation(
        _pow,
        _pow_bound,
        _pow_partial,
        lambda base, exponent: base,
        rule=said("power rule (the exponent in front, one power less)"),
    ),
}
