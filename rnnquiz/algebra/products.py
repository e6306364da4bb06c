"""Formulas as they are worked by hand: products with matrices that do not change beside it, sums
over entries written out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from itertools import filterfalse
from typing import Any

from rnnquiz.algebra.expression import (
    Apply,
    Expression,
    Ref,
    add,
    applies,
    neg,
    parts_by,
    refs,
    replace,
    substituted,
    under,
    walk,
)
from rnnquiz.algebra.rows import dot_written_out
from rnnquiz.algebra.sum_entries import ENTRIES, of_entries

_MATRIX = {"matvec": 0, "vecmat": 1}  # which argument of a product with a vector is the matrix


@lru_cache(maxsize=10_000)
def taken_out(
    tree: Expression, fixed: frozenset[str]
) -> tuple[Expression, tuple[tuple[str, Apply], ...]]:
    """The formula with a name in the place of each product of a vector with one of the `fixed`
    matrices, and these products by name."""
    found: dict[Apply, str] = {}

    def rule(node: Expression) -> Expression | None:
        if isinstance(node, Apply) and node.op in _MATRIX and matrix_of(node) in fixed:
            # A product that stands twice is worked once.
            number = len(found) + 1
            return Ref(found.setdefault(node, f"product_{number}"))
        return None

    outside = replace(tree, rule)
    by_name = [(name, product) for product, name in found.items()]
    return outside, tuple(by_name)


def matrix_of(product: Apply) -> str:
    """The name of the matrix in a product with a vector; empty where it is a formula."""
    matrix = product.args[_MATRIX[product.op]]
    bare = under("transpose", matrix)
    if isinstance(bare, Ref):
        return bare.name
    return ""


def one_hot_column(product: Apply, one: str) -> str:
    """The matrix whose column the product is where the vector `one` is one-hot; empty where the
    matrix stands transposed or on the right."""
    matrix, vector = product.args
    if product.op == "matvec" and isinstance(matrix, Ref) and vector == Ref(one):
        return matrix.name
    return ""


def entry_by_entry(
    tree: Expression, printed: Mapping[str, Any]
) -> tuple[Expression, dict[str, str]]:
    """The formula with each sum over the entries of vectors written out, without the products in
    which a factor is 0; and the numbers of the entries, by their names in it."""
    entries: dict[str, str] = {}
    if not _has_sum(tree):
        return tree, entries

    def rule(node: Expression) -> Expression | None:
        inner = under("neg", node)
        if applies(inner, "dot"):
            written_out = dot_written_out(inner, printed, entries)
            return neg(written_out) if written_out and inner is not node else written_out
        if not applies(inner, *ENTRIES):
            return None
        terms = list(_terms(inner, printed, entries))
        vanishes = partial(_vanishes, entries=entries)
        # Where all vanish one is left, to show that the sum is 0.
        kept = list(filterfalse(vanishes, terms)) or terms[:1]
        if not kept:
            return None
        if inner is not node:
            kept = [neg(term) for term in kept]
        return add(*kept)

    return replace(tree, rule), entries


def _terms(
    summed: Apply, printed: Mapping[str, Any], entries: dict[str, str]
) -> Iterator[Expression]:
    """The terms of a sum over the entries of vectors, none where it has no such terms; the numbers
    of the entries that they name are added to `entries`."""
    inside = of_entries(summed.args[0])
    vectors: dict[str, list[str]] = {}
    for name in refs(summed):
        # A number goes with every entry, and keeps its name.
        if isinstance(printed[name], list):
            vectors[name] = list(_flat(printed[name]))
    if inside is None or not vectors:
        return
    for k, texts in enumerate(zip(*vectors.values(), strict=True)):
        named = [f"{name}.{k}" for name in vectors]
        entries.update(zip(named, texts, strict=True))
        of_entry = dict(zip(vectors, map(Ref, named), strict=True))
        yield substituted(inside, of_entry)


# Asked for each line of each student, and the same for all of them.
@lru_cache(maxsize=10_000)
def _has_sum(tree: Expression) -> bool:
    return any(applies(node, "dot", *ENTRIES) for node in walk(tree))


def _flat(printed: Any) -> Iterator[str]:
    """The texts of all entries, row by row."""
    if isinstance(printed, str):
        yield printed
        return
    for part in printed:
        yield from _flat(part)


def _vanishes(term: Expression, entries: Mapping[str, str]) -> bool:
    """True for a product with a factor that is 0."""
    for factor in parts_by("mul", term):
        # What is no entry of a vector counts as 1: its number is not known here.
        if isinstance(factor, Ref) and float(entries.get(factor.name, "1")) == 0:
            return True
    return False
