"""How much it says, in bits, that boxes agree with the givens that they read."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.telling import choice_bits
from rnnquiz.decimals import Array


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
    all_bits = np.array(list(bits.values()))
    left, total = np.tile(all_bits, (len(fits[0]), 1)), np.zeros(len(fits[0]))
    for fit, says, read in zip(fits, box_bits, reads, strict=True):
        open_ = (left * read).sum(axis=1)
        told = np.minimum(
            (fit * np.minimum(says, open_[:, None])).sum(axis=1), (left * (read > 0)).sum(axis=1)
        )
        total += told
        weights = left * read
        share = weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
        left = np.maximum(left - share * told[:, None], 0)
    agreeing = ((1 - left / np.maximum(all_bits, 1e-12)) * sizes * (all_bits > 0)).sum(axis=1)
    return np.asarray(total - choice_bits(int(sizes.sum()), agreeing))
