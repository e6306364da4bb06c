"""Which registered mistakes the numbers of a variant can tell from the right answer, and what each would give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnquiz.algebra.operations import evaluate as value_of
from rnnquiz.bank.specification import trivial
from rnnquiz.bank.variant import shown_digits
from rnnquiz.grade.diagnose import rules_of
from rnnquiz.models.misconceptions import mistakes
from rnnquiz.solution import Solved


@dataclass(frozen=True)
class Shown:
    """A mistake, the first box in which it shows, what would stand there, and what is right."""

    name: str
    box: str
    wrong: str
    right: str


@dataclass(frozen=True)
class Mistakes:
    """Those that show in one variant, and the names of those that nobody could see in it."""

    shown: tuple[Shown, ...]
    hidden: tuple[str, ...]


def told_apart(solved: Solved) -> list[Mistakes]:
    """For each variant: a mistake shows where it gives a number outside of what is accepted in a box."""
    bank, rounding, extra = solved.bank, solved.bank.rounding, shown_digits(solved.bank)
    asked = set(bank.asked)
    shown: list[dict[str, Shown]] = [{} for _ in solved.variants]
    tried: dict[str, None] = {}
    boxes = {name: tuple(bank.boxes_of(bank.graph[name])) for name in asked}
    for name, made in mistakes(bank.graph, rules_of(bank)).items():
        if name not in asked or trivial(bank.graph[name]):
            continue
        interval, count = solved.accepted[name], len(solved.variants)
        right = solved.chain[name].reshape(count, -1)
        for mistake in made:
            wrong = np.broadcast_to(value_of(mistake.formula, solved.chain), solved.chain[name].shape).reshape(count, -1)
            with np.errstate(invalid="ignore"):
                outside = ~((interval.low.reshape(count, -1) <= wrong) & (wrong <= interval.high.reshape(count, -1))) & np.isfinite(wrong)
            tried[mistake.rule.name] = None
            for row in np.flatnonzero(outside.any(axis=1)):
                if mistake.rule.name not in shown[row]:
                    entry = int(np.argmax(outside[row]))
                    numbers = (rounding.format(float(v[row, entry]), extra) for v in (wrong, right))
                    shown[row][mistake.rule.name] = Shown(mistake.rule.name, boxes[name][entry].name, *numbers)
    return [Mistakes(tuple(found.values()), tuple(rule for rule in tried if rule not in found)) for found in shown]
