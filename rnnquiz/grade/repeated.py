"""Numbers that stand in several boxes of a sheet where the key has different ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rnnquiz.bank.specification import Bank
from rnnquiz.decimals import Array, Bools
from rnnquiz.grade.answers import Answers, shaped, side_by_side

# Boxes with one number; two are a coincidence on any long sheet: with two, who misread two givens
# loses 2.5 % more of the marks of forward_pass. With six nothing changes in three banks.
OFTEN = 3
# Not all of them: one other number would be enough to get past that.
# With 0.4 a sheet whose other boxes are right loses up to 1 % of its marks, with 0.95 one number in
# 85 % of the boxes of forward_pass earns 0.8 %, not 0.2 %.
NEARLY_ALL = 0.8  # share of the filled boxes that one number holds on a sheet of one number
# With ten, sheets of the eight boxes of forward_pass earn 1.5 % by one number; with two nothing
# changes.
FEWEST_FILLED = 5  # boxes of such a sheet


def repeated_numbers(bank: Bank, answers: Answers, key: Mapping[str, Array]) -> dict[str, Bools]:
    """Boxes whose number, but for its sign, stands in at least two others that differ in the
    key."""
    same, differing, _ = _counts(bank, answers, key)
    # Where the keys agree the numbers have to: h = 0 stands in many boxes of an honest sheet.
    by_chance = (same < OFTEN) | (differing < OFTEN - 1)
    return shaped(bank, ~by_chance)


def constant_numbers(bank: Bank, answers: Answers, key: Mapping[str, Array]) -> Bools:
    """(N, boxes): on sheets where one number fills nearly all of the written boxes, though their
    keys differ, those with this number."""
    same, differing, filled = _counts(bank, answers, key)
    often = np.where(differing >= OFTEN - 1, same, 0)
    of_sheet = filled[:, None]
    nearly_all = often >= NEARLY_ALL * of_sheet
    enough = of_sheet >= FEWEST_FILLED
    is_often = often > 0
    return np.asarray(nearly_all & enough & is_often)


def _counts(
    bank: Bank, answers: Answers, key: Mapping[str, Array]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of each box, how many boxes hold its number, and how many of those have another key, (N,
    boxes); and how many boxes of a sheet are filled, (N,)."""
    names = [q.name for q in bank.graph.computed]
    written = side_by_side(answers.values, names)
    # Rounded as a sheet shows it: keys that differ further down are one number there.
    keys = bank.rounding.round(side_by_side(key, names))
    filled = ~np.isnan(written)
    students = np.arange(answers.count)[:, None]
    sheet = np.broadcast_to(students, written.shape)[filled]
    # Without their signs, or every other box with a minus would be a way past.
    size = np.abs(written[filled])
    right = np.abs(keys[filled])
    same = np.zeros(written.shape, dtype=np.int64)
    both = np.zeros(written.shape, dtype=np.int64)
    same[filled] = _group_sizes(sheet, size)
    both[filled] = _group_sizes(sheet, size, right)
    return same, same - both, filled.sum(axis=1)


def _group_sizes(*columns: NDArray[np.generic]) -> NDArray[np.int64]:
    """For each row, how many rows agree with it in all columns."""
    # Sorted, equal rows are neighbours: to hold all against all would take the square of them.
    order = np.lexsort(columns)
    changes = np.zeros(len(order), dtype=bool)
    for column in columns:
        in_order = column[order]
        one, next_one = in_order[:-1], in_order[1:]
        changes[1:] |= next_one != one
    group = np.cumsum(changes)
    members = np.bincount(group)
    sizes = np.empty(len(order), dtype=np.int64)
    sizes[order] = members[group]
    return sizes
