"""From equations with a time index to named quantities, one for each step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from rnnquiz.algebra.expression import (
    Apply,
    Expression,
    Ref,
    Timed,
    add,
    mul,
    number,
    refs,
    replace,
)
from rnnquiz.algebra.parser import TIME_SUMS, Equation
from rnnquiz.algebra.shapes import Shape, ShapeError, show_shape
from rnnquiz.algebra.specialise import Specialiser
from rnnquiz.algebra.symbols import base_and_step, is_base, without_step
from rnnquiz.derivation.graph import LOSS, Graph, Quantity
from rnnquiz.derivation.model import A_NAME, Model, ModelError
from rnnquiz.derivation.roles import Role


@dataclass(frozen=True)
class _Instance:
    """An equation at a step: the quantity's role, its formula over names, the line of the text."""

    role: Role
    formula: Expression
    line: int


def unroll(model: Model) -> Graph:
    """All givens and the forward pass and loss of the model, in the order of computation.

    Where there is a loss, what it does not depend on is left out, and so are parameters that only
    that reads.
    """
    _check_distinct(model)
    instances = dict(_instances(model))
    given = _given_names(instances)
    trained = _meant(model.parameters, "parameter", given, instances)
    frozen = _meant(model.gradients, "gradient", given, instances)
    _check_lists(trained, frozen)
    _check_steps(given)
    graph = _graph(model, instances, given)
    if LOSS in instances:
        _check_loss(graph[LOSS], instances[LOSS].line)
        # What L does not depend on has no gradient, and an update would leave it as it is.
        graph = graph.restricted(frozenset({LOSS}))
    elif model.loss:
        raise ModelError("no loss: an equation for L is missing", "add  L = sum_t(L[t])")
    by = tuple(filter(graph.quantities.__contains__, (*trained, *frozen)))
    kept = frozenset(frozen).intersection(by)
    return Graph(graph.quantities, graph.steps, by, frozen=kept)


def _graph(model: Model, instances: Mapping[str, _Instance], given: Mapping[str, int]) -> Graph:
    """The quantities with their shapes; ModelError where shapes do not fit."""
    order = _sorted(instances)
    shapes: dict[str, Shape] = {}
    specialiser = Specialiser(shapes)
    quantities: dict[str, Quantity] = {}
    for name, line in given.items():
        shape = shapes[name] = _given_shape(name, model, instances, line)
        quantities[name] = Quantity(name, Role.GIVEN, shape)
    for name in order:
        instance = instances[name]
        # Also where no form for these shapes is found, an error names what the formula reads.
        formula = instance.formula
        try:
            formula = specialiser.of(formula)
            shapes[name] = specialiser.shapes.of(formula)
        except ShapeError as error:
            here = ", ".join(_said_shapes(formula, shapes))
            found = f"{name}: {error}. Here {here}"
            raise ModelError(found, error.remedy, instance.line) from None
        quantities[name] = Quantity(name, instance.role, shapes[name], formula)
    return Graph(quantities, model.steps)


def _check_lists(trained: tuple[str, ...], frozen: tuple[str, ...]) -> None:
    for name in frozen:
        if name in trained:
            found = f"{name} stands among the parameters and among the gradients"
            raise ModelError(found, "keep one")


def _check_steps(given: Mapping[str, int]) -> None:
    # Sizes are given by letter: one entry cannot be that of a sequence and of a single value.
    stepped = {without_step(name) for name in filter(_has_step, given)}
    for name, line in given.items():
        if name in stepped:
            found = f"{name} is read with a step and without one"
            raise ModelError(found, "use two letters", line)


def _check_loss(loss: Quantity, line: int) -> None:
    if loss.shape != ():
        found = f"L is a {show_shape(loss.shape)}, and a loss is one number"
        raise ModelError(found, "take sum(...) or mean(...) of it", line)


def _meant(
    names: tuple[str, ...],
    kind: str,
    given: Mapping[str, int],
    instances: Mapping[str, _Instance],
) -> tuple[str, ...]:
    """The given quantities that the names of a list mean: U, h[0], or x for every given step of
    x."""
    found: dict[str, None] = {}
    for name in names:
        steps = list(filter(partial(_is_step_of, name), given))
        if name in given:
            found[name] = None
        elif steps:
            found |= dict.fromkeys(steps)
        elif name in instances:
            what = f"{name} is computed, and a {kind} is given"
            raise ModelError(what, f"take it out: style: delta has dL/d{name}")
        else:
            what = f"no equation reads the {kind} {name}"
            raise ModelError(what, f"take it out of the {kind}s")
    return tuple(found)


