"""What was made of the statements of a page: the quantity of each, what it claims, and what is not
read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rnnquiz.pages.mathematics.written import Node, is_name, numbers_in
from rnnquiz.pages.stated.chains import Chain


@dataclass(frozen=True)
class Claim:
    """What a line says of a quantity: the text of each of its boxes. `kind`: stated, middle (named
    in a chain about another), inner (a part of a line that has a name of its own) or struck
    (crossed out). `chain`: the number of its statement."""

    quantity: str
    texts: tuple[tuple[str, str], ...]
    kind: str
    chain: int
    place: int
    note: str = ""


@dataclass(frozen=True)
class Unread:
    """A statement that was not taken for any quantity's, and why."""

    place: int
    reason: str
    chain: int


@dataclass
class Placed:
    """All statements of a page: the quantity of each, by its number, and the entry of it where it
    is about one; what they claim; what is not read."""

    chains: Sequence[Chain]
    owners: dict[int, str] = field(default_factory=dict)
    entries: dict[int, str] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    scans: list[tuple[int, str]] = field(default_factory=list)
    givens: list[tuple[int, str, str]] = field(default_factory=list)

    def leave(self, number: int, chain: Chain, reason: str) -> None:
        """Put a statement on the list of what is not read, where it states a number or breaks
        off."""
        if any(_says_a_number(member.tree) for member in chain.right):
            self.unread.append(Unread(chain.start, reason, number))


def _says_a_number(tree: Node | None) -> bool:
    """True for what has a number outside of a name; what is not understood may have one."""
    if tree is None:
        return True
    # The index of a name is no number that is stated.
    if is_name(tree):
        return False
    return bool(numbers_in(tree))
