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

import numpy as np

from rnnquiz.algebra.expression import Expression, applies, refs
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.operations import value_of
from rnnquiz.algebra.symbols import Derivative, Variable, in_pass
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.evaluate import Values, evaluate
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
        self.count = len(next(iter(values.values())))
        self.parameters = frozenset(one.parameters.values())
        own = [q for q in graph.computed if q.symbol.number == one.number]
        self.forward = [q for q in own if q.role in ("forward", "loss")]
        self.derived = [q for q in own if isinstance(q.symbol, Derivative)]
        self.slopes = [q for q in own if isinstance(q.symbol, Variable) and q.symbol.mark == "'"]

    @cached_property
    def probe(self) -> Probe:
        return Probe.made(self.graph, self.forward, self.parameters)

    def doubts(self) -> Iterator[DoubtfulDerivative]:
        claims = list(self.claims())
        moved = self.chosen(claims)
        at_once = max(1, _MOST_PASSES // (self.count * DIRECTIONS * len(POINTS)))
        for at in range(0, len(moved), at_once):
            yield from self.totals(claims, moved[at : at + at_once])
        if not self.sums_only:
            for q in self.derived:
                yield from self.partial(q)
            for q in self.slopes:
                yield from self.slope(q)

    def ends(self, symbol: Derivative) -> tuple[str, str]:
        """The names of what is differentiated, and of that by which it is."""
        of, by = (in_pass(str(v), self.one.number) for v in (symbol.of, symbol.by))
        return of, self.one.parameters.get(str(symbol.by), by)

    def claims(self) -> Iterator[_Claim]:
        """Total derivatives: of a loss by anything, of any quantity by a parameter."""
        for q in self.derived:
            symbol = q.symbol
            assert isinstance(symbol, Derivative)
            of, by = self.ends(symbol)
            whole = str(symbol.of) == "L" or by in self.parameters
            known = of in self.graph.quantities and by in self.graph.quantities
            if known and whole and not symbol.direct:
                yield _Claim(q, of, (by, symbol.at))

    def chosen(self, claims: Sequence[_Claim]) -> list[tuple[str, int | None]]:
        """What is moved: every parameter, and of the rest as many as are computed in a moment,
        evenly."""
        moves = dict.fromkeys(claim.move for claim in claims)
        first = [move for move in moves if move[0] in self.parameters and move[1] is None]
        if self.sums_only:
            return first
        rest = [move for move in moves if move not in first]
        every = max(1, -(-len(rest) // MOST_MOVED))
        return first + rest[::every]

    def totals(
        self, claims: Sequence[_Claim], moved: Sequence[tuple[str, int | None]]
    ) -> Iterator[DoubtfulDerivative]:
        """All forward passes with one of these quantities moved, at once."""
        moves = {(name, at): Move.of(self.values[name]) for name, at in moved}
        ends = np.cumsum([0, *(move.rows for move in moves.values())]).tolist()
        places = dict(zip(moves, map(slice, ends, ends[1:]), strict=False))
        givens = self.shifted(moves, places, ends[-1])
        found = evaluate(self.probe.graph, givens)
        for claim in claims:
            if claim.move in moves:
                whole = np.broadcast_to(found[claim.of], (self.count * ends[-1],))
                part = whole.reshape(self.count, -1)[:, places[claim.move]]
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
        touched = set[str]().union(*targets.values())
        givens = {
            q.name: self.tiled(q.name, rows, q.name in touched) for q in self.probe.graph.givens
        }
        for key, move in moves.items():
            shifts = move.shifts.reshape(self.count, move.rows, *move.shape)
            for target in targets[key]:
                givens[target][:, places[key]] += shifts
        return {name: value.reshape(-1, *value.shape[2:]) for name, value in givens.items()}

    def tiled(self, name: str, rows: int, moved: bool) -> Array:
        """A given of the probe for every row; of a single variant what is not moved stands once for
        all rows."""
        if not moved and self.count == 1:
            rows = 1
        if name.startswith("shift "):
            return np.zeros((self.count, rows, *self.probe.shape(name)))
        return np.repeat(self.values[quantity_behind(name)][:, None], rows, axis=1)

    def partial(self, q: Quantity) -> Iterator[DoubtfulDerivative]:
        """A derivative of one formula, everything else in it held fixed: local derivatives, direct
        parts."""
        symbol = q.symbol
        assert isinstance(symbol, Derivative)
        of, by = self.ends(symbol)
        outer = self.graph.quantities.get(of)
        if outer is None or outer.formula is None or by not in refs(outer.formula):
            return
        total = by in self.parameters and not symbol.direct
        if total or str(symbol.of) == "L":
            return
        move = Move.of(self.values[by])
        points = self.moved_value(outer.formula, by, move)
        yield from self.compared(q, move, points, self.values[of])

    def moved_value(self, formula: Expression, by: str, move: Move) -> Array:
        """A formula with one name in it moved, (N, rows)."""
        rows = {name: np.repeat(self.values[name], move.rows, axis=0) for name in refs(formula)}
        rows[by] = rows[by] + move.shifts.reshape(-1, *move.shape)
        values = np.broadcast_to(value_of(formula, rows), (self.count * move.rows,))
        return values.reshape(self.count, -1)

    def slope(self, q: Quantity) -> Iterator[DoubtfulDerivative]:
        """f'(argument) of an activation, entry by entry."""
        symbol = q.symbol
        assert isinstance(symbol, Variable)
        unmarked = Variable(symbol.base, symbol.time, "", symbol.number)
        of = self.graph.quantities.get(str(unmarked))
        if of is None or not applies(of.formula, *FUNCTIONS):
            return
        argument = self.entries(value_of(of.formula.args[0], self.values), q)
        move = Move.of(argument)
        moved = np.repeat(argument, move.rows) + move.shifts.reshape(-1)
        points = np.asarray(FUNCTIONS[of.formula.op].value(moved)).reshape(-1, 1, move.rows)
        derived, centre = (self.entries(self.values[name], q) for name in (q.name, of.name))
        along = derived * move.scale
        wrong, measured = disagree(along, np.abs(along), points, centre)
        shape = (self.count, -1)
        found = measured[:, 0] / move.scale
        yield from _found(
            q.name, wrong.reshape(shape), derived.reshape(shape), found.reshape(shape)
        )

    def entries(self, values: Array, q: Quantity) -> Array:
        """All entries of all variants in a row."""
        return np.broadcast_to(values, (self.count, *q.shape)).reshape(-1)

    def compared(
        self, q: Quantity, move: Move, points: Array, centre: Array
    ) -> Iterator[DoubtfulDerivative]:
        """The values of a scalar at all points of a move, (N, rows), against what the derivative
        says."""
        gradient = np.broadcast_to(self.values[q.name], (self.count, *move.shape))
        parts = gradient.reshape(self.count, 1, -1) * move.directions
        derived, size = parts.sum(-1), np.abs(parts).sum(-1)
        values = points.reshape(self.count, len(move.directions[0]), -1)
        wrong, measured = disagree(derived, size, values, centre.reshape(self.count))
        yield from _found(q.name, wrong, derived / move.length, measured / move.length)


def _found(
    name: str, wrong: Bools, derived: Array, measured: Array
) -> Iterator[DoubtfulDerivative]:
    """A doubt, with the numbers of the direction in which it is worst; none where all is right."""
    if wrong.any():
        worst = np.argmax(wrong, axis=1)[:, None]
        pick = (np.take_along_axis(each, worst, axis=1)[:, 0] for each in (derived, measured))
        yield DoubtfulDerivative(name, np.asarray(wrong.any(axis=1)), *pick)


def first_doubt(
    graph: Graph, values: Mapping[str, Array], sums_only: bool = False
) -> tuple[Bools, DoubtfulDerivative | None]:
    """Which of N variants have a derivative that is in doubt, and the first such derivative."""
    count = len(next(iter(values.values())))
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
        part = {name: value[n : n + 1] for name, value in values.items()}
        wrong[n : n + 1], doubt = first_doubt(graph, part, sums_only)
        first = first or doubt
    return wrong, first
