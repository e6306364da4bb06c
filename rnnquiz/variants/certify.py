"""A variant is certified before it is issued: its key is right, its numbers are worth computing,
mistakes show in them.

Each test is a row: a reason, and a function that says which of N variants to refuse, and which
quantity is to blame. All are vectorised over variants.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import draws, givens_of, keyed, problem_of
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.variants.confusion import hidden_mistake, looks_like_zero, nearly_right
from rnnquiz.variants.draft import Draft, difficulty
from rnnquiz.variants.refusals import (
    Refusals,
    few_digits,
    idle_update,
    key_wrong,
    saturated,
    undefined,
    uneven,
)
from rnnquiz.variants.ties import ambiguous_tie

UNEVEN = "easier or harder than the others"
TIES = "a rounding tie would cost marks"
KEY_WRONG = "the key disagrees with central differences"

REASONS: dict[str, Callable[[Draft], Refusals]] = {
    "a value is not defined": undefined,
    "an activation is saturated": saturated,
    "an asked value has too few digits": few_digits,
    "an update changes nothing as printed": idle_update,
    "zero would pass for an asked value": looks_like_zero,
    "a mistake gives nearly the right answer": nearly_right,
    "the mistake to be found cannot be seen": hidden_mistake,
    TIES: ambiguous_tie,
    KEY_WRONG: key_wrong,
    UNEVEN: uneven,
}

# Draws of a fixed stream that tell which entries are zero, and the share of zeros that is usual.
LEVEL_STREAM = b"rnnquiz level"
ZERO_SAMPLE, USUAL = 200, 0.05
LEVEL_SAMPLE = 4000  # draws of a fixed stream that tell how hard a bank's variants are

# Banks of one assignment, pools and all.
MOST_CERTIFIERS = 64


def refused_by(reason: str, draft: Draft) -> Bools:
    """The variants that one reason refuses, whatever else is said of them."""
    refused = draft.nothing()
    for _, bad in REASONS[reason](draft):
        refused |= bad
    return refused


@dataclass(frozen=True)
class Certificate:
    """For N variants: which are accepted, and for each reason which are refused for it first."""

    accepted: Bools
    refused: Mapping[str, Bools]

    def counts(self) -> dict[str, int]:
        """How many of the draws each reason refused."""
        return {reason: int(mask.sum()) for reason, mask in self.refused.items()}


class Certifier:
    """Certifies variants of one bank; what is known of the bank is worked out once."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def draft(self, givens: Mapping[str, Array]) -> Draft:
        """Draws with all that is asked of them, in the band of difficulty of the course."""
        return replace(self._any_level(givens), band=self.band)

    def stream(self, count: int) -> dict[str, Array]:
        """Draws of a fixed stream, the same for every course."""
        seeds = [keyed(LEVEL_STREAM, "level", i) for i in range(count)]
        drawn = draws(self.bank, seeds, [0] * count)
        return givens_of(self.bank, drawn)

    @cached_property
    def zeros(self) -> dict[str, Bools]:
        """Entries that are zero in some share of the draws: by structure, by one-hot inputs, on a
        flat side."""
        problems = problem_of(self.bank, self.stream(ZERO_SAMPLE))
        usual = {}
        for name, value in evaluate(self.bank.graph, problems).items():
            share = (value == 0).mean(axis=0)
            usual[name] = np.asarray(share >= USUAL)
        return usual

    @cached_property
    def band(self) -> tuple[float, float]:
        """Smallest and largest difficulty that is issued: the middle share of the good variants of
        a fixed stream."""
        sample = self.stream(LEVEL_SAMPLE)
        good = self.good(sample)
        points = difficulty(self.bank, self._any_level(sample).printed)
        # Where no draw is good, the bank is refused for that, and not for its difficulty.
        if good.any():
            points = points[good]
        # As many are left out for being easy as for being hard.
        rest = (1 - self.bank.written.certify.level) / 2
        low, high = np.quantile(points, [rest, 1 - rest])
        return float(low), float(high)

    def good(self, givens: Mapping[str, Array]) -> Bools:
        """Which variants pass every test but that of being as hard as the others, (N,).

        The key is not checked: that takes most of the time, and what is issued is checked by
        `certify`.
        """
        # `uneven` refuses nothing here: the band is open still, and is made of what is good.
        reasons = list(filter(KEY_WRONG.__ne__, REASONS))
        accepted, _ = _tested(self._any_level(givens), reasons)
        return accepted

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
        theirs = left[bad]
        refused[reason][theirs] = True
        # Later tests see fewer, and are spared what earlier ones have refused.
        if bad.any():
            left = left[~bad]
            rest = draft.only(left)
    accepted = np.zeros(count, dtype=bool)
    accepted[left] = True
    return accepted, refused


@lru_cache(maxsize=MOST_CERTIFIERS)
def certifier_of(bank: Bank) -> Certifier:
    """The certifier of a bank: how hard its variants are is worked out once in a process."""
    return Certifier(bank)
