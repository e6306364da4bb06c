"""Follow-through pays for work that was shown.

What follows from a student's own wrong numbers is paid as if these were right, under two conditions.

It is this sheet's work: some of what reads the sheet's givens fits the givens. Copied numbers agree with
one another, but not with another sheet's givens. How much that says is counted in bits: a given that
is one of 64 choices says 6, a box whose accepted interval is a thousandth of its value says 10 at most. That
somebody else's numbers reach b bits by chance has probability 2**-b (Good, Probability and the
Weighing of Evidence, 1950, chapter 6).

It is work: where the student's own wrong numbers leave nothing to compute, a box that follows is paid
in proportion to the work that the rest of the sheet shows. A student whose slip saturates a state loses
nothing by that; a sheet of zeros earns nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import refs
from rnnquiz.algebra.operations import evaluate as value_of
from rnnquiz.bank.specification import Bank, trivial
from rnnquiz.decimals import Array, power_of_ten
from rnnquiz.derivation.graph import Quantity
from rnnquiz.grade.agreement import agreement, choice_bits, telling_bits
from rnnquiz.grade.answers import WRITTEN, Answers
from rnnquiz.grade.fits import Bools, bare
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.misread import Misreadings
from rnnquiz.grade.repeated import repeated_numbers
from rnnquiz.grade.states import Standing

ENOUGH, LITTLE = 24.0, 0.8
"""Bits that prove a sheet one's own, and the share of them below which nothing is proved. Of the 40,000
pairs of a class of 200 one agrees in 15 bits by chance, of a hundred classes one in 22."""
SLACK, LEAST = 2.0, 10.0
"""Of few bits, what is left with two misread givens is enough, less SLACK, and never less than LEAST."""
MOST_BITS = 14.0  # of one box

STANDS, FALLS = 0.5, 0.3
"""Share of the givens, by bits, whose readers fit: above the one everything is paid, below the other
nothing. Two misread weights leave 0.54 in bptt_scalar before MISREAD is allowed for (worked out by hand)."""
MISREAD = 2  # givens whose readers may all be wrong
WORKED, IDLE = 0.5, 0.15
"""Share of the boxes that show work: above the one, idle boxes are paid in full, below the other not.
A tenth of the boxes, and what is right by chance beside them, pay for nothing else."""
FEW_UNITS, ROUND_UNITS = 10.0, 100.0
CLOSE, CLOSE_UNITS = 0.005, 2.0
STIRRED, STIRS = 0.1, 5.0


@dataclass(frozen=True)
class Pay:
    """What of its marks each box that follows is paid, (N, *shape) by quantity, 1 elsewhere. `own`, (N,): the part for
    numbers of this very sheet. `idle`: boxes that show no work. `share`, (N,): of the boxes that show work."""

    factor: Mapping[str, Array]
    own: Array
    idle: Mapping[str, Bools]
    share: Array


def pay(bank: Bank, answers: Answers, judged: Judged, explained: Mapping[str, Bools]) -> Pay:
    """The pay of every box; `explained` are wrong boxes that a mistake made again and again explains."""
    count = answers.count
    following = {name: judged.standing[name] == Standing.FOLLOWS for name in judged.standing}
    idle = {name: np.zeros(mask.shape, dtype=bool) for name, mask in following.items()}
    own, share = np.ones(count), np.ones(count)
    rows = np.flatnonzero(np.logical_or.reduce([m.reshape(count, -1).any(axis=1) for m in following.values()]))
    if len(rows):
        sheets = _Sheets(bank, answers, judged, explained, rows)
        for name, mask in sheets.idle.items():
            idle[name][rows] = mask
        own[rows], share[rows] = sheets.own, sheets.share
        for_idle = np.ones(count)
        for_idle[rows] = sheets.for_idle
    factor = {}
    for name, mask in following.items():
        shape = (-1,) + (1,) * (mask.ndim - 1)
        paid = own.reshape(shape) * (np.where(idle[name], for_idle.reshape(shape), 1.0) if len(rows) else 1.0)
        factor[name] = np.where(mask, paid, 1.0)
    return Pay(factor, own, idle, share)


class _Sheets:
    """The sheets, given by their rows, on which something follows."""

    def __init__(
        self, bank: Bank, answers: Answers, judged: Judged, explained: Mapping[str, Bools], rows: NDArray[np.int64]
    ) -> None:
        self.bank, self.answers, self.judged, self.explained, self.rows = bank, answers, judged, explained, rows
        self.bits = telling_bits(bank)
        self.asked = [bank.graph[name] for name in bank.asked]

    def of(self, values: Mapping[str, NDArray[Any]], name: str) -> NDArray[Any]:
        return values[name][self.rows]

    @cached_property
    def idle(self) -> dict[str, Bools]:
        """Boxes that follow and leave nothing to compute."""
        again = repeated_numbers(self.bank, self.answers.taken(self.rows), {n: v[self.rows] for n, v in self.judged.key.items()})
        found = {}
        for q in self.asked:
            follows = self.of(self.judged.standing, q.name) == Standing.FOLLOWS
            found[q.name] = follows & (self._idle(q) | again[q.name]) if follows.any() else follows
        return found

    def _idle(self, q: Quantity) -> Bools:
        """Tests of the own number, each waived where the number of the key meets it as well."""
        assert q.formula is not None
        names = refs(q.formula)
        own = {name: self.judged.own.carried[name].centre[self.rows] for name in names}
        key = {n: self.judged.key[n][self.rows] for n in names}
        mine = np.broadcast_to(self.judged.own.forms[q.name].centre[self.rows], self.of(self.answers.values, q.name).shape)
        right = self.judged.key[q.name][self.rows]
        idle = self._bare(q)
        for test in (self._few, self._round):
            idle |= test(mine) & ~test(right)
        for name in names:
            if np.shape(own[name])[1:] in ((), mine.shape[1:]):
                idle |= self._copied(mine, own[name]) & ~self._copied(right, key[name])
        return np.asarray(idle | self._unstirred(q, own, key))

    def _bare(self, q: Quantity) -> Bools:
        """The number is zero or a power of ten, and that of the key is not."""
        return bare(self.of(self.answers.values, q.name)) & ~bare(self.judged.key[q.name][self.rows])

    def _few(self, values: Array) -> Bools:
        return np.asarray(np.abs(values) < FEW_UNITS * self.bank.rounding.unit(values))

    def _round(self, values: Array) -> Bools:
        units = np.abs(values) / (ROUND_UNITS * self.bank.rounding.unit(values))
        return np.asarray(np.abs(units - np.rint(units)) * ROUND_UNITS < 1e-6)

    def _copied(self, values: Array, operand: Array) -> Bools:
        """The value is the operand, but for sign, a power of ten, and a little."""
        operand = np.abs(operand).reshape(len(operand), *([1] * (values.ndim - operand.ndim)), *operand.shape[1:])
        size = np.abs(values)
        with np.errstate(all="ignore"):
            shift = np.rint(np.log10(size / operand))
            moved = operand * power_of_ten(np.nan_to_num(shift, posinf=0, neginf=0).astype(np.int64))
            reach = np.maximum(CLOSE * size, CLOSE_UNITS * self.bank.rounding.unit(values))
            return np.asarray((operand != 0) & (np.abs(size - moved) <= reach))

    def _unstirred(self, q: Quantity, own: Mapping[str, Array], key: Mapping[str, Array]) -> Bools:
        """The value hardly moves with the numbers computed before it, and that of the key does."""
        assert q.formula is not None
        stirred = [n for n in own if self.bank.graph[n].formula is not None]

        def stir(values: Mapping[str, Array]) -> Array:
            more = {n: v * (1 + STIRRED) if n in stirred else v for n, v in values.items()}
            with np.errstate(all="ignore"):
                here, there = value_of(q.formula, values), value_of(q.formula, more)  # type: ignore[arg-type]
                return np.asarray(np.abs(there - here) / self.bank.rounding.unit(np.asarray(here)))

        if not stirred:
            return np.zeros((len(self.rows), *q.shape), dtype=bool)
        return np.asarray((stir(own) < 1) & (stir(key) >= STIRS))

    @cached_property
    def worked(self) -> dict[str, Bools]:
        """Boxes that show work: right, following, or wrong in a way that was worked out again and again."""
        found = {}
        for q in self.asked:
            standing = self.of(self.judged.standing, q.name)
            follows = (standing == Standing.FOLLOWS) & ~self.idle[q.name]
            found[q.name] = (standing == Standing.RIGHT) | follows | self.of(self.explained, q.name)
        return found

    def _flat(self, values: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate([values[q.name].reshape(len(self.rows), -1) for q in self.asked], axis=1)

    @cached_property
    def counted(self) -> Bools:
        """(M, boxes): those that are not zero by structure."""
        exact = {q.name: self.of(self.judged.exact, q.name) for q in self.asked}
        return np.asarray(self._flat(exact) != 0)

    @cached_property
    def share(self) -> Array:
        """(M,): share of the boxes that show work."""
        worked = np.asarray(self._flat(self.worked), dtype=bool)
        return np.asarray((worked & self.counted).sum(axis=1) / np.maximum(self.counted.sum(axis=1), 1))

    @cached_property
    def for_idle(self) -> Array:
        """(M,): what an idle box is paid. Few of them are paid by little work, many by much."""
        idle = np.asarray(self._flat(self.idle), dtype=bool)
        of_all = (idle & self.counted).sum(axis=1) / np.maximum(self.counted.sum(axis=1), 1)
        by_share = np.clip((self.share - IDLE) / (WORKED - IDLE), 0, 1)
        return np.asarray(np.maximum(by_share, np.minimum(1, self.share**2 / np.maximum(of_all, 1e-9))))

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        """Entries of each telling given."""
        return np.array([int(np.prod(self.bank.graph.shapes[name])) for name in self.bits])

    @cached_property
    def own(self) -> Array:
        """(M,): how much of what follows is paid as work on this sheet's numbers: all of it where one step
        alone is wrong, as what follows from that was computed with this sheet's numbers."""
        if not self.bits:
            return np.ones(len(self.rows))
        evidence, most = self._evidence
        sizes = self._sizes
        entries = np.sort(np.repeat(np.array(list(self.bits.values())) / sizes, sizes))
        left = most - entries[-MISREAD:].sum() - choice_bits(len(entries), np.array([max(0, len(entries) - MISREAD)]))
        enough = np.minimum(most, np.clip(left - SLACK, LEAST, ENOUGH))
        doubtful = np.flatnonzero(evidence < enough)
        if len(doubtful):
            evidence[doubtful] = np.maximum(evidence[doubtful], self._with_misreading(doubtful))
        with np.errstate(all="ignore"):
            by_bits = np.clip((evidence / enough - LITTLE) / (1 - LITTLE), 0, 1)
        by_standing = np.clip((self._standing_share - FALLS) / (STANDS - FALLS), 0, 1)
        single = ~(self._wrong_steps & ~self._first_wrong).any(axis=1)
        return np.asarray(np.where(single | (enough <= 0), 1.0, np.minimum(by_bits, by_standing)))

    def _with_misreading(self, some: NDArray[np.int64]) -> Array:
        """The evidence where one or two givens were misread: boxes that other numbers in their places
        explain agree with the rest of what they read. Each unknown takes up as much as one box says."""
        rows, names = self.rows[some], self.bank.asked
        looked = Misreadings(
            self.bank,
            {name: form.centre[rows] for name, form in self.judged.own.carried.items()},
            {name: self.answers.values[name][rows] for name in names},
            {name: self.judged.accepted[name].half_width[rows] for name in names},
            {name: self.judged.standing[name][rows] == Standing.OPEN for name in names},
        )
        fits = [self._fits(q).reshape(len(self.rows), -1)[some].astype(float) for q in self.asked]
        bits, reads = [part[some] for part in self._box_bits], [part[some] for part in self._reads]
        best = np.zeros(len(some))
        for unknowns, explained in looked.explanations(list(self.bits)):
            left = dict(self.bits)
            for u in unknowns:
                left[u.name] -= self.bits[u.name] / int(np.prod(self.bank.graph.shapes[u.name]))
            count = sum(mask.reshape(len(some), -1).sum(axis=1) for mask in explained.values())
            worth = (1 - len(unknowns) / np.maximum(count, len(unknowns)))[:, None]
            more = [
                fit + explained[q.name].reshape(len(some), -1) * worth if q.name in explained else fit
                for q, fit in zip(self.asked, fits, strict=True)
            ]
            best = np.maximum(best, agreement(more, bits, reads, left, self._sizes))
        return best

    @cached_property
    def _reads(self) -> list[Array]:
        """For each asked quantity (M, givens): which share of the sheet's givens a box of it reads, by itself
        or through steps for which nothing is written."""
        givens = list(self.bits)
        known: dict[str, Array] = {}
        rows = []
        asked = set(self.bank.asked)
        for q in self.bank.graph:
            if q.formula is None:
                known[q.name] = np.tile(np.array(givens) == q.name, (len(self.rows), 1)).astype(float)
                continue
            reads = np.zeros((len(self.rows), len(givens)))
            for name in refs(q.formula):
                share = self.bank.reading[q.name, name]
                reads = np.maximum(reads, known[name] * (share if self.bank.graph[name].formula is None else share > 0))
            if q.name in asked:
                rows.append(reads)
                written = self.of(self.answers.state, q.name) == WRITTEN
                hides = written.reshape(len(written), -1).any(axis=1) & (not trivial(q))
                reads = reads * ~hides[:, None]
            known[q.name] = reads
        return rows

    @cached_property
    def _box_bits(self) -> list[Array]:
        """For each asked quantity (M, entries): how much it says that a number lies in what is accepted."""
        found = []
        for q in self.asked:
            accepted = self.judged.accepted[q.name]
            half = np.maximum(accepted.half_width[self.rows], 1e-300)
            centre = np.abs(accepted.low[self.rows] + accepted.high[self.rows]) / 2
            with np.errstate(all="ignore"):
                bits = np.nan_to_num(np.log2(1 + centre / half), posinf=0)
            found.append(np.clip(bits, 0, MOST_BITS).reshape(len(self.rows), -1))
        return found

    @cached_property
    def _evidence(self) -> tuple[Array, Array]:
        """(M,): bits by which the sheet's numbers agree with its givens; and with all boxes right but those
        of the first wrong step."""
        fits = [self._fits(q).reshape(len(self.rows), -1).astype(float) for q in self.asked]
        everything = [np.repeat(~first[:, None], fit.shape[1], axis=1).astype(float)
                      for fit, first in zip(fits, self._first_wrong.T, strict=True)]  # fmt: skip
        static = self._static_reads
        says = self._box_bits
        of_sheet = agreement(fits, says, self._reads, self.bits, self._sizes)
        return of_sheet, agreement(everything, says, static, self.bits, self._sizes)

    def _fits(self, q: Quantity) -> Bools:
        """Boxes that agree with what they read, other than by a mere zero, power of ten or copy."""
        standing = self.of(self.judged.standing, q.name)
        follows = (standing == Standing.FOLLOWS) & ~self._bare(q)
        return np.asarray((standing == Standing.RIGHT) | follows | self.of(self.explained, q.name))

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
        fit = np.stack([self._fits(q).reshape(len(self.rows), -1).sum(axis=1) for q in self.asked], axis=1)
        wrong = np.stack([self._wrong(q) for q in self.asked], axis=1) * ~self._first_wrong
        reads = np.stack(self._reads, axis=1) > 0  # (M, Q, givens)
        bits = np.array(list(self.bits.values()))
        aside = np.zeros((len(self.rows), len(bits)), dtype=bool)
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
        """(M, quantities): the first asked one that has a wrong box. Anybody's slip may strike the only one
        that reads a given."""
        wrong = self._wrong_steps
        return np.asarray(wrong & (np.cumsum(wrong, axis=1) == 1))

    @cached_property
    def _wrong_steps(self) -> Bools:
        """(M, quantities): asked ones that have a wrong box."""
        return np.stack([self._wrong(q) for q in self.asked], axis=1) > 0

    def _wrong(self, q: Quantity) -> NDArray[np.int64]:
        """(M,): open boxes of a quantity that no repeated mistake explains."""
        open_ = (self.of(self.judged.standing, q.name) == Standing.OPEN) & ~self.of(self.explained, q.name)
        return np.asarray(open_.reshape(len(self.rows), -1).sum(axis=1))
