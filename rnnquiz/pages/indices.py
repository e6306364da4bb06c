"""How a page writes single entries: its givens, its numbers and its formulas say so, or it is not
known. Where both of two habits may be, the one by which the page is right counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rnnquiz.algebra.expression import refs
from rnnquiz.pages.alignment import align
from rnnquiz.pages.components import BRACKET, Components, Habit, Styles, counts_nought, habits_of
from rnnquiz.pages.context import Context
from rnnquiz.pages.evidence import FORMULA, Evidence
from rnnquiz.pages.known import Known, holds
from rnnquiz.pages.parts import Chain
from rnnquiz.pages.values import number_of
from rnnquiz.pages.written import Node, is_numeric, is_value, names_in


@dataclass
class _HabitVotes:
    """For each habit: names that it has no meaning for, statements that fit it, that do not."""

    outside: Counter[Habit] = field(default_factory=Counter)
    fits: Counter[Habit] = field(default_factory=Counter)
    misfits: Counter[Habit] = field(default_factory=Counter)
    from_nought: set[Habit] = field(default_factory=set)


@dataclass
class Indices:
    """The habits of one page."""

    evidence: Evidence
    key: Mapping[str, float]  # what the entries are for who is right

    def __post_init__(self) -> None:
        self.givens = Known(self.evidence.formulas, self.evidence.known.givens, True)
        self.votes = _HabitVotes()
        self.seen: dict[Styles, set[Habit]] = {}

    def of(self, chains: Sequence[Chain]) -> Components:
        """The names of entries, as this page writes them."""
        own = [chain for chain in chains if not (chain.context.scope or chain.remark)]
        if not any(q.shape for q in self.evidence.bank.graph):
            return self.evidence.components
        for chain in own:
            self.names(chain)
        if self.seen:
            for chain in own:
                self.statement(chain)
        chosen = {styles: tuple(self.chosen(styles)) for styles in self.seen}
        return replace(self.evidence.components, chosen=chosen)

    def names(self, chain: Chain) -> None:
        """Which habits give a meaning to the names of a statement."""
        trees = [member.tree for member in chain.members if member.tree is not None]
        for node in (name for tree in trees for name in names_in(tree)):
            if self.evidence.names.meant(node, chain.context):
                continue
            options = dict(self.evidence.components.options(node, chain.context))
            for habit in habits_of(node) if options else ():
                self.seen.setdefault(habit.styles, set()).add(habit)
                self.votes.outside[habit] += habit not in options
            self.votes.from_nought |= {habit for habit in options if counts_nought(habit, node)}

    def statement(self, chain: Chain) -> None:
        """What one statement about an entry says of the habits."""
        left = chain.left
        if left is None or self.evidence.names.meant(left, chain.context):
            return
        options = dict(self.evidence.components.options(left, chain.context))
        if len(set(options.values())) < 2:
            return
        for habit, name in options.items():
            for fits in self.said(habit, name, chain):
                (self.votes.fits if fits else self.votes.misfits)[habit] += 1

    def said(self, habit: Habit, name: str, chain: Chain) -> Iterator[bool]:
        """Whether the members of a statement fit an entry, as far as the givens tell."""
        trees = [member.tree for member in chain.readable if member.tree is not None]
        number = number_of(trees[-1]) if trees and is_value(trees[-1]) else None
        if number is not None:
            yield holds(number, self.key[name])
        for tree in trees:
            if is_value(tree):
                continue
            if is_numeric(tree):
                yield from self.put_in(name, tree)
            else:
                yield self.formula(habit, name, tree, chain.context)

    def put_in(self, name: str, tree: Node) -> Iterator[bool]:
        """Givens among the numbers put in."""
        verdicts = []
        for form in self.evidence.formulas.templates(name):
            pairs = align(form, tree, self.givens.fits) or ()
            telling = [pair for pair in pairs if self.tells(pair)]
            if telling:
                verdicts.append(all(self.givens.fits(*pair) for pair in telling))
        if verdicts:
            yield any(verdicts)

    def tells(self, pair: tuple[object, Node]) -> bool:
        tree, _ = pair
        return bool(refs(tree)) and self.givens.expected(tree) is not None  # type: ignore[arg-type]

    def formula(self, habit: Habit, name: str, tree: Node, context: Context) -> bool:
        alone = replace(self.evidence.components, chosen={habit.styles: (habit,)})
        evidence = replace(self.evidence, components=alone)
        return evidence.formula_score(name, tree, evidence.at(context, name)) >= FORMULA

    def chosen(self, styles: Styles) -> Iterator[Habit]:
        """The habits that are left: those with a meaning for all names; of them the one that fits
        best, if any fits."""
        votes = self.votes
        found = [habit for habit in self.seen[styles] if self.may_be(habit)]
        least = min((votes.outside[habit] for habit in found), default=0)
        found = [habit for habit in found if votes.outside[habit] == least]
        worth = {habit: votes.fits[habit] - votes.misfits[habit] for habit in found}
        best = max(worth.values(), default=0)
        for habit in found:
            if best <= 0 or worth[habit] == best:
                yield habit

    def may_be(self, habit: Habit) -> bool:
        """Entries count from nought in a program, or where a page has an entry of that number."""
        in_a_program = habit.styles[-1:] == (BRACKET,)
        return bool(habit.first) or in_a_program or habit in self.votes.from_nought
