"""A derivation in the tree of a document: lines with their values, or with boxes in their place."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Literal

from rnnquiz.bank.verdict import Verdict
from rnnquiz.documents.asked import AnswerBox, AskedStep, Unknown
from rnnquiz.documents.mathematics import Math


@dataclass(frozen=True)
class DerivedLine:
    """A line of a derivation: its number if it has one, symbol, formula, and the value or the boxes
    into which that goes; neither where the formula is the number. A value that was asked is framed;
    a line that does not stand as it should has the sign of a verdict."""

    number: str
    left: Math
    right: Math
    value: Math | None = None
    gap: Unknown | None = None
    framed: bool = False
    sign: Verdict | None = None

    @property
    def members(self) -> tuple[Math, ...]:
        """What is known of it, to be written with signs of equality between."""
        if self.value is None:
            return self.left, self.right
        return self.left, self.right, self.value


@dataclass(frozen=True)
class Derivation:
    """Lines of a solution, in the order of computation."""

    rows: tuple[DerivedLine, ...]
    kind: Literal["derivation"] = "derivation"

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """What is to be filled in."""
        return tuple(filter(None, (row.gap for row in self.rows)))

    @property
    def boxes(self) -> tuple[AnswerBox, ...]:
        """All boxes, line by line."""
        parts = (unknown.boxes for unknown in self.unknowns)
        return tuple(chain.from_iterable(parts))


Boxed = AskedStep | Derivation
"""What may have boxes to be filled in."""
