"""Where the labels of arrows stand: each at its arrow, on no circle, no other arrow, no other
label, as far as there is room."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from rnnquiz.decimals import Array
from rnnquiz.documents import sizes
from rnnquiz.documents.diagram import Drawing, Edge

_WIDE, _INDEX, _HIGH = 0.26, 0.14, 0.2  # of a letter, of its index, in units of a drawing
_ALONG = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)  # of an arrow, tried in turn
_FULL_SIZE = 0.9  # centimetres of a unit, below which letters grow in units
_NEAR = 0.04  # no closer to anything
_EVERY = 0.05  # the distance of the points that stand for an arrow
_STEEPEST = 0.1  # from here on an arrow counts as upright, or as flat: nothing is divided by 0
Point = tuple[float, float]


@dataclass(frozen=True)
class _Plate:
    """A label's place: its anchor, and whether that is its left end or the middle below it."""

    anchor: Point
    beside: bool
    width: float
    high: float

    def held(self, points: Array, margin: float = _NEAR) -> int:
        """How many of some points, (P, 2), lie on the label or near it."""
        across, up = np.abs(points - self.middle).T
        near = (across < self.width / 2 + margin) & (up < self.high / 2 + margin)
        return int(near.sum())

    @property
    def middle(self) -> Point:
        x, y = self.anchor
        if self.beside:
            return x + self.width / 2, y
        return x, y + self.high / 2

    def meets(self, other: _Plate) -> bool:
        (x, y), (u, v) = self.middle, other.middle
        if abs(x - u) >= (self.width + other.width) / 2:
            return False
        return abs(y - v) < self.high  # all are equally high


def labelled(drawing: Drawing, radius: float, size: float = 0.0) -> Drawing:
    """The drawing with each label on the first of its places where it covers nothing; where there
    is none, on the one that covers least. `size`: of its letters, as they are on a sheet if 0."""
    edges = drawing.edges
    circles = np.array([(node.x, node.y) for node in drawing.nodes])
    points = np.array(list(chain.from_iterable(map(_points, edges))))
    size = size or _size_on_sheet(drawing)
    taken: list[_Plate] = []

    def covered(plate: _Plate) -> int:
        """How many circles, labels and points of arrows a label would stand on."""
        met = sum(plate.meets(other) for other in taken) + plate.held(circles, radius)
        # A line behind a label can still be followed; what stands on a name cannot be read.
        return 10 * met + plate.held(points)

    made = []
    for edge in edges:
        if edge.label is None:
            made.append(edge)
            continue
        # The first of those that cover least: plates come in the order in which they are wished.
        found = min(_plates(edge, size), key=covered)
        taken.append(found)
        made.append(replace(edge, anchor=found.anchor, right=found.beside))
    return replace(drawing, edges=tuple(made))


def _size_on_sheet(drawing: Drawing) -> float:
    """The size of letters, which do not shrink with a drawing, of that in a drawing of full
    size."""
    unit = drawing.unit(*sizes.SHEET_ROOM)
    return max(1.0, _FULL_SIZE / unit)


def _plates(edge: Edge, size: float) -> Iterator[_Plate]:
    """Beside a steep arrow or above a flat one first, then on its other sides."""
    name = getattr(edge.label, "name", "")
    indexed = not {"_", "["}.isdisjoint(name)
    letters = _WIDE + _INDEX * indexed
    width, high = size * letters, size * _HIGH
    dx, dy = edge.x2 - edge.x1, edge.y2 - edge.y1
    across, along = abs(dx), abs(dy)
    # Half a label reaches over a slanted line unless it stands that much further away.
    rise, run = max(along, _STEEPEST), max(across, _STEEPEST)
    over_right = high / 2 * across / rise
    over_top = width / 2 * along / run
    right, above = sizes.LABEL_AWAY + over_right, sizes.LABEL_AWAY + over_top
    for share in _ALONG:
        x = edge.x1 + share * dx
        y = edge.y1 + share * dy
        left = x - right - width
        under = y - above - high
        to_right = _Plate((x + right, y), True, width, high)
        to_left = _Plate((left, y), True, width, high)
        on_top = _Plate((x, y + above), False, width, high)
        below = _Plate((x, under), False, width, high)
        if edge.steep:
            yield from (to_right, to_left, on_top, below)
        else:
            yield from (on_top, below, to_right, to_left)


def _points(edge: Edge) -> Iterator[Point]:
    dx, dy = edge.x2 - edge.x1, edge.y2 - edge.y1
    length = math.hypot(dx, dy)
    number = math.ceil(length / _EVERY)
    for k in range(number + 1):
        x = edge.x1 + dx * k / number
        y = edge.y1 + dy * k / number
        yield x, y
