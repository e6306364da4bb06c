"""Where a formula may go on in the next line: MathML in pieces, for browsers break between formulas
only."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element, fromstring, tostring

_LONGEST = 22  # letters that stay together: on a telephone they fill a line
_KEPT = 20_000
_BEFORE = frozenset("+\u2212\u22c5\u2299")  # a line may end before these signs
_FENCES = frozenset("()[]|")


@lru_cache(maxsize=_KEPT)
def pieces(mathml: str) -> tuple[str, ...]:
    """A formula as formulas that stand beside one another, each but the first beginning with a
    sign; a short one is left whole."""
    row = fromstring(f"<math>{mathml}</math>")
    if _length(row) <= _LONGEST:
        return (mathml,)
    parts: list[str] = []
    for element in _in_a_row(row):
        shown = tostring(element, encoding="unicode")
        if not parts or element.get("form") == "infix":
            parts.append(shown)
        else:
            parts[-1] += shown
    return tuple(parts)


def _in_a_row(row: Element) -> Iterator[Element]:
    """What stands side by side: rows within rows are taken apart, but for short brackets. A sign
    keeps the form that its place in its row gave it."""
    for place, element in enumerate(row):
        if element.tag == "mrow" and not _is_short_bracket(element):
            yield from _in_a_row(element)
            continue
        if element.tag == "mo" and element.text in _BEFORE and element.get("form") is None:
            element.set("form", "infix" if place else "prefix")
        yield element


def _is_short_bracket(row: Element) -> bool:
    fenced = any(child.tag == "mo" and child.text in _FENCES for child in row)
    whole = any(child.tag == "mtable" for child in row)  # the brackets of a matrix
    return whole or (fenced and _length(row) <= _LONGEST)


def _length(element: Element) -> int:
    return sum(map(len, element.itertext()))


__all__ = ["pieces"]
