"""A variant is certified before it is issued: its key is right, its numbers are worth computing,
mistakes show in them.

Each test is a row: a reason, and a function that says which of N variants to refuse, and which
quantity is to blame. All are vectorised over variants.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from rnnquiz.algebra.expression import Apply
from rnnquiz.algebra.functions import FUNCTIONS, derivative_of
from rnnquiz.algebra.operations import evaluate as value_of
from rnnquiz.algebra.operations import shape_of
from rnnquiz.algebra.symbols import in_pass, updated
from rnnquiz.bank.specification import Bank, trivial
from rnnquiz.bank.task import VALUE, WHICH
from rnnquiz.bank.variant import draws, givens_of, keyed, problem_of, shown_digits
from rnnquiz.decimals import NEARLY_TIE, Array, OtherHalf, tie_distance
from rnnquiz.derivation.differences import first_doubt
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.derivation.tolerance import accepted, after_key
from rnnquiz.draft import Bools, Draft, difficulty
from rnnquiz.models.misconceptions import Mistaken

MARGIN = 2.0  # a mistake must be this many half-widths of the accepted interval away
PLAIN, PLAIN_SHARE = (
    20.0,
    0.05,
)  # half-widths, and share of the value, by which a mistake that is to be found is off
KINK = 10.0  # units of the last place
UNEVEN = "easier or harder than the others"
TIES = "a rounding tie would cost marks"
KEY_WRONG = "the key disagrees with central differences"


Refusals = Iterator[tuple[str, Bools]]
"""The name of a quantity (empty where none is to blame), and the variants that are refused for
it."""


def _undefined(d: Draft) -> Refusals:
    """A logarithm of zero, a division by zero: a value that is no number."""
    for q in d.bank.full.computed:
        yield q.name, d.any_entry(~np.isfinite(d.whole[q.name]))


def _saturated(d: Draft) -> Refusals:
    """An activation is flat at its argument, or (where it has a kink) all of its entries are, or
    one is next to the kink."""
    graph = d.bank.full
    for q in graph.computed:
        if q.role == "forward" and isinstance(q.formula, Apply) and q.formula.op in FUNCTIONS:
            argument = q.formula.args[0]
            slope = np.abs(
                value_of(
                    derivative_of(
                        q.formula.op, argument, None, lambda tree: shape_of(tree, graph.shapes)
                    ),
                    d.whole,
                )
            )
            slope = np.broadcast_to(
                slope, (d.count, *q.shape)
            )  # of a constant it is one number for all variants
            flat = (
                slope / FUNCTIONS[q.formula.op].steepest < 1 - d.bank.written.certify.saturation**2
            )
            if FUNCTIONS[q.formula.op].kinked:
                inside = np.broadcast_to(value_of(argument, d.whole), slope.shape)
                yield q.name, np.asarray(flat.reshape(d.count, -1).all(axis=1))
                yield q.name, d.any_entry(np.abs(inside) < KINK * d.bank.rounding.unit(inside))
            else:
                yield q.name, d.any_entry(flat)


def _few_digits(d: Draft) -> Refusals:
    """An asked value that is zero, where that is not usual in the bank, or has fewer significant
    digits than the bank insists on."""
    for name, _ in d.asked_formulas:
        value, printed = d.exact[name], d.bank.rounding.round(d.exact[name])
        least = d.bank.rounding.unit(value) * 10.0 ** (d.bank.written.certify.digits - 1)
        yield (
            name,
            d.any_entry(((value != 0) | ~d.zeros[name]) & (np.abs(printed) < least * (1 - 1e-9))),
        )


def _idle_update(d: Draft) -> Refusals:
    graph, rounding = d.bank.full, d.bank.rounding
    for p in graph.parameters:
        chain = [p, *(in_pass(updated(p), one.number) for one in graph.passes)]
        there = [(name, rounding.round(d.whole[name])) for name in chain if name in d.whole]
        for (_, before), (name, after) in pairwise(there):
            yield (
                name,
                d.any_entry(
                    (before == after)
                    & (d.whole[f"dL/d{p}"] != 0 if f"dL/d{p}" in d.whole else True)
                ),
            )


def _ambiguous_tie(d: Draft) -> Refusals:
    """Where a printed value lies on a rounding tie: one of the two ways to round it is not
    accepted.

    Both solutions are held against the intervals of the grader, each over its own numbers: that of
    the key, and that of somebody who rounds every tie the other way. A tie itself is the end of an
    interval, and is in it; what only looks like a tie on a calculator can be out of it.
    """
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
            out = ~accepted(rule, forms[name]).holds(written[name])
            refused[rows] = out.reshape(len(rows), -1).any(axis=1)
            yield name, refused


def _ties(d: Draft) -> Bools:
    """Variants in which a value that is to be rounded lies on a tie, or looks like it on a
    calculator."""
    found = d.nothing()
    for q in d.bank.graph.computed:
        assert q.formula is not None
        if not trivial(q):
            raw = np.broadcast_to(value_of(q.formula, d.printed), (d.count, *q.shape))
            found |= d.any_entry(tie_distance(raw, d.bank.rounding) < NEARLY_TIE)
    return found


def _looks_like_zero(d: Draft) -> Refusals:
    """Zero, or the negated value, would pass for an asked value, or its interval has no end."""
    for name, (centre, half) in d.intervals.items():
        yield name, d.any_entry((d.exact[name] != 0) & ~(np.abs(centre) > MARGIN * half))


def confusable(d: Draft, waived: Collection[str] = ()) -> Iterator[tuple[Mistaken, Bools]]:
    """Each mistake, with the variants in which the grader could not tell it from the right answer.

    Those that are waived (by their ids) are passed over. What counts is the first asked box that
    the mistake changes: its own, or one computed from it where it is not asked.
    """
    for q in d.bank.graph.computed:
        if q.name not in d.intervals and not trivial(q):
            for mistake in d.mistaken[q.name]:
                if mistake.rule.id not in waived:
                    yield mistake, _hidden(d, mistake)
    for name, (centre, half) in d.intervals.items():
        for mistake in d.mistaken[name]:
            if mistake.rule.id in waived:
                continue
            wrong = np.broadcast_to(value_of(mistake.formula, d.printed), centre.shape)
            with np.errstate(invalid="ignore"):
                near = np.isfinite(wrong) & (np.abs(wrong - centre) <= MARGIN * half)
            yield (
                mistake,
                np.asarray(near.reshape(d.count, -1).all(axis=1)) & d.any_entry(d.exact[name] != 0),
            )


def _hidden(d: Draft, mistake: Mistaken) -> Bools:
    """Variants in which a mistake in an unasked quantity cannot be seen in the first asked one that
    it changes."""
    graph, rounding, extra = d.bank.graph, d.bank.rounding, shown_digits(d.bank)
    values = ChainMap({}, d.printed)
    undecided, near = np.ones(d.count, dtype=bool), d.nothing()
    for q in graph.computed:
        if q.name != mistake.quantity and mistake.quantity not in graph.ancestors[q.name]:
            continue
        formula = mistake.formula if q.name == mistake.quantity else q.formula
        assert formula is not None
        values[q.name] = rounding.round(
            np.broadcast_to(value_of(formula, values), d.printed[q.name].shape), extra
        )
        if q.name in d.intervals:
            centre, half = d.intervals[q.name]
            changed = undecided & d.any_entry(values[q.name] != d.printed[q.name])
            with np.errstate(invalid="ignore"):
                close = (
                    (np.abs(values[q.name] - centre) <= MARGIN * half)
                    .reshape(d.count, -1)
                    .all(axis=1)
                )
            near |= changed & close
            undecided &= ~changed
            if not undecided.any():
                break
    return near


def _confusable(d: Draft) -> Refusals:
    for mistake, near in confusable(d, frozenset(d.bank.written.certify.waive)):
        yield mistake.quantity, near


def _key_wrong(d: Draft) -> Refusals:
    """A derivative does not agree with central differences of the forward pass."""
    yield "", first_doubt(d.bank.full, d.whole, sums_only=True)[0]


def _hidden_mistake(d: Draft) -> Refusals:
    """In a find task: the wrong line would pass for right, for a matter of rounding, or shows no
    number."""
    if not d.bank.candidates:
        return
    which = d.givens[WHICH].astype(np.int64) - 1
    shown = np.stack([d.givens[name] for name in d.bank.task.lines], axis=1)
    wrong = np.take_along_axis(shown, which[:, None], axis=1)[:, 0]
    centre, half = d.intervals[VALUE]
    near = np.maximum(PLAIN * half, PLAIN_SHARE * np.abs(centre))
    yield "", ~np.isfinite(wrong) | (np.abs(wrong - centre) <= near)


def _uneven(d: Draft) -> Refusals:
    """Easier or harder than the middle of what the bank gives; keeps the sheets of a class
    alike."""
    low, high = d.band
    points = difficulty(d.bank, d.printed)
    yield "", np.asarray((points < low) | (points > high))


REASONS: dict[str, Callable[[Draft], Refusals]] = {
    "a value is not defined": _undefined,
    "an activation is saturated": _saturated,
    "an asked value has too few digits": _few_digits,
    "an update changes nothing as printed": _idle_update,
    "zero would pass for an asked value": _looks_like_zero,
    "a mistake gives nearly the right answer": _confusable,
    "the mistake to be found cannot be seen": _hidden_mistake,
    TIES: _ambiguous_tie,
    KEY_WRONG: _key_wrong,
    UNEVEN: _uneven,
}


def refused_by(reason: str, draft: Draft) -> Bools:
    """The variants that one reason refuses, whatever else is said of them."""
    refused = draft.nothing()
    for _, bad in REASONS[reason](draft):
        refused |= bad
    return refused


ZERO_SAMPLE, USUAL = 200, 0.05
LEVEL_SAMPLE = 4000  # draws of a fixed stream that tell how hard a bank's variants are


@dataclass(frozen=True)
class Certificate:
    """For N variants: which are accepted, and for each reason which are refused for it first."""

    accepted: Bools
    refused: Mapping[str, Bools]

    def counts(self) -> dict[str, int]:
        return {reason: int(mask.sum()) for reason, mask in self.refused.items()}


class Certifier:
    """Certifies variants of one bank; what is known of the bank is worked out once."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def draft(self, givens: Mapping[str, Array]) -> Draft:
        return replace(self._any_level(givens), band=self.band)

    def stream(self, count: int) -> dict[str, Array]:
        """Draws of a fixed stream, the same for every course."""
        seeds = [keyed(b"rnnquiz level", "level", i) for i in range(count)]
        return givens_of(self.bank, draws(self.bank, seeds, [0] * count))

    @cached_property
    def zeros(self) -> dict[str, Bools]:
        """Entries that are zero in some share of the draws: by structure, by one-hot inputs, on a
        flat side."""
        values = evaluate(self.bank.graph, problem_of(self.bank, self.stream(ZERO_SAMPLE)))
        return {
            name: np.asarray((value == 0).mean(axis=0) >= USUAL) for name, value in values.items()
        }

    @cached_property
    def band(self) -> tuple[float, float]:
        """Smallest and largest difficulty that is issued: the middle share of the good variants of
        a fixed stream."""
        sample = self.stream(LEVEL_SAMPLE)
        good = self.good(sample)
        points = difficulty(self.bank, self._any_level(sample).printed)
        points = points[good] if good.any() else points
        rest = (1 - self.bank.written.certify.level) / 2
        return float(np.quantile(points, rest)), float(np.quantile(points, 1 - rest))

    def good(self, givens: Mapping[str, Array]) -> Bools:
        """Which variants pass every test but that of being as hard as the others, (N,).

        The key is not checked: that takes most of the time, and what is issued is checked by
        `certify`.
        """
        return _tested(
            self._any_level(givens), [reason for reason in REASONS if reason != KEY_WRONG]
        )[0]

    def _any_level(self, givens: Mapping[str, Array]) -> Draft:
        return Draft(self.bank, givens, self.bank.mistaken, self.zeros)

    def certify(self, givens: Mapping[str, Array]) -> Certificate:
        """Run every test; a variant counts under the first reason that refuses it, later tests see
        only the rest."""
        return Certificate(*_tested(self.draft(givens)))


def _tested(
    draft: Draft, reasons: Collection[str] = tuple(REASONS)
) -> tuple[Bools, dict[str, Bools]]:
    """Which variants pass every test, and which each test refuses first."""
    count, rest = draft.count, draft
    left = np.arange(count)
    refused = {reason: np.zeros(count, dtype=bool) for reason in REASONS}
    for reason in reasons:
        if not len(left):
            break
        bad = refused_by(reason, rest)
        refused[reason][left[bad]] = True
        if bad.any():
            left = left[~bad]
            rest = draft.only(left)
    accepted = np.zeros(count, dtype=bool)
    accepted[left] = True
    return accepted, refused
