"""The value of what was written, in each way in which its products may be meant, and how far the
rounding of its numbers may have moved it.

Arrays have the batch first: several problems, or the same numbers each moved by half of its last
digit. A vector has one axis behind it, a matrix two, and a row that was written as one has two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, product
from typing import Any

import numpy as np

from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.decimals import Array
from rnnquiz.pages.written import Node, Num, Op, is_turned_row, numbers_in

# Numbers in one member: each is moved up and down by itself, so the arrays have 241 rows at most.
MOST_OF_A_MEMBER = 120
MOST_VALUES = 24  # in which the products of one member may be meant
ValueOf = Callable[[Node], Array]
WaysOfTwo = Callable[[Array, Array], list[Array]]
Written = tuple[float, int]  # a number and the place of its last digit
NO_LAST_PLACE = -12  # place of the last digit of a number that is not rounded


def _sech(u: Array) -> Any:
    return 1 / np.cosh(u)


def _tanh_slope(u: Array) -> Any:
    return 1 / np.cosh(u) ** 2


def _sigmoid_slope(u: Array) -> Any:
    """sigmoid(u) (1 - sigmoid(u))."""
    # As sech^2(u / 2) / 4, which loses no digits where sigmoid(u) is nearly one.
    half = 0.5 * u
    return 0.25 / np.cosh(half) ** 2


FUNCTION_VALUES: dict[str, Callable[[Array], Any]] = {
    **{name: row.value for name, row in FUNCTIONS.items()},
    "cosh": np.cosh,
    "sinh": np.sinh,
    "sech": _sech,
    "neg": np.negative,
    "tanh'": _tanh_slope,
    "sigmoid'": _sigmoid_slope,
}


class NoValue(ValueError):
    """What has no value: a name is in it, or its parts do not fit."""


def ways(node: Node, leaf: ValueOf) -> list[Array]:
    """The values that a member may have, where `leaf` gives that of each name and number; NoValue
    where it has none."""
    if not isinstance(node, Op):
        return [leaf(node)]
    found: list[Array] = []
    for args in product(*(ways(arg, leaf) for arg in node.args)):
        found += _applied(node.op, args)
        # Each product without a sign may double them: a page of such would take for ever.
        if len(found) > MOST_VALUES:
            raise NoValue
    if not found:
        raise NoValue
    return found


def _applied(op: str, args: Sequence[Array]) -> list[Array]:
    """The values of one operation."""
    if op in FUNCTION_VALUES and len(args) == 1:
        value = FUNCTION_VALUES[op](args[0])
        return [np.asarray(value)]
    if op == "add":
        return _sums(args)
    if op in _PRODUCT_WAYS:
        found, product_ways = [args[0]], _PRODUCT_WAYS[op]
        for factor in args[1:]:
            longer: list[Array] = []
            for one in found:
                longer += product_ways(one, factor)
            found = longer
        return found
    if op in _OTHER_WAYS:
        return list(_OTHER_WAYS[op](*args))
    return []


def _rank(value: Array) -> int:
    return max(value.ndim - 1, 0)


def _beside_array(value: Array, rank: int) -> Array:
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


def _flat(value: Array) -> Array:
    """(problems, entries), row by row."""
    return value.reshape(len(value), -1)


def _side_by_side(left: Array, right: Array) -> Iterator[tuple[Array, Array]]:
    """Two values that can be added or multiplied entry by entry; none where they do not fit."""
    if left.ndim == right.ndim and left.shape[1:] == right.shape[1:]:
        yield left, right
    elif not _rank(left) or not _rank(right):
        wide = _beside_array(left, _rank(right))
        yield wide, _beside_array(right, _rank(left))
    elif _length(left) == _length(right) > 0:
        yield left, right.reshape(len(right), *left.shape[1:])  # a row beside a column


def _sums(args: Sequence[Array]) -> list[Array]:
    total = args[0]
    for term in args[1:]:
        pair = next(_side_by_side(total, term), None)
        # numpy would spread a column over a matrix: on paper that is no sum.
        if pair is None:
            return []
        one, other = pair
        total = one + other
    return [total]


def _entrywise(left: Array, right: Array) -> list[Array]:
    return [a * b for a, b in _side_by_side(left, right)]


def _outer(left: Array, right: Array) -> list[Array]:
    if _rank(left) != 1 or _rank(right) != 1:
        return _entrywise(left, right)
    column, row = left[:, :, None], right[:, None, :]
    return [column * row]


def _matrices(left: Array, right: Array) -> list[Array]:
    """A product of matrices and vectors, where they fit."""
    if not _rank(left) or not _rank(right):
        return _entrywise(left, right)
    # Two vectors: one of them is meant as a row.
    if _rank(left) == _rank(right) == 1:
        if left.shape[1:] == right.shape[1:]:
            return [(left * right).sum(-1)]
        return []
    if _rank(right) == 1:
        return _by_vector(left, right)
    if _rank(left) == 1:
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
    if not _rank(left) or not _rank(right):
        return _entrywise(left, right)
    # People leave out the sign of each of these products, and the T of a row.
    found = _matrices(left, right)
    if _rank(left) == _rank(right) == 1:
        found += _outer(left, right)
    if left.shape[1:] == right.shape[1:]:
        found += _entrywise(left, right)
    return found


_PRODUCT_WAYS: dict[str, WaysOfTwo] = {
    "mul": _products,
    "odot": _entrywise,
    "matmul": _matrices,
    "outer": _outer,
}


def _quotients(top: Array, bottom: Array) -> list[Array]:
    return [a / b for a, b in _side_by_side(top, bottom)]


def _powers(base: Array, exponent: Array) -> list[Array]:
    if _rank(exponent):
        return []
    wide = _beside_array(exponent, _rank(base))
    return [np.power(base, wide)]


def _transposes(value: Array) -> list[Array]:
    """A vector turned may be a row, or a column that was written as one."""
    if _rank(value) == 1:
        return [value[:, None, :], value]
    if _rank(value) == 2 and value.shape[1] == 1:
        return [value[:, 0]]
    if _rank(value):
        return [np.swapaxes(value, -1, -2)]
    return [value]


def _list_ways(*args: Array) -> list[Array]:
    """A list of numbers is a vector, a list of lists a matrix; one column of it a vector, too."""
    if len({arg.shape[1:] for arg in args}) > 1 or not args:
        return []
    # A constant has one row for all problems.
    same_problems = np.broadcast_arrays(*args)
    found = np.stack(same_problems, axis=1)
    if _rank(found) == 2 and found.shape[2] == 1:
        return [found[..., 0]]
    if _rank(found) == 2 and found.shape[1] == 1:
        return [found[:, 0], found]
    if _rank(found) <= 2:
        return [found]
    return []


def _absolutes(value: Array) -> list[Array]:
    """Of a number; of a vector its length, or that of each entry."""
    found = [np.abs(value)]
    if _rank(value) == 1:
        square = (value * value).sum(-1)
        found.append(np.sqrt(square))
    return found


def _totals(value: Array) -> list[Array]:
    """Of the entries of a vector; a sum of numbers runs over something else."""
    if _rank(value):
        return [_flat(value).sum(-1)]
    return []


def _softmax(value: Array) -> list[Array]:
    if _rank(value) != 1:
        return []
    # Less the largest, so that no power overflows.
    largest = value.max(-1, keepdims=True)
    powers = np.exp(value - largest)
    total = powers.sum(-1, keepdims=True)
    return [powers / total]


def _diagonals(value: Array) -> list[Array]:
    """A vector as a diagonal matrix; of a matrix, its diagonal alone."""
    if _rank(value) == 1:
        unit = np.eye(value.shape[1])
        return [value[..., None] * unit]
    if _rank(value):
        unit = np.eye(*value.shape[1:])
        return [value * unit]
    return []


def _one_entry(value: Array, at: Array, size: Array) -> list[Array]:
    """One entry of what has so many, row by row."""
    flat = _flat(value)
    if flat.shape[1] == int(size[0]):
        place = int(at[0])
        return [flat[:, place]]
    return []


def _minima(left: Array, right: Array) -> list[Array]:
    return [np.minimum(a, b) for a, b in _side_by_side(left, right)]


def _maxima(left: Array, right: Array) -> list[Array]:
    return [np.maximum(a, b) for a, b in _side_by_side(left, right)]


_OTHER_WAYS: dict[str, Callable[..., list[Array]]] = {
    "div": _quotients,
    "pow": _powers,
    "transpose": _transposes,
    "list": _list_ways,
    "abs": _absolutes,
    "sum": _totals,
    "softmax": _softmax,
    "diag": _diagonals,
    "part": _one_entry,
    "minimum": _minima,
    "maximum": _maxima,
}


# Numbers alone


def entry_in(node: Node, at: int, size: int) -> Node:
    """One entry of what was written, as a member of its own."""
    entries = entries_of(node)
    if len(entries) == size:
        return entries[at]
    place, of = _whole(at), _whole(size)
    return Op("part", (node, place, of))


def _whole(value: int) -> Num:
    return Num(str(value), float(value), 0)


def entries_of(node: Node) -> list[Node]:
    """The entries of a list, row by row; a number is its own."""
    if isinstance(node, Op) and (node.op == "list" or is_turned_row(node)):
        return list(chain.from_iterable(map(entries_of, node.args)))
    return [node]


Reached = tuple[Array, dict[Num, Array]]  # a value, and how far each number moves it


@lru_cache(maxsize=50_000)
def reach(node: Node) -> tuple[Reached, ...]:
    """The values that a member of numbers may have; for each, by how much it moves at most while
    a number moves by half of its last digit. NoValue where it has none."""
    # A number that stands there twice is one that was copied: both move together.
    distinct = dict.fromkeys(numbers_in(node))
    leaves = tuple(distinct)
    if len(leaves) > MOST_OF_A_MEMBER:
        raise NoValue
    moving = list(filter(_is_rounded, leaves))
    rows = _moved_rows(leaves, moving)

    def leaf_value(leaf: Node) -> Array:
        if not isinstance(leaf, Num):
            raise NoValue
        return rows[leaf]

    with np.errstate(all="ignore"):
        found = [_reached(value, moving) for value in ways(node, leaf_value)]
    kept = tuple(filter(_is_finite, found))
    if not kept:
        raise NoValue
    return kept


def _is_finite(reached: Reached) -> bool:
    value, _ = reached
    return bool(np.isfinite(value).all())


def _is_rounded(leaf: Num) -> bool:
    """False for whole numbers, which are factors or exponents, and for nought."""
    return leaf.place < 0 and leaf.value != 0


def _moved_rows(leaves: Sequence[Num], moving: Sequence[Num]) -> dict[Num, Array]:
    """Each number as it stands, and moved up and down in the rows that are its own."""
    # The first row for all as they stand.
    count = 1 + 2 * len(moving)
    rows = {leaf: np.full(count, leaf.value) for leaf in leaves}
    for up, leaf in zip(range(1, count, 2), moving, strict=True):
        row = rows[leaf]
        row[up] += leaf.half
        row[up + 1] -= leaf.half
    return rows


def _reached(value: Array, moving: Sequence[Num]) -> Reached:
    centre = value[0]
    gaps = np.abs(value[1:] - centre)
    # Rows in pairs: up, down.
    up, down = gaps[::2], gaps[1::2]
    ends = np.maximum(up, down)
    # A divisor that is moved to nought says nothing of how far the value may be off.
    ends = np.where(np.isfinite(ends), ends, 0.0)
    return centre, dict(zip(moving, ends, strict=True))


def value(node: Node) -> Array:
    """The first value of a member of numbers."""
    (first, _), *_ = reach(node)
    return first


def moves(node: Node) -> tuple[float, dict[Num, float]]:
    """The value of a member that is one number, and how far each number in it moves it. NoValue for
    what is none, or may be several."""
    found = list(filter(_is_single, reach(node)))
    if not found:
        raise NoValue
    centre, ends = found[0]
    # Where its products may be meant in several ways, nothing is said of it unless they agree.
    if not all(np.allclose(other, centre) for other, _ in found[1:]):
        raise NoValue
    moved = {leaf: end.item() for leaf, end in ends.items()}
    return centre.item(), moved


def _is_single(reached: Reached) -> bool:
    value, _ = reached
    return value.shape in ((), (1,))


@lru_cache(maxsize=50_000)
def centre_and_spread(node: Node) -> tuple[float, float]:
    """Value of a scalar expression, and by how much it moves at most while each number moves by
    half of its last digit."""
    centre, ends = moves(node)
    return centre, sum(ends.values())


def simple_number(node: Node) -> Written | None:
    """The value of a number with its sign, and the place of its last digit; None for anything
    else."""
    if isinstance(node, Num):
        return node.value, node.place
    if isinstance(node, Op) and node.op == "neg" and isinstance(node.args[0], Num):
        number = node.args[0]
        return -number.value, number.place
    return None


def number_of(node: Node) -> Written | None:
    """The value of a number or of an expression of numbers, and the place of its last digit (none
    for an expression)."""
    if (simple := simple_number(node)) is not None:
        return simple
    try:
        centre, _ = centre_and_spread(node)
        return centre, NO_LAST_PLACE
    except NoValue:
        return None
