"""The arithmetic of a line: each member of numbers against those before it, within the rounding of
what is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rnnquiz.bank.specification import Bank
from rnnquiz.grade import verdicts
from rnnquiz.models.misconceptions import Misconception
from rnnquiz.pages.formulas import number_of
from rnnquiz.pages.values import NoValue, spread, value
from rnnquiz.pages.written import Node, Num, Op, is_value, numbers_in

EXACTLY = 1e-9
POWERS = (1, -1, 2, -2)
CUT, FEW_CUT = verdicts.CUT.name, verdicts.FEW_CUT.name
SHOWN = 5  # significant digits of a value in a sentence


@dataclass(frozen=True)
class Slip:
    """A finding at one member of a line. `kind`: arithmetic, rounding, numbers or formula. `rule`:
    the registered mistake that the formula is."""

    chain: int
    member: int
    kind: str
    name: str
    says: str
    rule: Misconception | None = None


@dataclass(frozen=True)
class Arithmetic:
    """`history`: the numbers stated so far, of which quantity, and its name as it is shown."""

    bank: Bank
    givens: frozenset[float]
    history: list[tuple[float, str, str]]

    def of(
        self, k: int, before: Sequence[Node], numeric: Sequence[tuple[int, Node]]
    ) -> Iterator[Slip]:
        """Each member of numbers against those before it."""
        earlier, wrong = list(before), False
        for n, tree in numeric:
            if earlier:
                slip = self.step(k, n, earlier, tree)
                if slip is None and is_value(tree) and not wrong:
                    slip = self.rounded_early(k, numeric, earlier, tree)
                if slip is not None:
                    wrong |= slip.name not in (CUT, FEW_CUT)
                    yield slip
            earlier.append(tree)

    def step(self, k: int, n: int, earlier: Sequence[Node], tree: Node) -> Slip | None:
        """What is wrong with a member after those before it; None where nothing is."""
        try:
            if is_value(tree) and isinstance(tree, (Num, Op)):
                return self.value(k, n, earlier, tree)
            return self.expression(k, n, earlier[-1], tree)
        except (NoValue, TypeError, ValueError):
            return None

    def value(self, k: int, n: int, earlier: Sequence[Node], tree: Node) -> Slip | None:
        number = number_of(tree)
        if number is None:
            return None
        written, place = number
        unit = 10.0**place
        values = [spread(one)[0] for one in earlier]
        if any(abs(written - value) <= 0.5 * unit * (1 + 1e-6) + EXACTLY for value in values):
            return None
        cut = [
            v
            for v in values
            if abs(written) <= abs(v) and abs(written - v) < unit * (1 - 1e-9) and written * v >= 0
        ]
        if cut:
            few = self.bank.rounding.kind == "decimals" and -place < self.bank.rounding.digits
            name = FEW_CUT if few else CUT
            return Slip(k, n, "rounding", name, f"{show(cut[-1])} is cut off to {text_of(tree)}.")
        if abs(written - values[-1]) <= 0.5 * unit + self.doubt(earlier[-1]):
            return None  # the numbers in it were perhaps gone on with in full
        return Slip(k, n, "arithmetic", *self._wrong(tree, written, place, values[-1], earlier[-1]))

    def doubt(self, tree: Node) -> float:
        """By how much a member may be off because its numbers are rounded; givens and whole numbers
        are exact."""
        leaves = [
            leaf
            for leaf in dict.fromkeys(numbers_in(tree))
            if leaf.place < 0 and leaf.value not in self.givens
        ]
        return sum(_moves(tree, leaf, spread(tree)[0]) for leaf in leaves)

    def _wrong(
        self, tree: Node, written: float, place: int, value: float, before: Node
    ) -> tuple[str, str]:
        """The name and the sentence of a result that does not follow."""
        for power in POWERS:
            if _near(written * 10.0**power, value, 10.0 ** (place + power)):
                return (
                    "decimal point",
                    f"The digits are right, the decimal point is not: it is {show(value)}.",
                )
        if _near(-written, value, 10.0**place):
            return "sign", f"The number is right, its sign is not: it is {show(value)}."
        if _borrowed(before, written):
            return (
                "subtraction without borrowing",
                f"The smaller digit was taken from the larger in each column: it is {show(value)}.",
            )
        if (
            isinstance(before, Op)
            and before.op in ("tanh", "sigmoid")
            and _near(written, spread(before.args[0])[0], 10.0**place)
        ):
            return (
                "activation forgotten",
                f"This is the sum itself; {before.op} of it is {show(value)}.",
            )
        return (
            "arithmetic",
            f"This does not follow from what stands before it: that is {show(value)}.",
        )

    def expression(self, k: int, n: int, before: Node, tree: Node) -> Slip | None:
        """A member with numbers that were worked out in part, each perhaps rounded."""
        kept = {leaf.text for leaf in numbers_in(before)}
        there, centre = spread(before)[0], spread(tree)[0]
        rest = [leaf for leaf in numbers_in(tree) if leaf.text not in kept and leaf.place < 0]
        radius = sum(_moves(tree, leaf, centre) for leaf in dict.fromkeys(rest))
        gap = abs(there - centre)
        if gap <= radius * (1 + 1e-6) + EXACTLY:
            return None
        if gap <= 2 * radius * (1 + 1e-6):
            return Slip(k, n, "rounding", CUT, "A number in this line is cut off, not rounded.")
        pair = _difference(before, tree)
        if pair is None:
            return Slip(
                k,
                n,
                "arithmetic",
                "arithmetic",
                f"This is {show(centre)}; what stands before it is {show(there)}.",
            )
        old, new = pair
        number, expected = number_of(new), spread(old)[0]
        stale = next(
            (
                (name, shown)
                for v, name, shown in reversed(self.history)
                if number and v == number[0]
            ),
            None,
        )
        if stale is not None and isinstance(old, Op):
            return Slip(
                k,
                n,
                "arithmetic",
                "value of another step reused",
                f"{text_of(new)} is the value of {stale[1]}; here it is {show(expected)}.",
            )
        return Slip(
            k,
            n,
            "arithmetic",
            "arithmetic",
            f"{text_of(new)} stands where {show(expected)} belongs.",
        )

    def rounded_early(
        self, k: int, numeric: Sequence[tuple[int, Node]], earlier: Sequence[Node], tree: Node
    ) -> Slip | None:
        """A part rounded to so few digits that the result is another one."""
        number = number_of(tree)
        if number is None or len(earlier) < 2:
            return None
        unit = 10.0 ** number[1]
        try:
            values = [spread(one)[0] for one in earlier]
        except (NoValue, TypeError, ValueError):
            return None
        if _near(number[0], values[0], unit):
            return None
        at = next(
            (i for i, value in enumerate(values) if abs(value - values[0]) > 0.25 * unit), None
        )
        if at is None:
            return None
        places = [n for n, one in numeric if one is earlier[at]]
        if not places:
            return None
        return Slip(
            k,
            places[0],
            "rounding",
            "rounded too early",
            f"A part was rounded to too few digits; with all of them it is {show(values[0])}.",
        )


def _moves(tree: Node, leaf: Num, centre: float) -> float:
    """By how much the value moves while a number moves by half of its last digit."""
    return max(abs(float(value(tree, {leaf: by})) - centre) for by in (leaf.half, -leaf.half))


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


def show(value: float) -> str:
    return f"{value:.{SHOWN}g}"


def text_of(tree: Node) -> str:
    if isinstance(tree, Num):
        return tree.text
    return f"-{text_of(tree.args[0])}" if isinstance(tree, Op) and tree.op == "neg" else "this"
