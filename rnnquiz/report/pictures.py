"""The pictures of the report: SVG with a text alternative, the same bytes each time, readable
without colour."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import escape

from rnnquiz.bank.schema import VERDICTS
from rnnquiz.decimals import Array
from rnnquiz.direction import without_controls
from rnnquiz.documents.palette import LOOKS
from rnnquiz.documents.render import printable
from rnnquiz.report.fairness import Association
from rnnquiz.report.labels import Label
from rnnquiz.report.statistics import BINS, GROUPS, BoxStatistics, KindStatistics, Marks, Mistake

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INCHES_WIDE = 4.6  # inches: on a telephone hardly anything is shrunk
ROW = 0.19  # inches of a box or a mistake
LONGEST, LONGEST_BOX = 34, 18  # characters of a row of a label
MOST_LABEL_ROWS = 3
MOST_POINTS = 2000
INK, FILL, LIGHT = "#1f4e8c", "#9db8d9", "#dddddd"
LETTERS = tuple(LOOKS[verdict].letter for verdict in VERDICTS)
LINES = ("-o", "--s", ":^", "-.D", "-v", "--P", ":X", "-.*")
FAMILY = "font-family: Georgia, Libertinus Serif, serif"  # of the page, in HTML and in Typst
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
NAME = 8.0  # points of the letters of a name


def _picture(
    figure: Figure, name: str, title: str, alt: str, labels: Iterable[Label] = ()
) -> Picture:
    """The figure as an SVG element; its ids begin with `name`, so that pictures on one page do not
    share any. `labels`: names in it that are typeset."""
    buffer = io.StringIO()
    figure.savefig(
        buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    svg = buffer.getvalue()
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", svg[svg.index("<svg") :])
    svg = svg.replace("font-family: 'DejaVu Serif'", FAMILY)
    for one in labels:
        shown = f">{escape(in_letters(one))}</text>"
        svg = svg.replace(shown, f">{one.svg(NAME)}</text>") if one.mathml else svg
    title, alt = printable(title), printable(alt)
    head = f'<svg role="img" aria-labelledby="{name}-title {name}-desc"'
    words = (
        f'<title id="{name}-title">{escape(title)}</title><desc'
        f' id="{name}-desc">{escape(alt)}</desc>'
    )
    start = svg.index(">") + 1
    return Picture(head + svg[4:start] + words + svg[start:], f"{title}. {alt}")


def in_letters(one: Label) -> str:
    """The name of a box or a number as letters in a row."""
    return one.letters if one.mathml else label(one.text, LONGEST_BOX)


def label(text: str, longest: int = LONGEST) -> str:
    """Text as the font can show it, in rows of what fits beside a picture."""
    plain = without_controls(printable(text)).replace("\n", " ")
    shown = "".join(c if ord(c) in _glyphs() else "□" for c in plain)
    return "\n".join(wrap(shown, longest, max_lines=MOST_LABEL_ROWS, placeholder=" …")) or shown


def _height(labels: Sequence[str], row: float) -> float:
    """Inches of rows beside which these labels stand."""
    return row * sum(1 + 0.75 * text.count("\n") for text in labels)


@cache
def _glyphs() -> frozenset[int]:
    """The characters of the font that comes with matplotlib."""
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont("DejaVu Serif")).get_charmap())


def histogram(marks: Marks) -> Picture:
    counts = marks.histogram
    with _drawn(2.3) as (figure, axes):
        bars = axes.bar(
            [(k + 0.5) * 100 / BINS for k in range(BINS)],
            counts,
            96 / BINS,
            color=FILL,
            edgecolor=INK,
        )
        axes.bar_label(bars, [str(count) if count else "" for count in counts])
        axes.set(
            xlim=(0, 100),
            xticks=range(0, 101, 10),
            xlabel="share of the marks, %",
            ylabel="students",
            yticks=[],
        )
        axes.margins(y=0.15)
        words = ", ".join(
            f"{k * 10} to {k * 10 + 10} %: {count}" for k, count in enumerate(counts) if count
        )
        return _picture(
            figure, "histogram", "Students by share of the marks", words or "no students"
        )


def quality(boxes: Sequence[BoxStatistics], names: LabelOf, number: int) -> Picture:
    """Facility (dots) and discrimination (bars over the 95 % interval, with a tick) of boxes, a row
    each, by kind."""
    with _drawn(0.9 + ROW * len(boxes)) as (figure, axes):
        rows = np.arange(len(boxes))
        axes.hlines(rows, -1, 1, color=LIGHT, linewidth=0.5)
        axes.hlines(
            rows + 0.15,
            [_finite(b.discrimination.low) for b in boxes],
            [_finite(b.discrimination.high) for b in boxes],
            color="#8a5a00",
            linewidth=1,
        )
        axes.plot(
            [b.discrimination.r for b in boxes],
            rows + 0.15,
            "D",
            color="#8a5a00",
            markerfacecolor="white",
            markersize=4.5,
        )
        axes.plot([b.facility for b in boxes], rows - 0.15, "o", color=INK, markersize=5)
        axes.axvline(0, color="#666666", linewidth=0.8)
        for k in _borders(boxes):
            axes.axhline(k - 0.5, color="#666666", linewidth=0.8, linestyle=":")
        least = min(
            0.0,
            *(_finite(b.discrimination.low) for b in boxes),
            *(_finite(b.discrimination.r) for b in boxes),
        )
        axes.set(xlim=(least - 0.03, 1.03), ylim=(len(boxes) - 0.4, -0.6))
        labels = [names(box.box) for box in boxes]
        axes.set_yticks(rows, list(map(in_letters, labels)))
        axes.set_xlabel("dot: facility;  diamond: discrimination with its 95 % interval")
        axes.tick_params(axis="y", labelsize=8, length=0)
        words = "; ".join(
            f"{b.box}: {_number(b.facility)}, {_number(b.discrimination.r)}" for b in boxes
        )
        return _picture(
            figure, f"quality{number}", "Facility and discrimination of each box", words, labels
        )


def _borders(boxes: Sequence[BoxStatistics]) -> list[int]:
    """Rows where another kind begins."""
    return [k for k in range(1, len(boxes)) if boxes[k].kind != boxes[k - 1].kind]


def heat_map(boxes: Sequence[BoxStatistics], names: LabelOf, number: int) -> Picture:
    """Boxes by verdicts: the share in per cent as a number, the verdict by its letter, the shade
    for the eye only."""
    shares = np.array([b.verdicts for b in boxes]).reshape(len(boxes), len(VERDICTS))
    with _drawn(1.1 + ROW * len(boxes)) as (figure, axes):
        axes.pcolormesh(
            np.nan_to_num(shares),
            cmap="Blues",
            vmin=0,
            vmax=1.25,
            edgecolors="white",
            linewidth=0.5,
        )
        axes.invert_yaxis()
        for row, column in np.argwhere(shares >= 0.005):
            share = shares[row, column]
            text = f"{LETTERS[column]} {100 * share:.0f}"
            axes.text(
                column + 0.5,
                row + 0.5,
                text,
                ha="center",
                va="center",
                fontsize=7.5,
                color="white" if share > 0.75 else "black",
            )
        for k in _borders(boxes):
            axes.axhline(k, color="#333333", linewidth=0.8)
        heads = [f"{letter}: {verdict}" for letter, verdict in zip(LETTERS, VERDICTS, strict=True)]
        labels = [names(box.box) for box in boxes]
        axes.set_yticks(np.arange(len(boxes)) + 0.5, list(map(in_letters, labels)))
        axes.set_xticks(np.arange(len(VERDICTS)) + 0.5, heads, rotation=30, ha="left")
        axes.tick_params(
            length=0, labelsize=8, top=False, labeltop=True, bottom=False, labelbottom=False
        )
        words = "; ".join(
            f"{b.box}: "
            + ", ".join(
                f"{v} {100 * s:.0f} %"
                for v, s in zip(VERDICTS, b.verdicts, strict=True)
                if s >= 0.005
            )
            for b in boxes
        )
        return _picture(
            figure, f"verdicts{number}", "Verdicts of each box, per cent", words, labels
        )


def mistake_bars(mistakes: Sequence[Mistake]) -> Picture:
    counts = [len(mistake.students) for mistake in mistakes]
    names = [label(mistake.name) for mistake in mistakes]
    with _drawn(0.7 + _height(names, ROW * 1.2)) as (figure, axes):
        bars = axes.barh(range(len(mistakes)), counts, 0.7, color=FILL, edgecolor=INK)
        axes.bar_label(bars, padding=3)
        axes.set(
            yticks=range(len(mistakes)),
            yticklabels=names,
            xticks=[],
            xlabel="students",
        )
        axes.tick_params(axis="y", labelsize=8, length=0)
        axes.margins(x=0.12)
        axes.invert_yaxis()
        words = "; ".join(
            f"{mistake.name}: {count}" for mistake, count in zip(mistakes, counts, strict=True)
        )
        return _picture(figure, "mistakes", "Students who made each mistake", words)


def quintile_curves(kinds: Sequence[tuple[str, KindStatistics]]) -> Picture:
    """Facility of each kind among the fifths of the class; kinds differ by line and marker."""
    with _drawn(3.2) as (figure, axes):
        for k, (name, kind) in enumerate(kinds):
            shade = (INK, "black", "#8a5a00", "#777777")[k % 4]
            line = LINES[k % len(LINES)]
            axes.plot(
                range(1, GROUPS + 1),
                kind.quintiles,
                line,
                color=shade,
                markersize=5,
                linewidth=1.2,
                label=label(name),
            )
        axes.set(ylim=(-0.03, 1.03), xticks=range(1, GROUPS + 1), ylabel="facility")
        axes.set_xlabel("fifth of the class by total marks, 1 the weakest")
        if kinds:
            figure.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=8)
        words = "; ".join(
            f"{name}: " + ", ".join(map(_number, kind.quintiles)) for name, kind in kinds
        )
        return _picture(
            figure, "quintiles", "Facility of each kind among the fifths of the class", words
        )


def scatter(values: Array, shares: Array, found: Association, name: Label, number: int) -> Picture:
    """Share of marks against a number of the variants, with the mean of each fifth; of a large
    class every k-th student."""
    step = max(1, math.ceil(len(values) / MOST_POINTS))
    with _drawn(2.3) as (figure, axes):
        axes.plot(
            values[::step],
            100 * shares[::step],
            "o",
            color=INK,
            alpha=0.4,
            markersize=3.5,
            markeredgewidth=0,
        )
        for part in np.array_split(
            np.argsort(values, kind="stable"), min(GROUPS, len(np.unique(values)))
        ):
            axes.plot(
                [values[part].mean()],
                [100 * shares[part].mean()],
                "D",
                color="black",
                markersize=6,
                markerfacecolor="white",
            )
        axes.set(xlabel=in_letters(name), ylabel="marks, %", ylim=(-3, 103))
        words = (
            f"{found.measure} = {_number(found.effect)}; mean marks {found.low:.0%} with the"
            " smallest third of the numbers, "
        )
        return _picture(
            figure,
            f"fairness{number}",
            f"Marks against {found.name}",
            words + f"{found.high:.0%} with the largest",
            [name],
        )


def _finite(value: float) -> float:
    """NaN, which no line can be drawn to, as 0 (a line without length)."""
    return 0.0 if math.isnan(value) else value


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"


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
