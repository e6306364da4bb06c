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

    def begun(self) -> Pattern:
        """Its first steps: those after them look the same."""
        arrows = tuple(filter(_is_early, self.arrows))
        return replace(self, arrows=arrows or self.arrows)

    def points(self, spots: Mapping[str, Spot]) -> Array:
        """Where the instances stand, (instances, 2)."""
        stand = [spots[letter] for letter, _ in self.instances]
        shifts, rows = np.array(stand).T
        xs, ys = self.middles + shifts, rows * self.row
        return np.stack([xs, ys], axis=1)


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
    found += _WORSE * _heaped(points)
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
    if _heaped(points) or touched(pattern, points, lines):
        return False
    crossed = crossings(pattern, lines)
    return len(crossed) == 0


def crossings(pattern: Pattern, lines: Array) -> Array:
    """Pairs of arrows that cross, of those that do not begin or end at the same circle."""
    first, second = np.triu_indices(len(lines), 1)
    ends_of_first = pattern.ends[first]
    ends_of_second = pattern.ends[second]
    one, other = ends_of_first[:, :, None], ends_of_second[:, None, :]
    same = one == other  # (pairs, 2, 2): each end with each
    strangers = ~same.any(axis=(1, 2))
    first, second = first[strangers], second[strangers]
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
    starts = lines[:, 0, None]
    ways = lines[:, 1, None] - starts
    towards = points[None] - starts  # (arrows, circles, 2)
    reached = (towards * ways).sum(axis=2)
    # Two circles of one step can stand on the same spot while letters are moved.
    whole = np.maximum(_squares(ways), 1e-9)
    along = np.clip(reached / whole, 0, 1)
    nearest = starts + along[:, :, None] * ways
    gaps = _lengths(points[None] - nearest)
    near = gaps < _CLEAR
    arrows = np.arange(len(lines))
    near[arrows[:, None], pattern.ends] = False  # the circles at its own ends
    return int(near.sum())


def _squares(ways: Array) -> Array:
    """The squares of the lengths of ways, (..., 2)."""
    squares = ways**2
    return np.asarray(squares.sum(axis=-1))


def _heaped(points: Array) -> int:
    """Pairs of circles that stand too near one another."""
    gaps = _lengths(points[:, None] - points[None])
    pairs = np.triu_indices(len(points), 1)
    near = gaps[pairs] < _APART
    return int(near.sum())


def _downwards(pattern: Pattern, spots: Mapping[str, Spot]) -> int:
    """Arrows within a step that do not go upwards."""
    falling = (_falls(arrow, spots) for arrow in pattern.arrows)
    return sum(falling)


def _falls(arrow: InstancePair, spots: Mapping[str, Spot]) -> bool:
    (parent, here), (child, there) = arrow
    if here != there:
        return False
    (_, low), (_, high) = spots[parent], spots[child]
    return high <= low
