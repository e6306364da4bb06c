"""All form fields of a PDF, wherever a viewer has put them, and what was written over its pages
instead of into them.

A field is looked for among the annotations of each page as well as below /AcroForm: tools that
merge, split or save pages leave fields in only one of the two, under other parents, under longer
names, or twice. (PDF 1.7, ISO 32000-1, 7.9.2.2, 12.5.6 and 12.7.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import filterfalse, islice
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf

from rnnquiz.submissions.pdf_text import field_value, has_digit, plain_of, shown_by, text_of_note

# A sheet has some hundred fields on some ten pages, its fields below three or four parents.
MOST_FIELDS, MOST_PAGES, MOST_PARENTS = 4000, 300, 16
LONGEST_NOTE, MOST_BESIDE = 200, 50  # of what was typed over the page
_DRAWN = (Name.Ink, Name.Stamp, Name.Line, Name.Polygon, Name.PolyLine, Name.Square, Name.Circle)
_TYPED = (Name.FreeText, Name.Text)

ObjectNumber = tuple[int, int]  # of an object in a file, with its generation
Rectangle = tuple[float, float, float, float]
"""Left, low, right and high end, in points."""


@dataclass(frozen=True)
class FieldMet:
    """A field as it was met: its name, its text, the page it is on (none: on no page), where, what
    its appearance shows."""

    name: str
    text: str
    page: int | None
    place: Rectangle | None
    shown: str


class Walk:
    """One pass over the form and the pages; what leads in a circle is left after its first turn."""

    def __init__(self, pdf: Pdf) -> None:
        self.met, self.drawn = 0, 0
        self.found: list[FieldMet] = []
        self.typed: list[tuple[int, Rectangle | None, str]] = []
        self.above: dict[ObjectNumber, list[Dictionary]] = {}
        form = pdf.Root.get("/AcroForm")
        leaves: list[Dictionary] = []
        if isinstance(form, Dictionary):
            leaves += self._leaves(form)
        on_pages: set[ObjectNumber] = set()
        for number, page in zip(range(MOST_PAGES), pdf.pages, strict=False):
            for note in _items(page.obj.get("/Annots")):
                self.met += 1  # beyond the limit they are only counted: the form is refused then
                if note.is_indirect:
                    on_pages.add(note.objgen)
                if self.met <= MOST_FIELDS:
                    self._take(note, number)
        for leaf in leaves:
            if not _is_among(leaf, on_pages):
                self._field(leaf, None)

    def by_name(self) -> dict[str, list[FieldMet]]:
        """The fields in the order in which they were met, by their names."""
        names: dict[str, list[FieldMet]] = {}
        for one in self.found:
            names.setdefault(one.name, []).append(one)
        return names

    def _leaves(self, form: Dictionary) -> Iterator[Dictionary]:
        """The fields without kids below /AcroForm; what is above each is kept, as not every kid
        names its parent."""
        roots = _items(form.get("/Fields"))
        # No recursion: a hostile form may be deeper than Python's stack.
        waiting: list[tuple[Dictionary, list[Dictionary]]] = [(root, []) for root in roots]
        seen: set[ObjectNumber] = set()
        while waiting and self.met <= MOST_FIELDS:
            node, above = waiting.pop()
            if len(above) > MOST_PARENTS or _is_among(node, seen):
                continue
            self.met += 1
            if node.is_indirect:
                seen.add(node.objgen)
                self.above[node.objgen] = above
            kids = _items(node.get("/Kids"))
            new = list(filterfalse(partial(_is_among, known=seen), kids))
            waiting += [(kid, [node, *above]) for kid in new]
            if not new:
                yield node

    def _take(self, note: Dictionary, page: int) -> None:
        """One annotation of a page."""
        kind = note.get("/Subtype")
        # /Subtype is required, but an annotation without it that has a field's name is a field.
        if kind == Name.Widget or (kind is None and ("/FT" in note or "/T" in note)):
            self._field(note, page)
        elif kind in _TYPED:
            text = text_of_note(note)[:LONGEST_NOTE]
            if has_digit(text):
                self.typed.append((page, _place(note), text))
        elif kind in _DRAWN:
            self.drawn += 1

    def _field(self, node: Dictionary, page: int | None) -> None:
        line = self._line(node)
        texts = [field_value(one.get("/T")) for one in reversed(line)]
        names = list(filter(None, map(str.strip, texts)))
        if _kind(line) != Name.Tx or not names:
            return
        name = own_name(names)
        if not name:
            return
        # A rich text may stand alone, without the plain one.
        text = _first(line, "/V") or plain_of(_first(line, "/RV"))
        shown = "" if text.strip() else shown_by(node)
        place = _place(node)
        self.found.append(FieldMet(name, text, page, place, shown))

    def _line(self, node: Dictionary) -> list[Dictionary]:
        """A field and all that it is below, nearest first: by its own word, or as the form has
        it."""
        if node.is_indirect and "/Parent" not in node and node.objgen in self.above:
            return [node, *self.above[node.objgen]]
        line, at = [node], node.get("/Parent")
        while isinstance(at, Dictionary) and len(line) <= MOST_PARENTS:
            line.append(at)
            at = at.get("/Parent")
        return line


def _kind(line: list[Dictionary]) -> Any:
    """The type of a field: its own, or that of the nearest one above it that has one."""
    for one in line:
        if "/FT" in one:
            return one.get("/FT")
    return Name.Tx


def _is_among(node: Dictionary, known: set[tuple[int, int]]) -> bool:
    """True for an object that has been met before."""
    return node.is_indirect and node.objgen in known


def _first(line: list[Dictionary], key: str) -> str:
    """The text under a key of a field, or of the nearest one above it that has the key."""
    for one in line:
        if key in one:
            return field_value(one.get(key))
    return ""


def own_name(names: list[str]) -> str:
    """The name that a field had when the sheet was made: viewers put parents before it, and numbers
    and marks behind.

    >>> own_name(["topmostSubform[0]", "Page1[0]", "hZ5B1Z5D[0]"]), own_name(["P1.L.0"])
    ('hZ5B1Z5D', 'L')
    """
    # A name can hold points of its own: a merged form has "P1.L" in one piece.
    pieces = ".".join(names).split(".")
    beginnings = filter(None, map(_LETTERS_AND_DIGITS.match, map(str.strip, pieces)))
    words = [found[0] for found in beginnings]
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    if words:
        return words[-1]
    return ""


_LETTERS_AND_DIGITS = re.compile("[A-Za-z0-9]+")


def _items(value: Any) -> list[Dictionary]:
    """The dictionaries of an array, no more than may be."""
    if not isinstance(value, Array):
        return []
    found: list[Dictionary] = []
    # One more than may be, so that the count of what was met shows that there are too many.
    for item in islice(value, MOST_FIELDS + 1):
        if isinstance(item, Dictionary):
            found.append(item)
    return found


def _place(node: Dictionary) -> Rectangle | None:
    """Where an annotation stands on its page; None where that is no rectangle."""
    ends = node.get("/Rect")
    if not isinstance(ends, Array):
        return (0.0, 0.0, 0.0, 0.0)
    try:
        one, low, other, high = map(float, ends)
    except (TypeError, ValueError):
        return None
    # Any two corners make a rectangle.
    left, right = sorted((one, other))
    low, high = sorted((low, high))
    return left, low, right, high
