"""Marked sheets: the verdict of every box with what it rests on, and the findings of a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import refs
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.bank.verdict import Verdict
from rnnquiz.decimals import Array
from rnnquiz.grade.answers import Answers, as_rows
from rnnquiz.grade.case import Explanations
from rnnquiz.grade.judge import CarriedNumbers, Judged
from rnnquiz.grade.results import BoxResult
from rnnquiz.grade.side_by_side import SideBySide
from rnnquiz.grade.states import Standing, Writing
from rnnquiz.grade.verdicts import (
    CONSTANT,
    IDLE,
    LITTLE_WORK,
    PARTLY_STRANGER,
    STRANGER,
    Explanation,
    Judgement,
    judgements,
)
from rnnquiz.grade.work import Pay
from rnnquiz.languages.sentences import said

NOT_READABLE = said("not readable")
UNKNOWN = said("wrong, no known mistake gives it")
LOOK_AGAIN = said("Look at this step again.")
HALF_PAID = 0.5  # of what follows: with less, what is near to that earns nothing
KEPT_SHARES = 1_000  # of work, with what is said of them: boxes of one sheet share one


@lru_cache(maxsize=KEPT_SHARES)
def _little_work(share: float, idle: bool) -> Explanation:
    """Why boxes of a sheet with this share of work are not paid in full."""
    shown = said("{percent:.0f}% of the boxes show work", percent=100 * share)
    reason = IDLE if idle else LITTLE_WORK
    return replace(reason, detail=shown)


@dataclass(frozen=True)
class Finding:
    """One mistake of a sheet and the boxes where it was made, the first of them first."""

    name: str
    says: str
    boxes: tuple[str, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Marked:
    """The marked sheets of N students."""

    bank: Bank
    answers: Answers
    judged: Judged
    explanations: Explanations
    pay: Pay
    constant: NDArray[np.bool_]
    weights: Array
    credits: Array

    @cached_property
    def totals(self) -> Array:
        """Marks of each student, (N,)."""
        return np.asarray(self._earned.sum(axis=1))

    @cached_property
    def _earned(self) -> Array:
        """Marks of each box, (N, boxes)."""
        return np.asarray(self.weights * self.credits)

    @cached_property
    def maxima(self) -> Array:
        """Marks that each student could get, (N,)."""
        return np.asarray(self.weights.sum(axis=1))

    def by_skill(self, n: int) -> dict[str, tuple[float, float]]:
        """Marks and maximum of each kind of quantity, for student n."""
        return {role: (marks[n], of[n]) for role, (marks, of) in self._by_role.items()}

    @cached_property
    def _by_role(self) -> dict[str, tuple[list[float], list[float]]]:
        """Marks and maximum of each kind of quantity, (N,)."""
        found: dict[str, tuple[Array, Array]] = {}
        nothing = np.zeros(len(self.weights))
        for k, box in enumerate(self.bank.boxes):
            role = self.bank.graph[box.quantity].role
            got, of = found.get(role, (nothing, nothing))
            found[role] = got + self._earned[:, k], of + self.weights[:, k]
        return {role: (got.tolist(), of.tolist()) for role, (got, of) in found.items()}

    @cached_property
    def _columns(self) -> tuple[tuple[Box, int | None], ...]:
        """Every box in the order of computation, with its column among those asked."""
        asked = {box.name: k for k, box in enumerate(self.bank.boxes)}
        columns: list[tuple[Box, int | None]] = []
        for q in self.bank.graph.computed:
            columns += [(box, asked.get(box.name)) for box in self.bank.boxes_of(q)]
        return tuple(columns)

    def results(self, n: int) -> Iterator[BoxResult]:
        """The verdict of every asked box of student n, then of every other box that the student
        filled."""
        texts = self.answers.texts[n]
        for box, k in self._columns:
            if k is not None or texts.get(box.name, "").strip():
                yield self.result(n, box, k)

    def result(self, n: int, box: Box, k: int | None) -> BoxResult:
        """What became of one box on sheet `n`; `k` is its column, none where it is not asked."""
        if box.name not in self._known:
            self._known[box.name] = self._on_all_sheets(box, k)
        return self._known[box.name][n]

    @cached_property
    def _known(self) -> dict[str, list[BoxResult]]:
        """The results of boxes on all sheets, by the names of the boxes."""
        return {}

    def _on_all_sheets(self, box: Box, k: int | None) -> list[BoxResult]:
        name = box.quantity
        typed = [texts.get(box.name, "") for texts in self.answers.texts]
        verdicts, explanations = zip(*self._judgements(box), strict=True)
        about = box.name, name, self.bank.graph[name].role
        # Whole columns: one number out of an array takes as long as all that is said of a box.
        rows = zip(
            *map(repeat, about),
            typed,
            verdicts,
            explanations,
            self._reasons(box.name),
            *self._sides.numbers[box.name],
            *self._marks_of(k),
            self._bridged(name),
            # What is repeated has no end of its own.
            strict=False,
        )
        return list(map(BoxResult._make, rows))

    def _reasons(self, box: str) -> list[str]:
        """Why a box cannot be read, on each sheet."""
        found = [""] * len(self.weights)
        for n, reason in self._unreadable.get(box, ()):
            found[n] = reason
        return found

    @cached_property
    def _unreadable(self) -> dict[str, list[tuple[int, str]]]:
        """By box, the sheets where it cannot be read, and why."""
        found: dict[str, list[tuple[int, str]]] = {}
        for (n, box), reason in self.answers.reasons.items():
            found.setdefault(box, []).append((n, reason))
        return found

    def _marks_of(self, k: int | None) -> tuple[list[float], list[float]]:
        """What a box earned, and what it is out of, (N,)."""
        # A box that was filled without being asked is worth nothing.
        if k is None:
            nothing = [0.0] * len(self.weights)
            return nothing, nothing
        return self._earned[:, k].tolist(), self.weights[:, k].tolist()

    def _judgements(self, box: Box) -> list[Judgement]:
        """The verdict on a box and what is said of it, on each sheet."""
        rows, columns = self._sides.standing[box.name], self._sides.writing[box.name]
        found = [self._table[row][column] for row, column in zip(rows, columns, strict=True)]
        # What has more to it than its place in the table is looked at one by one.
        for n in self._sides.with_more[box.name]:
            found[n] = self.judgement(n, box)
        return found

    @cached_property
    def _sides(self) -> SideBySide:
        return SideBySide(self.bank, self.judged)

    def chain(self, n: int, box: Box) -> CarriedNumbers:
        """The chain of numbers that a box was held against."""
        right = _at(self.judged.standing, n, box) == Standing.RIGHT
        return self.judged.right if right else self.judged.own

    def _bridged(self, name: str) -> list[tuple[str, ...]]:
        """Of each sheet, the quantities read by the formula for which the student wrote nothing
        that can be read."""
        found: list[tuple[str, ...]] = [()] * len(self.weights)
        for parent in self._read_by[name]:
            for n in self._unread[parent]:
                found[n] = (*found[n], parent)
        return found

    @cached_property
    def _read_by(self) -> dict[str, tuple[str, ...]]:
        """The asked quantities that each formula reads."""
        asked = set(self.bank.asked)
        found = {}
        for q in self.bank.graph.computed:
            if q.formula is not None:
                names = filter(asked.__contains__, refs(q.formula))
                found[q.name] = tuple(names)
        return found

    @cached_property
    def _unread(self) -> dict[str, list[int]]:
        """Of each asked quantity, the sheets on which some entry cannot be read."""
        found = {}
        for name in self.bank.asked:
            missing = np.isnan(self.answers.values[name])
            some = as_rows(missing).any(axis=1)
            found[name] = np.flatnonzero(some).tolist()
        return found

    def judgement(self, n: int, box: Box) -> Judgement:
        """The verdict and what is said of it, the likeliest first."""
        standing, writing = _at(self.judged.standing, n, box), _at(self.judged.writing, n, box)
        if standing == Standing.OPEN:
            # Of such a sheet no other cause was looked for.
            if self.constant[n]:
                return Verdict.WRONG, (CONSTANT,)
            return self._explained(n, box)
        verdict, remarks = self._table[standing][writing]
        # That a part was rounded too early says more than that the last digit is off.
        if writing == Writing.OFF_BY_ONE:
            remarks = tuple(self.explanations.get((n, box.name), remarks))
        if standing != Standing.FOLLOWS:
            return verdict, remarks
        # With nothing of it paid, "follow-through" would praise somebody else's work.
        if self.pay.own[n] == 0:
            return Verdict.WRONG, (STRANGER,)
        if _at(self.pay.factor, n, box) == 1:
            return verdict, remarks
        return verdict, (self._why_not_in_full(n, box), *remarks)

    @cached_property
    def _table(self) -> Sequence[Sequence[Judgement]]:
        """What is said of a box by how it stands (rows) and how it is written."""
        policy = self.bank.written.policy
        return judgements(policy.surplus_digits, policy.missing_digits)

    def _explained(self, n: int, box: Box) -> Judgement:
        """The verdict on an open box, and what explains its number."""
        found = self.explanations.get((n, box.name))
        if not found:
            return Verdict.WRONG, ()
        best, *others = found
        # What was rounded too early over wrong numbers is a part of what follows from them.
        if _at(self.pay.factor, n, box) < HALF_PAID:
            why = self._why_not_in_full(n, box)
            return Verdict.WRONG, (replace(best, detail=why.name), *others)
        return best.verdict, (best, *others)

    def _why_not_in_full(self, n: int, box: Box) -> Explanation:
        """Why a box that follows is not paid in full."""
        if self.pay.own[n] < 1:
            return PARTLY_STRANGER
        idle = bool(_at(self.pay.idle, n, box))
        share = float(self.pay.share[n])
        return _little_work(share, idle)

    def findings(self, n: int, results: Iterable[BoxResult] | None = None) -> tuple[Finding, ...]:
        """The mistakes of a sheet, each once, in the order in which they were first made; `results`
        where they are known already."""
        groups: dict[str, Finding] = {}
        for row in self.results(n) if results is None else results:
            if not row.verdict.is_fault:
                continue
            found = _finding(row)
            # Boxes that nothing explains have nothing in common: each is a mistake of its own.
            key = found.name if row.explanations else f"{row.verdict} {row.box}"
            known = groups.get(key, found)
            groups[key] = replace(known, boxes=(*known.boxes, row.box))
        return tuple(groups.values())


def _finding(row: BoxResult) -> Finding:
    """What was found in a box that is wrong, not yet with the boxes where it was made."""
    if row.explanations:
        best, *others = row.explanations
        names = tuple(other.name for other in others)
        return Finding(best.name, best.says, (), names)
    name = NOT_READABLE if row.verdict == Verdict.UNREADABLE else UNKNOWN
    return Finding(name, row.reason or LOOK_AGAIN, ())


def _at(values: Mapping[str, NDArray[Any]], n: int, box: Box) -> Any:
    """The entry of a box on the sheet of student n."""
    return box.of(values[box.quantity])[n]
