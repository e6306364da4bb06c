"""All entries added up, and one number given to all entries: each goes back as the other."""

from __future__ import annotations

import numpy as np

from rnnquiz.algebra.affine import Affine, Bounded, bilinear, exact
from rnnquiz.algebra.arithmetic import ARITHMETIC
from rnnquiz.algebra.expression import Apply, Expression, number
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.operation_row import Operation, linear_row
from rnnquiz.algebra.shapes import SAME_SHAPE, Shape, ShapeError, ShapeOf, show_shape, spread_like
from rnnquiz.decimals import Array
from rnnquiz.languages.sentences import said

ENTRYWISE_OPS = frozenset({*FUNCTIONS, *ARITHMETIC})
"""Operations of which each entry depends on the same entry of the arguments."""


def _is_entrywise(tree: Expression) -> bool:
    """True where every entry of the tree depends on the same entry of the names in it: a scalar
    gradient may pass."""
    if not isinstance(tree, Apply):
        return True
    return tree.op in ENTRYWISE_OPS and all(map(_is_entrywise, tree.args))


def _sum_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    (summed,) = args
    # The factor goes into each entry by itself: no vector of ones stands in the formula.
    if isinstance(summed, Apply) and _is_entrywise(summed):
        return g
    return spread_like(g, summed, of)


def _spread_row(*axes: int) -> Operation:
    """One number given to every entry of something else, whose axes these are."""

    def apply(g: Array, like: Array) -> Array:
        return np.expand_dims(g, axes) * np.ones_like(like)

    def bound(g: Affine, like: Affine) -> Bounded:
        # Of the second argument only the shape counts, not its errors.
        ones = exact(np.ones_like(like.centre))
        return bilinear(lambda a, b: np.expand_dims(a, axes) * b, g, ones)

    def partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
        like = args[1]
        if i == 1:
            return number(0)
        op = "sum" if len(axes) == 1 else "total"
        return Apply(op, (spread_like(g, like, of),))

    def shape(value: Shape, like: Shape) -> Shape:
        if value != ():
            found = f"like gives one number to every entry; found a {show_shape(value)}"
            raise ShapeError(found, "write  like(a, B)  with a number a")
        if len(like) != len(axes):
            found = f"a {show_shape(like)} where {len(axes)} axes belong"
            raise ShapeError(found, SAME_SHAPE)
        return like

    return Operation(apply, bound, partial, shape)


_COUNTED = said("a sum over the entries (each counts once)")

SUMS: dict[str, Operation] = {
    "sum": linear_row(lambda v: v.sum(-1), _sum_partial, lambda v: (), _COUNTED),
    "total": linear_row(lambda m: m.sum((-1, -2)), _sum_partial, lambda m: (), _COUNTED),
    "spread1": _spread_row(-1),
    "spread2": _spread_row(-2, -1),
    "like1": _spread_row(-1),
    "like2": _spread_row(-2, -1),
}
