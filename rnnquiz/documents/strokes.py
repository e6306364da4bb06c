"""A drawing as the operators of PDF that draw it, for LaTeX: a picture of many arrows takes TeX's
own macros longer than a page of text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rnnquiz.documents.drawing import RADIUS
from rnnquiz.documents.tree import Circle, Drawing, Edge

POINTS_A_CM = 72 / 2.54  # of a centimetre
_HANDLE = 0.5523  # of the radius: where the handles of a quarter of a circle lie
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


_PLAIN, _PALE, _WAY = _Pen("0 0 0", 0.5, 4.5), _Pen(".4 .4 .4", 0.4, 3.5), _Pen(_ACCENT, 1.5, 6.0)


def strokes(drawing: Drawing, unit: float) -> str:
    """Arrows, then circles, of a drawing in which a step measures `unit` centimetres; where a way
    is drawn, all the rest is pale."""
    ways = [edge for edge in drawing.edges if edge.way]
    rest = [edge for edge in drawing.edges if not edge.way]
    pen = _PALE if ways else _PLAIN
    scale = unit * POINTS_A_CM
    parts = ["q", *_arrows(rest, pen, scale), *_arrows(ways, _WAY, scale)]
    for node in drawing.nodes:
        parts += _circle(node, _WAY if node.way else pen, scale)
    return " ".join([*parts, "Q"])


def _arrows(edges: Iterable[Edge], pen: _Pen, scale: float) -> Iterator[str]:
    yield pen.chosen
    for edge in edges:
        x1, y1, x2, y2 = (v * scale for v in (edge.x1, edge.y1, edge.x2, edge.y2))
        length = math.hypot(x2 - x1, y2 - y1)
        ux, uy = (x2 - x1) / length, (y2 - y1) / length
        head = pen.head if edge.head else 0.0
        bx, by = x2 - head * ux, y2 - head * uy
        side = 0.36 * head
        yield f"{_at(x1, y1)} m {_at(bx, by)} l S"
        if not edge.head:
            continue
        yield f"{_at(x2, y2)} m {_at(bx - side * uy, by + side * ux)} l"
        yield f"{_at(bx + side * uy, by - side * ux)} l f"


def _circle(node: Circle, pen: _Pen, scale: float) -> Iterator[str]:
    x, y = node.x * scale, node.y * scale
    r = RADIUS * scale + (pen.width - _PLAIN.width) / 2  # a thick rim leaves the letters their room
    k = r * _HANDLE
    yield f"{pen.colour} RG {pen.width} w {_GIVEN if node.given else _COMPUTED}"
    yield f"{_at(x + r, y)} m"
    yield f"{_at(x + r, y + k)} {_at(x + k, y + r)} {_at(x, y + r)} c"
    yield f"{_at(x - k, y + r)} {_at(x - r, y + k)} {_at(x - r, y)} c"
    yield f"{_at(x - r, y - k)} {_at(x - k, y - r)} {_at(x, y - r)} c"
    yield f"{_at(x + k, y - r)} {_at(x + r, y - k)} {_at(x + r, y)} c B"


def _at(x: float, y: float) -> str:
    return f"{x:.2f} {y:.2f}"
