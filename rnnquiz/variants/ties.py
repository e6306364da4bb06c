"""Numbers that lie on a rounding tie, where one of the two ways to round is not accepted."""

from __future__ import annotations

import numpy as np

from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.specification import trivial
from rnnquiz.bank.variant import shown_digits
from rnnquiz.decimals import NEARLY_TIE, Bools, OtherHalf, tie_distance
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.derivation.tolerance import accepted, after_key
from rnnquiz.variants.draft import Draft
from rnnquiz.variants.refusals import Refusals


def ambiguous_tie(d: Draft) -> Refusals:
    """Where a printed value lies on a rounding tie: one of the two ways to round it is not
    accepted.

    Both solutions are held against the intervals of the grader, each over its own numbers: that of
    the key, and that of somebody who rounds every tie the other way. A tie itself is the end of an
    interval, and is in it; what only looks like a tie on a calculator can be out of it.
    """
    # Few draws have a tie: only these are solved a second time.
    rows = np.flatnonzero(_ties(d))
    if not len(rows):
        return
    graph, rule, asked = d.bank.graph, d.bank.rounding, set(d.bank.asked)
    givens = {name: value[rows] for name, value in d.givens.items()}
    printed = {name: value[rows] for name, value in d.printed.items()}
    other = OtherHalf(rule.kind, rule.digits, rule.when, rule.truncation)
    contrary = evaluate(graph, givens, other, shown_digits(d.bank))
    for way, chain in ((rule, printed), (other, contrary)):
        written = {name: way.round(chain[name]) for name in asked}
        forms = after_key(graph, givens, written, rule, asked)
        for name in d.bank.asked:
            refused = d.nothing()
            interval = accepted(rule, forms[name])
            held = interval.holds(written[name])
            entries = held.reshape(len(rows), -1)
            refused[rows] = ~entries.all(axis=1)
            yield name, refused


def _ties(d: Draft) -> Bools:
    """Variants in which a value that is to be rounded lies on a tie, or looks like it on a
    calculator."""
    found = d.nothing()
    for q in d.bank.graph.computed:
        assert q.formula is not None
        if not trivial(q):
            raw = np.broadcast_to(value_of(q.formula, d.printed), (d.count, *q.shape))
            distance = tie_distance(raw, d.bank.rounding)
            found |= d.any_entry(distance < NEARLY_TIE)
    return found
