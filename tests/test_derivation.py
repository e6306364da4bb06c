"""Every named quantity, in both backward styles, against central differences in high precision and
against PyTorch."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from independent import expected, lifted
from rnnquiz.derivation.backward import derive
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.derivation.model import ModelError
from rnnquiz.models import catalogue
from tests_support import model_of, random_givens, slowly

CELLS = catalogue.names("cells")
AGREEMENT = 1e-10


def agrees(ours, theirs):
    theirs = np.array(theirs, dtype=object).astype(float)
    return np.allclose(ours, theirs, rtol=AGREEMENT, atol=1e-13)


@pytest.mark.parametrize("cell", slowly(CELLS, ("elman", "gru")))
@pytest.mark.parametrize("slope", ["output", "argument"])
@settings(max_examples=4)
@given(steps=st.integers(1, 4), seed=st.integers(0, 10**6))
@example(steps=3, seed=0)
def test_total_derivatives_agree_with_central_differences(cell, slope, steps, seed):
    """Scalar networks, one loss at a time: local, direct, total derivatives, gradients, sums and
    updates."""
    check(derive(model_of(cell, steps=steps), "total", slope), seed)


@pytest.mark.parametrize("cell", slowly(CELLS, ("elman", "minimal_gated_unit")))
@settings(max_examples=3)
@given(
    steps=st.integers(1, 3), sizes=st.tuples(*[st.integers(1, 3)] * 3), seed=st.integers(0, 10**6)
)
@example(steps=2, sizes=(2, 3, 2), seed=0)
def test_deltas_agree_with_central_differences(cell, steps, sizes, seed):
    """Networks of any shape, gradients run backwards: deltas, parts of each step, sums and
    updates."""
    model = model_of(cell, steps=steps, input=sizes[0], hidden=sizes[1], output=sizes[2])
    check(derive(model, "delta", "output"), seed)


@pytest.mark.parametrize("reduction", slowly(["sum", "mean", "last"], ("last",)))
@pytest.mark.parametrize("loss", catalogue.names("losses"))
@settings(max_examples=4)
@given(steps=st.integers(1, 3), outputs=st.integers(1, 3), seed=st.integers(0, 10**6))
@example(steps=2, outputs=3, seed=1)
def test_every_loss_agrees_with_central_differences(loss, reduction, steps, outputs, seed):
    """Each loss with its output, each reduction, any number of outputs; also where the derivative
    is written jointly."""
    out = catalogue.loss(loss).output
    outputs = max(outputs, 2) if out == "softmax" else outputs
    check(
        derive(
            model_of(
                "elman_preactivation",
                loss=loss,
                reduction=reduction,
                steps=steps,
                hidden=2,
                output=outputs,
            ),
            "delta",
        ),
        seed,
    )
    if outputs == 1:
        check(derive(model_of("elman", loss=loss, reduction=reduction, steps=steps), "total"), seed)


@pytest.mark.parametrize("out", catalogue.names("outputs"))
@pytest.mark.parametrize("activation", slowly(catalogue.ACTIVATIONS, ("tanh",)))
def test_every_output_and_activation_agrees_with_central_differences(out, activation):
    """Outputs with a loss that is not made for them, and the activations that a cell leaves
    open."""
    for seed in range(4):
        check(
            derive(
                model_of(
                    "elman_preactivation",
                    out=out,
                    activation=activation,
                    input=2,
                    hidden=3,
                    output=2,
                ),
                "delta",
            ),
            seed,
        )
        if out != "softmax":
            check(derive(model_of("elman", out=out, activation=activation), "total"), seed)


@pytest.mark.parametrize("window", [1, 2, 3])
@pytest.mark.parametrize("cell", ["elman", "lstm", "gru", "stacked"])
def test_truncated_gradients_hold_the_past_fixed(cell, window):
    """With a window, gradients are those of a forward pass in which the states of earlier chunks
    are constants."""
    for style in ("delta", "total"):
        graph = derive(model_of(cell, steps=4, window=window), style)
        assert graph.cuts
        check(graph, 5)


def probabilities(graph, givens):
    """Targets as probabilities, each vector with sum one: what cross-entropies are for."""
    found = dict(givens)
    for name, value in givens.items():
        if name.startswith("y["):
            positive = np.abs(value) + 0.1
            found[name] = (
                positive / positive.sum(-1, keepdims=True) if value.ndim > 1 else positive / 1.2
            )
    return found


def check(graph, seed):
    givens = probabilities(graph, random_givens(graph, seed))
    ours = evaluate(graph, givens)
    theirs = lifted({name: value[0] for name, value in givens.items()})
    for q in graph.computed:
        reference = expected(graph, theirs, q.name, lambda p, g: p - theirs["eta"] * g)
        assert agrees(ours[q.name][0], reference), q.name
        for alternative in q.alternatives:
            from rnnquiz.algebra.operations import value_of

            np.testing.assert_allclose(
                value_of(alternative, ours)[0], ours[q.name][0], rtol=1e-9, atol=1e-12
            )


def test_the_worked_example_is_derived_in_its_own_order():
    """Losses 3, 2, 1; parameters V, c, U, W, b; within a gradient the chain from the first step
    on."""
    graph = derive(model_of("elman", steps=3), "total", "argument")
    gradients = [q.name for q in graph.computed if q.role == "gradient"]
    assert gradients == [f"dL[{t}]/d{p}" for t in (3, 2, 1) for p in "VcUWb"]

    names = [q.name for q in graph.computed]
    chain = [
        "dh[1]/dU",
        "dh[2]/dh[1]",
        "d+h[2]/dU",
        "dh[2]/dU",
        "dh[3]/dh[2]",
        "d+h[3]/dU",
        "dh[3]/dU",
        "dL[3]/dU",
    ]

    assert [n for n in names if n in chain] == chain


def test_total_style_needs_scalar_states():
    """A vector state is refused with the way out."""
    with pytest.raises(ModelError, match="style total: "):
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
    """Gradients of the summed loss and of every state, against PyTorch's automatic differentiation
    in float64."""
    torch = pytest.importorskip("torch")
    graph = derive(
        model_of("elman_preactivation", steps=4, input=2, hidden=hidden, output=2), "delta"
    )
    givens = random_givens(graph, hidden)
    ours = evaluate(graph, givens)

    g = {
        k: torch.tensor(np.atleast_1d(v[0]), dtype=torch.float64, requires_grad=True)
        for k, v in givens.items()
    }
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
        np.testing.assert_allclose(
            ours[f"dL/d{p}"][0].reshape(-1),
            g[p].grad.numpy().reshape(-1),
            rtol=AGREEMENT,
            atol=1e-13,
        )
        np.testing.assert_allclose(
            ours[f"{p}_new"][0].reshape(-1),
            (g[p] - g["eta"] * g[p].grad).detach().numpy().reshape(-1),
            rtol=AGREEMENT,
            atol=1e-13,
        )
    for t, state in states.items():
        np.testing.assert_allclose(
            np.atleast_1d(ours[f"dL/dh[{t}]"][0]), state.grad.numpy(), rtol=AGREEMENT, atol=1e-13
        )


def torch_state(torch, module, graph, givens, gates, cell):
    """Copy our scalar or vector parameters into a recurrent module of PyTorch, gate by gate."""
    hidden = int(np.prod(graph.shapes["h[0]"]))
    letter = {"W": module.weight_ih_l0, "U": module.weight_hh_l0, "b": module.bias_ih_l0}
    with torch.no_grad():
        module.bias_hh_l0.zero_()
        for k, gate in enumerate(gates):
            rows = slice(k * hidden, (k + 1) * hidden)
            for base, target in letter.items():
                name = f"{base}_{gate}" if gate else base
                target[rows] = torch.tensor(givens[name][0]).reshape(target[rows].shape)
        if cell == "gru_after_keep":
            module.bias_hh_l0[-hidden:] = torch.tensor(givens["d_n"][0]).reshape(-1)
        if cell == "elman_two_biases":
            module.bias_hh_l0[:] = torch.tensor(givens["b_h"][0]).reshape(-1)


MODULES = [
    ("elman", "RNN", ("",)),
    ("elman_two_biases", "RNN", ("",)),
    ("lstm", "LSTM", "ifgo"),
    ("gru_after_keep", "GRU", "rzn"),
]


@pytest.mark.parametrize(("cell", "module", "gates"), MODULES)
@pytest.mark.parametrize("hidden", [1, 2, 3])
def test_states_and_gradients_agree_with_the_modules_of_pytorch(cell, module, gates, hidden):
    """torch.nn.RNN, LSTM and GRU in float64: every state, and the gradient of every weight."""
    torch = pytest.importorskip("torch")
    steps = 3
    graph = derive(model_of(cell, steps=steps, input=2, hidden=hidden, output=2), "delta")
    givens = random_givens(graph, hidden)
    ours = evaluate(graph, givens)

    net = getattr(torch.nn, module)(2, hidden, dtype=torch.float64)
    torch_state(torch, net, graph, givens, gates, cell)
    g = {k: torch.tensor(v[0], dtype=torch.float64) for k, v in givens.items()}
    start = g["h[0]"].reshape(1, hidden)
    states, _ = net(
        torch.stack([g[f"x[{t}]"] for t in range(1, steps + 1)]),
        (start, g["c[0]"].reshape(1, hidden)) if module == "LSTM" else start,
    )

    bias = "b_y" if module == "LSTM" else "c"
    loss = sum(
        0.5 * ((g[f"y[{t}]"] - states[t - 1] @ g["V"].reshape(2, hidden).T - g[bias]) ** 2).sum()
        for t in range(1, steps + 1)
    )
    loss.backward()

    for t in range(1, steps + 1):
        np.testing.assert_allclose(
            ours[f"h[{t}]"][0].reshape(-1),
            states[t - 1].detach().numpy(),
            rtol=AGREEMENT,
            atol=1e-13,
        )
    for k, gate in enumerate(gates):
        rows = slice(k * hidden, (k + 1) * hidden)

        for base, target in (
            ("W", net.weight_ih_l0),
            ("U", net.weight_hh_l0),
            ("b", net.bias_ih_l0),
        ):
            mine = ours[f"dL/d{base}_{gate}" if gate else f"dL/d{base}"][0].reshape(-1)

            np.testing.assert_allclose(
                mine, target.grad[rows].numpy().reshape(-1), rtol=AGREEMENT, atol=1e-13
            )
    if module == "GRU":
        np.testing.assert_allclose(
            ours["dL/dd_n"][0].reshape(-1),
            net.bias_hh_l0.grad[-hidden:].numpy(),
            rtol=AGREEMENT,
            atol=1e-13,
        )


CONSTANTS = {
    "eta": 0.05,
    "mu": 0.9,
    "lam": 0.01,
    "rho": 0.9,
    "beta_1": 0.9,
    "beta_2": 0.99,
    "epsilon": 1e-8,
    "theta": 0.3,
}
OPTIMISERS = {
    "gradient_descent": lambda o, p: o.SGD(p, lr=0.05),
    "weight_decay": lambda o, p: o.SGD(p, lr=0.05, weight_decay=0.01),
    "momentum": lambda o, p: o.SGD(p, lr=0.05, momentum=0.9),
    "nesterov": lambda o, p: o.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "adagrad": lambda o, p: o.Adagrad(p, lr=0.05, eps=1e-8),
    "rmsprop": lambda o, p: o.RMSprop(p, lr=0.05, alpha=0.9, eps=1e-8),
    "adam": lambda o, p: o.Adam(p, lr=0.05, betas=(0.9, 0.99), eps=1e-8),
    "clip_value": lambda o, p: o.SGD(p, lr=0.05),
    "clip_norm": lambda o, p: o.SGD(p, lr=0.05),
}


@pytest.mark.parametrize("name", catalogue.names("optimisers"))
@pytest.mark.parametrize("hidden", [1, 2])
def test_every_optimiser_agrees_with_pytorch_over_several_passes(name, hidden):
    """torch.optim over three updates, the whole pass done anew each time with the new
    parameters."""
    torch = pytest.importorskip("torch")
    graph = derive(
        model_of("elman", optimiser=name, steps=2, updates=3, hidden=hidden, input=2), "delta"
    )
    givens = random_givens(graph, 3) | {
        q.name: np.array([CONSTANTS[q.name]]) for q in graph.givens if q.name in CONSTANTS
    }
    givens |= {q.name: np.zeros((1, *q.shape)) for q in graph.givens if "#0" in q.name}
    ours = evaluate(graph, givens)

    g = {k: torch.tensor(v[0], dtype=torch.float64) for k, v in givens.items()}
    leaves = {p: g[p].clone().requires_grad_() for p in "VcUWb"}
    steps = OPTIMISERS[name](torch.optim, list(leaves.values()))
    times = lambda m, v: m @ v if m.ndim and v.ndim else m * v

    for k in (1, 2, 3):
        steps.zero_grad()
        h, loss = g["h[0]"], 0.0
        for t in (1, 2):
            h = torch.tanh(times(leaves["W"], g[f"x[{t}]"]) + times(leaves["U"], h) + leaves["b"])
            loss = loss + 0.5 * (g[f"y[{t}]"] - times(leaves["V"], h) - leaves["c"]) ** 2
        loss.backward()
        if name == "clip_value":
            torch.nn.utils.clip_grad_value_(leaves.values(), 0.3)
        if (
            name == "clip_norm"
            and torch.nn.utils.get_total_norm([p.grad for p in leaves.values()]) > 0.3
        ):
            norm = torch.nn.utils.get_total_norm([p.grad for p in leaves.values()])
            for p in leaves.values():
                p.grad *= 0.3 / norm  # clip_grad_norm_ adds 1e-6 to the norm
        steps.step()

        for p, leaf in leaves.items():
            np.testing.assert_allclose(
                ours[f"{p}_new#{k}"][0], leaf.detach().numpy(), rtol=AGREEMENT, atol=1e-12
            )


def test_a_parameter_that_no_equation_reads_is_refused():
    """A name among the parameters that stands in no equation is an error of the cell."""
    from dataclasses import replace

    with pytest.raises(ModelError, match="no equation reads the parameter Q"):
        derive(replace(model_of("elman"), parameters=("V", "Q")))


def test_a_logarithm_of_zero_is_not_a_number_and_nothing_hides_it():
    """A prediction of exactly zero gives an infinite loss, not a large one."""
    graph = derive(model_of("neuron", loss="cross_entropy", output=2, steps=1), "delta")
    givens = random_givens(graph, 1)
    givens["W"], givens["b"], givens["x[1]"] = (
        np.zeros((1, 2)),
        np.array([[0.0, 1000.0]]),
        np.ones(1),
    )
    givens["y[1]"] = np.array([[1.0, 0.0]])

    values = evaluate(graph, givens)

    np.testing.assert_array_equal(values["yhat[1]"], [[0.0, 1.0]])
    assert np.isposinf(values["L[1]"]).all()


@pytest.mark.parametrize(
    ("loss", "long"),
    [
        ("cross_entropy", "cross_entropy_through_softmax"),
        ("binary_cross_entropy", "binary_cross_entropy_through_sigmoid"),
    ],
)
def test_cross_entropy_is_derived_jointly_unless_the_long_way_is_asked(loss, long):
    """By default the derivative by the score is prediction minus target; the long way names the
    derivative by the prediction, and gives the same gradient."""
    sizes = {"output": 3} if loss == "cross_entropy" else {}
    short, through = (
        derive(model_of("neuron", loss=name, steps=1, **sizes), "delta") for name in (loss, long)
    )

    assert "dL/dyhat[1]" not in short.quantities
    assert "dL/dyhat[1]" in through.quantities

    givens = random_givens(short, 3, 0.1, 0.9)
    if sizes:
        givens["y[1]"] = np.array([[0.0, 1.0, 0.0]])
    values, others = evaluate(short, givens), evaluate(through, givens)
    expected = values["yhat[1]"] - givens["y[1]"]

    np.testing.assert_allclose(values["dL/ds[1]"], expected)
    np.testing.assert_allclose(others["dL/ds[1]"], expected)
