"""Where a formula may go on in the next line: MathML in pieces, for browsers break between formulas
only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from xml.etree.ElementTree import Element, fromstring

from rnnquiz.documents import sizes
from rnnquiz.languages.sentences import said

_LONGEST = 22  # letters that stay together: on a telephone they fill a line
_ROOM = sizes.TELEPHONE - 2  # letters of a row of a matrix, beside a sign and in a frame
_KEPT = 20_000
_BEFORE = frozenset("+\u2212\u22c5\u2299")  # a line may end before these signs
_FENCES = frozenset("()[]|")
_BREAKS = re.compile("<mo>(?:[+\u2212\u22c5\u2299]|&#(?:8722|8901|8857);)</mo>")
_ROW = re.compile("<mtr>(.*?)</mtr>")
_TAG, _ENTITY = re.compile("<[^>]*>"), re.compile(r"&#?\w+;")


@lru_cache(maxsize=_KEPT)
def pieces(mathml: str) -> tuple[str, ...]:
    """A formula as formulas that stand beside one another, each but the first beginning with a
    sign; a short one is left whole."""
    if _letters(mathml) <= _LONGEST or not _BREAKS.search(mathml):  # most are: not worth parsing
        return (mathml,)
    row = fromstring(f"<math>{mathml}</math>")
    parts: list[str] = []
    for element in _in_a_row(row):
        shown = _written(element)
        if not parts or element.get("form") == "infix":
            parts.append(shown)
        else:
            parts[-1] += shown
    return tuple(parts)


ROW_NAME = said("row {number}")


@lru_cache(maxsize=_KEPT)
def narrow(piece: str, row_name: str = ROW_NAME) -> str:
    """The same piece in HTML for a telephone, where it is wider than one: rows of a matrix go on
    below, a long sum below a root stands in brackets. Else nothing. `row_name`: what a screen
    reader calls a row, with its {number}."""
    if not any(map(_wide, _ROW.findall(piece))) and "<msqrt" not in piece:
        return ""
    row = list(fromstring(f"<math>{piece}</math>"))
    shown = [_narrowed(element, row_name) for element in row]
    if not any(shown):
        return ""
    parts: list[str] = []
    for other, one in zip(shown, row, strict=True):
        parts.append(other or f"<math>{_written(one)}</math>")
    return "".join(parts)


def _narrowed(element: Element, row_name: str) -> str:
    if element.tag == "msqrt" and _length(element) > _LONGEST:
        return _root(element)
    if element.tag == "msup" and (matrix := _narrowed(element[0], row_name)):
        return f"{matrix}<sup><math>{_written(element[1])}</math></sup>"
    rows = element.findall("./mtable/mtr")
    # All rows, also where one alone is wide: else they would not stand below one another.
    if not any(map(_wide, map(_inside, rows))):
        return ""
    return _cells(rows, row_name)


def _root(element: Element) -> str:
    # The sign of a root does not go on in a second line; brackets do.
    whole = "".join(map(_written, element))
    inside = pieces(whole)
    return f"<math><mo>√</mo><mo>(</mo>{'</math><math>'.join(inside)}<mo>)</mo></math>"


def _wide(row: str) -> bool:
    """Whether a row of a matrix is wider than a telephone."""
    gaps = sizes.GAP * row.count("<mtd>")
    # A sign between two parts of a formula has room on both sides.
    signs = len(_BREAKS.findall(row))
    return _letters(row) + gaps + signs > _ROOM


def _letters(mathml: str) -> int:
    # An entity (&#8722;) is one letter on paper.
    entities_as_one = _ENTITY.sub(" ", mathml)
    return len(_TAG.sub("", entities_as_one))


def _cells(rows: Iterable[Element], row_name: str) -> str:
    """A matrix as boxes are laid out: each row by itself goes on below."""
    shown = []
    for number, row in enumerate(rows, 1):
        entries = "".join(map(_entry, row))
        label = escape(row_name.format(number=number))
        shown.append(f'<span class="row wide" role="group" aria-label="{label}">{entries}</span>')
    return f'<span class="cells bracketed">{"".join(shown)}</span>'


def _entry(cell: Element) -> str:
    """An entry, which goes on below itself where it is a long formula."""
    inside = "</math><math>".join(pieces(_inside(cell)))
    return f'<span class="entry"><math>{inside}</math></span>'


def _written(element: Element) -> str:
    """An element as MathML: in plain Python many times as fast as the library's way, which looks
    for namespaces."""
    parts = [f' {name}="{escape(value)}"' for name, value in element.items()]
    named = "".join(parts)
    return f"<{element.tag}{named}>{_inside(element)}</{element.tag}>"


def _inside(element: Element) -> str:
    text = escape(element.text or "", quote=False)
    children = map(_written, element)
    return text + "".join(children)


def _in_a_row(row: Element) -> Iterator[Element]:
    """What stands side by side: rows within rows are taken apart, but for short brackets. A sign
    keeps the form that its place in its row gave it."""
    for place, element in enumerate(map(_power_inside, row)):
        if element.tag == "mrow" and not _is_short_bracket(element):
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


def _is_short_bracket(row: Element) -> bool:
    if row.find("mtable") is not None:  # the brackets of a matrix
        return True
    if not any(map(_is_fence, row)):
        return False
    return _length(row) <= _LONGEST


def _is_fence(element: Element) -> bool:
    return element.tag == "mo" and element.text in _FENCES


def _length(element: Element) -> int:
    return sum(map(len, element.itertext()))


__all__ = ["narrow", "pieces"]
