"""How ids and names are compared: without what learning systems put around them and spreadsheets
take away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

from rnnquiz.text import visible

_FORMULA = re.compile(r'="(.*)"')
_AROUND = "'’‘`\"“”„«»"
_POINT_ZERO = re.compile(r"(\d+)[.,]0+")
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d{2,}")
_PARTICIPANT_WORDS = frozenset((
    "participant", "participante", "participanta", "partecipante", "teilnehmer", "teilnehmerin",
    "teilnehmende", "teilnehmendeperson", "teilnehmerinnen", "deelnemer", "deltagare",
    "deltager", "deltaker", "osallistuja", "uczestnik", "ucastnik", "ucastnice", "resztvevo",
    "sudionik", "sudionica", "udelezenec", "katilimci", "dalyvis", "dalibnieks", "osaleja",
    "partaidea", "parthaide", "участник", "учасник", "συμμετεχων", "参加者",
    "参与者", "参與者", "參與者",
    "參加者", "참가자", "مشارك", "משתתף",
))  # fmt: skip
_LETTERS = str.maketrans(
    {
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ŋ": "n",
        "ħ": "h",
        "ŧ": "t",
        "ĸ": "k",
    }
)
_MOST_WORDS = 8  # of a name, in any of which its first can be


class AsId(str):
    """A word that is an id or an e-mail address, and never a name."""


class AsName(str):
    """A word that is a name, and never an id: somebody's name can be the id of somebody else."""


class AsSpelt(AsName):
    """A name as one of several encodings spells it: only with its accents is it that name."""


def cleaned(word: str) -> str:
    """An id as it was meant: without invisible characters, quotes, the `#` of Brightspace, and the
    `="..."` of spreadsheets.

    >>> cleaned('="0012345"'), cleaned("#0012345"), cleaned("'0012345"), cleaned("12345.0")
    ('0012345', '0012345', '0012345', '12345')

    """
    text = visible(word)
    if found := _FORMULA.fullmatch(text):
        text = found[1]
    bare = text.strip(_AROUND + " ")
    if bare.startswith("#") and bare[1:2].isalnum():
        bare = bare[1:]
    found = _POINT_ZERO.fullmatch(bare)
    return found[1] if found else bare or text


@lru_cache(maxsize=65536)
def loosely(word: str) -> str:
    """The same for all spellings of an id: case, Unicode form, and zeros in front that a
    spreadsheet drops make no difference.

    >>> loosely("K12") == loosely("ｋ12"), loosely("0012345") == loosely("12345"),
    loosely("Teilnehmer/in57") == loosely("Participant 57") (True, True, True)

    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cleaned(word)).casefold())
    if (number := participant(text)) is not None:
        return f"participant {number}"
    if not text.isdecimal():
        return text
    digits = text if text.isascii() else "".join(str(unicodedata.decimal(c)) for c in text)
    return digits.lstrip("0") or "0"


def participant(word: str) -> str | None:
    """The number in Moodle's word for an anonymous participant, in its languages; None where it is
    none.
    """
    head = word.rstrip("0123456789")
    if head == word or len(word) - len(head) > 12:
        return None
    return str(int(word[len(head) :])) if is_participant(head) else None


def is_participant(word: str) -> bool:
    """True for Moodle's word for a participant, without its number."""
    return squeezed(word) in _PARTICIPANT_WORDS


def is_rounded(word: str) -> bool:
    """True for a long number as a spreadsheet shows it, 1.23457E+11: the digits of the id are
    lost.
    """
    return _ROUNDED.fullmatch(visible(word)) is not None


@lru_cache(maxsize=65536)
def squeezed(name: str) -> str:
    """A name as learning systems squeeze it: lower case, without accents, spaces and marks.

    >>> squeezed("Émile du Châtelet") == squeezed("emile DUCHATELET"), squeezed("Işıl Łoś")
    (True, 'isillos')
    """
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    return "".join(filter(_is_kept, plain))


def _is_kept(character: str) -> bool:
    """Letters, digits, and the vowels of scripts that write them as marks; no accents of Latin."""
    if character.isalnum():
        return True
    return unicodedata.category(character)[0] == "M" and not "\u0300" <= character <= "\u036f"


@lru_cache(maxsize=65536)
def spelt(name: str) -> str:
    """A name squeezed, with its accents."""
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(c for c in plain if c.isalnum() or unicodedata.category(c)[0] == "M")


def orders(name: str, squeeze: Callable[[str], str] = squeezed) -> set[str]:
    """The name squeezed, whichever of its words comes first: systems write  last, first  and  first
    last .
    """
    return {found for text in _rotated(name) if (found := squeeze(text))}


def ascii_orders(name: str) -> set[str]:
    """The same as Canvas writes names of files: letters that are not ASCII are left out
    altogether.
    """
    return orders(name.encode("ascii", "ignore").decode())


def _rotated(name: str) -> Iterator[str]:
    words = visible(name).replace(",", " ").replace("_", " ").split()[:_MOST_WORDS]
    return ("".join(words[k:] + words[:k]) for k in range(max(1, len(words))))
