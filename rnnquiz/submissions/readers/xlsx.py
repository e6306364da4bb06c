"""Tables in the sheets of a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from operator import attrgetter

from rnnquiz.errors import SubmissionError
from rnnquiz.files.workbook import Row, WorkbookProblem, is_workbook, sheets_as_seen
from rnnquiz.submissions.archives import begins_as_archive
from rnnquiz.submissions.content import Content
from rnnquiz.submissions.rows import AnswerTable
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.submissions.tabular import MOST_ROWS_ABOVE, is_header, is_pairs, sheets_of


def is_xlsx(content: Content) -> bool:
    """Whether an archive holds a workbook."""
    return begins_as_archive(content.data) and is_workbook(content.data)


def read_xlsx(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """The same tables as in CSV, from every sheet of the workbook that has one; the boxes of one
    student can stand on several.
    """
    try:
        tables = sheets_as_seen(data)
    except WorkbookProblem as error:
        raise SubmissionError(source, error.problem) from None
    # Other sheets of the workbook may hold a student's own computing.
    known = list(filter(_has_header, tables))
    if not known:
        remedy = "begin with  box, answer  or with a column  student"
        raise SubmissionError.at(source, "the workbook", "has no row of headings", remedy)
    sheets: list[Sheet] = []
    for rows in known:
        sheets += sheets_of(AnswerTable(source, rows), name)
    if len(sheets) > 1 and all(map(_has_pairs, known)):
        sheets = [_one(source, sheets)]
    yield from sheets


def _has_header(rows: Sequence[Row]) -> bool:
    return _begins(rows, is_header)


def _has_pairs(rows: Sequence[Row]) -> bool:
    return _begins(rows, is_pairs)


def _begins(rows: Sequence[Row], is_one: Callable[[Sequence[str]], bool]) -> bool:
    """True where one of the first rows is a header of a kind."""
    first = [cells for _, cells in rows[:MOST_ROWS_ABOVE]]
    return any(map(is_one, first))


def _one(source: str, sheets: Sequence[Sheet]) -> Sheet:
    """The sheet of one student from several sheets of a workbook."""
    named = filter(attrgetter("named"), sheets)
    first = next(named, sheets[0])
    answers: dict[str, str] = {}
    for sheet in sheets:
        for box, text in sheet.answers.items():
            # A copy of the template that was left blank contradicts nothing.
            if text and answers.get(box):
                raise SubmissionError.at(
                    source, "the workbook", "a box stands on two of its sheets", "keep one"
                )
            answers[box] = text or answers.get(box, "")
    tokens = filter(None, (sheet.token for sheet in sheets))
    notes = chain.from_iterable(sheet.notes for sheet in sheets)
    return replace(first, answers=answers, token=next(tokens, ""), notes=tuple(notes))
