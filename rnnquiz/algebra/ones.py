"""Vectors of ones, where a formula adds a number to a vector: each entry of it gets the number."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rnnquiz.algebra.expression import (
    ONE,
    Apply,
    Expression,
    Number,
    add,
    applies,
    neg,
    number,
    refs,
    walk,
)
from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.operations import shape_of
from rnnquiz.algebra.shapes import Shape
from rnnquiz.algebra.writing import SPREAD

KEPT_FORMULAS = 10_000
ONES = Apply("spread1", (ONE, ONE))
"""A vector of ones by itself, of any length."""

_SPREAD = {1: "spread1", 2: "spread2"}  # by the axes of what gets the number


def with_ones(tree: Expression, shapes: Mapping[str, Shape], notation: Notation) -> Expression:
    """The formula as it is shown: numbers in a sum of vectors or matrices are multiplied with
    ones."""
    of_names = tuple((name, shapes[name]) for name in refs(tree))
    return _with_ones(tree, of_names, notation.tanh_slope)


def has_ones(tree: Expression) -> bool:
    """True where a vector or a matrix of ones stands in a formula."""
    return any(applies(node, *SPREAD) for node in walk(tree))


# The same for all students, and asked for each line of each of them.
@lru_cache(maxsize=KEPT_FORMULAS)
def _with_ones(
    tree: Expression, of_names: tuple[tuple[str, Shape], ...], tanh_slope: str
) -> Expression:
    if not any(shape for _, shape in of_names):
        return tree
    return _shown(tree, dict(of_names), tanh_slope)


def _shown(tree: Expression, shapes: Mapping[str, Shape], tanh_slope: str) -> Expression:
    if not isinstance(tree, Apply):
        return tree
    args = tuple(_shown(arg, shapes, tanh_slope) for arg in tree.args)
    # The slope of tanh is written as a sum in some notations.
    if tree.op == "sech2" and tanh_slope == "1-tanh2" and shape_of(tree, shapes):
        squared = Apply("pow", (Apply("tanh", args), number(2)))
        args = (ONE, neg(squared))
    elif tree.op != "add":
        return Apply(tree.op, args)
    return _sum(args, shapes)


def _sum(terms: tuple[Expression, ...], shapes: Mapping[str, Shape]) -> Expression:
    of_terms = [shape_of(term, shapes) for term in terms]
    like = max(zip(of_terms, terms, strict=True), key=lambda pair: len(pair[0]))[1]
    axes = max(map(len, of_terms))
    if axes == 0:
        return add(*terms)
    made = []
    for term, shape in zip(terms, of_terms, strict=True):
        # What has a shape of its own stays.
        made.append(term if shape else _spread(term, like, axes))
    return add(*made)


def _spread(term: Expression, like: Expression, axes: int) -> Expression:
    # A sign stays in front: a - 1, not a + (-1) 1.
    if _is_negative(term):
        return neg(_spread(neg(term), like, axes))
    return Apply(_SPREAD[axes], (term, like))


def _is_negative(term: Expression) -> bool:
    return applies(term, "neg") or (isinstance(term, Number) and term.value < 0)


__all__ = ["ONES", "has_ones", "with_ones"]
