"""Formulas of a bank beside those on a page: equal at random points, in the ways in which they are
written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import product
from typing import Any

import numpy as np

from rnnquiz.algebra.expression import Apply, Expression, Ref, refs, replace
from rnnquiz.algebra.named import Named, named_box, named_quantity
from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.derivation.graph import Quantity
from rnnquiz.models.misconceptions import Misconception
from rnnquiz.pages.meaning.entries import Entry, EntryTable

MOST_TEMPLATES = 10
MOST_FORMULAS = 20_000  # that are remembered
NEARLY, NEARLY_0 = 1e-7, 1e-10  # relative and absolute, of formulas at random points
ROWS = "rows"  # the layout in which matrices are shown transposed
MATRIX = 3  # axes, with that of the problems


@dataclass(frozen=True)
class Formulas:
    """The formulas of one bank and their values for a few arbitrary problems."""

    bank: Bank

    @cached_property
    def entries(self) -> EntryTable:
        """The entries of all quantities."""
        return EntryTable(self.bank)

    @cached_property
    def _quantities(self) -> dict[str, Quantity]:
        return {}

    def quantity(self, name: str) -> Quantity:
        """A quantity of the sheet, or one entry of it."""
        if name not in self._quantities:
            self._quantities[name] = self.entries.quantity(name)
        return self._quantities[name]

    def text(self, name: str) -> Named:
        """A quantity, or an entry, as the sheet names it."""
        entry = self.entries.by_name.get(name)
        if entry is None:
            return named_quantity(name, self.bank.notation)
        boxes = self.bank.boxes_of(self.bank.graph[entry.quantity])
        box = next(box for box in boxes if box.entry == entry.flat)
        return named_box(box.name, box.quantity, box.shown)

    @cached_property
    def by_box(self) -> dict[str, str]:
        """The quantity, or the entry, of each box."""
        found: dict[str, str] = {}
        for q in self.bank.graph:
            # A number has no entries: its box is its own.
            names = [entry.name for entry in self.entries.of(q)] or [q.name]
            for box in self.bank.boxes_of(q):
                found[box.name] = names[box.entry]
        return found

    @cached_property
    def _shown_entries(self) -> dict[str, list[str]]:
        return {}

    def shown_entries(self, name: str) -> list[str]:
        """The entries of a quantity row by row, as the notation shows it; none of a number."""
        if name not in self._shown_entries:
            q = self.quantity(name)
            found = list(self.entries.of(q))
            if self.bank.notation.layout == ROWS and len(q.shape) > 1:
                found.sort(key=_column_first)
            self._shown_entries[name] = [entry.name for entry in found]
        return self._shown_entries[name]

    def whole(self, name: str) -> str:
        """The quantity that an entry is of; of any other, itself."""
        entry = self.entries.by_name.get(name)
        if entry is None:
            return name
        return entry.quantity

    @cached_property
    def sample(self) -> Mapping[str, Array]:
        """Values of all quantities and entries, for several sets of numbers drawn at random."""
        return self.with_entries(self._evaluated)

    @cached_property
    def _evaluated(self) -> Mapping[str, Array]:
        with np.errstate(all="ignore"):
            return evaluate(self.bank.graph, self.bank.sample)

    def with_entries(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """The values of all quantities, and of the entries of those that have several."""
        found = dict(values)
        for entry in self.entries.by_name.values():
            if entry.quantity in values:
                whole = np.asarray(values[entry.quantity])
                found[entry.name] = _entry_of(whole, entry)
        return found

    @cached_property
    def count(self) -> int:
        """How many arbitrary problems there are."""
        any_value = next(iter(self._evaluated.values()))
        return len(any_value)

    @cached_property
    def shown(self) -> Mapping[str, Array]:
        """The values as the notation shows them: of row vectors, matrices are transposed."""
        return {name: self.as_shown(value) for name, value in self.sample.items()}

    def as_shown(self, value: Array) -> Array:
        """A value in the layout in which the page shows it."""
        if self.bank.notation.layout == ROWS and value.ndim == MATRIX:
            return np.swapaxes(value, -1, -2)
        return value

    def scalar(self, name: str) -> bool:
        """True for a single number."""
        return self.quantity(name).shape == ()

    # Mistakes

    def mistake_in(self, name: str, found: Sequence[Array]) -> Misconception | None:
        """The first registered mistake in a quantity that gives one of these values."""
        for rule, value in self.mistaken(name):
            if any(self.same(one, value) for one in found):
                return rule
        return None

    @cached_property
    def _remembered(self) -> dict[object, dict[object, Any]]:
        return {}

    def remembered_for(self, letters: object) -> dict[object, Any]:
        """What was found of formulas whose letters mean this: pages of a class repeat the same
        ones."""
        if letters not in self._remembered:
            # Counted where letters mean something new, not at each formula: that would take longer.
            if sum(map(len, self._remembered.values())) > MOST_FORMULAS:
                self._remembered.clear()
            self._remembered[letters] = {}
        return self._remembered[letters]

    @cached_property
    def _mistaken(self) -> dict[str, tuple[tuple[Misconception, Array], ...]]:
        return {}

    def mistaken(self, name: str) -> tuple[tuple[Misconception, Array], ...]:
        """Values of the quantity with each registered mistake in its own formula, or in that of a
        slope or copy in it, as they are shown."""
        if name not in self._mistaken:
            rows = self._shown_mistakes(name)
            self._mistaken[name] = tuple(rows)
        return self._mistaken[name]

    def _shown_mistakes(self, name: str) -> Iterator[tuple[Misconception, Array]]:
        entry = self.entries.by_name.get(name)
        if entry is not None:
            yield from self._mistakes_in(entry)
            return
        for rule, value in self._mistakes(name):
            yield rule, self.as_shown(value)

    def _mistakes_in(self, entry: Entry) -> Iterator[tuple[Misconception, Array]]:
        """Those of a vector or matrix that change one entry of it."""
        right = self.sample[entry.name]
        for rule, whole in self._mistakes(entry.quantity):
            value = _entry_of(whole, entry)
            # A mistake that leaves this entry as it is cannot be seen in it.
            if not self.same(value, right):
                yield rule, value

    def _mistakes(self, name: str) -> Iterator[tuple[Misconception, Array]]:
        q = self.bank.graph[name]
        with np.errstate(all="ignore"):
            for row in self.bank.mistaken[name]:
                yield row.rule, self._of(q, row.formula, {})
            for parent in self.inner(q):
                p = self.bank.graph[parent]
                for row in self.bank.mistaken[parent]:
                    assert q.formula is not None
                    wrong = self._of(p, row.formula, {})
                    yield row.rule, self._of(q, q.formula, {parent: wrong})

    def _of(self, q: Quantity, formula: Expression, other: Mapping[str, Array]) -> Array:
        read = {name: self.sample[name] for name in refs(formula)}
        read.update(other)
        found = np.asarray(value_of(formula, read), dtype=float)
        return np.array(np.broadcast_to(found, (self.count, *q.shape)))

    def inner(self, q: Quantity) -> tuple[str, ...]:
        """What a formula reads that people write out in it: slopes, copies of other quantities, and
        the sum whose function it is."""
        formula = q.formula
        if formula is None:
            return ()
        return tuple(filter(partial(self.is_inner, formula), refs(formula)))

    def is_inner(self, formula: Expression, parent: str) -> bool:
        """True for what people write out in a formula: a slope, a copy, the sum whose function it
        is."""
        if isinstance(formula, Apply) and formula.args == (Ref(parent),):
            return self.is_computed(parent)
        is_copy = isinstance(self.quantity(parent).formula, Ref)
        return is_copy or "'" in parent  # a slope has its prime in its name

    def inner_of(self, name: str) -> tuple[str, ...]:
        """What the formula of a quantity reads that people write out in it."""
        return self.inner(self.quantity(name))

    def is_computed(self, name: str) -> bool:
        """True for what has a formula: no given of the sheet."""
        return self.quantity(name).formula is not None

    def equal(self, found: Array, name: str) -> bool:
        """True where values are those of a quantity."""
        return self.same(found, self.shown[name])

    def equal_to(self, found: Array) -> list[str]:
        """The quantities that have these values on the sample."""

        def has_them(name: str) -> bool:
            return self.equal(found, name)

        names = (q.name for q in self.bank.graph.computed)
        return list(filter(has_them, names))

    @staticmethod
    def same(found: Array, expected: Array) -> bool:
        """True for the same values; a row and a column of one length are the same."""
        if found.shape != expected.shape:
            own = expected.shape[1:]
            alike = found.shape[1:] in (own, (1, *own), (*own, 1))
            # A constant has one value for all problems.
            if len(found) not in (1, len(expected)) or not alike:
                return False
            found = found.reshape(len(found), *own)
        # NaN is near nothing: a formula that has no value somewhere is no other's.
        with np.errstate(all="ignore"):
            near = NEARLY_0 + NEARLY * np.abs(expected)
            gap = np.abs(found - expected)
            return bool((gap <= near).all())

    # Templates

    @cached_property
    def _templates(self) -> dict[str, tuple[Expression, ...]]:
        return {}

    def templates(self, name: str) -> tuple[Expression, ...]:
        """The forms in which a formula is written: its own, its alternatives, with slopes and
        copies written out; of one number, its products of vectors written out, too."""
        if name not in self._templates:
            q = self.quantity(name)
            forms = self._written_out(q)
            if q.shape == () and not all(map(self._is_of_numbers, forms)):
                rows = [self.entries.row(form, ()) for form in forms]
                forms += filter(None, rows)
            self._templates[name] = tuple(dict.fromkeys(forms))
        return self._templates[name]

    def _written_out(self, q: Quantity) -> list[Expression]:
        """The formulas of a quantity, and these with what people write out in them, as far as there
        are not too many."""
        forms = _formulas_of(q)
        for parent in self.inner(q):
            others = _formulas_of(self.quantity(parent))
            # The list grows meanwhile: product goes through a copy of its own.
            for form, other in product(forms, others):
                if len(forms) < MOST_TEMPLATES:
                    forms.append(_with(form, parent, other))
        return forms

    def _is_of_numbers(self, form: Expression) -> bool:
        return all(map(self.scalar, refs(form)))


def _formulas_of(q: Quantity) -> list[Expression]:
    """Its own formula and its alternatives; none of a given."""
    return list(filter(None, (q.formula, *q.alternatives)))


def _column_first(entry: Entry) -> tuple[int, ...]:
    return entry.index[::-1]


def _entry_of(whole: Array, entry: Entry) -> Array:
    """whole: (problems, *shape). One entry, for each problem."""
    flat = whole.reshape(len(whole), -1)
    return np.asarray(flat[:, entry.flat])


def _with(form: Expression, name: str, other: Expression) -> Expression:
    looked_for = Ref(name)

    def put(node: Expression) -> Expression | None:
        return other if node == looked_for else None

    return replace(form, put)
