"""The statements of a page as they grow: what begins one, what goes on with it, what is lost."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rnnquiz.languages.sentences import said
from rnnquiz.pages.layout.pieces import Piece
from rnnquiz.pages.mathematics.members import parse
from rnnquiz.pages.mathematics.token import Token, Unparsed, is_number_token
from rnnquiz.pages.mathematics.values import centre_and_spread
from rnnquiz.pages.mathematics.ways import NoValue
from rnnquiz.pages.mathematics.written import Der, is_name, is_numeric, nodes_in
from rnnquiz.pages.stated.chains import Chain, Lost, Member
from rnnquiz.pages.stated.context import Context, step_in
from rnnquiz.pages.stated.headed import at_step, is_loss
from rnnquiz.pages.stated.left_sides import left_of
from rnnquiz.pages.stated.parts import Part
from rnnquiz.pages.stated.prose_words import plausible
from rnnquiz.pages.stated.remarks import member_of

AGREES = 0.05  # relative: one chain rounds again and again; with 0.02 and 0.1 pages read alike
NAMELESS = said("it names no quantity")
NOTHING_BEFORE = said("it goes on with a line that is not there")
NOT_UNDERSTOOD = said("what it is about is not understood")


@dataclass(frozen=True)
class Here:
    """The piece that is read, whether it is text rather than mathematics, and why its lines may be
    no statements."""

    piece: Piece
    plain: bool
    remark: str


class Growing:
    """The statements of a page as far as it is read. `words`: names of several letters."""

    def __init__(self, words: frozenset[str]) -> None:
        self.words = words
        self.subject: Member | None = None  # the last name that a statement was about
        self.chains: list[Chain] = []
        self.lost: list[Lost] = []
        self.last: list[Chain] = []  # of the last row that had any
        self.rows = 0
        self.context = Context()

    @property
    def scopes(self) -> int:
        """How many scopes there are so far, but for the derivation of the writer."""
        if not self.chains:
            return self.context.scope
        last = self.chains[-1].context
        return max(self.context.scope, last.scope)

    def begin(self, left: Member, here: Here, row: list[Chain]) -> None:
        """A new statement, about what stands at its left."""
        if left.tree is not None and is_name(left.tree):
            self.subject = left
            # "L at t = 2": the loss of that step, and not the sum.
            if step_in(here.piece.words) is not None and is_loss(left.tree):
                left = replace(left, tree=at_step(left.tree, self.context.step))
        chain = Chain([left], self.context, self.rows, here.piece, here.remark)
        self.chains.append(chain)
        row.append(chain)

    def extend(self, chain: Chain, part: Part, here: Here, row: list[Chain]) -> None:
        """The members of a statement; of those behind a remark and another name, another one's."""
        last = len(part.relations) - 1
        members = zip(part.relations, part.tokens[1:], strict=True)
        for k, (relation, tokens) in enumerate(members):
            # A row that ends with its sign goes on in the next one.
            if not tokens:
                continue
            words = self.words if here.plain else None
            member = member_of(_equal(relation), tokens, here.piece, words, k == last)
            if here.plain and not plausible(member.tree, self.words):
                if len(chain.members) == 1:
                    self.lose(part, here)
                return
            chain.members.append(member)
            rest = tokens[len(member.tokens) :]  # h_1 = 0.6 and h_2 = 0.7
            if not rest or k == last:
                continue
            named = left_of(rest, here.plain, self.words)
            if named is not None and named.tree is not None and is_name(named.tree):
                self.begin(replace(named, piece=here.piece), here, row)
                chain = row[-1]

    def continue_chain(self, part: Part, here: Here, row: list[Chain]) -> None:
        """A row that begins with a sign: it goes on with a chain of the row before, in two columns
        with the one that it fits."""
        before = row or self.last
        if not before or (part.before in (",", ";") and not row):
            self.lose(part, here)
            return
        words = self.words if here.plain else None
        members: list[Member] = []
        for relation, tokens in zip(part.relations, part.tokens[1:], strict=True):
            if tokens:
                member = member_of(_equal(relation), tokens, here.piece, words)
                members.append(member)
        readable = not here.plain or self.are_mathematics(members)
        if not members or not readable:
            self.lose(part, here)
            return
        if part.column:  # below what stands in the same column
            below = slice(part.column, part.column + 1)
            before = self.last[below] or before[-1:]
        chain = _fitting(before, members)
        if part.tokens[0]:
            self.grow(chain, part.tokens[0])
        chain.members += members
        if not row or part.column:
            row.append(chain)

    def are_mathematics(self, members: Sequence[Member]) -> bool:
        """True where all members are likely to be mathematics and not words."""
        return all(plausible(member.tree, self.words) for member in members)

    def lose(self, part: Part, here: Here) -> None:
        """What has a relation with a number behind it, and still is no statement that is
        understood."""
        left, *right = part.tokens
        behind = list(itertools.chain.from_iterable(right))
        if not any(map(is_number_token, behind)):
            return
        # "### t = 2" is no statement, nor is "Page: 3".
        if here.piece.kind == "heading" or part.relations[0] not in "=≈":
            return
        named = not left or any(map(_is_own_name, left))
        numbers = list(filter(is_number_token, left))
        is_arithmetic = len(numbers) > 1
        if not named and not is_arithmetic:
            return
        reason = NOT_UNDERSTOOD if named else NAMELESS
        if not left and part.before == "row":
            reason = NOTHING_BEFORE
        first, *_ = (*left, *behind)
        place = here.piece.start + first.start
        self.lost.append(Lost(place, reason))

    def grow(self, chain: Chain, tokens: Sequence[Token]) -> None:
        """More of the last member of a chain."""
        last = chain.members[-1]
        if len(chain.members) > 1 and last.piece is not None:
            grown = member_of(last.relation, [*last.tokens, *tokens], last.piece)
            # Tokens that make no sense behind it are something else.
            if grown.tree is not None:
                # The tokens may be of another piece: the member begins where it began.
                chain.members[-1] = replace(grown, start=last.start)


def _equal(relation: str) -> str:
    if relation == ":":
        return "="
    return relation


def _is_own_name(token: Token) -> bool:
    """True for a name but that of the time."""
    return token.kind == "name" and token.text not in "tT"


def _fitting(chains: Sequence[Chain], members: Sequence[Member]) -> Chain:
    """The chain that a row goes on with: of several, the one whose last value it agrees with, else
    the first."""
    if len(chains) == 1:
        return chains[0]

    def ends(member: Member) -> tuple[float, float] | None:
        try:
            if member.tree is not None and is_numeric(member.tree):
                return centre_and_spread(member.tree)
            return None
        except (NoValue, TypeError, ValueError):
            return None

    here = ends(members[0]) if members else None
    if here is None:
        return chains[0]
    centre, spread = here
    for chain in chains:
        there = ends(chain.members[-1])
        if there is None:
            continue
        value, its_spread = there
        room = spread + its_spread + AGREES * abs(value)
        if abs(centre - value) <= room:
            return chain
    return chains[0]


def is_artefact(tokens: Sequence[Token]) -> bool:
    """True for factors that a scan parts by a comma: derivatives, and nothing else."""
    try:
        tree = parse(tokens)
    except Unparsed:
        return False
    # 0.6, 0.7 is a list, and no product that a scan has torn.
    if is_numeric(tree):
        return False
    return any(isinstance(node, Der) for node in nodes_in(tree))
