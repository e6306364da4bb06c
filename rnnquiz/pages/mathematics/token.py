"""A token of mathematics, and the error for what is no mathematics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Token:
    """`kind`: number, name, function, text, sign, frac, accent, begin, end, matrix or unknown.
    `start` and `end` are places in the text of the piece; `near`: no blank stands before it."""

    kind: str
    text: str
    start: int
    end: int
    near: bool = False


class Unparsed(ValueError):
    """What is no mathematics that can be read; `start` is the place."""

    def __init__(self, reason: str, start: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.start = reason, start


def text_of_tokens(tokens: Sequence[Token]) -> str:
    """Tokens as one text, without blanks."""
    return "".join(token.text for token in tokens)


def is_number_token(token: Token) -> bool:
    """True for a number without its sign."""
    return token.kind == "number"
