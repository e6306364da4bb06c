"""A law over random networks of the language of equations: the key is PyTorch's, or the bank is
refused at a line."""

import os
from dataclasses import replace
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from random_networks import Evaluator, network

from rnnquiz.algebra.expression import Apply, mul, number, walk
from rnnquiz.algebra.operations import OPERATIONS
from rnnquiz.bank import load
from rnnquiz.bank.load import load_bank, parse_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.derivation.backward import derive
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.documents.key import key
from rnnquiz.documents.outputs import OUTPUTS
from rnnquiz.documents.render import render
from rnnquiz.documents.sheet import sheet
from rnnquiz.errors import BankError
from rnnquiz.exercise import Exercise
from rnnquiz.files.resources import folder
from rnnquiz.models import catalogue
from rnnquiz.variants.issue import issue_variants
from rnnquiz.variants.stress import report_of
from tests_support import BANKS, within

EXAMPLES = int(os.environ.get("RNNQUIZ_NETWORKS", "60"))
AGREEMENT = {"rtol": 1e-8, "atol": 1e-11}
torch = pytest.importorskip("torch")

OPTIMISERS = {
    "gradient_descent": lambda p: torch.optim.SGD(p, lr=0.05),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.05, eps=1e-8),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.05, alpha=0.9, eps=1e-8),
    "adam": lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.9, 0.99), eps=1e-8),
    "clip_norm": lambda p: torch.optim.SGD(p, lr=0.05),
    "clip_value": lambda p: torch.optim.SGD(p, lr=0.05),
}


def problems_of(text):
    """The bank, or what is wrong with it."""
    try:
        return parse_bank(text), ()
    except BankError as error:
        return None, error.problems


def loaded(made):
    """The bank, without givens that its loss does not read, as the errors name them. None where it
    is refused at a line."""
    text = made.text
    for _ in range(3):
        bank, problems = problems_of(text)
        if bank is not None:
            return bank
        idle = [
            p.where.removeprefix("givens.")
            for p in problems
            if "is not a given of this model" in p.found
        ]
        assert idle or all(p.line for p in problems), problems
        if not idle:
            return None
        keys = tuple(f"  {'α' if name == 'alpha' else name}: " for name in idle)
        text = "\n".join(line for line in text.split("\n") if not line.startswith(keys))
    raise AssertionError(text)


def clipped(name, leaves):
    if name == "clip_value":
        torch.nn.utils.clip_grad_value_(leaves, 0.3)
    if name == "clip_norm":
        norm = torch.nn.utils.get_total_norm([p.grad for p in leaves])
        for p in leaves:
            p.grad *= min(1.0, 0.3 / norm)  # clip_grad_norm_ adds 1e-6 to the norm


def compare(bank, made):
    """Every gradient, delta and updated parameter of every pass against PyTorch; False where a
    number has no value."""
    try:
        variant = issue_variants(bank, b"x" * 32, [("s", 1)])[0][0]
    except BankError as error:
        if "has no value with these numbers" not in str(error):
            raise
        return False
    full = bank.full
    ours = evaluate(
        full,
        {name: value for name, value in arrays_of(bank, [variant]).items() if name in full.shapes},
    )
    # All givens, so that a state has a gradient also where no parameter is before it.
    tensors = {
        q.name: torch.tensor(ours[q.name][0], dtype=torch.float64, requires_grad=True)
        for q in full.givens
    }
    leaves = {p: tensors[p].detach().clone().requires_grad_() for p in full.parameters}
    trained = [leaves[p] for p in full.trained]
    optimiser = OPTIMISERS[made.optimiser](trained) if trained else None
    for one in full.passes:
        tail = "" if one.number is None else f"#{one.number}"
        for leaf in leaves.values():
            leaf.grad = None
        run = Evaluator(torch, made.equations, made.steps, made.window, tensors | leaves)
        loss = run.value("L")
        if loss.requires_grad:
            loss.backward()
        grads = {
            name: v.grad for name, v in run.values.items() if v.requires_grad and v.grad is not None
        }
        for q in full.computed:
            if (
                q.name.startswith("dL/d")
                and "@" not in q.name
                and q.name.endswith(tail)
                and q.name.count("#") == bool(tail)
            ):
                of = q.name.removesuffix(tail)[4:]
                theirs = grads.get(of, torch.zeros(q.shape)).numpy()
                np.testing.assert_allclose(
                    ours[q.name][0], theirs, **AGREEMENT, err_msg=f"{q.name}\n{made.text}"
                )
        for term in [
            name for name in run.values if name.startswith("L[") and run.values[name].requires_grad
        ]:
            alone = Evaluator(torch, made.equations, made.steps, made.window, tensors | leaves)
            by = list(leaves)
            found = torch.autograd.grad(
                alone.value("L", int(term[2:-1])), [leaves[p] for p in by], allow_unused=True
            )
            for p, theirs in zip(by, found, strict=True):
                name = f"d{term}/d{p}{tail}"
                if name in ours and theirs is not None:
                    np.testing.assert_allclose(
                        ours[name][0], theirs.numpy(), **AGREEMENT, err_msg=f"{name}\n{made.text}"
                    )
        if optimiser is not None:
            for p in trained:
                p.grad = (
                    torch.zeros_like(p) if p.grad is None else p.grad
                )  # read for its shape only
            clipped(made.optimiser, trained)
            optimiser.step()
            for p, leaf in zip(full.trained, trained, strict=True):
                base, bracket, time = p.partition("[")
                name = f"{base}_new{bracket}{time}{tail}"
                np.testing.assert_allclose(
                    ours[name][0],
                    leaf.detach().numpy(),
                    rtol=1e-7,
                    atol=1e-9,
                    err_msg=f"{name}\n{made.text}",
                )
    return True


