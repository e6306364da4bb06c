"""No bank ends in a traceback: from its text to marks, whatever is wrong with it is a problem at a
line."""

import os
import re
import warnings

import pytest
from damaged_banks import damaged, whole_way
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnquiz.bank.load import parse_bank
from rnnquiz.errors import BankError
from rnnquiz.variants import issue

EXAMPLES = int(os.environ.get("RNNQUIZ_DAMAGED", "40"))


def outcome(text):
    """The error of a bank, or None where it can be marked; warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            whole_way(text)
        except BankError as error:
            return error
    return None


@pytest.mark.slow
@settings(max_examples=EXAMPLES)
@given(seed=st.integers(0, 10**9))
def test_a_damaged_bank_is_marked_or_refused_at_a_line(seed):
    """Values and equations changed at random, or made of anything: load, draw, issue, solve and
    mark, or a BankError with a line."""
    before, issue.MOST_DRAWS = issue.MOST_DRAWS, 200
    try:
        error = outcome(damaged(seed))
    finally:
        issue.MOST_DRAWS = before

    if error is not None:
        assert all(problem.line for problem in error.problems), str(error)
        assert "unforeseen" not in str(error)


BANK = """
title: t
id: t
style: delta
steps: 2
model:
  equations: |
    h[t] = {h}
    yhat[t] = sum(V * h[t])
    L = sum_t(0.5*(y[t] - yhat[t])**2)
  parameters: [V{more}]
  shapes: {{W: [hidden], U: [hidden, hidden], b: [hidden], g: [hidden], V: [hidden], h: [hidden],
    y: [], k: []}}
  sizes: {{hidden: 2}}
givens: {{x: 0.4, y: 0.3, W: [0.2, -0.7], U: [[0.3, 0.1], [-0.4, 0.6]], b: [0.2, 0.1],
  g: [0.8, 1.2], V: [0.5, -0.3], h: [0.1, 0.2], k: 0.35, eta: 0.1}}
"""
NORM = (
    "tanh((h[t-1] - like(mean(h[t-1]), b)) / sqrt(mean((h[t-1] - like(mean(h[t-1]), b))**2) + 0.01)"
    " * g + b + W * x[t])"
)
WORK = [
    "clip(U @ h[t-1] + W * x[t], k)",
    "minimum(U @ h[t-1], b + W * x[t])",
    "maximum(0.05, U @ h[t-1] + W * x[t])",
    NORM,
    "minimum(k, U @ h[t-1])",
]


@pytest.mark.parametrize("equation", WORK)
def test_choices_and_normalisation_in_a_network_can_be_marked(equation):
    """clip, minimum, maximum and layer normalisation: keys that central differences confirm, and
    sheets that get marks."""
    read = letters(equation)
    text = BANK.format(h=equation, more="".join(f", {p}" for p in "UWbgk" if p in read))
    bank_text = without(text, [name for name in "UWbgkx" if name not in read])
    bank = parse_bank(bank_text)

    assert whole_way(bank_text) == pytest.approx(sum(bank.marks.values()))


def letters(equation):
    """The single letters that an equation reads."""
    return set(re.findall(r"\b[A-Za-z]\b", equation))


def without(text, names):
    """The bank without these givens."""
    head, givens = text.split("givens: {")
    kept = [
        part
        for part in split(givens.strip().removesuffix("}"))
        if part.strip().partition(":")[0] not in names
    ]
    return f"{head}givens: {{{','.join(kept)}}}\n"


def split(text):
    """Entries between commas that stand in no bracket."""
    depth, entry = 0, ""
    for character in text:
        depth += (character == "[") - (character == "]")
        if character == "," and not depth:
            yield entry
            entry = ""
        else:
            entry += character
    yield entry


REFUSED = [
    ("W * x[t] + é[t]", r"line 8, model.equations: 'é' is no name"),
    ("W * x[t] + W_new", r"line 8, model.equations: 'W_new' is no name"),
    (
        "W * x[t] + δh",
        r"line 7, model.equations: equation 1, column 12: 'δh': a Greek letter stands alone",
    ),
    (
        "concat(W, b)",
        (
            r"line 9, model.equations: .*vector of 2 @|line 9, .*vector of 4|line 9, .*not"
            r" equal|line 8, "
        ),
    ),
    ("h", r"line 8, model.equations: h is read without a step, and has one -> write h\[t\]"),
    (
        "W * x[t]\n    h[t] = b",
        r"line 9, model.equations: there are two equations for h\[t\] -> keep one",
    ),
    ("W / (x[t] - x[t])", r"has no value with these numbers|central differences"),
    ("like(W, b)", r"like gives one number to every entry; found a vector of 2"),
    ("clip(W * x[t], U)", r"clip has one limit for all entries; found a 2x2 matrix"),
]


@pytest.mark.parametrize(("equation", "message"), REFUSED)
def test_what_cannot_be_is_refused_with_a_reason(equation, message):
    """Names, shapes and numbers that make no network."""
    text = BANK.format(h=equation, more="")
    if "W_" not in equation:
        text = without(text, [name for name in "UWbgkxh" if name not in letters(equation)])

    with pytest.raises(BankError, match=message):
        whole_way(text)
