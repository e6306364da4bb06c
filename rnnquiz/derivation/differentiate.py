"""Derivatives of one formula, symbolically, by the rules of the operation table."""

from __future__ import annotations

from rnnquiz.algebra.expression import ZERO, Apply, Expression, Ref, add, refs
from rnnquiz.algebra.operations import OPERATIONS
from rnnquiz.algebra.shapes import ShapeOf, spread_like


def pull_back(tree: Expression, name: str, gradient: Expression, of: ShapeOf) -> Expression:
    """Contribution to the gradient of `name` when `tree` has gradient `gradient` (vector-Jacobian
    product).

    With gradient 1 and a scalar tree this is the derivative d tree / d name, in the shape of
    `name`.
    """
    # Else products with 0 would stand in the formula.
    if gradient == ZERO:
        return ZERO
    if isinstance(tree, Ref):
        if tree.name == name:
            return spread_like(gradient, tree, of)
        return ZERO
    if not isinstance(tree, Apply) or name not in refs(tree):
        return ZERO
    row = OPERATIONS[tree.op]
    parts = []
    for i, arg in enumerate(tree.args):
        if name in refs(arg):
            inner = row.partial(tree.args, gradient, i, of)
            parts.append(pull_back(arg, name, inner, of))
    return add(*parts)
