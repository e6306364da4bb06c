"""Pages: what was typed into a learning system, and our own answer page."""

from __future__ import annotations

from collections.abc import Iterator

from rnnquiz.errors import SubmissionError
from rnnquiz.files.encodings import decode
from rnnquiz.submissions.answer_page import is_answer_page, read_answer_page
from rnnquiz.submissions.content import Content
from rnnquiz.submissions.online_text import text_of_page
from rnnquiz.submissions.readers.text import read_text
from rnnquiz.submissions.sheets import LARGEST_SHEET, Sheet


def is_html(content: Content) -> bool:
    """Whether a file begins with a tag."""
    return content.start.startswith("<")


def read_html(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """Text typed into a learning system's page, a line for each paragraph; or our answer page."""
    # The limit is for what was typed: an answer page brings the sheet and its program with it.
    if is_answer_page(data):
        yield read_answer_page(source, data, name)
        return
    if len(data) > LARGEST_SHEET:
        raise SubmissionError.at(source, "the file", "is too large", "hand in one sheet")
    page, *_ = decode(data)
    # A parser would put another character in its place, and no text has one.
    if "\0" in page:
        raise SubmissionError.at(source, "the file", "is no text", "hand in one sheet")
    try:
        text = text_of_page(page)
    except ValueError:
        raise SubmissionError.at(
            source, "the file", "has a character of too high a number", "hand in a text"
        ) from None
    yield from read_text(source, text.encode("utf-8", "replace"), name)
