"""Mistakes that a grader could not tell from the right answer, with the numbers that were drawn."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Iterator

import numpy as np

from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.specification import trivial
from rnnquiz.bank.task import VALUE, WHICH
from rnnquiz.bank.variant import shown_digits
from rnnquiz.decimals import Array, Bools
from rnnquiz.models.misconceptions import Mistaken
from rnnquiz.variants.draft import Draft
from rnnquiz.variants.refusals import Refusals

# At one half-width the wrong value is at the edge of what passes for right.
_MARGIN = 2.0  # a mistake must be this many half-widths of the accepted interval away
# How far a mistake that is to be found is off: half-widths, and share of the value. Nearer, the
# wrong line would be taken for a matter of rounding.
_PLAIN, PLAIN_SHARE = 20.0, 0.05


def looks_like_zero(d: Draft) -> Refusals:
    """Zero, or the negated value, would pass for an asked value, or its interval has no end."""
    for name, (centre, half) in d.intervals.items():
        # Written so that an interval without end counts, too.
        apart = np.abs(centre) > _MARGIN * half
        sought = d.exact[name] != 0
        yield name, d.any_entry(sought & ~apart)


def confusable(d: Draft, waived: Collection[str] = ()) -> Iterator[tuple[Mistaken, Bools]]:
    """Each mistake, with the variants in which the grader could not tell it from the right answer.

    Those that are waived (by their ids) are passed over. What counts is the first asked box that
    the mistake changes: its own, or one computed from it where it is not asked.
    """
    for q in d.bank.graph.computed:
        if q.name not in d.intervals and not trivial(q):
            for mistake in _counted(d, q.name, waived):
                yield mistake, _hidden(d, mistake)
    for name in d.intervals:
        is_zero = d.exact[name] == 0
        sought = d.any_entry(~is_zero)
        for mistake in _counted(d, name, waived):
            wrong = value_of(mistake.formula, d.printed)
            shown = np.where(np.isfinite(wrong), wrong, np.nan)  # what is no number is seen
            yield mistake, sought & _near(d, name, shown)


def _counted(d: Draft, name: str, waived: Collection[str]) -> Iterator[Mistaken]:
    for mistake in d.mistaken[name]:
        if mistake.rule.id not in waived:
            yield mistake


def _near(d: Draft, name: str, wrong: Array) -> Bools:
    """Variants in which all entries of a wrong value would pass for right, or nearly."""
    centre, half = d.intervals[name]
    wrong = np.broadcast_to(wrong, centre.shape)
    with np.errstate(invalid="ignore"):
        apart = np.abs(wrong - centre)
        near = apart <= _MARGIN * half
    return d.every_entry(near)


def _hidden(d: Draft, mistake: Mistaken) -> Bools:
    """Variants in which a mistake in an unasked quantity cannot be seen in the first asked one that
    it changes."""
    graph, rounding, extra = d.bank.graph, d.bank.rounding, shown_digits(d.bank)
    # What the mistake changes lies over the right numbers, which stay for the next mistake.
    values = ChainMap({}, d.printed)
    undecided, near = np.ones(d.count, dtype=bool), d.nothing()
    for q in graph.computed:
        if q.name != mistake.quantity and mistake.quantity not in graph.ancestors[q.name]:
            continue
        formula = mistake.formula if q.name == mistake.quantity else q.formula
        assert formula is not None
        right = d.printed[q.name]
        exact = np.broadcast_to(value_of(formula, values), right.shape)
        wrong = values[q.name] = rounding.round(exact, extra)
        if q.name in d.intervals:
            changed = undecided & d.any_entry(wrong != right)
            near |= changed & _near(d, q.name, wrong)
            undecided &= ~changed
            if not undecided.any():
                break
    return near


def nearly_right(d: Draft) -> Refusals:
    """A mistake gives nearly the right answer."""
    for mistake, near in confusable(d, frozenset(d.bank.written.certify.waive)):
        yield mistake.quantity, near


def hidden_mistake(d: Draft) -> Refusals:
    """In a find task: the wrong line would pass for right, for a matter of rounding, or shows no
    number."""
    if not d.bank.candidates:
        return
    # Of each variant the number that its wrong line shows; lines are numbered from 1.
    number, rows = d.givens[WHICH].astype(np.int64), np.arange(d.count)
    lines = [d.givens[name] for name in d.bank.task.lines]
    wrong = np.stack(lines)[number - 1, rows]
    centre, half = d.intervals[VALUE]
    apart, share = np.abs(wrong - centre), PLAIN_SHARE * np.abs(centre)
    near = apart <= np.maximum(_PLAIN * half, share)
    yield "", ~np.isfinite(wrong) | near
