"""The backward pass, derived from the forward graph in the two ways in which people are taught it.

`total`: one loss at a time, d h[t]/dU = direct part + d h[t]/d h[t-1] * d h[t-1]/dU (forward
accumulation).
`delta`: gradients of the loss run backwards through the states (reverse accumulation).
Both name what a person writes down; what is not named stays inside a formula. (Goodfellow, Bengio,
Courville: Deep Learning, 2016, sections 6.5 and 10.2.2; Griewank and Walther: Evaluating
Derivatives, 2008, chapter 3.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from rnnquiz.algebra.expression import ONE, Expression, Number, Ref, add
from rnnquiz.algebra.shapes import spread_like, times
from rnnquiz.derivation.differentiate import pull_back
from rnnquiz.derivation.draft import GraphDraft, Slope
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.model import Model, ModelError
from rnnquiz.derivation.roles import Role
from rnnquiz.derivation.training import train
from rnnquiz.derivation.unroll import unroll

Direction = Literal["total", "delta"]
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
    draft = GraphDraft(forward, model, slope)
    if style == "total":
        _total_style(draft)
    else:
        _delta_style(draft)
    once = Graph(draft.quantities, model.steps, forward.parameters, cuts=draft.cuts)
    return train(model, replace(once, frozen=forward.frozen))


def _total_style(draft: GraphDraft) -> None:
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


def _total(draft: GraphDraft, q: Quantity, p: str, total: Total) -> Expression | None:
    """dq/dp; of a loss as a quantity with a name, for it is one of those that are summed."""
    found = _through(draft, q, p, total)
    if found is None or q.role != Role.LOSS:
        return found
    return draft.define(f"d{q.name}/d{p}", Role.GRADIENT, found)


def _through(draft: GraphDraft, q: Quantity, p: str, total: Total) -> Expression | None:
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


def _delta_style(draft: GraphDraft) -> None:
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


def _step_gradients(draft: GraphDraft, p: str, adjoint: dict[str, Expression]) -> list[Expression]:
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


def _like(draft: GraphDraft, gradient: Expression, p: str) -> Expression:
    """A gradient that is one number for all entries of a parameter (0, where a step function is),
    in its shape."""
    shape = draft.forward.shapes[p]
    if draft.of(gradient) == shape:
        return gradient
    return spread_like(gradient, Ref(p), draft.of)


def _define_sum(draft: GraphDraft, p: str, parts: list[Expression]) -> None:
    if not parts:
        raise ModelError(
            f"no gradient reaches {p}: the window of backpropagation is too short for it",
            "give model.window more steps, or take it out of the parameters",
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
