"""The map of heat: what share of the marks the class got, by quantity (rows) and time (columns)."""

from __future__ import annotations

from collections.abc import Sequence

from rnnquiz.report import statistics as st
from rnnquiz.report.blocks import Blocks, Heat, HeatRow, Remark, ShadedCell, percent
from rnnquiz.report.labels import Label
from rnnquiz.report.marking import HeatPlace, Marking

WITHOUT = "all steps"  # the column of what has no time


def heat(marking: Marking) -> Blocks:
    """The share of the marks for each quantity at each step, the darker the less."""
    groups = _grouped(marking.placed)
    if not groups or not marking.students:
        return
    columns = _columns(marking.placed)
    rows = [_row(marking, label, boxes, columns) for label, boxes in groups.items()]
    names = tuple(map(_head, columns))
    yield Heat("Share of the marks, in per cent; the darker, the less", names, tuple(rows))
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


def _grouped(places: Sequence[HeatPlace]) -> dict[Label, BoxesByTime]:
    """The boxes (columns of the marking) of each quantity by time."""
    groups: dict[Label, BoxesByTime] = {}
    for k, place in enumerate(places):
        by_time = groups.setdefault(place.label, {})
        by_time.setdefault(place.time, []).append(k)
    return groups


def _cell(marking: Marking, boxes: Sequence[int]) -> ShadedCell | None:
    share = st.facility(marking, boxes)
    if share is None:
        return None
    # The caption says per cent: the sign in each cell would only take room.
    number = percent(share).removesuffix("\u00a0%")
    return ShadedCell(number, 1 - share)


__all__ = ["heat"]
