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
from typing import Any

from rnnquiz.encodings import decode
from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.languages.sentences import said
from rnnquiz.pages.foreign import foreign

LARGEST_PAGE = 256 * 1024  # bytes, without the pictures of a notebook
LARGEST_NOTEBOOK = 4 * 1024 * 1024
KINDS_OF_PAGE = ("markdown", "latex", "notebook", "text")
ENDINGS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".tex": "latex",
    ".ipynb": "notebook",
    ".txt": "text",
}

MOST_ROWS = 12  # of one printed matrix

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
    """The text of a page, in one of KINDS; of a notebook, its cells one after the other, with the
    lines where they begin."""

    text: str
    kind: str = "markdown"
    cells: tuple[int, ...] = ()

    def as_json(self) -> str:
        """The page as one text, to be kept."""
        return json.dumps(
            {"text": self.text, "kind": self.kind, "cells": list(self.cells)}, ensure_ascii=False
        )

    @classmethod
    def from_json(cls, text: str) -> Page:
        data = json.loads(text)
        return cls(data["text"], data["kind"], tuple(data["cells"]))

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def place(self, start: int) -> tuple[int, int]:
        """Line and column, from 1."""
        line = bisect_right(self._lines, start)
        return line, start - self._lines[line - 1] + 1

    def shown_place(self, start: int) -> str:
        line, _ = self.place(start)
        if not self.cells:
            return said("line {line}", line=line)
        cell = bisect_right(self.cells, line)
        below = line - self.cells[cell - 1] + 1
        return said("cell {cell}, line {line}", cell=cell, line=below)

    @cached_property
    def _struck(self) -> tuple[tuple[int, int], ...]:
        return tuple((found.start(), found.end()) for found in _STRUCK.finditer(self.text))

    def is_struck(self, place: int) -> bool:
        """True for what is crossed out."""
        at = bisect_right(self._struck, (place, len(self.text))) - 1
        return at >= 0 and place < self._struck[at][1]

    def line_of(self, start: int) -> str:
        line, _ = self.place(start)
        return self.text[self._lines[line - 1] :].partition("\n")[0]


def page_of(data: bytes, suffix: str, source: str = "the page") -> Page:
    """The page in a file. SubmissionError where it is none."""
    problem = foreign(data)
    if problem is not None:
        raise SubmissionError(source, problem)
    kind = kind_of(data, suffix)
    if len(data) > (LARGEST_NOTEBOOK if kind == "notebook" else LARGEST_PAGE):
        raise SubmissionError(
            source,
            Problem(
                "the page", f"is larger than {LARGEST_PAGE // 1024} KB", "hand in the text alone"
            ),
        )
    text = decode(data)[0].replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise SubmissionError(
            source, Problem("the page", "is no text", "hand in Markdown, LaTeX, a notebook or text")
        )
    return _notebook(source, text) if kind == "notebook" else Page(text, kind)


def kind_of(data: bytes, suffix: str) -> str:
    """The format of a page by its ending, else by its content."""
    if suffix.lower() in ENDINGS:
        return ENDINGS[suffix.lower()]
    start = data[:4096]
    if start.lstrip().startswith(b"{") and b'"cells"' in data[:LARGEST_PAGE]:
        return "notebook"
    if b"\\documentclass" in start or b"\\begin{document}" in data[:LARGEST_PAGE]:
        return "latex"
    return "markdown"


_WORKED = re.compile(rb"\\(?:frac|tanh|partial|cdot|times|begin)|\$[^$\n]{0,200}[=\\]")
FEWEST_CHAINS = 3  # in a plain text that is a derivation, and no list of answers


def is_worked(data: bytes) -> bool:
    """True for a text with a derivation in it, rather than a name and a number on each line: LaTeX,
    or chains of equations."""
    text = data[:LARGEST_PAGE]
    chains = sum(
        line.count(b"=") > 1 and any(sign in line.split(b"=")[1] for sign in b"*(+")
        for line in text.split(b"\n")
    )
    return _WORKED.search(text) is not None or chains >= FEWEST_CHAINS


def _notebook(source: str, text: str) -> Page:
    import nbformat

    try:
        book: Any = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        cells = [_cell(cell) for cell in book.cells]
    except Exception as error:  # what the library raises for a damaged file is not stated
        found = f"cannot be read: {str(error)[:100]}"
        raise SubmissionError(source, Problem("the notebook", found, "save it again")) from None
    starts, line = [], 1
    for cell in cells:
        starts.append(line)
        line += cell.count("\n") + 1
    whole = "\n".join(cells)
    if len(whole) > LARGEST_PAGE:
        raise SubmissionError(
            source,
            Problem(
                "the notebook", f"has more than {LARGEST_PAGE // 1024} KB of text", "hand in less"
            ),
        )
    return Page(whole, "notebook", tuple(starts))


