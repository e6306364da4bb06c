"""The numbers put in to a formula, against those stated before for what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rnnquiz.algebra.expression import Expression, Ref, replace
from rnnquiz.algebra.operations import value_of
from rnnquiz.decimals import fixed
from rnnquiz.languages.sentences import Figure, said
from rnnquiz.models.misconceptions import Misconception
from rnnquiz.pages.checking.findings import SlipOfLine, shown_number, text_of
from rnnquiz.pages.mathematics.values import centre_and_spread, entries_of, entry_in, number_of
from rnnquiz.pages.mathematics.ways import NoValue
from rnnquiz.pages.mathematics.written import Node, Num, Op, is_value
from rnnquiz.pages.meaning.alignment import Pairs, align
from rnnquiz.pages.meaning.formulas import Formulas
from rnnquiz.pages.meaning.known import Known, holds

CARRIED_ON = said("carried on in fewer digits")
# With 0.25 a line with one number copied wrongly and an outer product the wrong way round is no
# longer told from another form (tests/test_pages_vectors.py); with 0.9 nothing changes there.
MOST_WRONG = 0.5  # of the numbers put in: with more the line is of another form
NO_CALLS = frozenset(["neg", "list", "add", "mul", "odot", "matmul", "outer", "transpose", "div"])
Numeric = Sequence[tuple[int, Node]]


class NumbersPutIn:
    """Checks the numbers of one page. `known` and `history`: what the lines before have stated, by
    quantity, and one after the other; `methods`: what right numbers put in give, by line and
    box."""

    def __init__(
        self, formulas: Formulas, known: Known, history: list[tuple[float, str, str]]
    ) -> None:
        self.bank, self.formulas, self.known, self.history = formulas.bank, formulas, known, history
        self.methods: dict[int, dict[str, float]] = {}

    def of(self, k: int, owner: str, numeric: Numeric) -> Iterator[SlipOfLine]:
        """Numbers against those stated before for what they stand for."""
        first = _first_to_compute(numeric)
        if first is None:
            yield from self.copied(k, owner, numeric)
            return
        n, tree = first
        found = self.matched(owner, tree)
        if found is not None:
            yield from self.numbers(k, n, owner, *found)
            if self.is_complete(found[1]):
                self.note_method(k, owner, tree)
        elif isinstance(tree, Op) and tree.op == "list":
            yield from self.each_entry(k, n, owner, entries_of(tree))

    def each_entry(self, k: int, n: int, owner: str, rows: Sequence[Node]) -> Iterator[SlipOfLine]:
        """The rows of a vector, each worked out by itself."""
        names = self.formulas.shown_entries(owner)
        if len(names) != len(rows):
            return
        complete = True
        for name, row in zip(names, rows, strict=True):
            found = self.matched(name, row)
            if found is None:
                complete = False
                continue
            complete &= self.is_complete(found[1])
            yield from self.numbers(k, n, name, *found)
        if complete:
            self.note_method(k, owner, Op("list", tuple(rows)))

    def note_method(self, k: int, owner: str, tree: Node) -> None:
        """What the numbers of a line give for each box, where that is clear."""
        names = self.formulas.shown_entries(owner) or [owner]
        values: dict[str, float] = {}
        try:
            for at, name in enumerate(names):
                entry = entry_in(tree, at, len(names))
                values[self.formulas.text(name)], _ = centre_and_spread(entry)
        except NoValue:
            return
        self.methods[k] = values

    def matched(self, owner: str, tree: Node) -> tuple[Expression, Pairs] | None:
        """The form of a quantity's formula that numbers were put in to, and these beside its parts;
        None where they are of no form of it."""
        best: tuple[Expression, Pairs] | None = None
        for template in self.formulas.templates(owner):
            pairs = align(template, tree, self.known.fits)
            # tanh(0.7) in the place of h_1 is of the form that has it written out.
            if not pairs or any(isinstance(t, Ref) and _is_call(node) for t, node in pairs):
                continue
            if best is None or self.closeness(pairs) < self.closeness(best[1]):
                best = template, pairs
        if best is None or self._misses(best[1]) > MOST_WRONG * len(best[1]):
            return None
        return best

    def closeness(self, pairs: Pairs) -> tuple[int, int]:
        """Fewer numbers that do not fit come first, then more that do."""
        return self._misses(pairs), -len(pairs)

    def is_complete(self, pairs: Pairs) -> bool:
        """True where all numbers put in are known to be right."""
        # One number alone shows no method.
        if len(pairs) < 2 or self._misses(pairs):
            return False
        values = (self.known.expected(tree) for tree, _ in pairs)
        return all(value is not None for value in values)

    def numbers(
        self, k: int, n: int, owner: str, form: Expression, pairs: Pairs
    ) -> Iterator[SlipOfLine]:
        """Slips in the numbers that were put in for the symbols of a formula."""
        for tree, node in pairs:
            if not self.known.fits(tree, node):
                yield from self.wrong_numbers(k, n, owner, form, tree, node)
            elif isinstance(tree, Ref):
                yield from self.fewer_digits(k, n, tree.name, node)

    def fewer_digits(self, k: int, n: int, name: str, node: Node) -> Iterator[SlipOfLine]:
        """Numbers that were stated with more digits than they are put in with."""
        for entry, leaf in self.with_names(name, node):
            if not isinstance(leaf, Num) or entry not in self.known.values:
                continue
            value, place = self.known.values[entry]
            # As many digits as the sheet asks for are enough.
            fewer = leaf.place > max(place, -self.bank.rounding.digits)
            if fewer and leaf.value != abs(value):
                stated = Figure(fixed(value, place))
                says = said(
                    "{typed} is put in for {name}, stated as {number}.",
                    typed=leaf.text,
                    name=self.formulas.text(entry),
                    number=stated,
                )
                yield SlipOfLine(k, n, "numbers", CARRIED_ON, says)

    def with_names(self, name: str, node: Node) -> list[tuple[str, Node]]:
        """The numbers of a list with the entries that they stand for; of one number, itself."""
        names = self.formulas.shown_entries(name) or [name]
        nodes = entries_of(node)
        if len(names) == len(nodes):
            return list(zip(names, nodes, strict=True))
        return []

    def _misses(self, pairs: Pairs) -> int:
        return sum(not self.known.fits(tree, node) for tree, node in pairs)

    def wrong_numbers(
        self, k: int, n: int, owner: str, form: Expression, tree: Expression, node: Node
    ) -> Iterator[SlipOfLine]:
        """The first number that is not what was stated for it."""
        if not isinstance(tree, Ref) or not is_value(node):
            return
        if self.known.expected(tree) is None:
            return
        for name, leaf in self.with_names(tree.name, node):
            number, expected = number_of(leaf), self.known.number(name)
            if number is not None and expected is not None and not holds(number, expected):
                whole = form if name == tree.name else None
                yield self.wrong_number(k, n, owner, whole, name, leaf)
                return

    def wrong_number(
        self, k: int, n: int, owner: str, form: Expression | None, name: str, leaf: Node
    ) -> SlipOfLine:
        """`form`: the formula in which a single number stands; None for an entry of a vector."""
        number, expected = number_of(leaf), self.known.number(name)
        assert number is not None
        assert expected is not None
        facts = {
            "typed": text_of(leaf),
            "name": self.formulas.text(name),
            "number": shown_number(expected),
        }
        other = self.with_number(number[0], name)
        if other is None:
            says = said("{typed} is put in for {name}, which is {number}.", **facts)
            return SlipOfLine(k, n, "numbers", said("wrong number put in"), says)
        rule = None
        if form is not None:
            rule = self.swapped_rule(owner, form, name, other)
        called = rule.name if rule else said("wrong quantity copied")
        says = said(
            "{typed} is put in for {name}, which is {number}; it is {other}.",
            **facts,
            other=self.formulas.text(other),
        )
        return SlipOfLine(k, n, "numbers", called, says, rule)

    def with_number(self, number: float, but: str) -> str | None:
        """Another quantity that is known to have a number: givens first."""
        # The very number: a value that is only near was written for something else.
        known = dict(self.known.givens)
        for name, (value, _) in self.known.values.items():
            known[name] = value
        for name, value in known.items():
            if name != but and value == number:
                return name
        return None

    def swapped_rule(
        self, owner: str, form: Expression, name: str, other: str
    ) -> Misconception | None:
        """The registered mistake that a formula is with one quantity in the place of another."""

        looked_for, put_in = Ref(name), Ref(other)

        def swap(part: Expression) -> Expression | None:
            return put_in if part == looked_for else None

        swapped = replace(form, swap)
        with np.errstate(all="ignore"):
            found = np.asarray(value_of(swapped, self.formulas.sample), dtype=float)
        return self.formulas.mistake_in(owner, [found])

    def copied(self, k: int, owner: str, numeric: Numeric) -> Iterator[SlipOfLine]:
        """A value that only repeats another quantity, with another number than was stated for
        it."""
        quantity = self.formulas.quantity(owner)
        formula = quantity.formula
        if not numeric or not isinstance(formula, Ref):
            return
        n, tree = numeric[-1]
        for at, (name, leaf) in enumerate(self.with_names(formula.name, tree)):
            number, expected = number_of(leaf), self.known.number(name)
            if number is None or expected is None or holds(number, expected):
                continue
            facts = {"name": self.formulas.text(name), "number": shown_number(expected)}
            called = said("wrong number put in")
            says = said("This is to be {name}, which is {number}.", **facts)
            if same := self.last_with(number[0], owner):
                called = said("wrong quantity copied")
                says = said(
                    "This is to be {name}, which is {number}; it is {other}.", **facts, other=same
                )
            entry = at if quantity.shape else None
            yield SlipOfLine(k, n, "numbers", called, says, entry=entry)

    def last_with(self, number: float, but: str) -> str:
        """What was stated last with a number, of quantities but one; empty for nothing."""
        for value, name, text in reversed(self.history):
            if value == number and self.formulas.whole(name) != but:
                return text
        return ""


def _first_to_compute(numeric: Numeric) -> tuple[int, Node] | None:
    """The first member of numbers that is not yet a value."""
    for n, tree in numeric:
        if not is_value(tree):
            return n, tree
    return None


def _is_call(node: Node) -> bool:
    """True for a function of numbers: it was written out in place of a quantity."""
    return isinstance(node, Op) and node.op not in NO_CALLS
