"""Moodle's report of responses to a quiz: a row for each attempt, a column for each question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import compress, count

from rnnquiz.errors import SubmissionError
from rnnquiz.fields import A_QUESTION
from rnnquiz.files.workbook import Row
from rnnquiz.people import headings
from rnnquiz.submissions.fitting import QUOTES, too_long
from rnnquiz.submissions.rows import AnswerTable, RowSheets
from rnnquiz.submissions.sheets import Sheet, checked

PART = "part "
"""A quiz names the boxes of a sheet by their numbers, from 1, after this word."""

_ANSWERED = (
    "response|réponse|antwort|respuesta|resposta|risposta|antwoord|svar|vastaus|odpowiedź|odpověď"
    "|odpoveď|odgovor|válasz|răspuns|yanıt|cevap|ответ|відповідь|отговор|απάντηση|respòsta|回答|解答"
    "|응답|답변"
)
# Spanish and Italian put a word between: "Risposta data 1".
_RESPONSE = re.compile(rf"(?:{_ANSWERED})(?: \w+)?\s*\d+|\d+\.\s*(?:{_ANSWERED})", re.IGNORECASE)
# The word for a part is one of the user's language, before or behind its number: any word will do.
_PART = re.compile(r"(?:^|;)\s*[^\d;:：]{0,40}(\d{1,4})[^\d;:：]{0,40}[:：]")
_EMPTY = ("", "-")  # Moodle writes a dash for a question that was not answered


def is_response(heading: str) -> bool:
    """True for the heading of a column of responses, in any language of Moodle."""
    found = _RESPONSE.fullmatch(heading.strip())
    return found is not None


def is_quiz(cells: Sequence[str]) -> bool:
    """True for the first row of a report of responses."""
    return any(map(is_response, cells))


def sheets_of_quiz(
    table: AnswerTable, header: Sequence[str], rows: Iterable[Row]
) -> Iterator[Sheet]:
    """The sheets of a report. Where a quiz asks other questions, too, ours are those whose text has
    a token.
    """
    responses = map(is_response, header)
    columns = list(compress(count(), responses))
    # Moodle's columns of people stand before its responses.
    first = columns[0]
    people, sheets = headings.People(header[:first]), RowSheets(table.source)
    several, found = len(columns) > 1, False
    for number, row in rows:
        width = max(len(header), len(row))
        cells = headings.padded(row, width)
        words = people.words(cells[:first])
        beyond = row[len(header) :]
        # In a row longer than its header, any response may stand under the wrong heading.
        refusal = ""
        if any(map(str.strip, beyond)):
            refusal = f"{too_long(row, header)} -> {QUOTES}"
        for column in columns:
            token = _token_before(cells, column)
            text = cells[column].strip()
            if text in _EMPTY or (several and not token):
                continue
            found = True
            answers = {} if refusal else _parts(cells[column])
            of_row = sheets.sheet(number, words, token, answers, refusal)
            response = replace(of_row, response=True)
            yield checked(response)
    if several and not found:
        what = f"{len(columns)} responses a row, and no question's text with a token"
        remedy = "in Moodle's report of responses tick 'question text', and download it again"
        raise SubmissionError.at(table.source, "the headings", what, remedy)


def _token_before(cells: Sequence[str], column: int) -> str:
    """The token in the question that a response is to; in a response anybody can write one."""
    if not column:
        return ""
    question = cells[column - 1].lower()
    found = A_QUESTION.search(question)
    if found is None:
        return ""
    return found[0]


def _parts(text: str) -> dict[str, str]:
    """All parts of one question in a cell:  part 1: x; part 2: y , in the user's language. What
    looks like a label but is not the next one was typed.

    >>> _parts("Teil 1: 0,5; 0,6; Teil 2: 1")
    {'part 1': '0,5; 0,6', 'part 2': '1'}
    """
    labels: list[re.Match[str]] = []
    for label in _PART.finditer(text):
        if int(label[1]) == len(labels) + 1:
            labels.append(label)
    starts = [label.start() for label in labels]
    ends = [*starts[1:], len(text)]
    parts: dict[str, str] = {}
    # Without a label there is no part, but an end.
    for label, end in zip(labels, ends, strict=False):
        name, begin = f"{PART}{len(parts) + 1}", label.end()
        parts[name] = text[begin:end].strip()
    return parts
