"""The text of a page that a learning system made of what was typed into it."""

from __future__ import annotations

import html
import re
from itertools import filterfalse
from typing import Any

from rnnquiz.files.encodings import decode
from rnnquiz.submissions.sheets import LARGEST_SHEET
from rnnquiz.text import visible

_BLOCKS = (
    "p", "br", "div", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre",
    "dt", "dd", "section", "blockquote", "title",
)  # fmt: skip
_ENDS = {**dict.fromkeys(_BLOCKS, "\n"), "td": "\t", "th": "\t"}
"""What the beginning and the end of an element put between two words: the end of a line or of a
cell."""
_UNSEEN = ("script", "style")
_END_OF_PARAGRAPH = re.compile(r"</p(?=[\s/>])", re.IGNORECASE)
_END_OF_PAGE = re.compile(r"</(?:body|html)(?=[\s/>])", re.IGNORECASE)


class _PageText:
    """What a parser of HTML tells of a page: its text, and apart from it the titles. The parser
    closes what was left open, and passes over comments."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.titles: list[str] = []
        self.inside = ""
        self.preformatted = 0

    def start(self, tag: str, attributes: object) -> None:
        self.inside = tag
        self.preformatted += tag == "pre"
        if tag == "title":
            self.titles.append("")
        self.pieces.append(_ENDS.get(tag, ""))

    def end(self, tag: str) -> None:
        self.inside = ""
        self.preformatted -= tag == "pre"
        self.pieces.append(_ENDS.get(tag, ""))

    def data(self, text: str) -> None:
        if self.inside in _UNSEEN:
            return
        if self.inside == "title":
            self.titles[-1] += text
        # Elsewhere the end of a line is a blank, and only a tag ends a line.
        if not self.preformatted:
            text = text.replace("\n", " ")
        self.pieces.append(text)

    def close(self) -> None:
        """Asked for by the parser at the end of the page."""

    @property
    def text(self) -> str:
        """With the names of characters as they were written."""
        return "".join(self.pieces)

    @property
    def title(self) -> str:
        # Drawings have titles, too, further down.
        first = next(iter(self.titles), "")
        return visible(html.unescape(first))


def _read(page: str) -> _PageText:
    from lxml import etree

    found = _PageText()
    target: Any = found  # names are texts, though lxml's types leave it open
    # As bytes: a page as text must not name an encoding of its own.
    parser = etree.HTMLParser(target=target, encoding="utf-8")
    parser.feed(_as_browsers_see(page).encode("utf-8", "replace"))
    parser.close()
    return found


def _as_browsers_see(page: str) -> str:
    """The page without what the parser takes in another way, each version of it in its own."""
    # The names of characters are read behind it: it knows only those of HTML 4.
    page = page.replace("&", "&amp;")
    # A paragraph that was never begun ends a line all the same.
    page = _END_OF_PARAGRAPH.sub(r"<br>\g<0>", page)
    # Behind the end of the page it can go on.
    return _END_OF_PAGE.sub("<br", page)


def text_of_page(page: str) -> str:
    """A line for each paragraph, a tab between cells. The title of the page, which Canvas writes
    over the text as well, is none of it. ValueError for a character of too high a number.
    """
    found = _read(page)
    text = html.unescape(found.text)
    if not found.title:
        return text

    def is_title(line: str) -> bool:
        return visible(line) == found.title

    lines = text.split("\n")
    return "\n".join(filterfalse(is_title, lines))


def is_blank_page(data: bytes) -> bool:
    """True for a page on which nothing stands, as Moodle writes for everybody who typed nothing."""
    if len(data) >= LARGEST_SHEET:
        return False
    page, *_ = decode(data)
    return not visible(_read(page).text)
