"""Text as a person sees it: without the characters that have no glyph, every kind of blank as a
plain space.

Word processors, chats, learning systems and right-to-left keyboards leave such characters beside
what was typed. Whatever is compared or read (numbers, names of boxes, ids, tokens) is compared as
it looks; what is shown again is kept as it was written.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

_SEEN_THOUGH_FORMAT = (
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
# Unicode's Default_Ignorable_Code_Point where the category is not Cf: joiners, fillers, vowels,
# variation selectors, reserved.
_IGNORABLE = (
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2065, 0x2065),
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF),
)  # fmt: skip
_BRAILLE_BLANK = "\u2800"
MOST_NEAR, NEAR = 3, 0.6  # words that are offered, and how alike they are (difflib's ratio)
MOST_LISTED = 30  # words in one message
LEAST_PART = 3  # letters of a part by which a longer word is found


def visible(text: str) -> str:
    """What of a text can be seen, on one line and without blanks at its ends.

    >>> visible("\\ufeff h[1]\\u200b\\u00a0")
    'h[1]'
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    return "".join(map(_seen, text)).strip()


@lru_cache(maxsize=4096)
def _seen(character: str) -> str:
    """The character, a space for any kind of blank, nothing for what has neither glyph nor
    width."""
    if is_blank(character):
        return " "
    return "" if is_invisible(character) else character


def is_blank(character: str) -> bool:
    """True for a character that is not drawn and leaves a gap."""
    return character.isspace() or character == _BRAILLE_BLANK


def is_invisible(character: str) -> bool:
    """True for a character that is neither drawn nor leaves a gap: Unicode's default-ignorable
    ones, and control characters."""
    category = unicodedata.category(character)
    if category == "Cf":
        return character not in _SEEN_THOUGH_FORMAT
    return category == "Cc" or any(first <= ord(character) <= last for first, last in _IGNORABLE)


def shortened(text: str, most: int = 60) -> str:
    """A text in quotes, on one line, of no more than so many characters."""
    return repr(text if len(text) <= most else f"{text[: most - 3]}...")


def _without_marks(word: str) -> str:
    """A word in small letters without accents, to be compared."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def nearest(word: str, known: Iterable[str], otherwise: str = "", also: Iterable[str] = ()) -> str:
    """What may have been meant by a word that is none of the known ones, and which these are.

    `otherwise` stands for the list of all of them, `also` are names to list beside them.

    >>> nearest("tahn", ["tanh", "sigmoid"])
    'did you mean tanh? known are tanh, sigmoid'
    """
    words = list(dict.fromkeys(known))
    plain = {_without_marks(each): each for each in words}
    seen = _without_marks(word)
    close = [plain[each] for each in get_close_matches(seen, plain, MOST_NEAR, NEAR)]
    close = (
        close
        or [plain[each] for each in plain if len(seen) >= LEAST_PART and seen in each][:MOST_NEAR]
    )
    meant = f"did you mean {' or '.join(close)}? " if close else ""
    every = list(dict.fromkeys([*words, *also]))
    more = f" and {len(every) - MOST_LISTED} more" if len(every) > MOST_LISTED else ""
    return meant + (otherwise or f"known are {', '.join(every[:MOST_LISTED])}{more}")
