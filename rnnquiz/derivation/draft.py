"""The graph while the backward pass is being added to it: which ways gradients go, and what each is
multiplied by there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import filterfalse
from typing import Literal

from rnnquiz.algebra.expression import ONE, Apply, Expression, Ref, applies
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.operations import OPERATIONS
from rnnquiz.algebra.shapes import Shape, show_shape, times
from rnnquiz.algebra.slopes import derivative_of
from rnnquiz.algebra.specialise import Specialiser
from rnnquiz.algebra.symbols import base_and_step
from rnnquiz.derivation.differentiate import pull_back
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.model import Model, ModelError
from rnnquiz.derivation.roles import Role
from rnnquiz.derivation.unroll import at_time

Slope = Literal["output", "argument"]


class GraphDraft:
    """The graph while the backward pass is being added to it.

    `parents` are the ways that gradients go: those of the forward pass without what is cut, joint
    derivatives as one way.
    """

    def __init__(self, forward: Graph, model: Model, slope: Slope) -> None:
        self.forward = forward
        self.slope = slope
        self.quantities: dict[str, Quantity] = dict(forward.quantities)
        self.shapes: dict[str, Shape] = dict(forward.shapes)
        self.joint: dict[tuple[str, str], Expression] = {}
        self.cuts = frozenset(_cuts(forward, model.window))
        self.parents = {child: self._uncut(child) for child in forward.parents}
        self.specialiser = Specialiser(self.shapes)
        for row in model.joint:
            for t in range(1, model.steps + 1):
                of, by, skips = (f"{base}[{t}]" for base in (row.of, row.by, row.skips))
                if self.quantities.keys() >= {of, by, skips}:
                    formula = at_time(row.formula, t, model.steps)
                    self.joint[of, by] = self.specialiser.of(formula)
                    # The way over what is skipped is closed; the joint one takes its place.
                    others = filterfalse((skips, by).__contains__, self.parents[of])
                    self.parents[of] = (*others, by)
        self.children: dict[str, list[str]] = {name: [] for name in self.parents}
        for child, parents in self.parents.items():
            for parent in parents:
                self.children[parent].append(child)

    def of(self, tree: Expression) -> Shape:
        """The shape of a formula over what is defined so far."""
        return self.specialiser.shapes.of(tree)

    def define(
        self, name: str, role: Role, formula: Expression, alternatives: tuple[Expression, ...] = ()
    ) -> Ref:
        """A quantity by this name, added where it is not there yet."""
        if name not in self.quantities:
            shape = self.of(formula)
            self.quantities[name] = Quantity(name, role, shape, formula, alternatives)
            self.shapes[name] = shape
        return Ref(name)

    def activation(self, q: Quantity) -> Apply | None:
        """The outer function of the quantity's formula, where that is a curved function."""
        if applies(q.formula, *FUNCTIONS):
            return q.formula
        return None

    def _uncut(self, child: str) -> tuple[str, ...]:
        """What a quantity is differentiated by: not what lies before the window."""
        parents = self.forward.parents[child]
        return tuple(parent for parent in parents if (child, parent) not in self.cuts)

    def slope_forms(self, q: Quantity, outer: Apply) -> tuple[Expression, tuple[Expression, ...]]:
        """f'(argument) in the form asked for, and the other form."""
        argument = outer.args[0]
        by_output = derivative_of(outer.op, argument, Ref(q.name), self.of)
        by_argument = derivative_of(outer.op, argument, None, self.of)
        # Of some functions (log, sin) no derivative by the value is usual.
        if by_output == by_argument:
            return by_output, ()
        if self.slope == "output":
            return by_output, (by_argument,)
        return by_argument, (by_output,)

    def named_slope(self, q: Quantity, outer: Apply) -> Ref:
        """The derivative of the activation of a quantity, as a quantity of its own (h'[2])."""
        base, step = base_and_step(q.name)
        name = f"{base}'{step}"
        if name in self.quantities:
            return Ref(name)
        return self.define(name, Role.LOCAL, *self.slope_forms(q, outer))

    def pull(self, q: Quantity, name: str, gradient: Expression) -> Expression:
        """Contribution of q to the gradient of `name`, through the named slope where q has an
        activation."""
        assert q.formula is not None
        if (q.name, name) in self.joint:
            return times(gradient, self.joint[q.name, name], self.of)
        formula = q.formula
        # By the named probabilities of a softmax: its formula is not written once more.
        if isinstance(formula, Apply) and (through := OPERATIONS[formula.op].through) is not None:
            gradient = through(Ref(q.name), gradient, self.of)
            return pull_back(formula.args[0], name, gradient, self.of)
        outer = self.activation(q)
        if outer is None:
            return pull_back(q.formula, name, gradient, self.of)
        slope = self.named_slope(q, outer)
        inner = times(gradient, slope, self.of)
        return pull_back(outer.args[0], name, inner, self.of)

    def local(self, q: Quantity, name: str, mark: str = "") -> Ref:
        """d q / d name by q's own formula, as a named quantity."""
        self.need_scalar(q)
        outer = self.activation(q)
        label = f"d{mark}{q.name}/d{name}"
        if label in self.quantities:
            return Ref(label)
        if outer is not None and outer.args[0] == Ref(name):
            return self.define(label, Role.LOCAL, *self.slope_forms(q, outer))
        role = Role.LOCAL
        # The loss by a parameter that it reads itself is a gradient at once.
        if not mark and q.role == Role.LOSS and name in self.forward.parameters:
            role = Role.GRADIENT
        return self.define(label, role, self.pull(q, name, ONE))

    def need_scalar(self, q: Quantity) -> None:
        """ModelError where a quantity is no number."""
        if q.shape != ():
            raise ModelError(
                f"style total: {q.name} is a {show_shape(q.shape)}, and its derivative by a"
                " parameter is no number, vector or matrix that a hand could write",
                "use style: delta",
            )


def _cuts(forward: Graph, window: int | None) -> Iterator[tuple[str, str]]:
    """Uses of a computed quantity of another chunk of `window` steps."""
    if window is None:
        return
    for child, parents in forward.parents.items():
        here = forward[child].time
        for parent in parents:
            there = forward[parent].time
            # Parameters, inputs and what has no step belong to every chunk.
            if here is None or there is None or forward[parent].formula is None:
                continue
            if _chunk(here, window) != _chunk(there, window):
                yield child, parent


def _chunk(time: int, window: int) -> int:
    """The chunk of a step; an initial state belongs to the first one."""
    first = max(time, 1)
    return (first - 1) // window
