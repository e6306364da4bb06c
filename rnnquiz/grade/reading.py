"""Which givens of the sheet the boxes read, by themselves or through steps that leave no trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from rnnquiz.algebra.expression import refs
from rnnquiz.bank.specification import Bank, trivial
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.graph import Quantity
from rnnquiz.grade.answers import WRITTEN, Answers, as_rows


class GivensRead:
    """Of M sheets; `givens`: the names of those that tell one sheet from another."""

    def __init__(self, bank: Bank, answers: Answers, givens: Sequence[str]) -> None:
        self.bank, self.answers, self.givens = bank, answers, givens

    @cached_property
    def of_sheets(self) -> list[Array]:
        """For each asked quantity (M, givens): which share of the sheet's givens a box of it reads,
        by itself or through steps for which nothing is written."""
        known: dict[str, Array] = {}
        rows, asked = [], set(self.bank.asked)
        count = self.answers.count
        for q in self.bank.graph:
            if q.formula is None:
                is_it = self._is_given(q.name)
                known[q.name] = np.tile(is_it, (count, 1))
                continue
            reads = self._read_through(q, known)
            if q.name in asked:
                rows.append(reads)
                # What stands in a box, right or wrong, is what later boxes were computed from.
                passed_on = ~self._hides(q)
                reads = reads * passed_on[:, None]
            known[q.name] = reads
        return rows

    def _is_given(self, name: str) -> Array:
        """(givens,): 1 for the given of this name."""
        names = np.array(self.givens)
        return np.asarray(names == name, dtype=float)

    def _read_through(self, q: Quantity, known: Mapping[str, Array]) -> Array:
        """(M, givens): what the formula of a quantity reads of the givens. Of a given it reads the
        entries that it names, of a step all that this has read."""
        assert q.formula is not None
        shape = self.answers.count, len(self.givens)
        reads = np.zeros(shape)
        for name in refs(q.formula):
            share = self.bank.reading[q.name, name]
            if self.bank.graph[name].formula is not None:
                share = float(share > 0)
            # The larger, not the sum: two ways to one given read no more of it than one.
            reads = np.maximum(reads, known[name] * share)
        return reads

    def _hides(self, q: Quantity) -> Bools:
        """(M,): something is written for a quantity, and its readers go on with that."""
        state = as_rows(self.answers.state[q.name])
        # A copy of another quantity is no step of its own: its readers read that one.
        if trivial(q):
            return np.zeros(len(state), dtype=bool)
        is_written = state == WRITTEN
        return np.asarray(is_written.any(axis=1))

    @cached_property
    def of_full_sheets(self) -> list[Array]:
        """As `of_sheets`, where every asked box is filled, (1, givens) each."""
        # With all boxes filled no sheet differs from another: one row stands for all.
        known: dict[str, Array] = {}
        rows, asked = [], set(self.bank.asked)
        for q in self.bank.graph:
            if q.formula is None:
                is_it = self._is_given(q.name)
                known[q.name] = is_it[None]
                continue
            reads = np.zeros((1, len(self.givens)))
            for name in refs(q.formula):
                share = known[name] * self.bank.reading[q.name, name]
                reads = np.maximum(reads, share)
            if q.name in asked:
                rows.append(reads)
            passed_on = q.name not in asked or trivial(q)
            known[q.name] = reads * float(passed_on)
        return rows
