"""A typeset part of a formula: its text, and how tightly it binds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rnnquiz.algebra.targets import Target

ATOM = 6  # binds so tightly that it never needs brackets
RAISED = 4  # a letter with something above it: it is no base of a power


@dataclass(frozen=True)
class Typeset:
    """A typeset part: how tightly it binds, and whether it is a number (then products need a dot).

    A negative number has its text without the sign in `unsigned`.
    """

    text: str
    binding: float = ATOM
    number: bool = False
    unsigned: str = ""
    matrix: bool = False

    @property
    def negative(self) -> bool:
        """True for a negative number."""
        return bool(self.unsigned)


Leaf = Callable[[str], Typeset]


def bracketed(piece: Typeset, needs: float, target: Target) -> str:
    """The text of a piece, in brackets where it binds more loosely than it needs to."""
    if piece.binding >= needs:
        return piece.text
    return target.bracket(piece.text)
