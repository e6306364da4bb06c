"""Is a key right? Each derivative that has a name, against central differences of the forward pass
alone.

Nothing of the derivation is used: a quantity is moved, the forward pass is computed anew, and the
quotient is what the derivative has to be. Quotients of many step sizes are extrapolated to step
zero (Ridders, Advances in Engineering Software 4, 1982), so that neither large nor tiny numbers,
nor a kink nearby, need a step of their own. Right at a kink a derivative between those of its two
sides is right.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import Apply, Expression, Ref, refs, replace
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.operations import evaluate as value_of
from rnnquiz.algebra.symbols import Derivative, Variable, in_pass
from rnnquiz.decimals import Array
from rnnquiz.derivation.evaluate import Values, evaluate
from rnnquiz.derivation.graph import Graph, Pass, Quantity

Bools = NDArray[np.bool_]

WIDEST, FACTOR, LEVELS, ORDERS = (
    2.0**-4,
    4.0,
    10,
    4,
)  # steps from 1/16 of the number down to 2e-7 of it
STEPS = WIDEST / FACTOR ** np.arange(LEVELS)
POINTS = np.concatenate([STEPS, -STEPS])
AGREEMENT, DOUBTFUL = 1e-6, 4.0  # allowed of the derivative, and of the estimated error
NOISE = 1e-15  # of the largest value: what rounding does to a difference at least
# The level whose one-sided quotients tell a kink; how far they differ there; how near one must be.
SIDE, BENT = 8, 1e-3
DIRECTIONS = 2  # in which a vector or a matrix is moved
MOST_MOVED, MOST_ROWS = (
    120,
    4_000,
)  # quantities moved, of those whose sums are not final; rows computed at once
LARGE = 60  # given numbers; a larger network is looked at one variant after the other


@dataclass(frozen=True)
class Doubt:
    """A derivative of a key that is not what the forward pass gives; (N,): where, what the key has,
    what was measured."""

    name: str
    wrong: Bools
    derived: Array
    measured: Array


def doubts(graph: Graph, values: Values, sums_only: bool = False) -> Iterator[Doubt]:
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
    by: str
    at: int | None = None


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

    def doubts(self) -> Iterator[Doubt]:
        claims = list(self.claims())
        moved = self.chosen(claims)
        for at in range(
            0, len(moved), per := max(1, MOST_ROWS // (self.count * DIRECTIONS * len(POINTS)))
        ):
            yield from self.totals(claims, moved[at : at + per])
        if not self.sums_only:
            for q in self.derived:
                yield from self.partial(q)
            for q in self.slopes:
                yield from self.slope(q)

    def claims(self) -> Iterator[_Claim]:
        """Total derivatives: of a loss by anything, of any quantity by a parameter."""
        for q in self.derived:
            symbol = q.symbol
            assert isinstance(symbol, Derivative)
            of, by = (in_pass(str(v), self.one.number) for v in (symbol.of, symbol.by))
            by = self.one.parameters.get(str(symbol.by), by)
            whole = str(symbol.of) == "L" or by in self.parameters
            if (
                of in self.graph.quantities
                and by in self.graph.quantities
                and whole
                and not symbol.direct
            ):
                yield _Claim(q, of, by, symbol.at)

    def chosen(self, claims: list[_Claim]) -> list[tuple[str, int | None]]:
        """What is moved: every parameter, and of the rest as many as are computed in a moment,
        evenly."""
        all_ = dict.fromkeys((claim.by, claim.at) for claim in claims)
        first = [move for move in all_ if move[0] in self.parameters and move[1] is None]
        if self.sums_only:
            return first
        rest = [move for move in all_ if move not in set(first)]
        return first + rest[:: max(1, -(-len(rest) // MOST_MOVED))]

    @cached_property
    def probe(self) -> Graph:
        """The forward pass, each step's use of a parameter by a name of its own, and a shift added
        to what may be moved."""
        found: dict[str, Quantity] = {}
        computed = {
            q.name: Quantity(q.name, q.role, q.shape, self.moved_formula(q)) for q in self.forward
        }
        for q in computed.values():
            assert q.formula is not None
            for name in refs(q.formula):
                if name not in computed:
                    found[name] = Quantity(name, "given", self.graph.shapes[_bare(name)])
        return Graph(found | computed, self.graph.steps)

    def moved_formula(self, q: Quantity) -> Expression:
        def rule(node: Expression) -> Expression | None:
            if not isinstance(node, Ref):
                return None
            if (q.name, node.name) in self.graph.cuts:
                return Ref(f"held {node.name}")
            return Ref(f"{q.time} {node.name}") if node.name in self.parameters else None

        assert q.formula is not None
        return Apply("add", (replace(q.formula, rule), Ref(f"shift {q.name}")))

    def totals(self, claims: list[_Claim], moved: list[tuple[str, int | None]]) -> Iterator[Doubt]:
        """All forward passes with one of these quantities moved, at once."""
        moves = {move: _Move.of(self.values[move[0]]) for move in moved}
        places, rows = {}, 0
        for move, how in moves.items():
            places[move] = slice(rows, rows + how.rows)
            rows += how.rows
        where = {(name, at): self.targets(name, at) for name, at in moves}
        touched = {target for targets in where.values() for target in targets}
        givens = {q.name: self.tiled(q.name, rows, q.name in touched) for q in self.probe.givens}
        for (name, at), how in moves.items():
            for target in where[name, at]:
                givens[target][:, places[name, at]] += how.shifts.reshape(
                    self.count, how.rows, *how.shape
                )
        flat = {name: value.reshape(-1, *value.shape[2:]) for name, value in givens.items()}
        found = evaluate(self.probe, flat)
        for claim in claims:
            if (move := (claim.by, claim.at)) in moves:
                whole = np.broadcast_to(found[claim.of], (self.count * rows,)).reshape(
                    self.count, rows
                )
                part = whole[:, places[move]]
                yield from self.compared(claim.quantity, moves[move], part, self.values[claim.of])

    def tiled(self, name: str, rows: int, moved: bool) -> Array:
        """A given of the probe for every row; of a single variant what is not moved stands once for
        all rows."""
        rows = rows if moved or self.count > 1 else 1
        if name.startswith("shift "):
            return np.zeros((self.count, rows, *self.graph.shapes[_bare(name)]))
        return np.repeat(self.values[_bare(name)][:, None], rows, axis=1)

    def targets(self, name: str, at: int | None) -> list[str]:
        """The givens of the probe that move a quantity."""
        if name not in self.parameters:
            return [f"shift {name}"]
        uses = [
            q.name
            for q in self.probe.givens
            if _bare(q.name) == name and not q.name.startswith("held ")
        ]
        return [use for use in uses if at is None or use == f"{at} {name}"]

    def partial(self, q: Quantity) -> Iterator[Doubt]:
        """A derivative of one formula, everything else in it held fixed: local derivatives, direct
        parts."""
        symbol = q.symbol
        assert isinstance(symbol, Derivative)
        of, by = (in_pass(str(v), self.one.number) for v in (symbol.of, symbol.by))
        by = self.one.parameters.get(str(symbol.by), by)
        outer = self.graph.quantities.get(of)
        if (
            str(symbol.of) == "L"
            or outer is None
            or outer.formula is None
            or by not in refs(outer.formula)
        ):
            return
        if not symbol.direct and by in self.parameters:
            return  # a total derivative
        how = _Move.of(self.values[by])
        yield from self.compared(q, how, self.moved_value(outer.formula, by, how), self.values[of])

    def moved_value(self, formula: Expression, by: str, how: _Move) -> Array:
        """A formula with one name in it moved, (N, rows)."""
        rows = {name: np.repeat(self.values[name], how.rows, axis=0) for name in refs(formula)}
        rows[by] = rows[by] + how.shifts.reshape(-1, *how.shape)
        return np.broadcast_to(value_of(formula, rows), (self.count * how.rows,)).reshape(
            self.count, -1
        )

    def slope(self, q: Quantity) -> Iterator[Doubt]:
        """f'(argument) of an activation, entry by entry."""
        assert isinstance(q.symbol, Variable)
        of = self.graph.quantities.get(
            str(Variable(q.symbol.base, q.symbol.time, "", q.symbol.number))
        )
        if of is None or not isinstance(of.formula, Apply) or of.formula.op not in FUNCTIONS:
            return
        shape = (self.count, *q.shape)
        argument = np.broadcast_to(value_of(of.formula.args[0], self.values), shape).reshape(-1)
        how = _Move.of(argument)
        moved = np.repeat(argument, how.rows) + how.shifts.reshape(-1)
        points = np.asarray(FUNCTIONS[of.formula.op].value(moved)).reshape(-1, how.rows)
        derived, centre = (
            np.broadcast_to(self.values[name], shape).reshape(-1) for name in (q.name, of.name)
        )
        wrong, measured = _disagree(
            derived * how.scale, np.abs(derived * how.scale), points[:, None], centre
        )
        found = (measured[:, 0] / how.scale).reshape(self.count, -1)
        yield from _found(
            q.name, wrong.reshape(self.count, -1), derived.reshape(self.count, -1), found
        )

    def compared(self, q: Quantity, how: _Move, points: Array, centre: Array) -> Iterator[Doubt]:
        """The values of a scalar at all points of a move, (N, rows), against what the derivative
        says."""
        parts = (
            np.broadcast_to(self.values[q.name], (self.count, *how.shape)).reshape(
                self.count, 1, -1
            )
            * how.directions
        )
        derived, size = parts.sum(-1), np.abs(parts).sum(-1)
        values = points.reshape(self.count, len(how.directions[0]), -1)
        wrong, measured = _disagree(derived, size, values, centre.reshape(self.count))
        yield from _found(q.name, wrong, derived / how.length, measured / how.length)


