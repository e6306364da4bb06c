"""Formulas of a bank beside those on a page: equal at random points, in the ways in which they are
written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
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
from rnnquiz.pages.entries import EntryTable

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
        box = next(box.name for box in boxes if box.entry == entry.flat)
        return named_box(box, entry.quantity, self.bank.notation)

    @cached_property
    def by_box(self) -> dict[str, str]:
        """The quantity, or the entry, of each box."""
        found: dict[str, str] = {}
        for q in self.bank.graph:
            names = [entry.name for entry in self.entries.of(q)] or [q.name]
            found |= {box.name: names[box.entry] for box in self.bank.boxes_of(q)}
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
                found.sort(key=lambda entry: entry.index[::-1])
            self._shown_entries[name] = [entry.name for entry in found]
        return self._shown_entries[name]

    def whole(self, name: str) -> str:
        """The quantity that an entry is of; of any other, itself."""
        entry = self.entries.by_name.get(name)
        return name if entry is None else entry.quantity

    @cached_property
    def sample(self) -> Mapping[str, Array]:
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
                found[entry.name] = whole.reshape(len(whole), -1)[:, entry.flat]
        return found

    @cached_property
    def count(self) -> int:
        """How many arbitrary problems there are."""
        return len(next(iter(self._evaluated.values())))

    @cached_property
    def shown(self) -> Mapping[str, Array]:
        """The values as the notation shows them: of row vectors, matrices are transposed."""
        return {name: self.as_shown(value) for name, value in self.sample.items()}

    def as_shown(self, value: Array) -> Array:
        if self.bank.notation.layout == ROWS and value.ndim == MATRIX:
            return np.swapaxes(value, -1, -2)
        return value

    def scalar(self, name: str) -> bool:
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
            entry = self.entries.by_name.get(name)
            if entry is None:
                rows = [(rule, self.as_shown(value)) for rule, value in self._mistakes(name)]
            else:
                own = self.sample[name]
                whole = self._mistakes(entry.quantity)
                flat = [(rule, value.reshape(len(value), -1)) for rule, value in whole]
                rows = [(rule, value[:, entry.flat]) for rule, value in flat]
                rows = [row for row in rows if not self.same(row[1], own)]
            self._mistaken[name] = tuple(rows)
        return self._mistaken[name]

    def _mistakes(self, name: str) -> Iterator[tuple[Misconception, Array]]:
        q = self.bank.graph[name]
        with np.errstate(all="ignore"):
            for row in self.bank.mistaken.get(name, ()):
                yield row.rule, self._of(q, row.formula, {})
            for parent in self.inner(q):
                p = self.bank.graph[parent]
                for row in self.bank.mistaken.get(parent, ()):
                    assert q.formula is not None
                    yield row.rule, self._of(q, q.formula, {parent: self._of(p, row.formula, {})})

    def _of(self, q: Quantity, formula: Expression, other: Mapping[str, Array]) -> Array:
        read = {name: other.get(name, self.sample[name]) for name in refs(formula)}
        found = np.asarray(value_of(formula, read), dtype=float)
        return np.array(np.broadcast_to(found, (self.count, *q.shape)))

    def inner(self, q: Quantity) -> tuple[str, ...]:
        """What a formula reads that people write out in it: slopes, copies of other quantities, and
        the sum whose function it is."""
        if q.formula is None:
            return ()
        return tuple(p for p in refs(q.formula) if self.is_inner(q.formula, p))

    def is_inner(self, formula: Expression, parent: str) -> bool:
        if isinstance(formula, Apply) and formula.args == (Ref(parent),):
            return self.quantity(parent).formula is not None
        return "'" in parent or isinstance(self.quantity(parent).formula, Ref)

    def inner_of(self, name: str) -> tuple[str, ...]:
        return self.inner(self.quantity(name))

    def equal(self, found: Array, name: str) -> bool:
        return self.same(found, self.shown[name])

    @staticmethod
    def same(found: Array, expected: Array) -> bool:
        """True for the same values; a row and a column of one length are the same."""
        if found.shape != expected.shape:
            alike = found.shape[1:] in ((1, *expected.shape[1:]), (*expected.shape[1:], 1))
            if len(found) not in (1, len(expected)) or not (
                alike or found.shape[1:] == expected.shape[1:]
            ):
                return False
            found = found.reshape(len(found), *expected.shape[1:])
        with np.errstate(all="ignore"):
            return bool((np.abs(found - expected) <= NEARLY_0 + NEARLY * np.abs(expected)).all())

    # Templates

    @cached_property
    def _templates(self) -> dict[str, tuple[Expression, ...]]:
        return {}

    def templates(self, name: str) -> tuple[Expression, ...]:
        """The forms in which a formula is written: its own, its alternatives, with slopes and
        copies written out; of one number, its products of vectors written out, too."""
        if name not in self._templates:
            q = self.quantity(name)
            forms = [form for form in (q.formula, *q.alternatives) if form is not None]
            for parent in self.inner(q):
                p = self.quantity(parent)
                for form in list(forms):
                    for other in (p.formula, *p.alternatives):
                        if other is not None and len(forms) < MOST_TEMPLATES:
                            forms.append(_with(form, parent, other))
            if q.shape == () and not all(self.scalar(p) for form in forms for p in refs(form)):
                rows = [self.entries.row(form, ()) for form in forms]
                forms += [row for row in rows if row is not None]
            self._templates[name] = tuple(dict.fromkeys(forms))
        return self._templates[name]


def _with(form: Expression, name: str, other: Expression) -> Expression:
    return replace(form, lambda node: other if node == Ref(name) else None)
