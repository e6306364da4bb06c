"""Each box against the interval that it must lie in: first what is right, then what follows from an earlier mistake.

Quantities are visited in the order of computation. What a student wrote is what the student goes on with: a written
number enters the later formulas as itself, give or take half a unit of what was written; where nothing is written, the
formula over the student's own earlier numbers stands in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.affine import Affine, exact
from rnnquiz.algebra.expression import Apply, Expression, Ref, refs
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.bank.specification import Bank, trivial
from rnnquiz.decimals import Array, Rounding
from rnnquiz.derivation.evaluate import Values, evaluate
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.tolerance import (
    Interval,
    around,
    first_sources,
    formula_bound,
    propagate,
    rounding_error,
    with_source,
)
from rnnquiz.grade.answers import EXACT, UNREADABLE, WRITTEN, Answers, written_unit

Bools = NDArray[np.bool_]

BLANK, CORRECT, FOLLOWS, TRUNCATED, FEW_DIGITS, FEW_CUT, OPEN, UNREAD, STRANGE, SURPLUS, COLLAPSED = range(11)
"""States of a box after judging; OPEN boxes are left to the diagnosis, STRANGE ones follow from numbers of no such sheet,
COLLAPSED ones from a zero or one repeated number."""

REPEATED_AT_LEAST, REPEATED_SHARE = 3, 0.15
CONSTANT_SHARE = 0.8
CONSTANT_BOXES = 5
FEWEST_DIGITS = 10.0  # a value with more than one digit too few is no rounding of anything (0.8 is 0.80 written short)
ANCHORED_SHARE, ANCHORED_BOXES = 0.25, 4
RICH = 8  # choices of a given that tells one sheet from another
SAME = 1 + 1e-7  # two powers of ten that are equal but for binary rounding


@dataclass(frozen=True)
class Judged:
    """The state of every box and the intervals behind it; arrays (N, *shape) by quantity.

    `local`: the formula over the student's own numbers. `wide`: the exact value with the tolerance of an honest chain.
    `carried`: what the student goes on with. By quantity, (N,): `clean`: the quantity and what it rests on has nothing
    wrong; `complete`: it is written and right; `complete_above`: so is all that its formula reads.
    """

    state: Mapping[str, NDArray[np.int8]]
    local: Mapping[str, Interval]
    wide: Mapping[str, Interval]
    forms: Mapping[str, Affine]
    carried: Mapping[str, Affine]
    clean: Mapping[str, Bools]
    complete: Mapping[str, Bools]
    complete_above: Mapping[str, Bools]
    exact: Values
    repeated: Mapping[str, Bools]
    constant: Bools


def judge(bank: Bank, givens: Mapping[str, Array], answers: Answers) -> Judged:
    """Judge the answers of N students to their own variants (`givens` with the batch first)."""
    graph, rounding = bank.graph, bank.rounding
    values = evaluate(graph, givens)
    key_forms = propagate(graph, givens, rounding)
    repeated, constant = repeated_values(graph, values, answers, rounding)
    walk = _Walk(graph, rounding, answers, values, key_forms, repeated, constant)
    for q in graph:
        if q.formula is None:
            walk.give(q, givens[q.name])
        else:
            walk.visit(q)
    state: Mapping[str, NDArray[np.int8]] = walk.state
    if bank.written.policy.surplus_digits == "rounding":
        state = {name: _surplus(own, answers.last_place[name], rounding, values[name]) for name, own in state.items()}
    return Judged(
        state, walk.local, walk.wide, walk.forms, walk.carried, walk.clean, walk.complete, walk.complete_above,
        values, repeated, constant,
    )  # fmt: skip


@dataclass(frozen=True)
class _Route:
    """One formula over the student's own numbers; `clean`: none of them is wrong; `complete`: all are written and right."""

    form: Affine
    clean: Bools
    complete: Bools