def _cell(cell: Any) -> str:
    """The text of a cell: Markdown as it stands, code and what it printed as a block of code."""
    if cell.cell_type != "code":
        return f"{cell.source}\n"
    printed = [
        str(out.get("text", "")) or str(out.get("data", {}).get("text/plain", ""))
        for out in cell.get("outputs", [])
    ]
    blocks = [block.replace("```", "'''") for block in printed if block.strip()]
    last = cell.source.rstrip().rpartition("\n")[2]
    if blocks and re.fullmatch(r"[A-Za-z]\w*(?:\[-?\d+\])?", last):  # it shows what has this name
        blocks[-1] = f"{last} = {blocks[-1]}"
    return "".join(f"```\n{block}\n```\n" for block in blocks) or "\n"


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
        if match["fence"] and page.kind != "latex":
            close = re.compile(
                rf"^[ \t>]*{re.escape(match['mark'][:3])}[`~]*[ \t]*$", re.MULTILINE
            ).search(text, at)
            end = close.start() if close else len(text)
            kind = "lines" if match["info"].strip() == "math" else "code"
            yield _Span(kind, match.start(), at, end, close.end() if close else end)
            at = close.end() if close else end
        elif match["comment"] and page.kind == "latex":
            yield _Span("comment", match.start(), at, at, at)
        elif match["open"]:
            open_ = match["open"]
            if match["name"] and match["name"] not in _DISPLAYS:
                continue
            closes = f"\\end{{{match['name']}}}" if match["name"] else _CLOSES[open_]
            end = text.find(closes, at) if closes not in gone else -1
            if end < 0:
                gone.add(closes)
                continue
            if open_ in ("$", "\\(") and _BLANK_LINE.search(text, at, end):
                continue
            kind = "inline" if open_ in ("$", "\\(") else "math"
            yield _Span(kind, match.start(), at, end, end + len(closes))
            at = end + len(closes)


def pieces_of(page: Page) -> list[Piece]:
    """The pieces of a page, in the order in which they stand."""
    text = page.text
    spans = list(_spans(page))
    if page.kind == "latex" and (start := text.find("\\begin{document}")) >= 0:
        spans = [span for span in spans if span.first > start]
    else:
        start = 0
    found = [piece for span in spans for piece in _of_span(page, span)]
    found += _of_prose(page, spans, start)
    return sorted(found, key=lambda piece: piece.start)


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
        for line in _printed(content):
            bare = _bare_line(line)
            if bare.strip():
                yield Piece("code", bare, at, words=bare)
            at += len(line)


_KEY = re.compile(r"""(['"])([^\W\d][\w\[\]]*)\1(?=[ \t]*:)""")  # 'h_2': 0.717


def _bare_line(line: str) -> str:
    """A line of code without the sign of a comment, and of a printed table its names and numbers
    alone."""
    bare = re.sub(r"^(\s*)#", r"\1 ", line.rstrip("\n"))
    if _KEY.search(bare):
        bare = _KEY.sub(r" \2 ", bare).replace("{", " ").replace("}", " ")
    return bare


_NUMBERS = r"(?:[ \t]+[-+]?\d[\d.e+-]*)+[ \t]*"  # of one row
_COLUMN = re.compile(rf"(?<==)([ \t]*\n(?:[ \t]*\n)?)({_NUMBERS}(?:\n{_NUMBERS})*)(?=\n|$)")


def _on_one_line(found: re.Match[str]) -> str:
    """A matrix that is printed below its name, behind it: as long as it was."""
    rows = found[2].split("\n")
    inner = ";".join(re.sub(r"(?<=[\d.])[ \t](?=[ \t]*[-+\d])", ",", row) for row in rows)
    return found[1].replace("\n", " ") + "[" + inner[1:] + "]"


_ARRAY = re.compile(r"\b(?:np\.)?(?:array|tensor)\((\s*\[[^()]*\])(?:,\s*dtype=[\w.]+)?\)")


_ENTRIES = re.compile(
    r"\[[ \t]*[-+]?[\d.]+(?:e[-+]?\d+)?(?:[ \t]+[-+]?[\d.]+(?:e[-+]?\d+)?)+[ \t]*\]"
)


def _with_commas(found: re.Match[str]) -> str:
    """[0.1 -0.2], as a program prints it, with commas: it is no difference."""
    return re.sub(r"(?<=[\d.])[ \t](?=[ \t]*[-+\d.])", ",", found.group())


