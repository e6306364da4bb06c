"""Whether the numbers of a variant went with the marks: permutation tests under control of false
discoveries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnquiz.decimals import Array
from rnnquiz.report.marking import Flags, Marking
from rnnquiz.report.statistics import EQUAL, FEWEST

RATE = 0.05  # of false discoveries among what is flagged
FEW_VALUES = 4  # up to so many distinct values are compared as groups, not along a line
LEAST_PERMUTATIONS = 1999
DRAWN_AT_ONCE = 4_000_000  # numbers in memory
SEED = 1995
DIFFICULTY = "difficulty of the variant"


@dataclass(frozen=True)
class Association:
    """One number of the variants against the marks.

    effect: Pearson's r, or eta squared (share of the variance between the groups of equal numbers).
    p: of the permutation test; q: p adjusted for the number of tests (Benjamini and Hochberg). low,
    high: mean share of marks of the third of the students with the smallest numbers, and with the
    largest.
    """

    name: str
    measure: str
    effect: float
    p: float
    q: float
    low: float
    high: float

    @property
    def flagged(self) -> bool:
        return self.q <= RATE


@dataclass(frozen=True)
class Fairness:
    """The associations, the strongest evidence first; what was not tested and why; the number of
    permutations."""

    associations: tuple[Association, ...]
    skipped: tuple[str, ...]
    permutations: int


def fairness(marking: Marking, seed: int = SEED) -> Fairness:
    """Test each number of the variants, and their difficulty, against the share of marks."""
    used = ~np.isnan(marking.shares)
    shares = marking.shares[used]
    if len(shares) < FEWEST:
        return Fairness(
            (), (f"Not tested: {len(shares)} students; at least {FEWEST} are needed.",), 0
        )
    if np.ptp(shares) <= EQUAL:
        return Fairness((), ("Not tested: all students have the same marks.",), 0)
    every = {**marking.numbers, DIFFICULTY: marking.difficulty}
    own = {name: np.asarray(values, dtype=float)[used] for name, values in every.items()}
    tested = {
        name: values
        for name, values in own.items()
        if np.isfinite(values).all() and np.ptp(values) > EQUAL
    }
    skipped = tuple(
        f"Not tested: {name} is {_fault(values)}."
        for name, values in own.items()
        if name not in tested
    )
    if not tested:
        return Fairness((), skipped, 0)
    permutations = max(LEAST_PERMUTATIONS, round(2 * len(tested) / RATE) - 1)
    p = permutation_test(shares, list(tested.values()), permutations, seed)
    rows = [
        _association(shares, *row)
        for row in zip(tested, tested.values(), p.tolist(), adjusted(p).tolist(), strict=True)
    ]
    return Fairness(tuple(sorted(rows, key=lambda row: row.p)), skipped, permutations)


def _fault(values: Array) -> str:
    return "the same for all" if np.isfinite(values).all() else "not known for all"


def permutation_test(outcome: Array, numbers: list[Array], permutations: int, seed: int) -> Array:
    """p of each number: how often marks dealt out at random fit it as well as the marks do, (1 +
    hits) / (1 + permutations).

    The statistic is R squared: of the straight line, or of the group means (eta squared). All
    numbers are tested with the same permutations. Adding 1: Phipson and Smyth 2010, "Permutation
    p-values should never be zero".
    """
    designs = [design(values) for values in numbers]
    whole = np.concatenate(designs, axis=1)
    starts = np.cumsum([0, *(one.shape[1] for one in designs[:-1])])
    centred = outcome - outcome.mean()
    unit = centred / np.sqrt(centred @ centred)
    explained = np.add.reduceat((unit @ whole) ** 2, starts)
    generator = np.random.default_rng(seed)
    hits = np.zeros(len(numbers))
    step = max(1, DRAWN_AT_ONCE // len(unit))
    for start in range(0, permutations, step):
        dealt = generator.permuted(np.tile(unit, (min(step, permutations - start), 1)), axis=1)
        hits += (np.add.reduceat((dealt @ whole) ** 2, starts, axis=1) >= explained - 1e-12).sum(
            axis=0
        )
    return (1 + hits) / (1 + permutations)


def design(values: Array) -> Array:
    """Orthonormal columns (N, c) whose squared products with a centred outcome of length 1 add up
    to R squared."""
    levels, place = np.unique(values, return_inverse=True)
    if len(levels) > FEW_VALUES:
        centred = values - values.mean()
        return np.asarray(centred / np.sqrt(centred @ centred))[:, None]
    member = place[:, None] == np.arange(len(levels))
    return np.asarray(member / np.sqrt(member.sum(axis=0)))


def adjusted(p: Array) -> Array:
    """p adjusted for many tests: flagging what is at most RATE keeps the expected share of false
    flags below RATE.

    Benjamini and Hochberg 1995: the least of m p(k) / k over k >= i, for the ordered p(1) <= ... <=
    p(m).
    """
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    found = np.empty(len(p))
    found[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return found


def _association(shares: Array, name: str, values: Array, p: float, q: float) -> Association:
    columns = design(values)
    centred = shares - shares.mean()
    fit = centred @ columns / np.sqrt(centred @ centred)
    line = columns.shape[1] == 1
    low, high = (float(shares[third].mean()) for third in _thirds(values))
    return Association(
        name, "r" if line else "eta²", float(fit[0] if line else fit @ fit), p, q, low, high
    )


def _thirds(values: Array) -> tuple[Flags, Flags]:
    """Students with the smallest and the largest third of the numbers, ties included."""
    low, high = np.quantile(values, [1 / 3, 2 / 3])
    return np.asarray(values <= low), np.asarray(values >= high if high > low else values > low)


__all__ = [
    "DIFFICULTY",
    "RATE",
    "Association",
    "Fairness",
    "adjusted",
    "design",
    "fairness",
    "permutation_test",
]
