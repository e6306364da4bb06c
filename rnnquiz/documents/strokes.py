"""A drawing as the operators of PDF that draw it, for LaTeX: a picture of many arrows takes TeX's
own macros longer than a page of text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import filterfalse

from rnnquiz.documents.diagram import Circle, Drawing, Edge
from rnnquiz.documents.drawing import RADIUS

POINTS_A_CM = 72 / 2.54  # of a centimetre
# 4 (sqrt(2) - 1) / 3: with it the middle of each curve lies on the circle.
_HANDLE = 0.5523  # of the radius: where the handles of a quarter of a circle lie
_SLENDER = 0.36  # half the width of a head, of its length
_ACCENT = ".122 .306 .549"
_GIVEN, _COMPUTED = ".855 .855 .855 rg", ".918 .945 .98 rg"


@dataclass(frozen=True)
class _Pen:
    """Colour, width of lines, length of arrow heads, in points."""

    colour: str
    width: float
    head: float

    @property
    def chosen(self) -> str:
        return f"{self.colour} RG {self.colour} rg {self.width} w"


_PLAIN = _Pen("0 0 0", 0.5, 4.5)
_PALE = _Pen(".4 .4 .4", 0.4, 3.5)
_WAY = _Pen(_ACCENT, 1.5, 6.0)


def strokes(drawing: Drawing, unit: float) -> str:
    """Arrows, then circles, of a drawing in which a step measures `unit` centimetres; where a way
    is drawn, all the rest is pale."""
    ways = list(filter(_is_on_way, drawing.edges))
    rest = list(filterfalse(_is_on_way, drawing.edges))
    pen = _PALE if ways else _PLAIN
    scale = unit * POINTS_A_CM
    # Thick lines last: a pale one does not run over them. q and Q keep the pen to the drawing.
    parts = ["q", *_arrows(rest, pen, scale), *_arrows(ways, _WAY, scale)]
    for node in drawing.nodes:
        parts += _circle(node, _WAY if node.way else pen, scale)
    parts.append("Q")
    return " ".join(parts)


def _is_on_way(edge: Edge) -> bool:
    return edge.way


def _arrows(edges: Iterable[Edge], pen: _Pen, scale: float) -> Iterator[str]:
    yield pen.chosen
    for edge in edges:
        x1, y1, x2, y2 = (v * scale for v in (edge.x1, edge.y1, edge.x2, edge.y2))
        dx, dy = x2 - x1, y2 - y1
        length = math.hypot(dx, dy)
        ux, uy = dx / length, dy / length
        head = pen.head if edge.head else 0.0
        # The line ends where its head begins: its own end is blunt, and would show at the tip.
        bx = x2 - head * ux
        by = y2 - head * uy
        yield f"{_at(x1, y1)} m {_at(bx, by)} l S"
        if not edge.head:
            continue
        side = _SLENDER * head
        sx, sy = side * ux, side * uy
        left = _at(bx - sy, by + sx)
        right = _at(bx + sy, by - sx)
        yield f"{_at(x2, y2)} m {left} l"
        yield f"{right} l f"


def _circle(node: Circle, pen: _Pen, scale: float) -> Iterator[str]:
    x, y = node.x * scale, node.y * scale
    # A thick rim leaves the letters their room.
    thicker = (pen.width - _PLAIN.width) / 2
    r = RADIUS * scale + thicker
    k = r * _HANDLE
    left, right = x - r, x + r
    low, high = y - r, y + r
    inner_left, inner_right = x - k, x + k
    inner_low, inner_high = y - k, y + k
    yield f"{pen.colour} RG {pen.width} w {_GIVEN if node.given else _COMPUTED}"
    # PDF has no circle: four Bézier curves, each with two handles and its end.
    yield f"{_at(right, y)} m"
    yield f"{_at(right, inner_high)} {_at(inner_right, high)} {_at(x, high)} c"
    yield f"{_at(inner_left, high)} {_at(left, inner_high)} {_at(left, y)} c"
    yield f"{_at(left, inner_low)} {_at(inner_left, low)} {_at(x, low)} c"
    yield f"{_at(inner_right, low)} {_at(right, inner_low)} {_at(right, y)} c B"


def _at(x: float, y: float) -> str:
    return f"{x:.2f} {y:.2f}"
