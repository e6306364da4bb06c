"""Values of all named quantities, for one variant or a whole class at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnquiz.decimals import Array, Rounding
from rnnquiz.derivation.graph import Graph

Values = dict[str, Array]


LARGEST_RESERVE = 2**21  # numbers; above 32 MB the allocator maps memory anew in any case


def _keep_in_hand(numbers: int) -> None:
    """Ask for memory of this size once and let it go, so that the allocator keeps it for the many
    arrays that follow.

    Otherwise glibc gives every page back and fetches it again, which takes four times as long as
    the arithmetic.
    """
    np.empty(min(numbers, LARGEST_RESERVE))


def batch_of(values: Mapping[str, Array]) -> int:
    """N, of arrays of shape (N, ...): how many variants are computed at once."""
    any_value = next(iter(values.values()))
    return len(any_value)


def _filled_slots(graph: Graph, givens: Mapping[str, Array]) -> list[Any]:
    """A place for each number of the plan, with the constants and the givens in theirs."""
    plan = graph.plan
    slots: list[Any] = [None] * plan.size
    for slot, constant in plan.constants.items():
        slots[slot] = constant
    for q in graph.givens:
        slots[plan.places[q.name]] = givens[q.name]
    return slots


def evaluate(
    graph: Graph,
    givens: Mapping[str, Array],
    rounding: Rounding | None = None,
    extra: int = 0,
    known: Mapping[str, Array] | None = None,
) -> Values:
    """Value of each quantity, shape (N, *its shape).

    With `rounding`, each named quantity is rounded before it is used (`extra` digits finer than
    asked): the chain of a student who keeps the rule, and the numbers that a key prints. Where
    `known` has a number (not NaN) it wins over the formula: the effect of a slip on what follows.
    """
    batch = batch_of(givens)
    plan = graph.plan
    _keep_in_hand(batch * plan.size)
    slots = _filled_slots(graph, givens)
    values = {q.name: givens[q.name] for q in graph.givens}
    with np.errstate(all="ignore"):
        for name, steps in plan.steps:
            for function, arguments, slot in steps:
                operands = [slots[i] for i in arguments]
                slots[slot] = function(*operands)
            value = slots[slot]
            # A formula of constants alone gives one number for the whole class.
            if np.ndim(value) == 0:
                value = np.broadcast_to(value, (batch, *graph.shapes[name]))
            # What is printed is gone on with: later formulas read the rounded number.
            if rounding is not None:
                value = rounding.round(value, extra)
            if known is not None and name in known:
                slip = known[name]
                value = np.where(np.isnan(slip), value, slip)
            values[name] = slots[slot] = value
    return values
