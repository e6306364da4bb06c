"""The text of a page with its places: line and column, the cell of a notebook, what is
crossed out."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from rnnquiz.languages.sentences import said

_STRUCK = re.compile(
    r"~~(?=\S)[^~]{1,2000}~~|<(?P<tag>del|s|strike)>[^<]{1,2000}</(?P=tag)>"
    r"|\\(?:[bx]?cancel|sout)\s*\{(?:[^{}]|\{(?:[^{}]|\{[^{}]{0,200}\}){0,200}\}){0,500}\}"
)


@dataclass(frozen=True)
class Page:
    """The text of a page, and its kind, one of `ENDINGS`; of a notebook, its cells one after the
    other, with the lines where they begin."""

    text: str
    kind: str = "markdown"
    cells: tuple[int, ...] = ()

    def as_json(self) -> str:
        """The page as one text, to be kept."""
        kept = {"text": self.text, "kind": self.kind, "cells": list(self.cells)}
        return json.dumps(kept, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Page:
        """The page from the text by which it was sent."""
        data = json.loads(text)
        text, kind = data["text"], data["kind"]
        cells = tuple(data["cells"])
        return cls(text, kind, cells)

    @cached_property
    def _lines(self) -> list[int]:
        """Where each line begins."""
        ends = [match.end() for match in re.finditer("\n", self.text)]
        return [0, *ends]

    def place(self, start: int) -> tuple[int, int]:
        """Line and column, from 1."""
        line = bisect_right(self._lines, start)
        before = self._lines[line - 1]
        return line, start - before + 1

    def shown_place(self, start: int) -> str:
        """The place in words: the line, in a notebook that of its cell."""
        line, _ = self.place(start)
        if not self.cells:
            return said("line {line}", line=line)
        cell = bisect_right(self.cells, line)
        above = self.cells[cell - 1] - 1
        return said("cell {cell}, line {line}", cell=cell, line=line - above)

    @cached_property
    def _struck(self) -> tuple[tuple[int, int], ...]:
        matches = _STRUCK.finditer(self.text)
        return tuple(found.span() for found in matches)

    def is_struck(self, place: int) -> bool:
        """True for what is crossed out."""
        # No span ends behind the text: one that begins right here is among those begun.
        begun = bisect_right(self._struck, (place, len(self.text)))
        if not begun:
            return False
        _, end = self._struck[begun - 1]
        return place < end

    def line_of(self, start: int) -> str:
        """The line of text at a place."""
        line, _ = self.place(start)
        begin = self._lines[line - 1]
        return self.text[begin:].partition("\n")[0]
