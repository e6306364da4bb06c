"""The class report of a marking: put together from parts while marking goes on, or made again from
what is stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.targets import MATHML, TEXT, TYPST, notated
from rnnquiz.bank.schema import VERDICTS
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.decimals import Array
from rnnquiz.documents.parts import entry_of
from rnnquiz.documents.tree import Symbol
from rnnquiz.grade.mark import BoxResult, Finding, Marked
from rnnquiz.private import write_atomically
from rnnquiz.report.labels import Label
from rnnquiz.report.marking import Absent, HeatPlace, Made, Marking
from rnnquiz.roster import Student
from rnnquiz.variants.draft import difficulty

_PLACE = {verdict: k for k, verdict in enumerate(VERDICTS)}


@dataclass(frozen=True)
class ReportPart:
    """What the report needs of some sheets: arrays as in `Marking`, and the mistakes made, by the
    row in this part."""

    attempts: list[int]
    mistakes: list[Made]
    verdicts: NDArray[np.int8]
    weights: Array
    earned: Array
    numbers: dict[str, Array]
    difficulty: Array


def part_of(
    marked: Marked,
    variants: Sequence[Variant],
    attempts: list[int],
    results: Sequence[Sequence[BoxResult]],
    findings: Sequence[Sequence[Finding]],
) -> ReportPart:
    """From marked sheets with their results and findings."""
    bank, asked = marked.bank, {box.name for box in marked.bank.boxes}
    return ReportPart(
        attempts=attempts,
        mistakes=[
            Made(n, found.name, found.boxes[0], len(found.boxes))
            for n, row in enumerate(findings)
            for found in row
        ],
        verdicts=np.array(
            [[_PLACE[row.verdict] for row in rows if row.box in asked] for rows in results],
            dtype=np.int8,
        ),
        weights=marked.weights,
        earned=marked.weights * marked.credits,
        numbers=_numbers(bank, arrays_of(bank, variants)),
        difficulty=difficulty(bank, marked.judged.exact),
    )


def _numbers(bank: Bank, givens: dict[str, Array]) -> dict[str, Array]:
    """Every number that was drawn, by its box-like name, (N,)."""
    return {
        box.name: givens[q.name].reshape(len(givens[q.name]), -1)[:, box.entry]
        for q in bank.graph.givens
        if q.name in bank.samplers and not bank.samplers[q.name].fixed
        for box in bank.boxes_of(q)
    }


class Gathering:
    """Takes the parts of a marking as they come, in the order of the students."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.people: list[Student] = []
        self.mistakes: list[Made] = []
        self.parts: list[ReportPart] = []

    def add(self, students: Sequence[Student], part: ReportPart) -> None:
        before = len(self.people)
        self.people += students
        self.mistakes += [replace(made, student=before + made.student) for made in part.mistakes]
        self.parts.append(part)

    def marking(self, absent: Sequence[Absent], matches: Sequence[str]) -> Marking:
        """All of it."""
        bank, parts, boxes = self.bank, self.parts, len(self.bank.boxes)
        names = parts[0].numbers if parts else {}
        return Marking(
            title=bank.written.title,
            course=bank.written.course,
            boxes=tuple(box.name for box in bank.boxes),
            kinds=tuple(bank.graph[box.quantity].role for box in bank.boxes),
            students=tuple(student.id for student in self.people),
            names=tuple(student.name for student in self.people),
            weights=np.concatenate([np.zeros((0, boxes)), *(part.weights for part in parts)]),
            earned=np.concatenate([np.zeros((0, boxes)), *(part.earned for part in parts)]),
            verdicts=np.concatenate(
                [np.zeros((0, boxes), dtype=np.int8), *(part.verdicts for part in parts)]
            ),
            mistakes=tuple(self.mistakes),
            numbers={
                name: np.concatenate([part.numbers[name] for part in parts]) for name in names
            },
            difficulty=np.concatenate([np.zeros(0), *(part.difficulty for part in parts)]),
            matches=tuple(matches),
            absent=tuple(absent),
            attempts=np.array(
                [sheets for part in parts for sheets in part.attempts], dtype=np.int64
            ),
            places=tuple(_place(bank, box) for box in bank.boxes),
            labels=labels_of(bank),
        )


def _place(bank: Bank, box: Box) -> HeatPlace:
    """Where a box stands on the map of heat: its quantity with t for the time, and the time."""
    q = bank.graph[box.quantity]
    shown = Symbol(q.name, q.time)
    time = None if q.time is None else q.time + bank.notation.first - 1
    return HeatPlace(_label(bank, shown, shown.show(notated(TEXT, bank.notation))), time)


def labels_of(bank: Bank) -> dict[str, Label]:
    """How each box, and each number that was drawn, is typeset."""
    quantities = dict.fromkeys([*(q.name for q in bank.graph.givens), *bank.asked])
    return {
        box.name: _label(
            bank, Symbol(name), box.name, entry_of(bank, name, box.name) if q.shape else ""
        )
        for name in quantities
        for q in [bank.graph[name]]
        for box in bank.boxes_of(q)
    }


def _label(bank: Bank, shown: Symbol, text: str, entry: str = "") -> Label:
    mathml, typst = (shown.show(notated(of, bank.notation)) for of in (MATHML, TYPST))
    return Label(text, mathml, typst, entry)


def absent(
    everyone: Sequence[Student], marked: Collection[str], why: Callable[[Student], str]
) -> Iterator[Absent]:
    """Who of the roster is not among the marked."""
    before = 0
    for student in everyone:
        if student.id in marked:
            before += 1
        else:
            yield Absent(student.id, student.name, why(student), before)


def write_report(marking: Marking, out: Path, key: str = "") -> Path:
    """report.html and report.pdf in the folder; of an exercise with its key behind the name. The
    page that was written."""
    from rnnquiz.report.page import html, pdf, sections

    shown = sections(marking)
    name = f"report-{key}" if key else "report"
    write_atomically(out / f"{name}.html", html(marking, shown).encode())
    write_atomically(out / f"{name}.pdf", pdf(marking, shown))
    return out / f"{name}.html"
