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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.affine import Affine, bounded, placed, taken
from rnnquiz.algebra.expression import refs
from rnnquiz.decimals import Bools
from rnnquiz.derivation.evaluate import Values
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.tolerance import Interval, formula_bound, joined_forms
from rnnquiz.grade.answers import UNREADABLE, WRITTEN, Answers, as_rows, some_rows
from rnnquiz.grade.exercises import Exercises, Visit
from rnnquiz.grade.fits import Codes, Numbers
from rnnquiz.grade.going_on import gone_on_with
from rnnquiz.grade.states import Standing, Writing


@dataclass
class CarriedNumbers:
    """Numbers along the graph, (N, *shape): what each formula gives, and what is gone on with."""

    forms: dict[str, Affine] = field(default_factory=dict)
    carried: dict[str, Affine] = field(default_factory=dict)

    def taken(self, rows: NDArray[np.int64]) -> CarriedNumbers:
        """Those of some sheets."""
        forms = {name: taken(form, rows) for name, form in self.forms.items()}
        carried = {name: taken(form, rows) for name, form in self.carried.items()}
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
        as_asked = self.writing[name] <= Writing.SURPLUS
        return np.asarray(stands & as_asked)

    def reopened(self, boxes: Mapping[str, Bools]) -> Judged:
        """With some boxes left open, whatever they hold."""
        standing = {}
        for name, own in self.standing.items():
            opened = np.where(boxes[name], Standing.OPEN, own)
            standing[name] = opened.astype(np.int8)
        return replace(self, standing=standing)

    def taken(self, rows: NDArray[np.int64]) -> Judged:
        """That of some sheets, in their order."""
        whole = next(iter(self.key.values()))
        if len(rows) == len(whole):
            return self
        accepted = {}
        for name, part in self.accepted.items():
            accepted[name] = _of_rows(part, rows)
        own = self.own.taken(rows)
        # The chains are one where no sheet parts them, and then copied once.
        right = own if self.right is self.own else self.right.taken(rows)
        return Judged(
            some_rows(self.standing, rows),
            some_rows(self.writing, rows),
            accepted,
            own,
            right,
            some_rows(self.exact, rows),
            some_rows(self.key, rows),
        )


def judge(exercises: Exercises, answers: Answers) -> Judged:
    """Judge the answers of N students to their own variants."""
    walk = _Walk(exercises, answers)
    right = walk.right if walk.apart.any() else walk.own
    return Judged(
        walk.standing,
        walk.writing,
        walk.accepted,
        walk.own,
        right,
        exercises.exact,
        exercises.printed,
    )


@dataclass(frozen=True)
class _Parted:
    """How some sheets stand in the boxes of a quantity and are written; where that is right, what
    is `accepted`; and of the right chain what the formula gives and what is gone on with."""

    standing: NDArray[Any]
    writing: Codes
    is_right: Bools
    accepted: Interval
    form: Affine
    carried: Affine


