"""Numbers that are not worth computing: no value, a flat activation, too few digits, an update that
changes nothing.

Each test says which of N candidates to refuse, and which quantity is to blame.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from rnnquiz.algebra.expression import Expression, applies
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.operations import shape_of, value_of
from rnnquiz.algebra.shapes import Shape
from rnnquiz.algebra.slopes import derivative_of
from rnnquiz.algebra.symbols import in_pass, updated
from rnnquiz.decimals import Bools
from rnnquiz.derivation.differences import first_doubt
from rnnquiz.derivation.roles import Role
from rnnquiz.variants.draft import Draft, difficulty

KINK = 10.0  # units of the last place: nearer to a kink, rounding decides on which side one is
SMALLER = 1 - 1e-9  # a printed number is not compared with a power of ten to its last bit

Refusals = Iterator[tuple[str, Bools]]
"""The name of a quantity (empty where none is to blame), and the variants that are refused for
it, (N,)."""


def undefined(d: Draft) -> Refusals:
    """A logarithm of zero, a division by zero: a value that is no number."""
    for q in d.bank.full.computed:
        finite = np.isfinite(d.whole[q.name])
        yield q.name, d.any_entry(~finite)


def saturated(d: Draft) -> Refusals:
    """An activation is flat at its argument, or (where it has a kink) all of its entries are, or
    one is next to the kink."""
    # 1 - h**2 is the slope of tanh at h; slopes of others are held against their steepest.
    graph, least = d.bank.full, 1 - d.bank.written.certify.saturation**2

    def shape(tree: Expression) -> Shape:
        return shape_of(tree, graph.shapes)

    for q in graph.computed:
        if q.role != Role.FORWARD or not applies(q.formula, *FUNCTIONS):
            continue
        function, (argument,) = FUNCTIONS[q.formula.op], q.formula.args
        by_argument = derivative_of(q.formula.op, argument, None, shape)
        steepness = np.abs(value_of(by_argument, d.whole))
        # Of a constant it is one number for all variants.
        slope = np.broadcast_to(steepness, (d.count, *q.shape))
        flat = slope / function.steepest < least
        if not function.kinked:
            yield q.name, d.any_entry(flat)
            continue
        # A unit of a relu that is off is ordinary, a layer that is off computes nothing.
        yield q.name, d.every_entry(flat)
        inside = np.broadcast_to(value_of(argument, d.whole), slope.shape)
        margin = KINK * d.bank.rounding.unit(inside)
        near = np.abs(inside) < margin
        yield q.name, d.any_entry(near)


def few_digits(d: Draft) -> Refusals:
    """An asked value that is zero, where that is not usual in the bank, or has fewer significant
    digits than the bank insists on."""
    rounding, digits = d.bank.rounding, d.bank.written.certify.digits
    for name, _ in d.asked_formulas:
        value = d.exact[name]
        scale = 10.0 ** (digits - 1)
        least = rounding.unit(value) * scale
        size = np.abs(rounding.round(value))
        short = size < least * SMALLER
        # A zero that most sheets have there, too, is a part of the exercise.
        usual = (value == 0) & d.zeros[name]
        unusual = ~usual
        yield name, d.any_entry(unusual & short)


def idle_update(d: Draft) -> Refusals:
    """A parameter is the same after an update, as it is printed, and its gradient is not zero."""
    graph, rounding = d.bank.full, d.bank.rounding
    for p in graph.parameters:
        new = [in_pass(updated(p), one.number) for one in graph.passes]
        there = list(filter(d.whole.__contains__, [p, *new]))
        # In several passes it has other names, and the parameter counts as moved.
        gradient = d.whole.get(f"dL/d{p}", np.ones(1))
        moved = gradient != 0
        for before, after in pairwise(there):
            was, now = (rounding.round(d.whole[name]) for name in (before, after))
            same = was == now
            yield after, d.any_entry(same & moved)


def key_wrong(d: Draft) -> Refusals:
    """A derivative does not agree with central differences of the forward pass."""
    # The gradients of the losses alone: all others were looked at when the bank was read.
    wrong, _ = first_doubt(d.bank.full, d.whole, sums_only=True)
    yield "", wrong


def uneven(d: Draft) -> Refusals:
    """Easier or harder than the middle of what the bank gives; keeps the sheets of a class
    alike."""
    low, high = d.band
    points = difficulty(d.bank, d.printed)
    outside = (points < low) | (points > high)
    yield "", np.asarray(outside)
