"""The value that a line ends with: of several, and with names behind it, the one that counts."""

from __future__ import annotations

from rnnquiz.pages.mathematics.values import number_of
from rnnquiz.pages.mathematics.written import Node, is_value
from rnnquiz.pages.meaning.known import holds
from rnnquiz.pages.stated.chains import Chain, end_of


def value_at_end(chain: Chain, digits: int) -> Node | None:
    """The value that a chain ends with; names may stand behind it. Of a number and a rounder
    one behind it with fewer than `digits` decimals, which the sheet asks for, the first."""
    last = end_of(chain)
    if last is None or last.tree is None or not is_value(last.tree):
        return None
    at = chain.members.index(last)
    before, value = chain.members[at - 1].tree, number_of(last.tree)
    # Member 0 is the left side: only from member 2 on a number can stand before the last one.
    if at < 2 or before is None or value is None or not is_value(before):
        return last.tree
    finer = number_of(before)
    if finer is None:
        return last.tree
    _, last_place = value
    exact, finer_place = finer
    # The sheet asks for no more digits than the rounder one has.
    if last_place <= -digits:
        return last.tree
    if finer_place >= last_place or not holds(value, exact):
        return last.tree
    return before
