"""The tolerance is sound for every honest chain, tight to the worst of them, and follows the rule
that the bank states."""

import numpy as np
import pytest

from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.decimals import Rounding
from rnnquiz.derivation.backward import derive
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.derivation.tolerance import around, own_error, propagate
from rnnquiz.files.resources import folder
from rnnquiz.grade.mark import mark
from rnnquiz.grade.simulate import texts_of
from tests_support import model_of, random_givens, variants_of

pytestmark = pytest.mark.slow

RULES = [Rounding("decimals", 2), Rounding("decimals", 4), Rounding("significant", 3)]


def worst_drift(graph, givens, rounding, directions, generator):
    """Largest distance from the exact value over chains in which each step is off by up to half a
    unit, in any direction."""
    exact = evaluate(graph, givens)
    worst = {q.name: np.zeros_like(exact[q.name]) for q in graph.computed}
    for _ in range(directions):
        values = dict(givens)
        for q in graph.computed:
            value = np.broadcast_to(value_of(q.formula, values), exact[q.name].shape)
            unit = rounding.unit(value)
            off = generator.choice([-1.0, 0.0, 1.0], size=value.shape) * 0.5 * unit
            exactly = (
                np.abs(rounding.round(value) - value) <= 1e-12 * unit
            )  # nothing to round, such as the derivative 1
            values[q.name] = np.where(exactly, value, value + off)
            worst[q.name] = np.maximum(worst[q.name], np.abs(values[q.name] - exact[q.name]))
    return worst


@pytest.mark.parametrize("rounding", RULES, ids=lambda r: f"{r.kind} {r.digits}")
@pytest.mark.parametrize(
    ("style", "steps", "hidden"),
    [("total", 3, 1), ("total", 6, 1), ("delta", 6, 1), ("delta", 3, 2)],
)
def test_no_honest_chain_leaves_the_propagated_tolerance(rounding, style, steps, hidden):
    """However each step is rounded, up or down by half a unit, every value stays within its
    tolerance."""
    graph = derive(model_of("elman", steps=steps, hidden=hidden), style, "output")
    givens = random_givens(graph, steps, count=20)
    forms = propagate(graph, givens, rounding)
    worst = worst_drift(graph, givens, rounding, 300, np.random.default_rng(1))

    for name, drift in worst.items():
        form = forms[name]
        reach = around(form, own_error(rounding, np.abs(form.centre) + form.radius)).half_width
        assert (drift <= reach * (1 + 1e-9)).all(), name


def test_the_tolerance_is_near_the_worst_chain():
    """With few sources of error the worst chain comes close to the tolerance: it is not wider than
    it has to be."""
    graph = derive(model_of("elman", steps=2), "total", "output")
    givens = random_givens(graph, 5, count=30)
    rounding = Rounding("decimals", 5)
    forms = propagate(graph, givens, rounding)
    worst = worst_drift(graph, givens, rounding, 1200, np.random.default_rng(2))

    for name in ("h[1]", "h[2]", "yhat[2]", "dL[2]/dyhat[2]", "dL[1]/dV"):
        reach = around(forms[name], own_error(rounding, forms[name].centre)).half_width
        assert np.median(worst[name] / reach) > 0.9, name


TEXT = (folder("question_banks") / "bptt_scalar.yaml").read_text()


def cut_off(bank, givens):
    """A student who cuts every value off instead of rounding it, and goes on with that."""
    values = dict(givens)
    for q in bank.graph.computed:
        value = np.broadcast_to(value_of(q.formula, values), (len(givens["W"]), *q.shape))
        unit = bank.rounding.unit(value)
        values[q.name] = np.trunc(np.round(value / unit, 7)) * unit
    return texts_of(bank, values)


def test_cutting_off_is_right_only_where_the_bank_allows_it():
    """truncation: true gives full marks to who cuts off at every step; without it some boxes are
    matters of rounding."""
    strict, lenient = (
        parse_bank(TEXT),
        parse_bank(TEXT.replace("when: every step", "when: every step, truncation: true")),
    )
    givens = arrays_of(strict, variants_of(strict, 10))
    allowed = mark(lenient, givens, cut_off(lenient, givens))

    np.testing.assert_allclose(allowed.totals, allowed.maxima)

    named = mark(strict, givens, cut_off(strict, givens))
    verdicts = [
        row
        for n in range(10)
        for row in named.results(n)
        if row.verdict not in ("correct", "follow-through")
    ]

    assert verdicts
    assert sum(row.explanations[0].id == "S10" for row in verdicts if row.explanations) > 0.8 * len(
        verdicts
    )
