"""Mistakes made in steps that were not asked, or for which nothing is written: the whole way up is
computed with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

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
from rnnquiz.models.misconceptions import Misconception, Mistaken


def hidden_steps(bank: Bank, answers: Answers) -> Iterator[str]:
    """Steps for which some student wrote nothing."""
    for q in bank.graph.computed:
        everywhere = (answers.state[q.name] == WRITTEN).all()
        # A copy is no step in which a mistake can be made.
        if not trivial(q) and not everywhere:
            yield q.name


class FurtherUp:
    """The numbers of some sheets, `students`, with which mistakes go on unseen."""

    def __init__(
        self,
        bank: Bank,
        mistaken: Mapping[str, Sequence[Mistaken]],
        students: NDArray[np.int64],
        givens: Mapping[str, Array],
        answers: Answers,
        judged: Judged,
    ) -> None:
        self.bank, self.mistaken, self.students = bank, mistaken, students
        self.givens, self.answers, self.judged = givens, answers, judged

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

    def with_mistake(self, rule: Misconception, variant: int) -> dict[str, Affine] | None:
        """What quantities become where a rule strikes wherever nothing was written; None where the
        rule has no such variant."""
        carried: dict[str, Affine] = {}
        forms: dict[str, Affine] = {}
        moved: set[str] = set()
        struck = False
        for q in self.bank.graph:
            formula = self._mistaken(q, rule, variant)
            # A mistake may read what comes after it: nobody has that number at this step.
            strikes = formula is not None and carried.keys() >= {*refs(formula)}
            parents = self.bank.graph.parents[q.name]
            touched = not moved.isdisjoint(parents)
            carried[q.name] = own = self.own[q.name]
            # Most quantities are touched by no mistake, and a bound is costly.
            if q.formula is None or not (strikes or touched):
                continue
            struck |= strikes
            used = formula if formula is not None and strikes else q.formula
            form = formula_bound(used, carried, len(self.students), q)
            written = self.written[q.name]
            # Where a number stands the mistake ends: it is gone on with, right or wrong.
            carried[q.name] = choose(written, own, form)
            # A mistake in the very step is found by its rule, without going further up.
            if touched:
                forms[q.name] = form
            if not written.all():
                moved.add(q.name)
        return forms if struck else None

    def _mistaken(self, q: Quantity, rule: Misconception, variant: int) -> Expression | None:
        """The formula of a quantity with a variant of a mistake."""
        if q.formula is None:
            return None
        own: list[Expression] = []
        for mistake in self.mistaken[q.name]:
            if mistake.rule.id == rule.id:
                own.append(mistake.formula)
        return own[variant] if variant < len(own) else None
