"""From answers to marks: the numbers are read, judged, explained and paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.verdict import Verdict
from rnnquiz.decimals import Array, Bools
from rnnquiz.grade.answers import as_rows, read_answers, shaped
from rnnquiz.grade.case import Explanations
from rnnquiz.grade.credits import credits_of, marks_by_kind
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.exercises import Exercises, weights_of
from rnnquiz.grade.judge import Judged, judge
from rnnquiz.grade.marked import Finding, Marked
from rnnquiz.grade.repeated import constant_numbers
from rnnquiz.grade.results import BoxResult
from rnnquiz.grade.work import Explained, pay
from rnnquiz.grade.worth import Worth

# Boxes that one mistake explains before it is taken for a habit. With four, who holds one of the
# rules of forward_pass throughout earns 46 % of the marks, not 51 %; with one nothing changes in
# three banks.
MADE_AGAIN = 2


def mark(
    bank: Bank,
    givens: Mapping[str, Array],
    texts: Sequence[Mapping[str, str]],
    diagnosis: Diagnosis | None = None,
) -> Marked:
    """Mark N sheets: `givens` are their variants' numbers (batch first), `texts` what was typed, by
    box name."""
    with np.errstate(all="ignore"):
        exercises = Exercises(bank, givens)
        return mark_on(exercises, texts, diagnosis or Diagnosis(bank))


def mark_on(
    exercises: Exercises, texts: Sequence[Mapping[str, str]], diagnosis: Diagnosis
) -> Marked:
    """Mark sheets on exercises that others were or will be marked on, too."""
    with np.errstate(all="ignore"):  # a wrong number may leave a later formula without a value
        return _mark(exercises, texts, diagnosis)


def _mark(exercises: Exercises, texts: Sequence[Mapping[str, str]], diagnosis: Diagnosis) -> Marked:
    bank, givens = exercises.bank, exercises.givens
    answers = read_answers(bank, texts)
    judged = judge(exercises, answers)
    constant = constant_numbers(bank, answers, judged.key)
    held = np.asarray(constant.any(axis=1))
    if held.any():
        # Nearly everything follows from one number everywhere, zero above all.
        judged = judged.reopened(shaped(bank, constant))
    # Of a sheet of one number just that is said: no other cause is looked for.
    explanations = diagnosis.explain(givens, answers, judged, ~held)
    known = _explained(bank, judged, explanations)
    paid = pay(bank, answers, judged, known)
    weights = exercises.weights
    # Credits rest on the verdicts that the marked sheets give.
    uncredited = np.zeros_like(weights)
    marked = Marked(bank, answers, judged, explanations, paid, held, weights, uncredited)
    return replace(marked, credits=credits_of(marked, exercises.worth))


def credited(marked: Marked) -> Marked:
    """The sheets with the credits that belong to their explanations as they are now."""
    return replace(marked, credits=credits_of(marked, Worth(marked.bank)))


def _explained(bank: Bank, judged: Judged, explanations: Explanations) -> Explained:
    """What is known of the wrong boxes of each student."""
    counts = _boxes_by_mistake(explanations)
    again, known, early = (_no_boxes(judged) for _ in range(3))
    for (n, name), rows in explanations.items():
        box, best = bank.every_box[name], rows[0]
        at = box.quantity, n, box.entry
        _put(again, at, any(counts[n, row.id] >= MADE_AGAIN for row in rows))
        _put(known, at, any(row.takes_work for row in rows))
        _put(early, at, best.verdict == Verdict.ROUNDING)
    return Explained(again, known, early)


def _put(boxes: Mapping[str, Bools], at: tuple[str, int, int], value: bool) -> None:
    """Set one box, by its quantity, student and entry."""
    name, n, entry = at
    as_rows(boxes[name])[n, entry] = value


def _boxes_by_mistake(explanations: Explanations) -> Counter[tuple[int, str]]:
    """How many boxes of each student each misconception explains; slips are nobody's habit."""
    counts: Counter[tuple[int, str]] = Counter()
    for (n, _), rows in explanations.items():
        for row in rows:
            if row.is_misconception:
                counts[n, row.id] += 1
    return counts


def _no_boxes(judged: Judged) -> dict[str, Bools]:
    """By quantity a place for each box, (N, *shape), none of them marked."""
    return {name: np.zeros(own.shape, dtype=bool) for name, own in judged.standing.items()}


__all__ = [
    "BoxResult",
    "Finding",
    "Marked",
    "credited",
    "mark",
    "mark_on",
    "marks_by_kind",
    "weights_of",
]
