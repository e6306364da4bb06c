"""Two facts about a box: how it stands to the numbers before it, and how its number is written."""

from __future__ import annotations

from enum import IntEnum


class Standing(IntEnum):
    """Whether the number fits, and to what.

    RIGHT: it fits the right numbers before it (the student's own ones as far as these are right),
    or the numbers of the key. FOLLOWS: it fits the student's own numbers, some of which are wrong.
    OPEN: it fits neither, or not at all; the diagnosis looks for the reason.
    """

    # Their numbers are the rows of `verdict_names`, by which credits are looked up.
    BLANK = 0
    RIGHT = 1
    FOLLOWS = 2
    OPEN = 3
    UNREAD = 4


class Writing(IntEnum):
    """How a number that fits is written; the earlier ones are the better ones."""

    # Their order is compared: up to SURPLUS a number counts as written as asked.
    AS_ASKED = 0
    SURPLUS = 1
    CUT = 2
    SHORT = 3
    SHORT_CUT = 4
    OFF_BY_ONE = 5
    NOT_FITTING = 6
