"""What was judged, box by box: arrays by quantity become one column for each box."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.specification import Bank
from rnnquiz.grade.answers import side_by_side
from rnnquiz.grade.judge import CarriedNumbers, Judged
from rnnquiz.grade.states import Standing, Writing


class SideBySide:
    """Columns of N sheets by the names of all boxes, asked or not. All boxes at once: to take one
    column out of each array takes longer than all that is said of the box."""

    def __init__(self, bank: Bank, judged: Judged) -> None:
        self.bank, self.judged = bank, judged
        self.names = tuple(q.name for q in bank.graph.computed)
        self._standing = self._every(judged.standing)
        self._writing = self._every(judged.writing)

    def _every(self, values: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        """(N, boxes)"""
        return side_by_side(values, self.names)

    def _by_box(self, values: NDArray[Any]) -> dict[str, list[Any]]:
        """The columns of an array, (N, boxes)."""
        return dict(zip(self.bank.every_box, values.T.tolist(), strict=True))

    @cached_property
    def standing(self) -> dict[str, list[int]]:
        """How each box stands."""
        return self._by_box(self._standing)

    @cached_property
    def writing(self) -> dict[str, list[int]]:
        """How each box is written."""
        return self._by_box(self._writing)

    @cached_property
    def with_more(self) -> dict[str, list[int]]:
        """The sheets on which more is to be said of a box than how it stands and is written."""
        speaks_for_itself = (self._standing != Standing.OPEN) & (self._standing != Standing.FOLLOWS)
        more = ~speaks_for_itself | (self._writing == Writing.OFF_BY_ONE)
        found: dict[str, list[int]] = {name: [] for name in self.bank.every_box}
        names = tuple(found)
        for n, k in np.argwhere(more).tolist():
            found[names[k]].append(n)
        return found

    @cached_property
    def numbers(self) -> dict[str, tuple[list[float], ...]]:
        """The ends of what is accepted in a box, the exact value, and what the numbers that it was
        held against give."""
        accepted, exact = self.judged.accepted, self._every(self.judged.exact)
        low = self._every({name: accepted[name].low for name in self.names})
        high = self._every({name: accepted[name].high for name in self.names})
        columns = (part.T.tolist() for part in (low, high, exact, self._held_against()))
        by_box = zip(*columns, strict=True)
        return dict(zip(self.bank.every_box, by_box, strict=True))

    def _held_against(self) -> NDArray[Any]:
        """(N, boxes): what the formulas give, over the right numbers where a box is right."""
        right, own = (self._centres(chain) for chain in (self.judged.right, self.judged.own))
        return np.where(self._standing == Standing.RIGHT, right, own)

    def _centres(self, chain: CarriedNumbers) -> NDArray[Any]:
        return self._every({name: chain.forms[name].centre for name in self.names})
