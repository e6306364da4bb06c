"""How much it says, in bits, that boxes agree with the givens that they read."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.telling import choice_bits
from rnnquiz.decimals import Array

TINY = 1e-12  # bits: what is divided by at least


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
    all_bits, count = np.array(list(bits.values())), len(fits[0])
    left, total = np.tile(all_bits, (count, 1)), np.zeros(count)
    for fit, says, read in zip(fits, box_bits, reads, strict=True):
        weights = left * read
        still_open = weights.sum(axis=1, keepdims=True)
        of_boxes = (fit * np.minimum(says, still_open)).sum(axis=1)
        of_givens = (left * (read > 0)).sum(axis=1)
        told = np.minimum(of_boxes, of_givens)
        total += told
        share = weights / np.maximum(still_open, TINY)
        left = np.maximum(left - share * told[:, None], 0)
    told_share = 1 - left / np.maximum(all_bits, TINY)
    agreeing = (told_share * sizes * (all_bits > 0)).sum(axis=1)
    entries = int(sizes.sum())
    return np.asarray(total - choice_bits(entries, agreeing))
