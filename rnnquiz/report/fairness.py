"""Whether the numbers of a variant went with the marks: permutation tests under control of false
discoveries."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from rnnquiz.decimals import Array
from rnnquiz.report.marking import Flags, Marking
from rnnquiz.report.measures import EQUAL, FEWEST

RATE = 0.05  # of false discoveries among what is flagged
FEW_VALUES = 4  # up to so many distinct values are compared as groups, not along a line
LEAST_PERMUTATIONS = 1999  # p is a whole number of 2000ths, for the marks themselves count as one
DRAWN_AT_ONCE = 4_000_000  # numbers in memory
THIRDS = (1 / 3, 2 / 3)
SEED = 1995  # any will do, if it stays: the same marks give the same report
DIFFICULTY = "negative numbers on the sheet"


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
        """True where it is worth a look, at the rate of false alarms that is allowed."""
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
        few = f"Not tested: {len(shares)} students; at least {FEWEST} are needed."
        return Fairness((), (few,), 0)
    if np.ptp(shares) <= EQUAL:
        return Fairness((), ("Not tested: all students have the same marks.",), 0)
    tested, skipped = _parted(_numbers(marking, used))
    if not tested:
        return Fairness((), skipped, 0)
    # So many that even the least p, adjusted for all tests, can fall below the rate.
    needed = 2 * len(tested) / RATE
    permutations = max(LEAST_PERMUTATIONS, round(needed) - 1)
    values = list(tested.values())
    p = permutation_test(shares, values, permutations, seed)
    q = adjusted(p)
    found = zip(tested, values, p.tolist(), q.tolist(), strict=True)
    rows = [_association(shares, *row) for row in found]
    rows.sort(key=attrgetter("p"))
    return Fairness(tuple(rows), skipped, permutations)


def _numbers(marking: Marking, used: Flags) -> dict[str, Array]:
    every = {**marking.numbers, DIFFICULTY: marking.difficulty}
    floats = {name: np.asarray(values, dtype=float) for name, values in every.items()}
    return {name: values[used] for name, values in floats.items()}


def _parted(numbers: dict[str, Array]) -> tuple[dict[str, Array], tuple[str, ...]]:
    """What can be tested, and a sentence for what cannot."""
    tested, skipped = dict[str, Array](), []
    for name, values in numbers.items():
        if not np.isfinite(values).all():
            skipped.append(f"Not tested: {name} is not known for all.")
        elif np.ptp(values) <= EQUAL:
            skipped.append(f"Not tested: {name} is the same for all.")
        else:
            tested[name] = values
    return tested, tuple(skipped)


def permutation_test(outcome: Array, numbers: list[Array], permutations: int, seed: int) -> Array:
    """p of each number: how often marks dealt out at random fit it as well as the marks do, (1 +
    hits) / (1 + permutations).

    The statistic is R squared: of the straight line, or of the group means (eta squared). All
    numbers are tested with the same permutations.
    """
    designs = [design(values) for values in numbers]
    whole = np.concatenate(designs, axis=1)
    widths = [one.shape[1] for one in designs]
    starts = np.cumsum([0, *widths[:-1]])
    unit = _unit(outcome)
    squares = (unit @ whole) ** 2
    explained = np.add.reduceat(squares, starts)
    generator = np.random.default_rng(seed)
    hits = np.zeros(len(numbers))
    # All permutations of a large class at once would not fit into memory.
    step = max(1, DRAWN_AT_ONCE // len(unit))
    for start in range(0, permutations, step):
        count = min(step, permutations - start)
        # permuted, not permutation: each row is dealt for itself.
        dealt = generator.permuted(np.tile(unit, (count, 1)), axis=1)
        squares = (dealt @ whole) ** 2
        by_chance = np.add.reduceat(squares, starts, axis=1)
        # A permutation that changes nothing ties with the marks; rounding must not part them.
        as_good = by_chance >= explained - 1e-12
        hits += as_good.sum(axis=0)
    # Adding 1: Phipson and Smyth 2010, "Permutation p-values should never be zero".
    return (1 + hits) / (1 + permutations)


def _unit(values: Array) -> Array:
    """The values about their mean, as a vector of length 1."""
    centred = values - values.mean()
    length = np.sqrt(centred @ centred)
    return np.asarray(centred / length)


def design(values: Array) -> Array:
    """Orthonormal columns (N, c) whose squared products with a centred outcome of length 1 add up
    to R squared."""
    levels, place = np.unique(values, return_inverse=True)
    if len(levels) > FEW_VALUES:
        return _unit(values)[:, None]
    groups = np.arange(len(levels))
    member = place[:, None] == groups
    size = member.sum(axis=0)
    length = np.sqrt(size)
    # A column for each group, of length 1: its square is what the group explains.
    return np.asarray(member / length)


def adjusted(p: Array) -> Array:
    """p adjusted for many tests: flagging what is at most RATE keeps the expected share of false
    flags below RATE.

    Benjamini and Hochberg 1995: the least of m p(k) / k over k >= i, for the ordered p(1) <= ... <=
    p(m).
    """
    count = len(p)
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, count + 1)
    scaled = p[order] * count / rank
    # The least over all k >= i is a running least from the end.
    from_the_end = scaled[::-1]
    running = np.minimum.accumulate(from_the_end)
    least = running[::-1]
    found = np.empty(count)
    # Back into the order of the tests.
    found[order] = np.minimum(least, 1.0)
    return found


def _association(shares: Array, name: str, values: Array, p: float, q: float) -> Association:
    columns = design(values)
    fit = _unit(shares) @ columns
    if columns.shape[1] == 1:
        measure, effect = "r", float(fit[0])
    else:
        measure, effect = "eta²", float(fit @ fit)
    smallest, largest = _thirds(values)
    low = float(shares[smallest].mean())
    high = float(shares[largest].mean())
    return Association(name, measure, effect, p, q, low, high)


def _thirds(values: Array) -> tuple[Flags, Flags]:
    """Students with the smallest and the largest third of the numbers, ties included."""
    low, high = np.quantile(values, THIRDS)
    smallest = np.asarray(values <= low)
    # Where one number is so common that it is both limits, nobody may stand in both thirds.
    if high <= low:
        # Nor may one third be empty: the common number may be the greatest one.
        common = values > low
        if not common.any():
            common = values >= low
        return np.asarray(~common), np.asarray(common)
    return smallest, np.asarray(values >= high)


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
