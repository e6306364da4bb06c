"""How a quantity is moved to see what hangs on it; a forward pass with places for such moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, filterfalse

import numpy as np

from rnnquiz.algebra.expression import Apply, Expression, Ref, refs, replace
from rnnquiz.decimals import Array
from rnnquiz.derivation.extrapolation import POINTS
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.roles import Role

DIRECTIONS = 2  # in which a vector or a matrix is moved


@dataclass(frozen=True)
class Move:
    """A quantity's entries moved one by one where they are few, else all of them in a few
    directions.

    `directions` are (N, D, entries); `shifts` (N, D, points, entries): each direction times each
    step, to either side.
    """

    shape: tuple[int, ...]
    directions: Array

    @classmethod
    def of(cls, value: Array) -> Move:
        """The move of a value (N, ...), by the size of its entries."""
        entries = value.reshape(len(value), -1)
        size = np.abs(entries)
        # An entry below one is moved by a share of itself, any other by as much as one would be.
        small = (size > 0) & (size < 1)
        of_entries = np.where(small, size, 1.0)
        pattern = _pattern(entries.shape[1])
        directions = pattern[None] * of_entries[:, None, :]
        return cls(value.shape[1:], directions)

    @property
    def rows(self) -> int:
        """How many forward passes it takes for each variant."""
        directions = int(self.directions.shape[1])
        return directions * len(POINTS)

    @property
    def shifts(self) -> Array:
        """Each direction times each step of the central difference, (N, D, points, entries)."""
        steps = POINTS[:, None]
        each = self.directions[:, :, None, :]
        return np.asarray(each * steps)

    @property
    def scale(self) -> Array:
        """The size of the move of a scalar, (N,)."""
        return self.directions[:, 0, 0]

    @property
    def length(self) -> Array:
        """The largest move of an entry, (N, D)."""
        sizes = np.abs(self.directions)
        return np.asarray(sizes.max(-1))


def _pattern(entries: int) -> Array:
    """The directions, (D, entries): with two of them and a sign for each entry no error of an
    entry cancels that of another by chance."""
    if entries <= DIRECTIONS:
        return np.eye(entries)
    # Seeded by the size: a bank that passes today passes tomorrow.
    generator = np.random.default_rng(entries)
    shape = (DIRECTIONS, entries)
    # No length is so short that its entry is hardly moved.
    lengths = generator.uniform(0.4, 1.0, shape)
    signs = generator.choice((-1.0, 1.0), shape)
    return np.asarray(lengths * signs)


@dataclass(frozen=True)
class Probe:
    """The forward pass of a graph, with a shift added to what may be moved, and each step's use of
    a parameter by a name of its own: `shift h[2]`, `2 U`. What is held (no gradient goes back that
    way) has a third: `held h[1]`."""

    graph: Graph
    of: Graph
    parameters: frozenset[str]

    @classmethod
    def made(cls, of: Graph, forward: Sequence[Quantity], parameters: frozenset[str]) -> Probe:
        """The forward pass as it is computed again with what is moved."""
        computed: dict[str, Quantity] = {}
        for q in forward:
            formula = _movable(q, of, parameters)
            computed[q.name] = Quantity(q.name, q.role, q.shape, formula)
        formulas = map(_formula, computed.values())
        read = chain.from_iterable(map(refs, formulas))
        given: dict[str, Quantity] = {}
        for name in filterfalse(computed.__contains__, dict.fromkeys(read)):
            shape = of.shapes[quantity_behind(name)]
            given[name] = Quantity(name, Role.GIVEN, shape)
        graph = Graph(given | computed, of.steps)
        return cls(graph, of, parameters)

    def targets(self, name: str, at: int | None) -> list[str]:
        """The givens that move a quantity (at one step only)."""
        if name not in self.parameters:
            return [f"shift {name}"]
        uses = list(self._uses(name))
        if at is None:
            return uses
        return list(filter(f"{at} {name}".__eq__, uses))

    def _uses(self, parameter: str) -> Iterator[str]:
        for q in self.graph.givens:
            if quantity_behind(q.name) == parameter and not q.name.startswith("held "):
                yield q.name

    def shape(self, given: str) -> tuple[int, ...]:
        """The shape of a given that is moved."""
        return self.of.shapes[quantity_behind(given)]


def quantity_behind(name: str) -> str:
    """The quantity behind a name of a probe."""
    return name.rpartition(" ")[2]


def _formula(q: Quantity) -> Expression:
    assert q.formula is not None
    return q.formula


def _movable(q: Quantity, of: Graph, parameters: frozenset[str]) -> Expression:
    """The formula of q with places for moves."""

    def rule(node: Expression) -> Expression | None:
        if not isinstance(node, Ref):
            return None
        # By a name of its own: it is read as a number, and no move comes through it.
        if (q.name, node.name) in of.cuts:
            return Ref(f"held {node.name}")
        if node.name in parameters:
            return Ref(f"{q.time} {node.name}")
        return None

    moved = replace(_formula(q), rule)
    return Apply("add", (moved, Ref(f"shift {q.name}")))
