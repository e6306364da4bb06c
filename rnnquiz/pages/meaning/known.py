"""What is known on a page: the givens, and the numbers stated so far for each quantity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from rnnquiz.algebra.expression import Expression, Ref, refs
from rnnquiz.algebra.operations import value_of
from rnnquiz.decimals import Array
from rnnquiz.pages.mathematics.values import Written, entries_of, number_of, simple_number, value
from rnnquiz.pages.mathematics.ways import NoValue
from rnnquiz.pages.mathematics.written import Node
from rnnquiz.pages.meaning.formulas import Formulas

CLOSE_TO = 1e-9  # what computing in floats may lose, relative to numbers above one
EXACT_PLACE = -12  # of the last digit of what was computed, not written


@dataclass
class Known:
    """`givens` and `values` hold numbers and single entries of vectors by name. `unknown_fits`:
    what was not stated is taken to be as it was put in."""

    formulas: Formulas
    givens: Mapping[str, float]
    unknown_fits: bool = False
    values: dict[str, Written] = field(default_factory=dict)
    _expected: dict[Expression, Array | None] = field(default_factory=dict)
    _asked: dict[Expression, set[str]] = field(default_factory=dict)  # names, for each formula
    _readers: dict[str, set[Expression]] = field(default_factory=dict)  # formulas, for each name
    _asking: list[set[str]] = field(default_factory=list)

    def state(self, name: str, written: Written) -> None:
        """A number that the page states for a quantity: what was worked out without it, or with
        another number, is forgotten."""
        self.values[name] = written
        for tree in self._readers.pop(name, ()):
            self._expected.pop(tree, None)

    def number(self, name: str) -> float | None:
        """The number known for one quantity, or one entry."""
        found = self.stated(name)
        if found is None or found.shape:
            return None
        return float(found)

    def stated(self, name: str) -> Array | None:
        """The values known for a quantity; of a vector, where all of its entries are."""
        known = self._one(name)
        if known is not None:
            return np.asarray(known)
        q = self.formulas.quantity(name)
        if q.shape:
            entries = [self._one(entry.name) for entry in self.formulas.entries.of(q)]
            if None not in entries:
                return np.array(entries, dtype=float).reshape(q.shape)
        if q.formula is None or q.formula == Ref(name):
            return None
        # A copy of another quantity, or a constant, is known with what it is a copy of.
        if isinstance(q.formula, Ref) or not refs(q.formula):
            return self.expected(q.formula)
        return None

    def _one(self, name: str) -> float | None:
        if self._asking:
            self._asking[-1].add(name)
        # A given stays what the sheet says, whatever the page writes for it.
        if name in self.givens:
            return self.givens[name]
        if name in self.values:
            number, _ = self.values[name]
            return number
        return None

    def expected(self, tree: Expression) -> Array | None:
        """The value of a formula from what is known; None where something is missing."""
        if tree not in self._expected:
            # A stack: formulas ask for formulas, and each learns what it rests on itself.
            self._asking.append(set())
            self._expected[tree] = self._computed(tree)
            asked = self._asking.pop()
            self._asked[tree] = asked
            for name in asked:
                self._readers.setdefault(name, set()).add(tree)
        # Whoever asks for this formula depends on what it depends on.
        if self._asking:
            asker = self._asking[-1]
            asker.update(self._asked[tree])
        return self._expected[tree]

    def _computed(self, tree: Expression) -> Array | None:
        if isinstance(tree, Ref):
            return self.stated(tree.name)
        values: dict[str, Array] = {}
        for name in refs(tree):
            known = self.stated(name)
            if known is None:
                return None
            values[name] = known[None]
        try:
            with np.errstate(all="ignore"):
                found = np.asarray(value_of(tree, values), dtype=float)
        except (TypeError, ValueError):
            return None
        return found[0] if found.ndim else found

    def fits(self, tree: Expression, node: Node) -> bool:
        """True where what was put in is what was stated for a part of a formula, as far as its
        digits go."""
        expected = self.expected(tree)
        if expected is not None and not expected.shape and (number := simple_number(node)):
            if holds(number, float(expected)):
                return True
            return self.is_finer(tree, number)
        written = numbers_of(node)
        # What is no number fits nothing, not even what is unknown.
        if written is None:
            return False
        if expected is None:
            return self.unknown_fits
        return agree(written, expected)

    def is_finer(self, tree: Expression, number: Written) -> bool:
        """True for a number of which the stated one is a rounding: more digits were carried on
        than written down."""
        if not isinstance(tree, Ref) or tree.name not in self.values:
            return False
        stated = self.values[tree.name]
        # Decimals only: a whole number need be no rounding; and 0 is that of every small number.
        if not number[1] < stated[1] < 0 or not stated[0]:
            return False
        return holds(stated, number[0])


def numbers_of(node: Node) -> list[Written] | None:
    """The numbers of a list, row by row, or the one number; None for what has no value."""
    try:
        parts = entries_of(node)
        found = [number_of(part) for part in parts]
        if len(parts) == 1 and found[0] is None:  # a product of vectors
            entries = map(float, np.ravel(value(node)))
            return [(entry, EXACT_PLACE) for entry in entries]
    except (NoValue, TypeError, ValueError):
        return None
    if None in found:
        return None
    return list(filter(None, found))


def agree(written: list[Written], expected: Array) -> bool:
    """True for the entries of an array, row by row, or turned."""
    if len(written) != expected.size:
        return False
    if _all_hold(written, expected):
        return True
    return expected.ndim > 1 and _all_hold(written, expected.T)


def _all_hold(written: list[Written], expected: Array) -> bool:
    entries = map(float, expected.ravel())
    return all(map(holds, written, entries))


def holds(number: Written, expected: float) -> bool:
    """True for a number that is what was expected, rounded or cut off to its own digits."""
    written, place = number
    unit = 10.0**place
    gap = abs(written - expected)
    if gap <= 0.5 * unit + CLOSE_TO * max(1.0, abs(expected)):
        return True
    # Cut off, a number is the smaller one, whatever its sign.
    cut = abs(written) <= abs(expected)
    return cut and gap < unit
