"""A written number beside the exact one: rounded, cut off, or subtracted without borrowing."""

from __future__ import annotations

from rnnquiz.pages.mathematics.written import Node, Num, Op

EXACTLY = 1e-9  # two numbers closer than this are one number, computed in two ways
NOT_QUITE = 1 + 1e-6  # a factor: the end of an interval belongs to it, however it is computed
SUBTRACTED_COLUMNS = 9  # more than a sheet has digits


def is_nearly(written: float, value: float, unit: float) -> bool:
    """True for a number that is rounded, or cut off and not nought."""
    if abs(written - value) <= 0.5 * unit * NOT_QUITE:
        return True
    return written * value > 0 and is_cut_from(written, value, unit)


def is_rounded_from(written: float, value: float, unit: float) -> bool:
    """True for a number within half a unit of its last digit."""
    gap = abs(written - value)
    return gap <= 0.5 * unit * NOT_QUITE + EXACTLY


def is_cut_from(written: float, value: float, unit: float) -> bool:
    """True for the first digits of a number; nought is the beginning of a small one."""
    if abs(written) > abs(value) or written * value < 0:
        return False
    # A whole unit less is another number, and no cut.
    gap = abs(written - value)
    return gap < unit * (1 - EXACTLY)


def is_without_borrowing(before: Node, written: float) -> bool:
    """Each column subtracted on its own, the smaller digit from the larger."""
    pair = _subtracted(before)
    if pair is None:
        return False
    a, b = pair
    # In units of the last column.
    unit = 10.0 ** min(a.place, b.place)
    left, right = (round(number.value / unit) for number in pair)
    columns = sum(_column(left, right, 10**k) for k in range(SUBTRACTED_COLUMNS))
    if columns == abs(left - right):
        return False  # nothing had to be borrowed
    without_borrowing = columns * unit
    # Which of the two is larger is lost in this way, and the sign with it.
    off = abs(abs(written) - without_borrowing)
    return bool(off < unit / 2)


def _subtracted(tree: Node) -> tuple[Num, Num] | None:
    """The two numbers of a difference."""
    if not (isinstance(tree, Op) and tree.op == "add" and len(tree.args) == 2):
        return None
    first, second = tree.args
    if not (isinstance(second, Op) and second.op == "neg"):
        return None
    taken = second.args[0]
    if isinstance(first, Num) and isinstance(taken, Num):
        return first, taken
    return None


def _column(left: int, right: int, power: int) -> int:
    """One column of a subtraction, in its place."""
    above = left // power % 10
    below = right // power % 10
    return abs(above - below) * power
