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
# Any decimal mark: the spreadsheet may be in another language than the roster.
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
_LONGEST_NUMBER = 12  # of a participant of Moodle; Python refuses to read the longest


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
    # Some systems write an id so, for spreadsheets to keep its zeros.
    if found := _FORMULA.fullmatch(text):
        text = found[1]
    bare = text.strip(f"{_AROUND} ")
    if bare.startswith("#") and bare[1:2].isalnum():
        bare = bare[1:]
    # A column of numbers with a blank in it is one of floats to some programs.
    if found := _POINT_ZERO.fullmatch(bare):
        return found[1]
    return bare or text


@lru_cache(maxsize=65536)
def loosely(word: str) -> str:
    """The same for all spellings of an id: case, Unicode form, and zeros in front that a
    spreadsheet drops make no difference.

    >>> loosely("K12") == loosely("ｋ12"), loosely("0012345") == loosely("12345")
    (True, True)
    >>> loosely("Teilnehmer/in57") == loosely("Participant 57")
    True

    """
    folded = unicodedata.normalize("NFKC", cleaned(word)).casefold()
    # Once more: folding can take a letter apart.
    text = unicodedata.normalize("NFKC", folded)
    if (number := participant(text)) is not None:
        return f"participant {number}"
    if not text.isdecimal():
        return text
    if not text.isascii():
        digits = map(unicodedata.decimal, text)
        text = "".join(map(str, digits))
    return text.lstrip("0") or "0"


def participant(word: str) -> str | None:
    """The number in Moodle's word for an anonymous participant, in its languages; None where it is
    none.
    """
    head = word.rstrip("0123456789")
    digits = word[len(head) :]
    if not digits or len(digits) > _LONGEST_NUMBER or not is_participant(head):
        return None
    return str(int(digits))


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
    # Taken apart, accents are signs of their own, which are not kept.
    apart = unicodedata.normalize("NFKD", name.casefold())
    plain = apart.translate(_LETTERS)
    return "".join(filter(_is_kept, plain))


def _is_kept(character: str) -> bool:
    """Letters, digits, and the vowels of scripts that write them as marks; no accents of Latin."""
    if character.isalnum():
        return True
    if "\u0300" <= character <= "\u036f":
        return False
    return _is_mark(character)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


@lru_cache(maxsize=65536)
def spelt(name: str) -> str:
    """A name squeezed, with its accents."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    plain = unicodedata.normalize("NFC", folded)
    return "".join(filter(_is_spelt, plain))


def _is_spelt(character: str) -> bool:
    return character.isalnum() or _is_mark(character)


def orders(name: str, squeeze: Callable[[str], str] = squeezed) -> set[str]:
    """The name squeezed, whichever of its words comes first: systems write  last, first  and  first
    last .
    """
    spellings = set(map(squeeze, _rotated(name)))
    return spellings - {""}


def ascii_orders(name: str) -> set[str]:
    """The same as Canvas writes names of files: letters that are not ASCII are left out
    altogether.
    """
    left = name.encode("ascii", "ignore")
    return orders(left.decode())


def _rotated(name: str) -> Iterator[str]:
    parted = visible(name).translate(_BETWEEN_WORDS)
    words = parted.split()[:_MOST_WORDS]
    for k in range(max(1, len(words))):
        in_order = words[k:] + words[:k]
        yield "".join(in_order)


_BETWEEN_WORDS = str.maketrans(",_", "  ")
