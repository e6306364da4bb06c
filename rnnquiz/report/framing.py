"""What all pictures of the report share: the frame with its words, colours, and names of rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from textwrap import wrap

from markupsafe import escape

from rnnquiz.direction import without_controls
from rnnquiz.documents.outputs import printable
from rnnquiz.documents.palette import COLOURS
from rnnquiz.report import plots
from rnnquiz.report.labels import Label

ROW = 13.7  # points of a box or a mistake
LONGEST, LONGEST_BOX, LONGEST_KIND = 34, 18, 28  # characters of a row of a label
MOST_LABEL_ROWS = 3
INK, FILL = f"#{COLOURS['accent']}", "#9db8d9"
AMBER, GREY = "#8a5a00", "#777777"
RIGHT = plots.WIDTH - 10  # where axes end: half a number stands behind
AXIS = 36  # points for an axis across, with its numbers and its name


@dataclass(frozen=True)
class Picture:
    """An SVG element, and what it shows in words."""

    svg: str
    alt: str
    kind: str = "picture"


LabelOf = Callable[[str], Label]


def framed(parts: Iterable[str], height: float, name: str, said: tuple[str, str]) -> Picture:
    """The parts as an SVG element with a name of its own. `said`: its title, and in words what it
    shows."""
    title, alt = map(printable, said)
    # A screen reader says the title and the words in place of the picture.
    heads = {"title": title, "desc": alt}
    told = [
        plots.svg_element(key, str(escape(text)), id=f"{name}-{key}") for key, text in heads.items()
    ]
    frame = {
        "xmlns": "http://www.w3.org/2000/svg",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-desc",
        "viewBox": f"0 0 {plots.WIDTH:g} {height:g}",
        "width": f"{plots.WIDTH:g}pt",
        "height": f"{height:g}pt",
        "font-family": plots.FONT,
    }
    svg = plots.svg_element("svg", "".join([*told, *parts]), **frame)
    return Picture(svg, f"{title}. {alt}")


def in_letters(one: Label) -> str:
    """The name of a box or a number as letters in a row; the table below has all of a long one."""
    if one.mathml:
        return one.letters
    first, *further = label(one.text, LONGEST_BOX).split("\n")
    return first + "…" * bool(further)


def marked_up(one: Label, size: float) -> str:
    """The same, marked up."""
    if one.mathml:
        return one.svg(size)
    return str(escape(in_letters(one)))


def name_before(one: Label, place: tuple[float, float]) -> str:
    """The name of a box that ends at a place."""
    shown = marked_up(one, plots.SMALL_SIZE)
    return plots.lettering(shown, place, plots.SMALL_SIZE, text_anchor="end")


def label(text: str, longest: int = LONGEST) -> str:
    """Text in rows of what fits beside a picture."""
    plain = without_controls(printable(text)).replace("\n", " ")
    rows = wrap(plain, longest, max_lines=MOST_LABEL_ROWS, placeholder=" …")
    # Of blanks alone wrap makes no row; the label must stay as long as it was.
    return "\n".join(rows) or plain


def hundredths(value: float) -> str:
    """A number with two decimals; a dash for NaN."""
    if math.isnan(value):
        return "–"
    return f"{value:.2f}"
