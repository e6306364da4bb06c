"""The empty boxes of a sheet: in the shape of what is asked, in an order in which it can be
computed, step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from rnnquiz.algebra.expression import Ref
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task import WHICH
from rnnquiz.derivation.graph import Graph, Quantity
from rnnquiz.documents.placing import without_step
from rnnquiz.documents.tree import AnswerBox, AskedStep, Symbol, Unknown

SIGN_POINT_AND_ZERO = 3  # places of a number beside its digits


def answers(bank: Bank, role: str) -> Iterator[AskedStep]:
    """The boxes of a kind, a block for each step; in one block where a step has no more than one
    box."""
    every = map(bank.graph.__getitem__, bank.asked)
    of_role = [q for q in every if q.role == role]
    asked = by_step(of_role, bank.graph)
    alone = _is_one_a_step(bank, asked)
    for step, group in groupby(asked, lambda q: "" if alone else _step(bank, q)):
        unknowns = [unknown_of(bank, q) for q in group]
        yield AskedStep(tuple(unknowns), step)


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


def by_step(asked: Sequence[Quantity], graph: Graph) -> list[Quantity]:
    """Quantities step by step, forwards or backwards; where neither is an order of computation (a
    network that reads both ways), letter by letter, each in its own direction."""
    times = [q.time for q in asked if q.time is not None]
    way = -1 if _goes_back(times) else 1
    as_solved = _by_time(asked, way)
    other_way = _by_time(asked, -way)
    computable = filter(graph.computable, (as_solved, other_way, _by_letter(asked)))
    return next(computable, list(asked))


def _goes_back(times: Sequence[int]) -> bool:
    return len(times) > 0 and times[0] > times[-1]


def _by_time(asked: Sequence[Quantity], way: int) -> list[Quantity]:
    """Pass by pass, forwards (1) or backwards (-1); what has no time after what has."""

    def place(q: Quantity) -> tuple[int, bool, int]:
        time = q.time or 0
        return _pass(q), q.time is None, way * time

    return sorted(asked, key=place)


def _by_letter(asked: Sequence[Quantity]) -> list[Quantity]:
    """Pass by pass, the letters as they come first."""
    letters = list(dict.fromkeys(map(_letter, asked)))
    return sorted(asked, key=lambda q: (_pass(q), letters.index(_letter(q))))


def _letter(q: Quantity) -> str:
    return without_step(q.name)


def _pass(q: Quantity) -> int:
    return q.symbol.number or 0


def _step(bank: Bank, q: Quantity) -> str:
    """The step as it is written beside the boxes, with the number of the pass where there are
    several."""
    if q.time is None or not bank.in_time:
        return ""
    several = q.symbol.number is not None and len(bank.full.passes) > 1
    before = f"[{q.symbol.number}] " if several else ""
    return f"{before}t = {bank.notation.shown_step(q.time)}"


def unknown_of(bank: Bank, q: Quantity) -> Unknown:
    """The boxes of a quantity, in its shape."""
    digits = bank.rounding.digits + SIGN_POINT_AND_ZERO
    rule = _rule_of(bank, q.name)
    boxes = [AnswerBox(box.name, digits, rule) for box in bank.boxes_of(q)]
    rows = _shaped(boxes, q.shape, bank.notation.layout)
    return Unknown(Symbol(q.name), rows, bool(q.shape))


def _shaped(
    boxes: list[AnswerBox], shape: tuple[int, ...], layout: str
) -> tuple[tuple[AnswerBox, ...], ...]:
    """Boxes, row by row as they are stored, in the rows in which the notation prints the
    quantity."""
    is_matrix = len(shape) == 2
    # In both layouts of row vectors, also in that in which matrices stay as they are stored.
    if not is_matrix and layout != "columns":
        return (tuple(boxes),)
    width = shape[1] if is_matrix else 1
    starts = range(0, len(boxes), width)
    slices = (boxes[start : start + width] for start in starts)
    rows = tuple(map(tuple, slices))
    # Where vectors are rows, a matrix multiplies from the right and is printed transposed.
    return tuple(zip(*rows, strict=True)) if layout == "rows" else rows
