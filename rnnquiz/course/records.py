"""What the store gives and takes: how a student stands, a marking that is being stored; and what
the gradebook is told of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

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

    def add(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Rows are (student, attempt, source, answers, marks, maximum, boxes)."""
        self.database.executemany(
            "INSERT INTO grades VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ((self.number, *row) for row in rows),
        )

    def keep_pages(self, rows: Iterable[tuple[str, str]]) -> None:
        """Remember the worked pages that were handed in: (student, page as JSON)."""
        self.database.executemany(
            "INSERT INTO pages VALUES (?, ?, ?)", ((self.number, *row) for row in rows)
        )

    def keep_numbers(self, rows: Iterable[tuple[str, str]]) -> None:
        """Remember who was marked by the numbers of another sheet: (student, token)."""
        self.database.executemany(
            "INSERT INTO numbers_of VALUES (?, ?, ?)", ((self.number, *row) for row in rows)
        )

    def keep_late(self, rows: Iterable[tuple[str, int, float]]) -> None:
        """Remember who was late: (student, days, share of all marks that is taken off)."""
        self.database.executemany(
            "INSERT INTO late VALUES (?, ?, ?, ?)", ((self.number, *row) for row in rows)
        )


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


def givens_as_text(givens: Mapping[str, tuple[Fraction, ...]]) -> str:
    """The numbers of a sheet, exactly."""
    return json.dumps({name: [plain(value) for value in values] for name, values in givens.items()})


def givens_in(text: str) -> dict[str, tuple[Fraction, ...]]:
    """The numbers that `givens_as_text` wrote."""
    return {name: tuple(map(_number, values)) for name, values in json.loads(text).items()}


_number = lru_cache(maxsize=65536)(Fraction)  # the same few numbers stand in all variants


def language_as_text(language: Language) -> str:
    """A language as it is stored, with the sentences that a teacher laid over it."""
    over = [language.over.source, language.over.text] if language.over else []
    return json.dumps([language.code, *over], ensure_ascii=False)


def language_in(text: str) -> Language:
    """The language that `language_as_text` wrote."""
    code, *over = json.loads(text)
    return Language(code, Laid(*over) if over else None)
