"""Sheets that hold another student's right answers: evidence with its base rate, never an accusation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array
from rnnquiz.derivation.evaluate import evaluate

FEWEST_BOXES, SHARE = 6, 0.6


@dataclass(frozen=True)
class Match:
    """`agreeing` of `written` boxes hold the right values of variant `other`; variants agree in `base` boxes on average."""

    student: int
    other: int
    agreeing: int
    written: int
    base: float
    most: int

    def words(self, mine: str, whose: str) -> str:
        return (
            f"{mine}: {self.agreeing} of {self.written} boxes hold the right values of the sheet of {whose}; "
            f"other sheets agree in {self.base:.1f} boxes on average, {self.most} at most"
        )


class Keys:
    """The right answers of every variant of a course, (N, boxes), to compare sheets with."""

    def __init__(self, bank: Bank, givens: Iterable[Mapping[str, Array]]) -> None:
        """`givens` of some variants after the other."""
        self.values = np.concatenate([written_numbers(bank, evaluate(bank.graph, part)) for part in givens])
        self.units = bank.rounding.unit(self.values)
        self.telling = np.abs(self.values) >= 5 * self.units  # near zero everything agrees

    def matches(self, written: Array, owners: Sequence[int]) -> list[Match]:
        """Sheets, as `written_numbers` gives them, that agree with another variant far more than with their own; `owners` are the
        rows of their variants."""
        found = []
        for n, owner in enumerate(owners):
            filled = int((~np.isnan(written[n])).sum())
            own = int(self._agreeing(written[n], slice(owner, owner + 1))[0])
            if filled < FEWEST_BOXES or own > filled / 2 or len(self.values) < 3:
                continue
            agreeing = self._agreeing(written[n], slice(None))
            agreeing[owner] = -1
            best = int(agreeing.argmax())
            rest = np.delete(agreeing, [owner, best])
            if agreeing[best] >= max(FEWEST_BOXES, SHARE * filled) and agreeing[best] > 2 * rest.max():
                found.append(Match(n, best, int(agreeing[best]), filled, float(rest.mean()), int(rest.max())))
        return found

    def _agreeing(self, written: Array, rows: slice) -> Array:
        """Number of telling boxes within a unit and a half of each variant's value."""
        with np.errstate(invalid="ignore"):
            close = np.abs(self.values[rows] - written) <= 1.5 * self.units[rows]
        return np.asarray((close & self.telling[rows]).sum(axis=1))


def written_numbers(bank: Bank, values: Mapping[str, Array]) -> Array:
    """The values of the asked boxes, (N, boxes), from those of the quantities."""
    return np.stack([values[box.quantity].reshape(len(values[box.quantity]), -1)[:, box.entry] for box in bank.boxes], axis=1)
