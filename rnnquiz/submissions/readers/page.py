"""Worked pages among what was handed in: Markdown, LaTeX, notebooks, text with mathematics in
it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from rnnquiz.errors import SubmissionError
from rnnquiz.fields import A_TOKEN
from rnnquiz.pages.layout.opening import ENDINGS, is_worked, page_of
from rnnquiz.submissions.content import Content
from rnnquiz.submissions.sheets import LONGEST_LINE_KEPT, MOST_LINES_KEPT, Sheet, checked
from rnnquiz.submissions.sources import Source
from rnnquiz.text import visible

_RELATION = re.compile(r"[=≈]|\\approx")


def is_worked_page(content: Content) -> bool:
    """True for Markdown, LaTeX and notebooks, and for a plain text with a derivation in it."""
    if content.suffix == ".txt":
        return is_worked(content.data)
    return content.suffix in ENDINGS


def read_worked_page(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """A worked page; what stands on it for which box is read when it is marked, against the
    student's own numbers.
    """
    page = page_of(data, PurePosixPath(source).suffix, source)
    if not _RELATION.search(page.text):
        remedy = "hand in the page with the lines of the derivation on it"
        raise SubmissionError.at(
            source, "the page", "has no statement such as  h_1 = 0.604", remedy
        )
    found = A_TOKEN.search(page.text)
    token = found.group() if found else ""
    # Parted no further than is kept: what names a student stands at the top.
    first = page.text.split("\n", MOST_LINES_KEPT)[:MOST_LINES_KEPT]
    seen = map(visible, first)
    lines = tuple(line[:LONGEST_LINE_KEPT] for line in seen)
    sheet = Sheet(Source.of(source), name, token, {}, False, lines=lines, page=page)
    yield checked(sheet)
