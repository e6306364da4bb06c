"""What is summed, for one entry by the name of its index."""

from __future__ import annotations

from rnnquiz.algebra.expression import Apply, Expression
from rnnquiz.algebra.sums import ENTRYWISE_OPS
from rnnquiz.algebra.writing import SPREAD

ENTRIES = {"sum": "k", "total": "j,k"}  # the index of an entry in sums over vectors and matrices
_OF_NUMBERS = {"hadamard": "mul", "over": "div"}  # what entry by entry is among numbers


def of_entries(tree: Expression) -> Expression | None:
    """What is summed, for one entry: products entry by entry are products of numbers. None where an
    entry needs more than the same entry of the names."""
    if not isinstance(tree, Apply):
        return tree
    if tree.op in SPREAD:
        return of_entries(tree.args[0])
    if tree.op not in ENTRYWISE_OPS:
        return None
    args: list[Expression] = []
    for arg in tree.args:
        inside = of_entries(arg)
        if inside is None:
            return None
        args.append(inside)
    of_numbers = _OF_NUMBERS.get(tree.op, tree.op)
    return Apply(of_numbers, tuple(args))