class _Walk:
    """The records of one pass over the graph."""

    def __init__(
        self, graph: Graph, rounding: Rounding, answers: Answers, values: Values, key_forms: Mapping[str, Affine],
        repeated: Mapping[str, Bools], constant: Bools,
    ) -> None:  # fmt: skip
        self.graph, self.rounding, self.answers, self.values = graph, rounding, answers, values
        self.key_forms, self.repeated, self.constant = key_forms, repeated, constant
        self.sources = first_sources(graph)
        self.state: dict[str, NDArray[np.int8]] = {}
        self.local: dict[str, Interval] = {}
        self.wide: dict[str, Interval] = {}
        self.forms: dict[str, Affine] = {}
        self.carried: dict[str, Affine] = {}
        self.tainted: dict[str, Bools] = {}
        self.clean: dict[str, Bools] = {}
        self.complete: dict[str, Bools] = {}
        self.complete_above: dict[str, Bools] = {}

    def give(self, q: Quantity, given: Array) -> None:
        self.carried[q.name] = exact(given)
        self.clean[q.name] = self.complete[q.name] = np.ones(len(given), dtype=bool)

    def visit(self, q: Quantity) -> None:
        """Judge the boxes of one quantity and carry on with what was written.

        A quantity may have several formulas that people use (1 - h**2, sech2(a)). An answer has to fit one of them as a
        whole; their intervals are not joined, because an earlier mistake can strike one of them and not the other.
        """
        assert q.formula is not None
        routes = [self.route(q, formula) for formula in (q.formula, *q.alternatives)]
        written, last = self.answers.values[q.name], self.answers.last_place[q.name]
        form = routes[0].form
        state = self.judged(q, routes, written, last)
        self.state[q.name], self.forms[q.name], self.complete_above[q.name] = state, form, routes[0].complete
        is_written = self.answers.state[q.name] == WRITTEN
        self.carried[q.name] = self.carry(q, form, state, is_written, written, last)
        entries = tuple(range(1, state.ndim))
        self.tainted[q.name] = self.wrong_zero(q, state, is_written)
        right = (is_written & (state == CORRECT)).all(axis=entries)
        self.clean[q.name] = (~is_written | (state == CORRECT)).all(axis=entries) & (right | routes[0].clean)
        stands_in = routes[0].complete if trivial(q) else np.zeros_like(right)
        self.complete[q.name] = right | ((~is_written).all(axis=entries) & stands_in)

    def route(self, q: Quantity, formula: Expression) -> _Route:
        """The formula over the student's own numbers, and the standing of those numbers."""
        above = [name for name in refs(formula) if self.graph[name].formula is not None]
        every = np.ones(self.answers.count, dtype=bool)
        clean = np.logical_and.reduce([every, *(self.clean[p] for p in above)])
        complete = np.logical_and.reduce([every, *(self.complete[p] for p in above)])
        return _Route(formula_bound(formula, self.carried, self.answers.count, q), clean, complete)

    def judged(self, q: Quantity, routes: list[_Route], written: Array, last: NDArray[np.int64]) -> NDArray[np.int8]:
        share = 1.0 if self.rounding.truncation else 0.5
        shape = (-1,) + (1,) * len(q.shape)
        key = self.key_forms[q.name]
        place = written_unit(last, self.rounding, key.centre)
        wide = around(key, share * np.minimum(place, self.rounding.unit(np.abs(key.centre) + key.radius)))
        right = wide.holds(written) & ~routes[0].complete.reshape(shape)
        follows, cut, few, few_cut, void = (np.zeros(written.shape, dtype=bool) for _ in range(5))
        for route in routes:
            form = route.form
            unit = self.rounding.unit(np.abs(form.centre) + form.radius)
            local = around(form, share * np.minimum(place, unit))
            fits, clean = local.holds(written), route.clean.reshape(shape)
            right |= fits & clean
            collapsed = self.collapsed(q, form, written)
            follows |= fits & ~clean & ~collapsed
            void |= fits & ~clean & collapsed
            cut |= truncated_from(form, written, place) & (place <= unit * SAME)
            short, coarse = place > unit * SAME, np.minimum(place, FEWEST_DIGITS * unit)
            few |= short & rounded_from(form, written, coarse)
            few_cut |= short & truncated_from(form, written, coarse)
            self.local.setdefault(q.name, local)
        self.wide[q.name] = wide
        held_back = self.constant.reshape(shape) & self.repeated[q.name]
        tests = (held_back, right, follows, void, cut, few, few_cut)
        states = np.select(tests, (OPEN, CORRECT, FOLLOWS, COLLAPSED, TRUNCATED, FEW_DIGITS, FEW_CUT), OPEN)
        state = self.answers.state[q.name]
        return np.where(state == WRITTEN, states, np.where(state == UNREADABLE, UNREAD, BLANK)).astype(np.int8)

    def collapsed(self, q: Quantity, form: Affine, written: Array) -> Bools:
        """Follow-through is refused where nothing can go wrong any more: wrong zeros, one repeated number, a saturated state.

        A zero that itself follows from the student's numbers is none of these: a small loss rounds to zero. Nor is a
        result that a wrong zero leaves something to compute in, such as a sum with other terms.
        """
        refused = np.zeros(written.shape, dtype=bool)
        empty = np.isin(written, (0.0, 1.0, -1.0))
        for name in self.graph.parents[q.name]:
            if self.graph[name].formula is None and self.graph.shapes[name] in ((), q.shape):
                given = self.carried[name].centre
                empty = empty | (written == given.reshape(given.shape + (1,) * (written.ndim - given.ndim)))
        shape = (-1,) + (1,) * len(q.shape)
        for name in self.graph.parents[q.name]:
            if self.graph[name].formula is None:
                continue
            used = self.carried[name].centre
            tainted = self.tainted[name].reshape(shape)
            refused = refused | (tainted & empty)
            if not isinstance(q.formula, Ref) and used.shape == written.shape:
                refused = refused | ((used == written) & self.repeated[q.name] & (tainted | (used != 0)))
        return np.asarray(refused | self.saturated(q, form))

    def wrong_zero(self, q: Quantity, state: NDArray[np.int8], is_written: Bools) -> Bools:
        """(N,): some entry is zero where the key is not, and does not follow from the student's numbers without such a zero."""
        key = self.values[q.name]
        zero = (self.carried[q.name].centre == 0) & (np.abs(key) >= self.rounding.unit(key) / 2)
        above = [self.tainted[name] for name in self.graph.parents[q.name] if name in self.tainted]
        tainted = np.logical_or.reduce([np.zeros(len(zero), dtype=bool), *above]).reshape((-1,) + (1,) * (zero.ndim - 1))
        wrong = np.where(is_written, ~np.isin(state, (CORRECT, FOLLOWS)), tainted)
        return np.asarray((zero & wrong).reshape(len(zero), -1).any(axis=1))

    def dead(self, name: str) -> bool:
        """True for an activation with a flat side, on which its value is zero exactly."""
        formula = self.graph[name].formula
        return isinstance(formula, Apply) and formula.op in FUNCTIONS and FUNCTIONS[formula.op].kinked

    def saturated(self, q: Quantity, form: Affine) -> Bools:
        """The activation is flat to the digits asked where the student is, and not where the key is."""
        if not isinstance(q.formula, Apply) or q.formula.op not in FUNCTIONS:
            return np.zeros(form.centre.shape, dtype=bool)
        if FUNCTIONS[q.formula.op].kinked:
            return np.zeros(form.centre.shape, dtype=bool)
        key = self.key_forms[q.name]
        with np.errstate(all="ignore"):
            student = np.abs(form.centre - FUNCTIONS[q.formula.op].value(np.sign(form.centre) * 1e3))
            right = np.abs(key.centre - FUNCTIONS[q.formula.op].value(np.sign(key.centre) * 1e3))
        flat = self.rounding.unit(form.centre)
        return np.asarray((student < flat) & (right >= flat))

    def carry(
        self, q: Quantity, form: Affine, state: NDArray[np.int8], is_written: Bools, written: Array, last: NDArray[np.int64]
    ) -> Affine:
        """What the student goes on with: the number written, or else the formula over what went before."""
        unit = self.rounding.unit(np.abs(form.centre) + form.radius)
        place = written_unit(last, self.rounding, form.centre)
        half = 0.5 * np.minimum(place, unit)
        short = np.minimum(place, FEWEST_DIGITS * unit)
        right = (state == CORRECT) | (state == FOLLOWS)
        radius = np.where((state == TRUNCATED) | ((place > unit * SAME) & ~right), short, half)
        if self.rounding.truncation:
            radius = np.maximum(radius, np.minimum(place, unit))
        if self.dead(q.name):
            radius = np.where(written == 0, 0.0, radius)  # the flat side is zero exactly, and its slope with it
        if is_written.all():
            return with_source(exact(written), radius, self.sources[q.name])
        centre = np.where(is_written, written, form.centre)
        gap = ~is_written
        bridged = Affine(centre, form.coefficients * gap, form.sources, np.where(gap, form.remainder, 0.0))
        return with_source(bridged, np.where(is_written, radius, rounding_error(self.rounding, form)), self.sources[q.name])


