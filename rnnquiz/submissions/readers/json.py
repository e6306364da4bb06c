"""One sheet or several in JSON, or the rows of a table, as Moodle writes a quiz's responses."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rnnquiz.errors import SubmissionError
from rnnquiz.files.encodings import decode
from rnnquiz.files.workbook import Row
from rnnquiz.submissions.content import Content
from rnnquiz.submissions.mapping import as_typed, sheet_of_mapping
from rnnquiz.submissions.rows import AnswerTable
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.submissions.tabular import is_header, sheets_of


def is_json(content: Content) -> bool:
    """Whether a file begins as an object or a list does."""
    return content.start.startswith(("{", "["))


def read_json(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """One sheet, or a list of them."""
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
            yield sheet_of_mapping(source, item, name)


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
        cells = map(as_typed, item.values())
        yield number, list(cells)


def _is_flat_row(item: dict[str, Any]) -> bool:
    nested = (isinstance(value, dict | list) for value in item.values())
    return not any(nested)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    # Half of a character could not even be shown in a message.
    "".join(keys).encode()
    if len(set(keys)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)
