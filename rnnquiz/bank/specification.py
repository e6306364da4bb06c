"""A checked question bank: everything that a variant, a sheet or a marker needs to know of the
exercise."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

import numpy as np

from rnnquiz.algebra.expression import Ref, refs
from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.marks import own_rules
from rnnquiz.bank.sampling import Sampler
from rnnquiz.bank.schema import BankText
from rnnquiz.bank.task import Task
from rnnquiz.decimals import Array, Rounding
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.unroll import Model
from rnnquiz.models.catalogue import Cell
from rnnquiz.models.misconceptions import Misconception, Mistaken, catalogue
from rnnquiz.models.mistakes import arbitrary, mistakes_of

# by which a number is changed to see what reads it; any but a period of something would do
MOVE = 0.37

# numbers to be computed: at one a minute, looked up and checked, four hours, longer than any exam
BY_HAND = 240


@dataclass(frozen=True)
class Box:
    """One answer box: an entry of a quantity, by its name in the bank's notation. `entry` is its
    flat position, row by row."""

    name: str
    quantity: str
    entry: int


@dataclass(frozen=True)
class Bank:
    """A question bank.

    `full` is the whole problem, from which numbers are drawn and solved; `task.graph` what a
    student is asked: the same, or a part of it with some of the numbers shown. `displayed` is the
    latter in the forms of the notation. `candidates` are the mistakes that a find task draws from.
    `second_names` stand for quantities beside their own. `unclear` are letters that the network and
    the bank's notation have for different things.
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
    second_names: Mapping[str, str] = field(default_factory=dict)
    unclear: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Bank {self.written.id}: {len(self.boxes)} boxes asked>"

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
        groups = chain.from_iterable(sampler.groups for sampler in self.samplers.values())
        sizes = tuple(map(len, groups))
        if self.candidates:
            return (*sizes, len(self.candidates))
        return sizes

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """The answer boxes: one for each entry of each asked quantity, in the order of
        computation."""
        return tuple(box for name in self.asked for box in self.boxes_of(self.graph[name]))

    @cached_property
    def warning(self) -> str:
        """One sentence where the exercise is no work for a hand; empty where it is."""
        computed = (q for q in self.graph.computed if not trivial(q))
        numbers = sum(math.prod(q.shape) for q in computed)
        if numbers <= BY_HAND:
            return ""
        return (
            f"This is no work for a hand: {numbers} numbers are to be computed, at one a minute"
            f" {numbers / 60:.0f} hours. It is for the numbers of a program."
        )

    @cached_property
    def rules(self) -> tuple[Misconception, ...]:
        """The teacher's own misconceptions first, then the registered ones."""
        return own_rules(self.written) + catalogue()

    @cached_property
    def sample(self) -> Mapping[str, Array]:
        """Givens of a few arbitrary problems of this bank: what is always zero, or one-hot, is so
        in them."""
        found = arbitrary(self.graph)
        for name, sampler in self.samplers.items():
            zero = sampler.fixed and not any(sampler.numbers)
            if name in found and (zero or sampler.words):
                rows = [sampler.nth(n) for n in range(len(found[name]))]
                found[name] = np.array(rows).reshape(found[name].shape)
        return found

    @cached_property
    def mistaken(self) -> Mapping[str, tuple[Mistaken, ...]]:
        """The mistakes of this bank: for each quantity the wrong formulas that its rules give.

        Certification insists on them, the diagnosis names them, appendix and quizzes list them.
        """
        return mistakes_of(self.graph, self.rules, self.sample)

    @cached_property
    def reading(self) -> Mapping[tuple[str, str], float]:
        """For each computed quantity and each name that its formula reads: which share of the
        entries of that one of its own reads (a row of W in W @ x; nothing of a product with h[0] =
        0)."""
        chain = evaluate(self.graph, self.sample)
        found = {}
        for q in self.graph.computed:
            assert q.formula is not None
            for name in refs(q.formula):
                found[q.name, name] = _share_read(q, name, chain)
        return found

    @cached_property
    def every_box(self) -> Mapping[str, Box]:
        """Every box that an answer may have, asked or not, by name, in the order of computation."""
        return {box.name: box for q in self.graph.computed for box in self.boxes_of(q)}

    @cached_property
    def aliases(self) -> Mapping[str, Box]:
        """Boxes that are asked, by the second names of their numbers that are not asked."""
        found: dict[str, Box] = {}
        for second, name in self.second_names.items():
            other, own = (second, name) if name in self.asked else (name, second)
            if own in self.asked and other not in self.asked:
                under = self.boxes_of(replace(self.graph[own], name=other))
                rows = zip(under, self.boxes_of(self.graph[own]), strict=True)
                found |= {alias.name: box for alias, box in rows}
        return found

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


def _share_read(q: Quantity, name: str, chain: Mapping[str, Array]) -> float:
    """The share of the entries of `name` that one entry of q reads: those that change it when they
    change."""
    assert q.formula is not None
    size, rows = int(np.prod(chain[name].shape[1:])), len(chain[name])
    values = {
        other: np.tile(value, (size, *[1] * (value.ndim - 1))) for other, value in chain.items()
    }
    here = np.broadcast_to(value_of(q.formula, values), (size * rows, *q.shape))
    moved = values[name].reshape(size, rows, -1)
    moved[np.arange(size), :, np.arange(size)] += MOVE
    values[name] = moved.reshape(values[name].shape)
    with np.errstate(all="ignore"):
        changed = np.broadcast_to(value_of(q.formula, values), here.shape) != here
    return float(changed.mean())


def trivial(quantity: Quantity) -> bool:
    """True for a derivative that is a constant or a mere copy of another quantity: shown, not
    asked."""
    return quantity.constant or isinstance(quantity.formula, Ref)
