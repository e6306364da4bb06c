"""A written value as the texts of the boxes of a quantity."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from rnnquiz.pages.mathematics.values import Written, entries_of
from rnnquiz.pages.mathematics.written import Node, Num, Op, is_turned_row
from rnnquiz.pages.meaning.formulas import Formulas
from rnnquiz.typed.spelling import Typed, spelled


def boxes_of(formulas: Formulas, name: str, value: Node) -> tuple[tuple[str, str], ...] | None:
    """The text of each box of a quantity, or of the one of an entry; None where the value has
    another shape."""
    rows, bank = _rows(value), formulas.bank
    if formulas.whole(name) != name:
        # An entry is one number, and no list.
        if isinstance(value, Op) and value.op != "neg":
            return None
        return ((formulas.text(name), _one(value)),)
    quantity = bank.graph[name]
    boxes = list(bank.boxes_of(quantity))
    flat = list(chain.from_iterable(rows))
    if len(flat) != len(boxes):
        return None
    if len(quantity.shape) != 2:
        names = [box.name for box in boxes]
        return tuple(zip(names, flat, strict=True))
    # A matrix by the places of its boxes: a sheet may show it turned.
    named = {box.place: box.name for box in boxes}
    found = list(_placed(rows))
    if all(place in named for place, _ in found):
        return tuple((named[place], text) for place, text in found)
    return None


def _placed(rows: list[list[str]]) -> Iterator[tuple[tuple[int, int], str]]:
    """Each text with its row and column, counted from 1."""
    for i, row in enumerate(rows, 1):
        for j, text in enumerate(row, 1):
            yield (i, j), text


def written_in(text: str) -> Written | None:
    """The number in the text of a box."""
    read = spelled(text).alone
    if isinstance(read, Typed):
        return (read.number, read.last_place or 0)
    return None


def _rows(value: Node) -> list[list[str]]:
    if isinstance(value, Op) and value.op == "list":
        entries = [_flat(arg) for arg in value.args]
        if all(isinstance(arg, Op) and arg.op == "list" for arg in value.args):
            return entries
        return [list(chain.from_iterable(entries))]
    if is_turned_row(value):
        # A column, written as a row: its numbers in their order.
        return [list(map(_one, entries_of(value)))]
    if isinstance(value, Op):
        inner = _one(value.args[0])
        return [[re.sub("^-?", "-", inner)]]
    assert isinstance(value, Num)
    return [[value.text]]


def _one(value: Node) -> str:
    """The text of a single number."""
    ((text, *_), *_) = _rows(value)
    return text


def _flat(value: Node) -> list[str]:
    return list(chain.from_iterable(_rows(value)))
