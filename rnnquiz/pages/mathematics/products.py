"""Sums and products of two values: numbers, vectors, rows and matrices, in each way that fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rnnquiz.decimals import Array

WaysOfTwo = Callable[[Array, Array], list[Array]]


def axes_of(value: Array) -> int:
    """How many axes one value has: none of a number, one of a vector, two of a matrix or a row."""
    return max(value.ndim - 1, 0)


def beside_array(value: Array, rank: int) -> Array:
    """A number beside an array."""
    more = (1,) * rank
    return value.reshape(value.shape + more)


def _length(value: Array) -> int:
    """How many entries a vector has, or a row; nought for anything else."""
    # A row has an axis of one before that of its entries.
    if value.ndim < 2 or value.shape[1:-1] not in ((), (1,)):
        return 0
    entries: int = value.shape[-1]
    return entries


def in_one_shape(left: Array, right: Array) -> Iterator[tuple[Array, Array]]:
    """Two values that can be added or multiplied entry by entry; none where they do not fit."""
    if left.ndim == right.ndim and left.shape[1:] == right.shape[1:]:
        yield left, right
    elif not axes_of(left) or not axes_of(right):
        wide = beside_array(left, axes_of(right))
        yield wide, beside_array(right, axes_of(left))
    elif _length(left) == _length(right) > 0:
        yield left, right.reshape(len(right), *left.shape[1:])  # a row beside a column


def sums_of(args: Sequence[Array]) -> list[Array]:
    """The sum of values of one shape; none where they do not fit."""
    total = args[0]
    for term in args[1:]:
        pair = next(in_one_shape(total, term), None)
        # numpy would spread a column over a matrix: on paper that is no sum.
        if pair is None:
            return []
        one, other = pair
        total = one + other
    return [total]


def _entrywise(left: Array, right: Array) -> list[Array]:
    return [a * b for a, b in in_one_shape(left, right)]


def _outer(left: Array, right: Array) -> list[Array]:
    if axes_of(left) != 1 or axes_of(right) != 1:
        return _entrywise(left, right)
    column, row = left[:, :, None], right[:, None, :]
    return [column * row]


def _matrices(left: Array, right: Array) -> list[Array]:
    """A product of matrices and vectors, where they fit."""
    if not axes_of(left) or not axes_of(right):
        return _entrywise(left, right)
    # Two vectors: one of them is meant as a row.
    if axes_of(left) == axes_of(right) == 1:
        if left.shape[1:] == right.shape[1:]:
            return [(left * right).sum(-1)]
        return []
    if axes_of(right) == 1:
        return _by_vector(left, right)
    if axes_of(left) == 1:
        return _row(left, right)
    if left.shape[2] == right.shape[1]:
        return [left @ right]
    return []


def _by_vector(left: Array, right: Array) -> list[Array]:
    """A matrix, or a row, times a vector."""
    if left.shape[2] != right.shape[1]:
        return []
    column = right[..., None]
    found: Array = (left @ column)[..., 0]
    # A row times a column is a number, and no vector of one.
    if left.shape[1] == 1:
        return [found[:, 0]]
    return [found]


def _row(left: Array, right: Array) -> list[Array]:
    """A vector times a matrix; with a row behind it, all products of their entries."""
    found: list[Array] = []
    if right.shape[1] == 1:
        found.append(left[..., None] @ right)
    if left.shape[1] == right.shape[1]:
        row = left[:, None, :] @ right
        found.append(row[:, 0])
    return found


def _products(left: Array, right: Array) -> list[Array]:
    """A product as it is written without a sign, or with one that says little."""
    if not axes_of(left) or not axes_of(right):
        return _entrywise(left, right)
    # People leave out the sign of each of these products, and the T of a row.
    found = _matrices(left, right)
    if axes_of(left) == axes_of(right) == 1:
        found += _outer(left, right)
    if left.shape[1:] == right.shape[1:]:
        found += _entrywise(left, right)
    return found


PRODUCT_WAYS: dict[str, WaysOfTwo] = {
    "mul": _products,
    "odot": _entrywise,
    "matmul": _matrices,
    "outer": _outer,
}
