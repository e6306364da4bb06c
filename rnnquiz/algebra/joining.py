"""Vectors put one below the other, and parts of a vector: for one weight matrix over state and
input, W [h; x]."""

from __future__ import annotations

import numpy as np

from rnnquiz.algebra.affine import Affine, Bounded, exact, laid_over, linear, merged
from rnnquiz.algebra.expression import Apply, Expression, Number, applies, number
from rnnquiz.algebra.operation_row import Operation
from rnnquiz.algebra.shapes import Shape, ShapeError, ShapeOf, show_shape
from rnnquiz.decimals import Array
from rnnquiz.languages.sentences import said


def concat(upper: Array, lower: Array) -> Array:
    """(..., m) above (..., n): (..., m + n)."""
    # One of them may be a constant, or the same for the whole batch.
    lead = np.broadcast_shapes(upper.shape[:-1], lower.shape[:-1])
    first = np.broadcast_to(upper, (*lead, upper.shape[-1]))
    second = np.broadcast_to(lower, (*lead, lower.shape[-1]))
    return np.concatenate([first, second], axis=-1)


def concat_bound(upper: Bounded, lower: Bounded) -> Affine:
    """Each part with its own errors; what is one source in both stays one."""
    one, other = map(_vector, (upper, lower))
    sources = merged(one, other)
    first = laid_over(one.coefficients, one, sources, one.centre)
    second = laid_over(other.coefficients, other, sources, other.centre)
    centre = concat(one.centre, other.centre)
    remainder = concat(one.remainder, other.remainder)
    return Affine(centre, concat(first, second), sources, remainder)


def _vector(value: Bounded) -> Affine:
    """A constant as a vector of one entry; a form as it is."""
    if isinstance(value, Affine):
        return value
    # A batch of one goes with any other.
    constant = np.full((1, 1), value)
    return exact(constant)


def concat_shape(upper: Shape, lower: Shape) -> Shape:
    """The vector of both lengths; ShapeError unless both are vectors."""
    if len(upper) != 1 or len(lower) != 1:
        raise ShapeError(
            f"concat takes vectors and numbers, found {show_shape(upper)} and {show_shape(lower)}",
            "join vectors, and multiply the result by one wider matrix",
        )
    return (upper[0] + lower[0],)


def concat_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    """The entries of the gradient that belong to the part."""
    (upper,), (lower,) = map(of, args)
    # Entries count from 1, as in the formulas that people read.
    first, last = (1, upper) if i == 0 else (upper + 1, upper + lower)
    return Apply("part", (g, number(first), number(last)))


def part(vector: Array, first: Array, last: Array) -> Array:
    """The entries from `first` to `last`, both counted from one."""
    before = int(first) - 1
    return vector[..., before : int(last)]


def part_bound(value: Affine, first: float, last: float) -> Affine:
    """The form of these entries."""
    where = slice(int(first) - 1, int(last))
    centre, coefficients = value.centre[..., where], value.coefficients[..., where]
    return Affine(centre, coefficients, value.sources, value.remainder[..., where])


def part_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    """ShapeError: parts stand in gradients alone."""
    # No equation has a part of a vector: only gradients of concat do.
    remedy = "take concat out of what is differentiated twice"
    raise ShapeError("the entries of a gradient are not differentiated again", remedy)


def part_shape(args: tuple[Expression, ...], vector: Shape) -> Shape:
    """The shape follows from the numbers of the first and the last entry."""
    first, last = _places(args)
    _has(vector, last)
    return (last - first + 1,)


def entry_shape(args: tuple[Expression, ...], vector: Shape) -> Shape:
    """A number; ShapeError where the vector has no such entry."""
    _has(vector, max(_places(args)))
    return ()


def _places(args: tuple[Expression, ...]) -> list[int]:
    """The numbers that stand behind the vector."""
    found = []
    for arg in args[1:]:
        if isinstance(arg, Number):
            found.append(int(arg.value))
    return found


def _has(vector: Shape, last: int) -> None:
    if len(vector) != 1 or vector[0] < last:
        remedy = "take a longer vector, or an earlier entry"
        raise ShapeError(f"a {show_shape(vector)} has no entry {last}", remedy)


def lift(value: Array) -> Array:
    """A number as a vector of one entry."""
    return np.asarray(value)[..., None]


def lift_shape(value: Shape) -> Shape:
    """The vector of one entry; ShapeError unless it is a number."""
    if value != ():
        raise ShapeError(f"a {show_shape(value)} is no number", "take sum(...) of it, or a scalar")
    return (1,)


def lift_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    """The gradient of a number that stands as a vector of one entry."""
    # A gradient of one entry: where it is a part of a vector, its number there is known; else it is
    # the sum of all its entries.
    if applies(g, "part"):
        return Apply("entry", g.args[:2])
    return Apply("sum", (g,))


def entry(vector: Array, place: Array) -> Array:
    """The entry at `place`, counted from one."""
    at = int(place) - 1
    return vector[..., at]


def entry_bound(value: Affine, place: float) -> Affine:
    """The form of this entry."""
    at = int(place) - 1
    centre, coefficients = value.centre[..., at], value.coefficients[..., at]
    return Affine(centre, coefficients, value.sources, value.remainder[..., at])


_OWN_ENTRIES = said("each part gets its own entries of the gradient")

JOINING: dict[str, Operation] = {
    "concat": Operation(concat, concat_bound, concat_partial, concat_shape, rule=_OWN_ENTRIES),
    "part": Operation(
        part, part_bound, part_partial, lambda *_: (), rule=_OWN_ENTRIES, sized=part_shape
    ),
    "entry": Operation(entry, entry_bound, part_partial, lambda *_: (), sized=entry_shape),
    "lift": Operation(lift, lambda value: linear(lift, value), lift_partial, lift_shape),
}
