"""The arithmetic of a line: each member of numbers against those before it, within the rounding of
what is written; of vectors and matrices, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import filterfalse
from typing import TypeGuard

from rnnquiz.bank.specification import Bank
from rnnquiz.grade import verdicts
from rnnquiz.languages.sentences import said
from rnnquiz.pages.checking.findings import SlipOfLine, shown_number, text_of
from rnnquiz.pages.checking.last_digits import (
    EXACTLY,
    NOT_QUITE,
    is_cut_from,
    is_nearly,
    is_rounded_from,
    is_without_borrowing,
)
from rnnquiz.pages.mathematics.values import (
    centre_and_spread,
    entries_of,
    entry_in,
    moves,
    number_of,
    reach,
)
from rnnquiz.pages.mathematics.ways import NoValue
from rnnquiz.pages.mathematics.written import Node, Num, Op, is_value, numbers_in

POWERS = (1, -1, 2, -2)  # of ten: by how many places a decimal point is wrong, one place first
CUT_OFF, CUT_OFF_SHORT = verdicts.CUT.name, verdicts.FEW_CUT.name


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
            earlier = [(None, tree) for tree in before]
            yield from self.line(k, [*earlier, *numeric])
            return

        # A product of vectors has as many numbers as the list that it is worked out to.
        def is_whole(row: tuple[int, Node]) -> bool:
            _, tree = row
            return _has(tree, size)

        whole = list(filter(is_whole, numeric))
        for entry in range(size):
            rows = [(n, entry_in(tree, entry, size)) for n, tree in whole]
            for slip in self.line(k, rows):
                yield _of_entry(slip, entry)

    def line(self, k: int, rows: Sequence[tuple[int | None, Node]]) -> Iterator[SlipOfLine]:
        """The members of one number; those of the line before have no place."""
        wrong = False
        for at, (n, tree) in enumerate(rows):
            if n is None or not at:
                continue
            earlier = rows[:at]
            slip = self.step(k, n, [one for _, one in earlier], tree)
            # After a slip every digit is off: what was rounded cannot be told any more.
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
            last = earlier[-1]
            return self.expression(k, n, last, tree)
        except NoValue:
            return None

    def value(self, k: int, n: int, earlier: Sequence[Node], tree: Node) -> SlipOfLine | None:
        """A slip where the value is not what stands before it gives."""
        numeral = number_of(tree)
        if numeral is None:
            return None
        written, place = numeral
        unit = 10.0**place
        # Any of those before it may have been worked out with more digits than were written down.
        values = [_centre(one) for one in earlier]
        if any(is_rounded_from(written, value, unit) for value in values):
            return None
        for value in reversed(values):
            if is_cut_from(written, value, unit):
                number, typed = shown_number(value), text_of(tree)
                says = said("{number} is cut off to {typed}.", number=number, typed=typed)
                return SlipOfLine(k, n, "rounding", self.cut_off(place), says)
        last, right = earlier[-1], values[-1]
        gap = abs(written - right)
        # The numbers in it were perhaps gone on with in full.
        if gap <= 0.5 * unit + self.doubt(last):
            return None
        name, why = self._wrong(tree, written, place, right, last)
        return SlipOfLine(k, n, "arithmetic", name, why)

    def cut_off(self, place: int) -> str:
        """The name of a cut that ends at a place: whether the sheet wants more digits than that."""
        rounding = self.bank.rounding
        # Significant digits are not told from the last place alone.
        if rounding.kind == "decimals" and -place < rounding.digits:
            return CUT_OFF_SHORT
        return CUT_OFF

    def doubt(self, tree: Node) -> float:
        """By how much a member may be off because its numbers are rounded; givens and whole numbers
        are exact."""
        _, ends = moves(tree)
        rounded = filterfalse(self.is_given, ends)
        return sum(ends[leaf] for leaf in rounded)

    def is_given(self, number: Num) -> bool:
        """True for a number that the sheet gives."""
        return number.value in self.givens

    def _wrong(
        self, tree: Node, written: float, place: int, value: float, before: Node
    ) -> tuple[str, str]:
        """The name and the sentence of a result that does not follow."""
        unit = 10.0**place
        right = shown_number(value)
        for power in POWERS:
            shift = 10.0**power
            # The last digit moves with the point.
            if is_nearly(written * shift, value, 10.0 ** (place + power)):
                return said("decimal point"), said(
                    "The digits are right, the decimal point is not: it is {number}.", number=right
                )
        if is_nearly(-written, value, unit):
            return said("sign"), said(
                "The number is right, its sign is not: it is {number}.", number=right
            )
        if is_without_borrowing(before, written):
            return said("subtraction without borrowing"), said(
                "The smaller digit was taken from the larger in each column: it is {number}.",
                number=right,
            )
        if _is_activation(before) and is_nearly(written, _centre(before.args[0]), unit):
            return said("activation forgotten"), said(
                "This is the sum itself; {function} of it is {number}.",
                function=before.op,
                number=right,
            )
        return said("arithmetic"), said(
            "This does not follow from what stands before it: that is {number}.", number=right
        )

    def expression(self, k: int, n: int, before: Node, tree: Node) -> SlipOfLine | None:
        """A member with numbers that were worked out in part, each perhaps rounded."""
        kept = {leaf.text for leaf in numbers_in(before)}
        there, centre = _centre(before), _centre(tree)
        _, ends = moves(tree)

        def is_kept(leaf: Num) -> bool:
            return leaf.text in kept

        # A number that is only copied brings no rounding of its own.
        radius = sum(ends[leaf] for leaf in filterfalse(is_kept, ends))
        gap = abs(there - centre)
        if gap <= radius * NOT_QUITE + EXACTLY:
            return None
        # Cutting off moves a number twice as far as rounding may.
        if gap <= 2 * radius * NOT_QUITE:
            says = said("A number in this line is cut off, not rounded.")
            return SlipOfLine(k, n, "rounding", CUT_OFF, says)
        pair = _difference(before, tree)
        if pair is not None:
            return self.put_in(k, n, *pair)
        says = said(
            "This is {number}; what stands before it is {before}.",
            number=shown_number(centre),
            before=shown_number(there),
        )
        return SlipOfLine(k, n, "arithmetic", said("arithmetic"), says)

    def put_in(self, k: int, n: int, old: Node, new: Node) -> SlipOfLine:
        """A line goes on with another number than the part before gives."""
        expected = shown_number(_centre(old))
        stale = self.stated_as(new)
        typed = text_of(new)
        if stale and isinstance(old, Op):
            says = said(
                "{typed} is the value of {name}; here it is {number}.",
                typed=typed,
                name=stale,
                number=expected,
            )
            return SlipOfLine(k, n, "arithmetic", said("value of another step reused"), says)
        says = said("{typed} stands where {number} belongs.", typed=typed, number=expected)
        return SlipOfLine(k, n, "arithmetic", said("arithmetic"), says)

    def stated_as(self, tree: Node) -> str | None:
        """How the quantity is shown for which a number was stated last; None for none."""
        number = number_of(tree)
        if number is None:
            return None
        looked_for, _ = number
        for value, _, shown in reversed(self.history):
            if value == looked_for:
                return shown
        return None

    def rounded_early(
        self, k: int, earlier: Sequence[tuple[int | None, Node]], tree: Node
    ) -> SlipOfLine | None:
        """A part rounded to so few digits that the result is another one."""
        number = number_of(tree)
        if number is None or len(earlier) < 2:
            return None
        written, place = number
        unit = 10.0**place
        try:
            values = [_centre(one) for _, one in earlier]
        except NoValue:
            return None
        right = values[0]
        if is_nearly(written, right, unit):
            return None
        for (n, _), value in zip(earlier, values, strict=True):
            # The member that brought in at least half of what makes the result round otherwise.
            if abs(value - right) > 0.25 * unit:
                # It stands in the line before, and has no place in this one.
                if n is None:
                    return None
                says = said(
                    "A part was rounded to too few digits; with all of them it is {number}.",
                    number=shown_number(right),
                )
                return SlipOfLine(k, n, "rounding", said("rounded too early"), says)
        return None


def _centre(tree: Node) -> float:
    centre, _ = centre_and_spread(tree)
    return centre


def _of_entry(slip: SlipOfLine, entry: int) -> SlipOfLine:
    """A finding at one entry of a vector, said of that entry."""
    says = said("Entry {entry}: {says}", entry=entry + 1, says=slip.says)
    return replace(slip, says=says, entry=entry)


def _is_activation(tree: Node) -> TypeGuard[Op]:
    return isinstance(tree, Op) and tree.op in ("tanh", "sigmoid")


def _size(tree: Node) -> int:
    """How many numbers a list has; 1 for anything else."""
    return len(entries_of(tree))


def _has(tree: Node, size: int) -> bool:
    """True for a member with so many numbers."""
    if _size(tree) == size:
        return True
    try:
        values = [value for value, _ in reach(tree)]
    except NoValue:
        return False
    return any(value.size == size for value in values)


def _difference(before: Node, after: Node) -> tuple[Node, Node] | None:
    """The one part in which two members of the same form differ."""
    if isinstance(before, Op) and isinstance(after, Op) and _same_form(before, after):
        pairs = zip(before.args, after.args, strict=True)
        apart = list(filter(_differ, pairs))
        if len(apart) != 1:
            return None
        (only,) = apart
        inner = _difference(*only)
        if inner is not None:
            return inner
        _, worked_out = only
        return only if is_value(worked_out) else None
    if is_value(after):
        return (before, after)
    return None


def _differ(pair: tuple[Node, Node]) -> bool:
    before, after = pair
    return before != after


def _same_form(before: Op, after: Op) -> bool:
    if before.op != after.op:
        return False
    return len(before.args) == len(after.args)
