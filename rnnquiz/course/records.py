"""What the store gives and takes: how a student stands, a marking that is being stored; and what
the gradebook is told of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from rnnquiz.decimals import plain
from rnnquiz.languages.catalogue import Language
from rnnquiz.languages.files import Laid


@dataclass(frozen=True)
class NewestMarking:
    """How a student stands: the run and bank (by digest) of the newest marking, what was handed in,
    marks and verdicts.

    `numbers`: the token of the sheet whose numbers it was marked by; empty for the student's own.
    `days`: how many days late it was, and `taken_off` the share of all marks that this costs.
    """

    run: int
    bank: str
    student: str
    attempt: int
    source: str
    answers: dict[str, str]
    marks: float
    maximum: float
    boxes: dict[str, str]
    numbers: str = ""
    days: int = 0
    taken_off: float = 0.0


@dataclass(frozen=True)
class MarkingRun:
    """A marking that is being stored."""

    database: sqlite3.Connection
    number: int

    def add(self, rows: Iterable[StoredRow]) -> None:
        """Writes down the marks of some sheets."""
        query = (
            "INSERT INTO grades (run, student, attempt, source, answers, marks, maximum, boxes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        self._insert(query, rows)

    def keep_pages(self, rows: Iterable[tuple[str, str]]) -> None:
        """Remember the worked pages that were handed in: (student, page as JSON)."""
        self._insert("INSERT INTO pages (run, student, page) VALUES (?, ?, ?)", rows)

    def keep_numbers(self, rows: Iterable[tuple[str, str]]) -> None:
        """Remember who was marked by the numbers of another sheet: (student, token)."""
        self._insert("INSERT INTO numbers_of (run, student, token) VALUES (?, ?, ?)", rows)

    def keep_late(self, rows: Iterable[tuple[str, int, float]]) -> None:
        """Remember who was late: (student, days, share of all marks that is taken off)."""
        self._insert("INSERT INTO late (run, student, days, share) VALUES (?, ?, ?, ?)", rows)

    def _insert(self, query: str, rows: Iterable[tuple[Any, ...]]) -> None:
        # Every table of a marking begins with the number of its run.
        self.database.executemany(query, ((self.number, *row) for row in rows))


@dataclass(frozen=True)
class GradedLine:
    """What the gradebook says of an exercise of a sheet."""

    marks: float
    maximum: float
    skills: dict[str, tuple[float, float]]
    verdicts: dict[str, int]
    first_wrong: str
    days: int = 0
    taken_off: float = 0.0


class StoredRow(NamedTuple):
    """What a run keeps of a sheet; `answers` and `boxes` (the verdict of each box) are JSON."""

    student: str
    attempt: int
    source: str
    answers: str
    marks: float
    maximum: float
    boxes: str


def newest_marking(row: Sequence[Any]) -> NewestMarking:
    """A row of the store: the fields in their order, answers and verdicts as JSON."""
    run, bank, student, attempt, source, answers, marks, maximum, boxes, numbers, *late = row
    handed_in, verdicts = json.loads(answers), json.loads(boxes)
    # Who was in time, and who was marked by the numbers of the own sheet, has no row of it.
    days, share = (value or 0 for value in late)
    marked = handed_in, marks, maximum, verdicts
    return NewestMarking(
        run, bank, student, attempt, source, *marked, numbers or "", days, float(share)
    )


def givens_as_text(givens: Mapping[str, tuple[Fraction, ...]]) -> str:
    """The numbers of a sheet, exactly."""
    # Stored, and never drawn again: no later program or bank changes what was issued.
    texts = {name: list(map(plain, values)) for name, values in givens.items()}
    return json.dumps(texts)


def givens_in(text: str) -> dict[str, tuple[Fraction, ...]]:
    """The numbers that `givens_as_text` wrote."""
    written = json.loads(text)
    return {name: tuple(map(_number, values)) for name, values in written.items()}


_number = lru_cache(maxsize=65536)(Fraction)  # the same few numbers stand in all variants


def language_as_text(language: Language) -> str:
    """A language as it is stored, with the sentences that a teacher laid over it."""
    # With their text, as the teacher's file may be another one by the next sheet.
    over = [language.over.source, language.over.text] if language.over else []
    return json.dumps([language.code, *over], ensure_ascii=False)


def language_in(text: str) -> Language:
    """The language that `language_as_text` wrote."""
    code, *over = json.loads(text)
    return Language(code, Laid(*over) if over else None)
