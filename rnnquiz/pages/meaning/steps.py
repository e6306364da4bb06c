"""From which number a page counts its steps: the indices that it uses, its inputs and targets, and
the numbers put in say so, or it is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from rnnquiz.algebra.expression import Expression, refs
from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array
from rnnquiz.languages.sentences import said
from rnnquiz.pages.mathematics.values import number_of
from rnnquiz.pages.mathematics.written import Name, Node, Op, is_name, is_numeric, is_value
from rnnquiz.pages.meaning.alignment import align
from rnnquiz.pages.meaning.formulas import Formulas
from rnnquiz.pages.meaning.known import holds
from rnnquiz.pages.meaning.names import Names
from rnnquiz.pages.stated.chains import Chain, beside

OTHERS = (1, -1)  # what is added to a step of the page, where it is not the sheet's
FIRSTS = (0, 1)  # numbers that a first step is given
UNCOUNTED = said(
    "the page may count its steps from another number than the sheet, and does not show from which"
)
MOST_RIGHT = 40  # statements that fit the sheet's steps: what comes behind them changes nothing


@dataclass(frozen=True)
class Counting:
    """`offset` is what is added to a step of the page to get the sheet's. `why` the steps of the
    page are not known; empty where they are."""

    offset: int = 0
    why: str = ""


@dataclass
class _Votes:
    """How many statements fit an offset, how many state another given than that of the step, how
    many put in another number, and how many name a step that is not there."""

    fits: int = 0
    others: int = 0
    misfits: int = 0
    outside: int = 0
    first: Chain | None = None  # that speaks against it

    def add(self, vote: str, chain: Chain) -> None:
        count = getattr(self, vote)
        setattr(self, vote, count + 1)
        if vote == "others":
            self.misfits += 1
        if vote != "fits" and self.first is None:
            self.first = chain


@dataclass
class Steps:
    """The steps of one page. `names` has the names of the bank by the offset."""

    bank: Bank
    formulas: Formulas
    names: Mapping[int, Names]
    givens: Mapping[str, Array]
    scalars: Mapping[str, float]
    timed: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        known = filter(self.bank.graph.quantities.__contains__, self.givens)
        self.timed = frozenset(filter(self.has_step, known))

    def has_step(self, name: str) -> bool:
        """True for a quantity of one step."""
        return self.bank.graph[name].time is not None

    def of(self, chains: Sequence[Chain]) -> Counting:
        """The sheet's own steps, unless statements speak against them and another offset fits."""
        own = list(filter(_tells_of_steps, chains))
        votes = self.votes(own, 0)
        # Nearly every page: the names are not looked up in the other countings.
        if not votes.misfits and not votes.outside:
            return Counting()
        rivals = [(self.votes(own, offset), offset) for offset in OTHERS]
        other, offset = max(rivals, key=_worth)
        if other.outside or other.misfits > other.fits or votes.fits > other.fits:
            return Counting()  # single slips, in steps that are counted as on the sheet
        if not (votes.outside or votes.others or other.fits):
            return Counting()  # numbers that fit no step
        if other.fits > votes.fits and not other.misfits:
            if self.bank.notation.first - offset in FIRSTS:
                return Counting(offset)
            if votes.misfits == other.fits == 1 and not votes.outside:
                return Counting()  # one slip; nobody counts from there
        # What is left may be either: a number at the wrong step is worse than one that is not read.
        if not votes.first or not is_name_of(votes.first):
            return Counting(0, UNCOUNTED)
        why = said(
            "the page may count its steps from another number than the sheet ({left}), and does not"
            " show from which",
            left=str(votes.first.left),
        )
        return Counting(0, why)

    def votes(self, chains: Sequence[Chain], offset: int) -> _Votes:
        """How many lines speak for and against a way of counting steps."""
        votes = _Votes()
        for chain in chains:
            for vote in self.votes_of(chain, offset):
                votes.add(vote, chain)
            if votes.fits > MOST_RIGHT:
                break
        return votes

    def votes_of(self, chain: Chain, offset: int) -> Iterator[str]:
        """What one statement says of an offset."""
        left = chain.left
        if left is None or not is_name(left) or not any(map(_has_number, chain.readable)):
            return
        found = self.names[offset].meant(left, chain.context)
        if not found:
            if not isinstance(left, Name) or _is_boundary(left, chain):
                return
            if self.elsewhere(left, chain, offset):
                yield "outside"
            return
        quantities = [self.bank.graph[name] for name in found]
        if all(q.formula is None for q in quantities):
            yield from self.given(found, chain)
            return
        for name in found:
            if self.has_step(name) and self.in_its_section(name, chain, offset):
                yield from self.put_in(name, chain)
        values = _trees(chain)
        if not all(map(is_value, values)):
            return
        # y_1 = 0.5 for a target that shares the letter of its prediction.
        timed = filter(self.timed.__contains__, found)
        if any(agrees(values[-1], self.givens[name]) for name in timed):
            yield "fits"

    def in_its_section(self, name: str, chain: Chain, offset: int) -> bool:
        """False where the section is about another step: a slip in one of them, which says nothing
        of how the page counts."""
        time = self.bank.graph[name].time or 0
        shown = self.names[offset].notation.first + time - 1
        return chain.context.step in (None, shown)

    def elsewhere(self, left: Node, chain: Chain, offset: int) -> bool:
        """True for a name that has a step of the sheet where the steps are counted otherwise."""
        for other, names in self.names.items():
            if other == offset:
                continue
            meant = names.meant(left, chain.context)
            if any(map(self.has_step, meant)):
                return True
        return False

    def given(self, found: Sequence[str], chain: Chain) -> Iterator[str]:
        """A given: the sheet's own number for it, or none of its step."""
        if found[0] not in self.timed:
            return
        last = chain.readable[-1].tree
        if last is None or not is_value(last):
            return
        if not all(map(is_value, _trees(chain))):
            yield "outside"  # it is computed
        elif agrees(last, self.givens[found[0]]):
            yield "fits"
        else:
            yield "others"

    def put_in(self, name: str, chain: Chain) -> Iterator[str]:
        """Inputs, targets and the initial state among the numbers put in."""
        forms = list(filter(self.is_of_numbers, self.formulas.templates(name)))
        for tree in _trees(chain):
            if not is_numeric(tree) or is_value(tree):
                continue
            for form in forms:
                pairs = align(form, tree, self.may_be) or ()
                telling = list(filter(self.tells, pairs))
                # One vote for a statement: that of the first form that it is of.
                if telling:
                    fits = all(self.may_be(part, node) for part, node in telling)
                    yield "fits" if fits else "misfits"
                    return

    def is_of_numbers(self, form: Expression) -> bool:
        """True for a formula of numbers that reads what has a step."""
        names = refs(form)
        if self.timed.isdisjoint(names):
            return False
        return all(map(self.formulas.scalar, names))

    def tells(self, pair: tuple[Expression, Node]) -> bool:
        """True for a part of a formula that is known from the givens, those of one step among
        them."""
        tree, _ = pair
        names = refs(tree)
        if self.timed.isdisjoint(names):
            return False
        return self.scalars.keys() >= set(names)

    def may_be(self, tree: Expression, node: Node) -> bool:
        """True where a number is that of a part of a formula, as far as the givens tell."""
        number, names = number_of(node), set(refs(tree))
        if number is None:
            return False
        if not self.scalars.keys() >= names:
            return True
        values = {name: np.float64(self.scalars[name]) for name in names}
        with np.errstate(all="ignore"):
            expected = float(value_of(tree, values))  # type: ignore[arg-type]
        return holds(number, expected)


