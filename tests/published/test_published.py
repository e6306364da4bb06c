"""Numbers that others have published, reproduced: textbooks, courses' unit tests, tests of
frameworks.

Each test names its source. Known misprints of a source are left out, and said so.
"""

import numpy as np
import pytest

from rnnquiz.derivation.backward import derive
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.models import catalogue
from rnnquiz.models.assemble import Network, Span, assemble
from rnnquiz.models.catalogue import Cell
from tests_support import model_of


def solved(model, **numbers):
    """Every quantity of the model; a number of one letter is given to all steps, entries of x and y
    step by step."""
    graph = derive(model, "delta")
    givens = {}
    for q in graph.givens:
        base = q.name.partition("[")[0].partition("#")[0]
        value = numbers.get(q.name.replace("#", "_"), numbers.get(base, 0.0))
        if base in ("x", "y") and base in numbers:
            value = numbers[base][q.time - 1]
        givens[q.name] = np.broadcast_to(np.asarray(value, dtype=float), q.shape)[None]
    return {name: value[0] for name, value in evaluate(graph, givens).items()}


def same(ours, printed, digits):
    """Equal to the digits printed."""
    np.testing.assert_allclose(ours, printed, rtol=0, atol=0.51 * 10.0**-digits)


def test_mazur_perceptron():
    """M. Mazur, A Step by Step Backpropagation Example (2015): two inputs, two hidden, two outputs,
    sigmoids, one update.

    Left out: the losses after one and after 10,000 rounds, which do not follow from the weights
    published there.
    """
    model = model_of("perceptron", out="sigmoid", steps=1, input=2, hidden=2, output=2)
    v = solved(
        model,
        x=[[0.05, 0.10]],
        y=[[0.01, 0.99]],
        W=[[0.15, 0.20], [0.25, 0.30]],
        b=[0.35, 0.35],
        V=[[0.40, 0.45], [0.50, 0.55]],
        c=[0.60, 0.60],
        eta=0.5,
    )

    same(v["a[1]"][0], 0.3775, 4)
    same(v["h[1]"], [0.593269992, 0.596884378], 9)
    same(v["s[1]"][0], 1.105905967, 9)
    same(v["yhat[1]"], [0.75136507, 0.772928465], 8)
    same(v["L"], 0.298371109, 9)
    same(v["dL/dyhat[1]"][0], 0.74136507, 8)
    same(v["yhat'[1]"][0], 0.186815602, 9)
    same(v["dL/dV"][0, 0], 0.082167041, 9)
    same(v["V_new"], [[0.35891648, 0.408666186], [0.511301270, 0.561370121]], 8)
    same(v["W_new"], [[0.149780716, 0.19956143], [0.24975114, 0.29950229]], 8)


def test_elman_forward_of_a_tensorflow_textbook():
    """TensorFlow: Google Deep Learning Framework in Practice (caicloud), chapter 8, listing of the
    forward pass."""
    v = solved(
        model_of("elman_preactivation", steps=2, hidden=2),
        x=[1.0, 2.0],
        W=[0.5, 0.6],
        U=[[0.1, 0.3], [0.2, 0.4]],
        b=[0.1, -0.1],
        V=[1.0, 2.0],
        c=0.1,
    )

    same(v["a[1]"], [0.6, 0.5], 8)
    same(v["h[1]"], [0.53704957, 0.46211716], 8)
    same(v["yhat[1]"], 1.56128388, 8)
    same(v["a[2]"], [1.2923401, 1.39225678], 7)
    same(v["h[2]"], [0.85973818, 0.88366641], 8)
    same(v["yhat[2]"], 2.72707101, 8)


RNN54 = [
    ([1, 2, 3], 0.5, 0.8, 0.0, 0.9759, {}),
    ([0.5, 0.1, -0.2], 1.0, 0.5, 0.1, 0.118, {}),
    (
        [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]],
        [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]],
        [[0.7, 0.8], [0.9, 1.0]],
        [0.1, 0.2],
        [0.7474, 0.9302],
        {"input": 3, "hidden": 2},
    ),
]


@pytest.mark.parametrize(("x", "w", "u", "b", "last", "sizes"), RNN54)
def test_simple_rnn_of_deep_ml(x, w, u, b, last, sizes):
    """Deep-ML, problem 54, Implementing a Simple RNN, its three unit tests."""
    v = solved(model_of("elman", steps=len(x), **sizes), x=x, W=w, U=u, b=b)
    same(v[f"h[{len(x)}]"], last, 4)


BPTT62 = [
    ((1, 5, 1), [1, 2, 3, 4], [2, 3, 4, 5], 100, [2.24143915, 3.18450265, 4.04305928, 4.57419398]),
    (
        (2, 3, 1),
        [[1, 2], [7, 2], [1, 3], [12, 4]],
        [2, 3, 4, 5],
        100,
        [2.42201379, 3.44167595, 3.6129965, 4.50660152],
    ),
    (
        (2, 10, 2),
        [[1, 2], [7, 2], [1, 3], [12, 4]],
        [[2, 1], [3, 7], [4, 8], [5, 10]],
        50,
        [
            [3.28424506, 5.93532247],
            [3.60393582, 6.82013468],
            [3.52586543, 6.58278163],
            [3.61336207, 6.84916339],
        ],
    ),
]


