"""Which boxes of a sheet fit its givens, which are wrong, and how much each box says."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.telling import telling_bits
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.graph import Quantity
from rnnquiz.grade.answers import Answers, as_rows
from rnnquiz.grade.idle import Trivial
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.reading import GivensRead
from rnnquiz.grade.states import Standing

# Of one box. With half of it four slips of the hand in the eight boxes of forward_pass cost 50 % of
# the marks, not 62 %, and who fills in a third of the boxes of another's sheet loses 1 % more.
MOST_BITS = 14.0
SMALLEST = 1e-300  # what is divided by at least


class GivensFit:
    """Of M sheets on which something follows; `again`: wrong boxes that a mistake made again and
    again explains."""

    def __init__(
        self, bank: Bank, answers: Answers, judged: Judged, again: Mapping[str, Bools]
    ) -> None:
        self.bank, self.answers, self.judged, self.again = bank, answers, judged, again
        # In the order of the graph: the last axis of what is counted by given.
        self.bits = telling_bits(bank)
        self.asked = [bank.graph[name] for name in bank.asked]
        self.trivial = Trivial(bank, answers, judged)
        self.reading = GivensRead(bank, answers, list(self.bits))

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Entries of each telling given."""
        shapes = self.bank.graph.shapes
        sizes = [math.prod(shapes[name]) for name in self.bits]
        return np.array(sizes)

    @cached_property
    def bits_of_givens(self) -> Array:
        """What each telling given says, (givens,)."""
        return np.array([*self.bits.values()])

    @cached_property
    def bits_of_entries(self) -> Array:
        """What each entry of the telling givens says, (entries,)."""
        of_one = self.bits_of_givens / self.sizes
        return np.repeat(of_one, self.sizes)

    @cached_property
    def single(self) -> Bools:
        """(M,): one step alone is wrong."""
        return np.asarray(self.wrong_steps <= 1)

    @cached_property
    def wrong_steps(self) -> NDArray[np.int64]:
        """(M,): how many steps are wrong."""
        return np.asarray(self._wrong_steps.sum(axis=1))

    def side_by_side(self, of_quantity: Callable[[Quantity], Bools]) -> Bools:
        """(M, boxes): something about the boxes of each asked quantity."""
        columns = [as_rows(of_quantity(q)) for q in self.asked]
        return np.concatenate(columns, axis=1)

    @cached_property
    def box_bits(self) -> list[Array]:
        """For each asked quantity (M, entries): how much it says that a number lies in what is
        accepted."""
        found = []
        for q in self.asked:
            accepted = self.judged.accepted[q.name]
            half = np.maximum(accepted.half_width, SMALLEST)
            both_ends = accepted.low + accepted.high
            middle = np.abs(both_ends) / 2
            with np.errstate(all="ignore"):  # an interval without bounds says nothing
                # So many half-widths lie between zero and the middle: a guess hits one of them.
                numbers = 1 + middle / half
                bits = np.log2(numbers)
            finite = np.nan_to_num(bits, posinf=0)
            of_boxes = np.clip(finite, 0, MOST_BITS)
            found.append(as_rows(of_boxes))
        return found

    @cached_property
    def fit(self) -> list[Array]:
        """For each asked quantity (M, entries): 1 where a box agrees with what it reads."""
        fits = [as_rows(self._fits(q)) for q in self.asked]
        return [fit.astype(float) for fit in fits]

    @cached_property
    def faults(self) -> list[Bools]:
        """For each asked quantity (M, entries): wrong boxes, but for those of the first wrong
        step."""
        faults = []
        for q, first in zip(self.asked, self.first_wrong.T, strict=True):
            wrong, later = as_rows(self.open_boxes(q)), ~first[:, None]
            faults.append(wrong & later)
        return faults

    def _fits(self, q: Quantity) -> Bools:
        """Boxes that agree with what they read, other than by a mere zero, power of ten or copy."""
        standing = self.judged.standing[q.name]
        # A mistake made again and again was computed with the numbers of the sheet.
        worked = (standing == Standing.FOLLOWS) | self.again[q.name]
        bare = self.trivial.bare(q)
        shows_work = worked & ~bare
        right = standing == Standing.RIGHT
        return np.asarray(right | shows_work)

    @cached_property
    def first_wrong(self) -> Bools:
        """(M, quantities): the first asked one that has a wrong box. Anybody's slip may strike the
        only one that reads a given."""
        wrong = self._wrong_steps
        number = np.cumsum(wrong, axis=1)
        first = number == 1
        return np.asarray(wrong & first)

    @cached_property
    def _wrong_steps(self) -> Bools:
        """(M, quantities): asked ones that have a wrong box."""
        wrong = map(self.open_boxes, self.asked)
        of_steps = [as_rows(boxes).any(axis=1) for boxes in wrong]
        return np.stack(of_steps, axis=1)

    def open_boxes(self, q: Quantity) -> Bools:
        """The open boxes of a quantity that no repeated mistake explains."""
        is_open = self.judged.standing[q.name] == Standing.OPEN
        again = self.again[q.name]
        return np.asarray(is_open & ~again)
