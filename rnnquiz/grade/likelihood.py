"""How likely reasons for one number are, beside one another.

The order is one of tuples, by kind and then by place: places are not added to kinds, so that a
mistake that is put into the catalogue moves no other one against a slip of the hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum


class Likely(IntEnum):
    """Kinds of reasons, the likeliest first.

    The order of the kinds is by what many a number fits by chance: one digit wrong fits more
    numbers than a sign (`tests/benchmarks/names.py` counts the names that are right).
    """

    SEEN_RIGHT = 0  # on a page: the method is right
    SEEN = 1  # on a page: the mistake itself
    EARLY = 2  # rounded too early
    STEP = 3  # a mistake of method in the step itself, over the student's own numbers
    BEFORE = 4  # the same in a step before it, which was not asked or not written
    PLAIN_SLIP = 5  # of the hand: few numbers fit it
    LOOSE_SLIP = 6  # many a number fits it
    STEP_SHORT = 7  # a mistake of method, but in too few digits
    BEFORE_SHORT = 8
    ANY_DIGIT = 9  # nearly any number fits it
    STEP_OF_KEY = 10  # a mistake of method over the numbers of the key
    STEP_OF_KEY_SHORT = 11


IN_FEW_DIGITS = {
    Likely.STEP: Likely.STEP_SHORT,
    Likely.BEFORE: Likely.BEFORE_SHORT,
    Likely.STEP_OF_KEY: Likely.STEP_OF_KEY_SHORT,
}
# Other boxes that count. Of 1604 sheets with one mistake, of all banks (benchmarks/names.py), the
# true one comes first in 96.1 %; with no box that counts in 95.8 %, with one in 95.9 %, with six in
# as many as with three.
MOST_SUPPORT = 3


@dataclass(frozen=True, order=True)
class Rank:
    """Ranks are compared: first the kind, less one for each other box of the student that the same
    mistake explains (`again`), then the kind as it is, then the place in the catalogue."""

    moved: int
    kind: Likely
    place: int = 0

    @classmethod
    def of(cls, kind: Likely, place: int = 0) -> Rank:
        """The rank of a reason of this kind; `place`: of a mistake of method among all of them."""
        return cls(int(kind), kind, place)

    def again(self, others: int) -> Rank:
        """The rank of a mistake that explains other boxes, too: who slips once need not slip again;
        who holds a wrong rule applies it everywhere."""
        support = min(others, MOST_SUPPORT)
        return replace(self, moved=self.kind - support)

    def in_few_digits(self) -> Rank:
        """The rank where the number was not rounded as asked."""
        return Rank.of(IN_FEW_DIGITS[self.kind], self.place)


UNRANKED = Rank.of(Likely.SEEN_RIGHT)  # of what stands alone
