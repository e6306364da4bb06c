"""A graph's formulas as one flat list of array operations: parts that occur in several formulas are
computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnquiz.algebra.expression import Apply, Expression, Number, Ref
from rnnquiz.algebra.operations import OPERATIONS

Step = tuple[Callable[..., Any], tuple[int, ...], int]


@dataclass(frozen=True)
class Plan:
    """`places` gives each quantity its slot, `constants` their values; `steps` fills the slots
    quantity by quantity."""

    size: int
    places: dict[str, int]
    constants: dict[int, float]
    steps: tuple[tuple[str, tuple[Step, ...]], ...]


def plan_of(formulas: Iterable[tuple[str, Expression | None]]) -> Plan:
    """The plan of named formulas in the order of computation; None marks a given.

    A quantity has a slot of its own, so that its value may be changed (rounded, replaced) before
    others read it.
    """
    writer = _Writer()
    steps = []
    for name, formula in formulas:
        if formula is None:
            writer.places[name] = writer.slot()
            continue
        # A part that an earlier formula has is not computed again, and its steps stand there.
        writer.current = []
        source = writer.write(formula)
        writer.places[name] = place = writer.slot()
        steps.append((name, (*writer.current, (_same, (source,), place))))
    return Plan(writer.count, writer.places, writer.constants, tuple(steps))


def _same(value: Any) -> Any:
    return value


class _Writer:
    """Slots given out so far, and where each subexpression's value already lies."""

    def __init__(self) -> None:
        self.count = 0
        self.places: dict[str, int] = {}
        self.constants: dict[int, float] = {}
        self.known: dict[Expression, int] = {}
        self.current: list[Step] = []

    def slot(self) -> int:
        self.count += 1
        return self.count - 1

    def write(self, tree: Expression) -> int:
        """The slot of the tree's value; steps that are still missing are added."""
        # A name is not kept by its tree: its slot is that of the quantity, which may be rounded.
        if isinstance(tree, Ref):
            return self.places[tree.name]
        if tree not in self.known:
            self.known[tree] = self._computed(tree)
        return self.known[tree]

    def _constant(self, tree: Number) -> int:
        place = self.slot()
        self.constants[place] = tree.value.numerator / tree.value.denominator
        return place

    def _computed(self, tree: Expression) -> int:
        if isinstance(tree, Number):
            return self._constant(tree)
        assert isinstance(tree, Apply), tree
        row = OPERATIONS[tree.op]
        if row.fold is None:
            arguments = map(self.write, tree.args)
            return self._step(row.evaluate, *arguments)
        total = self.write(tree.args[0])
        for arg in tree.args[1:]:
            # a - b in one step, as it is written.
            if tree.op == "add" and isinstance(arg, Apply) and arg.op == "neg":
                taken = self.write(arg.args[0])
                total = self._step(np.subtract, total, taken)
            else:
                total = self._step(row.fold, total, self.write(arg))
        return total

    def _step(self, function: Callable[..., Any], *arguments: int) -> int:
        place = self.slot()
        self.current.append((function, arguments, place))
        return place
