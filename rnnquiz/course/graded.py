"""The outcome of a marking, and where it is put while the marking goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnquiz.course.bundles import Outcome
from rnnquiz.course.evidence import EvidenceFile
from rnnquiz.course.records import MarkingRun
from rnnquiz.exports.grade_row import GradeRow


@dataclass(repr=False)
class Graded:
    """The outcome of a marking."""

    rows: list[GradeRow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    results: list[ResultRow] = field(default_factory=list)
    matches: list[str] = field(default_factory=list)
    run: int | None = None
    reports: list[Path] = field(default_factory=list)

    @property
    def marked(self) -> int:
        """How many sheets were marked now."""
        return len(self._marks)

    @property
    def mean(self) -> float:
        """Mean marks of those sheets."""
        # Nobody has a mean of 0, which a teacher reads as: nothing yet.
        return sum(self._marks) / max(1, self.marked)

    @property
    def _marks(self) -> list[float]:
        found = []
        for row in self.rows:
            if row.status == "marked":
                found.append(row.marks or 0.0)
        return found

    def __repr__(self) -> str:
        return f"<Graded: {self.marked} of {len(self.rows)} marked, mean {self.mean:.2f}>"


@dataclass(frozen=True)
class Shelf:
    """Where what is marked goes: pages to a folder, verdicts to a run of each exercise and into the
    file of evidence; nowhere what is None."""

    place: Path | None
    runs: Mapping[str, MarkingRun] | None
    kept: EvidenceFile | None

    def run_of(self, key: str) -> MarkingRun | None:
        """The marking that is written down of an exercise; none where nothing is."""
        if self.runs is None:
            return None
        return self.runs[key]

    def put(self, key: str, outcome: Outcome) -> None:
        """Store an outcome of an exercise, and its evidence."""
        if self.runs is not None:
            self.runs[key].add(outcome.stored)
        if self.kept is not None:
            self.kept.add(outcome.evidence)


ResultRow = dict[str, Any]
