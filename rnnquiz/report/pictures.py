"""The pictures of the report: SVG with a text alternative, the same bytes each time, readable
without colour."""

from __future__ import annotations

import io
import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import compress, cycle
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import escape
from numpy.typing import NDArray

from rnnquiz.bank.verdict import Verdict
from rnnquiz.decimals import Array
from rnnquiz.direction import without_controls
from rnnquiz.documents.palette import LOOKS
from rnnquiz.documents.render import printable
from rnnquiz.report.fairness import Association
from rnnquiz.report.labels import Label
from rnnquiz.report.statistics import (
    BINS,
    GROUPS,
    BoxStatistics,
    Correlation,
    KindStatistics,
    Marks,
    Mistake,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INCHES_WIDE = 4.6  # inches: on a telephone hardly anything is shrunk
ROW = 0.19  # inches of a box or a mistake
LONGEST, LONGEST_BOX = 34, 18  # characters of a row of a label
MOST_LABEL_ROWS = 3
MOST_POINTS = 2000
INK, FILL, LIGHT = "#1f4e8c", "#9db8d9", "#dddddd"
LETTERS = [LOOKS[verdict].letter for verdict in Verdict]
LINES = ("-o", "--s", ":^", "-.D", "-v", "--P", ":X", "-.*")
FAMILY = "font-family: Georgia, Libertinus Serif, serif"  # of the page, in HTML and in Typst
# Without a salt the ids in a picture would be others each time; letters that stay letters can be
# searched and typeset; a dollar in a name begins no formula.
SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "rnnquiz", "svg.fonttype": "none",
    "text.parse_math": False, "font.family": ["DejaVu Serif"], "font.size": 9,
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "#666666",
    "axes.unicode_minus": True,
}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """An SVG element, and what it shows in words."""

    svg: str
    alt: str
    kind: str = "picture"


