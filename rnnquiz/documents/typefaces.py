"""Fonts of a PDF in the compact format (CFF), which weigh less than half of what TeX embeds.

TeX embeds Type 1 fonts: the letters that a page uses, encrypted, so that nothing of them can be
compressed, and a stub for every subroutine of the font. Here each letter gets the parts of its
outline that were subroutines, and fontTools writes all letters in the compact format, which PDF
takes as well. Hints that would be exchanged within a letter are left out. (Adobe Type 1 Font
Format, 1990, chapters 6 to 8; Adobe Technical Note 5177, The Type 2 Charstring Format, 2003.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

EEXEC_KEY, CHARSTRING_KEY = 55665, 4330
RANDOM_BYTES = 4  # before what is encrypted
CALL, RETURN, ESCAPE = 10, 11, 12
START_OF_FLEX, END_OF_FLEX = 1, 0
FLEX_ROUTINES = 3  # of these the last one only says that a point has been reached
EXCHANGE = 4  # the subroutine that exchanges hints for those of another one
DEEPEST_CALL = 10
OTHER_FONT = "no Type 1 font that can be written in the compact format"

_ENTRY = re.compile(rb"dup (\d+) (\d+) RD ")
_LETTER = re.compile(rb"/(\S+) (\d+) RD ")
_NAME = re.compile(rb"/FontName /(\S+) def")
_CODE = re.compile(rb"dup (\d+) ?/(\S+) put")
_BOX = re.compile(rb"/FontBBox ?\{([^}]*)\}")
_GRID = re.compile(rb"/FontMatrix ?\[ ?0?\.001 0 0 0?\.001 0 0 ?\]")  # of 1000 units
_PRIVATE = re.compile(
    rb"/(BlueValues|OtherBlues|FamilyBlues|FamilyOtherBlues|StdHW|StdVW|StemSnapH|StemSnapV)"
    rb" ?\[([^]]*)\]"
)
_SINGLE = ("StdHW", "StdVW")
# Commands of a letter, by their bytes.
_COMMANDS = {
    b"\x01": "hstem", b"\x03": "vstem", b"\x04": "vmoveto", b"\x05": "rlineto", b"\x06": "hlineto",
    b"\x07": "vlineto", b"\x08": "rrcurveto", b"\x09": "closepath", b"\x0a": "call",
    b"\x0d": "hsbw", b"\x0e": "endchar", b"\x15": "rmoveto", b"\x16": "hmoveto",
    b"\x1e": "vhcurveto", b"\x1f": "hvcurveto", b"\x0c\x00": "dotsection", b"\x0c\x01": "vstem3",
    b"\x0c\x02": "hstem3", b"\x0c\x0c": "div", b"\x0c\x21": "setcurrentpoint",
}  # fmt: skip
_DRAWN = ("rlineto", "hlineto", "vlineto", "rrcurveto", "vhcurveto", "hvcurveto")
Tokens = list[bytes]


# A class is set in several runs, whose fonts for formulas have the same letters.
@lru_cache(maxsize=64)
def compact(font: bytes) -> bytes:
    """A Type 1 font as it stands in a PDF, in the compact format. ValueError where it is none, or
    has what Latin fonts do not have (composed letters, another grid)."""
    clear, mark, private = font.partition(b"currentfile eexec")
    name, box = _NAME.search(clear), _BOX.search(clear)
    if not mark or not name or not box or not _GRID.search(clear):
        raise ValueError(OTHER_FONT)
    text = _decrypted(private.lstrip(b"\r\n"), EEXEC_KEY)
    shown, corners = name[1].decode("ascii"), list(map(float, box[1].split()))
    try:
        return _written(shown, corners, _hints(text), _letters(text))
    except (LookupError, ZeroDivisionError):
        # A letter that is cut off, a subroutine that is not there, a quotient by nothing.
        raise ValueError(OTHER_FONT) from None


def codes_of(font: bytes) -> dict[int, str]:
    """The letters of a Type 1 font by their codes, in rising order; empty where it has the standard
    encoding, as a font in the compact format has."""
    clear, *_ = font.partition(b"currentfile eexec")
    names = {int(code): name.decode("ascii") for code, name in _CODE.findall(clear)}
    return dict(sorted(names.items()))


def _letters(text: bytes) -> dict[str, Letter]:
    """Each letter of a font, in the order of the font."""
    start = text.find(b"/CharStrings")
    if start < 0:
        raise ValueError(OTHER_FONT)
    subroutines = _Subroutines(_strings(_ENTRY, text, 0, start))
    found = {}
    for name, code in _strings(_LETTER, text, start, len(text)):
        letter = Letter()
        for token in _unrolled(_deciphered(code), subroutines):
            letter.take(token)
        found[name.decode("ascii")] = letter
    return found


def _hints(private: bytes) -> dict[str, Any]:
    """What a font says of all its letters: heights where they end, usual thicknesses."""
    found: dict[str, Any] = {}
    for key, numbers in _PRIVATE.findall(private):
        name, values = key.decode("ascii"), list(map(float, numbers.split()))
        if values:
            found[name] = values[0] if name in _SINGLE else values
    return found


def _strings(
    form: re.Pattern[bytes], text: bytes, start: int, end: int
) -> Iterator[tuple[bytes, bytes]]:
    """Number or name, and the code in cipher, of subroutines or letters."""
    while match := form.search(text, start, end):
        start = match.end() + int(match[2])
        yield match[1], text[match.end() : start]


class _Subroutines(dict[int, Tokens]):
    """The subroutines of a font, each deciphered when it is first called: letters that a document
    does not have leave theirs behind."""

    def __init__(self, ciphered: Iterable[tuple[bytes, bytes]]) -> None:
        self.ciphered = {int(number): code for number, code in ciphered}

    def __missing__(self, number: int) -> Tokens:
        found = self[number] = _deciphered(self.ciphered[number])
        return found


def _deciphered(code: bytes) -> Tokens:
    return _tokens(_decrypted(code, CHARSTRING_KEY))


def _decrypted(data: bytes, key: int) -> bytes:
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
    # 255 begins a number of five bytes, 247 to 254 one of two (section 6.2).
    if first == 255:
        return 5
    if first == ESCAPE or first >= 247:
        return 2
    return 1


def _unrolled(code: Tokens, subroutines: Mapping[int, Tokens], depth: int = 0) -> Tokens:
    """The code with each call of a subroutine replaced by what the subroutine does; calls of those
    for a flex stay, as a `Letter` knows these by their numbers."""
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


@dataclass
class Letter:
    """A letter that is read command by command. `program`: its outline in the commands of the
    compact format, without width and hints."""

    width: float = 0
    bearing: float = 0  # where the outline begins, to the right of the letter's origin
    rows: list[tuple[float, float]] = field(default_factory=list)  # hints: (bottom, height)
    columns: list[tuple[float, float]] = field(default_factory=list)  # (left, width)
    program: list[Any] = field(default_factory=list)
    _stack: list[float] = field(default_factory=list)
    _moves: list[tuple[float, float]] | None = None  # those of a flex, while one is read
    _begun: bool = False

    def take(self, token: bytes) -> None:
        """The next number or command."""
        # Numbers begin with 32 or more, commands with less.
        if token[0] >= 32:
            self._stack.append(_number(token))
            return
        command = _COMMANDS.get(token)
        if command is None:
            raise ValueError(OTHER_FONT)
        if command == "div":
            below = self._stack.pop()
            self._stack[-1] /= below
        elif command == "call":
            self._flex(int(self._stack.pop()))
        else:
            self._obey(command, self._stack)
            self._stack = []

    def _obey(self, command: str, numbers: list[float]) -> None:
        # Closing a path has no command in the compact format: the next move does it.
        if command in _DRAWN:
            self.program += [*numbers, command]
        elif command.endswith("moveto"):
            self._move(*_both(command, numbers))
        elif command == "hsbw":
            self.bearing, self.width = numbers
        elif command.startswith("hstem"):
            self.rows += _pairs(numbers)
        elif command.startswith("vstem"):
            self.columns += [(left + self.bearing, wide) for left, wide in _pairs(numbers)]

    def _move(self, right: float, up: float) -> None:
        if self._moves is not None:
            self._moves.append((right, up))
            return
        if not self._begun:
            # The outline of a Type 1 letter begins at its bearing, that of a compact one at 0.
            right, self._begun = right + self.bearing, True
        self.program += [right, up, "rmoveto"]

    def _flex(self, routine: int) -> None:
        """A flex: seven moves, of which the first goes to a point for orientation, and the others
        are those of two curves."""
        if routine == START_OF_FLEX:
            self._moves = []
        elif routine == END_OF_FLEX:
            (across, along), (right, up), *others = self._moves or [(0, 0), (0, 0)]
            points = [(across + right, along + up), *others]
            for curve in (points[:3], points[3:]):
                self.program += [number for move in curve for number in move]
                self.program.append("rrcurveto")
            self._moves, self._stack = None, []

    def whole(self) -> list[Any]:
        """The letter as a program of the compact format: width, hints, outline."""
        rows, columns = _steps(self.rows), _steps(self.columns)
        made: list[Any] = [self.width]
        if rows:
            made += [*rows, "hstem"]
        if columns:
            made += [*columns, "vstem"]
        return [*made, *self.program, "endchar"]


def _both(command: str, numbers: list[float]) -> tuple[float, float]:
    """A move to the right and up."""
    if command == "hmoveto":
        return numbers[-1], 0
    if command == "vmoveto":
        return 0, numbers[-1]
    right, up = numbers[-2:]
    return right, up


def _pairs(numbers: list[float]) -> list[tuple[float, float]]:
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _steps(hints: list[tuple[float, float]]) -> list[float]:
    """Hints in rising order, each counted from the end of the one before. One that reaches into
    another is left out, as it would hold in a part of the letter alone."""
    made: list[float] = []
    end = None
    for start, size in sorted(set(hints)):
        if end is None or start > end:
            made += [start - (end or 0), size]
            end = start + size
    return made


def _written(
    name: str, box: list[float], hints: dict[str, Any], letters: Mapping[str, Letter]
) -> bytes:
    # Loaded here: it takes a tenth of a second, and Typst needs none of it.
    from fontTools.fontBuilder import FontBuilder
    from fontTools.misc.psCharStrings import T2CharString

    builder = FontBuilder(unitsPerEm=1000, isTTF=False)
    # The font says itself how far its letters reach; to draw them all for it takes long.
    builder.font.recalcBBoxes = False
    # The format wants the letter for what is missing in front.
    order = [".notdef", *(letter for letter in letters if letter != ".notdef")]
    builder.setupGlyphOrder(order)
    programs = {one: T2CharString(program=letters[one].whole()) for one in order}
    builder.setupCFF(name, {"FontBBox": box}, programs, hints)
    table: bytes = builder.font["CFF "].compile(builder.font)
    return table
