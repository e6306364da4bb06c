"""The open boxes of one quantity, what their owners computed them from, what is found of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, compress

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.affine import Affine, Bounded, exact, taken, uncertain
from rnnquiz.algebra.expression import Expression, refs
from rnnquiz.algebra.operations import bound, bound_all, evaluate_all
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.tolerance import around, largest, own_error
from rnnquiz.grade.answers import Answers, side_by_side, written_unit
from rnnquiz.grade.fits import FEWEST_DIGITS, rounded_from, truncated_from
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.states import Standing, Writing
from rnnquiz.grade.verdicts import Explanation
from rnnquiz.languages.sentences import said

# Wide: what is nearer gets a bound, which decides; this only spares bounds.
FAR, FAR_UNITS = 0.2, 100.0
"""Share of its size, and units in the last place, by which rounding moves a number at most that a
mistake is named for."""
NOT_ROUNDED = said("and not rounded as asked")
ENTRIES_AT_MOST = 64  # of one quantity; spaces the sources of error of different quantities

Explanations = dict[tuple[int, str], list[Explanation]]


@dataclass(frozen=True)
class Case:
    """The open boxes of one quantity: the students concerned, what they wrote, and what they
    computed it from."""

    bank: Bank
    q: Quantity
    rows: NDArray[np.int64]
    givens: Mapping[str, Array]
    answers: Answers
    judged: Judged
    # Own numbers that were looked up already: many rules read the same few quantities.
    _own: dict[str, Affine] = field(default_factory=dict)

    @cached_property
    def written(self) -> Array:
        """What these students wrote, (n, ...); NaN where it cannot be read."""
        everybody = self.answers.values[self.q.name]
        return everybody[self.rows]

    @cached_property
    def open(self) -> NDArray[np.bool_]:
        """True for boxes that are not judged yet, (n, ...)."""
        standing = self.judged.standing[self.q.name]
        return np.asarray(standing[self.rows] == Standing.OPEN)

    @cached_property
    def last_place(self) -> NDArray[np.int64]:
        """The exponent of the last digit that these students wrote, (n, ...)."""
        everybody = self.answers.last_place[self.q.name]
        return everybody[self.rows]

    @cached_property
    def form(self) -> Affine:
        """The right formula over the own numbers."""
        return taken(self.judged.own.forms[self.q.name], self.rows)

    def place(self, near: Array) -> Array:
        """One unit of the last place of what was written, (n, ...); of numbers without one that
        of `near`."""
        return written_unit(self.last_place, self.bank.rounding, near)

    def own(self, name: str) -> Affine:
        """What the student goes on with for a quantity."""
        if name not in self._own:
            self._own[name] = taken(self.judged.own.carried[name], self.rows)
        return self._own[name]

    def key(self, name: str, source: int) -> Affine:
        """What the key goes on with for it; its errors are those of `source` on."""
        value = self.judged.exact[name][self.rows]
        if self.bank.graph[name].formula is None:
            return exact(value)
        error = own_error(self.bank.rounding, value)
        return uncertain(value, error, source)

    def over(self, basis: str, formulas: Sequence[Expression]) -> list[Affine | None]:
        """What formulas give over the numbers of the student or of the key; None where that is far
        from all that is open."""
        values = {name: self._centre(basis, name) for name in _read(formulas)}
        results = evaluate_all(formulas, values)
        near = [self._near(value) for value in results]
        # The bound of a formula costs many times its value.
        worth_a_bound = list(compress(formulas, near))
        bounds = iter(self._bounds(basis, worth_a_bound))
        forms: list[Affine | None] = []
        for is_near in near:
            forms.append(self._shaped(next(bounds)) if is_near else None)
        return forms

    def _centre(self, basis: str, name: str) -> Array:
        if basis == "own":
            return self.own(name).centre
        return self.judged.exact[name][self.rows]

    def _near(self, value: Array) -> bool:
        """False where the mere value is so far from the numbers written that no rounding brings it
        there."""
        # A mistaken formula may divide by a zero that the right one never meets.
        with np.errstate(all="ignore"):
            unit = self.bank.rounding.unit(np.asarray(value))
            of_size = FAR * np.abs(value)
            reach = of_size + FAR_UNITS * unit
            off = np.abs(value - self.written)
            near = off <= reach
        concerned = self.open & near
        return bool(concerned.any())

    def _bounds(self, basis: str, formulas: Sequence[Expression]) -> Iterable[Bounded]:
        """The formulas with the errors of what they read. Over the key each formula counts its
        sources by itself: the names that it reads come in an order of its own."""
        if basis == "own":
            own = {name: self.own(name) for name in _read(formulas)}
            return bound_all(formulas, own)
        return (bound(formula, self._keys_read(formula)) for formula in formulas)

    def _keys_read(self, formula: Expression) -> dict[str, Affine]:
        """What the key goes on with for each name that a formula reads."""
        found = {}
        for k, name in enumerate(refs(formula)):
            found[name] = self.key(name, ENTRIES_AT_MOST * k)
        return found

    def _shaped(self, form: Bounded) -> Affine | None:
        if isinstance(form, float):
            everywhere = np.full(self.written.shape, form)
            return exact(everywhere)
        # A mistaken product of arrays may have another shape than the right one.
        return form if form.centre.shape == self.written.shape else None


def _read(formulas: Iterable[Expression]) -> list[str]:
    """The names that formulas read, each once."""
    names = chain.from_iterable(map(refs, formulas))
    return list(dict.fromkeys(names))


def open_boxes(judged: Judged) -> Bools:
    """(N, boxes): those that are open, asked or not."""
    standing = side_by_side(judged.standing, judged.standing)
    return np.asarray(standing == Standing.OPEN)


def one_off(judged: Judged) -> Bools:
    """(N, boxes): those whose last digit is off by one, for which there may be a better word."""
    writing = side_by_side(judged.writing, judged.standing)
    off = writing == Writing.OFF_BY_ONE
    # A box may be left open whatever it holds, as on a sheet of one number.
    is_open = open_boxes(judged)
    return np.asarray(off & ~is_open)


def by_quantity(judged: Judged, boxes: Bools) -> dict[str, tuple[NDArray[np.int64], Bools]]:
    """Of some boxes, (N, boxes), by each quantity that has any: the sheets that have any, and which
    boxes there, (sheets, *shape)."""
    if not boxes.any():
        return {}
    shapes = {name: of.shape[1:] for name, of in judged.standing.items()}
    found, names = {}, list(shapes)
    entries = [math.prod(shape) for shape in shapes.values()]
    ends = np.cumsum(entries)
    starts = [0, *ends[:-1]]
    # One look at all columns: asking each quantity of a large bank by itself takes longer.
    concerned = np.logical_or.reduceat(boxes, starts, axis=1)
    for k in np.flatnonzero(concerned.any(axis=0)).tolist():
        rows = np.flatnonzero(concerned[:, k])
        start, end, shape = starts[k], ends[k], shapes[names[k]]
        flat = boxes[rows, start:end]
        found[names[k]] = rows, flat.reshape(len(rows), *shape)
    return found


def record(case: Case, notes: Sequence[tuple[Explanation, Affine]], found: Explanations) -> None:
    """Note each explanation at every open box whose number its form gives, as it was to be rounded
    or in too few digits."""
    if not notes:
        return
    form, written = _stacked([form for _, form in notes]), case.written
    with np.errstate(invalid="ignore"):
        unit = case.bank.rounding.unit(largest(form))
        place = case.place(form.centre)
        bounded = np.isfinite(form.centre) & np.isfinite(form.radius)
        # Surplus digits have to be right here, though they claim nothing of a right answer.
        finer = np.minimum(place, unit)
        accepted = around(form, 0.5 * finer)
        full = accepted.holds(written)
        coarse = np.minimum(place, FEWEST_DIGITS * unit)
        rounded = rounded_from(form, written, coarse)
        short = rounded | truncated_from(form, written, coarse)
    near = full | short
    explained = case.open & bounded & near
    for k, row, *entry in np.argwhere(explained):
        note, _ = notes[k]
        student = int(case.rows[row])
        if not full[(k, row, *entry)]:
            # What gives the number as it was to be rounded is likelier.
            note = replace(note, rank=note.rank.in_few_digits(), detail=NOT_ROUNDED)
        box = box_at(case.bank, case.q, tuple(entry))
        note_explanation(found, student, box, note)


def _stacked(forms: Sequence[Affine]) -> Affine:
    """Forms of one shape along a new first axis; of their errors only how large they are."""
    centre = np.stack([form.centre for form in forms])
    sizes = np.stack([form.radius for form in forms])
    no_sources = np.zeros((0, *centre.shape))
    return Affine(centre, no_sources, (), sizes)


def box_at(bank: Bank, q: Quantity, entry: tuple[int, ...]) -> Box:
    """The box of an entry of a quantity."""
    boxes = {box.index: box for box in bank.boxes_of(q)}
    return boxes[tuple(map(int, entry))]


def note_explanation(found: Explanations, student: int, box: Box, explanation: Explanation) -> None:
    """Adds an explanation of a box; of two that are one mistake the likelier stays."""
    rows = found.setdefault((student, box.name), [])
    for index, row in enumerate(rows):
        # One mistake may give a number over own numbers and over the key's: it is said once.
        if row.id == explanation.id:
            if explanation.rank < row.rank:
                rows[index] = explanation
            return
    rows.append(explanation)
