"""A row of the table of operations: how one is evaluated, bounded and differentiated, and what fits
it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnnquiz.algebra.affine import Bounded, bilinear, linear
from rnnquiz.algebra.expression import Expression
from rnnquiz.algebra.shapes import Shape, ShapeOf
from rnnquiz.decimals import Array
from rnnquiz.languages.sentences import Message

Partial = Callable[[tuple[Expression, ...], Expression, int, ShapeOf], Expression]
"""The gradient of argument number i, from the arguments, the gradient of the result, and i."""


@dataclass(frozen=True)
class Operation:
    """One row; how it is written stands in `writing`.

    Arrays have the batch axis first. In a specialised tree every operation knows the ranks of its
    arguments, so `evaluate` works on trailing axes and takes any number of leading ones.

    `sized` gives the shape from the arguments, and the shape of the first, where it follows from
    numbers among them. `fold` is the operation on two arguments where it takes any number of them.
    `through` is the gradient of the argument from the named result and its gradient, where people
    go that way. `rule` names the rule of differentiation in words.
    """

    evaluate: Callable[..., Array]
    bound: Callable[..., Bounded]
    partial: Partial
    shape: Callable[..., Shape]
    fold: np.ufunc | None = None
    through: Callable[[Expression, Expression, ShapeOf], Expression] | None = None
    rule: Message | None = None
    sized: Callable[[tuple[Expression, ...], Shape], Shape] | None = None


def product_row(
    product: Callable[..., Array], partial: Partial, shape: Callable[..., Shape], rule: Message
) -> Operation:
    """An operation that is linear in each of its two arguments."""
    return Operation(product, lambda a, b: bilinear(product, a, b), partial, shape, rule=rule)


def linear_row(
    apply: Callable[[Array], Array], partial: Partial, shape: Callable[..., Shape], rule: Message
) -> Operation:
    """An operation that is linear in its argument."""
    return Operation(apply, lambda a: linear(apply, a), partial, shape, rule=rule)
