"""The order in which what is given stands, wherever it is listed: inputs, targets, states,
parameters, lines that are known."""

from __future__ import annotations

from collections.abc import Callable

from rnnquiz.algebra.symbols import without_step
from rnnquiz.bank.specification import Bank
from rnnquiz.derivation.graph import Quantity

INPUTS, GIVEN_TARGETS, STATES, GIVEN_PARAMETERS, KNOWN_LINES = range(5)  # kinds of givens, in order
GivenRank = tuple[int, str, int]


def given_rank(bank: Bank) -> Callable[[Quantity], GivenRank]:
    """By what givens are sorted: the kind, the letter, the step."""
    order = {q.name: i for i, q in enumerate(bank.full)}
    inputs, targets = set(bank.cell.inputs), set(bank.cell.targets)

    def rank(q: Quantity) -> GivenRank:
        letter = without_step(q.name)
        time = q.time or 0
        if q.name in bank.task.shown:
            return KNOWN_LINES, "", order[q.name]
        if letter in inputs:
            return INPUTS, letter, time
        if letter in targets:
            return GIVEN_TARGETS, letter, time
        kind = GIVEN_PARAMETERS if q.time is None else STATES
        return kind, "", time

    return rank


__all__ = ["GIVEN_TARGETS", "GivenRank", "given_rank"]
