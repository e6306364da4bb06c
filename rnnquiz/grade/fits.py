"""Whether written numbers fit a value that is known up to an error, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.affine import Affine, sizes_of
from rnnquiz.decimals import TIE, Array, Bools, Rounding, power_of_ten
from rnnquiz.derivation.tolerance import Interval, around, largest
from rnnquiz.grade.answers import written_unit
from rnnquiz.grade.states import Writing

Codes = NDArray[np.int8]

# With 100 a sheet with 0.5 in six of ten boxes earns 11 % of forward_pass, not 3 %.
FEWEST_DIGITS = 10.0
"""A value with more than one digit too few is no rounding of anything: 0.8 is 0.80 written short,
but not a rounding of 0.8412 in any course."""
TELLING_DIGITS = 10.0
"""In units of the last place: below it one unit is a tenth of the value and more, no slip of a
digit."""
BLURRED = 1 + 1e-9  # times half a unit: a tie may be blurred by binary rounding
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
        # At its largest: of 9.996 give or take 0.01 some honest rounding is 10.0.
        return self.rounding.unit(largest(form))

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
            # Surplus digits claim nothing: the number counts as what it would be without them.
            as_asked = self.rounding.round(self.values)
            fits |= longer & accepted.holds(as_asked)
        kinds = np.where(longer, Writing.SURPLUS, Writing.AS_ASKED)
        codes = kinds.astype(np.int8)
        # Most numbers of most classes fit, and the other tests cost more than this one.
        if not fits.all():
            codes[~fits] = Writing.NOT_FITTING
            is_written = ~np.isnan(self.values)
            off = ~fits & is_written
            badly = self.taken(off)._badly(sizes_of(form, off))
            codes[off] = badly
        return codes, accepted

    def taken(self, rows: NDArray[np.int64] | Bools) -> Numbers:
        """Those of some sheets, or of some boxes, (M,)."""
        return replace(self, values=self.values[rows], last_place=self.last_place[rows])

    def _badly(self, form: Affine) -> Codes:
        """How numbers are written that are not within what is accepted of a form."""
        asked, place = self.unit_asked(form), self.unit_written(form)
        shorter = place > asked * SAME
        plain = self._plain(form, asked)
        coarse = np.minimum(place, FEWEST_DIGITS * asked)
        cut = truncated_from(form, self.values, place)
        cut_short = truncated_from(form, self.values, coarse)
        short = rounded_from(form, self.values, coarse)
        full = ~(shorter | plain)
        coarse_cut = shorter & ~plain
        size = np.shape(self.values)
        codes = np.full(size, Writing.NOT_FITTING, dtype=np.int8)
        # Of several that fit the last one stands: a number cut off may be off by one unit, too.
        codes[full & self._one_off(form)] = Writing.OFF_BY_ONE
        codes[coarse_cut & cut_short] = Writing.SHORT_CUT
        codes[shorter & short] = Writing.SHORT
        codes[full & cut] = Writing.CUT
        return codes

    def _accepted(self, form: Affine) -> tuple[Array, Interval]:
        """The unit to which a number is judged, and from where to where it is accepted."""
        unit = self.unit_asked(form)
        if self.exact_digits:
            unit = np.minimum(unit, self.unit_written(form))
        # What is cut off is up to a whole unit.
        own = unit if self.rounding.truncation else 0.5 * unit
        return unit, around(form, own)

    def _one_off(self, form: Affine) -> Bools:
        """The number is one unit of the last place beyond what is accepted, or less."""
        unit, accepted = self._accepted(form)
        more = unit * SAME
        low, high = accepted.low - more, accepted.high + more
        near = Interval(low, high)
        size = np.abs(form.centre)
        telling = size >= TELLING_DIGITS * unit
        is_near = near.holds(self.values) & telling
        return np.asarray(is_near & same_sign(self.values, form.centre))

    @staticmethod
    def _plain(form: Affine, unit: Array) -> Bools:
        """The value is a number without error in fewer digits, such as 1: there is nothing to round
        or to cut off."""
        tens = form.centre / (10 * unit)
        without_error = form.radius < unit * TIE
        whole = off_whole(tens) < TIE
        return np.asarray(without_error & whole)


def truncated_from(form: Affine, written: Array, place: Array) -> Bools:
    """True where some value of the form, cut off after the digits written, is what was written."""
    # A whole number of units may be a hair less in binary, and would be cut off to one unit fewer.
    reach = form.radius + TIE * place
    with np.errstate(invalid="ignore"):
        within = cut_near(written, place, form.centre, reach)
    # Every value below one unit is zero when cut off: zero shows nothing.
    bounded = np.isfinite(reach) & (written != 0)
    return np.asarray(within & bounded)


def cut_near(written: Array, place: Array, centre: Array, reach: Array) -> Bools:
    """True where some value within `reach` of the centre is what was written, with its digits after
    it cut off."""
    size, target = np.abs(centre), np.abs(written)
    # Cutting off never makes a number larger, and takes less than one unit from it.
    low_enough = target <= size + reach
    high_enough = target + place > size - reach
    near = low_enough & high_enough
    return np.asarray(near & same_sign(written, centre))


def off_whole(values: Array) -> Array:
    """How far numbers are from the nearest whole one."""
    return np.asarray(np.abs(values - np.rint(values)))


def same_sign(left: Array, right: Array) -> Bools:
    """Both numbers are positive, both negative, or both zero."""
    return np.asarray(np.sign(left) == np.sign(right))


def rounded_from(form: Affine, written: Array, place: Array) -> Bools:
    """True where some value of the form, rounded to the digits written, is what was written."""
    half = 0.5 * place * BLURRED
    with np.errstate(invalid="ignore"):
        off = np.abs(written - form.centre)
        near = off <= form.radius + half
    bounded = np.isfinite(form.radius) & (written != 0)
    return np.asarray(near & bounded)


def bare(values: Array) -> Bools:
    """Zero, or a power of ten."""
    size = np.abs(values)
    # The logarithm of zero is no number, and an empty box none at all.
    with np.errstate(all="ignore"):
        exponent = np.rint(np.log10(size))
        finite = np.nan_to_num(exponent, posinf=0, neginf=0)
        power = power_of_ten(finite.astype(np.int64))
        off = np.abs(size - power)
        is_power = off <= TIE * size
        return np.asarray((size == 0) | is_power)
