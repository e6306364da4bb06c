"""Is a key right? Each derivative that has a name, against central differences of the forward pass
alone.

Nothing of the derivation is used: a quantity is moved, the forward pass is computed anew, and the
quotient is what the derivative has to be.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from rnnquiz.algebra.expression import Expression, applies, refs
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.operations import value_of
from rnnquiz.algebra.symbols import Derivative, Variable, in_pass
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.evaluate import Values, batch_of, evaluate
from rnnquiz.derivation.extrapolation import POINTS, disagree
from rnnquiz.derivation.graph import Graph, Pass, Quantity
from rnnquiz.derivation.moves import DIRECTIONS, Move, Probe, quantity_behind

MOST_MOVED = 120  # quantities moved, of those whose sums are not final
_MOST_PASSES = 4_000  # forward passes computed at once
LARGE = 60  # given numbers; a larger network is looked at one variant after the other


@dataclass(frozen=True)
class DoubtfulDerivative:
    """A derivative of a key that is not what the forward pass gives; (N,): where, what the key has,
    what was measured."""

    name: str
    wrong: Bools
    derived: Array
    measured: Array


def doubts(graph: Graph, values: Values, sums_only: bool = False) -> Iterator[DoubtfulDerivative]:
    """The derivatives of N solved variants of a graph that disagree with its forward pass
    somewhere.

    `values` are those of all quantities, unrounded. With `sums_only` the gradients of the losses by
    the parameters are looked at, and what comes with them; else also deltas, parts of single steps,
    local derivatives and slopes.
    """
    with np.errstate(all="ignore"):
        # A graph that was never trained has its parameters as they are.
        for one in graph.passes or (Pass(None, {p: p for p in graph.parameters}),):
            yield from _Check(graph, values, one, sums_only).doubts()


@dataclass(frozen=True)
class _Claim:
    """A named derivative: which forward quantity is differentiated, and which is moved (at one step
    only)."""

    quantity: Quantity
    of: str
    move: tuple[str, int | None]


class _Check:
    """The check of one pass: claims, the quantities to be moved for them, and the forward pass with
    places for the moves."""

    def __init__(self, graph: Graph, values: Values, one: Pass, sums_only: bool) -> None:
        self.graph, self.values, self.one, self.sums_only = graph, values, one, sums_only
        self.count = batch_of(values)
        self.parameters = frozenset(one.parameters.values())
        self.forward: list[Quantity] = []
        self.derived: list[Quantity] = []
        self.slopes: list[Quantity] = []
        for q in graph.computed:
            symbol = q.symbol
            if symbol.number != one.number:
                continue
            if q.role.runs_forward:
                self.forward.append(q)
            if isinstance(symbol, Derivative):
                self.derived.append(q)
            elif symbol.mark == "'":
                self.slopes.append(q)

    @cached_property
    def probe(self) -> Probe:
        return Probe.made(self.graph, self.forward, self.parameters)

    def doubts(self) -> Iterator[DoubtfulDerivative]:
        claims = list(self.claims())
        moved = self.chosen(claims)
        of_one_move = DIRECTIONS * len(POINTS)
        at_once = max(1, _MOST_PASSES // (self.count * of_one_move))
        for at in range(0, len(moved), at_once):
            some = moved[at : at + at_once]
            yield from self.totals(claims, some)
        if not self.sums_only:
            for q in self.derived:
                yield from self.partial(q)
            for q in self.slopes:
                yield from self.slope(q)

    def ends(self, symbol: Derivative) -> tuple[str, str]:
        """The names of what is differentiated, and of that by which it is."""
        number, parameter = self.one.number, str(symbol.by)
        of = in_pass(str(symbol.of), number)
        by = in_pass(parameter, number)
        # In a later pass a parameter is the one that the update before it gave.
        return of, self.one.parameters.get(parameter, by)

    def claims(self) -> Iterator[_Claim]:
        """Total derivatives: of a loss by anything, of any quantity by a parameter."""
        for q in self.derived:
            symbol = q.symbol
            assert isinstance(symbol, Derivative)
            of, by = self.ends(symbol)
            if symbol.direct or not self.graph.quantities.keys() >= {of, by}:
                continue
            if str(symbol.of) == "L" or by in self.parameters:
                yield _Claim(q, of, (by, symbol.at))

    def chosen(self, claims: Sequence[_Claim]) -> list[tuple[str, int | None]]:
        """What is moved: every parameter, and of the rest as many as are computed in a moment,
        evenly."""
        first: list[tuple[str, int | None]] = []
        rest: list[tuple[str, int | None]] = []
        for name, at in dict.fromkeys(claim.move for claim in claims):
            # The gradients that an update is made with: a mistake further up shows in one of them.
            if name in self.parameters and at is None:
                first.append((name, at))
            else:
                rest.append((name, at))
        if self.sums_only:
            return first
        times_too_many = math.ceil(len(rest) / MOST_MOVED)
        every = max(1, times_too_many)
        return first + rest[::every]

    def totals(
        self, claims: Sequence[_Claim], moved: Sequence[tuple[str, int | None]]
    ) -> Iterator[DoubtfulDerivative]:
        """All forward passes with one of these quantities moved, at once."""
        moves = {(name, at): Move.of(self.values[name]) for name, at in moved}
        places: dict[tuple[str, int | None], slice] = {}
        rows = 0
        for key, move in moves.items():
            end = rows + move.rows
            places[key] = slice(rows, end)
            rows = end
        givens = self.shifted(moves, places, rows)
        found = evaluate(self.probe.graph, givens)
        for claim in claims:
            if claim.move in moves:
                # Of a single variant, what depends on nothing that is moved was computed once.
                whole = np.broadcast_to(found[claim.of], (self.count * rows,))
                by_variant = whole.reshape(self.count, -1)
                part = by_variant[:, places[claim.move]]
                centre = self.values[claim.of]
                yield from self.compared(claim.quantity, moves[claim.move], part, centre)

    def shifted(
        self,
        moves: Mapping[tuple[str, int | None], Move],
        places: Mapping[tuple[str, int | None], slice],
        rows: int,
    ) -> dict[str, Array]:
        """The givens of the probe, each move in rows of its own, (N * rows, *shape)."""
        targets = {(name, at): self.probe.targets(name, at) for name, at in moves}
        touched = set(chain.from_iterable(targets.values()))
        names = [q.name for q in self.probe.graph.givens]
        givens = {name: self.tiled(name, rows, name in touched) for name in names}
        for key, move in moves.items():
            shifts = move.shifts.reshape(self.count, move.rows, *move.shape)
            for target in targets[key]:
                of_move = givens[target][:, places[key]]
                of_move += shifts
        return {name: _flat_rows(value) for name, value in givens.items()}

    def tiled(self, name: str, rows: int, moved: bool) -> Array:
        """A given of the probe for every row; of a single variant what is not moved stands once for
        all rows."""
        if not moved and self.count == 1:
            rows = 1
        if name.startswith("shift "):
            return np.zeros((self.count, rows, *self.probe.shape(name)))
        value = self.values[quantity_behind(name)]
        return np.repeat(value[:, None], rows, axis=1)

    def partial(self, q: Quantity) -> Iterator[DoubtfulDerivative]:
        """A derivative of one formula, everything else in it held fixed: local derivatives, direct
        parts."""
        symbol = q.symbol
        assert isinstance(symbol, Derivative)
        of, by = self.ends(symbol)
        outer = self.graph.quantities.get(of)
        if outer is None or outer.formula is None or by not in refs(outer.formula):
            return
        # Totals are checked by whole forward passes.
        is_total = by in self.parameters and not symbol.direct
        if is_total or str(symbol.of) == "L":
            return
        move = Move.of(self.values[by])
        points = self.moved_value(outer.formula, by, move)
        yield from self.compared(q, move, points, self.values[of])

    def moved_value(self, formula: Expression, by: str, move: Move) -> Array:
        """A formula with one name in it moved, (N, rows)."""
        read = {name: self.values[name] for name in refs(formula)}
        rows = {name: np.repeat(value, move.rows, axis=0) for name, value in read.items()}
        shifts = move.shifts.reshape(-1, *move.shape)
        rows[by] = rows[by] + shifts
        value = value_of(formula, rows)
        values = np.broadcast_to(value, (self.count * move.rows,))
        return values.reshape(self.count, -1)

    def slope(self, q: Quantity) -> Iterator[DoubtfulDerivative]:
        """f'(argument) of an activation, entry by entry."""
        symbol = q.symbol
        assert isinstance(symbol, Variable)
        unmarked = Variable(symbol.base, symbol.time, "", symbol.number)
        of = self.graph.quantities.get(str(unmarked))
        if of is None or not applies(of.formula, *FUNCTIONS):
            return
        function = FUNCTIONS[of.formula.op]
        inner = value_of(of.formula.args[0], self.values)
        # Each entry of each variant is a case of its own here.
        argument = self.entries(inner, q)
        move = Move.of(argument)
        shifts = move.shifts.reshape(-1)
        moved = np.repeat(argument, move.rows) + shifts
        values = np.asarray(function.value(moved))
        points = values.reshape(-1, 1, move.rows)
        derived = self.entries(self.values[q.name], q)
        centre = self.entries(self.values[of.name], q)
        along = derived * move.scale
        wrong, measured = disagree(along, np.abs(along), points, centre)
        shape = (self.count, -1)
        found = measured[:, 0] / move.scale
        has, gives = derived.reshape(shape), found.reshape(shape)
        yield from _found(q.name, wrong.reshape(shape), has, gives)

    def entries(self, values: Array, q: Quantity) -> Array:
        """All entries of all variants in a row."""
        whole = np.broadcast_to(values, (self.count, *q.shape))
        return whole.reshape(-1)

    def compared(
        self, q: Quantity, move: Move, points: Array, centre: Array
    ) -> Iterator[DoubtfulDerivative]:
        """The values of a scalar at all points of a move, (N, rows), against what the derivative
        says."""
        whole = np.broadcast_to(self.values[q.name], (self.count, *move.shape))
        gradient = whole.reshape(self.count, 1, -1)
        parts = gradient * move.directions
        derived = parts.sum(-1)
        # Terms that cancel leave a small sum with the errors of large ones.
        size = np.abs(parts).sum(-1)
        directions = move.directions.shape[1]
        values = points.reshape(self.count, directions, -1)
        wrong, measured = disagree(derived, size, values, centre.reshape(self.count))
        # As a derivative again, not as a difference over the whole move.
        slopes = derived / move.length, measured / move.length
        yield from _found(q.name, wrong, *slopes)


