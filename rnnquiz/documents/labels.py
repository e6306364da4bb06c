"""Where the labels of arrows stand: each at its arrow, on no circle, no other arrow, no other
label, as far as there is room."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rnnquiz.documents import sizes
from rnnquiz.documents.tree import Drawing, Edge

_WIDE, _INDEX, _HIGH = 0.26, 0.14, 0.2  # of a letter, of its index, in units of a drawing
_ALONG = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8)  # of an arrow, tried in turn
_FULL_SIZE = 0.9  # centimetres of a unit, below which letters grow in units
_NEAR = 0.04  # no closer to anything
_EVERY = 0.05  # the distance of the points that stand for an arrow
Spot = tuple[float, float]


@dataclass(frozen=True)
class _Plate:
    """A label's place: its anchor, and whether that is its left end or the middle below it."""

    anchor: Spot
    beside: bool
    width: float
    high: float

    def holds(self, point: Spot, margin: float = _NEAR) -> bool:
        x, y = self.middle
        across, along = abs(point[0] - x), abs(point[1] - y)
        return across < self.width / 2 + margin and along < self.high / 2 + margin

    @property
    def middle(self) -> Spot:
        x, y = self.anchor
        if self.beside:
            return x + self.width / 2, y
        return x, y + self.high / 2

    def meets(self, other: _Plate) -> bool:
        (x, y), (u, v) = self.middle, other.middle
        return abs(x - u) < (self.width + other.width) / 2 and abs(y - v) < self.high


def labelled(drawing: Drawing, radius: float) -> Drawing:
    """The drawing with each label on the first of its places where it covers nothing; where there
    is none, on the one that covers least."""
    edges, circles = drawing.edges, [(node.x, node.y) for node in drawing.nodes]
    size = max(1.0, _FULL_SIZE / drawing.unit(*sizes.SHEET_ROOM))
    taken: list[_Plate] = []
    made = []
    for edge in edges:
        if edge.label is None:
            made.append(edge)
            continue
        found = min(
            _plates(edge, size), key=lambda plate: _covered(plate, edges, circles, radius, taken)
        )
        taken.append(found)
        made.append(replace(edge, anchor=found.anchor, right=found.beside))
    return replace(drawing, edges=tuple(made))


def _plates(edge: Edge, size: float) -> Iterator[_Plate]:
    """Beside a steep arrow or above a flat one first, then on its other sides."""
    name = getattr(edge.label, "name", "")
    width = size * (_WIDE + _INDEX * ("_" in name or "[" in name))
    high = size * _HIGH
    dx, dy = edge.x2 - edge.x1, edge.y2 - edge.y1
    # half a label reaches over a slanted line unless it stands that much further away
    right = sizes.LABEL_AWAY + high / 2 * abs(dx) / max(abs(dy), 0.1)
    above = sizes.LABEL_AWAY + width / 2 * abs(dy) / max(abs(dx), 0.1)
    for share in _ALONG:
        x, y = edge.x1 + share * dx, edge.y1 + share * dy
        sides = [
            _Plate((x + right, y), True, width, high),
            _Plate((x - right - width, y), True, width, high),
            _Plate((x, y + above), False, width, high),
            _Plate((x, y - above - high), False, width, high),
        ]
        first = 2 * (not edge.steep)
        yield from sides[first:]
        yield from sides[:first]


def _covered(
    plate: _Plate,
    edges: Sequence[Edge],
    circles: Sequence[Spot],
    radius: float,
    taken: Sequence[_Plate],
) -> int:
    """How many circles, labels and points of arrows a label would stand on."""
    met = sum(plate.meets(other) for other in taken)
    met += sum(plate.holds(circle, radius) for circle in circles)
    return 10 * met + sum(plate.holds(point) for edge in edges for point in _points(edge))


def _points(edge: Edge) -> Iterator[Spot]:
    dx, dy = edge.x2 - edge.x1, edge.y2 - edge.y1
    number = math.ceil(math.hypot(dx, dy) / _EVERY)
    for k in range(number + 1):
        yield edge.x1 + dx * k / number, edge.y1 + dy * k / number
