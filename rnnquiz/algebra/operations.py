"""The table of operations, and what goes over a formula by it: its value, its error, its shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rnnquiz.algebra.affine import Affine, Bounded, curved
from rnnquiz.algebra.arithmetic import ARITHMETIC
from rnnquiz.algebra.choices import CHOICES
from rnnquiz.algebra.expression import Apply, Expression, Number, Ref
from rnnquiz.algebra.functions import FUNCTIONS, Function
from rnnquiz.algebra.joining import JOINING
from rnnquiz.algebra.matrices import MATRICES
from rnnquiz.algebra.operation_row import Operation
from rnnquiz.algebra.parser import parse_expression
from rnnquiz.algebra.shapes import Shape, ShapeOf, times
from rnnquiz.algebra.slopes import derivative_of
from rnnquiz.algebra.sums import SUMS
from rnnquiz.decimals import Array


def _function_row(name: str, row: Function) -> Operation:
    """A curved function as an operation: it is bounded by its tangent."""
    slope = parse_expression(row.by_argument)

    def bound(value: Affine) -> Affine:
        with np.errstate(all="ignore"):
            steepness = value_of(slope, {"u": value.centre})
            result = row.value(value.centre)
            return curved(value, result, steepness, row.remainder)

    def partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
        # By the argument: inside of a formula the value of a function has no name.
        slope = derivative_of(name, args[0], None, of)
        return times(g, slope, of)

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


def value_of(
    tree: Expression, values: Mapping[str, Array], known: dict[Expression, Array] | None = None
) -> Array:
    """Value of the tree, (N, *shape) from values of (N, *shape); exact constants become 0-d.
    `known`: as in `evaluate_all`."""
    (value,) = evaluate_all((tree,), values, known)
    return value


def evaluate_all(
    trees: Sequence[Expression],
    values: Mapping[str, Array],
    known: dict[Expression, Array] | None = None,
) -> list[Array]:
    """Value of each tree; a part that stands in several of them is evaluated once. `known`: parts
    evaluated before over the same values, to which those of these trees are added."""
    if known is None:
        known = {}
    # With the numbers of a student a formula may have no value: that is judged, and no error.
    with np.errstate(all="ignore"):
        return [_value(tree, values, known) for tree in trees]


def _value(tree: Expression, values: Mapping[str, Array], known: dict[Expression, Array]) -> Array:
    if isinstance(tree, Ref):
        return values[tree.name]
    if isinstance(tree, Number):
        return np.float64(_float(tree))  # type: ignore[return-value]
    found = known.get(tree)
    if found is None:
        assert isinstance(tree, Apply), tree
        args = [_value(arg, values, known) for arg in tree.args]
        found = known[tree] = OPERATIONS[tree.op].evaluate(*args)
    return found


def bound(tree: Expression, values: Mapping[str, Affine]) -> Bounded:
    """Value of the tree with its errors; a constant subtree is a plain float."""
    (form,) = bound_all((tree,), values)
    return form


def bound_all(trees: Sequence[Expression], values: Mapping[str, Affine]) -> list[Bounded]:
    """Value of each tree with its errors; a part that stands in several of them is bounded
    once."""
    known: dict[Expression, Bounded] = {}
    return [_bound(tree, values, known) for tree in trees]


def _bound(
    tree: Expression, values: Mapping[str, Affine], known: dict[Expression, Bounded]
) -> Bounded:
    if isinstance(tree, Ref):
        return values[tree.name]
    if isinstance(tree, Number):
        return _float(tree)
    found = known.get(tree)
    if found is None:
        assert isinstance(tree, Apply), tree
        args = [_bound(arg, values, known) for arg in tree.args]
        operation = OPERATIONS[tree.op]
        found = known[tree] = _applied(operation, args)
    return found


def _applied(operation: Operation, args: Sequence[Bounded]) -> Bounded:
    # NumPy's own numbers: 1 / 0 is no error to them.
    constants = [np.float64(arg) for arg in args if isinstance(arg, float)]
    if len(constants) < len(args):
        return operation.bound(*args)
    with np.errstate(all="ignore"):
        value = operation.evaluate(*constants)
    entries = np.asarray(value).reshape(-1)
    return float(entries[0])


def shape_of(tree: Expression, shapes: Mapping[str, Shape]) -> Shape:
    """Shape of a specialised tree."""
    return ShapesOfParts(shapes).of(tree)


class ShapesOfParts:
    """Shapes of trees that have parts in common: that of each part is worked out once. Names may
    be added to `of_names` later."""

    def __init__(self, of_names: Mapping[str, Shape]) -> None:
        self.of_names = of_names
        self._known: dict[Expression, Shape] = {}

    def of(self, tree: Expression) -> Shape:
        """Shape of a specialised tree."""
        if isinstance(tree, Ref):
            return self.of_names[tree.name]
        if isinstance(tree, Number):
            return ()
        found = self._known.get(tree)
        if found is None:
            assert isinstance(tree, Apply), tree
            found = self._known[tree] = self._applied(tree)
        return found

    def _applied(self, tree: Apply) -> Shape:
        row = OPERATIONS[tree.op]
        if row.sized is not None:
            first = self.of(tree.args[0])
            return row.sized(tree.args, first)
        of_args = [self.of(arg) for arg in tree.args]
        return row.shape(*of_args)
