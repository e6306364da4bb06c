"""Mistakes as data: which formulas a mistake turns into which. One row of a table for each mistake,
nothing per network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from rnnquiz import strict_yaml
from rnnquiz.algebra.expression import ZERO, Apply, Expression, Ref, Timed, number, replace, walk
from rnnquiz.algebra.operations import evaluate, shape_of
from rnnquiz.algebra.parser import TIME_SUMS, EquationError
from rnnquiz.algebra.rewrite import parse_rewrite, rewritten
from rnnquiz.algebra.shapes import ShapeError
from rnnquiz.algebra.specialise import specialise
from rnnquiz.decimals import Array
from rnnquiz.derivation.evaluate import evaluate as evaluate_graph
from rnnquiz.derivation.graph import Graph
from rnnquiz.models.transforms import ARGUMENTS, PLACES, TRANSFORM, TRANSFORMS, Setting, places
from rnnquiz.text import nearest


@dataclass(frozen=True)
class Misconception:
    """A mistake: its name, a sentence for the student, the quantities it can strike, the rewrites
    that it is."""

    id: str
    name: str
    says: str
    where: tuple[str, ...]
    rewrite: tuple[str, ...]


@dataclass(frozen=True)
class Mistaken:
    """The formula of one quantity as somebody with the misconception would compute it."""

    rule: Misconception
    quantity: str
    formula: Expression


@cache
def catalogue() -> tuple[Misconception, ...]:
    """The registered misconceptions, frequent ones first."""
    text = (files("rnnquiz") / "models" / "misconceptions.yaml").read_text(encoding="utf-8")
    data, _ = strict_yaml.load(text)
    return tuple(
        Misconception(r["id"], r["name"], r["says"], tuple(r["where"]), tuple(r["rewrite"]))
        for r in data
    )


def mistakes(
    graph: Graph, rules: Iterable[Misconception], sample: Mapping[str, Array] | None = None
) -> dict[str, tuple[Mistaken, ...]]:
    """For each computed quantity, every wrong formula that a rule gives it; equal formulas of one
    rule once.

    `sample` are givens of a few problems to tell formulas apart by: what makes no difference in
    them is no mistake.
    """
    biases, weights = _parameter_kinds(graph)
    sample = evaluate_graph(graph, sample if sample is not None else arbitrary(graph))
    found: dict[str, tuple[Mistaken, ...]] = {}
    for q in graph.computed:
        setting = Setting(q, graph, biases, weights, sample)
        here = places(q, graph)
        rows: dict[tuple[str, Expression], Mistaken] = {}
        for rule in rules:
            if here & set(rule.where):
                for formula in _variants(setting, rule):
                    rows.setdefault((rule.id, formula), Mistaken(rule, q.name, formula))
        found[q.name] = tuple(rows.values())
    return found


def _parameter_kinds(graph: Graph) -> tuple[frozenset[str], frozenset[str]]:
    """Parameters that are added somewhere in the forward pass, and those that multiply."""
    added = {
        term.name
        for q in graph.computed
        if q.role == "forward" and q.formula is not None
        for node in walk(q.formula)
        if isinstance(node, Apply) and node.op == "add"
        for term in node.args
        if isinstance(term, Ref)
    }
    named = frozenset(graph.parameters).union(*(one.parameters.values() for one in graph.passes))
    parameters = frozenset(p for p in named if "[" not in p)  # h[0] is no weight, learned or not
    biases = parameters & added
    return biases, parameters - biases


def _variants(setting: Setting, rule: Misconception) -> Iterator[Expression]:
    q = setting.q
    assert q.formula is not None
    forms = (q.formula, *q.alternatives)
    plain = tuple(
        new for form in forms if (new := _with_copies(form, setting.graph)) != form
    )  # V for an unasked dyhat/dh
    right = {*forms, *plain}
    shapes = {**setting.graph.shapes, "_": ()}
    for text in rule.rewrite:
        for form in (*forms, *plain):
            for raw in _apply(text, form, setting):
                try:
                    new = specialise(_plain_products(raw), shapes)
                    fits = shape_of(new, shapes) == q.shape
                except (ShapeError, KeyError):
                    continue  # the mistake cannot be made with these shapes
                if fits and new not in right and _differs(new, q.formula, setting.sample):
                    yield new


def _with_copies(form: Expression, graph: Graph) -> Expression:
    """The formula with what mere copies are copies of."""

    def rule(node: Expression) -> Expression | None:
        formula = (
            graph[node.name].formula
            if isinstance(node, Ref) and node.name in graph.quantities
            else None
        )
        return formula if isinstance(formula, Ref) else None

    return replace(form, rule)


def _differs(new: Expression, right: Expression, sample: Mapping[str, Array]) -> bool:
    """False where two formulas are equal for all givens (a mean of squares over two steps is a sum
    of halves)."""
    with np.errstate(all="ignore"):
        return not np.allclose(
            evaluate(new, sample), evaluate(right, sample), rtol=1e-9, atol=1e-12
        )


def arbitrary(graph: Graph) -> dict[str, Array]:
    """Givens of a few arbitrary problems."""
    generator = np.random.default_rng(20)
    return {q.name: generator.uniform(0.1, 0.9, (3, *q.shape)) for q in graph.givens}


_KINDLESS = {
    **dict.fromkeys(("hadamard", "scale1", "scale2"), "mul"),
    **dict.fromkeys(("matvec", "vecmat", "matmat", "dot"), "matmul"),
    **dict.fromkeys(("total", "sum"), "sum"),
}


def _plain_products(tree: Expression) -> Expression:
    """Products without their kind, so that specialising finds the kind again for changed
    factors."""
    if not isinstance(tree, Apply):
        return tree
    args = tuple(_plain_products(arg) for arg in tree.args)
    return Apply(_KINDLESS.get(tree.op, tree.op), args)


def _apply(text: str, form: Expression, setting: Setting) -> Iterator[Expression]:
    transform = TRANSFORM.fullmatch(text.strip())
    if transform and transform[1] in TRANSFORMS:
        yield from TRANSFORMS[transform[1]](form, setting, transform[2], int(transform[3] or 0))
        return
    rewrite = parse_rewrite(text)
    steps = number(setting.graph.steps)
    for new in rewritten(form, rewrite, setting.kinds()):
        yield replace(new, lambda node: steps if node == Ref("_steps") else None)


def check_rule(rule: Misconception) -> list[str]:
    """What is wrong with a rule as written; empty where nothing is."""
    problems = [
        f"where: {place!r} is not known; {nearest(place, PLACES)}"
        for place in rule.where
        if place not in PLACES
    ]
    for text in rule.rewrite:
        transform = TRANSFORM.fullmatch(text.strip())
        if transform and transform[1] in TRANSFORMS:
            if transform[2] not in ARGUMENTS[transform[1]]:
                problems.append(
                    f"rewrite: {transform[1]} takes one of {', '.join(ARGUMENTS[transform[1]])};"
                    f" found {transform[2]!r}"
                )
            continue
        try:
            rewrite = parse_rewrite(text)
        except EquationError as error:
            problems.append(f"rewrite: {error}")
            continue
        if any(
            isinstance(node, Timed)
            for side in (rewrite.pattern, rewrite.template)
            for node in walk(side)
        ):
            problems.append(
                "rewrite: a time index cannot stand in a rewrite; use shift(state, -1) or _past"
            )
        if any(
            isinstance(n, Apply) and (n.op in TIME_SUMS or (n.op == "div" and n.args[1] == ZERO))
            for n in walk(rewrite.template)
        ):
            problems.append(
                "rewrite: a sum over time or a division by zero cannot stand in a rewrite"
            )
    return problems
