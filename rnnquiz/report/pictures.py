"""The pictures of the report: SVG with a text alternative, the same bytes each time, readable
without colour."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, cycle
from textwrap import wrap

import numpy as np
from markupsafe import escape

from rnnquiz.bank.verdict import Verdict
from rnnquiz.decimals import Array
from rnnquiz.direction import without_controls
from rnnquiz.documents.outputs import printable
from rnnquiz.documents.palette import COLOURS, LOOKS
from rnnquiz.report import plots
from rnnquiz.report.fairness import Association
from rnnquiz.report.labels import Label
from rnnquiz.report.plots import Scale
from rnnquiz.report.statistics import (
    BINS,
    GROUPS,
    BoxStatistics,
    KindStatistics,
    Marks,
    Mistake,
)

ROW = 13.7  # points of a box or a mistake
LONGEST, LONGEST_BOX, LONGEST_KIND = 34, 18, 28  # characters of a row of a label
MOST_LABEL_ROWS = 3
MOST_POINTS = 2000
INK, FILL = f"#{COLOURS['accent']}", "#9db8d9"
AMBER, GREY = "#8a5a00", "#777777"
LETTERS = [LOOKS[verdict].letter for verdict in Verdict]
DASHES = ("none", "5 2", "1.2 2", "6 2 1.2 2")
RIGHT = plots.WIDTH - 10  # where axes end: half a number stands behind
AXIS = 36  # points for an axis across, with its numbers and its name
LEAST_SHOWN = 0.005  # shares below it would be printed as 0 per cent
DARKEST = 0.6  # of the ink: black letters stay readable on it


@dataclass(frozen=True)
class Picture:
    """An SVG element, and what it shows in words."""

    svg: str
    alt: str
    kind: str = "picture"


LabelOf = Callable[[str], Label]


def _picture(parts: Iterable[str], height: float, name: str, said: tuple[str, str]) -> Picture:
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


def _lettered(one: Label, size: float) -> str:
    """The same, marked up."""
    if one.mathml:
        return one.svg(size)
    return str(escape(in_letters(one)))


def _named(one: Label, place: tuple[float, float]) -> str:
    """The name of a box that ends at a place."""
    shown = _lettered(one, plots.SMALL_SIZE)
    return plots.lettering(shown, place, plots.SMALL_SIZE, text_anchor="end")


def label(text: str, longest: int = LONGEST) -> str:
    """Text in rows of what fits beside a picture."""
    plain = without_controls(printable(text)).replace("\n", " ")
    rows = wrap(plain, longest, max_lines=MOST_LABEL_ROWS, placeholder=" …")
    # Of blanks alone wrap makes no row; the label must stay as long as it was.
    return "\n".join(rows) or plain


def histogram(marks: Marks) -> Picture:
    """Students in each tenth of the marks."""
    counts, height = marks.histogram, 166.0
    shares = Scale(0, 100, 18, RIGHT)
    # Room for a number above the highest bar.
    students = Scale(0, 1.15 * max(*counts, 1), height - AXIS, 6)
    parts = list(plots.across(shares, students.start, range(0, 101, 10), "share of the marks, %"))
    parts.append(plots.line((shares.start, students.start), (shares.start, students.end)))
    parts.append(plots.upright("students", (6, (students.start + students.end) / 2)))
    tenth = (shares.end - shares.start) / BINS
    for k, count in enumerate(counts):
        if not count:
            continue
        # Bars of 96 % of a tenth: the gap shows where one ends and the next begins.
        left, top = shares.start + (k + 0.02) * tenth, students(count)
        size = 0.96 * tenth, students.start - top
        parts.append(plots.bar((left, top), size, fill=FILL, stroke=INK))
        parts.append(
            plots.lettering(str(count), (left + 0.48 * tenth, top - 6), text_anchor="middle")
        )
    words = ", ".join(_tenths(counts)) or "no students"
    return _picture(parts, height, "histogram", ("Students by share of the marks", words))


def _tenths(counts: Sequence[int]) -> Iterator[str]:
    for k, count in enumerate(counts):
        if count:
            low = k * 10
            yield f"{low} to {low + 10} %: {count}"


def quality(boxes: Sequence[BoxStatistics], names: LabelOf, number: int) -> Picture:
    """Facility (dots) and discrimination (bars over the 95 % interval, with a tick) of boxes, a row
    each, by kind."""
    labels = [names(box.box) for box in boxes]
    top, bottom = 4.0, 8 + ROW * len(boxes)
    scale = Scale(_least(boxes) - 0.03, 1.03, _beside(labels), RIGHT)
    below = "dot: facility; diamond: discrimination with its 95 % interval"
    parts = list(plots.across(scale, bottom, scale.ticks(), below))
    for x in (scale.start, scale(0)):
        parts.append(plots.line((x, top), (x, bottom)))
    for k in _borders(boxes):
        y = top + k * ROW
        ends = (scale.start, y), (scale.end, y)
        parts.append(plots.line(*ends, stroke_dasharray="1 2", stroke_width=0.8))
    for k, (box, own) in enumerate(zip(boxes, labels, strict=True)):
        y = top + (k + 0.5) * ROW
        parts.append(_named(own, (scale.start - 4, y)))
        parts += _quality_row(box, scale, y)
    words = "; ".join(map(_quality_words, boxes))
    said = "Facility and discrimination of each box", words
    return _picture(parts, bottom + AXIS, f"quality{number}", said)


def _quality_row(box: BoxStatistics, scale: Scale, y: float) -> Iterator[str]:
    """A box of the picture above; the two stand one above the other, or a dot would hide a
    diamond."""
    found = box.discrimination
    yield plots.line((scale.start, y), (scale.end, y), plots.GRID, stroke_width=0.5)
    upper, lower = y - 0.15 * ROW, y + 0.15 * ROW
    if not math.isnan(found.low):
        yield plots.line((scale(found.low), lower), (scale(found.high), lower), AMBER)
    centre = scale(found.r), lower
    # The rim grows with the mark: half of it is as thick as the line.
    yield plots.outlined("diamond", centre, 2.5, fill="white", stroke=AMBER, stroke_width=0.4)
    yield plots.outlined("dot", (scale(box.facility), upper), 2.6, fill=INK)


def _beside(labels: Iterable[Label]) -> float:
    """Where axes begin so that the names of their rows have room on the left."""
    widths = (plots.width_of(in_letters(one)) for one in labels)
    return max(widths, default=0.0) + 8


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
    heads = [f"{letter}: {verdict}" for letter, verdict in zip(LETTERS, Verdict, strict=True)]
    longest = max(map(plots.width_of, heads))
    # Heads rise to the right: half as high as they are long, and beyond the last column.
    left, top = _beside(labels), 8 + 0.5 * longest
    columns = Scale(0, len(heads), left, plots.WIDTH - 0.7 * longest)
    parts = []
    for column, head in enumerate(heads):
        turned = f"translate({columns(column + 0.5):.2f} {top - 6:.2f}) rotate(-30)"
        parts.append(plots.lettering(head, (0, 0), plots.SMALL_SIZE, transform=turned))
    for k, (box, own) in enumerate(zip(boxes, labels, strict=True)):
        parts.append(_named(own, (left - 4, top + (k + 0.5) * ROW)))
        parts += _shares(box, columns, top + k * ROW)
    for k in _borders(boxes):
        y = top + k * ROW
        parts.append(plots.line((columns.start, y), (columns.end, y), "#333333"))
    words = "; ".join(map(_verdict_words, boxes))
    said = "Verdicts of each box, per cent", words
    return _picture(parts, top + 4 + ROW * len(boxes), f"verdicts{number}", said)


def _shares(box: BoxStatistics, columns: Scale, top: float) -> Iterator[str]:
    """The cells of a box, each with its share."""
    for column, share in enumerate(box.verdicts):
        # Written so that NaN is passed over, too: the box counts for nobody.
        if not share >= LEAST_SHOWN:
            continue
        left, right = columns(column), columns(column + 1)
        size = right - left - 0.5, ROW - 0.5
        yield plots.bar((left, top), size, fill=INK, fill_opacity=DARKEST * share)
        middle = (left + right) / 2, top + 0.5 * ROW
        yield plots.lettering(
            f"{LETTERS[column]} {100 * share:.0f}", middle, 7.5, text_anchor="middle"
        )


def _verdict_words(box: BoxStatistics) -> str:
    parts = []
    for verdict, share in zip(Verdict, box.verdicts, strict=True):
        if share >= LEAST_SHOWN:
            parts.append(f"{verdict} {100 * share:.0f} %")
    return f"{box.box}: " + ", ".join(parts)


def mistake_bars(mistakes: Sequence[Mistake]) -> Picture:
    """How many students made each mistake."""
    counts = [len(mistake.students) for mistake in mistakes]
    names = [label(mistake.name) for mistake in mistakes]
    left = max(map(plots.width_of, names), default=0.0) + 8
    # Room for a number behind the longest bar.
    scale = Scale(0, max(counts, default=1), left, RIGHT - 18)
    parts, top = [], 4.0
    for name, count in zip(names, counts, strict=True):
        further = name.count("\n")
        # The further rows of one label stand closer to each other than two labels do.
        height = 1.2 * ROW * (1 + 0.75 * further)
        middle = top + 0.5 * height
        end = scale(count)
        size = end - left, 0.84 * ROW
        parts.append(plots.bar((left, middle - 0.42 * ROW), size, fill=FILL, stroke=INK))
        parts += plots.rows_of_letters(name, (left - 4, middle), text_anchor="end")
        parts.append(plots.lettering(str(count), (end + 4, middle)))
        top += height
    parts.append(plots.line((left, 2), (left, top + 2)))
    parts.append(plots.lettering("students", ((left + RIGHT) / 2, top + 12), text_anchor="middle"))
    pairs = zip(mistakes, counts, strict=True)
    words = "; ".join(f"{mistake.name}: {count}" for mistake, count in pairs)
    return _picture(parts, top + 22, "mistakes", ("Students who made each mistake", words))


@dataclass(frozen=True)
class _Look:
    """How a curve looks: no two of the first eight are alike without colour."""

    dashes: str
    mark: str
    shade: str

    def curve(self, points: Sequence[tuple[float, float]]) -> str:
        return plots.curve(points, self.shade, self.dashes)

    def at(self, place: tuple[float, float]) -> str:
        return plots.outlined(self.mark, place, 2.6, fill=self.shade)


def _looks() -> Iterator[_Look]:
    shades = (INK, "black", AMBER, GREY)
    yield from map(_Look, cycle(DASHES), cycle(plots.OUTLINES), cycle(shades))


def quintile_curves(kinds: Sequence[tuple[str, KindStatistics]]) -> Picture:
    """Facility of each kind among the fifths of the class; kinds differ by line and marker."""
    legend, top = _legend([label(name, LONGEST_KIND) for name, _ in kinds])
    fifths = Scale(0.9, GROUPS + 0.1, 38, RIGHT)
    facility = Scale(-0.03, 1.03, top + 166, top)
    below = "fifth of the class by total marks, 1 the weakest"
    parts = list(plots.across(fifths, facility.start, range(1, GROUPS + 1), below))
    parts += plots.upwards(facility, fifths.start, [k / 5 for k in range(6)], "facility")
    for (_, kind), look in zip(kinds, _looks(), strict=False):
        shares = enumerate(kind.quintiles, start=1)
        points = [(fifths(fifth), facility(share)) for fifth, share in shares]
        parts.append(look.curve(points))
        parts += map(look.at, points)
    words = "; ".join(_curve_words(name, kind) for name, kind in kinds)
    said = "Facility of each kind among the fifths of the class", words
    return _picture([*parts, *legend], facility.start + AXIS, "quintiles", said)


def _legend(names: Sequence[str]) -> tuple[list[str], float]:
    """The look of each curve in two columns, and where they end."""
    rows = 1 + max((name.count("\n") for name in names), default=0)
    step, parts = 4 + 9 * rows, list[str]()
    for k, (name, look) in enumerate(zip(names, _looks(), strict=False)):
        row, column = divmod(k, 2)
        x, y = 40 + column * plots.WIDTH / 2, 4 + step * (row + 0.5)
        parts += [look.curve([(x - 24, y), (x, y)]), look.at((x - 12, y))]
        parts += plots.rows_of_letters(name, (x + 5, y))
    return parts, 10 + step * math.ceil(len(names) / 2)


def _curve_words(name: str, kind: KindStatistics) -> str:
    numbers = map(_number, kind.quintiles)
    return f"{name}: " + ", ".join(numbers)


def scatter(values: Array, shares: Array, found: Association, name: Label, number: int) -> Picture:
    """Share of marks against a number of the variants, with the mean of each fifth."""
    height, percents = 166.0, 100 * shares
    # A little beyond 0 and 100: a dot at an end is seen whole.
    marks = Scale(-3, 103, height - AXIS, 6)
    numbers = _around(values)
    below = _lettered(name, plots.LETTER_SIZE)
    parts = list(plots.across(numbers, marks.start, numbers.ticks(), below))
    parts += plots.upwards(marks, numbers.start, range(0, 101, 20), "marks, %")
    # Of a large class every k-th student: more points would only make the file large.
    step = max(1, math.ceil(len(values) / MOST_POINTS))
    for x, y in zip(values[::step], percents[::step], strict=True):
        place = numbers(x), marks(y)
        parts.append(plots.outlined("dot", place, 1.8, fill=INK, fill_opacity=0.4))
    ascending = np.argsort(values, kind="stable")
    # Of two distinct numbers there are two groups, and no fifths.
    groups = min(GROUPS, len(np.unique(values)))
    for part in np.array_split(ascending, groups):
        place = numbers(values[part].mean()), marks(percents[part].mean())
        style: dict[str, str | float] = {"stroke": "black", "stroke_width": 0.4}
        parts.append(plots.outlined("diamond", place, 3.0, fill="white", **style))
    words = (
        f"{found.measure} = {_number(found.effect)}; mean marks {100 * found.low:.0f} % with the"
        f" smallest third of the numbers, {100 * found.high:.0f} % with the largest"
    )
    said = f"Marks against {found.name}", words
    return _picture(parts, height, f"fairness{number}", said)


def _around(values: Array) -> Scale:
    """An axis for the numbers, with room on both sides."""
    low, high = float(values.min()), float(values.max())
    room = 0.05 * (high - low) or 0.5
    return Scale(low - room, high + room, 38, RIGHT)


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
