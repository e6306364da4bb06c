"""A line of a worked solution: symbol = formula = formula with the numbers in = value.

Each line can be checked with a pocket calculator: its right side, computed from the numbers printed
in it, gives the value printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnquiz.algebra.breaks import pieces
from rnnquiz.algebra.expression import Apply, Expression, Ref, applies, refs, substituted
from rnnquiz.algebra.forms import LinePart, broken_numbers, broken_symbols, typeset_numbers
from rnnquiz.algebra.ones import has_ones, with_ones
from rnnquiz.algebra.operations import value_of
from rnnquiz.algebra.products import entry_by_entry, one_hot_column, taken_out
from rnnquiz.algebra.rows import EntryTexts, fit_in_a_row, rows_of_product, written_entries
from rnnquiz.algebra.shown_numbers import value_piece
from rnnquiz.algebra.shown_symbols import symbol
from rnnquiz.algebra.targets import AS_WIDE, FORMULA_TARGETS, MATHML, Target, notated, with_mark
from rnnquiz.algebra.typeset import typeset_symbols
from rnnquiz.algebra.writing import BY_ROWS
from rnnquiz.bank.specification import trivial
from rnnquiz.bank.task import WHICH
from rnnquiz.bank.variant import shown_digits
from rnnquiz.derivation.graph import Quantity

if TYPE_CHECKING:
    from rnnquiz.solution.solved import Solution

Printed = str | list[Any]
"""The text of a number, or of the numbers of an array, nested as the array is."""

LaidOut = dict[tuple[Target, int], list[LinePart]]

Stage = tuple[Expression, Mapping[str, Printed]]
"""A formula and the numbers of the names in it."""

FEWEST_MORE, MOST_MORE = 2, 9  # digits of a worked product beyond those asked

_SIGNS = {
    "latex": (" = ", r" \approx ", "{}"),
    "typst": (" = ", " approx ", "{}"),
    "mathml": ("<mo>=</mo>", "<mo>≈</mo>", "<math><mrow>{}</mrow></math>"),
    "text": (" = ", " ~ ", "{}"),
}


def nested(flat: list[Any], shape: tuple[int, ...]) -> Any:
    """A flat list as nested lists of the shape; the single item where the shape is ()."""
    if not shape:
        return flat[0]
    rows, rest = shape[0], shape[1:]
    width = len(flat) // rows
    starts = range(0, rows * width, width)
    parts = (flat[start : start + width] for start in starts)
    return [nested(part, rest) for part in parts]


def flat(printed: Printed) -> list[str]:
    """The texts of all entries, row by row."""
    if isinstance(printed, str):
        return [printed]
    texts = []
    for part in printed:
        texts += flat(part)
    return texts


def _in_formulas(parts: Iterable[str]) -> str:
    """Parts of MathML, each as a formula of its own."""
    return "".join(f"<math><mrow>{part}</mrow></math>" for part in parts)


def _floats(printed: Printed) -> Any:
    """Printed numbers as an array with a batch axis."""
    return np.array(printed, dtype=float)[None]


@dataclass(frozen=True)
class Line:
    """One worked line. `section` and `topic` say where it stands in the key; `asked`: a student has
    a box for it."""

    quantity: Quantity
    solution: Solution
    section: str
    topic: str
    asked: bool
    # Not compared: what has been typeset of it makes a line no other one.
    laid: LaidOut = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """The name of the quantity."""
        return self.quantity.name

    @property
    def shown(self) -> Printed:
        """The value as a student is to write it."""
        return self.solution.rounded[self.name]

    @property
    def printed(self) -> Printed:
        """The value as it enters the lines after this one."""
        return self.solution.printed[self.name]

    @property
    def exact(self) -> Any:
        """The value before it is rounded, nested as its shape is."""
        value = self.solution.exact[self.name].reshape(-1)
        return nested(value.astype(float).tolist(), self.quantity.shape)

    @property
    def formula(self) -> Expression:
        """The formula; in a find task that of the line that is wrong."""
        formula = self.quantity.formula
        assert formula is not None
        if isinstance(formula, Apply) and formula.op == "select":
            which = self.solution.variant.givens[WHICH][0]
            return formula.args[int(which)]
        return formula

    def symbol(self, target: Target) -> str:
        """The symbol of the quantity, in the notation of the bank."""
        return symbol(self.name, self._noted(target))

    def _noted(self, target: Target) -> Target:
        return notated(target, self.solution.bank.notation)

    @cached_property
    def formula_shown(self) -> Expression:
        """The formula as it is printed: what is added to a vector is a vector."""
        bank = self.solution.bank
        return with_ones(self.formula, bank.displayed.shapes, bank.notation)

    @cached_property
    def worked(self) -> tuple[Stage, ...]:
        """The formula with numbers, in one stage or in two: products with given matrices are
        written out row by row, then worked, to so many digits that the value follows from them."""
        outside, products = taken_out(self.formula_shown, self.solution.matrices)
        printed = self.solution.printed
        if not products:
            return (self._written_out(outside),)
        # From the printed numbers, as who checks the line with a calculator has no others.
        known = {name: _floats(printed[name]) for name in refs(self.formula)}
        exact = {}
        for name, product in products:
            exact[name] = np.ravel(value_of(product, known))
        worked = {**printed, **self._fewest_digits(outside, known, exact)}
        numbers: EntryTexts = {}
        rows = {name: rows_of_product(product, printed, numbers) for name, product in products}
        written = {name: tree for name, tree in rows.items() if applies(tree, BY_ROWS)}
        if not written:
            return ((outside, worked),)
        by_rows = substituted(outside, written), {**worked, **numbers}
        # The value follows where nothing else is computed.
        return (by_rows,) if isinstance(outside, Ref) else (by_rows, (outside, worked))

    def _written_out(self, tree: Expression) -> Stage:
        """Sums over entries written out; a sum of vectors and numbers row by row, as it is
        computed."""
        printed = self.solution.printed
        numbers: EntryTexts = {}
        if len(self.quantity.shape) == 1 and has_ones(tree):
            entries = written_entries(self.formula, printed, numbers)
            if fit_in_a_row(entries, numbers):
                return Apply(BY_ROWS, entries), {**printed, **numbers}
        written_out, entries_by_name = entry_by_entry(tree, printed)
        return written_out, {**printed, **entries_by_name}

    def _fewest_digits(
        self, outside: Expression, known: Mapping[str, Any], exact: Mapping[str, Any]
    ) -> Mapping[str, Printed]:
        """The products with the fewest digits from which the printed value of the line follows."""
        bank, value = self.solution.bank, flat(self.printed)
        digits = shown_digits(bank)
        for extra in range(FEWEST_MORE, MOST_MORE):
            texts = {name: self._to_digits(values, extra) for name, values in exact.items()}
            shortened = {name: _floats(text) for name, text in texts.items()}
            result = value_of(outside, {**known, **shortened})
            entries = np.ravel(result)
            shown = [bank.rounding.format(float(v), digits) for v in entries]
            if shown == value:
                break
        # A value on the edge between two roundings may follow from none: the most digits are shown.
        return texts

    def _to_digits(self, values: Any, extra: int) -> Printed:
        """Numbers to some digits more than are asked, without zeros that all of them end with."""
        rounding = self.solution.bank.rounding
        texts = [rounding.format(float(v), extra) for v in values]
        while all("." in text and text[-1] == "0" for text in texts):
            # The point goes with the last of the decimals.
            texts = [text[:-1].removesuffix(".") for text in texts]
        return texts

    @property
    def columns(self) -> tuple[tuple[int, str], ...]:
        """Products in the formula that are merely a column of a matrix, as the vector is one-hot:
        number of the column, and the matrix."""
        samplers, givens = self.solution.bank.samplers, self.solution.variant.givens
        found = []
        _, products = taken_out(self.formula, self.solution.matrices)
        for _, product in products:
            for name in refs(product):
                # A word is drawn as one-hot vectors, one for each letter.
                sampler, values = samplers.get(name), givens.get(name)
                matrix = one_hot_column(product, name)
                if matrix and sampler and values and sampler.word(values):
                    place = values.index(max(values))  # of its only 1
                    found.append((place + 1, matrix))
        return tuple(found)

    def parts(self, target: Target) -> list[str]:
        """Symbol, formula, formula with numbers, value, (rounded value), without repetitions."""
        formula, target = self.formula, self._noted(target)
        value = value_piece(self.printed, target).text
        own = symbol(self.name, target)
        # Which line is wrong is not computed from anything.
        if formula == Ref(WHICH):
            return [own, value]
        parts = [own, typeset_symbols(self.formula_shown, target)]
        if not trivial(self.quantity):
            parts += [typeset_numbers(tree, target, numbers) for tree, numbers in self.worked]
        # A quantity that repeats a number has it as its formula already.
        if parts[-1] != value:
            parts.append(value)
        return parts

    def pieces(self, target: Target, longest: int) -> list[tuple[str, str, bool]]:
        """The right-hand sides, a sum longer than so many characters of plain text in several.

        Each is the sign before it ("=", "~", or "" where a sum goes on), its text, and whether it
        is to be boxed.
        """
        found = [(part.sign, part.shown, False) for part in self._parts(target, longest)]
        sign, shown, _ = found[-1]
        found[-1] = (sign, shown, self.asked)
        return found

    def _parts(self, target: Target, longest: int) -> list[LinePart]:
        """The right-hand sides, worked out once."""
        place = target, longest
        # A key asks for the pieces of a line and for their lengths; typesetting takes the time.
        if place not in self.laid:
            self.laid[place] = self._laid_out(self._noted(target), longest)
        return self.laid[place]

    def _laid_out(self, target: Target, longest: int) -> list[LinePart]:
        # Lengths are those of plain text: what a reader sees, whatever it takes to typeset it.
        text = self._noted(AS_WIDE)
        value = value_piece(self.printed, target).text
        if self.formula == Ref(WHICH):
            return [LinePart(len(value), "=", value)]
        parts = list(broken_symbols(self.formula_shown, text, target, longest))
        if not trivial(self.quantity):
            for tree, numbers in self.worked:
                parts += broken_numbers(tree, text, target, numbers, longest)
        if value != parts[-1].shown:
            plain = value_piece(self.printed, text).text
            parts.append(LinePart(len(plain), "=", value))
        # Where only the end is rounded, the digits that are carried on stand before those to write.
        if self.shown != self.printed:
            rounded = value_piece(self.shown, target).text
            plain = value_piece(self.shown, text).text
            parts.append(LinePart(len(plain), "~", rounded))
        return parts

    def lengths(self, target: Target, longest: int) -> list[int]:
        """How many characters of plain text the pieces of its right-hand sides take."""
        return [part.length for part in self._parts(target, longest)]

    def show(self, name: str, decimal: str = ".") -> str:
        """The whole line as latex, typst, mathml or text."""
        target = self._noted(with_mark(FORMULA_TARGETS[name], decimal))
        equals, about, frame = _SIGNS[name]
        line = equals.join(self.parts(target))
        if self.shown != self.printed:
            rounded = value_piece(self.shown, target).text
            line = f"{line}{about}{rounded}"
        return frame.format(line)

    def html(self) -> tuple[str, str, str]:
        """The line up to its last sign as formulas, between which a browser may end a line, then
        that sign, and its result."""
        equals, about, _ = _SIGNS["mathml"]
        own, *sides = self.parts(MATHML)
        last = equals
        if self.shown != self.printed:
            sides.append(value_piece(self.shown, self._noted(MATHML)).text)
            last = about
        *between, result = sides
        shown = [_in_formulas([own])]
        for side in between:
            first, *rest = pieces(side)
            shown.append(_in_formulas([equals + first, *rest]))
        return " ".join(shown), _in_formulas([last]), _in_formulas([result])

    def text(self, decimal: str = ".") -> str:
        """The line as text."""
        return self.show("text", decimal)

    def latex(self) -> str:
        """The line as LaTeX, without dollars."""
        return self.show("latex")
