"""MathML as close as print: brackets no higher than what stands in them, an index and a power one
above the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_KEPT = 20_000
_FORMULA = re.compile(r"<math\b[^>]*>.*?</math>", re.DOTALL)
_OPEN, _CLOSED = ("<mo>(</mo>", "<mo>[</mo>"), ("<mo>)</mo>", "<mo>]</mo>")
_BRACKET = re.compile("<mo>[][()]</mo>")
_HIGH = re.compile(r"<(?:mfrac|mtable|msqrt|munder)\b")  # higher than a letter
_STOP = re.compile(f"{_BRACKET.pattern}|{_HIGH.pattern}")
_INSIDE = r"((?:(?!</?msu[bp]\b).)*)"
_INDEX_THEN_POWER = re.compile(f"<msup><msub>{_INSIDE}</msub>{_INSIDE}</msup>", re.DOTALL)


def tight(page: str) -> str:
    """A page whose formulas are set as close as in print."""
    return _FORMULA.sub(lambda found: _tight(found[0]), page)


@lru_cache(maxsize=_KEPT)
def _tight(formula: str) -> str:
    stacked = _INDEX_THEN_POWER.sub(r"<msubsup>\1\2</msubsup>", formula)
    # Chromium gives a bracket that may grow the width of the largest that the font has.
    low = _low_brackets if _HIGH.search(stacked) else _brackets
    for start in sorted(low(stacked), reverse=True):
        tag = start + len("<mo")
        stacked = f'{stacked[:tag]} stretchy="false"{stacked[tag:]}'
    return stacked


def _brackets(formula: str) -> Iterator[int]:
    """Where all brackets begin, also those whose other one stands in the next formula."""
    return (found.start() for found in _BRACKET.finditer(formula))


def _low_brackets(formula: str) -> Iterator[int]:
    """Where brackets begin between which nothing is higher than a letter."""
    starts, lowest = list[int](), 0  # of those that are open, the first with nothing high in it
    for found in _STOP.finditer(formula):
        if found[0] in _OPEN:
            starts.append(found.start())
        elif found[0] not in _CLOSED:
            lowest = len(starts)
        elif starts:
            start = starts.pop()
            if lowest <= len(starts):
                yield from (start, found.start())
            lowest = min(lowest, len(starts))


__all__ = ["tight"]
