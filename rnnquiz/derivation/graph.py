"""A problem as a graph of named quantities whose formulas are data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, filterfalse
from typing import TypeVar

from rnnquiz.algebra.expression import Expression, refs
from rnnquiz.algebra.shapes import Shape
from rnnquiz.algebra.symbols import QuantitySymbol, Variable, parse_symbol
from rnnquiz.derivation.plan import Plan, plan_of
from rnnquiz.derivation.roles import Role

LOSS = "L"  # the name of what is minimised


@dataclass(frozen=True)
class Quantity:
    """One number, vector or matrix that has a name.

    `formula` is None for a given. `alternatives` are formulas that are equal in exact arithmetic
    and that people use as well (1 - h**2 for sech2(a)); after rounding they may differ.
    """

    name: str
    role: Role
    shape: Shape
    formula: Expression | None = None
    alternatives: tuple[Expression, ...] = ()

    @property
    def symbol(self) -> QuantitySymbol:
        """Its symbol, taken apart into letter, time and entry."""
        return parse_symbol(self.name)

    @property
    def time(self) -> int | None:
        """The time step the quantity belongs to."""
        symbol = self.symbol
        if isinstance(symbol, Variable):
            return symbol.time
        # A part of a gradient belongs to the step that gives it, a derivative to that of its top.
        for time in (symbol.at, symbol.of.time, symbol.by.time):
            if time is not None:
                return time
        return None

    @property
    def constant(self) -> bool:
        """True where the formula needs nothing computed nor given, such as the derivative 1."""
        if self.formula is None:
            return False
        return not refs(self.formula)


@dataclass(frozen=True)
class Pass:
    """One forward and backward pass: its number (None where there is one only), and the name of
    each parameter in it."""

    number: int | None
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class Graph:
    """Quantities in an order in which each comes after all that it is computed from.

    `passes` are in the order of training. `cuts` are pairs (child, parent): the child reads the
    parent, but no gradient goes back that way (truncated backpropagation through time). `frozen`
    are those of `parameters` that no update
    changes: a gradient is asked by them, and no more.
    """

    quantities: Mapping[str, Quantity]
    steps: int
    parameters: tuple[str, ...] = ()
    passes: tuple[Pass, ...] = ()
    cuts: frozenset[tuple[str, str]] = frozenset()
    frozen: frozenset[str] = frozenset()
    shapes: Mapping[str, Shape] = field(init=False)

    def __post_init__(self) -> None:
        shapes = {name: q.shape for name, q in self.quantities.items()}
        # Shapes follow from the quantities, and are no argument: a frozen record takes them so.
        object.__setattr__(self, "shapes", shapes)

    def __getitem__(self, name: str) -> Quantity:
        return self.quantities[name]

    def __iter__(self) -> Iterator[Quantity]:
        return iter(self.quantities.values())

    @property
    def trained(self) -> tuple[str, ...]:
        """The parameters that an update changes."""
        return tuple(filterfalse(self.frozen.__contains__, self.parameters))

    @cached_property
    def givens(self) -> tuple[Quantity, ...]:
        """The quantities without a formula, in their order."""
        return tuple(q for q in self if q.formula is None)

    @cached_property
    def computed(self) -> tuple[Quantity, ...]:
        """The quantities with a formula, in an order in which each comes after what it reads."""
        return tuple(q for q in self if q.formula is not None)

    def pass_of(self, number: int | None) -> Pass:
        """The pass of that number; the first one where there is none."""
        return self.passes[(number or 1) - 1]

    def restricted(self, keep: frozenset[str]) -> Graph:
        """Only the quantities of `keep` and what they are computed from, in any of their forms."""
        # Also what other forms of a formula read: who computes by them needs it.
        needed, open_ = set(keep), list(keep)
        while open_:
            name = open_.pop()
            new = self.reads(name) - needed
            needed |= new
            open_ += new
        kept = filter(needed.__contains__, self.quantities)
        quantities = {name: self.quantities[name] for name in kept}
        return replace(self, quantities=quantities)

    @cached_property
    def plan(self) -> Plan:
        """All formulas as one flat list of array operations."""
        return plan_of((q.name, q.formula) for q in self)

    @cached_property
    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """Names that each formula reads, in the order of reading."""
        found: dict[str, tuple[str, ...]] = {}
        for q in self:
            found[q.name] = refs(q.formula) if q.formula else ()
        return found

    def reads(self, name: str) -> frozenset[str]:
        """Names that any form of a formula reads."""
        own = frozenset(self.parents[name])
        others = map(refs, self[name].alternatives)
        return own.union(*others)

    def computable(self, order: Sequence[Quantity]) -> bool:
        """True where in this order nothing comes before what it is computed from."""
        # Ancestors, not parents alone: the order may hold only some of the quantities.
        to_come = {q.name for q in order}
        for q in order:
            to_come.remove(q.name)
            if not to_come.isdisjoint(self.ancestors[q.name]):
                return False
        return True

    @cached_property
    def ancestors(self) -> Mapping[str, frozenset[str]]:
        """All names that a quantity is computed from, directly or not."""
        found: dict[str, frozenset[str]] = {}
        for q in self:
            parents = self.parents[q.name]
            above = [found[parent] for parent in parents]
            # In order, so that what stands above a parent is known already.
            found[q.name] = frozenset(parents).union(*above)
        return found


Item = TypeVar("Item")


def gathered(items: Sequence[Item], key: Callable[[Item], object]) -> list[Item]:
    """Items of one key together, the keys in the order in which they first come."""
    by_key: dict[object, list[Item]] = {}
    for item in items:
        alike = by_key.setdefault(key(item), [])
        alike.append(item)
    groups = by_key.values()
    return list(chain.from_iterable(groups))
