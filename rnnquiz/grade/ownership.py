"""How far the numbers of a sheet are worked out from the givens of this very sheet.

Copied numbers agree with one another, but not with another sheet's givens. How much it says that
boxes agree with the givens is counted in bits: a given that is one of 64 choices says 6, a box
whose accepted interval is a thousandth of its value says 10 at most. That somebody else's numbers
reach b bits by chance has probability 2**-b (Good, Probability and the Weighing of Evidence, 1950,
chapter 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import refs
from rnnquiz.bank.specification import Bank, trivial
from rnnquiz.bank.telling import LITTLE, MISREAD, enough_bits, telling_bits
from rnnquiz.decimals import Array, Bools
from rnnquiz.derivation.graph import Quantity
from rnnquiz.grade.agreement import agreement
from rnnquiz.grade.answers import WRITTEN, Answers
from rnnquiz.grade.idle import Trivial
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.misread import Misreadings
from rnnquiz.grade.states import Standing

MOST_BITS = 14.0  # of one box

STANDS, FALLS = 0.5, 0.3
"""Share of the givens, by bits, whose readers fit: above the one everything is paid, below the
other nothing. Two misread weights leave 0.54 in bptt_scalar before MISREAD is allowed for (worked
out by hand)."""


class Ownership:
    """M sheets on which something follows; `again`: wrong boxes that a mistake made again and again
    explains."""

    def __init__(
        self, bank: Bank, answers: Answers, judged: Judged, again: Mapping[str, Bools]
    ) -> None:
        self.bank, self.answers, self.judged, self.again = bank, answers, judged, again
        self.bits = telling_bits(bank)
        self.asked = [bank.graph[name] for name in bank.asked]
        self.trivial = Trivial(bank, answers, judged)

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        """Entries of each telling given."""
        return np.array([int(np.prod(self.bank.graph.shapes[name])) for name in self.bits])

    @cached_property
    def own(self) -> Array:
        """(M,): how much of what follows is paid as work on this sheet's numbers: all of it where
        one step alone is wrong, as what follows from that was computed with this sheet's
        numbers."""
        if not self.bits:
            return np.ones(self.answers.count)
        evidence, most = self.evidence
        sizes = self._sizes
        entries = np.repeat(np.array(list(self.bits.values())) / sizes, sizes)
        enough = enough_bits(most, entries)
        doubtful = np.flatnonzero(evidence < enough)
        if len(doubtful):
            evidence[doubtful] = np.maximum(evidence[doubtful], self._with_misreading(doubtful))
        with np.errstate(all="ignore"):
            by_bits = np.clip((evidence / enough - LITTLE) / (1 - LITTLE), 0, 1)
        by_standing = np.clip((self._standing_share - FALLS) / (STANDS - FALLS), 0, 1)
        return np.asarray(
            np.where(self.single | (enough <= 0), 1.0, np.minimum(by_bits, by_standing))
        )

    @cached_property
    def single(self) -> Bools:
        """(M,): one step alone is wrong."""
        return np.asarray(~(self._wrong_steps & ~self._first_wrong).any(axis=1))

    def _with_misreading(self, some: NDArray[np.int64]) -> Array:
        """The evidence where one or two givens were misread: boxes that other numbers in their
        places explain agree with the rest of what they read. Each unknown takes up as much as one
        box says.
        """
        names = self.bank.asked
        looked = Misreadings(
            self.bank,
            {name: form.centre[some] for name, form in self.judged.own.carried.items()},
            {name: self.answers.values[name][some] for name in names},
            {name: self.judged.accepted[name].half_width[some] for name in names},
            {name: self.judged.standing[name][some] == Standing.OPEN for name in names},
        )
        fits, bits, reads = (
            [part[some] for part in parts] for parts in (self._fit, self._box_bits, self._reads)
        )
        faults = [part[some] for part in self._faults]
        best = np.zeros(len(some))
        for unknowns, explained in looked.explanations(list(self.bits)):
            left = dict(self.bits)
            for u in unknowns:
                left[u.name] -= self.bits[u.name] / int(np.prod(self.bank.graph.shapes[u.name]))
            flat = [
                explained[q.name].reshape(len(some), -1)
                if q.name in explained
                else np.zeros(fit.shape, dtype=bool)
                for q, fit in zip(self.asked, fits, strict=True)
            ]
            count = sum(mask.sum(axis=1) for mask in flat)
            worth = (1 - len(unknowns) / np.maximum(count, len(unknowns)))[:, None]
            more = [fit + mask * worth for fit, mask in zip(fits, flat, strict=True)]
            rest = [fault & ~mask for fault, mask in zip(faults, flat, strict=True)]
            told = _vouched(more, rest, reads)
            best = np.maximum(best, agreement(more, bits, told, left, self._sizes))
        return best

    @cached_property
    def _reads(self) -> list[Array]:
        """For each asked quantity (M, givens): which share of the sheet's givens a box of it reads,
        by itself or through steps for which nothing is written."""
        givens = list(self.bits)
        known: dict[str, Array] = {}
        rows = []
        asked = set(self.bank.asked)
        for q in self.bank.graph:
            if q.formula is None:
                known[q.name] = np.tile(np.array(givens) == q.name, (self.answers.count, 1)).astype(
                    float
                )
                continue
            reads = np.zeros((self.answers.count, len(givens)))
            for name in refs(q.formula):
                share = self.bank.reading[q.name, name]
                reads = np.maximum(
                    reads,
                    known[name] * (share if self.bank.graph[name].formula is None else share > 0),
                )
            if q.name in asked:
                rows.append(reads)
                written = self.answers.state[q.name] == WRITTEN
                hides = written.reshape(len(written), -1).any(axis=1) & (not trivial(q))
                reads = reads * ~hides[:, None]
            known[q.name] = reads
        return rows

    @cached_property
    def _box_bits(self) -> list[Array]:
        """For each asked quantity (M, entries): how much it says that a number lies in what is
        accepted."""
        found = []
        for q in self.asked:
            accepted = self.judged.accepted[q.name]
            half = np.maximum(accepted.half_width, 1e-300)
            centre = np.abs(accepted.low + accepted.high) / 2
            with np.errstate(all="ignore"):
                bits = np.nan_to_num(np.log2(1 + centre / half), posinf=0)
            found.append(np.clip(bits, 0, MOST_BITS).reshape(self.answers.count, -1))
        return found

    @cached_property
    def evidence(self) -> tuple[Array, Array]:
        """(M,): bits by which the sheet's numbers agree with its givens; and with all boxes right
        but those of the first wrong step."""
        everything = [
            np.repeat(~first[:, None], fit.shape[1], axis=1).astype(float)
            for fit, first in zip(self._fit, self._first_wrong.T, strict=True)
        ]
        static = self._static_reads
        says = self._box_bits
        told = _vouched(self._fit, self._faults, self._reads)
        of_sheet = agreement(self._fit, says, told, self.bits, self._sizes)
        return of_sheet, agreement(everything, says, static, self.bits, self._sizes)

    @cached_property
    def _fit(self) -> list[Array]:
        """For each asked quantity (M, entries): 1 where a box agrees with what it reads."""
        return [self._fits(q).reshape(self.answers.count, -1).astype(float) for q in self.asked]

    @cached_property
    def _faults(self) -> list[Bools]:
        """For each asked quantity (M, entries): wrong boxes, but for those of the first wrong
        step."""
        return [
            self._open(q).reshape(self.answers.count, -1) & ~first[:, None]
            for q, first in zip(self.asked, self._first_wrong.T, strict=True)
        ]

    def _fits(self, q: Quantity) -> Bools:
        """Boxes that agree with what they read, other than by a mere zero, power of ten or copy."""
        standing = self.judged.standing[q.name]
        follows = standing == Standing.FOLLOWS
        return np.asarray(
            (standing == Standing.RIGHT) | ((follows | self.again[q.name]) & ~self.trivial.bare(q))
        )

    @cached_property
    def _static_reads(self) -> list[Array]:
        """As `_reads`, where every asked box is filled, (1, givens) each."""
        givens, asked = list(self.bits), set(self.bank.asked)
        known: dict[str, Array] = {}
        rows = []
        for q in self.bank.graph:
            if q.formula is None:
                known[q.name] = (np.array(givens) == q.name).astype(float)[None]
                continue
            shares = [known[n] * self.bank.reading[q.name, n] for n in refs(q.formula)]
            reads = np.maximum.reduce([np.zeros((1, len(givens))), *shares])
            if q.name in asked:
                rows.append(reads)
            known[q.name] = reads * float(q.name not in asked or trivial(q))
        return rows

    @cached_property
    def _standing_share(self) -> Array:
        """(M,): share of the givens, by bits, whose readers fit, the worst two left aside."""
        fit = np.stack(
            [self._fits(q).reshape(self.answers.count, -1).sum(axis=1) for q in self.asked], axis=1
        )
        wrong = np.stack([self._wrong(q) for q in self.asked], axis=1) * ~self._first_wrong
        reads = np.stack(self._reads, axis=1) > 0  # (M, Q, givens)
        bits = np.array(list(self.bits.values()))
        aside = np.zeros((self.answers.count, len(bits)), dtype=bool)
        for _ in range(min(MISREAD, len(bits) - 1)):
            faults = np.einsum("mq,mqg->mg", wrong, reads)
            worst = np.where(aside, -1, faults).argmax(axis=1)
            aside[np.arange(len(worst)), worst] = True
            struck = np.take_along_axis(reads, worst[:, None, None], axis=2)[:, :, 0]
            wrong = wrong * ~struck
        fits, faults = np.einsum("mq,mqg->mg", fit, reads), np.einsum("mq,mqg->mg", wrong, reads)
        tried = (fits + faults > 0) & ~aside
        share = np.where(tried, fits / np.maximum(fits + faults, 1), 0)
        weight = (bits * tried).sum(axis=1)
        return np.where(weight > 0, (bits * share).sum(axis=1) / np.maximum(weight, 1e-12), 1.0)

    @cached_property
    def _first_wrong(self) -> Bools:
        """(M, quantities): the first asked one that has a wrong box. Anybody's slip may strike the
        only one that reads a given."""
        wrong = self._wrong_steps
        return np.asarray(wrong & (np.cumsum(wrong, axis=1) == 1))

    @cached_property
    def _wrong_steps(self) -> Bools:
        """(M, quantities): asked ones that have a wrong box."""
        return np.stack([self._wrong(q) for q in self.asked], axis=1) > 0

    def _wrong(self, q: Quantity) -> NDArray[np.int64]:
        """(M,): open boxes of a quantity that no repeated mistake explains."""
        return np.asarray(self._open(q).reshape(self.answers.count, -1).sum(axis=1))

    def _open(self, q: Quantity) -> Bools:
        """Its open boxes that no repeated mistake explains."""
        return np.asarray((self.judged.standing[q.name] == Standing.OPEN) & ~self.again[q.name])


def _vouched(fits: list[Array], faults: list[Bools], reads: list[Array]) -> list[Array]:
    """What boxes read, (M, givens) by quantity, without the givens most of whose readers are wrong:
    of some boxes that read a strange number one fits by chance."""
    touched = np.stack([read > 0 for read in reads], axis=1)
    of_fits, of_faults = (
        np.einsum("mq,mqg->mg", np.stack([part.sum(axis=1) for part in parts], axis=1), touched)
        for parts in (fits, faults)
    )
    return [read * (of_fits >= of_faults) for read in reads]
