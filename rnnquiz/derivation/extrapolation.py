"""Is a number the limit of quotients? Values at points ever nearer to a centre, extrapolated to it.

Quotients of many step sizes are extrapolated to step zero (Ridders, Advances in Engineering
Software 4, 1982), so that neither large nor tiny numbers, nor a kink nearby, need a step of their
own. Right at a kink a derivative between those of its two sides is right.
"""

from __future__ import annotations

import numpy as np

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
    derived, size = derived.reshape(points.shape[:2]), size.reshape(points.shape[:2])
    up, down = points[..., :LEVELS], points[..., LEVELS:]
    noise = _noise(points, centre) / STEP_SIZES
    measured, error = _extrapolated((up - down) / (2 * STEP_SIZES), noise)
    right = np.abs(measured - derived) <= DOUBTFUL * error + AGREEMENT * size
    sure = error <= BENT * np.maximum(np.abs(measured), size) + noise[..., SIDE]
    at_kink = _between_sides(derived, up[..., SIDE], down[..., SIDE], centre[:, None])
    return ~((right & sure) | at_kink), measured


def _noise(points: Array, centre: Array) -> Array:
    """What rounding does to a difference, (N, D, 1): a share of the largest value, or what is seen
    where steps are tiny and the second difference has to be nothing."""
    up, down = points[..., SIDE:LEVELS], points[..., LEVELS + SIDE :]
    shaken = np.abs(up + down - 2 * centre[:, None, None])
    finite = np.where(np.isfinite(points), np.abs(points), 0.0)
    largest = np.maximum(np.abs(centre)[:, None], finite.max(axis=-1))
    noise: Array = np.fmax(NOISE * largest, shaken.max(axis=-1))[..., None]
    return noise


def _between_sides(derived: Array, up: Array, down: Array, centre: Array) -> Bools:
    """True where there is a kink, and the derivative lies between those of its two sides."""
    forwards = (up - centre) / STEP_SIZES[SIDE]
    backwards = (centre - down) / STEP_SIZES[SIDE]
    low, high = np.minimum(forwards, backwards), np.maximum(forwards, backwards)
    room = BENT * np.maximum(np.abs(low), np.abs(high))
    bent = high - low > room
    between: Bools = bent & (low - room <= derived) & (derived <= high + room)
    return between


def _extrapolated(quotients: Array, noise: Array) -> tuple[Array, Array]:
    """The limit of quotients of ever smaller steps, and how far it may be off: the entry of
    Ridders' table that is surest.

    `noise` is what rounding may do to each quotient.
    """
    best, error = quotients[..., 0], np.full(quotients.shape[:-1], np.inf)
    column = quotients
    for order in range(1, ORDERS + 1):
        finer, coarser = column[..., 1:], column[..., :-1]
        column = finer + (finer - coarser) / (FACTOR ** (2 * order) - 1)
        change = np.maximum(np.abs(column - finer), np.abs(column - coarser))
        off = change + noise[..., order:]
        off = np.where(np.isfinite(off), off, np.inf)
        surest = np.argmin(off, axis=-1)[..., None]
        own = np.take_along_axis(off, surest, axis=-1)[..., 0]
        value = np.take_along_axis(column, surest, axis=-1)[..., 0]
        better = own < error
        best, error = np.where(better, value, best), np.where(better, own, error)
    return best, error
