"""What the pictures of the report are made of, as elements of SVG: scales, axes, marks, text.
Lengths are points."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import escape

WIDTH = 331.0  # on a telephone hardly anything is shrunk
LETTER_SIZE, SMALL_SIZE = 9.0, 8.0  # of axes, of rows
FONT = "Georgia, Libertinus Serif, serif"  # of the page, in HTML and in Typst
RULE, GRID = "#666666", "#dddddd"
LETTER_WIDTH = 0.6  # of a letter, in its height: as wide as in the widest font of a browser
_MOST_TICKS = 7
_TICK = 3.0

# The outline of each mark about its centre, which is to be made as large as it is wanted.
OUTLINES = {
    "dot": "M-1 0A1 1 0 1 0 1 0A1 1 0 1 0-1 0Z",
    "square": "M-.9-.9H.9V.9H-.9Z",
    "triangle": "M0-1.1L1.1.9H-1.1Z",
    "diamond": "M0-1.3L1.3 0 0 1.3-1.3 0Z",
    "wedge": "M0 1.1L1.1-.9H-1.1Z",
    "plus": "M-.4-1.2H.4V-.4H1.2V.4H.4V1.2H-.4V.4H-1.2V-.4H-.4Z",
    "cross": "M-1.2-.7L-.7-1.2 0-.5.7-1.2 1.2-.7.5 0 1.2.7.7 1.2 0 .5-.7 1.2-1.2.7-.5 0Z",
    "star": "M0-1.4L.4-.5 1.3-.4.6.2.8 1.1 0 .6-.8 1.1-.6.2-1.3-.4-.4-.5Z",
}


@dataclass(frozen=True)
class Scale:
    """Numbers from low to high along an axis that goes from start to end."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value stands in the picture."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round numbers on the axis, not too many: steps of 1, 2 or 5 times a power of ten."""
        least = (self.high - self.low) / _MOST_TICKS
        power = 10.0 ** math.floor(math.log10(least))
        fitting = (power * k for k in (1, 2, 5, 10) if power * k >= least)
        # The last always fits: ten times the power of ten is more than the least step.
        step = next(fitting)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [k * step for k in range(first, last + 1)]


def svg_element(name: str, content: str = "", /, **attributes: str | float) -> str:
    """An element of SVG. In the names of attributes _ stands for a hyphen."""
    written = [f' {key.replace("_", "-")}="{_written(value)}"' for key, value in attributes.items()]
    return f"<{name}{''.join(written)}>{content}</{name}>"


def _written(value: str | float) -> str:
    if isinstance(value, str):
        return value
    # A 0 may come out as -0.0, which would be printed with its sign.
    shown = round(float(value), 2) + 0.0
    return f"{shown:g}"


def line(
    start: tuple[float, float], end: tuple[float, float], colour: str = RULE, **style: str | float
) -> str:
    """A straight line."""
    (x1, y1), (x2, y2) = start, end
    return svg_element("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, **style)


def bar(corner: tuple[float, float], size: tuple[float, float], **style: str | float) -> str:
    """A rectangle from its upper left corner."""
    (x, y), (width, height) = corner, size
    return svg_element("rect", x=x, y=y, width=width, height=height, **style)


def curve(points: Sequence[tuple[float, float]], colour: str, dashes: str) -> str:
    """A line through the points, with a gap where one is not known."""
    steps, pen = list[str](), "M"
    for x, y in points:
        if math.isnan(y):
            pen = "M"
            continue
        steps.append(f"{pen}{_written(x)} {_written(y)}")
        pen = "L"
    way = "".join(steps)
    style = {"fill": "none", "stroke": colour, "stroke_dasharray": dashes}
    return svg_element("path", d=way, stroke_width=1.2, **style)


def outlined(kind: str, place: tuple[float, float], radius: float, **style: str | float) -> str:
    """One of OUTLINES; nothing where its place is not known."""
    x, y = map(_written, place)
    if "nan" in (x, y):
        return ""
    moved = f"translate({x} {y}) scale({_written(radius)})"
    return svg_element("path", d=OUTLINES[kind], transform=moved, **style)


def lettering(
    content: str, place: tuple[float, float], size: float = LETTER_SIZE, **style: str | float
) -> str:
    """Text in marked-up form whose letters are centred on the height of a place."""
    x, y = place
    # Digits are 0.7 of the height of a line: half of them lies above the centre.
    return svg_element("text", content, x=x, y=y + 0.35 * size, font_size=size, **style)


def rows_of_letters(
    text: str, place: tuple[float, float], size: float = SMALL_SIZE, **style: str | float
) -> Iterator[str]:
    """Each line of a text, all of them centred on the height of a place."""
    x, y = place
    lines = text.split("\n")
    top = y - 0.5 * size * 1.15 * (len(lines) - 1)
    for n, shown in enumerate(lines):
        yield lettering(str(escape(shown)), (x, top + n * 1.15 * size), size, **style)


def upright(content: str, place: tuple[float, float]) -> str:
    """Text beside an axis that goes upwards."""
    x, y = map(_written, place)
    return lettering(
        content, (0, 0), transform=f"translate({x} {y}) rotate(-90)", text_anchor="middle"
    )


def width_of(text: str, size: float = SMALL_SIZE) -> float:
    """How much room the longest line of a text takes at most."""
    return size * max(sum(map(_width, shown)) for shown in text.split("\n"))


def _width(letter: str) -> float:
    # Letters of Chinese and the like fill a square.
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return LETTER_WIDTH


def across(scale: Scale, height: float, ticks: Sequence[float], name: str) -> Iterator[str]:
    """An axis from left to right, with numbers below its ticks and what it is below them."""
    yield line((scale.start, height), (scale.end, height))
    for value in ticks:
        x = scale(value)
        yield line((x, height), (x, height + _TICK))
        yield lettering(_of_axis(value), (x, height + 10), text_anchor="middle")
    # Below a short axis a long name begins further to the left.
    last = WIDTH - width_of(name, LETTER_SIZE) / 2
    middle = max(WIDTH / 2, min(last, (scale.start + scale.end) / 2))
    yield lettering(name, (middle, height + 24), text_anchor="middle")


def upwards(scale: Scale, left: float, ticks: Sequence[float], name: str) -> Iterator[str]:
    """An axis from bottom to top, with numbers on the left and what it is beside them."""
    yield line((left, scale.start), (left, scale.end))
    for value in ticks:
        y = scale(value)
        yield line((left - _TICK, y), (left, y))
        yield lettering(_of_axis(value), (left - 5, y), text_anchor="end")
    yield upright(name, (6, (scale.start + scale.end) / 2))


def _of_axis(value: float) -> str:
    """A number of an axis, with the sign of mathematics."""
    return f"{value:.6g}".replace("-", "\u2212")


__all__ = [
    "FONT",
    "GRID",
    "LETTER_SIZE",
    "OUTLINES",
    "RULE",
    "SMALL_SIZE",
    "WIDTH",
    "Scale",
    "across",
    "bar",
    "curve",
    "lettering",
    "line",
    "outlined",
    "rows_of_letters",
    "svg_element",
    "upright",
    "upwards",
    "width_of",
]
