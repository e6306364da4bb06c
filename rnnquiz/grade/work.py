"""Follow-through pays for work that was shown.

What follows from a student's own wrong numbers is paid as if these were right, under two
conditions.

It is this sheet's work: some of what reads the sheet's givens fits the givens (`ownership`).

It is work: where the student's own wrong numbers leave nothing to compute (`idle`), a box that
follows is paid in proportion to the work that the rest of the sheet shows. A student whose slip
saturates a state loses nothing by that where enough else was worked out; a sheet of zeros earns
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array, Bools
from rnnquiz.grade.answers import Answers, beside_entries, side_by_side, some_rows
from rnnquiz.grade.givens_fit import GivensFit
from rnnquiz.grade.idle import Trivial
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.misread_boxes import Misread, MisreadBoxes
from rnnquiz.grade.ownership import Ownership, ramp
from rnnquiz.grade.states import Standing

WORKED_SHARE, IDLE_SHARE = 0.35, 0.2
"""Share of the boxes that show work: above the one, idle boxes are paid in full, below the other
not. A tenth of the boxes, and what is right by chance beside them, pay for little else; with higher
shares who misread two givens of one_neuron lose marks (`tests/test_gaming.py`)."""
SHOWN_SHARE, HARDLY_SHARE = 0.22, 0.12
"""The same for all that follows, where several steps are wrong: two or three boxes of 26 that
happen to follow are no work. Found with `gaming.py`: without it adam_two_steps paid 11 % for
nothing."""
TENTH, LUCK, LUCK_ABOVE = 0.1, 1, 2
"""A tenth of the boxes and LUCK more pay for nothing, LUCK_ABOVE more for everything, however few
boxes a sheet has: of 13 boxes two worked out and one that is met by chance are a quarter. With
shares alone both_directions and forward_pass paid 4 and 7 % for a tenth of the work (`gaming.py`);
it matters to sheets of less than 50 boxes. With LUCK_ABOVE 3 a sixth of the sheets of forward_pass
with three slips lost follow-through."""
MOST_LUCK, MOST_ABOVE = 0.27, 0.33
"""At most these shares: with more, of three boxes none that follows is paid once two are wrong."""
FEW_CAUSES, WORKED_AFTER_FEW, IDLE_AFTER_FEW = 2, 0.25, 0.15
"""The same where all that is wrong has so few causes, be the work with round numbers: they take the
others with them, whoever made them (jordan_network: where two misread weights leave both units
dead, the constant is left, and its error)."""
WORKED_BOXES, IDLE_BOXES = 2.0, 1.0
"""Or where so many boxes show work after one cause; after one, a single box that is right will do.
Who slips where all else rests on it has little left to work out (one_neuron: a prediction of zero
leaves the score and the loss), and hands in what a sheet looks like on which little else was worked
out. The student is believed. Of two such causes one may be for the marks: believed as well, two
zeros earned 79 % in perceptron with 9 % of the boxes worked out (`gaming.py --laws s`)."""
TINY_SHARE = 1e-9  # what is divided by at least


@dataclass(frozen=True)
class Explained:
    """Wrong boxes, (N, *shape) by quantity, that one misconception explains which explains several
    (`again`); that a slip or mistake explains which takes the right numbers to make (`known`); and
    that were rounded too early, over the student's own numbers (`early`)."""

    again: Mapping[str, Bools]
    known: Mapping[str, Bools]
    early: Mapping[str, Bools]

    def taken(self, rows: NDArray[np.int64]) -> Explained:
        """Those of some sheets."""
        parts = self.again, self.known, self.early
        again, known, early = (some_rows(part, rows) for part in parts)
        return Explained(again, known, early)


@dataclass(frozen=True)
class Pay:
    """What of its marks each box is paid that rests on wrong numbers, (N, *shape) by quantity, 1
    elsewhere. `own`, (N,): the part for numbers of this very sheet. `shown`, (N,): the part for
    enough work on it. `idle`: boxes that show no work. `share`, (N,): of the boxes that show work.
    """

    factor: Mapping[str, Array]
    own: Array
    shown: Array
    idle: Mapping[str, Bools]
    share: Array


