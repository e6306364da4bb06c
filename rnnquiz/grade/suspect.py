"""A box in which a slip of the pen is looked for: what was written there, and what it was computed
from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import Expression
from rnnquiz.decimals import Array, Bools, Rounding
from rnnquiz.grade.answers import written_unit
from rnnquiz.grade.fits import BLURRED, cut_near


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
        """One unit of the last place of what was written."""
        return written_unit(self.last_place, self.rounding, self.centre)

    def near(self, values: Array, place: Array) -> Bools:
        """True where a value that is written with unit `place` may be the student's result, rounded
        or cut off."""
        half = 0.5 * place
        with np.errstate(invalid="ignore"):
            off = np.abs(values - self.centre)
            reach = self.radius + half * BLURRED
            rounded = off <= reach
            cut = cut_near(values, place, self.centre, self.radius)
            # A number that is hardly larger than its own error is near to anything.
            vague = self.radius + half
            telling = np.abs(values) >= 2 * vague
            near = rounded | cut
            return np.asarray(near & telling)
