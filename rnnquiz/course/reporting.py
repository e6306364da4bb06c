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
    bank, mistakes = marked.bank, []
    for n, found in enumerate(findings):
        mistakes += [Made(n, one.name, one.boxes[0], len(one.boxes)) for one in found]
    return ReportPart(
        attempts=attempts,
        mistakes=mistakes,
        verdicts=_verdicts(bank, results),
        weights=marked.weights,
        earned=marked.weights * marked.credits,
        numbers=_numbers(bank, arrays_of(bank, variants)),
        difficulty=difficulty(bank, marked.judged.exact),
    )


def _verdicts(bank: Bank, results: Sequence[Sequence[BoxResult]]) -> NDArray[np.int8]:
    """The verdicts of the boxes that are asked, (N, boxes), as their places."""
    asked = {box.name for box in bank.boxes}
    table = []
    for rows in results:
        table.append([_PLACE[row.verdict] for row in rows if row.box in asked])
    return np.array(table, dtype=np.int8)


def _numbers(bank: Bank, givens: dict[str, Array]) -> dict[str, Array]:
    """Every number that was drawn, by its box-like name, (N,)."""
    found = {}
    for q in bank.graph.givens:
        # A number that all variants share explains no difference between them.
        if q.name not in bank.samplers or bank.samplers[q.name].fixed:
            continue
        values = givens[q.name]
        entries = values.reshape(len(values), -1)
        for box in bank.boxes_of(q):
            found[box.name] = entries[:, box.entry]
    return found


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
        for made in part.mistakes:
            self.mistakes.append(replace(made, student=before + made.student))
        self.parts.append(part)

    def marking(self, absent: Sequence[Absent], matches: Sequence[str]) -> Marking:
        """All of it."""
        bank, parts = self.bank, self.parts
        boxes = bank.boxes
        # Of nobody there are no parts: the arrays begin with no rows, so that they have a shape.
        none = np.zeros((0, len(boxes)))
        verdicts = [none.astype(np.int8), *(part.verdicts for part in parts)]
        attempts: list[int] = []
        for part in parts:
            attempts += part.attempts
        return Marking(
            title=bank.written.title,
            course=bank.written.course,
            boxes=tuple(box.name for box in boxes),
            kinds=tuple(bank.graph[box.quantity].role for box in boxes),
            students=tuple(student.id for student in self.people),
            names=tuple(student.name for student in self.people),
            weights=np.concatenate([none, *(part.weights for part in parts)]),
            earned=np.concatenate([none, *(part.earned for part in parts)]),
            verdicts=np.concatenate(verdicts),
            mistakes=tuple(self.mistakes),
            numbers=_joined([part.numbers for part in parts]),
            difficulty=np.concatenate([np.zeros(0), *(part.difficulty for part in parts)]),
            matches=tuple(matches),
            absent=tuple(absent),
            attempts=np.array(attempts, dtype=np.int64),
            places=tuple(_place(bank, box) for box in boxes),
            labels=labels_of(bank),
        )


def _joined(parts: Sequence[dict[str, Array]]) -> dict[str, Array]:
    """The numbers of all parts, name by name."""
    if not parts:
        return {}
    names = parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _place(bank: Bank, box: Box) -> HeatPlace:
    """Where a box stands on the map of heat: its quantity with t for the time, and the time."""
    q = bank.graph[box.quantity]
    shown, time = Symbol(q.name, q.time), q.time
    if time is not None:
        # As the course counts steps, from 0 or from 1.
        time += bank.notation.first - 1
    text = shown.show(notated(TEXT, bank.notation))
    return HeatPlace(_label(bank, shown, text), time)


def labels_of(bank: Bank) -> dict[str, Label]:
    """How each box, and each number that was drawn, is typeset."""
    givens = [q.name for q in bank.graph.givens]
    found = {}
    for name in dict.fromkeys([*givens, *bank.asked]):
        q, shown = bank.graph[name], Symbol(name)
        for box in bank.boxes_of(q):
            entry = ""
            if q.shape:
                entry = entry_of(bank, name, box.name)
            found[box.name] = _label(bank, shown, box.name, entry)
    return found


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

    name = "report"
    if key:
        name = f"report-{key}"
    # Both are made of the same sections, whose statistics take most of the time.
    shown = sections(marking)
    page = out / f"{name}.html"
    write_atomically(page, html(marking, shown).encode())
    write_atomically(out / f"{name}.pdf", pdf(marking, shown))
    return page
