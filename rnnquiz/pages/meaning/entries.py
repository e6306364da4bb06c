"""Entries of vectors and matrices as quantities of their own: h[2].1 is one number, with the row of
its formula that gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, product
from math import prod

import numpy as np

from rnnquiz.algebra.expression import Apply, Expression, Number, Ref, add, mul
from rnnquiz.algebra.operations import shape_of
from rnnquiz.algebra.shapes import Shape
from rnnquiz.algebra.sums import ENTRYWISE_OPS
from rnnquiz.bank.specification import Bank
from rnnquiz.derivation.graph import Quantity

EntryIndex = tuple[int, ...]  # from nought, row first
# What an operation is between numbers: there all these products are one.
_AGAIN = {"add": add, "mul": mul, "hadamard": mul, "scale1": mul, "scale2": mul}
_EACH = ENTRYWISE_OPS | set(_AGAIN)


class NoEntry(ValueError):
    """A formula of which one entry reads more than its own row."""


@dataclass(frozen=True)
class Entry:
    """One entry of a quantity: `flat` is its place, row by row."""

    name: str
    quantity: str
    index: EntryIndex
    flat: int


@dataclass(frozen=True)
class EntryTable:
    """The entries of all vectors and matrices of a bank."""

    bank: Bank

    @cached_property
    def by_name(self) -> dict[str, Entry]:
        """All entries of all quantities, by their names."""
        entries = chain.from_iterable(map(self.of, self.bank.graph))
        return {entry.name: entry for entry in entries}

    def of(self, q: Quantity) -> Iterator[Entry]:
        """The entries of one quantity; none of a number."""
        for flat, index in enumerate(np.ndindex(*q.shape)):
            # A number has one index, which is empty.
            if index:
                name = entry_named(q.name, index)
                yield Entry(name, q.name, index, flat)

    @cached_property
    def _shapes(self) -> dict[str, Shape]:
        return {q.name: q.shape for q in self.bank.graph}

    def quantity(self, name: str) -> Quantity:
        """A quantity of the bank, or an entry of one as a quantity."""
        entry = self.by_name.get(name)
        if entry is None:
            return self.bank.graph[name]
        q = self.bank.graph[entry.quantity]
        rows = list(self.rows(q, entry.index))
        if rows:
            first, *others = rows
            return Quantity(name, q.role, (), first, tuple(others))
        # A formula with no row for one entry: the entry is computed all the same.
        return Quantity(name, q.role, (), q.formula and Ref(name))

    def rows(self, q: Quantity, index: EntryIndex) -> Iterator[Expression]:
        """The row of each formula of a quantity that has one for the entry."""
        for form in (q.formula, *q.alternatives):
            if form is not None:
                row = self.row(form, index)
                if row is not None:
                    yield row

    def row(self, form: Expression, index: EntryIndex) -> Expression | None:
        """The part of a formula that gives one entry, over entries; None where it has no such
        part."""
        try:
            return self._row(form, index)
        except NoEntry:
            return None

    def _row(self, tree: Expression, index: EntryIndex) -> Expression:
        if isinstance(tree, Ref):
            return Ref(entry_named(tree.name, index))
        if not isinstance(tree, Apply):
            return tree
        if tree.op in _EACH:
            return self._entrywise(tree, index)
        if tree.op in _TERMS:
            shapes = [self._shape(arg) for arg in tree.args]
            pairs = _TERMS[tree.op](index, shapes)
            terms = [self._product(tree.args, pair) for pair in pairs]
            return add(*terms)
        if tree.op == "part" and isinstance(tree.args[1], Number):
            whole, start = tree.args[0], tree.args[1]
            # Formulas count from one.
            before = int(start.value) - 1
            return self._row(whole, (index[0] + before,))
        if tree.op == "concat":
            return self._row_of_two(tree, index[0])
        raise NoEntry

    def _entrywise(self, tree: Apply, index: EntryIndex) -> Expression:
        args = []
        for arg in tree.args:
            # A number beside a vector is the same for each of its entries.
            at = index if self._shape(arg) else ()
            args.append(self._row(arg, at))
        joined = _AGAIN.get(tree.op)
        if joined is not None:
            return joined(*args)
        return Apply(tree.op, tuple(args))

    def _row_of_two(self, tree: Apply, place: int) -> Expression:
        """Of two vectors one below the other; a number is a vector of one."""
        upper, lower = tree.args
        size = prod(self._shape(upper))
        part, at = (upper, place) if place < size else (lower, place - size)
        index = (at,) if self._shape(part) else ()
        return self._row(part, index)

    def _product(self, args: Sequence[Expression], pair: Sequence[EntryIndex]) -> Expression:
        factors = [self._row(arg, at) for arg, at in zip(args, pair, strict=True)]
        return mul(*factors)

    def _shape(self, tree: Expression) -> Shape:
        return shape_of(tree, self._shapes)


def entry_named(name: str, index: EntryIndex) -> str:
    """As boxes are named: h[2].1, from one."""
    numbers = [str(i + 1) for i in index]
    return ".".join([name, *numbers])


# Which entries of the arguments are multiplied, for each term of an entry of the result: `at` is
# the place of that entry, `of` has the shapes of the arguments.

Term = tuple[EntryIndex, ...]
Shapes = Sequence[Shape]
Terms = Callable[[EntryIndex, Shapes], Iterable[Term]]


def _matvec(at: EntryIndex, of: Shapes) -> Iterator[Term]:
    _, (length, *_) = of
    for j in range(length):
        yield (at[0], j), (j,)


def _vecmat(at: EntryIndex, of: Shapes) -> Iterator[Term]:
    (length, *_), _ = of
    for i in range(length):
        yield (i,), (i, at[0])


def _matmat(at: EntryIndex, of: Shapes) -> Iterator[Term]:
    _, (length, *_) = of
    row, column = at
    for k in range(length):
        yield (row, k), (k, column)


def _outer(at: EntryIndex, of: Shapes) -> Iterator[Term]:
    row, column = at
    yield (row,), (column,)


def _dot(at: EntryIndex, of: Shapes) -> Iterator[Term]:
    (length, *_), _ = of
    for i in range(length):
        yield (i,), (i,)


def _diagonal(at: EntryIndex, of: Shapes) -> Iterator[Term]:
    """The diagonal of a matrix times a vector."""
    i = at[0]
    yield (i, i), (i,)


def _turned(at: EntryIndex, of: Shapes) -> Iterator[Term]:
    yield (at[::-1],)


def _each(at: EntryIndex, of: Shapes) -> Iterator[Term]:
    """All entries of the one argument, whatever its shape."""
    for index in product(*map(range, of[0])):
        yield (index,)


def _alone(at: EntryIndex, of: Shapes) -> Iterator[Term]:
    """A number that was spread over a vector: each entry is the number."""
    yield ((),)


_TERMS: dict[str, Terms] = {
    "matvec": _matvec,
    "vecmat": _vecmat,
    "matmat": _matmat,
    "outer": _outer,
    "dot": _dot,
    "diagonal": _diagonal,
    "transpose": _turned,
    "sum": _each,
    "total": _each,
    "spread1": _alone,
    "spread2": _alone,
}