@settings(max_examples=EXAMPLES)
@given(seed=st.integers(0, 10**9))
@example(seed=711)
def test_the_key_of_any_network_is_that_of_pytorch_or_the_bank_is_refused_at_a_line(seed):
    """Random cells, losses and regularisers, shared and squared weights, parameters of anything;
    both styles, all optimisers."""
    made = network(seed)

    bank = loaded(made)

    if bank is not None:
        compare(bank, made)


def test_few_random_networks_are_refused():
    """Nine of ten are read and have a value: the law above is about keys, and not about
    refusals."""
    made = list(map(network, range(60)))

    banks = list(map(loaded, made))
    compared = [b is not None and compare(b, m) for b, m in zip(banks, made, strict=True)]

    assert sum(compared) >= 0.9 * len(made)


SMALL = """
title: t
id: t
style: {style}
steps: 2
model:
  equations: |
    h[t] = tanh(W * x[t] + U * h[t-1])
    L[t] = 0.5*(y[t] - V * h[t])**2
    L = {loss}
  parameters: [W, U, V{learned}]
  gradients: [{asked}]
  optimiser: {optimiser}
givens: {{x: 0.5, y: 0.3, W: 0.6, U: 0.3, V: 1.1, h: 0.2, eta: 0.1, mu: 0.9}}
rounding: {{decimals: 4}}
"""


def exercise(style, loss="sum_t(L[t])", learned="", asked="", optimiser="momentum"):
    bank = parse_bank(
        SMALL.format(style=style, loss=loss, learned=learned, asked=asked, optimiser=optimiser)
    )
    return Exercise(bank, issue_variants(bank, b"x" * 32, [("s", 1)])[0][0])


@pytest.mark.parametrize("style", ["total", "delta"])
def test_a_weight_that_the_loss_reads_itself_counts(style):
    """L = sum of the L[t] + W**2/2: the gradient by W is that of the sum, and W more (0.0997 + 0.6
    for these numbers)."""
    plain, more = (
        exercise(style, loss).solution.exact["dL/dW"][0]
        for loss in ("sum_t(L[t])", "sum_t(L[t]) + 0.5*W**2")
    )

    assert more == pytest.approx(plain + 0.6, abs=1e-12)


@pytest.mark.parametrize("style", ["total", "delta"])
def test_an_initial_state_can_be_learned_and_an_input_asked_for_its_gradient(style):
    """h among the parameters is updated like a weight; x among the gradients is not; boxes are
    named by their step."""
    done = exercise(style, learned=", h", asked="x")
    names = {box.name for box in done.bank.boxes}
    assert {"dL/dh[0]", "dL/dx[1]", "m_h[0]#1", "h_new[0]", "W_new"} <= names
    assert not any(name.startswith(("x_new", "m_x")) for name in names)
    if style == "total":
        assert {"dL[2]/dx[1]", "dL[1]/dh[0]", "dh[1]/dx[1]"} <= names
    for output in OUTPUTS:
        assert "new" in render(key(done.solution, "Ada"), output)
        assert render(sheet(done.bank, done.variant, "Ada"), output)

    answers = {box.name: done.solution.rounded[box.quantity] for box in done.bank.boxes}
    marked = done.mark(answers)
    assert marked.marks == marked.maximum


