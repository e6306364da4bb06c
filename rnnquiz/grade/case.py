"""The open boxes of one quantity, what their owners computed them from, what is found of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.affine import Affine, Bounded, exact, taken, uncertain
from rnnquiz.algebra.expression import Expression, refs
from rnnquiz.algebra.operations import bound
from rnnquiz.algebra.operations import evaluate as value_of
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.decimals import Array
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.tolerance import around, own_error
from rnnquiz.grade.answers import Answers, written_unit
from rnnquiz.grade.fits import FEWEST_DIGITS, rounded_from, truncated_from
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.states import Standing, Writing
from rnnquiz.grade.verdicts import Explanation

SHORT = 50  # added to the rank of what gives the number in too few digits
FAR, FAR_UNITS = 0.2, 100.0
"""Share of its size, and units in the last place, by which rounding moves a number at most that a
mistake is named for."""
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

    def over(self, basis: str, formula: Expression) -> Affine | None:
        """What a formula gives over the numbers of the student or of the key; None where that is
        far from all that is open."""
        names = refs(formula)
        if self._far(basis, formula, names):
            return None
        if basis == "own":
            return self._shaped(bound(formula, {name: self.own(name) for name in names}))
        return self._shaped(
            bound(
                formula, {name: self.key(name, ENTRIES_AT_MOST * k) for k, name in enumerate(names)}
            )
        )

    def _far(self, basis: str, formula: Expression, names: Iterable[str]) -> bool:
        """True where the mere value is so far from the numbers written that no rounding brings it
        there."""
        values = {
            n: self.own(n).centre if basis == "own" else self.judged.exact[n][self.rows]
            for n in names
        }
        with np.errstate(all="ignore"):
            value = np.asarray(value_of(formula, values))
            reach = FAR * np.abs(value) + FAR_UNITS * self.bank.rounding.unit(value)
            return not (self.open & (np.abs(value - self.written) <= reach)).any()

    def _shaped(self, form: Bounded) -> Affine | None:
        if isinstance(form, float):
            return exact(np.full(self.written.shape, form))
        return form if form.centre.shape == self.written.shape else None


def open_rows(state: NDArray[np.int8]) -> NDArray[np.int64]:
    return np.flatnonzero((state == Standing.OPEN).reshape(len(state), -1).any(axis=1))


def record(case: Case, form: Affine, explanation: Explanation, found: Explanations) -> None:
    """Note the explanation at every open box whose number the form gives, as it was to be rounded
    or in too few digits."""
    written = case.written
    with np.errstate(invalid="ignore"):
        unit = case.bank.rounding.unit(np.abs(form.centre) + form.radius)
        place = case.place(form.centre)
        usable = case.open & np.isfinite(form.centre) & np.isfinite(form.radius)
        full = around(form, 0.5 * np.minimum(place, unit)).holds(written)
        coarse = np.minimum(place, FEWEST_DIGITS * unit)
        short = rounded_from(form, written, coarse) | truncated_from(form, written, coarse)
    for row, *entry in np.argwhere(usable & (full | short)):
        exactly = bool(full[(row, *entry)])
        note = (
            explanation
            if exactly
            else replace(
                explanation, rank=explanation.rank + SHORT, detail="and not rounded as asked"
            )
        )
        add(found, int(case.rows[row]), box_at(case.bank, case.q, tuple(entry)), note)


def box_at(bank: Bank, q: Quantity, entry: tuple[int, ...]) -> Box:
    flat = 0
    for length, index in zip(q.shape, entry, strict=True):
        flat = flat * length + int(index)
    return list(bank.boxes_of(q))[flat]


def add(found: Explanations, student: int, box: Box, explanation: Explanation) -> None:
    rows = found.setdefault((student, box.name), [])
    for index, row in enumerate(rows):
        if row.id == explanation.id:
            if explanation.rank < row.rank:
                rows[index] = explanation
            return
    rows.append(explanation)


def one_off(judged: Judged, q: Quantity) -> NDArray[np.bool_]:
    """Boxes whose last digit is off by one, for which there may be a better word."""
    return np.asarray(
        (judged.writing[q.name] == Writing.OFF_BY_ONE) & (judged.standing[q.name] != Standing.OPEN)
    )
