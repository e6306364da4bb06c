"""Candidate variants of a bank, solved together: what the tests of certification look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import Expression
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import problem_of, shown_digits
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.evaluate import Values, evaluate
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
        return evaluate(self.bank.graph, self.givens)

    @cached_property
    def printed(self) -> Values:
        return evaluate(self.bank.graph, self.givens, self.bank.rounding, shown_digits(self.bank))

    @property
    def count(self) -> int:
        return len(next(iter(self.drawn.values())))

    def only(self, rows: NDArray[np.int64]) -> Draft:
        """Some of the candidates, in this order."""
        return replace(self, drawn={name: value[rows] for name, value in self.drawn.items()})

    def any_entry(self, mask: Array | Bools) -> Bools:
        """(N,): some entry is true."""
        return np.asarray(np.asarray(mask).reshape(self.count, -1).any(axis=1))

    def nothing(self) -> Bools:
        return np.zeros(self.count, dtype=bool)

    @cached_property
    def asked_formulas(self) -> list[tuple[str, Expression]]:
        return [
            (name, formula)
            for name in self.bank.asked
            if (formula := self.bank.graph[name].formula) is not None
        ]

    @cached_property
    def intervals(self) -> dict[str, tuple[Array, Array]]:
        """Centre and half-width of the interval in which the grader accepts each asked quantity of
        a student right so far."""
        asked, rounding = set(self.bank.asked), self.bank.rounding
        forms = after_key(self.bank.graph, self.givens, self.printed, rounding, asked)
        return {
            name: (form.centre, accepted(rounding, form).half_width)
            for name, form in forms.items()
            if name in asked
        }


def difficulty(bank: Bank, values: Values) -> Array:
    """Negative numbers to be handled on a sheet, one point each, (N,): signs are where hand
    computation goes wrong."""
    columns = [values[q.name].reshape(len(values[q.name]), -1) for q in bank.graph.computed]
    return np.asarray((np.concatenate(columns, axis=1) < 0).sum(axis=1), dtype=float)
