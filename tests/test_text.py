"""Text as it looks: what cannot be seen makes no difference."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnquiz.text import visible

UNSEEN = [
    "\u200b",
    "\u200c",
    "\u200d",
    "\u200e",
    "\u200f",
    "\u202a",
    "\u202c",
    "\u2060",
    "\u2061",
    "\u2066",
    "\u2069",
    "\ufeff",
    "\u00ad",
    "\u061c",
    "\u034f",
    "\u180e",
    "\u3164",
    "\uffa0",
    "\ufe0e",
    "\ufe0f",
    "\U000e0100",
    "\U000e0041",
    "\x00",
    "\x7f",
    "\x08",
]
BLANKS = [
    "\u00a0",
    "\u2007",
    "\u2009",
    "\u200a",
    "\u202f",
    "\u205f",
    "\u3000",
    "\u1680",
    "\u2800",
    "\t",
    "\n",
    "\u2028",
    "\u0085",
]


@pytest.mark.parametrize("mark", UNSEEN)
@given(data=st.data())
def test_what_cannot_be_seen_makes_no_difference(mark, data):
    """A text with characters without a glyph anywhere in it is the text without them."""
    text = data.draw(st.sampled_from(["h[1]", "-0.604", "dL[3]/dU", "s17", "abcd-efg-hij"]))
    at = data.draw(st.integers(0, len(text)))
    assert visible(text[:at] + mark + text[at:]) == text


@pytest.mark.parametrize("blank", BLANKS)
def test_every_blank_is_a_space(blank):
    """Whatever leaves a gap is a plain space, and none at the ends."""
    assert visible(f"{blank}a{blank}b{blank}") == "a b"


@given(st.text())
def test_what_can_be_seen_stays(text):
    """Letters, digits, marks and signs stay as they are and in their order, and seeing twice
    changes nothing."""
    seen = visible(text)
    kept = [
        c
        for c in text
        if unicodedata.category(c)[0] in "LNPS" and c not in "\u115f\u1160\u3164\uffa0\u2800"
    ]

    assert [c for c in seen if unicodedata.category(c)[0] in "LNPS"] == kept
    assert visible(seen) == seen
