"""A statement as a chain of members, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass

from rnnquiz.pages.layout.pieces import Piece
from rnnquiz.pages.mathematics.token import Token
from rnnquiz.pages.mathematics.written import Node, Num, Op, is_name
from rnnquiz.pages.stated.context import Context


@dataclass(frozen=True)
class Member:
    """One member of a chain: the relation before it ("" for the first), its tree, or why it has
    none; where it stands in its piece."""

    relation: str
    tree: Node | None
    reason: str
    start: int
    end: int
    tokens: tuple[Token, ...] = ()
    piece: Piece | None = None

    @property
    def place(self) -> int:
        """Where it begins on the page."""
        if self.piece is None:
            return self.start
        return self.piece.start + self.start


@dataclass
class Chain:
    """A statement. `members` begin with what it is about; `context`: what is said above it; `row`:
    the row that it stands in, or began in. `remark`: a reason to take it for no statement of the
    writer's own."""

    members: list[Member]
    context: Context
    row: int
    piece: Piece
    remark: str = ""

    @property
    def start(self) -> int:
        """Where it begins on the page."""
        return self.members[0].place

    @property
    def left(self) -> Node | None:
        """What the line is about; none where it cannot be read."""
        return self.members[0].tree

    @property
    def right(self) -> list[Member]:
        """All that stands after the first sign of equality."""
        return self.members[1:]

    @property
    def readable(self) -> list[Member]:
        """Those members on the right that can be read."""
        return list(filter(_is_understood, self.right))


def _is_understood(member: Member) -> bool:
    return member.tree is not None


@dataclass(frozen=True)
class Lost:
    """What looks like a statement and could not be taken apart: where, and why."""

    place: int
    reason: str


def beside(member: Member) -> tuple[Num, Node] | None:
    """A number with a name right behind it: a product, or the end of one statement and the name of
    the next; None for anything else."""
    tree = member.tree
    if not isinstance(tree, Op) or tree.op != "mul" or len(tree.args) != 2:
        return None
    number, name = tree.args
    if not isinstance(number, Num) or not is_name(name) or has_times_sign(member):
        return None
    return number, name


def has_times_sign(member: Member) -> bool:
    """True for a product that is written as one."""
    return any(map(_is_times, member.tokens))


def _is_times(token: Token) -> bool:
    return token.kind == "sign" and token.text == "*"


def end_of(chain: Chain) -> Member | None:
    """The member that a chain ends with, before the names that may stand behind it."""
    for member in reversed(chain.right):
        if member.tree is None or not is_name(member.tree):
            return member
    return None
