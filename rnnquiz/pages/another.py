"""A formula that is not the quantity's own, however its names are understood: it is said, and what
the right one is. Nothing is said where one way to understand it makes it right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

import numpy as np

from rnnquiz.algebra.expression import Ref, refs
from rnnquiz.algebra.named import named_formula, named_quantity
from rnnquiz.algebra.operations import value_of
from rnnquiz.decimals import Array
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.languages.sentences import said
from rnnquiz.pages.context import Context
from rnnquiz.pages.evidence import Evidence
from rnnquiz.pages.formulas import Formulas
from rnnquiz.pages.parts import Chain
from rnnquiz.pages.values import NoValue, ways
from rnnquiz.pages.written import Der, DerOf, Name, Node, Num, Op, names_in, nodes_in, numbers_in

ANOTHER_FORMULA = said("another formula")
MOST_WAYS = 64  # in which the names of one formula may be understood
UNSURE = frozenset(["sum", "list", "abs", "nothing"])
KEPT = (0.0, 1.0)  # numbers of a sheet for which terms and factors are left out
HALF = 0.5


@dataclass(frozen=True)
class Another:
    """Formulas of a page against those of the sheet."""

    evidence: Evidence

    def says_of(self, tree: Node, chain: Chain, owner: str) -> str:
        """What is to be said of a formula that is not the owner's; empty where nothing is sure."""
        if not self.is_sure(tree) or self.may_be(tree, chain, owner):
            return ""
        bank = self.evidence.bank
        formula = self.evidence.formulas.quantity(owner).formula
        if formula is None or formula == Ref(owner):
            return ""
        name = self.evidence.formulas.text(owner)
        right = named_formula(formula, bank.notation)
        if other := self.owner_of(tree, chain):
            return said(
                "This is not the formula of {name} (it is that of {other}): {name} = {right}.",
                name=name,
                other=named_quantity(other, bank.notation),
                right=right,
            )
        return said("This is not the formula of {name}: {name} = {right}.", name=name, right=right)

    def is_sure(self, tree: Node) -> bool:
        """True for a formula of names, and of numbers that can stand for nothing else."""
        if any(isinstance(node, Op) and node.op in UNSURE for node in nodes_in(tree)):
            return False
        known = {abs(value) for value in self.evidence.known.givens.values()} - set(KEPT)
        known |= {abs(value) for value, _ in self.evidence.known.values.values()} - set(KEPT)
        return all(
            _is_constant(number) and number.value not in known for number in numbers_in(tree)
        )

    def may_be(self, tree: Node, chain: Chain, owner: str) -> bool:
        """True where the formula is, or may be, that of the owner or of what else its name may
        be."""
        assert chain.left is not None
        same_name = self.evidence.names.meant(chain.left, chain.context)
        contexts = dict.fromkeys((self.evidence.at(chain.context, owner), chain.context))
        for way in self.all_ways(tree, contexts):
            if way is None:
                return True
            for sample in (self.evidence.formulas.shown, self.near_sample):
                found = _values_in(tree, way, sample)
                own = [v for name in (owner, *same_name) for v in self.forms_of(name, sample)]
                if not found or any(Formulas.same(one, other) for one in found for other in own):
                    return True
        return False

    def forms_of(self, name: str, sample: Mapping[str, Array]) -> Iterator[Array]:
        """The value of a quantity, and by its other formulas: where a sheet shows a state and its
        argument as numbers, 1 - h^2 and 1 - tanh(a)^2 differ on a sample."""
        if name in sample:
            yield sample[name]
        if name in self.evidence.bank.graph.shapes:
            for formula in self.evidence.bank.graph[name].alternatives:
                if sample.keys() >= set(refs(formula)):
                    yield np.asarray(value_of(formula, sample))

    def all_ways(
        self, tree: Node, contexts: Iterable[Context]
    ) -> Iterator[Mapping[Node, str] | None]:
        """The ways at the step of the quantity and at that of the section: in a section about step
        3, dh_{t-1} is of step 2, and a_t beside it is still that of step 3."""
        for context in contexts:
            ways_here = self.understood(tree, context)
            yield from (None,) if ways_here is None else ways_here

    def understood(self, tree: Node, context: Context) -> Iterator[Mapping[Node, str]] | None:
        """The ways in which the names of a formula may be understood; None for too many, or for a
        name that is not known."""
        names = tuple(dict.fromkeys(names_in(tree)))
        meanings = [self.meanings(name, context) for name in names]
        if not names or not all(meanings) or prod(map(len, meanings)) > MOST_WAYS:
            return None
        return (dict(zip(names, way, strict=True)) for way in product(*meanings))

    def meanings(self, name: Node, context: Context) -> tuple[str, ...]:
        if not isinstance(name, (Name, Der)) or isinstance(name, DerOf):
            return ()
        return self.evidence.meant(name, context) or self.evidence.repaired(name, context)

    @cached_property
    def near_sample(self) -> Mapping[str, Array]:
        """Values for a few problems that have nought and one where the sheet has them: a term that
        is nought may be left out."""
        bank, formulas, known = self.evidence.bank, self.evidence.formulas, self.evidence.known
        near: dict[str, Array] = {}
        for name, value in bank.sample.items():
            given = known.stated(name)
            if given is None:
                near[name] = value
            else:
                near[name] = np.where(np.isin(given, KEPT), given, value)
        with np.errstate(all="ignore"):
            found = formulas.with_entries(evaluate(bank.graph, near))
        return {name: formulas.as_shown(np.asarray(value)) for name, value in found.items()}

    def owner_of(self, tree: Node, chain: Chain) -> str:
        """The quantity whose formula it is; empty where it is none's, or that of several."""
        found = self.evidence.sample_of(tree, chain.context, None)
        if found is None:
            return ""
        names = [
            q.name
            for q in self.evidence.bank.graph.computed
            if self.evidence.formulas.equal(found, q.name)
        ]
        return names[0] if len(names) == 1 else ""


def _is_constant(number: Num) -> bool:
    return number.place >= 0 or number.value == HALF


def _values_in(tree: Node, way: Mapping[Node, str], sample: Mapping[str, Array]) -> list[Array]:
    """The values that a formula may have where its names are understood in one way."""

    def leaf(node: Node) -> Array:
        return np.array([node.value]) if isinstance(node, Num) else sample[way[node]]

    try:
        with np.errstate(all="ignore"):
            return ways(tree, leaf)
    except (NoValue, TypeError, ValueError, KeyError):
        return []
