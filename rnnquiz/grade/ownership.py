"""How far the numbers of a sheet are worked out from the givens of this very sheet.

Copied numbers agree with one another, but not with another sheet's givens. How much it says that
boxes agree with the givens is counted in bits: a given that is one of 64 choices says 6, a box
whose accepted interval is a thousandth of its value says 10 at most. That somebody else's numbers
reach b bits by chance has probability 2**-b (Good, Probability and the Weighing of Evidence, 1950,
chapter 6).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.telling import LITTLE, MISREAD, enough_bits, telling_bits
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.graph import Quantity
from rnnquiz.grade.agreement import agreement
from rnnquiz.grade.answers import Answers, as_rows
from rnnquiz.grade.idle import Trivial
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.misread import MisreadEntry, Misreadings
from rnnquiz.grade.reading import GivensRead
from rnnquiz.grade.states import Standing

# Of one box. With half of it four slips of the hand in the eight boxes of forward_pass cost 50 % of
# the marks, not 62 %, and who fills in a third of the boxes of another's sheet loses 1 % more.
MOST_BITS = 14.0
SMALLEST, LEAST_WEIGHT = 1e-300, 1e-12  # what is divided by at least

STANDS, FALLS = 0.5, 0.3
"""Share of the givens, by bits, whose readers fit: above the one everything is paid, below the
other nothing. Two misread weights leave 0.54 in bptt_scalar before MISREAD is allowed for (worked
out by hand). In three banks of the benchmark nothing changes with 0.4 for the one, nor with half
of the other; with 0.8 who fills in a third of the boxes of another's sheet loses 1 % more."""


@dataclass(frozen=True)
class Misread:
    """What one or two misread givens explain, (M,) each. `explained`: how many wrong boxes, less
    one for each given, as so many were worked out from other numbers. `causes`: how many givens
    were misread and steps are wrong beside that, at least; one if no step is."""

    explained: Array
    causes: NDArray[np.int64]


