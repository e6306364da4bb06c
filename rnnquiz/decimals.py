"""Numbers as people read them: the rounding rule, digits, ties. What they type is read by
`numerals`.

Everything that a person will read goes through this module; everything in between is binary
floating point.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnnquiz.languages.sentences import Message, plural, said

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Exponents = NDArray[np.int64] | np.int64 | int
# a float this close to a tie (in units of the last place) is a decimal tie blurred by binary
# arithmetic
TIE = 1e-9
LOG_BLUR = 1e-12  # log10(1000) is 2.9999999999999996 with some libraries
HIGHEST_POWER = 300  # of all floats but the last eight powers of ten
EXACT_DIGITS = 400  # more than any float between 1e-300 and 1e300 has before the point
NEARLY_TIE = 1e-6  # of a unit: so close to a tie that a calculator's own rounding may show one
_CLEAR = 1e-3  # of a unit: further than this from a tie nothing has to be decided exactly
_FINEST, _LARGEST = -12, 1e6  # a place and a size for which floats hold whole units exactly


@dataclass(frozen=True)
class Rounding:
    """The rounding rule that the sheet prints and the grader uses.

    `kind` and `digits`: decimals after the point, or significant figures. `when`: at every named
    step, or only when a value is written down ("end"). A unit is the value of one step in the last
    place asked.
    """

    kind: Literal["decimals", "significant"] = "decimals"
    digits: int = 3
    when: Literal["every step", "end"] = "every step"
    truncation: bool = False

    def exponent(self, values: Array, extra: int = 0) -> NDArray[np.int64]:
        """Exponent of the last place asked at each value, `extra` places further down. Shape as
        `values`."""
        if self.kind == "decimals":
            place = -self.digits - extra
            return np.full(np.shape(values), place, dtype=np.int64)
        with np.errstate(divide="ignore"):
            power = np.log10(np.abs(values))
        magnitude = np.floor(power + LOG_BLUR)
        # Zero has no first digit: it is written as a number between 1 and 10 is.
        first = np.where(np.isfinite(magnitude), magnitude, 0)
        return first.astype(np.int64) - self.digits + 1 - extra

    def unit(self, values: Array, extra: int = 0) -> Array:
        """One unit in the last place asked, at each value (float, same shape)."""
        if self.kind == "decimals":
            one = POWERS_OF_TEN[HIGHEST_POWER - self.digits - extra]
            return np.full(np.shape(values), one)
        return power_of_ten(self.exponent(values, extra))

    def round(self, values: Array, extra: int = 0) -> Array:
        """Round half away from zero, as taught in school; decimal ties blurred by binary floats
        count as ties."""
        exponent = self._place(values, extra)
        scaled = np.abs(scale(values, -exponent))
        units = np.floor(scaled + 0.5 + TIE)
        signed = np.copysign(scale(units, exponent), values)
        # Adding 0 takes the minus from a zero.
        return signed + 0.0

    def format(self, value: float, extra: int = 0) -> str:
        """The value as it is printed: rounded by the rule, fixed-point, never "-0.000"."""
        place = self._place(np.asarray(value), extra)
        return fixed(value, int(place))

    def _place(self, values: Array, extra: int) -> Exponents:
        """The exponent of the last place, one for all values where they share it."""
        if self.kind == "decimals":
            return -self.digits - extra
        return self.exponent(values, extra)

    def words(self) -> Message:
        """The rule as a sentence for the sheet."""
        if self.when == "every step":
            return said(
                "Round the value of every named quantity to {amount} (a final 5 upwards) and go on"
                " with the rounded value. Inside one formula keep all the digits that your"
                " calculator shows.",
                amount=self.amount(),
            )
        return said(
            "Keep all the digits that your calculator shows, and round only what you write down,"
            " to {amount} (a final 5 upwards).",
            amount=self.amount(),
        )

    def amount(self) -> Message:
        """How many digits are asked, in words."""
        if self.kind == "decimals":
            return plural("{n} decimal place", "{n} decimal places", self.digits)
        return plural("{n} significant figure", "{n} significant figures", self.digits)


class OtherHalf(Rounding):
    """The rule of somebody who rounds each tie, and what a calculator may show as one, the other
    way."""

    def round(self, values: Array, extra: int = 0) -> Array:
        """As the rule of `Rounding`, but every tie goes to the neighbour that this rule does not
        take."""
        exponent = self.exponent(values, extra)
        scaled = np.abs(scale(values, -exponent))
        below = np.floor(scaled)
        up = np.floor(scaled + 0.5 + TIE)
        from_tie = np.abs(scaled - below - 0.5)
        other = 2 * below + 1 - up  # the neighbour on the other side
        units = np.where(from_tie < NEARLY_TIE, other, up)
        signed = np.copysign(scale(units, exponent), values)
        return signed + 0.0


TENS = 10.0 ** np.arange(HIGHEST_POWER + 1)
POWERS_OF_TEN = np.concatenate([1.0 / TENS[:0:-1], TENS])  # from 10**-300 on


def power_of_ten(exponent: Exponents) -> Array:
    """10.0**exponent, correctly rounded also for negative exponents."""
    # No value of a bank lies beyond; a place past the table would be an error.
    above = np.maximum(exponent, -HIGHEST_POWER)
    place = np.minimum(above, HIGHEST_POWER)
    return np.asarray(POWERS_OF_TEN[place + HIGHEST_POWER])


def scale(values: Array, exponent: Exponents) -> Array:
    """values * 10**exponent with one rounding: powers up to 10**22 are exact in binary."""
    # Most rules ask for the same place everywhere.
    if isinstance(exponent, int):
        if exponent >= 0:
            return np.asarray(values * TENS[exponent])
        power = TENS[-exponent]
        return np.asarray(values / power)
    up = _tens(exponent)
    down = _tens(-exponent)
    return np.asarray(values * up / down)


def _tens(exponent: NDArray[np.int64] | np.int64) -> Array:
    """10.0**exponent where that is 1 or more, else 1."""
    above = np.maximum(exponent, 0)
    return np.asarray(TENS[np.minimum(above, HIGHEST_POWER)])


def tie_distance(values: Array, rounding: Rounding) -> Array:
    """Distance of each value to the nearest rounding tie, in units of the last place (0 on a tie,
    0.5 at most)."""
    exponent = rounding.exponent(values)
    scaled = np.abs(scale(values, -exponent))
    rest = scaled - np.floor(scaled)
    return np.abs(rest - 0.5)


def fixed(value: float, last_place: int) -> str:
    """Fixed-point text of `value` with its last digit at 10**last_place, half-up, without negative
    zero."""
    if not math.isfinite(value):
        return "no number"
    if _FINEST <= last_place <= 0 and abs(value) < _LARGEST:
        power = 10.0**-last_place
        units = abs(value) * power
        # far from a tie, where the float's own formatting rounds the same way
        if abs(units % 1 - 0.5) > _CLEAR:
            return _without_negative_zero(f"{value:.{-last_place}f}")
    return _without_negative_zero(f"{_half_up(value, last_place):f}")


def _half_up(value: float, last_place: int) -> Decimal:
    exact = Decimal(value)
    with localcontext() as context:
        context.prec = EXACT_DIGITS
        blur = Decimal(TIE).scaleb(last_place)
        nudged = (abs(exact) + blur).copy_sign(exact)
        one = Decimal(1).scaleb(last_place)
        rounded = nudged.quantize(one, rounding=ROUND_HALF_UP)
        # To tens and more: quantized once more, so that it is written without an exponent.
        if last_place > 0:
            rounded = rounded.quantize(Decimal(1))
    return rounded


def _without_negative_zero(text: str) -> str:
    if text.strip("-0."):
        return text
    return text.removeprefix("-")


def plain(value: Fraction) -> str:
    """Exact text of a decimal number such as 0.5, or n/d where it has no finite decimal
    expansion."""
    rest = value.denominator
    # A decimal expansion ends where the denominator divides a power of ten.
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    with localcontext() as context:
        context.prec = EXACT_DIGITS
        quotient = Decimal(value.numerator) / Decimal(value.denominator)
    text = f"{quotient:f}"
    if "." not in text:
        return text
    return text.rstrip("0").rstrip(".")
