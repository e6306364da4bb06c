"""Type 1 fonts without subroutines, so that a PDF holds no more of them than the letters on its
pages.

TeX puts the letters that a page uses into a PDF, but a stub for every subroutine of the font: of
the Latin Modern fonts 14 kB each, of which nothing can be compressed. Here each letter gets the
parts of its outline that were subroutines; hints that would be exchanged within a letter are left
out. (Adobe Type 1 Font Format, 1990, chapters 6 to 8.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

EEXEC_KEY, CHARSTRING_KEY = 55665, 4330
RANDOM_BYTES = 4  # before what is encrypted
ASCII_SEGMENT, BINARY_SEGMENT, LAST_SEGMENT = 1, 2, 3
CALL, RETURN, ESCAPE = 10, 11, 12
FLEX_ROUTINES = 4  # subroutines for flexes, which the renderer knows by their numbers
EXCHANGE = 4  # the subroutine that exchanges hints for those of another one
DEEPEST_CALL = 10
NO_FONT = "no Type 1 font in segments"

_ENTRY = re.compile(rb"dup (\d+) (\d+) RD ")
_LETTER = re.compile(rb"/(\S+) (\d+) RD ")
Tokens = list[bytes]


def without_subroutines(font: bytes) -> bytes:
    """The font, as a file in segments (PFB), with all letters and none but the first few
    subroutines. ValueError where it is no such font."""
    clear, private, rest = _segments(font)
    text = _decrypted(private, EEXEC_KEY)
    if b"/Subrs" not in text or b"/CharStrings" not in text:
        raise ValueError(NO_FONT)
    subroutines = dict(_strings(_ENTRY, text, text.index(b"/Subrs"), text.index(b"/CharStrings")))
    start = text.index(b"/CharStrings")
    codes = {int(number): _tokens(code) for number, code in subroutines.items()}
    letters = [
        (name, b"".join(_unrolled(_tokens(code), codes)))
        for name, code in _strings(_LETTER, text, start, len(text))
    ]
    made = b"".join(
        (
            text[: text.index(b"/Subrs")],
            b"/Subrs %d array\n" % (EXCHANGE + 1),
            *(_entry(k, subroutines[b"%d" % k]) for k in range(EXCHANGE + 1)),
            b"ND\n2 index\n/CharStrings %d dict dup begin\n" % len(letters),
            *(_letter(name, code) for name, code in letters),
            b"end\nend\nreadonly put\nput\ndup/FontName get exch definefont pop\nmark",
            b" currentfile closefile\n",
        )
    )
    secret = _encrypted(made, EEXEC_KEY)
    return _segment(ASCII_SEGMENT, clear) + _segment(BINARY_SEGMENT, secret) + rest


def _segments(font: bytes) -> tuple[bytes, bytes, bytes]:
    """What is in the clear, what is encrypted, and all segments after that as they are."""
    parts: dict[int, bytes] = {ASCII_SEGMENT: b"", BINARY_SEGMENT: b""}
    at = 0
    while font[at : at + 1] == b"\x80" and font[at + 1] != LAST_SEGMENT:
        kind, length = font[at + 1], int.from_bytes(font[at + 2 : at + 6], "little")
        if kind == ASCII_SEGMENT and parts[BINARY_SEGMENT]:
            return parts[ASCII_SEGMENT], parts[BINARY_SEGMENT], font[at:]
        parts[kind] += font[at + 6 : at + 6 + length]
        at += 6 + length
    raise ValueError(NO_FONT)


def _segment(kind: int, data: bytes) -> bytes:
    return b"\x80" + bytes([kind]) + len(data).to_bytes(4, "little") + data


def _decrypted(data: bytes, key: int) -> bytes:
    made = bytearray()
    for code in data:
        made.append(code ^ (key >> 8))
        key = ((code + key) * 52845 + 22719) & 0xFFFF
    return bytes(made[RANDOM_BYTES:])


def _encrypted(data: bytes, key: int) -> bytes:
    made = bytearray()
    for plain in bytes(RANDOM_BYTES) + data:
        code = plain ^ (key >> 8)
        made.append(code)
        key = ((code + key) * 52845 + 22719) & 0xFFFF
    return bytes(made)


def _strings(
    form: re.Pattern[bytes], text: bytes, start: int, end: int
) -> Iterator[tuple[bytes, bytes]]:
    """Number or name, and the code, of subroutines or letters."""
    while match := form.search(text, start, end):
        start = match.end() + int(match[2])
        yield match[1], _decrypted(text[match.end() : start], CHARSTRING_KEY)


def _entry(number: int, code: bytes) -> bytes:
    secret = _encrypted(code, CHARSTRING_KEY)
    return b"dup %d %d RD %b NP\n" % (number, len(secret), secret)


def _letter(name: bytes, code: bytes) -> bytes:
    secret = _encrypted(code, CHARSTRING_KEY)
    return b"/%b %d RD %b ND\n" % (name, len(secret), secret)


def _tokens(code: bytes) -> Tokens:
    """Numbers and commands, each by its own bytes."""
    found, at = [], 0
    while at < len(code):
        first = code[at]
        if first < 32:
            length = 2 if first == ESCAPE else 1
        else:
            length = 1 if first < 247 else 5 if first == 255 else 2
        found.append(code[at : at + length])
        at += length
    return found


def _unrolled(code: Tokens, subroutines: Mapping[int, Tokens], depth: int = 0) -> Tokens:
    """The code with each call of a subroutine replaced by what the subroutine does."""
    if depth > DEEPEST_CALL:
        raise ValueError("subroutines that call one another without end")
    made: Tokens = []
    for token in code:
        if token != bytes([CALL]):
            made.append(token)
            continue
        number = _number(made[-1])
        if number < FLEX_ROUTINES:
            made.append(token)
        elif number == EXCHANGE:
            del made[-2:]  # the number of the subroutine with other hints, and its own
        else:
            made.pop()
            made += _unrolled(subroutines[number], subroutines, depth + 1)
            if made and made[-1] == bytes([RETURN]):
                made.pop()
    return made


def _number(token: bytes) -> int:
    """A number of a code."""
    first = token[0]
    if 32 <= first <= 246:
        return first - 139
    if 247 <= first <= 250:
        return (first - 247) * 256 + token[1] + 108
    if 251 <= first <= 254:
        return -(first - 251) * 256 - token[1] - 108
    if first == 255:
        return int.from_bytes(token[1:5], "big", signed=True)
    raise ValueError("a call without the number of a subroutine")
