"""How much it says, in bits, that boxes agree with the givens that they read."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array

BITS_OF_SHOWN = (
    5.0  # of each given whose choices are not known: fixed numbers, numbers shown on the sheet
)


def telling_bits(bank: Bank) -> dict[str, float]:
    """Bits by which each given tells this sheet from others; givens that are the same for all have
    none."""
    if bank.fixed:
        return {q.name: BITS_OF_SHOWN * int(np.prod(q.shape)) for q in bank.graph.givens}
    bits = {}
    for q in bank.graph.givens:
        sampler = bank.samplers.get(q.name)
        if sampler is None or q.name in bank.task.shown:
            bits[q.name] = BITS_OF_SHOWN * int(np.prod(q.shape))
        else:
            bits[q.name] = sum(float(np.log2(len(group))) for group in sampler.groups)
    return {name: size for name, size in bits.items() if size > 0}


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


def choice_bits(count: int, chosen: Array) -> Array:
    """Bits of the choice of some of `count` things, at most (the entropy bound of a binomial
    coefficient)."""
    share = np.clip(chosen / max(count, 1), 1e-9, 1 - 1e-9)
    return np.asarray(-count * (share * np.log2(share) + (1 - share) * np.log2(1 - share)))
