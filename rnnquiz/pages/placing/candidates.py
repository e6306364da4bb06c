"""Which quantities a left side may mean: by its name, by the form of an update, by its formula, or
as a scan spells it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rnnquiz.algebra.symbols import Derivative, Variable, parse_symbol
from rnnquiz.pages.mathematics.values import number_of
from rnnquiz.pages.mathematics.written import Der, DerOf, Name, Node, Op, is_name
from rnnquiz.pages.meaning.evidence import Evidence
from rnnquiz.pages.spellings import spellings
from rnnquiz.pages.stated.chains import Chain
from rnnquiz.pages.stated.context import Context


@dataclass(frozen=True)
class Candidates:
    """The names of a page against those of the bank."""

    evidence: Evidence

    def of(self, left: Node, chain: Chain) -> list[str]:
        """The quantities that the left side of a line may be."""
        if is_name(left):
            exact = self.evidence.meant(left, chain.context)
            updated = self.by_update(left, chain)
            return list(dict.fromkeys((*exact, *updated)))
        if isinstance(left, DerOf):
            return list(self.by_operator(left, chain.context))
        return list(self.by_formula(left, chain.context))

    def by_update(self, left: Node, chain: Chain) -> list[str]:
        """W_2 = W_1 - ... and W <- W - ...: a parameter after the update, where the line has the
        form of one."""
        if not isinstance(left, Name):
            return []
        arrow = any(member.relation in ("←", "-=") for member in chain.right)
        section = chain.context.part == "update"
        # W' is the new W in a section about the update; elsewhere it may be a derivative.
        primed = section and left.primes == 1 and not left.numbers
        bare = replace(left, numbers=(), primes=0)
        for name in self.evidence.names.variable(bare, Context()):
            new = f"{name}_new"
            if new not in self.evidence.bank.graph.quantities:
                continue
            if arrow or primed or self.has_update(chain, name, bare):
                return [new]
        return []

    def has_update(self, chain: Chain, name: str, bare: Name) -> bool:
        """True where a member is an update of a parameter, in its name or in numbers."""
        trees = [member.tree for member in chain.right]
        if any(self.is_update(tree, bare) for tree in trees):
            return True
        section = chain.context.part == "update"
        return any(self.steps_from(tree, name, section) for tree in trees)

    def steps_from(self, tree: Node | None, name: str, section: bool) -> bool:
        """True for the numbers of an update: in a section about it, or where they are those of its
        formula."""
        if not self.starts_from(tree, name):
            return False
        assert tree is not None
        return section or self.evidence.number_score(f"{name}_new", tree) > 0

    def starts_from(self, tree: Node | None, name: str) -> bool:
        """True for a sum of numbers that begins with the value of the parameter."""
        if not isinstance(tree, Op) or tree.op != "add":
            return False
        first = number_of(tree.args[0])
        given = self.evidence.known.givens.get(name)
        if first is None or given is None:
            return False
        number, _ = first
        return number == given

    def is_update(self, tree: Node | None, bare: Name) -> bool:
        """True for a difference that begins with the parameter itself, at another index or none."""
        if not isinstance(tree, Op) or tree.op != "add" or len(tree.args) != 2:
            return False
        first, second = tree.args
        if not isinstance(first, Name) or _without_age(first) != bare:
            return False
        return isinstance(second, Op) and second.op == "neg"

    def by_operator(self, left: DerOf, context: Context) -> Iterator[str]:
        """∂/∂w (tanh(...)): the quantity whose formula stands behind the operator."""
        found = self.evidence.sample_of(left.arg, context, None)
        if found is None or not isinstance(left.by, Name):
            return
        by = self.evidence.names.variable(left.by, context)
        # equal_to goes through all quantities: not for a name that is none.
        if not by:
            return
        for name in self.evidence.formulas.equal_to(found):
            symbol = self.evidence.bank.graph[name].symbol
            if isinstance(symbol, Variable):
                yield from self.derivatives(symbol, by)

    def derivatives(self, of: Variable, by: Sequence[str]) -> Iterator[str]:
        """Those of the sheet, the whole before its direct part."""
        for other in by:
            variable = parse_symbol(other)
            assert isinstance(variable, Variable)
            for direct in (False, True):
                name = str(Derivative(of, variable, direct))
                if name in self.evidence.bank.graph.quantities:
                    yield name

    def by_formula(self, left: Node, context: Context) -> Iterator[str]:
        """1 - h_2^2 = ...: the quantity that has this formula, where there is just one."""
        found = self.evidence.sample_of(left, context, None)
        # A constant is the formula of too much.
        if found is None or len(found) == 1 or np.ptp(found) == 0:
            return
        names = self.evidence.formulas.equal_to(found)
        # 1 - h_2^2 is written for the slope, whatever else has the same formula.
        slopes = list(filter(is_slope, names))
        if len(slopes) == 1:
            yield slopes[0]
        elif len(names) == 1:
            yield names[0]

    def by_scan(self, left: Node, chain: Chain) -> list[str]:
        """What a name would be if a letter of it were another that recognition takes for it."""
        if not isinstance(left, Der) or not isinstance(left.by, Name):
            return []
        found: dict[str, None] = {}
        for letter, others in spellings().scan.items():
            if left.by.letter in others:
                by = replace(left.by, letter=letter)
                swapped = replace(left, by=by)
                meant = self.evidence.names.meant(swapped, chain.context)
                found |= dict.fromkeys(meant)
        return list(filter(self.evidence.formulas.is_computed, found))


def is_slope(name: str) -> bool:
    """Whether it names the derivative of an activation, as tanh'."""
    return "'" in name


def _without_age(name: Name) -> Name:
    """The bare name of W_old and W_1."""
    words = tuple(filter("old".__ne__, name.words))
    return replace(name, numbers=(), primes=0, words=words)
