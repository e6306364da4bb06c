"""Values of all named quantities, for one variant or a whole class at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnquiz.algebra.operations import evaluate as value_of
from rnnquiz.decimals import Array, Rounding
from rnnquiz.derivation.graph import Graph

Values = dict[str, Array]


def evaluate(
    graph: Graph,
    givens: Mapping[str, Array],
    rounding: Rounding | None = None,
    extra: int = 0,
    known: Mapping[str, Array] | None = None,
) -> Values:
    """Value of each quantity, shape (N, *its shape).

    With `rounding`, each named quantity is rounded before it is used (`extra` digits finer than asked): the chain of a
    student who keeps the rule, and the numbers that a key prints. Where `known` has a number (not NaN) it wins over
    the formula: the effect of a slip on what follows.
    """
    batch = len(next(iter(givens.values())))
    values: Values = {}
    for q in graph:
        if q.formula is None:
            values[q.name] = givens[q.name]
            continue
        value = np.broadcast_to(value_of(q.formula, values), (batch, *q.shape))
        if rounding is not None:
            value = rounding.round(value, extra)
        if known is not None and q.name in known:
            value = np.where(np.isnan(known[q.name]), value, known[q.name])
        values[q.name] = value
    return values
