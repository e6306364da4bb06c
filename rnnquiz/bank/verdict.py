"""What is said of a box."""

from __future__ import annotations

from rnnquiz.text import TextEnum


class Verdict(TextEnum):
    """The verdict on a box, in the order of tables and legends.

    Its text stands in gradebooks, evidence and stored markings, and is a key of banks. How it looks
    and what it is called is in `documents.palette`.
    """

    CORRECT = "correct"
    FOLLOW_THROUGH = "follow-through"
    ROUNDING = "rounding"
    SLIP = "slip"
    MISCONCEPTION = "misconception"
    WRONG = "wrong"
    BLANK = "blank"
    UNREADABLE = "unreadable"
    METHOD = "method"

    @property
    def agrees(self) -> bool:
        """The number fits the numbers before it, those given or the student's own."""
        return self in (Verdict.CORRECT, Verdict.FOLLOW_THROUGH)

    @property
    def has_number(self) -> bool:
        """There is a number to speak of."""
        return self not in (Verdict.BLANK, Verdict.UNREADABLE)

    @property
    def is_fault(self) -> bool:
        """Something was written that does not agree as it stands."""
        return not self.agrees and self is not Verdict.BLANK


PUNISHED = (Verdict.SLIP, Verdict.MISCONCEPTION, Verdict.WRONG, Verdict.UNREADABLE)
"""Verdicts for which a bank may take marks off. A blank box is none of them: to guess must not be
the better choice."""