def pay(bank: Bank, answers: Answers, judged: Judged, explained: Explained) -> Pay:
    """The pay of every box."""
    shapes = {name: of.shape for name, of in judged.standing.items()}
    resting = {name: _resting(name, judged, explained) for name in shapes}
    factor = {name: np.ones(shape) for name, shape in shapes.items()}
    idle = {name: np.zeros(shape, dtype=bool) for name, shape in shapes.items()}
    own, shown, share = (np.ones(answers.count) for _ in range(3))
    # Where nothing follows there is nothing to prove: so it is on most sheets of most classes.
    concerned = side_by_side(resting, shapes).any(axis=1)
    rows = np.flatnonzero(concerned)
    if len(rows):
        some = answers.taken(rows), judged.taken(rows), explained.taken(rows)
        sheets = _Sheets(bank, *some)
        own[rows], shown[rows] = sheets.ownership.own, sheets.shown
        share[rows] = sheets.share
        for name in shapes:
            factor[name][rows] = sheets.factor(name)
        for name, mask in sheets.idle.items():
            idle[name][rows] = mask
    return Pay(factor, own, shown, idle, share)


def _resting(name: str, judged: Judged, explained: Explained) -> Bools:
    """(N, *shape): boxes of a quantity that are worth something over the student's own wrong
    numbers: those that follow, and those that were rounded too early."""
    follows = judged.standing[name] == Standing.FOLLOWS
    early = explained.early[name]
    if not early.any():
        return np.asarray(follows)
    own, right = judged.own.forms[name].centre, judged.right.forms[name].centre
    # Where all before it is right, so is the step that was rounded too early.
    return np.asarray(follows | (early & (own != right)))


