"""What the rewrites of one quantity need to know of the problem around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rnnquiz.algebra.expression import Expression, Ref, applies, refs, under
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.rewrite import KindTests
from rnnquiz.decimals import Array
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.roles import Role
from rnnquiz.models.places import is_gate, places


@dataclass(frozen=True)
class Setting:
    """A quantity in its graph; `biases` are the parameters that are added somewhere, `weights` the
    others. `sample` are the values of a few problems, (N, *shape)."""

    q: Quantity
    graph: Graph
    biases: frozenset[str]
    weights: frozenset[str]
    sample: Mapping[str, Array]

    def seen_from(self, q: Quantity) -> Setting:
        """The same surroundings, seen from another quantity."""
        return replace(self, q=q)

    def quantity(self, name: str) -> Quantity | None:
        """The quantity of a name; none where there is none."""
        return self.graph.quantities.get(name)

    def formula(self, name: str) -> Expression | None:
        """The formula of a quantity; none of a given."""
        q = self.quantity(name)
        if q is None:
            return None
        return q.formula

    def of_kind(self, kind: str) -> frozenset[str]:
        """The parameters of a kind, bias or weight."""
        return {"bias": self.biases, "weight": self.weights}[kind]

    def reaches(self, tree: Expression, sign: int) -> bool:
        """True where the tree reads a quantity of an earlier (sign -1) or later (+1) time, inputs
        and targets aside."""
        now = self.q.time
        if now is None:
            return False
        for name in filter(self.moves, refs(tree)):
            time = self.graph[name].time
            if time is not None and (time - now) * sign > 0:
                return True
        return False

    def moves(self, name: str) -> bool:
        """True for what is computed (also where its number is shown), and for initial states."""
        q = self.quantity(name)
        if q is None or q.role != Role.GIVEN:
            return q is not None
        # What is given within the steps is an input or a target, before and behind them a state.
        return q.time is not None and not 1 <= q.time <= self.graph.steps

    def is_bias(self, tree: Expression) -> bool:
        """True for a reference to a bias."""
        return isinstance(tree, Ref) and tree.name in self.biases

    def is_weight(self, tree: Expression) -> bool:
        """True for a weight, also for a transposed one."""
        bare = under("transpose", tree)
        return isinstance(bare, Ref) and bare.name in self.weights

    def is_slope(self, tree: Expression) -> bool:
        """True for a reference to the slope of an activation."""
        q = self._named(tree)
        return q is not None and "slope" in places(q, self.graph)

    def is_gate(self, tree: Expression) -> bool:
        """True for a reference to a gate."""
        q = self._named(tree)
        return q is not None and is_gate(q)

    def is_rate(self, tree: Expression) -> bool:
        """True for a number that is given, as a learning rate is."""
        q = self._named(tree)
        return q is not None and q.formula is None

    def _named(self, tree: Expression) -> Quantity | None:
        """The quantity that a tree is the name of."""
        # What is written out in a formula is no quantity, and of no kind.
        if isinstance(tree, Ref):
            return self.quantity(tree.name)
        return None

    def kinds(self) -> KindTests:
        """What the names with a meaning of their own stand for in a pattern."""
        return {
            "_past": lambda tree: self.reaches(tree, -1) and not _is_activated(tree),
            "_future": lambda tree: self.reaches(tree, 1),
            "_bias": self.is_bias,
            "_weight": self.is_weight,
            "_slope": self.is_slope,
            "_gate": self.is_gate,
            "_rate": self.is_rate,
            "_spread": lambda tree: applies(tree, "like1", "like2", "spread1", "spread2"),
        }


def _is_activated(tree: Expression) -> bool:
    """True for the value of an activation, as the slope 1 - v has it: it is no term of the sum that
    goes into one."""
    return applies(under("neg", tree), *FUNCTIONS)