@contextmanager
def _drawn(height: float) -> Iterator[tuple[Figure, Axes]]:
    """A figure without pyplot, so without a display and without global state but the settings,
    which are put back."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(INCHES_WIDE, height), layout="constrained")
        yield figure, figure.add_subplot()


LabelOf = Callable[[str], Label]
PlotStyle = dict[str, Any]
RowPlaces = NDArray[np.floating[Any]]
NAME = 8.0  # points of the letters of a name


LEAST_SHOWN = 0.005  # shares below it would be printed as 0 per cent


AMBER, GREY = "#8a5a00", "#777777"


def _picture(
    figure: Figure, name: str, title: str, alt: str, labels: Iterable[Label] = ()
) -> Picture:
    """The figure as an SVG element. `labels`: names in it that are typeset."""
    buffer = io.StringIO()
    # No date and no version: the same marks make the same bytes.
    without = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(buffer, format="svg", metadata=without)
    written = buffer.getvalue()
    svg = written[written.index("<svg") :]
    # Pictures on one page must not share ids: each begins with the name of its picture.
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = svg.replace("font-family: 'DejaVu Serif'", FAMILY)
    svg = _typeset(svg, labels)
    title, alt = printable(title), printable(alt)
    # A screen reader says the title and the words in place of the picture.
    head = f'<svg role="img" aria-labelledby="{name}-title {name}-desc"'
    words = (
        f'<title id="{name}-title">{escape(title)}</title><desc'
        f' id="{name}-desc">{escape(alt)}</desc>'
    )
    start = svg.index(">") + 1
    attributes, content = svg[len("<svg") : start], svg[start:]
    whole = f"{head}{attributes}{words}{content}"
    return Picture(whole, f"{title}. {alt}")


def _typeset(svg: str, labels: Iterable[Label]) -> str:
    """The SVG with its names of quantities as mathematics, which matplotlib wrote as letters."""
    for one in labels:
        if one.mathml:
            plain = f">{escape(in_letters(one))}</text>"
            svg = svg.replace(plain, f">{one.svg(NAME)}</text>")
    return svg


def in_letters(one: Label) -> str:
    """The name of a box or a number as letters in a row."""
    if one.mathml:
        return one.letters
    return label(one.text, LONGEST_BOX)


def label(text: str, longest: int = LONGEST) -> str:
    """Text as the font can show it, in rows of what fits beside a picture."""
    plain = without_controls(printable(text)).replace("\n", " ")
    shown = "".join(map(_drawable, plain))
    rows = wrap(shown, longest, max_lines=MOST_LABEL_ROWS, placeholder=" …")
    # Of blanks alone wrap makes no row; the label must stay as long as it was.
    return "\n".join(rows) or shown


def _drawable(letter: str) -> str:
    # Matplotlib warns of what its font lacks, and draws a box of its own.
    if ord(letter) in _glyphs():
        return letter
    return "□"


def _height(labels: Sequence[str], row: float) -> float:
    """Inches of rows beside which these labels stand."""
    further = sum(text.count("\n") for text in labels)
    # The further rows of one label stand closer to each other than two labels do.
    lines = len(labels) + 0.75 * further
    return row * lines


@cache
def _glyphs() -> frozenset[int]:
    """The characters of the font that comes with matplotlib."""
    from matplotlib.font_manager import findfont, get_font

    font = get_font(findfont("DejaVu Serif"))
    return frozenset(font.get_charmap())


def histogram(marks: Marks) -> Picture:
    counts = marks.histogram
    width = 100 / BINS
    middles = [k + 0.5 for k in range(BINS)]
    centres = [middle * 100 / BINS for middle in middles]
    with _drawn(2.3) as (figure, axes):
        # Bars of 96 % of a tenth: the gap shows where one ends and the next begins.
        bars = axes.bar(centres, counts, 0.96 * width, color=FILL, edgecolor=INK)
        numbers = [str(count or "") for count in counts]
        axes.bar_label(bars, numbers)
        axes.set(
            xlim=(0, 100),
            xticks=range(0, 101, 10),
            xlabel="share of the marks, %",
            ylabel="students",
            yticks=[],
        )
        axes.margins(y=0.15)
        words = ", ".join(_tenths(counts)) or "no students"
        return _picture(figure, "histogram", "Students by share of the marks", words)


def _tenths(counts: Sequence[int]) -> Iterator[str]:
    for k, count in enumerate(counts):
        if count:
            low = k * 10
            yield f"{low} to {low + 10} %: {count}"


def quality(boxes: Sequence[BoxStatistics], names: LabelOf, number: int) -> Picture:
    """Facility (dots) and discrimination (bars over the 95 % interval, with a tick) of boxes, a row
    each, by kind."""
    labels = [names(box.box) for box in boxes]
    with _drawn(0.9 + ROW * len(boxes)) as (figure, axes):
        rows = np.arange(len(boxes))
        axes.hlines(rows, -1, 1, color=LIGHT, linewidth=0.5)
        # The two stand one above the other, or a dot would hide a diamond.
        together = [box.discrimination for box in boxes]
        _draw_discrimination(axes, rows + 0.15, together)
        facilities = [box.facility for box in boxes]
        axes.plot(facilities, rows - 0.15, "o", color=INK, markersize=5)
        axes.axvline(0, color="#666666", linewidth=0.8)
        for k in _borders(boxes):
            axes.axhline(k - 0.5, color="#666666", linewidth=0.8, linestyle=":")
        bottom = len(boxes) - 0.4
        left = _least(boxes) - 0.03
        axes.set(xlim=(left, 1.03), ylim=(bottom, -0.6))
        axes.set_yticks(rows, [in_letters(one) for one in labels])
        axes.set_xlabel("dot: facility;  diamond: discrimination with its 95 % interval")
        axes.tick_params(axis="y", labelsize=8, length=0)
        words = "; ".join(map(_quality_words, boxes))
        return _picture(
            figure, f"quality{number}", "Facility and discrimination of each box", words, labels
        )


def _draw_discrimination(axes: Axes, rows: RowPlaces, found: Sequence[Correlation]) -> None:
    low = [_finite(one.low) for one in found]
    high = [_finite(one.high) for one in found]
    axes.hlines(rows, low, high, color=AMBER, linewidth=1)
    style: PlotStyle = {"color": AMBER, "markerfacecolor": "white", "markersize": 4.5}
    axes.plot([one.r for one in found], rows, "D", **style)


def _least(boxes: Sequence[BoxStatistics]) -> float:
    """Where the axis begins: at 0, or further to the left where a discrimination lies there."""
    lows = [_finite(box.discrimination.low) for box in boxes]
    centres = [_finite(box.discrimination.r) for box in boxes]
    return min(0.0, *lows, *centres)


def _quality_words(box: BoxStatistics) -> str:
    return f"{box.box}: {_number(box.facility)}, {_number(box.discrimination.r)}"


def _borders(boxes: Sequence[BoxStatistics]) -> list[int]:
    """Rows where another kind begins."""
    kinds = [box.kind for box in boxes]
    changes = map(operator.ne, kinds, kinds[1:])
    places = range(1, len(boxes))
    return list(compress(places, changes))


def heat_map(boxes: Sequence[BoxStatistics], names: LabelOf, number: int) -> Picture:
    """Boxes by verdicts: the share in per cent as a number, the verdict by its letter, the shade
    for the eye only."""
    labels = [names(box.box) for box in boxes]
    with _drawn(1.1 + ROW * len(boxes)) as (figure, axes):
        _draw_shares(axes, boxes)
        for k in _borders(boxes):
            axes.axhline(k, color="#333333", linewidth=0.8)
        axes.set_yticks(_middles(len(boxes)), list(map(in_letters, labels)))
        heads = [f"{letter}: {verdict}" for letter, verdict in zip(LETTERS, Verdict, strict=True)]
        axes.set_xticks(_middles(len(Verdict)), heads, rotation=30, ha="left")
        axes.tick_params(
            length=0, labelsize=8, top=False, labeltop=True, bottom=False, labelbottom=False
        )
        words = "; ".join(map(_verdict_words, boxes))
        return _picture(
            figure, f"verdicts{number}", "Verdicts of each box, per cent", words, labels
        )


def _middles(cells: int) -> RowPlaces:
    return np.arange(cells) + 0.5


def _draw_shares(axes: Axes, boxes: Sequence[BoxStatistics]) -> None:
    shares = np.array([box.verdicts for box in boxes])
    # Without boxes there are no columns yet.
    shares = shares.reshape(len(boxes), len(Verdict))
    # The darkest is not reached, so that black letters stay readable on most shades.
    shades: PlotStyle = {"cmap": "Blues", "vmin": 0, "vmax": 1.25}
    axes.pcolormesh(np.nan_to_num(shares), **shades, edgecolors="white", linewidth=0.5)
    axes.invert_yaxis()
    for row, column in np.argwhere(shares >= LEAST_SHOWN):
        share = shares[row, column]
        text = f"{LETTERS[column]} {100 * share:.0f}"
        ink = "black"
        if share > 0.75:
            ink = "white"
        x, y = column + 0.5, row + 0.5
        axes.text(x, y, text, ha="center", va="center", fontsize=7.5, color=ink)


def _verdict_words(box: BoxStatistics) -> str:
    parts = []
    for verdict, share in zip(Verdict, box.verdicts, strict=True):
        if share >= LEAST_SHOWN:
            parts.append(f"{verdict} {100 * share:.0f} %")
    return f"{box.box}: " + ", ".join(parts)


def mistake_bars(mistakes: Sequence[Mistake]) -> Picture:
    counts = [len(mistake.students) for mistake in mistakes]
    names = [label(mistake.name) for mistake in mistakes]
    rows = range(len(mistakes))
    with _drawn(0.7 + _height(names, ROW * 1.2)) as (figure, axes):
        bars = axes.barh(rows, counts, 0.7, color=FILL, edgecolor=INK)
        axes.bar_label(bars, padding=3)
        axes.set(yticks=rows, yticklabels=names, xticks=[], xlabel="students")
        axes.tick_params(axis="y", labelsize=8, length=0)
        axes.margins(x=0.12)
        axes.invert_yaxis()
        pairs = zip(mistakes, counts, strict=True)
        words = "; ".join(f"{mistake.name}: {count}" for mistake, count in pairs)
        return _picture(figure, "mistakes", "Students who made each mistake", words)


def quintile_curves(kinds: Sequence[tuple[str, KindStatistics]]) -> Picture:
    """Facility of each kind among the fifths of the class; kinds differ by line and marker."""
    fifths = range(1, GROUPS + 1)
    with _drawn(3.2) as (figure, axes):
        shades = cycle((INK, "black", AMBER, GREY))
        lines = zip(kinds, cycle(LINES), shades, strict=False)
        for (name, kind), line, shade in lines:
            style: PlotStyle = {"color": shade, "markersize": 5, "linewidth": 1.2}
            axes.plot(fifths, kind.quintiles, line, **style, label=label(name))
        axes.set(ylim=(-0.03, 1.03), xticks=fifths, ylabel="facility")
        axes.set_xlabel("fifth of the class by total marks, 1 the weakest")
        if kinds:
            figure.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=8)
        words = "; ".join(_curve_words(name, kind) for name, kind in kinds)
        return _picture(
            figure, "quintiles", "Facility of each kind among the fifths of the class", words
        )


def _curve_words(name: str, kind: KindStatistics) -> str:
    numbers = map(_number, kind.quintiles)
    return f"{name}: " + ", ".join(numbers)


def scatter(values: Array, shares: Array, found: Association, name: Label, number: int) -> Picture:
    """Share of marks against a number of the variants, with the mean of each fifth."""
    # Of a large class every k-th student: more points would only make the file large.
    students_a_point = math.ceil(len(values) / MOST_POINTS)
    step = max(1, students_a_point)
    percents = 100 * shares
    with _drawn(2.3) as (figure, axes):
        points: PlotStyle = {"color": INK, "alpha": 0.4, "markersize": 3.5, "markeredgewidth": 0}
        axes.plot(values[::step], percents[::step], "o", **points)
        means: PlotStyle = {"color": "black", "markersize": 6, "markerfacecolor": "white"}
        ascending = np.argsort(values, kind="stable")
        # Of two distinct numbers there are two groups, and no fifths.
        distinct = np.unique(values)
        groups = min(GROUPS, len(distinct))
        for part in np.array_split(ascending, groups):
            x = values[part].mean()
            y = percents[part].mean()
            axes.plot([x], [y], "D", **means)
        axes.set(xlabel=in_letters(name), ylabel="marks, %", ylim=(-3, 103))
        words = (
            f"{found.measure} = {_number(found.effect)}; mean marks {found.low:.0%} with the"
            f" smallest third of the numbers, {found.high:.0%} with the largest"
        )
        title = f"Marks against {found.name}"
        return _picture(figure, f"fairness{number}", title, words, [name])


def _finite(value: float) -> float:
    """NaN, which no line can be drawn to, as 0 (a line without length)."""
    if math.isnan(value):
        return 0.0
    return value


def _number(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:.2f}"


__all__ = [
    "Picture",
    "heat_map",
    "histogram",
    "label",
    "mistake_bars",
    "quality",
    "quintile_curves",
    "scatter",
]
