"""Sheets that hold another student's right answers: evidence with its base rate, never an
accusation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array
from rnnquiz.derivation.evaluate import evaluate

# Filled boxes, and the share of them that agree, tried in simulated classes of 200. Of 3000 honest
# sheets with a slip or a misread given none agrees with another's in bptt_scalar, forward_pass
# and hello, 11 in one_neuron, a bank of 11 boxes; at a share of 0.3 these are 52, at 0.9 none. Of
# copies with a fifth of own boxes all are found in bptt_scalar, at 0.9 one in a hundred. Half as
# many boxes find more of the copies that are filled in in part, twice as many none in banks of 8
# and 11 boxes.
FEWEST_BOXES, SHARE = 6, 0.6
FEWEST_VARIANTS = 3  # one of one's own, one that agrees, one to compare with
# A smaller number is within AGREEING of many others: near zero all agree. Of copies with two
# fifths of own boxes AGREEING finds 53 %, half of it 28 %, twice 56 %; half and twice TELLING find
# as many.
AGREEING, TELLING = 1.5, 5.0
"""Units in the last place: how near values agree, and how large they are at least where that tells
anything."""


@dataclass(frozen=True)
class Match:
    """`agreeing` of `written` boxes hold the right values of variant `other`; variants agree in
    `base` boxes on average."""

    student: int
    other: int
    agreeing: int
    written: int
    base: float
    most: int

    def words(self, mine: str, whose: str) -> str:
        """The match in words, for the teacher."""
        return (
            f"{mine}: {self.agreeing} of {self.written} boxes hold the right values of the sheet of"
            f" {whose}; other sheets agree in {self.base:.1f} boxes on average, {self.most} at most"
        )


class Keys:
    """The right answers of every variant of a course, (N, boxes), to compare sheets with."""

    def __init__(self, bank: Bank, givens: Iterable[Mapping[str, Array]]) -> None:
        """`givens` of some variants after the other."""
        right = [written_numbers(bank, evaluate(bank.graph, part)) for part in givens]
        self.values = np.concatenate(right)
        self.rounding = bank.rounding
        # A row for each box, as one is searched at a time; numbers of rows in half the memory, for
        # a course has thousands of variants, each with tens of boxes.
        self.order = np.empty(self.values.T.shape, dtype=np.int32)
        self.sorted = np.empty(self.values.T.shape)
        for box, column in enumerate(self.values.T):
            self.order[box] = column.argsort()
            self.sorted[box] = column[self.order[box]]

    def matches(self, written: Array, owners: Sequence[int]) -> list[Match]:
        """Sheets, as `written_numbers` gives them, that agree with another variant far more than
        with their own; `owners` are the rows of their variants."""
        if len(self.values) < FEWEST_VARIANTS:
            return []
        mine = np.asarray(owners, dtype=np.int64)
        is_filled = ~np.isnan(written)
        filled = is_filled.sum(axis=1)
        boxes = np.arange(written.shape[1])
        agreeing = self._agrees(written, mine[:, None], boxes)
        own = agreeing.sum(axis=1)
        # A sheet of which more than half is right was worked on, whatever else it holds.
        few_of_own = own <= filled / 2
        strange = (filled >= FEWEST_BOXES) & few_of_own
        found = []
        for n in np.flatnonzero(strange).tolist():
            match = self._match(n, written[n], int(mine[n]))
            if match is not None:
                found.append(match)
        return found

    def _match(self, n: int, written: Array, mine: int) -> Match | None:
        """The variant that a strange sheet agrees with, if it does so far more than with others."""
        agreeing = self._agreeing(written)
        is_filled = ~np.isnan(written)
        filled = int(is_filled.sum())
        # One's own is neither a match nor one of those to compare with.
        agreeing[mine] = -1
        best = int(agreeing.argmax())
        most = int(agreeing[best])
        rest = np.delete(agreeing, [mine, best])
        next_best = int(rest.max())
        # Numbers that many variants share say nothing of one of them.
        if most < max(FEWEST_BOXES, SHARE * filled) or most <= 2 * next_best:
            return None
        return Match(n, best, most, filled, float(rest.mean()), next_best)

    def _agreeing(self, written: Array) -> NDArray[np.int64]:
        """For one sheet the number of boxes that agree with each variant; only values in a window
        around each number are looked at."""
        agreeing = np.zeros(len(self.values), dtype=np.int64)
        # A telling value that agrees is at most a power of ten larger.
        units = 10 * AGREEING
        reach = units * self.rounding.unit(written)
        for box in np.flatnonzero(~np.isnan(written)):
            number = written[box]
            window = number - reach[box], number + reach[box]
            low, high = np.searchsorted(self.sorted[box], window)
            rows = self.order[box, low:high]
            agreeing[rows] += self._agrees(number, rows, box)
        return agreeing

    def _agrees(
        self, written: Array, rows: NDArray[np.integer[Any]], boxes: Any
    ) -> NDArray[np.bool_]:
        """Whether numbers are within a unit and a half of the values of variants, where those tell
        anything: near zero all agree."""
        values = self.values[rows, boxes]
        units = self.rounding.unit(values)
        with np.errstate(invalid="ignore"):
            off = np.abs(values - written)
            near = off <= AGREEING * units
        sizes = np.abs(values)
        telling = sizes >= TELLING * units
        return np.asarray(near & telling)


def written_numbers(bank: Bank, values: Mapping[str, Array]) -> Array:
    """The values of the asked boxes, (N, boxes), from those of the quantities."""
    columns = [box.of(values[box.quantity]) for box in bank.boxes]
    return np.stack(columns, axis=1)