class _Sheets:
    """M sheets on which something follows."""

    def __init__(self, bank: Bank, answers: Answers, judged: Judged, explained: Explained) -> None:
        self.bank, self.answers, self.judged, self.explained = bank, answers, judged, explained
        self.fitting = GivensFit(bank, answers, judged, explained.again)
        self.misread_boxes = MisreadBoxes(self.fitting)
        self.ownership = Ownership(self.fitting, self.misread_boxes)
        self.trivial = Trivial(bank, answers, judged)
        self.asked = [bank.graph[name] for name in bank.asked]

    def _flat(self, values: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        return side_by_side(values, self.bank.asked)

    @cached_property
    def idle(self) -> dict[str, Bools]:
        """Boxes that follow and leave nothing to compute."""
        return self.trivial.idle()

    def factor(self, name: str) -> Array:
        """What each box of a quantity is paid, (M, *shape), 1 where it rests on nothing wrong."""
        resting = _resting(name, self.judged, self.explained)
        for_own = self.ownership.own * self.shown
        paid = beside_entries(for_own, resting)
        if name in self.idle:
            for_idle = beside_entries(self.for_idle, resting)
            factor = np.where(self.idle[name], for_idle, 1.0)
            paid = paid * factor
        return np.where(resting, paid, 1.0)

    @cached_property
    def counted(self) -> Bools:
        """(M, boxes): those that take work: not zero by structure, no copies in the key."""
        exact = self._flat(self.judged.exact)
        plain = self._flat({q.name: self.trivial.plain(q) for q in self.asked})
        return np.asarray((exact != 0) & ~plain)

    @cached_property
    def share(self) -> Array:
        """(M,): share of the boxes that show work: right, following, or wrong in a way that was
        worked out again and again, or from givens that were misread."""
        return self._plain_share + self._misread.explained / self.number

    @cached_property
    def share_left(self) -> Array:
        """(M,): the share, less one box for each that is made up: who writes zeros wherever they
        pay has not worked more for it."""
        return np.maximum(0, self.share - self._made_up)

    @cached_property
    def _made_up(self) -> Array:
        """(M,): share of the boxes whose wrong number takes no work, and that nothing explains."""
        found = {}
        for q in self.asked:
            is_open = self.judged.standing[q.name] == Standing.OPEN
            explained = self.explained.again[q.name] | self.explained.early[q.name]
            found[q.name] = is_open & ~explained & self.trivial.made_up(q)
        return self._share(self._flat(found))

    @cached_property
    def _misread(self) -> Misread:
        """What misread givens explain; nothing where it does not matter."""
        share = self._plain_share - self._made_up
        # The search for misread givens is long: on most sheets there is enough without it.
        _, enough = self._limits(IDLE_SHARE, WORKED_SHARE)
        little = np.flatnonzero((share < enough) & ~self.fitting.single)
        explained, causes = np.zeros(len(share)), self.fitting.wrong_steps.copy()
        if len(little):
            found = self.misread_boxes.of_sheets(little)
            explained[little], causes[little] = found.explained, found.causes
        return Misread(explained, causes)

    @cached_property
    def _plain_share(self) -> Array:
        """(M,): the same without what misread givens explain."""
        found = {}
        for q in self.asked:
            standing = self.judged.standing[q.name]
            idle, bare = self.idle[q.name], self.trivial.bare(q)
            follows = (standing == Standing.FOLLOWS) & ~idle
            # Many a mistake gives zero or one, and so does anybody who writes that everywhere.
            again = self.explained.again[q.name] & ~bare
            right = standing == Standing.RIGHT
            found[q.name] = right | follows | again
        return self._share(self._flat(found))

    def _share(self, boxes: Bools) -> Array:
        shown = (boxes & self.counted).sum(axis=1)
        return np.asarray(shown / self.number)

    @cached_property
    def number(self) -> NDArray[np.int64]:
        """(M,): how many boxes count, 1 at least."""
        counted = self.counted.sum(axis=1)
        return np.asarray(np.maximum(counted, 1))

    def _paid_by(self, share: Array, low: float, high: float) -> Array:
        """(M,): 0 up to a share `low` of boxes that show work, 1 from `high` on."""
        least, enough = self._limits(low, high)
        return ramp(share, least, enough)

    def _limits(self, low: float, high: float) -> tuple[Array, Array]:
        """(M,) each: the two shares; of few boxes it takes more."""
        tenth = np.ceil(TENTH * self.number)
        # So few boxes can be met by luck beside a tenth that was worked out; of three boxes one is
        # a great part.
        by_luck = np.minimum(MOST_LUCK, (tenth + LUCK) / self.number)
        above_luck = np.minimum(MOST_ABOVE, (tenth + LUCK_ABOVE) / self.number)
        return np.maximum(low, by_luck), np.maximum(high, above_luck)

    @cached_property
    def known_cause(self) -> Bools:
        """(M,): one step alone is wrong, by mistakes that take the right numbers to make."""
        if not self.fitting.single.any():
            return self.fitting.single
        found = {}
        for q in self.asked:
            stands = self.judged.standing[q.name] != Standing.OPEN
            # A slip of a made-up number may happen to fit.
            made_up = self.trivial.made_up(q)
            worked = self.explained.known[q.name] & ~made_up
            found[q.name] = stands | worked
        all_known = self._flat(found).all(axis=1)
        return np.asarray(self.fitting.single & all_known)

    @cached_property
    def shown(self) -> Array:
        """(M,): what any box that follows is paid at most."""
        enough = (self._misread.causes <= 1) | self.known_cause
        by_share = self._paid_by(self.share_left, HARDLY_SHARE, SHOWN_SHARE)
        by_cause = np.maximum(by_share, self._after_slips)
        return np.where(enough, 1.0, by_cause)

    @cached_property
    def for_idle(self) -> Array:
        """(M,): what an idle box is paid. Few of them are paid by little work, many by much."""
        of_all = self._share(self._flat(self.idle))
        # Ramps, no steps: one box more does not decide over all the others.
        by_share = self._paid_by(self.share_left, IDLE_SHARE, WORKED_SHARE)
        # All of them together are paid the square of the share, and none more than in full.
        divisor = np.maximum(of_all, TINY_SHARE)
        worth = self.share_left**2 / divisor
        by_number = np.minimum(1, worth)
        few = np.where(by_share > 0, by_number, 0.0)
        several = np.maximum(by_share, few)
        paid = np.maximum(several, self._after_slips)
        return np.where(self.known_cause & self.complete, 1.0, paid)

    @cached_property
    def _after_slips(self) -> Array:
        """(M,): what is paid of all that follows from few causes on a sheet that leaves nothing
        out."""
        causes = self._misread.causes
        boxes = self.share * self.number + self._round_ones
        by_share = ramp(boxes / self.number, IDLE_AFTER_FEW, WORKED_AFTER_FEW)
        by_boxes = ramp(boxes, IDLE_BOXES, WORKED_BOXES)
        after_one = np.where(self._some_right, 1.0, np.maximum(by_share, by_boxes))
        paid = np.where(causes <= 1, after_one, by_share)
        return np.where(self.complete & (causes <= FEW_CAUSES), paid, 0.0)

    @cached_property
    def _round_ones(self) -> Array:
        """(M,): how many boxes follow that are idle for being round alone."""
        found = {q.name: self.idle[q.name] & self.trivial.merely_round(q) for q in self.asked}
        return self._share(self._flat(found)) * self.number

    @cached_property
    def _some_right(self) -> Bools:
        """(M,): one box at least is right that takes work."""
        right = {q.name: self.judged.standing[q.name] == Standing.RIGHT for q in self.asked}
        return np.asarray(self._share(self._flat(right)) > 0)

    @cached_property
    def complete(self) -> Bools:
        """(M,): no box is left blank. Whose only fault is one wrong number has worked out all that
        does not rest on it; who writes zeros to be paid for them leaves out what they do not
        reach."""
        filled = {}
        for q in self.asked:
            standing = self.judged.standing[q.name]
            filled[q.name] = (standing != Standing.BLANK) & (standing != Standing.UNREAD)
        return np.asarray(self._flat(filled).all(axis=1))
