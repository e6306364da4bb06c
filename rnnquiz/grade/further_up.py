"""Mistakes made in steps that were not asked, or for which nothing is written: the whole way up is
computed with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import filterfalse

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.affine import Affine, choose, exact, taken
from rnnquiz.algebra.expression import Expression, refs
from rnnquiz.bank.specification import Bank, trivial
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.tolerance import formula_bound
from rnnquiz.grade.answers import WRITTEN, Answers
from rnnquiz.grade.judge import Judged
from rnnquiz.models.misconceptions import Mistaken


def hidden_steps(bank: Bank, answers: Answers) -> Iterator[str]:
    """Steps for which some student wrote nothing."""
    for q in bank.graph.computed:
        everywhere = (answers.state[q.name] == WRITTEN).all()
        # A copy is no step in which a mistake can be made.
        if not trivial(q) and not everywhere:
            yield q.name


Strikes = dict[str, Expression]
"""The wrong formulas of one variant of a rule, by the quantities that it strikes."""


def strikes_of(
    bank: Bank, mistaken: Mapping[str, Sequence[Mistaken]]
) -> dict[str, dict[int, Strikes]]:
    """For each rule, by its id, and each of its variants what it strikes."""
    found: dict[str, dict[int, Strikes]] = {}
    before: set[str] = set()
    for q in bank.graph:
        variants: Counter[str] = Counter()
        for mistake in mistaken[q.name]:
            rule = mistake.rule.id
            # A mistake may read what comes after it: nobody has that number at this step.
            if before.issuperset(refs(mistake.formula)):
                of_rule = found.setdefault(rule, {})
                of_rule.setdefault(variants[rule], {})[q.name] = mistake.formula
            variants[rule] += 1
        before.add(q.name)
    return found


class FurtherUp:
    """The numbers of some sheets with which mistakes go on unseen; `rows`: the sheets, by the
    quantities that are to be explained."""

    def __init__(
        self,
        bank: Bank,
        rows: Mapping[str, NDArray[np.int64]],
        givens: Mapping[str, Array],
        answers: Answers,
        judged: Judged,
    ) -> None:
        self.bank, self.wanted = bank, rows.keys()
        self.givens, self.answers, self.judged = givens, answers, judged
        everyone = np.concatenate([*rows.values()])
        self.students = np.unique(everyone)

    @cached_property
    def own(self) -> dict[str, Affine]:
        """What the students go on with."""
        own, found = self.judged.own.carried, {}
        for q in self.bank.graph:
            if q.formula is None:
                values = self.givens[q.name][self.students]
                found[q.name] = exact(values)
            else:
                found[q.name] = taken(own[q.name], self.students)
        return found

    @cached_property
    def written(self) -> dict[str, Bools]:
        """Where a number stands."""
        found = {}
        for name, state in self.answers.state.items():
            found[name] = state[self.students] == WRITTEN
        return found

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Quantities of which some of these students wrote nothing."""
        full = {name: written.all() for name, written in self.written.items()}
        return frozenset(filterfalse(full.__getitem__, full))

    @cached_property
    def _way(self) -> list[Quantity]:
        """What is to be explained and what that is computed from, in the order of computation."""
        graph, names = self.bank.graph, set(self.wanted)
        for name in self.wanted:
            names |= graph.ancestors[name]
        computed = {q.name: q for q in graph.computed}
        return list(map(computed.__getitem__, filter(names.__contains__, computed)))

    def with_mistake(self, strikes: Strikes) -> dict[str, Affine]:
        """What the quantities to be explained become where a rule strikes wherever nothing was
        written; those that it changes."""
        forms: dict[str, Affine] = {}
        # Where a number stands the mistake ends: it is gone on with, right or wrong.
        if self.hidden.isdisjoint(strikes):
            return forms
        carried, moved = dict(self.own), set[str]()
        for q in self._way:
            touched = not moved.isdisjoint(self.bank.graph.parents[q.name])
            unseen = q.name in self.hidden and (touched or q.name in strikes)
            # A mistake in the very step is found by its rule, without going further up.
            explained = touched and q.name in self.wanted
            # Most quantities are touched by no mistake, and a bound is costly.
            if not (unseen or explained):
                continue
            formula = strikes.get(q.name, q.formula)
            assert formula is not None
            form = formula_bound(formula, carried, len(self.students), q)
            if explained:
                forms[q.name] = form
            if unseen:
                carried[q.name] = choose(self.written[q.name], self.own[q.name], form)
                moved.add(q.name)
        return forms
