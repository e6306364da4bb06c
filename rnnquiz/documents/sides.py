"""The right-hand sides of a worked line for a browser: in pieces, those that are too wide for a
telephone in two ways, of which one is seen."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from rnnquiz.algebra.breaks import pieces
from rnnquiz.algebra.shown_numbers import value_piece
from rnnquiz.algebra.targets import Target, notated
from rnnquiz.documents.breaking import ROW_NAME, narrow
from rnnquiz.solution.lines import Line


@dataclass(frozen=True)
class Side:
    """A right-hand side: the sign before it, its pieces, between which it may break, and whether it
    is a result, round which a frame stands. `row_name` as in `narrow`."""

    sign: str
    parts: tuple[str, ...]
    framed: bool
    row_name: str = ROW_NAME

    def shown(self, kind: str = "") -> Markup:
        """In HTML: a result that is not broken says so, and what is wider than a telephone."""
        broad = any(map(narrow, self.parts))
        names = ["side"]
        if kind:
            names.append(kind)
        if self.framed and len(self.parts) == 1 and not broad:
            names.append("whole-side")
        if broad:
            names.append("broad")
        return Markup(f'<span class="{" ".join(names)}">{self._mathml}</span>')

    @property
    def _mathml(self) -> str:
        """Its pieces one beside the other; the sign is not parted from the first, unless that has a
        frame or another way to be shown."""
        first, *rest = self.parts
        sign, frame = f"<mo>{self.sign}</mo>", "boxed" * self.framed
        # A frame stands round its element, a second way takes its place: the sign is in neither.
        shown = [f"<math>{sign}{first}</math>"]
        if frame or narrow(first):
            shown = [f"<math>{sign}</math>", self._both(first, frame)]
        return "".join([*shown, *map(self._both, rest)])

    def _both(self, part: str, frame: str = "") -> str:
        """A piece, and as a telephone shows it where it is too wide for one."""
        return _both(part, narrow(part, self.row_name), frame)


def _both(part: str, other: str, frame: str) -> str:
    if not other:
        return f'<math class="{frame}">{part}</math>' if frame else f"<math>{part}</math>"
    telephone = " ".join(filter(None, ["narrow", frame]))
    page = " ".join(filter(None, ["whole", frame]))
    return f'<math class="{page}">{part}</math><span class="{telephone}">{other}</span>'


def sides_of(line: Line, target: Target, row_name: str = ROW_NAME) -> list[Side]:
    """The right-hand sides of a worked line; the last is its value."""
    _, *right = line.parts(target)
    texts = [("=", text) for text in right]
    # What is shown is rounded from the number before it: about that, not equal to it.
    if line.shown != line.printed:
        own = notated(target, line.solution.bank.notation)
        texts.append(("≈", value_piece(line.shown, own).text))
    *steps, (sign, value) = texts
    sides = [Side(equals, pieces(text), False, row_name) for equals, text in steps]
    return [*sides, Side(sign, pieces(value), line.asked, row_name)]


__all__ = ["Side", "sides_of"]
