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
from rnnquiz.submissions.sheets import MOST_ANSWERS, Packed, Sheet, checked, doubled, single
from rnnquiz.workbook import Row

PART = "part "
"""A quiz names the boxes of a sheet by their numbers, from 1, after this word."""

MOST_ROWS_ABOVE = 20  # the header
_BOX, _ANSWER = ("box", "name", "quantity"), ("answer", "value", "result")
_RESPONSE = re.compile(
    r"(?:response|réponse|antwort|respuesta|resposta|risposta|antwoord|svar|vastaus|odpowiedź|odpověď|odpoveď|odgovor|válasz|răspuns"
    r"|yanıt|cevap|ответ|відповідь|отговор|απάντηση|respòsta|回答|解答|응답|답변)(?: \w+)?\s*\d+",
    re.IGNORECASE,
)
_PARTS = re.compile(r"(?:^|;)\s*[^\d;:：]{1,40}(\d{1,4})\s*[:：]([^;]*)")
_TOKEN = re.compile(r"\b[a-z2-7]{4}-[a-z2-7]{3}-[a-z2-7]{3}\b")
_EMPTY = ("", "-")
_LOOKS_LIKE_A_BOX = re.compile(r"[^\W\d]\w*'?\[\d")
_WHOLE, _DECIMALS = (
    re.compile(r"\s*[-+−–]?\d{1,15}"),
    re.compile(r"\d{1,15}(?:[eE][-+−]?\d{1,3})?\s*"),
)
MOST_STEPS = 2_000_000  # to find out, for all rows of a table, which cells belong together


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
    """The sheet of one student, with what the rows above its boxes say of it: student and token."""
    said = {row[0].strip().lower(): row[1].strip() for _, row in above if len(row) > 1}
    student, token = said.get("student"), said.get("token")
    named = bool(student) or sheet.named
    return replace(sheet, student=student or sheet.student, token=token or sheet.token, named=named)


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
                table.source, Problem(f"row {number}", _too_long(cells, header), _QUOTES)
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
            yield place.sheet(number, words, given, {}, f"{_too_long(cells, header)} -> {_QUOTES}")
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
        self, number: int, words: Sequence[str], token: str, answers: Mapping[str, str], refusal: str = ""
    ) -> Sheet:  # fmt: skip
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


class Fitting:
    """Puts the cells of a row under the headings of its table.

    With `commas`, a comma may have parted a number from its decimals: 0,604 in a table whose cells
    are parted by commas. `joinable`: the columns in which such a number can stand.
    """

    def __init__(self, joinable: Sequence[bool], commas: bool) -> None:
        self.joinable, self.commas, self.left = joinable, commas, MOST_STEPS
        self.numbers = sum(joinable)

    def row(self, cells: Sequence[str]) -> list[str] | None:
        """The cells, one for each heading; None where they are more than these, or where it can be
        told in two ways which of them belong together.

        >>> Fitting([False, True, True], commas=True).row(["s1", "0", "604", "-1", "25"])
        ['s1', '0,604', '-1,25']
        """
        if not self.commas and len(cells) <= len(self.joinable):
            return list(cells)
        filled = max((k + 1 for k, cell in enumerate(cells) if cell.strip()), default=0)
        more = filled - len(self.joinable)
        if not self.commas:
            return list(cells[:filled]) if more <= 0 else None
        parted = [_parts_a_number(cells[k], cells[k + 1]) for k in range(filled - 1)]
        if more <= 0:
            apart = any(join and self.joinable[k] for k, join in enumerate(parted))
            return None if apart else list(cells[:filled])
        if more > self.numbers:
            return None
        joins = self.joinable if more == self.numbers else self._only_way(filled, more, parted)
        return _joined(cells, joins, parted) if joins is not None else None

    def _only_way(self, filled: int, more: int, parted: Sequence[bool]) -> list[bool] | None:
        """Which columns hold joined cells; None where there are several ways, or there is none."""
        width = len(self.joinable)
        self.left -= width * more
        if self.left < 0:
            return None
        ways = [[0] * (more + 2) for _ in range(width + 1)]  # for the rest, after so many joins
        ways[width][more] = 1
        for k in range(width - 1, -1, -1):
            for joins in range(more + 1):
                at = k + joins
                fits = at < filled - 1 and self.joinable[k] and parted[at]
                alone = ways[k + 1][joins] if at < filled else 0
                ways[k][joins] = min(2, alone + (ways[k + 1][joins + 1] if fits else 0))
        found = list[bool]()
        while ways[0][0] == 1 and len(found) < width:
            found.append(not ways[len(found) + 1][sum(found)])
        return found or None


def _joined(
    cells: Sequence[str], joins: Sequence[bool], parted: Sequence[bool]
) -> list[str] | None:
    """The row with the cells joined in these columns; None where two of them are no number."""
    row, at = list[str](), 0
    for join in joins:
        if join and not parted[at]:
            return None
        row.append(f"{cells[at].strip()},{cells[at + 1].strip()}" if join else cells[at])
        at += 1 + join
    return row


def _parts_a_number(before: str, after: str) -> bool:
    return _WHOLE.fullmatch(before) is not None and _DECIMALS.fullmatch(after) is not None


_QUOTES = "put quotes around numbers with a decimal comma, or part the cells by semicolons"


def _too_long(cells: Sequence[str], header: Sequence[str]) -> str:
    return f"{len(cells)} cells under {len(header)} headings, which may be decimal commas"


def _is_quiz(cells: Sequence[str]) -> bool:
    return any(_RESPONSE.fullmatch(cell.strip()) for cell in cells)


def _responses(table: Table, header: Sequence[str], rows: Iterable[Row]) -> Iterator[Sheet]:
    """Moodle's report of responses: a cell holds all parts of one question, `part 1: x; part 2: y`,
    in the user's language.
    """
    columns = [i for i, cell in enumerate(header) if _RESPONSE.fullmatch(cell)]
    if len(columns) > 1:
        found, remedy = f"{len(columns)} responses", "export one question of this exercise a quiz"
        raise SubmissionError(table.source, Problem("the headings", found, remedy))
    people, place = headings.People(header[: columns[0]]), _Place(table.source)
    for number, row in rows:
        cells = headings.padded(row, max(len(header), len(row)))
        if cells[columns[0]].strip() in _EMPTY:
            continue
        found_parts = _PARTS.finditer(cells[columns[0]])
        answers = {f"{PART}{part[1]}": part[2].strip() for part in found_parts}
        question = cells[columns[0] - 1] if columns[0] else ""
        token = _TOKEN.search(question.lower())  # in a response anybody can write one
        long = any(cell.strip() for cell in row[len(header) :])
        refusal = f"{_too_long(row, header)} -> {_QUOTES}" if long else ""
        words = people.words(cells[: columns[0]])
        of_row = place.sheet(number, words, token[0] if token else "", answers, refusal)
        yield checked(replace(of_row, answers={} if long else answers, response=True))
