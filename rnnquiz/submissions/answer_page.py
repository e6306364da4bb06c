"""The answer page itself, as a browser saves it: the numbers stand in its fields."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.files.encodings import decode
from rnnquiz.submissions.sheets import Sheet, single

_MARK = b'data-box="'
# Not parsed as HTML: the template, and a browser that saves it, write attributes in double quotes.
_TAG = re.compile(r'<(?:input|section)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*/?>')
_ATTRIBUTE = re.compile(r'\s([\w-]+)(?:="([^"]*)")?')


def is_answer_page(data: bytes) -> bool:
    """Whether a page was saved by the script of an answer page."""
    return _MARK in data


def read_answer_page(source: str, data: bytes, name: str) -> Sheet:
    """What stands in the fields of a page that was saved. SubmissionError where nothing does: then
    the page was handed in, and not what was filled in on it."""
    whose: dict[str, str] = {}
    pairs: list[tuple[str, str]] = []
    for tag in _tags(data):
        if tag.get("id") == "saving":
            whose = whose or tag
        if "data-box" in tag:
            # A field into which nothing was typed has no value.
            typed = tag.get("value", "")
            pairs.append((tag["data-box"], typed))
    token = whose.get("data-token", "")
    if not any(text.strip() for _, text in pairs):
        found = "is the answer page, with nothing in its boxes"
        remedy = "fill it in, press  Save the file to hand in , and hand in the file that it saves"
        raise SubmissionError(source, Problem("the file", found, remedy), token)
    owner = [("student", whose.get("data-student", "")), ("token", token)]
    return single(source, [*owner, *pairs], name)


def _tags(data: bytes) -> Iterator[dict[str, str]]:
    """The attributes of each field and section."""
    text, *_ = decode(data)
    # A pattern is enough: in a page that a browser wrote, every attribute has its quotes.
    for found in _TAG.finditer(text):
        attributes = _ATTRIBUTE.findall(found[1])
        yield {key: html.unescape(value) for key, value in attributes}
