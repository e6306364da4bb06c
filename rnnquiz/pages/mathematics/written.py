"""What was written as a tree: numbers with the digits they have, names as they are spelled,
operations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TypeGuard

TOTAL = "total"  # in the place of a step: all of a derivative, and not its direct part
# Derivatives of activations that have a name of their own when they are written out.
NAMED_SLOPES = ("sech2", "tanh'", "sigmoid'")


@dataclass(frozen=True)
class Num:
    """A number. `place`: exponent of its last digit (0.604: -3). `text` as it is read again."""

    text: str
    value: float
    place: int

    @property
    def half(self) -> float:
        """Half a unit of the last digit written."""
        return 0.5 * 10.0**self.place


@dataclass(frozen=True)
class Name:
    """A name: letter, accent, number of primes, the words among its indices, and the others, each
    with the way in which it stands ("" below, "^" above, "(", "<", "[" in brackets above, "#"
    behind)."""

    letter: str
    accent: str = ""
    primes: int = 0
    words: tuple[str, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        indices = [*self.words, *(number for _, number in self.numbers)]
        primes = "'" * self.primes
        bare = f"{self.letter}{self.accent}{primes}"
        if not indices:
            return bare
        # On one line whichever way they stood: this is for sentences, and is not read again.
        joined = ",".join(indices)
        return f"{bare}_{joined}"


@dataclass(frozen=True)
class Der:
    """d of / d by; `of` is a name, or a name with an exponent that is its index."""

    of: Node
    by: Node
    direct: bool = False
    at: str = ""
    number: str = ""

    def __str__(self) -> str:
        of, by = map(_side, (self.of, self.by))
        direct = "+" if self.direct else ""
        step = f"@{self.at}" if self.at else ""
        return f"d{direct}{of}/d{by}{step}"


@dataclass(frozen=True)
class DerOf:
    """d/d by, taken of an expression."""

    by: Node
    arg: Node


@dataclass(frozen=True)
class Op:
    """An operation: add, neg, mul, div, pow, matmul, outer, transpose, abs, list (a row or a
    column), or a function."""

    op: str
    args: tuple[Node, ...]


Node = Num | Name | Der | DerOf | Op


def _side(node: Node) -> str:
    """One side of a derivative; of a name with an exponent, which is its index, both."""
    if isinstance(node, Op):
        return "".join(map(shown, parts(node)))
    return str(node)


def shown(node: Node) -> str:
    """A name or a number in words."""
    if isinstance(node, Num):
        return node.text
    if isinstance(node, (Name, Der)):
        return str(node)
    return "..."


def parts(node: Node) -> tuple[Node, ...]:
    """The nodes right below one."""
    if isinstance(node, Op):
        return node.args
    if isinstance(node, Der):
        return node.of, node.by
    if isinstance(node, DerOf):
        return (node.by, node.arg)
    return ()


def nodes_in(node: Node) -> Iterator[Node]:
    """Every node, parents first."""
    stack = [node]
    while stack:
        here = stack.pop()
        yield here
        # The first of them is to be on top.
        stack += reversed(parts(here))


def names_in(node: Node) -> tuple[Node, ...]:
    """The names and derivatives of a formula, in the order of reading; not those that a derivative
    is made of."""
    if isinstance(node, (Name, Der)):
        return (node,)
    if isinstance(node, DerOf):
        return (node,)
    found = map(names_in, parts(node))
    return tuple(chain.from_iterable(found))


def is_numeric(node: Node) -> bool:
    """True for what has numbers and no names."""
    if isinstance(node, Op):
        return all(map(is_numeric, node.args))
    return isinstance(node, Num)


def numbers_in(node: Node) -> tuple[Num, ...]:
    """All numbers of a tree, in the order in which they are written."""
    return tuple(filter(_is_num, nodes_in(node)))


def _is_num(node: Node) -> TypeGuard[Num]:
    return isinstance(node, Num)


def is_value(node: Node) -> bool:
    """True for a number, or a list of numbers, with their signs: nothing is left to compute."""
    # Two signs, as in -(-0.3), are still to be worked out.
    if isinstance(node, Op) and node.op == "neg":
        return isinstance(node.args[0], Num)
    if isinstance(node, Op) and node.op == "list":
        return all(map(is_value, node.args))
    return isinstance(node, Num) or is_turned_row(node)


def is_turned_row(node: Node) -> bool:
    """True for (0.1, 0.2)^T, a column that is written as a row."""
    if not isinstance(node, Op) or node.op != "transpose":
        return False
    row = node.args[0]
    if not isinstance(row, Op) or row.op != "list":
        return False
    # A matrix is to be written down turned; only a row may stand for its column.
    return all(map(_is_number, row.args))


def _is_number(node: Node) -> bool:
    """True for a number with its sign."""
    if isinstance(node, Op) and node.op == "neg":
        return isinstance(node.args[0], Num)
    return isinstance(node, Num)


def is_name(node: Node) -> bool:
    """Whether it is a name or a derivative, which is a name of two."""
    return isinstance(node, (Name, Der))


def has_slope(tree: Node | None) -> bool:
    """True for what has the derivative of an activation in it, written out."""
    return tree is not None and any(map(_is_slope, nodes_in(tree)))


def _is_slope(node: Node) -> bool:
    return isinstance(node, Op) and node.op in NAMED_SLOPES
