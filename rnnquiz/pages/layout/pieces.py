"""A page, in whatever format it was handed in, as pieces: prose, mathematics, rows of tables, lines
of code, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from rnnquiz.pages.layout.page import Page
from rnnquiz.pages.layout.printed import bare_line, printed_lines
from rnnquiz.pages.layout.sides import beside_mathematics, blanks_for
from rnnquiz.pages.layout.spans import PageSpan, spans_of


@dataclass(frozen=True)
class Piece:
    """`kind`: heading, prose, math, code or row. `text` stands at `start` of its page, sign by
    sign; what is no part of the mathematics is blank in it; `words` are the rest. `breaks`: a
    line's end ends a row. `cells`: the parts of a row of a table.
    """

    kind: str
    text: str
    start: int
    breaks: bool = False
    words: str = ""
    cells: tuple[tuple[str, int], ...] = ()


def pieces_of(page: Page) -> list[Piece]:
    """The pieces of a page, in the order in which they stand."""
    begin = 0
    if page.kind == "latex":
        # An excerpt has no preamble.
        at = page.text.find("\\begin{document}")
        begin = max(at, 0)

    def is_of_the_text(span: PageSpan) -> bool:
        return not begin or span.first > begin

    spans = list(filter(is_of_the_text, spans_of(page)))
    found: list[Piece] = []
    for span in spans:
        found += _of_span(page, span)
    found += _of_prose(page, spans, begin)
    return sorted(found, key=attrgetter("start"))


def _of_span(page: Page, span: PageSpan) -> Iterator[Piece]:
    content = page.text[span.start : span.end]
    if not content.strip():
        return
    if span.kind == "math":
        yield Piece("math", content, span.start)
    elif span.kind == "lines":
        yield Piece("math", content, span.start, True)
    elif span.kind == "code":
        at = span.start
        for line in printed_lines(content):
            bare = bare_line(line)
            if bare.strip():
                yield Piece("code", bare, at, words=bare)
            at += len(line)


# As long as with its backslash. No blank stands before _: it would part name and index.
_ESCAPED = {"\\_": "_ ", "\\*": " *"}
_HEADING = re.compile(r"^[ \t>]*(?:#{1,6}[ \t]+|\\(?:sub)*(?:section|paragraph)\*?\{)")
_EDGES = re.compile(
    r"^[ \t]*(?:[-*+•–][ \t]+)?(?:[-*+•–]|\(?(?:\d{1,2}(?:\.\d{1,2})*[a-z]?|[a-hA-H]|[ivx]{1,4})\)"
    r"|\d{1,2}(?:\.\d{1,2})*\.)[ \t]+"
    r"|^[ \t]*>[ \t]?|(?<![\w)\]])\*\*|\*\*(?![\d(])|__|~~|`"
    r"|\\item\b|\\textbf\{|\\_|\\\*",
    re.MULTILINE,
)


def _of_prose(page: Page, spans: list[PageSpan], start: int) -> Iterator[Piece]:
    """Headings, paragraphs, items and rows of tables; mathematics in them is left where it stands,
    without its dollars."""
    text, inline = _masked(page, spans)
    for first, last in _blocks(page, text):
        raw, within = text[first:last], inline[first:last]
        # A preamble of LaTeX states nothing.
        if last <= start or not raw.strip():
            continue
        if _is_row(raw, within):
            cells = tuple(_cells(raw, first))
            yield Piece("row", raw, first, cells=cells, words=raw)
            continue
        kind = "heading" if _HEADING.match(raw) else "prose"
        clean = _EDGES.sub(_without_edge, raw)
        words = _words_in(clean, within)
        yield Piece(kind, beside_mathematics(clean, within), first, words=words)


def _masked(page: Page, spans: list[PageSpan]) -> tuple[str, bytearray]:
    """The page without what is no prose, and for each sign whether it is of mathematics in it."""
    masked, inline = list(page.text), bytearray(len(page.text))
    for span in spans:
        if span.kind != "inline":
            whole = slice(span.first, span.last)
            masked[whole] = blanks_for(page.text[whole])
            continue
        opening, closing = span.start - span.first, span.last - span.end
        masked[span.first : span.start] = " " * opening
        masked[span.end : span.last] = " " * closing
        length = span.end - span.start
        inline[span.start : span.end] = b"\1" * length
    return "".join(masked), inline


def _is_row(raw: str, inline: bytearray) -> bool:
    """True for a row of a table: |h| = 2 is none."""
    if raw.lstrip().startswith("|"):
        return True
    if raw.count("|") < 2 or "=" in raw:
        return False
    return not any(inline)


def _without_edge(found: re.Match[str]) -> str:
    """Signs of Markdown made blank, what is escaped without its escape."""
    edge = found.group()
    blank = " " * len(edge)
    return _ESCAPED.get(edge, blank)


def _words_in(clean: str, inline: bytearray) -> str:
    """A line without its mathematics, with one blank between words."""
    words = list(clean)
    for k, within in enumerate(inline[: len(words)]):
        if within:
            words[k] = " "
    line = "".join(words)
    return " ".join(line.split())


def _blocks(page: Page, text: str) -> Iterator[tuple[int, int]]:
    """The lines of prose that belong together: one line each, but for lines in the middle of inline
    mathematics."""
    at = 0
    for line in text.splitlines(keepends=True):
        end = at + len(line)
        yield at, end
        at = end


def _cells(raw: str, first: int) -> Iterator[tuple[str, int]]:
    """The cells of a row with their places, empty ones too, so that each stays below its head."""
    parts, at = raw.rstrip("\n").split("|"), first
    for k, part in enumerate(parts):
        # Only the empty ends of a row that begins and ends with a bar are no cells.
        if part.strip() or 0 < k < len(parts) - 1:
            yield re.sub(r"\*\*|`", _as_long, part), at
        at += len(part) + 1


def _as_long(found: re.Match[str]) -> str:
    return " " * len(found.group())
