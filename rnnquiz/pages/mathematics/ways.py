"""The values that a member may have, in each way in which its products may be meant.

Arrays have the batch first: several problems, or the same numbers each moved by half of its last
digit. A vector has one axis behind it, a matrix two, and a row that was written as one has two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.decimals import Array
from rnnquiz.pages.mathematics.products import (
    PRODUCT_WAYS,
    axes_of,
    beside_array,
    in_one_shape,
    sums_of,
)
from rnnquiz.pages.mathematics.written import Node, Op

MOST_VALUES = 24  # in which the products of one member may be meant
ValueOf = Callable[[Node], Array]


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
        return sums_of(args)
    if op in PRODUCT_WAYS:
        found, product_ways = [args[0]], PRODUCT_WAYS[op]
        for factor in args[1:]:
            longer: list[Array] = []
            for one in found:
                longer += product_ways(one, factor)
            found = longer
        return found
    if op in _OTHER_WAYS:
        return list(_OTHER_WAYS[op](*args))
    return []


def _flat(value: Array) -> Array:
    """(problems, entries), row by row."""
    return value.reshape(len(value), -1)


def _quotients(top: Array, bottom: Array) -> list[Array]:
    return [a / b for a, b in in_one_shape(top, bottom)]


def _powers(base: Array, exponent: Array) -> list[Array]:
    if axes_of(exponent):
        return []
    wide = beside_array(exponent, axes_of(base))
    return [np.power(base, wide)]


def _transposes(value: Array) -> list[Array]:
    """A vector turned may be a row, or a column that was written as one."""
    if axes_of(value) == 1:
        return [value[:, None, :], value]
    if axes_of(value) == 2 and value.shape[1] == 1:
        return [value[:, 0]]
    if axes_of(value):
        return [np.swapaxes(value, -1, -2)]
    return [value]


def _list_ways(*args: Array) -> list[Array]:
    """A list of numbers is a vector, a list of lists a matrix; one column of it a vector, too."""
    if len({arg.shape[1:] for arg in args}) > 1 or not args:
        return []
    # A constant has one row for all problems.
    same_problems = np.broadcast_arrays(*args)
    found = np.stack(same_problems, axis=1)
    if axes_of(found) == 2 and found.shape[2] == 1:
        return [found[..., 0]]
    if axes_of(found) == 2 and found.shape[1] == 1:
        return [found[:, 0], found]
    if axes_of(found) <= 2:
        return [found]
    return []


def _absolutes(value: Array) -> list[Array]:
    """Of a number; of a vector its length, or that of each entry."""
    found = [np.abs(value)]
    if axes_of(value) == 1:
        square = (value * value).sum(-1)
        found.append(np.sqrt(square))
    return found


def _totals(value: Array) -> list[Array]:
    """Of the entries of a vector; a sum of numbers runs over something else."""
    if axes_of(value):
        return [_flat(value).sum(-1)]
    return []


def _softmax(value: Array) -> list[Array]:
    if axes_of(value) != 1:
        return []
    # Less the largest, so that no power overflows.
    largest = value.max(-1, keepdims=True)
    powers = np.exp(value - largest)
    total = powers.sum(-1, keepdims=True)
    return [powers / total]


def _diagonals(value: Array) -> list[Array]:
    """A vector as a diagonal matrix; of a matrix, its diagonal alone."""
    if axes_of(value) == 1:
        unit = np.eye(value.shape[1])
        return [value[..., None] * unit]
    if axes_of(value):
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
    return [np.minimum(a, b) for a, b in in_one_shape(left, right)]


def _maxima(left: Array, right: Array) -> list[Array]:
    return [np.maximum(a, b) for a, b in in_one_shape(left, right)]


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