def _worth(row: tuple[_Votes, int]) -> tuple[bool, int]:
    votes, _ = row
    return not votes.outside, votes.fits - votes.misfits


def _is_boundary(left: Name, chain: Chain) -> bool:
    """True for delta_4 = 0 and dh_4 = 0: beyond the last step nothing comes back."""
    values = [number_of(tree) for tree in _trees(chain)]
    # delta_4 and dh_4 both begin with it.
    if not left.letter.startswith("d") or not values:
        return False
    last = values[-1]
    if last is None:
        return False
    number, _ = last
    return number == 0


def _tells_of_steps(chain: Chain) -> bool:
    """True for a statement of the writer's own, and only one."""
    if chain.context.scope or chain.remark:
        return False
    return not any(map(beside, chain.right))


def _trees(chain: Chain) -> list[Node]:
    """What stands behind the left side, as far as it was taken apart."""
    trees = (member.tree for member in chain.readable)
    return list(filter(None, trees))


def _has_number(member: object) -> bool:
    tree = getattr(member, "tree", None)
    return tree is not None and is_numeric(tree)


def is_name_of(chain: Chain) -> bool:
    """Whether the chain begins with the name of what it is about."""
    return chain.left is not None and is_name(chain.left)


def agrees(value: Node, given: Array) -> bool:
    """True for a number, or a list of numbers, that is a given as far as its digits go."""
    written = list(map(number_of, _flat(value)))
    expected = np.ravel(given).tolist()
    if len(written) != len(expected):
        return False
    for number, there in zip(written, expected, strict=True):
        if number is None or not holds(number, float(there)):
            return False
    return True


def _flat(value: Node) -> Iterator[Node]:
    if isinstance(value, Op) and value.op == "list":
        for arg in value.args:
            yield from _flat(arg)
    else:
        yield value


def counted_from(names: Names, offset: int) -> Names:
    """The names of a page on which the steps have other numbers."""
    notation = names.notation
    first = notation.first - offset
    return replace(names, notation=replace(notation, first=first))
