"""What is known on a page: the givens, and the numbers stated so far for each quantity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from rnnquiz.algebra.expression import Expression, Ref, refs
from rnnquiz.algebra.operations import value_of
from rnnquiz.decimals import Array
from rnnquiz.pages.formulas import Formulas
from rnnquiz.pages.values import NoValue, Written, entries_of, number_of, value
from rnnquiz.pages.written import Node, Num

CLOSE_TO = 1e-9


@dataclass
class Known:
    """`givens` and `values` hold numbers and single entries of vectors by name. `unknown_fits`:
    what was not stated is taken to be as it was put in."""

    formulas: Formulas
    givens: Mapping[str, float]
    unknown_fits: bool = False
    values: dict[str, Written] = field(default_factory=dict)
    _expected: dict[Expression, Array | None] = field(default_factory=dict)

    def state(self, name: str, written: Written) -> None:
        """A number that the page states for a quantity."""
        self.values[name] = written
        self._expected.clear()

    def number(self, name: str) -> float | None:
        """The number known for one quantity, or one entry."""
        found = self.stated(name)
        return None if found is None or found.shape else float(found)

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
        copies = isinstance(q.formula, Ref) or not refs(q.formula)
        return self.expected(q.formula) if copies else None

    def _one(self, name: str) -> float | None:
        if name in self.givens:
            return self.givens[name]
        if name in self.values:
            return self.values[name][0]
        return None

    def expected(self, tree: Expression) -> Array | None:
        """The value of a formula from what is known; None where something is missing."""
        if tree not in self._expected:
            self._expected[tree] = self._computed(tree)
        return self._expected[tree]

    def _computed(self, tree: Expression) -> Array | None:
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
        if isinstance(node, Num) and expected is not None and not expected.shape:
            return holds((node.value, node.place), float(expected))
        written = numbers_of(node)
        if written is None:
            return False
        if expected is None:
            return self.unknown_fits
        return agree(written, expected)


def numbers_of(node: Node) -> list[Written] | None:
    """The numbers of a list, row by row, or the one number; None for what has no value."""
    try:
        parts = entries_of(node)
        found = [number_of(part) for part in parts]
        if len(parts) == 1 and found[0] is None:  # a product of vectors
            return [(float(entry), -12) for entry in np.ravel(value(node))]
    except (NoValue, TypeError, ValueError):
        return None
    return None if None in found else [one for one in found if one is not None]


def agree(written: list[Written], expected: Array) -> bool:
    """True for the entries of an array, row by row, or turned."""
    if len(written) != expected.size:
        return False
    sides = {id(side): side.ravel() for side in (expected, expected.T)}
    return any(all(map(holds, written, map(float, side))) for side in sides.values())


def holds(number: Written, expected: float) -> bool:
    """True for a number that is what was expected, rounded or cut off to its own digits."""
    unit = 10.0 ** number[1]
    gap = abs(number[0] - expected)
    cut = abs(number[0]) <= abs(expected) and gap < unit
    return gap <= 0.5 * unit + CLOSE_TO * max(1.0, abs(expected)) or cut
