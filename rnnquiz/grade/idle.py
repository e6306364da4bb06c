"""Boxes that follow and leave nothing to compute.

The student's own numbers make them trivial, and the numbers of the key do not: the value is zero or
a power of ten, has few digits or round ones, stands in many boxes, copies an operand, hardly moves
with what it is computed from (a saturated state), or is small beside its own error.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnquiz.algebra.affine import Affine
from rnnquiz.algebra.expression import refs
from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array, Bools, Rounding, power_of_ten
from rnnquiz.derivation.graph import Quantity
from rnnquiz.grade.answers import Answers
from rnnquiz.grade.fits import bare
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.repeated import repeated_numbers
from rnnquiz.grade.states import Standing

ROUND_UNITS = 100.0  # a multiple of so many units in the last place is round
HARDLY_MOVED, HARDLY_MOVED_UNITS = 0.005, 2.0
"""Share of its size, or units in the last place, by which a copy may differ."""
STIRRED, STIRS = 0.1, 5.0
"""Share by which operands are changed, and units by which the value of the key has to move then."""


class Trivial:
    """Tests of the numbers of M sheets."""

    def __init__(self, bank: Bank, answers: Answers, judged: Judged) -> None:
        self.bank, self.answers, self.judged = bank, answers, judged

    def idle(self) -> dict[str, Bools]:
        """Boxes that follow and leave nothing to compute, (M, *shape) by quantity."""
        again = repeated_numbers(self.bank, self.answers, self.judged.key)
        found = {}
        for name in self.bank.asked:
            follows = self.judged.standing[name] == Standing.FOLLOWS
            found[name] = (
                follows & (self.trivial(self.bank.graph[name]) | again[name])
                if follows.any()
                else follows
            )
        return found

    def trivial(self, q: Quantity) -> Bools:
        """What the own numbers give for it is trivial, and what those of the key give is not."""
        assert q.formula is not None
        names = refs(q.formula)
        own = {name: self.judged.own.carried[name].centre for name in names}
        key = {name: self.judged.key[name] for name in names}
        mine = np.broadcast_to(
            self.judged.own.forms[q.name].centre, self.answers.values[q.name].shape
        )
        vague = _vague(self.judged.own.forms[q.name]) & ~_vague(self.judged.right.forms[q.name])
        return np.asarray(
            self.bare(q) | vague | self._simple(q, mine, own) | self._unstirred(q, own, key)
        )

    def made_up(self, q: Quantity) -> Bools:
        """What is written takes no work: as in `trivial`, but of the very number."""
        assert q.formula is not None
        names = refs(q.formula)
        own = {name: self.judged.own.carried[name].centre for name in names}
        return self.bare(q) | self._simple(q, self.answers.values[q.name], own)

    def bare(self, q: Quantity) -> Bools:
        """The number is zero or a power of ten, and that of the key is not."""
        return bare(self.answers.values[q.name]) & ~bare(self.judged.key[q.name])

    def _simple(self, q: Quantity, mine: Array, own: Mapping[str, Array]) -> Bools:
        """The number copies an operand; or it has few digits or is round, and that of the key is
        not."""
        right, rounding = self.judged.key[q.name], self.bank.rounding
        simple = np.zeros(mine.shape, dtype=bool)
        for test in (_few, _round):
            simple |= test(mine, rounding) & ~test(right, rounding)
        for operand in own.values():
            if np.shape(operand)[1:] in ((), mine.shape[1:]):
                simple |= _copied(mine, operand, rounding)
        return simple

    def _unstirred(self, q: Quantity, own: Mapping[str, Array], key: Mapping[str, Array]) -> Bools:
        """The value hardly moves with its operands, and that of the key does."""
        formula = q.formula
        assert formula is not None

        def stir(values: Mapping[str, Array]) -> Array:
            more = {name: value * (1 + STIRRED) for name, value in values.items()}
            with np.errstate(all="ignore"):
                here, there = value_of(formula, values), value_of(formula, more)
                return np.asarray(np.abs(there - here) / self.bank.rounding.unit(np.asarray(here)))

        return np.asarray((stir(own) < 1) & (stir(key) >= STIRS))


def _vague(form: Affine) -> Bools:
    return np.asarray(~(form.radius <= np.abs(form.centre)))


def _few(values: Array, rounding: Rounding) -> Bools:
    """Less than half of the digits asked: 0.0042 where four decimals are asked."""
    return np.asarray(np.abs(values) < 10.0 ** (rounding.digits / 2) * rounding.unit(values))


def _round(values: Array, rounding: Rounding) -> Bools:
    """Many units, or one digit: 1.2300 where four decimals are asked, 0.0030."""
    size = np.abs(values)
    with np.errstate(all="ignore"):
        leading = power_of_ten(
            np.nan_to_num(np.floor(np.log10(size) + 1e-12), posinf=0, neginf=0).astype(np.int64)
        )
        rests = [
            np.abs(size / step - np.rint(size / step)) * step
            for step in (ROUND_UNITS * rounding.unit(values), leading)
        ]
    return np.asarray(np.minimum(*rests) < np.maximum(1e-4 * rounding.unit(values), 1e-9 * size))


def _copied(values: Array, operand: Array, rounding: Rounding) -> Bools:
    """The value is the operand, but for sign, a power of ten, and a little."""
    operand = np.abs(operand).reshape(
        len(operand), *([1] * (values.ndim - operand.ndim)), *operand.shape[1:]
    )
    size = np.abs(values)
    with np.errstate(all="ignore"):
        shift = np.rint(np.log10(size / operand))
        moved = operand * power_of_ten(np.nan_to_num(shift, posinf=0, neginf=0).astype(np.int64))
        reach = np.maximum(HARDLY_MOVED * size, HARDLY_MOVED_UNITS * rounding.unit(values))
        return np.asarray((operand != 0) & (np.abs(size - moved) <= reach))
