"""The training step of each parameter from its gradient, and pass after pass over the network with
the new parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import filterfalse, groupby, product

from rnnquiz.algebra.expression import (
    Apply,
    Expression,
    Ref,
    Timed,
    add,
    applies,
    number,
    refs,
    replace,
    substituted,
    walk,
)
from rnnquiz.algebra.operations import shape_of
from rnnquiz.algebra.parser import PARAMETER_SUM, Equation
from rnnquiz.algebra.shapes import Shape, ShapeError
from rnnquiz.algebra.specialise import specialise
from rnnquiz.algebra.symbols import in_pass, updated, without_step
from rnnquiz.derivation.graph import Graph, Pass, Quantity
from rnnquiz.derivation.model import Model, ModelError
from rnnquiz.derivation.roles import Role

_FOR_EACH = ("theta", "w", "p", "q", "parameter")  # letters for any parameter, in turn


def letter_for_each(model: Model) -> str:
    """The letter that stands for each parameter in the rule of the update: one that the network and
    the optimiser have for nothing else (theta is the limit of a gradient, too)."""
    equations = (*model.cell, *model.loss)
    taken = {*model.shapes, *(equation.target for equation in equations)}
    bases = set(map(without_step, taken))
    return next(filterfalse(bases.__contains__, _FOR_EACH))


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
        one = Pass(index, dict(current))
        passes.append(one)
        names = {q.name: in_pass(q.name, one.number) for q in once.computed}
        # A parameter is called by the update that gave it, and not by the pass that reads it.
        names.update(current)
        computed |= {q.name: q for q in _repeated(once, names)}
        # The optimiser counts from 1 also where there is one update, and nothing has a number.
        update = _Update(model, once, k, one.number, names)
        update.start({**given, **computed})
        computed |= {q.name: q for q in update.quantities()}
        given |= update.given
        if model.optimiser:
            # The next pass reads what this update gives in the place of each parameter.
            current |= {p: in_pass(updated(p), one.number) for p in once.trained}
    cuts = frozenset(_cuts(once, passes))
    quantities = {**given, **computed}
    return Graph(quantities, once.steps, once.parameters, tuple(passes), cuts, once.frozen)


def _cuts(once: Graph, passes: Sequence[Pass]) -> Iterator[tuple[str, str]]:
    """What gradients do not flow through, in each pass."""
    for child, parent in once.cuts:
        for one in passes:
            yield in_pass(child, one.number), in_pass(parent, one.number)


def _repeated(once: Graph, names: Mapping[str, str]) -> Iterator[Quantity]:
    """The quantities of a pass under the names that they have in it."""
    new = {name: Ref(other) for name, other in names.items()}
    for q in once.computed:
        assert q.formula is not None
        alternatives = [substituted(form, new) for form in q.alternatives]
        formula = substituted(q.formula, new)
        # The formulas of a pass read the quantities of that pass.
        yield Quantity(names[q.name], q.role, q.shape, formula, tuple(alternatives))


def each_has(optimiser: tuple[Equation, ...]) -> frozenset[str]:
    """Names that stand for something of each parameter: p, g, and what is computed from them other
    than in a sum over all."""
    own = {"p", "g"}
    for equation in optimiser:
        outside = replace(equation.formula, _without_sums)
        if equation.timed or any(_is_of_each(node, own) for node in walk(outside)):
            own.add(equation.target)
    return frozenset(own)


def _without_sums(node: Expression) -> Expression | None:
    if applies(node, PARAMETER_SUM):
        return number(0)
    return None


def _is_of_each(node: Expression, own: set[str]) -> bool:
    if isinstance(node, Ref):
        return node.name in own
    return isinstance(node, Timed)


@dataclass
class _Update:
    """One update: the optimiser's equations for each parameter, those that concern all parameters
    once.

    `k` is the number of the update, `index` that of its pass (None for the only one), `names` what
    the quantities of one pass are called in it. What the update needs of givens gathers in `given`.
    """

    model: Model
    once: Graph
    k: int
    index: int | None
    names: Mapping[str, str]
    given: dict[str, Quantity] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)

    def start(self, known: Mapping[str, Quantity]) -> None:
        """Take in what there is before the update."""
        self.shapes = {name: q.shape for name, q in known.items()}

    @cached_property
    def own(self) -> frozenset[str]:
        return each_has(self.model.optimiser)

    def quantities(self) -> Iterator[Quantity]:
        if not self.once.trained:
            return
        # In runs: what is computed once over all parameters (their norm) stands between what it
        # reads and what reads it.
        for each, equations in groupby(self.model.optimiser, key=lambda e: e.target in self.own):
            rows = list(equations)
            # The empty name stands for what is computed once, for all parameters.
            owners = self.once.trained if each else ("",)
            for p, equation in product(owners, rows):
                yield self.quantity(equation, p)

    def name(self, base: str, p: str) -> str:
        """What an equation computes of a parameter; of none (empty) where it concerns all."""
        if not p:
            return in_pass(base, self.index)
        # p_new is W_new: the new parameter is called by its own name.
        name = updated(p) if base == "p_new" else f"{base}_{p}"
        return in_pass(name, self.index)

    def quantity(self, equation: Equation, p: str) -> Quantity:
        name = self.name(equation.target, p)
        if equation.timed:
            name = f"{equation.target}_{p}#{self.k}"
        if name in self.shapes:
            found = f"optimiser: {name} is also the name of a quantity of the network"
            raise ModelError(found, "give it another letter there")
        formula = self.filled(equation.formula, p)
        for constant in refs(formula):
            self.need(constant)
        try:
            formula = specialise(formula, self.shapes)
            self.shapes[name] = shape_of(formula, self.shapes)
        except ShapeError as error:
            raise ModelError(f"optimiser, {name}: {error}", error.remedy, equation.line) from None
        return Quantity(name, Role.UPDATE, self.shapes[name], formula)

    def filled(self, tree: Expression, p: str) -> Expression:
        """The formula for one parameter: names in place of p, g, k and of what is kept."""

        def rule(node: Expression) -> Expression | None:
            match node:
                case Apply(op=op, args=(inner,)) if op == PARAMETER_SUM:
                    terms = [self.filled(inner, each) for each in self.once.trained]
                    return add(*terms)
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
        if k == 0 and name not in self.shapes:
            shape = self.shapes[name] = self.once.shapes[p]
            self.given[name] = Quantity(name, Role.GIVEN, shape)
        return name

    def need(self, name: str) -> None:
        """A constant of the update, which is given."""
        if name in self.once.parameters and name not in self.names.values():
            raise ModelError(
                f"optimiser: its constant {name} is a parameter of the network", "rename that"
            )
        if name not in self.shapes:
            if name not in self.model.shapes:
                found = f"optimiser: {name} is used but neither computed nor a constant"
                raise ModelError(found, "add it to the constants of the optimiser")
            shape = self.shapes[name] = self.model.shapes[name]
            self.given[name] = Quantity(name, Role.GIVEN, shape)


def update_rule(model: Model) -> Iterator[tuple[str, Expression]]:
    """The optimiser's equations for any parameter, by its letter, at update 1; the number of the
    update in exponents is k."""
    each = letter_for_each(model)
    own, computed = each_has(model.optimiser), {e.target for e in model.optimiser}
    number_ = 1 if model.updates > 1 else None

    def name(base: str) -> str:
        if base == "p_new":
            return in_pass(f"{each}_new", number_)
        full = f"{base}_{each}" if base in own else base
        return in_pass(full, number_)

    def rule(node: Expression) -> Expression | None:
        match node:
            case Ref(name="p"):
                return Ref(each)
            case Ref(name="g"):
                return Ref(in_pass(f"dL/d{each}", number_))
            case Ref(name=base) if base in computed:
                return Ref(name(base))
            case Timed(base=base, offset=offset):
                return Ref(f"{base}_{each}#{1 + offset}")
            # One number given to each entry: in a rule about any parameter the number says it all.
            case Apply(op="like", args=(scalar, _)):
                return replace(scalar, rule)
        return None

    for e in model.optimiser:
        target = f"{e.target}_{each}#1" if e.timed else name(e.target)
        yield target, replace(e.formula, rule)
