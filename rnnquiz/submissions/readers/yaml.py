"""The template, and what was typed in its form by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.files import strict_yaml
from rnnquiz.files.encodings import decode
from rnnquiz.submissions.content import Content
from rnnquiz.submissions.lines import typed
from rnnquiz.submissions.mapping import sheet_of_mapping
from rnnquiz.submissions.readers.text import read_text
from rnnquiz.submissions.sheets import LARGEST_SHEET, TWICE, Sheet

_HEAD = re.compile(r"^token *:.*\n(?:.*\n){0,5}?answers *:", re.MULTILINE)
_NUMBER_ALONE = re.compile(r"answers\.\d{1,2}")
"""Where 2: h[1] = 0.6 was written for two boxes of one problem: the number is a key twice."""
_RUN_ON = re.compile(r"\s[^\s:=]+\s*[:=]")
"""A value that goes on with the name of another box: behind that, no space was typed, and YAML has
taken it for text.
"""


def is_template(content: Content) -> bool:
    """True for the head of the template, whatever its file is called, and whatever is written into
    it."""
    return _HEAD.search(content.start) is not None


def read_yaml(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """The template, or what was typed in its form by hand: where that is not quite YAML, its lines
    are read, one for each box.
    """
    decoded, *_ = decode(data)
    text = typed(decoded)
    try:
        content, _ = strict_yaml.load(text, LARGEST_SHEET)
    except strict_yaml.YamlProblem as error:
        problem = SubmissionError(source, error.problem)
        if not _may_be_lines(error.problem):
            raise problem from None
    else:
        try:
            sheet = sheet_of_mapping(source, content, name)
            if not _runs_on(sheet):
                yield sheet
                return
            problem = SubmissionError.at(
                source, "answers", "two boxes on one line", "write one line for each box"
            )
        except SubmissionError as error:
            problem = error
        if not _is_flat(content):
            raise problem
    try:
        lines = text.encode("utf-8", "replace")
        sheets = list(read_text(source, lines, name))
    except SubmissionError as error:
        # What the lines say is better only where it names the box.
        if error.problems[0].found == TWICE:
            raise error from None
        raise problem from None
    yield from sheets


def _may_be_lines(problem: Problem) -> bool:
    """True for a text that is no YAML, but perhaps lines with a box each."""
    # Several students in one file would be one sheet, in which each box stands several times.
    if problem.found == "more than one document":
        return False
    if problem.where == "YAML":
        return True
    return _NUMBER_ALONE.fullmatch(problem.where) is not None


def _runs_on(sheet: Sheet) -> bool:
    """True where a line has two boxes, which YAML takes for one: 2: h[1] = 0.6."""
    if any(map(str.isdecimal, sheet.answers)):
        return True
    return any(map(_RUN_ON.search, sheet.answers.values()))


def _is_flat(content: Any) -> bool:
    """True where lines say as much: scalars, and mappings of scalars, also one by one in a list."""
    if not isinstance(content, dict):
        return _is_flat_entry(content)
    return all(map(_is_flat_entry, content.values()))


def _is_flat_entry(entry: Any) -> bool:
    return isinstance(entry, str) or _holds_scalars(entry)


def _holds_scalars(row: Any) -> bool:
    if isinstance(row, list):
        return all(isinstance(item, dict) and _holds_scalars(item) for item in row)
    # The strict reader of YAML gives each scalar as the text that was typed.
    are_texts = (isinstance(value, str) for value in row.values())
    return all(are_texts)
