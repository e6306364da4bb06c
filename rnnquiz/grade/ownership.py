"""How far the numbers of a sheet are worked out from the givens of this very sheet.

Copied numbers agree with one another, but not with another sheet's givens. How much it says that
boxes agree with the givens is counted in bits: a given that is one of 64 choices says 6, a box
whose accepted interval is a thousandth of its value says 10 at most. That somebody else's numbers
reach b bits by chance has probability 2**-b (Good, Probability and the Weighing of Evidence, 1950,
chapter 6).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.telling import LITTLE, MISREAD, enough_bits
from rnnquiz.decimals import Array, Bools
from rnnquiz.grade.agreement import agreement
from rnnquiz.grade.givens_fit import GivensFit
from rnnquiz.grade.misread import MisreadEntry
from rnnquiz.grade.misread_boxes import MisreadBoxes

LEAST_WEIGHT = 1e-12  # what is divided by at least
STANDS, FALLS = 0.5, 0.3
"""Share of the givens, by bits, whose readers fit: above the one everything is paid, below the
other nothing. Two misread weights leave 0.54 in bptt_scalar before MISREAD is allowed for (worked
out by hand). In three banks of the benchmark nothing changes with 0.4 for the one, nor with half
of the other; with 0.8 who fills in a third of the boxes of another's sheet loses 1 % more."""


class Ownership:
    """How much of what follows on M sheets is paid as work on their own numbers."""

    def __init__(self, fitting: GivensFit, misread: MisreadBoxes) -> None:
        self.fitting, self.misread = fitting, misread

    @cached_property
    def own(self) -> Array:
        """(M,): how much of what follows is paid as work on this sheet's numbers: all of it where
        one step alone is wrong, as what follows from that was computed with this sheet's
        numbers."""
        # On sheets that all have the same numbers, nobody's sheet can be told from another's.
        if not self.fitting.bits:
            return np.ones(self.fitting.answers.count)
        evidence, most = self.evidence
        enough = enough_bits(most, self.fitting.bits_of_entries)
        doubtful = np.flatnonzero(evidence < enough)
        # The search for misread givens is long: it solves for each of them and for pairs.
        if len(doubtful):
            misread = self._with_misreading(doubtful)
            best = np.maximum(evidence[doubtful], misread)
            evidence[doubtful] = best
        with np.errstate(all="ignore"):  # where nothing can be told, nothing is enough
            by_bits = ramp(evidence / enough, LITTLE, 1.0)
        by_standing = ramp(self._standing_share, FALLS, STANDS)
        in_full = self.fitting.single | (enough <= 0)
        paid = np.minimum(by_bits, by_standing)
        return np.where(in_full, 1.0, paid)

    def _with_misreading(self, some: NDArray[np.int64]) -> Array:
        """The evidence where one or two givens were misread: boxes that other numbers in their
        places explain agree with the rest of what they read. Each unknown takes up as much as one
        box says.
        """
        fits = [part[some] for part in self.fitting.fit]
        bits = [part[some] for part in self.fitting.box_bits]
        reads = [part[some] for part in self.fitting.reading.of_sheets]
        faults = [part[some] for part in self.fitting.faults]
        best = np.zeros(len(some))
        search = self.misread.search(some)
        for unknowns, explained in search.explanations(list(self.fitting.bits)):
            masks = self.misread.masks(explained, fits)
            worth = _worth(len(unknowns), masks)
            more = [fit + mask * worth for fit, mask in zip(fits, masks, strict=True)]
            rest = [fault & ~mask for fault, mask in zip(faults, masks, strict=True)]
            told, left = _vouched(more, rest, reads), self._bits_without(unknowns)
            reached = agreement(more, bits, told, left, self.fitting.sizes)
            best = np.maximum(best, reached)
        return best

    def _bits_without(self, unknowns: Sequence[MisreadEntry]) -> dict[str, float]:
        """What the givens say where some entries of them are not known."""
        left, shapes = dict(self.fitting.bits), self.fitting.bank.graph.shapes
        for unknown in unknowns:
            entries = math.prod(shapes[unknown.name])
            of_one = self.fitting.bits[unknown.name] / entries
            left[unknown.name] -= of_one
        return left

    @cached_property
    def evidence(self) -> tuple[Array, Array]:
        """(M,): bits by which the sheet's numbers agree with its givens; and with all boxes right
        but those of the first wrong step."""
        fitting, everything = self.fitting, []
        for fit, first in zip(fitting.fit, fitting.first_wrong.T, strict=True):
            others = ~first[:, None]
            boxes = np.broadcast_to(others, fit.shape)
            everything.append(boxes.astype(float))
        says, bits, sizes = fitting.box_bits, fitting.bits, fitting.sizes
        told = _vouched(fitting.fit, fitting.faults, fitting.reading.of_sheets)
        of_sheet = agreement(fitting.fit, says, told, bits, sizes)
        most = agreement(everything, says, fitting.reading.of_full_sheets, bits, sizes)
        return of_sheet, most

    @cached_property
    def _standing_share(self) -> Array:
        """(M,): share of the givens, by bits, whose readers fit: the worst two left aside, or
        without what one or two misread givens explain."""
        faults = np.concatenate(self.fitting.faults, axis=1)
        fits = np.concatenate(self.fitting.fit, axis=1) > 0
        everyone = np.arange(self.fitting.answers.count)
        share = self._share_that_fits(everyone, fits, faults, MISREAD)
        # Givens that are read together are struck together by one that was misread.
        doubtful = np.flatnonzero((share < STANDS) & ~self.fitting.single)
        if len(doubtful):
            for _, explained in self.misread.apart(doubtful):
                # What else such a box reads, it reads rightly.
                right, wrong = fits[doubtful] | explained, faults[doubtful] & ~explained
                allowed_for = self._share_that_fits(doubtful, right, wrong, 0)
                share[doubtful] = np.maximum(share[doubtful], allowed_for)
        return share

    def _share_that_fits(
        self, some: NDArray[np.int64], fits: Bools, faults: Bools, worst: int
    ) -> Array:
        """(sheets,): the mean share of readers that fit of each given, by bits, so many of the
        `worst` left aside. `fits`, `faults`: boxes of these sheets, (sheets, boxes)."""
        reads = np.stack(self.fitting.reading.of_sheets, axis=1)[some] > 0
        entries = [fit.shape[1] for fit in self.fitting.fit]
        ends = np.cumsum(entries)[:-1]
        fitting, wrong = (_counted(np.split(boxes, ends, axis=1)) for boxes in (fits, faults))
        aside = np.zeros((len(some), len(self.fitting.bits)), dtype=bool)
        # One given at least is left to go by.
        for _ in range(min(worst, len(self.fitting.bits) - 1)):
            number = _by_given(wrong, reads)
            most = np.where(aside, -1, number).argmax(axis=1)
            aside[np.arange(len(some)), most] = True
            struck = np.take_along_axis(reads, most[:, None, None], axis=2)
            # A box that reads two wrong givens is the fault of the first alone.
            wrong = wrong * ~struck[:, :, 0]
        fit_readers = _by_given(fitting, reads)
        readers = fit_readers + _by_given(wrong, reads)
        tried = (readers > 0) & ~aside
        of_readers = np.where(tried, fit_readers / np.maximum(readers, 1), 0)
        bits = self.fitting.bits_of_givens
        of_tried = (bits * tried).sum(axis=1)
        mean = (bits * of_readers).sum(axis=1) / np.maximum(of_tried, LEAST_WEIGHT)
        # Where no reader of any given is filled, nothing speaks against it.
        return np.where(of_tried > 0, mean, 1.0)


