"""The text of what stands in a PDF: of values of any type, of strings in any encoding, of rich
texts and of appearances."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import filterfalse
from typing import Any

from pikepdf import Array, Dictionary, Name, Object, Stream, String

LARGEST_VALUE = 10_000  # bytes of a stream that is read as the text of a field
LONGEST_SHOWN = 200  # characters of what an appearance shows
MOST_ITEMS = 10  # of an array that stands where a text should be
_SHOWN = re.compile(rb"\(((?:\\.|[^\\()])*)\)\s*(?:Tj|')", re.DOTALL)
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))
_LANGUAGE = re.compile("\x1b[^\x1b]{0,20}\x1b")


def field_value(value: Any) -> str:
    """The text of a value of any type: a viewer may write a name, a number or a stream where a
    string should be."""
    if isinstance(value, String):
        return text_of_string(bytes(value))
    if isinstance(value, Name):
        return str(value)[1:]
    if isinstance(value, Stream):
        if len(value.read_raw_bytes()) > LARGEST_VALUE:
            return "\ufffd"
        return text_of_string(value.read_bytes())
    if isinstance(value, Array):
        items = list(value)[:MOST_ITEMS]
        return " ".join(map(field_value, filterfalse(_is_array, items)))
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return str(value)
    return ""


def text_of_string(raw: bytes) -> str:
    """The text of a string: in UTF-16 or UTF-8 with a mark, as the standard has it; without one,
    UTF-16 and UTF-8 where the bytes can be nothing else, else PDFDocEncoding. Bytes that are no
    text make the box unreadable, not the sheet."""
    for mark, codec in _MARKS:
        if raw.startswith(mark):
            text = raw.removeprefix(mark)
            return _clean(text.decode(codec, "replace"))
    if len(raw) > 1 and len(raw) % 2 == 0:
        first, second = raw[::2], raw[1::2]
        if not any(second) and any(first):
            return _clean(raw.decode("utf-16-le", "replace"))
        if not any(first):
            return _clean(raw.decode("utf-16-be", "replace"))
    try:
        return _clean(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return _clean(raw.decode("pdfdoc", "replace"))


def _is_array(item: Any) -> bool:
    return isinstance(item, Array)


def _clean(text: str) -> str:
    """Without marks of a language, of the order of bytes, and NULs at the end."""
    return _LANGUAGE.sub("", text).strip("\0\ufeff")


def text_of_note(note: Dictionary) -> str:
    """What a text annotation says."""
    said = field_value(note.get("/Contents"))
    if not said:
        # /RC, the text with its type and colour, may stand alone.
        rich = field_value(note.get("/RC"))
        said = plain_of(rich) or shown_by(note)
    return " ".join(said.split())


def plain_of(rich: str) -> str:
    """A rich text without its markup."""
    bare = re.sub(r"<[^>]*>", " ", rich)
    return " ".join(bare.split())


def shown_by(node: Dictionary) -> str:
    """The text that an appearance shows, as far as it is written with plain letters; empty where it
    has no digit."""
    look = node.get("/AP")
    normal = look.get("/N") if isinstance(look, Dictionary) else None
    if not isinstance(normal, Stream) or len(normal.read_raw_bytes()) > LARGEST_VALUE:
        return ""
    parts = _SHOWN.findall(normal.read_bytes())
    # pikepdf resolves what is escaped in a string.
    strings = [Object.parse(b"(%b)" % part) for part in parts]
    text = " ".join(map(field_value, strings))
    if not has_digit(text):
        return ""
    return text[:LONGEST_SHOWN]


def has_digit(text: str) -> bool:
    """Whether a text may hold a number, in whatever script."""
    return any(map(str.isdigit, text))
