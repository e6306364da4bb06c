"""How a page writes single entries: its givens, its numbers and its formulas say so, or it is not
known. Where both of two habits may be, the one by which the page is right counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rnnquiz.algebra.expression import Expression, refs
from rnnquiz.pages.mathematics.values import number_of
from rnnquiz.pages.mathematics.written import Node, is_numeric, is_value, names_in
from rnnquiz.pages.meaning.alignment import align
from rnnquiz.pages.meaning.components import (
    BRACKET,
    Components,
    Habit,
    Styles,
    counts_nought,
    habits_of,
)
from rnnquiz.pages.meaning.evidence import FORMULA, Evidence
from rnnquiz.pages.meaning.known import Known, holds
from rnnquiz.pages.stated.chains import Chain
from rnnquiz.pages.stated.context import Context


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
        # A sheet of numbers alone has no entries.
        if not any(q.shape for q in self.evidence.bank.graph):
            return self.evidence.components
        own = list(filter(_is_own, chains))
        for chain in own:
            self.names(chain)
        if self.seen:
            for chain in own:
                self.statement(chain)
        chosen = {styles: tuple(self.chosen(styles)) for styles in self.seen}
        return replace(self.evidence.components, chosen=chosen)

    def names(self, chain: Chain) -> None:
        """Which habits give a meaning to the names of a statement."""
        for member in chain.members:
            if member.tree is None:
                continue
            for node in names_in(member.tree):
                if not self.evidence.names.meant(node, chain.context):
                    self.entry_name(node, chain.context)

    def entry_name(self, node: Node, context: Context) -> None:
        """What a name that is no quantity's says of the habits, if it may be that of an entry."""
        options = dict(self.evidence.components.options(node, context))
        if not options:
            return
        for habit in habits_of(node):
            self.seen.setdefault(habit.styles, set()).add(habit)
            self.votes.outside[habit] += habit not in options
        for habit in options:
            if counts_nought(habit, node):
                self.votes.from_nought.add(habit)

    def statement(self, chain: Chain) -> None:
        """What one statement about an entry says of the habits."""
        left = chain.left
        if left is None or self.evidence.names.meant(left, chain.context):
            return
        options = dict(self.evidence.components.options(left, chain.context))
        # Where all habits give the same entry, a statement tells nothing of them.
        if len(set(options.values())) < 2:
            return
        for habit, name in options.items():
            for fits in self.said(habit, name, chain):
                votes = self.votes.fits if fits else self.votes.misfits
                votes[habit] += 1

    def said(self, habit: Habit, name: str, chain: Chain) -> Iterator[bool]:
        """Whether the members of a statement fit an entry, as far as the givens tell."""
        if not chain.readable:
            return
        last = chain.readable[-1].tree
        assert last is not None
        # Against the key: what the page itself states is not known before its names are.
        number = number_of(last) if is_value(last) else None
        if number is not None:
            yield holds(number, self.key[name])
        for member in chain.readable:
            tree = member.tree
            if tree is None or is_value(tree):
                continue
            if is_numeric(tree):
                yield from self.put_in(name, tree)
            else:
                yield self.formula(habit, name, tree, chain.context)

    def put_in(self, name: str, tree: Node) -> Iterator[bool]:
        """Givens among the numbers put in."""
        # One vote for a member, however many forms its numbers may be of.
        verdicts = []
        for form in self.evidence.formulas.templates(name):
            pairs = align(form, tree, self.givens.fits) or ()
            telling = list(filter(self.tells, pairs))
            if telling:
                fits = [self.givens.fits(*pair) for pair in telling]
                verdicts.append(all(fits))
        if verdicts:
            yield any(verdicts)

    def tells(self, pair: tuple[Expression, Node]) -> bool:
        """True for a part of a formula whose number is that of givens."""
        tree, _ = pair
        if not refs(tree):
            return False
        return self.givens.expected(tree) is not None

    def formula(self, habit: Habit, name: str, tree: Node, context: Context) -> bool:
        """True where a formula is that of the quantity, read in a habit of counting entries."""
        # The other names of the formula are to be read in the same habit.
        alone = replace(self.evidence.components, chosen={habit.styles: (habit,)})
        evidence = replace(self.evidence, components=alone)
        score = evidence.formula_score(name, tree, evidence.at(context, name))
        return score >= FORMULA

    def chosen(self, styles: Styles) -> Iterator[Habit]:
        """The habits that are left: those with a meaning for all names; of them the one that fits
        best, if any fits."""
        votes = self.votes
        possible = list(filter(self.may_be, self.seen[styles]))
        least = min((votes.outside[habit] for habit in possible), default=0)
        worth: dict[Habit, int] = {}
        for habit in possible:
            if votes.outside[habit] == least:
                worth[habit] = votes.fits[habit] - votes.misfits[habit]
        best = max(worth.values(), default=0)
        for habit, votes_for in worth.items():
            if best <= 0 or votes_for == best:
                yield habit

    def may_be(self, habit: Habit) -> bool:
        """Entries count from nought in a program, or where a page has an entry of that number."""
        if habit.first:
            return True
        in_a_program = habit.styles[-1:] == (BRACKET,)
        return in_a_program or habit in self.votes.from_nought


def _is_own(chain: Chain) -> bool:
    """True for a statement of the writer's own derivation."""
    return not (chain.context.scope or chain.remark)
