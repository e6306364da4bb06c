"""The verdict on a box from how it stands and how it is written; what is said of it beside a
diagnosis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rnnquiz.algebra.expression import Expression
from rnnquiz.bank.verdict import Verdict
from rnnquiz.grade.likelihood import UNRANKED, Likely, Rank
from rnnquiz.grade.states import Standing, Writing
from rnnquiz.languages.sentences import said


@dataclass(frozen=True)
class Explanation:
    """One reason for a number. `basis`: over whose numbers. `formula`: the mistaken formula, if it
    is one."""

    id: str
    name: str
    says: str
    verdict: Verdict
    rank: Rank = UNRANKED
    basis: str = "own"
    formula: Expression | None = None
    detail: str = ""

    @property
    def is_misconception(self) -> bool:
        """True where the reason is a registered mistake of method, no slip."""
        return self.verdict == Verdict.MISCONCEPTION

    @property
    def takes_work(self) -> bool:
        """True where nobody gets this number who has not worked out the right one: not by
        copying."""
        copied = self.id in (COPIED.id, STALE.id)
        return not copied and self.verdict != Verdict.WRONG


# What is said of them names the box that was copied (`other_causes`).
COPIED = Explanation(
    "S6", said("wrong quantity copied"), "", Verdict.SLIP, Rank.of(Likely.LOOSE_SLIP, 1)
)
STALE = Explanation(
    "S7", said("value of another step reused"), "", Verdict.SLIP, Rank.of(Likely.LOOSE_SLIP, 0)
)
COPIES = (COPIED, STALE)
CUT = Explanation(
    "S10",
    said("cut off instead of rounded"),
    said("The digits after the last one asked were cut off; round instead."),
    Verdict.ROUNDING,
)
FEW = Explanation(
    "S11",
    said("too few digits"),
    said("The value is right, but written to fewer digits than asked."),
    Verdict.ROUNDING,
)
FEW_CUT = Explanation(
    "S12",
    said("too few digits, cut off"),
    said("The value is cut off, and written to fewer digits than asked."),
    Verdict.ROUNDING,
)
SURPLUS = Explanation(
    "S13",
    said("too many digits"),
    said("The value is right, but written to more digits than asked."),
    Verdict.ROUNDING,
)
OFF_BY_ONE = Explanation(
    "S14",
    said("last digit off by one"),
    said(
        "The last digit is one too large or too small, as when a rounded number is rounded again."
    ),
    Verdict.ROUNDING,
)
CONSTANT = Explanation(
    "X1",
    said("one number everywhere"),
    said("Nearly all boxes hold the same number."),
    Verdict.WRONG,
)
STRANGER = Explanation(
    "X2",
    said("not the numbers of this sheet"),
    said("This agrees with your other boxes, but those do not belong to the numbers given."),
    Verdict.WRONG,
)
PARTLY_STRANGER = Explanation(
    "X4",
    said("few boxes belong to the numbers given"),
    said("This agrees with your other boxes, of which few belong to the numbers given."),
    Verdict.FOLLOW_THROUGH,
)
IDLE = Explanation(
    "X3",
    said("nothing was left to compute"),
    said(
        "From the numbers before it this value follows without computing; "
        "it counts as far as the rest of your sheet shows work."
    ),
    Verdict.FOLLOW_THROUGH,
)
LITTLE_WORK = Explanation(
    "X5",
    said("hardly any work is shown"),
    said(
        "This agrees with your other boxes, but hardly any of them is worked out; "
        "it counts as far as your sheet shows work."
    ),
    Verdict.FOLLOW_THROUGH,
)

SEEN_ON_THE_SHEET = (CONSTANT, STRANGER, IDLE, PARTLY_STRANGER, LITTLE_WORK)
"""What is said of a box for what the whole sheet shows."""

REMARKS = {
    Writing.CUT: CUT,
    Writing.SHORT: FEW,
    Writing.SHORT_CUT: FEW_CUT,
    Writing.SURPLUS: SURPLUS,
    Writing.OFF_BY_ONE: OFF_BY_ONE,
}


Judgement = tuple[Verdict, tuple[Explanation, ...]]


@lru_cache
def judgements(surplus_digits: str, missing_digits: str) -> tuple[tuple[Judgement, ...], ...]:
    """The verdict and what is said, for each standing (rows) and writing (columns); OPEN boxes are
    left to the diagnosis ("wrong" without one).

    The policy decides only how a number is written counts, never how it stands.
    """
    rows = []
    for standing in Standing:
        row = [_verdict(standing, how, surplus_digits, missing_digits) for how in Writing]
        rows.append(tuple(row))
    return tuple(rows)


@lru_cache
def verdict_names(surplus_digits: str, missing_digits: str) -> tuple[tuple[Verdict, ...], ...]:
    """The name of the verdict, likewise."""
    rows = []
    for row in judgements(surplus_digits, missing_digits):
        rows.append(tuple(name for name, _ in row))
    return tuple(rows)


def _verdict(
    standing: Standing, writing: Writing, surplus_digits: str, missing_digits: str
) -> Judgement:
    if standing == Standing.BLANK:
        return Verdict.BLANK, ()
    if standing == Standing.UNREAD:
        return Verdict.UNREADABLE, ()
    # A number that is right or follows always fits; the table of credits has a place for others.
    if standing == Standing.OPEN or writing == Writing.NOT_FITTING:
        return Verdict.WRONG, ()
    as_asked = Verdict.CORRECT if standing == Standing.RIGHT else Verdict.FOLLOW_THROUGH
    if writing == Writing.AS_ASKED:
        return as_asked, ()
    if writing == Writing.SURPLUS:
        return (Verdict.ROUNDING, (SURPLUS,)) if surplus_digits == "rounding" else (as_asked, ())
    if writing in (Writing.SHORT, Writing.SHORT_CUT):
        # The remark is made also where too few digits cost nothing.
        verdict = as_asked if missing_digits == "correct" else Verdict(missing_digits)
        return verdict, (REMARKS[writing],)
    return Verdict.ROUNDING, (REMARKS[writing],)
