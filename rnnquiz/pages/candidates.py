"""Which quantities a left side may mean: by its name, by the form of an update, by its formula, or
as a scan spells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from rnnquiz.algebra.symbols import Derivative, Variable, parse_symbol
from rnnquiz.pages.context import Context
from rnnquiz.pages.evidence import Evidence
from rnnquiz.pages.parts import Chain
from rnnquiz.pages.spellings import spellings
from rnnquiz.pages.values import number_of
from rnnquiz.pages.written import Der, DerOf, Name, Node, Op, is_name


@dataclass(frozen=True)
class Candidates:
    """The names of a page against those of the bank."""

    evidence: Evidence

    def of(self, left: Node, chain: Chain) -> list[str]:
        if is_name(left):
            found = list(self.evidence.meant(left, chain.context))
            return found + [name for name in self.by_update(left, chain) if name not in found]
        if isinstance(left, DerOf):
            return list(self.by_operator(left, chain.context))
        return list(self.by_formula(left, chain.context))

    def by_update(self, left: Node, chain: Chain) -> list[str]:
        """W_2 = W_1 - ... and W <- W - ...: a parameter after the update, where the line has the
        form of one."""
        if not isinstance(left, Name):
            return []
        quantities = self.evidence.bank.graph.quantities
        arrow = any(member.relation in ("←", "-=") for member in chain.right)
        section = chain.context.part == "update"
        primed = section and left.primes == 1 and not left.numbers
        bare = replace(left, numbers=(), primes=0)
        for name in self.evidence.names.variable(bare, Context()):
            if f"{name}_new" in quantities and (
                arrow
                or primed
                or any(self.is_update(member.tree, bare) for member in chain.right)
                or any(self.steps_from(m.tree, name, section) for m in chain.right)
            ):
                return [f"{name}_new"]
        return []

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
        first, given = number_of(tree.args[0]), self.evidence.known.givens.get(name)
        return first is not None and given is not None and first[0] == given

    def is_update(self, tree: Node | None, bare: Name) -> bool:
        """True for a difference that begins with the parameter itself, at another index or none."""
        if not isinstance(tree, Op) or tree.op != "add" or len(tree.args) != 2:
            return False
        first = tree.args[0]
        same = (
            isinstance(first, Name)
            and replace(
                first, numbers=(), primes=0, words=tuple(w for w in first.words if w != "old")
            )
            == bare
        )
        return same and isinstance(tree.args[1], Op) and tree.args[1].op == "neg"

    def by_operator(self, left: DerOf, context: Context) -> Iterator[str]:
        """∂/∂w (tanh(...)): the quantity whose formula stands behind the operator."""
        found = self.evidence.sample_of(left.arg, context, None)
        by = self.evidence.names.variable(left.by, context) if isinstance(left.by, Name) else ()
        if found is None or not by:
            return
        for q in self.evidence.bank.graph.computed:
            if isinstance(q.symbol, Variable) and self.evidence.formulas.equal(found, q.name):
                for other in by:
                    v = parse_symbol(other)
                    assert isinstance(v, Variable)
                    for direct in (False, True):
                        name = str(Derivative(q.symbol, v, direct))
                        if name in self.evidence.bank.graph.quantities:
                            yield name

    def by_formula(self, left: Node, context: Context) -> Iterator[str]:
        """1 - h_2^2 = ...: the quantity that has this formula, where there is just one."""
        found = self.evidence.sample_of(left, context, None)
        if found is None or len(found) == 1 or np.ptp(found) == 0:
            return
        names = [
            q.name
            for q in self.evidence.bank.graph.computed
            if self.evidence.formulas.equal(found, q.name)
        ]
        slopes = [name for name in names if "'" in name]
        yield from slopes[:1] if len(slopes) == 1 else names if len(names) == 1 else []

    def by_scan(self, left: Node, chain: Chain) -> list[str]:
        """What a name would be if a letter of it were another that recognition takes for it."""
        if not isinstance(left, Der) or not isinstance(left.by, Name):
            return []
        found: list[str] = []
        for letter, others in spellings().scan.items():
            if left.by.letter in others:
                swapped = replace(left, by=replace(left.by, letter=letter))
                found += self.evidence.names.meant(swapped, chain.context)
        return [
            name
            for name in dict.fromkeys(found)
            if self.evidence.formulas.quantity(name).formula is not None
        ]
