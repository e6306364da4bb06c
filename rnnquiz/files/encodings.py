"""Which encoding the bytes of a text are in: UTF-8 or UTF-16, else the one in which its words can
be words.

Programs save tables in the encoding of the machine's language. Nothing in the file says which, so
each is tried, and what cannot stand in a word counts against it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

UTF_8 = "UTF-8"
CODECS: Mapping[str, str] = {
    UTF_8: "utf-8-sig", "UTF-16": "utf-16", "UTF-16 LE": "utf-16-le", "UTF-16 BE": "utf-16-be",
    "Windows-1252": "cp1252", "Mac OS Roman": "mac_roman", "Windows-1250": "cp1250",
    "EUC-KR": "cp949", "GB 18030": "gb18030", "Shift JIS": "cp932", "Big5": "big5hkscs",
    "Windows-1255": "cp1255", "Windows-1251": "cp1251", "Windows-1253": "cp1253",
    "Windows-1254": "cp1254", "KOI8-R": "koi8_r", "Windows-1256": "cp1256",
}  # fmt: skip
"""Python's name of each; of several that fit equally well the first is taken."""
_USUAL = {
    "cp949": (0xB0, 0xC8),
    "gb18030": (0xB0, 0xD7),
    "cp932": (0x82, 0x97),
    "big5hkscs": (0xA4, 0xC6),
}
"""First bytes of the signs that are written every day; nearly any bytes are some sign of these."""
_UTF_16 = ("UTF-16", "UTF-16 LE", "UTF-16 BE")
SAMPLE = 200_000  # characters that show how a text is written
_LETTERS = 5_000  # bytes, most of them foreign, of which the encoding is guessed
_ASCII_RUN = re.compile(rb"([\x00-\x7f]{2})[\x00-\x7f]+([\x00-\x7f]{2})")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_BESIDE_LETTERS = "’‘´·‐–\u0301\u0308"
_SCRIPTS = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK", "IDEOGRAPHIC": "CJK"}


def decode(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding."""
    name = encoding_of(data)
    return data.decode(CODECS[name], "replace"), name


def encoding_of(data: bytes) -> str:
    """The name of the encoding; what is no UTF is guessed, best guess first in `guesses`."""
    utf = utf_of(data)
    if utf:
        return utf
    best, _ = guesses(data)[0]
    return best


def utf_of(data: bytes) -> str:
    """The name of the UTF that the bytes are in without doubt; empty where they are in none."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    # Without a mark: the letters of Europe have a zero beside them, always on the same side.
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > 0.3 * len(sample) / 2 and min(even, odd) == 0:
        if even:
            return "UTF-16 BE"
        return "UTF-16 LE"
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ""
    return UTF_8


def guesses(data: bytes) -> list[tuple[str, int]]:
    """The encodings of what is no UTF, best first, each with how strange the text would look in it.

    UTF-8 is among them, for a file of which only some letters were damaged.
    """
    # Most of a table is ASCII, which is the same in all of them.
    foreign = _ASCII_RUN.sub(rb"\1 \2", data[: 10 * SAMPLE])
    short = foreign[:_LETTERS]
    rows = []
    for name, codec in CODECS.items():
        if name not in _UTF_16:
            text = short.decode(codec, "replace")
            strange = strangeness(text) + _rare(text, codec)
            rows.append((name, strange))
    rows.sort(key=lambda row: row[1])
    return rows


def _rare(text: str, codec: str) -> int:
    """How many signs of East Asia are not among those of every day."""
    first, last = _USUAL.get(codec, (0, 0xFF))
    if not first:
        return 0
    count = 0
    for sign in _FOREIGN.findall(text):
        lead = sign.encode(codec, "replace")[0]
        count += not first <= lead <= last
    return count


def strangeness(text: str) -> int:
    """How many letters with marks, or what is read in their place, cannot stand in a word where
    they stand.

    >>> strangeness("José Müller"), strangeness("JosŽ MŸller"), strangeness("Èâàí")
    (0, 2, 2)

    """
    count = 0
    for found in _FOREIGN.finditer(text):
        count += _is_strange(*_neighbours(text, found.start()))
    return count


def _neighbours(text: str, at: int) -> tuple[str, str, str]:
    """A character between the one before it and the one after it, where there are such."""
    before = text[max(0, at - 1) : at]
    after = text[at + 1 : at + 2]
    return before, text[at], after


def _is_strange(before: str, letter: str, after: str) -> bool:
    """True for a sign within a word, a capital after a small letter, letters of two scripts in one
    word, and the middle one of three Latin letters with marks."""
    script = script_of(letter)
    scripts = set(map(script_of, filter(str.isalpha, (before, after))))
    if not letter.isalpha():
        # What could not be decoded at all is strange wherever it stands.
        if letter == "\ufffd":
            return True
        return bool(scripts) and letter not in _BESIDE_LETTERS
    if not script or scripts - {script}:
        return True
    if letter.isupper() and before.isalpha() and (before.islower() or after.islower()):
        return True
    if script != "LATIN" or (before + after).isascii():
        return False
    return before > "\x7f" < after


@lru_cache(maxsize=65536)
def script_of(letter: str) -> str:
    """The script of a letter, as in its name; empty for what has no name of a script, and for forms
    of other letters, which nobody types."""
    if not letter.isalpha() or unicodedata.decomposition(letter).startswith("<"):
        return ""
    # LATIN SMALL LETTER A: the first word is the script.
    word, _, _ = unicodedata.name(letter, "").partition(" ")
    return _SCRIPTS.get(word, word)
