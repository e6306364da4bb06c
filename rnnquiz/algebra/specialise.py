"""From equations that fit any shape to a tree whose operations know the ranks of their
arguments."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import reduce

from rnnquiz.algebra.expression import ONE, Apply, Expression, Number, Ref, add, mul, neg, number
from rnnquiz.algebra.operations import OPERATIONS, shape_of
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
    if isinstance(tree, Ref):
        shapes[tree.name]
        return tree
    if isinstance(tree, Number):
        return tree
    assert isinstance(tree, Apply), tree
    args = [specialise(arg, shapes) for arg in tree.args]
    new = _specialised(tree.op, args, shapes)
    shape_of(new, shapes)
    return new


def _specialised(op: str, args: list[Expression], shapes: Mapping[str, Shape]) -> Expression:
    def of(tree: Expression) -> Shape:
        return shape_of(tree, shapes)

    match op:
        case "matmul":
            return matmul(args[0], args[1], of)
        case "mul" | "hadamard":
            return reduce(lambda a, b: times(a, b, of), args)
        case "outer":
            return outer(args[0], args[1], of)
        case "transpose":
            return transpose(args[0], of)
        case "sum":
            return {0: args[0], 1: Apply("sum", (args[0],)), 2: Apply("total", (args[0],))}[
                len(of(args[0]))
            ]
        case "mean":
            size = math.prod(of(args[0]))
            return mul(number(Fraction(1, size)), _specialised("sum", args, shapes))
        case "like":
            rank = len(of(args[1]))
            return Apply(f"like{rank}", tuple(args)) if rank else args[0]
        case "div" if of(args[0]) != of(args[1]) == () and not isinstance(args[1], Number):
            return times(Apply("div", (ONE, args[1])), args[0], of)
        case "div" if () == of(args[0]) != of(args[1]) and not isinstance(args[0], Number):
            return times(args[0], divided(ONE, args[1], of), of)
        case "div":
            return divided(args[0], args[1], of)
        case "concat":
            return Apply("concat", tuple(Apply("lift", (a,)) if of(a) == () else a for a in args))
        case "minimum" | "maximum":
            return Apply(op, tuple(_wide(arg, args, of) for arg in args))
        case "add":
            _alike(args, [of(arg) for arg in args])
            return add(*args)
        case "neg":
            return neg(args[0])
    if op not in OPERATIONS:
        raise ShapeError(f"{op} cannot be used here")
    return Apply(op, tuple(args))


def _wide(arg: Expression, args: list[Expression], of: ShapeOf) -> Expression:
    """A number that is compared with each entry of a vector or a matrix, in its shape."""
    like = next((other for other in args if of(other) != ()), arg)
    if of(arg) == of(like) or isinstance(arg, Number):
        return arg
    return Apply(f"like{len(of(like))}", (arg, like)) if of(arg) == () else arg


def _alike(args: list[Expression], found: list[Shape]) -> None:
    proper = {shape for arg, shape in zip(args, found, strict=True) if not isinstance(arg, Number)}
    if len(proper) > 1:
        raise ShapeError(
            "a sum needs terms of one shape; found " + ", ".join(map(show_shape, found))
        )
