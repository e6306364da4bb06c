"""Statements to claims: the value of a line for the quantity that it is about, and what is not
read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rnnquiz.languages.sentences import said
from rnnquiz.pages.layout.page import Page
from rnnquiz.pages.mathematics.values import Written
from rnnquiz.pages.mathematics.written import Der, Name, Node, Num, is_name, names_in, nodes_in
from rnnquiz.pages.meaning.evidence import Evidence
from rnnquiz.pages.meaning.known import holds
from rnnquiz.pages.placing.boxes import boxes_of, written_in
from rnnquiz.pages.placing.candidates import Candidates
from rnnquiz.pages.placing.choosing import GIVEN, Choice
from rnnquiz.pages.placing.givens import StatedGivens
from rnnquiz.pages.placing.placed import Claim, Placed, Unread
from rnnquiz.pages.placing.slopes import slope_put_in
from rnnquiz.pages.placing.torn import TORN, is_torn
from rnnquiz.pages.stated.chains import Chain, Member, end_of
from rnnquiz.pages.stated.statements import MOST_STATEMENTS

CARRIED = frozenset(["next", "future", "carry"])  # words for what is handed to the step before

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
        self.givens = StatedGivens(evidence, self.choice, self.placed)

    def run(self) -> Placed:
        """Says of every line of the page which quantity it is."""
        chains = self.placed.chains
        for number, chain in enumerate(chains):
            self.place(number, chain)
        if len(chains) >= MOST_STATEMENTS:
            number = len(chains) - 1
            last = chains[number]
            self.placed.unread.append(Unread(last.start, TOO_MANY, number))
        return self.placed

    def place(self, number: int, chain: Chain) -> None:
        """Says of one line which quantity it is."""
        left = chain.left
        assert left is not None
        if is_torn(chain, self.evidence):
            self.placed.leave(number, chain, TORN)
            return
        self.defined(left, chain)
        found = self.meant.of(left, chain)
        own = list(filter(self.evidence.formulas.is_computed, found))
        if found and not own and not chain.context.scope and not chain.remark:
            self.givens.state(number, chain, found[0])
            return
        # Another statement ends a list of givens: a slip in the next one is counted by itself.
        self.givens.same = self.givens.other = 0
        if reason := self.not_own(chain):
            self.placed.leave(number, chain, reason)
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
            self.placed.leave(number, chain, self.unknown(left, chain))

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
                self.placed.leave(number, chain, chosen.reason)
            return
        if self.uncounted and self.evidence.shown_time(name) is not None:
            self.placed.leave(number, chain, self.uncounted)
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

    # Whose it is

    def not_own(self, chain: Chain) -> str:
        """Why a line is not about the exercise; empty where it is."""
        if chain.context.scope:
            return said(
                "it stands under {heading} (line {line})",
                heading=chain.context.why,
                line=chain.context.line,
            )
        if self.givens.foreign or not chain.remark:
            return self.givens.foreign
        return said(
            "the line says {remark}: it may be no statement of this derivation",
            remark=repr(chain.remark),
        )

    def unknown(self, left: Node, chain: Chain) -> str:
        """Why the left side of a line is no quantity."""
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
        slope = slope_put_in(chain, name, self.evidence)
        if slope is not None:
            self.put(slope.name, slope.value, "inner", number, slope.place)
        value = self.choice.final(chain)
        formulas = self.evidence.formulas
        if value is None:
            if why := self.without_value(chain):
                shown = formulas.text(name)
                reason = said("{reason}: {name} is not read from here", reason=why, name=shown)
                self.placed.leave(number, chain, reason)
            return
        texts = boxes_of(formulas, name, value)
        if texts is None:
            self.placed.leave(
                number, chain, said("{name} has another shape", name=formulas.text(name))
            )
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
        """Keeps the value of a quantity that a line names on its way to another one."""
        assert member.tree is not None
        context = self.evidence.at(chain.context, name)
        other = self.evidence.meaning(member.tree, context, name)
        exact = self.evidence.meant(member.tree, chain.context)
        if other is None or other == name or not exact:
            return
        if self.evidence.formulas.is_computed(other):
            self.put(other, value, "middle", number, member.place)

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


def _place_of(value: Node, chain: Chain) -> int:
    """Where the member stands that is a value."""
    for member in chain.right:
        # The same number may stand there twice: which of them was taken counts.
        if member.tree is value:
            return member.place
    raise ValueError("the value is no member of the line")
