"""The value of what was written with numbers, and how far the rounding of those numbers may have
moved it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.decimals import Array
from rnnquiz.pages.written import Node, Num, Op, numbers_in

MOST_NUMBERS = 120  # in one member
FUNCTION_VALUES: dict[str, Callable[[Array], Any]] = {
    **{name: row.value for name, row in FUNCTIONS.items()},
    "cosh": np.cosh, "sinh": np.sinh, "abs": np.abs, "sech": lambda u: 1 / np.cosh(u),
    "tanh'": lambda u: 1 / np.cosh(u) ** 2, "sigmoid'": lambda u: 0.25 / np.cosh(0.5 * u) ** 2,
    "transpose": lambda a: np.swapaxes(a, -1, -2) if np.ndim(a) > 1 else a, "sum": np.sum,
}  # fmt: skip


class NoValue(ValueError):
    """What has no value: a name is in it, or its parts do not fit."""


Moved = Mapping[Num, float]


def value(node: Node, moved: Moved | None = None) -> Array:
    """The value of an expression of numbers, a number or an array. NoValue where it has none."""
    with np.errstate(all="ignore"):
        found = np.asarray(_value(node, moved or {}), dtype=float)
    if not np.isfinite(found).all():
        raise NoValue
    return found


def _value(node: Node, moved: Moved) -> Array:
    if isinstance(node, Num):
        return np.float64(node.value + moved.get(node, 0.0))  # type: ignore[return-value]
    if not isinstance(node, Op):
        raise NoValue
    if node.op == "list":
        rows = [_value(arg, moved) for arg in node.args]
        if len({row.shape for row in rows}) > 1:
            raise NoValue
        return np.asarray(rows)
    args = [_value(arg, moved) for arg in node.args]
    try:
        return applied(node.op, args)
    except (ValueError, OverflowError, ZeroDivisionError, TypeError):
        raise NoValue from None


def applied(op: str, args: list[Array]) -> Array:
    """The value of one operation. NoValue for one that has none."""
    if op == "add":
        return _sum(args)
    if op == "neg":
        return -args[0]
    if op == "mul":
        product = args[0]
        for factor in args[1:]:
            product = _product(product, factor)
        return product
    if op == "matmul":
        return np.asarray(args[0] @ args[1])
    if op == "div":
        return args[0] / args[1]
    if op == "pow":
        return np.asarray(np.power(args[0], args[1]))
    if op == "outer":
        return np.outer(args[0], args[1])
    if op in FUNCTION_VALUES and len(args) == 1:
        return np.asarray(FUNCTION_VALUES[op](args[0]))
    if op == "softmax":
        powers = np.exp(args[0] - args[0].max())
        return np.asarray(powers / powers.sum())
    if op in ("minimum", "maximum") and len(args) == 2:
        return np.asarray(np.minimum(*args) if op == "minimum" else np.maximum(*args))
    raise NoValue


def _sum(args: list[Array]) -> Array:
    total = args[0]
    for term in args[1:]:
        if np.shape(total) != np.shape(term) and np.size(total) == np.size(term):
            term = np.reshape(term, np.shape(total))
        total = total + term
    return total


def _product(left: Array, right: Array) -> Array:
    """A product as it is written without a sign: of numbers, of a number and an array, of matrices
    where they fit."""
    if np.ndim(left) == 0 or np.ndim(right) == 0:
        return left * right
    if np.ndim(left) == 2 and left.shape[-1] == right.shape[0]:
        return np.asarray(left @ right)
    if left.size == right.size and np.ndim(left) == np.ndim(right):
        return left * right
    raise NoValue


@lru_cache(maxsize=20_000)
def spread(node: Node) -> tuple[float, float]:
    """Value of a scalar expression, and by how much it moves at most while each number moves by
    half of its last digit."""
    leaves = tuple(dict.fromkeys(numbers_in(node)))
    if len(leaves) > MOST_NUMBERS:
        raise NoValue
    centre = float(value(node))
    radius = 0.0
    for leaf in leaves:
        if leaf.value and not _exact(leaf):
            try:
                ends = (
                    float(value(node, {leaf: leaf.half})),
                    float(value(node, {leaf: -leaf.half})),
                )
            except NoValue:
                continue
            radius += max(abs(end - centre) for end in ends)
    return centre, radius


def _exact(leaf: Num) -> bool:
    """A whole number is a factor or an exponent, and exact."""
    return leaf.place >= 0
