"""What students typed, as arrays: the raw text is kept, the number is read once, blank and unreadable stay apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.specification import Bank, Box
from rnnquiz.decimals import Array, Rounding, Typed, Unreadable, read_number

BLANK, WRITTEN, UNREADABLE = 0, 1, 2
EXACT = 99  # last place of a quotient such as 1/3: taken as written to the digits asked

_read = lru_cache(maxsize=65536)(read_number)


def some_rows(parts: Mapping[str, NDArray[Any]], rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Of each array, (N, ...), some rows."""
    return {name: part[rows] for name, part in parts.items()}


@dataclass(frozen=True)
class Answers:
    """Answers of N students to every quantity of a problem, asked or not; arrays (N, *shape) by quantity.

    `values` is NaN where nothing readable stands; `last_place` is the exponent of the last digit written.
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
        """Some of the sheets, in this order; reasons and unknown names stay behind."""
        values, last, state = some_rows(self.values, rows), some_rows(self.last_place, rows), some_rows(self.state, rows)
        return Answers(values, last, state, [self.texts[n] for n in rows], {}, {})


def known_boxes(bank: Bank) -> dict[str, Box]:
    """Every box name that an answer may have: those asked and all other computed quantities."""
    return {box.name: box for q in bank.graph.computed for box in bank.boxes_of(q)}


def read_answers(bank: Bank, texts: Sequence[Mapping[str, str]]) -> Answers:
    """Read the answers of N students, each a mapping from box name to what was typed."""
    boxes = known_boxes(bank)
    count = len(texts)
    flat = {q.name: int(np.prod(q.shape)) for q in bank.graph.computed}
    values = {name: np.full((count, size), np.nan) for name, size in flat.items()}
    last = {name: np.full((count, size), EXACT, dtype=np.int64) for name, size in flat.items()}
    state = {name: np.zeros((count, size), dtype=np.int8) for name, size in flat.items()}
    reasons: dict[tuple[int, str], str] = {}
    unknown: dict[int, list[str]] = {}
    for n, typed in enumerate(texts):
        for name, text in typed.items():
            box = boxes.get(name)
            if box is None:
                unknown.setdefault(n, []).append(name)
                continue
            read = _read(text)
            if isinstance(read, Typed):
                values[box.quantity][n, box.entry] = float(read.value)
                last[box.quantity][n, box.entry] = EXACT if read.last_place is None else read.last_place
                state[box.quantity][n, box.entry] = WRITTEN
            elif isinstance(read, Unreadable):
                state[box.quantity][n, box.entry] = UNREADABLE
                reasons[n, name] = read.reason
    shapes = bank.graph.shapes
    return Answers(
        {k: v.reshape(count, *shapes[k]) for k, v in values.items()},
        {k: v.reshape(count, *shapes[k]) for k, v in last.items()},
        {k: v.reshape(count, *shapes[k]) for k, v in state.items()},
        texts, reasons, unknown,
    )  # fmt: skip


def written_unit(last_place: NDArray[np.int64], rounding: Rounding, near: Array) -> Array:
    """One unit in the last place written (the asked place for a quotient), at values near `near`."""
    return np.asarray(10.0 ** np.where(last_place == EXACT, rounding.exponent(near), last_place))
