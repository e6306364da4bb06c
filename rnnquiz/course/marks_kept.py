"""What is kept of a marked sheet: its line of the gradebook, its row of the store, its evidence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rnnquiz.course.bundles import MarkedPaper, Paper
from rnnquiz.course.records import GradedLine, StoredRow
from rnnquiz.grade.mark import BoxResult, Finding


def graded_line(one: MarkedPaper) -> GradedLine:
    """What the printed list tells of a student: marks, verdicts, first wrong box."""
    asked = _asked(one)
    verdicts = dict(Counter(str(row.verdict) for row in asked))
    skills = one.marked.by_skill(one.n)
    return GradedLine(one.marks, one.maximum, skills, verdicts, _first_wrong(asked))


def _asked(one: MarkedPaper) -> Sequence[BoxResult]:
    bank = one.marked.bank
    # A box that is not asked has a verdict, too, where a student has filled it; few fill any.
    if len(one.results) == len(bank.boxes):
        return one.results
    return [row for row in one.results if row.quantity in bank.asked]


def _first_wrong(asked: Sequence[BoxResult]) -> str:
    for row in asked:
        # A blank box says nothing of where the work went wrong.
        if row.verdict.is_fault:
            return row.box
    return ""


def stored_row(one: MarkedPaper) -> StoredRow:
    """What the database keeps of a marked sheet."""
    answers = json.dumps(one.marked.answers.texts[one.n], ensure_ascii=False)
    verdicts = json.dumps({row.box: row.verdict for row in one.results})
    variant, source = one.paper.variant, str(one.paper.sheet.source)
    return StoredRow(
        variant.student, variant.attempt, source, answers, one.marks, one.maximum, verdicts
    )


def evidence_of(one: MarkedPaper) -> str:
    """Everything that a sheet's marks rest on."""
    paper = one.paper
    found: dict[str, Any] = {"student": paper.student.id}
    found |= _special(paper)
    found["source"] = str(paper.sheet.source)
    # Four digits, as the gradebook has them: the rest is the rounding of floats.
    found |= {"marks": round(one.marks, 4), "maximum": round(one.maximum, 4)}
    found["findings"] = list(map(_finding, one.findings))
    # The boxes are most of it, and written by themselves.
    head = json.dumps(found, ensure_ascii=False).removesuffix("}")
    boxes = ", ".join(row.as_json() for row in one.results)
    tail = ""
    if one.reading is not None:
        page = json.dumps(one.reading.as_dict(), ensure_ascii=False)
        tail = f', "page": {page}'
    return f'{head}, "boxes": [{boxes}]{tail}}}'


def _special(paper: Paper) -> dict[str, Any]:
    """What is said only where it is not as usual: the exercise, lateness, the attempt."""
    variant, sheet = paper.variant, paper.sheet
    found: dict[str, Any] = {}
    if variant.exercise:
        found["exercise"] = variant.exercise
    if sheet.days:
        found |= {"days_late": sheet.days, "taken_off": sheet.taken_off}
    if variant.attempt > 1:
        found["attempt"] = variant.attempt
    return found


def _finding(one: Finding) -> dict[str, Any]:
    boxes, others = list(one.boxes), list(one.others)
    return {"name": one.name, "boxes": boxes, "says": one.says, "or": others}