def anchored(bank: Bank) -> tuple[str, ...]:
    """Quantities whose formula reads a given that differs between students, directly or as a mere copy.

    They tell whether numbers belong to this sheet. Givens of few choices tell little; they count where there are no others.
    """
    graph = bank.graph
    variety = {name: max(map(len, sampler.groups)) for name, sampler in bank.samplers.items()} | dict.fromkeys(bank.task.shown, RICH)
    least = min(RICH, max(variety.values(), default=RICH))
    telling = {name for name, count in variety.items() if count >= least and (count > 1 or bank.fixed)}
    found: dict[str, bool] = {}
    for q in graph.computed:
        assert q.formula is not None
        if any(name in telling or (name in found and trivial(graph[name])) for name in refs(q.formula)):
            found[q.name] = not trivial(q)
    return tuple(name for name, counts in found.items() if counts)


def without_strangers(
    bank: Bank, answers: Answers, judged: Judged, explained: Mapping[str, Bools]
) -> Mapping[str, NDArray[np.int8]]:
    """No follow-through on sheets whose numbers do not belong to the givens, such as another student's answers.

    Sums and products of a copied sheet are consistent with one another. What reads a given is not: where fewer than a
    quarter of those boxes are right for the student's own numbers, or `explained` as a mistake that was made again and
    again, nothing is said to follow from them. A box whose right value is zero tells nothing.
    """
    names = anchored(bank)
    if not names:
        return judged.state

    def columns(values: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate([values[name].reshape(answers.count, -1) for name in names], axis=1)

    states = columns(judged.state)
    telling = columns(judged.exact) != 0
    tried = ((states != BLANK) & (states != UNREAD) & telling).sum(axis=1)
    right = np.isin(states, (CORRECT, FOLLOWS, TRUNCATED, FEW_DIGITS, FEW_CUT, COLLAPSED))
    fitting = ((right | columns(explained)) & telling).sum(axis=1)
    strange = (tried >= ANCHORED_BOXES) & (fitting <= ANCHORED_SHARE * tried)
    found: dict[str, NDArray[np.int8]] = {}
    for name, own in judged.state.items():
        mine = strange.reshape((-1,) + (1,) * (own.ndim - 1))
        found[name] = np.where(mine & np.isin(own, (FOLLOWS, TRUNCATED, FEW_DIGITS, FEW_CUT)), STRANGE, own).astype(np.int8)
    return found


def _surplus(state: NDArray[np.int8], last: NDArray[np.int64], rounding: Rounding, values: Array) -> NDArray[np.int8]:
    """Right values in more digits than asked, marked as such."""
    longer = (last != EXACT) & (last < rounding.exponent(values))
    return np.where(longer & np.isin(state, (CORRECT, FOLLOWS)), SURPLUS, state).astype(np.int8)


def truncated_from(form: Affine, written: Array, place: Array) -> Bools:
    """True where some value of the form, cut off after the digits written, is what was written (and is not zero)."""
    reach = form.radius + 1e-9 * place
    size, target = np.abs(form.centre), np.abs(written)
    same_sign = (np.sign(written) == np.sign(form.centre)) & (written != 0)
    with np.errstate(invalid="ignore"):
        return np.asarray(same_sign & (target <= size + reach) & (target + place > size - reach) & np.isfinite(reach))


def rounded_from(form: Affine, written: Array, place: Array) -> Bools:
    """True where some value of the form, rounded to the digits written, is what was written (and is not zero)."""
    with np.errstate(invalid="ignore"):
        near = np.abs(written - form.centre) <= form.radius + 0.5 * place * (1 + 1e-9)
    return np.asarray(near & (written != 0) & np.isfinite(form.radius))


def repeated_values(
    graph: Graph, values: Values, answers: Answers, rounding: Rounding
) -> tuple[dict[str, Bools], Bools]:
    """Where one number stands in several boxes whose right values differ, and which sheets are little else.

    Returns, by quantity, True for boxes whose number is in at least three such boxes and in a good part of the sheet; and
    (N,) True for sheets on which one number fills nearly all of the written boxes.
    """
    names = [q.name for q in graph.computed]
    count = answers.count
    written = np.concatenate([answers.values[n].reshape(count, -1) for n in names], axis=1)
    key = np.concatenate([rounding.round(values[n]).reshape(count, -1) for n in names], axis=1)
    same = np.zeros(written.shape, dtype=np.int64)
    differing = np.zeros(written.shape, dtype=np.int64)
    for j in range(written.shape[1]):
        equal = written == written[:, j : j + 1]
        same[:, j] = equal.sum(axis=1)
        differing[:, j] = (equal & (key != key[:, j : j + 1])).sum(axis=1)
    filled = (~np.isnan(written)).sum(axis=1)
    least = np.maximum(REPEATED_AT_LEAST, REPEATED_SHARE * filled)[:, None]
    repeated = (same >= least) & (differing >= REPEATED_AT_LEAST - 1)
    constant = (filled >= CONSTANT_BOXES) & (same.max(axis=1, initial=0) >= CONSTANT_SHARE * filled) & repeated.any(axis=1)
    parts = np.split(repeated, np.cumsum([int(np.prod(graph.shapes[n])) for n in names])[:-1], axis=1)
    return {n: part.reshape(count, *graph.shapes[n]) for n, part in zip(names, parts, strict=True)}, constant


__all__ = ["BLANK", "CORRECT", "EXACT", "FEW_CUT", "FEW_DIGITS", "FOLLOWS", "OPEN", "TRUNCATED", "UNREAD", "Judged", "judge"]
