"""Whether written numbers fit a value that is known up to an error, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.affine import Affine, sizes_of
from rnnquiz.decimals import TIE, Array, Bools, Rounding, power_of_ten
from rnnquiz.derivation.tolerance import Interval, around
from rnnquiz.grade.answers import written_unit
from rnnquiz.grade.states import Writing

Codes = NDArray[np.int8]

FEWEST_DIGITS = 10.0
"""A value with more than one digit too few is no rounding of anything: 0.8 is 0.80 written short,
but not a rounding of 0.8412 in any course."""
TELLING_DIGITS = 10.0
"""In units of the last place: below it one unit is a tenth of the value and more, no slip of a
digit."""
SAME = 1 + 1e-7  # two powers of ten that are equal but for binary rounding


@dataclass(frozen=True)
class Numbers:
    """Numbers as written for one quantity, (N, *shape): values (NaN where none can be read) and the
    exponent of the last digit written. `exact_digits`: surplus digits have to be right, too."""

    values: Array
    last_place: NDArray[np.int64]
    rounding: Rounding
    exact_digits: bool = False

    def unit_asked(self, form: Affine) -> Array:
        """One unit in the last place asked, at the largest value that the form can have."""
        return self.rounding.unit(np.abs(form.centre) + form.radius)

    def unit_written(self, form: Affine) -> Array:
        """One unit in the last place written."""
        return written_unit(self.last_place, self.rounding, form.centre)

    def judged(self, form: Affine) -> tuple[Codes, Interval]:
        """How each number is written as a value of the form, NOT_FITTING where it is none; and from
        where to where a number is accepted: a value of the form, give or take its rounding."""
        asked, place = self.unit_asked(form), self.unit_written(form)
        _, accepted = self._accepted(form)
        fits = accepted.holds(self.values)
        longer = place < asked / SAME
        if longer.any() and not self.exact_digits:
            fits |= longer & accepted.holds(self.rounding.round(self.values))
        codes = np.where(longer, Writing.SURPLUS, Writing.AS_ASKED).astype(np.int8)
        if not fits.all():
            codes[~fits] = Writing.NOT_FITTING
            off = ~fits & ~np.isnan(self.values)
            codes[off] = self.taken(off)._badly(sizes_of(form, off))
        return codes, accepted

    def taken(self, rows: NDArray[np.int64] | Bools) -> Numbers:
        """Those of some sheets, or of some boxes, (M,)."""
        return replace(self, values=self.values[rows], last_place=self.last_place[rows])

    def _badly(self, form: Affine) -> Codes:
        """How numbers are written that are not within what is accepted of a form."""
        asked, place = self.unit_asked(form), self.unit_written(form)
        shorter, plain = place > asked * SAME, self._plain(form, asked)
        coarse = np.minimum(place, FEWEST_DIGITS * asked)
        tests = [
            (truncated_from(form, self.values, place) & ~shorter & ~plain, Writing.CUT),
            (shorter & rounded_from(form, self.values, coarse), Writing.SHORT),
            (shorter & truncated_from(form, self.values, coarse) & ~plain, Writing.SHORT_CUT),
            (self._one_off(form) & ~shorter & ~plain, Writing.OFF_BY_ONE),
        ]
        codes = np.full(np.shape(self.values), Writing.NOT_FITTING, dtype=np.int8)
        for fitting, code in reversed(tests):  # the first that fits stands
            codes[fitting] = code
        return codes

    def _accepted(self, form: Affine) -> tuple[Array, Interval]:
        """The unit to which a number is judged, and from where to where it is accepted."""
        asked = self.unit_asked(form)
        unit = np.minimum(asked, self.unit_written(form)) if self.exact_digits else asked
        return unit, around(form, unit * (1.0 if self.rounding.truncation else 0.5))

    def _one_off(self, form: Affine) -> Bools:
        """The number is one unit of the last place beyond what is accepted, or less."""
        unit, accepted = self._accepted(form)
        near = Interval(accepted.low - unit * SAME, accepted.high + unit * SAME)
        telling = np.abs(form.centre) >= TELLING_DIGITS * unit
        same_sign = np.sign(self.values) == np.sign(form.centre)
        return np.asarray(near.holds(self.values) & telling & same_sign)

    @staticmethod
    def _plain(form: Affine, unit: Array) -> Bools:
        """The value is a number without error in fewer digits, such as 1: there is nothing to round
        or to cut off."""
        tens = form.centre / (10 * unit)
        return np.asarray((form.radius < unit * TIE) & (np.abs(tens - np.rint(tens)) < TIE))


def truncated_from(form: Affine, written: Array, place: Array) -> Bools:
    """True where some value of the form, cut off after the digits written, is what was written."""
    reach = form.radius + 1e-9 * place
    size, target = np.abs(form.centre), np.abs(written)
    same_sign = (np.sign(written) == np.sign(form.centre)) & (written != 0)
    with np.errstate(invalid="ignore"):
        within = (target <= size + reach) & (target + place > size - reach)
        return np.asarray(same_sign & within & np.isfinite(reach))


def rounded_from(form: Affine, written: Array, place: Array) -> Bools:
    """True where some value of the form, rounded to the digits written, is what was written."""
    with np.errstate(invalid="ignore"):
        near = np.abs(written - form.centre) <= form.radius + 0.5 * place * (1 + 1e-9)
    return np.asarray(near & (written != 0) & np.isfinite(form.radius))


def bare(values: Array) -> Bools:
    """Zero, or a power of ten."""
    size = np.abs(values)
    with np.errstate(all="ignore"):
        exponent = np.rint(np.log10(size))
        power = power_of_ten(np.nan_to_num(exponent, posinf=0, neginf=0).astype(np.int64))
        return np.asarray((size == 0) | (np.abs(size - power) <= 1e-9 * size))
