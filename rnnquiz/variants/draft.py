"""Candidate variants of a bank, solved together: what the tests of certification look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import Expression
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import problem_of, shown_digits
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.evaluate import Values, batch_of, evaluate
from rnnquiz.derivation.tolerance import accepted, after_key
from rnnquiz.models.misconceptions import Mistaken


@dataclass(frozen=True)
class Draft:
    """N candidate variants of a bank, solved: exactly, and rounding each named quantity as a
    student would.

    `zeros` are the entries of each quantity that are often zero in this bank.
    """

    bank: Bank
    drawn: Mapping[str, Array]
    mistaken: Mapping[str, tuple[Mistaken, ...]]
    zeros: Mapping[str, Bools]
    # Open as long as nobody knows how hard the bank's variants are.
    band: tuple[float, float] = (-np.inf, np.inf)

    @cached_property
    def givens(self) -> Mapping[str, Array]:
        """The givens of the task: what was drawn, and what the sheet shows of the solution."""
        return problem_of(self.bank, self.drawn)

    @cached_property
    def whole(self) -> Values:
        """The whole problem, exactly."""
        return evaluate(self.bank.full, self.drawn)

    @cached_property
    def exact(self) -> Values:
        """The values without rounding, (N, ...) each."""
        return evaluate(self.bank.graph, self.givens)

    @cached_property
    def printed(self) -> Values:
        """The values as a key prints them, (N, ...) each."""
        digits = shown_digits(self.bank)
        return evaluate(self.bank.graph, self.givens, self.bank.rounding, digits)

    @property
    def count(self) -> int:
        """How many sets of numbers there are."""
        return batch_of(self.drawn)

    def only(self, rows: NDArray[np.int64]) -> Draft:
        """Some of the candidates, in this order."""
        # Solved anew: what is kept of this draft has the rows of all candidates.
        drawn = {name: value[rows] for name, value in self.drawn.items()}
        return replace(self, drawn=drawn)

    def any_entry(self, mask: Array | Bools) -> Bools:
        """(N,): some entry is true."""
        return np.asarray(self._flat(mask).any(axis=1))

    def every_entry(self, mask: Array | Bools) -> Bools:
        """(N,): all entries are true."""
        return np.asarray(self._flat(mask).all(axis=1))

    def _flat(self, mask: Array | Bools) -> NDArray[Any]:
        # A scalar quantity has no axis of entries: then there is one.
        return np.asarray(mask).reshape(self.count, -1)

    def nothing(self) -> Bools:
        """False for every set of numbers, (N,)."""
        return np.zeros(self.count, dtype=bool)

    @cached_property
    def asked_formulas(self) -> list[tuple[str, Expression]]:
        """The name and formula of each quantity that is asked."""
        found = []
        for name in self.bank.asked:
            formula = self.bank.graph[name].formula
            if formula is not None:
                found.append((name, formula))
        return found

    @cached_property
    def intervals(self) -> dict[str, tuple[Array, Array]]:
        """Centre and half-width of the interval in which the grader accepts each asked quantity of
        a student right so far."""
        asked, rounding = set(self.bank.asked), self.bank.rounding
        forms = after_key(self.bank.graph, self.givens, self.printed, rounding, asked)
        found = {}
        for name, form in forms.items():
            if name in asked:
                found[name] = form.centre, accepted(rounding, form).half_width
        return found


def difficulty(bank: Bank, values: Values) -> Array:
    """Negative numbers to be handled on a sheet, one point each, (N,): signs are where hand
    computation goes wrong."""
    negative = np.zeros(batch_of(values))
    for q in bank.graph.computed:
        value = values[q.name]
        entries = value.reshape(len(value), -1)
        negative += (entries < 0).sum(axis=1)
    return negative
