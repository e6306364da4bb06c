"""The training step of each parameter from its gradient, and pass after pass over the network with
the new parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from rnnquiz.algebra.expression import (
    Apply,
    Expression,
    Ref,
    Timed,
    add,
    number,
    refs,
    replace,
    walk,
)
from rnnquiz.algebra.operations import shape_of
from rnnquiz.algebra.parser import PARAMETER_SUM, Equation
from rnnquiz.algebra.shapes import Shape, ShapeError
from rnnquiz.algebra.specialise import specialise
from rnnquiz.algebra.symbols import in_pass, updated
from rnnquiz.derivation.graph import Graph, Pass, Quantity
from rnnquiz.derivation.unroll import Model, ModelError


def train(model: Model, once: Graph) -> Graph:
    """The graph of one pass, repeated `updates` times, each pass with the parameters that the
    update before it gave.

    What the optimiser keeps for a parameter U is named m_U#1, m_U#2, ... by the number of the
    update; m_U#0 is given.
    """
    given: dict[str, Quantity] = {q.name: q for q in once.givens}
    computed: dict[str, Quantity] = {}
    current = {p: p for p in once.parameters}
    passes = []
    for k in range(1, model.updates + 1):
        index = None if model.updates == 1 else k
        names = {q.name: in_pass(q.name, index) for q in once.computed} | current
        passes.append(Pass(index, dict(current)))
        for q in once.computed:
            forms = [
                _renamed(form, names) for form in (q.formula, *q.alternatives) if form is not None
            ]
            computed[names[q.name]] = Quantity(
                names[q.name], q.role, q.shape, forms[0], tuple(forms[1:])
            )
        for q in _Update(model, once, k, index, names, given, computed).quantities():
            computed[q.name] = q
        if model.optimiser:
            current |= {p: in_pass(updated(p), index) for p in once.trained}
    cuts = frozenset(
        (in_pass(c, p.number), in_pass(r, p.number)) for c, r in once.cuts for p in passes
    )
    quantities = {**given, **computed}
    return Graph(quantities, once.steps, once.parameters, tuple(passes), cuts, once.frozen)


def _renamed(tree: Expression, names: Mapping[str, str]) -> Expression:
    return replace(
        tree,
        lambda node: (
            Ref(names[node.name]) if isinstance(node, Ref) and node.name in names else None
        ),
    )


def each_has(optimiser: tuple[Equation, ...]) -> frozenset[str]:
    """Names that stand for something of each parameter: p, g, and what is computed from them other
    than in a sum over all."""
    own = {"p", "g"}
    for e in optimiser:
        outside = replace(
            e.formula,
            lambda n: number(0) if isinstance(n, Apply) and n.op == PARAMETER_SUM else None,
        )
        if e.timed or any(
            isinstance(n, Timed) or (isinstance(n, Ref) and n.name in own) for n in walk(outside)
        ):
            own.add(e.target)
    return frozenset(own)


class _Update:
    """One update: the optimiser's equations for each parameter, those that concern all parameters
    once."""

    def __init__(
        self,
        model: Model,
        once: Graph,
        k: int,
        index: int | None,
        names: Mapping[str, str],
        given: dict[str, Quantity],
        computed: Mapping[str, Quantity],
    ) -> None:
        self.model, self.once, self.k, self.index, self.names, self.given = (
            model,
            once,
            k,
            index,
            names,
            given,
        )
        self.shapes: dict[str, Shape] = {n: q.shape for n, q in (given | dict(computed)).items()}
        self.own = each_has(model.optimiser)

    def quantities(self) -> Iterator[Quantity]:
        if not self.once.trained:
            return
        for each, equations in groupby(self.model.optimiser, key=lambda e: e.target in self.own):
            rows = list(equations)
            for p in self.once.trained if each else ("",):
                for equation in rows:
                    yield self.quantity(equation, p)

    def name(self, base: str, p: str) -> str:
        own = updated(p) if base == "p_new" else f"{base}_{p}"
        return in_pass(own if p else base, self.index)

    def quantity(self, equation: Equation, p: str) -> Quantity:
        name = (
            f"{equation.target}_{p}#{self.k}" if equation.timed else self.name(equation.target, p)
        )
        if name in self.shapes:
            found = f"optimiser: {name} is also the name of a quantity of the network"
            raise ModelError(f"{found}; give it another letter there")
        formula = self.filled(equation.formula, p)
        for constant in refs(formula):
            self.need(constant)
        try:
            formula = specialise(formula, self.shapes)
            self.shapes[name] = shape_of(formula, self.shapes)
        except ShapeError as error:
            raise ModelError(f"optimiser, {name}: {error}", equation.line) from None
        return Quantity(name, "update", self.shapes[name], formula)

    def filled(self, tree: Expression, p: str) -> Expression:
        """The formula for one parameter: names in place of p, g, k and of what is kept."""

        def rule(node: Expression) -> Expression | None:
            match node:
                case Apply(op=op, args=(inner,)) if op == PARAMETER_SUM:
                    return add(*(self.filled(inner, each) for each in self.once.trained))
                case Ref(name="p"):
                    return Ref(self.names[p])
                case Ref(name="g"):
                    return Ref(self.names[f"dL/d{p}"])
                case Ref(name="k"):
                    return number(self.k)
                case Timed(base=base, offset=offset):
                    return Ref(self.kept(base, p, self.k + offset))
                case Ref(name=own) if own in self.own:
                    return Ref(self.name(own, p))
                case Ref(name=other) if any(e.target == other for e in self.model.optimiser):
                    return Ref(self.name(other, ""))
            return None

        return replace(tree, rule)

    def kept(self, base: str, p: str, k: int) -> str:
        """The name of what is kept of a parameter after update k; the one before the first update
        is given."""
        name = f"{base}_{p}#{k}"
        if k == 0 and name not in self.given:
            self.given[name] = Quantity(name, "given", self.once.shapes[p])
            self.shapes[name] = self.once.shapes[p]
        return name

    def need(self, name: str) -> None:
        """A constant of the update, which is given."""
        if name in self.once.parameters and name not in self.names.values():
            raise ModelError(
                f"optimiser: its constant {name} is a parameter of the network; rename that"
            )
        if name not in self.shapes:
            if name not in self.model.shapes:
                raise ModelError(f"optimiser: {name} is used but neither computed nor a constant")
            self.given[name] = Quantity(name, "given", self.model.shapes[name])
            self.shapes[name] = self.model.shapes[name]


def update_rule(model: Model) -> Iterator[tuple[str, Expression]]:
    """The optimiser's equations for any parameter, named theta, at update 1; the number of the
    update in exponents is k."""
    own, computed = each_has(model.optimiser), {e.target for e in model.optimiser}
    number_ = 1 if model.updates > 1 else None

    def name(base: str) -> str:
        return in_pass(
            "theta_new" if base == "p_new" else f"{base}_theta" if base in own else base, number_
        )

    def rule(node: Expression) -> Expression | None:
        match node:
            case Ref(name="p"):
                return Ref("theta" if number_ is None else "theta_new#0")
            case Ref(name="g"):
                return Ref(in_pass("dL/dtheta", number_))
            case Ref(name=base) if base in computed:
                return Ref(name(base))
            case Timed(base=base, offset=offset):
                return Ref(f"{base}_theta#{1 + offset}")
            case Apply(op="like", args=(scalar, _)):
                return replace(scalar, rule)
        return None

    for e in model.optimiser:
        yield f"{e.target}_theta#1" if e.timed else name(e.target), replace(e.formula, rule)
