"""A value on a rounding tie may be rounded either way: no mark depends on it, by the grader's own
word."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.variant import (
    Variant,
    arrays_of,
    draws,
    exact_givens,
    givens_of,
    keyed,
    shown_digits,
)
from rnnquiz.decimals import OtherHalf, Rounding, fixed
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import mark
from rnnquiz.grade.simulate import mistaken_values
from rnnquiz.solution.solved import solve_all
from rnnquiz.variants.certify import TIES, Certifier, refused_by
from rnnquiz.variants.stress import report_of
from rnnquiz.variants.ties import _ties
from tests_support import RANDOM_BANKS, shipped

pytestmark = pytest.mark.slow

ORDINARY = """
title: Predicting the next letter
id: hell
notation: xh_hh_hy
model: {cell: elman, loss: cross_entropy_joint, sizes: {input: 4, hidden: 2, output: 4}}
steps: 4
style: delta
givens:
  x: {alphabet: helo, word: hell}
  y: {alphabet: helo, word: ello}
  h[0]: 0
  W: {range: [-1, 1], step: 0.1, not: [0]}
  U: {range: [-1, 1], step: 0.1, not: [0]}
  V: {range: [-1, 1], step: 0.1, not: [0]}
  b: {range: [-0.5, 0.5], step: 0.1, not: [0]}
  c: {range: [-0.5, 0.5], step: 0.1, not: [0]}
  eta: 0.5