class Ownership:
    """M sheets on which something follows; `again`: wrong boxes that a mistake made again and again
    explains."""

    def __init__(
        self, bank: Bank, answers: Answers, judged: Judged, again: Mapping[str, Bools]
    ) -> None:
        self.bank, self.answers, self.judged, self.again = bank, answers, judged, again
        # In the order of the graph: the last axis of what is counted by given.
        self.bits = telling_bits(bank)
        self.asked = [bank.graph[name] for name in bank.asked]
        self.trivial = Trivial(bank, answers, judged)
        self.reading = GivensRead(bank, answers, list(self.bits))

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        """Entries of each telling given."""
        shapes = self.bank.graph.shapes
        sizes = [math.prod(shapes[name]) for name in self.bits]
        return np.array(sizes)

    @cached_property
    def own(self) -> Array:
        """(M,): how much of what follows is paid as work on this sheet's numbers: all of it where
        one step alone is wrong, as what follows from that was computed with this sheet's
        numbers."""
        # On sheets that all have the same numbers, nobody's sheet can be told from another's.
        if not self.bits:
            return np.ones(self.answers.count)
        evidence, most = self.evidence
        enough = enough_bits(most, self._bits_of_entries)
        doubtful = np.flatnonzero(evidence < enough)
        # The search for misread givens is long: it solves for each of them and for pairs.
        if len(doubtful):
            misread = self._with_misreading(doubtful)
            best = np.maximum(evidence[doubtful], misread)
            evidence[doubtful] = best
        with np.errstate(all="ignore"):  # where nothing can be told, nothing is enough
            by_bits = ramp(evidence / enough, LITTLE, 1.0)
        by_standing = ramp(self._standing_share, FALLS, STANDS)
        in_full = self.single | (enough <= 0)
        paid = np.minimum(by_bits, by_standing)
        return np.where(in_full, 1.0, paid)

    @cached_property
    def _bits(self) -> Array:
        """What each telling given says, (givens,)."""
        return np.array([*self.bits.values()])

    @cached_property
    def _bits_of_entries(self) -> Array:
        """What each entry of the telling givens says, (entries,)."""
        of_one = self._bits / self._sizes
        return np.repeat(of_one, self._sizes)

    @cached_property
    def single(self) -> Bools:
        """(M,): one step alone is wrong."""
        return np.asarray(self.wrong_steps <= 1)

    @cached_property
    def wrong_steps(self) -> NDArray[np.int64]:
        """(M,): how many steps are wrong."""
        return np.asarray(self._wrong_steps.sum(axis=1))

    def _with_misreading(self, some: NDArray[np.int64]) -> Array:
        """The evidence where one or two givens were misread: boxes that other numbers in their
        places explain agree with the rest of what they read. Each unknown takes up as much as one
        box says.
        """
        fits = [part[some] for part in self._fit]
        bits = [part[some] for part in self._box_bits]
        reads = [part[some] for part in self.reading.of_sheets]
        faults = [part[some] for part in self._faults]
        best = np.zeros(len(some))
        search = self._misreadings(some)
        for unknowns, explained in search.explanations(list(self.bits)):
            masks = self._masks(explained, fits)
            worth = _worth(len(unknowns), masks)
            more = [fit + mask * worth for fit, mask in zip(fits, masks, strict=True)]
            rest = [fault & ~mask for fault, mask in zip(faults, masks, strict=True)]
            told, left = _vouched(more, rest, reads), self._bits_without(unknowns)
            reached = agreement(more, bits, told, left, self._sizes)
            best = np.maximum(best, reached)
        return best

    def by_misreading(self, some: NDArray[np.int64]) -> Misread:
        """What misread givens explain on some sheets."""
        most = np.zeros(len(some))
        made_up = self._side_by_side(self.trivial.made_up)[some]
        wrong = self._side_by_side(self._open)[some]
        causes = self._causes(some, wrong, made_up)
        for unknowns, boxes in self._misreadings_apart(some):
            number = boxes.sum(axis=1)
            # Anybody's zero is explained by a zero in place of a given.
            worked = (boxes & ~made_up).sum(axis=1)
            most = np.maximum(most, worked - unknowns)
            tells = (worked > 0) & (number > unknowns)
            left = self._steps_of(wrong & ~boxes)
            # Who misread two numbers, and did nothing else wrong, read the sheet badly once.
            with_slips = np.where(left > 0, unknowns + left, 1)
            causes = np.where(tells, np.minimum(causes, with_slips), causes)
        return Misread(most, causes)

    def _causes(self, some: NDArray[np.int64], wrong: Bools, made_up: Bools) -> NDArray[np.int64]:
        """(sheets,): how many steps are wrong. Two that read givens are one cause, as misread
        givens explain any two such steps: whose third one was mended has made no more mistakes."""
        steps = self.wrong_steps[some]
        reads = self._read_givens[some]
        elsewhere = (wrong & ~reads).any(axis=1)
        worked = (wrong & ~made_up).any(axis=1)
        at_once = (steps <= MISREAD) & ~elsewhere & worked
        return np.where(at_once, np.minimum(steps, 1), steps)

    @cached_property
    def _read_givens(self) -> Bools:
        """(M, boxes): boxes whose formula reads a telling given."""
        columns = []
        for fit, reads in zip(self._fit, self.reading.of_sheets, strict=True):
            some = np.any(reads > 0, axis=1, keepdims=True)
            columns.append(np.broadcast_to(some, fit.shape))
        return np.concatenate(columns, axis=1)

    def _steps_of(self, boxes: Bools) -> NDArray[np.int64]:
        """(sheets,): in how many quantities some of the boxes lie, (sheets, boxes)."""
        sizes = [fit.shape[1] for fit in self._fit]
        starts = np.cumsum([0, *sizes[:-1]])
        touched = np.logical_or.reduceat(boxes, starts, axis=1)
        return np.asarray(touched.sum(axis=1))

    def _misreadings_apart(self, some: NDArray[np.int64]) -> Iterator[tuple[int, Bools]]:
        """How many unknowns, and the wrong boxes that they explain, (sheets, boxes); of two that no
        formula reads together, those of both."""
        single = []
        for unknowns, explained in self._misreadings(some).explanations(list(self.bits)):
            masks = self._masks(explained, [fit[some] for fit in self._fit])
            boxes = np.concatenate(masks, axis=1)
            yield len(unknowns), boxes
            if len(unknowns) == 1:
                # One box that one unknown explains may hold anything.
                tells = boxes.sum(axis=1, keepdims=True) > 1
                single.append(boxes & tells)
        for one, other in combinations(single, MISREAD):
            yield MISREAD, one | other

    def _side_by_side(self, of_quantity: Callable[[Quantity], Bools]) -> Bools:
        """(M, boxes): something about the boxes of each asked quantity."""
        columns = [as_rows(of_quantity(q)) for q in self.asked]
        return np.concatenate(columns, axis=1)

    def _misreadings(self, some: NDArray[np.int64]) -> Misreadings:
        """The search for other givens on some sheets."""
        names, judged = self.bank.asked, self.judged
        own = {name: form.centre[some] for name, form in judged.own.carried.items()}
        written = {name: self.answers.values[name][some] for name in names}
        half = {name: judged.accepted[name].half_width[some] for name in names}
        standing = {name: judged.standing[name][some] for name in names}
        wrong = {name: of == Standing.OPEN for name, of in standing.items()}
        return Misreadings(self.bank, own, written, half, wrong)

    def _masks(self, explained: Mapping[str, Bools], fits: list[Array]) -> list[Bools]:
        """For each asked quantity (M, entries): which of its boxes are explained."""
        masks = []
        for q, fit in zip(self.asked, fits, strict=True):
            nothing = np.zeros(fit.shape, dtype=bool)
            mask = explained.get(q.name, nothing)
            masks.append(as_rows(mask))
        return masks

    def _bits_without(self, unknowns: Sequence[MisreadEntry]) -> dict[str, float]:
        """What the givens say where some entries of them are not known."""
        left, shapes = dict(self.bits), self.bank.graph.shapes
        for unknown in unknowns:
            entries = math.prod(shapes[unknown.name])
            of_one = self.bits[unknown.name] / entries
            left[unknown.name] -= of_one
        return left

    @cached_property
    def _box_bits(self) -> list[Array]:
        """For each asked quantity (M, entries): how much it says that a number lies in what is
        accepted."""
        found = []
        for q in self.asked:
            accepted = self.judged.accepted[q.name]
            half = np.maximum(accepted.half_width, SMALLEST)
            both_ends = accepted.low + accepted.high
            middle = np.abs(both_ends) / 2
            with np.errstate(all="ignore"):  # an interval without bounds says nothing
                # So many half-widths lie between zero and the middle: a guess hits one of them.
                numbers = 1 + middle / half
                bits = np.log2(numbers)
            finite = np.nan_to_num(bits, posinf=0)
            of_boxes = np.clip(finite, 0, MOST_BITS)
            found.append(as_rows(of_boxes))
        return found

    @cached_property
    def evidence(self) -> tuple[Array, Array]:
        """(M,): bits by which the sheet's numbers agree with its givens; and with all boxes right
        but those of the first wrong step."""
        everything = []
        for fit, first in zip(self._fit, self._first_wrong.T, strict=True):
            others = ~first[:, None]
            boxes = np.broadcast_to(others, fit.shape)
            everything.append(boxes.astype(float))
        says = self._box_bits
        told = _vouched(self._fit, self._faults, self.reading.of_sheets)
        of_sheet = agreement(self._fit, says, told, self.bits, self._sizes)
        most = agreement(everything, says, self.reading.of_full_sheets, self.bits, self._sizes)
        return of_sheet, most

    @cached_property
    def _fit(self) -> list[Array]:
        """For each asked quantity (M, entries): 1 where a box agrees with what it reads."""
        fits = [as_rows(self._fits(q)) for q in self.asked]
        return [fit.astype(float) for fit in fits]

    @cached_property
    def _faults(self) -> list[Bools]:
        """For each asked quantity (M, entries): wrong boxes, but for those of the first wrong
        step."""
        faults = []
        for q, first in zip(self.asked, self._first_wrong.T, strict=True):
            wrong, later = as_rows(self._open(q)), ~first[:, None]
            faults.append(wrong & later)
        return faults

    def _fits(self, q: Quantity) -> Bools:
        """Boxes that agree with what they read, other than by a mere zero, power of ten or copy."""
        standing = self.judged.standing[q.name]
        # A mistake made again and again was computed with the numbers of the sheet.
        worked = (standing == Standing.FOLLOWS) | self.again[q.name]
        bare = self.trivial.bare(q)
        shows_work = worked & ~bare
        right = standing == Standing.RIGHT
        return np.asarray(right | shows_work)

    @cached_property
    def _standing_share(self) -> Array:
        """(M,): share of the givens, by bits, whose readers fit: the worst two left aside, or
        without what one or two misread givens explain."""
        faults = np.concatenate(self._faults, axis=1)
        fits = np.concatenate(self._fit, axis=1) > 0
        everyone = np.arange(self.answers.count)
        share = self._share_that_fits(everyone, fits, faults, MISREAD)
        # Givens that are read together are struck together by one that was misread.
        doubtful = np.flatnonzero((share < STANDS) & ~self.single)
        if len(doubtful):
            for _, explained in self._misreadings_apart(doubtful):
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
        reads = np.stack(self.reading.of_sheets, axis=1)[some] > 0
        entries = [fit.shape[1] for fit in self._fit]
        ends = np.cumsum(entries)[:-1]
        fitting, wrong = (_counted(np.split(boxes, ends, axis=1)) for boxes in (fits, faults))
        aside = np.zeros((len(some), len(self.bits)), dtype=bool)
        # One given at least is left to go by.
        for _ in range(min(worst, len(self.bits) - 1)):
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
        of_tried = (self._bits * tried).sum(axis=1)
        mean = (self._bits * of_readers).sum(axis=1) / np.maximum(of_tried, LEAST_WEIGHT)
        # Where no reader of any given is filled, nothing speaks against it.
        return np.where(of_tried > 0, mean, 1.0)

    @cached_property
    def _first_wrong(self) -> Bools:
        """(M, quantities): the first asked one that has a wrong box. Anybody's slip may strike the
        only one that reads a given."""
        wrong = self._wrong_steps
        number = np.cumsum(wrong, axis=1)
        first = number == 1
        return np.asarray(wrong & first)

    @cached_property
    def _wrong_steps(self) -> Bools:
        """(M, quantities): asked ones that have a wrong box."""
        wrong = map(self._open, self.asked)
        of_steps = [as_rows(boxes).any(axis=1) for boxes in wrong]
        return np.stack(of_steps, axis=1)

    def _open(self, q: Quantity) -> Bools:
        """Its open boxes that no repeated mistake explains."""
        is_open = self.judged.standing[q.name] == Standing.OPEN
        again = self.again[q.name]
        return np.asarray(is_open & ~again)


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
