"""The derivative of an elementwise function as a formula: of its argument, or of its value."""

from __future__ import annotations

from functools import reduce

from rnnquiz.algebra.expression import Apply, Expression, Ref, rebuild
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.parser import parse_expression
from rnnquiz.algebra.shapes import ShapeOf, times


def derivative_of(
    name: str, argument: Expression, output: Expression | None, of: ShapeOf
) -> Expression:
    """f'(argument), written by the output where one is given and that is usual, else by the
    argument."""
    row = FUNCTIONS[name]
    # 1 - h**2 needs no function again: what is known of h is enough.
    if output is not None and row.by_output:
        return _filled(parse_expression(row.by_output), "v", output, of)
    return _filled(parse_expression(row.by_argument), "u", argument, of)


def _filled(tree: Expression, letter: str, value: Expression, of: ShapeOf) -> Expression:
    """A derivative rule with its letter replaced, products made elementwise where the value is no
    scalar."""
    if isinstance(tree, Ref):
        if tree.name == letter:
            return value
        return tree
    if not isinstance(tree, Apply):
        return tree
    args = [_filled(arg, letter, value, of) for arg in tree.args]
    if tree.op == "mul":
        return reduce(lambda a, b: times(a, b, of), args)
    return rebuild(tree.op, tuple(args))
