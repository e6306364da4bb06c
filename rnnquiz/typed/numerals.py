"""Numbers as people type them, judged with the sheet around them.

What one text leaves open (1,084) is settled by the other numbers of its sheet, then by the file,
then by the digits asked; never by the key, which would read every doubtful number in the student's
favour. What is still open stays unread, with both readings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain

from rnnquiz.languages.sentences import said
from rnnquiz.typed.spelling import Doubt, Read, Spelled, Typed, in_doubt, spelled
from rnnquiz.typed.unreadable import Unreadable

WELCOME = said(
    "Write numbers with a decimal point or a decimal comma (0.604 or 0,604), the same one "
    "throughout, nothing between thousands, and powers of ten as in 4.8e-3."
)
"""What sheets, templates and forms say of the numbers that are filled in."""

THOUSAND = 3  # digits after a mark that may part thousands
_OTHER = {".": ",", ",": "."}
_OTHERS = {
    ".": said("other numbers here have a decimal point"),
    ",": said("other numbers here have a decimal comma"),
    ".,": said("other numbers here have a decimal point or a decimal comma"),
}
_COMMAS = re.compile("[,，﹐،]")


def read_number(text: str) -> Read:
    """Read one typed number by itself; None where nothing was written. Nothing is guessed.

    >>> read_number("4.8×10⁻³")
    Typed(value=Fraction(3, 625), last_place=-4, significant=2)
    """
    return spelled(text).alone


def same(one: str, other: str) -> bool:
    """True for two texts that say the same number, or the same of being none."""
    first, second = read_number(one), read_number(other)
    if isinstance(first, Typed) and isinstance(second, Typed):
        return first.value == second.value
    return first == second


def read_sheet(texts: Sequence[str], decimals: int | None = None) -> list[Read]:
    """Read the numbers of one sheet, each with the others around it; `decimals`: how many the sheet
    asks for, if it counts them.

    A mark stands before decimals where another number of the sheet uses it so beyond doubt, and
    parts thousands where another shows that. Where nothing speaks of either mark, a point is a
    decimal point, and a comma is a decimal comma if as many decimals are asked as follow it.
    """
    found = [spelled(text) for text in texts]
    if all(one.doubt is None for one in found):
        return [one.alone for one in found]
    shown = _shown(found)
    return [_settled(one, text, shown, decimals) for one, text in zip(found, texts, strict=True)]


def with_decimal_commas(texts: Sequence[str]) -> list[str]:
    """The texts of one sheet out of a file whose commas stand before decimals: what the sheet
    leaves open gets a point."""
    found = [spelled(text) for text in texts]
    if _shown(found) & _DECIMALS:
        return list(texts)
    return [_pointed(text, one.doubt) for one, text in zip(found, texts, strict=True)]


def _pointed(text: str, doubt: Doubt | None) -> str:
    """A doubtful text with a point where it has a comma, and without the points that part
    thousands."""
    # 1.234 has a point already, and 1,234,567 parts thousands whatever the file does elsewhere.
    if doubt is None or (doubt.mark == ".") == (doubt.decimal is not None):
        return text
    if doubt.mark != ",":
        text = text.replace(".", "")
    return _COMMAS.sub(".", text)


_DECIMALS = frozenset(f"decimal {mark}" for mark in _OTHER)


def _shown(found: Iterable[Spelled]) -> frozenset[str]:
    """How the numbers of a sheet use marks beyond doubt."""
    shows = (one.shows for one in found)
    return frozenset(chain.from_iterable(shows))


def _settled(one: Spelled, text: str, shown: frozenset[str], decimals: int | None) -> Read:
    """What a text says on a sheet that uses marks as `shown`."""
    doubt = one.doubt
    if doubt is None:
        return one.alone
    mark, other = doubt.mark, _OTHER[doubt.mark]
    decimal, thousands = f"decimal {mark}" in shown, f"thousands {mark}" in shown
    # 1.234,5 and 1.234.567 have one reading, which other numbers of the sheet confirm or deny.
    if doubt.decimal is None:
        decimal = decimal or f"thousands {other}" in shown
        thousands = thousands or f"decimal {other}" in shown
        if thousands and not decimal:
            return doubt.thousands
        return _open(doubt, text, shown)
    # Where the sheet uses the mark in both ways, or in none, it settles nothing.
    if decimal != thousands:
        return doubt.thousands if thousands else doubt.decimal
    silent = not decimal and f"decimal {other}" not in shown
    if silent and (mark == "." or decimals == THOUSAND):
        return doubt.decimal
    return _open(doubt, text, shown)


def _open(doubt: Doubt, text: str, shown: frozenset[str]) -> Unreadable:
    """The reason for a doubtful text: its readings, and what the rest of the sheet says."""
    used = ""
    for mark in _OTHER:
        if f"decimal {mark}" in shown:
            used += mark
    seen = " ".join(text.split())
    return in_doubt(doubt, seen, _OTHERS.get(used, ""))


__all__ = [
    "WELCOME", "Read", "Typed", "Unreadable", "read_number", "read_sheet", "same",
    "with_decimal_commas",
]  # fmt: skip
