"""How much it says, in bits, that boxes agree with the givens that they read."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.telling import choice_bits
from rnnquiz.decimals import Array

TINY = 1e-12  # bits: what is divided by at least, as a given that is used up has none left


def agreement(
    fits: list[Array],
    box_bits: list[Array],
    reads: list[Array],
    bits: Mapping[str, float],
    sizes: NDArray[np.int64],
) -> Array:
    """(M,): bits by which boxes that fit agree with what they read.

    Each box adds what it says, as far as the entries that it reads have not yet been told. That
    some entries agree, and not others, is itself one of many ways in which a strange sheet may
    agree.
    """
    all_bits = np.array([*bits.values()])
    count = len(fits[0])
    left = np.tile(all_bits, (count, 1))
    total = np.zeros(count)
    for fit, says, read in zip(fits, box_bits, reads, strict=True):
        weights = left * read
        still_open = weights.sum(axis=1, keepdims=True)
        # What has been told is told: a box says no more than is still open of what it reads.
        news = np.minimum(says, still_open)
        of_boxes = (fit * news).sum(axis=1)
        left_of_read = left * (read > 0)
        of_givens = left_of_read.sum(axis=1)
        # Many boxes of one vector say no more together than the givens that they read hold.
        told = np.minimum(of_boxes, of_givens)
        total += told
        # No box tells which of the givens it vouches for: each gives up its share.
        share = weights / np.maximum(still_open, TINY)
        used = share * told[:, None]
        left = np.maximum(left - used, 0)
    left_share = left / np.maximum(all_bits, TINY)
    told_share = 1 - left_share
    of_entries = told_share * sizes * (all_bits > 0)
    agreeing = of_entries.sum(axis=1)
    entries = int(sizes.sum())
    by_choice = choice_bits(entries, agreeing)
    return np.asarray(total - by_choice)
