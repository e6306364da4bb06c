"""Numbers with errors, as affine forms: a centre, one coefficient for each source of error, and a
rigorous remainder.

The true value is centre + sum_s coefficient_s * e_s + r with |e_s| <= 1 and |r| <= remainder.
Coefficients keep their signs, so errors from one source that cancel do cancel; what a linearisation
leaves out goes into the remainder, so the bound is sound for errors of any size (Stolfi and de
Figueiredo, Self-Validated Numerical Methods, 1997, chapter 3).

Shapes: `centre` and `remainder` are (N, *shape) with the batch first; `coefficients` is (S, N,
*shape).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnquiz.decimals import Array


@dataclass(frozen=True)
class Affine:
    """One value with its errors; `sources` are the increasing numbers of the sources behind the
    coefficients."""

    centre: Array
    coefficients: Array
    sources: tuple[int, ...]
    remainder: Array

    @cached_property
    def radius(self) -> Array:
        """Largest possible distance from the centre, shape of `centre`."""
        sizes = np.abs(self.coefficients)
        radius: Array = sizes.sum(axis=0) + self.remainder
        return radius


Bounded = Affine | float


def exact(values: Array) -> Affine:
    """A value without error."""
    # No sources, but the axes of the value: it is added to others as any form is.
    coefficients = np.zeros((0, *values.shape))
    return Affine(values, coefficients, (), np.zeros_like(values))


def uncertain(values: Array, radius: Array, first_source: int) -> Affine:
    """Values whose entries are each wrong by at most `radius`, independently; entry k is source
    first_source + k."""
    shape = values.shape[1:]
    entries = int(np.prod(shape))
    # One source for each entry, the same for all variants of the batch.
    own = np.eye(entries).reshape(entries, 1, *shape)
    sources = range(first_source, first_source + entries)
    return Affine(values, own * radius, tuple(sources), np.zeros_like(values))


def bounded(value: Affine) -> Affine:
    """The value as it is; without its errors where these know no bound (a quotient of two numbers
    that may be zero)."""
    fine = np.isfinite(value.radius)
    if fine.all():
        return value
    coefficients = np.where(fine, value.coefficients, 0.0)
    remainder = np.where(fine, value.remainder, 0.0)
    return Affine(value.centre, coefficients, value.sources, remainder)


def linear(apply: Callable[[Array], Array], value: Affine) -> Affine:
    """A linear operation on one value; the remainder is measured entrywise, which is right for sums
    and permutations."""
    centre, coefficients = apply(value.centre), apply(value.coefficients)
    # A bound has no sign, and a negation would give it one.
    remainder = np.abs(apply(value.remainder))
    return Affine(centre, coefficients, value.sources, remainder)


def plus(left: Bounded, right: Bounded) -> Bounded:
    """Sum of two values, or of a value and a constant."""
    if isinstance(left, float):
        if isinstance(right, float):
            return left + right
        return _shifted(right, left)
    if isinstance(right, float):
        return _shifted(left, right)
    centre = left.centre + right.centre
    sources = merged(left, right)
    first = laid_over(left.coefficients, left, sources, centre)
    second = laid_over(right.coefficients, right, sources, centre)
    # Errors of one source cancel here where they have opposite signs; remainders never do.
    return Affine(centre, first + second, sources, left.remainder + right.remainder)


def _shifted(value: Affine, by: float) -> Affine:
    return replace(value, centre=value.centre + by)


def bilinear(product: Callable[[Array, Array], Array], left: Bounded, right: Bounded) -> Bounded:
    """An operation that is linear in each argument; the product of both errors goes into the
    remainder."""
    if isinstance(left, float) or isinstance(right, float):
        return _scaled(left, right)
    sources = merged(left, right)
    with np.errstate(all="ignore"):
        centre = product(left.centre, right.centre)
        first = product(left.coefficients, right.centre)
        second = product(left.centre, right.coefficients)
        of_right = product(np.abs(left.centre), right.remainder)
        of_left = product(left.remainder, np.abs(right.centre))
        of_both = product(left.radius, right.radius)
        remainder = of_right + of_left + of_both
    # The product may have more axes than a factor: what is laid out has those of the product.
    first = laid_over(first, left, sources, centre)
    second = laid_over(second, right, sources, centre)
    return Affine(centre, first + second, sources, remainder)


def _scaled(left: Bounded, right: Bounded) -> Bounded:
    if isinstance(left, float) and isinstance(right, float):
        return left * right
    factor, value = (left, right) if isinstance(left, float) else (right, left)
    assert isinstance(factor, float)
    assert isinstance(value, Affine)
    return linear(lambda v: factor * v, value)


def curved(
    value: Affine, result: Array, slope: Array, remainder: Callable[[Array, Array], Array]
) -> Affine:
    """A smooth elementwise function, linearised at the centre; `remainder(centre, radius)` bounds
    what that leaves out.

    Where there is no tangent the form is flat there, and the remainder has to bound the whole
    range.
    """
    with np.errstate(all="ignore"):
        slope = np.where(np.isinf(slope), 0.0, slope)
        left_out = remainder(value.centre, value.radius)
        coefficients = slope * value.coefficients
        of_remainder = np.abs(slope) * value.remainder
        return Affine(result, coefficients, value.sources, of_remainder + left_out)


def choose(mask: NDArray[np.bool_], left: Affine, right: Affine) -> Affine:
    """`left` where the mask is true, `right` elsewhere."""
    centre = np.where(mask, left.centre, right.centre)
    sources = merged(left, right)
    first = laid_over(left.coefficients, left, sources, centre)
    second = laid_over(right.coefficients, right, sources, centre)
    coefficients = np.where(mask, first, second)
    remainder = np.where(mask, left.remainder, right.remainder)
    return Affine(centre, coefficients, sources, remainder)


def taken(value: Affine, rows: NDArray[np.int64]) -> Affine:
    """Some rows of the batch."""
    coefficients = value.coefficients[:, rows]
    return Affine(value.centre[rows], coefficients, value.sources, value.remainder[rows])


def sizes_of(value: Affine, entries: NDArray[np.bool_]) -> Affine:
    """Some entries of the batch, (M,); of their errors only how large they are."""
    # The whole radius as a remainder needs no sources.
    centre, radius = value.centre[entries], value.radius[entries]
    coefficients = np.zeros((0, *centre.shape))
    return Affine(centre, coefficients, (), radius)


def placed(value: Affine, rows: NDArray[np.int64], part: Affine) -> Affine:
    """The value with `part` in place of some rows of the batch."""
    sources = merged(value, part)
    centre, remainder = value.centre.copy(), value.remainder.copy()
    centre[rows], remainder[rows] = part.centre, part.remainder
    coefficients = laid_over(value.coefficients, value, sources, value.centre)
    # Forms are never changed: others hold them, too.
    if coefficients is value.coefficients:
        coefficients = coefficients.copy()
    coefficients[:, rows] = laid_over(part.coefficients, part, sources, part.centre)
    return Affine(centre, coefficients, sources, remainder)


def merged(left: Affine, right: Affine) -> tuple[int, ...]:
    """The sources of both, in order."""
    if left.sources == right.sources:
        return left.sources
    return tuple(sorted({*left.sources, *right.sources}))


def laid_over(coefficients: Array, value: Affine, sources: tuple[int, ...], centre: Array) -> Array:
    """The coefficients laid out over a larger set of sources."""
    if value.sources == sources:
        return coefficients
    laid = np.zeros((len(sources), *centre.shape))
    if value.sources:
        # Both lists are in order, and the smaller one is part of the larger.
        places = np.searchsorted(sources, value.sources)
        laid[places] = coefficients
    return laid
