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

FEWEST_BOXES, SHARE = 6, 0.6


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
        return (
            f"{mine}: {self.agreeing} of {self.written} boxes hold the right values of the sheet of"
            f" {whose}; other sheets agree in {self.base:.1f} boxes on average, {self.most} at most"
        )


class Keys:
    """The right answers of every variant of a course, (N, boxes), to compare sheets with."""

    def __init__(self, bank: Bank, givens: Iterable[Mapping[str, Array]]) -> None:
        """`givens` of some variants after the other."""
        self.values = np.concatenate(
            [written_numbers(bank, evaluate(bank.graph, part)) for part in givens]
        )
        self.rounding = bank.rounding
        self.order = self.values.argsort(axis=0).astype(np.int32)
        self.sorted = np.take_along_axis(self.values, self.order, axis=0)

    def matches(self, written: Array, owners: Sequence[int]) -> list[Match]:
        """Sheets, as `written_numbers` gives them, that agree with another variant far more than
        with their own; `owners` are the rows of their variants."""
        filled, mine = (~np.isnan(written)).sum(axis=1), np.asarray(owners, dtype=np.int64)
        own = self._agrees(written, mine[:, None], np.arange(written.shape[1])).sum(axis=1)
        found = []
        for n in (
            np.flatnonzero((filled >= FEWEST_BOXES) & (own <= filled / 2))
            if len(self.values) > 2
            else ()
        ):
            agreeing = self._agreeing(written[n])
            agreeing[mine[n]] = -1
            best = int(agreeing.argmax())
            rest = np.delete(agreeing, [mine[n], best])
            if (
                agreeing[best] >= max(FEWEST_BOXES, SHARE * filled[n])
                and agreeing[best] > 2 * rest.max()
            ):
                found.append(
                    Match(
                        int(n),
                        best,
                        int(agreeing[best]),
                        int(filled[n]),
                        float(rest.mean()),
                        int(rest.max()),
                    )
                )
        return found

    def _agreeing(self, written: Array) -> NDArray[np.int64]:
        """For one sheet the number of boxes that agree with each variant; only values in a window
        around each number are looked at."""
        agreeing = np.zeros(len(self.values), dtype=np.int64)
        reach = (
            1.5 * 10 * self.rounding.unit(written)
        )  # a telling value that agrees is at most a power of ten larger
        for box in np.flatnonzero(~np.isnan(written)):
            low, high = np.searchsorted(
                self.sorted[:, box], [written[box] - reach[box], written[box] + reach[box]]
            )
            rows = self.order[low:high, box]
            agreeing[rows] += self._agrees(written[box], rows, box)
        return agreeing

    def _agrees(
        self, written: Array, rows: NDArray[np.integer[Any]], boxes: Any
    ) -> NDArray[np.bool_]:
        """Whether numbers are within a unit and a half of the values of variants, where those tell
        anything: near zero all agree."""
        values = self.values[rows, boxes]
        units = self.rounding.unit(values)
        with np.errstate(invalid="ignore"):
            return np.asarray(
                (np.abs(values - written) <= 1.5 * units) & (np.abs(values) >= 5 * units)
            )


def written_numbers(bank: Bank, values: Mapping[str, Array]) -> Array:
    """The values of the asked boxes, (N, boxes), from those of the quantities."""
    return np.stack(
        [
            values[box.quantity].reshape(len(values[box.quantity]), -1)[:, box.entry]
            for box in bank.boxes
        ],
        axis=1,
    )
