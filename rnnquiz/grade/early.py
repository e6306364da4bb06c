"""Rounded too early: a part of a formula to the digits asked or fewer, and the rest worked out from
that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from rnnquiz.algebra.expression import Apply, Expression, Number, Ref, walk
from rnnquiz.algebra.operations import OPERATIONS
from rnnquiz.decimals import TIE, Array, Bools, Rounding
from rnnquiz.grade.fits import BLURRED, FEWEST_DIGITS
from rnnquiz.grade.suspect import Suspect

# With half and twice of it the same mistakes are named (benchmarks/names.py, all banks).
_TELLING = 10  # in units of the last place: a number of one digit is given by many a rounded part
FEWER = (0, 1, 2)  # digits by which a part is rounded more than asked


def rounded_early(s: Suspect) -> Bools:
    """A number, product or sum inside of the formula, or all of them, rounded or cut off to the
    digits asked or one or two fewer."""
    if not s.operands:
        return np.zeros(s.written.shape, dtype=bool)
    values = _coarse(s.formula, s, _parts_of(s.formula))
    half = 0.5 * s.place * BLURRED
    with np.errstate(invalid="ignore"):
        off = np.abs(values - s.written)
        near = off <= half
    size = np.abs(s.written)
    telling = size >= _TELLING * s.place
    unit = s.rounding.unit(s.centre)
    # In more than one digit too few a number says nothing of how it was computed.
    fine = s.place <= FEWEST_DIGITS * unit
    by_any = near.any(axis=(0, 1, 2))
    says_something = telling & fine
    return np.asarray(by_any & says_something)


@lru_cache(maxsize=10_000)
def _parts_of(formula: Expression) -> tuple[frozenset[Expression], ...]:
    """Which parts of a formula may be rounded: all that are computed in it, all that it reads, or
    one of them."""
    parts: list[Expression] = []
    read: list[Expression] = []
    # Each once, in one order on every run.
    for node in dict.fromkeys(walk(formula)):
        # Numbers of a formula are exact, and the whole of it is what was asked.
        if isinstance(node, Number) or node == formula:
            continue
        parts.append(node)
        if isinstance(node, Ref):
            read.append(node)
    computed = frozenset(parts).difference(read)
    single = [frozenset({node}) for node in parts]
    return computed, frozenset(read), *single


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
        # Operations take the batch first: the four axes are one for them.
        args = [_in_line(_coarse(arg, s, coarse)) for arg in tree.args]
        with np.errstate(all="ignore"):
            result = OPERATIONS[tree.op].evaluate(*args)
        in_line = np.broadcast_to(result, math.prod(shape))
        value = in_line.reshape(shape)
    among = np.array([tree in parts for parts in coarse])
    # The rounding of a negated number is the negated rounding.
    if not among.any() or (isinstance(tree, Apply) and tree.op == "neg"):
        return value
    # What was spread over the axes is one number in memory, and cannot be written to.
    value = value.copy()
    for k, fewer in enumerate(FEWER):
        some = value[among, k]
        to_round, to_cut = some[:, 0], some[:, 1]
        value[among, k, 0] = s.rounding.round(to_round, -fewer)
        value[among, k, 1] = _cut_off(to_cut, s.rounding, fewer)
    return value


def _in_line(values: Array) -> Array:
    """All entries along one axis; a constant as it is."""
    return values.reshape(-1) if values.ndim else values


def _cut_off(values: Array, rounding: Rounding, fewer: int) -> Array:
    """Numbers cut off after so many digits fewer than asked."""
    unit = rounding.unit(values, -fewer)
    # Three units may be 2.9999999999 in binary, and are not to be cut off to two.
    hair = np.copysign(TIE, values)
    whole = np.trunc(values / unit + hair)
    return np.asarray(whole * unit)
