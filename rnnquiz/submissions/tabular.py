"""Rows of a table as sheets: one student in two columns, a class with a row for each, or a quiz's responses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.submissions.sheets import MOST_ANSWERS, Packed, Sheet, checked, doubled, single

PART = "part "
"""A quiz names the boxes of a sheet by their numbers, from 1, after this word."""

_ID = ("student", "id", "student id", "username", "sid")
_OTHER = ("name", "email", "email address", "full name", "last name", "first name", "surname")
_BOX, _ANSWER = ("box", "name", "quantity"), ("answer", "value", "result")
_RESPONSE = re.compile(r"(?:response|réponse|antwort|respuesta|risposta(?: data)?|antwoord)\s*\d+", re.IGNORECASE)
_PARTS = re.compile(r"(?:^|;)\s*[^\d;:：]{1,40}(\d{1,4})\s*[:：]([^;]*)")
_TOKEN = re.compile(r"\b[a-z2-7]{4}-[a-z2-7]{3}-[a-z2-7]{3}\b")
_EMPTY = ("", "-")

Rows = Iterable[Sequence[str]]


def is_header(cells: Sequence[str]) -> bool:
    """True for the first row of a table that `sheets_of` reads."""
    lower = [cell.strip().lower() for cell in cells]
    return is_pairs(lower) or any(word in lower for word in _ID) or _is_quiz(lower)


def is_pairs(cells: Sequence[str]) -> bool:
    """True for the first row of a table of boxes and answers."""
    return len(cells) > 1 and cells[0].strip().lower() in _BOX and cells[1].strip().lower() in _ANSWER


def sheets_of(source: str, rows: Rows, name: str) -> Iterator[Sheet]:
    """The sheets of a table with its header first; SubmissionError where the header is none that we know."""
    rest = iter(rows)
    header = [cell.strip() for cell in next(rest, ())]
    if not header:
        raise SubmissionError(source, Problem("the table", "is empty", "fill in the template"))
    lower = [cell.lower() for cell in header]
    if is_pairs(header):
        pairs = [(row[0].strip(), row[1].strip() if len(row) > 1 else "") for row in rest]
        yield single(source, [pair for pair in pairs if not pair[0].startswith("#")], name)
    elif _is_quiz(lower):
        yield from _responses(source, header, rest)
    elif key := next((word for word in _ID if word in lower), None):
        yield from _many(source, header, rest, lower.index(key))
    else:
        raise SubmissionError(source, Problem("first row", ", ".join(header)[:200], "begin with  box,answer  or with a column  student"))


def _many(source: str, header: Sequence[str], rows: Rows, key: int) -> Iterator[Sheet]:
    lower = [cell.lower() for cell in header]
    token = lower.index("token") if "token" in lower else None
    skip = {key, token, *(lower.index(word) for word in _OTHER if word in lower)}
    boxes = [(i, box) for i, box in enumerate(header) if i not in skip and box]
    if not boxes or len(boxes) > MOST_ANSWERS:
        raise SubmissionError(source, Problem("first row", f"{len(boxes)} columns for boxes", "use the names of the template as headings"))
    if doubled(box for _, box in boxes):
        raise SubmissionError(source, Problem("first row", "a box stands twice", "keep one column for each box"))
    for number, row in enumerate(rows, start=2):
        cells = [*row, *[""] * (len(header) - len(row))]
        answers = Packed({box: cells[i] for i, box in boxes if cells[i].strip()})
        yield Sheet(f"{source}, row {number}", cells[key].strip(), cells[token].strip() if token is not None else "", answers)


def _is_quiz(lower: Sequence[str]) -> bool:
    return sum(_RESPONSE.fullmatch(cell) is not None for cell in lower) > 0


def _responses(source: str, header: Sequence[str], rows: Rows) -> Iterator[Sheet]:
    """Moodle's report of responses: a cell holds all parts of one question, `part 1: x; part 2: y`, in the user's language."""
    lower = [cell.lower() for cell in header]
    columns = [i for i, cell in enumerate(lower) if _RESPONSE.fullmatch(cell)]
    if len(columns) > 1:
        raise SubmissionError(source, Problem("first row", f"{len(columns)} responses", "export one question of this exercise a quiz"))
    people = [i for i in range(columns[0]) if lower[i].startswith(("id", "username", "email", "e-mail", "adresse"))]
    for number, row in enumerate(rows, start=2):
        cells = [*row, *[""] * (len(header) - len(row))]
        if cells[columns[0]].strip() in _EMPTY:
            continue
        known_as = [cells[i].strip() for i in people] + [" ".join(cells[i].strip() for i in (1, 0) if i < columns[0])]
        answers = {f"{PART}{found[1]}": found[2].strip() for found in _PARTS.finditer(cells[columns[0]])}
        token = _TOKEN.search(cells[columns[0] - 1].lower())  # the text of the question stands there; in a response anybody can write
        known_as = [word for word in known_as if word]
        student, others = known_as[0] if known_as else "", tuple(known_as[1:])
        yield checked(Sheet(f"{source}, row {number}", student, token[0] if token else "", answers, True, others, response=True))
