"""Text as a person sees it: without the characters that have no glyph, every kind of blank as a
plain space.

Word processors, chats, learning systems and right-to-left keyboards leave such characters beside
what was typed. Whatever is compared or read (numbers, names of boxes, ids, tokens) is compared as
it looks; what is shown again is kept as it was written.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from enum import Enum
from functools import lru_cache
from itertools import filterfalse, islice


class TextEnum(str, Enum):
    """Members that are their texts wherever they are compared, printed or written down, as those of
    `enum.StrEnum`, which came with Python 3.11."""

    __str__ = str.__str__

    def __format__(self, spec: str) -> str:
        return str.__format__(self, spec)


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
    # Nearly every text is such: to look at its characters one by one takes much longer.
    if text.isascii() and text.isprintable():
        return text.strip()
    seen = "".join(map(_seen, text))
    return seen.strip()


@lru_cache(maxsize=4096)
def _seen(character: str) -> str:
    """The character, a space for any kind of blank, nothing for what has neither glyph nor
    width."""
    if is_blank(character):
        return " "
    if is_invisible(character):
        return ""
    return character


def is_blank(character: str) -> bool:
    """True for a character that is not drawn and leaves a gap."""
    return character.isspace() or character == _BRAILLE_BLANK


def is_invisible(character: str) -> bool:
    """True for a character that is neither drawn nor leaves a gap: Unicode's default-ignorable
    ones, and control characters."""
    category = unicodedata.category(character)
    if category == "Cf":
        return character not in _SEEN_THOUGH_FORMAT
    if category == "Cc":
        return True
    code = ord(character)
    return any(first <= code <= last for first, last in _IGNORABLE)


def shortened(text: str, most: int = 60) -> str:
    """A text in quotes, on one line, of no more than so many characters."""
    if len(text) > most:
        text = f"{text[: most - 3]}..."
    return repr(text)


def _without_marks(word: str) -> str:
    """A word in small letters without accents, to be compared."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(filterfalse(unicodedata.combining, parts))


def nearest(word: str, known: Iterable[str], otherwise: str = "", also: Iterable[str] = ()) -> str:
    """What may have been meant by a word that is none of the known ones, and which these are.

    `otherwise` stands for the list of all of them, `also` are names to list beside them.

    >>> nearest("tahn", ["tanh", "sigmoid"])
    'did you mean tanh? known are tanh, sigmoid'
    """
    words = list(dict.fromkeys(known))
    plain = {_without_marks(each): each for each in words}
    close = _close(_without_marks(word), plain)
    meant = ""
    if close:
        meant = f"did you mean {' or '.join(close)}? "
    if otherwise:
        return meant + otherwise
    every = list(dict.fromkeys([*words, *also]))
    rest = len(every) - MOST_LISTED
    listed = ", ".join(every[:MOST_LISTED])
    if rest > 0:
        listed += f" and {rest} more"
    return f"{meant}known are {listed}"


def _close(seen: str, plain: Mapping[str, str]) -> list[str]:
    """The words like what was seen; where none is, those of which it is a part."""
    close = get_close_matches(seen, plain, MOST_NEAR, NEAR)
    # A letter or two are a part of nearly everything.
    if not close and len(seen) >= LEAST_PART:
        close = list(islice(_longer(seen, plain), MOST_NEAR))
    return [plain[each] for each in close]


def _longer(part: str, words: Iterable[str]) -> Iterator[str]:
    for word in words:
        if part in word:
            yield word
