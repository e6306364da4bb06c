"""A drawing as circles and arrows, and how large it stands on a sheet and beside lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnquiz.documents import sizes
from rnnquiz.documents.mathematics import Math


@dataclass(frozen=True)
class Circle:
    """A circle of the drawing, at x, y in units of one step."""

    x: float
    y: float
    math: Math
    given: bool
    way: bool = False


@dataclass(frozen=True)
class Edge:
    """An arrow between the rims of two circles; the label stands at its middle, or where `anchor`
    says: there is its left end if `right`, else the middle below it. Without a head it is the way
    to a joint, from which arrows go on. Circles and arrows on the way of a gradient are drawn
    thick."""

    x1: float
    y1: float
    x2: float
    y2: float
    label: Math | None
    head: bool = True
    way: bool = False
    anchor: tuple[float, float] | None = None
    right: bool = False

    @property
    def middle(self) -> tuple[float, float]:
        """Where its label stands: beside a steep arrow, above a flat one."""
        if self.anchor is not None:
            return self.anchor
        x = (self.x1 + self.x2) / 2
        y = (self.y1 + self.y2) / 2
        if self.steep and self.way:
            return x + sizes.LABEL_AWAY_FROM_WAY, y
        if self.steep:
            return x + sizes.LABEL_AWAY, y
        return x, y + sizes.LABEL_AWAY

    @property
    def beside(self) -> bool:
        """Whether its label begins there, or stands above it."""
        return self.steep if self.anchor is None else self.right

    @property
    def steep(self) -> bool:
        """True for an arrow that goes up or down more than across."""
        across, upwards = self.x2 - self.x1, self.y2 - self.y1
        return abs(upwards) > abs(across)


@dataclass(frozen=True)
class Drawing:
    """Circles and arrows; in the documents of one class a label stands for one drawing."""

    nodes: tuple[Circle, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float
    caption: str
    label: str = "network"
    lines: int = 0  # beside which it stands; 0 for as many as there is room for
    kind: Literal["drawing"] = "drawing"

    @property
    def small_only(self) -> bool:
        """True for a drawing of a way, which is never as large as that of a sheet."""
        return any(node.way for node in self.nodes)

    def unit(self, width: float, height: float) -> float:
        """How many centimetres one step measures where there is room for so many centimetres."""
        in_width = width / (self.width + sizes.MARGIN)
        in_height = height / (self.height + sizes.MARGIN)
        return min(in_width, in_height, sizes.LARGEST_UNIT)

    @property
    def large(self) -> float:
        """How many centimetres one step measures on a sheet: beside the equations, or in a row of
        its own where it is wide."""
        labels = sum(edge.label is not None for edge in self.edges)
        most = sizes.NARROW_LABELLED if labels > sizes.FEW_LABELS else sizes.NARROW_DRAWING
        if self.width < most:
            return self.unit(*sizes.BESIDE_EQUATIONS)
        return self.unit(*sizes.SHEET_ROOM)

    @property
    def fits_beside(self) -> bool:
        """True where its names can be read when it stands beside lines."""
        return self.unit(sizes.BESIDE_WIDTH, sizes.BESIDE_HEIGHT) >= sizes.SMALLEST_UNIT

    @property
    def small(self) -> float:
        """How many centimetres one step measures beside lines, or in a line of its own."""
        if self.fits_beside:
            # No higher than the lines beside it, as long as its names have letters of seven points.
            high = self.lines * sizes.USUAL_ROW + sizes.BESIDE_HEADING
            room = high if self.lines else sizes.BESIDE_HEIGHT
            low = self.unit(sizes.BESIDE_WIDTH, min(room, sizes.BESIDE_HEIGHT))
            most = self.unit(sizes.BESIDE_WIDTH, sizes.BESIDE_HEIGHT)
            fits = max(low, min(most, sizes.READABLE_UNIT))
        else:
            fits = self.unit(sizes.ALONE_WIDTH, sizes.ALONE_HEIGHT)
        return min(fits, sizes.BESIDE_UNIT)
