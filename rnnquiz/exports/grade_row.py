"""What a gradebook says of one student, and how marks are written in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class GradeRow:
    """One student's line of the gradebook; `marks` is None where nothing was handed in.

    `exercises`: marks and maximum of each problem, where a sheet has several. `attempt`: which
    attempt the marks are of, in words, and `attempts` the marks of each, where there are several.
    `assignments`: marks and maximum of each assignment of a term. `days`: how many days late it
    was, and `taken_off` the marks that this has cost, which are no part of `marks`.
    """

    id: str
    name: str
    email: str
    marks: float | None
    maximum: float
    skills: dict[str, tuple[float, float]]
    verdicts: dict[str, int]
    first_wrong: str
    status: str
    exercises: dict[int, MarksAndMaximum] = field(default_factory=dict)
    attempt: str = ""
    attempts: dict[int, float] = field(default_factory=dict)
    assignments: dict[str, MarksAndMaximum] = field(default_factory=dict)
    days: int = 0
    taken_off: float = 0.0


MarksAndMaximum = tuple[float, float]


def two_places(marks: float) -> str:
    """Marks to two decimals, a half rounded up: in favour of the student, and not as the last bit
    of a binary number falls."""
    # Six decimals first: 0.125 that came out as 0.12499999 is a half all the same.
    exact = Decimal(f"{marks:.6f}")
    return str(exact.quantize(_CENT, ROUND_HALF_UP))


_CENT = Decimal("0.01")
