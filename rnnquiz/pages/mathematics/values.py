"""The value of a member of numbers, and how far the rounding of its numbers may have moved it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

import numpy as np

from rnnquiz.decimals import Array
from rnnquiz.pages.mathematics.ways import NoValue, ways
from rnnquiz.pages.mathematics.written import Node, Num, Op, is_turned_row, numbers_in

# Numbers in one member: each is moved up and down by itself, so the arrays have 241 rows at most.
MOST_OF_A_MEMBER = 120
Written = tuple[float, int]  # a number and the place of its last digit
NO_LAST_PLACE = -12  # place of the last digit of a number that is not rounded


def entry_in(node: Node, at: int, size: int) -> Node:
    """One entry of what was written, as a member of its own."""
    entries = entries_of(node)
    if len(entries) == size:
        return entries[at]
    place, of = _whole(at), _whole(size)
    return Op("part", (node, place, of))


def _whole(value: int) -> Num:
    return Num(str(value), float(value), 0)


def entries_of(node: Node) -> list[Node]:
    """The entries of a list, row by row; a number is its own."""
    if isinstance(node, Op) and (node.op == "list" or is_turned_row(node)):
        return list(chain.from_iterable(map(entries_of, node.args)))
    return [node]


Reached = tuple[Array, dict[Num, Array]]  # a value, and how far each number moves it


@lru_cache(maxsize=50_000)
def reach(node: Node) -> tuple[Reached, ...]:
    """The values that a member of numbers may have; for each, by how much it moves at most while
    a number moves by half of its last digit. NoValue where it has none."""
    # A number that stands there twice is one that was copied: both move together.
    distinct = dict.fromkeys(numbers_in(node))
    leaves = tuple(distinct)
    if len(leaves) > MOST_OF_A_MEMBER:
        raise NoValue
    moving = list(filter(_is_rounded, leaves))
    rows = _moved_rows(leaves, moving)

    def leaf_value(leaf: Node) -> Array:
        if not isinstance(leaf, Num):
            raise NoValue
        return rows[leaf]

    with np.errstate(all="ignore"):
        found = [_reached(value, moving) for value in ways(node, leaf_value)]
    kept = tuple(filter(_is_finite, found))
    if not kept:
        raise NoValue
    return kept


def _is_finite(reached: Reached) -> bool:
    value, _ = reached
    return bool(np.isfinite(value).all())


def _is_rounded(leaf: Num) -> bool:
    """False for whole numbers, which are factors or exponents, and for nought."""
    return leaf.place < 0 and leaf.value != 0


def _moved_rows(leaves: Sequence[Num], moving: Sequence[Num]) -> dict[Num, Array]:
    """Each number as it stands, and moved up and down in the rows that are its own."""
    # The first row for all as they stand.
    count = 1 + 2 * len(moving)
    rows = {leaf: np.full(count, leaf.value) for leaf in leaves}
    for up, leaf in zip(range(1, count, 2), moving, strict=True):
        row = rows[leaf]
        row[up] += leaf.half
        row[up + 1] -= leaf.half
    return rows


def _reached(value: Array, moving: Sequence[Num]) -> Reached:
    centre = value[0]
    gaps = np.abs(value[1:] - centre)
    # Rows in pairs: up, down.
    up, down = gaps[::2], gaps[1::2]
    ends = np.maximum(up, down)
    # A divisor that is moved to nought says nothing of how far the value may be off.
    ends = np.where(np.isfinite(ends), ends, 0.0)
    return centre, dict(zip(moving, ends, strict=True))


def value(node: Node) -> Array:
    """The first value of a member of numbers."""
    (first, _), *_ = reach(node)
    return first


def moves(node: Node) -> tuple[float, dict[Num, float]]:
    """The value of a member that is one number, and how far each number in it moves it. NoValue for
    what is none, or may be several."""
    found = list(filter(_is_single, reach(node)))
    if not found:
        raise NoValue
    centre, ends = found[0]
    # Where its products may be meant in several ways, nothing is said of it unless they agree.
    if not all(np.allclose(other, centre) for other, _ in found[1:]):
        raise NoValue
    moved = {leaf: end.item() for leaf, end in ends.items()}
    return centre.item(), moved


def _is_single(reached: Reached) -> bool:
    value, _ = reached
    return value.shape in ((), (1,))


@lru_cache(maxsize=50_000)
def centre_and_spread(node: Node) -> tuple[float, float]:
    """Value of a scalar expression, and by how much it moves at most while each number moves by
    half of its last digit."""
    centre, ends = moves(node)
    return centre, sum(ends.values())


def simple_number(node: Node) -> Written | None:
    """The value of a number with its sign, and the place of its last digit; None for anything
    else."""
    if isinstance(node, Num):
        return node.value, node.place
    if isinstance(node, Op) and node.op == "neg" and isinstance(node.args[0], Num):
        number = node.args[0]
        return -number.value, number.place
    return None


def number_of(node: Node) -> Written | None:
    """The value of a number or of an expression of numbers, and the place of its last digit (none
    for an expression)."""
    if (simple := simple_number(node)) is not None:
        return simple
    try:
        centre, _ = centre_and_spread(node)
        return centre, NO_LAST_PLACE
    except NoValue:
        return None
