"""Rounding and printing: exactly as in decimal arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnquiz.decimals import Rounding, fixed, plain, tie_distance
from rnnquiz.typed.numerals import Typed, read_number


@given(st.decimals(-1000, 1000, places=6, allow_nan=False))
def test_decimal_text_reads_back(value):
    """Writing a decimal and reading it gives the same value."""
    typed = read_number(f"{value:f}")

    assert isinstance(typed, Typed)
    assert typed.value == Fraction(value)
    assert Fraction(plain(typed.value)) == typed.value


@given(st.integers(-(10**7), 10**7), st.integers(0, 5))
def test_rounding_agrees_with_exact_decimal_half_up(scaled, digits):
    """Rounding a decimal that lies in a binary float is half away from zero, ties included, as in
    exact arithmetic."""
    from decimal import ROUND_HALF_UP, Decimal

    exact = Decimal(scaled).scaleb(-6)
    rule = Rounding("decimals", digits)
    expected = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)

    assert rule.round(np.array([float(exact)]))[0] == float(expected)
    assert Decimal(fixed(float(exact), -digits)) == expected


@given(st.floats(1e-6, 1e6), st.integers(2, 6))
def test_significant_figures_keep_as_many_digits(value, digits):
    """Rounded to s significant figures a value differs by at most half a unit of the s-th figure
    (decimal text as judge)."""
    rounded = Rounding("significant", digits).round(np.array([value]))[0]

    assert rounded == pytest.approx(
        float(f"{value:.{digits - 1}e}"), rel=10.0 ** (1 - digits) * 1.01
    )
    assert float(f"{rounded:.{digits - 1}e}") == pytest.approx(rounded, rel=1e-12)


@pytest.mark.parametrize("value", [-0.0, -1e-9, -0.0004])
def test_there_is_no_negative_zero(value):
    """A value that rounds to zero is printed without a sign."""
    assert Rounding().format(value) == "0.000"


def test_ties_are_found():
    """The distance to a tie is 0 on it and 0.5 at a representable value."""
    assert tie_distance(np.array([0.2145]), Rounding())[0] == pytest.approx(0, abs=1e-9)
    assert tie_distance(np.array([0.214]), Rounding())[0] == pytest.approx(0.5)
