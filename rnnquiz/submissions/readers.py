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

from rnnquiz import headings, strict_yaml
from rnnquiz.encodings import decode
from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.fields import TOKEN
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
from rnnquiz.workbook import Row

_NUMBER_ALONE = re.compile(r"answers\.\d{1,2}")
"""Where 2: h[1] = 0.6 was written for two boxes of one problem: the number is a key twice."""
_RUN_ON = re.compile(r"\s[^\s:=]+\s*[:=]")
"""A value that goes on with the name of another box: behind that, no space was typed, and YAML has
taken it for text.
"""


def _sheet(source: str, data: Any, name: str) -> Sheet:
    """A sheet from the mapping that YAML and JSON submissions are."""
    if not isinstance(data, dict) or not isinstance(data.get("answers"), dict):
        raise SubmissionError.at(
            source,
            "the file",
            "has no answers",
            "write  student: ...  and  answers:  as in the template",
        )
    unknown = set(data) - {"student", "name", "token", "answers", "course", "assignment"}
    if unknown:
        key = repr(min(map(str, unknown)))[:80]
        raise SubmissionError.at(
            source, key, "is not a key of a submission", "use the keys of the template"
        )
    if len(data["answers"]) > MOST_ANSWERS:
        raise SubmissionError.at(source, "answers", f"more than {MOST_ANSWERS}", "one sheet a file")
    texts = {}
    for box, value in data["answers"].items():
        if isinstance(value, dict | list):
            raise SubmissionError.at(
                source, f"answers.{box}", "is not a single number", "write one number for each box"
            )
        texts[str(box)] = _text(value)
    who = [visible(str(data.get(key) or "")) for key in ("student", "name")]
    sheet = sheet_for(source, headings.words_in_row(("student", "name"), who), name)
    return checked(replace(sheet, token=visible(str(data.get("token") or "")), answers=texts))


def read_yaml(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """The template, or what was typed in its form by hand: where that is not quite YAML, its lines
    are read, one for each box.
    """
    text = typed(decode(data)[0])
    try:
        content, _ = strict_yaml.load(text, LARGEST_SHEET)
    except strict_yaml.YamlProblem as error:
        problem = SubmissionError(source, error.problem)
        lines = error.problem.where == "YAML" or _NUMBER_ALONE.fullmatch(error.problem.where)
        if not lines or error.problem.found == "more than one document":
            raise problem from None
    else:
        try:
            sheet = _sheet(source, content, name)
            numbers = any(box.isdecimal() for box in sheet.answers)  # 2: h[1] = 0.6
            if not numbers and not any(_RUN_ON.search(value) for value in sheet.answers.values()):
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
        sheets = list(read_text(source, text.encode("utf-8", "replace"), name))
    except SubmissionError as error:
        twice = error.problems[0].found == TWICE
        raise (error if twice else problem) from None
    yield from sheets


def _is_flat(content: Any) -> bool:
    """True where lines say as much: scalars, and mappings of scalars, also one by one in a list."""
    rows = list(content.values()) if isinstance(content, dict) else [content]
    return all(isinstance(row, str) or _holds_scalars(row) for row in rows)


def _holds_scalars(row: Any) -> bool:
    if isinstance(row, list):
        return all(isinstance(item, dict) and _holds_scalars(item) for item in row)
    return all(isinstance(value, str) for value in row.values())


def read_json(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    try:
        content = json.loads(
            decode(data)[0],
            parse_float=str,
            parse_int=str,
            parse_constant=str,
            object_pairs_hook=_no_duplicates,
        )
    except (ValueError, RecursionError) as error:
        raise SubmissionError.at(
            source, "JSON", str(error)[:200], "check commas and quotes"
        ) from None
    items = content if isinstance(content, list) else [content]
    if len(items) == 1 and isinstance(items[0], list):
        items = items[0]  # Moodle writes a list in a list
    if items and _is_row(items[0]):
        yield from sheets_of(AnswerTable(source, _rows(source, items)), name)
    else:
        yield from (_sheet(source, item, name) for item in items)


def _is_row(item: Any) -> bool:
    """True for a row of a table, whose keys are its headings."""
    return isinstance(item, dict) and "answers" not in item and is_header(list(item))


def _rows(source: str, items: Sequence[Any]) -> Iterator[Row]:
    """A list of objects as a table, as Moodle writes a quiz's responses; its header is row 0."""
    header = [str(key) for key in items[0]]
    yield 0, header
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict) or list(item) != header or not _is_flat_row(item):
            raise SubmissionError.at(
                source, f"item {number}", "has other keys than the first", "export it again"
            )
        yield number, list(map(_text, item.values()))


def _is_flat_row(item: dict[str, Any]) -> bool:
    return not any(isinstance(value, dict | list) for value in item.values())


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # half of a character could not even be shown in a message
    "".join(key for key, _ in pairs).encode()
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def read_text(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """Lines such as  h[1] = 0.604 , one box each, or several that are parted; other lines can say
    whose the sheet is.
    """
    text = decode(data)[0]
    if len(text) > LARGEST_SHEET or "\0" in text:
        problem = Problem("the file", "is too large or no text", "hand in one sheet")
        raise SubmissionError(source, problem)
    pairs, rest = boxes_in(text)
    names = [key for key, _ in pairs if key.lower() != TOKEN]
    if all(headings.role_of(key) in headings.PEOPLE for key in names):
        remedy = "write one line for each box, or use the template"
        raise SubmissionError.at(source, "the file", "no line such as  h[1] = 0.604", remedy)
    yield single(source, pairs, name, rest)


def read_html(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """Text typed into a learning system's page, a line for each paragraph; or our answer page."""
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
