"""The class report of a marking: gathered chunk by chunk while marking goes on, or made again from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.schema import VERDICTS
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.course.store import write_atomically
from rnnquiz.decimals import Array
from rnnquiz.draft import difficulty
from rnnquiz.grade.mark import BoxResult, Finding, Marked
from rnnquiz.report.marking import Made, Marking
from rnnquiz.roster import Student
from rnnquiz.submissions.sheets import Sheet

_PLACE = {verdict: k for k, verdict in enumerate(VERDICTS)}


class Gathering:
    """Takes marked sheets as they come, and keeps of each what the statistics need."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.asked = {box.name for box in bank.boxes}
        self.people: list[Student] = []
        self.sheets: list[int] = []
        self.mistakes: list[Made] = []
        self.verdicts: list[list[int]] = []
        self.weights: list[Array] = []
        self.earned: list[Array] = []
        self.packed: list[NDArray[np.int8]] = []
        self.numbers: list[dict[str, Array]] = []
        self.difficulty: list[Array] = []

    def add(self, student: Student, sheet: Sheet, results: Sequence[BoxResult], findings: Sequence[Finding]) -> None:
        """One sheet; `finish_chunk` follows after those that were marked together."""
        self.mistakes += [Made(len(self.people), found.name, found.boxes[0], len(found.boxes)) for found in findings]
        self.people.append(student)
        self.sheets.append(sheet.attempts)
        self.verdicts.append([_PLACE[row.verdict] for row in results if row.box in self.asked])

    def finish_chunk(self, marked: Marked, variants: Sequence[Variant]) -> None:
        """What the sheets of a chunk have as arrays."""
        self.packed.append(np.array(self.verdicts, dtype=np.int8))
        self.verdicts = []
        self.weights.append(marked.weights)
        self.earned.append(marked.weights * marked.credits)
        givens = arrays_of(self.bank, list(variants))
        self.numbers.append(self._numbers(givens))
        self.difficulty.append(difficulty(self.bank, marked.judged.exact))

    def _numbers(self, givens: dict[str, Array]) -> dict[str, Array]:
        """Every number that was drawn, by its box-like name, (N,)."""
        return {
            box.name: givens[q.name].reshape(len(givens[q.name]), -1)[:, box.entry]
            for q in self.bank.graph.givens
            if q.name in self.bank.samplers and not self.bank.samplers[q.name].fixed
            for box in self.bank.boxes_of(q)
        }

    def marking(self, absent: int, matches: Sequence[str]) -> Marking:
        """All of it."""
        bank, boxes = self.bank, len(self.bank.boxes)
        names = self.numbers[0] if self.numbers else {}
        return Marking(
            title=bank.written.title, course=bank.written.course, boxes=tuple(box.name for box in bank.boxes),
            kinds=tuple(bank.graph[box.quantity].role for box in bank.boxes),
            students=tuple(student.id for student in self.people), names=tuple(student.name for student in self.people),
            weights=np.concatenate([np.zeros((0, boxes)), *self.weights]), earned=np.concatenate([np.zeros((0, boxes)), *self.earned]),
            verdicts=np.concatenate([np.zeros((0, boxes), dtype=np.int8), *self.packed]), mistakes=tuple(self.mistakes),
            numbers={name: np.concatenate([part[name] for part in self.numbers]) for name in names},
            difficulty=np.concatenate([np.zeros(0), *self.difficulty]), matches=tuple(matches), absent=absent,
            attempts=np.array(self.sheets, dtype=np.int64),
        )  # fmt: skip


def write_report(marking: Marking, out: Path) -> None:
    """report.html and report.pdf in the folder."""
    from rnnquiz.report.page import html, pdf

    write_atomically(out / "report.html", html(marking).encode())
    write_atomically(out / "report.pdf", pdf(marking))
