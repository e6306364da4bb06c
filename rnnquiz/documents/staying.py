"""What of a document stays on one page, and which parts of a sheet may stand side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rnnquiz.documents.asked import AskedStep
from rnnquiz.documents.results import Results
from rnnquiz.documents.tree import Block, Heading, Worked

FEW_LINES, FEW_BANDS = 6, 2
# Centimetres, of 24 of a page: with more that stays together, a page would end too early.
LINES_HIGH, BANDS_HIGH, RESULTS_HIGH = 8.0, 6.0, 14.0
LINE_HIGH, ENTRY_HIGH, HEADING_HIGH = 0.95, 0.5, 0.9  # each, an entry being one of a vector
BOX_HIGH = 0.95


@dataclass(frozen=True)
class Stay:
    """How a block stands: it `begins` or `ends` what stays on one page. A `part` is the heading of
    one band of boxes: several of them, of which it is the `first` or whose band is the `last`,
    stand side by side where there is room."""

    begins: bool = False
    ends: bool = False
    part: bool = False
    first: bool = False
    last: bool = False


def staying(blocks: Sequence[Block]) -> list[Stay]:
    """How each block stands."""
    groups = dict(_groups(blocks))
    ends = set(groups.values())
    parts = [_is_part(blocks, k) for k in range(len(blocks))]
    stays = []
    for k, part in enumerate(parts):
        # Heading and band take turns.
        first = part and not (k > 1 and parts[k - 2])
        last = k > 0 and parts[k - 1] and not (k + 1 < len(blocks) and parts[k + 1])
        stays.append(Stay(k in groups, k in ends, part, first, last))
    return stays


def _groups(blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Where something begins that stays together, and where it ends."""
    k = 0
    while k < len(blocks):
        end = _end_of_group(blocks, k) if isinstance(blocks[k], Heading) else None
        if end is not None:
            yield k, end
            k = end
        k += 1


def _end_of_group(blocks: Sequence[Block], k: int) -> int | None:
    """The last block that stays with a heading; None where nothing does."""
    below = k + 1
    while below < len(blocks) and isinstance(blocks[below], Heading):
        below += 1
    end = _end_of_run(blocks, below)
    own = blocks[below:end]
    if len(own) == 1 and isinstance(own[0], Worked) and _is_low(own[0]):
        return below
    # Answers begin on the first page: below the heading of them all, bands may go on behind it.
    first = below > k + 1 or (k > 0 and isinstance(blocks[k - 1], Heading))
    if len(own) == FEW_BANDS and not first and _height_of_bands(own) <= BANDS_HIGH:
        return end - 1
    return _end_of_results(blocks, k)


def _is_low(block: Worked) -> bool:
    """Whether worked lines take no more than a part of a page; vectors stand upright in them."""
    heights = []
    for line in block.lines:
        entries = max(line.quantity.shape, default=1)
        heights.append(max(LINE_HIGH, ENTRY_HIGH * entries))
    return len(heights) <= FEW_LINES and sum(heights) <= LINES_HIGH


def _height_of_bands(bands: Sequence[Block]) -> float:
    rows = 0
    for band in bands:
        if not isinstance(band, AskedStep):
            return BANDS_HIGH + 1
        rows += max(len(unknown.rows) for unknown in band.unknowns)
    return BOX_HIGH * rows


def _end_of_results(blocks: Sequence[Block], k: int) -> int | None:
    """From the heading of results, behind sentences about them, to their end."""
    below = k + 1
    while below < len(blocks) and blocks[below].kind == "paragraph":
        below += 1
    if below == len(blocks):
        return None
    found = blocks[below]
    low = isinstance(found, Results) and _height_of_results(found) <= RESULTS_HIGH
    return below if low else None


def _height_of_results(block: Results) -> float:
    height = HEADING_HIGH * len(block.sections)
    for section in block.sections:
        for band in section.bands:
            scalars = sum(not one.bracketed for one in band.results)
            upright = [len(one.lines) for one in band.results if one.bracketed]
            # Two vectors or matrices have room side by side, as a rule.
            height += ENTRY_HIGH * (math.ceil(scalars / block.columns) + sum(upright) / 2)
    return height


def _end_of_run(blocks: Sequence[Block], start: int) -> int:
    """Behind the worked lines, or the bands, that stand from there to the next heading; the start
    itself where something else stands among them."""
    end = start
    while end < len(blocks) and not isinstance(blocks[end], Heading):
        if blocks[end].kind not in ("worked", "answers"):
            return start
        end += 1
    return end


def _is_part(blocks: Sequence[Block], k: int) -> bool:
    """True for the heading of one band of boxes with nothing else below it."""
    if getattr(blocks[k], "level", 0) <= 1 or k + 1 == len(blocks):
        return False
    return blocks[k + 1].kind == "answers" and _end_of_run(blocks, k + 1) == k + 2


__all__ = ["Stay", "staying"]
