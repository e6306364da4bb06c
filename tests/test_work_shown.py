"""What follows from wrong numbers is paid for work that was shown, and for all of that: sheets that
a search or a simulation found."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))

from gaming import misread
from honest import Tally, Wrote, by_rule, sheets_of, standing

from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import mark, marks_by_kind
from rnnquiz.grade.misread import decimals_of_givens
from tests_support import diagnosis_of, shipped, variants_of

SOME = 40  # students, each with a sheet of their own


def earned(name, answers_of):
    """Share of the marks that SOME students earn with the answers that `answers_of` gives for the
    numbers of each."""
    bank = shipped(name)
    givens = arrays_of(bank, variants_of(bank, SOME))
    sheets = []
    for n in range(SOME):
        sheets.append(answers_of({given: values[n] for given, values in givens.items()}))
    marked = mark(bank, givens, sheets, diagnosis_of(bank))
    return marked.totals / marked.maxima


def round_numbers(given):
    """One step backwards over round numbers of one's own: each product is a copy of a number that
    is there, with the decimal point moved."""
    by = {"dL/dyhat[2]": "-0.0083", "dL/dh[2].1": "0.2", "dL/dh[2].2": "0.2"}
    by |= {"h'[2].1": "-0.5", "h'[2].2": "-0.5", "dL/da[2].1": "-0.1", "dL/da[2].2": "-0.1"}
    for k, (x, h) in enumerate(zip(given["x[2]"], given["h[1]"], strict=True), start=1):
        for row in (1, 2):
            by[f"dL/dU@2.{row}.{k}"] = f"{-0.1 * h:.4f}"
            by[f"dL/dW@2.{row}.{k}"] = f"{-0.1 * x:.4f}"
    return by


def test_a_product_with_a_round_number_of_ones_own_is_a_copy():
    """An entry of a matrix that is an entry of a vector with the decimal point moved is no work:
    such sheets earned 28 % where only whole vectors were looked for."""
    assert earned("one_step", round_numbers).mean() < 0.02


def constants(given):
    """No state is computed, and each prediction is the constant that is added to it."""
    by = dict.fromkeys(("h_f[1]", "h_f[2]", "h_f[3]", "h_b[1]", "h_b[2]", "h_b[3]"), "0.0010")
    return by | {f"yhat[{t}]": f"{float(given['c']):.4f}" for t in (1, 2, 3)}


def test_a_number_near_what_follows_is_no_rounding():
    """What was "rounded too early" over numbers of one's own choice is paid as what follows from
    them: it earned half its marks."""
    assert earned("both_directions", constants).mean() < 0.02


def a_gap_and_zeros(given):
    """The easy beginning is right, the loss is left out, and from the slope on all is zero."""
    W, x, b, y = (given[name] for name in ("W", "x[1]", "b", "y[1]"))
    s = float(W @ x + b)
    yhat = round(1 / (1 + np.exp(-s)), 4)
    by = {"s[1]": f"{s:.4f}", "yhat[1]": f"{yhat:.4f}", "dL/dyhat[1]": f"{yhat - y:.4f}"}
    by |= dict.fromkeys(("yhat'[1]", "dL/ds[1]", "dL/dW@1.1", "dL/dW@1.2"), "0.0000")
    by |= {f"W_new.{k}": f"{weight:.4f}" for k, weight in enumerate(W, start=1)}
    return by | {"b_new": f"{b:.4f}"}


def test_who_leaves_out_what_zeros_do_not_reach_has_not_slipped_once():
    """One wrong number takes others with it, whoever made it; but who made one slip has worked out
    all the rest. Such sheets earned 82 %, of which 27 % were worked out."""
    assert earned("one_neuron", a_gap_and_zeros).mean() < 3 / 11 + 0.02


def zeros_again_and_again(given):
    """Three boxes are right; the moments of both updates are zero, and the second prediction is
    next to the target."""
    W, x, b, y = (float(given[name]) for name in ("W", "x[1]", "b", "y[1]"))
    yhat = W * x + b
    by = {"yhat[1]#1": f"{yhat:.5g}", "dL/dyhat[1]#1": f"{yhat - y:.5g}"}
    by |= {"L[1]#1": f"{(yhat - y) ** 2 / 2:.5g}", "yhat[1]#2": f"{y + 0.001:.5g}"}
    by |= {"L[1]#2": "0.00000050000", "dL/dyhat[1]#2": "0.0010001"}
    for update in "12":
        by |= dict.fromkeys((f"{m}_{p}#{update}" for m in ("m", "v") for p in "Wb"), "0.0000")
        by |= dict.fromkeys((f"{m}hat_{p}#{update}" for m in ("m", "v") for p in "Wb"), "0.0000")
        by |= {f"W_new#{update}": f"{W:.5g}", f"b_new#{update}": f"{b:.5g}"}
    return by


def test_zeros_written_where_they_pay_take_back_what_was_worked_out():
    """Each wrong number that takes no work is held against the boxes that show some: with three
    boxes of 26 right such sheets earned up to 56 %."""
    assert earned("adam_two_steps", zeros_again_and_again).mean() < 3 / 26 + 0.02


def test_marks_of_kinds_add_up_to_the_total():
    """What is not paid of numbers near to what follows is missing in the kinds as in the total."""
    bank = shipped("both_directions")
    givens = arrays_of(bank, variants_of(bank, SOME))
    sheets = []
    for n in range(SOME):
        sheets.append(constants({given: values[n] for given, values in givens.items()}))

    marked = mark(bank, givens, sheets, diagnosis_of(bank))
    verdicts = [{row.box: row.verdict for row in marked.results(n)} for n in range(SOME)]
    by_kind = marks_by_kind(bank, givens, verdicts, list(marked.totals))
    sums = [sum(got for got, _ in kinds.values()) for kinds in by_kind]

    np.testing.assert_allclose(sums, marked.totals, atol=1e-9)


def one_neuron(given, read=None, **slips):
    """The boxes of one_neuron on a sheet that goes on with what it holds: `read`: givens as they
    were read, `slips`: numbers written in place of what follows."""
    own = {name: np.atleast_1d(value) for name, value in (given | (read or {})).items()}
    W, x, b, y, eta = (own[name] for name in ("W", "x[1]", "b", "y[1]", "eta"))
    by = {}

    def wrote(box, value):
        by[box] = f"{slips.get(box, float(value)):.4f}"
        return float(by[box])

    s = wrote("s[1]", W @ x + b[0])
    yhat = wrote("yhat[1]", 1 / (1 + np.exp(-s)))
    wrote("L[1]", (yhat - y[0]) ** 2 / 2)
    e = wrote("dL/dyhat[1]", yhat - y[0])
    slope = wrote("yhat'[1]", yhat * (1 - yhat))
    d = wrote("dL/ds[1]", e * slope)
    for k in (0, 1):
        step = eta[0] * wrote(f"dL/dW@1.{k + 1}", d * x[k])
        wrote(f"W_new.{k + 1}", W[k] - step)
    wrote("b_new", b[0] - eta[0] * d)
    return by


@pytest.mark.parametrize("slip", [0.0, 1.0, 0.9999])
def test_who_slips_where_all_rests_on_it_loses_that_box_alone(slip):
    """A prediction of zero or one leaves nothing to compute, on a sheet without work as on that of
    a student who slipped there and did all the rest: the student is believed. 3 to 9 boxes of 11
    were lost with it, more or fewer by what the loss happened to be."""
    shares = earned("one_neuron", lambda given: one_neuron(given, **{"yhat[1]": slip}))
    np.testing.assert_allclose(shares, 10 / 11)


def test_numbers_that_are_merely_round_are_work_after_one_slip():
    """Who takes both units for dead goes on with constants of one or two digits, multiplied and
    added like any others: all that follows is paid. 13 of 200 such sheets lost up to 95 % of their
    marks."""
    bank = shipped("jordan_network")
    givens = arrays_of(bank, variants_of(bank, 200))
    honest = by_rule(bank.rounding)

    def dead(n, name, entry, value):
        return Wrote("0.0000", 0.0) if name == "h[1]" else honest(n, name, entry, value)

    marked = mark(bank, givens, sheets_of(bank, givens, dead), diagnosis_of(bank))
    others = [box.quantity != "h[1]" for box in bank.boxes]
    lost = (marked.weights * (1 - marked.credits))[:, others]

    assert lost.max() < 1e-9


def test_to_mend_a_box_that_a_misread_given_explains_costs_nothing():
    """Of three boxes that two misread weights explain one is mended: the two that are left are two
    mistakes, and what follows from them is paid as before. Of 40 sheets 7 lost marks."""

    def misread(given, **mended):
        return one_neuron(given, {"W": -given["W"]}, **mended)

    def one_mended(given):
        of_own = misread(given)
        right = given["W"][0] - float(given["eta"]) * float(of_own["dL/dW@1.1"])
        return misread(given, **{"W_new.1": right})

    before, after = earned("one_neuron", misread), earned("one_neuron", one_mended)

    assert (after >= before - 1e-9).all(), np.flatnonzero(after < before - 1e-9)


THREE_BOXES = """
title: Three boxes
course: Recurrent networks
id: three-boxes
goal: compute an output and its loss
minutes: 10
level: core
model: {cell: neuron, output: sigmoid, loss: half_squared_error, sizes: {input: 2}}
steps: 1
style: delta
givens:
  x: {range: [-2, 2], step: 0.1, not: [0, 1, -1]}
  y: {choices: [0.1, 0.2, 0.8, 0.9]}
  W: {range: [-1.5, 1.5], step: 0.1, not: [0, 1, -1]}
  b: {range: [-0.5, 0.5], step: 0.1, not: [0]}
