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
from decimal import Decimal
from typing import Any

from pikepdf import Array, Dictionary, Name, Object, PasswordError, Pdf, PdfError, Stream, String

from rnnquiz.fields import TOKEN
from rnnquiz.submissions.pdf_forms import Form

MOST_FIELDS, MOST_PAGES, DEEPEST = 4000, 300, 16
LARGEST_VALUE, LONGEST_TEXT, MOST_TEXTS = 10_000, 200, 50
_DRAWN = (Name.Ink, Name.Stamp, Name.Line, Name.Polygon, Name.PolyLine, Name.Square, Name.Circle)
_TYPED = (Name.FreeText, Name.Text)
_SHOWN = re.compile(rb"\(((?:\\.|[^\\()])*)\)\s*(?:Tj|')", re.DOTALL)
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))
_LANGUAGE = re.compile("\x1b[^\x1b]{0,20}\x1b")

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Found:
    """A field as it was met: its name, its text, the page it is on (none: on no page), where, what
    its appearance shows."""

    name: str
    text: str
    page: int | None
    place: Box | None
    shown: str


def read_form(data: bytes) -> Form | str:
    """Read by pikepdf; where that finds no PDF in it, by pypdf, which writes it anew for
    pikepdf."""
    _, end, after = data.rpartition(b"%%EOF")
    if (
        not end or b" obj" in after
    ):  # a viewer adds what was filled in at the end: without it the form would seem blank
        return "is cut off: its end is missing"
    try:
        return _read(data)
    except PasswordError:
        return "is protected by a password"
    except (PdfError, ValueError, TypeError, AttributeError, RecursionError):
        pass
    again = _written_anew(data)
    return "cannot be read as a PDF" if again is None else _read(again)


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
    fields: dict[str, str] = {}
    twice: dict[str, list[str]] = {}
    over: dict[str, str] = {}
    for name, met in walk.by_name().items():
        texts = _texts(met)
        fields[name] = texts[0] if len(texts) == 1 else ""
        if len(texts) > 1:
            twice[name] = texts
        elif not texts and (shown := next((one.shown for one in met if one.shown), "")):
            over[name] = shown
    if TOKEN in twice:
        return f"holds several sheets (tokens {', '.join(twice[TOKEN][:3])})"
    beside = []
    for page, place, text in walk.typed:
        blank = {
            name: met
            for name, met in walk.by_name().items()
            if not fields[name] and name not in twice
        }
        if name := _below(blank, page, place):
            over[name] = " ".join(filter(None, (over.get(name, ""), text)))
        else:
            beside.append(text)
    if not fields:
        also = (
            f"; {len(beside)} texts were typed over its pages"
            if beside
            else "; it was written on by pen"
            if walk.drawn
            else ""
        )
        return f"has no form fields: it was printed or flattened, or it is another file{also}"
    return Form(fields, over, beside[:MOST_TEXTS], walk.drawn, twice)


def _texts(met: list[_Found]) -> list[str]:
    """The different texts of one field: those that can be seen on a page before others, blank ones
    never before others."""
    seen = dict.fromkeys(one.text for one in met if one.page is not None and one.text.strip())
    hidden = dict.fromkeys(one.text for one in met if one.text.strip())
    return list(seen or hidden)


def _below(fields: dict[str, list[_Found]], page: int, place: Box | None) -> str:
    """The blank field that a text covers most; empty where it covers none."""
    sizes = {
        name: max((_common(one.place, place) for one in met if one.page == page), default=0.0)
        for name, met in fields.items()
    }
    best = max(sizes, key=lambda name: sizes[name], default="")
    return best if best and sizes[best] > 0 else ""


def _common(one: Box | None, other: Box | None) -> float:
    """The area that two rectangles share."""
    if one is None or other is None:
        return 0.0
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0