def _bare(name: str) -> str:
    return name.rpartition(" ")[2]


def _found(name: str, wrong: Bools, derived: Array, measured: Array) -> Iterator[Doubt]:
    """A doubt, with the numbers of the direction in which it is worst; none where all is right."""
    if wrong.any():
        worst = np.argmax(wrong, axis=1)[:, None]
        pick = (np.take_along_axis(each, worst, axis=1)[:, 0] for each in (derived, measured))
        yield Doubt(name, np.asarray(wrong.any(axis=1)), *pick)


@dataclass(frozen=True)
class _Move:
    """How a quantity is moved: its entries one by one where they are few, else all of them in a few
    directions.

    `directions` are (N, D, entries); `shifts` (N, D, points, entries): each direction times each
    step, to either side.
    """

    shape: tuple[int, ...]
    directions: Array

    @classmethod
    def of(cls, value: Array) -> _Move:
        shape = value.shape[1:]
        flat = value.reshape(len(value), -1)
        size = np.where((np.abs(flat) > 0) & (np.abs(flat) < 1), np.abs(flat), 1.0)
        entries = flat.shape[1]
        pattern = np.eye(entries)
        if entries > DIRECTIONS:
            generator = np.random.default_rng(entries)
            pattern = generator.uniform(0.4, 1.0, (DIRECTIONS, entries)) * generator.choice(
                (-1.0, 1.0), (DIRECTIONS, entries)
            )
        return cls(shape, pattern[None] * size[:, None, :])

    @property
    def rows(self) -> int:
        return int(self.directions.shape[1]) * len(POINTS)

    @property
    def shifts(self) -> Array:
        return np.asarray(self.directions[:, :, None, :] * POINTS[:, None])

    @property
    def scale(self) -> Array:
        """The size of the move of a scalar."""
        return self.directions[:, 0, 0]

    @property
    def length(self) -> Array:
        return np.asarray(np.abs(self.directions).max(-1))


