"""The worked solution of a variant: every named quantity as symbol = formula = formula with the
numbers in = value.

Each line can be checked with a pocket calculator: its right side, computed from the numbers printed
in it, gives the value printed. Where each step is rounded, the numbers printed are the rounded
ones; where only the end is rounded, they keep three digits more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from typing import Any

from rnnquiz.algebra.expression import Ref
from rnnquiz.algebra.shapes import is_matrix
from rnnquiz.algebra.symbols import Derivative
from rnnquiz.algebra.targets import TEXT
from rnnquiz.bank.soundness import blamed_on
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.bank.task import WHICH
from rnnquiz.bank.variant import Variant, arrays_of, shown_digits
from rnnquiz.decimals import fixed, plain
from rnnquiz.derivation.evaluate import Values, evaluate
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.roles import Role
from rnnquiz.derivation.tolerance import (
    Ends,
    Interval,
    accepted,
    after_key,
    around,
    propagate,
    rounded_ends,
    rounding_error,
)
from rnnquiz.solution.lines import Line, Printed, nested
from rnnquiz.solution.sections import reading_places
from rnnquiz.solution.worked_html import worked_html
from rnnquiz.text import shortened


@dataclass(frozen=True)
class Solved:
    """Variants of one bank, solved together. `exact`: unrounded; `chain`: as students who keep the
    rounding rule get it; (N, *shape)."""

    bank: Bank
    variants: tuple[Variant, ...]
    exact: Values
    chain: Values

    @cached_property
    def accepted(self) -> Mapping[str, Interval]:
        """From where to where each quantity is accepted of a student whose earlier numbers are
        those of the key."""
        bank, givens = self.bank, arrays_of(self.bank, list(self.variants))
        printed = evaluate(bank.graph, givens, bank.rounding, shown_digits(bank))
        forms = after_key(bank.graph, givens, printed, bank.rounding, set(bank.asked))
        found = {}
        for name, form in forms.items():
            found[name] = accepted(bank.rounding, form)
        return found

    @cached_property
    def wide(self) -> Mapping[str, Interval]:
        """From where to where after any honest chain of rounding: for marking by hand, and in an
        online quiz."""
        graph, rounding = self.bank.graph, self.bank.rounding
        forms = propagate(graph, arrays_of(self.bank, list(self.variants)), rounding)
        found = {}
        for q in graph.computed:
            form = forms[q.name]
            found[q.name] = around(form, rounding_error(rounding, form))
        return found

    @cached_property
    def ends(self) -> Ends:
        """The ends of what is accepted."""
        return rounded_ends(self.accepted, self.exact, self.bank.rounding)

    @cached_property
    def wide_ends(self) -> Ends:
        """The ends of what any honest chain of rounding gives."""
        return rounded_ends(self.wide, self.exact, self.bank.rounding)

    @cached_property
    def one_by_one(self) -> tuple[Solution, ...]:
        """The solution of each variant."""
        rows = range(len(self.variants))
        return tuple(Solution(self, row) for row in rows)

    @cached_property
    def places(self) -> Mapping[str, tuple[str, str]]:
        """Section and topic of each line by its name, in the order in which lines are read; the
        same for all variants."""
        return reading_places(self.bank)


@dataclass(frozen=True)
class Solution:
    """One of the solved variants. `exact` and `chain` have shapes (1, *shape)."""

    solved: Solved
    row: int

    def __repr__(self) -> str:
        return f"<Solution of {self.bank.written.id} for {shortened(self.variant.student)}>"

    @property
    def bank(self) -> Bank:
        """The bank of the exercise."""
        return self.solved.bank

    @property
    def variant(self) -> Variant:
        """The numbers of this student."""
        return self.solved.variants[self.row]

    @cached_property
    def exact(self) -> Values:
        """The values without rounding, by quantity."""
        return self._own(self.solved.exact)

    @cached_property
    def chain(self) -> Values:
        """The values as students who keep the rounding rule get them, by quantity."""
        return self._own(self.solved.chain)

    def _own(self, every: Values) -> Values:
        # A slice: the axis of variants stays, which all that works on values expects.
        row = slice(self.row, self.row + 1)
        return {name: values[row] for name, values in every.items()}

    def accepted(self, box: Box) -> tuple[str, str] | None:
        """The least and the greatest number that is accepted in a box after the key's numbers; None
        where there is no end."""
        return self._ends(self.solved.ends, box)

    def wide(self, box: Box) -> tuple[str, str] | None:
        """The same after any honest chain of rounding, for marking without a look at the other
        boxes."""
        return self._ends(self.solved.wide_ends, box)

    def _ends(self, ends: Ends, box: Box) -> tuple[str, str] | None:
        every = map(box.of, ends[box.quantity])
        low, high, place = (float(numbers[self.row]) for numbers in every)
        if not (math.isfinite(low) and math.isfinite(high)):
            return None
        digits = int(place)
        return fixed(low, digits), fixed(high, digits)

    @cached_property
    def printed(self) -> Mapping[str, Printed]:
        """Each quantity as it is printed inside of lines: givens exactly, values to the digits that
        are carried on."""
        digits = shown_digits(self.bank)
        return {q.name: self._texts(q, digits) for q in self.bank.displayed}

    @cached_property
    def rounded(self) -> Mapping[str, Printed]:
        """Each quantity as a student is to write it."""
        # Where each step is rounded, what is carried on is what is written down.
        if not shown_digits(self.bank):
            return self.printed
        return {q.name: self._texts(q, 0) for q in self.bank.displayed}

    @cached_property
    def matrices(self) -> frozenset[str]:
        """The given matrices: printed once, and then by letter."""
        found = set()
        for q in self.bank.displayed.givens:
            if is_matrix(q.shape):
                found.add(q.name)
        return frozenset(found)

    def _texts(self, q: Quantity, extra: int) -> Printed:
        if q.formula is None:
            return given_text(self.bank, self.variant, q)
        given = self._copied(q)
        if given is not None:
            return given
        rounding, values = self.bank.rounding, self.chain[q.name].reshape(-1)
        texts = [rounding.format(float(v), extra) for v in values]
        return nested(texts, q.shape)  # type: ignore[no-any-return]

    def _copied(self, q: Quantity) -> Printed | None:
        """The text of a given that the quantity merely repeats, and of a constant."""
        if isinstance(q.formula, Ref):
            repeated = self.bank.displayed[q.formula.name]
            if repeated.formula is None:
                return self._texts(repeated, 0)
        # A constant is exact, as a given is: rounding it would show a number that is not there.
        if q.constant:
            values = self.chain[q.name].reshape(-1)
            texts = [plain(Fraction(v)) for v in values.tolist()]
            return nested(texts, q.shape)  # type: ignore[no-any-return]
        return None

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """One worked line for each quantity that is computed."""
        asked = set(self.bank.asked)
        lines = []
        for q in self.bank.displayed.computed:
            section, topic = self.solved.places[q.name]
            lines.append(Line(q, self, section, topic, q.name in asked))
        return tuple(lines)

    @property
    def shown_lines(self) -> Iterator[Line]:
        """The lines that say something: not that a gradient is itself, where one step contributes
        to it."""
        alone = self.bank.notation.alone
        for line in self.lines:
            symbol, is_sum = line.quantity.symbol, line.quantity.role == Role.SUM
            if is_sum and isinstance(symbol, Derivative) and str(symbol.by) in alone:
                continue
            yield line

    def as_dict(self) -> dict[str, Any]:
        """For JSON: givens and every named quantity with formula, numbers, exact and rounded
        value."""
        written = self.bank.written
        return {
            "bank": written.id,
            "version": written.version,
            "student": self.variant.student,
            "token": self.variant.token,
            "rounding": self.bank.rounding.words(),
            "givens": dict(self._printed_givens()),
            "quantities": [self._entry(line) for line in self.lines],
        }

    def _printed_givens(self) -> Iterator[tuple[str, Printed]]:
        for q in self.bank.graph.givens:
            # Which line is wrong is what a student is to find, and no number of the sheet.
            if q.name != WHICH:
                yield self.bank.notation.text(q.name), self.printed[q.name]

    def _entry(self, line: Line) -> dict[str, Any]:
        # Symbol and formula, then the formula with its numbers, unless that is the same.
        _, formula, *rest = line.parts(TEXT)
        numbers = [*rest, formula][0]
        return {
            "name": self.bank.notation.text(line.name),
            "role": line.quantity.role,
            "shape": list(line.quantity.shape),
            "asked": line.asked,
            "formula": formula,
            "numbers": numbers,
            "exact": line.exact,
            "printed": line.printed,
            "rounded": line.shown,
        }

    def topics(self) -> Iterator[tuple[str, str, list[Line]]]:
        """Lines grouped by section and topic, in order."""
        by_name = {line.name: line for line in self.shown_lines}
        names = filter(by_name.__contains__, self.solved.places)
        ordered = map(by_name.__getitem__, names)
        for (section, topic), lines in groupby(ordered, _place_of):
            yield section, topic, list(lines)

    def text(self) -> str:
        """The worked solution for a terminal."""
        # A section has several topics, and its heading stands above the first.
        out, last = [], ""
        for section, topic, lines in self.topics():
            if section != last:
                out += ["", section, "-" * len(section)]
                last = section
            if topic:
                out.append(f"  {topic}:")
            out += [f"    {line.text()}" for line in lines]
        return "\n".join(out).strip("\n")

    def _repr_latex_(self) -> str:
        # Only the first sign of equality is aligned: each line is one row.
        lines = [line.latex() for line in self.shown_lines]
        aligned = [line.replace(" = ", " &= ", 1) for line in lines]
        rows = r" \\ ".join(aligned)
        return rf"$\begin{{aligned}}{rows}\end{{aligned}}$"

    def _repr_html_(self) -> str:
        return worked_html(self.bank, self.printed, self.topics())


def _place_of(line: Line) -> tuple[str, str]:
    return line.section, line.topic


def solve_all(bank: Bank, variants: Sequence[Variant]) -> Solved:
    """Solve variants exactly, and as students who keep the rounding rule do."""
    # Where the arithmetic fails, the numbers or the formulas of the bank are at fault.
    with blamed_on(bank):
        givens = arrays_of(bank, list(variants))
        exact = evaluate(bank.displayed, givens)
        chain = evaluate(bank.displayed, givens, bank.rounding, shown_digits(bank))
        return Solved(bank, tuple(variants), exact, chain)


def solve(bank: Bank, variant: Variant) -> Solution:
    """Solve one variant."""
    return solve_all(bank, [variant]).one_by_one[0]


def given_text(bank: Bank, variant: Variant, q: Quantity) -> Printed:
    """A given as it is printed: drawn numbers exactly, shown ones to the digits of the rounding
    rule."""
    values = variant.givens[q.name]
    if q.name in bank.task.shown:
        digits = shown_digits(bank)
        texts = [bank.rounding.format(float(v), digits) for v in values]
    else:
        texts = [plain(v) for v in values]
    return nested(texts, q.shape)  # type: ignore[no-any-return]
