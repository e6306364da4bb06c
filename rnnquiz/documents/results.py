"""The results of a key, in the sections and steps of the sheet: each quantity in one piece, with
what is accepted for its entries; and what mistakes give in its boxes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, chain
from typing import Literal

from rnnquiz.algebra.targets import TEXT, Target, notated
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.documents import sizes
from rnnquiz.documents.asked import AskedStep, Unknown
from rnnquiz.documents.boxes import is_whole
from rnnquiz.documents.columns import name_points
from rnnquiz.documents.mathematics import Math
from rnnquiz.documents.sheet_order import sheet_order
from rnnquiz.languages.sentences import said
from rnnquiz.solution.lines import flat
from rnnquiz.solution.solved import Solution

UNITS = said(
    "Small numbers beside a result say how far above and below it an answer is accepted, in units"
    " of its last digit: 0.52 with +1 and \u22122 means 0.50 to 0.53."
)


@dataclass(frozen=True)
class ResultEntry:
    """One number, and from where to where a number is accepted in its box; None where only the
    number itself is."""

    value: str
    accepted: tuple[str, str] | None = None

    @cached_property
    def steps(self) -> tuple[str, str] | None:
        """How far the ends are above and below the number in units of its last digit, empty where
        they are not; None where there are no such units."""
        if self.accepted is None:
            return "", ""
        low, high = map(Decimal, self.accepted)
        value, (_, _, decimals) = Decimal(self.value), self.value.partition(".")
        places = len(decimals)
        up, down = (high - value).scaleb(places), (value - low).scaleb(places)
        # An end of more digits than the number, and a number outside of its ends, have none.
        if up < 0 or down < 0 or up % 1 or down % 1:
            return None
        return _counted(up), _counted(down)

    @cached_property
    def letters(self) -> int:
        """How many small letters stand beside the number."""
        if self.steps is None:
            low, high = self.accepted or ("", "")
            return len(low) + len(high) + sizes.BETWEEN
        return 1 + max(map(len, self.steps))


def _counted(units: Decimal) -> str:
    return f"{units:.0f}" if units else ""


@dataclass(frozen=True)
class Result:
    """All numbers of one quantity, row by row in its shape, in brackets unless it is a scalar. A
    column that is `lying` is one row with the sign of a transpose. `room` is how wide it is at
    least, in ems, and `widest` its widest entry on a screen; `free` are those of another step whose
    places before it stay free, `below` the symbol of one in its place, where that is wider: so
    those of several steps stand below one another."""

    math: Math
    rows: tuple[tuple[ResultEntry, ...], ...]
    bracketed: bool
    lying: bool = False
    room: float = 0
    widest: float = 0
    free: tuple[Result, ...] = ()
    below: Math | None = None

    @property
    def entries(self) -> tuple[ResultEntry, ...]:
        """All of its numbers, row by row."""
        return tuple(chain.from_iterable(self.rows))

    @property
    def ems(self) -> float:
        """How wide the widest entry is on a screen, where what is accepted stands below it."""
        ems = (_ems(entry) for entry in self.entries)
        return round(max(self.widest, *ems), 1)

    @cached_property
    def lines(self) -> tuple[tuple[tuple[ResultEntry, ...], ...], ...]:
        """Each row in parts that are no wider than a page."""
        widest = max(map(_points, self.entries))
        fit = max(1, int(sizes.RESULT_LINE / widest))
        return tuple(_parts(row, fit) for row in self.rows)


def _parts(row: tuple[ResultEntry, ...], length: int) -> tuple[tuple[ResultEntry, ...], ...]:
    starts = range(0, len(row), length)
    return tuple(row[start : start + length] for start in starts)


def _ems(entry: ResultEntry) -> float:
    low, high = entry.accepted or ("", "")
    below = sizes.SMALL_EM * (len(low) + len(high) + sizes.BETWEEN)
    return max(sizes.EM * len(entry.value), below)


def _points(entry: ResultEntry) -> float:
    """How wide an entry is, with the space beside it."""
    return sizes.DIGIT * len(entry.value) + sizes.SMALL_DIGIT * entry.letters + sizes.AROUND


@dataclass(frozen=True)
class ResultBand:
    """The results of one step; `step` says of which, empty where they are of none."""

    step: str
    results: tuple[Result, ...]


@dataclass(frozen=True)
class ResultSection:
    """The results of one part of the sheet, step by step."""

    words: str
    bands: tuple[ResultBand, ...]


@dataclass(frozen=True)
class Results:
    """All results. `columns`: how many scalars stand side by side; `note`: what small numbers
    beside them say, for outputs that have such."""

    sections: tuple[ResultSection, ...]
    columns: int
    note: str = ""
    kind: Literal["results"] = "results"

    @property
    def stepped(self) -> bool:
        """True where some of the bands name their step, for which there is a margin then."""
        bands = chain.from_iterable(section.bands for section in self.sections)
        return any(band.step for band in bands)

    @property
    def results(self) -> Iterator[Result]:
        """All of them, in order."""
        for section in self.sections:
            for band in section.bands:
                yield from band.results


@dataclass(frozen=True)
class MistakenBox:
    """What stands in one box, by its symbol and entry, after each of some mistakes: number and name
    of the mistake."""

    math: Math
    entry: str
    numbers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MistakenBoxes:
    """What is said of each box that is not right."""

    rows: tuple[MistakenBox, ...]
    kind: Literal["mistaken"] = "mistaken"


def results_of(solution: Solution, noted: bool = True) -> Results:
    """The results of a solution; `noted`: with what small numbers beside them say."""
    bank = solution.bank
    known = {box.name: box for box in bank.boxes}
    sections = []
    for heading, asked in sheet_order(bank).parts:
        bands = []
        for band in asked:
            own = tuple(_result(solution, unknown, known) for unknown in band.unknowns)
            bands.append(ResultBand(band.step, own))
        # A single step has nothing to stand below.
        if len(bands) > 1:
            bands = _below_one_another(bank, asked, bands)
        sections.append(ResultSection(heading, tuple(bands)))
    found = Results(tuple(sections), 1)
    shown = noted and any(map(_has_small_number, found.results))
    note = UNITS if shown else ""
    return replace(found, columns=_columns(bank, found.results), note=note)


def _below_one_another(
    bank: Bank, asked: Sequence[AskedStep], bands: Sequence[ResultBand]
) -> list[ResultBand]:
    """The same in columns that are as wide in all steps; places that a step has not stay free."""
    text = notated(TEXT, bank.notation)
    widest: dict[int, Result] = {}
    places = [_columns_of_step(band.unknowns) for band in asked]
    for own, band in zip(places, bands, strict=True):
        for place, result in zip(own, band.results, strict=True):
            known = widest.get(place, result)
            room = max(known.room, _ems_of_line(result, text))
            widest[place] = replace(known, room=room, widest=max(known.ems, result.ems))
    return [_with_rooms(band, own, widest) for band, own in zip(bands, places, strict=True)]


def _with_rooms(band: ResultBand, places: Sequence[int], known: Mapping[int, Result]) -> ResultBand:
    """A band whose results are as wide as the widest of their places."""
    begin, results = 0, []
    for place, result in zip(places, band.results, strict=True):
        free = tuple(map(known.__getitem__, range(begin, place)))
        room, widest = known[place].room, known[place].widest
        results.append(replace(result, room=room, widest=widest, free=free))
        begin = place + 1
    return replace(band, results=tuple(results))


def _columns_of_step(unknowns: Sequence[Unknown]) -> list[int]:
    """In which columns the quantities of a step stand."""
    ends = accumulate(len(unknown.free) + 1 for unknown in unknowns)
    return [end - 1 for end in ends]


def _ems_of_line(result: Result, text: Target) -> float:
    """How wide a result is with its name, in letters of ten points."""
    lines = chain.from_iterable(result.lines)
    widest = max(sum(map(_points, line)) for line in lines)
    brackets = sizes.BRACKETS if result.bracketed else 0
    name = result.math.show(text)
    points = name_points(name) + widest + brackets
    return round(points / sizes.EM_POINTS, 1)


def _has_small_number(result: Result) -> bool:
    return any(entry.accepted and entry.steps for entry in result.entries)


def _result(solution: Solution, unknown: Unknown, known: Mapping[str, Box]) -> Result:
    """The numbers that belong into the boxes of a quantity."""
    first, *_ = unknown.boxes
    quantity = known[first.name].quantity
    texts = flat(solution.rounded[quantity])

    def entry(name: str) -> ResultEntry:
        box = known[name]
        return ResultEntry(texts[box.entry], _accepted(solution, box))

    rows = tuple(tuple(entry(box.name) for box in row) for row in unknown.rows)
    whole = Result(unknown.math, rows, unknown.bracketed, below=unknown.below)
    is_vector = len(solution.bank.graph[quantity].shape) == 1
    if is_vector and len(rows) > 1:
        # A column of numbers would take as many lines as it has entries.
        return replace(whole, rows=(whole.entries,), lying=True)
    return whole


def _accepted(solution: Solution, box: Box) -> tuple[str, str] | None:
    # The number of a line is right or wrong, with nothing beside it that is accepted.
    if is_whole(solution.bank, box.quantity):
        return None
    ends = solution.accepted(box)
    value = flat(solution.rounded[box.quantity])[box.entry]
    # An interval of one number says nothing more.
    if ends == (value, value):
        return None
    return ends


def _columns(bank: Bank, every: Iterable[Result]) -> int:
    """How many scalars have room in a line, each with its name."""
    text = notated(TEXT, bank.notation)
    widest = 0.0
    for result in every:
        if not result.bracketed:
            (entry,) = result.entries
            width = name_points(result.math.show(text)) + _points(entry)
            widest = max(widest, width)
    if not widest:
        return sizes.MOST_RESULTS
    fit = int(sizes.RESULT_LINE / widest)
    return min(sizes.MOST_RESULTS, max(1, fit))


__all__ = [
    "UNITS",
    "MistakenBox",
    "MistakenBoxes",
    "Result",
    "ResultBand",
    "ResultEntry",
    "ResultSection",
    "Results",
    "results_of",
]
