"""The table of operations. A row says how to evaluate, bound and differentiate one operation, and
what fits it.

Arrays have the batch axis first. In a specialised tree every operation knows the ranks of its
arguments, so the array functions below work on trailing axes and take any number of leading ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np

from rnnquiz.algebra import joining
from rnnquiz.algebra.affine import Affine, Bounded, bilinear, curved, exact, linear, plus
from rnnquiz.algebra.choices import (
    chosen_shape,
    clip,
    clip_bound,
    clip_partial,
    clip_shape,
    flat_partial,
    maximum_bound,
    maximum_partial,
    minimum_bound,
    minimum_partial,
    select,
    select_bound,
    softmax,
    softmax_bound,
    softmax_partial,
    softmax_shape,
    softmax_through,
)
from rnnquiz.algebra.expression import Apply, Expression, Number, Ref, mul, neg, number, power
from rnnquiz.algebra.functions import FUNCTIONS, Function, beyond, derivative_of, smooth
from rnnquiz.algebra.parser import parse_expression
from rnnquiz.algebra.shapes import (
    Shape,
    ShapeError,
    ShapeOf,
    inner,
    matmul,
    outer,
    outer_shape,
    product_shape,
    same,
    show_shape,
    spread,
    times,
    transpose,
)
from rnnquiz.decimals import Array

Partial = Callable[[tuple[Expression, ...], Expression, int, ShapeOf], Expression]


@dataclass(frozen=True)
class Operation:
    """One row; how it is written stands in `writing`.

    `sized` gives the shape from the arguments, and the shape of the first, where it follows from
    numbers among them. `fold` is the operation on two arguments where it takes any number of them.
    `through` is the gradient of the argument from the named result and its gradient, where people
    go that way. `rule` names the rule of differentiation in words.
    """

    evaluate: Callable[..., Array]
    bound: Callable[..., Bounded]
    partial: Partial
    shape: Callable[..., Shape]
    fold: np.ufunc | None = None
    through: Callable[[Expression, Expression, ShapeOf], Expression] | None = None
    rule: str = ""
    sized: Callable[[tuple[Expression, ...], Shape], Shape] | None = None


def _function_row(name: str, row: Function) -> Operation:
    slope = parse_expression(row.by_argument)

    def bound(value: Affine) -> Affine:
        with np.errstate(all="ignore"):
            return curved(
                value, row.value(value.centre), evaluate(slope, {"u": value.centre}), row.remainder
            )

    def partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
        return times(g, derivative_of(name, args[0], None, of), of)

    return Operation(row.value, bound, partial, lambda a: a)


def _pow(base: Array, exponent: Array | float) -> Array:
    power_: Array = np.square(base) if float(exponent) == 2 else np.power(base, float(exponent))
    return power_


def _pow_bound(base: Affine, exponent: float) -> Affine:
    def curvature(c: Array, r: Array) -> Array:
        factor = abs(exponent * (exponent - 1))
        if exponent >= 2:
            return factor * np.asarray((np.abs(c) + r) ** (exponent - 2))
        return factor * beyond(c, r, lambda e: e ** (exponent - 2))

    with np.errstate(all="ignore"):
        slope = exponent * _pow(base.centre, exponent - 1)
        return curved(base, _pow(base.centre, exponent), slope, smooth(curvature))


def _pow_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    base, exponent = args
    assert isinstance(exponent, Number)
    return times(g, mul(exponent, power(base, exponent.value - 1)), of)


def _div_bound(left: Bounded, right: Bounded) -> Bounded:
    if isinstance(right, float):
        with np.errstate(all="ignore"):
            return bilinear(np.multiply, left, float(np.divide(1.0, right)))
    return bilinear(np.multiply, left, _pow_bound(right, -1.0))


def _div_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    top, bottom = args
    if i == 0 and of(g) == () != of(bottom) and not isinstance(g, Number):
        return times(g, Apply("div", (number(1), bottom)), of)
    if i == 0:
        return Apply("div", (g, bottom))
    return neg(times(g, Apply("div", (top, Apply("pow", (bottom, number(2))))), of))


def _mul_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    return reduce(lambda a, b: times(a, b, of), [a for k, a in enumerate(args) if k != i], g)


ELEMENTWISE = frozenset({*FUNCTIONS, "pow", "hadamard", "add", "neg", "div", "mul"})


def _elementwise(tree: Expression) -> bool:
    """True where every entry of the tree depends on the same entry of the names in it: a scalar
    gradient may pass."""
    return not isinstance(tree, Apply) or (
        tree.op in ELEMENTWISE and all(map(_elementwise, tree.args))
    )


def _sum_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    return g if isinstance(args[0], Apply) and _elementwise(args[0]) else spread(g, args[0], of)


def _diagonal_shape(matrix: Shape, vector: Shape) -> Shape:
    if len(matrix) != 2 or matrix != vector * 2:
        raise ShapeError("the diagonal of a square matrix times a vector")
    return vector


def _matvec(matrix: Array, vector: Array) -> Array:
    product: Array = np.matmul(matrix, vector[..., None])[..., 0]
    return product


def _vecmat(vector: Array, matrix: Array) -> Array:
    product: Array = np.matmul(vector[..., None, :], matrix)[..., 0, :]
    return product


def _swap(matrix: Array) -> Array:
    return np.swapaxes(matrix, -1, -2)


def _product(
    product: Callable[..., Array], partial: Partial, shape: Callable[..., Shape], rule: str
) -> Operation:
    return Operation(product, lambda a, b: bilinear(product, a, b), partial, shape, rule=rule)


def _linear_row(
    apply: Callable[[Array], Array], partial: Partial, shape: Callable[..., Shape], rule: str
) -> Operation:
    return Operation(apply, lambda a: linear(apply, a), partial, shape, rule=rule)


def _spread_row(*axes: int) -> Operation:
    def apply(g: Array, like: Array) -> Array:
        return np.expand_dims(g, axes) * np.ones_like(like)

    def bound(g: Affine, like: Affine) -> Bounded:
        return bilinear(
            lambda a, b: np.expand_dims(a, axes) * b, g, exact(np.ones_like(like.centre))
        )

    def partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
        if i == 1:
            return number(0)
        return Apply("sum" if len(of(args[1])) == 1 else "total", (spread(g, args[1], of),))

    def shape(value: Shape, like: Shape) -> Shape:
        if value != ():
            raise ShapeError(f"like gives one number to every entry; found a {show_shape(value)}")
        if len(like) != len(axes):
            raise ShapeError(f"a {show_shape(like)} where {len(axes)} axes belong")
        return like

    return Operation(apply, bound, partial, shape)


def _scale_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    return inner(g, args[1], of) if i == 0 else times(args[0], g, of)


_FACTOR = "a constant factor stays"
_BACK = (
    "a product with a matrix goes back through its transpose (and gives an outer product for the"
    " matrix itself)"
)
_CHOSEN = "1 for the one that is taken, 0 for the other"

OPERATIONS: dict[str, Operation] = {
    "add": Operation(
        lambda *terms: reduce(np.add, terms),
        lambda *terms: reduce(plus, terms),
        lambda args, g, i, of: g,
        same,
        rule="sum rule (terms without it fall away)",
        fold=np.add,
    ),
    "neg": Operation(
        np.negative,
        lambda a: -a if isinstance(a, float) else linear(np.negative, a),
        lambda args, g, i, of: neg(g),
        same,
        rule="a sign stays",
    ),
    "mul": Operation(
        lambda *factors: reduce(np.multiply, factors),
        lambda *factors: reduce(lambda a, b: bilinear(np.multiply, a, b), factors),
        _mul_partial,
        same,
        rule="a constant factor stays",
        fold=np.multiply,
    ),
    "hadamard": _product(np.multiply, _mul_partial, same, "a factor entry by entry stays"),
    "div": Operation(np.divide, _div_bound, _div_partial, same, rule="quotient rule"),
    "pow": Operation(
        _pow,
        _pow_bound,
        _pow_partial,
        lambda a, b: a,
        rule="power rule (the exponent in front, one power less)",
    ),
    "scale1": _product(lambda s, v: s[..., None] * v, _scale_partial, lambda s, v: v, _FACTOR),
    "scale2": _product(
        lambda s, m: s[..., None, None] * m, _scale_partial, lambda s, m: m, _FACTOR
    ),
    "dot": _product(
        lambda a, b: (a * b).sum(-1),
        lambda args, g, i, of: times(g, args[1 - i], of),
        product_shape,
        "a scalar product gives the other vector",
    ),
    "matvec": _product(
        _matvec,
        lambda args, g, i, of: (
            outer(g, args[1], of) if i == 0 else matmul(transpose(args[0], of), g, of)
        ),
        product_shape,
        _BACK,
    ),
    "diagonal": _product(
        lambda m, v: np.diagonal(m, axis1=-2, axis2=-1) * v,
        _mul_partial,
        _diagonal_shape,
        "only the diagonal counts",
    ),
    "vecmat": _product(
        _vecmat,
        lambda args, g, i, of: matmul(args[1], g, of) if i == 0 else outer(args[0], g, of),
        product_shape,
        _BACK,
    ),
    "matmat": _product(
        np.matmul,
        lambda args, g, i, of: (
            matmul(g, transpose(args[1], of), of)
            if i == 0
            else matmul(transpose(args[0], of), g, of)
        ),
        product_shape,
        _BACK,
    ),
    "outer": _product(
        lambda a, b: a[..., :, None] * b[..., None, :],
        lambda args, g, i, of: matmul(g, args[1], of) if i == 0 else matmul(args[0], g, of),
        outer_shape,
        "an outer product gives the product with the other vector",
    ),
    "transpose": _linear_row(
        _swap,
        lambda args, g, i, of: transpose(g, of),
        lambda a: a[::-1],
        "a transpose goes back transposed",
    ),
    "sum": _linear_row(
        lambda v: v.sum(-1), _sum_partial, lambda a: (), "a sum over the entries (each counts once)"
    ),
    "total": _linear_row(
        lambda m: m.sum((-1, -2)),
        _sum_partial,
        lambda a: (),
        "a sum over the entries (each counts once)",
    ),
    "spread1": _spread_row(-1),
    "spread2": _spread_row(-2, -1),
    "like1": _spread_row(-1),
    "like2": _spread_row(-2, -1),
    "softmax": Operation(
        softmax,
        softmax_bound,
        softmax_partial,
        softmax_shape,
        through=softmax_through,
        rule="the derivative of softmax (each entry depends on all)",
    ),
    "clip": Operation(
        clip, clip_bound, clip_partial, clip_shape, rule="1 within the limits, 0 beyond them"
    ),
    "minimum": Operation(np.minimum, minimum_bound, minimum_partial, chosen_shape, rule=_CHOSEN),
    "maximum": Operation(np.maximum, maximum_bound, maximum_partial, chosen_shape, rule=_CHOSEN),
    "concat": Operation(
        joining.concat,
        joining.concat_bound,
        joining.concat_partial,
        joining.concat_shape,
        rule="each part gets its own entries of the gradient",
    ),
    "part": Operation(
        joining.part,
        joining.part_bound,
        joining.part_partial,
        lambda *shapes: (),
        rule="each part gets its own entries of the gradient",
        sized=joining.part_shape,
    ),
    "entry": Operation(
        joining.entry,
        joining.entry_bound,
        joining.part_partial,
        lambda *shapes: (),
        sized=joining.entry_shape,
    ),
    "lift": Operation(
        joining.lift, lambda a: linear(joining.lift, a), joining.lift_partial, joining.lift_shape
    ),
    "select": Operation(select, select_bound, flat_partial, lambda which, *values: ()),
    **{name: _function_row(name, row) for name, row in FUNCTIONS.items()},
}


def evaluate(tree: Expression, values: Mapping[str, Array]) -> Array:
    """Value of the tree, batch first; exact constants become 0-d."""
    with np.errstate(all="ignore"):
        return _evaluated(tree, values)


def _evaluated(tree: Expression, values: Mapping[str, Array]) -> Array:
    if isinstance(tree, Ref):
        return values[tree.name]
    if isinstance(tree, Number):
        return np.float64(tree.value.numerator / tree.value.denominator)  # type: ignore[return-value]
    assert isinstance(tree, Apply), tree
    return OPERATIONS[tree.op].evaluate(*[_evaluated(arg, values) for arg in tree.args])


def bound(tree: Expression, values: Mapping[str, Affine]) -> Bounded:
    """Value of the tree with its errors; a constant subtree is a plain float."""
    if isinstance(tree, Ref):
        return values[tree.name]
    if isinstance(tree, Number):
        return tree.value.numerator / tree.value.denominator
    assert isinstance(tree, Apply), tree
    args = [bound(arg, values) for arg in tree.args]
    if all(isinstance(arg, float) for arg in args):
        with np.errstate(all="ignore"):
            numbers = [np.float64(arg) for arg in args if isinstance(arg, float)]
            return float(np.asarray(OPERATIONS[tree.op].evaluate(*numbers)).reshape(-1)[0])
    return OPERATIONS[tree.op].bound(*args)


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
