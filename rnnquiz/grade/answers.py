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
    unknown: dict[int, Sequence[str]] = {}
    own: list[Mapping[str, str]] = []
    by_box: list[Mapping[str, str]] = []
    for n, typed in enumerate(texts):
        own.append(typed)
        if not (typed.keys() <= columns.keys() and bank.aliases.keys().isdisjoint(typed)):
            typed, strange = _by_box(bank, whole := typed)
            own[n] = {**typed, **{name: whole[name] for name in strange}}
            if strange:
                unknown[n] = strange
        by_box.append(typed)
    reads = [read for typed in by_box for read in read_sheet(tuple(typed.values()), decimals)]
    at = np.repeat(np.arange(len(texts)), [len(typed) for typed in by_box])
    names = list(chain.from_iterable(by_box))
    filled = np.full((len(columns), len(texts)), _NOTHING)
    entries = _entries(reads)
    filled[[columns[name] for name in names], at] = entries
    reasons = {
        (int(at[k]), names[k]): _reason(reads[k])
        for k in np.flatnonzero(entries["state"] == UNREADABLE)
    }
    values: dict[str, Array] = shaped(bank, filled["value"].T)
    last_place: dict[str, NDArray[np.int64]] = shaped(bank, filled["last place"].T)
    state: dict[str, NDArray[np.int8]] = shaped(bank, filled["state"].T)
    return Answers(values, last_place, state, own, reasons, unknown)


_ENTRY = np.dtype([("value", "f8"), ("last place", "i8"), ("state", "i1")])
_NOTHING = np.array((np.nan, EXACT, BLANK), _ENTRY)


def _entries(reads: Sequence[Read]) -> NDArray[np.void]:
    """Value, last place and state of some boxes. A class writes the same numbers again and again:
    each is looked at once."""
    ids = np.fromiter(map(id, reads), np.int64, len(reads))
    _, firsts, places = np.unique(ids, return_index=True, return_inverse=True)
    return np.array([_entry(reads[k]) for k in firsts.tolist()], _ENTRY)[places]


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
    return read.number, EXACT if read.last_place is None else read.last_place, WRITTEN


def shaped(bank: Bank, boxes: NDArray[_Number]) -> dict[str, NDArray[_Number]]:
    """Arrays (N, *shape) by computed quantity from one of all boxes, (N, boxes)."""
    found, start = {}, 0
    for q in bank.graph.computed:
        end = start + math.prod(q.shape)
        found[q.name] = np.ascontiguousarray(boxes[:, start:end]).reshape(-1, *q.shape)
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
