"""Which cells of a row stand under which heading, also where commas have parted numbers from their
decimals."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WHOLE, _DECIMALS = (
    re.compile(r"\s*[-+−–]?\d{1,15}"),
    re.compile(r"\d{1,15}(?:[eE][-+−]?\d{1,3})?\s*"),
)
_MOST_WORK = 2_000_000  # to find out, for all rows of a table, which cells belong together


class Fitting:
    """Puts the cells of a row under the headings of its table.

    With `commas`, a comma may have parted a number from its decimals: 0,604 in a table whose cells
    are parted by commas. `joinable`: the columns in which such a number can stand.
    """

    def __init__(self, joinable: Sequence[bool], commas: bool) -> None:
        self.joinable, self.commas, self.left = joinable, commas, _MOST_WORK
        self.numbers = sum(joinable)

    def row(self, cells: Sequence[str]) -> list[str] | None:
        """The cells, one for each heading; None where they are more than these, or where it can be
        told in two ways which of them belong together.

        >>> Fitting([False, True, True], commas=True).row(["s1", "0", "604", "-1", "25"])
        ['s1', '0,604', '-1,25']
        """
        if not self.commas and len(cells) <= len(self.joinable):
            return list(cells)
        filled = max((k + 1 for k, cell in enumerate(cells) if cell.strip()), default=0)
        more = filled - len(self.joinable)
        if not self.commas:
            if more <= 0:
                return list(cells[:filled])
            return None
        parted = [_parts_a_number(cells[k], cells[k + 1]) for k in range(filled - 1)]
        if more <= 0:
            apart = any(join and self.joinable[k] for k, join in enumerate(parted))
            if apart:
                return None
            return list(cells[:filled])
        if more > self.numbers:
            return None
        joins = self.joinable if more == self.numbers else self._only_way(filled, more, parted)
        if joins is not None:
            return _joined(cells, joins, parted)
        return None

    def _only_way(self, filled: int, more: int, parted: Sequence[bool]) -> list[bool] | None:
        """Which columns hold joined cells; None where there are several ways, or there is none."""
        width = len(self.joinable)
        self.left -= width * more
        if self.left < 0:
            return None
        ways = [[0] * (more + 2) for _ in range(width + 1)]  # for the rest, after so many joins
        ways[width][more] = 1
        for k in range(width - 1, -1, -1):
            for joins in range(more + 1):
                at = k + joins
                fits = at < filled - 1 and self.joinable[k] and parted[at]
                alone = ways[k + 1][joins] if at < filled else 0
                ways[k][joins] = min(2, alone + (ways[k + 1][joins + 1] if fits else 0))
        found = list[bool]()
        while ways[0][0] == 1 and len(found) < width:
            found.append(not ways[len(found) + 1][sum(found)])
        return found or None


def _joined(
    cells: Sequence[str], joins: Sequence[bool], parted: Sequence[bool]
) -> list[str] | None:
    """The row with the cells joined in these columns; None where two of them are no number."""
    row, at = list[str](), 0
    for join in joins:
        if join and not parted[at]:
            return None
        row.append(f"{cells[at].strip()},{cells[at + 1].strip()}" if join else cells[at])
        at += 1 + join
    return row


def _parts_a_number(before: str, after: str) -> bool:
    return _WHOLE.fullmatch(before) is not None and _DECIMALS.fullmatch(after) is not None


QUOTES = "put quotes around numbers with a decimal comma, or part the cells by semicolons"


def too_long(cells: Sequence[str], header: Sequence[str]) -> str:
    return f"{len(cells)} cells under {len(header)} headings, which may be decimal commas"
