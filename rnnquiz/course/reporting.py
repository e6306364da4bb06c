"""The class report of a marking: put together from parts while marking goes on, or made again from
what is stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.targets import MATHML, TEXT, TYPST, notated
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.bank.verdict import Verdict
from rnnquiz.decimals import Array
from rnnquiz.documents.mathematics import Symbol
from rnnquiz.documents.parts import kind_words
from rnnquiz.documents.sheet_order import sheet_order
from rnnquiz.files.private import write_atomically
from rnnquiz.grade.mark import BoxResult, Finding, Marked
from rnnquiz.people.roster import Student
from rnnquiz.report.labels import Label
from rnnquiz.report.marking import Absent, HeatPlace, Marking, StudentMistake
from rnnquiz.variants.draft import difficulty

_PLACE = {verdict: k for k, verdict in enumerate(Verdict)}


@dataclass(frozen=True)
class ReportPart:
    """What the report needs of some sheets: arrays as in `Marking`, and the mistakes made, by the
    row in this part."""

    attempts: list[int]
    mistakes: list[StudentMistake]
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
        for one in found:
            first, count = one.boxes[0], len(one.boxes)
            mistakes.append(StudentMistake(n, one.name, first, count))
    givens = arrays_of(bank, variants)
    earned = marked.weights * marked.credits
    return ReportPart(
        attempts=attempts,
        mistakes=mistakes,
        verdicts=_verdicts(bank, results),
        weights=marked.weights,
        earned=earned,
        numbers=_numbers(bank, givens),
        difficulty=difficulty(bank, marked.judged.exact),
    )


def _verdicts(bank: Bank, results: Sequence[Sequence[BoxResult]]) -> NDArray[np.int8]:
    """The verdicts of the boxes that are asked, (N, boxes), as their places."""
    asked = {box.name for box in bank.boxes}
    table = [list(_places(rows, asked)) for rows in results]
    # A byte for each: those of the whole class are in memory together.
    return np.array(table, dtype=np.int8)


def _places(rows: Sequence[BoxResult], asked: Collection[str]) -> Iterator[int]:
    for row in rows:
        # Boxes that are not asked have no column, though a student may have filled some.
        if row.box in asked:
            yield _PLACE[row.verdict]


def _numbers(bank: Bank, givens: dict[str, Array]) -> dict[str, Array]:
    """Every number that was drawn, by its box-like name, (N,)."""
    found = {}
    for q in bank.graph.givens:
        # A number that all variants share explains no difference between them.
        if q.name not in bank.samplers or bank.samplers[q.name].fixed:
            continue
        for box in bank.boxes_of(q):
            found[box.name] = box.of(givens[q.name])
    return found


class Gathering:
    """Takes the parts of a marking as they come, in the order of the students."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.people: list[Student] = []
        self.mistakes: list[StudentMistake] = []
        self.parts: list[ReportPart] = []

    def add(self, students: Sequence[Student], part: ReportPart) -> None:
        """Takes in a part of the class, whose students count from 0."""
        before = len(self.people)
        self.people += students
        # A part counts its students from 0.
        for made in part.mistakes:
            self.mistakes.append(replace(made, student=before + made.student))
        self.parts.append(part)

    def marking(self, absent: Sequence[Absent], matches: Sequence[str]) -> Marking:
        """All of it."""
        bank, order = self.bank, _places_on_the_sheet(self.bank)
        boxes = [bank.boxes[k] for k in order]
        roles = (bank.graph[box.quantity].role for box in boxes)
        places = (_place(bank, box) for box in boxes)
        ids = tuple(student.id for student in self.people)
        names = tuple(student.name for student in self.people)
        box_names = tuple(box.name for box in boxes)
        weights, earned, verdicts = _stacked(self.parts, order)
        return Marking(
            title=bank.written.title,
            course=bank.written.course,
            boxes=box_names,
            kinds=tuple(roles),
            students=ids,
            names=names,
            weights=weights,
            earned=earned,
            verdicts=verdicts,
            mistakes=tuple(self.mistakes),
            numbers=_joined(self.parts),
            difficulty=_difficulties(self.parts),
            matches=tuple(matches),
            absent=tuple(absent),
            attempts=_attempts(self.parts),
            places=tuple(places),
            labels=labels_of(bank),
            words=kind_words(bank),
        )


def _places_on_the_sheet(bank: Bank) -> list[int]:
    """Which of the bank's boxes is the first on the sheet, the second, and so on."""
    return sheet_order(bank).in_order(range(len(bank.boxes)), lambda k: bank.boxes[k].quantity)


def _stacked(
    parts: Sequence[ReportPart], order: list[int]
) -> tuple[Array, Array, NDArray[np.int8]]:
    """Weights, earned marks and verdicts of all parts, (N, boxes), the boxes in an order."""
    # Of nobody there are no parts: the arrays begin with no rows, so that they have a shape.
    none = np.zeros((0, len(order)))
    weights = np.concatenate([none, *(part.weights for part in parts)])
    earned = np.concatenate([none, *(part.earned for part in parts)])
    verdicts = np.concatenate([none.astype(np.int8), *(part.verdicts for part in parts)])
    return weights[:, order], earned[:, order], verdicts[:, order]


def _difficulties(parts: Sequence[ReportPart]) -> Array:
    nobody = np.zeros(0)
    return np.concatenate([nobody, *(part.difficulty for part in parts)])


def _attempts(parts: Sequence[ReportPart]) -> NDArray[np.int64]:
    attempts = list(chain.from_iterable(part.attempts for part in parts))
    return np.array(attempts, dtype=np.int64)


def _joined(parts: Sequence[ReportPart]) -> dict[str, Array]:
    """The numbers of all parts, name by name."""
    if not parts:
        return {}
    found = {}
    for name in parts[0].numbers:
        arrays = [part.numbers[name] for part in parts]
        found[name] = np.concatenate(arrays)
    return found


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
    # The report compares sheets by the numbers that were drawn for them.
    givens = [q.name for q in bank.graph.givens]
    found = {}
    for name in dict.fromkeys([*givens, *bank.asked]):
        q, shown = bank.graph[name], Symbol(name)
        for box in bank.boxes_of(q):
            found[box.name] = _label(bank, shown, box.name, box.shown)
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
