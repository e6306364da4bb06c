"""Typed numbers and rounding: every kind of writing, exactly, and nothing ambiguous guessed."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnquiz.decimals import Rounding, Typed, Unreadable, fixed, plain, read_number, tie_distance

READ = [
    ("0.0048", "0.0048", -4), ("+.5", "0.5", -1), ("5.", "5", 0), ("4.8e-3", "0.0048", -4), ("4.8E-3", "0.0048", -4),
    ("\u22120.17", "-0.17", -2), ("\uff0d0.17", "-0.17", -2), ("\u20130.17", "-0.17", -2), ("- 0.5", "-0.5", -1), ("1,5", "1.5", -1),
    ("0,234", "0.234", -3), ("1 000", "1000", 0), ("1\u00a0000", "1000", 0), ("1\u2009000.5", "1000.5", -1),
    ("4.8x10^-3", "0.0048", -4), ("4.8*10**-3", "0.0048", -4), ("4.8\u00d710\u207b\u00b3", "0.0048", -4), ("4.8\u00b710^-3", "0.0048", -4),
    (r"4.8\cdot10^{-3}", "0.0048", -4), ("4.8 x 10^{-3}", "0.0048", -4), ("1,234.5", "1234.5", -1), ("1.234.567,5", "1234567.5", -1),
    ("\uff10.\uff15", "0.5", -1), ("-0", "0", 0), ("0.50", "0.5", -2), ("  0.604 ", "0.604", -3),
]  # fmt: skip

REFUSED = [
    "1,234", "1.234,5", "5%", "1_000", "\u0663", "nan", "inf", "-inf", "1e400", "1e999999999", "1/0", "0.5 or 0.6", "1..2", "--1",
    "0x10", "1e", "e5", "abc", "5x103", "1" * 41, "½", "0.5;0.6", "1,2,3",
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "place"), READ)
def test_every_usual_writing_of_a_number_is_read_exactly(text, value, place):
    """A typed number is read as its exact decimal value, with the exponent of the last digit written."""
    typed = read_number(text)
    assert isinstance(typed, Typed)
    assert typed.value == Fraction(value)
    assert typed.last_place == place


def test_a_quotient_is_exact():
    """a/b is the exact quotient; it has no last place."""
    assert read_number("-1/3") == Typed(Fraction(-1, 3), None)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_ambiguous_or_no_number_is_unreadable_with_a_reason(text):
    """Nothing ambiguous is guessed, and what is no number is never zero."""
    found = read_number(text)
    assert isinstance(found, Unreadable)
    assert len(found.reason) > 15


@pytest.mark.parametrize("text", ["", "   ", "-", "?", "n/a", "None"])
def test_nothing_written_is_blank(text):
    """A blank is None, neither unreadable nor zero."""
    assert read_number(text) is None


@given(st.text(max_size=60))
def test_no_text_raises(text):
    """Any text gives a number, a reason or None."""
    assert isinstance(read_number(text), Typed | Unreadable | type(None))


@given(st.decimals(-1000, 1000, places=6, allow_nan=False))
def test_decimal_text_reads_back(value):
    """Writing a decimal and reading it gives the same value."""
    typed = read_number(f"{value:f}")
    assert isinstance(typed, Typed)
    assert typed.value == Fraction(value)
    assert Fraction(plain(typed.value)) == typed.value


@given(st.integers(-10**7, 10**7), st.integers(0, 5))
def test_rounding_agrees_with_exact_decimal_half_up(scaled, digits):
    """Rounding a decimal that lies in a binary float is half away from zero, ties included, as in exact arithmetic."""
    from decimal import ROUND_HALF_UP, Decimal

    exact = Decimal(scaled).scaleb(-6)
    rule = Rounding("decimals", digits)
    expected = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    assert rule.round(np.array([float(exact)]))[0] == float(expected)
    assert Decimal(fixed(float(exact), -digits)) == expected


@given(st.floats(1e-6, 1e6), st.integers(2, 6))
def test_significant_figures_keep_as_many_digits(value, digits):
    """Rounded to s significant figures a value differs by at most half a unit of the s-th figure (decimal text as judge)."""
    rounded = Rounding("significant", digits).round(np.array([value]))[0]
    assert rounded == pytest.approx(float(f"{value:.{digits - 1}e}"), rel=10.0 ** (1 - digits) * 1.01)
    assert float(f"{rounded:.{digits - 1}e}") == pytest.approx(rounded, rel=1e-12)


@pytest.mark.parametrize("value", [-0.0, -1e-9, -0.0004])
def test_there_is_no_negative_zero(value):
    """A value that rounds to zero is printed without a sign."""
    assert Rounding().format(value) == "0.000"


def test_ties_are_found():
    """The distance to a tie is 0 on it and 0.5 at a representable value."""
    assert tie_distance(np.array([0.2145]), Rounding())[0] == pytest.approx(0, abs=1e-9)
    assert tie_distance(np.array([0.214]), Rounding())[0] == pytest.approx(0.5)
