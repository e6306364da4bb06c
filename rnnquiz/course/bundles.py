"""What is given to whoever marks some sheets, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnquiz.assignment import PortableAssignment
from rnnquiz.bank.load import Portable
from rnnquiz.bank.variant import Variant
from rnnquiz.course.records import GradedLine, StoredRow
from rnnquiz.course.reporting import ReportPart
from rnnquiz.decimals import Array
from rnnquiz.grade.mark import BoxResult, Finding, Marked
from rnnquiz.people.roster import Student
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.submissions.sources import Notice

if TYPE_CHECKING:
    from rnnquiz.pages.reading import Reading


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
class Paper:
    """A student's work on an exercise: the numbers, and what counts of the sheet."""

    student: Student
    variant: Variant
    sheet: Sheet


@dataclass(frozen=True)
class Bundle:
    """The papers of some students who have an exercise."""

    papers: tuple[Paper, ...]

    @property
    def variants(self) -> list[Variant]:
        """The numbers of each student, in the order of the papers."""
        return [paper.variant for paper in self.papers]


@dataclass(frozen=True)
class MarkedPaper:
    """A paper with its results and findings: it is the row `n` of those that were marked together.
    `reading`: what was read of a worked page; none of a sheet of another form."""

    paper: Paper
    marked: Marked
    n: int
    results: Sequence[BoxResult]
    findings: Sequence[Finding]
    reading: Reading | None = None

    @property
    def marks(self) -> float:
        """What the student has for this exercise."""
        return float(self.marked.totals[self.n])

    @property
    def maximum(self) -> float:
        """What the marks are out of."""
        return float(self.marked.maxima[self.n])


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
