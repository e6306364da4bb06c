"""One marking of a class as arrays: all that the class report is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.schema import VERDICTS
from rnnquiz.decimals import Array
from rnnquiz.report.labels import Label

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Made:
    """A mistake of one student (row of the marking): its name, the box where it was first made, and
    the number of boxes."""

    student: int
    name: str
    box: str
    boxes: int


@dataclass(frozen=True)
class Absent:
    """A student of the roster of whom nothing was marked now, why, and how many of those marked
    come before in the roster."""

    student: str
    name: str
    why: str
    before: int


NOTHING = "not handed in"


@dataclass(frozen=True)
class HeatPlace:
    """Where a box stands on the map of heat: its quantity, with t for the time, and the time as the
    course counts it."""

    label: Label
    time: int | None


@dataclass(frozen=True, eq=False)
class Marking:
    """The marked sheets of N students with B boxes.

    weights: marks possible, (N, B); 0 where the box does not count for that variant. earned: marks
    got, (N, B).
    verdicts: places in VERDICTS, int8 (N, B). numbers: the given numbers of the variants, each
    (N,). difficulty: (N,).
    attempts: sheets that each handed in, (N,). absent: the rest of the roster, in its order.
    matches: a line of evidence for each pair of sheets that share answers. places: of each box;
    without them every box is a quantity without time. labels: how boxes and numbers are typeset.
    ValueError where shapes do not fit.
    """

    title: str
    course: str
    boxes: tuple[str, ...]
    kinds: tuple[str, ...]
    students: tuple[str, ...]
    names: tuple[str, ...]
    weights: Array
    earned: Array
    verdicts: NDArray[np.int8]
    mistakes: tuple[Made, ...]
    numbers: Mapping[str, Array]
    difficulty: Array
    matches: tuple[str, ...]
    absent: tuple[Absent, ...]
    attempts: NDArray[np.int64]
    places: tuple[HeatPlace, ...] = ()
    labels: Mapping[str, Label] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count, boxes = len(self.students), len(self.boxes)
        found = {
            "names": (len(self.names),),
            "kinds": (len(self.kinds),),
            "difficulty": self.difficulty.shape,
        }
        found |= {
            "weights": self.weights.shape,
            "earned": self.earned.shape,
            "verdicts": self.verdicts.shape,
        }
        found |= {
            "attempts": self.attempts.shape,
            **{f"number {name}": values.shape for name, values in self.numbers.items()},
        }
        found |= {"places": (len(self.placed),)}
        expected = {
            "kinds": (boxes,),
            "places": (boxes,),
            "weights": (count, boxes),
            "earned": (count, boxes),
            "verdicts": (count, boxes),
        }
        wrong = [
            f"{name} {shape}, expected {fit}"
            for name, shape in found.items()
            if shape != (fit := expected.get(name, (count,)))
        ]
        if self.verdicts.size and not 0 <= self.verdicts.min() <= self.verdicts.max() < len(
            VERDICTS
        ):
            wrong.append(f"verdicts beyond 0 to {len(VERDICTS) - 1}")
        wrong += [
            f"mistake {made.name!r} of row {made.student}"
            for made in self.mistakes
            if not 0 <= made.student < count
        ]
        if wrong:
            raise ValueError(
                f"marking of {count} students and {boxes} boxes: " + "; ".join(wrong[:10])
            )

    def label(self, name: str) -> Label:
        """A box or a number as it is typeset."""
        return self.labels.get(name) or Label(name)

    @property
    def placed(self) -> tuple[HeatPlace, ...]:
        """The place of each box."""
        return self.places or tuple(HeatPlace(Label(box), None) for box in self.boxes)

    @cached_property
    def totals(self) -> Array:
        """Marks of each student, (N,)."""
        return np.asarray(self.earned.sum(axis=1))

    @cached_property
    def maxima(self) -> Array:
        """Marks that each student could get, (N,)."""
        return np.asarray(self.weights.sum(axis=1))

    @cached_property
    def shares(self) -> Array:
        """Marks as a share of those possible, (N,); NaN where nothing counts. Rounded, so that
        equal marks are equal."""
        return ratio(self.totals, self.maxima).round(9)

    @cached_property
    def counted(self) -> Flags:
        """Boxes that count, (N, B)."""
        return np.asarray(self.weights > 0)

    @cached_property
    def blocks(self) -> dict[str, NDArray[np.int64]]:
        """The boxes (columns) of each kind, kinds in the order in which they are first asked."""
        kinds = np.array(self.kinds, dtype=object)
        return {kind: np.flatnonzero(kinds == kind) for kind in dict.fromkeys(self.kinds)}


def ratio(part: Array, whole: Array) -> Array:
    """part / whole, NaN where whole is not positive."""
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))


__all__ = ["NOTHING", "Absent", "Flags", "HeatPlace", "Made", "Marking", "ratio"]
