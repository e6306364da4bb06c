"""A file that was handed in, opened as a page: its format, how large it may be, the cells of a
notebook. nbformat opens notebooks."""

from __future__ import annotations

import re
from typing import Any

from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.files.encodings import decode
from rnnquiz.pages.layout.foreign import foreign
from rnnquiz.pages.layout.page import Page

LARGEST_PAGE = 256 * 1024  # bytes, without the pictures of a notebook
LARGEST_NOTEBOOK = 4 * 1024 * 1024
ENDINGS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".tex": "latex",
    ".ipynb": "notebook",
    ".txt": "text",
}


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
