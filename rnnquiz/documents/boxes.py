"""The empty boxes of a sheet: in the shape of what is asked, in an order in which it can be
computed, step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from rnnquiz.algebra.expression import Ref
from rnnquiz.algebra.shapes import is_matrix
from rnnquiz.algebra.shown_symbols import symbol
from rnnquiz.algebra.symbols import Derivative
from rnnquiz.algebra.targets import TEXT
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task import WHICH
from rnnquiz.derivation.graph import Quantity, gathered
from rnnquiz.derivation.reading_order import headed_runs, pass_heading
from rnnquiz.documents.asked import AnswerBox, AskedStep, Unknown
from rnnquiz.documents.mathematics import Symbol, name_of
from rnnquiz.documents.parts import kind_words

SIGN_POINT_AND_ZERO = 3  # places of a number beside its digits


def answers(bank: Bank) -> Iterator[tuple[str, tuple[AskedStep, ...]]]:
    """All boxes, pass by pass and kind by kind: what stands above each part, and its bands."""
    asked = map(bank.graph.__getitem__, bank.asked)
    number_of = partial(_pass, bank)
    by_pass = gathered(list(asked), number_of)
    for number, own in groupby(by_pass, number_of):
        for heading, part in _by_kind(bank, list(own)):
            yield pass_heading(heading, number), tuple(_bands(bank, part))


def _by_kind(bank: Bank, asked: Sequence[Quantity]) -> Iterator[tuple[str, tuple[Quantity, ...]]]:
    """What is asked in one pass, kind by kind; a kind that goes both ways through time in parts."""
    for role, words in kind_words(bank).items():
        of_role = [q for q in asked if q.role == role]
        if of_role:
            yield from headed_runs(words, of_role, bank.graph)


def _bands(bank: Bank, asked: Sequence[Quantity]) -> Iterator[AskedStep]:
    """A block for each step; one block where a step has no more than one box."""
    alone = _is_one_a_step(bank, asked)
    steps = groupby(asked, lambda q: "" if alone else _step(bank, q))
    bands = [(step, list(group)) for step, group in steps]
    fullest = max((group for _, group in bands), key=len)
    even = len(bands) % 2 == 0
    for step, group in bands:
        unknowns = _in_columns(bank, group, fullest)
        yield AskedStep(tuple(unknowns), step, len(fullest), even)


def _in_columns(
    bank: Bank, own: Sequence[Quantity], fullest: Sequence[Quantity]
) -> Iterator[Unknown]:
    """The boxes of one step below those of the step that has most of them, quantity by quantity:
    places of what this step has not stay free. Where it has others, none do."""
    columns = list(map(_in_each_step, fullest))
    places = [columns.index(name) for name in map(_in_each_step, own) if name in columns]
    if len(places) < len(own) or places != sorted(set(places)):
        places = list(range(len(own)))
    begin = 0
    for q, place in zip(own, places, strict=True):
        free = (unknown_of(bank, other) for other in fullest[begin:place])
        above = fullest[place]
        # Only the plus of a direct part makes a symbol wider than that of another step.
        below = Symbol(above.name) if _is_direct(above) and not _is_direct(q) else None
        yield replace(unknown_of(bank, q), free=tuple(free), below=below)
        begin = place + 1


def _is_direct(q: Quantity) -> bool:
    return isinstance(q.symbol, Derivative) and q.symbol.direct


def _in_each_step(q: Quantity) -> str:
    """A name that a quantity shares with those of other steps. In the first step, which has none
    before it, the direct part of a derivative is all of it."""
    shown = q.symbol
    if isinstance(shown, Derivative):
        shown = replace(shown, direct=False, at=None)
    return symbol(str(shown), TEXT, q.time)


def _is_one_a_step(bank: Bank, asked: Sequence[Quantity]) -> bool:
    boxes: Counter[str] = Counter()
    for q in asked:
        own = list(bank.boxes_of(q))
        step = _step(bank, q)
        boxes[step] += len(own)
    del boxes[""]  # what is of no step
    return max(boxes.values(), default=1) == 1


def is_whole(bank: Bank, quantity: str) -> bool:
    """True for the number of a line, which is not rounded."""
    return bank.graph[quantity].formula == Ref(WHICH)


def _rule_of(bank: Bank, quantity: str) -> str:
    """How a number is rounded, in two words; a whole number is not."""
    kind = "whole" if is_whole(bank, quantity) else bank.rounding.kind
    return f"{kind} {bank.rounding.digits}"


def _pass(bank: Bank, q: Quantity) -> int | None:
    """The pass that a quantity belongs to, where there are several."""
    # An update counts what its optimiser keeps also where it is the only one.
    return q.symbol.number if len(bank.full.passes) > 1 else None


def _step(bank: Bank, q: Quantity) -> str:
    """The step as it is written beside the boxes."""
    if q.time is None or not bank.in_time:
        return ""
    return f"t = {bank.notation.shown_step(q.time)}"


def unknown_of(bank: Bank, q: Quantity) -> Unknown:
    """The boxes of a quantity, in its shape."""
    digits = bank.rounding.digits + SIGN_POINT_AND_ZERO
    rule = _rule_of(bank, q.name)
    boxes = [AnswerBox(box.name, digits, rule) for box in bank.boxes_of(q)]
    rows = _shaped(boxes, q.shape, bank.notation.layout)
    return Unknown(name_of(q), rows, bool(q.shape))


def _shaped(
    boxes: list[AnswerBox], shape: tuple[int, ...], layout: str
) -> tuple[tuple[AnswerBox, ...], ...]:
    """Boxes, row by row as they are stored, in the rows in which the notation prints the
    quantity."""
    # In both layouts of row vectors, also in that in which matrices stay as they are stored.
    if not is_matrix(shape) and layout != "columns":
        return (tuple(boxes),)
    width = shape[1] if is_matrix(shape) else 1
    starts = range(0, len(boxes), width)
    slices = (boxes[start : start + width] for start in starts)
    rows = tuple(map(tuple, slices))
    # Where vectors are rows, a matrix multiplies from the right and is printed transposed.
    return tuple(zip(*rows, strict=True)) if layout == "rows" else rows
