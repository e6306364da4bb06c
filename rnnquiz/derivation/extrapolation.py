"""Is a number the limit of quotients? Values at points ever nearer to a centre, extrapolated to it.

Quotients of many step sizes are extrapolated to step zero (Ridders, Advances in Engineering
Software 4, 1982), so that neither large nor tiny numbers, nor a kink nearby, need a step of their
own. Right at a kink a derivative between those of its two sides is right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnquiz.decimals import Array, Bools

# Steps from 1/16 of the number down to 2e-7 of it, each a quarter of the one before.
WIDEST_STEP, FACTOR, LEVELS = 2.0**-4, 4.0, 10
STEP_SIZES = WIDEST_STEP / FACTOR ** np.arange(LEVELS)
POINTS = np.concatenate([STEP_SIZES, -STEP_SIZES])
ORDERS = 4  # columns of Ridders' table: what is left over is of the tenth power of the step
AGREEMENT, DOUBTFUL = 1e-6, 4.0  # allowed of the derivative, and of the estimated error
NOISE = 1e-15  # of the largest value: what rounding does to a difference at least
# The level whose one-sided quotients tell a kink; how far they differ there; how near one must be.
SIDE, BENT = 8, 1e-3


def disagree(derived: Array, size: Array, points: Array, centre: Array) -> tuple[Bools, Array]:
    """Where a derivative is not what the values at all points say: (N, D), and what they say.

    `size` is what `derived` is the sum of, without signs; `points` is (N, D, steps forwards and
    backwards), `centre` (N,) the value where nothing is moved.
    """
    shape = points.shape[:2]
    derived, size = derived.reshape(shape), size.reshape(shape)
    up, down = points[..., :LEVELS], points[..., LEVELS:]
    noise = _noise(points, centre) / STEP_SIZES
    widths = 2 * STEP_SIZES
    # Central quotients: in their error only even powers of the step are left.
    quotients = (up - down) / widths
    measured, error = _extrapolated(quotients, noise)
    room = DOUBTFUL * error + AGREEMENT * size
    off = np.abs(measured - derived)
    right = off <= room
    largest = np.maximum(np.abs(measured), size)
    # An error that is large allows anything: what was hardly measured proves nothing.
    enough = BENT * largest + noise[..., SIDE]
    sure = error <= enough
    forwards, backwards = up[..., SIDE], down[..., SIDE]
    at_kink = _between_sides(derived, forwards, backwards, centre[:, None])
    agree = (right & sure) | at_kink
    return ~agree, measured


def _noise(points: Array, centre: Array) -> Array:
    """What rounding does to a difference, (N, D, 1): a share of the largest value, or what is seen
    where steps are tiny and the second difference has to be nothing."""
    forwards, backwards = points[..., :LEVELS], points[..., LEVELS:]
    up, down = forwards[..., SIDE:], backwards[..., SIDE:]
    middle = centre[:, None]
    twice = 2 * middle[..., None]
    shaken = np.abs(up + down - twice)
    sizes = np.abs(points)
    finite = np.where(np.isfinite(points), sizes, 0.0)
    largest = np.maximum(np.abs(middle), finite.max(axis=-1))
    at_least = NOISE * largest
    # fmax, not maximum: where a value is no number, the share of the largest is what is known.
    noise: Array = np.fmax(at_least, shaken.max(axis=-1))
    return noise[..., None]


def _between_sides(derived: Array, up: Array, down: Array, centre: Array) -> Bools:
    """True where there is a kink, and the derivative lies between those of its two sides."""
    step = STEP_SIZES[SIDE]
    forwards = (up - centre) / step
    backwards = (centre - down) / step
    low, high = np.minimum(forwards, backwards), np.maximum(forwards, backwards)
    largest = np.maximum(np.abs(low), np.abs(high))
    room = BENT * largest
    bent = high - low > room
    above_low = low - room <= derived
    below_high = derived <= high + room
    between: Bools = bent & above_low & below_high
    return between


def _extrapolated(quotients: Array, noise: Array) -> tuple[Array, Array]:
    """The limit of quotients of ever smaller steps, and how far it may be off: the entry of
    Ridders' table that is surest.

    `noise` is what rounding may do to each quotient.
    """
    best = quotients[..., 0]
    error = np.full(best.shape, np.inf)
    column = quotients
    for order in range(1, ORDERS + 1):
        finer, coarser = column[..., 1:], column[..., :-1]
        power = FACTOR ** (2 * order)
        correction = (finer - coarser) / (power - 1)
        column = finer + correction
        # How far an entry is from the two that it is made of is the estimate of its error.
        from_finer, from_coarser = np.abs(column - finer), np.abs(column - coarser)
        change = np.maximum(from_finer, from_coarser)
        off = change + noise[..., order:]
        off = np.where(np.isfinite(off), off, np.inf)
        surest = np.argmin(off, axis=-1)[..., None]
        own, value = off.min(axis=-1), _picked(column, surest)
        better = own < error
        best, error = np.where(better, value, best), np.where(better, own, error)
    return best, error


def _picked(entries: Array, place: NDArray[np.int64]) -> Array:
    """The entry at a place of the last axis, which is gone then."""
    found = np.take_along_axis(entries, place, axis=-1)
    return found[..., 0]
