"""A letter of a Type 1 font, read command by command, as a program of the compact format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rnnquiz.documents.type1 import OF_ONE, number_in

START_OF_FLEX, END_OF_FLEX = 1, 0
OTHER_FONT = "no Type 1 font that can be written in the compact format"
# Commands of a letter, by their bytes.
_COMMANDS = {
    b"\x01": "hstem", b"\x03": "vstem", b"\x04": "vmoveto", b"\x05": "rlineto", b"\x06": "hlineto",
    b"\x07": "vlineto", b"\x08": "rrcurveto", b"\x09": "closepath", b"\x0a": "call",
    b"\x0d": "hsbw", b"\x0e": "endchar", b"\x15": "rmoveto", b"\x16": "hmoveto",
    b"\x1e": "vhcurveto", b"\x1f": "hvcurveto", b"\x0c\x00": "dotsection", b"\x0c\x01": "vstem3",
    b"\x0c\x02": "hstem3", b"\x0c\x0c": "div", b"\x0c\x21": "setcurrentpoint",
}  # fmt: skip
_DRAWN = ("rlineto", "hlineto", "vlineto", "rrcurveto", "vhcurveto", "hvcurveto")


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
        if token[0] >= OF_ONE:
            self._stack.append(number_in(token))
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
