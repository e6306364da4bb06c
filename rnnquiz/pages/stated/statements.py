"""Statements: chains of members between signs such as = and ≈, as they stand on a page."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from rnnquiz.languages.sentences import said
from rnnquiz.pages.layout.page import Page
from rnnquiz.pages.layout.pieces import Piece, pieces_of
from rnnquiz.pages.mathematics.members import parse
from rnnquiz.pages.mathematics.token import Unparsed
from rnnquiz.pages.mathematics.tokens import decimal_commas, tokens_of
from rnnquiz.pages.mathematics.written import DerOf, is_name
from rnnquiz.pages.stated.chains import Chain, Lost, Member
from rnnquiz.pages.stated.context import after, level_of, quoted
from rnnquiz.pages.stated.growing import NAMELESS, Growing, Here
from rnnquiz.pages.stated.headed import index_losses
from rnnquiz.pages.stated.parts import Part, parts_in
from rnnquiz.pages.stated.prose_words import plausible
from rnnquiz.pages.stated.rows import Rows
from rnnquiz.pages.stated.tables import Tables
from rnnquiz.pages.stated.worded import lettered, named_component, parted_at_gaps, parted_at_words

MOST_STATEMENTS = 3000  # a page of three steps has 150
LONGEST_NAME = 60  # characters
_BARE_NUMBERS = re.compile(r"[\s\d,;()\[\]+−-]*\d[.,]\d[\s\d.,;()\[\]e+−-]*")
NO_LABELS: Mapping[str, str] = {}


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
    return chains, reader.so_far.lost


class _Reader:
    def __init__(
        self, page: Page, words: Collection[str], own: frozenset[str], labels: Mapping[str, str]
    ) -> None:
        self.page, self.own, self.labels = page, own, labels
        self.comma = decimal_commas(page.text)
        self.so_far = Growing(frozenset(words))
        self.rows = Rows(self.so_far)

    def run(self) -> list[Chain]:
        head: tuple[str, ...] = ()
        below = 0  # where the next row of the same table begins
        tables = Tables(self, self.so_far)
        for piece in pieces_of(self.page):
            if len(self.so_far.chains) > MOST_STATEMENTS:
                break
            if piece.kind in ("heading", "prose"):
                line, _ = self.page.place(piece.start)
                level = 0
                if piece.kind == "heading":
                    level = level_of(piece.text)
                    # No chain goes on below a heading; it does so across prose.
                    self.so_far.last, self.so_far.subject = [], None
                self.so_far.context = after(
                    self.so_far.context, piece.words, level, line, self.so_far.scopes, self.own
                )
            if piece.kind == "row":
                if piece.start != below:
                    head = ()  # another table
                head = tables.row(piece, head)
                below = piece.start + len(piece.text)
            else:
                self.read(piece)
        return self.so_far.chains

    def read(self, piece: Piece) -> None:
        """The statements of one piece, row by row."""
        plain = piece.kind in ("prose", "heading", "code")
        # Most lines of prose have no sign, and need not be taken apart.
        if plain and not any(sign in piece.text for sign in "=≈←~:"):
            self.alone(piece)
            return
        if plain and _is_open(piece.text):
            self.so_far.lost.append(Lost(piece.start, said("a bracket is not closed in this line")))
            return
        text = self.with_signs(piece.text) if plain else piece.text
        try:
            found = parts_in(text, self.so_far.words, self.comma, piece.breaks)
        except Unparsed as error:
            place = piece.start + error.start
            self.so_far.lost.append(Lost(place, error.reason))
            return
        remark = ""
        # "if" and "not" are no words of prose in a program.
        if plain and piece.kind != "code":
            remark = quoted(piece.words)
        here = Here(piece, plain, remark)
        for parts in _rows(found):
            self.rows.read_row(parts, here)

    def with_signs(self, line: str) -> str:
        """A line of text with signs and letters where wide blanks and words stand for them."""
        named = named_component(line)
        signed = parted_at_words(parted_at_gaps(named))
        return lettered(signed, self.labels)

    def alone(self, piece: Piece) -> None:
        """A line with nothing but a name, of which the next line tells the value."""
        bare = piece.text.strip()
        if _BARE_NUMBERS.fullmatch(bare) and bare.count("[") == bare.count("]"):
            self.so_far.lost.append(Lost(piece.start, NAMELESS))
        if not bare or len(bare) > LONGEST_NAME or not any(sign in bare for sign in "∂_/₁₂₃"):
            return
        try:
            tokens = tokens_of(piece.text, self.so_far.words, self.comma)
            named = parse(tokens)
        except Unparsed:
            return
        if is_name(named) and plausible(named, self.so_far.words) and not isinstance(named, DerOf):
            kept = tuple(tokens)
            first, last = kept[0], kept[-1]
            left = Member("", named, "", first.start, last.end, kept, piece)
            self.so_far.rows += 1
            self.so_far.last = []
            self.so_far.begin(left, Here(piece, True, ""), self.so_far.last)


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


def _is_open(text: str) -> bool:
    """True for a line of numbers that goes on, in a bracket, with the next one: two matrices that
    stand side by side are not told apart there."""
    opened, closed = text.count("["), text.count("]")
    return opened > closed and "=" in text
