"""Rows of a table as sheets: one student in two columns, a class with a row for each, or a quiz's
responses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice, pairwise

from rnnquiz import headings
from rnnquiz.errors import SubmissionError
from rnnquiz.headings import COUNTER, EMAIL, FIRST, FULL, ID, LAST, OTHER, PEOPLE, ROLE
from rnnquiz.submissions.fitting import QUOTES, Fitting, too_long
from rnnquiz.submissions.responses import is_quiz, sheets_of_quiz
from rnnquiz.submissions.rows import AnswerTable, RowSheets
from rnnquiz.submissions.sheets import (
    MOST_ANSWERS,
    Packed,
    Sheet,
    doubled,
    sheet_for,
    single,
)
from rnnquiz.workbook import Row

MOST_ROWS_ABOVE = 20  # the header
_BOX, _ANSWER = ("box", "name", "quantity"), ("answer", "value", "result")
_SMALL_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_LOOKS_LIKE_A_BOX = re.compile(r"(?:\d{1,2}\s*[:/]\s*)?[^\W\d]\w*'?\[\d")


def is_header(cells: Sequence[str]) -> bool:
    """True for the first row of a table that `sheets_of` reads."""
    roles = {headings.role_of(cell) for cell in cells}
    if roles & {ID, EMAIL} or is_pairs(cells) or is_quiz(cells):
        return True
    return bool(roles & {FULL, FIRST, LAST}) and any(map(_looks_like_a_box, cells))


def _looks_like_a_box(cell: str) -> bool:
    return _LOOKS_LIKE_A_BOX.match(cell.strip()) is not None


def is_pairs(cells: Sequence[str]) -> bool:
    """True for the first row of a table of boxes and answers."""
    return _pair(cells) is not None


def _pair(cells: Sequence[str]) -> tuple[int, int] | None:
    """The columns of boxes and answers, which stand side by side."""
    lower = [cell.strip().lower() for cell in cells]
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
        found = ", ".join(above[0][1])[:200] if above else "is empty"
        remedy = "begin with  box,answer  or with a column  student"
        raise SubmissionError.at(
            table.source, "the table", f"has no row of headings: {found}", remedy
        )
    header = [cell.strip() for cell in above[start][1]]
    while header and not header[-1]:
        header.pop()
    rows = chain(above[start + 1 :], rest)
    if is_pairs(header):
        yield _said(next(_pairs(table, header, rows, name)), above[:start])
    elif is_quiz(header):
        yield from sheets_of_quiz(table, header, rows)
    else:
        yield from _many(table, header, rows)


def _header_in(rows: Sequence[Row]) -> int | None:
    """Where the header stands; one of pairs, or of a quiz, goes before one that merely may be."""
    for is_one in (is_pairs, is_quiz, is_header):
        for k, (_, cells) in enumerate(rows):
            if is_one(cells):
                return k
    return None


def _said(sheet: Sheet, above: Sequence[Row]) -> Sheet:
    """The sheet of one student, with what the rows above its boxes say of it: who it is, in any
    words for that, and the token."""
    said = [(row[0].strip(), row[1].strip()) for _, row in above if len(row) > 1 and row[1].strip()]
    token = next((text for label, text in said if label.casefold() == "token"), "")
    people = [pair for pair in said if headings.role_of(pair[0]) in PEOPLE]
    words = headings.words_in_row([label for label, _ in people], [text for _, text in people])
    if words and not sheet.named:
        meant = sheet_for(sheet.source, words, sheet.student)
        sheet = replace(sheet, student=meant.student, known_as=meant.known_as, named=True)
    elif words:
        sheet = replace(sheet, known_as=(*sheet.known_as, *words))
    return replace(sheet, token=token or sheet.token)


def _pairs(
    table: AnswerTable, header: Sequence[str], rows: Iterable[Row], name: str
) -> Iterator[Sheet]:
    box, answer = _pair(header) or (0, 1)
    kept = [(number, cells) for number, cells in rows if any(cells) and not _is_remark(cells, box)]
    points = any("." in cells[answer] for _, cells in kept if len(cells) > answer)
    commas = table.comma and (table.longest > len(header) or (len(header) > 2 and not points))
    fitting = Fitting([k == answer for k in range(len(header))], commas)
    pairs, notes = list[tuple[str, str]](), list[str]()
    for number, cells in kept:
        row = fitting.row(cells)
        if row is None and table.comma:
            raise SubmissionError.at(table.source, f"row {number}", too_long(cells, header), QUOTES)
        if row is None:
            row, beyond = list(cells[: len(header)]), " ".join(cells[len(header) :]).strip()
            notes.append(f"row {number}: {beyond[:60]!r} stands beside the table, and was not read")
        row = headings.padded(row, len(header))
        if row[box].strip():
            pairs.append((row[box].strip(), row[answer].strip()))
    yield replace(single(table.source, pairs, name), notes=tuple(notes))


def _is_remark(cells: Sequence[str], box: int) -> bool:
    return cells[min(box, len(cells) - 1)].strip().startswith("#")


def _many(table: AnswerTable, header: Sequence[str], rows: Iterable[Row]) -> Iterator[Sheet]:
    lower = [cell.lower() for cell in header]
    token = lower.index("token") if "token" in lower else None
    roles = headings.roles_of(header)
    skip = {token, *(k for k, role in enumerate(roles) if role in (*PEOPLE, ROLE, COUNTER, OTHER))}
    boxes = [(i, box) for i, box in enumerate(header) if i not in skip and box]
    _check_boxes(table.source, [box for _, box in boxes])
    answers, commas = {i for i, _ in boxes}, table.comma and table.longest > len(header)
    fitting = Fitting([k in answers for k in range(len(header))], commas)
    counters, rows = _counters(header, roles, rows)
    people, sheets = headings.People(header, counters), RowSheets(table.source)
    for number, cells in rows:
        row = fitting.row(cells)
        whole = headings.padded(cells if row is None else row, len(header))
        words, given = people.words(whole), whole[token].strip() if token is not None else ""
        if row is None:
            yield sheets.sheet(number, words, given, {}, f"{too_long(cells, header)} -> {QUOTES}")
        else:
            typed = Packed({box: text for i, box in boxes if (text := whole[i]).strip()})
            yield sheets.sheet(number, words, given, typed)


def _check_boxes(source: str, boxes: Sequence[str]) -> None:
    """SubmissionError where the headings are not those of boxes, each once."""
    if not boxes or len(boxes) > MOST_ANSWERS:
        remedy = "use the names of the template as headings"
        raise SubmissionError.at(source, "the headings", f"{len(boxes)} columns for boxes", remedy)
    if twice := doubled(boxes):
        remedy = "keep one column for each box"
        raise SubmissionError.at(source, "the headings", f"{twice} stands twice", remedy)


def _counters(
    header: Sequence[str], roles: Sequence[str], rows: Iterable[Row]
) -> tuple[list[int], Iterable[Row]]:
    """The columns  ID  that only number the rows: those of a form, and those that count up beside
    another word for the student.
    """
    generic = [k for k, role in enumerate(roles) if role == ID and headings.is_generic(header[k])]
    if headings.is_form(header) or not generic:
        return generic, rows
    rest = iter(rows)
    first = list(islice(rest, MOST_ROWS_ABOVE))
    others = any(role in PEOPLE and k not in generic for k, role in enumerate(roles))
    return [k for k in generic if others and _counts(first, k)], chain(first, rest)


def _counts(rows: Sequence[Row], column: int) -> bool:
    """True where a column counts the rows, from whatever number."""
    texts = [row[column].strip() for _, row in rows if column < len(row)]
    if len(texts) < 2 or not all(map(_SMALL_NUMBER.fullmatch, texts)):
        return False
    numbers = [int(text) for text in texts]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))
