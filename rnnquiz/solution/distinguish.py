"""Which registered mistakes the numbers of a variant can tell from the right answer, and what each
would give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import filterfalse

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.specification import Bank, Box, trivial
from rnnquiz.bank.variant import shown_digits
from rnnquiz.decimals import Array
from rnnquiz.derivation.tolerance import Interval
from rnnquiz.models.misconceptions import Mistaken
from rnnquiz.solution.solved import Solved


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
        interval, shape = accepted[name], (count, -1)
        low, high = interval.low.reshape(shape), interval.high.reshape(shape)
        for mistake in made:
            # A wrong formula may divide by zero: a box without a number does not show the mistake.
            with np.errstate(all="ignore"):
                value = value_of(mistake.formula, solved.chain)
                # It may also give one number for all entries.
                every = np.broadcast_to(value, solved.chain[name].shape)
                wrong = every.reshape(shape)
                inside = (low <= wrong) & (wrong <= high)
                outside = ~inside & np.isfinite(wrong)
                yield Wrong(mistake, wrong, outside)


def mistakes_told_apart(solved: Solved) -> list[Mistakes]:
    """For each variant: a mistake shows where it gives a number outside of what is accepted in a
    box."""
    bank = solved.bank
    shown: list[dict[str, Shown]] = [{} for _ in solved.variants]
    tried: dict[str, None] = {}  # in the order of the work, each once
    # Once: each of many variants has each of many mistakes.
    boxes = {name: tuple(bank.boxes_of(bank.graph[name])) for name in bank.asked}
    for wrong in wrong_values(solved, solved.accepted):
        rule = wrong.mistake.rule.name
        tried[rule] = None
        for row in map(int, np.flatnonzero(wrong.outside.any(axis=1))):
            # A mistake may be possible in many quantities: it is told at the first.
            if rule not in shown[row]:
                shown[row][rule] = _shown_in(solved, wrong, row, boxes[wrong.mistake.quantity])
    found = []
    for own in shown:
        seen, hidden = tuple(own.values()), tuple(filterfalse(own.__contains__, tried))
        found.append(Mistakes(seen, hidden))
    return found


def _shown_in(solved: Solved, wrong: Wrong, row: int, boxes: Sequence[Box]) -> Shown:
    """The first box of a variant in which a mistake shows."""
    bank, mistake = solved.bank, wrong.mistake
    # Of flags the first that is true is the greatest.
    entry = int(np.argmax(wrong.outside[row]))
    right = solved.chain[mistake.quantity].reshape(wrong.values.shape)
    numbers = [_printed(bank, values[row, entry]) for values in (wrong.values, right)]
    return Shown(mistake.rule.name, boxes[entry].name, *numbers)


def _printed(bank: Bank, value: np.float64) -> str:
    return bank.rounding.format(float(value), shown_digits(bank))
