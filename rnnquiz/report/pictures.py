"""The pictures of the report: SVG with a text alternative, the same bytes each time, readable
without colour."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np

from rnnquiz.decimals import Array
from rnnquiz.report import plots
from rnnquiz.report.fairness import Association
from rnnquiz.report.framing import (
    AMBER,
    AXIS,
    FILL,
    GREY,
    INK,
    LONGEST_KIND,
    RIGHT,
    ROW,
    Picture,
    framed,
    hundredths,
    label,
    marked_up,
)
from rnnquiz.report.labels import Label
from rnnquiz.report.plots import Scale
from rnnquiz.report.statistics import BINS, GROUPS, KindStatistics, Marks, Mistake

MOST_POINTS = 2000
DASHES = ("none", "5 2", "1.2 2", "6 2 1.2 2")


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
    return framed(parts, height, "histogram", ("Students by share of the marks", words))


def _tenths(counts: Sequence[int]) -> Iterator[str]:
    for k, count in enumerate(counts):
        if count:
            low = k * 10
            yield f"{low} to {low + 10} %: {count}"


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
    return framed(parts, top + 22, "mistakes", ("Students who made each mistake", words))


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
    return framed([*parts, *legend], facility.start + AXIS, "quintiles", said)


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
    numbers = map(hundredths, kind.quintiles)
    return f"{name}: " + ", ".join(numbers)


def scatter(values: Array, shares: Array, found: Association, name: Label, number: int) -> Picture:
    """Share of marks against a number of the variants, with the mean of each fifth."""
    height, percents = 166.0, 100 * shares
    # A little beyond 0 and 100: a dot at an end is seen whole.
    marks = Scale(-3, 103, height - AXIS, 6)
    numbers = _around(values)
    below = marked_up(name, plots.LETTER_SIZE)
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
        f"{found.measure} = {hundredths(found.effect)}; mean marks {100 * found.low:.0f} % with the"
        f" smallest third of the numbers, {100 * found.high:.0f} % with the largest"
    )
    said = f"Marks against {found.name}", words
    return framed(parts, height, f"fairness{number}", said)


def _around(values: Array) -> Scale:
    """An axis for the numbers, with room on both sides."""
    low, high = float(values.min()), float(values.max())
    room = 0.05 * (high - low) or 0.5
    return Scale(low - room, high + room, 38, RIGHT)


__all__ = ["histogram", "mistake_bars", "quintile_curves", "scatter"]
