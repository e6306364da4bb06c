"""Vectors written out row by row: each entry of a product as the sum that a calculator is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import filterfalse
from typing import Any

from rnnquiz.algebra.expression import (
    ONE,
    Apply,
    Expression,
    Number,
    Ref,
    add,
    applies,
    neg,
    parts_by,
    refs,
    substituted,
    under,
    walk,
)
from rnnquiz.algebra.sum_entries import of_entries
from rnnquiz.algebra.writing import BY_ROWS, TIMES

EntryTexts = dict[str, str]
"""The texts of entries, by the names that they have in a formula: W.0.1, h[2].1."""

WRITTEN_OUT = 6  # entries of a vector that are written out
LONGEST_ROW, BESIDE = 64, 2  # letters of an entry, and of what stands beside a number in it
_ONE, _NOUGHT = 1.0, 0.0


def rows_of_product(product: Apply, printed: Mapping[str, Any], numbers: EntryTexts) -> Expression:
    """A product of a matrix with a vector as a column of sums, the numbers of which are added to
    `numbers`; itself where it cannot be written out, or is no more than a column."""
    on_left = product.op == "matvec"
    matrix, vector = product.args if on_left else product.args[::-1]
    bare = under("transpose", matrix)
    entries = written_entries(vector, printed, numbers)
    if not isinstance(bare, Ref) or not entries:
        return product
    # Of M^T v, and of v M, the columns of M are multiplied.
    whole = printed[bare.name]
    lines, place = whole, "{row}.{k}"
    if on_left == (bare is not matrix):
        # An entry has one name, whichever way the matrix is read.
        lines, place = list(map(list, zip(*whole, strict=True))), "{k}.{row}"
    sums = []
    for row, texts in enumerate(lines):
        places = (place.format(row=row, k=k) for k in range(len(texts)))
        names = [f"{bare.name}.{there}" for there in places]
        numbers.update(zip(names, texts, strict=True))
        sums.append(_sum_of(map(Ref, names), entries, numbers))
    # A one-hot vector picks a column, and of a vector of noughts nothing is left.
    if all(isinstance(found, Ref | Number) for found in sums):
        return product
    if not fit_in_a_row(sums, numbers):
        return product
    return Apply(BY_ROWS, tuple(sums))


def fit_in_a_row(entries: Sequence[Expression], numbers: EntryTexts) -> bool:
    """True where there are such entries, few enough, and each is short enough for a row."""
    if not entries or len(entries) > WRITTEN_OUT:
        return False
    lengths = (_length(entry, numbers) for entry in entries)
    return max(lengths) <= LONGEST_ROW


def _length(entry: Expression, numbers: EntryTexts) -> int:
    """Letters of a formula, by its numbers: each has a sign beside it, or brackets around it."""
    letters = 0
    for node in walk(entry):
        if isinstance(node, Ref):
            letters += len(numbers[node.name]) + BESIDE
    return letters


def dot_written_out(
    product: Apply, printed: Mapping[str, Any], numbers: EntryTexts
) -> Expression | None:
    """A scalar product as the sum of the products of its entries; None where it is too long."""
    left, right = (written_entries(factor, printed, numbers) for factor in product.args)
    if not left or len(left) != len(right) or len(left) > WRITTEN_OUT:
        return None
    return _sum_of(left, right, numbers)


def written_entries(
    tree: Expression, printed: Mapping[str, Any], numbers: EntryTexts
) -> tuple[Expression, ...]:
    """A vector entry by entry, in formulas of numbers; none where it has no such entries."""
    inside = of_entries(tree)
    vectors: dict[str, list[str]] = {}
    for name in refs(tree):
        # A number goes with every entry, and keeps its name.
        if isinstance(printed[name], list):
            vectors[name] = printed[name]
        else:
            numbers[name] = printed[name]
    lengths = set(map(len, vectors.values()))
    flat = all(isinstance(text, str) for texts in vectors.values() for text in texts)
    if inside is None or len(lengths) != 1 or not flat:
        return ()
    return tuple(_each(inside, vectors, numbers))


def _each(
    inside: Expression, vectors: Mapping[str, Sequence[str]], numbers: EntryTexts
) -> Iterator[Expression]:
    for k, texts in enumerate(zip(*vectors.values(), strict=True)):
        named = [f"{name}.{k}" for name in vectors]
        numbers.update(zip(named, texts, strict=True))
        of_entry = dict(zip(vectors, map(Ref, named), strict=True))
        yield substituted(inside, of_entry)


def _sum_of(
    factors: Iterator[Ref] | Sequence[Expression],
    entries: Sequence[Expression],
    numbers: EntryTexts,
) -> Expression:
    """The sum of products in pairs, without those in which a factor is 0; the first of them where
    all are."""
    pairs = list(zip(factors, entries, strict=True))
    kept = filterfalse(partial(_vanishes, numbers=numbers), pairs)
    products = [_times(pair, numbers) for pair in kept]
    return add(*products)


def _factors(pair: tuple[Expression, Expression]) -> Iterator[Expression]:
    for factor in pair:
        yield from parts_by("mul", under("neg", factor))


def _vanishes(pair: tuple[Expression, Expression], numbers: EntryTexts) -> bool:
    return any(_is(factor, _NOUGHT, numbers) for factor in _factors(pair))


def _times(pair: tuple[Expression, Expression], numbers: EntryTexts) -> Expression:
    """A product as a hand writes it: no factor 1, a sign in front."""
    factors = [factor for factor in _factors(pair) if not _is(factor, _ONE, numbers)]
    if not factors:
        return ONE
    product = factors[0]
    if len(factors) > 1:
        product = Apply(TIMES, tuple(factors))
    signs = sum(applies(factor, "neg") for factor in pair)
    return neg(product) if signs % 2 else product


def _is(factor: Expression, value: float, numbers: EntryTexts) -> bool:
    # What is no number of its own counts as any other one.
    return isinstance(factor, Ref) and float(numbers.get(factor.name, "nan")) == value


__all__ = ["WRITTEN_OUT", "dot_written_out", "rows_of_product", "written_entries"]
