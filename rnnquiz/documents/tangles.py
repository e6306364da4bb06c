"""How bad an arrangement of circles and arrows is: what crosses, what stands too near, what does
not go upwards."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np

from rnnquiz.decimals import Array, Bools
from rnnquiz.documents.joints import Instance, InstancePair

Spot = tuple[float, float]  # of a letter: its shift within a step, and its row

# An arrow keeps 0.06 off the rim of a circle, whose radius is 0.3; circles that the plain layout
# puts side by side are 0.8 apart, and do not count as heaped.
_CLEAR, _APART = 0.36, 0.78  # of an arrow from a circle's middle; of two circles' middles
# Against a length of one: a crossing, an arrow that does not go upwards, a unit of height.
_WORSE, _DOWN, _HIGH = 100.0, 2.0, 1.0
_ENOUGH = 2  # steps that are looked at: those after them look the same


@dataclass(frozen=True)
class Pattern:
    """What is drawn: arrows between letters at steps. `column`, `row`: the distances of steps and
    of rows."""

    arrows: tuple[InstancePair, ...]
    column: float
    row: float

    @cached_property
    def instances(self) -> tuple[Instance, ...]:
        """What its arrows come from or go to, each once."""
        ends = chain.from_iterable(self.arrows)
        return tuple(dict.fromkeys(ends))

    @cached_property
    def ends(self) -> Array:
        """The places among the instances of both ends of each arrow, (arrows, 2)."""
        places = {instance: k for k, instance in enumerate(self.instances)}
        ends = chain.from_iterable(self.arrows)
        numbers = [places[end] for end in ends]
        return np.array(numbers).reshape(-1, 2)

    @cached_property
    def middles(self) -> Array:
        """x of the middle of the step of each instance, (instances,)."""
        times = [time for _, time in self.instances]
        return self.column * np.array(times)

    @cached_property
    def strangers(self) -> Array:
        """The pairs of arrows that do not begin or end at the same circle, (2, pairs)."""
        first, second = np.triu_indices(len(self.arrows), 1)
        one, other = self.ends[first][:, :, None], self.ends[second][:, None, :]
        same = one == other  # (pairs, 2, 2): each end with each
        apart = ~same.any(axis=(1, 2))
        return np.stack([first[apart], second[apart]])

    @cached_property
    def others(self) -> Array:
        """The arrows and circles that do not begin or end at one another, (2, pairs)."""
        numbers = np.arange(len(self.instances))
        at_end = self.ends[:, :, None] == numbers
        return np.stack(np.nonzero(~at_end.any(axis=1)))

    @cached_property
    def circles(self) -> Array:
        """All pairs of circles, (2, pairs)."""
        return np.stack(np.triu_indices(len(self.instances), 1))

    @cached_property
    def upwards(self) -> tuple[tuple[str, str], ...]:
        """The letters of the arrows within a step, which are to go upwards."""
        pairs = []
        for (parent, here), (child, there) in self.arrows:
            if here == there:
                pairs.append((parent, child))
        return tuple(pairs)

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The letter of each instance."""
        return tuple(letter for letter, _ in self.instances)

    @cached_property
    def units(self) -> Array:
        """What a shift within a step and a row measure, (2,)."""
        return np.array([1.0, self.row])

    def begun(self) -> Pattern:
        """Its first steps: those after them look the same."""
        arrows = tuple(filter(_is_early, self.arrows))
        return replace(self, arrows=arrows or self.arrows)

    def points(self, spots: Mapping[str, Spot]) -> Array:
        """Where the instances stand, (instances, 2)."""
        stand = np.array(list(map(spots.__getitem__, self.letters)))
        stand *= self.units
        stand[:, 0] += self.middles
        return stand


def _is_early(arrow: InstancePair) -> bool:
    (_, here), (_, there) = arrow
    return max(here, there) <= _ENOUGH


def cost(pattern: Pattern, spots: Mapping[str, Spot], limit: float = math.inf) -> float:
    """How bad an arrangement is: crossings above all, then the length of arrows. What is dear to
    work out is left out where the rest comes to more than the limit."""
    points = pattern.points(spots)
    lines = points[pattern.ends]
    starts, heads = lines[:, 0], lines[:, 1]
    lengths = _lengths(heads - starts)
    found = float(lengths.sum())
    found += _DOWN * _downwards(pattern, spots)
    found += _WORSE * _heaped(pattern, points)
    height = np.ptp(points[:, 1])
    found += _HIGH * float(height)
    if found < limit:
        found += _WORSE * touched(pattern, points, lines)
    if found < limit:
        found += _WORSE * len(crossings(pattern, lines))
    return found


def is_clear(pattern: Pattern, spots: Mapping[str, Spot]) -> bool:
    """No arrow crosses another one or a circle, and all circles stand apart."""
    points = pattern.points(spots)
    lines = points[pattern.ends]
    if _heaped(pattern, points) or touched(pattern, points, lines):
        return False
    crossed = crossings(pattern, lines)
    return len(crossed) == 0


def crossings(pattern: Pattern, lines: Array) -> Array:
    """Pairs of arrows that cross, of those that do not begin or end at the same circle."""
    first, second = pattern.strangers
    ends = lines.transpose(1, 0, 2)  # (2, arrows, 2): all starts, then all heads
    a, b = ends[:, first]
    c, d = ends[:, second]
    crossed = _parts(a, b, c, d) & _parts(c, d, a, b)
    return np.stack([first, second], axis=1)[crossed]


def _parts(a: Array, b: Array, c: Array, d: Array) -> Bools:
    """Whether the line through a and b passes between c and d."""
    here, there = _side(a, b, c), _side(a, b, d)
    return np.less(here * there, 0)


def _side(a: Array, b: Array, c: Array) -> Array:
    """On which side of the line from a to b a point lies."""
    (x, y), (u, v) = (b - a).T, (c - a).T
    area = x * v - y * u
    # Three points on one line come out as 0, not as a digit at the end of a float.
    return np.asarray(np.round(area, 6))


def _lengths(ways: Array) -> Array:
    """Of ways, (..., 2)."""
    xs, ys = ways[..., 0], ways[..., 1]
    return np.hypot(xs, ys)


def touched(pattern: Pattern, points: Array, lines: Array) -> int:
    """Circles that an arrow between two others passes too near."""
    arrows, circles = pattern.others
    xs, ys = points.T
    x_starts, y_starts = lines[:, 0].T
    x_ways, y_ways = (lines[:, 1] - lines[:, 0]).T
    # Two circles of one step can stand on the same spot while letters are moved.
    whole = np.maximum(x_ways * x_ways + y_ways * y_ways, 1e-9)
    right, up = xs[circles] - x_starts[arrows], ys[circles] - y_starts[arrows]
    along = (right * x_ways[arrows] + up * y_ways[arrows]) / whole[arrows]
    within = np.minimum(np.maximum(along, 0.0), 1.0)
    gaps = np.hypot(right - within * x_ways[arrows], up - within * y_ways[arrows])
    return int(np.count_nonzero(gaps < _CLEAR))


def _heaped(pattern: Pattern, points: Array) -> int:
    """Pairs of circles that stand too near one another."""
    one, other = pattern.circles
    xs, ys = points.T
    gaps = np.hypot(xs[one] - xs[other], ys[one] - ys[other])
    return int(np.count_nonzero(gaps < _APART))


def _downwards(pattern: Pattern, spots: Mapping[str, Spot]) -> int:
    """Arrows within a step that do not go upwards."""
    falling = 0
    for parent, child in pattern.upwards:
        (_, low), (_, high) = spots[parent], spots[child]
        falling += high <= low
    return falling
