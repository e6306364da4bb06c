"""What of a formula is wider than a telephone, in another way: matrices row by row, a long sum
below a root in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache, partial
from html import escape
from xml.etree.ElementTree import Element, fromstring

from rnnquiz.algebra.breaks import (
    LETTERS_TOGETHER,
    inside_of,
    length_of,
    pieces,
    seen_letters,
    signs_in,
    written,
)
from rnnquiz.documents import sizes
from rnnquiz.languages.sentences import said

_ROOM = sizes.TELEPHONE - 2  # letters of a row of a matrix, beside a sign and in a frame
_KEPT = 20_000
_ROW = re.compile("<mtr>(.*?)</mtr>")
_MATRIX = re.compile("<mtable>.*?</mtable>")


ROW_NAME = said("row {number}")


@lru_cache(maxsize=_KEPT)
def narrow(piece: str, row_name: str = ROW_NAME) -> str:
    """The same piece in HTML for a telephone, where it is wider than one: rows of a matrix go on
    below, a long sum below a root stands in brackets. Else nothing. `row_name`: what a screen
    reader calls a row, with its {number}."""
    # What stands beside a matrix, as the name of a function does, leaves less room for its rows.
    beside = seen_letters(_MATRIX.sub("", piece))
    room = _ROOM - beside
    is_wide = partial(_wide, room=room)
    if not any(map(is_wide, _ROW.findall(piece))) and "<msqrt" not in piece:
        return ""
    row = list(fromstring(f"<math>{piece}</math>"))
    shown = [_narrowed(element, row_name, room) for element in row]
    if not any(shown):
        return ""
    parts: list[str] = []
    for other, one in zip(shown, row, strict=True):
        parts.append(other or f"<math>{written(one)}</math>")
    return "".join(parts)


def _narrowed(element: Element, row_name: str, room: int) -> str:
    if element.tag == "msqrt" and length_of(element) > LETTERS_TOGETHER:
        return _root(element)
    if element.tag == "msup" and (matrix := _narrowed(element[0], row_name, room)):
        return f"{matrix}<sup><math>{written(element[1])}</math></sup>"
    rows = element.findall("./mtable/mtr")
    # All rows, also where one alone is wide: else they would not stand below one another.
    if not any(_wide(inside_of(row), room) for row in rows):
        return ""
    return _cells(rows, row_name)


def _root(element: Element) -> str:
    # The sign of a root does not go on in a second line; brackets do.
    whole = "".join(map(written, element))
    inside = pieces(whole)
    return f"<math><mo>√</mo><mo>(</mo>{'</math><math>'.join(inside)}<mo>)</mo></math>"


def _wide(row: str, room: int) -> bool:
    """Whether a row of a matrix has more letters than there is room for on a telephone."""
    gaps = sizes.GAP * row.count("<mtd>")
    # A sign between two parts of a formula has room on both sides.
    return seen_letters(row) + gaps + signs_in(row) > room


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
    inside = "</math><math>".join(pieces(inside_of(cell)))
    return f'<span class="entry"><math>{inside}</math></span>'


__all__ = ["ROW_NAME", "narrow"]
