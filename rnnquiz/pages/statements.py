"""Statements: chains of members between signs such as = and ≈, as they stand on a page."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from rnnquiz.pages.context import Context, after, quoted
from rnnquiz.pages.members import parse
from rnnquiz.pages.parts import (
    OPERATORS,
    Chain,
    Member,
    Part,
    is_artefact,
    left_of,
    member_of,
    parts_of,
    plausible,
)
from rnnquiz.pages.pieces import Page, Piece, pieces_of
from rnnquiz.pages.tokens import Token, Unparsed, tokens_of
from rnnquiz.pages.values import NoValue, spread
from rnnquiz.pages.written import Der, DerOf, Name, Node, Num, Op, is_name, is_numeric, is_value

MOST_STATEMENTS = 3000  # a page of three steps has 150
AGREES = 0.05


@dataclass(frozen=True)
class _Here:
    """The piece that is read, whether it is text rather than mathematics, and why its lines may be
    no statements."""

    piece: Piece
    plain: bool
    remark: str


def chains_of(page: Page, words: Collection[str], own: frozenset[str] = frozenset()) -> list[Chain]:
    """All statements of a page, in order."""
    return [chain for chain in _Reader(page, words, own).run() if len(chain.members) > 1]


class _Reader:
    def __init__(self, page: Page, words: Collection[str], own: frozenset[str]) -> None:
        self.page, self.words, self.own = page, words, own
        self.comma = _decimal_commas(page.text)
        self.chains: list[Chain] = []
        self.last: list[Chain] = []  # of the last row that had any
        self.rows = 0
        self.context = Context()

    def run(self) -> list[Chain]:
        head: tuple[str, ...] = ()
        for piece in pieces_of(self.page):
            if len(self.chains) > MOST_STATEMENTS:
                break
            if piece.kind in ("heading", "prose"):
                line, _ = self.page.place(piece.start)
                level = _level(piece.text) if piece.kind == "heading" else 0
                self.context = after(self.context, piece.words, level, line, self.scopes, self.own)
                if piece.kind == "heading":
                    self.last = []
            if piece.kind == "row":
                head = self.table(piece, head)
            else:
                head = ()
                self.read(piece)
        return self.chains

    @property
    def scopes(self) -> int:
        return max([self.context.scope, *(chain.context.scope for chain in self.chains[-1:])])

    def read(self, piece: Piece) -> None:
        """The statements of one piece, row by row."""
        plain = piece.kind in ("prose", "heading", "code")
        if plain and not any(sign in piece.text for sign in "=≈←~:"):
            return
        try:
            tokens = tokens_of(piece.text, self.words, self.comma, piece.breaks)
        except Unparsed:
            return
        here = _Here(piece, plain, quoted(piece.words) if plain and piece.kind != "code" else "")
        rows: list[list[Part]] = []
        for part in parts_of(tokens):
            rows += [[]] if part.before == "row" or not rows else []
            rows[-1].append(part)
        for parts in rows:
            self.rows += 1
            row: list[Chain] = []
            for part in parts:
                self.take(part, here, row, len(parts) == 1)
            self.last = row or self.last

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
        left = left_of(first, here.plain, self.words)
        if part.relations[0] == ":" and (
            left is None or (len(part.relations) > 1 and not _is_label(left.tree))
        ):
            rest = Part(",", part.relations[1:], part.tokens[1:])  # words in front of a statement
            self.take(rest, here, row, alone)
            return
        product = left is None or isinstance(left.tree, Op)
        if (
            product
            and row
            and part.before in (",", "gap")
            and not here.plain
            and is_artefact(first)
        ):
            self.grow(row[-1], first)
            self.extend(row[-1], part, here)
        elif (
            left is None
            and first[0].text in OPERATORS
            and part.before == "row"
            and self.last
            and not here.plain
        ):
            self.continue_chain(part, here, row)
        elif left is None or (isinstance(left.tree, Name) and self.is_step(left.tree, part)):
            return
        else:
            self.begin(replace(left, piece=here.piece), here, row)
            self.extend(row[-1], part, here)

    def begin(self, left: Member, here: _Here, row: list[Chain]) -> None:
        chain = Chain([left], self.context, self.rows, here.piece, here.remark)
        self.chains.append(chain)
        row.append(chain)

    def is_step(self, name: Name, part: Part) -> bool:
        """True for  t = 2 , which is the step of what follows."""
        if name.letter not in ("t", "T") or name.numbers or len(part.tokens) != 2:
            return False
        tokens = part.tokens[1]
        if len(tokens) == 1 and tokens[0].kind == "number" and tokens[0].text.isdigit():
            self.context = replace(self.context, step=int(tokens[0].text), part="")
        return True

    def extend(self, chain: Chain, part: Part, here: _Here) -> None:
        for relation, tokens in zip(part.relations, part.tokens[1:], strict=True):
            if not tokens:
                continue
            member = member_of(
                _equal(relation), tokens, here.piece, self.words if here.plain else None
            )
            if here.plain and not plausible(member.tree, self.words):
                return
            chain.members.append(member)

    def continue_chain(self, part: Part, here: _Here, row: list[Chain]) -> None:
        """A row that begins with a sign: it goes on with a chain of the row before, in two columns
        with the one that it fits."""
        before = row or self.last
        if not before or (part.before in (",", ";") and not row):
            return
        pairs = zip(part.relations, part.tokens[1:], strict=True)
        words = self.words if here.plain else None
        members = [
            member_of(_equal(relation), tokens, here.piece, words)
            for relation, tokens in pairs
            if tokens
        ]
        if not members or (
            here.plain and not all(plausible(member.tree, self.words) for member in members)
        ):
            return
        chain = _fitting(before, members)
        if part.tokens[0]:
            self.grow(chain, part.tokens[0])
        chain.members += members
        if not row:
            row.append(chain)

    def grow(self, chain: Chain, tokens: Sequence[Token]) -> None:
        """More of the last member of a chain."""
        last = chain.members[-1]
        if len(chain.members) > 1 and last.piece is not None:
            grown = member_of(last.relation, [*last.tokens, *tokens], last.piece)
            if grown.tree is not None:
                chain.members[-1] = replace(grown, start=last.start)

    def go_on(self, part: Part, here: _Here, row: list[Chain], alone: bool) -> None:
        """A part without a relation: a sum that goes on in the next row, factors behind a comma, a
        name alone, or a remark."""
        tokens = part.tokens[0]
        if not tokens or tokens[0].kind == "text" or here.plain:
            return
        before = row or (self.last if part.before == "row" else [])
        operator = tokens[0].kind == "sign" and tokens[0].text in OPERATORS and len(tokens) > 1
        if before and (
            (operator and part.before == "row") or (part.before == "," and is_artefact(tokens))
        ):
            self.grow(before[-1], tokens)
            if not row:
                row.append(before[-1])
            return
        left = left_of(tokens, False, self.words) if part.before in ("row", "→", "⇒") else None
        if left is not None and (
            isinstance(left.tree, DerOf) or (alone and isinstance(left.tree, (Name, Der)))
        ):
            if part.before != "row":
                row.clear()  # what follows goes on behind the arrow
            self.begin(replace(left, piece=here.piece), here, row)

    def table(self, piece: Piece, head: tuple[str, ...]) -> tuple[str, ...]:
        """A row of a table: each cell that is a statement, a quantity with its value, or a value
        under its head."""
        texts = [cell.strip() for cell, _ in piece.cells]
        if all(re.fullmatch(r":?-{2,}:?", text) for text in texts):
            return head
        trees = [self.cell(text) for text, _ in piece.cells]
        if not head:
            for cell, start in piece.cells:
                self.read(Piece("code", cell, start, words=cell))
            return tuple(texts)
        steps = [tree for tree in trees[:1] if isinstance(tree, Num) and tree.place == 0]
        self.rows += 1
        if steps and head[0].strip("$ ").lower() in ("t", "step", "time", "time step"):
            context = replace(self.context, step=int(steps[0].value))
            for (_, start), title, tree in zip(piece.cells[1:], head[1:], trees[1:], strict=False):
                named = self.cell(re.split(r"[=≈]", title)[0])
                if named is not None and is_name(named) and tree is not None and is_value(tree):
                    self.pair(named, tree, start, context, piece)
        elif trees and (first := trees[0]) is not None and is_name(first):
            values = [
                (tree, start)
                for tree, (_, start) in zip(trees[1:], piece.cells[1:], strict=True)
                if tree is not None and is_value(tree)
            ]
            if len(values) == 1 and len(texts) <= 4:
                self.pair(first, values[0][0], values[0][1], self.context, piece)
        else:
            for cell, start in piece.cells:
                self.read(Piece("code", cell, start, words=cell))
        return head

    def pair(self, named: Node, tree: Node, start: int, context: Context, piece: Piece) -> None:
        at = start - piece.start
        members = [
            Member("", named, "", at, at, (), piece),
            Member("=", tree, "", at, at + 1, (), piece),
        ]
        self.chains.append(Chain(members, context, self.rows, piece))

    def cell(self, text: str) -> Node | None:
        try:
            return parse(tokens_of(text.strip().strip("$"), self.words, self.comma))
        except Unparsed:
            return None


def _equal(relation: str) -> str:
    return "=" if relation == ":" else relation


def _is_label(tree: Node | None) -> bool:
    """True for a name with an index in front of a colon: it is what the line is about."""
    return isinstance(tree, Der) or (
        isinstance(tree, Name) and bool(tree.numbers or tree.words or tree.accent)
    )


def _level(text: str) -> int:
    """The level of a heading, 1 for the highest."""
    bare = text.strip(" >\t")
    return max(
        1,
        (
            len(bare) - len(bare.lstrip("#"))
            if bare.startswith("#")
            else 1 + bare.partition("{")[0].count("sub")
        ),
    )


def _decimal_commas(text: str) -> bool:
    """True for a page on which a comma stands before decimals."""
    braced = len(re.findall(r"\d\{,\}\d", text))
    commas = len(re.findall(r"(?<![\d.,])\d{1,2},\d+(?![\d.,])", text))
    points = len(re.findall(r"\d\.\d", text))
    return braced > 0 or (commas > 3 and commas > 3 * points)


def _fitting(chains: Sequence[Chain], members: Sequence[Member]) -> Chain:
    """The chain that a row goes on with: of several, the one whose last value it agrees with, else
    the first."""
    if len(chains) == 1:
        return chains[0]

    def ends(member: Member) -> tuple[float, float] | None:
        try:
            return (
                spread(member.tree) if member.tree is not None and is_numeric(member.tree) else None
            )
        except (NoValue, TypeError, ValueError):
            return None

    here = ends(members[0]) if members else None
    for chain in chains:
        there = ends(chain.members[-1])
        if (
            here
            and there
            and abs(here[0] - there[0]) <= here[1] + there[1] + AGREES * abs(there[0])
        ):
            return chain
    return chains[0]
