"""From answers to marks: the verdict of every box with its evidence, the findings of a sheet, and
what they are worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import refs
from rnnquiz.bank.schema import VERDICTS
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.decimals import Array
from rnnquiz.derivation.evaluate import Values, evaluate
from rnnquiz.grade.answers import Answers, read_answers
from rnnquiz.grade.diagnose import Diagnosis, Explanations
from rnnquiz.grade.judge import Chain, Judged, judge
from rnnquiz.grade.repeated import constant_numbers
from rnnquiz.grade.states import Standing, Writing
from rnnquiz.grade.verdicts import (
    CONSTANT,
    IDLE,
    PARTLY_STRANGER,
    STRANGER,
    Explanation,
    Verdict,
    verdict_of,
)
from rnnquiz.grade.work import Explained, Pay, pay
from rnnquiz.text import shortened

UNPAID = 1e-6  # marks: less is the rounding of what is stored
MADE_AGAIN = 2  # boxes that one mistake explains before it is taken for a habit


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

    def chain(self, n: int, box: Box) -> Chain:
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
        idle = bool(self.pay.idle[box.quantity][n].flat[box.entry])
        return verdict, ((self._idle(n) if idle else PARTLY_STRANGER), *remarks)

    def _idle(self, n: int) -> Explanation:
        return replace(IDLE, detail=f"{self.pay.share[n]:.0%} of the boxes show work")

    def findings(self, n: int, results: Iterable[BoxResult] | None = None) -> tuple[Finding, ...]:
        """The mistakes of a sheet, each once, in the order in which they were first made; `results`
        where they are known already."""
        groups: dict[str, Finding] = {}
        for row in self.results(n) if results is None else results:
            if row.verdict in ("correct", "follow-through", "blank"):
                continue
            best = row.explanations[0] if row.explanations else None
            name = (
                best.name
                if best
                else (
                    "not readable"
                    if row.verdict == "unreadable"
                    else "wrong, no known mistake gives it"
                )
            )
            says = best.says if best else row.reason or "Look at this step again."
            key = name if best else f"{row.verdict} {row.box}"
            known = groups.get(
                key, Finding(name, says, (), tuple(e.name for e in row.explanations[1:]))
            )
            groups[key] = replace(known, boxes=(*known.boxes, row.box))
        return tuple(groups.values())


def mark(
    bank: Bank,
    givens: Mapping[str, Array],
    texts: Sequence[Mapping[str, str]],
    diagnosis: Diagnosis | None = None,
) -> Marked:
    """Mark N sheets: `givens` are their variants' numbers (batch first), `texts` what was typed, by
    box name."""
    with np.errstate(all="ignore"):  # a wrong number may leave a later formula without a value
        return _mark(bank, givens, texts, diagnosis or Diagnosis(bank))


def _mark(
    bank: Bank,
    givens: Mapping[str, Array],
    texts: Sequence[Mapping[str, str]],
    diagnosis: Diagnosis,
) -> Marked:
    answers = read_answers(bank, texts)
    judged = judge(bank, givens, answers)
    constant = constant_numbers(bank, answers, judged.key)
    judged = judged.reopened(constant)
    held = np.logical_or.reduce(
        [mask.reshape(len(mask), -1).any(axis=1) for mask in constant.values()]
    )
    explanations = diagnosis.explain(givens, answers, judged, ~held)
    paid = pay(bank, answers, judged, _explained(bank, judged, explanations))
    weights = weigh(bank, judged.exact)
    marked = Marked(
        bank, answers, judged, explanations, paid, held, weights, np.zeros_like(weights)
    )
    return replace(marked, credits=_credits(marked))


def credited(marked: Marked) -> Marked:
    """The sheets with the credits that belong to their explanations as they are now."""
    return replace(marked, credits=_credits(marked))


def _explained(bank: Bank, judged: Judged, explanations: Explanations) -> Explained:
    """What is known of the wrong boxes of each student."""
    counts: Counter[tuple[int, str]] = Counter(
        (n, rule)
        for (n, _), rows in explanations.items()
        for rule in {row.id for row in rows if row.verdict == "misconception"}
    )
    again, known = (
        {name: np.zeros(own.shape, dtype=bool) for name, own in judged.standing.items()}
        for _ in range(2)
    )
    for (n, name), rows in explanations.items():
        box = bank.every_box[name]
        habit = any(
            row.verdict == "misconception" and counts[n, row.id] >= MADE_AGAIN for row in rows
        )
        for found, value in ((again, habit), (known, any(row.takes_work for row in rows))):
            of = found[box.quantity]
            of.reshape(len(of), -1)[n, box.entry] = value
    return Explained(again, known)


def weights_of(bank: Bank, givens: Mapping[str, Array]) -> Array:
    """Marks of each asked box of N variants, (N, boxes)."""
    return weigh(bank, evaluate(bank.graph, givens))


def weigh(bank: Bank, exact: Values) -> Array:
    """Marks of each asked box, (N, boxes): a kind's marks shared equally, boxes that are zero by
    structure left out."""
    columns = [_column(exact, box) for box in bank.boxes]
    counted = np.abs(np.stack(columns, axis=1)) > 0 if columns else np.zeros((0, 0), dtype=bool)
    weights = np.zeros(counted.shape)
    for role, marks in bank.marks.items():
        mine = np.array([bank.graph[box.quantity].role == role for box in bank.boxes])
        share = counted & mine
        number = share.sum(axis=1, keepdims=True)
        weights += np.where(share, marks / np.maximum(number, 1), 0.0)
    return weights


def _column(values: Mapping[str, NDArray[Any]], box: Box) -> NDArray[Any]:
    """The entries of one box, (N,)."""
    of = values[box.quantity]
    return of.reshape(len(of), -1)[:, box.entry]


def _credits(marked: Marked) -> Array:
    """Share of each box's marks that is earned, by verdict and kind; penalties, pay for work, and
    the cap on follow-through included."""
    bank, judged = marked.bank, marked.judged
    standing, writing, factor = (
        np.stack([_column(part, box) for box in bank.boxes], axis=1)
        for part in (judged.standing, judged.writing, marked.pay.factor)
    )
    worth = {role: _worth(bank, role) for role in bank.marks}
    roles = [bank.graph[box.quantity].role for box in bank.boxes]
    tables = {role: _table(bank, worth[role]) for role in worth}
    credits = np.stack([tables[role] for role in roles])[np.arange(len(roles)), standing, writing]
    follows = standing == Standing.FOLLOWS
    credits = np.where(follows & (credits > 0), credits * factor, credits)
    for n, k in np.argwhere(standing == Standing.OPEN):
        credits[n, k] = worth[roles[k]][marked.verdict(int(n), bank.boxes[k])[0]]
    return _capped(bank, marked.weights, credits, follows)


def _table(bank: Bank, worth: Mapping[str, float]) -> Array:
    """What a box is worth by how it stands and how it is written."""
    return np.array(
        [[worth[verdict_of(s, w, bank.written.policy)[0]] for w in Writing] for s in Standing]
    )


def _worth(bank: Bank, role: str) -> dict[str, float]:
    """The share of the marks of a box of some kind that each verdict earns."""
    written = bank.written
    credit = {str(kind): of for kind, of in written.credit_by.items()}.get(role, written.credit)
    penalty = {str(verdict): share for verdict, share in written.policy.penalty.items()}
    return {v: credit.of(v) - penalty.get(v, 0.0) for v in VERDICTS}


def _capped(bank: Bank, weights: Array, credits: Array, follows: NDArray[np.bool_]) -> Array:
    """Credits with follow-through scaled down to its cap, and no kind below zero."""
    cap = bank.written.policy.follow_through_cap
    earned = (weights * credits * follows).sum(axis=1, keepdims=True)
    allowed = cap * weights.sum(axis=1, keepdims=True)
    credits = np.where(
        follows & (earned > allowed), credits * allowed / np.maximum(earned, 1e-12), credits
    )
    roles = np.array([bank.graph[box.quantity].role for box in bank.boxes])
    for role in set(roles.tolist()):
        below = (weights * credits)[:, roles == role].sum(axis=1) < 0
        credits[np.ix_(below, roles == role)] = np.maximum(
            credits[np.ix_(below, roles == role)], 0.0
        )
    return credits


def marks_by_kind(
    bank: Bank,
    givens: Mapping[str, Array],
    verdicts: Sequence[Mapping[str, str]],
    marks: Sequence[float],
) -> list[dict[str, tuple[float, float]]]:
    """Marks and maximum of each kind of quantity, by verdicts that were given before: the numbers
    are not judged again.

    `marks` are the totals that were given; what follow-through was not paid in full is taken from
    all of it alike.
    """
    with np.errstate(all="ignore"):
        weights = weights_of(bank, givens)
    worth = {box.name: _worth(bank, bank.graph[box.quantity].role) for box in bank.boxes}
    given = [[row.get(box.name, "blank") for box in bank.boxes] for row in verdicts]
    names = [box.name for box in bank.boxes]
    worths = [[worth[name][said] for name, said in zip(names, row, strict=True)] for row in given]
    shares = np.array(worths)
    follows = np.array(given) == "follow-through"
    earned = weights * _capped(bank, weights, shares, follows)
    unpaid = earned.sum(axis=1) - np.array(marks)
    following = (earned * follows).sum(axis=1)
    paid = np.where(unpaid > UNPAID, 1 - unpaid / np.maximum(following, UNPAID), 1)
    earned = np.where(follows, earned * np.clip(paid, 0, 1)[:, None], earned)
    roles = np.array([bank.graph[box.quantity].role for box in bank.boxes])
    kinds = list(dict.fromkeys(roles.tolist()))
    return [
        {kind: (float(got[roles == kind].sum()), float(of[roles == kind].sum())) for kind in kinds}
        for got, of in zip(earned, weights, strict=True)
    ]


__all__ = ["BoxResult", "Finding", "Marked", "credited", "mark", "marks_by_kind"]
