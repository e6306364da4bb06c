"""All form fields of a PDF, wherever a viewer has put them, and what was written over its pages
instead of into them.

A field is looked for among the annotations of each page as well as below /AcroForm: tools that
merge, split or save pages leave fields in only one of the two, under other parents, under longer
names, or twice. (PDF 1.7, ISO 32000-1, 7.9.2.2, 12.5.6 and 12.7.)
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pikepdf import Array, Dictionary, Name, PasswordError, Pdf, PdfError

from rnnquiz.fields import TOKEN
from rnnquiz.submissions.pdf_forms import Form
from rnnquiz.submissions.pdf_text import field_value, has_digit, plain_of, shown_by, text_of_note

# A sheet has some hundred fields on some ten pages, its fields below three or four parents.
MOST_FIELDS, MOST_PAGES, MOST_PARENTS = 4000, 300, 16
LONGEST_NOTE, MOST_BESIDE = 200, 50  # of what was typed over the page
_DRAWN = (Name.Ink, Name.Stamp, Name.Line, Name.Polygon, Name.PolyLine, Name.Square, Name.Circle)
_TYPED = (Name.FreeText, Name.Text)

Rectangle = tuple[float, float, float, float]
"""Left, low, right and high end, in points."""


@dataclass(frozen=True)
class _Found:
    """A field as it was met: its name, its text, the page it is on (none: on no page), where, what
    its appearance shows."""

    name: str
    text: str
    page: int | None
    place: Rectangle | None
    shown: str


def read_form(data: bytes) -> Form | str:
    """Read by pikepdf; where that finds no PDF in it, by pypdf, which writes it anew for
    pikepdf."""
    _, end, after = data.rpartition(b"%%EOF")
    # a viewer adds what was filled in at the end: without it the form would seem blank
    if not end or b" obj" in after:
        return "is cut off: its end is missing"
    try:
        return _read(data)
    except PasswordError:
        return "is protected by a password"
    except (PdfError, ValueError, TypeError, AttributeError, RecursionError):
        pass
    again = _written_anew(data)
    if again is None:
        return "cannot be read as a PDF"
    return _read(again)


def _written_anew(data: bytes) -> bytes | None:
    from pypdf import PdfReader, PdfWriter

    out = io.BytesIO()
    try:
        PdfWriter(clone_from=PdfReader(io.BytesIO(data))).write(out)
    except Exception:  # a library that meets a broken file; what it raises is not stated
        return None
    return out.getvalue()


def _read(data: bytes) -> Form | str:
    with Pdf.open(io.BytesIO(data)) as pdf:
        walk = _Walk(pdf)
        if walk.met > MOST_FIELDS:
            return f"has more than {MOST_FIELDS} fields"
        return _form(walk)


def _form(walk: _Walk) -> Form | str:
    """What the fields hold, each once; a message where there are none, or those of two sheets."""
    met_by_name = walk.by_name()
    fields: dict[str, str] = {}
    twice: dict[str, list[str]] = {}
    over: dict[str, str] = {}
    for name, met in met_by_name.items():
        texts = _texts(met)
        fields[name] = texts[0] if len(texts) == 1 else ""
        if len(texts) > 1:
            twice[name] = texts
        elif not texts and (shown := next((one.shown for one in met if one.shown), "")):
            over[name] = shown
    if TOKEN in twice:
        return f"holds several sheets (tokens {', '.join(twice[TOKEN][:3])})"
    blank = {
        name: met for name, met in met_by_name.items() if not fields[name] and name not in twice
    }
    beside = []
    for page, place, text in walk.typed:
        if name := _below(blank, page, place):
            over[name] = " ".join(filter(None, (over.get(name, ""), text)))
        else:
            beside.append(text)
    if not fields:
        return _without_fields(len(beside), walk.drawn)
    return Form(fields, over, beside[:MOST_BESIDE], walk.drawn, twice)


def _without_fields(beside: int, drawn: int) -> str:
    """What is said of a PDF that has no fields."""
    message = "has no form fields: it was printed or flattened, or it is another file"
    if beside:
        return f"{message}; {beside} texts were typed over its pages"
    if drawn:
        return f"{message}; it was written on by pen"
    return message


def _texts(met: list[_Found]) -> list[str]:
    """The different texts of one field: those that can be seen on a page before others, blank ones
    never before others."""
    seen = dict.fromkeys(one.text for one in met if one.page is not None and one.text.strip())
    hidden = dict.fromkeys(one.text for one in met if one.text.strip())
    return list(seen or hidden)


def _below(fields: dict[str, list[_Found]], page: int, place: Rectangle | None) -> str:
    """The blank field that a text covers most; empty where it covers none."""
    sizes = {
        name: max((_common(one.place, place) for one in met if one.page == page), default=0.0)
        for name, met in fields.items()
    }
    covered = [name for name, size in sizes.items() if size > 0]
    return max(covered, key=lambda name: sizes[name], default="")


def _common(one: Rectangle | None, other: Rectangle | None) -> float:
    """The area that two rectangles share."""
    if one is None or other is None:
        return 0.0
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)


class _Walk:
    """One pass over the form and the pages; what leads in a circle is left after its first turn."""

    def __init__(self, pdf: Pdf) -> None:
        self.met, self.drawn = 0, 0
        self.found: list[_Found] = []
        self.typed: list[tuple[int, Rectangle | None, str]] = []
        self.above: dict[tuple[int, int], list[Dictionary]] = {}
        form = pdf.Root.get("/AcroForm")
        leaves = list(self._leaves(form)) if isinstance(form, Dictionary) else []
        on_pages: set[tuple[int, int]] = set()
        for number, page in zip(range(MOST_PAGES), pdf.pages, strict=False):
            for note in _items(page.obj.get("/Annots")):
                self.met += 1
                if note.is_indirect:
                    on_pages.add(note.objgen)
                if self.met <= MOST_FIELDS:
                    self._take(note, number)
        for leaf in leaves:
            if not _is_among(leaf, on_pages):
                self._field(leaf, None)

    def by_name(self) -> dict[str, list[_Found]]:
        names: dict[str, list[_Found]] = {}
        for one in self.found:
            names.setdefault(one.name, []).append(one)
        return names

    def _leaves(self, form: Dictionary) -> Iterator[Dictionary]:
        """The fields without kids below /AcroForm; what is above each is kept, as not every kid
        names its parent."""
        waiting: list[tuple[Dictionary, list[Dictionary]]] = [
            (item, []) for item in _items(form.get("/Fields"))
        ]
        seen: set[tuple[int, int]] = set()
        while waiting and self.met <= MOST_FIELDS:
            node, above = waiting.pop()
            if len(above) > MOST_PARENTS or _is_among(node, seen):
                continue
            self.met += 1
            if node.is_indirect:
                seen.add(node.objgen)
                self.above[node.objgen] = above
            kids = [kid for kid in _items(node.get("/Kids")) if not _is_among(kid, seen)]
            waiting += [(kid, [node, *above]) for kid in kids]
            if not kids:
                yield node

    def _take(self, note: Dictionary, page: int) -> None:
        """One annotation of a page."""
        kind = note.get("/Subtype")
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
        kind = next((one.get("/FT") for one in line if "/FT" in one), Name.Tx)
        names = [name for one in reversed(line) if (name := field_value(one.get("/T")).strip())]
        if kind != Name.Tx or not names or not (name := own_name(names)):
            return
        text = _first(line, "/V") or plain_of(_first(line, "/RV"))
        shown = "" if text.strip() else shown_by(node)
        self.found.append(_Found(name, text, page, _place(node), shown))

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


def _is_among(node: Dictionary, known: set[tuple[int, int]]) -> bool:
    """True for an object that has been met before."""
    return node.is_indirect and node.objgen in known


def _first(line: list[Dictionary], key: str) -> str:
    """The text under a key of a field, or of the nearest one above it that has the key."""
    return next((field_value(one.get(key)) for one in line if key in one), "")


def own_name(names: list[str]) -> str:
    """The name that a field had when the sheet was made: viewers put parents before it, and numbers
    and marks behind.

    >>> own_name(["topmostSubform[0]", "Page1[0]", "hZ5B1Z5D[0]"]), own_name(["P1.L.0"])
    ('hZ5B1Z5D', 'L')
    """
    words = (re.match("[A-Za-z0-9]+", part.strip()) for part in ".".join(names).split("."))
    parts = [found[0] for found in words if found]
    while len(parts) > 1 and parts[-1].isdigit():
        parts.pop()
    if parts:
        return parts[-1]
    return ""


def _items(value: Any) -> list[Dictionary]:
    """The dictionaries of an array, no more than may be."""
    if not isinstance(value, Array):
        return []
    first = islice(value, MOST_FIELDS + 1)
    return [item for item in first if isinstance(item, Dictionary)]


def _place(node: Dictionary) -> Rectangle | None:
    """Where an annotation stands on its page; None where that is no rectangle."""
    ends = node.get("/Rect")
    if not isinstance(ends, Array):
        return (0.0, 0.0, 0.0, 0.0)
    try:
        left, low, right, high = map(float, ends)
    except (TypeError, ValueError):
        return None
    return min(left, right), min(low, high), max(left, right), max(low, high)