rounding: {decimals: 4}
ask: [forward, loss]
"""


def test_of_three_boxes_the_one_that_follows_is_paid():
    """Who slips in the first and the last of three boxes has worked out the one between them."""
    bank = parse_bank(THREE_BOXES)
    givens = arrays_of(bank, variants_of(bank, 20))
    key = evaluate(bank.graph, givens)

    scores = np.round(key["s[1]"] + 0.3, 4)
    predictions = 1 / (1 + np.exp(-scores))
    losses = (givens["y[1]"] - predictions) ** 2 / 2 + 0.1
    numbers = zip(scores, predictions, losses, strict=True)
    sheets = [
        {"s[1]": f"{s:.4f}", "yhat[1]": f"{yhat:.4f}", "L[1]": f"{loss:.4f}"}
        for s, yhat, loss in numbers
    ]

    marked = mark(bank, givens, sheets, Diagnosis(bank))

    # A slip may saturate the neuron, and then nothing is left to compute.
    assert np.median(marked.totals) == 1


@pytest.mark.parametrize(
    "name",
    [
        "forward_pass",
        "both_directions",
        "one_step",
        "lstm_forward",
        "perceptron",
        "jordan_network",
    ],
)
def test_who_misread_givens_loses_what_reads_them(name):
    """Where one or two givens that were misread explain all that is wrong, all else is paid, few
    as the boxes of a sheet may be."""
    bank = shipped(name)
    givens = arrays_of(bank, variants_of(bank, 10))
    lost = misread(bank, givens, 100, np.random.default_rng(0))

    assert len(lost) > 20
    assert max(elsewhere for _, elsewhere, _ in lost) < 1e-9


@pytest.mark.parametrize("name", ["one_step", "bptt_vector"])
def test_a_wrong_entry_leaves_the_interval_of_the_others(name):
    """A box that does not read a wrong entry is held against the same interval as before, to the
    last digit."""
    tally = Tally("standing")
    standing(shipped(name), 40, 7, tally)

    assert tally.tried > 20
    assert not tally.broken, tally.examples


def test_the_decimals_of_givens_are_those_of_each_sheet():
    """What one student is paid does not hang on how the givens of another are printed."""
    assert decimals_of_givens(np.array([[0.5, -1.0], [0.25, 0.5], [2.0, 3.0]])).tolist() == [
        1,
        2,
        0,
    ]
