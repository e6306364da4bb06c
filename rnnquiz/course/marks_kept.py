"""What is kept of a marked sheet: its line of the gradebook, its row of the store, its evidence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rnnquiz.bank.variant import Variant
from rnnquiz.course.records import GradedLine, StoredRow
from rnnquiz.grade.mark import BoxResult, Finding, Marked
from rnnquiz.people.roster import Student
from rnnquiz.submissions.sheets import Sheet

if TYPE_CHECKING:
    from rnnquiz.pages.reading import Reading


def graded_line(marked: Marked, n: int, results: Sequence[BoxResult]) -> GradedLine:
    asked = _asked(marked, results)
    verdicts = dict(Counter(str(row.verdict) for row in asked))
    marks, maximum = sums(marked, n)
    return GradedLine(marks, maximum, marked.by_skill(n), verdicts, _first_wrong(asked))


def _asked(marked: Marked, results: Sequence[BoxResult]) -> Sequence[BoxResult]:
    bank = marked.bank
    # A box that is not asked has a verdict, too, where a student has filled it; few fill any.
    if len(results) == len(bank.boxes):
        return results
    return [row for row in results if row.quantity in bank.asked]


def sums(marked: Marked, n: int) -> tuple[float, float]:
    """The marks of a sheet, and what they are out of."""
    return float(marked.totals[n]), float(marked.maxima[n])


def _first_wrong(asked: Sequence[BoxResult]) -> str:
    for row in asked:
        # A blank box says nothing of where the work went wrong.
        if row.verdict.is_fault:
            return row.box
    return ""


def stored_row(
    marked: Marked, n: int, results: Sequence[BoxResult], variant: Variant, sheet: Sheet
) -> StoredRow:
    answers = json.dumps(marked.answers.texts[n], ensure_ascii=False)
    verdicts = json.dumps({row.box: row.verdict for row in results})
    marks, maximum = sums(marked, n)
    return StoredRow(
        variant.student, variant.attempt, str(sheet.source), answers, marks, maximum, verdicts
    )


def evidence_of(
    marked: Marked,
    n: int,
    row: tuple[Student, Variant, Sheet],
    results: Sequence[BoxResult],
    findings: Sequence[Finding],
    reading: Reading | None,
) -> str:
    """Everything that a sheet's marks rest on."""
    student, variant, sheet = row
    marks, maximum = sums(marked, n)
    found: dict[str, Any] = {"student": student.id}
    found |= _special(variant, sheet)
    found["source"] = str(sheet.source)
    # Four digits, as the gradebook has them: the rest is the rounding of floats.
    found |= {"marks": round(marks, 4), "maximum": round(maximum, 4)}
    found["findings"] = [_finding(one) for one in findings]
    # The boxes are most of it, and written by themselves.
    head = json.dumps(found, ensure_ascii=False).removesuffix("}")
    boxes = ", ".join(one.as_json() for one in results)
    tail = ""
    if reading is not None:
        page = json.dumps(reading.as_dict(), ensure_ascii=False)
        tail = f', "page": {page}'
    return f'{head}, "boxes": [{boxes}]{tail}}}'


def _special(variant: Variant, sheet: Sheet) -> dict[str, Any]:
    """What is said only where it is not as usual: the exercise, lateness, the attempt."""
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
