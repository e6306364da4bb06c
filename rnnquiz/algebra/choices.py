"""Operations that mix the entries of a value or choose between values: softmax, clip, minimum, select."""

from __future__ import annotations

import numpy as np

from rnnquiz.algebra.affine import Affine, Bounded, choose, exact
from rnnquiz.algebra.expression import Apply, Expression, add, neg
from rnnquiz.algebra.shapes import Shape, ShapeError, ShapeOf, inner, show_shape, spread, times
from rnnquiz.decimals import Array


def softmax(scores: Array) -> Array:
    powers: Array = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def softmax_bound(value: Affine) -> Affine:
    """Linearised at the centre. The second derivative along d with |d_k| <= R is at most p (2R)^2, and p grows by at most e^2R."""
    p = softmax(value.centre)

    def slope(d: Array) -> Array:
        return np.asarray(p * (d - (p * d).sum(-1, keepdims=True)))

    with np.errstate(all="ignore"):
        reach = value.radius.max(-1, keepdims=True)
        left_out = 2 * reach**2 * np.minimum(1.0, p * np.exp(2 * reach))
        own = p * (value.remainder + (p * value.remainder).sum(-1, keepdims=True))
    return Affine(p, slope(value.coefficients), value.sources, own + left_out)


def softmax_through(result: Expression, g: Expression, of: ShapeOf) -> Expression:
    """p * (g - p.g): the Jacobian diag(p) - p p^T times g (Bridle 1990)."""
    return times(result, add(g, neg(spread(inner(g, result, of), result, of))), of)


def softmax_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    return softmax_through(Apply("softmax", args), g, of)


def softmax_shape(scores: Shape) -> Shape:
    if len(scores) != 1:
        raise ShapeError(f"softmax takes a vector, found a {show_shape(scores)}; a single output is for sigmoid")
    return scores


def _wide(limit: Array, like: Array) -> Array:
    """A scalar limit over the axes of a tensor."""
    return np.asarray(limit).reshape(np.shape(limit) + (1,) * (np.ndim(like) - np.ndim(limit)))


def clip(value: Array, limit: Array) -> Array:
    wide = _wide(limit, value)
    return np.asarray(np.clip(value, -wide, wide))


def clip_bound(value: Affine, limit: Bounded) -> Affine:
    """Exact inside and outside of the limits; where the value may be on either side, off by what reaches across."""
    size = limit if isinstance(limit, float) else _wide(limit.centre, value.centre)
    inside = np.abs(value.centre) <= size
    across = np.maximum(value.radius - np.abs(np.abs(value.centre) - size), 0.0)
    own = 0.0 if isinstance(limit, float) else _wide(limit.radius, value.centre)
    return Affine(
        np.clip(value.centre, -size, size), value.coefficients * inside, value.sources, value.remainder * inside + across + own
    )


def minimum_bound(left: Bounded, right: Bounded) -> Bounded:
    """The smaller one; where either may be it, off by how far they overlap."""
    if isinstance(left, float) and isinstance(right, float):
        return min(left, right)
    like = left if isinstance(left, Affine) else right
    assert isinstance(like, Affine)
    one, other = (side if isinstance(side, Affine) else exact(np.full_like(like.centre, side)) for side in (left, right))
    smaller = choose(one.centre <= other.centre, one, other)
    overlap = np.maximum(one.radius + other.radius - np.abs(one.centre - other.centre), 0.0)
    return Affine(smaller.centre, smaller.coefficients, smaller.sources, smaller.remainder + overlap)


def flat_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    raise ShapeError("clip and minimum are for training steps; no gradient is taken through them")


def select(which: Array, *values: Array) -> Array:
    """Value number `which` (from 1) of several scalars, for each variant its own."""
    table = np.stack(np.broadcast_arrays(*values), axis=-1)
    return np.asarray(np.take_along_axis(table, (np.asarray(which) - 1).astype(np.int64)[..., None], axis=-1)[..., 0])


def select_bound(which: Bounded, *values: Bounded) -> Affine:
    assert isinstance(which, Affine)
    forms = [v if isinstance(v, Affine) else exact(np.full_like(which.centre, v)) for v in values]
    chosen = forms[0]
    for number, form in enumerate(forms[1:], start=2):
        chosen = choose(which.centre == number, form, chosen)
    return chosen
