"""Plain statistics of arrays: spread, quartiles, correlation, and how consistent scores are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rnnquiz.decimals import Array

FEWEST = 10  # students below which correlations and tests say nothing
NORMAL_95 = 1.959963984540054  # standard deviations on either side that hold 95 % of a normal
EQUAL = 1e-9  # marks closer than this are the same
SPREAD_FROM = 3  # students: two points always lie on a line


@dataclass(frozen=True)
class Spread:
    """Size, centre and spread of some numbers; sd is the sample's (divisor n - 1). NaN where there
    are too few."""

    n: int
    mean: float
    median: float
    sd: float
    low: float
    high: float


@dataclass(frozen=True)
class Correlation:
    """Pearson's r with its 95 % interval; NaN where a variance is 0 or there are too few."""

    r: float
    low: float
    high: float
    n: int


def spread(values: Array) -> Spread:
    """The spread of what is not NaN."""
    own = without_gaps(values)
    if not own.size:
        return Spread(0, *[math.nan] * 5)
    mean = float(own.mean())
    median = float(np.median(own))
    low = float(own.min())
    high = float(own.max())
    return Spread(own.size, mean, median, _deviation(own), low, high)


def without_gaps(values: Array) -> Array:
    """What is not NaN, in its order."""
    missing = np.isnan(values)
    return np.asarray(values[~missing])


def _deviation(values: Array) -> float:
    # One student has no spread; numpy would warn of a division by 0 and give NaN, too.
    if values.size <= 1:
        return math.nan
    return float(values.std(ddof=1))


def quartiles(values: Array) -> Array:
    """Least, lower quartile, median, upper quartile and greatest of what is not NaN, (5,); NaN of
    nothing."""
    own = without_gaps(values)
    if not own.size:
        return np.full(5, np.nan)
    # Between two students it is interpolated, as R and spreadsheets do (type 7 of Hyndman and Fan,
    # The American Statistician 50, 1996).
    return np.quantile(own, [0, 0.25, 0.5, 0.75, 1])


def correlation(one: Array, other: Array) -> Correlation:
    """Pearson's r of two arrays (n,) with the 95 % interval of Fisher's z = artanh r, whose
    standard error is 1 / sqrt(n - 3)."""
    n = len(one)
    # Where one of the two does not vary, r has no value.
    if n < SPREAD_FROM or np.ptp(one) <= EQUAL or np.ptp(other) <= EQUAL:
        return Correlation(math.nan, math.nan, math.nan, n)
    r = _pearson(one, other)
    # Fisher's z has no standard error for three students, and no value for a perfect line.
    if n == SPREAD_FROM or abs(r) > 1 - 1e-12:
        return Correlation(r, math.nan, math.nan, n)
    z = math.atanh(r)
    half = NORMAL_95 / math.sqrt(n - 3)
    low = math.tanh(z - half)
    high = math.tanh(z + half)
    return Correlation(r, low, high, n)


def _pearson(one: Array, other: Array) -> float:
    a = one - one.mean()
    b = other - other.mean()
    scale = math.sqrt((a @ a) * (b @ b))
    cosine = a @ b / scale
    # Rounding can carry a perfect line just beyond 1, where artanh is not defined.
    return float(np.clip(cosine, -1, 1))


def alpha(scores: Array) -> tuple[float, float]:
    """Cronbach's alpha of scores (N, k), and the standard error of measurement of their mean.

    alpha = k / (k - 1) * (1 - sum of the variances / variance of the sum), SEM = sd * sqrt(1 -
    alpha) (Cronbach 1951). NaN with fewer than 2 boxes or students, or where all sums are equal.
    """
    n, k = scores.shape
    sums = scores.sum(axis=1)
    if min(n, k) <= 1 or np.ptp(sums) <= EQUAL:
        return math.nan, math.nan
    total = float(sums.var(ddof=1))
    variances = scores.var(axis=0, ddof=1)
    single = float(variances.sum())
    found = k / (k - 1) * (1 - single / total)
    # Rounding can carry an alpha of 1 just beyond it, where the root is not defined.
    unreliable = max(1 - found, 0.0)
    return found, math.sqrt(total * unreliable) / k
