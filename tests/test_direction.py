"""Text from right to left stays within its own run (Unicode Standard Annex 9)."""

import unicodedata
from itertools import product

import pytest

from rnnquiz.direction import CONTROLS, isolated, without_controls

OPENS = {
    "LRE": "PDF",
    "RLE": "PDF",
    "LRO": "PDF",
    "RLO": "PDF",
    "LRI": "PDI",
    "RLI": "PDI",
    "FSI": "PDI",
}


def left_open(text):
    """What is open at the end of a text, by the rules X1 to X8; closers that match nothing are an
    error."""
    stack = []
    for sign in text:
        kind = unicodedata.bidirectional(sign)
        if kind in OPENS:
            stack.append(OPENS[kind])
        elif kind in ("PDF", "PDI"):
            assert stack, "closes what others opened"
            assert stack.pop() == kind
    return stack


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_whatever_is_opened_is_closed_within(length):
    """Any sequence of signs of direction becomes one run, with all letters in their order, and
    isolating it once more changes nothing."""
    for signs in product("\u2068\u202e\u202c\u2069\u05d0", repeat=length):
        text = "a" + "b".join(signs) + "c"
        made = isolated(text)

        assert left_open(made) == []
        assert (made[0], made[-1]) == ("\u2068", "\u2069")
        assert left_open(made[:-1]) == ["PDI"]
        assert isolated(made) == made
        assert without_controls(made) == without_controls(text)


@pytest.mark.parametrize("text", ["Ada Lovelace", "Nguyễn", "Ελένη", "李明", "a[1] = 0.5", ""])
def test_text_from_left_to_right_is_left_as_it_is(text):
    """Nothing is put into what turns nothing."""
    assert isolated(text) == text


def test_two_runs_are_not_one():
    """Two isolated names beside one another are put into one run."""
    two = "\u2068\u05d0\u2069, \u2068\u05d1\u2069"
    assert isolated(two) == f"\u2068{two}\u2069"


def test_all_signs_of_direction_are_known():
    """Unicode's own list: every embedding, override, isolate, their ends, and the three marks."""
    kinds = {*OPENS, "PDF", "PDI"}
    found = {chr(k) for k in range(0x110000) if unicodedata.bidirectional(chr(k)) in kinds}
    assert found | {"\u200e", "\u200f", "\u061c"} == CONTROLS
