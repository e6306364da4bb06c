"""Names of form fields: letters and digits alone, as every form package keeps them; any box name
can be read back."""

from __future__ import annotations

import re

TOKEN = "token"
A_TOKEN = re.compile(r"\b[a-z2-7]{4}-[a-z2-7]{3}-[a-z2-7]{3}\b")
"""How a token looks: fifty bits in the alphabet of base 32, in three groups."""
A_QUESTION = re.compile(rf"(?:\b(\d{{1,2}}(?:\.\d{{1,2}})?)/)?({A_TOKEN.pattern})")
"""What the question of a quiz begins with: the token of the sheet whose numbers it shows, behind
the key of the exercise where the sheet has several: 2/abcd-efg-hij."""
MARKER = "rnnquiz:"
"""A link to this, followed by a field's name, marks the place of a form field until the PDF is
finished."""


def field_name(box: str) -> str:
    """The field of a box: each byte that is no letter and no digit, and each Z, as Z and two
    hexadecimal digits.

    >>> field_name("dL[2]/dU")
    'dLZ5B2Z5DZ2FdU'
    """
    return "".join(map(_in_field, box.encode()))


def _in_field(byte: int) -> str:
    character = chr(byte)
    # hyperref leaves out underscores without a word, which makes one name of two.
    plain = character.isascii() and character.isalnum() and character != "Z"
    return character if plain else f"Z{byte:02X}"


def box_name(field: str) -> str | None:
    """The box of a field; None where it is no name that `field_name` makes."""
    if not re.fullmatch(r"(?:[A-Ya-z0-9]|Z[0-9A-F]{2})+", field):
        return None
    data = re.sub(r"Z([0-9A-F]{2})", _character, field).encode("latin-1")
    try:
        name = data.decode()
    except UnicodeDecodeError:
        return None
    # With a letter in digits another field would give the same box: that one is none of ours.
    return name if field_name(name) == field else None


def _character(digits: re.Match[str]) -> str:
    code = int(digits[1], 16)
    return chr(code)
