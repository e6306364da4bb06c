"""The text of a page that a learning system made of what was typed into it."""

from __future__ import annotations

import html
import re
from itertools import filterfalse

from rnnquiz.files.encodings import decode
from rnnquiz.submissions.sheets import LARGEST_SHEET
from rnnquiz.text import visible

_BLOCKS = (
    "p", "br", "div", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre",
    "dt", "dd", "section", "blockquote", "title",
)  # fmt: skip
_ENDS = {**dict.fromkeys(_BLOCKS, "\n"), "td": "\t", "th": "\t"}
_TITLE = re.compile(r"<title\b[^>]*>([^<]{0,1000})<", re.IGNORECASE)
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:script|style)\b.*?(?:</(?:script|style)\b[^>]*(?:>|\Z)|\Z)"
    r"|<[!?][^>]*(?:>|\Z)"
    r"""|</?([a-z][^\s/>]*)(?:[^>=]+|=\s*(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z))?)*(?:>|\Z)""",
    re.DOTALL | re.IGNORECASE,
)
"""A comment, a script, a declaration, or a tag and its name; what has begun ends with the text at
the latest: nothing is read twice.
"""


def text_of_page(data: bytes) -> str:
    """A line for each paragraph, a tab between cells. The title of the page, which Canvas writes
    over the text as well, is none of it. ValueError for a character of too high a number.
    """
    page, *_ = decode(data)
    parts = _MARKUP.split(page)
    words, tags = parts[::2], parts[1::2]
    # In a page the end of a line is a blank, and only a tag ends a line.
    words = [word.replace("\n", " ") for word in words]
    ends = [*map(_end, tags), ""]
    pieces = map(str.__add__, words, ends)
    text = html.unescape("".join(pieces))
    shown = _title(page)
    if not shown:
        return text

    def is_title(line: str) -> bool:
        return visible(line) == shown

    lines = text.split("\n")
    return "\n".join(filterfalse(is_title, lines))


def _title(page: str) -> str:
    found = _TITLE.search(page)
    if found is None:
        return ""
    return visible(html.unescape(found[1]))


def _end(tag: str | None) -> str:
    """What a tag puts between two words: the end of a line or of a cell, or nothing."""
    name = tag or ""
    return _ENDS.get(name.lower(), "")


def is_blank_page(data: bytes) -> bool:
    """True for a page on which nothing stands, as Moodle writes for everybody who typed nothing."""
    if len(data) >= LARGEST_SHEET:
        return False
    page, *_ = decode(data)
    words = _MARKUP.split(page)[::2]
    return not visible("".join(words))
