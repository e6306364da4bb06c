"""Which registered mistakes the numbers of a variant can tell from the right answer, and what each
would give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.specification import trivial
from rnnquiz.bank.variant import shown_digits
from rnnquiz.decimals import Array
from rnnquiz.derivation.tolerance import Interval
from rnnquiz.models.misconceptions import Mistaken
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


@dataclass(frozen=True)
class Wrong:
    """What a mistake gives for one quantity in every variant, and where that is outside of what is
    accepted: (N, entries)."""

    mistake: Mistaken
    values: Array
    outside: NDArray[np.bool_]


def wrong_values(solved: Solved, accepted: Mapping[str, Interval]) -> Iterator[Wrong]:
    """Every mistake of every asked quantity, made once, from right numbers, against what is
    accepted."""
    bank, count = solved.bank, len(solved.variants)
    asked = set(bank.asked)
    for name, made in bank.mistaken.items():
        if name not in asked or trivial(bank.graph[name]):
            continue
        low, high = (end.reshape(count, -1) for end in (accepted[name].low, accepted[name].high))
        for mistake in made:
            with np.errstate(all="ignore"):
                value = value_of(mistake.formula, solved.chain)
                wrong = np.broadcast_to(value, solved.chain[name].shape).reshape(count, -1)
                yield Wrong(
                    mistake, wrong, ~((low <= wrong) & (wrong <= high)) & np.isfinite(wrong)
                )


def mistakes_told_apart(solved: Solved) -> list[Mistakes]:
    """For each variant: a mistake shows where it gives a number outside of what is accepted in a
    box."""
    bank, rounding, extra = solved.bank, solved.bank.rounding, shown_digits(solved.bank)
    shown: list[dict[str, Shown]] = [{} for _ in solved.variants]
    tried: dict[str, None] = {}
    boxes = {name: tuple(bank.boxes_of(bank.graph[name])) for name in bank.asked}
    for wrong in wrong_values(solved, solved.accepted):
        name, rule = wrong.mistake.quantity, wrong.mistake.rule.name
        right = solved.chain[name].reshape(wrong.values.shape)
        tried[rule] = None
        for row in np.flatnonzero(wrong.outside.any(axis=1)):
            if rule not in shown[row]:
                entry = int(np.argmax(wrong.outside[row]))
                numbers = (
                    rounding.format(float(v[row, entry]), extra) for v in (wrong.values, right)
                )
                shown[row][rule] = Shown(rule, boxes[name][entry].name, *numbers)
    return [
        Mistakes(tuple(found.values()), tuple(rule for rule in tried if rule not in found))
        for found in shown
    ]
