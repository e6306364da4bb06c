"""Slips of the pen: a right calculation written down wrong. Each is a row: a name, a sentence, a
test over arrays.

A test gets open boxes of one quantity as a `Suspect` and says for which of them the slip explains
the number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import Apply, Expression, Number, Ref, walk
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.operations import OPERATIONS
from rnnquiz.decimals import Array, Bools, Rounding
from rnnquiz.grade.answers import EXACT
from rnnquiz.languages.sentences import said

MOST_DIGITS = 8
FEWER = (0, 1, 2)  # digits by which a part is rounded more than asked


@dataclass(frozen=True)
class Suspect:
    """M boxes of one quantity, of any students and entries; all arrays (M,).

    `centre` and `radius`: the formula over the student's own numbers. `operands`: own number of
    each quantity read by the formula (only for scalars, else empty).
    """

    formula: Expression
    written: Array
    last_place: NDArray[np.int64]
    centre: Array
    radius: Array
    rounding: Rounding
    operands: dict[str, Array]

    @cached_property
    def place(self) -> Array:
        return np.asarray(
            10.0
            ** np.where(
                self.last_place == EXACT, self.rounding.exponent(self.centre), self.last_place
            )
        )

    def near(self, values: Array, place: Array) -> Bools:
        """True where a value that is written with unit `place` may be the student's result, rounded
        or cut off."""
        with np.errstate(invalid="ignore"):
            rounded = np.abs(values - self.centre) <= self.radius + 0.5 * place * (1 + 1e-9)
            size, target = np.abs(self.centre), np.abs(values)
            cut = (
                (np.sign(values) == np.sign(self.centre))
                & (target <= size + self.radius)
                & (target + place > size - self.radius)
            )
            enough = np.abs(values) >= 2 * (self.radius + 0.5 * place)
        return np.asarray((rounded | cut) & enough)


@dataclass(frozen=True)
class Slip:
    id: str
    name: str
    says: str
    verdict: str
    fits: Callable[[Suspect], Bools]


def _decimal_point(s: Suspect) -> Bools:
    powers = 10.0 ** np.array([[1], [-1], [2], [-2]])
    return np.asarray(s.near(s.written * powers, s.place * powers).any(axis=0))


def _sign(s: Suspect) -> Bools:
    return s.near(-s.written, s.place)


def _digits(s: Suspect) -> NDArray[np.int64]:
    """The written number as an integer in units of its last place; 0 where it has too many digits
    to be swapped."""
    with np.errstate(invalid="ignore"):
        scaled = np.rint(np.abs(s.written) / s.place)
    return np.where(np.isfinite(scaled) & (scaled < 10.0**MOST_DIGITS), scaled, 0).astype(np.int64)


def _swapped(s: Suspect) -> Bools:
    number = _digits(s)
    tens = 10 ** np.arange(MOST_DIGITS - 1)[:, None]
    low, high = number // tens % 10, number // (10 * tens) % 10
    other = number + (low - high) * 9 * tens
    near = s.near(np.copysign(other * s.place, s.written), s.place)
    return np.asarray(((low != high) & near).any(axis=0))


def _one_digit(s: Suspect) -> Bools:
    number = _digits(s)
    right = np.rint(np.abs(s.centre) / s.place)
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = np.abs(number - right)
        power = np.power(10.0, np.floor(np.log10(np.where(gap > 0, gap, 1.0))))
        single = (gap > 0) & (np.abs(gap / power - np.rint(gap / power)) < 1e-9)
    enough = (np.maximum(number, right) >= 100) & (s.radius <= 2 * s.place)
    return np.asarray(single & enough & (np.sign(s.written) == np.sign(s.centre)))


def _borrow(s: Suspect) -> Bools:
    """Each column subtracted on its own, the smaller digit from the larger (Brown and Burton,
    1978)."""
    pair = _difference(s.formula)
    none = np.zeros(s.written.shape, dtype=bool)
    if pair is None or not set(pair) <= set(s.operands):
        return none
    left, right = (s.operands[name] for name in pair)
    unit = np.minimum(s.place, s.rounding.unit(s.centre))
    a, b = (np.rint(np.abs(v) / unit) for v in (left, right))
    usable = (left * right > 0) & (np.maximum(a, b) < 10.0**MOST_DIGITS)
    a, b = (np.where(usable, v, 0).astype(np.int64) for v in (a, b))
    columns = sum(np.abs(a // 10**k % 10 - b // 10**k % 10) * 10**k for k in range(MOST_DIGITS))
    return np.asarray(
        usable
        & (columns != np.abs(a - b))
        & (np.abs(np.abs(s.written) - columns * unit) < unit / 2)
    )


def _difference(formula: Expression) -> tuple[str, str] | None:
    match formula:
        case Apply("add", (Ref(a), Apply("neg", (Ref(b),)))):
            return a, b
    return None


def _early(s: Suspect) -> Bools:
    """A number, product or sum inside of the formula, or all of them, rounded or cut off to the
    digits asked or one or two fewer."""
    if len(s.operands) == 0:
        return np.zeros(s.written.shape, dtype=bool)
    parts = list(
        dict.fromkeys(
            node for node in walk(s.formula) if not isinstance(node, Number) and node != s.formula
        )
    )
    inner = frozenset(node for node in parts if not isinstance(node, Ref))
    coarse = [inner, frozenset(parts) - inner, *(frozenset({node}) for node in parts)]
    values = _coarse(s.formula, s, coarse)
    with np.errstate(invalid="ignore"):
        near = np.abs(values - s.written) <= 0.5 * s.place * (1 + 1e-9)
    found = near.any(axis=(0, 1, 2))
    return np.asarray(
        found & (np.abs(s.written) >= 10 * s.place) & (s.place <= 10 * s.rounding.unit(s.centre))
    )


def _coarse(tree: Expression, s: Suspect, coarse: Sequence[frozenset[Expression]]) -> Array:
    """What a formula gives where some parts of it are rounded or cut off: (sets of parts, digits
    fewer, rounded or cut off, M)."""
    shape = (len(coarse), len(FEWER), 2, len(s.written))
    if isinstance(tree, Number):
        return np.asarray(tree.value.numerator / tree.value.denominator)
    if isinstance(tree, Ref):
        value = np.broadcast_to(s.operands[tree.name], shape)
    else:
        assert isinstance(tree, Apply)
        # operations take the batch first: the four axes are one for them
        args = [_coarse(arg, s, coarse) for arg in tree.args]
        flat = [arg.reshape(-1) if arg.ndim else arg for arg in args]
        with np.errstate(all="ignore"):
            value = np.broadcast_to(OPERATIONS[tree.op].evaluate(*flat), math.prod(shape))
        value = value.reshape(shape)
    among = np.array([tree in parts for parts in coarse])
    if not among.any() or (isinstance(tree, Apply) and tree.op == "neg"):
        return value
    value = value.copy()
    for k, fewer in enumerate(FEWER):
        some = value[among, k]
        unit = s.rounding.unit(some[:, 1], -fewer)
        value[among, k, 0] = s.rounding.round(some[:, 0], -fewer)
        value[among, k, 1] = np.trunc(some[:, 1] / unit + np.copysign(1e-9, some[:, 1])) * unit
    return value


def _misread(s: Suspect) -> Bools:
    """The value of a function a little off, as read from a table or a curve."""
    if not (isinstance(s.formula, Apply) and s.formula.op in FUNCTIONS):
        return np.zeros(s.written.shape, dtype=bool)
    return np.asarray(np.abs(s.written - s.centre) <= 0.005 * np.abs(s.centre) + s.radius)


EARLY = Slip(
    "S1",
    said("rounded too early"),
    said("A part of the formula was rounded before you went on, to too few digits."),
    "rounding",
    _early,
)
SLIPS: tuple[Slip, ...] = (
    EARLY,
    Slip(
        "S2",
        said("decimal point"),
        said("The digits are right, the decimal point is not."),
        "slip",
        _decimal_point,
    ),
    Slip("S3", said("sign"), said("The number is right, its sign is not."), "slip", _sign),
    Slip(
        "S4",
        said("digits swapped"),
        said("Two neighbouring digits are exchanged."),
        "slip",
        _swapped,
    ),
    Slip(
        "S5",
        said("subtraction without borrowing"),
        said("In the subtraction the smaller digit was taken from the larger in each column."),
        "slip",
        _borrow,
    ),
    Slip(
        "S8",
        said("function value misread"),
        said("The value of the function is a little off; check it with your calculator."),
        "slip",
        _misread,
    ),
    Slip(
        "S9",
        said("one digit wrong"),
        said("One digit differs from the right result of this step."),
        "slip",
        _one_digit,
    ),
)
