"""A row of a page, part by part: a statement, more of the one before, or a remark."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

from rnnquiz.pages.mathematics.members import parse
from rnnquiz.pages.mathematics.token import Token, Unparsed, is_number_token
from rnnquiz.pages.mathematics.written import (
    Der,
    DerOf,
    Name,
    Node,
    Op,
    is_name,
    is_numeric,
    is_value,
)
from rnnquiz.pages.stated.chains import Chain, Member
from rnnquiz.pages.stated.growing import Growing, Here, is_artefact
from rnnquiz.pages.stated.left_sides import left_of
from rnnquiz.pages.stated.parts import OPERATORS, Part


class Rows:
    """The rows of one page, in order; `so_far`: where their statements go."""

    def __init__(self, so_far: Growing) -> None:
        self.so_far = so_far
        self.stepped: list[int] = []  # rows that name their step themselves

    def read_row(self, parts: list[Part], here: Here) -> None:
        """All parts of one row."""
        self.so_far.rows += 1
        before_last = self.so_far.rows - 2
        if self.stepped[-2:] == [before_last, before_last + 1]:
            self.so_far.context = replace(self.so_far.context, step=None)  # it was that of one row
        parts = self.tuples(parts, here)
        alone = len(parts) == 1
        row: list[Chain] = []
        for part in parts:
            self.take(part, here, row, alone)
        self.so_far.last = row or self.so_far.last

    def tuples(self, parts: list[Part], here: Here) -> list[Part]:
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
                self.so_far.lose(middle, here)
            at += 1 + len(values)
        return found

    def bare_value_at_end(self, part: Part) -> bool:
        """True where a part ends with a number alone."""
        last = Part(",", [], part.tokens[-1:])
        return self.bare_value(last)

    def bare_value(self, part: Part) -> bool:
        """True for a number that stands alone between commas."""
        if part.relations or part.before != ",":
            return False
        return self.holds(part.tokens[0], is_value)

    def bare_name(self, part: Part) -> bool:
        """True where a part is a name alone."""
        if part.relations:
            return False
        return self.holds(part.tokens[0], is_name)

    @staticmethod
    def holds(tokens: Sequence[Token], what: Callable[[Node], bool]) -> bool:
        """True where tokens can be read, and are what is asked."""
        try:
            if tokens:
                return what(parse(tokens))
            return False
        except Unparsed:
            return False

    def take(self, part: Part, here: Here, row: list[Chain], alone: bool) -> None:
        """One part of a row: a statement, or what goes on with one."""
        first = part.tokens[0]
        if not part.relations:
            self.go_on(part, here, row, alone)
            return
        if part.before == "→" and first and first[0].kind == "text":
            return  # a remark behind an arrow
        if not first:
            self.so_far.continue_chain(part, here, row)
            return
        if self.holds(first, is_numeric) and self.holds(part.tokens[-1], is_name):
            *others, first = part.tokens  # 0.5 * 0.6 = 0.3 = y
            part = Part(part.before, part.relations, [first, *others], part.column)
        left = left_of(first, here.plain, self.so_far.words)
        # "Loss: L = 0.5" is about L, and "h_1: f(0.2) = 0.198" about h_1.
        if part.relations[0] == ":" and (
            left is None or (len(part.relations) > 1 and not _is_label(left.tree))
        ):
            rest = Part(",", part.relations[1:], part.tokens[1:])  # words in front of a statement
            self.take(rest, here, row, alone)
            return
        self.state(left, part, here, row)

    def state(self, left: Member | None, part: Part, here: Here, row: list[Chain]) -> None:
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
            self.so_far.grow(row[-1], first)
            self.so_far.extend(row[-1], part, here, row)
        elif (
            left is None
            and first[0].text in OPERATORS
            and part.before == "row"
            and self.is_open(here)
            and not here.plain
        ):
            self.so_far.continue_chain(part, here, row)
        elif left is None:
            self.nameless(part, here, row)
        elif isinstance(left.tree, Name) and self.is_step(left.tree, part):
            return
        else:
            self.so_far.begin(replace(left, piece=here.piece), here, row)
            self.so_far.extend(row[-1], part, here, row)

    def is_open(self, here: Here) -> bool:
        """True where a row with an operator in front goes on with the last one: in the same
        display, or behind one that has no result yet."""
        if not self.so_far.last:
            return False
        last = self.so_far.last[-1]
        value = last.members[-1].tree
        if last.piece is here.piece or value is None:
            return True
        return not is_value(value)

    def nameless(self, part: Part, here: Here, row: list[Chain]) -> None:
        """Arithmetic under "first component": it is about what was named before; any other is
        lost."""
        if self.so_far.subject is None or not self.so_far.context.entry:
            self.so_far.lose(part, here)
            return
        first = part.tokens[0][0]
        at = first.start
        subject = replace(self.so_far.subject, start=at, end=at, piece=here.piece)
        self.so_far.begin(subject, here, row)
        whole = Part(",", ["=", *part.relations], [[], *part.tokens])
        self.so_far.extend(row[-1], whole, here, row)

    def is_step(self, name: Name, part: Part) -> bool:
        """True for  t = 2 , which is the step of what follows."""
        if name.letter not in ("t", "T") or name.numbers or len(part.tokens) != 2:
            return False
        _, tokens = part.tokens
        if len(tokens) == 1 and _is_whole_number(tokens[0]):
            step = int(tokens[0].text)
            self.so_far.context = replace(self.so_far.context, step=step, part="")
            self.stepped.append(self.so_far.rows)
        return True

    def go_on(self, part: Part, here: Here, row: list[Chain], alone: bool) -> None:
        """A part without a relation: a sum that goes on in the next row, factors behind a comma, a
        name alone, or a remark."""
        tokens = part.tokens[0]
        if not tokens or tokens[0].kind == "text" or here.plain:
            return
        before = row
        if not row and part.before == "row":
            before = self.so_far.last
        if before and _goes_on(part):
            last = before[-1]
            self.so_far.grow(last, tokens)
            if not row:
                row.append(last)
            return
        # A name behind a comma or a gap is a remark, or a factor; in a row alone it begins a chain.
        if part.before not in ("row", "→", "⇒"):
            return
        left = left_of(tokens, False, self.so_far.words)
        if left is None:
            return
        if isinstance(left.tree, DerOf) or (alone and isinstance(left.tree, (Name, Der))):
            if part.before != "row":
                row.clear()  # what follows goes on behind the arrow
            self.so_far.begin(replace(left, piece=here.piece), here, row)


def _first_tokens(part: Part) -> list[Token]:
    return part.tokens[0]


def _run_of(parts: Sequence[Part], what: Callable[[Part], bool]) -> list[Part]:
    """The parts from the first one on of which this is true."""
    return list(itertools.takewhile(what, parts))


def _is_label(tree: Node | None) -> bool:
    """True for a name with an index in front of a colon: it is what the line is about."""
    if isinstance(tree, Name):
        return bool(tree.numbers or tree.words or tree.accent)
    return isinstance(tree, Der)


def _is_whole_number(token: Token) -> bool:
    return is_number_token(token) and token.text.isdigit()


def _goes_on(part: Part) -> bool:
    """True for a row that begins with an operator, and for factors behind a comma of a scan."""
    tokens = part.tokens[0]
    if part.before == ",":
        return is_artefact(tokens)
    if part.before != "row" or len(tokens) < 2:
        return False
    first = tokens[0]
    return first.kind == "sign" and first.text in OPERATORS
