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
            return np.full(np.shape(values), -self.digits - extra, dtype=np.int64)
        with np.errstate(divide="ignore"):
            magnitude = np.floor(np.log10(np.abs(values)) + LOG_BLUR)
        first = np.where(np.isfinite(magnitude), magnitude, 0).astype(np.int64)
        return first - self.digits + 1 - extra

    def unit(self, values: Array, extra: int = 0) -> Array:
        """One unit in the last place asked, at each value (float, same shape)."""
        if self.kind == "decimals":
            return np.full(np.shape(values), POWERS_OF_TEN[HIGHEST_POWER - self.digits - extra])
        return power_of_ten(self.exponent(values, extra))

    def round(self, values: Array, extra: int = 0) -> Array:
        """Round half away from zero, as taught in school; decimal ties blurred by binary floats
        count as ties."""
        exponent = self._place(values, extra)
        scaled = np.floor(np.abs(scale(values, -exponent)) + 0.5 + TIE)
        return np.copysign(scale(scaled, exponent), values) + 0.0

    def format(self, value: float, extra: int = 0) -> str:
        """The value as it is printed: rounded by the rule, fixed-point, never "-0.000"."""
        return fixed(value, int(self._place(np.asarray(value), extra)))

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
        below, up = np.floor(scaled), np.floor(scaled + 0.5 + TIE)
        tie = np.abs(scaled - below - 0.5) < NEARLY_TIE
        other = 2 * below + 1 - up  # the neighbour on the other side
        return np.copysign(scale(np.where(tie, other, up), exponent), values) + 0.0


TENS = 10.0 ** np.arange(301)
HIGHEST_POWER = len(TENS) - 1
POWERS_OF_TEN = np.concatenate([1.0 / TENS[:0:-1], TENS])  # from 10**-300 on


def power_of_ten(exponent: Exponents) -> Array:
    """10.0**exponent, correctly rounded also for negative exponents."""
    place = np.minimum(np.maximum(exponent, -HIGHEST_POWER), HIGHEST_POWER)
    return np.asarray(POWERS_OF_TEN[place + HIGHEST_POWER])


def scale(values: Array, exponent: Exponents) -> Array:
    """values * 10**exponent with one rounding: powers up to 10**22 are exact in binary."""
    if isinstance(exponent, int):  # most rules ask for the same place everywhere
        if exponent >= 0:
            return np.asarray(values * TENS[exponent])
        return np.asarray(values / TENS[-exponent])
    up = TENS[np.minimum(np.maximum(exponent, 0), HIGHEST_POWER)]
    down = TENS[np.minimum(np.maximum(-exponent, 0), HIGHEST_POWER)]
    return np.asarray(values * up / down)


def tie_distance(values: Array, rounding: Rounding) -> Array:
    """Distance of each value to the nearest rounding tie, in units of the last place (0 on a tie,
    0.5 at most)."""
    scaled = np.abs(scale(values, -rounding.exponent(values)))
    return np.abs(scaled - np.floor(scaled) - 0.5)


def fixed(value: float, last_place: int) -> str:
    """Fixed-point text of `value` with its last digit at 10**last_place, half-up, without negative
    zero."""
    if not math.isfinite(value):
        return "no number"
    if -12 <= last_place <= 0 and abs(value) < 1e6:
        units = abs(value) * 10.0**-last_place
        # far from a tie, where the float's own formatting rounds the same way
        if abs(units % 1 - 0.5) > _CLEAR:
            text = f"{value:.{-last_place}f}"
            return text if text.strip("-0.") else text.removeprefix("-")
    with localcontext() as context:
        context.prec = EXACT_DIGITS
        nudged = abs(Decimal(value)) + Decimal(TIE).scaleb(last_place)
        rounded = nudged.copy_sign(Decimal(value)).quantize(
            Decimal(1).scaleb(last_place), rounding=ROUND_HALF_UP
        )
        if last_place > 0:
            rounded = rounded.quantize(Decimal(1))
    text = f"{rounded:f}"
    return text[1:] if rounded == 0 and text.startswith("-") else text


def plain(value: Fraction) -> str:
    """Exact text of a decimal number such as 0.5, or n/d where it has no finite decimal
    expansion."""
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    with localcontext() as context:
        context.prec = EXACT_DIGITS
        text = f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
