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
    first, start = text.index(b"/Subrs"), text.index(b"/CharStrings")
    subroutines: dict[int, bytes] = {}
    for number, code in _strings(_ENTRY, text, first, start):
        subroutines[int(number)] = code
    codes = {number: _tokens(code) for number, code in subroutines.items()}
    letters: list[tuple[bytes, bytes]] = []
    for name, code in _strings(_LETTER, text, start, len(text)):
        unrolled = _unrolled(_tokens(code), codes)
        letters.append((name, b"".join(unrolled)))
    first_few = range(EXCHANGE + 1)
    kept = [(number, subroutines[number]) for number in first_few]
    parts = _private(text[:first], kept, letters)
    secret = _encrypted(b"".join(parts), EEXEC_KEY)
    return b"".join((_segment(ASCII_SEGMENT, clear), _segment(BINARY_SEGMENT, secret), rest))


def _private(
    head: bytes, kept: list[tuple[int, bytes]], letters: list[tuple[bytes, bytes]]
) -> Iterator[bytes]:
    """The encrypted part in the clear: its head, the subroutines that are kept, the letters."""
    yield head
    yield b"/Subrs %d array\n" % len(kept)
    yield from (_entry(number, code) for number, code in kept)
    # RD, ND and NP are names that the head defines for reading and storing.
    yield b"ND\n2 index\n/CharStrings %d dict dup begin\n" % len(letters)
    yield from (_letter(name, code) for name, code in letters)
    yield b"end\nend\nreadonly put\nput\ndup/FontName get exch definefont pop\nmark"
    yield b" currentfile closefile\n"


def _segments(font: bytes) -> tuple[bytes, bytes, bytes]:
    """What is in the clear, what is encrypted, and all segments after that as they are."""
    parts: dict[int, bytes] = {ASCII_SEGMENT: b"", BINARY_SEGMENT: b""}
    at = 0
    # Each segment begins with 128, its kind, and four bytes that say how long it is.
    while font[at : at + 1] == b"\x80" and font[at + 1] != LAST_SEGMENT:
        start = at + 6
        _, kind, *size = font[at:start]
        end = start + int.from_bytes(size, "little")
        # The zeros after the encrypted part, and what follows them.
        if kind == ASCII_SEGMENT and parts[BINARY_SEGMENT]:
            rest = font[at:]
            return parts[ASCII_SEGMENT], parts[BINARY_SEGMENT], rest
        parts[kind] += font[start:end]
        at = end
    raise ValueError(NO_FONT)


def _segment(kind: int, data: bytes) -> bytes:
    size = len(data).to_bytes(4, "little")
    return b"".join((b"\x80", bytes([kind]), size, data))


def _decrypted(data: bytes, key: int) -> bytes:
    made = bytearray()
    for code in data:
        made.append(code ^ (key >> 8))
        key = _next_key(key, code)
    return bytes(made[RANDOM_BYTES:])


def _encrypted(data: bytes, key: int) -> bytes:
    made = bytearray()
    # Zeros in place of random bytes: the same font is the same file on every machine.
    for plain in bytes(RANDOM_BYTES) + data:
        code = plain ^ (key >> 8)
        made.append(code)
        key = _next_key(key, code)
    return bytes(made)


def _next_key(key: int, code: int) -> int:
    """What the next byte is encrypted with (chapter 7)."""
    return ((code + key) * 52845 + 22719) & 0xFFFF


def _strings(
    form: re.Pattern[bytes], text: bytes, start: int, end: int
) -> Iterator[tuple[bytes, bytes]]:
    """Number or name, and the code, of subroutines or letters."""
    while match := form.search(text, start, end):
        name, length = match.groups()
        begins = match.end()
        start = begins + int(length)
        # By its length, not by a mark at its end: an encrypted code can have any bytes in it.
        yield name, _decrypted(text[begins:start], CHARSTRING_KEY)


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
        end = at + _length(code[at])
        found.append(code[at:end])
        at = end
    return found


def _length(first: int) -> int:
    """How many bytes a number or command has that begins with this one (chapter 6)."""
    if first < 32:
        return 2 if first == ESCAPE else 1
    if first < 247:
        return 1
    return 5 if first == 255 else 2


def _unrolled(code: Tokens, subroutines: Mapping[int, Tokens], depth: int = 0) -> Tokens:
    """The code with each call of a subroutine replaced by what the subroutine does."""
    if depth > DEEPEST_CALL:
        raise ValueError("subroutines that call one another without end")
    made: Tokens = []
    for token in code:
        if token != bytes([CALL]):
            made.append(token)
            continue
        called = made[-1]  # the number of the subroutine stands before the call
        number = _number(called)
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
        low = token[1] + 108
        return (first - 247) * 256 + low
    if 251 <= first <= 254:
        low = token[1] + 108
        return (251 - first) * 256 - low
    if first == 255:
        return int.from_bytes(token[1:5], "big", signed=True)
    raise ValueError("a call without the number of a subroutine")
