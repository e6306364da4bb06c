"""The arithmetic of a line: each member of numbers against those before it, within the rounding of
what is written; of vectors and matrices, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rnnquiz.bank.specification import Bank
from rnnquiz.grade import verdicts
from rnnquiz.languages.sentences import Figure, said
from rnnquiz.models.misconceptions import Misconception
from rnnquiz.pages.values import (
    NoValue,
    centre_and_spread,
    entries_of,
    entry_in,
    moves,
    number_of,
    reach,
)
from rnnquiz.pages.written import Node, Num, Op, is_value, numbers_in

EXACTLY = 1e-9
POWERS = (1, -1, 2, -2)
CUT_OFF, CUT_OFF_SHORT = verdicts.CUT.name, verdicts.FEW_CUT.name
SHOWN_DIGITS = 5  # significant digits of a value in a sentence


@dataclass(frozen=True)
class SlipOfLine:
    """A finding at one member of a line. `kind`: arithmetic, rounding, numbers or formula. `rule`:
    the registered mistake that the formula is. `entry`: the place of the number in a vector or
    matrix that it is about, row by row; None for all of it."""

    chain: int
    member: int
    kind: str
    name: str
    says: str
    rule: Misconception | None = None
    entry: int | None = None


@dataclass(frozen=True)
class Arithmetic:
    """`history`: the numbers stated so far, of which quantity, and its name as it is shown."""

    bank: Bank
    givens: frozenset[float]
    history: list[tuple[float, str, str]]

    def of(
        self, k: int, before: Sequence[Node], numeric: Sequence[tuple[int, Node]]
    ) -> Iterator[SlipOfLine]:
        """Each member of numbers against those before it."""
        size = max((_size(tree) for _, tree in numeric), default=1)
        if size == 1:
            yield from self.line(k, [*((None, tree) for tree in before), *numeric])
            return
        whole = [(n, tree) for n, tree in numeric if _has(tree, size)]
        for entry in range(size):
            rows = [(n, entry_in(tree, entry, size)) for n, tree in whole]
            for slip in self.line(k, rows):
                says = said("Entry {entry}: {says}", entry=entry + 1, says=slip.says)
                yield replace(slip, says=says, entry=entry)

    def line(self, k: int, rows: Sequence[tuple[int | None, Node]]) -> Iterator[SlipOfLine]:
        """The members of one number; those of the line before have no place."""
        wrong = False
        for at, (n, tree) in enumerate(rows):
            if n is None or not at:
                continue
            earlier = rows[:at]
            slip = self.step(k, n, [one for _, one in earlier], tree)
            if slip is None and is_value(tree) and not wrong:
                slip = self.rounded_early(k, earlier, tree)
            if slip is not None:
                wrong |= slip.name not in (CUT_OFF, CUT_OFF_SHORT)
                yield slip

    def step(self, k: int, n: int, earlier: Sequence[Node], tree: Node) -> SlipOfLine | None:
        """What is wrong with a member after those before it; None where nothing is."""
        try:
            if is_value(tree) and isinstance(tree, (Num, Op)):
                return self.value(k, n, earlier, tree)
            return self.expression(k, n, earlier[-1], tree)
        except NoValue:
            return None

    def value(self, k: int, n: int, earlier: Sequence[Node], tree: Node) -> SlipOfLine | None:
        number = number_of(tree)
        if number is None:
            return None
        written, place = number
        unit = 10.0**place
        values = [centre_and_spread(one)[0] for one in earlier]
        if any(abs(written - value) <= 0.5 * unit * (1 + 1e-6) + EXACTLY for value in values):
            return None
        cut = [
            v
            for v in values
            if abs(written) <= abs(v) and abs(written - v) < unit * (1 - 1e-9) and written * v >= 0
        ]
        if cut:
            few = self.bank.rounding.kind == "decimals" and -place < self.bank.rounding.digits
            name = CUT_OFF_SHORT if few else CUT_OFF
            says = said(
                "{number} is cut off to {typed}.", number=shown_number(cut[-1]), typed=text_of(tree)
            )
            return SlipOfLine(k, n, "rounding", name, says)
        if abs(written - values[-1]) <= 0.5 * unit + self.doubt(earlier[-1]):
            return None  # the numbers in it were perhaps gone on with in full
        return SlipOfLine(
            k, n, "arithmetic", *self._wrong(tree, written, place, values[-1], earlier[-1])
        )

    def doubt(self, tree: Node) -> float:
        """By how much a member may be off because its numbers are rounded; givens and whole numbers
        are exact."""
        ends = moves(tree)[1]
        return sum(end for leaf, end in ends.items() if leaf.value not in self.givens)

    def _wrong(
        self, tree: Node, written: float, place: int, value: float, before: Node
    ) -> tuple[str, str]:
        """The name and the sentence of a result that does not follow."""
        for power in POWERS:
            if _near(written * 10.0**power, value, 10.0 ** (place + power)):
                return said("decimal point"), said(
                    "The digits are right, the decimal point is not: it is {number}.",
                    number=shown_number(value),
                )
        if _near(-written, value, 10.0**place):
            return said("sign"), said(
                "The number is right, its sign is not: it is {number}.", number=shown_number(value)
            )
        if _borrowed(before, written):
            return said("subtraction without borrowing"), said(
                "The smaller digit was taken from the larger in each column: it is {number}.",
                number=shown_number(value),
            )
        if (
            isinstance(before, Op)
            and before.op in ("tanh", "sigmoid")
            and _near(written, centre_and_spread(before.args[0])[0], 10.0**place)
        ):
            return said("activation forgotten"), said(
                "This is the sum itself; {function} of it is {number}.",
                function=before.op,
                number=shown_number(value),
            )
        return said("arithmetic"), said(
            "This does not follow from what stands before it: that is {number}.",
            number=shown_number(value),
        )

    def expression(self, k: int, n: int, before: Node, tree: Node) -> SlipOfLine | None:
        """A member with numbers that were worked out in part, each perhaps rounded."""
        kept = {leaf.text for leaf in numbers_in(before)}
        there, centre = centre_and_spread(before)[0], centre_and_spread(tree)[0]
        ends = moves(tree)[1]
        radius = sum(end for leaf, end in ends.items() if leaf.text not in kept)
        gap = abs(there - centre)
        if gap <= radius * (1 + 1e-6) + EXACTLY:
            return None
        if gap <= 2 * radius * (1 + 1e-6):
            says = said("A number in this line is cut off, not rounded.")
            return SlipOfLine(k, n, "rounding", CUT_OFF, says)
        pair = _difference(before, tree)
        if pair is None:
            says = said(
                "This is {number}; what stands before it is {before}.",
                number=shown_number(centre),
                before=shown_number(there),
            )
            return SlipOfLine(k, n, "arithmetic", said("arithmetic"), says)
        old, new = pair
        number, expected = number_of(new), centre_and_spread(old)[0]
        stale = next(
            (
                (name, called)
                for v, name, called in reversed(self.history)
                if number and v == number[0]
            ),
            None,
        )
        if stale is not None and isinstance(old, Op):
            says = said(
                "{typed} is the value of {name}; here it is {number}.",
                typed=text_of(new),
                name=stale[1],
                number=shown_number(expected),
            )
            return SlipOfLine(k, n, "arithmetic", said("value of another step reused"), says)
        says = said(
            "{typed} stands where {number} belongs.",
            typed=text_of(new),
            number=shown_number(expected),
        )
        return SlipOfLine(k, n, "arithmetic", said("arithmetic"), says)

    def rounded_early(
        self, k: int, earlier: Sequence[tuple[int | None, Node]], tree: Node
    ) -> SlipOfLine | None:
        """A part rounded to so few digits that the result is another one."""
        number = number_of(tree)
        if number is None or len(earlier) < 2:
            return None
        unit = 10.0 ** number[1]
        try:
            values = [centre_and_spread(one)[0] for _, one in earlier]
        except NoValue:
            return None
        if _near(number[0], values[0], unit):
            return None
        at = next((i for i, v in enumerate(values) if abs(v - values[0]) > 0.25 * unit), 0)
        n, _ = earlier[at]
        if not at or n is None:
            return None
        says = said(
            "A part was rounded to too few digits; with all of them it is {number}.",
            number=shown_number(values[0]),
        )
        return SlipOfLine(k, n, "rounding", said("rounded too early"), says)


def _size(tree: Node) -> int:
    """How many numbers a list has; 1 for anything else."""
    return len(entries_of(tree))


def _has(tree: Node, size: int) -> bool:
    """True for a member with so many numbers."""
    if _size(tree) == size:
        return True
    try:
        return any(value.size == size for value, _ in reach(tree))
    except NoValue:
        return False


def _difference(before: Node, after: Node) -> tuple[Node, Node] | None:
    """The one part in which two members of the same form differ."""
    if (
        isinstance(before, Op)
        and isinstance(after, Op)
        and before.op == after.op
        and len(before.args) == len(after.args)
    ):
        apart = [(a, b) for a, b in zip(before.args, after.args, strict=True) if a != b]
        if len(apart) == 1:
            inner = _difference(*apart[0])
            return inner if inner is not None else apart[0] if is_value(apart[0][1]) else None
        return None
    return (before, after) if is_value(after) else None


def _near(written: float, value: float, unit: float) -> bool:
    return abs(written - value) <= 0.5 * unit * (1 + 1e-6) or _cut(written, value, unit)


def _cut(written: float, value: float, unit: float) -> bool:
    return (
        abs(written) <= abs(value)
        and abs(written - value) < unit * (1 - 1e-9)
        and written * value > 0
    )


def _borrowed(before: Node, written: float) -> bool:
    """Each column subtracted on its own, the smaller digit from the larger."""
    if not (isinstance(before, Op) and before.op == "add" and len(before.args) == 2):
        return False
    a, b = before.args
    if not (
        isinstance(a, Num) and isinstance(b, Op) and b.op == "neg" and isinstance(b.args[0], Num)
    ):
        return False
    unit = 10.0 ** min(a.place, b.args[0].place)
    left, right = round(a.value / unit), round(b.args[0].value / unit)
    columns = sum(abs(left // 10**k % 10 - right // 10**k % 10) * 10**k for k in range(9))
    return bool(columns != abs(left - right) and abs(abs(written) - columns * unit) < unit / 2)


def shown_number(value: float) -> Figure:
    """A number in a sentence."""
    return Figure(f"{value:.{SHOWN_DIGITS}g}")


def text_of(tree: Node) -> str:
    if isinstance(tree, Num):
        return tree.text
    if isinstance(tree, Op) and tree.op == "neg":
        return f"-{text_of(tree.args[0])}"
    return said("this")
