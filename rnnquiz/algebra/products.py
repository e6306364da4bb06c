"""Products with matrices that do not change, taken out of a formula to be worked beside it."""

from __future__ import annotations

from functools import lru_cache

from rnnquiz.algebra.expression import Apply, Expression, Ref, replace

_MATRIX = {"matvec": 0, "vecmat": 1}  # which argument of a product with a vector is the matrix


@lru_cache(maxsize=10_000)
def taken_out(
    tree: Expression, fixed: frozenset[str]
) -> tuple[Expression, tuple[tuple[str, Apply], ...]]:
    """The formula with a name in the place of each product of a vector with one of the `fixed`
    matrices, and these products by name."""
    found: dict[Apply, str] = {}

    def rule(node: Expression) -> Expression | None:
        if isinstance(node, Apply) and node.op in _MATRIX and matrix_of(node) in fixed:
            return Ref(found.setdefault(node, f"product_{len(found) + 1}"))
        return None

    outside = replace(tree, rule)
    return outside, tuple((name, product) for product, name in found.items())


def matrix_of(product: Apply) -> str:
    """The name of the matrix in a product with a vector; empty where it is a formula."""
    matrix = product.args[_MATRIX[product.op]]
    if isinstance(matrix, Apply) and matrix.op == "transpose":
        matrix = matrix.args[0]
    return matrix.name if isinstance(matrix, Ref) else ""


def column_of(product: Apply, one: str) -> str:
    """The matrix whose column the product is where the vector `one` is one-hot; empty where the
    matrix stands transposed or on the right."""
    matrix, vector = product.args
    plain = product.op == "matvec" and isinstance(matrix, Ref) and vector == Ref(one)
    return matrix.name if plain and isinstance(matrix, Ref) else ""
