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
    suspect = _suspect(case, among)
    for slip in slips:
        note = Explanation(slip.id, slip.name, slip.says, slip.verdict, RANK_OF_SLIP[slip.id])
        for row, *entry in among[slip.fits(suspect)]:
            note_explanation(
                found, int(case.rows[row]), box_at(case.bank, case.q, tuple(entry)), note
            )


def _suspect(case: Case, among: NDArray[np.int64]) -> Suspect:
    """Some boxes of a case, each by its row and entry."""
    at, formula = tuple(among.T), case.q.formula
    assert formula is not None
    return Suspect(
        formula,
        case.written[at],
        case.last_place[at],
        case.form.centre[at],
        case.form.radius[at],
        case.bank.rounding,
        _operands(case, refs(formula), among[:, 0]),
    )


def _operands(case: Case, names: Sequence[str], rows: NDArray[np.int64]) -> dict[str, Array]:
    """The own numbers of what the formula reads, where all of it are scalars."""
    graph = case.bank.graph
    if any(graph[name].shape for name in (case.q.name, *names)):
        return {}
    return {name: case.own(name).centre[rows] for name in names}


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
    columns = side_by_side({**answers.values, **givens}, [q.name for q in graph])
    # the columns of the boxes that can be open
    at = np.flatnonzero([graph[box.quantity].formula is not None for box in boxes])
    size = np.abs(columns[:, at])
    telling = (size != 1) & (size != 0)
    for n, k in np.argwhere(open_ & telling):
        mine = int(at[k])
        name = boxes[mine].quantity
        same = np.flatnonzero(columns[n] == columns[n, mine]).tolist()
        # what is computed from a box is copied from it, not it from that
        later = {i for i in same if name in graph.ancestors[boxes[i].quantity]}
        others = [i for i in same if i not in later and i != mine]
        if others and len(others) < len(boxes) // 4:
            stale = {i: _stale(graph[name], graph[boxes[i].quantity]) for i in others}
            best = min(others, key=lambda i: (not stale[i], abs(i - mine)))
            copy = _copy_of(bank, boxes[best], stale[best])
            note_explanation(found, int(n), boxes[mine], copy)


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
