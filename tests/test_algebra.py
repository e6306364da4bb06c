"""The language of equations, shapes, typesetting and rewriting."""

import contextlib
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import iv

from rnnquiz.algebra.affine import uncertain
from rnnquiz.algebra.expression import Apply, Ref, Timed
from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.operations import OPERATIONS, bound, value_of
from rnnquiz.algebra.parser import EquationError, parse_equations, parse_expression
from rnnquiz.algebra.rewrite import parse_rewrite, rewritten
from rnnquiz.algebra.shapes import ShapeError
from rnnquiz.algebra.shown_numbers import value_piece
from rnnquiz.algebra.shown_symbols import symbol, symbol_leaf
from rnnquiz.algebra.specialise import specialise
from rnnquiz.algebra.symbols import parse_symbol
from rnnquiz.algebra.targets import FORMULA_TARGETS, LATEX, MATHML, TEXT, TYPST
from rnnquiz.algebra.typeset import typeset
from rnnquiz.algebra.writing import WRITTEN_FORMS

HOSTILE = [
    "__import__('os').system('true')",
    "(lambda: 1)()",
    "x.__class__",
    "open('f')",
    "[x for x in y]",
    "f'{x}'",
    "x if y else z",
    "x := 1",
    "x[0:1]",
    "x['t']",
    "x[t, 1]",
    "tanh()",
    "tanh(x, y)",
    "sinh(x)",
    "x ** y",
    "x // y",
    "x % y",
    "x and y",
    "'text'",
    "1e5",
    "0x1",
    "True",
    "(" * 60 + "x" + ")" * 60,
    "-" * 300 + "x",
    "x" * 3000,
    "",
    "x +",
    "h[u]",
    "h[2*t]",
    "\x00",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_formula_is_refused_with_a_column(text):
    """Only the language of equations is read; everything else is an EquationError."""
    with pytest.raises(EquationError) as error:
        parse_expression(text)
    assert error.value.column >= 1


@given(st.text(alphabet="xyht[]()+-*/@.,012 tanhsum_", max_size=40))
def test_no_formula_text_raises_anything_else(text):
    """The parser gives a tree or an EquationError."""
    with contextlib.suppress(EquationError):
        parse_expression(text)


def test_an_equation_error_names_its_line():
    """The message of a mistake in a block of equations begins with the line."""
    with pytest.raises(EquationError, match="equation 3"):
        parse_equations("a[t] = x[t]\n\nb[t] = sinh(a[t])")


def test_time_indices_are_relative():
    """h[t-1] is one step before; h[2] is a fixed name."""
    assert parse_expression("h[t-1]") == Timed("h", -1)
    assert parse_expression("h[2]") == Ref("h[2]")


NAMES = [
    "h[2]",
    "yhat[3]",
    "L",
    "h'[2]",
    "dh[3]/dU",
    "d+h[3]/dU",
    "dL/dU@2",
    "U_new",
    "dL[3]/dyhat[3]",
    "W_f",
    "dL/dh_fw[2]",
    "h[-1]",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_read_back(name):
    """The structure of a stable name gives the name back."""
    assert str(parse_symbol(name)) == name


SHAPES = {"W": (3, 2), "U": (3, 3), "x": (2,), "h": (3,), "s": (), "r": ()}
FITTING = [
    ("W @ x", "matvec", (3,)),
    ("h @ U", "vecmat", (3,)),
    ("h @ h", "dot", ()),
    ("s * h", "scale1", (3,)),
    ("h * h", "hadamard", (3,)),
    ("U @ U", "matmat", (3, 3)),
    ("outer(h, x)", "outer", (3, 2)),
    ("s @ h", "scale1", (3,)),
    ("s * r", "mul", ()),
    ("U.T", "transpose", (3, 3)),
    ("sum(h)", "sum", ()),
    ("s * U", "scale2", (3, 3)),
]


@pytest.mark.parametrize(("text", "op", "shape"), FITTING)
def test_the_kind_of_a_product_follows_from_the_shapes(text, op, shape):
    """The same text is a scaling, a dot product or a matrix product as the shapes ask; its value is
    numpy's."""
    tree = specialise(parse_expression(text), SHAPES)
    assert isinstance(tree, Apply)
    assert tree.op == op

    generator = np.random.default_rng(1)
    values = {name: generator.normal(size=(4, *s)) for name, s in SHAPES.items()}
    assert value_of(tree, values).shape == (4, *shape)
    for n in range(4):
        one = {name: value[n] for name, value in values.items()}
        expected = (
            eval(
                text,
                {"outer": np.outer, "sum": np.sum},
                {k: v if np.ndim(v) else float(v) for k, v in one.items()},
            )
            if "@" not in text or text[0] != "s"
            else one["s"] * one["h"]
        )

        np.testing.assert_allclose(value_of(tree, values)[n], expected, rtol=1e-12)


@pytest.mark.parametrize("text", ["W @ h", "h + x", "h + s", "W * x", "outer(W, x)", "U + W"])
def test_shapes_that_do_not_fit_are_named(text):
    """The error gives the shapes at fault."""
    with pytest.raises(ShapeError, match=r"vector|matrix|scalar"):
        specialise(parse_expression(text), SHAPES)


def _sample(name):
    return np.random.default_rng(3).uniform(0.2, 1.2, size=(50,))


@pytest.mark.parametrize("name", [name for name, row in FUNCTIONS.items() if row.meant])
def test_what_a_function_is_said_to_stand_for_is_its_value(name):
    """The formula that a legend gives, over numbers on both sides of zero and zero itself."""
    numbers = np.linspace(-8, 8, 33)
    value = value_of(parse_expression(FUNCTIONS[name].meant), {"u": numbers})
    np.testing.assert_allclose(value, FUNCTIONS[name].value(numbers), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_the_bound_of_every_function_holds_what_it_can_reach(name):
    """Every value of a function over an interval lies within its bound, for small and for large
    errors."""
    centre = _sample(name)

    for radius in (1e-6, 1e-3, 0.05, 0.15):
        form = bound(Apply(name, (Ref("u"),)), {"u": uncertain(centre, np.full(50, radius), 0)})

        for shift in np.linspace(-1, 1, 41):
            value = FUNCTIONS[name].value(centre + shift * radius)
            assert (np.abs(value - form.centre) <= form.radius * (1 + 1e-9) + 1e-12).all()


# Formulas in which each number stands once: their range over intervals is what interval arithmetic
# gives, no more.
RANGES = {
    "tanh(x)": lambda x: 1 - 2 / (iv.exp(2 * x) + 1),
    "sigmoid(x)": lambda x: 1 / (1 + iv.exp(-x)),
    "exp(x)": lambda x: iv.exp(x),
    "log(x)": lambda x: iv.log(x),
    "sqrt(x)": lambda x: iv.sqrt(x),
    "sin(x)": lambda x: iv.sin(x),
    "cos(x)": lambda x: iv.cos(x),
    "tan(x)": lambda x: iv.tan(x),
    "1/2 * x**2": lambda x: x**2 / 2,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "x * y + z": lambda x, y, z: x * y + z,
    "tanh(x * y + z)": lambda x, y, z: 1 - 2 / (iv.exp(2 * (x * y + z)) + 1),
    "z * sigmoid(x - y)": lambda x, y, z: z / (1 + iv.exp(y - x)),
    "x * y * z": lambda x, y, z: x * y * z,
}


@pytest.mark.parametrize("text", RANGES)
@given(data=st.data())
def test_bounds_are_those_of_interval_arithmetic(text, data):
    """The bound of a formula holds all of the range that mpmath's intervals give, and for small
    errors is hardly wider."""
    tree = specialise(parse_expression(text), {"x": (), "y": (), "z": ()})
    names = RANGES[text].__code__.co_varnames
    centres = {name: data.draw(st.floats(0.3, 1.3)) for name in names}
    radius = data.draw(st.sampled_from([1e-6, 1e-3, 0.05]))
    forms = {
        name: uncertain(np.array([centre]), np.array([radius]), place)
        for place, (name, centre) in enumerate(centres.items())
    }

    form = bound(tree, forms)

    low, high = form.centre - form.radius, form.centre + form.radius
    true = RANGES[text](*(iv.mpf([c - radius, c + radius]) for c in centres.values()))
    blur = 1e-12

    assert low <= float(true.a) + blur
    assert high >= float(true.b) - blur
    assert high - low <= (2.1 if radius > 1e-3 else 1.02) * float(true.delta) + 20 * radius**2


@pytest.mark.parametrize(
    "text",
    [
        "x * y",
        "x / y",
        "x**2",
        "x**3",
        "1/2 * (x - y)**2",
        "x**(-1)",
        "tanh(x * y) + y",
        "(1 - x) * y + x * z",
    ],
)
def test_bounds_of_formulas_hold_what_they_can_reach(text):
    """Every value of a formula over a box of operands lies within its bound; to first order the
    bound is reached."""
    tree = specialise(parse_expression(text), {"x": (), "y": (), "z": ()})
    generator = np.random.default_rng(5)

    for radius in (1e-5, 0.05):
        centres = {name: generator.uniform(0.5, 1.0, 200) for name in "xyz"}
        form = bound(
            tree,
            {
                name: uncertain(c, np.full(200, radius), i)
                for i, (name, c) in enumerate(centres.items())
            },
        )
        worst = np.zeros(200)
        for signs in np.array(np.meshgrid(*[[-1, 0, 1]] * 3)).reshape(3, -1).T:
            moved = {
                name: c + s * radius for (name, c), s in zip(centres.items(), signs, strict=True)
            }
            worst = np.maximum(worst, np.abs(value_of(tree, moved) - form.centre))

        assert (worst <= form.radius * (1 + 1e-9)).all()
        if radius < 1e-4:
            assert (worst >= 0.99 * form.radius).all()


TYPESET = [
    ("V * h + c", r"V\,h + c", "V * h + c"),
    ("a - b", "a - b", "a - b"),
    ("a - (b - c)", "a + c - b", "a + c - b"),
    ("a - (b + c)", r"a - \left(b + c\right)", "a - (b + c)"),
    ("-(a - b)", "b - a", "b - a"),
    ("1/2 * (y - a)**2", r"\frac{1}{2}\,\left(y - a\right)^{2}", "1/2 * (y - a)^2"),
    ("tanh(a + b)", r"\tanh\left(a + b\right)", "tanh(a + b)"),
    ("a / b", r"\frac{a}{b}", "a / b"),
    ("a * (b + c)", r"a\,\left(b + c\right)", "a * (b + c)"),
    ("a * -b", r"-a\,b", "-a * b"),
]


@pytest.mark.parametrize(("text", "latex", "plain"), TYPESET)
def test_formulas_are_written_as_a_hand_would(text, latex, plain):
    """Brackets and signs stand where a hand puts them."""
    shapes = dict.fromkeys("abcyVh", ())
    tree = specialise(parse_expression(text), shapes)

    assert typeset(tree, LATEX, symbol_leaf(LATEX)) == latex
    assert typeset(tree, TEXT, symbol_leaf(TEXT)) == plain


NUMBERS = [
    ("a + b", {"a": "0.5", "b": "-0.3"}, "0.5 - 0.3"),
    ("a + b", {"a": "-0.5", "b": "0.3"}, "-0.5 + 0.3"),
    ("a - b", {"a": "0.5", "b": "-0.3"}, "0.5 - (-0.3)"),
    ("a * b", {"a": "-0.5", "b": "0.3"}, "(-0.5) * 0.3"),
    ("a**2", {"a": "-0.5"}, "(-0.5)^2"),
    ("a - b * c", {"a": "0.1", "b": "0.1", "c": "-0.4"}, "0.1 - 0.1 * (-0.4)"),
]


@pytest.mark.parametrize(("text", "numbers", "expected"), NUMBERS)
def test_negative_numbers_are_bracketed_where_needed(text, numbers, expected):
    """No "+ -0.3"; a bracket where a sign would meet another one or a dot."""
    tree = specialise(parse_expression(text), dict.fromkeys("abc", ()))
    assert typeset(tree, TEXT, lambda name: value_piece(numbers[name], TEXT)) == expected


def test_what_an_operation_means_and_how_it_is_written_have_the_same_keys():
    """An operation that can be computed can be written, and the other way round."""
    assert set(WRITTEN_FORMS) == set(OPERATIONS)


@pytest.mark.parametrize("op", list(OPERATIONS))
@pytest.mark.parametrize("target", list(FORMULA_TARGETS))
def test_every_operation_prints_in_every_target(op, target):
    """A row's template takes its arguments and leaves balanced brackets."""
    text = FORMULA_TARGETS[target].of(WRITTEN_FORMS[op].prints).format("A", "B", "C")

    assert "A" in text
    assert text.count("{") == text.count("}")
    assert text.count("(") == text.count(")")


def test_a_fraction_as_exponent_has_brackets_in_plain_text():
    """x^1/2 would be half of x."""
    tree = specialise(parse_expression("x**(1/2) + x**2 + x**(-1)"), {"x": ()})
    assert typeset(tree, TEXT, symbol_leaf(TEXT)) == "x^(1/2) + x^2 + x^-1"


def test_mathml_of_a_time_is_a_difference():
    """The step before is t, a minus sign and 1, not one name with a hyphen."""
    minus = "<mi>t</mi><mo>\u2212</mo><mn>1</mn>"
    assert minus in symbol("h[1]", MATHML, now=2)
    assert minus.replace("\u2212", "+") in symbol("h[3]", MATHML, now=2)


def test_mathml_of_every_name_is_well_formed():
    """MathML of names and formulas is XML."""
    from xml.etree import ElementTree

    for name in NAMES:
        ElementTree.fromstring(f"<math>{symbol(name, MATHML)}</math>")
    tree = specialise(
        parse_expression("1/2 * (y - a)**2 + tanh(a * -b) / y"), dict.fromkeys("aby", ())
    )
    ElementTree.fromstring(
        f"<math>{typeset(tree, MATHML, lambda n: value_piece('-0.5', MATHML))}</math>"
    )


def test_typst_of_every_name_has_no_bare_word():
    """In Typst mathematics a word of several letters would be a function; ours are quoted or
    known."""
    known = {"hat", "partial", "frac", "prime", "lr", "new", "eta", "yhat", "fw"}

    for name in NAMES:
        words = set(re.findall(r"(?<![\"\w])[A-Za-z]{2,}(?![\"\w])", symbol(name, TYPST)))
        assert words <= known


REWRITES = [
    ("tanh(_u) -> _u", "tanh(a + b)", ["a + b"]),
    ("_rest + _b -> _rest", "a + b + c", ["b + c", "a + c", "a + b"]),
    ("1 - _v**2 -> 1 - _v", "1 - h**2", ["1 - h"]),
    ("_p - _s -> _p + _s", "p - e * g", ["p + e * g"]),
    ("_all -> -_all", "a - b", ["b - a"]),
]


@pytest.mark.parametrize(("rule", "text", "expected"), REWRITES)
def test_rewrites_find_every_place(rule, text, expected):
    """A pattern gives one new formula for each place and way it fits."""
    found = [
        typeset(tree, TEXT, symbol_leaf(TEXT))
        for tree in rewritten(parse_expression(text), parse_rewrite(rule), {})
    ]

    assert found == expected
