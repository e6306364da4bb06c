"""The open boxes of one quantity, what their owners computed them from, what is found of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.affine import Affine, Bounded, exact, taken, uncertain
from rnnquiz.algebra.expression import Expression, refs
from rnnquiz.algebra.operations import bound, bound_all, evaluate_all
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.tolerance import around, own_error
from rnnquiz.grade.answers import Answers, side_by_side, written_unit
from rnnquiz.grade.fits import FEWEST_DIGITS, rounded_from, truncated_from
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.states import Standing, Writing
from rnnquiz.grade.verdicts import Explanation
from rnnquiz.languages.sentences import said

SHORT = 50  # added to the rank of what gives the number in too few digits
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
    _own: dict[str, Affine] = field(default_factory=dict)

    @cached_property
    def written(self) -> Array:
        return self.answers.values[self.q.name][self.rows]

    @cached_property
    def open(self) -> NDArray[np.bool_]:
        return np.asarray(self.judged.standing[self.q.name][self.rows] == Standing.OPEN)

    @cached_property
    def last_place(self) -> NDArray[np.int64]:
        return self.answers.last_place[self.q.name][self.rows]

    @cached_property
    def form(self) -> Affine:
        """The right formula over the own numbers."""
        return taken(self.judged.own.forms[self.q.name], self.rows)

    def place(self, near: Array) -> Array:
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
        return uncertain(value, own_error(self.bank.rounding, value), source)

    def over(self, basis: str, formulas: Sequence[Expression]) -> list[Affine | None]:
        """What formulas give over the numbers of the student or of the key; None where that is far
        from all that is open."""
        names = tuple(dict.fromkeys(name for formula in formulas for name in refs(formula)))
        values = {n: self._centre(basis, n) for n in names}
        near = [self._near(value) for value in evaluate_all(formulas, values)]
        some = [formula for formula, is_near in zip(formulas, near, strict=True) if is_near]
        forms = iter(self._bounds(basis, some))
        return [self._shaped(next(forms)) if is_near else None for is_near in near]

    def _centre(self, basis: str, name: str) -> Array:
        if basis == "own":
            return self.own(name).centre
        return self.judged.exact[name][self.rows]

    def _near(self, value: Array) -> bool:
        """False where the mere value is so far from the numbers written that no rounding brings it
        there."""
        with np.errstate(all="ignore"):
            reach = FAR * np.abs(value) + FAR_UNITS * self.bank.rounding.unit(np.asarray(value))
            return bool((self.open & (np.abs(value - self.written) <= reach)).any())

    def _bounds(self, basis: str, formulas: Sequence[Expression]) -> Iterable[Bounded]:
        """The formulas with the errors of what they read. Over the key each formula counts its
        sources by itself: the names that it reads come in an order of its own."""
        if basis == "own":
            names = dict.fromkeys(name for formula in formulas for name in refs(formula))
            return bound_all(formulas, {name: self.own(name) for name in names})
        return (
            bound(f, {n: self.key(n, ENTRIES_AT_MOST * k) for k, n in enumerate(refs(f))})
            for f in formulas
        )

    def _shaped(self, form: Bounded) -> Affine | None:
        if isinstance(form, float):
            return exact(np.full(self.written.shape, form))
        return form if form.centre.shape == self.written.shape else None


def open_boxes(judged: Judged) -> Bools:
    """(N, boxes): those that are open, asked or not."""
    return np.asarray(side_by_side(judged.standing, judged.standing) == Standing.OPEN)


def one_off(judged: Judged) -> Bools:
    """(N, boxes): those whose last digit is off by one, for which there may be a better word."""
    off = side_by_side(judged.writing, judged.standing) == Writing.OFF_BY_ONE
    return np.asarray(off & ~open_boxes(judged))


def by_quantity(judged: Judged, boxes: Bools) -> dict[str, tuple[NDArray[np.int64], Bools]]:
    """Of some boxes, (N, boxes), by each quantity that has any: the sheets that have any, and which
    boxes there, (sheets, *shape)."""
    if not boxes.any():
        return {}
    shapes = {name: of.shape[1:] for name, of in judged.standing.items()}
    ends = np.cumsum([math.prod(shape) for shape in shapes.values()])
    concerned = np.logical_or.reduceat(boxes, [0, *ends[:-1]], axis=1)
    found, names = {}, list(shapes)
    for k in np.flatnonzero(concerned.any(axis=0)).tolist():
        rows, shape = np.flatnonzero(concerned[:, k]), shapes[names[k]]
        start = ends[k] - math.prod(shape)
        found[names[k]] = rows, boxes[rows, start : ends[k]].reshape(len(rows), *shape)
    return found


def record(case: Case, notes: Sequence[tuple[Explanation, Affine]], found: Explanations) -> None:
    """Note each explanation at every open box whose number its form gives, as it was to be rounded
    or in too few digits."""
    if not notes:
        return
    form, written = _stacked([form for _, form in notes]), case.written
    with np.errstate(invalid="ignore"):
        unit = case.bank.rounding.unit(np.abs(form.centre) + form.radius)
        place = case.place(form.centre)
        usable = case.open & np.isfinite(form.centre) & np.isfinite(form.radius)
        full = around(form, 0.5 * np.minimum(place, unit)).holds(written)
        coarse = np.minimum(place, FEWEST_DIGITS * unit)
        short = rounded_from(form, written, coarse) | truncated_from(form, written, coarse)
    for k, row, *entry in np.argwhere(usable & (full | short)):
        note = notes[k][0]
        if not full[(k, row, *entry)]:
            note = replace(note, rank=note.rank + SHORT, detail=NOT_ROUNDED)
        note_explanation(found, int(case.rows[row]), box_at(case.bank, case.q, tuple(entry)), note)


def _stacked(forms: Sequence[Affine]) -> Affine:
    """Forms of one shape along a new first axis; of their errors only how large they are."""
    centre = np.stack([form.centre for form in forms])
    sizes = np.stack([form.radius for form in forms])
    return Affine(centre, np.zeros((0, *centre.shape)), (), sizes)


def box_at(bank: Bank, q: Quantity, entry: tuple[int, ...]) -> Box:
    flat = 0
    for length, index in zip(q.shape, entry, strict=True):
        flat = flat * length + int(index)
    return list(bank.boxes_of(q))[flat]


def note_explanation(found: Explanations, student: int, box: Box, explanation: Explanation) -> None:
    rows = found.setdefault((student, box.name), [])
    for index, row in enumerate(rows):
        if row.id == explanation.id:
            if explanation.rank < row.rank:
                rows[index] = explanation
            return
    rows.append(explanation)
