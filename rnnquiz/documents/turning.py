"""A drawing for a screen so narrow that steps side by side could not be read: time goes downwards,
and what is read stands left of its reader."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from rnnquiz.documents.diagram import Circle, Drawing, Edge
from rnnquiz.documents.drawing import RADIUS, edge_between
from rnnquiz.documents.labels import labelled
from rnnquiz.documents.returned import Map

SIGNS_A_ROW = 4
_MARGIN, _SIGN = 0.32, 0.18  # units around the middle of a circle; of a verdict beside one
_TELEPHONE = 5.85  # units whose names can be read on 294 pixels, the least that a page has
_BROAD, _BROADER = 8.0, 12.16  # units whose names can be read on 25 and on 38 rem
_NEAREST = 0.8  # of the distance of two rows, closer than which arrows have no room
_LETTER = 1.2  # the size of names on a screen, of that on paper
_LABEL = 0.7  # units of a letter with an index or a power, as a notation may write any
_ON_RIM = RADIUS + 0.01  # an arrow has its ends in three digits

Place = tuple[float, float]
Turnable = Drawing | Map


@dataclass(frozen=True)
class Framed:
    """A picture, and where it begins and ends from left to right, in units, with all that stands
    beside its circles."""

    picture: Turnable
    left: float
    right: float

    @property
    def width(self) -> float:
        return self.right - self.left


@dataclass(frozen=True)
class BothWays:
    """A picture with time from left to right, and downwards where that is narrower: the style sheet
    shows one of the two, by the room that there is and by `breadth`, how broad the first is."""

    across: Framed
    downwards: Framed | None

    @property
    def shown(self) -> dict[str, Framed]:
        """Each by its name in the style sheet."""
        found = {"across": self.across}
        if self.downwards is not None:
            found["downwards"] = self.downwards
        return found

    @property
    def narrowest(self) -> float:
        """The width of the narrowest way in which it can stand, in letters."""
        return min(framed.width for framed in self.shown.values())

    @property
    def scrolls(self) -> bool:
        """Whether a telephone shows a part of it at a time, whichever way time goes."""
        return self.narrowest > _TELEPHONE

    @property
    def breadth(self) -> str:
        """The class of its width, by which a page chooses across or downwards."""
        if self.downwards is None:
            return ""
        if self.across.width <= _BROAD:
            return "broad"
        if self.across.width <= _BROADER:
            return "broader"
        return "broadest"


def both_ways(picture: Turnable) -> BothWays:
    """A picture as it is, and as it is turned."""
    across = _framed(picture)
    if across.width <= _TELEPHONE:
        return BothWays(across, None)
    downwards = _framed(turned(picture))
    narrower = downwards.width < across.width
    return BothWays(across, downwards if narrower else None)


def turned(picture: Turnable) -> Turnable:
    """The picture with time downwards, labels of arrows where they cover nothing."""
    nearness = _nearness(picture)
    place = _turn(picture.width, nearness)
    width, height = picture.height * nearness, picture.width
    across = picture.nodes if isinstance(picture, Drawing) else picture.circles
    circles = _moved(across, place)
    edges = _redrawn(picture.edges, across, place)
    if isinstance(picture, Drawing):
        bare = replace(picture, nodes=circles, edges=edges, width=width, height=height)
        return labelled(bare, RADIUS, _LETTER)
    chips = (chip for _, chip in picture.nodes)
    nodes = tuple(zip(circles, chips, strict=True))
    return replace(picture, nodes=nodes, edges=edges, width=width, height=height)


def _framed(picture: Turnable) -> Framed:
    left, right = -_MARGIN, picture.width + _MARGIN
    if isinstance(picture, Map):
        # Its arrows have no labels, its circles verdicts on their right.
        return Framed(picture, left, right + _room_of_signs(picture))
    for edge in picture.edges:
        if edge.label is not None:
            x, _ = edge.middle
            begins = x if edge.beside else x - _LABEL / 2
            left, right = min(left, begins), max(right, begins + _LABEL)
    return Framed(picture, left, right)


def _room_of_signs(picture: Turnable) -> float:
    """How many units the verdicts beside a circle take."""
    if isinstance(picture, Map):
        return _SIGN * min(picture.crowd, SIGNS_A_ROW)
    return 0.0


def _nearness(picture: Turnable) -> float:
    """The distance of rows once they are columns, of what it was: less where a telephone is
    narrower."""
    room = _TELEPHONE - 2 * _MARGIN - _room_of_signs(picture)
    return max(_NEAREST, room / max(picture.height, room))


def _turn(width: float, nearness: float) -> Callable[[Place], Place]:
    """Where a point of a picture stands once it is turned: what was above on the right, what was
    right below."""

    def place(point: Place) -> Place:
        x, y = point
        return round(y * nearness, 3), round(width - x, 3)

    return place


def _moved(circles: Iterable[Circle], place: Callable[[Place], Place]) -> tuple[Circle, ...]:
    made = []
    for circle in circles:
        x, y = place((circle.x, circle.y))
        made.append(replace(circle, x=x, y=y))
    return tuple(made)


def _redrawn(
    edges: Iterable[Edge], circles: Sequence[Circle], place: Callable[[Place], Place]
) -> tuple[Edge, ...]:
    """Arrows between the rims of the circles where these stand now."""
    middles = [(circle.x, circle.y) for circle in circles]
    made = []
    for edge in edges:
        start, from_point = _circle_at((edge.x1, edge.y1), middles)
        end, to_point = _circle_at((edge.x2, edge.y2), middles)
        drawn = edge_between(place(start), place(end), None, from_point, to_point)
        made.append(replace(drawn, label=edge.label, head=edge.head, way=edge.way))
    return tuple(made)


def _circle_at(point: Place, middles: Iterable[Place]) -> tuple[Place, bool]:
    """The middle of the circle on whose rim an arrow has an end; the end itself, and True, where it
    is on none."""
    for middle in middles:
        if math.dist(point, middle) < _ON_RIM:
            return middle, False
    return point, True


__all__ = ["SIGNS_A_ROW", "BothWays", "both_ways", "turned"]
