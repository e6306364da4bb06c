"""Givens that a student misread: one or two other numbers in their places make several wrong boxes
right.

Who misread W works with another W throughout; one unknown explains each box that reads it. Somebody
else's numbers agree with no single change of the givens.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, filterfalse, product

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import refs
from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array, Bools
from rnnquiz.grade.answers import as_rows, beside_entries
from rnnquiz.grade.fits import off_whole
from rnnquiz.grade.unwritten import formulas_of, readings_of

# With 4 entries, and with 3 rounds, nothing changes in tests/test_work_shown.py and
# tests/test_gaming.py.
MOST_UNKNOWNS = 16  # entries of givens that are taken two at a time: those that most boxes read
ROUNDS = 8  # of Newton's method; a sum in tanh needs four
# The difference from which a slope is taken: with it binary noise is about 1e-10 of the slope.
STEP = 1e-6
MOST_PLACES = 6  # decimals of givens that are looked for
NEARLY_WHOLE = 1e-6
POINT_MOVED = 1, 0  # decimals more than are printed: 0.18 is read for 1.8; the likelier one last
# Half-widths of what is accepted. An unknown is worked out of one rounded number, and brings the
# error of that into the others. With half of it those who misread givens of forward_pass, of
# both_directions or of lstm_forward lose more than what reads them (tests/test_work_shown.py); with
# twice nothing changes there.
WITHIN = 1.5


@dataclass(frozen=True)
class MisreadEntry:
    """One entry of a given."""

    name: str
    entry: int


class Misreadings:
    """Looks on M sheets for other givens that explain wrong boxes.

    `own`: each quantity as the student goes on with it, givens as they are. `written`, `half`: the
    numbers of the asked boxes and half the width of what is accepted there, `wrong`: which of them
    are. All (M, *shape) by quantity.
    """

    def __init__(
        self,
        bank: Bank,
        own: Mapping[str, Array],
        written: Mapping[str, Array],
        half: Mapping[str, Array],
        wrong: Mapping[str, Bools],
    ) -> None:
        self.bank, self.own, self.written, self.half, self.wrong = bank, own, written, half, wrong
        self.formulas = dict(formulas_of(bank))
        self.places = {q.name: decimals_of_givens(own[q.name]) for q in bank.graph.givens}
        self.read = readings_of(bank)

    def explanations(
        self, telling: Sequence[str]
    ) -> Iterator[tuple[tuple[MisreadEntry, ...], dict[str, Bools]]]:
        """One or two unknowns, and the wrong boxes that they make right, where on some sheet these
        are more."""
        unknowns = [MisreadEntry(*place) for place in self._entries(telling)]
        for some in self._hypotheses(unknowns):
            readers = list(self._readers(some))
            for start in self._starts(some):
                explained = self._explained(some, start, readers)
                # As many unknowns as boxes explain anything.
                if (_boxes_of(explained) > len(some)).any():
                    yield some, explained

    def _entries(self, names: Sequence[str]) -> list[tuple[str, int]]:
        """All entries of some quantities."""
        found: list[tuple[str, int]] = []
        for name in names:
            entries = math.prod(self.bank.graph.shapes[name])
            found += product([name], range(entries))
        return found

    def _readers(self, some: Sequence[MisreadEntry]) -> Iterator[str]:
        """The quantities whose formulas read an unknown."""
        names = {unknown.name for unknown in some}
        for q, formula in self.formulas.items():
            if not names.isdisjoint(refs(formula)):
                yield q

    def _hypotheses(self, unknowns: Sequence[MisreadEntry]) -> Iterator[tuple[MisreadEntry, ...]]:
        for unknown in unknowns:
            yield (unknown,)
        every_read = map(refs, self.formulas.values())
        read_together = [set(names) for names in every_read]
        # An input strikes all boxes of its step, a weight one of them or few.
        most_read = sorted(unknowns, key=self._boxes_struck, reverse=True)
        for pair in combinations(most_read[:MOST_UNKNOWNS], 2):
            names = {unknown.name for unknown in pair}
            # Of two that no formula reads together neither helps to find the other.
            if any(names <= read for read in read_together):
                yield pair

    def _boxes_struck(self, unknown: MisreadEntry) -> float:
        """How many boxes read an entry, if all entries of its given are read alike."""
        shapes = self.bank.graph.shapes
        boxes = sum(math.prod(shapes[q]) for q in self._readers([unknown]))
        return boxes / math.prod(shapes[unknown.name])

    def _starts(self, some: tuple[MisreadEntry, ...]) -> Iterator[list[tuple[str, int]]]:
        """The boxes from which the unknowns are worked out: the first and the last that read them,
        and the first that read one of them each."""
        boxes, number = self._boxes_that_read(some), len(some)
        # One box more than unknowns: otherwise any numbers can be explained.
        if len(boxes) > number:
            yield boxes[:number]
            # The first may hold a slip of their own; the last share none of them.
            if len(boxes) > 2 * number - 1:
                yield boxes[-number:]
            apart = self._read_apart(some)
            if number > 1 and len(apart) == number:
                yield apart

    def _read_apart(self, some: tuple[MisreadEntry, ...]) -> list[tuple[str, int]]:
        """For each unknown the first box that reads no other of them, where there is one."""
        found = []
        for unknown in some:
            others = list(filterfalse(unknown.__eq__, some))
            with_others = set(self._boxes_that_read(others))
            alone = filterfalse(with_others.__contains__, self._boxes_that_read([unknown]))
            first = next(alone, None)
            if first is not None:
                found.append(first)
        return found

    def _boxes_that_read(self, some: Sequence[MisreadEntry]) -> list[tuple[str, int]]:
        """The boxes that read one of these entries, not merely another one of the same given: no
        other box tells what it is."""
        found: list[tuple[str, int]] = []
        for q in self._readers(some):
            reads = [self.read[q, u.name][:, u.entry] for u in some if (q, u.name) in self.read]
            entries = np.flatnonzero(np.any(reads, axis=0))
            found += product([q], entries.tolist())
        return found

    def _explained(
        self, some: tuple[MisreadEntry, ...], start: list[tuple[str, int]], readers: list[str]
    ) -> dict[str, Bools]:
        """Wrong boxes that are right with the unknowns that the boxes of `start` give, as they are
        or as they would be printed."""
        values = _entries_of(self.own, [(u.name, u.entry) for u in some])
        aim = _entries_of(self.written, start)
        with np.errstate(all="ignore"):
            for _ in range(ROUNDS):
                here = self._at(some, values, start)
                slopes = self._slopes(some, values, start, here)
                gap = aim - here
                step = _solved(slopes, gap)
                # From the flat side of a sigmoid a full step would jump to the other flat side.
                most = np.maximum(1, np.abs(values))
                values = values + np.clip(step, -most, most)
            best = self._fitting(some, values, readers)
            # What was misread is a number as givens are printed, if the solution is near one.
            for shift in POINT_MOVED:
                printed = self._printed(some, values, shift)
                as_printed = self._fitting(some, printed, readers)
                best = _more(as_printed, best)
            return best

    def _printed(self, some: tuple[MisreadEntry, ...], values: Array, shift: int) -> Array:
        """The unknowns with the decimals of their givens, and `shift` more."""
        columns = []
        for k, unknown in enumerate(some):
            places = self.places[unknown.name] + shift
            power = 10.0**places
            columns.append(np.rint(values[:, k] * power) / power)
        return np.stack(columns, axis=1)

    def _slopes(
        self,
        some: tuple[MisreadEntry, ...],
        values: Array,
        start: list[tuple[str, int]],
        here: Array,
    ) -> Array:
        """(M, boxes, unknowns): how the boxes of `start` move with each unknown."""
        slopes = []
        for k in range(len(some)):
            moved = values + _moved(k, len(some))
            there = self._at(some, moved, start)
            difference = there - here
            slopes.append(difference / STEP)
        return np.stack(slopes, axis=2)

    def _fitting(
        self, some: tuple[MisreadEntry, ...], values: Array, readers: list[str]
    ) -> dict[str, Bools]:
        """Wrong boxes that are right with these values of the unknowns."""
        found: dict[str, Bools] = {}
        changed = self._given(some, values)
        for q in readers:
            result = self._result(q, changed)
            gap = np.abs(result - self.written[q])
            reach = WITHIN * self.half[q]
            found[q] = (gap <= reach) & self.wrong[q]
        return found

    def _at(
        self, some: tuple[MisreadEntry, ...], values: Array, boxes: list[tuple[str, int]]
    ) -> Array:
        """(M, boxes): what the formulas give in some boxes."""
        changed = self._given(some, values)
        results = {q: self._result(q, changed) for q, _ in boxes}
        return _entries_of(results, boxes)

    def _result(self, q: str, values: Mapping[str, Array]) -> Array:
        """What the formula of a quantity gives, in the shape of what is written."""
        result = value_of(self.formulas[q], values)
        return np.broadcast_to(result, self.written[q].shape)

    def _given(self, some: tuple[MisreadEntry, ...], values: Array) -> dict[str, Array]:
        changed = dict(self.own)
        for k, unknown in enumerate(some):
            whole = changed[unknown.name].copy()
            as_rows(whole)[:, unknown.entry] = values[:, k]
            changed[unknown.name] = whole
        return changed


def _entries_of(values: Mapping[str, Array], places: Sequence[tuple[str, int]]) -> Array:
    """(M, places): some entries of quantities, side by side."""
    columns = []
    for name, entry in places:
        entries = as_rows(values[name])
        columns.append(entries[:, entry])
    return np.stack(columns, axis=1)


def _boxes_of(explained: Mapping[str, Bools]) -> NDArray[np.int64]:
    """(M,): how many boxes are explained."""
    rows = map(as_rows, explained.values())
    by_quantity = [mask.sum(axis=1) for mask in rows]
    return np.asarray(np.sum(by_quantity, axis=0))


def _more(one: dict[str, Bools], two: dict[str, Bools]) -> dict[str, Bools]:
    """On each sheet the boxes of the one that has more."""
    better = _boxes_of(one) >= _boxes_of(two)
    found = {}
    for q, mask in one.items():
        found[q] = np.where(beside_entries(better, mask), mask, two[q])
    return found


def decimals_of_givens(values: Array) -> NDArray[np.int64]:
    """(M,): decimals with which these givens are printed, on each sheet by itself: what one
    student is paid does not hang on the sheets of others."""
    found = np.full(len(values), MOST_PLACES)
    # From the most to the fewest: what is whole in tens of a unit is so in units.
    for places in reversed(range(MOST_PLACES)):
        power = 10.0**places
        scaled = np.abs(as_rows(values) * power)
        nearly_whole = off_whole(scaled) < NEARLY_WHOLE
        found[nearly_whole.all(axis=1)] = places
    return found


def _moved(k: int, size: int) -> Array:
    which = np.arange(size) == k
    return np.asarray(STEP * which)


def _solved(slopes: Array, gap: Array) -> Array:
    """The step of Newton's method, none where there is no way."""
    if slopes.shape[2] == 1:
        step = gap / slopes[:, :, 0]
    else:
        # Cramer's rule: a singular system is no error here, as it is for numpy.linalg.
        (a, b), (c, d) = slopes[:, 0].T, slopes[:, 1].T
        left, right = gap.T
        determinant = a * d - b * c
        first = d * left - b * right
        second = a * right - c * left
        steps = np.stack([first, second], axis=1)
        step = steps / determinant[:, None]
    return np.asarray(np.nan_to_num(step, nan=0.0, posinf=0.0, neginf=0.0))
