"""Every named quantity, in both backward styles, against central differences in high precision and against PyTorch."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from independent import expected, lifted
from rnnquiz.derivation.backward import derive
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.derivation.unroll import ModelError
from rnnquiz.models import catalogue
from tests_support import model_of, random_givens

CELLS = catalogue.names("cells")
AGREEMENT = 1e-10


def agrees(ours, theirs):
    theirs = np.array(theirs, dtype=object).astype(float)
    return np.allclose(ours, theirs, rtol=AGREEMENT, atol=1e-13)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("slope", ["output", "argument"])
@settings(max_examples=12)
@given(steps=st.integers(1, 5), seed=st.integers(0, 10**6))
@example(steps=3, seed=0)
def test_total_derivatives_agree_with_central_differences(cell, slope, steps, seed):
    """Scalar networks, one loss at a time: local, direct, total derivatives, gradients, sums and updates."""
    check(derive(model_of(cell, steps=steps), "total", slope), seed)


@pytest.mark.parametrize("cell", CELLS)
@settings(max_examples=12)
@given(steps=st.integers(1, 4), sizes=st.tuples(*[st.integers(1, 3)] * 3), seed=st.integers(0, 10**6))
@example(steps=2, sizes=(2, 3, 2), seed=0)
def test_deltas_agree_with_central_differences(cell, steps, sizes, seed):
    """Networks of any shape, gradients run backwards: deltas, parts of each step, sums and updates."""
    model = model_of(cell, steps=steps, input=sizes[0], hidden=sizes[1], output=sizes[2])
    check(derive(model, "delta", "output"), seed)


def check(graph, seed):
    givens = random_givens(graph, seed)
    ours = evaluate(graph, givens)
    theirs = lifted({name: value[0] for name, value in givens.items()})
    for q in graph.computed:
        reference = expected(graph, theirs, q.name, lambda p, g: p - theirs["eta"] * g)
        assert agrees(ours[q.name][0], reference), q.name
        for alternative in q.alternatives:
            from rnnquiz.algebra.operations import evaluate as value_of

            np.testing.assert_allclose(value_of(alternative, ours)[0], ours[q.name][0], rtol=1e-9, atol=1e-12)


def test_the_worked_example_is_derived_in_its_own_order():
    """Losses 3, 2, 1; parameters V, c, U, W, b; within a gradient the chain from the first step on."""
    graph = derive(model_of("elman", steps=3), "total", "argument")
    gradients = [q.name for q in graph.computed if q.role == "gradient"]
    assert gradients == [f"dL[{t}]/d{p}" for t in (3, 2, 1) for p in "VcUWb"]
    names = [q.name for q in graph.computed]
    chain = ["dh[1]/dU", "dh[2]/dh[1]", "d+h[2]/dU", "dh[2]/dU", "dh[3]/dh[2]", "d+h[3]/dU", "dh[3]/dU", "dL[3]/dU"]
    assert [n for n in names if n in chain] == chain


def test_total_style_needs_scalar_states():
    """A vector state is refused with the way out."""
    with pytest.raises(ModelError, match="use style: delta"):
        derive(model_of("elman", hidden=2), "total")


def test_vector_inputs_are_fine_in_total_style():
    """A scalar state may read a vector: its derivative by the weight is a vector."""
    check(derive(model_of("elman", input=3), "total"), 7)


def test_batches_give_the_same_as_one_by_one():
    """A whole class at once gives each variant what it gives alone."""
    graph = derive(model_of("elman_preactivation", hidden=2, input=2), "delta")
    givens = random_givens(graph, 3, count=20)
    together = evaluate(graph, givens)
    for n in range(20):
        alone = evaluate(graph, {k: v[n : n + 1] for k, v in givens.items()})
        for name, value in alone.items():
            np.testing.assert_array_equal(value[0], together[name][n])


@pytest.mark.parametrize("hidden", [1, 2, 3])
def test_gradients_agree_with_pytorch(hidden):
    """Gradients of the summed loss and of every state, against PyTorch's automatic differentiation in float64."""
    torch = pytest.importorskip("torch")
    graph = derive(model_of("elman_preactivation", steps=4, input=2, hidden=hidden, output=2), "delta")
    givens = random_givens(graph, hidden)
    ours = evaluate(graph, givens)
    g = {k: torch.tensor(np.atleast_1d(v[0]), dtype=torch.float64, requires_grad=True) for k, v in givens.items()}
    shape = {"W": (hidden, 2), "U": (hidden, hidden), "V": (2, hidden)}
    w, u, v = (g[name].reshape(shape[name]) for name in "WUV")
    h, loss, states = g["h[0]"], 0.0, {}
    for t in range(1, 5):
        h = torch.tanh(w @ g[f"x[{t}]"] + u @ h + g["b"])
        h.retain_grad()
        states[t] = h
        loss = loss + 0.5 * ((g[f"y[{t}]"] - (v @ h + g["c"])) ** 2).sum()
    loss.backward()
    for p in "VcUWb":
        np.testing.assert_allclose(ours[f"dL/d{p}"][0].reshape(-1), g[p].grad.numpy().reshape(-1), rtol=AGREEMENT, atol=1e-13)
        np.testing.assert_allclose(
            ours[f"{p}_new"][0].reshape(-1), (g[p] - g["eta"] * g[p].grad).detach().numpy().reshape(-1), rtol=AGREEMENT, atol=1e-13
        )
    for t, state in states.items():
        np.testing.assert_allclose(np.atleast_1d(ours[f"dL/dh[{t}]"][0]), state.grad.numpy(), rtol=AGREEMENT, atol=1e-13)
