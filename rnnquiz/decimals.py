"""Numbers as people write them: typed text to exact value, the rounding rule, digits, ties.

Everything that a person typed or will read goes through this module; everything in between is binary floating point.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LONGEST_NUMBER = 40
LARGEST_EXPONENT = 30
TIE = 1e-9  # a float this close to a tie (in units of the last place) is a decimal tie blurred by binary arithmetic
CLEAR = 1e-3  # of a unit: further than this from a tie nothing has to be decided exactly

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d\u00ad"), "-")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_SPACE_IN_NUMBER = re.compile(r"(?<=[\d.,+-])\s+(?=[\d.,])", re.ASCII)
_TIMES_TEN = re.compile(
    r"\s*(?:\*|x|X|×|·|⋅|\\cdot|\\times)\s*10\s*(?:\^|\*\*|(?=[+-]))\s*(?:\{\s*)?([+-]?\d+)(?:\s*\})?\s*$", re.ASCII
)
_TIMES_TEN_RAISED = re.compile(r"\s*(?:\*|x|X|×|·|⋅)\s*10([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)\s*$")
_PLAIN = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?", re.ASCII)
_QUOTIENT = re.compile(r"([+-]?\d{1,15})\s*/\s*(\d{1,15})", re.ASCII)
_BLANK = frozenset({"", "-", "—", "–", "?", "n/a", "na", "none", "null", "~"})


@dataclass(frozen=True)
class Typed:
    """A number as typed: its exact value and the exponent of the last digit written (0.604 -> -3).

    `last_place` is None for a quotient such as 1/3, which is exact. `significant` counts the digits written.
    """

    value: Fraction
    last_place: int | None
    significant: int = 0


@dataclass(frozen=True)
class Unreadable:
    """A text that is no number; `reason` is a sentence for the student."""

    reason: str


def read_number(text: str) -> Typed | Unreadable | None:
    """Read one typed number; None where nothing was written. Nothing ambiguous is guessed.

    >>> read_number("4.8×10⁻³")
    Typed(value=Fraction(3, 625), last_place=-4, significant=2)
    """
    if len(text) > LONGEST_NUMBER:
        return Unreadable(f"a number has at most {LONGEST_NUMBER} characters; this has {len(text)}")
    raised = _TIMES_TEN_RAISED.search(text)
    if raised:
        text = text[: raised.start()] + "e" + raised[1].translate(_SUPERSCRIPTS)
    cleaned = unicodedata.normalize("NFKC", text).translate(_DASHES).strip()
    if cleaned.lower() in _BLANK:
        return None
    if not cleaned.isascii() and not _TIMES_TEN.search(cleaned):
        return Unreadable(f"{text.strip()!r} has characters that are not part of a number; write it like -0.0048 or -4.8e-3")
    return _read_cleaned(cleaned, text.strip())


def _read_cleaned(cleaned: str, shown: str) -> Typed | Unreadable:
    cleaned = _TIMES_TEN.sub(r"e\1", cleaned)
    cleaned = _SPACE_IN_NUMBER.sub("", cleaned).replace("$", "")
    quotient = _QUOTIENT.fullmatch(cleaned)
    if quotient:
        return _quotient(int(quotient[1]), int(quotient[2]))
    if cleaned.endswith("%"):
        return Unreadable(f"{shown!r} is a percentage; write 0.05 for 5 %")
    if "," in cleaned:
        point = _decimal_point(cleaned)
        if point is None:
            return Unreadable(f"{shown!r} can be read in two ways; write the decimal point as a point and no thousands separators")
        cleaned = point
    match = _PLAIN.fullmatch(cleaned)
    if match is None or not (match[2] or match[3]):
        return Unreadable(f"{shown!r} is not a number; write it like 0.604, -0.0048 or -4.8e-3")
    return _plain(*match.groups(default=""))


def _quotient(numerator: int, denominator: int) -> Typed | Unreadable:
    if denominator == 0:
        return Unreadable("a division by zero is not a number")
    return Typed(Fraction(numerator, denominator), None)


def _decimal_point(text: str) -> str | None:
    """The text with its decimal comma as a point; None where a comma may as well separate thousands."""
    mantissa, _, exponent = text.partition("e")
    tail = f"e{exponent}" if exponent else ""
    if "." in mantissa:
        if mantissa.count(".") == 1 and re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+\.\d*", mantissa):
            return mantissa.replace(",", "") + tail
        if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d*", mantissa) and mantissa.count(".") > 1:
            return mantissa.replace(".", "").replace(",", ".") + tail
        return None
    if mantissa.count(",") > 1:
        return None
    if re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", mantissa):
        return None  # 1,234 is 1.234 in Paris and 1234 in London; 0,234 is no thousand anywhere
    return mantissa.replace(",", ".") + tail


def _plain(sign: str, whole: str, part: str, exponent: str) -> Typed | Unreadable:
    shift = int(exponent or 0)
    if abs(shift) > LARGEST_EXPONENT:
        return Unreadable(f"the exponent {shift} is out of range")
    digits = whole + part
    value = Fraction(int(digits) * (-1 if sign == "-" else 1)) * Fraction(10) ** (shift - len(part))
    return Typed(value, shift - len(part), len(digits.lstrip("0")) or 1)


@dataclass(frozen=True)
class Rounding:
    """The rounding rule that the sheet prints and the grader uses.

    `kind` and `digits`: decimals after the point, or significant figures. `when`: at every named step, or only when a
    value is written down ("end"). A unit is the value of one step in the last place asked.
    """

    kind: Literal["decimals", "significant"] = "decimals"
    digits: int = 3
    when: Literal["every step", "end"] = "every step"
    truncation: bool = False

    def exponent(self, values: Array, extra: int = 0) -> NDArray[np.int64]:
        """Exponent of the last place asked at each value, `extra` places further down. Shape as `values`."""
        if self.kind == "decimals":
            return np.full(np.shape(values), -self.digits - extra, dtype=np.int64)
        with np.errstate(divide="ignore"):
            magnitude = np.floor(np.log10(np.abs(values)) + 1e-12)
        return np.where(np.isfinite(magnitude), magnitude, 0).astype(np.int64) - self.digits + 1 - extra

    def unit(self, values: Array, extra: int = 0) -> Array:
        """One unit in the last place asked, at each value (float, same shape)."""
        return power_of_ten(self.exponent(values, extra))

    def round(self, values: Array, extra: int = 0) -> Array:
        """Round half away from zero, as taught in school; decimal ties blurred by binary floats count as ties."""
        exponent = self.exponent(values, extra)
        scaled = np.floor(np.abs(scale(values, -exponent)) + 0.5 + TIE)
        return np.copysign(scale(scaled, exponent), values) + 0.0

    def format(self, value: float, extra: int = 0) -> str:
        """The value as it is printed: rounded by the rule, fixed-point, never "-0.000"."""
        return fixed(value, -self.digits - extra if self.kind == "decimals" else int(self.exponent(np.asarray(value), extra)))

    def words(self) -> str:
        """The rule as a sentence for the sheet."""
        places = "decimal place" if self.kind == "decimals" else "significant figure"
        amount = f"{self.digits} {places}{'' if self.digits == 1 else 's'}"
        if self.when == "every step":
            return (
                f"Round the value of every named quantity to {amount} (a final 5 upwards) and go on with the rounded value. "
                "Inside one formula keep all the digits that your calculator shows."
            )
        return (
            f"Keep all the digits that your calculator shows, and round only what you write down, to {amount} "
            "(a final 5 upwards)."
        )


def power_of_ten(exponent: NDArray[np.int64]) -> Array:
    """10.0**exponent, correctly rounded also for negative exponents."""
    return scale(np.ones(np.shape(exponent)), exponent)


def scale(values: Array, exponent: NDArray[np.int64]) -> Array:
    """values * 10**exponent with one rounding: powers up to 10**22 are exact in binary."""
    up = np.power(10.0, np.clip(exponent, 0, 300))
    down = np.power(10.0, np.clip(-exponent, 0, 300))
    scaled: Array = values * up / down
    return scaled


def tie_distance(values: Array, rounding: Rounding) -> Array:
    """Distance of each value to the nearest rounding tie, in units of the last place (0 on a tie, 0.5 at most)."""
    scaled = np.abs(scale(values, -rounding.exponent(values)))
    return np.abs(scaled - np.floor(scaled) - 0.5)


def fixed(value: float, last_place: int) -> str:
    """Fixed-point text of `value` with its last digit at 10**last_place, half-up, without negative zero."""
    if not math.isfinite(value):
        return "no number"
    if -12 <= last_place <= 0 and abs(value) < 1e6:
        units = abs(value) * 10.0**-last_place
        if abs(units % 1 - 0.5) > CLEAR:  # far from a tie, where the float's own formatting rounds the same way
            text = f"{value:.{-last_place}f}"
            return text if text.strip("-0.") else text.removeprefix("-")
    with localcontext() as context:
        context.prec = 400
        nudged = abs(Decimal(value)) + Decimal(TIE).scaleb(last_place)
        rounded = nudged.copy_sign(Decimal(value)).quantize(Decimal(1).scaleb(last_place), rounding=ROUND_HALF_UP)
        if last_place > 0:
            rounded = rounded.quantize(Decimal(1))
    text = f"{rounded:f}"
    return text[1:] if rounded == 0 and text.startswith("-") else text


def plain(value: Fraction) -> str:
    """Exact text of a decimal number such as 0.5, or n/d where it has no finite decimal expansion."""
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    with localcontext() as context:
        context.prec = 400
        text = f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
