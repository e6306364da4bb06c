"""How much the numbers of a sheet tell, in bits, of whose sheet it is.

A given that is one of 64 choices says 6. Sheets of one class are drawn so that they agree in less
than what proves a sheet one's own (`variants`), and what follows from wrong numbers is paid where
that much agrees (`grade.ownership`).
"""

from __future__ import annotations

import math

import numpy as np

from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array

_ENOUGH, LITTLE = 24.0, 0.8
"""Bits that prove a sheet one's own, and the share of them below which nothing is proved. Of the
40,000 pairs of a class of 200 one agrees in 15 bits by chance, of a hundred classes one in 22."""
SLACK, LEAST = 2.0, 4.0
"""Of few bits, what is left with two misread givens is enough, less SLACK, and never less than
LEAST."""
MISREAD = 2  # givens that one student may misread
# Of each given whose choices are not known: fixed numbers, numbers shown on the sheet.
BITS_OF_SHOWN = 5.0


def telling_bits(bank: Bank) -> dict[str, float]:
    """Bits by which each given tells this sheet from others; givens that are the same for all have
    none."""
    found = {}
    for q in bank.graph.givens:
        sampler = bank.samplers.get(q.name)
        if bank.fixed or sampler is None or q.name in bank.task.shown:
            bits = BITS_OF_SHOWN * math.prod(q.shape)
        else:
            each = map(np.log2, map(len, sampler.groups))
            bits = sum(map(float, each))
        if bits > 0:
            found[q.name] = bits
    return found


def enough_bits(most: Array, entries: Array) -> Array:
    """Bits that prove a sheet one's own, where `most` can be told: what who misread the most
    telling two of the entries still tells. `entries`: the bits of each entry."""
    count = len(entries)
    right = max(0, count - MISREAD)
    misread = np.sort(entries)[right:].sum()
    # Which two were misread is a choice, too: the bits that it has prove nothing.
    which = choice_bits(count, np.array([right]))
    left = most - misread - which
    enough = np.clip(left - SLACK, LEAST, _ENOUGH)
    return np.asarray(np.minimum(most, enough))


def choice_bits(count: int, chosen: Array) -> Array:
    """Bits of the choice of some of `count` things, at most (the entropy bound of a binomial
    coefficient)."""
    exact = chosen / max(count, 1)
    # The logarithm of none and of all would be none.
    share = np.clip(exact, 1e-9, 1 - 1e-9)
    rest = 1 - share
    of_one = share * np.log2(share) + rest * np.log2(rest)
    return np.asarray(-count * of_one)
