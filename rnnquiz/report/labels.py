"""Names of quantities in a report: plain, typeset for a page (MathML) and for paper (Typst), and as
letters of a picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree

from markupsafe import escape

_LOWERED, _RAISED = -0.22, 0.32  # of an index and of a power, in heights of a letter
_SMALL = 0.75
_PRIME = "\u2032"
_ACCENTS = {"^": "\u0302", "~": "\u0303", "¯": "\u0304"}


@dataclass(frozen=True)
class LetterRun:
    """Letters that are alike: slanted or upright, and by how much they stand higher than the
    line."""

    text: str
    slanted: bool = False
    raised: float = 0.0


@dataclass(frozen=True)
class Label:
    """The name of a quantity in plain text, and typeset for HTML (MathML) and Typst where it is
    mathematics; `entry`: row and column of a box within it."""

    text: str
    mathml: str = ""
    typst: str = ""
    entry: str = ""

    @cached_property
    def runs(self) -> tuple[LetterRun, ...]:
        """The name as letters that stand beside one another, fractions on one line."""
        if not self.mathml:
            return (LetterRun(self.text),)
        entry = []
        if self.entry:
            entry = [LetterRun(f" [{self.entry}]")]
        return (*_runs(ElementTree.fromstring(f"<math>{self.mathml}</math>")), *entry)

    @property
    def letters(self) -> str:
        """The name in letters of which none is raised or lowered."""
        return "".join(run.text for run in self.runs)

    def svg(self, size: float) -> str:
        """The content of a text element of an SVG whose letters have this size."""
        shown, height = list[str](), 0.0
        for run in self.runs:
            style = ""
            if run.slanted:
                style = ' font-style="italic"'
            # SVG knows no raised letters: each piece is moved against the height of the one before.
            if run.raised:
                style += f' font-size="{_SMALL * size:g}"'
            if run.raised != height:
                style += f' dy="{(height - run.raised) * size:.2f}"'
            height = run.raised
            text = str(escape(run.text))
            if style:
                text = f"<tspan{style}>{text}</tspan>"
            shown.append(text)
        return "".join(shown)


LabelledText = str | tuple[str | Label, ...]
"""Text, with names of quantities in it where it has some."""


def _runs(node: ElementTree.Element, raised: float = 0.0) -> Iterator[LetterRun]:
    """The letters of an element of MathML, of those that names are made of."""
    children = list(node)
    if node.tag == "mfrac":
        yield from _runs(children[0], raised)
        yield LetterRun("/", raised=raised)
        yield from _runs(children[1], raised)
    elif node.tag == "mover":
        *before, last = _runs(children[0], raised)
        # One letter with its accent, where Unicode has it: few fonts place a combining one well.
        accent = children[1].text or ""
        letters = last.text + _ACCENTS[accent]
        accented = unicodedata.normalize("NFC", letters)
        yield from before
        yield LetterRun(accented, last.slanted, raised)
    elif node.tag in _HEIGHTS:
        for place, height in _HEIGHTS[node.tag]:
            yield from _runs(children[place], raised + height)
    elif children:
        for child in children:
            yield from _runs(child, raised)
    elif node.text:
        # Slanted letters have places of their own in Unicode; a font of text lacks them.
        text = unicodedata.normalize("NFKC", node.text)
        # MathML slants an mi of one letter by itself.
        alone = len(text) == 1
        was_slanted = alone or text != node.text
        slanted = node.tag == "mi" and was_slanted
        # A prime of a font of text is as high as it has to be: raised it would be a speck.
        yield LetterRun(text, slanted, raised - _RAISED if text == _PRIME else raised)


_BASE = (0, 0.0)
# Which parts stand after one another, each with its height; what stands above before an index.
_HEIGHTS = {
    "msub": (_BASE, (1, _LOWERED)),
    "msup": (_BASE, (1, _RAISED)),
    "msubsup": (_BASE, (2, _RAISED), (1, _LOWERED)),
}

__all__ = ["Label", "LabelledText", "LetterRun"]
