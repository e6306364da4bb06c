"""Statements to claims: the value of a line for the quantity that it is about, and what is not
read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rnnquiz.algebra.expression import Expression, Ref
from rnnquiz.algebra.symbols import without_step
from rnnquiz.languages.sentences import said
from rnnquiz.pages.alignment import Pairs, align
from rnnquiz.pages.boxes import boxes_of, written_in
from rnnquiz.pages.candidates import Candidates, is_slope
from rnnquiz.pages.chains import Chain, Member, beside, end_of, has_times_sign
from rnnquiz.pages.choosing import GIVEN, Choice
from rnnquiz.pages.evidence import Evidence
from rnnquiz.pages.known import holds
from rnnquiz.pages.page import Page
from rnnquiz.pages.placed import Claim, Placed, Unread
from rnnquiz.pages.statements import MOST_STATEMENTS
from rnnquiz.pages.values import Written, number_of
from rnnquiz.pages.written import (
    Der,
    Name,
    Node,
    Num,
    Op,
    has_slope,
    is_name,
    is_numeric,
    is_value,
    names_in,
    nodes_in,
    numbers_in,
)

# The pages of tests/test_pages.py and tests/test_pages_vectors.py are read alike with half of it
# and with twice.
NEARLY_PRODUCT = 0.02  # of a product of rounded numbers
# Givens that are not the sheet's: one may be a slip of copying. With four the other one of two
# exercises on a page is taken for the sheet's (tests/test_pages.py); with one nothing changes.
FOREIGN = 2
CARRIED = frozenset(["next", "future", "carry"])  # words for what is handed to the step before

TORN = said("it may be several statements, with no sign between them")
TOO_MANY = said(
    "no more than {most} statements of a page are read: what follows is not", most=MOST_STATEMENTS
)


@dataclass(frozen=True)
class NameDoubt:
    """`scan`: a name is a guess at what recognition made of it; `given`: a given may have it,
    too."""

    scan: bool
    given: bool


class Placer:
    """Goes through the statements of one page in order."""

    def __init__(
        self, evidence: Evidence, chains: Sequence[Chain], page: Page, uncounted: str = ""
    ) -> None:
        """`uncounted`: why nothing with a step can be read; empty where it can."""
        self.evidence, self.uncounted, self.page = evidence, uncounted, page
        self.meant = Candidates(evidence)
        self.choice = Choice(evidence, self.meant)
        self.placed = Placed(chains)
        self.foreign = ""
        self.same = self.other = 0  # givens of the sheet, and others, one after the other

    def run(self) -> Placed:
        chains = self.placed.chains
        for number, chain in enumerate(chains):
            self.place(number, chain)
        if len(chains) >= MOST_STATEMENTS:
            number = len(chains) - 1
            last = chains[number]
            self.placed.unread.append(Unread(last.start, TOO_MANY, number))
        return self.placed

    def place(self, number: int, chain: Chain) -> None:
        left = chain.left
        assert left is not None
        if self.is_torn(chain):
            self.leave(number, chain, TORN)
            return
        self.defined(left, chain)
        found = self.meant.of(left, chain)
        own = list(filter(self.evidence.formulas.is_computed, found))
        if found and not own and not chain.context.scope and not chain.remark:
            self.given(number, chain, found[0])
            return
        # Another statement ends a list of givens: a slip in the next one is counted by itself.
        self.same = self.other = 0
        if reason := self.not_own(chain):
            self.leave(number, chain, reason)
            return
        # What recognition may have made of a letter is asked only where the letter means nothing.
        scan = not found
        if scan:
            own = self.meant.by_scan(left, chain)
        own = own or self.as_before(chain)
        given = len(found) > len(own)
        own = [self.choice.one_entry(name, chain) for name in self.choice.shares(own, chain)]
        if own:
            self.settle(number, chain, own, NameDoubt(scan, given))
        elif not self.by_other_name(number, chain):
            self.leave(number, chain, self.unknown(left, chain))

    def as_before(self, chain: Chain) -> list[str]:
        """The quantity of the same name where an earlier line has placed it."""
        earlier = self.choice.earlier(chain)
        if earlier is None or chain.left is None or not is_name(chain.left):
            return []
        return [earlier.name]

    def settle(self, number: int, chain: Chain, own: list[str], doubt: NameDoubt) -> None:
        """The statement for one of the quantities that it may be about, or among what is not
        read."""
        left = chain.left
        chosen = self.choice.chosen(own, chain, doubt.scan, doubt.given)
        name = chosen.name
        if name is None:
            # A given that is copied down states nothing for a box, and is nothing to complain of.
            if chosen.reason != GIVEN:
                self.leave(number, chain, chosen.reason)
            return
        if self.uncounted and self.evidence.shown_time(name) is not None:
            self.leave(number, chain, self.uncounted)
            return
        if (doubt.scan or name not in own) and isinstance(left, (Name, Der)):
            shown = self.evidence.formulas.text(name)
            read = said("{left} is read as {name}", left=str(left), name=shown)
            self.placed.scans.append((number, read))
        whole = self.evidence.formulas.whole(name)
        self.placed.owners[number] = whole
        if whole != name:
            self.placed.entries[number] = name
        self.choice.remember(chain, name)
        if isinstance(left, Name):
            self.evidence.learn(left, name)
        self.claim(number, chain, name)

    def defined(self, left: Node, chain: Chain) -> None:
        """delta_3 = dL/dh_3: what the deltas of this page are."""
        if not isinstance(left, Name) or left.letter != "delta" or left.words:
            return
        deltas = self.evidence.names.deltas(left, chain.context)
        for member in chain.right:
            if isinstance(member.tree, Der):
                shown = self.evidence.names.meant(member.tree, chain.context)
                if len(shown) == 1 and shown[0] in deltas:
                    self.evidence.delta_of = self.evidence.by(shown[0])

    def is_torn(self, chain: Chain) -> bool:
        """h_1 = 0.604 y_1 = 0.402: true where the number and the name behind it are no product of
        the value that follows."""
        for member, after in pairwise(chain.right):
            if self.has_words(member, chain):
                return True
            pair = beside(member)
            if pair is None or after.tree is None:
                continue
            # A formula behind it shows that the chain goes on.
            if not is_value(after.tree) and not beside(after):
                continue
            if not self.is_product(*pair, after.tree, chain):
                return True
        return False

    def is_product(self, factor: Num, name: Node, after: Node, chain: Chain) -> bool:
        """True for a number times a known one that is, nearly, what follows."""
        meant = self.evidence.meaning(name, chain.context, None)
        known = self.evidence.known.number(meant) if meant else None
        value = number_of(after)
        if known is None or value is None:
            return False
        written, place = value
        gap = abs(factor.value * known - written)
        unit = 10.0**place
        # Cut off, not only rounded: a whole unit.
        return gap <= NEARLY_PRODUCT * abs(written) + unit

    def has_words(self, member: Member, chain: Chain) -> bool:
        """0.6 et h_2: true for a number with several names right behind it, one of which is not
        known."""
        tree = member.tree
        if chain.piece.kind == "math" or not isinstance(tree, Op) or tree.op != "mul":
            return False
        number, *names = tree.args
        if not isinstance(number, Num) or len(names) < 2 or not all(map(is_name, names)):
            return False
        if has_times_sign(member):
            return False  # whoever writes the sign means a product
        meanings = [self.evidence.meaning(name, chain.context, None) for name in names]
        return None in meanings

    # Whose it is

    def not_own(self, chain: Chain) -> str:
        if chain.context.scope:
            return said(
                "it stands under {heading} (line {line})",
                heading=chain.context.why,
                line=chain.context.line,
            )
        if self.foreign or not chain.remark:
            return self.foreign
        return said(
            "the line says {remark}: it may be no statement of this derivation",
            remark=repr(chain.remark),
        )

    def unknown(self, left: Node, chain: Chain) -> str:
        if chain.right[0].relation == "+=" and self.meant.of(left, chain):
            return said(
                "the line does not show of which step this share of {left} is", left=str(left)
            )
        if isinstance(left, Name) and not CARRIED.isdisjoint((*left.words, left.letter)):
            return said("it is carried to the step before, and no quantity of the sheet by itself")
        if self.evidence.components.is_open(left, chain.context):
            return said("the page does not show which entry {left} is", left=str(left))
        shown = str(left) if is_name(left) else said("this expression")
        return said("{left} is no quantity of the sheet", left=shown)

    def by_other_name(self, number: int, chain: Chain) -> bool:
        """hbar_2 = dL/dh_2 = 0.45: read for the name in the middle, where the first is the page's
        own; false where there is none."""
        value = self.choice.final(chain)
        if value is None or not is_name(chain.members[0].tree or value):
            return False
        for member in chain.right:
            if member.tree is None or not is_name(member.tree):
                continue
            found = self.evidence.meant(member.tree, chain.context)
            if len(found) != 1:
                continue
            (other,) = found
            # Where the page's steps are not known, nothing with a step is read (as in `settle`).
            uncounted = self.uncounted and self.evidence.shown_time(other) is not None
            if not uncounted and self.evidence.formulas.is_computed(other):
                self.placed.owners[number] = self.evidence.formulas.whole(other)
                self.put(other, value, "middle", number, member.place)
                return True
        return False

    # Claims

    def claim(self, number: int, chain: Chain, name: str) -> None:
        """The value of a chain for all that it names."""
        self.inner(number, chain, name)
        value = self.choice.final(chain)
        formulas = self.evidence.formulas
        if value is None:
            if why := self.without_value(chain):
                shown = formulas.text(name)
                reason = said("{reason}: {name} is not read from here", reason=why, name=shown)
                self.leave(number, chain, reason)
            return
        texts = boxes_of(formulas, name, value)
        if texts is None:
            self.leave(number, chain, said("{name} has another shape", name=formulas.text(name)))
            return
        end = end_of(chain)
        struck = end is not None and self.page.is_struck(end.place)
        kind = "struck" if struck else "stated"
        here = _place_of(value, chain)
        claim = Claim(formulas.whole(name), texts, kind, number, here)
        self.placed.claims.append(claim)
        for one, written in self.numbers(texts):
            # What is crossed out stands only where nothing else does.
            if not (struck and one in self.evidence.known.values):
                self.evidence.known.state(one, self.finer(one, written))
        for member in chain.right:
            if member.tree is not None and is_name(member.tree):
                self.named_in_between(number, chain, member, name, value)

    def without_value(self, chain: Chain) -> str:
        """Why a line ends without a number, where that is to be said."""
        last = chain.right[-1]
        if last.tree is None:
            return last.reason
        return self.unknown_in(last.tree, chain)

    def unknown_in(self, tree: Node, chain: Chain) -> str:
        """What of the end of a line is not known, where numbers stand beside it: O.604 may have
        been a number."""
        if not any(isinstance(node, Num) and node.place < 0 for node in nodes_in(tree)):
            return ""
        for name in names_in(tree):
            if isinstance(name, Name) and not self.evidence.meant(name, chain.context):
                return said("{name} is not known", name=str(name))
        return ""

    def numbers(self, texts: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Written]]:
        """What boxes say, each as a quantity or an entry with its number."""
        for box, text in texts:
            number = written_in(text)
            if number is not None:
                yield self.evidence.formulas.by_box[box], number

    def finer(self, name: str, new: Written) -> Written:
        """The finer of two numbers that agree, else the later one."""
        old = self.evidence.known.values.get(name)
        if old is not None and old[1] < new[1] and holds(new, old[0]):
            return old
        return new

    def named_in_between(
        self, number: int, chain: Chain, member: Member, name: str, value: Node
    ) -> None:
        assert member.tree is not None
        context = self.evidence.at(chain.context, name)
        other = self.evidence.meaning(member.tree, context, name)
        exact = self.evidence.meant(member.tree, chain.context)
        if other is None or other == name or not exact:
            return
        if self.evidence.formulas.is_computed(other):
            self.put(other, value, "middle", number, member.place)

    def inner(self, number: int, chain: Chain, name: str) -> None:
        """A slope that is written out in a line and then put in as a number: sech^2(0.9) x 0.8 =
        0.49 x 0.8."""
        form = self.evidence.formulas.quantity(name).formula
        slopes = list(filter(is_slope, self.evidence.formulas.inner_of(name)))
        if form is None or len(slopes) != 1 or not any(has_slope(m.tree) for m in chain.right):
            return
        (slope,) = slopes
        for member in chain.right:
            tree = member.tree
            if tree is None or not is_numeric(tree) or has_slope(tree):
                continue
            value = self.put_in_for(slope, form, tree)
            if value is not None:
                self.put(slope, value, "inner", number, member.place)
                return

    def put_in_for(self, slope: str, form: Expression, tree: Node) -> Node | None:
        """The number that stands for a slope where all others of the formula fit."""
        looked_for = Ref(slope)

        def fits(part: Expression, node: Node) -> bool:
            return part == looked_for or self.evidence.known.fits(part, node)

        pairs = align(form, tree, fits) or []
        mine = list(_put_in_for(looked_for, pairs))
        # One that is there twice, or is not worked out yet, has no number of its own.
        if len(mine) != 1 or not is_value(mine[0]):
            return None
        if all(fits(part, node) for part, node in pairs):
            return mine[0]
        return None

    def put(self, name: str, value: Node, kind: str, number: int, place: int) -> None:
        """A claim for what is not what the line is about."""
        texts = boxes_of(self.evidence.formulas, name, value)
        if texts is None:
            return
        whole = self.evidence.formulas.whole(name)
        self.placed.claims.append(Claim(whole, texts, kind, number, place))
        known = self.evidence.known
        for one, written in self.numbers(texts):
            # A number in the middle of another's line never takes the place of a stated one.
            if one not in known.values:
                known.state(one, written)

    def given(self, number: int, chain: Chain, name: str) -> None:
        """A statement about a given: the sheet's own, a slip of copying, or another problem's."""
        value, givens = self.choice.last_value(chain), self.evidence.known.givens
        if value is None or name not in givens:
            return
        if holds(value, givens[name]):
            self.same += 1
            if self.same > self.other:
                self.foreign = ""
            return
        shown = self.evidence.formulas.text(name)
        if self.may_be_updated(name, chain):
            reason = said("{name} may be the parameter before or after the update", name=shown)
            self.leave(number, chain, reason)
            return
        facts = {"name": shown, "here": value[0], "sheet": givens[name]}
        here = said("{name} = {here:g} here, and {sheet:g} on the sheet", **facts)
        self.placed.givens.append((number, name, here))
        self.other += 1
        others = self.other >= FOREIGN and self.other > self.same
        # A given that changes once it was used is another problem's; before that it may be a slip,
        # unless several differ, and the sheet's own number comes in a later section.
        if self.is_used(name) or (others and self.comes_later(number, name)):
            self.foreign = said("it stands under other numbers ({numbers})", numbers=here)

    def stated_so_far(self) -> set[str]:
        return {self.evidence.formulas.whole(one) for one in self.evidence.known.values}

    def may_be_updated(self, name: str, chain: Chain) -> bool:
        """True for a parameter where the page has come to the update."""
        new = f"{self.evidence.formulas.whole(name)}_new"
        if new not in self.evidence.bank.graph.quantities:
            return False
        if chain.context.part == "update":
            return True
        return any(map(_is_updated, self.stated_so_far()))

    def is_used(self, name: str) -> bool:
        """True where something was stated that is computed from a given."""
        ancestors = self.evidence.bank.graph.ancestors
        whole = self.evidence.formulas.whole(name)
        stated = self.stated_so_far()
        return any(whole in ancestors[one] for one in stated)

    def comes_later(self, number: int, name: str) -> bool:
        """True where a later section of the page has the sheet's own number for a given."""
        own = self.evidence.known.givens[name]
        for chain in self.placed.chains[number + 1 :]:
            value, left = self.choice.last_value(chain), chain.left
            if value is None or left is None or not holds(value, own):
                continue
            if name in self.evidence.meant(left, chain.context):
                return True
        return False

    def leave(self, number: int, chain: Chain, reason: str) -> None:
        """Put a statement on the list of what is not read, where it states a number or breaks
        off."""
        if any(_says_a_number(member.tree) for member in chain.right):
            self.placed.unread.append(Unread(chain.start, reason, number))


def _put_in_for(part: Expression, pairs: Pairs) -> Iterator[Node]:
    """What stands for one part of a formula, wherever that is read."""
    for other, node in pairs:
        if other == part:
            yield node


def _is_updated(name: str) -> bool:
    return without_step(name).endswith("_new")


def _place_of(value: Node, chain: Chain) -> int:
    """Where the member stands that is a value."""
    for member in chain.right:
        # The same number may stand there twice: which of them was taken counts.
        if member.tree is value:
            return member.place
    raise ValueError("the value is no member of the line")


def _says_a_number(tree: Node | None) -> bool:
    """True for what has a number outside of a name; what is not understood may have one."""
    if tree is None:
        return True
    # The index of a name is no number that is stated.
    if is_name(tree):
        return False
    return bool(numbers_in(tree))
