"""Shapes, what fits what, and the products whose kind (scaling, matrix times vector, outer, ...)
follows from the shapes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from rnnquiz.algebra.expression import ONE, Apply, Expression, Number, applies, mul, neg

Shape = tuple[int, ...]
ShapeOf = Callable[[Expression], Shape]

SAME_SHAPE = "give them one shape: model.shapes has that of each letter"


class ShapeError(ValueError):
    """Shapes that do not fit; the text gives them, and `remedy` what would fit."""

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(found)
        self.remedy = remedy


def alike(*shapes: Shape) -> Shape:
    """All arguments alike; () also stands for a constant."""
    proper = {*shapes} - {()}
    if len(proper) > 1:
        found = " and ".join(map(show_shape, shapes))
        raise ShapeError(f"shapes {found} are not equal", SAME_SHAPE)
    if proper:
        return proper.pop()
    return ()


def is_matrix(shape: Shape) -> bool:
    """True for a shape of rows and columns."""
    match shape:
        case _rows, _columns:
            return True
    return False


def show_shape(shape: Shape) -> str:
    """As a message calls it: scalar, vector of 3, 2x3 matrix."""
    if shape == ():
        return "scalar"
    if len(shape) == 1:
        return f"vector of {shape[0]}"
    return f"{shape[0]}x{shape[1]} matrix"


def product_shape(left: Shape, right: Shape) -> Shape:
    """Shape of left @ right; a scalar factor scales."""
    if left == () or right == ():
        return left or right
    inside, rows = left[-1], right[0]
    if inside != rows:
        product = f"{show_shape(left)} @ {show_shape(right)}"
        raise ShapeError(
            f"{product}: the inner sizes {inside} and {rows} differ",
            f"take a right factor with {inside} rows, or the transpose of one: A.T",
        )
    return left[:-1] + right[1:]


def outer_shape(left: Shape, right: Shape) -> Shape:
    """(m,) and (n,) to (m, n); ShapeError if one of them is a matrix."""
    if len(left) > 1 or len(right) > 1:
        raise ShapeError(
            f"outer takes two vectors, found {show_shape(left)} and {show_shape(right)}",
            "write  A @ B  for a product of matrices",
        )
    return left + right


def _signed(op: str, left: Expression, right: Expression) -> Expression:
    """left op right with signs and constants in front."""
    # As a hand writes it, -2 (x * y); and wherever a sign stood, equal products are one tree.
    negative, constant, bare = False, Fraction(1), []
    for side in (left, right):
        if applies(side, "neg"):
            negative, side = not negative, side.args[0]
        # The constructor of products puts a constant first.
        if applies(side, "mul") and isinstance(side.args[0], Number):
            factor, *others = side.args
            assert isinstance(factor, Number)
            constant, side = constant * factor.value, mul(*others)
        bare.append(side)
    plain: Expression = Apply(op, tuple(bare))
    if constant != 1:
        plain = Apply("mul", (Number(constant), plain))
    if negative:
        return neg(plain)
    return plain


def times(left: Expression, right: Expression, of: ShapeOf) -> Expression:
    """Elementwise product, or scaling where one side is a scalar."""
    if isinstance(left, Number) or isinstance(right, Number):
        return mul(left, right)
    a, b = of(left), of(right)
    # g / x, as a hand writes it, and not g times 1 / x.
    if a == b and applies(right, "div", "over") and right.args[0] == ONE:
        return divided(left, right.args[1], of)
    if a == b == ():
        return mul(left, right)
    if a == b:
        return _signed("hadamard", left, right)
    alike(a, b)
    if a == ():
        return _signed(f"scale{len(b)}", left, right)
    return _signed(f"scale{len(a)}", right, left)


def divided(top: Expression, bottom: Expression, of: ShapeOf) -> Expression:
    """A quotient; entry by entry where it is none of numbers."""
    if of(top) == of(bottom) == ():
        return Apply("div", (top, bottom))
    return _signed("over", top, bottom)


_MATMUL = {(1, 1): "dot", (2, 1): "matvec", (1, 2): "vecmat", (2, 2): "matmat"}


def matmul(left: Expression, right: Expression, of: ShapeOf) -> Expression:
    """left @ right for any two ranks; scalars scale."""
    a, b = of(left), of(right)
    product_shape(a, b)  # an error where they do not fit
    if () in (a, b):
        return times(left, right, of)
    ranks = len(a), len(b)
    return _signed(_MATMUL[ranks], left, right)


def outer(left: Expression, right: Expression, of: ShapeOf) -> Expression:
    """The product of a column and a row; scalars scale."""
    a, b = of(left), of(right)
    outer_shape(a, b)
    if () in (a, b):
        return times(left, right, of)
    return _signed("outer", left, right)


def transpose(tree: Expression, of: ShapeOf) -> Expression:
    """The transpose; a number and a vector are their own."""
    # (W^T)^T is W.
    if applies(tree, "transpose"):
        return tree.args[0]
    if is_matrix(of(tree)):
        return Apply("transpose", (tree,))
    return tree


def inner(left: Expression, right: Expression, of: ShapeOf) -> Expression:
    """Sum over all entries of the elementwise product: a scalar."""
    rank = len(of(left))
    if rank == 0:
        return mul(left, right)
    if rank == 1:
        return _signed("dot", left, right)
    return Apply("total", (times(left, right, of),))


def spread_like(gradient: Expression, like: Expression, of: ShapeOf) -> Expression:
    """A scalar gradient given to every entry of `like`."""
    if of(gradient) == of(like):
        return gradient
    rank = len(of(like))
    return Apply(f"spread{rank}", (gradient, like))
