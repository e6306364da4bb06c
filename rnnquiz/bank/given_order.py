"""The order in which what is given stands, wherever it is listed: inputs, targets, states,
parameters, numbers of the rule by which they are updated and what it begins with, lines that are
known."""

from __future__ import annotations

from collections.abc import Callable

from rnnquiz.algebra.symbols import without_step
from rnnquiz.bank.specification import Bank
from rnnquiz.derivation.graph import Quantity

# Kinds of givens, in order.
INPUTS, GIVEN_TARGETS, STATES, GIVEN_PARAMETERS, OF_THE_RULE, RUNNING_MEANS, KNOWN_LINES = range(7)
GivenRank = tuple[int, str, int]


def given_rank(bank: Bank) -> Callable[[Quantity], GivenRank]:
    """By what givens are sorted: the kind, the letter, the step."""
    order = {q.name: i for i, q in enumerate(bank.full)}
    inputs, targets = set(bank.cell.inputs), set(bank.cell.targets)
    parameters = set(bank.full.parameters)

    def rank(q: Quantity) -> GivenRank:
        letter = without_step(q.name)
        time = q.time or 0
        if q.name in bank.task.shown:
            return KNOWN_LINES, "", order[q.name]
        if letter in inputs:
            return INPUTS, letter, time
        if letter in targets:
            return GIVEN_TARGETS, letter, time
        if q.time is not None:
            return STATES, "", time
        if q.name in parameters:
            return GIVEN_PARAMETERS, "", time
        # Running means are counted: they begin at pass 0.
        kind = OF_THE_RULE if q.symbol.number is None else RUNNING_MEANS
        return kind, "", time

    return rank


__all__ = ["GIVEN_TARGETS", "GivenRank", "given_rank"]
