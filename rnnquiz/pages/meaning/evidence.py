"""What speaks for a quantity: the formula of a line, a registered mistake in it, the numbers put
in, and its form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from rnnquiz.algebra.expression import Apply
from rnnquiz.algebra.symbols import Derivative, Variable
from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array
from rnnquiz.models.misconceptions import Misconception
from rnnquiz.pages.mathematics.ways import NoValue, ValueOf, ways
from rnnquiz.pages.mathematics.written import Der, DerOf, Name, Node, Num, Op, is_numeric, is_value
from rnnquiz.pages.meaning.alignment import align
from rnnquiz.pages.meaning.components import Components
from rnnquiz.pages.meaning.formulas import Formulas
from rnnquiz.pages.meaning.known import Known
from rnnquiz.pages.meaning.names import Names
from rnnquiz.pages.spellings import spellings
from rnnquiz.pages.stated.chains import Chain
from rnnquiz.pages.stated.context import Context

# Each is more than the next one and the form together: a score is that of the best member, and
# only its form is added to it.
FORMULA, MISTAKE, NUMBERS, MOSTLY_NUMBERS, FORM = 8.0, 6.0, 4.0, 2.0, 1.0
# Of the numbers put in. With 0.9 a number of the pages in tests/test_pages.py goes to the wrong
# quantity; with 0.25 all are read as they are with 0.5.
MOST_PUT_IN = 0.5
Samples = tuple[Array, ...]


@dataclass(frozen=True)
class FormulaVerdict:
    """A formula beside that of a quantity: whether all of its names are known, whether it is the
    same, or which registered mistake it is."""

    understood: bool
    own: bool
    rule: Misconception | None


@dataclass
class Evidence:
    """What is known while a page is read: its names, and the numbers stated so far."""

    bank: Bank
    names: Names
    formulas: Formulas
    known: Known
    components: Components
    delta_of: str = ""  # the letter by which the page's own deltas are gradients, where it says so
    letters: dict[str, str] = field(default_factory=dict)  # what a letter stands for on this page

    def shown_time(self, name: str) -> int | None:
        """The step of a quantity as the page counts it; none of what has no step."""
        time = self.bank.graph[self.formulas.whole(name)].time
        if time is None:
            return None
        return time + self.names.notation.first - 1

    def score(self, name: str, chain: Chain) -> float:
        """How well the right side of a line fits a quantity: formula, registered mistake, numbers
        put in, form."""
        best = 0.0
        context = self.at(chain.context, name)
        for member in chain.readable:
            tree = member.tree
            if tree is None or is_value(tree):
                continue
            if is_numeric(tree):
                fits = self.number_score(name, tree)
            else:
                fits = self.formula_score(name, tree, context)
            fits += self.form_score(name, tree)
            best = max(best, fits)
        return best

    def at(self, context: Context, name: str) -> Context:
        """The surroundings of a line with the step of a quantity."""
        step = self.shown_time(name)
        # Not by "or": the first step may be 0.
        if step is None:
            return context
        return replace(context, step=step)

    def formula_score(self, name: str, tree: Node, context: Context) -> float:
        """How far a formula speaks for a quantity."""
        verdict = self.formula_verdict(tree, context, name)
        if verdict.own:
            return FORMULA
        if verdict.rule is not None:
            return MISTAKE
        return 0.0

    def formula_verdict(self, tree: Node, context: Context, name: str) -> FormulaVerdict:
        """What a formula is beside that of a quantity."""
        # What names mean depends on the step, and on nothing else in the context.
        remembered, key = self._remembered, ("verdict", tree, context.step, name)
        if key not in remembered:
            remembered[key] = self._formula_verdict(tree, context, name)
        verdict: FormulaVerdict = remembered[key]
        return verdict

    def _formula_verdict(self, tree: Node, context: Context, name: str) -> FormulaVerdict:
        found = self.samples(tree, context, name)
        understood = bool(found)
        if any(self.formulas.equal(one, name) for one in found):
            return FormulaVerdict(understood, True, None)
        rule = self.formulas.mistake_in(name, found)
        return FormulaVerdict(understood, False, rule)

    @property
    def _remembered(self) -> dict[object, Any]:
        """What was found of formulas on pages that mean the same by their letters."""
        letters = frozenset(self.letters.items())
        entries = frozenset(self.components.chosen.items())
        key = (self.names.notation.first, self.delta_of, letters, entries)
        return self.formulas.remembered_for(key)

    def number_score(self, name: str, tree: Node) -> float:
        """How far the numbers in a formula speak for a quantity."""
        best = 0.0
        for form in self.formulas.templates(name):
            pairs = align(form, tree, self.known.fits)
            if not pairs:
                continue
            fitting = sum(self.known.fits(*pair) for pair in pairs)
            share = fitting / len(pairs)
            # No other form of the formula can do better.
            if share == 1:
                return NUMBERS
            if share > MOST_PUT_IN:
                best = max(best, MOSTLY_NUMBERS * share)
        return best

    def form_score(self, name: str, tree: Node) -> float:
        """How far the kind of a formula, a sum or none, speaks for a quantity."""
        form = self.formulas.quantity(name).formula
        is_sum = isinstance(tree, Op) and tree.op in ("add", "sum")
        if (isinstance(form, Apply) and form.op == "add") == is_sum:
            return FORM
        return 0.0

    # Symbols

    def sample_of(self, tree: Node, context: Context, name: str | None) -> Array | None:
        """The value of a formula for a few arbitrary problems, where it can be meant in one way;
        None where a name in it is not known."""
        found = self.samples(tree, context, name)
        if len(found) == 1:
            return found[0]
        return None

    def samples(self, tree: Node, context: Context, name: str | None) -> Samples:
        """The values that a formula may have for a few arbitrary problems; none where a name in it
        is not known."""
        remembered, key = self._remembered, ("samples", tree, context.step, name)
        if key not in remembered:

            def leaf(node: Node) -> Array:
                return self.leaf(node, context, name)

            remembered[key] = self._samples(tree, leaf)
        found: Samples = remembered[key]
        return found

    @staticmethod
    def _samples(tree: Node, leaf: ValueOf) -> Samples:
        try:
            with np.errstate(all="ignore"):
                return tuple(ways(tree, leaf))
        # A student may write anything: what cannot be computed is not understood, and no error.
        except (NoValue, TypeError, ValueError, KeyError):
            return ()

    def leaf(self, node: Node, context: Context, name: str | None) -> Array:
        """The value of a letter or number; NoValue where it means nothing."""
        if isinstance(node, Num):
            return np.array([node.value])
        found = self.meaning(node, context, name)
        if found is None:
            raise NoValue
        return self.formulas.shown[found]

    def meaning(self, node: Node, context: Context, name: str | None) -> str | None:
        """The quantity that a name in the formula of another one stands for: rather one that its
        formula reads."""
        if isinstance(node, DerOf):
            return None
        found = self.meant(node, context)
        if not found and isinstance(node, (Name, Der)):
            found = self.repaired(node, context)
        if not found:
            return None
        if name is not None and len(found) > 1:
            return self.nearest(found, name)
        return found[0]

    def nearest(self, found: Sequence[str], name: str) -> str:
        """Of several, the first that the formula of a quantity reads, else the first other one."""
        read = self.bank.graph.reads(self.formulas.whole(name))
        for one in found:
            if self.formulas.whole(one) in read:
                return one
        # No quantity is a part of its own formula.
        for one in found:
            if one != name:
                return one
        return found[0]

    def meant(self, node: Node, context: Context) -> tuple[str, ...]:
        """The quantities that a name may be, or the entries of them, with the page's own meaning of
        its deltas."""
        found = self.names.meant(node, context)
        if self.delta_of and isinstance(node, Name) and node.letter == "delta" and not node.words:
            deltas = self.names.deltas(node, context)
            found = tuple(filter(self.is_own_delta, deltas)) or found
        if isinstance(node, Name) and len(found) > 1:
            found = self.by_letter(node, found)
        return found or self.components.of(node, context)

    def is_own_delta(self, name: str) -> bool:
        """True for the deltas of the page."""
        return self.by(name) == self.delta_of

    def learn(self, left: Name, name: str) -> None:
        """A letter of the page, by a line that shows what it stands for."""
        parsed = self.bank.graph[self.formulas.whole(name)].symbol
        if isinstance(parsed, Variable) and self.letters.get(left.letter) != parsed.base:
            self.letters[left.letter] = parsed.base

    def by_letter(self, node: Name, found: tuple[str, ...]) -> tuple[str, ...]:
        """Of variables that a letter may be (z is a pre-activation or a logit), the one that it is
        elsewhere on the page, or those that have no other letter there. A target and its prediction
        may share one."""
        bases = {name: self.base(name) for name in found}
        letters = set(bases.values())
        if "" in letters or not letters.isdisjoint(self.bank.cell.targets):
            return found
        own = self.letters.get(node.letter)

        def is_own(name: str) -> bool:
            return bases[name] == own

        def is_free(name: str) -> bool:
            return bases[name] not in taken

        if own in letters:
            return tuple(filter(is_own, found))
        # One thing has one letter on a page.
        taken = frozenset(self.letters.values())
        return tuple(filter(is_free, found)) or found

    def base(self, name: str) -> str:
        """The letter of a variable; empty for what is none."""
        if name not in self.bank.graph.quantities:
            return ""
        parsed = self.bank.graph[name].symbol
        if isinstance(parsed, Variable):
            return parsed.base
        return ""

    def by(self, name: str) -> str:
        """The letter that a gradient is taken by; empty for what is none."""
        parsed = self.bank.graph[name].symbol
        if isinstance(parsed, Derivative):
            return parsed.by.base
        return ""

    def repaired(self, node: Name | Der, context: Context) -> tuple[str, ...]:
        """A letter that recognition has put in the place of another (omega for W)."""
        inner = node.by if isinstance(node, Der) else node
        if not isinstance(inner, Name):
            return ()
        for letter, others in spellings().scan.items():
            if inner.letter not in others:
                continue
            swapped: Name | Der = replace(inner, letter=letter)
            if isinstance(node, Der):
                swapped = replace(node, by=swapped)
            if found := self.names.meant(swapped, context):
                return found
        return ()
