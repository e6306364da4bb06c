"""What boxes are worth: the marks of each, and the share of them that a verdict earns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.schema import VERDICTS
from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array, Bools
from rnnquiz.grade.answers import side_by_side
from rnnquiz.grade.exercises import weights_of
from rnnquiz.grade.marked import Marked
from rnnquiz.grade.states import Standing
from rnnquiz.grade.verdicts import verdict_names

UNPAID = 1e-6  # marks: less is the rounding of what is stored


def credits_of(marked: Marked) -> Array:
    """Share of each box's marks that is earned, by verdict and kind; penalties, pay for work, and
    the cap on follow-through included."""
    bank, judged = marked.bank, marked.judged
    standing, writing, factor = (
        side_by_side(part, bank.asked)
        for part in (judged.standing, judged.writing, marked.pay.factor)
    )
    worth = {role: _worth(bank, role) for role in bank.marks}
    roles = [bank.graph[box.quantity].role for box in bank.boxes]
    tables = {role: _table(bank, worth[role]) for role in worth}
    credits = np.stack([tables[role] for role in roles])[np.arange(len(roles)), standing, writing]
    follows = standing == Standing.FOLLOWS
    credits = np.where(follows & (credits > 0), credits * factor, credits)
    for n, k in _explained(marked, standing == Standing.OPEN):
        credits[n, k] = worth[roles[k]][marked.verdict(n, bank.boxes[k])[0]]
    return _capped(bank, marked.weights, credits, follows)


def _explained(marked: Marked, open_: Bools) -> Iterator[tuple[int, int]]:
    """The sheets and columns of the open boxes of which more can be said than that they are
    wrong."""
    columns = {box.name: k for k, box in enumerate(marked.bank.boxes)}
    for n, name in marked.explanations:
        k = columns.get(name)
        if k is not None and open_[n, k]:
            yield n, k


def _table(bank: Bank, worth: Mapping[str, float]) -> Array:
    """What a box is worth by how it stands and how it is written."""
    policy = bank.written.policy
    names = verdict_names(policy.surplus_digits, policy.missing_digits)
    return np.array([[worth[name] for name in row] for row in names])


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
    if not (credits < 0).any():
        return credits
    roles = np.array([bank.graph[box.quantity].role for box in bank.boxes])
    for role in set(roles.tolist()):
        below = (weights * credits)[:, roles == role].sum(axis=1) < 0
        boxes = np.ix_(below, roles == role)
        credits[boxes] = np.maximum(credits[boxes], 0.0)
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
