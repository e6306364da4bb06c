"""Rewriting of formulas by patterns, as in  tanh(_u) -> _u  or  _rest + _bias -> _rest.

A name that begins with _ stands for any subtree; a name that the caller's table of kinds knows
(_bias, _past, ...) stands for one of that kind only. A sum matches with any one term as the last
part of the pattern and the rest as the first; a product likewise, in either order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rnnquiz.algebra.expression import (
    Apply,
    Expression,
    Number,
    Ref,
    add,
    is_pair,
    mul,
    rebuild,
    substituted,
)
from rnnquiz.algebra.parser import EquationError, parse_expression
from rnnquiz.text import shortened

KindTests = Mapping[str, Callable[[Expression], bool]]
Bindings = dict[str, Expression]

_WHOLE = Ref("_all")  # this pattern is the whole formula, never a part of it

# Patterns are written before shapes are known: their one product fits whatever it became.
_PRODUCTS = frozenset({"mul", "hadamard", "scale1", "scale2"})
_FITS = {
    "mul": _PRODUCTS,
    "matmul": frozenset({"mul", "scale1", "scale2", "matvec", "vecmat", "matmat", "dot"}),
}


@dataclass(frozen=True)
class Rewrite:
    """`pattern` found anywhere in a formula becomes `template`."""

    pattern: Expression
    template: Expression


@lru_cache(maxsize=1_000)
def parse_rewrite(text: str) -> Rewrite:
    """`pattern -> template`; EquationError where it is none."""
    left, arrow, right = text.partition("->")
    if not arrow or "->" in right:
        found = f"{shortened(text)} is no rewrite"
        raise EquationError(found, "write  pattern -> template, with one arrow")
    pattern, template = parse_expression(left.strip()), parse_expression(right.strip())
    return Rewrite(pattern, template)


def rewritten(tree: Expression, rewrite: Rewrite, kinds: KindTests) -> Iterator[Expression]:
    """Every tree that one application of the rewrite gives, outermost places first. Not yet
    specialised to shapes."""
    for bindings in match(rewrite.pattern, tree, kinds):
        yield filled(rewrite.template, bindings)
    if isinstance(tree, Apply) and rewrite.pattern != _WHOLE:
        for i, arg in enumerate(tree.args):
            before = tree.args[:i]
            after = tree.args[i + 1 :]
            for new in rewritten(arg, rewrite, kinds):
                yield rebuild(tree.op, (*before, new, *after))


def filled(template: Expression, bindings: Bindings) -> Expression:
    """The template with what its names stand for."""
    return substituted(template, bindings)


def match(pattern: Expression, tree: Expression, kinds: KindTests) -> Iterator[Bindings]:
    """All ways in which the pattern fits the whole tree."""
    if isinstance(pattern, Ref):
        yield from _match_name(pattern.name, tree, kinds)
    elif isinstance(pattern, Number):
        if pattern == tree:
            yield {}
    elif (
        isinstance(pattern, Apply)
        and isinstance(tree, Apply)
        and tree.op in _FITS.get(pattern.op, {pattern.op})
    ):
        for parts in _splits(pattern, tree):
            yield from _match_all(pattern.args, parts, kinds)


def _match_name(name: str, tree: Expression, kinds: KindTests) -> Iterator[Bindings]:
    if not name.startswith("_"):
        if isinstance(tree, Ref) and tree.name == name:
            yield {}
        return
    # _bias1 and _bias2 are two of one kind.
    kind = kinds.get(name.rstrip("0123456789"))
    if kind is None or kind(tree):
        yield {name: tree}


def _splits(pattern: Apply, tree: Apply) -> Iterator[tuple[Expression, ...]]:
    """The arguments of the tree, grouped as many as the pattern has."""
    if (
        pattern.op == "add"
        or (pattern.op == "mul" and tree.op in _PRODUCTS)
        or (pattern.op == "matmul" and tree.op == "mul")
    ):
        if not is_pair(pattern.args) or len(tree.args) <= 1:
            return
        for i, one in enumerate(tree.args):
            others = [*tree.args]
            del others[i]
            rest = _joined(pattern.op, tree.op, others)
            yield (rest, one)
            # With two factors the other order comes by itself.
            if pattern.op != "add" and not is_pair(tree.args):
                yield (one, rest)
    elif len(pattern.args) == len(tree.args):
        yield tree.args


def _joined(pattern: str, op: str, others: list[Expression]) -> Expression:
    """The terms or factors that are left, as one."""
    if pattern == "add":
        return add(*others)
    if op == "mul":
        return mul(*others)
    # A product whose kind follows from shapes has two factors.
    return others[0]


def _match_all(
    patterns: tuple[Expression, ...], parts: tuple[Expression, ...], kinds: KindTests
) -> Iterator[Bindings]:
    if not patterns:
        yield {}
        return
    for first in match(patterns[0], parts[0], kinds):
        for rest in _match_all(patterns[1:], parts[1:], kinds):
            # A name that stands twice in a pattern stands for the same thing twice.
            if all(first[name] == rest[name] for name in first.keys() & rest.keys()):
                yield first | rest
