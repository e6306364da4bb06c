"""A checked question bank: everything that a variant, a sheet or a marker needs to know of the
exercise."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, filterfalse
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import Ref, refs
from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.marks import own_rules
from rnnquiz.bank.sampling import Sampler
from rnnquiz.bank.schema import BankText
from rnnquiz.bank.task import Task
from rnnquiz.decimals import Array, Bools, Rounding
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.derivation.model import Model
from rnnquiz.languages.catalogue import ENGLISH, Language
from rnnquiz.languages.sentences import Message, said
from rnnquiz.models.catalogue import Cell
from rnnquiz.models.misconceptions import Misconception, Mistaken, catalogue
from rnnquiz.models.mistakes import arbitrary, mistakes_of

# By which a number is changed to see what reads it; any but a period of something would do.
MOVE = 0.37

# Numbers to be computed: at one a minute, looked up and checked, four hours, longer than any exam.
BY_HAND = 240


_Number = TypeVar("_Number", bound=np.generic)


@dataclass(frozen=True)
class Box:
    """One answer box: an entry of a quantity, by its name in the bank's notation. `entry` is its
    flat position, row by row, and `index` its position in an array of the shape of the quantity.
    `place`: row and column as they are shown, counted from 1; a vector has rows alone, a number
    neither."""

    name: str
    quantity: str
    entry: int
    index: tuple[int, ...]
    place: tuple[int, ...]

    @property
    def ending(self) -> str:
        """What its name has behind that of its quantity: .1.2"""
        return _ending(self.place)

    @property
    def shown(self) -> str:
        """Row and column as they stand behind a symbol: 1,2"""
        return ",".join(map(str, self.place))

    def of(self, values: NDArray[_Number]) -> NDArray[_Number]:
        """Its numbers, (N,), of those of its quantity, (N, *shape)."""
        at: tuple[Any, ...] = (slice(None), *self.index)
        numbers: NDArray[_Number] = values[at]
        return numbers


def _ending(place: tuple[int, ...]) -> str:
    return "".join(f".{number}" for number in place)


# Of two banks each is equal to itself alone, so that what is worked out of one can be remembered.
@dataclass(frozen=True, eq=False)
class Bank:
    """A question bank.

    `full` is the whole problem, from which numbers are drawn and solved; `task.graph` what a
    student is asked: the same, or a part of it with some of the numbers shown. `displayed` is the
    latter in the forms of the notation. `candidates` are the mistakes that a find task draws from.
    `second_names` stand for quantities beside their own. `unclear` are letters that the network and
    the bank's notation have for different things. `language`: in which students read it; it says
    nothing of the exercise, and of two banks that differ in it alone one stands for the other.
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
    language: Language = ENGLISH

    def __repr__(self) -> str:
        return f"<Bank {self.written.id}: {len(self.boxes)} boxes asked>"

    @cached_property
    def digest(self) -> str:
        """Fingerprint of the bank's text and its notation."""
        text = self.text
        # A course may choose another notation: then the boxes of this text have other names.
        if self.notation.name:
            text += f"\0{self.notation.name}"
        hashed = hashlib.sha256(text.encode())
        return hashed.hexdigest()

    @property
    def in_time(self) -> bool:
        """False for one step alone, of which nothing is said that speaks of time."""
        return self.full.steps > 1

    @property
    def has_t(self) -> bool:
        """True where equations are those of a step t: of several steps, or of one after a state."""
        return self.in_time or any(q.time == 0 for q in self.full.givens)

    @property
    def graph(self) -> Graph:
        """The graph of what is asked and of what that needs."""
        return self.task.graph

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of the quantities that are asked, in the order of the bank."""
        return self.task.asked

    @property
    def fixed(self) -> bool:
        """True where every student gets the same numbers."""
        return set(self.sizes) <= {1}

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """How many choices each draw has, in the order in which they are drawn."""
        samplers = self.samplers.values()
        groups = chain.from_iterable(sampler.groups for sampler in samplers)
        sizes = tuple(map(len, groups))
        # The last draw, so that the others stay those of the same bank with another task.
        if self.candidates:
            return (*sizes, len(self.candidates))
        return sizes

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        """The answer boxes: one for each entry of each asked quantity, in the order of
        computation."""
        asked = map(self.graph.__getitem__, self.asked)
        boxes = map(self.boxes_of, asked)
        return tuple(chain.from_iterable(boxes))

    @cached_property
    def warning(self) -> Message | None:
        """One sentence where the exercise is no work for a hand; None where it is."""
        computed = filterfalse(trivial, self.graph.computed)
        numbers = sum(math.prod(q.shape) for q in computed)
        if numbers <= BY_HAND:
            return None
        return said(
            "This is no work for a hand: {numbers} numbers are to be computed, at one a minute"
            " {hours:.0f} hours. It is for the numbers of a program.",
            numbers=numbers,
            hours=numbers / 60,
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
            is_zero = sampler.fixed and not any(sampler.numbers)
            # Fixed numbers other than zero stay arbitrary: two formulas that are equal for them
            # alone are two formulas.
            if name in found and (is_zero or sampler.words):
                shape = found[name].shape
                rows = map(sampler.nth, range(shape[0]))
                flat = np.array(list(rows))
                found[name] = flat.reshape(shape)
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
        shares = {pair: differs.mean() for pair, differs in self._moved.items()}
        return {pair: float(share) for pair, share in shares.items()}

    @cached_property
    def entries_read(self) -> Mapping[tuple[str, str], Bools]:
        """For each computed quantity and each name that its formula reads, (entries of the
        quantity, entries of the other): which entry reads which."""
        found = {}
        for (name, other), differs in self._moved.items():
            size, rows = differs.shape[:2]
            of_entries = differs.reshape(size, rows, -1)
            # One row of the sample in which it moves is enough.
            found[name, other] = np.any(of_entries, axis=1).T
        return found

    @cached_property
    def _moved(self) -> Mapping[tuple[str, str], Bools]:
        """What moves when an entry of what a formula reads is moved, as `_moved_by` gives it."""
        chain = evaluate(self.graph, self.sample)
        found = {}
        for q in self.graph.computed:
            assert q.formula is not None
            for name in refs(q.formula):
                found[q.name, name] = _moved_by(q, name, chain)
        return found

    @cached_property
    def every_box(self) -> Mapping[str, Box]:
        """Every box that an answer may have, asked or not, by name, in the order of computation."""
        boxes = chain.from_iterable(map(self.boxes_of, self.graph.computed))
        return {box.name: box for box in boxes}

    @cached_property
    def aliases(self) -> Mapping[str, Box]:
        """Boxes that are asked, by the second names of their numbers that are not asked."""
        found: dict[str, Box] = {}
        for second, name in self.second_names.items():
            # Either of the two names may be the one that is asked.
            other, own = (second, name) if name in self.asked else (name, second)
            if own in self.asked and other not in self.asked:
                asked = self.graph[own]
                under = self.boxes_of(replace(asked, name=other))
                rows = zip(under, self.boxes_of(asked), strict=True)
                found |= {alias.name: box for alias, box in rows}
        return found

    def boxes_of(self, quantity: Quantity) -> Iterator[Box]:
        """h[2] for a scalar; h[2].1, h[2].2 for a vector; U_new.1.2 (row, column) for a matrix."""
        name = self.notation.text(quantity.name)
        for flat, index in enumerate(np.ndindex(*quantity.shape)):
            place = self._place(index)
            yield Box(f"{name}{_ending(place)}", quantity.name, flat, index, place)

    def _place(self, index: tuple[int, ...]) -> tuple[int, ...]:
        """Row and column as they are shown."""
        # As mathematics counts, and not as Python does.
        shown = tuple(position + 1 for position in index)
        match shown:
            case row, column:
                # A layout may show a matrix turned.
                return self.notation.entry(row, column)
        return shown


def _moved_by(q: Quantity, name: str, chain: Mapping[str, Array]) -> Bools:
    """(entries of `name`, rows of the sample, *shape of q): which entries of q change when one of
    `name` does.

    All entries are moved at once, each in its own copy of the sample: (entries * rows, *shape).
    """
    assert q.formula is not None
    rows, *shape = chain[name].shape
    size = math.prod(shape)
    values = {other: _repeated(chain[other], size) for other in refs(q.formula)}
    whole = (size * rows, *q.shape)
    here = np.broadcast_to(value_of(q.formula, values), whole)
    # The value of a formula that is a mere name is that very array.
    copies = values[name].copy()
    moved = copies.reshape(size, rows, -1)
    each = np.arange(size)
    moved[each, :, each] += MOVE
    values[name] = moved.reshape(copies.shape)
    # A number that was moved may have no logarithm or root: that it had one says that it is read.
    with np.errstate(all="ignore"):
        there = np.broadcast_to(value_of(q.formula, values), whole)
    differs = np.asarray(there != here)
    return differs.reshape(size, rows, *q.shape)


def _repeated(value: Array, times: int) -> Array:
    """value: (rows, *shape). Its rows, so many times one below the other."""
    repeats = (times, *[1] * (value.ndim - 1))
    return np.tile(value, repeats)


def trivial(quantity: Quantity) -> bool:
    """True for a derivative that is a constant or a mere copy of another quantity: shown, not
    asked."""
    return quantity.constant or isinstance(quantity.formula, Ref)
