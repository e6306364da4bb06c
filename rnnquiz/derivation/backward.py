"""The backward pass, derived from the forward graph in the two ways in which people are taught it.

`total`: one loss at a time, d h[t]/dU = direct part + d h[t]/d h[t-1] * d h[t-1]/dU (forward
accumulation).
`delta`: gradients of the loss run backwards through the states (reverse accumulation).
Both name what a person writes down; what is not named stays inside a formula. (Goodfellow, Bengio,
Courville: Deep Learning, 2016, sections 6.5 and 10.2.2; Griewank and Walther: Evaluating
Derivatives, 2008, chapter 3.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import filterfalse
from typing import Literal

from rnnquiz.algebra.expression import ONE, Apply, Expression, Number, Ref, add, applies
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.operations import OPERATIONS
from rnnquiz.algebra.shapes import Shape, show_shape, spread_like, times
from rnnquiz.algebra.slopes import derivative_of
from rnnquiz.algebra.specialise import Specialiser
from rnnquiz.algebra.symbols import base_and_step
from rnnquiz.derivation.differentiate import pull_back
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.model import Model, ModelError
from rnnquiz.derivation.roles import Role
from rnnquiz.derivation.training import train
from rnnquiz.derivation.unroll import at_time, unroll

Direction = Literal["total", "delta"]
Slope = Literal["output", "argument"]
Total = Callable[[Quantity, str], Expression | None]


def derive(model: Model, style: Direction = "total", slope: Slope = "output") -> Graph:
    """The whole problem: forward pass, loss, backward pass in this style, sums over time, updates;
    pass after pass.

    `slope` is the form in which the derivative of an activation is written: by its output (1 -
    h**2) or by its argument (sech2(a)). Raises ModelError where the equations make no network or
    the style does not suit the shapes.
    """
    forward = unroll(model)
    if "L" not in forward.quantities:
        return forward
    draft = _Draft(forward, model, slope)
    if style == "total":
        _total_style(draft)
    else:
        _delta_style(draft)
    once = Graph(draft.quantities, model.steps, forward.parameters, cuts=draft.cuts)
    return train(model, replace(once, frozen=forward.frozen))


class _Draft:
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
        return self.specialiser.shapes.of(tree)

    def define(
        self, name: str, role: Role, formula: Expression, alternatives: tuple[Expression, ...] = ()
    ) -> Ref:
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
        if q.shape != ():
            raise ModelError(
                f"style total: {q.name} is a {show_shape(q.shape)}, and its derivative by a"
                " parameter is no number, vector or matrix that a hand could write; use style:"
                " delta"
            )


def _total_style(draft: _Draft) -> None:
    known: dict[tuple[str, str], Expression | None] = {}

    def total(q: Quantity, p: str) -> Expression | None:
        """dq/dp, as a name or as a product of names; None where q does not depend on p."""
        if (q.name, p) not in known:
            known[q.name, p] = _total(draft, q, p, total)
        return known[q.name, p]

    formula = draft.forward["L"].formula
    assert formula is not None
    terms = [q for q in draft.forward.computed if q.name in draft.parents["L"]]
    # For their names: what is defined here is computed in this order, the last loss first.
    for term in reversed(terms):
        for p in draft.forward.parameters:
            total(term, p)
    slopes = {term.name: pull_back(formula, term.name, ONE, draft.of) for term in terms}
    for p in draft.forward.parameters:
        parts = []
        for term in terms:
            inner = total(term, p)
            if inner is not None:
                parts.append(times(slopes[term.name], inner, draft.of))
        if p in draft.parents["L"]:
            parts.append(pull_back(formula, p, ONE, draft.of))
        _define_sum(draft, p, parts)


def _total(draft: _Draft, q: Quantity, p: str, total: Total) -> Expression | None:
    """dq/dp; of a loss as a quantity with a name, for it is one of those that are summed."""
    found = _through(draft, q, p, total)
    if found is None or q.role != Role.LOSS:
        return found
    return draft.define(f"d{q.name}/d{p}", Role.GRADIENT, found)


def _through(draft: _Draft, q: Quantity, p: str, total: Total) -> Expression | None:
    """dq/dp by what q reads: its direct part, and a product for each computed quantity on the way
    to p."""
    direct = p in draft.parents[q.name]
    chains = []
    for name in draft.parents[q.name]:
        r = draft.forward[name]
        if r.formula is not None and (inner := total(r, p)) is not None:
            chains.append((name, inner))
    if not chains:
        if direct:
            return draft.local(q, p)
        return None
    parts: list[Expression] = []
    for name, inner in chains:
        slope = draft.local(q, name)
        parts.append(times(slope, inner, draft.of))
    if direct:
        # In front, as the rule is taught: the direct part, then the ways through other states.
        parts.insert(0, draft.local(q, p, mark="+"))
    # A product alone is no sum to be named: it stands in what reads it.
    elif len(parts) == 1:
        return parts[0]
    role = Role.GRADIENT if q.role == Role.LOSS else Role.RECURRENCE
    return draft.define(f"d{q.name}/d{p}", role, add(*parts))


def _delta_style(draft: _Draft) -> None:
    adjoint: dict[str, Expression] = {"L": ONE}
    needed = _depends_on_parameters(draft.forward)
    for q in reversed(draft.forward.computed):
        # Nobody asks for a gradient with no parameter behind it.
        if q.name == "L" or q.name not in needed:
            continue
        names = filter(adjoint.__contains__, draft.children[q.name])
        children = [draft.forward[name] for name in names]
        if not children:
            continue
        pulled = [draft.pull(child, q.name, adjoint[child.name]) for child in children]
        gradient = add(*pulled)
        # dL/dL[2] = 1 is nothing to compute.
        if isinstance(gradient, Number):
            adjoint[q.name] = gradient
        else:
            # What comes from losses alone has not yet gone through a step.
            of_losses = all(child.role == Role.LOSS for child in children)
            role = Role.LOCAL if of_losses else Role.RECURRENCE
            adjoint[q.name] = draft.define(f"dL/d{q.name}", role, gradient)
    for p in draft.forward.parameters:
        _define_sum(draft, p, _step_gradients(draft, p, adjoint))


def _step_gradients(draft: _Draft, p: str, adjoint: dict[str, Expression]) -> list[Expression]:
    """The contribution of each time step to dL/dp, latest step first as it is derived, returned in
    the order of time."""
    by_time: dict[int | None, list[Expression]] = {}
    for name in reversed(draft.children[p]):
        q = draft.forward[name]
        if name in adjoint:
            own = q.time if draft.forward[p].time is None else None  # h[0] has a step of its own
            pulled = draft.pull(q, p, adjoint[name])
            by_time.setdefault(own, []).append(pulled)
    parts: list[Expression] = []
    for time, terms in by_time.items():
        part = _like(draft, add(*terms), p)
        if time is not None:
            part = draft.define(f"dL/d{p}@{time}", Role.GRADIENT, part)
        parts.append(part)
    return parts[::-1]


def _like(draft: _Draft, gradient: Expression, p: str) -> Expression:
    """A gradient that is one number for all entries of a parameter (0, where a step function is),
    in its shape."""
    shape = draft.forward.shapes[p]
    if draft.of(gradient) == shape:
        return gradient
    return spread_like(gradient, Ref(p), draft.of)


def _define_sum(draft: _Draft, p: str, parts: list[Expression]) -> None:
    if not parts:
        raise ModelError(
            f"no gradient reaches {p}: the window of backpropagation is too short for it"
        )
    total = _like(draft, add(*parts), p)
    draft.define(f"dL/d{p}", Role.SUM, total)


def _depends_on_parameters(forward: Graph) -> set[str]:
    parameters = set(forward.parameters)
    found = set()
    for q in forward.computed:
        if not parameters.isdisjoint(forward.ancestors[q.name]):
            found.add(q.name)
    return found


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
