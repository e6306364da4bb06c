"""A page, in whatever format it was handed in, as pieces: prose, mathematics, rows of tables, lines
of code, each with its place.

The scanner is our own. It finds the same mathematics as markdown-it-py with the dollarmath,
amsmath and texmath plugins of mdit-py-plugins does on all 183 Markdown pages of tests/data/pages.
But a finding needs the place of each sign, and inline tokens have none there; prose such as
0.6*0.5 + 0.2*0.3 loses its signs to emphasis; and LaTeX, where there is no Markdown, needs this
scanner all the same. nbformat opens notebooks.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.files.encodings import decode
from rnnquiz.languages.sentences import said
from rnnquiz.pages.foreign import foreign
from rnnquiz.pages.printed import bare_line, printed_lines

LARGEST_PAGE = 256 * 1024  # bytes, without the pictures of a notebook
LARGEST_NOTEBOOK = 4 * 1024 * 1024
ENDINGS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".tex": "latex",
    ".ipynb": "notebook",
    ".txt": "text",
}

_STRUCK = re.compile(
    r"~~(?=\S)[^~]{1,2000}~~|<(?P<tag>del|s|strike)>[^<]{1,2000}</(?P=tag)>"
    r"|\\(?:[bx]?cancel|sout)\s*\{(?:[^{}]|\{(?:[^{}]|\{[^{}]{0,200}\}){0,200}\}){0,500}\}"
)


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


@dataclass(frozen=True)
class Page:
    """The text of a page, and its kind, one of `ENDINGS`; of a notebook, its cells one after the
    other, with the lines where they begin."""

    text: str
    kind: str = "markdown"
    cells: tuple[int, ...] = ()

    def as_json(self) -> str:
        """The page as one text, to be kept."""
        kept = {"text": self.text, "kind": self.kind, "cells": list(self.cells)}
        return json.dumps(kept, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Page:
        data = json.loads(text)
        text, kind = data["text"], data["kind"]
        cells = tuple(data["cells"])
        return cls(text, kind, cells)

    @cached_property
    def _lines(self) -> list[int]:
        """Where each line begins."""
        ends = [match.end() for match in re.finditer("\n", self.text)]
        return [0, *ends]

    def place(self, start: int) -> tuple[int, int]:
        """Line and column, from 1."""
        line = bisect_right(self._lines, start)
        before = self._lines[line - 1]
        return line, start - before + 1

    def shown_place(self, start: int) -> str:
        line, _ = self.place(start)
        if not self.cells:
            return said("line {line}", line=line)
        cell = bisect_right(self.cells, line)
        above = self.cells[cell - 1] - 1
        return said("cell {cell}, line {line}", cell=cell, line=line - above)

    @cached_property
    def _struck(self) -> tuple[tuple[int, int], ...]:
        matches = _STRUCK.finditer(self.text)
        return tuple(found.span() for found in matches)

    def is_struck(self, place: int) -> bool:
        """True for what is crossed out."""
        # No span ends behind the text: one that begins right here is among those begun.
        begun = bisect_right(self._struck, (place, len(self.text)))
        if not begun:
            return False
        _, end = self._struck[begun - 1]
        return place < end

    def line_of(self, start: int) -> str:
        line, _ = self.place(start)
        begin = self._lines[line - 1]
        return self.text[begin:].partition("\n")[0]


def page_of(data: bytes, suffix: str, source: str = "the page") -> Page:
    """The page in a file. SubmissionError where it is none."""
    problem = foreign(data)
    if problem is not None:
        raise SubmissionError(source, problem)
    kind = kind_of(data, suffix)
    most = LARGEST_NOTEBOOK if kind == "notebook" else LARGEST_PAGE
    # Measured before it is decoded or parsed: what is too large costs nothing.
    if len(data) > most:
        larger = f"is larger than {most // 1024} KB"
        raise SubmissionError(source, Problem("the page", larger, "hand in the text alone"))
    text, *_ = decode(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise SubmissionError(
            source, Problem("the page", "is no text", "hand in Markdown, LaTeX, a notebook or text")
        )
    if kind == "notebook":
        return _notebook(source, text)
    return Page(text, kind)


def kind_of(data: bytes, suffix: str) -> str:
    """The format of a page by its ending, else by its content."""
    if suffix.lower() in ENDINGS:
        return ENDINGS[suffix.lower()]
    start = data[:4096]
    if start.lstrip().startswith(b"{") and b'"cells"' in data[:LARGEST_PAGE]:
        return "notebook"
    if b"\\documentclass" in start or b"\\begin{document}" in data[:LARGEST_PAGE]:
        return "latex"
    # Plain text reads as Markdown does, but for signs of mark-up, which it hardly has.
    return "markdown"


_WORKED = re.compile(rb"\\(?:frac|tanh|partial|cdot|times|begin)|\$[^$\n]{0,200}[=\\]")
FEWEST_CHAINS = 3  # in a plain text that is a derivation, and no list of answers


def is_worked(data: bytes) -> bool:
    """True for a text with a derivation in it, rather than a name and a number on each line: LaTeX,
    or chains of equations."""
    text = data[:LARGEST_PAGE]
    if _WORKED.search(text) is not None:
        return True
    chains = filter(_is_chain, text.split(b"\n"))
    return len(list(chains)) >= FEWEST_CHAINS


def _is_chain(line: bytes) -> bool:
    """True for name = formula = value."""
    _, *members = line.split(b"=")
    if len(members) < 2:
        return False
    formula = members[0]
    return any(sign in formula for sign in b"*(+")


def _notebook(source: str, text: str) -> Page:
    import nbformat

    try:
        book: Any = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        cells = [_cell(cell) for cell in book.cells]
    except Exception as error:  # what the library raises for a damaged file is not stated
        shown = str(error)[:100]
        problem = Problem("the notebook", f"cannot be read: {shown}", "save it again")
        raise SubmissionError(source, problem) from None
    starts, line = [], 1
    for cell in cells:
        starts.append(line)
        # One more for the line end that joins a cell to the next.
        line += cell.count("\n") + 1
    whole = "\n".join(cells)
    # Pictures made the file large, and do not count.
    if len(whole) > LARGEST_PAGE:
        larger = f"has more than {LARGEST_PAGE // 1024} KB of text"
        problem = Problem("the notebook", larger, "hand in less")
        raise SubmissionError(source, problem)
    return Page(whole, "notebook", tuple(starts))


def _cell(cell: Any) -> str:
    """The text of a cell: Markdown as it stands, code and what it printed as a block of code."""
    if cell.cell_type != "code":
        return f"{cell.source}\n"
    outputs = cell.get("outputs", [])
    printed = map(_printed_by, outputs)
    # A fence in what was printed would end the block.
    blocks = [block.replace("```", "'''") for block in filter(str.strip, printed)]
    *_, last = cell.source.rstrip().rpartition("\n")
    if blocks and _SHOWN_NAME.fullmatch(last):
        shown = blocks[-1]
        blocks[-1] = f"{last} = {shown}"
    fenced = [f"```\n{block}\n```\n" for block in blocks]
    # A cell without anything to read still has a line of its own to be counted.
    return "".join(fenced) or "\n"


def _printed_by(output: Any) -> str:
    """What one output of a cell says as text."""
    data = output.get("data", {})
    text = output.get("text", "")
    return str(text) or str(data.get("text/plain", ""))


_SHOWN_NAME = re.compile(r"[A-Za-z]\w*(?:\[-?\d+\])?")  # a last line that shows what has this name


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
class _Span:
    """A part of the page that is no prose: `inner` from `start` to `end`, all of it from `first` to
    `last`."""

    kind: str
    first: int
    start: int
    end: int
    last: int


def _spans(page: Page) -> Iterator[_Span]:
    """Mathematics, code and comments of a page, in order."""
    text, at = page.text, 0
    gone: set[str] = set()  # closing signs that do not come any more
    while (match := _SPAN.search(text, at)) is not None:
        at = match.end()
        span: _Span | None = None
        if match["fence"] and page.kind != "latex":
            span = _fenced(text, match)
        elif match["comment"] and page.kind == "latex":
            begin = match.start()
            span = _Span("comment", begin, at, at, at)
        elif match["open"]:
            span = _mathematics(text, match, gone)
        if span is not None:
            yield span
            at = span.last


def _fenced(text: str, match: re.Match[str]) -> _Span:
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
        return _Span(kind, begin, at, end, end)
    return _Span(kind, begin, at, close.start(), close.end())


def _mathematics(text: str, match: re.Match[str], gone: set[str]) -> _Span | None:
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
    return _Span(kind, begin, at, end, behind)


def pieces_of(page: Page) -> list[Piece]:
    """The pieces of a page, in the order in which they stand."""
    begin = 0
    if page.kind == "latex":
        # An excerpt has no preamble.
        at = page.text.find("\\begin{document}")
        begin = max(at, 0)

    def is_of_the_text(span: _Span) -> bool:
        return not begin or span.first > begin

    spans = list(filter(is_of_the_text, _spans(page)))
    found: list[Piece] = []
    for span in spans:
        found += _of_span(page, span)
    found += _of_prose(page, spans, begin)
    return sorted(found, key=attrgetter("start"))


def _of_span(page: Page, span: _Span) -> Iterator[Piece]:
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


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _of_prose(page: Page, spans: list[_Span], start: int) -> Iterator[Piece]:
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
        yield Piece(kind, _sides(clean, within), first, words=words)


def _masked(page: Page, spans: list[_Span]) -> tuple[str, bytearray]:
    """The page without what is no prose, and for each sign whether it is of mathematics in it."""
    masked, inline = list(page.text), bytearray(len(page.text))
    for span in spans:
        if span.kind != "inline":
            whole = slice(span.first, span.last)
            masked[whole] = _blank(page.text[whole])
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


_KEPT = re.compile(r"[\s=≈~→⇒+\-−*·×/,;.()<>:]*")
_STATED = re.compile(r"[^\W\d]\S{0,14}\s*[=≈]\s*[-−+]?\s*[\d.]")  # without dollars
_BEHIND = re.compile(r"\s*[-−+]?\s*\d[\d.,]*")  # behind a relation
_LABEL = re.compile(r"(\S{1,14})\s*[:=]\s*$")
_RELATED = re.compile(r"\s*[=≈~]\s*[-−+]?\s*[\d.,]+")


def _sides(text: str, inline: bytes | bytearray) -> str:
    """A line with mathematics in it: words beside the mathematics become a gap. A line without
    stays as it is."""
    if not any(inline):
        return text
    out: list[str] = []
    within = bytes(inline[: len(text)])
    for match in re.finditer(rb"\x01+|\x00+", within):
        first, last = match.span()
        part = text[first:last]
        if within[first] or _KEPT.fullmatch(part):
            out.append(part)
            continue
        more = last < len(text)
        out.append(_beside(part, out, more))
    return "".join(out)


def _beside(part: str, before: list[str], more: bool) -> str:
    """Words beside mathematics: a name before it and a value behind it stay, the rest is a gap.
    `more`: something stands behind them."""
    label = _LABEL.search(part) if more else None
    if label and _is_indexed(label[1]):
        begin = label.start()
        if not begin:
            return part
        return _gap(part[:begin]) + part[begin:]
    relation = _RELATED.match(part)
    # The sign may stand within the dollars, and its value behind them: $h_1 =$ 0.6.
    if relation is None and before and before[-1].rstrip().endswith(("=", "≈")):
        relation = _BEHIND.match(part)
    if relation is not None:
        end = relation.end()
        value, rest = part[:end], part[end:]
        return value + _gap(rest)
    # A statement without dollars beside others that have them.
    if _STATED.search(part):
        return f";{part[1:]}"
    return _gap(part)


def _is_indexed(label: str) -> bool:
    """True for a letter with a digit, a power or a ∂: no word of prose."""
    if re.search(r"[\d_∂^₀-₉]", label) is None:
        return False
    return re.search(r"[^\W\d_]", label) is not None


def _gap(part: str) -> str:
    """A sign that parts, and as many blanks as there were signs."""
    if not part:
        return ""
    return ";" + _blank(part[1:])
