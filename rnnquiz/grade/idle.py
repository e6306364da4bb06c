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
from rnnquiz.decimals import LOG_BLUR, Array, Bools, Rounding, power_of_ten
from rnnquiz.derivation.graph import Quantity
from rnnquiz.grade.answers import Answers, as_rows
from rnnquiz.grade.fits import bare, off_whole
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.repeated import repeated_numbers
from rnnquiz.grade.states import Standing

# 1.2300 where four decimals are asked: with round numbers of one's own nothing is left to work out
# (`round_numbers` in `tests/test_work_shown.py`).
# With 50 four slips of the hand in one_neuron cost 44 % of the marks, not 36 %; with 200 nothing
# changes in three banks and in that test.
ROUND_UNITS = 100.0  # a multiple of so many units in the last place is round
# With half and with twice of the share no kind of sheet earns other marks in three banks, nor does
# tests/test_work_shown.py fail.
HARDLY_MOVED, HARDLY_MOVED_UNITS = 0.005, 2.0
"""Share of its size, or units in the last place, by which a copy may differ."""
HALF_A_UNIT = 0.5 + 1e-6  # by which rounding moves what is a copy of itself
NO_PART, NO_SHARE = 1e-4, 1e-9  # of a unit, and of a value: nothing but binary rounding
# Where it is not flat, a tenth moves a value of three digits by ten units or more.
# With half and with twice of either nothing changes for any kind of sheet in three banks.
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
            found[name] = follows
            if follows.any():
                trivial = self.trivial(self.bank.graph[name])
                found[name] = follows & (trivial | again[name])
        return found

    def trivial(self, q: Quantity) -> Bools:
        """What the own numbers give for it is trivial, and what those of the key give is not."""
        mine = self._given_by_own(q)
        simple = self._simple(q, mine, self._operands(q))
        return np.asarray(self.bare(q) | simple | self._unmoved(q))

    def merely_round(self, q: Quantity) -> Bools:
        """It is trivial for nothing but being round: somebody multiplied and added, if with few
        digits."""
        mine, own = self._given_by_own(q), self._operands(q)
        few = _few(mine, self.bank.rounding)
        nothing = self.bare(q) | few | self._copies(q, mine, own) | self._unmoved(q)
        return self.trivial(q) & ~nothing

    def _given_by_own(self, q: Quantity) -> Array:
        """What the formula gives over the own numbers, not what is written: a last digit added
        hides a round number."""
        form = self.judged.own.forms[q.name]
        return np.broadcast_to(form.centre, self.answers.values[q.name].shape)

    def _unmoved(self, q: Quantity) -> Bools:
        """The value is small beside its error, or hardly moves, and that of the key is and does
        otherwise."""
        assert q.formula is not None
        key = {name: self.judged.key[name] for name in refs(q.formula)}
        form, right = self.judged.own.forms[q.name], self.judged.right.forms[q.name]
        vague = _vague(form) & ~_vague(right)
        return vague | self._unstirred(q, self._operands(q), key)

    def made_up(self, q: Quantity) -> Bools:
        """What is written takes no work: as in `trivial`, but of the very number."""
        written = self.answers.values[q.name]
        simple = self._simple(q, written, self._operands(q))
        return self.bare(q) | simple

    def _operands(self, q: Quantity) -> dict[str, Array]:
        """The own numbers that the formula of a quantity reads."""
        assert q.formula is not None
        carried = self.judged.own.carried
        return {name: carried[name].centre for name in refs(q.formula)}

    def bare(self, q: Quantity) -> Bools:
        """The number is zero or a power of ten, and that of the key is not."""
        written, key = self.answers.values[q.name], self.judged.key[q.name]
        # An honest zero, as of a kinked activation, is zero in the key, too.
        honest = bare(key)
        return bare(written) & ~honest

    def _simple(self, q: Quantity, mine: Array, own: Mapping[str, Array]) -> Bools:
        """The number copies an operand; or it has few digits or is round, and that of the key is
        not."""
        right, rounding = self.judged.key[q.name], self.bank.rounding
        simple = np.zeros(mine.shape, dtype=bool)
        for test in (_few, _round):
            honest = test(right, rounding)
            simple |= test(mine, rounding) & ~honest
        return simple | self._copies(q, mine, own)

    def plain(self, q: Quantity) -> Bools:
        """The number of the key copies one that it is computed from (0.1 * 0.62): nobody has to
        work it out."""
        assert q.formula is not None
        operands = {name: self.judged.key[name] for name in refs(q.formula)}
        return self._copies(q, self.judged.key[q.name], operands, (0.0, HALF_A_UNIT))

    def _copies(
        self,
        q: Quantity,
        values: Array,
        operands: Mapping[str, Array],
        moved: tuple[float, float] = (HARDLY_MOVED, HARDLY_MOVED_UNITS),
    ) -> Bools:
        """Which values are copies of what they are computed from, but for what is `moved` at most:
        a share of the size, and units."""
        copies = np.zeros(values.shape, dtype=bool)
        for name, operand in operands.items():
            read = self.bank.entries_read[q.name, name]
            copies |= _copied(values, operand, read, self.bank.rounding, moved)
        return copies

    def _unstirred(self, q: Quantity, own: Mapping[str, Array], key: Mapping[str, Array]) -> Bools:
        """The value hardly moves with its operands, and that of the key does."""
        formula = q.formula
        assert formula is not None

        def stir(values: Mapping[str, Array]) -> Array:
            factor = 1 + STIRRED
            more = {name: value * factor for name, value in values.items()}
            with np.errstate(all="ignore"):
                here, there = value_of(formula, values), value_of(formula, more)
                unit = self.bank.rounding.unit(np.asarray(here))
                way = np.abs(there - here)
                return np.asarray(way / unit)

        # Between one unit and STIRS neither is plain: the box is taken for work.
        still = stir(own) < 1
        moves = stir(key) >= STIRS
        return np.asarray(still & moves)


