"""The immutable expression tree, and constructors that leave out what a hand would not write (1 x,
x + 0)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache


@dataclass(frozen=True)
class Number:
    """An exact constant."""

    value: Fraction


@dataclass(frozen=True)
class Ref:
    """A quantity, by its stable name."""

    name: str


@dataclass(frozen=True)
class Timed:
    """A variable at a time relative to t, as in h[t-1]; only in equations, before they are
    unrolled."""

    base: str
    offset: int


@dataclass(frozen=True)
class Apply:
    """An operation of the table, by name, on its arguments. Its hash is kept, for trees are looked
    up often."""

    op: str
    args: tuple[Expression, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.op, self.args)))

    def __hash__(self) -> int:
        return self._hash  # type: ignore[attr-defined, no-any-return]


Expression = Number | Ref | Timed | Apply

ZERO, ONE = Number(Fraction(0)), Number(Fraction(1))


def number(value: int | Fraction) -> Number:
    return Number(Fraction(value))


def walk(tree: Expression) -> Iterator[Expression]:
    """Every node, parents first."""
    yield tree
    if isinstance(tree, Apply):
        for arg in tree.args:
            yield from walk(arg)


@lru_cache(maxsize=50_000)
def refs(tree: Expression) -> tuple[str, ...]:
    """Names of the quantities in the tree, each once, in the order of reading."""
    return tuple(dict.fromkeys(node.name for node in walk(tree) if isinstance(node, Ref)))


def replace(tree: Expression, rule: Callable[[Expression], Expression | None]) -> Expression:
    """The tree with every node for which `rule` gives something replaced by that; not within what
    was replaced."""
    new = rule(tree)
    if new is not None:
        return new
    if isinstance(tree, Apply):
        args = tuple(replace(arg, rule) for arg in tree.args)
        return tree if args == tree.args else rebuild(tree.op, args)
    return tree


def rebuild(op: str, args: tuple[Expression, ...]) -> Expression:
    """An application, through the simplifying constructor where the operation has one."""
    if op == "add":
        return add(*args)
    if op == "mul":
        return mul(*args)
    if op == "neg":
        return neg(args[0])
    return Apply(op, args)


def add(*terms: Expression) -> Expression:
    """Sum; nested sums become one, zeros go."""
    flat = [
        t
        for term in terms
        for t in (term.args if isinstance(term, Apply) and term.op == "add" else (term,))
        if t != ZERO
    ]
    return flat[0] if len(flat) == 1 else Apply("add", tuple(flat)) if flat else ZERO


def neg(tree: Expression) -> Expression:
    """Negative; -(-x) is x and -(a - b) is b - a."""
    if isinstance(tree, Number):
        return Number(-tree.value)
    if isinstance(tree, Apply):
        if tree.op == "neg":
            return tree.args[0]
        if tree.op == "add" and len(tree.args) == 2 and _negative(tree.args[1]):
            return add(neg(tree.args[1]), neg(tree.args[0]))
    return Apply("neg", (tree,))


def _negative(tree: Expression) -> bool:
    return isinstance(tree, Apply) and tree.op == "neg"


def mul(*factors: Expression) -> Expression:
    """Product of values of one shape (or with constants): one leading constant, a sign in front, no
    factor 1."""
    constant: Fraction = Fraction(1)
    rest: list[Expression] = []
    for factor in factors:
        for item in factor.args if isinstance(factor, Apply) and factor.op == "mul" else (factor,):
            bare = item.args[0] if isinstance(item, Apply) and item.op == "neg" else item
            constant *= 1 if bare is item else -1
            if isinstance(bare, Number):
                constant *= bare.value
            else:
                rest.append(bare)
    if constant == 0:
        return ZERO
    if not rest:
        return Number(constant)
    if abs(constant) != 1:
        rest.insert(0, Number(abs(constant)))
    product = rest[0] if len(rest) == 1 else Apply("mul", tuple(rest))
    return neg(product) if constant < 0 else product


def power(base: Expression, exponent: int | Fraction) -> Expression:
    if exponent == 1:
        return base
    return ONE if exponent == 0 else Apply("pow", (base, number(exponent)))
