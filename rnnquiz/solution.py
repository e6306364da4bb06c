"""The worked solution of a variant: every named quantity as symbol = formula = formula with the
numbers in = value.

Each line can be checked with a pocket calculator: its right side, computed from the numbers printed
in it, gives the value printed. Where each step is rounded, the numbers printed are the rounded
ones; where only the end is rounded, they keep three digits more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from html import escape
from itertools import groupby
from typing import Any

import numpy as np

from rnnquiz.algebra.expression import Apply, Expression, Ref, refs
from rnnquiz.algebra.forms import LinePart, broken_numbers, broken_symbols, typeset_numbers
from rnnquiz.algebra.operations import value_of
from rnnquiz.algebra.products import entry_by_entry, one_hot_column, taken_out
from rnnquiz.algebra.symbols import Derivative
from rnnquiz.algebra.targets import AS_WIDE, MATHML, TARGETS, TEXT, Target, notated, with_mark
from rnnquiz.algebra.typeset import symbol, typeset_symbols, value_piece
from rnnquiz.bank.soundness import blamed_on
from rnnquiz.bank.specification import Bank, Box, trivial
from rnnquiz.bank.task import WHICH
from rnnquiz.bank.variant import Variant, arrays_of, shown_digits
from rnnquiz.decimals import fixed, plain
from rnnquiz.derivation.evaluate import Values, evaluate
from rnnquiz.derivation.graph import Quantity, gathered
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
from rnnquiz.text import shortened

Printed = str | list[Any]

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
    width = len(flat) // shape[0]
    return [nested(flat[i * width : (i + 1) * width], shape[1:]) for i in range(shape[0])]


def flat(printed: Printed) -> list[str]:
    """The texts of all entries, row by row."""
    return [printed] if isinstance(printed, str) else [t for part in printed for t in flat(part)]


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
    laid: dict[tuple[Target, int], list[LinePart]] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
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
        return nested(
            [float(v) for v in self.solution.exact[self.name][0].reshape(-1)], self.quantity.shape
        )

    @property
    def formula(self) -> Expression:
        """The formula; in a find task that of the line that is wrong."""
        formula = self.quantity.formula
        assert formula is not None
        if isinstance(formula, Apply) and formula.op == "select":
            return formula.args[int(self.solution.variant.givens[WHICH][0])]
        return formula

    def symbol(self, target: Target) -> str:
        return symbol(self.name, notated(target, self.solution.bank.notation))

    @cached_property
    def worked(self) -> tuple[Expression, Mapping[str, Printed]]:
        """The formula and the numbers of its names, as the line shows them: products with given
        matrices are worked, to so many digits that the value follows from them."""
        outside, products = taken_out(self.formula, self.solution.matrices)
        printed = self.solution.printed
        if not products:
            written_out, entries = entry_by_entry(outside, printed)
            return written_out, {**printed, **entries} if entries else printed
        known = {name: _floats(printed[name]) for name in refs(self.formula)}
        exact = {name: np.ravel(value_of(product, known)) for name, product in products}
        for extra in range(FEWEST_MORE, MOST_MORE):
            texts = {name: self._to_digits(values, extra) for name, values in exact.items()}
            result = value_of(outside, known | {name: _floats(t) for name, t in texts.items()})
            shown = [
                self.solution.bank.rounding.format(float(v), shown_digits(self.solution.bank))
                for v in np.ravel(result)
            ]
            if shown == flat(self.printed):
                break
        return outside, {**printed, **texts}

    def _to_digits(self, values: Any, extra: int) -> Printed:
        """Numbers to some digits more than are asked, without zeros that all of them end with."""
        texts = [self.solution.bank.rounding.format(float(v), extra) for v in values]
        while all("." in text and text[-1] == "0" for text in texts):
            texts = [text[:-1].rstrip(".") if text[-2] == "." else text[:-1] for text in texts]
        return texts

    @property
    def columns(self) -> tuple[tuple[int, str], ...]:
        """Products in the formula that are merely a column of a matrix, as the vector is one-hot:
        number of the column, and the matrix."""
        samplers, givens = self.solution.bank.samplers, self.solution.variant.givens
        found = []
        for _, product in taken_out(self.formula, self.solution.matrices)[1]:
            for name in refs(product):
                sampler, values = samplers.get(name), givens.get(name)
                matrix = one_hot_column(product, name)
                if matrix and sampler and values and sampler.word(values):
                    found.append((values.index(max(values)) + 1, matrix))
        return tuple(found)

    def parts(self, target: Target) -> list[str]:
        """Symbol, formula, formula with numbers, value, (rounded value), without repetitions."""
        formula, target = self.formula, notated(target, self.solution.bank.notation)
        value = value_piece(self.printed, target).text
        if formula == Ref(WHICH):
            return [symbol(self.name, target), value]
        parts = [symbol(self.name, target), typeset_symbols(formula, target)]
        if not trivial(self.quantity):
            outside, printed = self.worked
            parts.append(typeset_numbers(outside, target, printed))
        if parts[-1] != value:
            parts.append(value)
        return parts

    def pieces(self, target: Target, longest: int) -> list[tuple[str, str, bool]]:
        """The right-hand sides, a sum longer than so many characters of plain text in several.

        Each is the sign before it ("=", "~", or "" where a sum goes on), its text, and whether it
        is to be boxed.
        """
        parts = self._parts(target, longest)
        last = len(parts) - 1
        return [(p.sign, p.shown, self.asked and k == last) for k, p in enumerate(parts)]

    def _parts(self, target: Target, longest: int) -> list[LinePart]:
        """The right-hand sides, worked out once."""
        if (target, longest) not in self.laid:
            noted = notated(target, self.solution.bank.notation)
            self.laid[target, longest] = self._laid_out(noted, longest)
        return self.laid[target, longest]

    def _laid_out(self, target: Target, longest: int) -> list[LinePart]:
        text = notated(AS_WIDE, self.solution.bank.notation)
        value = value_piece(self.printed, target).text
        if self.formula == Ref(WHICH):
            return [LinePart(len(value), "=", value)]
        parts = list(broken_symbols(self.formula, text, target, longest))
        if not trivial(self.quantity):
            outside, printed = self.worked
            parts += broken_numbers(outside, text, target, printed, longest)
        if value != parts[-1].shown:
            parts.append(LinePart(len(value_piece(self.printed, text).text), "=", value))
        if self.shown != self.printed:
            rounded = value_piece(self.shown, target).text
            parts.append(LinePart(len(value_piece(self.shown, text).text), "~", rounded))
        return parts

    def lengths(self, target: Target, longest: int) -> list[int]:
        """How many characters of plain text the pieces of its right-hand sides take."""
        return [part.length for part in self._parts(target, longest)]

    def show(self, name: str, decimal: str = ".") -> str:
        """The whole line as latex, typst, mathml or text."""
        target = notated(with_mark(TARGETS[name], decimal), self.solution.bank.notation)
        equals, about, frame = _SIGNS[name]
        line = equals.join(self.parts(target))
        if self.shown != self.printed:
            line += about + value_piece(self.shown, target).text
        return frame.format(line)

    def text(self, decimal: str = ".") -> str:
        return self.show("text", decimal)

    def latex(self) -> str:
        return self.show("latex")


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
        return {name: accepted(bank.rounding, form) for name, form in forms.items()}

    @cached_property
    def wide(self) -> Mapping[str, Interval]:
        """From where to where after any honest chain of rounding: for marking by hand, and in an
        online quiz."""
        forms = propagate(
            self.bank.graph, arrays_of(self.bank, list(self.variants)), self.bank.rounding
        )
        return {
            q.name: around(forms[q.name], rounding_error(self.bank.rounding, forms[q.name]))
            for q in self.bank.graph.computed
        }

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
        return tuple(Solution(self, row) for row in range(len(self.variants)))

    @cached_property
    def places(self) -> list[tuple[str, str]]:
        """Section and topic of each line, the same for all variants."""
        return self.one_by_one[0]._places()

    @cached_property
    def order(self) -> list[int]:
        """Which line is read when, the same for all variants."""
        numbers = {line.name: k for k, line in enumerate(self.one_by_one[0].lines)}
        return [numbers[line.name] for line in self.one_by_one[0]._to_read()]


@dataclass(frozen=True)
class Solution:
    """One of the solved variants. `exact` and `chain` have shapes (1, *shape)."""

    solved: Solved
    row: int

    def __repr__(self) -> str:
        return f"<Solution of {self.bank.written.id} for {shortened(self.variant.student)}>"

    @property
    def bank(self) -> Bank:
        return self.solved.bank

    @property
    def variant(self) -> Variant:
        return self.solved.variants[self.row]

    @cached_property
    def exact(self) -> Values:
        return {name: values[self.row : self.row + 1] for name, values in self.solved.exact.items()}

    @cached_property
    def chain(self) -> Values:
        return {name: values[self.row : self.row + 1] for name, values in self.solved.chain.items()}

    def accepted(self, box: Box) -> tuple[str, str] | None:
        """The least and the greatest number that is accepted in a box after the key's numbers; None
        where there is no end."""
        return self._ends(self.solved.ends, box)

    def wide(self, box: Box) -> tuple[str, str] | None:
        """The same after any honest chain of rounding, for marking without a look at the other
        boxes."""
        return self._ends(self.solved.wide_ends, box)

    def _ends(self, ends: Ends, box: Box) -> tuple[str, str] | None:
        low, high, place = (part[self.row].reshape(-1)[box.entry] for part in ends[box.quantity])
        if not (np.isfinite(low) and np.isfinite(high)):
            return None
        return fixed(float(low), int(place)), fixed(float(high), int(place))

    @cached_property
    def printed(self) -> Mapping[str, Printed]:
        """Each quantity as it is printed inside of lines: givens exactly, values to the digits that
        are carried on."""
        return {q.name: self._texts(q, shown_digits(self.bank)) for q in self.bank.displayed}

    @cached_property
    def rounded(self) -> Mapping[str, Printed]:
        """Each quantity as a student is to write it."""
        if not shown_digits(self.bank):
            return self.printed
        return {q.name: self._texts(q, 0) for q in self.bank.displayed}

    @cached_property
    def matrices(self) -> frozenset[str]:
        """The given matrices: printed once, and then by letter."""
        return frozenset(q.name for q in self.bank.displayed.givens if len(q.shape) == 2)

    def _texts(self, q: Quantity, extra: int) -> Printed:
        if q.formula is None:
            return given_text(self.bank, self.variant, q)
        given = self._copied(q)
        if given is not None:
            return given
        texts = [
            self.bank.rounding.format(float(v), extra) for v in self.chain[q.name][0].reshape(-1)
        ]
        return nested(texts, q.shape)  # type: ignore[no-any-return]

    def _copied(self, q: Quantity) -> Printed | None:
        """The text of a given that the quantity merely repeats, and of a constant."""
        if isinstance(q.formula, Ref) and self.bank.displayed[q.formula.name].formula is None:
            return self._texts(self.bank.displayed[q.formula.name], 0)
        if q.constant:
            return nested(  # type: ignore[no-any-return]
                [plain(Fraction(v)) for v in self.chain[q.name][0].reshape(-1).tolist()], q.shape
            )
        return None

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        asked = set(self.bank.asked)
        pairs = zip(self.bank.displayed.computed, self.solved.places, strict=True)
        return tuple(
            Line(q, self, section, topic, q.name in asked) for q, (section, topic) in pairs
        )

    def _places(self) -> list[tuple[str, str]]:
        """Section and topic of each computed quantity: by step forwards; backwards by the gradient
        that it is needed for."""
        places: list[tuple[str, str]] = []
        following: tuple[str, str] = ("Backward pass", "")
        for q in reversed(self.bank.displayed.computed):
            if q.role == "gradient" and self.bank.written.style == "total":
                assert isinstance(q.symbol, Derivative)
                following = (
                    f"Backward pass, loss at {self._step(q)}",
                    self.bank.notation.letter(q.symbol.by.base),
                )
            section, topic = self._place(q, following)
            number = q.symbol.number if len(self.bank.full.passes) > 1 else None
            places.append(
                (section if number is None else f"Pass {number}: {section.lower()}", topic)
            )
        return places[::-1]

    def _place(self, q: Quantity, following: tuple[str, str]) -> tuple[str, str]:
        if q.role in ("forward", "loss"):
            only = all(other.role != "loss" for other in self.bank.full)
            return "Forward pass" if only else "Forward pass and loss", (
                self._step(q) if q.time is not None else "Loss"
            )
        if q.role in ("update", "finding"):
            return {"update": "Update", "finding": "The mistake"}[q.role], ""
        if self.bank.written.style == "delta":
            if q.role in ("gradient", "sum") and isinstance(q.symbol, Derivative):
                return "Gradients, summed over time", self.bank.notation.letter(q.symbol.by.base)
            return "Backward pass", self._step(q)
        return ("Sums over time", "") if q.role == "sum" else following

    def _step(self, q: Quantity) -> str:
        return "" if q.time is None else f"t = {q.time + self.bank.notation.first - 1}"

    def as_dict(self) -> dict[str, Any]:
        """For JSON: givens and every named quantity with formula, numbers, exact and rounded
        value."""
        return {
            "bank": self.bank.written.id,
            "version": self.bank.written.version,
            "student": self.variant.student,
            "token": self.variant.token,
            "rounding": self.bank.rounding.words(),
            "givens": {
                self.bank.notation.text(q.name): self.printed[q.name]
                for q in self.bank.graph.givens
                if q.name != WHICH
            },
            "quantities": [self._entry(line) for line in self.lines],
        }

    def _entry(self, line: Line) -> dict[str, Any]:
        parts = line.parts(TEXT)
        return {
            "name": self.bank.notation.text(line.name),
            "role": line.quantity.role,
            "shape": list(line.quantity.shape),
            "asked": line.asked,
            "formula": parts[1],
            "numbers": parts[2] if len(parts) > 2 else parts[1],
            "exact": line.exact,
            "printed": line.printed,
            "rounded": line.shown,
        }

    def topics(self) -> Iterator[tuple[str, str, list[Line]]]:
        """Lines grouped by section and topic, in order."""
        ordered = [self.lines[k] for k in self.solved.order]
        for (section, topic), lines in groupby(ordered, lambda line: (line.section, line.topic)):
            yield section, topic, list(lines)

    def _to_read(self) -> list[Line]:
        """In an order of computation each section once, and in it each topic, or each letter."""
        by_section = gathered(self.lines, lambda line: line.section)
        orders = (
            gathered(by_section, lambda line: (line.section, line.topic)),
            gathered(by_section, lambda line: (line.section, line.name.partition("[")[0])),
        )
        possible = (o for o in orders if self.bank.displayed.computable([q.quantity for q in o]))
        return next(possible, list(self.lines))

    def text(self) -> str:
        """The worked solution for a terminal."""
        out, last = [], ""
        for section, topic, lines in self.topics():
            if section != last:
                out += ["", section, "-" * len(section)]
                last = section
            out += [f"  {topic}:"] if topic else []
            out += [f"    {line.text()}" for line in lines]
        return "\n".join(out).strip("\n")

    def _repr_latex_(self) -> str:
        rows = r" \\ ".join(line.latex().replace(" = ", " &= ", 1) for line in self.lines)
        return rf"$\begin{{aligned}}{rows}\end{{aligned}}$"

    def _repr_html_(self) -> str:
        out = [f"<p>Given: {', '.join(self._givens())}</p>"]
        for section, topic, lines in self.topics():
            titles = (self._title(title) for title in (section, topic) if title)
            out.append(f"<h4>{': '.join(titles)}</h4>")
            out += [f"<p>{line.show('mathml')}</p>" for line in lines]
        return "\n".join(out)

    def _givens(self) -> Iterator[str]:
        """Symbol = value of each given, as MathML."""
        target = notated(MATHML, self.bank.notation)
        for q in self.bank.graph.givens:
            if q.name != WHICH:
                value = value_piece(self.printed[q.name], target).text
                yield f"<math><mrow>{symbol(q.name, target)}<mo>=</mo>{value}</mrow></math>"

    def _title(self, title: str) -> str:
        """A title with what is mathematics in it as such: a parameter, a time."""
        target = notated(MATHML, self.bank.notation)
        letters = {self.bank.notation.letter(name): name for name in self.bank.full.parameters}
        if title in letters:
            return f"for <math>{symbol(letters[title], target)}</math>"
        time = r"<math><mi>t</mi><mo>=</mo><mn>\1</mn></math>"
        return re.sub(r"\bt = (\d+)", time, escape(title))


def solve_all(bank: Bank, variants: Sequence[Variant]) -> Solved:
    """Solve variants exactly, and as students who keep the rounding rule do."""
    with blamed_on(bank):
        givens = arrays_of(bank, list(variants))
        chain = evaluate(bank.displayed, givens, bank.rounding, shown_digits(bank))
        return Solved(bank, tuple(variants), evaluate(bank.displayed, givens), chain)


def solve(bank: Bank, variant: Variant) -> Solution:
    """Solve one variant."""
    return solve_all(bank, [variant]).one_by_one[0]


def given_text(bank: Bank, variant: Variant, q: Quantity) -> Printed:
    """A given as it is printed: drawn numbers exactly, shown ones to the digits of the rounding
    rule."""
    shown, digits = q.name in bank.task.shown, shown_digits(bank)
    texts = [
        bank.rounding.format(float(v), digits) if shown else plain(v)
        for v in variant.givens[q.name]
    ]
    return nested(texts, q.shape)  # type: ignore[no-any-return]