def _found(
    name: str, wrong: Bools, derived: Array, measured: Array
) -> Iterator[DoubtfulDerivative]:
    """A doubt, with the numbers of the direction in which it is worst; none where all is right."""
    if wrong.any():
        worst = np.argmax(wrong, axis=1)[:, None]
        where = np.asarray(wrong.any(axis=1))
        numbers = (np.take_along_axis(each, worst, axis=1) for each in (derived, measured))
        has, gives = (each[:, 0] for each in numbers)
        yield DoubtfulDerivative(name, where, has, gives)


def _flat_rows(value: Array) -> Array:
    """(N, rows, *shape) as (N * rows, *shape)."""
    return value.reshape(-1, *value.shape[2:])


def first_doubt(
    graph: Graph, values: Mapping[str, Array], sums_only: bool = False
) -> tuple[Bools, DoubtfulDerivative | None]:
    """Which of N variants have a derivative that is in doubt, and the first such derivative."""
    count = batch_of(values)
    if count > 1 and sum(math.prod(q.shape) for q in graph.givens) > LARGE:
        return _one_after_the_other(graph, values, count, sums_only)
    wrong = np.zeros(count, dtype=bool)
    first: DoubtfulDerivative | None = None
    for doubt in doubts(graph, dict(values), sums_only):
        wrong |= doubt.wrong
        first = first or doubt
    return wrong, first


def _one_after_the_other(
    graph: Graph, values: Mapping[str, Array], count: int, sums_only: bool
) -> tuple[Bools, DoubtfulDerivative | None]:
    """The same, variant by variant: all of them at once would need too much memory."""
    wrong = np.zeros(count, dtype=bool)
    first: DoubtfulDerivative | None = None
    for n in range(count):
        only = slice(n, n + 1)
        part = {name: value[only] for name, value in values.items()}
        wrong[only], doubt = first_doubt(graph, part, sums_only)
        first = first or doubt
    return wrong, first
