"""What students typed, as arrays: the raw text is kept, the number is read once, blank and
unreadable stay apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.specification import Bank, Box
from rnnquiz.decimals import Array, Rounding
from rnnquiz.text import visible
from rnnquiz.typed.numerals import Unreadable, read_number, read_sheet, same
from rnnquiz.typed.spelling import Read

# Numbers, not words: the states of a class are arrays with one byte for each box.
BLANK, WRITTEN, UNREADABLE = 0, 1, 2
EXACT = 99  # last place of a quotient such as 1/3: taken as written to the digits asked

_Number = TypeVar("_Number", bound=np.generic)


def some_rows(
    parts: Mapping[str, NDArray[Any]], rows: NDArray[np.int64]
) -> dict[str, NDArray[Any]]:
    """Of each array, (N, ...), some rows."""
    return {name: part[rows] for name, part in parts.items()}


def as_rows(values: NDArray[_Number]) -> NDArray[_Number]:
    """Arrays (N, *shape) as (N, entries); N may be 0."""
    # The shortest way for numbers alone: a sheet of 55 boxes comes by here a thousand times.
    if values.ndim == 1:
        return values[:, None]
    entries = math.prod(values.shape[1:])
    return values.reshape(len(values), entries)


def beside_entries(values: NDArray[_Number], like: NDArray[Any]) -> NDArray[_Number]:
    """One number for each sheet, (N,), in a shape that goes with arrays (N, *shape)."""
    axes = [1] * (like.ndim - 1)
    return values.reshape(-1, *axes)


def side_by_side(parts: Mapping[str, NDArray[_Number]], names: Iterable[str]) -> NDArray[_Number]:
    """The entries of some arrays, (N, *shape) by quantity, as the columns of one."""
    flat = [as_rows(parts[name]) for name in names]
    # NumPy joins no empty list.
    if not flat:
        return np.zeros((0, 0))  # type: ignore[return-value]
    return np.concatenate(flat, axis=1)


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
        """How many sheets there are."""
        return len(self.texts)

    def taken(self, rows: NDArray[np.int64]) -> Answers:
        """Some of the sheets, in their order; reasons and unknown names stay behind."""
        if len(rows) == self.count:
            return self
        values = some_rows(self.values, rows)
        last = some_rows(self.last_place, rows)
        state = some_rows(self.state, rows)
        texts = [self.texts[n] for n in rows]
        return Answers(values, last, state, texts, {}, {})


def known_boxes(bank: Bank) -> dict[str, Box]:
    """Every box name that an answer may have: those asked, all other computed quantities, and
    second names of the asked."""
    return {**bank.aliases, **bank.every_box}


def read_answers(bank: Bank, texts: Sequence[Mapping[str, str]]) -> Answers:
    """Read the answers of N students, each a mapping from box name to what was typed, and each
    judged by the student's sheet."""
    columns = {name: k for k, name in enumerate(bank.every_box)}
    unknown: dict[int, Sequence[str]] = {}
    own: list[Mapping[str, str]] = []
    by_box: list[Mapping[str, str]] = []
    for n, typed in enumerate(texts):
        own.append(typed)
        # Most sheets have the very names of the boxes, and nothing to sort out.
        if not (typed.keys() <= columns.keys() and bank.aliases.keys().isdisjoint(typed)):
            typed, strange = _by_box(bank, whole := typed)
            nowhere = {name: whole[name] for name in strange}
            own[n] = {**typed, **nowhere}
            if strange:
                unknown[n] = strange
        by_box.append(typed)
    filled, reasons = _read_boxes(bank, columns, by_box)
    by_sheet = filled.T
    values = shaped(bank, by_sheet["value"])
    last_place = shaped(bank, by_sheet["last place"])
    state = shaped(bank, by_sheet["state"])
    return Answers(values, last_place, state, own, reasons, unknown)


