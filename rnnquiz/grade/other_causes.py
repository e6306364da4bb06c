"""Causes that are no mistake of method: slips of the hand, and numbers copied from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from rnnquiz.algebra.expression import refs
from rnnquiz.algebra.named import named_box
from rnnquiz.algebra.symbols import at_one_step
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.decimals import Array
from rnnquiz.derivation.graph import Quantity
from rnnquiz.grade.answers import Answers, side_by_side
from rnnquiz.grade.case import Case, Explanations, box_at, note_explanation, open_boxes
from rnnquiz.grade.judge import Judged
from rnnquiz.grade.slips import SLIPS, Slip
from rnnquiz.grade.suspect import Suspect
from rnnquiz.grade.verdicts import COPIED, STALE, Explanation
from rnnquiz.languages.sentences import said


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
        note = Explanation(slip.id, slip.name, slip.says, slip.verdict, slip.rank)
        for row, *entry in among[slip.fits(suspect)]:
            student = int(case.rows[row])
            box = box_at(case.bank, case.q, tuple(entry))
            note_explanation(found, student, box, note)


def _suspect(case: Case, among: NDArray[np.int64]) -> Suspect:
    """Some boxes of a case, each by its row and entry."""
    at, formula = tuple(among.T), case.q.formula
    assert formula is not None
    written, last_place = case.written[at], case.last_place[at]
    centre, radius = case.form.centre[at], case.form.radius[at]
    operands = _operands(case, refs(formula), among[:, 0])
    return Suspect(formula, written, last_place, centre, radius, case.bank.rounding, operands)


def _operands(case: Case, names: Sequence[str], rows: NDArray[np.int64]) -> dict[str, Array]:
    """The own numbers of what the formula reads, where all of it are scalars."""
    graph = case.bank.graph
    # A suspect is one entry, and a formula over arrays reads several entries of each.
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
    boxes = list(chain.from_iterable(map(bank.boxes_of, graph)))
    numbers = {**answers.values, **givens}
    columns = side_by_side(numbers, [q.name for q in graph])
    # The columns of the boxes that can be open.
    at = np.flatnonzero([graph[box.quantity].formula is not None for box in boxes])
    size = np.abs(columns[:, at])
    # 0 and 1 stand on every sheet: nobody can say where they were copied from.
    telling = (size != 1) & (size != 0)
    for n, k in np.argwhere(open_ & telling):
        mine = int(at[k])
        equal = columns[n] == columns[n, mine]
        same = np.flatnonzero(equal).tolist()
        sources = list(_sources(bank, boxes, mine, same))
        # A number that stands in a quarter of the boxes was copied from none of them.
        if sources and len(sources) < len(boxes) // 4:
            q = graph[boxes[mine].quantity]
            stale = {i: _stale(q, graph[boxes[i].quantity]) for i in sources}
            # The same letter at another step is the likeliest slip, then what stands nearest.
            best = min(sources, key=lambda i: (not stale[i], abs(i - mine)))
            copy = _copy_of(boxes[best], stale[best])
            note_explanation(found, int(n), boxes[mine], copy)


def _sources(bank: Bank, boxes: Sequence[Box], mine: int, same: Iterable[int]) -> Iterator[int]:
    """Of boxes with the same number those from which box `mine` may have been copied."""
    name = boxes[mine].quantity
    for i in same:
        # What is computed from a box is copied from it, not it from that.
        above = bank.graph.ancestors[boxes[i].quantity]
        if i != mine and name not in above:
            yield i


def _stale(q: Quantity, other: Quantity) -> bool:
    """The two are one letter at different time steps."""
    if q.name == other.name:
        return False
    return at_one_step(q.symbol) == at_one_step(other.symbol)


def _copy_of(source: Box, stale: bool) -> Explanation:
    """`source`: the box whose number was copied; `stale`: it is of another time step."""
    name = named_box(source.name, source.quantity, source.shown)
    copied, says = COPIED, said("This is the value of {name}.", name=name)
    if stale:
        copied = STALE
        says = said("This is the value of {name}, of another time step.", name=name)
    return replace(copied, says=says, detail=name)
