"""What the store gives and takes: how a student stands, a marking that is being stored; and what
the gradebook is told of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Standing:
    """How a student stands: the run and bank (by digest) of the newest marking, what was handed in,
    marks and verdicts.

    `numbers`: the token of the sheet whose numbers it was marked by; empty for the student's own.
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


@dataclass(frozen=True)
class Run:
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


@dataclass(frozen=True)
class Line:
    """What the gradebook says of an exercise of a sheet."""

    marks: float
    maximum: float
    skills: dict[str, tuple[float, float]]
    verdicts: dict[str, int]
    first_wrong: str
