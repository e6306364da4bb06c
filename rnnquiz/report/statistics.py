"""What the marks of a class say: about the sheet, each box, each kind of box, and the mistakes that
were made."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.verdict import Verdict
from rnnquiz.decimals import Array
from rnnquiz.report.marking import Marking, StudentMistake, ratio
from rnnquiz.report.measures import (
    EQUAL,
    Correlation,
    Spread,
    alpha,
    correlation,
    spread,
    without_gaps,
)

BINS, GROUPS = 10, 5
FOLLOWED = list(Verdict).index(Verdict.FOLLOW_THROUGH)
DEPENDENT = (
    "Boxes of one chain of computation depend on each other: a number that goes wrong early is"
    " carried on. Alpha takes the boxes for separate questions and is therefore too high; compare"
    " it between sheets, not with a threshold."
)


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


def marks(marking: Marking) -> Marks:
    """Spread of marks and shares; how many students have all, how many none."""
    greatest = marking.maxima.max(initial=0.0)
    # Marks are sums of shares of boxes: what should be 0 or all of them is so but for rounding.
    zero = _count(marking.totals <= EQUAL)
    all_of_them = 1 - EQUAL
    full = _count(marking.shares >= all_of_them)
    of_marks, of_shares = spread(marking.totals), spread(marking.shares)
    histogram = _histogram(marking.shares)
    return Marks(of_marks, of_shares, float(greatest), zero, full, histogram)


def _count(flags: NDArray[np.bool_]) -> int:
    """How many are true, as a number that JSON takes."""
    return int(flags.sum())


def _histogram(shares: Array) -> tuple[int, ...]:
    tenths = (without_gaps(shares) * BINS).astype(np.int64)
    # The last bin is closed: a share of 1 belongs to it.
    places = np.clip(tenths, 0, BINS - 1)
    students = np.bincount(places, minlength=BINS)
    return tuple(students.tolist())


def boxes(marking: Marking) -> tuple[BoxStatistics, ...]:
    """Facility, discrimination and verdicts of each box."""
    earned, possible = marking.earned.sum(axis=0), marking.weights.sum(axis=0)
    facilities = ratio(earned, possible).tolist()
    counted = marking.counted.sum(axis=0).tolist()
    found = verdict_shares(marking).tolist()
    rows = []
    for k, box in enumerate(marking.boxes):
        kind = marking.kinds[k]
        verdicts = tuple(found[k])
        together = discrimination(marking, k)
        number, share = counted[k], facilities[k]
        rows.append(BoxStatistics(box, kind, number, share, together, verdicts))
    return tuple(rows)


def facility(marking: Marking, boxes: Sequence[int]) -> float | None:
    """Marks got in some boxes (columns) as a share of those possible; None where none are."""
    columns = list(boxes)
    possible = marking.weights[:, columns].sum()
    if possible <= 0:
        return None
    earned = marking.earned[:, columns].sum()
    return float(earned / possible)


def discrimination(marking: Marking, k: int) -> Correlation:
    """Item-rest correlation of box k: its score with the marks of all other boxes, each as a share
    of what was possible.

    Students for whom the box, or all others, do not count are left out.
    """
    # Item-rest, not item-total, which the box itself inflates (Crocker and Algina 1986, ch. 14).
    weight, earned = marking.weights[:, k], marking.earned[:, k]
    rest_possible = marking.maxima - weight
    rest_earned = marking.totals - earned
    used = marking.counted[:, k] & (rest_possible > EQUAL)
    score = earned[used] / weight[used]
    rest = rest_earned[used] / rest_possible[used]
    return correlation(score, rest)


def verdict_shares(marking: Marking) -> Array:
    """Share of each verdict among the students for whom a box counts, (B, verdicts); NaN where it
    counts for none."""
    count, width = len(marking.boxes), len(Verdict)
    # A table of counts in one pass: cell (box, verdict) is number box * width + verdict.
    rows = np.arange(count) * width
    cells = rows + marking.verdicts
    found = np.bincount(cells[marking.counted], minlength=count * width)
    table = found.reshape(count, width).astype(float)
    whole = table.sum(axis=1, keepdims=True)
    return ratio(table, np.broadcast_to(whole, table.shape))


def kinds(marking: Marking) -> tuple[KindStatistics, ...]:
    """Facility and Cronbach's alpha of each kind of question."""
    curves = quintiles(marking)
    rows = []
    for (kind, columns), curve in zip(marking.blocks.items(), curves, strict=True):
        earned, possible = marking.earned[:, columns], marking.weights[:, columns]
        got = float(earned.sum())
        greatest = float(possible.sum())
        share = _part(got, greatest)
        # Alpha needs scores without gaps: only boxes that count for every student.
        everywhere = marking.counted[:, columns].all(axis=0)
        scores = ratio(earned[:, everywhere], possible[:, everywhere])
        number = _count(np.asarray(everywhere))
        consistency = alpha(scores)
        of_fifths = tuple(curve.tolist())
        rows.append(KindStatistics(kind, share, number, *consistency, of_fifths))
    return tuple(rows)