def _vague(form: Affine) -> Bools:
    known = form.radius <= np.abs(form.centre)
    return np.asarray(~known)  # where it is not a number, nothing is known


def _few(values: Array, rounding: Rounding) -> Bools:
    """Less than half of the digits asked: 0.0042 where four decimals are asked."""
    half_of_digits = 10.0 ** (rounding.digits / 2)
    least = half_of_digits * rounding.unit(values)
    return np.asarray(np.abs(values) < least)


def _round(values: Array, rounding: Rounding) -> Bools:
    """Many units, or one digit: 1.2300 where four decimals are asked, 0.0030."""
    size, unit = np.abs(values), rounding.unit(values)
    with np.errstate(all="ignore"):
        exponent = np.floor(np.log10(size) + LOG_BLUR)
        of_leading = _off_steps(size, _tens(exponent))
        of_units = _off_steps(size, ROUND_UNITS * unit)
    rest = np.minimum(of_units, of_leading)
    nothing = np.maximum(NO_PART * unit, NO_SHARE * size)
    return np.asarray(rest < nothing)


def _off_steps(size: Array, step: Array) -> Array:
    """How far numbers are from the nearest multiple of a step."""
    steps = size / step
    return np.asarray(off_whole(steps) * step)


def _copied(
    values: Array, operand: Array, read: Bools, rounding: Rounding, moved: tuple[float, float]
) -> Bools:
    """Which values are an entry of the operand that they read, but for sign, a power of ten, and
    what is `moved`: a share and units. `read`: (entries of the value, entries of the operand)."""
    # Each entry of the value beside each of the operand: (M, entries, entries).
    mine, theirs = as_rows(values)[:, :, None], as_rows(operand)[:, None, :]
    size, other = np.abs(mine), np.abs(theirs)
    unit = rounding.unit(mine)
    with np.errstate(all="ignore"):
        # To move the decimal point is no work.
        shift = np.rint(np.log10(size / other))
        shifted = other * _tens(shift)
        gap = np.abs(size - shifted)
        share, units = moved
        reach = np.maximum(share * size, units * unit)
        # A zero has no power of ten; that the value is zero is told elsewhere.
        near = gap <= reach
    copies = (other != 0) & near & read
    return np.asarray(copies.any(axis=2).reshape(values.shape))


def _tens(exponent: Array) -> Array:
    """Powers of ten; 1 where there is no exponent."""
    finite = np.nan_to_num(exponent, posinf=0, neginf=0)
    return power_of_ten(finite.astype(np.int64))
