"""What the marks of a class say: about the sheet, each box, each kind of box, and the mistakes that
were made."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.schema import VERDICTS
from rnnquiz.decimals import Array
from rnnquiz.report.marking import Made, Marking, ratio

BINS, GROUPS = 10, 5
FEWEST = 10  # students below which correlations and tests say nothing
NORMAL_95 = 1.959963984540054
EQUAL = 1e-9  # marks closer than this are the same
FOLLOWED = VERDICTS.index("follow-through")
DEPENDENT = (
    "Boxes of one chain of computation depend on each other: a number that goes wrong early is"
    " carried on. Alpha takes the boxes for separate questions and is therefore too high; compare"
    " it between sheets, not with a threshold."
)


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
class Marks:
    """The marks of the class; histogram: students in each tenth of the share of marks, the last one
    closed."""

    spread: Spread
    share: Spread
    maximum: float
    zero: int
    full: int
    histogram: tuple[int, ...]


@dataclass(frozen=True)
class Correlation:
    """Pearson's r with its 95 % interval; NaN where a variance is 0 or there are too few."""

    r: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class BoxStatistics:
    """One box: students for whom it counts, facility (marks got / marks possible), discrimination,
    share of each verdict."""

    box: str
    kind: str
    n: int
    facility: float
    discrimination: Correlation
    verdicts: tuple[float, ...]


@dataclass(frozen=True)
class KindStatistics:
    """One kind of box; alpha and its standard error of measurement (of the share of marks) rest on
    `boxes` boxes.

    quintiles: the facility among each fifth of the class by total marks, the weakest first.
    """

    kind: str
    facility: float
    boxes: int
    alpha: float
    sem: float
    quintiles: tuple[float, ...]


@dataclass(frozen=True)
class FollowThrough:
    """How much rests on follow-through: its share of the marks earned and of the boxes that
    count."""

    marks: float
    boxes: float


@dataclass(frozen=True)
class Mistake:
    """A mistake and who made it (rows of the marking); first: boxes where it was first made, the
    commonest first."""

    name: str
    students: tuple[int, ...]
    boxes: int
    first: tuple[tuple[str, int], ...]


def spread(values: Array) -> Spread:
    """The spread of what is not NaN."""
    own = values[~np.isnan(values)]
    if not own.size:
        return Spread(0, *[math.nan] * 5)
    sd = float(own.std(ddof=1)) if own.size > 1 else math.nan
    return Spread(
        own.size, float(own.mean()), float(np.median(own)), sd, float(own.min()), float(own.max())
    )


def quartiles(values: Array) -> Array:
    """Least, lower quartile, median, upper quartile and greatest of what is not NaN, (5,); NaN of
    nothing."""
    own = values[~np.isnan(values)]
    return np.quantile(own, [0, 0.25, 0.5, 0.75, 1]) if own.size else np.full(5, np.nan)


def marks(marking: Marking) -> Marks:
    shares = marking.shares[~np.isnan(marking.shares)]
    places = np.clip((shares * BINS).astype(np.int64), 0, BINS - 1)
    return Marks(
        spread(marking.totals),
        spread(marking.shares),
        float(marking.maxima.max(initial=0.0)),
        int((marking.totals <= EQUAL).sum()),
        int((shares >= 1 - EQUAL).sum()),
        tuple(np.bincount(places, minlength=BINS).tolist()),
    )


def correlation(one: Array, other: Array) -> Correlation:
    """Pearson's r of two arrays (n,) with the 95 % interval of Fisher's z = artanh r, whose
    standard error is 1 / sqrt(n - 3)."""
    n = len(one)
    if n < 3 or np.ptp(one) <= EQUAL or np.ptp(other) <= EQUAL:
        return Correlation(math.nan, math.nan, math.nan, n)
    a, b = one - one.mean(), other - other.mean()
    r = float(np.clip(a @ b / math.sqrt((a @ a) * (b @ b)), -1, 1))
    if n == 3 or abs(r) > 1 - 1e-12:
        return Correlation(r, math.nan, math.nan, n)
    z, half = math.atanh(r), NORMAL_95 / math.sqrt(n - 3)
    return Correlation(r, math.tanh(z - half), math.tanh(z + half), n)


def boxes(marking: Marking) -> tuple[BoxStatistics, ...]:
    shares = ratio(marking.earned.sum(axis=0), marking.weights.sum(axis=0)).tolist()
    counted, found = marking.counted.sum(axis=0).tolist(), verdict_shares(marking).tolist()
    return tuple(
        BoxStatistics(
            box,
            marking.kinds[k],
            counted[k],
            shares[k],
            discrimination(marking, k),
            tuple(found[k]),
        )
        for k, box in enumerate(marking.boxes)
    )


def facility(marking: Marking, boxes: Sequence[int]) -> float | None:
    """Marks got in some boxes (columns) as a share of those possible; None where none are."""
    possible = float(marking.weights[:, list(boxes)].sum())
    return float(marking.earned[:, list(boxes)].sum()) / possible if possible > 0 else None


