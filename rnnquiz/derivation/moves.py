"""How a quantity is moved to see what hangs on it; a forward pass with places for such moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rnnquiz.algebra.expression import Apply, Expression, Ref, refs, replace
from rnnquiz.decimals import Array
from rnnquiz.derivation.extrapolation import POINTS
from rnnquiz.derivation.graph import Graph, Quantity

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
        flat = value.reshape(len(value), -1)
        size = np.abs(flat)
        size = np.where((size > 0) & (size < 1), size, 1.0)
        return cls(value.shape[1:], _pattern(flat.shape[1])[None] * size[:, None, :])

    @property
    def rows(self) -> int:
        """How many forward passes it takes for each variant."""
        return int(self.directions.shape[1]) * len(POINTS)

    @property
    def shifts(self) -> Array:
        return np.asarray(self.directions[:, :, None, :] * POINTS[:, None])

    @property
    def scale(self) -> Array:
        """The size of the move of a scalar, (N,)."""
        return self.directions[:, 0, 0]

    @property
    def length(self) -> Array:
        """The largest move of an entry, (N, D)."""
        return np.asarray(np.abs(self.directions).max(-1))


def _pattern(entries: int) -> Array:
    """The directions, (D, entries): with two of them and a sign for each entry no error of an
    entry cancels that of another by chance."""
    if entries <= DIRECTIONS:
        return np.eye(entries)
    generator = np.random.default_rng(entries)
    lengths = generator.uniform(0.4, 1.0, (DIRECTIONS, entries))
    return np.asarray(lengths * generator.choice((-1.0, 1.0), (DIRECTIONS, entries)))


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
        computed = {
            q.name: Quantity(q.name, q.role, q.shape, _movable(q, of, parameters)) for q in forward
        }
        read = dict.fromkeys(name for q in computed.values() for name in refs(_formula(q)))
        given = {
            name: Quantity(name, "given", of.shapes[quantity_behind(name)])
            for name in read
            if name not in computed
        }
        return cls(Graph(given | computed, of.steps), of, parameters)

    def targets(self, name: str, at: int | None) -> list[str]:
        """The givens that move a quantity (at one step only)."""
        if name not in self.parameters:
            return [f"shift {name}"]
        return [use for use in self._uses(name) if at is None or use == f"{at} {name}"]

    def _uses(self, parameter: str) -> Iterator[str]:
        for q in self.graph.givens:
            if quantity_behind(q.name) == parameter and not q.name.startswith("held "):
                yield q.name

    def shape(self, given: str) -> tuple[int, ...]:
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
        if (q.name, node.name) in of.cuts:
            return Ref(f"held {node.name}")
        if node.name in parameters:
            return Ref(f"{q.time} {node.name}")
        return None

    return Apply("add", (replace(_formula(q), rule), Ref(f"shift {q.name}")))
