"""Slips of the pen: a right calculation written down wrong. Each is a row: a name, a sentence, a
test over arrays.

A test gets open boxes of one quantity as a `Suspect` and says for which of them the slip explains
the number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import Apply, Expression, Ref
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.bank.verdict import Verdict
from rnnquiz.decimals import Bools
from rnnquiz.grade.early import rounded_early
from rnnquiz.grade.fits import off_whole, same_sign
from rnnquiz.grade.likelihood import Likely, Rank
from rnnquiz.grade.suspect import Suspect
from rnnquiz.languages.sentences import said

MOST_DIGITS = 8  # more than anybody writes by hand
_TOO_LARGE = 10.0**MOST_DIGITS
_TENS = 10 ** np.arange(MOST_DIGITS)[:, None]  # (places, 1), to lay beside (M,)
# With half and twice of it the same mistakes are named (benchmarks/names.py, all banks).
SHORTEST = 100  # in units of the last place: a number in which one wrong digit is told from a guess
# Of its value: how well a function is read from a table or a curve. Values of tanh from tables and
# out of the head were seen 0.0003 to 0.004 off.
MISREAD_SHARE = 0.005
_WHOLE = 1e-9  # a float so close to a digit is this digit


@dataclass(frozen=True)
class Slip:
    """A mistake of the hand: what is said of it, and which numbers it explains."""

    id: str
    name: str
    says: str
    verdict: Verdict
    rank: Rank
    fits: Callable[[Suspect], Bools]


def _decimal_point(s: Suspect) -> Bools:
    places = np.array([[1], [-1], [2], [-2]])
    powers = 10.0**places
    near = s.near(s.written * powers, s.place * powers)
    return np.asarray(near.any(axis=0))


def _sign(s: Suspect) -> Bools:
    return s.near(-s.written, s.place)


def _digits(s: Suspect) -> NDArray[np.int64]:
    """The written number as an integer in units of its last place; 0 where it has too many digits
    to be swapped."""
    size = np.abs(s.written)
    with np.errstate(invalid="ignore"):
        scaled = np.rint(size / s.place)
    usable = np.isfinite(scaled) & (scaled < _TOO_LARGE)
    digits = np.where(usable, scaled, 0)
    return digits.astype(np.int64)


def _swapped(s: Suspect) -> Bools:
    number = _digits(s)
    # All pairs of neighbours at once, (pairs, M).
    tens = _TENS[:-1]
    low, high = _digit(number, tens), _digit(number, 10 * tens)
    # 10 low + high in place of 10 high + low.
    more = (low - high) * 9 * tens
    size = (number + more) * s.place
    exchanged = np.copysign(size, s.written)
    # Two equal digits exchanged are the number itself.
    differ = low != high
    found = differ & s.near(exchanged, s.place)
    return np.asarray(found.any(axis=0))


def _digit(number: NDArray[np.int64], tens: NDArray[np.int64]) -> NDArray[np.int64]:
    return number // tens % 10


def _one_digit(s: Suspect) -> Bools:
    number = _digits(s)
    size = np.abs(s.centre)
    right = np.rint(size / s.place)
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = np.abs(number - right)
        differs = gap > 0
        # A gap of one digit and zeros after it is what one wrong digit makes.
        logarithm = np.log10(np.where(differs, gap, 1.0))
        power = np.power(10.0, np.floor(logarithm))
        digit = gap / power
        single = differs & (off_whole(digit) < _WHOLE)
    long = np.maximum(number, right) >= SHORTEST
    # Of a vague result several numbers are right, and one of them is a digit away from any.
    sharp = s.radius <= 2 * s.place
    telling = long & sharp & same_sign(s.written, s.centre)
    return np.asarray(single & telling)


def _borrow(s: Suspect) -> Bools:
    """Each column subtracted on its own, the smaller digit from the larger (Brown and Burton,
    1978)."""
    pair = _difference(s.formula)
    none = np.zeros(s.written.shape, dtype=bool)
    if pair is None or not set(pair) <= set(s.operands):
        return none
    left, right = (s.operands[name] for name in pair)
    unit = np.minimum(s.place, s.rounding.unit(s.centre))
    sizes = np.abs([left, right])
    scaled = np.rint(sizes / unit)
    short = (scaled < _TOO_LARGE).all(axis=0)
    # Of numbers with different signs a difference is a sum.
    one_sign = left * right > 0
    usable = one_sign & short
    whole = np.where(usable, scaled, 0)
    a, b = whole.astype(np.int64)
    of_a, of_b = _digit(a, _TENS), _digit(b, _TENS)
    apart = np.abs(of_a - of_b)
    columns = (apart * _TENS).sum(axis=0)
    # Where nothing has to be borrowed this way is right.
    borrowed = columns != np.abs(a - b)
    size = np.abs(s.written)
    off = np.abs(size - columns * unit)
    near = off < unit / 2
    return np.asarray(usable & borrowed & near)


def _difference(formula: Expression) -> tuple[str, str] | None:
    match formula:
        case Apply("add", (Ref(a), Apply("neg", (Ref(b),)))):
            return a, b
    return None


def _misread(s: Suspect) -> Bools:
    """The value of a function a little off, as read from a table or a curve."""
    if not (isinstance(s.formula, Apply) and s.formula.op in FUNCTIONS):
        return np.zeros(s.written.shape, dtype=bool)
    of_size = MISREAD_SHARE * np.abs(s.centre)
    reach = of_size + s.radius
    off = np.abs(s.written - s.centre)
    return np.asarray(off <= reach)


EARLY = Slip(
    "S1",
    said("rounded too early"),
    said("A part of the formula was rounded before you went on, to too few digits."),
    Verdict.ROUNDING,
    Rank.of(Likely.EARLY),
    rounded_early,
)
SLIPS: tuple[Slip, ...] = (
    EARLY,
    Slip(
        "S2",
        said("decimal point"),
        said("The digits are right, the decimal point is not."),
        Verdict.SLIP,
        Rank.of(Likely.PLAIN_SLIP, 1),
        _decimal_point,
    ),
    Slip(
        "S3",
        said("sign"),
        said("The number is right, its sign is not."),
        Verdict.SLIP,
        Rank.of(Likely.PLAIN_SLIP, 2),
        _sign,
    ),
    Slip(
        "S4",
        said("digits swapped"),
        said("Two neighbouring digits are exchanged."),
        Verdict.SLIP,
        Rank.of(Likely.LOOSE_SLIP, 2),
        _swapped,
    ),
    Slip(
        "S5",
        said("subtraction without borrowing"),
        said("In the subtraction the smaller digit was taken from the larger in each column."),
        Verdict.SLIP,
        Rank.of(Likely.PLAIN_SLIP, 0),
        _borrow,
    ),
    Slip(
        "S8",
        said("function value misread"),
        said("The value of the function is a little off; check it with your calculator."),
        Verdict.SLIP,
        Rank.of(Likely.ANY_DIGIT, 0),
        _misread,
    ),
    Slip(
        "S9",
        said("one digit wrong"),
        said("One digit differs from the right result of this step."),
        Verdict.SLIP,
        Rank.of(Likely.ANY_DIGIT, 1),
        _one_digit,
    ),
)
