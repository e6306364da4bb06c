"""The variants of N students, and what has been judged of the boxes on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from rnnquiz.algebra.affine import Affine, exact
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import shown_digits
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.evaluate import Values, evaluate
from rnnquiz.derivation.tolerance import Interval, after_key, first_sources
from rnnquiz.grade.answers import side_by_side
from rnnquiz.grade.fits import Codes
from rnnquiz.grade.worth import Worth, roles_of_boxes

MOST_REMEMBERED = 20_000  # visits: some hundred sheets of one exercise


@dataclass(frozen=True)
class Visit:
    """What comes of the boxes of one quantity: how they stand and are written, what is accepted,
    and of each chain what the formula gives and what is gone on with. `apart`, (N,)."""

    standing: Codes
    writing: Codes
    accepted: Interval
    own: tuple[Affine, Affine]
    right: tuple[Affine, Affine]
    apart: Bools


def weights_of(bank: Bank, givens: Mapping[str, Array]) -> Array:
    """Marks of each asked box of N variants, (N, boxes)."""
    return weigh(bank, evaluate(bank.graph, givens))


def weigh(bank: Bank, exact: Values) -> Array:
    """Marks of each asked box, (N, boxes): a kind's marks shared equally, boxes that are zero by
    structure left out."""
    # A sheet of zeros would collect the marks of what is zero on every sheet.
    sizes = np.abs(side_by_side(exact, bank.asked))
    counted = sizes > 0
    weights = np.zeros(counted.shape)
    roles = np.array(roles_of_boxes(bank))
    for role, marks in bank.marks.items():
        mine = roles == role
        share = counted & mine
        number = share.sum(axis=1, keepdims=True)
        # Where none of a kind is counted, its marks are nobody's.
        each = marks / np.maximum(number, 1)
        weights += np.where(share, each, 0.0)
    return weights


class Exercises:
    """The variants of N students, (N, *shape) by given, with what their keys say, worked out once.

    With `remembers` a box is judged once for what stands in it and before it: the sheets that one
    student hands in again and again differ in few boxes.
    """

    def __init__(self, bank: Bank, givens: Mapping[str, Array], remembers: bool = False) -> None:
        self.bank, self.givens = bank, givens
        first = next(iter(givens.values()))
        self.count = len(first)
        self.given_forms = {q.name: exact(givens[q.name]) for q in bank.graph.givens}
        self.exact = evaluate(bank.graph, givens)
        # As the key shows it: to more digits than asked where only the end is rounded.
        self.printed = evaluate(bank.graph, givens, bank.rounding, shown_digits(bank))
        self.remembers = remembers
        self._visits: dict[tuple[Any, ...], tuple[Sequence[Affine], Visit]] = {}

    @cached_property
    def key(self) -> dict[str, Affine]:
        """What the key accepts of who is right so far."""
        bank, asked = self.bank, set(self.bank.asked)
        return after_key(bank.graph, self.givens, self.printed, bank.rounding, asked)

    @cached_property
    def weights(self) -> Array:
        """Marks of each asked box, (N, boxes)."""
        return weigh(self.bank, self.exact)

    @cached_property
    def worth(self) -> Worth:
        """What verdicts are worth on the boxes."""
        return Worth(self.bank)

    @cached_property
    def sources(self) -> dict[str, int]:
        """The first source of error of each quantity."""
        return first_sources(self.bank.graph)

    def visit(
        self, written: Callable[[], tuple[Any, ...]], reads: Sequence[Affine],
        judged: Callable[[], Visit],
    ) -> Visit:  # fmt: skip
        """What is remembered of a quantity for what is `written` there and the numbers that it
        `reads`, or else `judged` now.

        Numbers are told apart by identity, as what is remembered is gone on with again. They are
        kept with what is remembered, so that no other numbers can take their identity.
        """
        if not self.remembers:
            return judged()
        key = (*written(), *map(id, reads))
        if key not in self._visits:
            # All are forgotten at once: a visit is found only by forms that earlier visits gave.
            if len(self._visits) >= MOST_REMEMBERED:
                self._visits.clear()
            self._visits[key] = reads, judged()
        return self._visits[key][1]
