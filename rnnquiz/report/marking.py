"""One marking of a class as arrays: all that the class report is made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.verdict import Verdict
from rnnquiz.decimals import Array
from rnnquiz.documents.parts import KIND_WORDS
from rnnquiz.report.labels import Label

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class StudentMistake:
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


# Two arrays have no one truth value: markings are compared as objects.
@dataclass(frozen=True, eq=False)
class Marking:
    """The marked sheets of N students with B boxes.

    weights: marks possible, (N, B); 0 where the box does not count for that variant. earned: marks
    got, (N, B).
    verdicts: places in the order of Verdict, int8 (N, B). numbers: the given numbers of the
    variants, each (N,). difficulty: (N,).
    attempts: sheets that each handed in, (N,). absent: the rest of the roster, in its order.
    matches: a line of evidence for each pair of sheets that share answers. places: of each box;
    without them every box is a quantity without time. labels: how boxes and numbers are typeset.
    words: what the kinds are called.
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
    mistakes: tuple[StudentMistake, ...]
    numbers: Mapping[str, Array]
    difficulty: Array
    matches: tuple[str, ...]
    absent: tuple[Absent, ...]
    attempts: NDArray[np.int64]
    places: tuple[HeatPlace, ...] = ()
    labels: Mapping[str, Label] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=lambda: KIND_WORDS)

    def __post_init__(self) -> None:
        wrong = [*self._wrong_shapes(), *self._wrong_values()]
        if wrong:
            whole = f"marking of {len(self.students)} students and {len(self.boxes)} boxes"
            # What is shifted by a row is wrong everywhere: some lines are enough.
            listed = "; ".join(wrong[:10])
            raise ValueError(f"{whole}: {listed}")

    def _wrong_shapes(self) -> Iterator[str]:
        students, boxes = len(self.students), len(self.boxes)
        by_student = {
            "names": (len(self.names),),
            "difficulty": self.difficulty.shape,
            "attempts": self.attempts.shape,
        }
        for name, values in self.numbers.items():
            by_student[f"number {name}"] = values.shape
        by_box = {"kinds": (len(self.kinds),), "places": (len(self.placed),)}
        by_both = {
            "weights": self.weights.shape,
            "earned": self.earned.shape,
            "verdicts": self.verdicts.shape,
        }
        yield from _misfits(by_both, (students, boxes))
        yield from _misfits(by_student, (students,))
        yield from _misfits(by_box, (boxes,))

    def _wrong_values(self) -> Iterator[str]:
        last = len(Verdict) - 1
        # An empty array has no least.
        if self.verdicts.size and not 0 <= self.verdicts.min() <= self.verdicts.max() <= last:
            yield f"verdicts beyond 0 to {last}"
        for made in self.mistakes:
            if not 0 <= made.student < len(self.students):
                yield f"mistake {made.name!r} of row {made.student}"

    def label(self, name: str) -> Label:
        """A box or a number as it is typeset."""
        if name in self.labels:
            return self.labels[name]
        return Label(name)

    @property
    def placed(self) -> tuple[HeatPlace, ...]:
        """The place of each box."""
        if self.places:
            return self.places
        labels = map(Label, self.boxes)
        return tuple(HeatPlace(label, None) for label in labels)

    @cached_property
    def totals(self) -> Array:
        """Marks of each student, (N,)."""
        return np.asarray(self.earned.sum(axis=1))

    @cached_property
    def maxima(self) -> Array:
        """Marks that each student could get, (N,)."""
        # Not the same for all: a box may not count for a variant.
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
        every = np.array(self.kinds, dtype=object)
        found = {}
        for kind in dict.fromkeys(self.kinds):
            found[kind] = np.flatnonzero(every == kind)
        return found


def _misfits(found: Mapping[str, tuple[int, ...]], expected: tuple[int, ...]) -> Iterator[str]:
    for name, shape in found.items():
        if shape != expected:
            yield f"{name} {shape}, expected {expected}"


def ratio(part: Array, whole: Array) -> Array:
    """part / whole, NaN where whole is not positive."""
    # numpy leaves the places that are not divided as they were: they begin as NaN.
    found = np.full(part.shape, np.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return found


__all__ = ["NOTHING", "Absent", "Flags", "HeatPlace", "Marking", "StudentMistake", "ratio"]
