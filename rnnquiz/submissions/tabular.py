"""Rows of a table as sheets: one student in two columns, a class with a row for each, or a quiz's
responses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import PurePosixPath

from rnnquiz import headings
from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.headings import COUNTER, EMAIL, FIRST, FULL, ID, LAST, OTHER, PEOPLE, ROLE
from rnnquiz.identity import AsId
from rnnquiz.submissions.fitting import QUOTES, Fitting, too_long
from rnnquiz.submissions.sheets import (
    MOST_ANSWERS,
    Packed,
    Sheet,
    checked,
    doubled,
    named,
    single,
)
from rnnquiz.workbook import Row

PART = "part "
"""A quiz names the boxes of a sheet by their numbers, from 1, after this word."""

MOST_ROWS_ABOVE = 20  # the header
_BOX, _ANSWER = ("box", "name", "quantity"), ("answer", "value", "result")
_ANSWERED = (
    "response|réponse|antwort|respuesta|resposta|risposta|antwoord|svar|vastaus|odpowiedź|odpověď|odpoveď|odgovor|válasz"
    "|răspuns|yanıt|cevap|ответ|відповідь|отговор|απάντηση|respòsta|回答|解答|응답|답변"
)
_RESPONSE = re.compile(rf"(?:{_ANSWERED})(?: \w+)?\s*\d+|\d+\.\s*(?:{_ANSWERED})", re.IGNORECASE)
_PART = re.compile(r"(?:^|;)\s*[^\d;:：]{0,40}(\d{1,4})[^\d;:：]{0,40}[:：]")
_TOKEN = re.compile(r"\b[a-z2-7]{4}-[a-z2-7]{3}-[a-z2-7]{3}\b")
_EMPTY = ("", "-")
_LOOKS_LIKE_A_BOX = re.compile(r"(?:\d{1,2}\s*[:/]\s*)?[^\W\d]\w*'?\[\d")


@dataclass(frozen=True)
class Table:
    """The rows of one table. `comma`: what parts its cells may also be the comma of decimals;
    `longest`: cells of its longest row.
    """

    source: str
    rows: Iterable[Row]
    comma: bool = False
    longest: int = 0


def is_header(cells: Sequence[str]) -> bool:
    """True for the first row of a table that `sheets_of` reads."""
    roles = {headings.role_of(cell) for cell in cells}
    named = bool(roles & {FULL, FIRST, LAST}) and any(
        _LOOKS_LIKE_A_BOX.match(cell.strip()) for cell in cells
    )
    return is_pairs(cells) or bool(roles & {ID, EMAIL}) or named or _is_quiz(cells)


def is_pairs(cells: Sequence[str]) -> bool:
    """True for the first row of a table of boxes and answers."""
    return _pair(cells) is not None


def _pair(cells: Sequence[str]) -> tuple[int, int] | None:
    """The columns of boxes and answers, which stand side by side."""
    lower = [cell.strip().lower() for cell in cells]
    return next(
        ((k, k + 1) for k in range(len(lower) - 1) if lower[k] in _BOX and lower[k + 1] in _ANSWER),
        None,
    )


def sheets_of(table: Table, name: str) -> Iterator[Sheet]:
    """The sheets of a table; SubmissionError where none of its first rows is a header that we know.

    What stands above the header can say whose the sheet is.
    """
    rest = iter(table.rows)
    above = list(islice(rest, MOST_ROWS_ABOVE + 1))
    start = next(
        (
            k
            for kind in (is_pairs, _is_quiz, is_header)
            for k, (_, row) in enumerate(above)
            if kind(row)
        ),
        None,
    )
    if start is None:
        found = ", ".join(above[0][1])[:200] if above else "is empty"
        remedy = "begin with  box,answer  or with a column  student"
        raise SubmissionError(
            table.source, Problem("the table", f"has no row of headings: {found}", remedy)
        )
    header = [cell.strip() for cell in above[start][1]]
    while header and not header[-1]:
        header.pop()
    rows = chain(above[start + 1 :], rest)
    if is_pairs(header):
        yield _said(next(_pairs(table, header, rows, name)), above[:start])
    elif _is_quiz(header):
        yield from _responses(table, header, rows)
    else:
        yield from _many(table, header, rows)


def _said(sheet: Sheet, above: Sequence[Row]) -> Sheet:
    """The sheet of one student, with what the rows above its boxes say of it: who it is, in any
    words for that, and the token."""
    said = [(row[0].strip(), row[1].strip()) for _, row in above if len(row) > 1 and row[1].strip()]
    token = next((text for label, text in said if label.casefold() == "token"), "")
    people = [pair for pair in said if headings.role_of(pair[0]) in PEOPLE]
    words = headings.words_of([label for label, _ in people], [text for _, text in people])
    if words and not sheet.named:
        meant = named(sheet.source, words, sheet.student)
        sheet = replace(sheet, student=meant.student, known_as=meant.known_as, named=True)
    elif words:
        sheet = replace(sheet, known_as=(*sheet.known_as, *words))
    return replace(sheet, token=token or sheet.token)


def _pairs(table: Table, header: Sequence[str], rows: Iterable[Row], name: str) -> Iterator[Sheet]:
    box, answer = _pair(header) or (0, 1)
    kept = [
        (number, cells)
        for number, cells in rows
        if any(cells) and not cells[min(box, len(cells) - 1)].strip().startswith("#")
    ]
    points = any("." in cells[answer] for _, cells in kept if len(cells) > answer)
    commas = table.comma and (table.longest > len(header) or (len(header) > 2 and not points))
    fitting = Fitting([k == answer for k in range(len(header))], commas)
    pairs, notes = list[tuple[str, str]](), list[str]()
    for number, cells in kept:
        row = fitting.row(cells)
        if row is None and table.comma:
            raise SubmissionError(
                table.source, Problem(f"row {number}", too_long(cells, header), QUOTES)
            )
        if row is None:
            row, beyond = list(cells[: len(header)]), " ".join(cells[len(header) :]).strip()
            notes.append(f"row {number}: {beyond[:60]!r} stands beside the table, and was not read")
        row = headings.padded(row, len(header))
        if row[box].strip():
            pairs.append((row[box].strip(), row[answer].strip()))
    yield replace(single(table.source, pairs, name), notes=tuple(notes))


def _many(table: Table, header: Sequence[str], rows: Iterable[Row]) -> Iterator[Sheet]:
    lower = [cell.lower() for cell in header]
    token = lower.index("token") if "token" in lower else None
    roles = headings.roles_of(header)
    skip = {token, *(k for k, role in enumerate(roles) if role in (*PEOPLE, ROLE, COUNTER, OTHER))}
    boxes = [(i, box) for i, box in enumerate(header) if i not in skip and box]
    _check_boxes(table.source, [box for _, box in boxes])
    answers, commas = {i for i, _ in boxes}, table.comma and table.longest > len(header)
    fitting = Fitting([k in answers for k in range(len(header))], commas)
    counters, rows = _counters(header, roles, rows)
    people, place = headings.People(header, counters), _Place(table.source)
    for number, cells in rows:
        row = fitting.row(cells)
        whole = headings.padded(cells if row is None else row, len(header))
        words, given = people.words(whole), whole[token].strip() if token is not None else ""
        if row is None:
            yield place.sheet(number, words, given, {}, f"{too_long(cells, header)} -> {QUOTES}")
        else:
            typed = Packed({box: text for i, box in boxes if (text := whole[i]).strip()})
            yield place.sheet(number, words, given, typed)


def _check_boxes(source: str, boxes: Sequence[str]) -> None:
    """SubmissionError where the headings are not those of boxes, each once."""
    if not boxes or len(boxes) > MOST_ANSWERS:
        found, remedy = (
            f"{len(boxes)} columns for boxes",
            "use the names of the template as headings",
        )
        raise SubmissionError(source, Problem("the headings", found, remedy))
    if twice := doubled(boxes):
        remedy = "keep one column for each box"
        raise SubmissionError(source, Problem("the headings", f"{twice} stands twice", remedy))


class _Place:
    """A table, in which each row is the sheet of a student."""

    def __init__(self, source: str) -> None:
        self.source, self.folder = source, str(PurePosixPath(source).parent)

    def sheet(
        self,
        number: int,
        words: Sequence[str],
        token: str,
        answers: Mapping[str, str],
        refusal: str = "",
    ) -> Sheet:
        """The sheet of a row, from the words that say whose it is."""
        student, *others = words or ("",)
        id_ = next((word for word in words if isinstance(word, AsId)), "")
        return Sheet(
            f"{self.source}, row {number}", student, token, answers, bool(words), tuple(others),
            number=id_, place=self.source, attempt=self.folder, refusal=refusal,
        )  # fmt: skip


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
    texts = [row[column].strip() for _, row in rows if column < len(row)]
    if len(texts) < 2 or not all(
        text.isascii() and text.isdigit() and len(text) < 10 for text in texts
    ):
        return False
    numbers = [int(text) for text in texts]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _is_quiz(cells: Sequence[str]) -> bool:
    return any(_RESPONSE.fullmatch(cell.strip()) for cell in cells)


def _responses(table: Table, header: Sequence[str], rows: Iterable[Row]) -> Iterator[Sheet]:
    """Moodle's report of responses. Where a quiz asks other questions, too, ours are those whose
    text has a token.
    """
    columns = [i for i, cell in enumerate(header) if _RESPONSE.fullmatch(cell)]
    people, place = headings.People(header[: columns[0]]), _Place(table.source)
    several, found = len(columns) > 1, False
    for number, row in rows:
        cells = headings.padded(row, max(len(header), len(row)))
        words = people.words(cells[: columns[0]])
        long = any(cell.strip() for cell in row[len(header) :])
        refusal = f"{too_long(row, header)} -> {QUOTES}" if long else ""
        for column in columns:
            question = cells[column - 1].lower() if column else ""
            token = _TOKEN.search(question)  # in a response anybody can write one
            if cells[column].strip() in _EMPTY or (several and token is None):
                continue
            found = True
            answers = {} if long else _parts(cells[column])
            of_row = place.sheet(number, words, token[0] if token else "", answers, refusal)
            yield checked(replace(of_row, response=True))
    if several and not found:
        what = f"{len(columns)} responses a row, and no question's text with a token"
        remedy = "in Moodle's report of responses tick 'question text', and download it again"
        raise SubmissionError(table.source, Problem("the headings", what, remedy))


def _parts(text: str) -> dict[str, str]:
    """All parts of one question in a cell:  part 1: x; part 2: y , in the user's language. What
    looks like a label but is not the next one was typed.

    >>> _parts("Teil 1: 0,5; 0,6; Teil 2: 1")
    {'part 1': '0,5; 0,6', 'part 2': '1'}
    """
    labels = list[re.Match[str]]()
    for label in _PART.finditer(text):
        if int(label[1]) == len(labels) + 1:
            labels.append(label)
    ends = [*(label.start() for label in labels[1:]), len(text)]
    return {
        f"{PART}{k}": text[label.end() : ends[k - 1]].strip()
        for k, label in enumerate(labels, start=1)
    }
