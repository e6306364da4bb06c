"""What speaks for a quantity: the formula of a line, a registered mistake in it, the numbers put
in, and its form."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from rnnquiz.algebra.expression import Apply
from rnnquiz.algebra.symbols import Derivative, Variable
from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array
from rnnquiz.pages.alignment import align
from rnnquiz.pages.components import Components
from rnnquiz.pages.context import Context
from rnnquiz.pages.formulas import Formulas
from rnnquiz.pages.known import Known
from rnnquiz.pages.names import Names
from rnnquiz.pages.parts import Chain
from rnnquiz.pages.spellings import spellings
from rnnquiz.pages.values import NoValue, ValueOf, ways
from rnnquiz.pages.written import Der, DerOf, Name, Node, Num, Op, is_numeric, is_value

FORMULA, MISTAKE, NUMBERS, MOSTLY_NUMBERS, FORM = 8.0, 6.0, 4.0, 2.0, 1.0
MOST_PUT_IN = 0.5  # of the numbers put in
Samples = tuple[Array, ...]


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
    _sampled: dict[tuple[Node, int | None, str | None, str], Samples] = field(default_factory=dict)

    def shown_time(self, name: str) -> int | None:
        time = self.bank.graph[self.formulas.whole(name)].time
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
            if is_numeric(tree):
                fits = self.number_score(name, tree)
            else:
                fits = self.formula_score(name, tree, context)
            best = max(best, fits + self.form_score(name, tree))
        return best

    def at(self, context: Context, name: str) -> Context:
        return replace(context, step=self.shown_time(name) or context.step)

    def formula_score(self, name: str, tree: Node, context: Context) -> float:
        samples = self.samples(tree, context, name)
        if any(self.formulas.equal(found, name) for found in samples):
            return FORMULA
        for found in samples:
            if any(self.formulas.same(found, other) for _, other in self.formulas.mistaken(name)):
                return MISTAKE
        return 0.0

    def number_score(self, name: str, tree: Node) -> float:
        best = 0.0
        for form in self.formulas.templates(name):
            pairs = align(form, tree, self.known.fits)
            if not pairs:
                continue
            share = sum(self.known.fits(*pair) for pair in pairs) / len(pairs)
            if share == 1:
                return NUMBERS
            if share > MOST_PUT_IN:
                best = max(best, MOSTLY_NUMBERS * share)
        return best

    def form_score(self, name: str, tree: Node) -> float:
        form = self.formulas.quantity(name).formula
        is_sum = isinstance(tree, Op) and tree.op in ("add", "sum")
        return FORM if (isinstance(form, Apply) and form.op == "add") == is_sum else 0.0

    # Symbols

    def sample_of(self, tree: Node, context: Context, name: str | None) -> Array | None:
        """The value of a formula for a few arbitrary problems, where it can be meant in one way;
        None where a name in it is not known."""
        found = self.samples(tree, context, name)
        return found[0] if len(found) == 1 else None

    def samples(self, tree: Node, context: Context, name: str | None) -> Samples:
        """The values that a formula may have for a few arbitrary problems; none where a name in it
        is not known."""
        key = tree, context.step, name, self.delta_of
        if key not in self._sampled:
            self._sampled[key] = self._samples(tree, lambda node: self.leaf(node, context, name))
        return self._sampled[key]

    @staticmethod
    def _samples(tree: Node, leaf: ValueOf) -> Samples:
        try:
            with np.errstate(all="ignore"):
                return tuple(ways(tree, leaf))
        except (NoValue, TypeError, ValueError, KeyError):
            return ()

    def leaf(self, node: Node, context: Context, name: str | None) -> Array:
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
        if name is not None and len(found) > 1:
            read = self.bank.graph.reads(self.formulas.whole(name))
            near = [one for one in found if self.formulas.whole(one) in read]
            near = near or [one for one in found if one != name]
            return near[0] if near else found[0]
        return found[0] if found else None

    def meant(self, node: Node, context: Context) -> tuple[str, ...]:
        """The quantities that a name may be, or the entries of them, with the page's own meaning of
        its deltas."""
        found = self.names.meant(node, context)
        if self.delta_of and isinstance(node, Name) and node.letter == "delta" and not node.words:
            deltas = self.names.deltas(node, context)
            found = tuple(name for name in deltas if self.by(name) == self.delta_of) or found
        if isinstance(node, Name) and len(found) > 1:
            found = self.by_letter(node, found)
        return found or self.components.of(node, context)

    def learn(self, left: Name, name: str) -> None:
        """A letter of the page, by a line that shows what it stands for."""
        parsed = self.bank.graph[self.formulas.whole(name)].symbol
        if isinstance(parsed, Variable) and self.letters.get(left.letter) != parsed.base:
            self.letters[left.letter] = parsed.base
            self._sampled.clear()

    def by_letter(self, node: Name, found: tuple[str, ...]) -> tuple[str, ...]:
        """Of variables that a letter may be (z is a pre-activation or a logit), the one that it is
        elsewhere on the page, or those that have no other letter there. A target and its prediction
        may share one."""
        bases = {name: self.base(name) for name in found}
        targets = self.bank.cell.targets
        if "" in bases.values() or any(base in targets for base in bases.values()):
            return found
        own = self.letters.get(node.letter)
        if own in bases.values():
            return tuple(name for name in found if bases[name] == own)
        return tuple(name for name in found if bases[name] not in self.letters.values()) or found

    def base(self, name: str) -> str:
        """The letter of a variable; empty for what is none."""
        parsed = self.bank.graph[name].symbol if name in self.bank.graph.quantities else None
        return parsed.base if isinstance(parsed, Variable) else ""

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