@pytest.mark.parametrize("style", ["total", "delta"])
def test_parameters_beside_a_cell_choose_what_is_trained(style):
    """A bank may take some of a cell's parameters, and its initial state."""
    text = (
        (folder("question_banks") / "bptt_scalar.yaml")
        .read_text()
        .replace("style: total", f"style: {style}")
    )
    bank = parse_bank(text.replace("  cell: elman", '  cell: elman\n  parameters: [U, "h[0]"]'))

    assert [q.name for q in bank.full.computed if q.role == "update"] == ["U_new", "h_new[0]"]


WRONG = [
    ("parameters: [W, U, V, h[0]]", r"line 11, YAML: .*in a list a name with brackets is quoted"),
    (
        'parameters: [W, U, V, "h[1]"]',
        r"h\[1\] is computed, and a parameter is given -> take it out: style: delta has dL/dh\[1\]",
    ),
    ("parameters: [W, U, V, q]", r"no equation reads the parameter q"),
    (
        "parameters: [W, U, V, x]",
        r"x\[1\] stands among the parameters and among the gradients -> keep one",
    ),
]


@pytest.mark.parametrize(("parameters", "message"), WRONG)
def test_what_cannot_be_learned_is_said(parameters, message):
    """States that are computed, letters that nobody reads, one name in two lists."""
    text = SMALL.format(
        style="delta", loss="sum_t(L[t])", learned="", asked="x", optimiser="momentum"
    )

    with pytest.raises(BankError, match=message):
        parse_bank(text.replace("parameters: [W, U, V]", parameters))


def test_an_optimiser_does_not_start_from_a_weight_of_the_same_letter():
    """What AdaGrad keeps is called v; a weight v of the network does not say from where it
    starts."""
    text = SMALL.replace("V", "v").format(
        style="delta", loss="sum_t(L[t])", learned="", asked="", optimiser="adagrad"
    )
    bank = parse_bank(text.replace("mu: 0.9", "epsilon: 0.0000001"))

    assert not any(
        v
        for sampler in (bank.samplers["v_W#0"],)
        for group in sampler.groups
        for choice in group
        for v in choice
    )


def test_greek_letters_are_letters_of_a_network():
    """λ and W_α in equations, givens, lists: boxes by their names, and the letters themselves in
    documents."""
    text = (
        SMALL.replace("U", "λ")
        .replace("W", "W_α")
        .format(
            style="delta",
            loss="sum_t(L[t]) + lambda**2",
            learned="",
            asked="",
            optimiser="momentum",
        )
    )
    bank = parse_bank(text)
    done = Exercise(bank, issue_variants(bank, b"x" * 32, [("s", 1)])[0][0])

    assert {"dL/dlambda", "dL/dW_alpha", "lambda_new"} <= {box.name for box in bank.boxes}

    line = next(line for line in done.solution.lines if line.name == "dL/dlambda")
    assert r"\partial \lambda" in line.latex()
    assert "λ" in line.show("mathml")
    assert "partial lambda" in line.show("typst")


@pytest.mark.parametrize("name", BANKS)
def test_no_key_with_a_wrong_rule_leaves_the_loader(name, monkeypatch):
    """With one rule of differentiation wrong (a factor of a product by half), each bank that uses
    it is refused, at a line."""
    path = folder("question_banks") / f"{name}.yaml"
    bank = load_bank(path)
    uses = {
        node.op
        for q in bank.full.computed
        if q.role in ("forward", "loss")
        for node in walk(q.formula)
        if isinstance(node, Apply)
    }
    derived = [q for q in bank.full.computed if "/d" in q.name]

    for op in sorted(uses & {"mul", "matvec", "tanh", "sigmoid", "pow", "hadamard", "log"}):
        row = OPERATIONS[op]
        half = replace(
            row,
            partial=lambda args, g, i, of, row=row: mul(
                number(Fraction(1, 2)), row.partial(args, g, i, of)
            ),
        )
        monkeypatch.setitem(OPERATIONS, op, half)

        try:
            if (
                derive(bank.model, bank.written.style, bank.written.slope).restricted(
                    frozenset(bank.full.quantities)
                )
                != bank.full
            ):
                assert derived
                with pytest.raises(
                    BankError, match=r"line \d+, model: .* by the rules, .* by central differences"
                ):
                    parse_bank(path.read_text())
        finally:
            monkeypatch.setitem(OPERATIONS, op, row)


