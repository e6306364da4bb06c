"""A written value as the texts of the boxes of a quantity."""

from __future__ import annotations

import re

from rnnquiz.pages.formulas import Formulas
from rnnquiz.pages.values import Written, entries_of
from rnnquiz.pages.written import Node, Num, Op, is_turned_row
from rnnquiz.spelling import Typed, spelled


def boxes_of(formulas: Formulas, name: str, value: Node) -> tuple[tuple[str, str], ...] | None:
    """The text of each box of a quantity, or of the one of an entry; None where the value has
    another shape."""
    rows, bank = _rows(value), formulas.bank
    if formulas.whole(name) != name:
        return (
            ((formulas.text(name), rows[0][0]),)
            if not isinstance(value, Op) or value.op == "neg"
            else None
        )
    boxes = [box.name for box in bank.boxes_of(bank.graph[name])]
    flat = [text for row in rows for text in row]
    shape = bank.graph[name].shape
    if len(flat) != len(boxes):
        return None
    if len(shape) == 2:
        prefix = len(bank.notation.text(name)) + 1
        named = {box[prefix:]: box for box in boxes}
        found = [
            (f"{i}.{j}", text) for i, row in enumerate(rows, 1) for j, text in enumerate(row, 1)
        ]
        return (
            tuple((named[place], text) for place, text in found)
            if all(place in named for place, _ in found)
            else None
        )
    return tuple(zip(boxes, flat, strict=True))


def written_in(text: str) -> Written | None:
    """The number in the text of a box."""
    read = spelled(text).alone
    return (read.number, read.last_place or 0) if isinstance(read, Typed) else None


def _rows(value: Node) -> list[list[str]]:
    if isinstance(value, Op) and value.op == "list":
        if all(isinstance(arg, Op) and arg.op == "list" for arg in value.args):
            return [[text for row in _rows(arg) for text in row] for arg in value.args]
        return [[text for arg in value.args for row in _rows(arg) for text in row]]
    if is_turned_row(value):
        return [[text for row in map(_rows, entries_of(value)) for text in row[0]]]
    if isinstance(value, Op):
        return [[re.sub("^-?", "-", _rows(value.args[0])[0][0])]]
    assert isinstance(value, Num)
    return [[value.text]]
