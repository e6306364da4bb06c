"""The elementwise functions: value, derivative, how far a linearisation can be off, and how they
are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnnquiz.algebra.prints import Prints
from rnnquiz.decimals import Array

# Brackets in a row of their own, after the sign for a function that is applied: no space belongs
# between them.
APPLIED = "<mo>&#8289;</mo><mrow><mo>(</mo>{0}<mo>)</mo></mrow>"
LARGEST_COSH = 350.0  # its square is still a float; 1 over it has been zero for long


@dataclass(frozen=True)
class Function:
    """An elementwise function: its value, derivative by argument u and (where usual) by output v,
    and a remainder bound.

    `activation`: a bank may choose it as the activation of a cell; `steepest` is its largest
    derivative then. `kinked` functions have a flat side and a kink at zero. `meant`: what it stands
    for, where its name is not what everybody calls it.
    """

    value: Callable[[Array], Array]
    by_argument: str
    by_output: str
    remainder: Callable[[Array, Array], Array]
    prints: Prints[str]
    steepest: float = 1.0
    kinked: bool = False
    activation: bool = False
    meant: str = ""


def smooth(curvature: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    """Taylor: half the largest second derivative on [c - r, c + r] times r squared."""
    # Without an error nothing is left out, also where the curvature is infinite: inf * 0 is NaN.
    return lambda c, r: np.where(r == 0, 0.0, 0.5 * curvature(c, r) * r**2)


def beyond(c: Array, r: Array, formula: Callable[[Array], Array]) -> Array:
    """`formula` at the end of the interval nearest to zero; infinite where the interval reaches
    zero."""
    nearest = np.abs(c) - r
    apart = nearest > 0
    # The formula is computed everywhere, and 1 is harmless to all of them.
    value = formula(np.where(apart, nearest, 1.0))
    return np.where(apart, value, np.inf)


def _tan_curvature(c: Array, r: Array) -> Array:
    low, high = c - r, c + r
    # Poles lie at odd multiples of pi/2; between two of them the branch has one number.
    pole = _branch(low) != _branch(high)
    end = np.maximum(np.abs(np.tan(low)), np.abs(np.tan(high)))
    curvature = 2 * end * (1 + end**2)
    return np.where(pole, np.inf, curvature)


def _branch(u: Array) -> Array:
    """The number of the branch of the tangent."""
    return np.floor(u / np.pi + 0.5)


def _sqrt_remainder(c: Array, r: Array) -> Array:
    """Concave: the tangent is furthest off at an end of the interval; at zero, where there is no
    tangent, the range itself."""
    with np.errstate(all="ignore"):
        centre = np.sqrt(c)
        # Below zero there is no root: of an interval that reaches there the rest counts.
        low = np.sqrt(np.maximum(c - r, 0.0))
        high = np.sqrt(np.maximum(c + r, 0.0))
        reach = r / (2 * centre)
        below = np.abs(centre - reach - low)
        above = np.abs(centre + reach - high)
        return np.where(c > 0, np.maximum(below, above), high)


def _sigmoid(u: Array) -> Array:
    """No exponential of a large number is taken."""
    size = np.abs(u)
    power = np.exp(-size)
    whole = 1 + power
    return np.where(u >= 0, 1 / whole, power / whole)


def _sech2(u: Array) -> Array:
    within = np.clip(u, -LARGEST_COSH, LARGEST_COSH)
    squared: Array = 1 / np.cosh(within) ** 2
    return squared


def _relu_remainder(c: Array, r: Array) -> Array:
    # Off by the whole error where the value may be on either side of the kink.
    across = np.abs(c) < r
    return np.where(across, r, 0.0)


def _step_remainder(c: Array, r: Array) -> Array:
    # A number without an error needs no bound, not even right at the step.
    across = (np.abs(c) <= r) & (r > 0)
    return np.where(across, 1.0, 0.0)


def _constant(most: float) -> Callable[[Array, Array], Array]:
    """A remainder from a bound of the second derivative that holds everywhere."""
    return smooth(lambda c, r: np.full_like(c, most))


def _named(latex: str, text: str, mathml: str | None = None) -> Prints[str]:
    # Typst sets the same sign as MathML.
    word = mathml or text
    # A name of one letter slants, as in LaTeX and MathML; Typst sets all text upright.
    typst = f'italic("{word}")' if len(word) == 1 else f'"{word}"'
    in_latex, in_text = latex + r"\left({0}\right)", text + "({0})"
    in_mathml = f"<mrow><mi>{word}</mi>{APPLIED}</mrow>"
    return Prints(in_latex, f"op({typst})({{0}})", in_mathml, in_text)


# Largest second derivatives: of tanh 4 / (3 sqrt(3)) = 0.7698, of the sigmoid 1 / (6 sqrt(3)) =
# 0.0962, of sech2 2 (at zero), of sine and cosine 1.
FUNCTIONS: dict[str, Function] = {
    "tanh": Function(
        np.tanh,
        "sech2(u)",
        "1 - v**2",
        _constant(0.77),
        _named(r"\tanh", "tanh"),
        activation=True,
    ),
    "sech2": Function(
        _sech2,
        "-2*tanh(u)*sech2(u)",
        "",
        _constant(2.0),
        Prints(
            r"\operatorname{{sech}}^{{2}}\left({0}\right)",
            'op("sech")^2({0})',
            f"<mrow><msup><mi>sech</mi><mn>2</mn></msup>{APPLIED}</mrow>",
            "sech2({0})",
        ),
        meant="1 - tanh(u)**2",
    ),
    "sigmoid": Function(
        _sigmoid,
        "sigmoid(u)*(1 - sigmoid(u))",
        "v*(1 - v)",
        _constant(0.0963),
        _named(r"\sigma", "sigmoid", "σ"),
        0.25,
        activation=True,
        meant="1/(1 + exp(-u))",
    ),
    "relu": Function(
        lambda u: np.maximum(u, 0.0),
        "step(u)",
        "step(v)",
        _relu_remainder,
        _named(r"\operatorname{{relu}}", "relu"),
        kinked=True,
        activation=True,
        meant="maximum(0, u)",
    ),
    "step": Function(
        lambda u: np.where(u > 0, 1.0, 0.0),
        "0*u",
        "",
        _step_remainder,
        _named(r"\operatorname{{step}}", "step"),
        kinked=True,
    ),
    "exp": Function(
        np.exp, "exp(u)", "v", smooth(lambda c, r: np.exp(c + r)), _named(r"\exp", "exp")
    ),
    "log": Function(
        np.log,
        "1/u",
        "",
        smooth(lambda c, r: beyond(c, r, lambda e: 1 / e**2)),
        _named(r"\ln", "log", "ln"),
    ),
    "sqrt": Function(
        np.sqrt,
        "1/2*u**(-1/2)",
        "1/2*v**(-1)",
        _sqrt_remainder,
        Prints(r"\sqrt{{{0}}}", "sqrt({0})", "<msqrt>{0}</msqrt>", "sqrt({0})"),
    ),
    "tan": Function(
        np.tan, "1 + tan(u)**2", "1 + v**2", smooth(_tan_curvature), _named(r"\tan", "tan")
    ),
    "sin": Function(np.sin, "cos(u)", "", _constant(1.0), _named(r"\sin", "sin")),
    "cos": Function(np.cos, "-sin(u)", "", _constant(1.0), _named(r"\cos", "cos")),
}
