"""Text of any direction in a line of another one: isolated, so that it turns nothing around it
(Unicode Standard Annex 9)."""

from __future__ import annotations

import unicodedata
from itertools import accumulate, filterfalse

FIRST_STRONG, POP_ISOLATE, POP_EMBEDDING = "\u2068", "\u2069", "\u202c"
ISOLATES = frozenset(("\u2066", "\u2067", FIRST_STRONG))
EMBEDDINGS = frozenset("\u202a\u202b\u202d\u202e")
_MARKS = frozenset("\u200e\u200f\u061c")  # which turn what stands beside them
CONTROLS = _MARKS | ISOLATES | EMBEDDINGS | {POP_ISOLATE, POP_EMBEDDING}
RIGHT_TO_LEFT = ("R", "AL", "AN")  # classes of letters and digits


def isolated(text: str) -> str:
    """The text as a run of its own where it has letters or signs of another direction. Signs in it
    that open something are closed at its end; those that close what it has not opened are left out.

    >>> isolated("Ada"), isolated("\\u202eada") == "\\u2068\\u202eada\\u202c\\u2069"
    ('Ada', True)
    """
    if text.isascii() or not any(map(_turns, text)):
        return text
    closed = _closed(text)
    return closed if _is_alone(closed) else f"{FIRST_STRONG}{closed}{POP_ISOLATE}"


def without_controls(text: str) -> str:
    """The text without signs of direction, for what knows one direction only."""
    return "".join(filterfalse(CONTROLS.__contains__, text))


def _turns(sign: str) -> bool:
    return sign in CONTROLS or unicodedata.bidirectional(sign) in RIGHT_TO_LEFT


def _closed(text: str) -> str:
    kept: list[str] = []
    waiting: list[str] = []  # what would close each sign that is open, the innermost last
    for sign in text:
        if sign == POP_ISOLATE and POP_ISOLATE in waiting:
            while waiting[-1] == POP_EMBEDDING:  # an isolate ends with all that is open in it
                kept.append(waiting.pop())
        if sign in (POP_ISOLATE, POP_EMBEDDING):
            if waiting[-1:] != [sign]:
                continue
            waiting.pop()
        elif sign in ISOLATES:
            waiting.append(POP_ISOLATE)
        elif sign in EMBEDDINGS:
            waiting.append(POP_EMBEDDING)
        kept.append(sign)
    return "".join((*kept, *reversed(waiting)))


def _is_alone(closed: str) -> bool:
    """True for one isolated run as a whole."""
    if not closed.startswith(FIRST_STRONG):
        return False
    # Of two runs beside each other none is open between them.
    *depths, _ = accumulate(map(_step, closed))
    return 0 not in depths


def _step(sign: str) -> int:
    """What a sign adds to the isolates that are open."""
    return (sign in ISOLATES) - (sign == POP_ISOLATE)


__all__ = ["CONTROLS", "isolated", "without_controls"]
