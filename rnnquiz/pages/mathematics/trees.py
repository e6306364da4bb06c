"""Trees as the grammar makes them: products in one row, lists, transposes, numbers with their last
place."""

from __future__ import annotations

from collections.abc import Sequence

from rnnquiz.languages.sentences import said
from rnnquiz.pages.mathematics.token import Unparsed
from rnnquiz.pages.mathematics.written import Node, Num, Op

LONGEST_NUMBER = 40  # characters: a float has 17 digits


def matrix_tree(rows: Sequence[Sequence[Node]]) -> Op:
    """A matrix: a list of its rows."""
    lists = [Op("list", tuple(row)) for row in rows]
    return Op("list", tuple(lists))


def transposed_of(base: Node) -> Node:
    """A matrix turned; of one row, written as a row of numbers: the column."""
    if isinstance(base, Op) and base.op == "list" and len(base.args) == 1:
        row = base.args[0]
        if isinstance(row, Op) and row.op == "list" and len(row.args) > 1:
            return Op("transpose", (row,))
    return Op("transpose", (base,))


def joined_by(op: str, left: Node, right: Node) -> Node:
    """Two factors, or a product and one factor more."""
    # Flat: numbers are put in for factors in any order. That of a matrix product counts.
    if op in ("mul", "odot") and isinstance(left, Op) and left.op == op:
        return Op(op, (*left.args, right))
    return Op(op, (left, right))


def negative_of(node: Node) -> Node:
    """What stands behind a minus."""
    return Op("neg", (node,))


def number_from(text: str, start: int) -> Num:
    """A number with the place of its last digit. Unparsed for one that is too long."""
    if len(text) > LONGEST_NUMBER:
        raise Unparsed(said("a number is too long"), start)
    mantissa, _, exponent = text.lower().partition("e")
    _, _, decimals = mantissa.partition(".")
    power = int(exponent or 0)
    place = power - len(decimals)
    return Num(text, float(text), place)
