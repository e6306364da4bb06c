"""The immutable expression tree, and constructors that leave out what a hand would not write (1 x,
x + 0)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TypeGuard


@dataclass(frozen=True)
class Number:
    """An exact constant."""

    # No float: 1/3 and 0.1 in a formula are what they say.
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
        # Made of the kept hashes of the arguments: no tree is walked for it.
        kept = hash((self.op, self.args))
        object.__setattr__(self, "_hash", kept)

    def __hash__(self) -> int:
        return self._hash  # type: ignore[attr-defined, no-any-return]


Expression = Number | Ref | Timed | Apply

ZERO, ONE = Number(Fraction(0)), Number(Fraction(1))


def number(value: int | Fraction) -> Number:
    """A whole number or an exact quotient as a leaf of a tree."""
    return Number(Fraction(value))


def is_pair(args: Sequence[object]) -> bool:
    """True for two of them, such as the factors of a product of matrices."""
    match args:
        case _, _:
            return True
    return False


def applies(tree: Expression | None, *ops: str) -> TypeGuard[Apply]:
    """True for one of these operations."""
    return isinstance(tree, Apply) and tree.op in ops


def parts_by(op: str, tree: Expression) -> tuple[Expression, ...]:
    """The terms of a sum (add), the factors of a product (mul); the tree alone where it is none."""
    if applies(tree, op):
        return tree.args
    return (tree,)


def under(op: str, tree: Expression) -> Expression:
    """What an operation of one argument (neg, transpose) is applied to; the tree itself where it is
    no such operation."""
    if applies(tree, op):
        return tree.args[0]
    return tree


def walk(tree: Expression) -> Iterator[Expression]:
    """Every node, parents first."""
    yield tree
    if isinstance(tree, Apply):
        for arg in tree.args:
            yield from walk(arg)


@lru_cache(maxsize=50_000)
def refs(tree: Expression) -> tuple[str, ...]:
    """Names of the quantities in the tree, each once, in the order of reading."""
    # A set would give them in an order of its own on every run.
    found: dict[str, None] = {}
    for node in walk(tree):
        if isinstance(node, Ref):
            found[node.name] = None
    return tuple(found)


def replace(tree: Expression, rule: Callable[[Expression], Expression | None]) -> Expression:
    """The tree with every node for which `rule` gives something replaced by that; not within what
    was replaced."""
    new = rule(tree)
    if new is not None:
        return new
    if isinstance(tree, Apply):
        args = tuple([replace(arg, rule) for arg in tree.args])
        # Rebuilding would simplify what the rule has not touched.
        if args == tree.args:
            return tree
        return rebuild(tree.op, args)
    return tree


def substituted(tree: Expression, by_name: Mapping[str, Expression]) -> Expression:
    """The tree with other expressions in the place of names, all at once."""
    # The names of a tree are kept: mostly none of them is meant, and nothing is walked through.
    if by_name.keys().isdisjoint(refs(tree)):
        return tree

    def rule(node: Expression) -> Expression | None:
        if isinstance(node, Ref):
            return by_name.get(node.name)
        return None

    return replace(tree, rule)


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
    kept: list[Expression] = []
    for term in terms:
        for part in parts_by("add", term):
            if part != ZERO:
                kept.append(part)
    if len(kept) > 1:
        return Apply("add", tuple(kept))
    if kept:
        return kept[0]
    return ZERO


def neg(tree: Expression) -> Expression:
    """Negative; -(-x) is x and -(a - b) is b - a."""
    if isinstance(tree, Number):
        return Number(-tree.value)
    if applies(tree, "neg"):
        return tree.args[0]
    match tree:
        case Apply("add", (left, Apply("neg") as right)):
            return add(neg(right), neg(left))
    return Apply("neg", (tree,))


def mul(*factors: Expression) -> Expression:
    """Product of values of one shape (or with constants): one leading constant, a sign in front, no
    factor 1."""
    constant = Fraction(1)
    rest: list[Expression] = []
    for factor in factors:
        for item in parts_by("mul", factor):
            bare = under("neg", item)
            if bare is not item:
                constant = -constant
            if isinstance(bare, Number):
                constant *= bare.value
            else:
                rest.append(bare)
    return _with_constant(constant, rest)


def _with_constant(constant: Fraction, factors: list[Expression]) -> Expression:
    """A constant times factors that are none."""
    if constant == 0:
        return ZERO
    if not factors:
        return Number(constant)
    size = abs(constant)
    if size != 1:
        factors = [Number(size), *factors]
    product = bare_product(factors)
    # In front of all factors, where a sum can take the sign up.
    if constant < 0:
        return neg(product)
    return product


def bare_product(factors: Sequence[Expression]) -> Expression:
    """The product as it stands, of one factor or more: no constants are gathered."""
    if len(factors) == 1:
        return factors[0]
    return Apply("mul", tuple(factors))


def power(base: Expression, exponent: int | Fraction) -> Expression:
    """A tree to a constant power, without a sign of power for 0 and 1."""
    if exponent == 1:
        return base
    if exponent == 0:
        return ONE
    return Apply("pow", (base, number(exponent)))
