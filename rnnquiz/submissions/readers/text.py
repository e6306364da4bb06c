"""Text with the name of a box and a number on each line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.fields import TOKEN
from rnnquiz.files.encodings import decode
from rnnquiz.people import headings
from rnnquiz.submissions.content import Content
from rnnquiz.submissions.lines import boxes_in
from rnnquiz.submissions.sheets import LARGEST_SHEET, Sheet, single

_HAS_ANSWERS = re.compile(r"^answers\s*:", re.MULTILINE)


def is_text(content: Content) -> bool:
    """True for a .txt, unless the template was saved in it."""
    return content.suffix == ".txt" and not _HAS_ANSWERS.search(content.start)


def read_text(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """Lines such as  h[1] = 0.604 , one box each, or several that are parted; other lines can say
    whose the sheet is.
    """
    text, *_ = decode(data)
    # No text has a NUL: something else was given the ending of one.
    if len(text) > LARGEST_SHEET or "\0" in text:
        problem = Problem("the file", "is too large or no text", "hand in one sheet")
        raise SubmissionError(source, problem)
    pairs, rest = boxes_in(text)
    labels = (label for label, _ in pairs)
    if not any(map(_is_box, labels)):
        remedy = "write one line for each box, or use the template"
        raise SubmissionError.at(source, "the file", "no line such as  h[1] = 0.604", remedy)
    yield single(source, pairs, name, rest)


def _is_box(label: str) -> bool:
    """True for a label that says nothing of whose the sheet is."""
    if label.lower() == TOKEN:
        return False
    return headings.role_of(label) not in headings.PEOPLE
