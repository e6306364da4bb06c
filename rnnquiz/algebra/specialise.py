"""From equations that fit any shape to a tree whose operations know the ranks of their
arguments."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce

from rnnquiz.algebra.expression import ONE, Apply, Expression, Number, Ref, add, mul, neg, number
from rnnquiz.algebra.operations import OPERATIONS, ShapesOfParts
from rnnquiz.algebra.shapes import (
    Shape,
    ShapeError,
    ShapeOf,
    divided,
    matmul,
    outer,
    show_shape,
    times,
    transpose,
)


def specialise(tree: Expression, shapes: Mapping[str, Shape]) -> Expression:
    """The same formula for these shapes: W @ x becomes a product of scalars, a matrix times a
    vector, ...

    Raises ShapeError, naming the formula's shapes, where they do not fit; KeyError for a name
    without a shape.
    """
    return Specialiser(shapes).of(tree)


class Specialiser:
    """Specialises formulas that have parts in common, for the same shapes: each part once."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self.shapes = ShapesOfParts(shapes)
        self._known: dict[Expression, Expression] = {}

    def of(self, tree: Expression) -> Expression:
        """As `specialise`."""
        if isinstance(tree, Ref):
            self.shapes.of(tree)  # KeyError here, not where the shape is asked for later
            return tree
        if isinstance(tree, Number):
            return tree
        found = self._known.get(tree)
        if found is None:
            assert isinstance(tree, Apply), tree
            args = [self.of(arg) for arg in tree.args]
            found = self._specialised(tree.op, args)
            self.shapes.of(found)  # an error where the arguments do not fit
            self._known[tree] = found
        return found

    def _specialised(self, op: str, args: list[Expression]) -> Expression:
        if op in _KINDS:
            return _KINDS[op](args, self.shapes.of)
        if op not in OPERATIONS:
            raise ShapeError(f"{op} cannot be used here", "take it out of this formula")
        return Apply(op, tuple(args))


def _sum(args: list[Expression], of: ShapeOf) -> Expression:
    rank = len(of(args[0]))
    if rank == 0:
        return args[0]
    op = "sum" if rank == 1 else "total"
    return Apply(op, (args[0],))


def _mean(args: list[Expression], of: ShapeOf) -> Expression:
    entries = math.prod(of(args[0]))
    share = number(Fraction(1, entries))
    return mul(share, _sum(args, of))


def _like(args: list[Expression], of: ShapeOf) -> Expression:
    rank = len(of(args[1]))
    if rank:
        return Apply(f"like{rank}", tuple(args))
    return args[0]


def _div(args: list[Expression], of: ShapeOf) -> Expression:
    """A quotient entry by entry; a number and a tensor are a product with the reciprocal."""
    top, bottom = args
    # The table has products of a number and a tensor, and no quotients of them.
    reciprocal = divided(ONE, bottom, of)
    if of(top) != of(bottom) == () and not isinstance(bottom, Number):
        return times(reciprocal, top, of)
    if () == of(top) != of(bottom) and not isinstance(top, Number):
        return times(top, reciprocal, of)
    return divided(top, bottom, of)


def _concat(args: list[Expression], of: ShapeOf) -> Expression:
    # A network with one input or one state still has one weight matrix over both.
    vectors = (Apply("lift", (arg,)) if of(arg) == () else arg for arg in args)
    return Apply("concat", tuple(vectors))


def _sum_of_terms(args: list[Expression], of: ShapeOf) -> Expression:
    _check_alike(args, [of(arg) for arg in args])
    return add(*args)


def _compared(op: str) -> _Kind:
    def kind(args: list[Expression], of: ShapeOf) -> Expression:
        wide = [_wide(arg, args, of) for arg in args]
        return Apply(op, tuple(wide))

    return kind


def _elementwise(args: list[Expression], of: ShapeOf) -> Expression:
    return reduce(lambda a, b: times(a, b, of), args)


_Kind = Callable[[list[Expression], ShapeOf], Expression]

_KINDS: dict[str, _Kind] = {  # operations whose kind follows from the shapes of their arguments
    "matmul": lambda args, of: matmul(args[0], args[1], of),
    "mul": _elementwise,
    "hadamard": _elementwise,
    "outer": lambda args, of: outer(args[0], args[1], of),
    "transpose": lambda args, of: transpose(args[0], of),
    "sum": _sum,
    "mean": _mean,
    "like": _like,
    "div": _div,
    "concat": _concat,
    "minimum": _compared("minimum"),
    "maximum": _compared("maximum"),
    "add": _sum_of_terms,
    "neg": lambda args, of: neg(args[0]),
}


def _wide(arg: Expression, args: list[Expression], of: ShapeOf) -> Expression:
    """A number that is compared with each entry of a vector or a matrix, in its shape."""
    # A constant goes with any shape as it is.
    if isinstance(arg, Number) or of(arg) != ():
        return arg
    for like in args:
        if rank := len(of(like)):
            return Apply(f"like{rank}", (arg, like))
    return arg


def _check_alike(args: list[Expression], found: list[Shape]) -> None:
    proper = set()
    for arg, shape in zip(args, found, strict=True):
        # A constant is added to every entry.
        if not isinstance(arg, Number):
            proper.add(shape)
    if len(proper) > 1:
        shapes = ", ".join(map(show_shape, found))
        remedy = "give them one shape, or spread a number over all entries: like(a, B)"
        raise ShapeError(f"a sum needs terms of one shape; found {shapes}", remedy)
