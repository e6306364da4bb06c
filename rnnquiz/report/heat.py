"""The map of heat: what share of the marks the class got, by quantity (rows) and time (columns)."""

from __future__ import annotations

from collections.abc import Sequence

from rnnquiz.report import statistics as st
from rnnquiz.report.blocks import Blocks, Heat, Remark, ShadedCell, percent
from rnnquiz.report.labels import Label
from rnnquiz.report.marking import HeatPlace, Marking

WITHOUT = "all steps"  # the column of what has no time


def heat(marking: Marking) -> Blocks:
    """The share of the marks for each quantity at each step, the darker the less."""
    groups = _grouped(marking.placed)
    if not groups or not marking.students:
        return
    times = sorted({place.time for place in marking.placed if place.time is not None})
    rest = [None] if any(place.time is None for place in marking.placed) else []
    columns: list[int | None] = [*times, *rest]
    rows = tuple(
        (label, tuple(_cell(marking, boxes.get(time, ())) for time in columns))
        for label, boxes in groups.items()
    )
    names = tuple(WITHOUT if time is None else f"t = {time}" for time in columns)
    yield Heat("Share of the marks, in per cent; the darker, the less", names, rows)
    yield Remark("A column is a time step; entries of a vector are taken together.", "note")


def _grouped(places: Sequence[HeatPlace]) -> dict[Label, dict[int | None, list[int]]]:
    """The boxes (columns of the marking) of each quantity by time."""
    groups: dict[Label, dict[int | None, list[int]]] = {}
    for k, place in enumerate(places):
        groups.setdefault(place.label, {}).setdefault(place.time, []).append(k)
    return groups


def _cell(marking: Marking, boxes: Sequence[int]) -> ShadedCell | None:
    share = st.facility(marking, boxes)
    if share is None:
        return None
    return ShadedCell(percent(share).removesuffix(" %"), 1 - share)


__all__ = ["heat"]
