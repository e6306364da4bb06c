"""Rows of tables: cells that are statements, a quantity with its values, a step with its values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from rnnquiz.languages.sentences import said
from rnnquiz.pages.layout.pieces import Piece
from rnnquiz.pages.mathematics.members import parse
from rnnquiz.pages.mathematics.token import Unparsed
from rnnquiz.pages.mathematics.tokens import tokens_of
from rnnquiz.pages.mathematics.written import Node, Num, is_name, is_value
from rnnquiz.pages.spellings import spellings
from rnnquiz.pages.stated.chains import Chain, Lost, Member
from rnnquiz.pages.stated.context import Context, step_in
from rnnquiz.pages.stated.growing import Growing
from rnnquiz.pages.stated.headed import as_headed, at_step
from rnnquiz.pages.stated.left_sides import left_of
from rnnquiz.pages.stated.prose_words import plausible

HEADS_SAY_NOTHING = said("the heads of the table do not say what it holds")
WIDEST = 4  # cells of a row with one value, beside remarks
STEP_TITLES = ("t", "step", "time", "time step")


class TablePage(Protocol):
    """What reads a page: a cell may hold anything that a line may."""

    comma: bool

    def read(self, piece: Piece) -> None:
        """Take up the statements of a cell."""

    def with_signs(self, line: str) -> str:
        """A cell with letters for words."""


class Tables:
    """The tables of one page, row by row."""

    def __init__(self, page: TablePage, so_far: Growing) -> None:
        self.page, self.so_far = page, so_far

    def row(self, piece: Piece, head: tuple[str, ...]) -> tuple[str, ...]:
        """A row of a table: each cell that is a statement, a quantity with its value, or a value
        under its head."""
        texts = [cell.strip() for cell, _ in piece.cells]
        # The rule below the head.
        if all(re.fullmatch(r":?-{2,}:?", text) for text in texts):
            return head
        others = map(self.cell, texts[1:])
        trees = [self.label(texts[:1]), *others]
        if not head:
            # A head may hold formulas that define its columns: a_t = W x_t.
            for cell, start in piece.cells:
                self.page.read(Piece("code", cell, start, words=cell))
            return tuple(texts)
        first = trees[0]
        title = head[0].strip("$ ").lower()
        self.so_far.rows += 1
        if isinstance(first, Num) and first.place == 0 and title in STEP_TITLES:
            self.step_row(piece, head, trees, int(first.value))
        elif first and is_name(first) and plausible(first, self.so_far.words):
            self.quantity_row(piece, head, trees)
        elif texts and texts[0].strip("*").lower() in spellings().values:
            self.values_row(piece, head, trees)
        else:
            self.cells(piece, trees)
        return head

    def cells(self, piece: Piece, trees: Sequence[Node | None]) -> None:
        """A row that is about no one thing: the statements in its cells."""
        before = len(self.so_far.chains) + len(self.so_far.lost)
        for (cell, start), tree in zip(piece.cells, trees, strict=True):
            if tree is None or not is_value(tree):
                self.page.read(Piece("code", cell, start, words=cell))
        # Whole numbers may count the rows.
        values = any(map(_has_decimals, trees))
        if values and before == len(self.so_far.chains) + len(self.so_far.lost):
            self.so_far.lost.append(Lost(piece.start, HEADS_SAY_NOTHING))

    def label(self, first: Sequence[str]) -> Node | None:
        """What the first cell of a row says that it is about: a name, with words before it or
        none."""
        for text in first:
            named = self.cell(text)
            if named is not None and (is_value(named) or plausible(named, self.so_far.words)):
                return named
            with suppress(Unparsed):
                bare = text.replace("$", " ")
                tokens = tokens_of(bare, self.so_far.words, self.page.comma)
                left = left_of(tokens, True, self.so_far.words)
                if left is not None:
                    return left.tree
                return named
        return None

    def step_row(
        self, piece: Piece, head: Sequence[str], trees: Sequence[Node | None], step: int
    ) -> None:
        """A row of a table that is about one step: values under the names in the head, and
        statements of their own."""
        outside, self.so_far.context = self.so_far.context, replace(self.so_far.context, step=step)
        for (cell, start), title, tree in zip(piece.cells[1:], head[1:], trees[1:], strict=False):
            # The head may go on with the formula: h_t = tanh(a_t).
            name, *_ = re.split(r"[=≈]", title)
            named = self.cell(name)
            if tree is None or not is_value(tree):
                self.page.read(Piece("code", cell, start, words=cell))
            elif named is not None and is_name(named):
                self.pair(named, tree, start, self.so_far.context, piece)
            else:
                self.so_far.lost.append(Lost(start, HEADS_SAY_NOTHING))
        self.so_far.context = outside

    def values_row(self, piece: Piece, head: Sequence[str], trees: Sequence[Node | None]) -> None:
        """A row of values under the names in the head."""
        for (_, start), title, tree in zip(piece.cells[1:], head[1:], trees[1:], strict=False):
            named = self.cell(title)
            if named is not None and is_name(named) and tree is not None and is_value(tree):
                self.pair(named, tree, start, self.so_far.context, piece)

    def quantity_row(self, piece: Piece, head: Sequence[str], trees: Sequence[Node | None]) -> None:
        """A row of a table that is about one quantity: its value, its values at each step, or a
        parameter with its gradient and its new value, as the heads say."""
        first = trees[0]
        assert first is not None
        cells = zip(trees[1:], piece.cells[1:], head[1:], strict=False)
        values = []
        for tree, (_, start), title in cells:
            if tree is not None and is_value(tree):
                values.append((tree, start, title))
        read = 0
        only = len(values) == 1
        for tree, start, title in values:
            step = step_in(title.strip("$ "))
            named = as_headed(first, title)
            if step is not None:
                context = replace(self.so_far.context, step=step)
                self.pair(at_step(first, step), tree, start, context, piece)
            elif named is not None or (only and len(piece.cells) <= WIDEST):
                self.pair(named or first, tree, start, self.so_far.context, piece)
            if only or step is not None or named is not None:
                read += 1
        if values and not read:
            self.so_far.lost.append(Lost(piece.start, HEADS_SAY_NOTHING))

    def pair(self, named: Node, tree: Node, start: int, context: Context, piece: Piece) -> None:
        """Takes a cell of a table for a line: what is named there is what stands here."""
        at = start - piece.start
        members = [
            Member("", named, "", at, at, (), piece),
            Member("=", tree, "", at, at + 1, (), piece),
        ]
        self.so_far.chains.append(Chain(members, context, self.so_far.rows, piece))

    def cell(self, text: str) -> Node | None:
        """A cell as mathematics; none where it cannot be read."""
        bare = text.strip().strip("$")
        signed = self.page.with_signs(bare)
        try:
            return parse(tokens_of(signed, self.so_far.words, self.page.comma))
        except Unparsed:
            return None


def _has_decimals(tree: Node | None) -> bool:
    return isinstance(tree, Num) and tree.place < 0
