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
from rnnquiz.pages.mathematics.ways import NoValue, ways
from rnnquiz.pages.mathematics.written import (
    Der,
    DerOf,
    Name,
    Node,
    Num,
    Op,
    names_in,
    nodes_in,
    numbers_in,
)
from rnnquiz.pages.meaning.evidence import Evidence
from rnnquiz.pages.meaning.formulas import Formulas
from rnnquiz.pages.stated.chains import Chain
from rnnquiz.pages.stated.context import Context

ANOTHER_FORMULA = said("another formula")
MOST_WAYS = 64  # in which the names of one formula may be understood
# What may stand for more than it says: a sum over no one knows what, entries without their rest.
UNSURE = frozenset(["sum", "list", "abs", "nothing"])
KEPT = (0.0, 1.0)  # numbers of a sheet for which terms and factors are left out
HALF = 0.5  # of half a squared error


@dataclass(frozen=True)
class Another:
    """Formulas of a page against those of the sheet."""

    evidence: Evidence

    def says_of(self, tree: Node, chain: Chain, owner: str) -> str:
        """What is to be said of a formula that is not the owner's; empty where nothing is sure."""
        if not self.is_sure(tree) or self.may_be(tree, chain, owner):
            return ""
        notation, formulas = self.evidence.bank.notation, self.evidence.formulas
        formula = formulas.quantity(owner).formula
        if formula is None or formula == Ref(owner):
            return ""
        name = formulas.text(owner)
        right = named_formula(formula, notation)
        if other := self.owner_of(tree, chain):
            return said(
                "This is not the formula of {name} (it is that of {other}): {name} = {right}.",
                name=name,
                other=named_quantity(other, notation),
                right=right,
            )
        return said("This is not the formula of {name}: {name} = {right}.", name=name, right=right)

    def is_sure(self, tree: Node) -> bool:
        """True for a formula of names, and of numbers that can stand for nothing else."""
        if any(isinstance(node, Op) and node.op in UNSURE for node in nodes_in(tree)):
            return False
        known = self.evidence.known
        stated = (value for value, _ in known.values.values())
        numbers = map(abs, (*known.givens.values(), *stated))
        # Nought and one are constants of a formula even where the sheet has them, too.
        may_be_put_in = set(numbers).difference(KEPT)
        for number in numbers_in(tree):
            if number.value in may_be_put_in or not _is_constant(number):
                return False
        return True

    def may_be(self, tree: Node, chain: Chain, owner: str) -> bool:
        """True where the formula is, or may be, that of the owner or of what else its name may
        be."""
        assert chain.left is not None
        owners = (owner, *self.evidence.names.meant(chain.left, chain.context))
        of_owner = self.evidence.at(chain.context, owner)
        contexts = dict.fromkeys((of_owner, chain.context))
        samples = (self.evidence.formulas.shown, self.near_sample)
        for way in self.all_ways(tree, contexts):
            if way is None or any(self.agrees(tree, way, owners, one) for one in samples):
                return True
        return False

    def agrees(
        self,
        tree: Node,
        way: Mapping[Node, str],
        owners: Iterable[str],
        sample: Mapping[str, Array],
    ) -> bool:
        """True where a formula, its names understood in one way, has a value of one of the owners;
        and where it has no value, so that nothing can be said against it."""
        found = _values_in(tree, way, sample)
        # A right formula must not be accused: what cannot be judged passes.
        if not found:
            return True
        for name in owners:
            for own in self.forms_of(name, sample):
                if any(Formulas.same(one, own) for one in found):
                    return True
        return False

    def forms_of(self, name: str, sample: Mapping[str, Array]) -> Iterator[Array]:
        """The value of a quantity, and by its other formulas: where a sheet shows a state and its
        argument as numbers, 1 - h^2 and 1 - tanh(a)^2 differ on a sample."""
        if name in sample:
            yield sample[name]
        graph = self.evidence.bank.graph
        if name in graph.shapes:
            for formula in graph[name].alternatives:
                if sample.keys() >= set(refs(formula)):
                    yield np.asarray(value_of(formula, sample))

    def all_ways(
        self, tree: Node, contexts: Iterable[Context]
    ) -> Iterator[Mapping[Node, str] | None]:
        """The ways at the step of the quantity and at that of the section: in a section about step
        3, dh_{t-1} is of step 2, and a_t beside it is still that of step 3."""
        for context in contexts:
            ways_here = self.understood(tree, context)
            if ways_here is None:
                yield None
            else:
                yield from ways_here

    def understood(self, tree: Node, context: Context) -> Iterator[Mapping[Node, str]] | None:
        """The ways in which the names of a formula may be understood; None for too many, or for a
        name that is not known."""
        names = tuple(dict.fromkeys(names_in(tree)))
        meanings = [self.meanings(name, context) for name in names]
        if not names or not all(meanings) or prod(map(len, meanings)) > MOST_WAYS:
            return None
        return (dict(zip(names, way, strict=True)) for way in product(*meanings))

    def meanings(self, name: Node, context: Context) -> tuple[str, ...]:
        """The quantities that a name may be, also with a sign put right."""
        if not isinstance(name, (Name, Der)) or isinstance(name, DerOf):
            return ()
        exact = self.evidence.meant(name, context)
        return exact or self.evidence.repaired(name, context)

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
                kept = np.isin(given, KEPT)
                near[name] = np.where(kept, given, value)
        with np.errstate(all="ignore"):
            found = formulas.with_entries(evaluate(bank.graph, near))
        arrays = {name: np.asarray(value) for name, value in found.items()}
        return {name: formulas.as_shown(value) for name, value in arrays.items()}

    def owner_of(self, tree: Node, chain: Chain) -> str:
        """The quantity whose formula it is; empty where it is none's, or that of several."""
        found = self.evidence.sample_of(tree, chain.context, None)
        if found is None:
            return ""
        names = self.evidence.formulas.equal_to(found)
        if len(names) == 1:
            return names[0]
        return ""


def _is_constant(number: Num) -> bool:
    whole = number.place >= 0
    return whole or number.value == HALF


def _values_in(tree: Node, way: Mapping[Node, str], sample: Mapping[str, Array]) -> list[Array]:
    """The values that a formula may have where its names are understood in one way."""

    def leaf(node: Node) -> Array:
        if isinstance(node, Num):
            return np.array([node.value])
        return sample[way[node]]

    try:
        with np.errstate(all="ignore"):
            return ways(tree, leaf)
    except (NoValue, TypeError, ValueError, KeyError):
        return []
