"""Tables that people hand in: CSV, and the sheets of a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from rnnquiz.errors import SubmissionError
from rnnquiz.numerals import with_decimal_commas
from rnnquiz.submissions.rows import AnswerTable
from rnnquiz.submissions.sheets import Packed, Sheet, doubled
from rnnquiz.submissions.tabular import MOST_ROWS_ABOVE, is_header, is_pairs, sheets_of
from rnnquiz.tables import TableProblem, delimited
from rnnquiz.workbook import Row, WorkbookProblem, sheets_in


def read_csv(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """Two columns box, answer for one student; a row for each student and a column for each box; or
    a quiz's responses.

    Where semicolons part the cells, a comma stands before decimals in all that the numbers of a
    sheet leave open.
    """
    try:
        table = delimited(data, is_header)
        comma = table.separator == ","
        rows = AnswerTable(source, table.rows(), comma, table.longest() if comma else 0)
        sheets = list(sheets_of(rows, name))
    except TableProblem as error:
        raise SubmissionError.at(source, "CSV", str(error), "save it as CSV in UTF-8") from None
    if table.separator == ";":
        sheets = [replace(sheet, answers=Packed(_with_commas(sheet.answers))) for sheet in sheets]
    yield from sheets


def _with_commas(answers: Mapping[str, str]) -> dict[str, str]:
    return dict(zip(answers, with_decimal_commas(tuple(answers.values())), strict=True))


def read_xlsx(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """The same tables as in CSV, from every sheet of the workbook that has one; the boxes of one
    student can stand on several.
    """
    try:
        tables = [rows for rows in sheets_in(data) if rows]
    except WorkbookProblem as error:
        raise SubmissionError(source, error.problem) from None
    known = [rows for rows in tables if _begins(rows, is_header)]
    if not known:
        remedy = "begin with  box, answer  or with a column  student"
        raise SubmissionError.at(source, "the workbook", "has no row of headings", remedy)
    sheets = [sheet for rows in known for sheet in sheets_of(AnswerTable(source, rows), name)]
    if len(sheets) > 1 and all(_begins(rows, is_pairs) for rows in known):
        sheets = [_one(source, sheets)]
    yield from sheets


def _begins(rows: Sequence[Row], is_one: Callable[[Sequence[str]], bool]) -> bool:
    """True where one of the first rows is a header of a kind."""
    return any(is_one(row) for _, row in rows[:MOST_ROWS_ABOVE])


def _one(source: str, sheets: Sequence[Sheet]) -> Sheet:
    """The sheet of one student from several sheets of a workbook."""
    first = next((sheet for sheet in sheets if sheet.named), sheets[0])
    if doubled(box for sheet in sheets for box, text in sheet.answers.items() if text):
        raise SubmissionError.at(
            source, "the workbook", "a box stands on two of its sheets", "keep one"
        )
    pairs = [pair for sheet in sheets for pair in sheet.answers.items()]
    answers = {**dict(pairs), **{box: text for box, text in pairs if text}}
    token = next((sheet.token for sheet in sheets if sheet.token), "")
    return replace(
        first,
        answers=answers,
        token=token,
        notes=tuple(line for sheet in sheets for line in sheet.notes),
    )
