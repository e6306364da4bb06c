"""How wide the columns of a table are."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from rnnquiz.documents import sizes

Cells = Sequence[str]


def shares_of(header: Cells, rows: Sequence[Cells], ruled: bool) -> tuple[float, ...]:
    """The width of each column as a share of a line of text: its longest cell, or the heading above
    it, in as few lines as there is room for. In a ruled table cells are filled in by hand."""
    room = sizes.LINE - (1.5 if ruled else 2.6) * len(header)
    for lines in range(1, 1 + max(1, *(len(head.split()) for head in header))):
        widths = _widths(rows, [_in_lines(head, lines) + 1 for head in header])
        if sum(widths) <= room:
            break
    return tuple(width / max(room, sum(widths)) * room / sizes.LINE for width in widths)


def _widths(rows: Sequence[Cells], heads: Sequence[int]) -> list[int]:
    """Of columns with headings of so many letters, in letters."""
    empty = ("",) * len(heads)
    longest = [max(map(len, column)) for column in zip(*rows, empty, strict=True)]
    return [
        _width(head, min(cell, sizes.LONGEST_CELL))
        for head, cell in zip(heads, longest, strict=True)
    ]


def _width(head: int, cell: int) -> int:
    if not cell:  # to be filled in: no wider than what is written there
        head = min(head, sizes.TO_FILL_IN)
    return max(4, head, cell) + 2


def _in_lines(text: str, lines: int) -> int:
    """How many letters wide a text is in so many lines."""
    words = text.split()
    for width in range(max(map(len, words), default=0), len(text)):
        if len(wrap(text, width, break_long_words=False)) <= lines:
            return width
    return len(text)
