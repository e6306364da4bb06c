"""Marked sheets: the verdict of every box with what it rests on, and the findings of a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
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
from rnnquiz.grade.states import Standing, Writing
from rnnquiz.grade.verdicts import (
    CONSTANT,
    IDLE,
    LITTLE_WORK,
    PARTLY_STRANGER,
    STRANGER,
    Explanation,
    Judgement,
    verdict_of,
)
from rnnquiz.grade.work import Pay
from rnnquiz.languages.sentences import said
from rnnquiz.text import shortened

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
class BoxResult:
    """The verdict on one box and all that it rests on."""

    box: str
    quantity: str
    role: str
    typed: str
    verdict: Verdict
    explanations: tuple[Explanation, ...]
    reason: str
    low: float
    high: float
    exact: float
    own: float
    marks: float
    of: float
    bridged: tuple[str, ...] = ()

    def __repr__(self) -> str:
        marks = f"{self.marks:.2f} of {self.of:.2f} marks"
        return f"<BoxResult {self.box}: {shortened(self.typed)}, {self.verdict}, {marks}>"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        accepted = self.low, self.high
        marks, of = (round(number, 4) for number in (self.marks, self.of))
        found: dict[str, Any] = {
            "box": self.box,
            "typed": self.typed,
            "verdict": self.verdict,
            "reason": self.reason,
        }
        found["explanations"] = [_said_of(reason) for reason in self.explanations]
        found["accepted"] = [_finite(end) for end in accepted]
        found["exact"] = _finite(self.exact)
        found["from_own_numbers"] = _finite(self.own)
        found["bridged"] = list(self.bridged)
        return found | {"marks": marks, "of": of}


def _said_of(reason: Explanation) -> dict[str, str]:
    """For JSON."""
    return {
        "id": reason.id,
        "name": reason.name,
        "over": reason.basis,
        "detail": reason.detail,
    }


def _finite(value: float) -> float | None:
    """JSON has no word for infinity or for what is no number."""
    return value if np.isfinite(value) else None


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
        found: dict[str, tuple[float, float]] = {}
        for k, box in enumerate(self.bank.boxes):
            role = self.bank.graph[box.quantity].role
            got, of = found.get(role, (0.0, 0.0))
            marks = float(self._earned[n, k])
            weight = float(self.weights[n, k])
            found[role] = (got + marks, of + weight)
        return found

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
        name = box.quantity
        verdict, explanations = self.judgement(n, box)
        low, high, exact, own = self._numbers(n, box)
        typed = self.answers.texts[n].get(box.name, "")
        reason = self.answers.reasons.get((n, box.name), "")
        # A box that was filled without being asked is worth nothing.
        weight = credit = 0.0
        if k is not None:
            weight, credit = float(self.weights[n, k]), float(self.credits[n, k])
        return BoxResult(
            box=box.name,
            quantity=name,
            role=self.bank.graph[name].role,
            typed=typed,
            verdict=verdict,
            explanations=explanations,
            reason=reason,
            low=low,
            high=high,
            exact=exact,
            own=own,
            marks=weight * credit,
            of=weight,
            bridged=self.bridged(n, name),
        )

    def _numbers(self, n: int, box: Box) -> list[float]:
        """The ends of what is accepted in a box, the exact value, and what the numbers that it was
        held against give."""
        name = box.quantity
        at = n, *self._indices[box.name]
        accepted, exact = self.judged.accepted[name], self.judged.exact[name]
        held_against = self.chain(n, box).forms[name]
        numbers = accepted.low, accepted.high, exact, held_against.centre
        return [float(of_class[at]) for of_class in numbers]

    @cached_property
    def _indices(self) -> dict[str, tuple[int, ...]]:
        """Row and column of each box within its quantity."""
        found = {}
        for name, box in self.bank.every_box.items():
            shape = self.bank.graph[box.quantity].shape
            index = np.unravel_index(box.entry, shape)
            found[name] = tuple(map(int, index))
        return found

    def chain(self, n: int, box: Box) -> CarriedNumbers:
        """The chain of numbers that a box was held against."""
        right = _at(self.judged.standing, n, box) == Standing.RIGHT
        return self.judged.right if right else self.judged.own

    def bridged(self, n: int, name: str) -> tuple[str, ...]:
        """Quantities read by the formula for which the student wrote nothing that can be read."""
        found = []
        for parent in self._read_by[name]:
            if self._unread[parent][n]:
                found.append(parent)
        return tuple(found)

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
    def _unread(self) -> dict[str, NDArray[np.bool_]]:
        """Of each asked quantity, in whose sheets some entry cannot be read, (N,)."""
        found = {}
        for name in self.bank.asked:
            missing = np.isnan(self.answers.values[name])
            some = as_rows(missing).any(axis=1)
            found[name] = np.asarray(some)
        return found

    def judgement(self, n: int, box: Box) -> Judgement:
        """The verdict and what is said of it, the likeliest first."""
        standing = Standing(_at(self.judged.standing, n, box))
        if standing == Standing.OPEN:
            # Of such a sheet no other cause was looked for.
            if self.constant[n]:
                return Verdict.WRONG, (CONSTANT,)
            return self._explained(n, box)
        writing = Writing(_at(self.judged.writing, n, box))
        verdict, remarks = verdict_of(standing, writing, self.bank.written.policy)
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
    of_sheet = values[box.quantity][n]
    return of_sheet.flat[box.entry]
