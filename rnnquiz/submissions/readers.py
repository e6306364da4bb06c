"""One reader for each format in which students hand in, in a literal table; the format is found by
content.

A reader gets the bytes and gives sheets; what cannot be read is a SubmissionError, never an
exception of a library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.fields import TOKEN
from rnnquiz.files import strict_yaml
from rnnquiz.files.encodings import decode
from rnnquiz.files.workbook import Row
from rnnquiz.people import headings
from rnnquiz.submissions.answer_page import is_answer_page, read_answer_page
from rnnquiz.submissions.filled import read_pdf
from rnnquiz.submissions.lines import boxes_in, typed
from rnnquiz.submissions.online_text import text_of_page
from rnnquiz.submissions.rows import AnswerTable
from rnnquiz.submissions.sheets import (
    LARGEST_SHEET,
    MOST_ANSWERS,
    TWICE,
    Sheet,
    checked,
    sheet_for,
    single,
)
from rnnquiz.submissions.tabular import is_header, sheets_of
from rnnquiz.submissions.workbooks import read_csv, read_xlsx
from rnnquiz.submissions.worked import read_worked_page
from rnnquiz.text import visible

_NUMBER_ALONE = re.compile(r"answers\.\d{1,2}")
"""Where 2: h[1] = 0.6 was written for two boxes of one problem: the number is a key twice."""
_RUN_ON = re.compile(r"\s[^\s:=]+\s*[:=]")
"""A value that goes on with the name of another box: behind that, no space was typed, and YAML has
taken it for text.
"""


def _sheet(source: str, data: Any, name: str) -> Sheet:
    """A sheet from the mapping that YAML and JSON submissions are."""
    if not isinstance(data, dict) or not isinstance(data.get("answers"), dict):
        remedy = "write  student: ...  and  answers:  as in the template"
        raise SubmissionError.at(source, "the file", "has no answers", remedy)
    unknown = set(data) - KEYS
    if unknown:
        key = repr(min(map(str, unknown)))
        remedy = "use the keys of the template"
        raise SubmissionError.at(source, key[:80], "is not a key of a submission", remedy)
    texts = _answers(source, data["answers"])
    who = [_seen(data, key) for key in ("student", "name")]
    words = headings.words_in_row(("student", "name"), who)
    sheet = sheet_for(source, words, name)
    return checked(replace(sheet, token=_seen(data, "token"), answers=texts))


def _seen(data: dict[Any, Any], key: str) -> str:
    """The text under a key; nothing for what is blank, or not there."""
    text = _text(data.get(key) or None)
    return visible(text)


KEYS = frozenset(["student", "name", "token", "answers", "course", "assignment"])


def _answers(source: str, answers: dict[Any, Any]) -> dict[str, str]:
    """The texts of the boxes, one number each."""
    if len(answers) > MOST_ANSWERS:
        raise SubmissionError.at(source, "answers", f"more than {MOST_ANSWERS}", "one sheet a file")
    texts = {}
    for box, value in answers.items():
        if isinstance(value, dict | list):
            remedy = "write one number for each box"
            raise SubmissionError.at(source, f"answers.{box}", "is not a single number", remedy)
        texts[str(box)] = _text(value)
    return texts


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
            sheet = _sheet(source, content, name)
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


def read_json(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    text, *_ = decode(data)
    try:
        content = json.loads(
            text,
            # Numbers stay as they were typed.
            parse_float=str,
            parse_int=str,
            parse_constant=str,
            object_pairs_hook=_no_duplicates,
        )
    except (ValueError, RecursionError) as error:
        # The library calls itself for every bracket: Python's stack has no room for a few thousand.
        found = str(error)[:200]
        raise SubmissionError.at(source, "JSON", found, "check commas and quotes") from None
    items = content if isinstance(content, list) else [content]
    if len(items) == 1 and isinstance(items[0], list):
        items = items[0]  # Moodle writes a list in a list
    if items and _is_row(items[0]):
        table = AnswerTable(source, _rows(source, items))
        yield from sheets_of(table, name)
    else:
        for item in items:
            yield _sheet(source, item, name)


def _is_row(item: Any) -> bool:
    """True for a row of a table, whose keys are its headings."""
    if not isinstance(item, dict) or "answers" in item:
        return False
    return is_header(list(item))


def _rows(source: str, items: Sequence[Any]) -> Iterator[Row]:
    """A list of objects as a table, as Moodle writes a quiz's responses; its header is row 0."""
    header = list(map(str, items[0]))
    yield 0, header
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict) or list(item) != header or not _is_flat_row(item):
            raise SubmissionError.at(
                source, f"item {number}", "has other keys than the first", "export it again"
            )
        cells = map(_text, item.values())
        yield number, list(cells)


def _is_flat_row(item: dict[str, Any]) -> bool:
    nested = (isinstance(value, dict | list) for value in item.values())
    return not any(nested)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    # Half of a character could not even be shown in a message.
    "".join(keys).encode()
    if len(set(keys)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


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


def read_html(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """Text typed into a learning system's page, a line for each paragraph; or our answer page."""
    # The limit is for what was typed: an answer page brings the sheet and its program with it.
    if is_answer_page(data):
        yield read_answer_page(source, data, name)
        return
    if len(data) > LARGEST_SHEET:
        raise SubmissionError.at(source, "the file", "is too large", "hand in one sheet")
    try:
        text = text_of_page(data)
    except ValueError:
        raise SubmissionError.at(
            source, "the file", "has a character of too high a number", "hand in a text"
        ) from None
    yield from read_text(source, text.encode("utf-8", "replace"), name)


Reader = Callable[[str, bytes, str], Iterator[Sheet]]

READERS: dict[str, Reader] = {
    "yaml": read_yaml,
    "json": read_json,
    "csv": read_csv,
    "xlsx": read_xlsx,
    "text": read_text,
    "page": read_worked_page,
    "html": read_html,
    "pdf": read_pdf,
}