def test_a_joint_loss_needs_targets_with_sum_one():
    """yhat - y is the gradient of softmax and cross-entropy only where the targets have the sum 1;
    else there is no key."""
    text = """
title: t
id: t
style: delta
steps: 1
model: {cell: neuron, loss: cross_entropy_joint, sizes: {output: 2}}
givens: {x: 0.5, y: [%s], W: [0.2, -0.4], b: [0.1, 0.3], eta: 0.1}
"""

    assert parse_bank(text % "[0.3, 0.7]")
    with pytest.raises(
        BankError,
        match=r"line 6, model: dL/d.* by the rules, .* the targets of a joint loss have the sum 1",
    ):
        parse_bank(text % "[0.3, 0.4]")


def test_a_variant_is_checked_again_when_it_is_issued(monkeypatch):
    """Fixed numbers, too: a key that does not agree is not issued, whoever made the bank."""
    monkeypatch.setattr(load, "check_key", lambda bank, line: None)
    monkeypatch.setitem(
        OPERATIONS, "mul", replace(OPERATIONS["mul"], partial=lambda args, g, i, of: g)
    )
    bank = parse_bank(
        SMALL.format(style="delta", loss="sum_t(L[t])", learned="", asked="", optimiser="momentum")
    )

    with pytest.raises(BankError, match=r"line 7, model: .* by central differences"):
        issue_variants(bank, b"x" * 32, [("s", 1)])


@pytest.mark.parametrize("scale", ["0.000001", "0.6", "900000"])
@pytest.mark.parametrize(
    "function",
    ["tanh({})", "relu({})", "sin({})", "log(2 + cos({}))", "sqrt(1 + ({})**2)", "clip({}, 0.4)"],
)
def test_right_keys_are_never_suspected(function, scale):
    """Tiny and huge weights, kinks and waves: where the rules are right, central differences do not
    say otherwise."""
    text = SMALL.replace(
        "tanh(W * x[t] + U * h[t-1])", function.format("W * x[t] + U * h[t-1]")
    ).replace("W: 0.6", f"W: {scale}")

    for style in ("total", "delta"):
        assert parse_bank(
            text.format(style=style, loss="sum_t(L[t])", learned="", asked="", optimiser="momentum")
        )


LARGE = """
title: t
id: t
style: delta
steps: 12
ask: [forward, sum]
model: {cell: lstm, sizes: {hidden: 8, input: 8, output: 2}}
rounding: {decimals: 6}
givens:
"""


@pytest.mark.slow
def test_a_large_network_is_solved_in_seconds_and_called_no_work_for_a_hand():
    """LSTM, 8 hidden units, 12 steps: loaded, checked and solved; the sheet and `check` say that it
    is for programs."""
    cell = catalogue.cell("lstm")
    names = ["x", "y", "h", "c", *cell.parameters]
    draw = Random(3)
    sizes = {"hidden": 8, "input": 8, "output": 2}

    def numbers(shape):
        return (
            f"{draw.randint(-90, 90) / 100}"
            if not shape
            else "[" + ", ".join(numbers(shape[1:]) for _ in range(shape[0])) + "]"
        )

    givens = {
        name: numbers([*([12] if name in "xy" else []), *(sizes[d] for d in cell.shapes[name])])
        for name in names
    }

    with within(30):  # 2 s alone on a machine
        bank = parse_bank(LARGE + "".join(f"  {name}: {value}\n" for name, value in givens.items()))
        done = Exercise(bank, issue_variants(bank, b"x" * 32, [("s", 1)])[0][0])
        assert done.solution.rounded["dL/dU_f"]
    assert "This is no work for a hand" in render(sheet(bank, done.variant, "Ada"), "markdown")
    assert "This is no work for a hand" in report_of(bank, 0).text()
    assert not any(load_bank(folder("question_banks") / f"{name}.yaml").warning for name in BANKS)
