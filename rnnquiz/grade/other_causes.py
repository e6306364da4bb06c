"""Causes that are no mistake of method: slips of the hand, and numbers copied from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import refs
from rnnquiz.algebra.named import named_box
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.decimals import Array
from rnnquiz.derivation.graph import Quantity
from rnnquiz.grade.answers import Answers, side_by_side
from rnnquiz.grade.case import Case, Explanations, box_at, note_explanation, open_boxes
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.slips import SLIPS, Slip, Suspect
from rnnquiz.grade.verdicts import Explanation
from rnnquiz.languages.sentences import said

RANK_OF_SLIP = {
    "S1": 5,
    "S2": 60,
    "S3": 62,
    "S4": 75,
    "S5": 40,
    "S6": 72,
    "S7": 70,
    "S8": 90,
    "S9": 95,
}


def by_slips(
    case: Case,
    found: Explanations,
    slips: Sequence[Slip] = SLIPS,
    boxes: NDArray[np.bool_] | None = None,
) -> None:
    """Slips that give the number of an open box, or of the `boxes` given."""
    among = np.argwhere(case.open if boxes is None else boxes)
    rows, at = among[:, 0], tuple(among.T)
    assert case.q.formula is not None
    names = refs(case.q.formula)
    scalars = case.q.shape == () and all(case.bank.graph[n].shape == () for n in names)
    suspect = Suspect(
        case.q.formula,
        case.written[at],
        case.last_place[at],
        case.form.centre[at],
        case.form.radius[at],
        case.bank.rounding,
        {name: case.own(name).centre[rows] for name in names} if scalars else {},
    )
    for slip in slips:
        note = Explanation(slip.id, slip.name, slip.says, slip.verdict, RANK_OF_SLIP[slip.id])
        for row, *entry in among[slip.fits(suspect)]:
            note_explanation(
                found, int(case.rows[row]), box_at(case.bank, case.q, tuple(entry)), note
            )


def by_copying(
    bank: Bank, givens: Mapping[str, Array], answers: Answers, judged: Judged, found: Explanations
) -> None:
    """Open boxes whose number stands, to the digit, in another box of the same sheet or among the
    givens."""
    open_ = open_boxes(judged)
    if not open_.any():
        return
    graph = bank.graph
    boxes = [box for q in graph for box in bank.boxes_of(q)]
    numbers = {
        q.name: givens[q.name] if q.formula is None else answers.values[q.name] for q in graph
    }
    columns = side_by_side(numbers, numbers)
    # the columns of the boxes that can be open
    at = np.flatnonzero([graph[box.quantity].formula is not None for box in boxes])
    size = np.abs(columns[:, at])
    for n, k in np.argwhere(open_ & (size != 1) & (size != 0)):
        mine = int(at[k])
        q = graph[boxes[mine].quantity]
        others = [
            int(i)
            for i in np.flatnonzero(columns[n] == columns[n, mine])
            if i != mine and q.name not in graph.ancestors[boxes[i].quantity]
        ]
        if others and len(others) < len(boxes) // 4:
            stale = {i: _stale(q, graph[boxes[i].quantity]) for i in others}
            best = min(others, key=lambda i: (not stale[i], abs(i - mine)))
            note_explanation(found, int(n), boxes[mine], _copy_of(bank, boxes[best], stale[best]))


def _stale(q: Quantity, other: Quantity) -> bool:
    strip = str.maketrans("", "", "0123456789")
    return q.name != other.name and q.name.translate(strip) == other.name.translate(strip)


def _copy_of(bank: Bank, source: Box, stale: bool) -> Explanation:
    """`source`: the box whose number was copied; `stale`: it is of another time step."""
    name = named_box(source.name, source.quantity, bank.notation)
    key = "S7" if stale else "S6"
    called, says = said("wrong quantity copied"), said("This is the value of {name}.", name=name)
    if stale:
        called = said("value of another step reused")
        says = said("This is the value of {name}, of another time step.", name=name)
    return Explanation(key, called, says, "slip", RANK_OF_SLIP[key], detail=name)
