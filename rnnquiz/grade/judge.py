"""Each box against the interval that it must lie in: what is right, what follows, what is open.

Quantities are visited in the order of computation, along two chains of numbers. The student's own
chain: a written number enters the later formulas as itself, give or take the rounding of what was
written. The right chain: the same, but a wrong number is passed over, and its formula over the
right numbers before it stands in. Where nothing is written, the formula stands in on both chains. A
box that fits the right chain, or the numbers of the key, is right whatever else is wrong; a box
that only fits the own chain follows. So each entry of a vector stands for itself: one that does not
read a wrong number is the same on both chains.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.affine import Affine, bounded, exact, placed, taken
from rnnquiz.algebra.expression import Apply, refs
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.decimals import Bools
from rnnquiz.derivation.evaluate import Values
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.tolerance import (
    Interval,
    formula_bound,
    joined_forms,
    rounding_error,
    with_source,
    written_error,
)
from rnnquiz.grade.answers import UNREADABLE, WRITTEN, Answers, some_rows
from rnnquiz.grade.exercises import Exercises, Visit
from rnnquiz.grade.fits import FEWEST_DIGITS, SAME, Codes, Numbers
from rnnquiz.grade.states import Standing, Writing

T = TypeVar("T", bound=np.generic)

_IS_SHORT = np.isin(list(Writing), (Writing.CUT, Writing.SHORT, Writing.SHORT_CUT))


@dataclass
class CarriedNumbers:
    """Numbers along the graph, (N, *shape): what each formula gives, and what is gone on with."""

    forms: dict[str, Affine] = field(default_factory=dict)
    carried: dict[str, Affine] = field(default_factory=dict)

    def taken(self, rows: NDArray[np.int64]) -> CarriedNumbers:
        """Those of some sheets."""
        forms, carried = (
            {name: taken(form, rows) for name, form in part.items()}
            for part in (self.forms, self.carried)
        )
        return CarriedNumbers(forms, carried)


@dataclass(frozen=True)
class Judged:
    """How every box stands and is written, and what that rests on; arrays (N, *shape) by quantity.

    `accepted`: the interval that the box was held against. `own`, `right`: the two chains. `exact`:
    the unrounded solution. `key`: the solution as the key prints it.
    """

    standing: Mapping[str, Codes]
    writing: Mapping[str, Codes]
    accepted: Mapping[str, Interval]
    own: CarriedNumbers
    right: CarriedNumbers
    exact: Values
    key: Values

    def full(self, name: str) -> Bools:
        """Where a number is right or follows, and is written as asked."""
        stands = np.isin(self.standing[name], (Standing.RIGHT, Standing.FOLLOWS))
        return np.asarray(stands & (self.writing[name] <= Writing.SURPLUS))

    def reopened(self, boxes: Mapping[str, Bools]) -> Judged:
        """With some boxes left open, whatever they hold."""
        standing = {
            n: np.where(boxes[n], Standing.OPEN, own).astype(np.int8)
            for n, own in self.standing.items()
        }
        return replace(self, standing=standing)

    def taken(self, rows: NDArray[np.int64]) -> Judged:
        """That of some sheets, in their order."""
        if len(rows) == len(next(iter(self.key.values()))):
            return self
        accepted = {
            name: Interval(part.low[rows], part.high[rows]) for name, part in self.accepted.items()
        }
        own = self.own.taken(rows)
        right = own if self.right is self.own else self.right.taken(rows)
        standing, writing = some_rows(self.standing, rows), some_rows(self.writing, rows)
        return Judged(
            standing,
            writing,
            accepted,
            own,
            right,
            some_rows(self.exact, rows),
            some_rows(self.key, rows),
        )


def judge(exercises: Exercises, answers: Answers) -> Judged:
    """Judge the answers of N students to their own variants.

    Most sheets of most classes fit their own numbers throughout; on these the two chains are one.
    Both are walked only for the others.
    """
    walk = _Walk(exercises, answers, two_chains=False)
    rows = np.flatnonzero(walk.spoiled)
    if len(rows) == exercises.count:
        walk = _Walk(exercises, answers, two_chains=True)
    elif len(rows):
        walk.take_over(rows, _Walk(exercises.taken(rows), answers.taken(rows), two_chains=True))
    return Judged(
        walk.standing,
        walk.writing,
        walk.accepted,
        walk.own,
        walk.right,
        exercises.exact,
        exercises.printed,
    )


class _Walk:
    """One pass over the graph. `spoiled`, (N,): the sheets for which one chain is not enough."""

    def __init__(self, exercises: Exercises, answers: Answers, two_chains: bool) -> None:
        bank = exercises.bank
        self.bank, self.answers, self.two_chains = bank, answers, two_chains
        self.exercises = exercises
        self.own = CarriedNumbers()
        self.right = CarriedNumbers() if two_chains else self.own
        self.standing: dict[str, Codes] = {}
        self.writing: dict[str, Codes] = {}
        self.accepted: dict[str, Interval] = {}
        self.spoiled = np.zeros(answers.count, dtype=bool)
        for q in bank.graph:
            if self.spoiled.all():
                break  # all are walked once more, along both chains
            if q.formula is None:
                form = exercises.given_forms[q.name]
                self.own.carried[q.name] = self.right.carried[q.name] = form
            else:
                reads = [chain.carried[n] for chain in (self.own, self.right) for n in _read(q)]
                written = partial(self.written, q.name)
                self.go_on(q, exercises.visit(written, reads, partial(self.visited, q)))

    def written(self, name: str) -> tuple[Any, ...]:
        """What is written for a quantity, and how it is judged."""
        parts = self.answers.state, self.answers.values, self.answers.last_place
        return name, self.two_chains, *(part[name].tobytes() for part in parts)

    def go_on(self, q: Quantity, visit: Visit) -> None:
        """Take up what comes of the boxes of one quantity."""
        name = q.name
        self.standing[name], self.writing[name] = visit.standing, visit.writing
        self.accepted[name] = visit.accepted
        for chain, (form, carried) in ((self.own, visit.own), (self.right, visit.right)):
            chain.forms[name], chain.carried[name] = form, carried
        self.spoiled |= visit.spoiled

    def visited(self, q: Quantity) -> Visit:
        """Judge the boxes of one quantity and go on with what was written.

        A quantity may have several formulas that people use (1 - h**2, sech2(a)). An answer has to
        fit one of them as a whole; their intervals are not joined, because an earlier mistake can
        strike one of them and not the other.
        """
        numbers = self.numbers(q)
        own = self.forms(q, self.own)
        writing, accepted = _best(numbers, own)
        is_written = self.answers.state[q.name] == WRITTEN
        spoiled = np.zeros(self.answers.count, dtype=bool)
        if not self.two_chains:
            fits = writing <= Writing.SURPLUS
            spoiled = (is_written & ~fits).reshape(len(fits), -1).any(axis=1)
            standing = np.where(writing < Writing.NOT_FITTING, Standing.RIGHT, Standing.OPEN)
            right, on_right = own, self.carry(q, numbers, own, writing, is_written)
            on_own = on_right
        else:
            right = self.forms(q, self.right)
            right_writing, right_accepted = self.rightly(q, numbers, right)
            is_right = (right_writing <= writing) & (right_writing < Writing.NOT_FITTING)
            fitting = np.where(writing < Writing.NOT_FITTING, Standing.FOLLOWS, Standing.OPEN)
            standing = np.where(is_right, Standing.RIGHT, fitting)
            on_own = self.carry(q, numbers, own, np.minimum(writing, right_writing), is_written)
            on_right = self.carry(
                q, numbers, [joined_forms(right), *right[1:]], right_writing, is_written & is_right
            )
            writing = np.minimum(writing, right_writing)
            accepted = _where(is_right, right_accepted, accepted)
        unread = self.answers.state[q.name] == UNREADABLE
        other = np.where(unread, Standing.UNREAD, Standing.BLANK)
        standing = np.where(is_written, standing, other).astype(np.int8)
        forms = (own[0], on_own), (right[0], on_right)
        return Visit(standing, writing, accepted, *forms, spoiled)

    def numbers(self, q: Quantity) -> Numbers:
        insists = self.bank.written.policy.surplus_digits == "right"
        return Numbers(
            self.answers.values[q.name],
            self.answers.last_place[q.name],
            self.bank.rounding,
            insists,
        )

    def forms(self, q: Quantity, chain: CarriedNumbers) -> list[Affine]:
        """What each formula of the quantity gives on a chain.

        Where its error knows no bound, the value itself is what there is to hold an answer against.
        """
        assert q.formula is not None
        return [
            bounded(formula_bound(f, chain.carried, self.answers.count, q))
            for f in (q.formula, *q.alternatives)
        ]

    def rightly(self, q: Quantity, numbers: Numbers, forms: list[Affine]) -> tuple[Codes, Interval]:
        """How the numbers are written as right ones: on the right chain, or else as the key accepts
        them."""
        writing, accepted = _best(numbers, forms)
        by_key, key_accepted = numbers.judged(self.exercises.key[q.name])
        better = (by_key < writing) & (by_key <= Writing.SURPLUS)
        return np.where(better, by_key, writing), _where(better, key_accepted, accepted)

    def carry(
        self, q: Quantity, numbers: Numbers, forms: list[Affine], writing: Codes, is_written: Bools
    ) -> Affine:
        """What is gone on with: the number where `is_written`, or else the formula over what went
        before.

        A number cut off or written short may be gone on with in full; one with surplus digits, in
        the digits asked.
        """
        form, written, rounding = forms[0], numbers.values, self.bank.rounding
        unit, place = numbers.unit_asked(form), numbers.unit_written(form)
        least = np.minimum(place, unit)
        radius = written_error(0.5 * least, forms, written)
        if writing.any():  # some are not written as asked
            fits = writing < Writing.NOT_FITTING
            radius = np.where(fits, radius, 0.5 * least)
            short = _IS_SHORT[writing] | ((place > unit * SAME) & ~fits)
            radius = np.where(short, np.minimum(place, FEWEST_DIGITS * unit), radius)
            longer = place < unit / SAME
            surplus = np.abs(written - rounding.round(written))
            radius = np.where(longer, np.maximum(radius, surplus), radius)
        if rounding.truncation:
            radius = np.maximum(radius, least)
        if self.dead(q):
            radius = np.where(
                written == 0, 0.0, radius
            )  # the flat side is zero exactly, and its slope with it
        if is_written.all():
            return with_source(exact(written), radius, self.exercises.sources[q.name])
        gap = ~is_written
        centre = np.where(is_written, written, form.centre)
        bridged = Affine(
            centre, form.coefficients * gap, form.sources, np.where(gap, form.remainder, 0.0)
        )
        own = np.where(is_written, radius, rounding_error(rounding, form))
        return with_source(bridged, own, self.exercises.sources[q.name])

    def dead(self, q: Quantity) -> bool:
        """True for an activation with a flat side, on which its value is zero exactly."""
        formula = q.formula
        return (
            isinstance(formula, Apply) and formula.op in FUNCTIONS and FUNCTIONS[formula.op].kinked
        )

    def take_over(self, rows: NDArray[np.int64], other: _Walk) -> None:
        """The rows as another walk judged them, on chains that are two from now on."""
        right = CarriedNumbers(dict(self.own.forms), dict(self.own.carried))
        for mine, theirs in ((self.own, other.own), (right, other.right)):
            for name, form in theirs.forms.items():
                mine.forms[name] = placed(mine.forms[name], rows, form)
                mine.carried[name] = placed(mine.carried[name], rows, theirs.carried[name])
        self.right = right
        for name, accepted in self.accepted.items():
            self.standing[name] = _put(self.standing[name], rows, other.standing[name])
            self.writing[name] = _put(self.writing[name], rows, other.writing[name])
            new = other.accepted[name]
            low, high = _put(accepted.low, rows, new.low), _put(accepted.high, rows, new.high)
            self.accepted[name] = Interval(low, high)


def _put(values: NDArray[T], rows: NDArray[np.int64], new: NDArray[T]) -> NDArray[T]:
    """The values with those of some rows replaced."""
    changed = values.copy()
    changed[rows] = new
    return changed


@lru_cache(maxsize=10_000)
def _read(q: Quantity) -> tuple[str, ...]:
    """What the formulas of a quantity read."""
    formulas = (f for f in (q.formula, *q.alternatives) if f is not None)
    return tuple(dict.fromkeys(name for formula in formulas for name in refs(formula)))


def _best(numbers: Numbers, forms: list[Affine]) -> tuple[Codes, Interval]:
    """The best writing over several formulas, and the interval of the formula that gives it."""
    writing, accepted = numbers.judged(forms[0])
    for form in forms[1:]:
        other, other_accepted = numbers.judged(form)
        better = other < writing
        if better.any():
            accepted = _where(better, other_accepted, accepted)
            writing = np.where(better, other, writing)
    return writing, accepted


def _where(mask: Bools, left: Interval, right: Interval) -> Interval:
    return Interval(np.where(mask, left.low, right.low), np.where(mask, left.high, right.high))