@pytest.mark.parametrize(("sizes", "x", "y", "epochs", "last"), BPTT62)
def test_backpropagation_through_time_of_deep_ml(sizes, x, y, epochs, last):
    """Deep-ML, problem 62, a simple RNN trained with backpropagation through time: outputs after
    many updates, eight digits."""
    inputs, hidden, outputs = sizes
    np.random.seed(42)
    w, u, v = (
        np.random.randn(*shape) * 0.01
        for shape in ((hidden, inputs), (hidden, hidden), (outputs, hidden))
    )

    graph = derive(model_of("elman", steps=4, input=inputs, hidden=hidden, output=outputs), "delta")
    givens = {q.name: np.zeros((1, *q.shape)) for q in graph.givens} | {"eta": np.array([0.01])}
    givens |= {
        name: array.reshape(1, *graph.shapes[name])
        for name, array in (("W", w), ("U", u), ("V", v))
    }
    for t in range(4):
        givens |= {
            f"x[{t + 1}]": np.array([x[t]], dtype=float),
            f"y[{t + 1}]": np.array([y[t]], dtype=float),
        }

    for _ in range(epochs):
        values = evaluate(graph, givens)
        givens |= {p: values[f"{p}_new"] for p in graph.parameters}

    same(np.stack([values[f"yhat[{t}]"][0] for t in (1, 2, 3, 4)]), last, 7)


def gates(names, **parts):
    return {f"{letter}_{gate}": value for gate in names for letter, value in parts.items()}


def test_lstm_of_deep_ml():
    """Deep-ML, problem 59, an LSTM, its two unit tests. The text around them has other, wrong,
    intermediate numbers."""
    numbers = gates("fio", W=0.5, U=0.5, b=0.1) | gates("g", W=0.3, U=0.3, b=0.1)
    same(solved(model_of("lstm", steps=3), x=[1, 2, 3], **numbers)["h[3]"], 0.73698596, 8)

    numbers = gates("fiog", U=[[0.1, 0.2], [0.5, 0.6]], W=[[0.3, 0.4], [0.7, 0.8]], b=[0.1, 0.2])
    same(
        solved(model_of("lstm", steps=2, input=2, hidden=2), x=[[0.1, 0.2], [0.3, 0.4]], **numbers)[
            "h[2]"
        ],
        [0.16613133, 0.40299449],
        8,
    )


def test_lstm_of_keras():
    """Keras, keras/src/layers/rnn/lstm_test.py: kernels 0.01 and 0.02, biases 0.03; with a
    forget-gate bias of 1 and without."""
    data = np.arange(72.0).reshape(3, 6, 4)

    for forget, printed in (
        (1.0, [0.6288687, 0.86899155, 0.9460773]),
        (0.03, [0.57019705, 0.8661914, 0.9459622]),
    ):
        numbers = gates("fiog", W=0.01, U=0.02, b=0.03) | {"b_f": forget}

        for row, last in zip(data, printed, strict=True):
            np.testing.assert_allclose(
                solved(model_of("lstm", steps=6, input=4, hidden=3), x=row, **numbers)["h[6]"],
                [last] * 3,
                atol=1e-6,
            )


GRU_KERAS = [
    ("gru_after_keep", [0.5217289, 0.6371659, 0.39384964]),
    ("gru_keep", [0.51447755, 0.6426879, 0.40208298]),
]


@pytest.mark.parametrize(("cell", "printed"), GRU_KERAS)
def test_gru_of_keras(cell, printed):
    """Keras, keras/src/layers/rnn/gru_test.py: the reset gate after (two biases) and before the
    matrix product."""
    numbers = gates("zrn", W=0.01, U=0.02, b=0.06 if "after" in cell else 0.03) | {
        "b_n": 0.03,
        "d_n": 0.03,
    }

    for row, last in zip(np.arange(72.0).reshape(3, 6, 4), printed, strict=True):
        np.testing.assert_allclose(
            solved(model_of(cell, steps=6, input=4, hidden=3), x=row, **numbers)["h[6]"],
            [last] * 3,
            atol=1e-6,
        )


