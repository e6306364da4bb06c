"""`rnnquiz regrade`: the answers that are stored, marked again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from rnnquiz import __version__
from rnnquiz.bank.load import Portable, parse_bank
from rnnquiz.bank.specification import Bank
from rnnquiz.course.crew import hired
from rnnquiz.course.desk import Desk, Graded
from rnnquiz.course.evidence import evidence_in
from rnnquiz.course.marking import Wish, ready
from rnnquiz.course.records import Standing
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError, Problem
from rnnquiz.pages.pieces import Page
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.text import shortened


@dataclass(frozen=True, repr=False)
class Change:
    """A student whose marks or maximum differ between two markings, with both maxima and the
    boxes whose verdict changed."""

    student: str
    before: float
    after: float
    maxima: tuple[float, float]
    boxes: tuple[tuple[str, str, str], ...]

    @property
    def percents(self) -> tuple[float, float]:
        """The marks in per cent of the maximum, before and after."""
        pairs = zip((self.before, self.after), self.maxima, strict=True)
        before, after = (100 * marks / of if of else 0.0 for marks, of in pairs)
        return before, after

    def __repr__(self) -> str:
        return f"<Change of {shortened(self.student)}: {self.before:.2f} to {self.after:.2f} marks>"


def regrade(
    folder: Path, bank: Bank | None, out: Path | None, apply: bool
) -> tuple[list[Change], Graded]:
    """Mark the stored answers again, with the program as it is and the marks and credits of `bank`
    where one is given.

    Only `apply` stores the new marking (the earlier one is kept) and writes it to `out`.
    CourseError where the bank asks another exercise than the one issued.
    """
    with Course.open(folder) as course:
        if bank is not None:
            text = course.as_issued(bank.text)
            bank = parse_bank(text, bank.source, course.bank().notation.name)
        if bank is not None and not same_exercise(course.bank(), bank):
            found = "asks another exercise than the one that was issued"
            raise CourseError(
                bank.source,
                Problem("the bank", found, "change only marks, credit, wording and misconceptions"),
            )
        standing = course.standing()
        if not standing:
            raise CourseError(
                str(folder), Problem("the course", "has no marking yet", "run rnnquiz grade first")
            )
        now = bank or course.bank(max(standing, key=lambda row: row.run).bank)
        standing, erased = _with_numbers(course, standing)
        pages = course.pages()
        chosen = {
            row.student: _sheet_of(row, pages.get((row.run, row.student))) for row in standing
        }
        place = out if apply else None
        wish = Wish(Portable.of(now), place is not None, place is not None)
        desk = Desk(course, now, chosen, Graded(problems=erased), {})
        stored: list[tuple[Any, ...]] = []
        storing = course.run(now, __version__, "regrade") if apply else nullcontext()
        keeping, hands = (
            evidence_in(place, now),
            hired("processes", partial(ready, wish), desk.work(wish)),
        )
        with keeping as kept, hands as crew, storing as run:
            desk.mark(wish, crew, place, run, kept, lambda made: stored.extend(made.stored))
        changes = list(_changes(standing, stored))
        if place is not None:
            desk.write(place)
            desk.note(place, "regrade")
    return changes, desk.graded


def _sheet_of(row: Standing, page: str | None) -> Sheet:
    """What was handed in, as it was stored; a worked page is read again."""
    sheet = Sheet(row.source, row.student, "", row.answers, numbers=row.numbers)
    return sheet if page is None else replace(sheet, page=Page.from_json(page))


def _with_numbers(course: Course, standing: Sequence[Standing]) -> tuple[list[Standing], list[str]]:
    """Those who can be marked again, and a line for each whose numbers were another's who was
    erased."""
    known = set(course.tokens().values())
    lost = [row for row in standing if row.numbers and row.numbers not in known]
    why = "were erased with the student whose sheet has them -> stays as it is"
    return [row for row in standing if row not in lost], [
        f"{row.student}: the numbers {row.numbers} {why}" for row in lost
    ]


def same_exercise(one: Bank, other: Bank) -> bool:
    """True where two banks ask the same boxes of the same problem under the same rounding rule."""
    return (
        one.model,
        one.samplers,
        one.rounding,
        one.asked,
        one.written.style,
        one.written.slope,
    ) == (
        other.model,
        other.samplers,
        other.rounding,
        other.asked,
        other.written.style,
        other.written.slope,
    )


def _changes(before: Sequence[Standing], after: Sequence[tuple[Any, ...]]) -> Iterator[Change]:
    old = {row.student: (row.marks, row.maximum, row.boxes) for row in before}
    for student, _, _, _, marks, maximum, boxes in after:
        was, of, verdicts = old[student]
        now = json.loads(boxes)
        moved = tuple(
            (box, verdicts.get(box, ""), now[box])
            for box in now
            if verdicts.get(box, "") != now[box]
        )
        if moved or abs(was - marks) > 1e-9 or abs(of - maximum) > 1e-9:
            yield Change(student, was, marks, (of, maximum), moved)