rounding: {decimals: 3}
"""


class Decimals(Rounding):
    """Rounding by the decimal module, in one of its ways; 9 digits are what a calculator shows."""

    way = ROUND_HALF_UP

    def round(self, values, extra=0):
        return np.vectorize(self._one, otypes=[float])(values, self.exponent(values, extra))

    def _one(self, value, place):
        if not np.isfinite(value):
            return value
        shown = round(Decimal(value), 9 - int(place)) if place > -9 else Decimal(value)
        return float(shown.quantize(Decimal(1).scaleb(int(place)), rounding=self.way)) + 0.0


class HalfEven(Decimals):
    way = ROUND_HALF_EVEN


class AnyWay(OtherHalf):
    """Somebody who rounds ties now up, now down."""

    dice = np.random.default_rng(5)

    def round(self, values, extra=0):
        up = Rounding(self.kind, self.digits, self.when, self.truncation).round(values, extra)
        return np.where(self.dice.random(np.shape(values)) < 0.5, up, super().round(values, extra))


WAYS = [Decimals, HalfEven, OtherHalf, AnyWay]


def like(way, rule):
    return way(rule.kind, rule.digits, rule.when, rule.truncation)


def with_ties(bank, wanted, tries=12_000):
    """Certified variants in which some value lies on a tie, as givens (N, *shape)."""
    certifier, found = Certifier(bank), []
    for start in range(0, tries, 1000):
        seeds = [keyed(b"ties", "ties", start + i) for i in range(1000)]
        chosen = draws(bank, seeds, [0] * len(seeds))
        good = certifier.certify(givens_of(bank, chosen)).accepted
        some = chosen[good]
        if len(some):
            some = some[_ties(certifier.draft(givens_of(bank, some)))]
        found += [Variant("s", 1, "", 0, exact_givens(bank, one)) for one in some]
        if len(found) >= wanted:
            break
    return found[:wanted]


def sheet(bank, chain, way):
    """What somebody writes who has these numbers and rounds in this way."""
    columns = {}
    for box in bank.boxes:
        flat = chain[box.quantity].reshape(len(chain[box.quantity]), -1)[:, box.entry]
        places = bank.rounding.exponent(flat)
        columns[box.name] = [
            fixed(float(v), int(p)) for v, p in zip(way.round(flat), places, strict=True)
        ]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def check(bank, variants):
    """All ways of rounding get full marks, and are within every interval that is printed or handed
    to a quiz."""
    givens, diagnosis, solved = (
        arrays_of(bank, variants),
        Diagnosis(bank),
        solve_all(bank, variants),
    )
    for kind in WAYS:
        way = like(kind, bank.rounding)
        chain = evaluate(bank.graph, givens, way, shown_digits(bank))
        marked = mark(bank, givens, sheet(bank, chain, way), diagnosis)
        np.testing.assert_allclose(marked.totals, marked.maxima, err_msg=kind.__name__)
        for name in bank.asked:
            assert solved.wide[name].holds(way.round(chain[name])).all(), (kind.__name__, name)


@pytest.mark.parametrize("name", RANDOM_BANKS)
def test_ties_rounded_either_way_get_full_marks(name):
    """In each bank that ships: half up, half even, half down and any mixture of them are right, by
    the real grader."""
    bank = shipped(name)
    variants = with_ties(bank, 25)
    if variants:
        check(bank, variants)


def test_an_ordinary_bank_can_be_issued():
    """Three decimals, eta 0.5 and weights in steps of 0.1 give variants for a class, and their many
    ties cost nobody a mark."""
    bank = parse_bank(ORDINARY)
    report = report_of(bank, 400)
    assert report.accepted >= 8
    assert report.reasons[TIES] == 0

    variants = with_ties(bank, 12)
    assert len(variants) == 12

    check(bank, variants)


@pytest.mark.parametrize(
    "rounding",
    [
        "{decimals: 2}",
        "{significant: 3}",
        "{decimals: 3, when: end}",
        "{decimals: 3, truncation: true}",
    ],
)
def test_ties_under_other_rules(rounding):
    """The same under every kind of rounding rule."""
    text = (
        ORDINARY.replace("{decimals: 3}", rounding)
        .replace("steps: 4", "steps: 2")
        .replace("hell}", "he}")
        .replace("ello}", "el}")
    )
    bank = parse_bank(
        text
        + "certify: {digits: 1, level: 1, waive: [R2, R9, F16, G3, B2, B4, B9]}\nask: [forward,"
        " loss, sum]\n"
    )
    variants = with_ties(bank, 10)

    assert variants

    check(bank, variants)


@pytest.mark.parametrize("name", ["bptt_scalar", "forward_pass", "deltas"])
def test_who_makes_a_mistake_gets_the_same_marks_for_either_way(name):
    """After one mistake, too: what follows is held against the student's own numbers, whichever way
    these were rounded."""
    bank = shipped(name)
    variants = with_ties(bank, 6)
    givens, diagnosis = arrays_of(bank, variants), Diagnosis(bank)
    made = [mistake for box in bank.asked for mistake in bank.mistaken[box][:2]]
    up, even = (like(way, bank.rounding) for way in (Rounding, HalfEven))

    for mistake in made[:: max(1, len(made) // 12)]:
        wrong = mistaken_values(bank, givens, [mistake])[mistake.quantity]
        totals = []
        for way in (up, even):
            chain = evaluate(bank.graph, givens, way, shown_digits(bank), {mistake.quantity: wrong})
            totals.append(mark(bank, givens, sheet(bank, chain, way), diagnosis).totals)

        np.testing.assert_allclose(*totals, err_msg=f"{mistake.rule.id} {mistake.quantity}")


NEARLY = """
title: Nearly
id: nearly
steps: 1
model: {equations: "h[t] = W * x[t]", parameters: [W], loss: none, optimiser: none}
givens: {x: 1, W: {choices: [0.2345, 0.5]}}
rounding: {decimals: 3}
ask: [forward]
"""


@pytest.mark.parametrize(
    ("weight", "refused"),
    [("0.2345", False), ("0.23449999", False), ("0.2344999999", True), ("0.235", False)],
)
def test_what_only_looks_like_a_tie_is_refused(weight, refused):
    """A calculator of nine digits shows 0.2345 for 0.2344999999, and the digit above it is wrong:
    that is not issued. A tie itself is."""
    bank = parse_bank(NEARLY)
    values = {"x[1]": np.ones(1), "W": np.array([float(weight)])}
    assert refused_by(TIES, Certifier(bank).draft(values)).tolist() == [refused]

    marked = mark(bank, values, [{"h[1]": "0.235"}])
    assert bool(marked.totals[0] == marked.maxima[0]) is (weight in ("0.2345", "0.235"))