def fifths(shares: Array) -> NDArray[np.int64]:
    """The fifth of the class by total marks in which each student is, 0 the weakest; ties in the
    order of the rows."""
    count = len(shares)
    weakest_first = np.argsort(shares, kind="stable")
    place = np.empty(count, dtype=np.int64)
    # The sorting turned round: the place of each student, not the student at each place.
    place[weakest_first] = np.arange(count)
    # An empty class has no fifths, and nothing to divide by.
    divisor = max(count, 1)
    return np.asarray(place * GROUPS // divisor)


def quintiles(marking: Marking) -> Array:
    """Facility of each kind among each fifth of the class, (kinds, 5); NaN where a fifth is
    empty."""
    group = fifths(marking.shares)
    curves = np.full((len(marking.blocks), GROUPS), np.nan)
    for row, columns in enumerate(marking.blocks.values()):
        got = _by_group(group, marking.earned[:, columns])
        possible = _by_group(group, marking.weights[:, columns])
        curves[row] = ratio(got, possible)
    return curves


def _by_group(group: NDArray[np.int64], values: Array) -> Array:
    """The sum of the rows of values (N, k) over each fifth of the class, (5,)."""
    sums = np.bincount(group, values.sum(axis=1), GROUPS)
    # Without students bincount gives whole numbers.
    return sums.astype(float)


def follow_through(marking: Marking) -> FollowThrough:
    """Shares of marks and of boxes that were given for consequences of a mistake."""
    followed = (marking.verdicts == FOLLOWED) & marking.counted
    earned = marking.earned[followed].sum()
    all_earned = float(marking.earned.sum())
    boxes, all_boxes = _count(followed), _count(marking.counted)
    of_marks = _part(float(earned), all_earned)
    return FollowThrough(of_marks, _part(boxes, all_boxes))


def _part(part: float, whole: float) -> float:
    if whole <= 0:
        return math.nan
    return part / whole


def mistakes(made: tuple[StudentMistake, ...]) -> tuple[Mistake, ...]:
    """Each mistake once, that of most students first."""
    groups: dict[str, list[StudentMistake]] = {}
    for one in made:
        groups.setdefault(one.name, []).append(one)
    rows = [_mistake(name, own) for name, own in groups.items()]
    rows.sort(key=_commonest_first)
    return tuple(rows)


def _commonest_first(row: Mistake) -> tuple[int, str]:
    # By name where as many made both: each report has the same order.
    return -len(row.students), row.name


def _mistake(name: str, made: list[StudentMistake]) -> Mistake:
    # A dict keeps the students in the order of the marking; a set would not.
    students = dict.fromkeys(one.student for one in made)
    boxes = sum(one.boxes for one in made)
    first = Counter(one.box for one in made)
    by_number = tuple(first.most_common())
    return Mistake(name, tuple(students), boxes, by_number)


def attempts(marking: Marking) -> tuple[tuple[int, int], ...]:
    """How many students handed in how many sheets: (sheets, students)."""
    sheets, students = np.unique(marking.attempts, return_counts=True)
    pairs = zip(sheets.tolist(), students.tolist(), strict=True)
    return tuple(pairs)


__all__ = [
    "DEPENDENT", "BoxStatistics", "FollowThrough", "KindStatistics", "Marks", "Mistake", "attempts",
    "boxes", "discrimination", "facility", "fifths", "follow_through", "kinds", "marks", "mistakes",
]  # fmt: skip
