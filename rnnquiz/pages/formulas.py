"""Formulas of a bank beside those on a page: equal at random points, or aligned part by part with
the numbers put in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np

from rnnquiz.algebra.expression import Apply, Expression, Number, Ref, replace
from rnnquiz.algebra.operations import evaluate as value_of
from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.derivation.graph import Quantity
from rnnquiz.models.misconceptions import Misconception
from rnnquiz.pages.values import NoValue, applied, value
from rnnquiz.pages.written import Der, DerOf, Name, Node, Num, Op, is_numeric

PRODUCTS = frozenset(
    {"mul", "hadamard", "scale1", "scale2", "matvec", "vecmat", "matmat", "dot", "outer"}
)
EXACT = -12  # place of the last digit of a number that is not rounded
MOST_TEMPLATES, MOST_PERMUTED = 10, 4
NEARLY, NEARLY_0 = 1e-7, 1e-10  # relative and absolute, of formulas at random points
Leaf = Callable[[Node], Array]
Fits = Callable[[Expression, Node], bool]
Pairs = list[tuple[Expression, Node]]


@dataclass(frozen=True)
class Formulas:
    """The formulas of one bank and their values for a few arbitrary problems."""

    bank: Bank

    @cached_property
    def sample(self) -> Mapping[str, Array]:
        with np.errstate(all="ignore"):
            return evaluate(self.bank.graph, self.bank.sample)

    def scalar(self, name: str) -> bool:
        return self.bank.graph[name].shape == ()

    @cached_property
    def _mistaken(self) -> dict[str, tuple[tuple[Misconception, Array], ...]]:
        return {}

    def mistaken(self, name: str) -> tuple[tuple[Misconception, Array], ...]:
        """Values of the quantity with each registered mistake in its own formula, or in that of a
        slope or copy in it."""
        if name not in self._mistaken:
            self._mistaken[name] = tuple(self._mistakes(name))
        return self._mistaken[name]

    def _mistakes(self, name: str) -> Iterator[tuple[Misconception, Array]]:
        q = self.bank.graph[name]
        with np.errstate(all="ignore"):
            for row in self.bank.mistaken.get(name, ()):
                yield row.rule, self._of(row.formula, {})
            for parent in self.inner(q):
                for row in self.bank.mistaken.get(parent, ()):
                    assert q.formula is not None
                    yield row.rule, self._of(q.formula, {parent: self._of(row.formula, {})})

    def _of(self, formula: Expression, other: Mapping[str, Array]) -> Array:
        found = np.asarray(value_of(formula, {**self.sample, **other}), dtype=float)
        return found if found.ndim else np.full(len(next(iter(self.sample.values()))), found)

    def inner(self, q: Quantity) -> tuple[str, ...]:
        """What a formula reads that people write out in it: slopes, and copies of other
        quantities."""
        graph = self.bank.graph
        return tuple(
            p for p in graph.parents[q.name] if "'" in p or isinstance(graph[p].formula, Ref)
        )

    def equal(self, found: Array, name: str) -> bool:
        return self.same(found, self.sample[name])

    @staticmethod
    def same(found: Array, expected: Array) -> bool:
        if found.shape != expected.shape:
            return False
        with np.errstate(all="ignore"):
            return bool((np.abs(found - expected) <= NEARLY_0 + NEARLY * np.abs(expected)).all())

    # Templates

    @cached_property
    def _templates(self) -> dict[str, tuple[Expression, ...]]:
        return {}

    def templates(self, name: str) -> tuple[Expression, ...]:
        """The forms in which a formula is written: its own, its alternatives, and with slopes and
        copies written out."""
        if name not in self._templates:
            q = self.bank.graph[name]
            forms = [form for form in (q.formula, *q.alternatives) if form is not None]
            for parent in self.inner(q):
                p = self.bank.graph[parent]
                for form in list(forms):
                    for other in (p.formula, *p.alternatives):
                        if other is not None and len(forms) < MOST_TEMPLATES:
                            forms.append(_with(form, parent, other))
            self._templates[name] = tuple(dict.fromkeys(forms))
        return self._templates[name]


def _with(form: Expression, name: str, other: Expression) -> Expression:
    return replace(form, lambda node: other if node == Ref(name) else None)


def sampled(node: Node, leaf: Leaf) -> Array:
    """The value of a formula of scalars, where `leaf` gives that of each name. NoValue where it has
    none."""
    if isinstance(node, (Name, Der, DerOf)):
        return leaf(node)
    if isinstance(node, Num):
        return np.float64(node.value)  # type: ignore[return-value]
    args = [sampled(arg, leaf) for arg in node.args]
    op = "mul" if node.op in ("matmul", "outer") else node.op
    if op == "transpose":
        return args[0]
    with np.errstate(all="ignore"):
        return applied(op, args)


# Numbers put in


def flat(tree: Expression) -> list[Expression]:
    """Factors of a product, or the tree alone."""
    if isinstance(tree, Apply) and tree.op in PRODUCTS:
        return [part for arg in tree.args for part in flat(arg)]
    return [tree]


def align(tree: Expression, node: Node, fits: Fits) -> Pairs | None:
    """Parts of a formula beside the numbers that were put in for them; None where it is of another
    form."""
    if isinstance(node, Num) or (
        isinstance(node, Op) and node.op == "neg" and isinstance(node.args[0], Num)
    ):
        return [(tree, node)]
    if isinstance(tree, (Ref, Number)) or not isinstance(node, Op):
        return [(tree, node)] if is_numeric(node) else None
    assert isinstance(tree, Apply)
    if node.op == "neg":
        return align(tree.args[0], node.args[0], fits) if tree.op == "neg" else None
    if tree.op == "neg":
        return None
    if node.op in ("mul", "matmul", "outer"):
        left = flat(tree)
        return _in_some_order(left, _factors(node), fits) if tree.op in PRODUCTS else None
    if node.op == "add":
        return _in_some_order(list(tree.args), list(node.args), fits) if tree.op == "add" else None
    if node.op == tree.op and len(node.args) == len(tree.args):
        return _pairwise(list(tree.args), list(node.args), fits)
    return None


def _factors(node: Node) -> list[Node]:
    if isinstance(node, Op) and node.op in ("mul", "matmul", "outer"):
        return [part for arg in node.args for part in _factors(arg)]
    return [node]


def _pairwise(trees: Sequence[Expression], nodes: Sequence[Node], fits: Fits) -> Pairs | None:
    found: Pairs = []
    for tree, node in zip(trees, nodes, strict=True):
        pairs = align(tree, node, fits)
        if pairs is None:
            return None
        found += pairs
    return found


def _in_some_order(trees: list[Expression], nodes: list[Node], fits: Fits) -> Pairs | None:
    """The order as written, unless another order fits better."""
    if len(trees) == len(nodes) + 1:  # a factor or a term that makes no difference is left out
        for k, tree in enumerate(trees):
            rest = trees[:k] + trees[k + 1 :]
            if isinstance(tree, (Ref, Apply)) and (
                any(fits(tree, Num(text, float(text), EXACT)) for text in "01")
            ):
                return _pairwise(rest, nodes, fits)
        return None
    if len(trees) != len(nodes):
        return None
    best: tuple[int, Pairs] | None = None
    orders = permutations(nodes) if len(nodes) <= MOST_PERMUTED else iter([tuple(nodes)])
    for order in orders:
        pairs = _pairwise(trees, order, fits)
        if pairs is None:
            continue
        misses = sum(not fits(*pair) for pair in pairs)
        if best is None or misses < best[0]:
            best = misses, pairs
        if not misses:
            break
    return best[1] if best else None


def number_of(node: Node) -> tuple[float, int] | None:
    """The value of a number or of an expression of numbers, and the place of its last digit (none
    for an expression)."""
    if isinstance(node, Num):
        return node.value, node.place
    if isinstance(node, Op) and node.op == "neg" and isinstance(node.args[0], Num):
        return -node.args[0].value, node.args[0].place
    try:
        return float(value(node)), EXACT
    except (NoValue, TypeError, ValueError):
        return None
