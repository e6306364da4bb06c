"""What boxes are worth: the marks of each, and the share of them that a verdict earns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.verdict import Verdict
from rnnquiz.decimals import Array, Bools
from rnnquiz.grade.answers import side_by_side
from rnnquiz.grade.exercises import weights_of
from rnnquiz.grade.marked import Marked
from rnnquiz.grade.states import Standing
from rnnquiz.grade.worth import Worth, roles_of_boxes

UNPAID = 1e-6  # marks: less is the rounding of what is stored
_NOTHING_EARNED = 1e-12  # marks: what is divided by at least


def credits_of(marked: Marked, worth: Worth) -> Array:
    """Share of each box's marks that is earned, by verdict and kind; penalties, pay for work, and
    the cap on follow-through included."""
    bank, judged = marked.bank, marked.judged
    standing, writing, factor = (
        side_by_side(part, bank.asked)
        for part in (judged.standing, judged.writing, marked.pay.factor)
    )
    boxes = np.arange(len(worth.roles))
    # (boxes,) beside (N, boxes): one look into the tables of all kinds.
    credits = worth.tables[boxes, standing, writing]
    follows = standing == Standing.FOLLOWS
    # A penalty is not made smaller by having shown little work.
    paid = follows & (credits > 0)
    credits = np.where(paid, credits * factor, credits)
    # In the table an open box is wrong; those of which more is said are looked at one by one.
    for n, k in _explained(marked, standing == Standing.OPEN):
        verdict, _ = marked.judgement(n, bank.boxes[k])
        of_role = worth.of_roles[worth.roles[k]]
        credits[n, k] = of_role[verdict]
    return _capped(bank, marked.weights, credits, follows)


def _explained(marked: Marked, open_: Bools) -> Iterator[tuple[int, int]]:
    """The sheets and columns of the open boxes of which more can be said than that they are
    wrong."""
    columns = {box.name: k for k, box in enumerate(marked.bank.boxes)}
    for n, name in marked.explanations:
        k = columns.get(name)
        if k is not None and open_[n, k]:
            yield n, k


def _capped(bank: Bank, weights: Array, credits: Array, follows: NDArray[np.bool_]) -> Array:
    """Credits with follow-through scaled down to its cap, and no kind below zero."""
    cap = bank.written.policy.follow_through_cap
    following = weights * credits * follows
    earned = following.sum(axis=1, keepdims=True)
    of_sheet = weights.sum(axis=1, keepdims=True)
    allowed = cap * of_sheet
    # All that follows is scaled alike: no single box is lost to the cap.
    divisor = np.maximum(earned, _NOTHING_EARNED)
    scaled = credits * allowed / divisor
    too_much = earned > allowed
    credits = np.where(follows & too_much, scaled, credits)
    # Only penalties make a credit negative, and few banks have any.
    if not (credits < 0).any():
        return credits
    roles = np.array(roles_of_boxes(bank))
    for role in set(roles.tolist()):
        mine = roles == role
        marks = (weights * credits)[:, mine]
        taken = -np.minimum(marks, 0.0).sum(axis=1)
        got = np.maximum(marks, 0.0).sum(axis=1)
        # Penalties take what there is, and no more: else a box mended could cost marks.
        share = got / np.maximum(taken, _NOTHING_EARNED)
        boxes = np.ix_(taken > got, mine)
        below = np.minimum(credits[boxes], 0.0)
        credits[boxes] += below * (share[taken > got, None] - 1)
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
    worth = Worth(bank)
    roles = worth.roles
    given, shares = [], []
    for row in verdicts:
        of_sheet = [row.get(box.name, Verdict.BLANK) for box in bank.boxes]
        of_boxes = zip(roles, of_sheet, strict=True)
        given.append(of_sheet)
        shares.append([worth.of_roles[role][verdict] for role, verdict in of_boxes])
    follows = np.array(given) == Verdict.FOLLOW_THROUGH
    credits = _capped(bank, weights, np.array(shares), follows)
    earned = _as_paid(weights * credits, follows, np.array(marks))
    return [_by_kind(roles, *sheet) for sheet in zip(earned, weights, strict=True)]


def _as_paid(earned: Array, follows: Bools, marks: Array) -> Array:
    """What boxes earned so that the totals are the `marks` that were given."""
    unpaid = earned.sum(axis=1) - marks
    following = (earned * follows).sum(axis=1)
    unpaid_share = unpaid / np.maximum(following, UNPAID)
    paid = np.where(unpaid > UNPAID, 1 - unpaid_share, 1)
    # More may be missing than follow-through explains: other boxes keep what their verdicts earn.
    possible = np.clip(paid, 0, 1)
    paid_boxes = earned * possible[:, None]
    return np.where(follows, paid_boxes, earned)


def _by_kind(roles: Sequence[str], got: Array, of: Array) -> dict[str, tuple[float, float]]:
    """Marks and maximum of each kind of quantity on one sheet, by what its boxes got and are
    worth."""
    kinds = np.array(roles)
    found = {}
    for kind in dict.fromkeys(roles):
        mine = kinds == kind
        marks, maximum = got[mine].sum(), of[mine].sum()
        found[kind] = float(marks), float(maximum)
    return found
