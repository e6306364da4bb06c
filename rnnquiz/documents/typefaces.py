"""Fonts of a PDF in the compact format (CFF), which weigh less than half of what TeX embeds.

TeX embeds Type 1 fonts: the letters that a page uses, encrypted, so that nothing of them can be
compressed, and a stub for every subroutine of the font. Here each letter gets the parts of its
outline that were subroutines, and fontTools writes all letters in the compact format, which PDF
takes as well. Hints that would be exchanged within a letter are left out. (Adobe Type 1 Font
Format, 1990, chapters 6 to 8; Adobe Technical Note 5177, The Type 2 Charstring Format, 2003.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from rnnquiz.documents.outlines import OTHER_FONT, Letter
from rnnquiz.documents.type1 import EEXEC_KEY, Subroutines, deciphered, decrypted, unrolled

_ENTRY = re.compile(rb"dup (\d+) (\d+) RD ")
_LETTER = re.compile(rb"/(\S+) (\d+) RD ")
_NAME = re.compile(rb"/FontName /(\S+) def")
_CODE = re.compile(rb"dup (\d+) ?/(\S+) put")
_BOX = re.compile(rb"/FontBBox ?\{([^}]*)\}")
_GRID = re.compile(rb"/FontMatrix ?\[ ?0?\.001 0 0 0?\.001 0 0 ?\]")  # of 1000 units
_PRIVATE = re.compile(
    rb"/(BlueValues|OtherBlues|FamilyBlues|FamilyOtherBlues|StdHW|StdVW|StemSnapH|StemSnapV)"
    rb" ?\[([^]]*)\]"
)
_SINGLE = ("StdHW", "StdVW")


# A class is set in several runs, whose fonts for formulas have the same letters.
@lru_cache(maxsize=64)
def compact(font: bytes) -> bytes:
    """A Type 1 font as it stands in a PDF, in the compact format. ValueError where it is none, or
    has what Latin fonts do not have (composed letters, another grid)."""
    clear, mark, private = font.partition(b"currentfile eexec")
    name, box = _NAME.search(clear), _BOX.search(clear)
    if not mark or not name or not box or not _GRID.search(clear):
        raise ValueError(OTHER_FONT)
    text = decrypted(private.lstrip(b"\r\n"), EEXEC_KEY)
    shown, corners = name[1].decode("ascii"), list(map(float, box[1].split()))
    try:
        return _written(shown, corners, _hints(text), _letters(text))
    except (LookupError, ZeroDivisionError):
        # A letter that is cut off, a subroutine that is not there, a quotient by nothing.
        raise ValueError(OTHER_FONT) from None


def codes_of(font: bytes) -> dict[int, str]:
    """The letters of a Type 1 font by their codes, in rising order; empty where it has the standard
    encoding, as a font in the compact format has."""
    clear, *_ = font.partition(b"currentfile eexec")
    names = {int(code): name.decode("ascii") for code, name in _CODE.findall(clear)}
    return dict(sorted(names.items()))


def _letters(text: bytes) -> dict[str, Letter]:
    """Each letter of a font, in the order of the font."""
    start = text.find(b"/CharStrings")
    if start < 0:
        raise ValueError(OTHER_FONT)
    subroutines = Subroutines(_strings(_ENTRY, text, 0, start))
    found = {}
    for name, code in _strings(_LETTER, text, start, len(text)):
        letter = Letter()
        for token in unrolled(deciphered(code), subroutines):
            letter.take(token)
        found[name.decode("ascii")] = letter
    return found


def _hints(private: bytes) -> dict[str, Any]:
    """What a font says of all its letters: heights where they end, usual thicknesses."""
    found: dict[str, Any] = {}
    for key, numbers in _PRIVATE.findall(private):
        name, values = key.decode("ascii"), list(map(float, numbers.split()))
        if values:
            found[name] = values[0] if name in _SINGLE else values
    return found


def _strings(
    form: re.Pattern[bytes], text: bytes, start: int, end: int
) -> Iterator[tuple[bytes, bytes]]:
    """Number or name, and the code in cipher, of subroutines or letters."""
    while match := form.search(text, start, end):
        start = match.end() + int(match[2])
        yield match[1], text[match.end() : start]


def _written(
    name: str, box: list[float], hints: dict[str, Any], letters: Mapping[str, Letter]
) -> bytes:
    # Loaded here: it takes a tenth of a second, and Typst needs none of it.
    from fontTools.fontBuilder import FontBuilder
    from fontTools.misc.psCharStrings import T2CharString

    builder = FontBuilder(unitsPerEm=1000, isTTF=False)
    # The font says itself how far its letters reach; to draw them all for it takes long.
    builder.font.recalcBBoxes = False
    # The format wants the letter for what is missing in front.
    order = [".notdef", *(letter for letter in letters if letter != ".notdef")]
    builder.setupGlyphOrder(order)
    programs = {one: T2CharString(program=letters[one].whole()) for one in order}
    builder.setupCFF(name, {"FontBBox": box}, programs, hints)
    table: bytes = builder.font["CFF "].compile(builder.font)
    return table
