"""The table of operations, and what goes over a formula by it: its value, its error, its shape."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnquiz.algebra.affine import Affine, Bounded, curved
from rnnquiz.algebra.arithmetic import ARITHMETIC
from rnnquiz.algebra.choices import CHOICES
from rnnquiz.algebra.expression import Apply, Expression, Number, Ref
from rnnquiz.algebra.functions import FUNCTIONS, Function, derivative_of
from rnnquiz.algebra.joining import JOINING
from rnnquiz.algebra.matrices import MATRICES
from rnnquiz.algebra.parser import parse_expression
from rnnquiz.algebra.row import Operation
from rnnquiz.algebra.shapes import Shape, ShapeOf, times
from rnnquiz.algebra.sums import SUMS
from rnnquiz.decimals import Array


def _function_row(name: str, row: Function) -> Operation:
    """A curved function as an operation: it is bounded by its tangent."""
    slope = parse_expression(row.by_argument)

    def bound(value: Affine) -> Affine:
        with np.errstate(all="ignore"):
            steepness = evaluate(slope, {"u": value.centre})
            return curved(value, row.value(value.centre), steepness, row.remainder)

    def partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
        return times(g, derivative_of(name, args[0], None, of), of)

    return Operation(row.value, bound, partial, lambda argument: argument)


OPERATIONS: dict[str, Operation] = {
    **ARITHMETIC,
    **MATRICES,
    **SUMS,
    **CHOICES,
    **JOINING,
    **{name: _function_row(name, row) for name, row in FUNCTIONS.items()},
}


def _float(constant: Number) -> float:
    return constant.value.numerator / constant.value.denominator


def evaluate(tree: Expression, values: Mapping[str, Array]) -> Array:
    """Value of the tree, (N, *shape) from values of (N, *shape); exact constants become 0-d."""
    if isinstance(tree, Ref):
        return values[tree.name]
    if isinstance(tree, Number):
        return np.float64(_float(tree))  # type: ignore[return-value]
    assert isinstance(tree, Apply), tree
    with np.errstate(all="ignore"):
        return OPERATIONS[tree.op].evaluate(*(evaluate(arg, values) for arg in tree.args))


def bound(tree: Expression, values: Mapping[str, Affine]) -> Bounded:
    """Value of the tree with its errors; a constant subtree is a plain float."""
    if isinstance(tree, Ref):
        return values[tree.name]
    if isinstance(tree, Number):
        return _float(tree)
    assert isinstance(tree, Apply), tree
    args = [bound(arg, values) for arg in tree.args]
    constants = [np.float64(arg) for arg in args if isinstance(arg, float)]
    if len(constants) < len(args):
        return OPERATIONS[tree.op].bound(*args)
    with np.errstate(all="ignore"):
        value = OPERATIONS[tree.op].evaluate(*constants)
    return float(np.asarray(value).reshape(-1)[0])


def shape_of(tree: Expression, shapes: Mapping[str, Shape]) -> Shape:
    """Shape of a specialised tree."""
    if isinstance(tree, Ref):
        return shapes[tree.name]
    if isinstance(tree, Number):
        return ()
    assert isinstance(tree, Apply), tree
    row = OPERATIONS[tree.op]
    if row.sized is not None:
        return row.sized(tree.args, shape_of(tree.args[0], shapes))
    return row.shape(*(shape_of(arg, shapes) for arg in tree.args))
