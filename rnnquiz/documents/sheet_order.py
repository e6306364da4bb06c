"""The order of the sheet, for all that lists what was asked: worked out once for a bank."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TypeVar

from rnnquiz.bank.specification import Bank
from rnnquiz.documents.asked import AskedStep
from rnnquiz.documents.boxes import answers
from rnnquiz.documents.parts import kind_words

KEPT_ORDERS = 50  # banks: those of a few assignments
Listed = TypeVar("Listed")


@dataclass(frozen=True)
class SheetOrder:
    """The parts of a bank's sheet: what stands above each, and its bands."""

    bank: Bank
    parts: tuple[tuple[str, tuple[AskedStep, ...]], ...]

    @cached_property
    def _places(self) -> Mapping[str, tuple[int, int]]:
        """Of each quantity that may have a box the number of its part, and its place."""
        quantities = {box.name: box.quantity for box in self.bank.boxes}
        found: dict[str, tuple[int, int]] = {}
        for number, (_, bands) in enumerate(self.parts):
            for band in bands:
                for box in band.boxes:
                    found.setdefault(quantities[box.name], (number, len(found)))
        # What a student filled without being asked stands last, kind by kind.
        kinds = list(kind_words(self.bank))
        for q in self.bank.graph.computed:
            number = len(self.parts) + kinds.index(q.role)
            found.setdefault(q.name, (number, len(found)))
        return found

    @cached_property
    def _headings(self) -> tuple[str, ...]:
        return (*(heading for heading, _ in self.parts), *kind_words(self.bank).values())

    def in_order(self, rows: Iterable[Listed], quantity: Callable[[Listed], str]) -> list[Listed]:
        """Rows as the quantities that they are of stand on the sheet; those of one quantity as they
        come."""
        return sorted(rows, key=lambda row: self._places[quantity(row)])

    def by_part(
        self, rows: Iterable[Listed], quantity: Callable[[Listed], str]
    ) -> list[tuple[str, list[Listed]]]:
        """The same, part by part, each with what stands above it."""

        def number(row: Listed) -> int:
            part, _ = self._places[quantity(row)]
            return part

        parts = groupby(self.in_order(rows, quantity), number)
        return [(self._headings[part], list(own)) for part, own in parts]


_KEPT: dict[int, SheetOrder] = {}


def sheet_order(bank: Bank) -> SheetOrder:
    """The order of a bank's sheet."""
    key = id(bank)
    if key not in _KEPT:
        if len(_KEPT) >= KEPT_ORDERS:
            _KEPT.clear()
        # With the bank itself: while it lives, no other one gets its id.
        _KEPT[key] = SheetOrder(bank, tuple(answers(bank)))
    return _KEPT[key]


__all__ = ["SheetOrder", "sheet_order"]