class _Walk:
    """One pass over the graph, along both chains. `apart`, (N,): the sheets on which these have
    parted, as some number did not fit, or is not written and has several formulas. On the others,
    which are most of most classes, they are one, and walked once."""

    def __init__(self, exercises: Exercises, answers: Answers) -> None:
        bank = exercises.bank
        self.bank, self.answers, self.exercises = bank, answers, exercises
        self.own, self.right = CarriedNumbers(), CarriedNumbers()
        self.standing: dict[str, Codes] = {}
        self.writing: dict[str, Codes] = {}
        self.accepted: dict[str, Interval] = {}
        self.apart = np.zeros(answers.count, dtype=bool)
        for q in bank.graph:
            if q.formula is None:
                form = exercises.given_forms[q.name]
                self.own.carried[q.name] = self.right.carried[q.name] = form
            else:
                names = _read(q)
                reads = [self.own.carried[name] for name in names]
                reads += [self.right.carried[name] for name in names]
                written = partial(self.written, q.name)
                # The bytes of arrays are asked for only where visits are remembered.
                visit = exercises.visit(written, reads, partial(self.visited, q))
                self.go_on(q, visit)

    def written(self, name: str) -> tuple[Any, ...]:
        """What is written for a quantity, and how it is judged."""
        parts = self.answers.state, self.answers.values, self.answers.last_place
        of_parts = [part[name].tobytes() for part in parts]
        # A box is judged on the right chain as soon as the sheet has parted before it.
        return name, self.apart.tobytes(), *of_parts

    def go_on(self, q: Quantity, visit: Visit) -> None:
        """Take up what comes of the boxes of one quantity."""
        name = q.name
        self.standing[name], self.writing[name] = visit.standing, visit.writing
        self.accepted[name] = visit.accepted
        for chain, (form, carried) in ((self.own, visit.own), (self.right, visit.right)):
            chain.forms[name], chain.carried[name] = form, carried
        self.apart = visit.apart

    def visited(self, q: Quantity) -> Visit:
        """Judge the boxes of one quantity and go on with what was written.

        A quantity may have several formulas that people use (1 - h**2, sech2(a)). An answer has to
        fit one of them as a whole; their intervals are not joined, because an earlier mistake can
        strike one of them and not the other.
        """
        numbers, own = self.numbers(q), self.forms(q, self.own)
        writing, accepted = _best(numbers, own)
        is_written = self.answers.state[q.name] == WRITTEN
        misses = is_written & (writing > Writing.SURPLUS)
        if q.alternatives:  # by which of its formulas a box left empty was computed is not known
            misses |= ~is_written
        # Once parted, a sheet stays so: a later box may read the wrong number.
        some_miss = as_rows(misses).any(axis=1)
        apart = self.apart | some_miss
        standing = np.full(writing.shape, Standing.RIGHT, dtype=np.int8)
        rows, part = np.flatnonzero(apart), None
        if len(rows):
            part = self.parted(q, numbers.taken(rows), rows, writing[rows])
            standing[rows], writing[rows] = part.standing, part.writing
            accepted = _laid(accepted, rows, part.is_right, part.accepted)
        carried = self.carry(q, numbers, [own[0], *own], writing, is_written)
        on_own = on_right = own[0], carried
        if part is not None:
            on_right = placed(own[0], rows, part.form), placed(carried, rows, part.carried)
        unread = self.answers.state[q.name] == UNREADABLE
        other = np.where(unread, Standing.UNREAD, Standing.BLANK)
        standing = np.where(is_written, standing, other)
        return Visit(standing.astype(np.int8), writing, accepted, on_own, on_right, apart)

    def parted(
        self, q: Quantity, numbers: Numbers, rows: NDArray[np.int64], writing: Codes
    ) -> _Parted:
        """How some sheets stand on which the chains have parted; `writing`: as numbers of their
        own chain."""
        right = self.forms(q, self.right, rows)
        as_right, accepted = self.rightly(q, numbers, right, rows)
        # Of two chains that a number fits, the one counts on which it is better written.
        fits_right = as_right < Writing.NOT_FITTING
        is_right = fits_right & (as_right <= writing)
        fits_own = writing < Writing.NOT_FITTING
        fitting = np.where(fits_own, Standing.FOLLOWS, Standing.OPEN)
        standing = np.where(is_right, Standing.RIGHT, fitting)
        state = self.answers.state[q.name][rows]
        going_on = is_right & (state == WRITTEN)
        # What stands in for a wrong number may have come from any of the formulas.
        stand_in = joined_forms(right)
        carried = self.carry(q, numbers, [stand_in, *right], as_right, going_on)
        better = np.minimum(writing, as_right)
        return _Parted(standing, better, is_right, accepted, right[0], carried)

    def numbers(self, q: Quantity) -> Numbers:
        insists = self.bank.written.policy.surplus_digits == "right"
        return Numbers(
            self.answers.values[q.name],
            self.answers.last_place[q.name],
            self.bank.rounding,
            insists,
        )

    def forms(
        self, q: Quantity, chain: CarriedNumbers, rows: NDArray[np.int64] | None = None
    ) -> list[Affine]:
        """What each formula of the quantity gives on a chain, on all sheets or some.

        Where its error knows no bound, the value itself is what there is to hold an answer against.
        """
        assert q.formula is not None
        reads = {name: chain.carried[name] for name in _read(q)}
        if rows is not None:
            reads = {name: self.some(form, rows) for name, form in reads.items()}
        count = self.answers.count if rows is None else len(rows)
        formulas = q.formula, *q.alternatives
        return [bounded(formula_bound(formula, reads, count, q)) for formula in formulas]

    def some(self, form: Affine, rows: NDArray[np.int64]) -> Affine:
        """A form on some sheets."""
        if len(rows) == self.answers.count:
            return form
        return taken(form, rows)

    def rightly(
        self, q: Quantity, numbers: Numbers, forms: list[Affine], rows: NDArray[np.int64]
    ) -> tuple[Codes, Interval]:
        """How the numbers of some sheets are written as right ones: on the right chain, or else as
        the key accepts them."""
        writing, accepted = _best(numbers, forms)
        key = self.some(self.exercises.key[q.name], rows)
        by_key, key_accepted = numbers.judged(key)
        # Whoever writes what the key prints is right; a slip in writing is told from own numbers.
        as_asked = by_key <= Writing.SURPLUS
        better = (by_key < writing) & as_asked
        best = np.where(better, by_key, writing)
        return best, _where(better, key_accepted, accepted)

    def carry(
        self, q: Quantity, numbers: Numbers, forms: list[Affine], writing: Codes, is_written: Bools
    ) -> Affine:
        """What is gone on with, as a source of error of its own; `forms` as `gone_on_with` takes
        them."""
        source = self.exercises.sources[q.name]
        return gone_on_with(q, numbers, forms, writing, is_written, source)


@lru_cache(maxsize=10_000)
def _read(q: Quantity) -> tuple[str, ...]:
    """What the formulas of a quantity read."""
    assert q.formula is not None
    names: list[str] = []
    for formula in (q.formula, *q.alternatives):
        names += refs(formula)
    return tuple(dict.fromkeys(names))


def _best(numbers: Numbers, forms: list[Affine]) -> tuple[Codes, Interval]:
    """The best writing over several formulas, and the interval of the formula that gives it."""
    writing, accepted = numbers.judged(forms[0])
    for form in forms[1:]:
        other, other_accepted = numbers.judged(form)
        better = other < writing
        # Nearly always the first formula is as good as any.
        if better.any():
            accepted = _where(better, other_accepted, accepted)
            writing = np.where(better, other, writing)
    return writing, accepted


def _of_rows(interval: Interval, rows: NDArray[np.int64]) -> Interval:
    """The interval on some sheets."""
    return Interval(interval.low[rows], interval.high[rows])


def _laid(interval: Interval, rows: NDArray[np.int64], mask: Bools, part: Interval) -> Interval:
    """The interval with another one where the mask, on some sheets, is true."""
    low, high = interval.low.copy(), interval.high.copy()
    own = _of_rows(interval, rows)
    low[rows] = np.where(mask, part.low, own.low)
    high[rows] = np.where(mask, part.high, own.high)
    return Interval(low, high)


def _where(mask: Bools, left: Interval, right: Interval) -> Interval:
    low = np.where(mask, left.low, right.low)
    high = np.where(mask, left.high, right.high)
    return Interval(low, high)