def _check_distinct(model: Model) -> None:
    """ModelError where two equations are for one quantity, or a letter is none."""
    seen: dict[str, Equation] = {}
    for equation in (*model.cell, *model.loss):
        base = without_step(equation.target)
        if not is_base(base):
            raise ModelError(f"{base!r} is no name", f"take another: {A_NAME}", equation.line)
        key = f"{base}[t]" if equation.timed else equation.target
        if key in seen:
            raise ModelError(f"there are two equations for {key}", "keep one", equation.line)
        seen[key] = equation
    for key, equation in seen.items():
        base, step = base_and_step(key)
        # h[0] may have an equation beside that for h[t]: it is where the recurrence begins.
        if equation.timed or not step or f"{base}[t]" not in seen:
            continue
        if 1 <= int(step.strip("[]")) <= model.steps:
            found = f"{key} has an equation of its own beside that for every t"
            remedy = f"keep that for every t: only {base}[0] may have one of its own"
            raise ModelError(found, remedy, equation.line)


def _instances(model: Model) -> Iterator[tuple[str, _Instance]]:
    """Every equation at every step, those of no step last."""
    rows = list(_by_role(model))
    for t in range(1, model.steps + 1):
        for role, equation in rows:
            if equation.timed:
                yield f"{equation.target}[{t}]", _at(t, role, equation, model)
    # In an equation without a step t is the last one.
    for role, equation in rows:
        if not equation.timed:
            yield equation.target, _at(model.steps, role, equation, model)


def _by_role(model: Model) -> Iterator[tuple[Role, Equation]]:
    for equation in model.cell:
        yield Role.FORWARD, equation
    for equation in model.loss:
        yield Role.LOSS, equation


def _at(t: int, role: Role, equation: Equation, model: Model) -> _Instance:
    return _Instance(role, at_time(equation.formula, t, model.steps), equation.line)


def at_time(tree: Expression, t: int, steps: int) -> Expression:
    """The formula at step t: h[t-1] becomes h[1] at t = 2; sum_t, mean_t and last_t become what
    they stand for."""

    def rule(node: Expression) -> Expression | None:
        if isinstance(node, Timed):
            return Ref(f"{node.base}[{t + node.offset}]")
        if isinstance(node, Apply) and node.op in TIME_SUMS:
            (term,) = node.args
            # Sums within sums are unrolled, too.
            every_step = range(1, steps + 1)
            terms = [at_time(term, step, steps) for step in every_step]
            if node.op == "last_t":
                return terms[-1]
            if node.op == "sum_t":
                return add(*terms)
            share = number(Fraction(1, steps))
            return mul(share, add(*terms))
        return None

    return replace(tree, rule)


def _sorted(instances: Mapping[str, _Instance]) -> tuple[str, ...]:
    """Names in an order of computation, as close to the order of writing as can be."""
    order: dict[str, None] = {}
    open_: list[str] = []

    def visit(name: str) -> None:
        if name in order or name not in instances:
            return
        if name in open_:
            turn = open_[open_.index(name) :]
            circle = " <- ".join([*turn, name])
            raise ModelError(
                f"a circle: {circle}",
                "let one of them use an earlier step, such as h[t-1]",
                instances[name].line,
            )
        open_.append(name)
        for parent in refs(instances[name].formula):
            visit(parent)
        open_.pop()
        order[name] = None

    for name in instances:
        visit(name)
    return tuple(order)


def _given_names(instances: Mapping[str, _Instance]) -> dict[str, int]:
    """Names that are read and not computed, each with the line that reads it first."""
    found: dict[str, int] = {}
    for instance in instances.values():
        for name in refs(instance.formula):
            if name not in instances:
                found.setdefault(name, instance.line)
    return found


def _is_step_of(letter: str, name: str) -> bool:
    return _has_step(name) and without_step(name) == letter


def _said_shapes(formula: Expression, shapes: Mapping[str, Shape]) -> Iterator[str]:
    """The shape of everything that a formula reads, in words."""
    for name in refs(formula):
        yield f"{name} is a {show_shape(shapes[name])}"


def _has_step(name: str) -> bool:
    return "[" in name


def _given_shape(name: str, model: Model, instances: Mapping[str, _Instance], line: int) -> Shape:
    """The shape of a given; ModelError where it is none."""
    base, step = base_and_step(name)
    if not is_base(base):
        raise ModelError(f"{base!r} is no name", f"take another: {A_NAME}", line)
    if base not in model.shapes:
        names = {*model.shapes, *map(without_step, instances)}
        known = ", ".join(sorted(names))
        raise ModelError(
            f"{name} is used but neither computed nor given",
            f"give it under givens, or in an equation; known names are {known}",
            line,
        )
    # h[0] may be given where h[1] is computed, but no h[2].
    timed = any(n.startswith(f"{base}[") for n in instances)
    if step and timed and 1 <= int(step.strip("[]")) <= model.steps:
        raise ModelError(f"{name} is used before it is defined", f"begin with {base}[0]", line)
    if timed and not step:
        raise ModelError(f"{name} is read without a step, and has one", f"write {name}[t]", line)
    return model.shapes[base]
