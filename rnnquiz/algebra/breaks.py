"""Where a formula may go on in the next line: MathML in pieces, for browsers break between formulas
only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from xml.etree.ElementTree import Element, fromstring

LETTERS_TOGETHER = 22  # letters that stay together: on a telephone they fill a line
_KEPT = 20_000
_BEFORE = frozenset("+\u2212\u22c5\u2299")  # a line may end before these signs
_FENCES = frozenset("()[]|")
_APPLIED = "\u2061"  # the sign, never seen, between a function and its brackets
_BREAKS = re.compile("<mo>(?:[+\u2212\u22c5\u2299]|&#(?:8722|8901|8857);)</mo>")
_TAG, _ENTITY = re.compile("<[^>]*>"), re.compile(r"&#?\w+;")


@lru_cache(maxsize=_KEPT)
def pieces(mathml: str) -> tuple[str, ...]:
    """A formula as formulas that stand beside one another, each but the first beginning with a
    sign; a short one is left whole."""
    if seen_letters(mathml) <= LETTERS_TOGETHER or not _BREAKS.search(
        mathml
    ):  # most are: not worth parsing
        return (mathml,)
    row = fromstring(f"<math>{mathml}</math>")
    parts: list[str] = []
    for element in _in_a_row(row):
        shown = written(element)
        if not parts or element.get("form") == "infix":
            parts.append(shown)
        else:
            parts[-1] += shown
    return tuple(parts)


def seen_letters(mathml: str) -> int:
    """How many letters of a formula are seen."""
    # An entity (&#8722;) is one letter on paper.
    entities_as_one = _ENTITY.sub(" ", mathml)
    return len(_TAG.sub("", entities_as_one))


def signs_in(mathml: str) -> int:
    """How many signs of a formula stand where a line may end."""
    return len(_BREAKS.findall(mathml))


def written(element: Element) -> str:
    """An element as MathML: in plain Python many times as fast as the library's way, which looks
    for namespaces."""
    parts = [f' {name}="{escape(value)}"' for name, value in element.items()]
    named = "".join(parts)
    return f"<{element.tag}{named}>{inside_of(element)}</{element.tag}>"


def inside_of(element: Element) -> str:
    """The same of its text and its children alone."""
    text = escape(element.text or "", quote=False)
    children = map(written, element)
    return text + "".join(children)


def _in_a_row(row: Element) -> Iterator[Element]:
    """What stands side by side: rows within rows are taken apart, but for short brackets. A sign
    keeps the form that its place in its row gave it."""
    for place, element in enumerate(map(_power_inside, row)):
        if element.tag == "mrow" and not _is_short_bracket(element, _name_before(row, place)):
            yield from _in_a_row(element)
            continue
        if element.tag == "mo" and element.text in _BEFORE and element.get("form") is None:
            element.set("form", "infix" if place else "prefix")
        yield element


def _power_inside(element: Element) -> Element:
    """A long bracket with a power or the sign of a transpose as a row whose last bracket has it:
    that can be taken apart."""
    base = element[0] if element.tag == "msup" else element
    if base is element or base.tag != "mrow" or _is_short_bracket(base):
        return element
    *inside, last = base
    if last.text not in _FENCES:
        return element
    end, row = Element("msup"), Element("mrow")
    end.extend([last, element[1]])
    row.extend([*inside, end])
    return row


def _name_before(row: Element, place: int) -> int:
    """How many letters the name of a function has whose brackets stand there."""
    name_and_sign = row[max(place - 2, 0) : place]
    match name_and_sign:
        case name, sign if sign.text == _APPLIED:
            return length_of(name)
    return 0


def _is_short_bracket(row: Element, before: int = 0) -> bool:
    """`before`: how many letters stay together with it."""
    if row.find("mtable") is not None:  # the brackets of a matrix
        return True
    if not any(map(_is_fence, row)):
        return False
    return before + length_of(row) <= LETTERS_TOGETHER


def _is_fence(element: Element) -> bool:
    return element.tag == "mo" and element.text in _FENCES


def length_of(element: Element) -> int:
    """How many letters an element has."""
    return sum(map(len, element.itertext()))


__all__ = [
    "LETTERS_TOGETHER",
    "inside_of",
    "length_of",
    "pieces",
    "seen_letters",
    "signs_in",
    "written",
]
