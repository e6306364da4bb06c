"""The QR code that stands on each page: its dark modules as horizontal runs, for any target to
draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby


@dataclass(frozen=True)
class Code:
    """A QR code of a text (capitals, digits and hyphens take the least room)."""

    text: str

    @cached_property
    def _matrix(self) -> list[bytearray]:
        # Few commands draw one, and its writers of other formats take long to load.
        import segno

        # Any of the eight masks can be read; to try them all takes five times as long.
        code = segno.make(self.text, error="m", micro=False, mask=2)
        return list(map(bytearray, code.matrix))

    @property
    def size(self) -> int:
        """Modules on a side."""
        return len(self._matrix)

    @cached_property
    def runs(self) -> tuple[tuple[int, int, int], ...]:
        """Dark modules as (x, y, width) in modules, y counted from the top."""
        found = []
        for y, row in enumerate(self._matrix):
            x = 0
            for dark, group in groupby(row):
                width = len(list(group))
                if dark:
                    found.append((x, y, width))
                x += width
        return tuple(found)

    def drawn(self, run: str) -> str:
        """All runs, each written as `run` with x, y and width in it."""
        drawn = map(run.__mod__, self.runs)
        return " ".join(drawn)

    @property
    def svg(self) -> str:
        """The code as an SVG picture of one path."""
        # One path of many parts: an element for each run would be three times as long.
        path = " ".join(f"M{x} {y}h{width}v1h-{width}z" for x, y, width in self.runs)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.size} {self.size}"><path'
            f' d="{path}"/></svg>'
        )
