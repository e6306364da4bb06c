"""Shapes, what fits what, and the products whose kind (scaling, matrix times vector, outer, ...)
follows from the shapes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from rnnquiz.algebra.expression import ONE, Apply, Expression, Number, mul, neg

Shape = tuple[int, ...]
ShapeOf = Callable[[Expression], Shape]


class ShapeError(ValueError):
    """Shapes that do not fit; the text gives them and what would fit."""


def same(*shapes: Shape) -> Shape:
    """All arguments alike; () also stands for a constant."""
    proper = {s for s in shapes if s != ()}
    if len(proper) > 1:
        raise ShapeError("shapes " + " and ".join(map(show_shape, shapes)) + " are not equal")
    return proper.pop() if proper else ()


def show_shape(shape: Shape) -> str:
    return (
        "scalar"
        if shape == ()
        else f"vector of {shape[0]}"
        if len(shape) == 1
        else f"{shape[0]}x{shape[1]} matrix"
    )


def product_shape(left: Shape, right: Shape) -> Shape:
    """Shape of left @ right; a scalar factor scales."""
    if left == () or right == ():
        return left or right
    if left[-1] != right[0]:
        raise ShapeError(
            f"{show_shape(left)} @ {show_shape(right)}: the inner sizes {left[-1]} and {right[0]}"
            f" differ; a right factor with {left[-1]} rows would fit"
        )
    return left[:-1] + right[1:]


def outer_shape(left: Shape, right: Shape) -> Shape:
    if len(left) > 1 or len(right) > 1:
        raise ShapeError(
            f"outer takes two vectors, found {show_shape(left)} and {show_shape(right)}"
        )
    return left + right


def _signed(op: str, left: Expression, right: Expression) -> Expression:
    """left op right with signs and constants in front."""
    sign, constant, bare = 1, Fraction(1), []
    for side in (left, right):
        if isinstance(side, Apply) and side.op == "neg":
            sign, side = -sign, side.args[0]
        if isinstance(side, Apply) and side.op == "mul" and isinstance(side.args[0], Number):
            constant, side = constant * side.args[0].value, mul(*side.args[1:])
        bare.append(side)
    plain: Expression = Apply(op, tuple(bare))
    if constant != 1:
        plain = Apply("mul", (Number(constant), plain))
    return neg(plain) if sign < 0 else plain


def times(left: Expression, right: Expression, of: ShapeOf) -> Expression:
    """Elementwise product, or scaling where one side is a scalar."""
    if isinstance(left, Number) or isinstance(right, Number):
        return mul(left, right)
    a, b = of(left), of(right)
    if a == b and isinstance(right, Apply) and right.op == "div" and right.args[0] == ONE:
        return Apply("div", (left, right.args[1]))
    if a == b:
        return mul(left, right) if a == () else _signed("hadamard", left, right)
    scalar, tensor, shape = (left, right, b) if a == () else (right, left, a)
    same(a, b)
    return _signed(f"scale{len(shape)}", scalar, tensor)


_MATMUL = {(1, 1): "dot", (2, 1): "matvec", (1, 2): "vecmat", (2, 2): "matmat"}


def matmul(left: Expression, right: Expression, of: ShapeOf) -> Expression:
    """left @ right for any two ranks; scalars scale."""
    a, b = of(left), of(right)
    product_shape(a, b)
    return times(left, right, of) if () in (a, b) else _signed(_MATMUL[len(a), len(b)], left, right)


def outer(left: Expression, right: Expression, of: ShapeOf) -> Expression:
    a, b = of(left), of(right)
    outer_shape(a, b)
    return times(left, right, of) if () in (a, b) else _signed("outer", left, right)


def transpose(tree: Expression, of: ShapeOf) -> Expression:
    if isinstance(tree, Apply) and tree.op == "transpose":
        return tree.args[0]
    return Apply("transpose", (tree,)) if len(of(tree)) == 2 else tree


def inner(left: Expression, right: Expression, of: ShapeOf) -> Expression:
    """Sum over all entries of the elementwise product: a scalar."""
    if of(left) == ():
        return mul(left, right)
    return (
        _signed("dot", left, right)
        if len(of(left)) == 1
        else Apply("total", (times(left, right, of),))
    )


def spread(gradient: Expression, like: Expression, of: ShapeOf) -> Expression:
    """A scalar gradient given to every entry of `like`."""
    return (
        gradient if of(gradient) == of(like) else Apply(f"spread{len(of(like))}", (gradient, like))
    )
