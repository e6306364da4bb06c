"""What is given to whoever marks some sheets, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rnnquiz.assignment import PortableAssignment
from rnnquiz.bank.load import Portable
from rnnquiz.bank.variant import Variant
from rnnquiz.course.records import GradedLine, StoredRow
from rnnquiz.course.reporting import ReportPart
from rnnquiz.decimals import Array
from rnnquiz.people.roster import Student
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.submissions.sources import Notice


@dataclass(frozen=True)
class MarkingOptions:
    """What is wanted of each piece: the evidence of each box, the feedback pages, the engine of
    their PDFs (none without)."""

    portable: PortableAssignment
    evidence: bool = False
    pages: bool = False
    engine: str | None = None

    @property
    def banks(self) -> dict[str, Portable]:
        """The bank of each exercise."""
        return {key: portable for key, _, portable in self.portable.exercises}


@dataclass(frozen=True)
class StudentBundle:
    """Some students, and of each exercise those of them who have it; of which attempt."""

    students: tuple[Student, ...]
    parts: Mapping[str, Bundle]
    attempt: int = 1


@dataclass(frozen=True)
class Bundle:
    """Some students who have an exercise, with their variants and what counts of their sheets."""

    students: tuple[Student, ...]
    variants: tuple[Variant, ...]
    sheets: tuple[Sheet, ...]

    def rows(self) -> Iterator[tuple[int, Student, Variant, Sheet]]:
        rows = zip(self.students, self.variants, self.sheets, strict=True)
        for n, row in enumerate(rows):
            yield n, *row


@dataclass(frozen=True)
class Outcome:
    """An exercise of a marked piece: what the gradebook says of each sheet, what is stored of it,
    and its evidence as JSON; the numbers that were handed in, (N, boxes); the part of the report;
    notices on boxes that are none, and on what was not read.
    """

    lines: list[GradedLine]
    stored: list[StoredRow]
    evidence: list[str]
    numbers: Array
    report: ReportPart
    notices: list[Notice]


Outcomes = dict[str, Outcome]
"""The outcome of each exercise, by its key."""