def discrimination(marking: Marking, k: int) -> Correlation:
    """Item-rest correlation of box k: its score with the marks of all other boxes, each as a share
    of what was possible.

    Students for whom the box, or all others, do not count are left out. Item-rest, not item-total,
    which the box itself inflates (Crocker and Algina 1986, chapter 14).
    """
    weight, earned = marking.weights[:, k], marking.earned[:, k]
    rest = marking.maxima - weight
    used = marking.counted[:, k] & (rest > EQUAL)
    return correlation(earned[used] / weight[used], (marking.totals - earned)[used] / rest[used])


def verdict_shares(marking: Marking) -> Array:
    """Share of each verdict among the students for whom a box counts, (B, verdicts); NaN where it
    counts for none."""
    count, width = len(marking.boxes), len(VERDICTS)
    places = np.arange(count) * width + marking.verdicts
    table = (
        np.bincount(places[marking.counted], minlength=count * width)
        .reshape(count, width)
        .astype(float)
    )
    return ratio(table, np.broadcast_to(table.sum(axis=1, keepdims=True), table.shape))


def kinds(marking: Marking) -> tuple[KindStatistics, ...]:
    curves = quintiles(marking)
    rows = []
    for (kind, columns), curve in zip(marking.blocks.items(), curves, strict=True):
        got, possible = (
            float(marking.earned[:, columns].sum()),
            float(marking.weights[:, columns].sum()),
        )
        everywhere = columns[marking.counted[:, columns].all(axis=0)]
        scores = ratio(marking.earned[:, everywhere], marking.weights[:, everywhere])
        rows.append(
            KindStatistics(
                kind, _part(got, possible), len(everywhere), *alpha(scores), tuple(curve.tolist())
            )
        )
    return tuple(rows)


def alpha(scores: Array) -> tuple[float, float]:
    """Cronbach's alpha of scores (N, k), and the standard error of measurement of their mean.

    alpha = k / (k - 1) * (1 - sum of the variances / variance of the sum), SEM = sd * sqrt(1 -
    alpha) (Cronbach 1951). NaN with fewer than 2 boxes or students, or where all sums are equal.
    """
    n, k = scores.shape
    if n < 2 or k < 2 or np.ptp(scores.sum(axis=1)) <= EQUAL:
        return math.nan, math.nan
    total = float(scores.sum(axis=1).var(ddof=1))
    found = k / (k - 1) * (1 - float(scores.var(axis=0, ddof=1).sum()) / total)
    return found, math.sqrt(total * max(1 - found, 0.0)) / k


def fifths(shares: Array) -> NDArray[np.int64]:
    """The fifth of the class by total marks in which each student is, 0 the weakest; ties in the
    order of the rows."""
    place = np.empty(len(shares), dtype=np.int64)
    place[np.argsort(shares, kind="stable")] = np.arange(len(shares))
    return np.asarray(place * GROUPS // max(len(shares), 1))


def quintiles(marking: Marking) -> Array:
    """Facility of each kind among each fifth of the class, (kinds, 5); NaN where a fifth is
    empty."""
    group = fifths(marking.shares)
    curves = np.full((len(marking.blocks), GROUPS), np.nan)
    for row, columns in enumerate(marking.blocks.values()):
        got = np.bincount(group, marking.earned[:, columns].sum(axis=1), GROUPS)
        possible = np.bincount(group, marking.weights[:, columns].sum(axis=1), GROUPS)
        curves[row] = ratio(got.astype(float), possible.astype(float))
    return curves


def follow_through(marking: Marking) -> FollowThrough:
    followed = (marking.verdicts == FOLLOWED) & marking.counted
    return FollowThrough(
        _part(float(marking.earned[followed].sum()), float(marking.earned.sum())),
        _part(int(followed.sum()), int(marking.counted.sum())),
    )


def _part(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan


def mistakes(made: tuple[Made, ...]) -> tuple[Mistake, ...]:
    """Each mistake once, that of most students first."""
    groups: dict[str, list[Made]] = {}
    for one in made:
        groups.setdefault(one.name, []).append(one)
    rows = [
        Mistake(
            name, tuple(dict.fromkeys(one.student for one in own)), sum(one.boxes for one in own),
            tuple(Counter(one.box for one in own).most_common()),
        )
        for name, own in groups.items()
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (-len(row.students), row.name)))


def attempts(marking: Marking) -> tuple[tuple[int, int], ...]:
    """How many students handed in how many sheets: (sheets, students)."""
    values, counts = np.unique(marking.attempts, return_counts=True)
    return tuple(zip(values.tolist(), counts.tolist(), strict=True))


__all__ = [
    "DEPENDENT", "FEWEST", "BoxStatistics", "Correlation", "FollowThrough", "KindStatistics",
    "Marks", "Mistake", "Spread", "alpha", "attempts", "boxes", "correlation", "discrimination",
    "facility", "fifths", "follow_through", "kinds", "marks", "mistakes", "quartiles", "spread",
]  # fmt: skip
