"""The map of heat: what share of the marks the class lost, by quantity (rows, kind by kind) and
time (columns)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rnnquiz.report import statistics as st
from rnnquiz.report.blocks import Blocks, Heat, HeatGroup, HeatRow, Remark, ShadedCell, percent
from rnnquiz.report.labels import Label
from rnnquiz.report.marking import HeatPlace, Marking

WITHOUT = "all steps"  # the column of what has no time


def heat(marking: Marking) -> Blocks:
    """The share of the marks that was lost for each quantity at each step, the darker the more."""
    if not marking.boxes or not marking.students:
        return
    columns = _columns(marking.placed)
    groups = []
    for kind, places in marking.blocks.items():
        own = _by_quantity(marking.placed, places)
        rows = [_row(marking, label, boxes, columns) for label, boxes in own.items()]
        groups.append(HeatGroup(marking.words.get(kind, kind), tuple(rows)))
    names = tuple(map(_head, columns))
    yield Heat("Marks lost, in per cent; the darker, the more", names, tuple(groups))
    yield Remark("A column is a time step; entries of a vector are taken together.", "note")


BoxesByTime = dict[int | None, list[int]]


def _columns(places: Sequence[HeatPlace]) -> list[int | None]:
    """The times in order; what has no time comes last, if anything has none."""
    known: set[int] = set()
    timeless: list[None] = []
    for place in places:
        if place.time is not None:
            known.add(place.time)
        else:
            timeless = [None]
    return [*sorted(known), *timeless]


def _row(
    marking: Marking, label: Label, boxes: BoxesByTime, columns: Sequence[int | None]
) -> HeatRow:
    cells = [_cell(marking, boxes.get(time, ())) for time in columns]
    return label, tuple(cells)


def _head(time: int | None) -> str:
    if time is None:
        return WITHOUT
    return f"t = {time}"


def _by_quantity(places: Sequence[HeatPlace], boxes: Iterable[int]) -> dict[Label, BoxesByTime]:
    """Some boxes (columns of the marking) of each quantity by time."""
    found: dict[Label, BoxesByTime] = {}
    for k in boxes:
        place = places[k]
        by_time = found.setdefault(place.label, {})
        by_time.setdefault(place.time, []).append(k)
    return found


def _cell(marking: Marking, boxes: Sequence[int]) -> ShadedCell | None:
    share = st.facility(marking, boxes)
    if share is None:
        return None
    # The caption says per cent: the sign in each cell would only take room.
    lost = 1 - share
    number = percent(lost).removesuffix("\u00a0%")
    return ShadedCell(number, lost)


__all__ = ["heat"]
