"""Pictures with a row for each box: how hard it was, and which verdicts it got."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress

from rnnquiz.bank.verdict import Verdict
from rnnquiz.documents.palette import LOOKS
from rnnquiz.report import plots
from rnnquiz.report.framing import (
    AMBER,
    AXIS,
    INK,
    RIGHT,
    ROW,
    LabelOf,
    Picture,
    framed,
    hundredths,
    in_letters,
    name_before,
)
from rnnquiz.report.labels import Label
from rnnquiz.report.plots import Scale
from rnnquiz.report.statistics import BoxStatistics

LETTERS = [LOOKS[verdict].letter for verdict in Verdict]
LEAST_SHOWN = 0.005  # shares below it would be printed as 0 per cent
DARKEST = 0.6  # of the ink: black letters stay readable on it


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
        parts.append(name_before(own, (scale.start - 4, y)))
        parts += _quality_row(box, scale, y)
    words = "; ".join(map(_quality_words, boxes))
    said = "Facility and discrimination of each box", words
    return framed(parts, bottom + AXIS, f"quality{number}", said)


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
    return f"{box.box}: {hundredths(box.facility)}, {hundredths(box.discrimination.r)}"


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
        parts.append(name_before(own, (left - 4, top + (k + 0.5) * ROW)))
        parts += _shares(box, columns, top + k * ROW)
    for k in _borders(boxes):
        y = top + k * ROW
        parts.append(plots.line((columns.start, y), (columns.end, y), "#333333"))
    words = "; ".join(map(_verdict_words, boxes))
    said = "Verdicts of each box, per cent", words
    return framed(parts, top + 4 + ROW * len(boxes), f"verdicts{number}", said)


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


def _finite(value: float) -> float:
    """NaN, which no line can be drawn to, as 0 (a line without length)."""
    if math.isnan(value):
        return 0.0
    return value
