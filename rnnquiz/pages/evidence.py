"""What speaks for a quantity: the formula of a line, a registered mistake in it, the numbers put
in, and its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from rnnquiz.algebra.expression import Apply, Expression, Number, Ref, refs
from rnnquiz.algebra.operations import evaluate as value_of
from rnnquiz.algebra.symbols import Derivative
from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array
from rnnquiz.pages.context import Context
from rnnquiz.pages.formulas import Formulas, align, number_of, sampled
from rnnquiz.pages.names import Names
from rnnquiz.pages.parts import Chain
from rnnquiz.pages.spellings import spellings
from rnnquiz.pages.values import NoValue
from rnnquiz.pages.written import Der, DerOf, Name, Node, Op, is_numeric, is_value

CLOSE = 1e-9
FORMULA, MISTAKE, NUMBERS, MOST_NUMBERS, FORM = 8.0, 6.0, 4.0, 2.0, 1.0
Written = tuple[float, int]  # a number and the place of its last digit


@dataclass
class Evidence:
    """What is known while a page is read: the givens, and the numbers stated so far for each
    quantity."""

    bank: Bank
    names: Names
    formulas: Formulas
    givens: Mapping[str, float]
    values: dict[str, Written] = field(default_factory=dict)
    delta_of: str = ""  # the letter by which the page's own deltas are gradients, where it says so

    def shown_time(self, name: str) -> int | None:
        time = self.bank.graph[name].time
        return None if time is None else time + self.names.notation.first - 1

    def score(self, name: str, chain: Chain) -> float:
        """How well the right side of a line fits a quantity: formula, registered mistake, numbers
        put in, form."""
        best = 0.0
        context = self.at(chain.context, name)
        for member in chain.readable:
            tree = member.tree
            if tree is None or is_value(tree):
                continue
            fits = (
                self.number_score(name, tree)
                if is_numeric(tree)
                else self.formula_score(name, tree, context)
            )
            best = max(best, fits + self.form_score(name, tree))
        return best

    def at(self, context: Context, name: str) -> Context:
        return replace(context, step=self.shown_time(name) or context.step)

    def formula_score(self, name: str, tree: Node, context: Context) -> float:
        found = self.sample_of(tree, context, name)
        if found is None:
            return 0.0
        if self.formulas.equal(found, name):
            return FORMULA
        return (
            MISTAKE
            if any(self.formulas.same(found, other) for _, other in self.formulas.mistaken(name))
            else 0.0
        )

    def number_score(self, name: str, tree: Node) -> float:
        best = 0.0
        for form in self.formulas.templates(name):
            if all(self.formulas.scalar(p) for p in refs(form)):
                pairs = align(form, tree, self.fits)
                if pairs:
                    share = sum(self.fits(*pair) for pair in pairs) / len(pairs)
                    best = max(
                        best,
                        NUMBERS if share == 1 else MOST_NUMBERS * share if share > 0.5 else 0.0,
                    )
        return best

    def form_score(self, name: str, tree: Node) -> float:
        form = self.bank.graph[name].formula
        is_sum = isinstance(tree, Op) and tree.op in ("add", "sum")
        return FORM if (isinstance(form, Apply) and form.op == "add") == is_sum else 0.0

    def fits(self, tree: Expression, node: Node) -> bool:
        """True where a number is what was stated for a part of a formula, as far as its digits
        go."""
        number = number_of(node)
        expected = self.value_of(tree)
        return number is not None and expected is not None and holds(number, expected)

    def value_of(self, tree: Expression) -> float | None:
        """The value of a part of a formula from what was stated so far; None where something is
        missing."""
        if isinstance(tree, Number):
            return float(tree.value)
        values: dict[str, Array] = {}
        for name in refs(tree):
            known = self.stated(name)
            if known is None:
                return None
            values[name] = np.float64(known)  # type: ignore[assignment]
        try:
            with np.errstate(all="ignore"):
                return float(value_of(tree, values))
        except (TypeError, ValueError):
            return None

    def stated(self, name: str) -> float | None:
        if name in self.givens:
            return self.givens[name]
        if name in self.values:
            return self.values[name][0]
        formula = self.bank.graph[name].formula
        if formula is not None and (isinstance(formula, Ref) or not refs(formula)):
            return self.value_of(formula)
        return None

    # Symbols

    def sample_of(self, tree: Node, context: Context, name: str | None) -> Array | None:
        """The value of a formula for a few arbitrary problems; None where a name in it is not
        known."""
        try:
            return np.asarray(
                sampled(tree, lambda node: self.leaf(node, context, name)), dtype=float
            )
        except (NoValue, TypeError, ValueError, KeyError):
            return None

    def leaf(self, node: Node, context: Context, name: str | None) -> Array:
        found = self.meaning(node, context, name)
        if found is None or not self.formulas.scalar(found):
            raise NoValue
        return self.formulas.sample[found]

    def meaning(self, node: Node, context: Context, name: str | None) -> str | None:
        """The quantity that a name in the formula of another one stands for: rather one that its
        formula reads."""
        if isinstance(node, DerOf):
            return None
        found = self.meant(node, context)
        if not found and isinstance(node, (Name, Der)):
            found = self.repaired(node, context)
        if name is not None and len(found) > 1:
            read = self.bank.graph.reads(name)
            near = [one for one in found if one in read] or [one for one in found if one != name]
            return near[0] if near else found[0]
        return found[0] if found else None

    def meant(self, node: Node, context: Context) -> tuple[str, ...]:
        """The quantities that a name may be, with the page's own meaning of its deltas."""
        found = self.names.meant(node, context)
        if self.delta_of and isinstance(node, Name) and node.letter == "delta" and not node.words:
            deltas = self.names.deltas(node, context)
            return tuple(name for name in deltas if self.by(name) == self.delta_of) or found
        return found

    def by(self, name: str) -> str:
        """The letter that a gradient is taken by; empty for what is none."""
        parsed = self.bank.graph[name].symbol
        return parsed.by.base if isinstance(parsed, Derivative) else ""

    def repaired(self, node: Name | Der, context: Context) -> tuple[str, ...]:
        """A letter that recognition has put in the place of another (omega for W)."""
        inner = node.by if isinstance(node, Der) else node
        for letter, others in spellings().scan.items():
            if isinstance(inner, Name) and inner.letter in others:
                swapped = replace(inner, letter=letter)
                found = self.names.meant(
                    replace(node, by=swapped) if isinstance(node, Der) else swapped, context
                )
                if found:
                    return found
        return ()


def holds(number: Written, expected: float) -> bool:
    """True for a number that is what was expected, rounded or cut off to its own digits."""
    unit = 10.0 ** number[1]
    gap = abs(number[0] - expected)
    cut = abs(number[0]) <= abs(expected) and gap < unit
    return gap <= 0.5 * unit + CLOSE * max(1.0, abs(expected)) or cut