def _read_boxes(
    bank: Bank, columns: Mapping[str, int], by_box: Sequence[Mapping[str, str]]
) -> tuple[NDArray[np.void], dict[tuple[int, str], str]]:
    """What stands in every box, (boxes, N), and why some of it was not read."""
    decimals = bank.rounding.digits if bank.rounding.kind == "decimals" else None
    reads: list[Read] = []
    for typed in by_box:
        # All of a sheet at once: what `1,084` leaves open, its other numbers settle.
        reads += read_sheet((*typed.values(),), decimals)
    count = len(by_box)
    lengths = [len(typed) for typed in by_box]
    at = np.repeat(np.arange(count), lengths)
    names = list(chain.from_iterable(by_box))
    filled = np.full((len(columns), count), _NOTHING)
    entries = _entries(reads)
    rows = [columns[name] for name in names]
    filled[rows, at] = entries
    reasons = {}
    for k in np.flatnonzero(entries["state"] == UNREADABLE):
        student, name = int(at[k]), names[k]
        reasons[student, name] = _reason(reads[k])
    return filled, reasons


# One record for one box: what a class wrote goes into an array in one assignment.
_ENTRY = np.dtype([("value", "f8"), ("last place", "i8"), ("state", "i1")])
_NOTHING = np.array((np.nan, EXACT, BLANK), _ENTRY)


def _entries(reads: Sequence[Read]) -> NDArray[np.void]:
    """Value, last place and state of some boxes. A class writes the same numbers again and again:
    each is looked at once."""
    # What was read is remembered: equal texts are mostly one object, and `reads` keeps all alive.
    ids = np.fromiter(map(id, reads), np.int64, len(reads))
    _, firsts, places = np.unique(ids, return_index=True, return_inverse=True)
    different = [_entry(reads[k]) for k in firsts.tolist()]
    return np.array(different, _ENTRY)[places]


def _reason(read: Read) -> str:
    """Why a number was not read."""
    assert isinstance(read, Unreadable)
    return read.reason


def _entry(read: Read) -> tuple[float, int, int]:
    """Value, last place and state of one box."""
    if read is None:
        return np.nan, EXACT, BLANK
    if isinstance(read, Unreadable):
        return np.nan, EXACT, UNREADABLE
    last_place = EXACT if read.last_place is None else read.last_place
    return read.number, last_place, WRITTEN


def shaped(bank: Bank, boxes: NDArray[_Number]) -> dict[str, NDArray[_Number]]:
    """Arrays (N, *shape) by computed quantity from one of all boxes, (N, boxes)."""
    found, start = {}, 0
    for q in bank.graph.computed:
        end = start + math.prod(q.shape)
        # Fields of records lie 17 bytes apart, where arithmetic is slow.
        own = np.ascontiguousarray(boxes[:, start:end])
        found[q.name] = own.reshape(-1, *q.shape)
        start = end
    return found


def _by_box(bank: Bank, typed: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """A sheet's texts by the names of boxes, and the names that are none.

    What cannot be seen in a name is passed over. A text under a second name counts where the box
    itself is empty.
    """
    found: dict[str, str] = {}
    strange: list[str] = []
    known = bank.aliases.keys() | bank.every_box.keys()
    for name, text in typed.items():
        box = name if name in bank.every_box else visible(name)
        # A name without invisible characters goes before one with them.
        if box not in known or box in found or (box != name and box in typed):
            strange.append(name)
        else:
            found[box] = text
    for second in filter(bank.aliases.__contains__, list(found)):
        box, text = bank.aliases[second].name, found[second]
        if read_number(found.get(box, "")) is None:
            found[box] = found.pop(second)
        # A second name may be a box of its own that was not asked: then its text stays there.
        elif second not in bank.every_box:
            del found[second]
            # The same number twice contradicts nothing.
            strange += [] if same(text, found[box]) else [second]
    return found, strange


def written_unit(last_place: NDArray[np.int64], rounding: Rounding, near: Array) -> Array:
    """One unit in the last place written (the asked place for a quotient), at values near
    `near`."""
    asked = rounding.exponent(near)
    exponent = np.where(last_place == EXACT, asked, last_place)
    return np.asarray(10.0**exponent)
