"""Where mathematics, code and comments stand on a page.

The scanner is our own. It finds the same mathematics as markdown-it-py with the dollarmath,
amsmath and texmath plugins of mdit-py-plugins does on the 183 Markdown pages that tests/data/pages
had when the two were compared.
But a finding needs the place of each sign, and inline tokens have none there; prose such as
0.6*0.5 + 0.2*0.3 loses its signs to emphasis; and LaTeX, where there is no Markdown, needs this
scanner all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rnnquiz.pages.layout.page import Page

_SPAN = re.compile(
    r"(?P<fence>^[ \t>]*(?P<mark>```+|~~~+)(?P<info>[^\n`]*)\n)|(?P<comment>(?<!\\)%[^\n]*)|\\\$"
    r"|(?P<open>\$\$|\\\[|\\\(|\$(?=\S)|\\begin\s*\{(?P<name>[a-zA-Z]+\*?)\})",
    re.MULTILINE,
)
_DISPLAYS = frozenset(
    [
        "equation",
        "equation*",
        "align",
        "align*",
        "alignat",
        "alignat*",
        "gather",
        "gather*",
        "multline",
        "multline*",
        "eqnarray",
        "eqnarray*",
        "displaymath",
        "flalign",
        "flalign*",
        "math",
    ]
)
_CLOSES = {"$$": "$$", "\\[": "\\]", "\\(": "\\)", "$": "$"}
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True)
class PageSpan:
    """A part of the page that is no prose: `inner` from `start` to `end`, all of it from `first` to
    `last`."""

    kind: str
    first: int
    start: int
    end: int
    last: int


def spans_of(page: Page) -> Iterator[PageSpan]:
    """Mathematics, code and comments of a page, in order."""
    text, at = page.text, 0
    gone: set[str] = set()  # closing signs that do not come any more
    while (match := _SPAN.search(text, at)) is not None:
        at = match.end()
        span: PageSpan | None = None
        if match["fence"] and page.kind != "latex":
            span = _fenced(text, match)
        elif match["comment"] and page.kind == "latex":
            begin = match.start()
            span = PageSpan("comment", begin, at, at, at)
        elif match["open"]:
            span = _mathematics(text, match, gone)
        if span is not None:
            yield span
            at = span.last


def _fenced(text: str, match: re.Match[str]) -> PageSpan:
    """A block of code, to its own fence or to the end of the page."""
    begin, at = match.span()
    three = match["mark"][:3]
    mark = re.escape(three)
    fence = re.compile(rf"^[ \t>]*{mark}[`~]*[ \t]*$", re.MULTILINE)
    language = match["info"].strip()
    # Rows of ```math are often parted by line ends only.
    kind = "lines" if language == "math" else "code"
    close = fence.search(text, at)
    if close is None:
        end = len(text)
        return PageSpan(kind, begin, at, end, end)
    return PageSpan(kind, begin, at, close.start(), close.end())


def _mathematics(text: str, match: re.Match[str], gone: set[str]) -> PageSpan | None:
    """From an opening sign to the one that closes it; None where none does."""
    begin, at = match.span()
    open_, name = match["open"], match["name"]
    # itemize and figure are no mathematics: what stands in them is prose.
    if name and name not in _DISPLAYS:
        return None
    closes = f"\\end{{{name}}}" if name else _CLOSES[open_]
    # A page of ten thousand dollars is not searched ten thousand times to its end.
    if closes in gone:
        return None
    end = text.find(closes, at)
    if end < 0:
        gone.add(closes)
        return None
    inline = open_ in ("$", "\\(")
    # No formula goes on in the next paragraph: $5 here and $6 there are sums of money.
    if inline and _BLANK_LINE.search(text, at, end):
        return None
    kind = "inline" if inline else "math"
    behind = end + len(closes)
    return PageSpan(kind, begin, at, end, behind)
