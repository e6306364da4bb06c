"""A checked question bank: everything that a variant, a sheet or a marker needs to know of the exercise."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from rnnquiz.algebra.expression import Ref
from rnnquiz.algebra.notation import Notation
from rnnquiz.bank.sampling import Sampler
from rnnquiz.bank.schema import BankText
from rnnquiz.bank.task import Task
from rnnquiz.decimals import Rounding
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.unroll import Model
from rnnquiz.models.catalogue import Cell
from rnnquiz.models.misconceptions import Mistaken

BY_HAND = 240  # numbers to be computed: at one a minute, looked up and checked, four hours, longer than any exam


@dataclass(frozen=True)
class Box:
    """One answer box: an entry of a quantity, by its name in the bank's notation. `entry` is its flat position, row by row."""

    name: str
    quantity: str
    entry: int


@dataclass(frozen=True)
class Bank:
    """A question bank.

    `full` is the whole problem, from which numbers are drawn and solved; `task.graph` what a student is asked: the same,
    or a part of it with some of the numbers shown. `displayed` is the latter in the forms of the notation. `candidates`
    are the mistakes that a find task draws from.
    """

    source: str
    text: str
    written: BankText
    cell: Cell
    model: Model
    full: Graph
    task: Task
    displayed: Graph
    notation: Notation
    rounding: Rounding
    samplers: Mapping[str, Sampler]
    marks: Mapping[str, float]
    candidates: tuple[Mistaken, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Fingerprint of the bank's text and its notation."""
        notation = f"\0{self.notation.name}" if self.notation.name else ""
        return hashlib.sha256(f"{self.text}{notation}".encode()).hexdigest()

    @property
    def graph(self) -> Graph:
        return self.task.graph

    @property
    def asked(self) -> tuple[str, ...]:
        return self.task.asked

    @property
    def fixed(self) -> bool:
        """True where every student gets the same numbers."""
        return all(size == 1 for size in self.sizes)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """How many choices each draw has, in the order in which they are drawn."""
        groups = [len(group) for sampler in self.samplers.values() for group in sampler.groups]
        return (*groups, len(self.candidates)) if self.candidates else tuple(groups)

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """The answer boxes: one for each entry of each asked quantity, in the order of computation."""
        return tuple(box for name in self.asked for box in self.boxes_of(self.graph[name]))

    @cached_property
    def warning(self) -> str:
        """One sentence where the exercise is no work for a hand; empty where it is."""
        computed = (q for q in self.graph.computed if not trivial(q))
        numbers = sum(math.prod(q.shape) for q in computed)
        if numbers <= BY_HAND:
            return ""
        return (
            f"This is no work for a hand: {numbers} numbers are to be computed, at one a minute {numbers / 60:.0f} hours. "
            "It is for the numbers of a program."
        )

    def boxes_of(self, quantity: Quantity) -> Iterator[Box]:
        """h[2] for a scalar; h[2].1, h[2].2 for a vector; U_new.1.2 (row, column) for a matrix."""
        name = self.notation.text(quantity.name)
        if quantity.shape == ():
            yield Box(name, quantity.name, 0)
        elif len(quantity.shape) == 1:
            yield from (Box(f"{name}.{i + 1}", quantity.name, i) for i in range(quantity.shape[0]))
        else:
            rows, columns = quantity.shape
            for i in range(rows):
                for j in range(columns):
                    row, column = self.notation.entry(i + 1, j + 1)
                    yield Box(f"{name}.{row}.{column}", quantity.name, i * columns + j)


def trivial(quantity: Quantity) -> bool:
    """True for a derivative that is a constant or a mere copy of another quantity: shown, not asked."""
    return quantity.constant or isinstance(quantity.formula, Ref)
