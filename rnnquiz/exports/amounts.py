"""Amounts as a learning system writes them: which mark parts off the decimals is seen from all
numbers of a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NUMBER = re.compile(r"-?\d[\d.,]*")
_GROUPED = re.compile(r"-?[1-9]\d{0,2}([.,])\d{3}")


@dataclass(frozen=True)
class Amounts:
    """`mark`: the decimal mark that the other numbers of the file show, empty where none does;
    `separator`: what parts its cells.
    """

    mark: str
    separator: str

    @classmethod
    def of(cls, texts: Iterable[str], separator: str) -> Amounts:
        """The decimal mark that numbers of a file show, where they all show the same."""
        marks = set(map(_shown, map(str.strip, texts)))
        marks.discard("")
        # A file in which numbers show both marks shows none.
        if len(marks) != 1:
            return cls("", separator)
        return cls(marks.pop(), separator)

    def read(self, text: str) -> float | None:
        """The amount; None where the text is none. ValueError where it may be two.

        >>> Amounts(".", ",").read("1,000"), Amounts(",", ";").read("8,00")
        (1000.0, 8.0)
        """
        # Blanks and apostrophes part thousands, and in no country decimals.
        cleaned = re.sub(r"[\s'’]", "", text)
        if not _NUMBER.fullmatch(cleaned):
            return None
        mark = _shown(cleaned) or self._meant(cleaned)
        whole = cleaned.replace(_OTHER[mark], "")
        try:
            return float(whole.replace(mark, "."))
        except ValueError:
            return None

    def _meant(self, text: str) -> str:
        """The decimal mark of a number that does not show it, such as 1,000: that of the other
        numbers, else that of such files.
        """
        grouped = _GROUPED.fullmatch(text)
        if grouped is None or (self.mark and grouped[1] != self.mark):
            return self.mark or "."
        # Semicolons part cells where commas part off decimals.
        if self.separator == ";" or self.mark == ",":
            whole, part = re.split(r"[.,]", text)
            raise ValueError(f"{text!r} may be {whole}{part} and {whole}.{part}")
        return "."


_OTHER = {".": ",", ",": "."}  # the mark that parts thousands, where the key parts off decimals


def _shown(text: str) -> str:
    """The decimal mark that a number itself shows; empty where it has none, or one that may as well
    part thousands.
    """
    if not _NUMBER.fullmatch(text) or _GROUPED.fullmatch(text):
        return ""
    points, commas = text.count("."), text.count(",")
    if not points and not commas:
        return ""
    # Of both, the last parts off the decimals.
    if points and commas:
        return max(".,", key=text.rfind)
    mark = "."
    if commas:
        mark = ","
    # A mark that stands several times parts thousands, and the decimal mark is the other.
    if points + commas > 1:
        return _OTHER[mark]
    return mark
