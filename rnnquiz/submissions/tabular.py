"""Rows of a table as sheets: one student in two columns, a class with a row for each, or a quiz's
responses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, count, islice, pairwise
from operator import eq

from rnnquiz.errors import SubmissionError
from rnnquiz.files.workbook import Row
from rnnquiz.people import headings
from rnnquiz.people.heading_words import COUNTER, EMAIL, FIRST, FULL, ID, LAST, OTHER, ROLE
from rnnquiz.people.headings import PEOPLE
from rnnquiz.submissions.fitting import QUOTES, Fitting, too_long
from rnnquiz.submissions.responses import is_quiz, sheets_of_quiz
from rnnquiz.submissions.rows import AnswerTable, RowSheets
from rnnquiz.submissions.sheets import (
    MOST_ANSWERS,
    Packed,
    Sheet,
    first_repeated,
    sheet_for,
    single,
)

MOST_ROWS_ABOVE = 20  # the header
_BOX_AND_ANSWER = 2  # columns
_BOX, _ANSWER = ("box", "name", "quantity"), ("answer", "value", "result")
_SMALL_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_LOOKS_LIKE_A_BOX = re.compile(r"(?:\d{1,2}\s*[:/]\s*)?[^\W\d]\w*'?\[\d")


def is_header(cells: Sequence[str]) -> bool:
    """True for the first row of a table that `sheets_of` reads."""
    roles = set(map(headings.role_of, cells))
    if roles & {ID, EMAIL} or is_pairs(cells) or is_quiz(cells):
        return True
    # "Name" may stand in any table: only beside a column for a box it is a heading of ours.
    if roles.isdisjoint({FULL, FIRST, LAST}):
        return False
    return any(map(_looks_like_a_box, cells))


def _looks_like_a_box(cell: str) -> bool:
    found = _LOOKS_LIKE_A_BOX.match(cell.strip())
    return found is not None


def is_pairs(cells: Sequence[str]) -> bool:
    """True for the first row of a table of boxes and answers."""
    return _pair(cells) is not None


def _pair(cells: Sequence[str]) -> tuple[int, int] | None:
    """The columns of boxes and answers, which stand side by side."""
    lower = (cell.strip().lower() for cell in cells)
    for k, (one, other) in enumerate(pairwise(lower)):
        if one in _BOX and other in _ANSWER:
            return k, k + 1
    return None


def sheets_of(table: AnswerTable, name: str) -> Iterator[Sheet]:
    """The sheets of a table; SubmissionError where none of its first rows is a header that we know.

    What stands above the header can say whose the sheet is.
    """
    rest = iter(table.rows)
    above = list(islice(rest, MOST_ROWS_ABOVE + 1))
    start = _header_in(above)
    if start is None:
        _, first = above[0] if above else (0, ["is empty"])
        found = ", ".join(first)[:200]
        remedy = "begin with  box,answer  or with a column  student"
        raise SubmissionError.at(
            table.source, "the table", f"has no row of headings: {found}", remedy
        )
    _, cells = above[start]
    header = list(map(str.strip, cells))
    # A spreadsheet saves all rows as wide as its widest: the header then ends in blank cells.
    while header and not header[-1]:
        header.pop()
    rows = chain(above[start + 1 :], rest)
    if is_pairs(header):
        sheet = _pairs(table, header, rows, name)
        yield _said(sheet, above[:start])
    elif is_quiz(header):
        yield from sheets_of_quiz(table, header, rows)
    else:
        yield from _many(table, header, rows)


def _header_in(rows: Sequence[Row]) -> int | None:
    """Where the header stands; one of pairs, or of a quiz, goes before one that merely may be."""
    # The label "Student" above a template's boxes would pass for a header by itself.
    for is_one in (is_pairs, is_quiz, is_header):
        for k, (_, cells) in enumerate(rows):
            if is_one(cells):
                return k
    return None


def _said(sheet: Sheet, above: Sequence[Row]) -> Sheet:
    """The sheet of one student, with what the rows above its boxes say of it: who it is, in any
    words for that, and the token."""
    token = ""
    labels: list[str] = []
    texts: list[str] = []
    for label, text in _labelled(above):
        if label.casefold() == "token":
            token = token or text
        if headings.role_of(label) in PEOPLE:
            labels.append(label)
            texts.append(text)
    words = headings.words_in_row(labels, texts)
    if words and not sheet.named:
        meant = sheet_for(str(sheet.source), words, sheet.student)
        sheet = replace(sheet, student=meant.student, known_as=meant.known_as, named=True)
    elif words:
        sheet = replace(sheet, known_as=(*sheet.known_as, *words))
    return replace(sheet, token=token or sheet.token)


def _labelled(rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """The first cells of rows that have something in the second."""
    for _, cells in rows:
        if len(cells) > 1:
            label, text, *_ = map(str.strip, cells)
            if text:
                yield label, text


def _pairs(table: AnswerTable, header: Sequence[str], rows: Iterable[Row], name: str) -> Sheet:
    box, answer = _pair(header) or (0, 1)
    kept = list(_without_remarks(rows, box))
    fitting = _fitting_pairs(table, header, kept, answer)
    pairs: list[tuple[str, str]] = []
    notes: list[str] = []
    for number, cells in kept:
        row = fitting.row(cells)
        if row is None:
            if table.comma:
                what = too_long(cells, header)
                raise SubmissionError.at(table.source, f"row {number}", what, QUOTES)
            # Semicolons and tabs cannot have torn a number apart: what is too long is a remark.
            row = list(cells[: len(header)])
            beyond = " ".join(cells[len(header) :])
            said = beyond.strip()[:60]
            notes.append(f"row {number}: {said!r} stands beside the table, and was not read")
        whole = headings.padded(row, len(header))
        row = list(map(str.strip, whole))
        if row[box]:
            pairs.append((row[box], row[answer]))
    sheet = single(table.source, pairs, name)
    return replace(sheet, notes=tuple(notes))


def _without_remarks(rows: Iterable[Row], box: int) -> Iterator[Row]:
    """The rows in which something stands, and no remark in the place of a box."""
    for number, cells in rows:
        if not any(cells):
            continue
        last = len(cells) - 1
        label = cells[min(box, last)]  # the row of a remark may end before the column of boxes
        if not label.strip().startswith("#"):
            yield number, cells


def _fitting_pairs(
    table: AnswerTable, header: Sequence[str], rows: Sequence[Row], answer: int
) -> Fitting:
    """Whether commas part numbers from their decimals: never where a number has a point."""
    width = len(header)
    joinable = [k == answer for k in range(width)]
    if not table.comma or table.longest > width:
        return Fitting(joinable, table.comma)
    # No row is too long; but under three headings  h[1],0,604  fills the answer and a remark.
    points = any("." in text for text in _column(rows, answer))
    commas = width > _BOX_AND_ANSWER and not points
    return Fitting(joinable, commas)


def _column(rows: Iterable[Row], k: int) -> Iterator[str]:
    """The cells of a column, of the rows that reach so far."""
    for _, cells in rows:
        if k < len(cells):
            yield cells[k]


def _many(table: AnswerTable, header: Sequence[str], rows: Iterable[Row]) -> Iterator[Sheet]:
    lower = list(map(str.lower, header))
    token = lower.index("token") if "token" in lower else None
    roles = headings.roles_of(header)
    boxes: dict[int, str] = {}
    for k, (box, role) in enumerate(zip(header, roles, strict=True)):
        if box and k != token and role not in (*PEOPLE, ROLE, COUNTER, OTHER):
            boxes[k] = box
    _check_boxes(table.source, list(boxes.values()))
    width = len(header)
    # Systems write a cell for each column: only rows that are too long can hold torn numbers.
    commas = table.comma and table.longest > width
    joinable = [k in boxes for k in range(width)]
    fitting = Fitting(joinable, commas)
    counters, rows = _counters(header, roles, rows)
    people, sheets = headings.People(header, counters), RowSheets(table.source)
    for number, cells in rows:
        row = fitting.row(cells)
        refusal = "" if row is not None else f"{too_long(cells, header)} -> {QUOTES}"
        # A refused row still says whose it is, where the columns of people come first.
        whole = headings.padded(cells if row is None else row, width)
        given = whole[token].strip() if token is not None else ""
        answers: dict[str, str] = {}
        if row is not None:
            answers = {box: whole[k] for k, box in boxes.items()}
        written = filter(_is_written, answers.items())
        typed = Packed(dict(written))
        words = people.words(whole)
        yield sheets.sheet(number, words, given, typed, refusal)


def _is_written(answer: tuple[str, str]) -> bool:
    _, text = answer
    return bool(text.strip())


def _check_boxes(source: str, boxes: Sequence[str]) -> None:
    """SubmissionError where the headings are not those of boxes, each once."""
    if not boxes or len(boxes) > MOST_ANSWERS:
        remedy = "use the names of the template as headings"
        raise SubmissionError.at(source, "the headings", f"{len(boxes)} columns for boxes", remedy)
    if twice := first_repeated(boxes):
        remedy = "keep one column for each box"
        raise SubmissionError.at(source, "the headings", f"{twice} stands twice", remedy)


def _counters(
    header: Sequence[str], roles: Sequence[str], rows: Iterable[Row]
) -> tuple[list[int], Iterable[Row]]:
    """The columns  ID  that only number the rows: those of a form, and those that count up beside
    another word for the student.
    """
    generic: list[int] = []
    others = False
    for k, role in enumerate(roles):
        if role == ID and headings.is_generic(header[k]):
            generic.append(k)
        else:
            others |= role in PEOPLE
    if headings.is_form(header) or not generic:
        return generic, rows
    # A table can have a hundred thousand rows: whether a column counts shows in its first ones.
    rest = iter(rows)
    first = list(islice(rest, MOST_ROWS_ABOVE))
    every_row = chain(first, rest)
    if not others:
        return [], every_row
    counting = filter(partial(_counts, first), generic)
    return list(counting), every_row


def _counts(rows: Sequence[Row], column: int) -> bool:
    """True where a column counts the rows, from whatever number."""
    texts = list(map(str.strip, _column(rows, column)))
    if len(texts) <= 1 or not all(map(_SMALL_NUMBER.fullmatch, texts)):
        return False
    numbers = list(map(int, texts))
    from_first = count(numbers[0])
    return all(map(eq, numbers, from_first))
