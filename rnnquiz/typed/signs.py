"""Which sign a character is another form of: digits of any script, any minus, raised digits."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rnnquiz.text import is_blank, is_invisible


def _characters(*rows: tuple[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for characters, meaning in rows:
        found |= dict.fromkeys(characters, meaning)
    return found


SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+", strict=True))
"""Raised digits and signs, each by what it raises."""
SOFT_HYPHEN = "\u00ad"  # a hyphen where a program shows it, and nothing where it does not
_MEANING = _characters(
    ("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u02d7\u2796\ufe58\ufe63\uff0d", "-"),
    ("\u2795", "+"),
    # Letters of other alphabets that look like x and e are meant as these: they are all that some
    # keyboards have.
    ("×✕✖⨯⨉∗хХ", "×"),
    ("·⋅∙•‧・\u0387", "·"),
    ("ᴇеЕΕ⏨", "e"),
    ("ˆ↑", "^"),
    ("⁄∕÷", "/"),
    ("’‘‛ʼ′´", "'"),
    ("≃≅≐∼⁓~≈", "≈"),
    ("。｡", "."),
    ("،", ","),
    # These are told apart by the grammar, and stay what they are.
    *((character, character) for character in ("٫", "٬", SOFT_HYPHEN, *SUPERSCRIPTS)),
)


@lru_cache(maxsize=4096)
def sign_of(character: str) -> str:
    """The sign that a character is another form of; one that is none stays, and makes the text
    unreadable."""
    if (meaning := _MEANING.get(character)) is not None:
        return meaning
    if is_blank(character):
        return " "
    if is_invisible(character):
        return ""
    value = unicodedata.decimal(character, None)
    if value is not None:
        return str(value)
    compatible = unicodedata.normalize("NFKC", character)
    counts = any(map(_counts, compatible))  # ½ and ① are no digits
    return character if counts else compatible


def _counts(character: str) -> bool:
    return character.isdigit() or character == "⁄"
