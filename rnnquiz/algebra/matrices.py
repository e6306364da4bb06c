"""Products of numbers, vectors and matrices, by the ranks of their factors."""

from __future__ import annotations

import numpy as np

from rnnquiz.algebra.arithmetic import mul_partial
from rnnquiz.algebra.expression import Expression
from rnnquiz.algebra.operation_row import Operation, linear_row, product_row
from rnnquiz.algebra.shapes import (
    Shape,
    ShapeError,
    ShapeOf,
    inner,
    is_matrix,
    matmul,
    outer,
    outer_shape,
    product_shape,
    show_shape,
    times,
    transpose,
)
from rnnquiz.decimals import Array
from rnnquiz.languages.sentences import said


# NumPy takes a stack of vectors, (N, n), for one matrix. Each becomes a matrix of one column or of
# one row, and the product a vector again.
def _matvec(matrix: Array, vector: Array) -> Array:
    column = vector[..., None]
    product: Array = np.matmul(matrix, column)
    return product[..., 0]


def _vecmat(vector: Array, matrix: Array) -> Array:
    row = vector[..., None, :]
    product: Array = np.matmul(row, matrix)
    return product[..., 0, :]


def _diagonal_shape(matrix: Shape, vector: Shape) -> Shape:
    if not is_matrix(matrix) or matrix != vector * 2:
        found = f"{show_shape(matrix)} and {show_shape(vector)}: no diagonal to multiply by"
        raise ShapeError(found, "take a square matrix and a vector of its size")
    return vector


# The gradient of one factor is a product of the other with the gradient of the result, in the order
# that the shapes ask for: of W x it is g x^T by W, and W^T g by x.
def _scale_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    scalar, tensor = args
    if i == 0:
        return inner(g, tensor, of)
    return times(scalar, g, of)


def _matvec_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    matrix, vector = args
    if i == 0:
        return outer(g, vector, of)
    return matmul(transpose(matrix, of), g, of)


def _vecmat_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    vector, matrix = args
    if i == 0:
        return matmul(matrix, g, of)
    return outer(vector, g, of)


def _matmat_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    left, right = args
    if i == 0:
        return matmul(g, transpose(right, of), of)
    return matmul(transpose(left, of), g, of)


def _outer_partial(args: tuple[Expression, ...], g: Expression, i: int, of: ShapeOf) -> Expression:
    left, right = args
    if i == 0:
        return matmul(g, right, of)
    return matmul(left, g, of)


_FACTOR = said("a constant factor stays")
_BACK = said(
    "a product with a matrix goes back through its transpose (and gives an outer product for the"
    " matrix itself)"
)

MATRICES: dict[str, Operation] = {
    "scale1": product_row(lambda s, v: s[..., None] * v, _scale_partial, lambda s, v: v, _FACTOR),
    "scale2": product_row(
        lambda s, m: s[..., None, None] * m, _scale_partial, lambda s, m: m, _FACTOR
    ),
    "dot": product_row(
        lambda a, b: (a * b).sum(-1),
        lambda args, g, i, of: times(g, args[1 - i], of),
        product_shape,
        said("a scalar product gives the other vector"),
    ),
    "matvec": product_row(_matvec, _matvec_partial, product_shape, _BACK),
    "diagonal": product_row(
        lambda m, v: np.diagonal(m, axis1=-2, axis2=-1) * v,
        mul_partial,
        _diagonal_shape,
        said("only the diagonal counts"),
    ),
    "vecmat": product_row(_vecmat, _vecmat_partial, product_shape, _BACK),
    "matmat": product_row(np.matmul, _matmat_partial, product_shape, _BACK),
    "outer": product_row(
        lambda a, b: a[..., :, None] * b[..., None, :],
        _outer_partial,
        outer_shape,
        said("an outer product gives the product with the other vector"),
    ),
    "transpose": linear_row(
        lambda m: np.swapaxes(m, -1, -2),
        lambda args, g, i, of: transpose(g, of),
        lambda m: m[::-1],
        said("a transpose goes back transposed"),
    ),
}
