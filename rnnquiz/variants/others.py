"""The sheets of a class that are issued already, and how like them a new one is.

Two sheets that agree in many givens agree in many boxes, too. So a sheet is
drawn that agrees with none of the last ones in as much as proves a sheet its student's own
(`bank.telling`), or with them in least where the bank has too few numbers: who hands in another's
numbers can then be told from who misread a given or two.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.telling import LITTLE, choice_bits, enough_bits
from rnnquiz.bank.variant import Variant, choices_of

# Sheets of two students differ in more entries than this, where the bank has that many to choose.
NEARLY_EQUAL = 2
# In a large course nobody is unlike everybody: a sheet is held against the last so many issued.
NEIGHBOURS = 500

Choices = NDArray[np.int64]


def others_of(bank: Bank, taken: Sequence[Variant]) -> Others | None:
    """The sheets issued already; None where no number is drawn, and all sheets have the same."""
    if all(sampler.fixed for sampler in bank.samplers.values()):
        return None
    return Others(bank, taken)


class Others:
    """The choices of all sheets issued so far; near copies are found without looking at every one
    of them.

    Two sheets that differ in at most `limit` of the free entries agree in one of `limit` + 1 parts
    of them as a whole.
    """

    def __init__(self, bank: Bank, taken: Sequence[Variant]) -> None:
        # The choices that can be told from a stored sheet.
        numbers = sum(len(sampler.groups) for sampler in bank.samplers.values())
        sizes = np.array(bank.sizes[:numbers])
        self.free = np.flatnonzero(sizes > 1)
        self.bits = np.log2(sizes[self.free])
        (enough,) = enough_bits(self.bits.sum(), self.bits)
        self.most_alike = LITTLE * float(enough)
        free = len(self.free)
        # With fewer free numbers than that every sheet would be a near copy of every other.
        self.limit = min(NEARLY_EQUAL, free - 1)
        # Two sheets that differ in no more numbers than `limit` agree in one of the parts.
        self.parts = np.array_split(np.arange(free), self.limit + 1)
        # Bits and number of what agrees in one product over all sheets.
        self.weights = np.stack([self.bits, np.ones_like(self.bits)], axis=1)
        self.choice_bits = choice_bits(free, np.arange(free + 1.0))
        # The last sheets once more in one array, each in the place of the oldest: to make one of a
        # list for each student took a tenth of the time of generating.
        self.last = np.full((NEIGHBOURS, free), -1, dtype=np.int64)
        self.rows: list[Choices] = []
        self.alike: list[dict[bytes, list[int]]] = [{} for _ in self.parts]
        for variant in taken:
            self.add(choices_of(bank, variant))

    def near(self, chosen: Choices) -> bool:
        """True where some sheet differs in hardly any number."""
        own = chosen[self.free]
        found: set[int] = set()
        for part, known in zip(self.parts, self.alike, strict=True):
            key = own[part].tobytes()
            found.update(known.get(key, ()))
        if not found:
            return False
        rows = [self.rows[row] for row in found]
        different = np.count_nonzero(np.array(rows) != own, axis=1)
        return bool(different.min() <= self.limit)

    def likeness(self, chosen: Choices) -> float:
        """Bits in which it agrees with the one of the last sheets that is most like it."""
        if not self.rows:
            return 0.0
        same = self.last[: len(self.rows)] == chosen[self.free]
        bits, count = (same @ self.weights).T
        # Of what agrees, which numbers they are is chance: the bits of that choice say nothing.
        by_chance = self.choice_bits[count.astype(np.intp)]
        return float((bits - by_chance).max())

    def add(self, chosen: Choices) -> None:
        """Takes a variant into those that later ones may not be like."""
        own = chosen[self.free]
        for part, known in zip(self.parts, self.alike, strict=True):
            key = own[part].tobytes()
            known.setdefault(key, []).append(len(self.rows))
        oldest = len(self.rows) % NEIGHBOURS
        self.last[oldest] = own
        self.rows.append(own)
