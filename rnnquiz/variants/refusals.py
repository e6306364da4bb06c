"""Numbers that are not worth computing: no value, a flat activation, too few digits, an update that
changes nothing.

Each test says which of N candidates to refuse, and which quantity is to blame.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from rnnquiz.algebra.expression import applies
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.operations import shape_of, value_of
from rnnquiz.algebra.slopes import derivative_of
from rnnquiz.algebra.symbols import in_pass, updated
from rnnquiz.decimals import Bools
from rnnquiz.derivation.differences import first_doubt
from rnnquiz.variants.draft import Draft, difficulty

KINK = 10.0  # units of the last place: nearer to a kink, rounding decides on which side one is
SMALLER = 1 - 1e-9  # a printed number is not compared with a power of ten to its last bit

Refusals = Iterator[tuple[str, Bools]]
"""The name of a quantity (empty where none is to blame), and the variants that are refused for
it, (N,)."""


def undefined(d: Draft) -> Refusals:
    """A logarithm of zero, a division by zero: a value that is no number."""
    for q in d.bank.full.computed:
        yield q.name, d.any_entry(~np.isfinite(d.whole[q.name]))


def saturated(d: Draft) -> Refusals:
    """An activation is flat at its argument, or (where it has a kink) all of its entries are, or
    one is next to the kink."""
    graph, least = d.bank.full, 1 - d.bank.written.certify.saturation**2
    for q in graph.computed:
        if q.role != "forward" or not applies(q.formula, *FUNCTIONS):
            continue
        function, (argument,) = FUNCTIONS[q.formula.op], q.formula.args
        by_argument = derivative_of(
            q.formula.op, argument, None, lambda tree: shape_of(tree, graph.shapes)
        )
        # of a constant it is one number for all variants
        slope = np.broadcast_to(np.abs(value_of(by_argument, d.whole)), (d.count, *q.shape))
        flat = slope / function.steepest < least
        if function.kinked:
            inside = np.broadcast_to(value_of(argument, d.whole), slope.shape)
            yield q.name, np.asarray(flat.reshape(d.count, -1).all(axis=1))
            yield q.name, d.any_entry(np.abs(inside) < KINK * d.bank.rounding.unit(inside))
        else:
            yield q.name, d.any_entry(flat)


def few_digits(d: Draft) -> Refusals:
    """An asked value that is zero, where that is not usual in the bank, or has fewer significant
    digits than the bank insists on."""
    rounding, digits = d.bank.rounding, d.bank.written.certify.digits
    for name, _ in d.asked_formulas:
        value = d.exact[name]
        least = rounding.unit(value) * 10.0 ** (digits - 1)
        short = np.abs(rounding.round(value)) < least * SMALLER
        unusual = (value != 0) | ~d.zeros[name]
        yield name, d.any_entry(unusual & short)


def idle_update(d: Draft) -> Refusals:
    """A parameter is the same after an update, as it is printed, and its gradient is not zero."""
    graph, rounding = d.bank.full, d.bank.rounding
    for p in graph.parameters:
        chain = [p, *(in_pass(updated(p), one.number) for one in graph.passes)]
        there = [(name, rounding.round(d.whole[name])) for name in chain if name in d.whole]
        moved = d.whole[f"dL/d{p}"] != 0 if f"dL/d{p}" in d.whole else True
        for (_, before), (name, after) in pairwise(there):
            yield name, d.any_entry((before == after) & moved)


def key_wrong(d: Draft) -> Refusals:
    """A derivative does not agree with central differences of the forward pass."""
    yield "", first_doubt(d.bank.full, d.whole, sums_only=True)[0]


def uneven(d: Draft) -> Refusals:
    """Easier or harder than the middle of what the bank gives; keeps the sheets of a class
    alike."""
    low, high = d.band
    points = difficulty(d.bank, d.printed)
    yield "", np.asarray((points < low) | (points > high))
