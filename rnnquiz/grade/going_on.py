"""What a student goes on with: the number written, give or take what its digits leave open, or the
formula where nothing is written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnquiz.algebra.affine import Affine, exact
from rnnquiz.algebra.expression import Apply
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.tolerance import rounding_error, with_source, written_error
from rnnquiz.grade.fits import FEWEST_DIGITS, SAME, Codes, Numbers
from rnnquiz.grade.states import Writing

# By the code of a writing: whether the student may go on with more digits than stand there.
_IS_SHORT = np.isin(list(Writing), (Writing.CUT, Writing.SHORT, Writing.SHORT_CUT))


def gone_on_with(
    q: Quantity,
    numbers: Numbers,
    forms: Sequence[Affine],
    writing: Codes,
    is_written: Bools,
    source: int,
) -> Affine:
    """The number where `is_written`, or else what stands in for it. `forms`: what stands in, and
    then what each formula gives over what went before. `source`: the first of its own errors."""
    (form, *formulas), written = forms, numbers.values
    radius = _left_open(numbers, formulas, writing)
    if _has_flat_side(q):
        # The flat side is zero exactly, and its slope with it.
        radius = np.where(written == 0, 0.0, radius)
    if is_written.all():
        return with_source(exact(written), radius, source)
    bridged = _bridged(form, written, is_written)
    own = np.where(is_written, radius, rounding_error(numbers.rounding, form))
    return with_source(bridged, own, source)


def _left_open(numbers: Numbers, forms: Sequence[Affine], writing: Codes) -> Array:
    """How far what is gone on with may be from the number written.

    A number cut off or written short may be gone on with in full; one with surplus digits, in the
    digits asked.
    """
    form, written, rounding = forms[0], numbers.values, numbers.rounding
    unit, place = numbers.unit_asked(form), numbers.unit_written(form)
    least = np.minimum(place, unit)
    half = 0.5 * least
    radius = written_error(half, forms, written)
    if writing.any():  # some are not written as asked
        fits = writing < Writing.NOT_FITTING
        # A number that fits no formula is not held to what one gives.
        radius = np.where(fits, radius, half)
        coarser = place > unit * SAME
        coarse_and_wrong = coarser & ~fits
        short = _IS_SHORT[writing] | coarse_and_wrong
        coarse = np.minimum(place, FEWEST_DIGITS * unit)
        radius = np.where(short, coarse, radius)
        longer = place < unit / SAME
        as_asked = rounding.round(written)
        surplus = np.abs(written - as_asked)
        reach = np.maximum(radius, surplus)
        radius = np.where(longer, reach, radius)
    if rounding.truncation:
        # What was cut off is up to a whole unit of what is written.
        radius = np.maximum(radius, least)
    return radius


def _has_flat_side(q: Quantity) -> bool:
    """True for an activation with a flat side, on which its value is zero exactly."""
    match q.formula:
        case Apply(op) if op in FUNCTIONS:
            return FUNCTIONS[op].kinked
    return False


def _bridged(form: Affine, written: Array, is_written: Bools) -> Affine:
    """The numbers written, and the form where none is: entries of one vector may differ in that."""
    gap = ~is_written
    centre = np.where(is_written, written, form.centre)
    coefficients = form.coefficients * gap
    remainder = np.where(gap, form.remainder, 0.0)
    return Affine(centre, coefficients, form.sources, remainder)