def test_gru_of_arraymancer():
    """Arraymancer, tests/nn_primitives/test_nnp_gru.nim, made with PyTorch: one step, the update
    gate keeps the old state."""
    w = np.array(
        [
            [0.9, 0.8, 0.7, 0.6],
            [0.8, 0.7, 0.6, 0.5],
            [0.7, 0.6, 0.5, 0.4],
            [0.6, 0.5, 0.4, 0.3],
            [0.5, 0.4, 0.3, 0.2],
            [0.4, 0.3, 0.2, 0.1],
        ]
    )
    u, bias = [[-0.3, -0.1], [-0.2, 0.0]], np.arange(1, 7) / 10
    numbers = {f"W_{g}": w[2 * k : 2 * k + 2] for k, g in enumerate("rzn")} | {
        f"U_{g}": u for g in "rzn"
    }
    numbers |= {
        "b_r": 0.0,
        "b_z": 0.0,
        "b_n": bias[4:],
        "d_n": -bias[4:],
    }  # the two biases of the gates cancel
    printed = [
        [-0.5317437280, -0.4752916969],
        [-0.3930421219, -0.3209550879],
        [-0.7325259335, -0.6429624731],
    ]

    for x, h in zip(
        [[0.1, 0.2, 0.3, 0.4], [-0.1, -0.2, -0.3, -0.4], [0.5, 0.6, 0.7, 0.8]], printed, strict=True
    ):
        v = solved(
            model_of("gru_after_keep", steps=1, input=4, hidden=2), x=[x], **{"h": -1.0}, **numbers
        )

        same(v["h[1]"], h, 10)


def descent(optimiser, formula, size, updates=1, **numbers):
    """The parameter w after each update, for a loss that is a formula of w (and of x)."""
    cell = Cell("", f"L = {formula}", {"w": ["n"], "x": ["n"]}, ["w"], ["x"])
    network = Network(cell, catalogue.output("linear"), optimiser=catalogue.optimiser(optimiser))
    model = assemble(network, {"n": size}, Span(1, updates))
    return solved(model, **numbers)


def test_adam_of_deep_ml():
    """Deep-ML, problems 49 and 87: ten updates of x**2 + y**2, and one update from given
    gradients."""
    adam = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8, "eta": 0.001}
    same(
        descent("adam", "sum(w**2)", 2, 10, w=[1.0, 1.0], **adam)["w_new#10"],
        [0.99000325, 0.99000325],
        8,
    )
    same(
        descent("adam", "sum(w**2)", 2, 10, w=[0.2, 12.3], **adam)["w_new#10"],
        [0.19001678, 12.29000026],
        8,
    )

    v = descent("adam", "sum(x[1] * w)", 2, w=[1.0, 2.0], x=[[0.1, 0.2]], **adam)
    same(v["w_new"], [0.999, 1.999], 6)
    same(v["m_w#1"], [0.01, 0.02], 12)
    same(v["v_w#1"], [1e-5, 4e-5], 12)


def test_adagrad_of_deep_ml():
    """Deep-ML, problem 145, the AdaGrad optimiser."""
    v = descent(
        "adagrad",
        "sum(x[1] * w)",
        2,
        w=[1.0, 1.0],
        x=[[1.0, 1.0]],
        eta=0.01,
        epsilon=1e-8,
        v_w=[10000.0, 1.0],
    )

    same(v["w_new"], [0.9999, 0.99293], 5)
    same(v["v_w#1"], [10001.0, 2.0], 6)


def test_momentum_and_rmsprop_of_cs231n():
    """Stanford CS231n, assignment 2: the checks of sgd_momentum and rmsprop (first row and last
    entry)."""
    w, dw, kept = (np.linspace(a, b, 20) for a, b in ((-0.4, 0.6), (-0.6, 0.4), (0.6, 0.9)))
    v = descent("momentum", "sum(x[1] * w)", 20, w=w, x=[dw], eta=1e-3, mu=0.9, m_w=-kept / 1e-3)
    same(
        v["w_new"][[0, 1, 2, 3, 4, 19]],
        [0.1406, 0.20738947, 0.27417895, 0.34096842, 0.40775789, 1.4096],
        8,
    )
    same(-1e-3 * v["m_w#1"][[0, 19]], [0.5406, 0.8096], 8)

    v = descent(
        "rmsprop", "sum(x[1] * w)", 20, w=w, x=[dw], eta=1e-2, rho=0.99, epsilon=1e-8, v_w=kept
    )

    same(
        v["w_new"][[0, 1, 2, 3, 4, 19]],
        [-0.39223849, -0.34037513, -0.28849239, -0.23659121, -0.18467247, 0.59576619],
        8,
    )
    same(v["v_w#1"][[0, 1, 19]], [0.5976, 0.6126277, 0.8926], 7)


def test_clipping_of_keras():
    """Keras, keras/src/optimizers: gradients of 100 clipped to norm 1 and to value 1."""
    for optimiser, printed in (("clip_norm", 2**-0.5), ("clip_value", 1.0)):
        v = descent(
            optimiser, "sum(x[1] * w)", 2, w=[0.0, 0.0], x=[[100.0, 100.0]], eta=1.0, theta=1.0
        )

        same(v["w_new"], [-printed] * 2, 12)


def test_softmax_and_cross_entropy_of_cs231n():
    """Stanford CS231n notes, linear classification: scores -2.85, 0.86, 0.28, the third class is
    right, loss 1.04."""
    v = solved(
        model_of("neuron", loss="cross_entropy_joint", steps=1, output=3),
        b=[-2.85, 0.86, 0.28],
        y=[[0, 0, 1]],
        x=[0.0],
        W=0.0,
    )

    same(v["L"], 1.04, 2)
    same(v["L"], 1.04019057, 8)