def _printed(content: str) -> Iterator[str]:
    """The lines of a block of code; the rows of one printed matrix are one line, and array( is
    blank."""
    bare = _COLUMN.sub(_on_one_line, _ARRAY.sub(_bare_array, content))
    lines = _ENTRIES.sub(_with_commas, bare).splitlines(keepends=True)
    while lines:
        taken = 1
        depth = lines[0].count("[") - lines[0].count("]")
        while depth > 0 and taken < min(len(lines), MOST_ROWS):
            if "=" in lines[taken] or not lines[taken].strip().startswith("["):
                break
            depth += lines[taken].count("[") - lines[taken].count("]")
            taken += 1
        if depth:
            taken = 1
        rows = "".join(lines[:taken])
        yield re.sub(r"(?<=\])\n(?=\s*\[)", ",", rows).replace("\n", " ") if taken > 1 else rows
        del lines[:taken]


def _bare_array(found: re.Match[str]) -> str:
    """The array alone, where it stood."""
    first, last = found.start(1) - found.start(), found.end() - found.end(1)
    return " " * first + found[1] + " " * last


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
    masked, inline = list(page.text), bytearray(len(page.text))
    for span in spans:
        if span.kind != "inline":
            masked[span.first : span.last] = _blank(page.text[span.first : span.last])
        else:
            masked[span.first : span.start] = " " * (span.start - span.first)
            masked[span.end : span.last] = " " * (span.last - span.end)
            inline[span.start : span.end] = b"\1" * (span.end - span.start)
    text = "".join(masked)
    for first, last in _blocks(page, text):
        if last <= start:
            continue
        raw = text[first:last]
        if not raw.strip():
            continue
        if raw.lstrip().startswith("|") or (
            raw.count("|") >= 2 and not any(inline[first:last]) and "=" not in raw
        ):
            cells = tuple(_cells(raw, first))
            yield Piece("row", raw, first, cells=cells, words=raw)
            continue
        kind = "heading" if _HEADING.match(raw) else "prose"
        clean = _EDGES.sub(lambda found: _ESCAPED.get(found.group(), " " * len(found.group())), raw)
        words = "".join(
            " " if within else sign for sign, within in zip(clean, inline[first:last], strict=False)
        )
        yield Piece(kind, _sides(clean, inline[first:last]), first, words=" ".join(words.split()))


def _blocks(page: Page, text: str) -> Iterator[tuple[int, int]]:
    """The lines of prose that belong together: one line each, but for lines in the middle of inline
    mathematics."""
    at = 0
    for line in text.splitlines(keepends=True):
        yield at, at + len(line)
        at += len(line)


def _cells(raw: str, first: int) -> Iterator[tuple[str, int]]:
    """The cells of a row with their places, empty ones too, so that each stays below its head."""
    parts, at = raw.rstrip("\n").split("|"), first
    for k, part in enumerate(parts):
        if part.strip() or 0 < k < len(parts) - 1:
            yield re.sub(r"\*\*|`", lambda found: " " * len(found.group()), part), at
        at += len(part) + 1


_KEPT = re.compile(r"[\s=≈~→⇒+\-−*·×/,;.()<>:]*")
_STATED = re.compile(r"[^\W\d]\S{0,14}\s*[=≈]\s*[-−+]?\s*[\d.]")  # without dollars
_BEHIND = re.compile(r"\s*[-−+]?\s*\d[\d.,]*")  # behind a relation
_LABEL = re.compile(r"(\S{1,14})\s*[:=]\s*$")


def _sides(text: str, inline: bytes | bytearray) -> str:
    """A line with mathematics in it: words beside the mathematics become a gap. A line without
    stays as it is."""
    if not any(inline):
        return text
    out, at = [], 0
    for match in re.finditer(rb"\x01+|\x00+", bytes(inline[: len(text)])):
        part = text[match.start() : match.end()]
        at = match.end()
        if match.group()[0] == 1 or _KEPT.fullmatch(part):
            out.append(part)
            continue
        label = _LABEL.search(part) if at < len(text) else None
        if label and re.search(r"[\d_∂^₀-₉]", label[1]) and re.search(r"[^\W\d_]", label[1]):
            out.append(
                ";" + " " * (label.start() - 1) + part[label.start() :] if label.start() else part
            )
        elif relation := re.match(r"\s*[=≈~]\s*[-−+]?\s*[\d.,]+", part) or (
            _BEHIND.match(part) if out and out[-1].rstrip()[-1:] in ("=", "≈") else None
        ):
            out.append(part[: relation.end()] + _gap(part[relation.end() :]))
        else:
            out.append(f";{part[1:]}" if _STATED.search(part) else _gap(part))
    return "".join(out)


def _gap(part: str) -> str:
    return ";" + _blank(part[1:]) if part else ""
