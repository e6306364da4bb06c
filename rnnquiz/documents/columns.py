"""How wide the columns of a table are, and names of quantities, by their letters."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from rnnquiz.documents import sizes

Cells = Sequence[str]


def shares_of(header: Cells, rows: Sequence[Cells], ruled: bool) -> tuple[float, ...]:
    """The width of each column as a share of a line of text: its longest cell, or the heading above
    it, in as few lines as there is room for. In a ruled table cells are filled in by hand."""
    between = 1.5 if ruled else 2.6  # letters that the gap of two columns takes
    room = sizes.LINE - between * len(header)
    most_words = max(1, *(len(head.split()) for head in header))
    for lines in range(1, 1 + most_words):
        heads = [_in_lines(head, lines) + 1 for head in header]
        widths = _widths(rows, heads)
        if sum(widths) <= room:
            break
    taken = max(room, sum(widths))  # where all is too wide for a line, all gets narrower alike
    return tuple(width / taken * room / sizes.LINE for width in widths)


def longest_cells(rows: Sequence[Cells]) -> list[int]:
    """How many letters the longest cell of each column has."""
    columns = zip(*rows, strict=True)
    return [max(map(len, column)) for column in columns]


def _widths(rows: Sequence[Cells], heads: Sequence[int]) -> list[int]:
    """Of columns with headings of so many letters, in letters."""
    empty = ("",) * len(heads)  # a table without rows has columns, too
    longest = longest_cells([*rows, empty])
    return list(map(_width, heads, longest))


def _width(head: int, cell: int) -> int:
    if not cell:  # to be filled in: as wide as what is written there, the heading stands upright
        head = sizes.TO_FILL_IN
    shown = min(cell, sizes.LONGEST_CELL)  # a longer one goes on in the next line
    return max(4, head, shown) + 2


def _in_lines(text: str, lines: int) -> int:
    """How many letters wide a text is in so many lines."""
    words = text.split()
    longest = max(map(len, words), default=0)
    # How many lines a text takes is not told by its length: a line ends with a whole word.
    for width in range(longest, len(text)):
        if len(wrap(text, width, break_long_words=False)) <= lines:
            return width
    return len(text)


def name_points(name: str) -> float:
    """How wide the name of a quantity is, in points, with the sign of equality behind it."""
    above_and_below = name.split("/")  # a derivative is as wide as its wider part
    letters = max(map(len, above_and_below))
    return sizes.NAME_LETTER * letters + sizes.AT_STEP * ("@" in name) + sizes.EQUALS
