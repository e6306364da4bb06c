"""What one student handed in, and the limits that every reader keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rnnquiz.errors import Problem, SubmissionError

LARGEST_SHEET = 256 * 1024
MOST_ANSWERS = 2000


@dataclass(frozen=True)
class Sheet:
    """Raw texts by box name. `source` says where they were found.

    `named`: the student stands in the sheet itself, and not only in the name of the file. `known_as`: what else the learning
    system called the student, best first. `time`: when it was handed in (ISO 8601, as the system wrote it), where that is known.
    `attempts`: how many sheets the student has handed in so far.
    """

    source: str
    student: str
    token: str
    answers: dict[str, str]
    named: bool = True
    known_as: tuple[str, ...] = ()
    time: str = ""
    late: bool = False
    attempts: int = 1


def checked(sheet: Sheet) -> Sheet:
    """The sheet, where all of it is text that can be written down again; SubmissionError where it is not."""
    try:
        "".join((sheet.student, sheet.token, *sheet.answers, *sheet.answers.values())).encode()
    except UnicodeEncodeError:
        raise SubmissionError(sheet.source, Problem("the file", "has halves of characters", "save it in UTF-8")) from None
    return sheet


def single(source: str, pairs: list[tuple[str, str]], name: str) -> Sheet:
    """The sheet of one student from pairs of box and answer; the pairs `student` and `token` say whose it is."""
    if len(pairs) > MOST_ANSWERS:
        raise SubmissionError(source, Problem("rows", f"more than {MOST_ANSWERS}", "one sheet a file"))
    if twice := doubled(box for box, _ in pairs):
        raise SubmissionError(source, Problem(twice, "stands twice", "keep one row for each box"))
    values = dict(pairs)
    student = values.pop("student", "")
    return checked(Sheet(source, student or name, values.pop("token", ""), values, bool(student)))


def doubled(names: Iterable[str]) -> str:
    """The first name that stands twice; empty where none does."""
    return next((name for name, count in Counter(names).items() if count > 1), "")
