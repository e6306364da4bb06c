"""Tables in CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rnnquiz.errors import SubmissionError
from rnnquiz.files.tables import TableProblem, delimited
from rnnquiz.submissions.content import Content
from rnnquiz.submissions.rows import AnswerTable
from rnnquiz.submissions.sheets import Packed, Sheet
from rnnquiz.submissions.tabular import is_header, sheets_of
from rnnquiz.typed.numerals import with_decimal_commas

# Blackboard calls a text with tabs .xls; a real one begins in another way.
TABLE_ENDINGS = (".csv", ".tsv", ".xls")


def is_csv(content: Content) -> bool:
    """True where the name says so, or where the first line is a header of ours."""
    if content.suffix in TABLE_ENDINGS:
        return True
    first, _, _ = content.start.partition("\n")
    rows = map(first.strip().split, (",", ";", "\t"))
    return any(len(cells) > 1 and is_header(cells) for cells in rows)


def read_csv(source: str, data: bytes, name: str) -> Iterator[Sheet]:
    """Two columns box, answer for one student; a row for each student and a column for each box; or
    a quiz's responses.

    Where semicolons part the cells, a comma stands before decimals in all that the numbers of a
    sheet leave open.
    """
    try:
        table = delimited(data, is_header)
        comma = table.separator == ","
        # Only a comma can part a number from its decimals: other tables are not gone through twice.
        longest = table.longest() if comma else 0
        rows = AnswerTable(source, table.rows(), comma, longest)
        sheets = list(sheets_of(rows, name))
    except TableProblem as error:
        raise SubmissionError.at(source, "CSV", str(error), "save it as CSV in UTF-8") from None
    if table.separator == ";":
        sheets = list(map(_with_commas, sheets))
    yield from sheets


def _with_commas(sheet: Sheet) -> Sheet:
    typed = tuple(sheet.answers.values())
    texts = with_decimal_commas(typed)
    answers = dict(zip(sheet.answers, texts, strict=True))
    return replace(sheet, answers=Packed(answers))
