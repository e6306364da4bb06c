"""What students typed, as arrays: the raw text is kept, the number is read once, blank and
unreadable stay apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.specification import Bank, Box
from rnnquiz.decimals import Array, Rounding
from rnnquiz.numerals import Unreadable, read_number, read_sheet, same
from rnnquiz.spelling import Read
from rnnquiz.text import visible

BLANK, WRITTEN, UNREADABLE = 0, 1, 2
EXACT = 99  # last place of a quotient such as 1/3: taken as written to the digits asked

_Number = TypeVar("_Number", bound=np.generic)


def some_rows(
    parts: Mapping[str, NDArray[Any]], rows: NDArray[np.int64]
) -> dict[str, NDArray[Any]]:
    """Of each array, (N, ...), some rows."""
    return {name: part[rows] for name, part in parts.items()}


def side_by_side(parts: Mapping[str, NDArray[_Number]], names: Iterable[str]) -> NDArray[_Number]:
    """The entries of some arrays, (N, *shape) by quantity, as the columns of one."""
    flat = [part.reshape(len(part), -1) for part in (parts[name] for name in names)]
    return np.concatenate(flat, axis=1) if flat else np.zeros((0, 0))  # type: ignore[return-value]


@dataclass(frozen=True)
class Answers:
    """Answers of N students to every quantity of a problem, asked or not; arrays (N, *shape) by
    quantity.

    `values` is NaN where nothing readable stands; `last_place` is the exponent of the last digit
    written. `texts` are by the names of boxes, `reasons` say why a box is unreadable, `unknown` are
    names that are no box.
    """

    values: Mapping[str, Array]
    last_place: Mapping[str, NDArray[np.int64]]
    state: Mapping[str, NDArray[np.int8]]
    texts: Sequence[Mapping[str, str]]
    reasons: Mapping[tuple[int, str], str]
    unknown: Mapping[int, Sequence[str]]

    @property
    def count(self) -> int:
        return len(self.texts)

    def taken(self, rows: NDArray[np.int64]) -> Answers:
        """Some of the sheets, in their order; reasons and unknown names stay behind."""
        if len(rows) == self.count:
            return self
        values, last, state = (
            some_rows(self.values, rows),
            some_rows(self.last_place, rows),
            some_rows(self.state, rows),
        )
        return Answers(values, last, state, [self.texts[n] for n in rows], {}, {})


def known_boxes(bank: Bank) -> dict[str, Box]:
    """Every box name that an answer may have: those asked, all other computed quantities, and
    second names of the asked."""
    return {**bank.aliases, **bank.every_box}


def read_answers(bank: Bank, texts: Sequence[Mapping[str, str]]) -> Answers:
    """Read the answers of N students, each a mapping from box name to what was typed, and each
    judged by the student's sheet."""
    columns = {name: k for k, name in enumerate(bank.every_box)}
    decimals = bank.rounding.digits if bank.rounding.kind == "decimals" else None
    filled = _Filled(len(texts), len(columns))
    reasons: dict[tuple[int, str], str] = {}
    unknown: dict[int, Sequence[str]] = {}
    own: list[Mapping[str, str]] = []
    for n, typed in enumerate(texts):
        own.append(typed)
        if not (typed.keys() <= columns.keys() and bank.aliases.keys().isdisjoint(typed)):
            typed, strange = _by_box(bank, whole := typed)
            own[n] = {**typed, **{name: whole[name] for name in strange}}
            if strange:
                unknown[n] = strange
        reads = read_sheet(tuple(typed.values()), decimals)
        filled.add(n, [columns[name] for name in typed], reads)
        for name, read in zip(typed, reads, strict=True):
            if isinstance(read, Unreadable):
                reasons[n, name] = read.reason
    split = partial(_by_quantity, bank)
    return Answers(
        split(filled.values), split(filled.last_place), split(filled.state), own, reasons, unknown
    )


class _Filled:
    """What can be read of all boxes, (boxes, N)."""

    def __init__(self, count: int, width: int) -> None:
        self.values = np.full((width, count), np.nan)
        self.last_place = np.full((width, count), EXACT, dtype=np.int64)
        self.state = np.zeros((width, count), dtype=np.int8)

    def add(self, n: int, columns: Sequence[int], reads: Sequence[Read]) -> None:
        """Take up one sheet: what is read in some columns."""
        if not columns:
            return
        values, last_place, state = zip(*map(_entry, reads), strict=True)
        self.values[columns, n], self.last_place[columns, n] = values, last_place
        self.state[columns, n] = state


def _entry(read: Read) -> tuple[float, int, int]:
    """Value, last place and state of one box."""
    if read is None:
        return np.nan, EXACT, BLANK
    if isinstance(read, Unreadable):
        return np.nan, EXACT, UNREADABLE
    return read.number, EXACT if read.last_place is None else read.last_place, WRITTEN


def _by_quantity(bank: Bank, boxes: NDArray[_Number]) -> dict[str, NDArray[_Number]]:
    """Arrays (N, *shape) by quantity from one of all boxes, (boxes, N)."""
    found, start = {}, 0
    for q in bank.graph.computed:
        end = start + math.prod(q.shape)
        found[q.name] = np.ascontiguousarray(boxes[start:end].T).reshape(-1, *q.shape)
        start = end
    return found


def _by_box(bank: Bank, typed: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """A sheet's texts by the names of boxes, and the names that are none.

    What cannot be seen in a name is passed over. A text under a second name counts where the box
    itself is empty.
    """
    found: dict[str, str] = {}
    strange: list[str] = []
    for name, text in typed.items():
        box = name if name in bank.every_box else visible(name)
        known = box in bank.every_box or box in bank.aliases
        if not known or box in found or (box != name and box in typed):
            strange.append(name)
        else:
            found[box] = text
    for second in [name for name in found if name in bank.aliases]:
        box, text = bank.aliases[second].name, found[second]
        if read_number(found.get(box, "")) is None:
            found[box] = found.pop(second)
        elif second not in bank.every_box:
            del found[second]
            strange += [] if same(text, found[box]) else [second]
    return found, strange


def written_unit(last_place: NDArray[np.int64], rounding: Rounding, near: Array) -> Array:
    """One unit in the last place written (the asked place for a quotient), at values near
    `near`."""
    return np.asarray(10.0 ** np.where(last_place == EXACT, rounding.exponent(near), last_place))