def _disagree(derived: Array, size: Array, points: Array, centre: Array) -> tuple[Bools, Array]:
    """Where a derivative is not what the values at all points say: (N, D), and what they say.

    `points` is (N, D, steps forwards and backwards), `centre` (N,) the value where nothing is
    moved.
    """
    derived, size = derived.reshape(points.shape[:2]), size.reshape(points.shape[:2])
    up, down = points[..., :LEVELS], points[..., LEVELS:]
    finite = np.where(np.isfinite(points), np.abs(points), 0.0)
    shaken = np.abs(
        up[..., SIDE:] + down[..., SIDE:] - 2 * centre[:, None, None]
    )  # by rounding, where steps are tiny
    largest = np.maximum(np.abs(centre)[:, None], finite.max(axis=-1))
    noise = np.fmax(NOISE * largest, shaken.max(axis=-1))[..., None] / STEPS
    measured, error = _extrapolated((up - down) / (2 * STEPS), noise)
    right = np.abs(measured - derived) <= DOUBTFUL * error + AGREEMENT * size
    sure = error <= BENT * np.maximum(np.abs(measured), size) + noise[..., SIDE]
    sides = [
        (up[..., SIDE] - centre[:, None]) / STEPS[SIDE],
        (centre[:, None] - down[..., SIDE]) / STEPS[SIDE],
    ]
    low, high = np.minimum(*sides), np.maximum(*sides)
    room = BENT * np.maximum(np.abs(low), np.abs(high))
    at_kink = (high - low > room) & (low - room <= derived) & (derived <= high + room)
    return ~((right & sure) | at_kink), measured


def _extrapolated(quotients: Array, noise: Array) -> tuple[Array, Array]:
    """The limit of quotients of ever smaller steps, and how far it may be off: the entry of
    Ridders' table that is surest.

    `noise` is what rounding may do to each quotient.
    """
    best, error = quotients[..., 0], np.full(quotients.shape[:-1], np.inf)
    column = quotients
    for order in range(1, ORDERS + 1):
        finer, coarser = column[..., 1:], column[..., :-1]
        new = finer + (finer - coarser) / (FACTOR ** (2 * order) - 1)
        off = np.maximum(np.abs(new - finer), np.abs(new - coarser)) + noise[..., order:]
        off = np.where(np.isfinite(off), off, np.inf)
        k = np.argmin(off, axis=-1)[..., None]
        own = np.take_along_axis(off, k, axis=-1)[..., 0]
        better = own < error
        best = np.where(better, np.take_along_axis(new, k, axis=-1)[..., 0], best)
        error, column = np.where(better, own, error), new
    return best, error


def first_doubt(
    graph: Graph, values: Mapping[str, Array], sums_only: bool = False
) -> tuple[Bools, Doubt | None]:
    """Which of N variants have a derivative that is in doubt, and the first such derivative."""
    count = len(next(iter(values.values())))
    if count > 1 and sum(math.prod(q.shape) for q in graph.givens) > LARGE:
        parts = [{name: value[n : n + 1] for name, value in values.items()} for n in range(count)]
        each = [first_doubt(graph, part, sums_only) for part in parts]
        found = next((doubt for _, doubt in each if doubt is not None), None)
        return np.concatenate([wrong for wrong, _ in each]), found
    wrong = np.zeros(count, dtype=bool)
    first: Doubt | None = None
    for doubt in doubts(graph, dict(values), sums_only):
        wrong |= doubt.wrong
        first = first or doubt
    return wrong, first
