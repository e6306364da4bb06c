"""Which cells of a row stand under which heading, also where commas have parted numbers from their
decimals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from operator import and_

_WHOLE = re.compile(r"\s*[-+−–]?\d{1,15}")
_DECIMALS = re.compile(r"\d{1,15}(?:[eE][-+−]?\d{1,3})?\s*")
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
        width = len(self.joinable)
        if not self.commas and len(cells) <= width:
            return list(cells)
        filled = _without_blanks(cells)
        more = len(filled) - width
        if not self.commas:
            return filled if more <= 0 else None
        parted = [_parts_a_number(before, after) for before, after in pairwise(filled)]
        if more <= 0:
            # A joined number would leave a column without its cell: nothing says which.
            apart = any(map(and_, parted, self.joinable))
            return None if apart else filled
        if more > self.numbers:
            return None
        # Where as many cells are too many as there are numbers, every number was torn.
        joins: Sequence[bool] | None = self.joinable
        if more < self.numbers:
            joins = self._only_way(len(filled), more, parted)
        if joins is None:
            return None
        return _joined(cells, joins, parted)

    def _only_way(self, filled: int, more: int, parted: Sequence[bool]) -> list[bool] | None:
        """Which columns hold joined cells; None where there are several ways, or there is none."""
        width = len(self.joinable)
        self.left -= width * more
        if self.left < 0:
            return None
        ways = self._ways(filled, more, parted)
        found = list[bool]()
        while ways[0][0] == 1 and len(found) < width:
            # The one way goes on without a join wherever the rest of the row fits like that.
            column, joins = len(found), sum(found)
            alone = ways[column + 1][joins]
            found.append(not alone)
        return found or None

    def _ways(self, filled: int, more: int, parted: Sequence[bool]) -> list[list[int]]:
        """[column][joins before it]: in how many ways the rest of the row fits; 2 for several."""
        width = len(self.joinable)
        # One place more than there are joins: that behind the last join is read, and stays nought.
        nowhere = [0] * (more + 2)
        ways = [nowhere.copy() for _ in range(width + 1)]
        ways[width][more] = 1
        for k in reversed(range(width)):
            behind = ways[k + 1]
            for joins in range(more + 1):
                at = k + joins
                number = 0
                if at < filled:
                    number += behind[joins]
                if at < filled - 1 and self.joinable[k] and parted[at]:
                    number += behind[joins + 1]
                # Only whether there is one way is asked: all of them may have hundreds of digits.
                ways[k][joins] = min(2, number)
        return ways


def _without_blanks(cells: Sequence[str]) -> list[str]:
    """The cells up to the last one that is not blank."""
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _joined(
    cells: Sequence[str], joins: Sequence[bool], parted: Sequence[bool]
) -> list[str] | None:
    """The row with the cells joined in these columns; None where two of them are no number."""
    row, at = list[str](), 0
    for join in joins:
        cell = cells[at]
        if join:
            if not parted[at]:
                return None
            at += 1
            decimals = cells[at].strip()
            cell = f"{cell.strip()},{decimals}"
        row.append(cell)
        at += 1
    return row


def _parts_a_number(before: str, after: str) -> bool:
    if _WHOLE.fullmatch(before) is None:
        return False
    return _DECIMALS.fullmatch(after) is not None


QUOTES = "put quotes around numbers with a decimal comma, or part the cells by semicolons"


def too_long(cells: Sequence[str], header: Sequence[str]) -> str:
    """What to say of a row with more cells than there are headings."""
    return f"{len(cells)} cells under {len(header)} headings, which may be decimal commas"
