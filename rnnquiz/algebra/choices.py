"""Operations that mix the entries of a value or choose between values: softmax, clip, minimum,
maximum, select.

Where one of two values takes over from the other there is a kink; the derivative there is that of
one of the sides.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rnnquiz.algebra.affine import Affine, Bounded, choose, exact, linear
from rnnquiz.algebra.expression import ONE, Apply, Expression, add, neg
from rnnquiz.algebra.operation_row import Operation
from rnnquiz.algebra.shapes import (
    SAME_SHAPE,
    Shape,
    ShapeError,
    ShapeOf,
    inner,
    show_shape,
    spread_like,
    times,
)
from rnnquiz.decimals import Array
from rnnquiz.languages.sentences import said


def softmax(scores: Array) -> Array:
    """Over the last axis: scores (..., n), shares (..., n) that sum to one."""
    # With the largest score taken off no power is past all floats, and the quotients are the same.
    largest = scores.max(-1, keepdims=True)
    powers: Array = np.exp(scores - largest)
    total = powers.sum(-1, keepdims=True)
    return np.asarray(powers / total)


def softmax_bound(value: Affine) -> Affine:
    """Linearised at the centre. The second derivative along d with |d_k| <= R is at most p (2R)^2,
    and p grows by at most e^2R."""
    p = softmax(value.centre)

    def mean(d: Array) -> Array:
        return np.asarray((p * d).sum(-1, keepdims=True))

    with np.errstate(all="ignore"):
        reach = value.radius.max(-1, keepdims=True)
        most = np.minimum(1.0, p * np.exp(2 * reach))
        left_out = 2 * reach**2 * most
        # Of a remainder the signs are not known: both parts of the slope add to it.
        own = p * (value.remainder + mean(value.remainder))
    errors = value.coefficients
    coefficients = np.asarray(p * (errors - mean(errors)))
    return Affine(p, coefficients, value.sources, own + left_out)


def softmax_through(result: Expression, g: Expression, of: ShapeOf) -> Expression:
    """p * (g - p.g): the Jacobian diag(p) - p p^T times g (Bridle 1990)."""
    mean = spread_like(inner(g, result, of), result, of)
    off_mean = add(g, neg(mean))
    return times(result, off_mean, of)


def softmax_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    """What of a gradient goes through a softmax to its scores."""
    return softmax_through(Apply("softmax", args), g, of)


def softmax_shape(scores: Shape) -> Shape:
    """That of the scores, a vector; ShapeError for anything else."""
    if len(scores) != 1:
        raise ShapeError(
            f"softmax takes a vector, found a {show_shape(scores)}",
            "take sigmoid for a single output",
        )
    return scores


def _wide(limit: Array, like: Array) -> Array:
    """A scalar limit over the axes of a tensor."""
    more = np.ndim(like) - np.ndim(limit)
    shape = *np.shape(limit), *[1] * more
    return np.asarray(limit).reshape(shape)


def clip(value: Array, limit: Array) -> Array:
    """Each entry within plus and minus the limit, a number or one for each entry."""
    wide = _wide(limit, value)
    return np.asarray(np.clip(value, -wide, wide))


def clip_bound(value: Affine, limit: Bounded) -> Affine:
    """Exact inside and outside of the limits; where the value may be on either side, off by what
    reaches across."""
    size, own = _sized(limit, value.centre)
    distance = np.abs(value.centre)
    beyond = np.abs(distance - size)  # how far it is from the nearer limit
    across = np.maximum(value.radius - beyond, 0.0)
    inside = distance <= size
    centre = np.clip(value.centre, -size, size)
    coefficients = value.coefficients * inside
    # The limit may have an error of its own, and gives it to what is clipped.
    remainder = value.remainder * inside + across + own
    return Affine(centre, coefficients, value.sources, remainder)


def _sized(limit: Bounded, like: Array) -> tuple[Array | float, Array | float]:
    """The centre of a limit and its radius, in a shape that goes with a value."""
    if isinstance(limit, float):
        return limit, 0.0
    return _wide(limit.centre, like), _wide(limit.radius, like)


def affine(value: Bounded, like: Affine) -> Affine:
    """A constant as an affine form of the shape of another; a form as it is."""
    if isinstance(value, Affine):
        return value
    return exact(np.full_like(like.centre, value))


def minimum_bound(left: Bounded, right: Bounded) -> Bounded:
    """The smaller one; where either may be it, off by how far they overlap."""
    if isinstance(left, float) and isinstance(right, float):
        return min(left, right)
    like = left if isinstance(left, Affine) else right
    assert isinstance(like, Affine)
    one, other = affine(left, like), affine(right, like)
    smaller = choose(one.centre <= other.centre, one, other)
    apart = np.abs(one.centre - other.centre)
    reach = one.radius + other.radius
    overlap = np.maximum(reach - apart, 0.0)
    return replace(smaller, remainder=smaller.remainder + overlap)


def maximum_bound(left: Bounded, right: Bounded) -> Bounded:
    """The larger one, as the negative of the smaller of the negatives."""
    smaller = minimum_bound(_negated(left), _negated(right))
    return _negated(smaller)


def _negated(value: Bounded) -> Bounded:
    if isinstance(value, float):
        return -value
    return linear(np.negative, value)


def chosen_shape(left: Shape, right: Shape) -> Shape:
    """Two values of one shape; a constant goes with any."""
    if left != right and () not in (left, right):
        raise ShapeError(
            f"{show_shape(left)} and {show_shape(right)} cannot be compared entry by entry",
            SAME_SHAPE,
        )
    return left or right


def clip_shape(value: Shape, limit: Shape) -> Shape:
    """That of the value; ShapeError unless the limit is a number or has this shape, too."""
    if limit not in ((), value):
        raise ShapeError(
            f"clip has one limit for all entries; found a {show_shape(limit)} for a"
            f" {show_shape(value)}",
            "write a number: clip(a, 2)",
        )
    return value


def _wider(limit: Expression, value: Expression, of: ShapeOf) -> Expression:
    """A limit in the shape of the value that it limits."""
    if of(limit) == of(value):
        return limit
    rank = len(of(value))
    return Apply(f"like{rank}", (limit, value))


def _step(tree: Expression) -> Expression:
    """1 where the tree is positive, 0 elsewhere."""
    return Apply("step", (tree,))


def clip_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    """1 within the limits and 0 beyond them; for the limit 1 above it, -1 below its negative."""
    value, limit = args
    wide = _wider(limit, value, of)
    above = _step(add(value, neg(wide)))
    below = _step(add(neg(wide), neg(value)))
    if i == 0:
        within = add(ONE, neg(above), neg(below))
        return times(g, within, of)
    slope = add(above, neg(below))
    if of(limit) == of(value):
        return times(g, slope, of)
    # One limit for all entries: its gradient is the sum of theirs.
    return inner(spread_like(g, value, of), slope, of)


def minimum_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    """1 for the smaller one, 0 for the other; the first counts as larger where they are equal."""
    one, other = args
    first = _step(add(other, neg(one)))
    if i == 0:
        return times(g, first, of)
    # Where both are equal, a step function for each would let no gradient pass.
    second = add(ONE, neg(first))
    return times(g, second, of)


def maximum_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    """1 for the larger one, 0 for the other; the first counts as larger where they are equal."""
    one, other = args
    second = _step(add(other, neg(one)))
    if i == 1:
        return times(g, second, of)
    first = add(ONE, neg(second))
    return times(g, first, of)


def flat_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    """ShapeError: nothing is differentiated through a choice of lines."""
    remedy = "take it out of what is differentiated"
    raise ShapeError("no gradient is taken through a choice of lines", remedy)


def select(which: Array, *values: Array) -> Array:
    """Value number `which` (from 1) of several scalars, for each variant its own."""
    # Constants among the values have no batch axis.
    alike = np.broadcast_arrays(*values)
    table = np.stack(alike, axis=-1)
    place = np.asarray(which) - 1
    index = place.astype(np.int64)[..., None]
    taken = np.take_along_axis(table, index, axis=-1)
    return np.asarray(taken[..., 0])


def select_bound(which: Bounded, *values: Bounded) -> Affine:
    """The form of the value whose place, from one, `which` has for its centre."""
    assert isinstance(which, Affine)
    # A value may be a constant, and the choice is made between forms.
    forms = [affine(value, which) for value in values]
    chosen = forms[0]
    for number, form in enumerate(forms[1:], start=2):
        chosen = choose(which.centre == number, form, chosen)
    return chosen


_TAKEN = said("1 for the one that is taken, 0 for the other")

CHOICES: dict[str, Operation] = {
    "softmax": Operation(
        softmax,
        softmax_bound,
        softmax_partial,
        softmax_shape,
        through=softmax_through,
        rule=said("the derivative of softmax (each entry depends on all)"),
    ),
    "clip": Operation(
        clip, clip_bound, clip_partial, clip_shape, rule=said("1 within the limits, 0 beyond them")
    ),
    "minimum": Operation(np.minimum, minimum_bound, minimum_partial, chosen_shape, rule=_TAKEN),
    "maximum": Operation(np.maximum, maximum_bound, maximum_partial, chosen_shape, rule=_TAKEN),
    "select": Operation(select, select_bound, flat_partial, lambda which, *values: ()),
}
