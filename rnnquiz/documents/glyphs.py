"""Which letters the fonts of Typst have; what else is in a text is named by its code."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import filterfalse

from rnnquiz.direction import CONTROLS

# First and last of each run of characters that some font of the wheel draws (a test sets them all).
_DRAWN = (
    (0x0021, 0x04FF),  # Latin, Greek, Cyrillic
    (0x0510, 0x0513), (0x051A, 0x051D),
    (0x0531, 0x060C),  # Armenian, Hebrew
    (0x061B, 0x061B), (0x061F, 0x061F), (0x0621, 0x063A), (0x0640, 0x0655),  # Arabic
    (0x0660, 0x066D), (0x0679, 0x067B), (0x067E, 0x0680), (0x0683, 0x0684),
    (0x0686, 0x0687), (0x0691, 0x0691), (0x0698, 0x0698), (0x06A4, 0x06A4),
    (0x06A9, 0x06A9), (0x06AF, 0x06AF), (0x06BE, 0x06BE), (0x06CC, 0x06CC),
    (0x06F0, 0x06F9),
    (0x0900, 0x097F),  # Devanagari
    (0x10D0, 0x10FF),  # Georgian
    (0x13A0, 0x13FD),  # Cherokee
    (0x1D00, 0x2040), (0x2044, 0x2052), (0x2054, 0x211E), (0x2122, 0x2122),
    (0x2126, 0x2151), (0x2153, 0x2184), (0x2190, 0x22FF),
)  # fmt: skip
UNSEEN = "\n\t\u200b\u200c\u200d\u2060\u00ad"  # what parts or joins letters, or allows a break
SCRIPTS = "Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew, Arabic, Devanagari, Cherokee"


@cache
def has_glyph(character: str) -> bool:
    """True for a letter, mark, digit or sign that Typst draws, and for what needs no drawing."""
    if character in CONTROLS or character in UNSEEN:
        return True
    if unicodedata.category(character) == "Zs":
        return character != "\u1680"  # Typst makes every space but that of Ogham, which is a line
    place = ord(character)
    known = any(first <= place <= last for first, last in _DRAWN)
    # Of the same range, but no letter: places that Unicode has not given out, and controls.
    kind = unicodedata.category(character)
    return known and kind[0] in "LMPSN"


def without_glyph(text: str) -> list[str]:
    """The characters of a text that Typst has no glyph for, in order."""
    return list(filterfalse(has_glyph, text))


__all__ = ["SCRIPTS", "has_glyph", "without_glyph"]