def _vouched(fits: list[Array], faults: list[Bools], reads: list[Array]) -> list[Array]:
    """What boxes read, (M, givens) by quantity, without the givens most of whose readers are wrong:
    of some boxes that read a strange number one fits by chance."""
    touched = np.stack([read > 0 for read in reads], axis=1)
    fitting, wrong = _counted(fits), _counted(faults)
    for_it, against_it = _by_given(fitting, touched), _by_given(wrong, touched)
    vouched = for_it >= against_it
    return [read * vouched for read in reads]


def _counted(boxes: Iterable[NDArray[Any]]) -> NDArray[Any]:
    """(M, quantities): how many of the boxes of each quantity."""
    of_each = [part.sum(axis=1) for part in boxes]
    return np.stack(of_each, axis=1)


def _by_given(counts: NDArray[Any], reads: Bools) -> NDArray[Any]:
    """(M, givens): boxes, (M, quantities), that read each given, by (M, quantities, givens)."""
    return np.asarray(np.einsum("mq,mqg->mg", counts, reads))


def _worth(unknowns: int, masks: list[Bools]) -> Array:
    """(M, 1): what each box is worth that some unknowns explain: each of them takes up one."""
    by_quantity = [mask.sum(axis=1) for mask in masks]
    count = np.sum(by_quantity, axis=0)
    # As many boxes as unknowns can always be explained, and are worth nothing.
    taken_up = unknowns / np.maximum(count, unknowns)
    worth = 1 - taken_up
    return np.asarray(worth[:, None])


def ramp(share: Array, low: float | Array, high: float | Array) -> Array:
    """0 up to `low`, 1 from `high` on, and evenly in between."""
    between = (share - low) / (high - low)
    return np.asarray(np.clip(between, 0, 1))
