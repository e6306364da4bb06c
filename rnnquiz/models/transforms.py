"""Rewrites that need to know the names around a formula: another weight, the state of another step,
a factor left out.

A transform is written in a rule as name(argument) or name(argument, steps), for instance
shift(state, -1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from rnnquiz.algebra.expression import Apply, Expression, Number, Ref, add, neg, refs, replace, walk
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.rewrite import Kinds
from rnnquiz.algebra.symbols import Derivative, Variable, in_pass
from rnnquiz.decimals import Array
from rnnquiz.derivation.graph import ROLES, Graph, Quantity

PLACES = (*ROLES[1:], "slope", "direct", "hop", "error", "total-loss", "log-loss")
TRANSFORM = re.compile(r"(\w+)\((\w+)(?:,\s*(-?\d+))?\)")


def places(q: Quantity, graph: Graph) -> set[str]:
    """The kinds of quantities that q is, as `where` names them."""
    found = {str(q.role)}
    symbol = q.symbol
    if isinstance(symbol, Variable):
        if symbol.mark == "'":
            found.add("slope")
        if symbol.base == "L" and symbol.time is None:
            found.add("total-loss")
        if (
            q.role == "loss"
            and q.formula is not None
            and any(isinstance(n, Apply) and n.op == "log" for n in walk(q.formula))
        ):
            found.add("log-loss")
        return found
    of, by = (graph.quantities.get(in_pass(str(v), symbol.number)) for v in (symbol.of, symbol.by))
    if symbol.direct:
        found.add("direct")
    lossy = (
        of.role == "loss" if of is not None else str(symbol.of) == "L"
    )  # a single loss L[2] has no sum L
    if lossy and by is not None and by.role == "forward" and q.role == "local":
        found.add("error")
    if of is not None and by is not None and of.role == by.role == "forward" and q.role == "local":
        found.add("hop")
        if (
            isinstance(of.formula, Apply)
            and of.formula.op in FUNCTIONS
            and of.formula.args == (Ref(by.name),)
        ):
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
        """True where the tree reads a quantity of an earlier (sign -1) or later (+1) time, inputs
        and targets aside."""
        now = self.q.time
        times = [self.time_of(name) for name in refs(tree) if self.moves(name)]
        return now is not None and any(t is not None and (t - now) * sign > 0 for t in times)

    def moves(self, name: str) -> bool:
        """True for what is computed (also where its number is shown), and for initial states."""
        q = self.graph.quantities.get(name)
        return q is not None and (
            q.role != "given" or (q.time is not None and not 1 <= q.time <= self.graph.steps)
        )

    def is_slope(self, tree: Expression) -> bool:
        return (
            isinstance(tree, Ref)
            and tree.name in self.graph.quantities
            and "slope" in places(self.graph[tree.name], self.graph)
        )

    def kinds(self) -> Kinds:
        return {
            "_past": lambda tree: self.reaches(tree, -1),
            "_future": lambda tree: self.reaches(tree, 1),
            "_bias": lambda tree: isinstance(tree, Ref) and tree.name in self.biases,
            "_weight": lambda tree: (
                isinstance(_bare(tree), Ref) and _bare(tree).name in self.weights  # type: ignore[union-attr]
            ),
            "_slope": self.is_slope,
            "_gate": (
                lambda tree: (
                    isinstance(tree, Ref)
                    and tree.name in self.graph.quantities
                    and is_gate(self.graph[tree.name])
                )
            ),
            "_rate": lambda tree: isinstance(tree, Ref) and self.graph[tree.name].formula is None,
        }


def _bare(tree: Expression) -> Expression:
    return tree.args[0] if isinstance(tree, Apply) and tree.op == "transpose" else tree


Transform = Callable[[Expression, Setting, str, int], Iterator[Expression]]


def _renamed(form: Expression, old: str, new: str) -> Expression:
    return replace(form, lambda node: Ref(new) if node == Ref(old) else None)


def _of_kind(kind: str, setting: Setting) -> frozenset[str]:
    return setting.biases if kind == "bias" else setting.weights


def _family(kind: str, name: str, setting: Setting) -> frozenset[str]:
    """What a name is mixed up with: parameters of its kind; gates of the same step; the same letter
    of another layer."""
    if kind in ("bias", "weight"):
        return _of_kind(kind, setting)
    q = setting.graph.quantities.get(name)
    if q is None or not isinstance(q.symbol, Variable) or q.symbol.mark:
        return frozenset()
    if kind == "gate":
        return frozenset(
            o.name
            for o in setting.graph
            if o.time == q.time and o.symbol.number == q.symbol.number and is_gate(o)
        )
    layers = [
        o.symbol
        for o in setting.graph.computed
        if o.role == "forward" and isinstance(o.symbol, Variable)
    ]
    alike = [
        v
        for v in layers
        if "_" in v.base
        and v.base.partition("_")[0] == q.symbol.base.partition("_")[0]
        and not v.mark
    ]
    return frozenset(
        str(v) for v in alike if (v.time, v.number) == (q.symbol.time, q.symbol.number)
    )


def is_gate(q: Quantity) -> bool:
    """A quantity of the forward pass that lies between 0 and 1 and multiplies others."""
    return q.role == "forward" and isinstance(q.formula, Apply) and q.formula.op == "sigmoid"


def _other(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """A parameter, gate or layer replaced by another one of its kind and shape."""
    for name in refs(form):
        family = _family(kind, name, setting)
        for other in sorted(family - {name}) if name in family else ():
            yield _renamed(form, name, other)


def _swap(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """Two parameters or gates of one kind exchanged."""
    present = [name for name in refs(form) if name in _family(kind, name, setting)]
    for i, first in enumerate(present):
        for second in present[i + 1 :]:
            exchange = {first: Ref(second), second: Ref(first)}
            yield replace(
                form,
                lambda node, e=exchange: e.get(node.name) if isinstance(node, Ref) else None,  # type: ignore[misc]
            )


def _updated(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    for name in refs(form):
        new = in_pass(f"{name}_new", setting.q.symbol.number)
        if name in _of_kind(kind, setting) and new in setting.graph.quantities:
            yield _renamed(form, name, new)


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
        return (
            q.role in ("recurrence", "local")
            and isinstance(q.symbol, Derivative)
            and str(q.symbol.of) == "L"
        )
    return (
        isinstance(q.symbol, Variable)
        and not q.symbol.mark
        and q.role in ("forward", "given")
        and setting.moves(q.name)
    )


def _at(q: Quantity, by: int) -> str:
    """The name of the same quantity `by` steps later."""
    symbol = q.symbol

    def moved(v: Variable) -> Variable:
        return v if v.time is None else Variable(v.base, v.time + by, v.mark, v.number)

    if isinstance(symbol, Variable):
        return str(moved(symbol))
    at = None if symbol.at is None else symbol.at + by
    return str(Derivative(moved(symbol.of), moved(symbol.by), symbol.direct, at, symbol.number))


def _initial(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """The previous state replaced by the initial one."""
    for name in refs(form):
        q = setting.graph.quantities.get(name)
        if q is not None and q.formula is not None and setting.reaches(Ref(name), -1):
            base = name.partition("[")[0]
            first = f"{base}[0]"
            if first in setting.graph.quantities:
                yield _renamed(form, name, first)


def _everywhere(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """All slopes, or all weights, left out of a sum of products at once; or all weights taken from
    another family (W_f for U_f)."""
    if not (isinstance(form, Apply) and form.op == "add"):
        return

    def goes(node: Expression) -> bool:
        return (
            setting.is_slope(node)
            if kind == "slope"
            else isinstance(_bare(node), Ref) and _bare(node).name in setting.weights  # type: ignore[union-attr]
        )

    def rule(node: Expression) -> Expression | None:
        if isinstance(node, Apply) and node.op in ("mul", "hadamard", "scale1", "matvec"):
            rest = [arg for arg in node.args if not goes(arg)]
            if 0 < len(rest) < len(node.args):
                return rest[0] if len(rest) == 1 else Apply("mul", tuple(rest))
        return None

    new = replace(form, rule)
    if new != form:
        yield new


def _family_of(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """All weights of a sum taken from another family: W_f, W_i, W_o for U_f, U_i, U_o."""
    names = [name for name in refs(form) if name in setting.weights and "_" in name]
    letters = sorted({name.partition("_")[0] for name in setting.weights if "_" in name})
    for letter in letters:
        other = {name: f"{letter}_{name.partition('_')[2]}" for name in names}
        if (
            len(names) > 1
            and all(new in setting.weights for new in other.values())
            and set(other.values()) != set(names)
        ):
            yield replace(
                form,
                lambda node, e=other: (  # type: ignore[misc]
                    Ref(e[node.name]) if isinstance(node, Ref) and node.name in e else None
                ),
            )


def _inside(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """A state replaced by the sum that it is the activation of."""
    for name in refs(form):
        inner = setting.graph[name].formula if name in setting.graph.quantities else None
        if (
            isinstance(inner, Apply)
            and inner.op in FUNCTIONS
            and setting.moves(name)
            and setting.graph[name].role == "forward"
        ):
            yield replace(form, lambda node, n=name, a=inner.args[0]: a if node == Ref(n) else None)  # type: ignore[misc]


def _keep(form: Expression, setting: Setting, which: str, _: int) -> Iterator[Expression]:
    """One term of a sum instead of the sum."""
    if which == "term":
        if isinstance(form, Apply) and form.op == "add" and len(form.args) > 1:
            yield from form.args
        return
    if (
        isinstance(form, Apply)
        and form.op == "mul"
        and len(form.args) == 2
        and isinstance(form.args[0], Number)
    ):
        yield from (
            Apply("mul", (form.args[0], new)) for new in _keep(form.args[1], setting, which, 0)
        )  # a mean over the steps
    if isinstance(form, Apply) and form.op == "add":
        terms = {"first": form.args[:1], "last": form.args[-1:], "middle": form.args[1:-1]}[which]
        yield from terms


def _drop(form: Expression, setting: Setting, which: str, _: int) -> Iterator[Expression]:
    """A sum without its first term or any one term, or a product without one of its factors."""
    if which == "term" and isinstance(form, Apply) and form.op == "add" and len(form.args) > 2:
        yield from (
            add(*(a for k, a in enumerate(form.args) if k != i)) for i in range(len(form.args))
        )
    if which == "term":
        return
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
    """A reference to something that is a product with a slope, replaced by that product without the
    slope."""
    for name in refs(form):
        inner = setting.graph[name].formula if name in setting.graph.quantities else None
        if (
            isinstance(inner, Apply)
            and inner.op in ("mul", "hadamard", "scale1")
            and any(setting.is_slope(a) for a in inner.args)
        ):
            rest = [a for a in inner.args if not setting.is_slope(a)]
            bare = (
                rest[0]
                if len(rest) == 1
                else Apply("mul", tuple(rest))
                if rest
                else Number(Fraction(1))
            )
            yield replace(form, lambda node, n=name, b=bare: b if node == Ref(n) else None)  # type: ignore[misc]


def _diagonal(form: Expression, setting: Setting, kind: str, _: int) -> Iterator[Expression]:
    """A matrix times a vector computed with the diagonal only (elementwise)."""

    products = [node for node in walk(form) if isinstance(node, Apply) and node.op == "matvec"]
    for chosen in [products, *([p] for p in products)]:
        new = replace(
            form,
            lambda node, c=chosen: Apply("diagonal", node.args) if node in c else None,  # type: ignore[misc]
        )
        if new != form:
            yield new


def _truncate(form: Expression, setting: Setting, kind: str, hops: int) -> Iterator[Expression]:
    """Paths through time followed for some hops only."""
    if isinstance(form, Apply) and form.op == "add":
        new = _cut(form, setting.q, setting, hops)
        if new is not None and new != form:
            yield new


def _cut(form: Expression, q: Quantity, setting: Setting, hops: int) -> Expression | None:
    """The formula of q with what it reads of other steps cut off after `hops`; None where nothing
    is left."""
    terms = form.args if isinstance(form, Apply) and form.op == "add" else (form,)
    here = replace_setting(setting, q)
    kept = []
    for term in terms:
        far = here.reaches(term, -1) or here.reaches(term, 1)
        if not (far and hops == 0):
            cut = _cut_inside(term, q, setting, hops)
            kept += [cut] if cut is not None else []
    return add(*kept) if kept else None


def _cut_inside(term: Expression, q: Quantity, setting: Setting, hops: int) -> Expression | None:
    for name in refs(term):
        read = setting.graph[name]
        if read.role != "recurrence" or read.formula is None:
            continue
        inner = _cut(read.formula, read, setting, hops - (read.time != q.time))
        if inner is None:
            return None
        term = replace(term, lambda node, n=name, e=inner: e if node == Ref(n) else None)  # type: ignore[misc]
    return term


def replace_setting(setting: Setting, q: Quantity) -> Setting:
    """The same surroundings, seen from another quantity."""
    return Setting(q, setting.graph, setting.biases, setting.weights, setting.sample)


TRANSFORMS: Mapping[str, Transform] = {
    "other": _other,
    "swap": _swap,
    "updated": _updated,
    "shift": _shift,
    "initial": _initial,
    "everywhere": _everywhere,
    "family": _family_of,
    "inside": _inside,
    "keep": _keep,
    "drop": _drop,
    "skip": _skip,
    "diagonal": _diagonal,
    "truncate": _truncate,
}


ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "other": ("bias", "weight", "gate", "layer"),
    "swap": ("bias", "weight", "gate"),
    "everywhere": ("slope", "weight"),
    "family": ("weight",),
    "inside": ("state",),
    "updated": ("bias", "weight"),
    "shift": ("slope", "input", "gradient", "state"),
    "initial": ("state",),
    "keep": ("first", "last", "middle", "term"),
    "drop": ("first", "term", "factor"),
    "skip": ("slope",),
    "diagonal": ("matrix",),
    "truncate": ("paths",),
}
