"""Statements: chains of members between signs such as = and ≈, as they stand on a page."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from rnnquiz.languages.sentences import said
from rnnquiz.pages.chains import Chain, Lost, Member
from rnnquiz.pages.context import Context, after, level_of, quoted, step_in
from rnnquiz.pages.headed import at_step, index_losses, is_loss
from rnnquiz.pages.left_sides import is_artefact, left_of
from rnnquiz.pages.members import parse
from rnnquiz.pages.page import Page
from rnnquiz.pages.parts import OPERATORS, Part, parts_in
from rnnquiz.pages.pieces import Piece, pieces_of
from rnnquiz.pages.prose_words import plausible
from rnnquiz.pages.remarks import member_of
from rnnquiz.pages.tables import Tables
from rnnquiz.pages.token import Token, Unparsed
from rnnquiz.pages.tokens import decimal_commas, tokens_of
from rnnquiz.pages.values import centre_and_spread
from rnnquiz.pages.ways import NoValue
from rnnquiz.pages.worded import lettered, named_component, parted_at_gaps, parted_at_words
from rnnquiz.pages.written import Der, DerOf, Name, Node, Op, is_name, is_numeric, is_value

MOST_STATEMENTS = 3000  # a page of three steps has 150
AGREES = 0.05  # relative: one chain rounds again and again; with 0.02 and 0.1 pages read alike
LONGEST_NAME = 60  # characters
NAMELESS = said("it names no quantity")
NOTHING_BEFORE = said("it goes on with a line that is not there")
NOT_UNDERSTOOD = said("what it is about is not understood")
_BARE_NUMBERS = re.compile(r"[\s\d,;()\[\]+−-]*\d[.,]\d[\s\d.,;()\[\]e+−-]*")
NO_LABELS: Mapping[str, str] = {}


@dataclass(frozen=True)
class _Here:
    """The piece that is read, whether it is text rather than mathematics, and why its lines may be
    no statements."""

    piece: Piece
    plain: bool
    remark: str


def chains_of(
    page: Page,
    words: Collection[str],
    own: frozenset[str] = frozenset(),
    labels: Mapping[str, str] = NO_LABELS,
) -> tuple[list[Chain], list[Lost]]:
    """All statements of a page, in order, and what looks like one and could not be taken apart.
    `labels`: words that a line may begin with, by the letters that they stand for."""
    reader = _Reader(page, words, own, labels)
    chains = list(filter(_is_statement, reader.run()))
    index_losses(chains)
    return chains, reader.lost


class _Reader:
    def __init__(
        self, page: Page, words: Collection[str], own: frozenset[str], labels: Mapping[str, str]
    ) -> None:
        self.page, self.words, self.own, self.labels = page, frozenset(words), own, labels
        self.subject: Member | None = None  # the last name that a statement was about
        self.comma = decimal_commas(page.text)
        self.chains: list[Chain] = []
        self.lost: list[Lost] = []
        self.last: list[Chain] = []  # of the last row that had any
        self.rows = 0
        self.stepped: list[int] = []  # rows that name their step themselves
        self.context = Context()

    def run(self) -> list[Chain]:
        head: tuple[str, ...] = ()
        below = 0  # where the next row of the same table begins
        tables = Tables(self)
        for piece in pieces_of(self.page):
            if len(self.chains) > MOST_STATEMENTS:
                break
            if piece.kind in ("heading", "prose"):
                line, _ = self.page.place(piece.start)
                level = 0
                if piece.kind == "heading":
                    level = level_of(piece.text)
                    # No chain goes on below a heading; it does so across prose.
                    self.last, self.subject = [], None
                self.context = after(self.context, piece.words, level, line, self.scopes, self.own)
            if piece.kind == "row":
                if piece.start != below:
                    head = ()  # another table
                head = tables.row(piece, head)
                below = piece.start + len(piece.text)
            else:
                self.read(piece)
        return self.chains

    @property
    def scopes(self) -> int:
        if not self.chains:
            return self.context.scope
        last = self.chains[-1].context
        return max(self.context.scope, last.scope)

    def read(self, piece: Piece) -> None:
        """The statements of one piece, row by row."""
        plain = piece.kind in ("prose", "heading", "code")
        # Most lines of prose have no sign, and need not be taken apart.
        if plain and not any(sign in piece.text for sign in "=≈←~:"):
            self.alone(piece)
            return
        if plain and _is_open(piece.text):
            self.lost.append(Lost(piece.start, said("a bracket is not closed in this line")))
            return
        text = self.with_signs(piece.text) if plain else piece.text
        try:
            found = parts_in(text, self.words, self.comma, piece.breaks)
        except Unparsed as error:
            place = piece.start + error.start
            self.lost.append(Lost(place, error.reason))
            return
        remark = ""
        # "if" and "not" are no words of prose in a program.
        if plain and piece.kind != "code":
            remark = quoted(piece.words)
        here = _Here(piece, plain, remark)
        for parts in _rows(found):
            self.read_row(parts, here)

    def read_row(self, parts: list[Part], here: _Here) -> None:
        self.rows += 1
        before_last = self.rows - 2
        if self.stepped[-2:] == [before_last, before_last + 1]:
            self.context = replace(self.context, step=None)  # it was that of one row
        parts = self.tuples(parts, here)
        alone = len(parts) == 1
        row: list[Chain] = []
        for part in parts:
            self.take(part, here, row, alone)
        self.last = row or self.last

    def with_signs(self, line: str) -> str:
        """A line of text with signs and letters where wide blanks and words stand for them."""
        named = named_component(line)
        signed = parted_at_words(parted_at_gaps(named))
        return lettered(signed, self.labels)

    def alone(self, piece: Piece) -> None:
        """A line with nothing but a name, of which the next line tells the value."""
        bare = piece.text.strip()
        if _BARE_NUMBERS.fullmatch(bare) and bare.count("[") == bare.count("]"):
            self.lost.append(Lost(piece.start, NAMELESS))
        if not bare or len(bare) > LONGEST_NAME or not any(sign in bare for sign in "∂_/₁₂₃"):
            return
        try:
            tokens = tokens_of(piece.text, self.words, self.comma)
            named = parse(tokens)
        except Unparsed:
            return
        if is_name(named) and plausible(named, self.words) and not isinstance(named, DerOf):
            kept = tuple(tokens)
            first, last = kept[0], kept[-1]
            left = Member("", named, "", first.start, last.end, kept, piece)
            self.rows += 1
            self.last = []
            self.begin(left, _Here(piece, True, ""), self.last)

    def tuples(self, parts: list[Part], here: _Here) -> list[Part]:
        """h_1, h_2 = 0.6, 0.7: each name with its number; nothing, where their numbers differ."""
        found: list[Part] = []
        at = 0
        while at < len(parts):
            middle = parts[at]
            values = _run_of(parts[at + 1 :], self.bare_value)
            if not middle.relations or not values or not self.bare_value_at_end(middle):
                found.append(middle)
                at += 1
                continue
            nearest_first = _run_of(found[::-1], self.bare_name)
            names = nearest_first[::-1]
            if len(names) == len(values) and len(middle.relations) == 1:
                # The sign stands between the last name and the first number.
                last_name, first_number = middle.tokens
                sides = [*map(_first_tokens, names), last_name]
                numbers = [first_number, *map(_first_tokens, values)]
                begun = len(found) - len(names)
                del found[begun:]
                for name, number in zip(sides, numbers, strict=True):
                    found.append(Part(",", middle.relations, [name, number]))
            else:
                self.lose(middle, here)
            at += 1 + len(values)
        return found

    def bare_value_at_end(self, part: Part) -> bool:
        last = Part(",", [], part.tokens[-1:])
        return self.bare_value(last)

    def bare_value(self, part: Part) -> bool:
        """True for a number that stands alone between commas."""
        if part.relations or part.before != ",":
            return False
        return self.holds(part.tokens[0], is_value)

    def bare_name(self, part: Part) -> bool:
        if part.relations:
            return False
        return self.holds(part.tokens[0], is_name)

    @staticmethod
    def holds(tokens: Sequence[Token], what: Callable[[Node], bool]) -> bool:
        try:
            if tokens:
                return what(parse(tokens))
            return False
        except Unparsed:
            return False

    def take(self, part: Part, here: _Here, row: list[Chain], alone: bool) -> None:
        """One part of a row: a statement, or what goes on with one."""
        first = part.tokens[0]
        if not part.relations:
            self.go_on(part, here, row, alone)
            return
        if part.before == "→" and first and first[0].kind == "text":
            return  # a remark behind an arrow
        if not first:
            self.continue_chain(part, here, row)
            return
        if self.holds(first, is_numeric) and self.holds(part.tokens[-1], is_name):
            *others, first = part.tokens  # 0.5 * 0.6 = 0.3 = y
            part = Part(part.before, part.relations, [first, *others], part.column)
        left = left_of(first, here.plain, self.words)
        # "Loss: L = 0.5" is about L, and "h_1: f(0.2) = 0.198" about h_1.
        if part.relations[0] == ":" and (
            left is None or (len(part.relations) > 1 and not _is_label(left.tree))
        ):
            rest = Part(",", part.relations[1:], part.tokens[1:])  # words in front of a statement
            self.take(rest, here, row, alone)
            return
        self.state(left, part, here, row)

    def state(self, left: Member | None, part: Part, here: _Here, row: list[Chain]) -> None:
        """A statement about what stands at its left, or what goes on with the one before it."""
        first = part.tokens[0]
        product = left is None or isinstance(left.tree, Op)
        if (
            product
            and row
            and part.before in (",", "gap")
            and not here.plain
            and is_artefact(first)
        ):
            self.grow(row[-1], first)
            self.extend(row[-1], part, here, row)
        elif (
            left is None
            and first[0].text in OPERATORS
            and part.before == "row"
            and self.is_open(here)
            and not here.plain
        ):
            self.continue_chain(part, here, row)
        elif left is None:
            self.nameless(part, here, row)
        elif isinstance(left.tree, Name) and self.is_step(left.tree, part):
            return
        else:
            self.begin(replace(left, piece=here.piece), here, row)
            self.extend(row[-1], part, here, row)

    def is_open(self, here: _Here) -> bool:
        """True where a row with an operator in front goes on with the last one: in the same
        display, or behind one that has no result yet."""
        if not self.last:
            return False
        last = self.last[-1]
        value = last.members[-1].tree
        if last.piece is here.piece or value is None:
            return True
        return not is_value(value)

    def nameless(self, part: Part, here: _Here, row: list[Chain]) -> None:
        """Arithmetic under "first component": it is about what was named before; any other is
        lost."""
        if self.subject is None or not self.context.entry:
            self.lose(part, here)
            return
        first = part.tokens[0][0]
        at = first.start
        subject = replace(self.subject, start=at, end=at, piece=here.piece)
        self.begin(subject, here, row)
        whole = Part(",", ["=", *part.relations], [[], *part.tokens])
        self.extend(row[-1], whole, here, row)

    def begin(self, left: Member, here: _Here, row: list[Chain]) -> None:
        if left.tree is not None and is_name(left.tree):
            self.subject = left
            # "L at t = 2": the loss of that step, and not the sum.
            if step_in(here.piece.words) is not None and is_loss(left.tree):
                left = replace(left, tree=at_step(left.tree, self.context.step))
        chain = Chain([left], self.context, self.rows, here.piece, here.remark)
        self.chains.append(chain)
        row.append(chain)

    def is_step(self, name: Name, part: Part) -> bool:
        """True for  t = 2 , which is the step of what follows."""
        if name.letter not in ("t", "T") or name.numbers or len(part.tokens) != 2:
            return False
        _, tokens = part.tokens
        if len(tokens) == 1 and _is_whole_number(tokens[0]):
            step = int(tokens[0].text)
            self.context = replace(self.context, step=step, part="")
            self.stepped.append(self.rows)
        return True

    def extend(self, chain: Chain, part: Part, here: _Here, row: list[Chain]) -> None:
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

    def continue_chain(self, part: Part, here: _Here, row: list[Chain]) -> None:
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
        return all(plausible(member.tree, self.words) for member in members)

    def lose(self, part: Part, here: _Here) -> None:
        """What has a relation with a number behind it, and still is no statement that is
        understood."""
        left, *right = part.tokens
        behind = list(itertools.chain.from_iterable(right))
        if not any(map(_is_number, behind)):
            return
        # "### t = 2" is no statement, nor is "Page: 3".
        if here.piece.kind == "heading" or part.relations[0] not in "=≈":
            return
        named = not left or any(map(_is_own_name, left))
        numbers = list(filter(_is_number, left))
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

    def go_on(self, part: Part, here: _Here, row: list[Chain], alone: bool) -> None:
        """A part without a relation: a sum that goes on in the next row, factors behind a comma, a
        name alone, or a remark."""
        tokens = part.tokens[0]
        if not tokens or tokens[0].kind == "text" or here.plain:
            return
        before = row
        if not row and part.before == "row":
            before = self.last
        if before and _goes_on(part):
            last = before[-1]
            self.grow(last, tokens)
            if not row:
                row.append(last)
            return
        # A name behind a comma or a gap is a remark, or a factor; in a row alone it begins a chain.
        if part.before not in ("row", "→", "⇒"):
            return
        left = left_of(tokens, False, self.words)
        if left is None:
            return
        if isinstance(left.tree, DerOf) or (alone and isinstance(left.tree, (Name, Der))):
            if part.before != "row":
                row.clear()  # what follows goes on behind the arrow
            self.begin(replace(left, piece=here.piece), here, row)


def _first_tokens(part: Part) -> list[Token]:
    return part.tokens[0]


def _run_of(parts: Sequence[Part], what: Callable[[Part], bool]) -> list[Part]:
    """The parts from the first one on of which this is true."""
    return list(itertools.takewhile(what, parts))


def _equal(relation: str) -> str:
    if relation == ":":
        return "="
    return relation


def _is_label(tree: Node | None) -> bool:
    """True for a name with an index in front of a colon: it is what the line is about."""
    if isinstance(tree, Name):
        return bool(tree.numbers or tree.words or tree.accent)
    return isinstance(tree, Der)


def _is_statement(chain: Chain) -> bool:
    """True for a chain with something behind what it is about."""
    return len(chain.members) > 1


def _rows(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts of each row; one that begins without a sign is the first."""
    rows: list[list[Part]] = []
    for part in parts:
        if part.before == "row" or not rows:
            rows.append([])
        rows[-1].append(part)
    return rows


def _is_number(token: Token) -> bool:
    return token.kind == "number"


def _is_whole_number(token: Token) -> bool:
    return _is_number(token) and token.text.isdigit()


def _is_own_name(token: Token) -> bool:
    """True for a name but that of the time."""
    return token.kind == "name" and token.text not in "tT"


def _goes_on(part: Part) -> bool:
    """True for a row that begins with an operator, and for factors behind a comma of a scan."""
    tokens = part.tokens[0]
    if part.before == ",":
        return is_artefact(tokens)
    if part.before != "row" or len(tokens) < 2:
        return False
    first = tokens[0]
    return first.kind == "sign" and first.text in OPERATORS


def _is_open(text: str) -> bool:
    """True for a line of numbers that goes on, in a bracket, with the next one: two matrices that
    stand side by side are not told apart there."""
    opened, closed = text.count("["), text.count("]")
    return opened > closed and "=" in text


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
