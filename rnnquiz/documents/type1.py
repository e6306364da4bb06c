"""The code of a Type 1 font: out of its cipher, parted into numbers and commands, with subroutines
put in where they are called. (Adobe Type 1 Font Format, 1990, chapters 6 and 7.)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

EEXEC_KEY, CHARSTRING_KEY = 55665, 4330
RANDOM_BYTES = 4  # before what is encrypted
CALL, RETURN, ESCAPE = 10, 11, 12
FLEX_ROUTINES = 3  # of these the last one only says that a point has been reached
EXCHANGE = 4  # the subroutine that exchanges hints for those of another one
DEEPEST_CALL = 10
# First bytes of numbers; commands begin with less (section 6.2). A number of one byte, numbers
# above and below zero of two, and one of five.
OF_ONE, _ABOVE_ZERO, _BELOW_ZERO, _OF_FIVE = 32, 247, 251, 255
Tokens = list[bytes]


class Subroutines(dict[int, Tokens]):
    """The subroutines of a font, each deciphered when it is first called: letters that a document
    does not have leave theirs behind."""

    def __init__(self, ciphered: Iterable[tuple[bytes, bytes]]) -> None:
        self.ciphered = {int(number): code for number, code in ciphered}

    def __missing__(self, number: int) -> Tokens:
        found = self[number] = deciphered(self.ciphered[number])
        return found


def deciphered(code: bytes) -> Tokens:
    """The numbers and commands of a letter or subroutine."""
    return _tokens(decrypted(code, CHARSTRING_KEY))


def decrypted(data: bytes, key: int) -> bytes:
    """What stands in the cipher of the format, without the random bytes before it."""
    made = bytearray()
    for code in data:
        made.append(code ^ (key >> 8))
        # The two constants are those of the format (chapter 7).
        key = ((code + key) * 52845 + 22719) & 0xFFFF
    return bytes(made[RANDOM_BYTES:])


def _tokens(code: bytes) -> Tokens:
    """Numbers and commands, each by its own bytes."""
    found, at = [], 0
    while at < len(code):
        length = _length(code[at])
        found.append(code[at : at + length])
        at += length
    return found


def _length(first: int) -> int:
    """How many bytes a number or command has that begins with this one."""
    if first == _OF_FIVE:
        return 5
    if first == ESCAPE or first >= _ABOVE_ZERO:
        return 2
    return 1


def unrolled(code: Tokens, subroutines: Mapping[int, Tokens], depth: int = 0) -> Tokens:
    """The code with each call of a subroutine replaced by what the subroutine does; calls of those
    for a flex stay, as a `Letter` knows these by their numbers."""
    if depth > DEEPEST_CALL:
        raise ValueError("subroutines that call one another without end")
    made: Tokens = []
    for token in code:
        if token != bytes([CALL]):
            made.append(token)
            continue
        number = number_in(made[-1])
        if number < FLEX_ROUTINES:
            made.append(token)
        elif number == EXCHANGE:
            del made[-2:]  # the number of the subroutine with other hints, and its own
        else:
            made.pop()
            made += unrolled(subroutines[number], subroutines, depth + 1)
            if made and made[-1] == bytes([RETURN]):
                made.pop()
    return made


def number_in(token: bytes) -> int:
    """A number of a code."""
    first = token[0]
    if first == _OF_FIVE:
        return int.from_bytes(token[1:5], "big", signed=True)
    if first >= _BELOW_ZERO:
        return -(first - _BELOW_ZERO) * 256 - token[1] - 108
    if first >= _ABOVE_ZERO:
        return (first - _ABOVE_ZERO) * 256 + token[1] + 108
    if first >= OF_ONE:
        return first - 139
    raise ValueError("a call without the number of a subroutine")
