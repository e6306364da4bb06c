"""Marked sheets: the verdict of every box with what it rests on, and the findings of a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import refs
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.decimals import Array
from rnnquiz.grade.answers import Answers
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
    Verdict,
    verdict_of,
)
from rnnquiz.grade.work import Pay
from rnnquiz.languages.sentences import said
from rnnquiz.text import shortened

NOT_READABLE = said("not readable")
UNKNOWN = said("wrong, no known mistake gives it")
LOOK_AGAIN = said("Look at this step again.")
KEPT_SHARES = 1_000  # of work, with what is said of them


@lru_cache(maxsize=KEPT_SHARES)
def _little_work(share: float, idle: bool) -> Explanation:
    """Why boxes of a sheet with this share of work are not paid in full."""
    shown = said("{percent:.0f}% of the boxes show work", percent=100 * share)
    return replace(IDLE if idle else LITTLE_WORK, detail=shown)


@dataclass(frozen=True)
class BoxResult:
    """The verdict on one box and all that it rests on."""

    box: str
    quantity: str
    role: str
    typed: str
    verdict: str
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
        return {
            "box": self.box,
            "typed": self.typed,
            "verdict": self.verdict,
            "reason": self.reason,
            "explanations": [
                {"id": e.id, "name": e.name, "over": e.basis, "detail": e.detail}
                for e in self.explanations
            ],
            "accepted": [_finite(self.low), _finite(self.high)],
            "exact": _finite(self.exact),
            "from_own_numbers": _finite(self.own),
            "bridged": list(self.bridged),
            "marks": round(self.marks, 4),
            "of": round(self.of, 4),
        }


def _finite(value: float) -> float | None:
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
        return np.asarray((self.weights * self.credits).sum(axis=1))

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
            found[role] = (
                got + float(self.weights[n, k] * self.credits[n, k]),
                of + float(self.weights[n, k]),
            )
        return found

    @cached_property
    def _columns(self) -> tuple[tuple[Box, int | None], ...]:
        """Every box in the order of computation, with its column among those asked."""
        asked = {box.name: k for k, box in enumerate(self.bank.boxes)}
        return tuple(
            (box, asked.get(box.name))
            for q in self.bank.graph.computed
            for box in self.bank.boxes_of(q)
        )

    def results(self, n: int) -> Iterator[BoxResult]:
        """The verdict of every asked box of student n, then of every other box that the student
        filled."""
        texts = self.answers.texts[n]
        for box, k in self._columns:
            if k is not None or texts.get(box.name, "").strip():
                yield self.result(n, box, k)

    def result(self, n: int, box: Box, k: int | None) -> BoxResult:
        verdict, explanations = self.verdict(n, box)
        at = (
            n,
            *map(int, np.unravel_index(box.entry, self.judged.standing[box.quantity].shape[1:])),
        )
        accepted = self.judged.accepted[box.quantity]
        chain = self.chain(n, box)
        weight = float(self.weights[n, k]) if k is not None else 0.0
        return BoxResult(
            box.name,
            box.quantity,
            self.bank.graph[box.quantity].role,
            self.answers.texts[n].get(box.name, ""),
            verdict,
            explanations,
            self.answers.reasons.get((n, box.name), ""),
            float(accepted.low[at]),
            float(accepted.high[at]),
            float(self.judged.exact[box.quantity][at]),
            float(chain.forms[box.quantity].centre[at]),
            weight * float(self.credits[n, k]) if k is not None else 0.0,
            weight,
            self.bridged(n, box.quantity),
        )

    def chain(self, n: int, box: Box) -> CarriedNumbers:
        """The chain of numbers that a box was held against."""
        right = self.judged.standing[box.quantity][n].flat[box.entry] == Standing.RIGHT
        return self.judged.right if right else self.judged.own

    def bridged(self, n: int, name: str) -> tuple[str, ...]:
        """Quantities read by the formula for which the student wrote nothing that can be read."""
        return tuple(parent for parent in self._read_by[name] if self._unread[parent][n])

    @cached_property
    def _read_by(self) -> dict[str, tuple[str, ...]]:
        """The asked quantities that each formula reads."""
        asked = set(self.bank.asked)
        return {
            q.name: tuple(p for p in refs(q.formula) if p in asked)
            for q in self.bank.graph.computed
            if q.formula is not None
        }

    @cached_property
    def _unread(self) -> dict[str, NDArray[np.bool_]]:
        """Of each asked quantity, in whose sheets some entry cannot be read, (N,)."""
        count = self.answers.count
        return {
            name: np.asarray(np.isnan(self.answers.values[name]).reshape(count, -1).any(axis=1))
            for name in self.bank.asked
        }

    def verdict(self, n: int, box: Box) -> Verdict:
        """The verdict's name and what is said of it, the likeliest first."""
        standing = Standing(int(self.judged.standing[box.quantity][n].flat[box.entry]))
        if standing == Standing.OPEN:
            if self.constant[n]:
                return "wrong", (CONSTANT,)
            explanations = tuple(self.explanations.get((n, box.name), ()))
            return (explanations[0].verdict if explanations else "wrong"), explanations
        writing = Writing(int(self.judged.writing[box.quantity][n].flat[box.entry]))
        verdict, remarks = verdict_of(standing, writing, self.bank.written.policy)
        if writing == Writing.OFF_BY_ONE:
            remarks = tuple(self.explanations.get((n, box.name), remarks))
        if standing != Standing.FOLLOWS:
            return verdict, remarks
        if self.pay.own[n] == 0:
            return "wrong", (STRANGER,)
        if self.pay.factor[box.quantity][n].flat[box.entry] == 1:
            return verdict, remarks
        return verdict, (self._why_not_in_full(n, box), *remarks)

    def _why_not_in_full(self, n: int, box: Box) -> Explanation:
        """Why a box that follows is not paid in full."""
        if self.pay.own[n] < 1:
            return PARTLY_STRANGER
        idle = bool(self.pay.idle[box.quantity][n].flat[box.entry])
        return _little_work(float(self.pay.share[n]), idle)

    def findings(self, n: int, results: Iterable[BoxResult] | None = None) -> tuple[Finding, ...]:
        """The mistakes of a sheet, each once, in the order in which they were first made; `results`
        where they are known already."""
        groups: dict[str, Finding] = {}
        for row in self.results(n) if results is None else results:
            if row.verdict in ("correct", "follow-through", "blank"):
                continue
            best = row.explanations[0] if row.explanations else None
            name = best.name if best else NOT_READABLE if row.verdict == "unreadable" else UNKNOWN
            says = best.says if best else row.reason or LOOK_AGAIN
            key = name if best else f"{row.verdict} {row.box}"
            known = groups.get(
                key, Finding(name, says, (), tuple(e.name for e in row.explanations[1:]))
            )
            groups[key] = replace(known, boxes=(*known.boxes, row.box))
        return tuple(groups.values())
