"""Mistakes as data: which formulas a mistake turns into which. One row of a table for each mistake, nothing per network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files

import numpy as np

from rnnquiz import strict_yaml
from rnnquiz.algebra.expression import Apply, Expression, Number, Ref, add, neg, number, refs, replace, walk
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.operations import evaluate, shape_of
from rnnquiz.algebra.parser import EquationError
from rnnquiz.algebra.rewrite import Kinds, parse_rewrite, rewritten
from rnnquiz.algebra.shapes import ShapeError
from rnnquiz.algebra.specialise import specialise
from rnnquiz.algebra.symbols import Derivative, Variable
from rnnquiz.decimals import Array
from rnnquiz.derivation.evaluate import evaluate as evaluate_graph
from rnnquiz.derivation.graph import ROLES, Graph, Quantity


@dataclass(frozen=True)
class Misconception:
    """A mistake: its name, a sentence for the student, the quantities it can strike, the rewrites that it is."""

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


PLACES = (*ROLES[1:], "slope", "direct", "hop", "error", "total-loss", "state", "output")


@cache
def catalogue() -> tuple[Misconception, ...]:
    """The registered misconceptions, frequent ones first."""
    text = (files("rnnquiz") / "models" / "misconceptions.yaml").read_text(encoding="utf-8")
    data, _ = strict_yaml.load(text)
    return tuple(Misconception(r["id"], r["name"], r["says"], tuple(r["where"]), tuple(r["rewrite"])) for r in data)


def places(q: Quantity, graph: Graph) -> set[str]:
    """The kinds of quantities that q is, as `where` names them."""
    found = {str(q.role)}
    symbol = q.symbol
    if isinstance(symbol, Variable):
        if symbol.mark == "'":
            found.add("slope")
        if q.name == "L":
            found.add("total-loss")
        return found
    of, by = graph.quantities.get(str(symbol.of)), graph.quantities.get(str(symbol.by))
    if symbol.direct:
        found.add("direct")
    if of is not None and by is not None and of.role == "loss" and by.role == "forward" and q.role == "local":
        found.add("error")
    if of is not None and by is not None and of.role == by.role == "forward" and q.role == "local":
        found.add("hop")
        if isinstance(of.formula, Apply) and of.formula.op in FUNCTIONS and of.formula.args == (Ref(by.name),):
            found.add("slope")
    return found


@dataclass(frozen=True)
class Setting:
    """What the rewrites of one quantity need to know of the problem around it."""

    q: Quantity
    graph: Graph
    biases: frozenset[str]
    weights: frozenset[str]
    sample: Mapping[str, Array]

    def time_of(self, name: str) -> int | None:
        return self.graph[name].time if name in self.graph.quantities else None

    def reaches(self, tree: Expression, sign: int) -> bool:
        """True where the tree reads a quantity of an earlier (sign -1) or later (+1) time, inputs and targets aside."""
        now = self.q.time
        times = [self.time_of(name) for name in refs(tree) if self.moves(name)]
        return now is not None and any(t is not None and (t - now) * sign > 0 for t in times)

    def moves(self, name: str) -> bool:
        """True for what is computed, and for initial states."""
        q = self.graph.quantities.get(name)
        return q is not None and (q.formula is not None or (q.time is not None and not 1 <= q.time <= self.graph.steps))

    def is_slope(self, tree: Expression) -> bool:
        return isinstance(tree, Ref) and tree.name in self.graph.quantities and "slope" in places(self.graph[tree.name], self.graph)

    def kinds(self) -> Kinds:
        return {
            "_past": lambda tree: self.reaches(tree, -1),
            "_future": lambda tree: self.reaches(tree, 1),
            "_bias": lambda tree: isinstance(tree, Ref) and tree.name in self.biases,
            "_weight": lambda tree: isinstance(_bare(tree), Ref) and _bare(tree).name in self.weights,  # type: ignore[union-attr]
            "_slope": self.is_slope,
            "_rate": lambda tree: isinstance(tree, Ref) and self.graph[tree.name].formula is None,
        }


def _bare(tree: Expression) -> Expression:
    return tree.args[0] if isinstance(tree, Apply) and tree.op == "transpose" else tree


def mistakes(graph: Graph, rules: Iterable[Misconception]) -> dict[str, tuple[Mistaken, ...]]:
    """For each computed quantity, every wrong formula that a rule gives it; equal formulas of one rule once."""
    biases, weights = _parameter_kinds(graph)
    sample = _sample(graph)
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
    biases = frozenset(graph.parameters) & added
    return biases, frozenset(graph.parameters) - biases


def _variants(setting: Setting, rule: Misconception) -> Iterator[Expression]:
    q = setting.q
    assert q.formula is not None
    right = {q.formula, *q.alternatives}
    shapes = {**setting.graph.shapes, "_": ()}
    for text in rule.rewrite:
        for form in (q.formula, *q.alternatives):
            for raw in _apply(text, form, setting):
                try:
                    new = specialise(_plain_products(raw), shapes)
                    fits = shape_of(new, shapes) == q.shape
                except (ShapeError, KeyError):
                    continue
                if fits and new not in right and _differs(new, q.formula, setting.sample):
                    yield new


def _differs(new: Expression, right: Expression, sample: Mapping[str, Array]) -> bool:
    """False where two formulas are equal for all givens (a mean of squares over two steps is a sum of halves)."""
    with np.errstate(all="ignore"):
        return not np.allclose(evaluate(new, sample), evaluate(right, sample), rtol=1e-9, atol=1e-12)


def _sample(graph: Graph) -> dict[str, Array]:
    """All quantities for a few arbitrary givens: numbers to tell formulas apart by."""
    generator = np.random.default_rng(20)
    return evaluate_graph(graph, {q.name: generator.uniform(0.1, 0.9, (3, *q.shape)) for q in graph.givens})


_KINDLESS = {
    **dict.fromkeys(("hadamard", "scale1", "scale2"), "mul"),
    **dict.fromkeys(("matvec", "vecmat", "matmat", "dot"), "matmul"),
    **dict.fromkeys(("total", "sum"), "sum"),
}


def _plain_products(tree: Expression) -> Expression:
    """Products without their kind, so that specialising finds the kind again for changed factors."""
    if not isinstance(tree, Apply):
        return tree
    args = tuple(_plain_products(arg) for arg in tree.args)
    return Apply(_KINDLESS.get(tree.op, tree.op), args)


_TRANSFORM = re.compile(r"(\w+)\((\w+)(?:,\s*(-?\d+))?\)")


def _apply(text: str, form: Expression, setting: Setting) -> Iterator[Expression]:
    transform = _TRANSFORM.fullmatch(text.strip())
    if transform and transform[1] in TRANSFORMS:
        yield from TRANSFORMS[transform[1]](form, setting, transform[2], int(transform[3] or 0))
        return
    rewrite = parse_rewrite(text)
    steps = number(setting.graph.steps)
    for new in rewritten(form, rewrite, setting.kinds()):
        yield replace(new, lambda node: steps if node == Ref("_steps") else None)


# --- transforms: rewrites that need to know the names around a formula ----------------------------------------------------

Transform = Callable[[Expression, Setting, str, int], Iterator[Expression]]


def _renamed(form: Expression, old: str, new: str) -> Expression:
    return replace(form, lambda node: Ref(new) if node == Ref(old) else None)


def _of_kind(kind: str, setting: Setting) -> frozenset[str]:
    return setting.biases if kind == "bias" else setting.weights


def _other(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """A parameter replaced by another one of its kind and shape."""
    family = _of_kind(kind, setting)
    for name in refs(form):
        for other in sorted(family - {name}) if name in family else ():
            yield _renamed(form, name, other)


def _swap(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """Two parameters of one kind exchanged."""
    present = [name for name in refs(form) if name in _of_kind(kind, setting)]
    for i, first in enumerate(present):
        for second in present[i + 1 :]:
            exchange = {first: Ref(second), second: Ref(first)}
            yield replace(form, lambda node, e=exchange: e.get(node.name) if isinstance(node, Ref) else None)  # type: ignore[misc]


def _updated(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    for name in refs(form):
        if name in _of_kind(kind, setting) and f"{name}_new" in setting.graph.quantities:
            yield _renamed(form, name, f"{name}_new")


def _shift(form: Expression, setting: Setting, kind: str, by: int) -> Iterator[Expression]:
    """References of a kind moved by some steps in time, one quantity at a time."""
    for name in refs(form):
        q = setting.graph.quantities.get(name)
        if q is None or not _shifts(kind, q, setting):
            continue
        target = _at(q, by)
        if target in setting.graph.quantities:
            yield _renamed(form, name, target)


def _shifts(kind: str, q: Quantity, setting: Setting) -> bool:
    if kind == "slope":
        return setting.is_slope(Ref(q.name))
    if kind == "input":
        return q.formula is None and q.time is not None and not setting.moves(q.name)
    if kind == "gradient":
        return q.role in ("recurrence", "local") and isinstance(q.symbol, Derivative) and str(q.symbol.of) == "L"
    return isinstance(q.symbol, Variable) and not q.symbol.mark and q.role in ("forward", "given") and setting.moves(q.name)


def _at(q: Quantity, by: int) -> str:
    """The name of the same quantity `by` steps later."""
    symbol = q.symbol

    def moved(v: Variable) -> Variable:
        return v if v.time is None else Variable(v.base, v.time + by, v.mark)

    if isinstance(symbol, Variable):
        return str(moved(symbol))
    return str(Derivative(moved(symbol.of), moved(symbol.by), symbol.direct, None if symbol.at is None else symbol.at + by))


def _initial(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """The previous state replaced by the initial one."""
    for name in refs(form):
        q = setting.graph.quantities.get(name)
        if q is not None and q.formula is not None and setting.reaches(Ref(name), -1):
            base = name.partition("[")[0]
            if f"{base}[0]" in setting.graph.quantities:
                yield _renamed(form, name, f"{base}[0]")


def _keep(form: Expression, setting: Setting, which: str, _: int) -> Iterator[Expression]:
    """One term of a sum instead of the sum."""
    if isinstance(form, Apply) and form.op == "add":
        terms = {"first": form.args[:1], "last": form.args[-1:], "middle": form.args[1:-1]}[which]
        yield from terms


def _drop(form: Expression, setting: Setting, which: str, _: int) -> Iterator[Expression]:
    """A sum without its first term, or a product without one of its factors."""
    if which == "first":
        if isinstance(form, Apply) and form.op == "add" and len(form.args) > 2:
            yield add(*form.args[1:])
        return
    if isinstance(form, Apply) and form.op == "neg":
        yield from (neg(new) for new in _drop(form.args[0], setting, which, 0))
    if isinstance(form, Apply) and form.op in ("mul", "hadamard", "scale1", "scale2"):
        for i, factor in enumerate(form.args):
            rest = [a for k, a in enumerate(form.args) if k != i]
            if not isinstance(factor, Number):
                yield Apply("mul", tuple(rest)) if len(rest) > 1 else rest[0]


def _skip(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """A reference to something that is a product with a slope, replaced by that product without the slope."""
    for name in refs(form):
        inner = setting.graph[name].formula if name in setting.graph.quantities else None
        if isinstance(inner, Apply) and inner.op in ("mul", "hadamard", "scale1") and any(setting.is_slope(a) for a in inner.args):
            rest = [a for a in inner.args if not setting.is_slope(a)]
            bare = rest[0] if len(rest) == 1 else Apply("mul", tuple(rest)) if rest else Number(Fraction(1))
            yield replace(form, lambda node, n=name, b=bare: b if node == Ref(n) else None)  # type: ignore[misc]


def _diagonal(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """A matrix times a vector computed with the diagonal only (elementwise)."""

    def rule(node: Expression) -> Expression | None:
        return Apply("diagonal", node.args) if isinstance(node, Apply) and node.op == "matvec" else None

    new = replace(form, rule)
    if new != form:
        yield new


TRANSFORMS: Mapping[str, Transform] = {
    "other": _other,
    "swap": _swap,
    "updated": _updated,
    "shift": _shift,
    "initial": _initial,
    "keep": _keep,
    "drop": _drop,
    "skip": _skip,
    "diagonal": _diagonal,
}


def check_rule(rule: Misconception) -> list[str]:
    """What is wrong with a rule as written; empty where nothing is."""
    problems = [f"where: {place!r} is none of {', '.join(PLACES)}" for place in rule.where if place not in PLACES]
    for text in rule.rewrite:
        transform = _TRANSFORM.fullmatch(text.strip())
        if transform and transform[1] in TRANSFORMS:
            continue
        try:
            parse_rewrite(text)
        except EquationError as error:
            problems.append(f"rewrite: {error}")
    return problems
