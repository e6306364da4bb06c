"""From equations with a time index to named quantities, one for each step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from rnnquiz.algebra.expression import Apply, Expression, Ref, Timed, add, mul, number, refs, replace
from rnnquiz.algebra.operations import shape_of
from rnnquiz.algebra.parser import TIME_SUMS, Equation
from rnnquiz.algebra.shapes import Shape, ShapeError, show_shape
from rnnquiz.algebra.specialise import specialise
from rnnquiz.derivation.graph import Graph, Quantity, Role


class ModelError(ValueError):
    """Equations that make no network: an unknown name, a circle in time, shapes that do not fit. `line` of the equation."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Joint:
    """A derivative that is written down as a whole: d of[t] / d by[t] = formula, in place of the way through `skips`[t]."""

    of: str
    by: str
    skips: str
    formula: Expression


@dataclass(frozen=True)
class Model:
    """A network with its loss and its training step, as equations, and the shapes of what is given.

    `shapes` has an entry for each base letter that is given: inputs and targets (one value a step), parameters, initial
    states, and the constants of the update. `parameters` are in the order in which their gradients are derived.
    `optimiser` gives p_new from p, its gradient g, what the optimiser keeps (m[k], m[k-1]) and the number k of the update.
    `window`: gradients do not cross from step m * window + 1 back to m * window (None: they go all the way).
    Without a loss there is no backward pass.
    """

    cell: tuple[Equation, ...]
    loss: tuple[Equation, ...]
    optimiser: tuple[Equation, ...]
    parameters: tuple[str, ...]
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    steps: int = 1
    updates: int = 1
    window: int | None = None
    joint: tuple[Joint, ...] = ()

    def __hash__(self) -> int:
        shapes = tuple(sorted(self.shapes.items()))
        return hash((self.cell, self.loss, self.optimiser, self.parameters, shapes, self.steps, self.updates, self.window))


def unroll(model: Model) -> Graph:
    """All givens and the forward pass and loss of the model, in the order of computation.

    Where there is a loss, what it does not depend on is left out, and so are parameters that only that reads.
    """
    instances = dict(_instances(model))
    order = _sorted(instances)
    given = _given_names(instances)
    unused = [p for p in model.parameters if p not in given]
    if unused:
        raise ModelError(f"no equation reads the parameter {unused[0]}; take it out of the parameters")
    quantities = {name: Quantity(name, "given", _given_shape(name, model, instances, given[name])) for name in given}
    for name in order:
        role, formula, line = instances[name]
        shapes = {n: q.shape for n, q in quantities.items()}
        try:
            formula = specialise(formula, shapes)
            quantities[name] = Quantity(name, role, shape_of(formula, shapes), formula)
        except ShapeError as error:
            known = ", ".join(f"{n} is a {show_shape(shapes[n])}" for n in refs(formula))
            raise ModelError(f"{name}: {error}. Here {known}", line) from None
    graph = Graph(quantities, model.steps)
    if "L" in quantities:
        graph = graph.restricted(frozenset({"L"}))
    elif model.loss:
        raise ModelError("no loss: an equation for L, such as L = sum_t(L[t]), is missing")
    return Graph(graph.quantities, graph.steps, tuple(p for p in model.parameters if p in graph.quantities))


def _instances(model: Model) -> Iterable[tuple[str, tuple[Role, Expression, int]]]:
    """Every equation at every step: name, role, formula over names, line."""
    tagged: list[tuple[Role, Equation]] = [("forward", e) for e in model.cell] + [("loss", e) for e in model.loss]
    for t in range(1, model.steps + 1):
        for role, equation in tagged:
            if equation.timed:
                yield f"{equation.target}[{t}]", (role, at_time(equation.formula, t, model.steps), equation.line)
    for role, equation in tagged:
        if not equation.timed:
            yield equation.target, (role, at_time(equation.formula, model.steps, model.steps), equation.line)


def at_time(tree: Expression, t: int, steps: int) -> Expression:
    """The formula at step t: h[t-1] becomes h[1] at t = 2; sum_t, mean_t and last_t become what they stand for."""

    def rule(node: Expression) -> Expression | None:
        if isinstance(node, Timed):
            return Ref(f"{node.base}[{t + node.offset}]")
        if isinstance(node, Apply) and node.op in TIME_SUMS:
            terms = [at_time(node.args[0], s, steps) for s in range(1, steps + 1)]
            if node.op == "last_t":
                return terms[-1]
            return add(*terms) if node.op == "sum_t" else mul(number(Fraction(1, steps)), add(*terms))
        return None

    return replace(tree, rule)


def _sorted(instances: Mapping[str, tuple[Role, Expression, int]]) -> tuple[str, ...]:
    """Names in an order of computation, as close to the order of writing as can be."""
    order: dict[str, None] = {}
    open_: list[str] = []

    def visit(name: str) -> None:
        if name in order or name not in instances:
            return
        if name in open_:
            circle = " <- ".join([*open_[open_.index(name) :], name])
            raise ModelError(f"a circle: {circle}; let one of them use an earlier step, such as h[t-1]", instances[name][2])
        open_.append(name)
        for parent in refs(instances[name][1]):
            visit(parent)
        open_.pop()
        order[name] = None

    for name in instances:
        visit(name)
    return tuple(order)


def _given_names(instances: Mapping[str, tuple[Role, Expression, int]]) -> dict[str, int]:
    """Names that are read and not computed, each with the line that reads it first."""
    found: dict[str, int] = {}
    for _, formula, line in instances.values():
        for name in refs(formula):
            if name not in instances:
                found.setdefault(name, line)
    return found


def _given_shape(name: str, model: Model, instances: Mapping[str, object], line: int | None) -> Shape:
    base, _, time = name.partition("[")
    if base not in model.shapes:
        known = ", ".join(sorted({*model.shapes, *(n.partition("[")[0] for n in instances)}))
        raise ModelError(f"{name} is used but neither computed nor given; known names are {known}", line)
    if time and base in {n.partition("[")[0] for n in instances if "[" in n} and 1 <= int(time[:-1]) <= model.steps:
        raise ModelError(f"{name} is used before it is defined", line)
    return model.shapes[base]