class _Walk:
    """One pass over the form and the pages; what leads in a circle is left after its first turn."""

    def __init__(self, pdf: Pdf) -> None:
        self.met, self.drawn = 0, 0
        self.found: list[_Found] = []
        self.typed: list[tuple[int, Box | None, str]] = []
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
            if not (leaf.is_indirect and leaf.objgen in on_pages):
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
            if len(above) > DEEPEST or (node.is_indirect and node.objgen in seen):
                continue
            self.met += 1
            if node.is_indirect:
                seen.add(node.objgen)
                self.above[node.objgen] = above
            kids = [
                kid
                for kid in _items(node.get("/Kids"))
                if not (kid.is_indirect and kid.objgen in seen)
            ]
            waiting += [(kid, [node, *above]) for kid in kids]
            if not kids:
                yield node

    def _take(self, note: Dictionary, page: int) -> None:
        """One annotation of a page."""
        kind = note.get("/Subtype")
        if kind == Name.Widget or (kind is None and ("/FT" in note or "/T" in note)):
            self._field(note, page)
        elif kind in _TYPED:
            text = _typed(note)[:LONGEST_TEXT]
            self.typed += [(page, _place(note), text)] if any(c.isdigit() for c in text) else []
        elif kind in _DRAWN:
            self.drawn += 1

    def _field(self, node: Dictionary, page: int | None) -> None:
        line = self._line(node)
        kind = next((one.get("/FT") for one in line if "/FT" in one), Name.Tx)
        names = [name for one in reversed(line) if (name := value_of(one.get("/T")).strip())]
        if kind != Name.Tx or not names or not (name := own_name(names)):
            return
        text = next((value_of(one.get("/V")) for one in line if "/V" in one), "")
        text = text or next((_plain(value_of(one.get("/RV"))) for one in line if "/RV" in one), "")
        self.found.append(
            _Found(name, text, page, _place(node), "" if text.strip() else _shown(node))
        )

    def _line(self, node: Dictionary) -> list[Dictionary]:
        """A field and all that it is below, nearest first: by its own word, or as the form has
        it."""
        if node.is_indirect and "/Parent" not in node and node.objgen in self.above:
            return [node, *self.above[node.objgen]]
        line, at = [node], node.get("/Parent")
        while isinstance(at, Dictionary) and len(line) <= DEEPEST:
            line.append(at)
            at = at.get("/Parent")
        return line


def own_name(names: list[str]) -> str:
    """The name that a field had when the sheet was made: viewers put parents before it, and numbers
    and marks behind.

    >>> own_name(["topmostSubform[0]", "Page1[0]", "hZ5B1Z5D[0]"]), own_name(["P1.L.0"])
    ('hZ5B1Z5D', 'L')
    """
    parts = [
        found[0]
        for name in names
        for part in name.split(".")
        if (found := re.match("[A-Za-z0-9]+", part.strip()))
    ]
    while len(parts) > 1 and parts[-1].isdigit():
        parts.pop()
    return parts[-1] if parts else ""


def value_of(value: Any) -> str:
    """The text of a value of any type: a viewer may write a name, a number or a stream where a
    string should be."""
    if isinstance(value, String):
        return text_of(bytes(value))
    if isinstance(value, Name):
        return str(value)[1:]
    if isinstance(value, Stream):
        return (
            text_of(value.read_bytes())
            if len(value.read_raw_bytes()) <= LARGEST_VALUE
            else "\ufffd"
        )
    if isinstance(value, Array):
        return " ".join(value_of(item) for item in list(value)[:10] if not isinstance(item, Array))
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return str(value)
    return ""


def text_of(raw: bytes) -> str:
    """The text of a string: in UTF-16 or UTF-8 with a mark, as the standard has it; without one,
    UTF-16 and UTF-8 where the bytes can be nothing else, else PDFDocEncoding. Bytes that are no
    text make the box unreadable, not the sheet."""
    for mark, codec in _MARKS:
        if raw.startswith(mark):
            return _clean(raw[len(mark) :].decode(codec, "replace"))
    if len(raw) > 1 and len(raw) % 2 == 0 and (not any(raw[::2]) or not any(raw[1::2])):
        return _clean(raw.decode("utf-16-le" if any(raw[::2]) else "utf-16-be", "replace"))
    try:
        return _clean(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return _clean(raw.decode("pdfdoc", "replace"))


def _clean(text: str) -> str:
    """Without marks of a language, of the order of bytes, and NULs at the end."""
    return _LANGUAGE.sub("", text).strip("\0\ufeff")


def _items(value: Any) -> list[Dictionary]:
    """The dictionaries of an array, no more than may be."""
    if not isinstance(value, Array):
        return []
    return [
        item
        for _, item in zip(range(MOST_FIELDS + 1), value, strict=False)
        if isinstance(item, Dictionary)
    ]


def _typed(note: Dictionary) -> str:
    """What a text annotation says."""
    text = value_of(note.get("/Contents")) or _plain(value_of(note.get("/RC"))) or _shown(note)
    return " ".join(text.split())


def _plain(rich: str) -> str:
    """A rich text without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", rich).split())


def _shown(node: Dictionary) -> str:
    """The text that an appearance shows, as far as it is written with plain letters; empty where it
    has no digit."""
    look = node.get("/AP")
    normal = look.get("/N") if isinstance(look, Dictionary) else None
    if not isinstance(normal, Stream) or len(normal.read_raw_bytes()) > LARGEST_VALUE:
        return ""
    text = " ".join(
        value_of(Object.parse(b"(" + part + b")")) for part in _SHOWN.findall(normal.read_bytes())
    )
    return text[:LONGEST_TEXT] if any(c.isdigit() for c in text) else ""


def _place(node: Dictionary) -> Box | None:
    rect = node.get("/Rect")
    try:
        left, low, right, high = (
            (float(number) for number in list(rect)) if isinstance(rect, Array) else (0.0,) * 4
        )
    except (TypeError, ValueError):
        return None
    return min(left, right), min(low, high), max(left, right), max(low, high)
