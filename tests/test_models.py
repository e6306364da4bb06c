"""Networks from equations: a bank's own cell, notations, tasks, letters as inputs, training over
several passes."""

import re

import numpy as np
import pytest

from rnnquiz.algebra.expression import Apply, walk
from rnnquiz.algebra.targets import FORMULA_TARGETS
from rnnquiz.bank.load import load_bank, parse_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.documents.engines import missing_for_latex, pdfs
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.key import key
from rnnquiz.documents.outputs import OUTPUTS
from rnnquiz.documents.render import render
from rnnquiz.documents.sheet import sheet
from rnnquiz.errors import BankError
from rnnquiz.exercise import Exercise
from rnnquiz.files.resources import folder
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import mark
from rnnquiz.grade.simulate import mistaken_values, texts_of
from rnnquiz.models import catalogue
from rnnquiz.models.assemble import letters_of
from rnnquiz.models.mistakes import mistakes_of
from rnnquiz.solution.solved import solve
from tests_support import BANKS, DATA, bank_of, corrected, model_of, shipped, slowly, variants_of

OWN = (DATA / "own_cell.yaml").read_text()

FAULTS = [
    (
        "R @ m[t-1]",
        "R @ mm[t-1]",
        (
            r"line 8, model.equations: mm\[0\] is used but neither computed nor given -> .*known"
            r" names are .*lam, m, q"
        ),
    ),
    (
        "R @ m[t-1]",
        "R @ m[t]",
        (
            r"line 8, model.equations: a circle: q\[1\] <- m\[1\] <- q\[1\] -> let one of them"
            r" use an earlier step"
        ),
    ),
    ("R @ m[t-1]", "R @ m[t+1]", r"line 8, model.equations: a circle: q\[1\] <- m\[2\]"),
    ("S @ z[t] + e", "S @ m[t-1] + e", r"line 8, model.equations: q\[1\]: .*S is a vector of 2"),
    (
        "R @ m[t-1]",
        "R @ m[t-1] + T @ m[t-1]",
        (
            r"line 8, .*a sum needs terms of one shape; found vector of 2, scalar, vector of 2,"
            r" vector of 2"
        ),
    ),
    (
        "tanh(q[t])",
        "sinh(q[t])",
        (
            r"equation 2, column 28: unknown function 'sinh' -> did you mean .*known are clip,"
            r" concat, cos, exp"
        ),
    ),
    ("parameters: [T", "parameters: [Q, T", r"no equation reads the parameter Q -> take it out"),
    (
        "[output, hidden]",
        "[outputs, hidden]",
        (
            r"line 12, model.shapes: 'outputs' is no size -> did you mean .*known are input,"
            r" hidden, output"
        ),
    ),
    (
        "yhat[t] = T",
        "yhut[t] = T",
        r"line 7, model.equations: yhat\[1\] is used but neither computed nor given",
    ),
    ("roles: {R", "activation: relu\n  roles: {R", r"its equations have no act\(...\)"),
    (
        "roles: {R",
        "cell: lstm\n  roles: {R",
        r"line 15, model.cell: stands beside equations -> keep one",
    ),
    (
        "roles: {R",
        "output: softmax\n  roles: {R",
        r"softmax takes a vector, found a scalar.* -> take sigmoid for a single output",
    ),
    (
        "roles: {R",
        "loss: nothing\n  roles: {R",
        r"line 15, model.loss: 'nothing' is not in the catalogue -> known are binary_cross_entropy",
    ),
    ("roles: {R", "updates: 9\n  roles: {R", r"line 15, model.updates"),
    ("style: delta", "style: total", r"line 18, style: style total: .* use style: delta"),
    (
        "steps: 2",
        "steps: 2\nnotation: klingon",
        r"line 18, notation: 'klingon' is not in the catalogue -> known are ax_aa_ya",
    ),
    (
        "steps: 2",
        "steps: 2\ntask: {kind: step}",
        r"line 18, task: a step is asked and not which -> write  task: \{kind: step, at: 2\}",
    ),
    (
        "steps: 2",
        "steps: 2\ntask: {kind: step, at: 9}",
        r"line 18, task.at: step 9 of a network of 2 -> write a number of at most 2",
    ),
    (
        "steps: 2",
        "steps: 2\ntask: {kind: find}",
        r"line 18, task: finding a mistake is for networks of scalars",
    ),
    (
        "z: {range: [-1.5, 1.5], step: 0.1, not: [0, 1, -1]}",
        "z: {alphabet: ab}",
        r"line 20, givens.z.alphabet: 'ab' for a scalar",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), FAULTS)
def test_a_faulty_cell_is_refused_with_line_and_remedy(old, new, message):
    """A cell with a mistake in it is refused with the line, the shapes, and what would fit."""
    assert old in OWN
    with pytest.raises(BankError) as error:
        parse_bank(OWN.replace(old, new, 1), "own.yaml")
    assert re.search(message, str(error.value)), str(error.value)


@pytest.mark.parametrize(
    "equations", ["L = W**2 + x[1]", "L[t] = W * x[t]\n    L = sum_t(L[t])", "L = W * x[1]"]
)
def test_a_loss_without_a_network_is_refused(equations):
    """Where nothing is computed before the loss the bank is refused at its equations, with a
    remedy."""
    text = (
        f"title: t\nid: t\nmodel:\n  equations: |\n    {equations}\n  parameters: [W]\n"
        "givens: {W: 0.5, x: 0.7, eta: 0.1}\n"
    )
    message = "line 4, model.equations: nothing is computed before the loss -> name what"

    with pytest.raises(BankError, match=message):
        parse_bank(text)


def test_a_quantity_has_the_same_mistakes_whichever_is_asked_for_first(bank):
    """They are worked out as they are asked for, and have parts in common."""
    forwards = mistakes_of(bank.graph, bank.rules, bank.sample)
    backwards = mistakes_of(bank.graph, bank.rules, bank.sample)
    from_the_end = {name: backwards[name] for name in reversed(list(backwards))}

    assert dict(forwards) == from_the_end
    assert all(forwards[q.name] == () for q in bank.graph.givens)


def test_a_bank_with_its_own_equations_is_marked_like_any_other():
    """Own letters throughout: right answers get all marks; a mistake is found at its box and named;
    all documents come out."""
    bank = load_bank(DATA / "own_cell.yaml")
    variants = variants_of(bank, 3)
    givens = arrays_of(bank, variants)

    chain = evaluate(bank.graph, givens, bank.rounding)

    assert {"q[1].1", "dL/dR@2.1.2", "S_new.1"} <= {box.name for box in bank.boxes}
    np.testing.assert_allclose(
        corrected(bank, givens, texts_of(bank, chain)).totals, sum(bank.marks.values())
    )

    found = Diagnosis(bank).mistaken["q[2]"]
    assert {"F9", "F12", "F16"} <= {m.rule.id for m in found}
    for mistake in found:
        row = next(
            r
            for r in corrected(
                bank, givens, texts_of(bank, mistaken_values(bank, givens, [mistake]))
            ).results(0)
            if r.verdict != "correct"
        )

        assert row.quantity == "q[2]"
        assert mistake.rule.id in [e.id for e in row.explanations]
    for output in OUTPUTS:
        assert len(render(key(solve(bank, variants[0]), "Ada"), output)) > 2000


NOTATIONS = catalogue.names("notations")


@pytest.mark.parametrize("cell", catalogue.names("cells"))
@pytest.mark.parametrize("name", NOTATIONS)
def test_every_notation_gives_every_letter_of_every_cell_its_own(cell, name):
    """No two letters of a network look alike in any notation, with any output."""
    for out in catalogue.names("outputs"):
        bases = letters_of(model_of(cell, out=out, optimiser="adam", output=2))
        letters = catalogue.fitted(
            catalogue.notation(name), bases, catalogue.cell(cell).roles
        ).letters

        assert len(set(letters.values())) == len(bases)


NOTED = [
    "bptt_scalar",
    "bptt_vector",
    "lstm_forward",
    "hello",
    "adam_two_steps",
    "one_step",
    "find_the_mistake",
    "stacked_layers",
    "both_directions",
]


@pytest.mark.parametrize("name", NOTATIONS)
def test_letters_slant_and_brackets_of_indices_stand_upright_in_every_notation(name):
    """What MathML sets upright, a name of several characters, is a word: never a letter together
    with its bracket."""
    page = Exercise.load("worked_example", notation=name)._repr_html_()
    names = set(re.findall("<mi>([^<]*)</mi>", page))

    assert {"t", "tanh"} <= names
    assert all(one.isalpha() for one in names)


@pytest.mark.parametrize("name", slowly(NOTATIONS, ("goodfellow", "rows")))
@pytest.mark.parametrize("bank_name", slowly(NOTED, ("one_step",)))
def test_a_notation_changes_names_and_not_the_marking(bank_name, name):
    """The same answers under the names of a notation get the same verdicts and marks; names differ
    from one another."""
    path = folder("question_banks") / f"{bank_name}.yaml"
    own, noted = parse_bank(path.read_text()), load_bank(path, name)
    variants = variants_of(shipped(bank_name), 2)
    names = dict(zip([b.name for b in own.boxes], [b.name for b in noted.boxes], strict=True))

    assert len(set(names.values())) == len(names)

    givens = arrays_of(own, variants)
    texts = texts_of(own, evaluate(own.graph, givens, own.rounding))
    texts[1] = {
        box: text if k % 5 else text + "7"
        for k, (box, text) in enumerate(texts[1].items())
        if k % 7
    }
    one = mark(own, givens, texts)
    other = mark(
        noted, givens, [{names[box]: text for box, text in sheet_.items()} for sheet_ in texts]
    )

    for n in range(2):
        assert [(names[r.box], r.verdict, r.marks) for r in one.results(n)] == [
            (r.box, r.verdict, r.marks) for r in other.results(n)
        ]
    for output in OUTPUTS:
        solution = solve(noted, variants[1])

        for document in (
            sheet(noted, variants[1], "Ada"),
            key(solution, "Ada"),
            feedback(other, 1, solution, "Ada"),
        ):
            assert render(document, output)


@pytest.mark.parametrize("name", NOTATIONS)
def test_every_notation_compiles(name):
    """Sheet and key of a network of vectors become PDFs in every notation."""
    bank = load_bank(folder("question_banks") / "bptt_vector.yaml", f"{name}+delta_a")
    variant = variants_of(shipped("bptt_vector"), 1)[0]

    assert isinstance(pdfs([key(solve(bank, variant), "Ada")], "typst")[0], bytes)
    if not missing_for_latex():
        assert isinstance(pdfs([key(solve(bank, variant), "Ada")], "latex")[0], bytes)


SHOWN = [
    ("goodfellow", "a[2]", r"a^{(2)}", r"U\,x^{(2)} + W\,h^{(1)} + b"),
    (
        "ax_aa_ya",
        "a[2]",
        r"z^{\langle 2\rangle}",
        r"W_{\mathrm{ax}}\,x^{\langle 2\rangle} + W_{\mathrm{aa}}\,a^{\langle 1\rangle} + b_{a}",
    ),
    ("xh_hh_hy", "a[2]", "a_{1}", r"W_{\mathrm{xh}}\,x_{1} + W_{\mathrm{hh}}\,h_{0} + b_{h}"),
    ("d2l", "a[2]", "a_{2}", r"x_{2}\,W_{\mathrm{xh}} + h_{1}\,W_{\mathrm{hh}} + b_{h}"),
    (
        "pytorch",
        "a[2]",
        "a_{2}",
        r"x_{2}\,W_{\mathrm{ih}}^{\top} + h_{1}\,W_{\mathrm{hh}}^{\top} + b_{\mathrm{ih}}",
    ),
    (
        "rows",
        "dL/dW@2",
        r"\left.\frac{\partial L}{\partial W}\right|_{t=2}",
        r"x_{2}^{\top}\frac{\partial L}{\partial a_{2}}",
    ),
    ("delta_a", "dL/da[2]", r"\delta_{2}", r"\frac{\partial L}{\partial h_{2}}\odot h'_{2}"),
    ("delta_h", "dL/dh[2]", r"\delta_{2}", r"\frac{\partial L}{\partial \hat{y}_{2}}\,V"),
    ("sech2", "h'[2]", "h'_{2}", r"\operatorname{sech}^{2}\left(a_{2}\right)"),
    ("one_minus_h2", "h'[2]", "h'_{2}", r"\mathbf{1} - h_{2}^{2}"),
    ("one_minus_tanh2", "h'[2]", "h'_{2}", r"\mathbf{1} - \tanh\left(a_{2}\right)^{2}"),
]


@pytest.mark.parametrize(("name", "quantity", "symbol", "formula"), SHOWN)
def test_notations_write_as_their_courses_do(name, quantity, symbol, formula):
    """Symbol and formula of a line as the books and courses behind a notation have them (facts of
    their pages, by hand)."""
    bank = load_bank(folder("question_banks") / "bptt_vector.yaml", name)
    line = next(
        line
        for line in solve(bank, variants_of(shipped("bptt_vector"), 1)[0]).lines
        if line.name == quantity
    )

    assert line.parts(FORMULA_TARGETS["latex"])[:2] == [symbol, formula]


def test_direct_parts_carry_a_plus_unless_the_notation_says_no():
    """Total derivatives: the direct part as the derivative with a plus, or as a plain one."""
    for name, shown in (
        ("", r"\frac{\partial^{+} h_{2}}{\partial U}"),
        ("plain_partials", r"\frac{\partial h_{2}}{\partial U}"),
    ):
        bank = load_bank(folder("question_banks") / "bptt_scalar.yaml", name)
        lines = {
            line.name: line for line in solve(bank, variants_of(shipped("bptt_scalar"), 1)[0]).lines
        }

        assert lines["d+h[2]/dU"].parts(FORMULA_TARGETS["latex"])[0] == shown


def test_matrices_are_transposed_where_vectors_are_rows():
    """The numbers of a matrix, and the names of its boxes, are those of its transpose in a notation
    of rows."""
    own, rows = Exercise.load("bptt_vector"), Exercise.load("bptt_vector", notation="rows")
    matrix = own.solution.as_dict()["givens"]["W"]
    a, b, c, d = (text for row in matrix for text in row)
    line = next(line for line in rows.solution.lines if line.name == "W_new")

    assert f"[{a}, {c}; {b}, {d}]" in line.text()
    assert {box.name: box.entry for box in rows.bank.boxes if box.quantity == "W_new"}[
        "W_new.1.2"
    ] == 2


def test_one_step_shows_what_it_needs_and_asks_that_step():
    """A step task: the sheet shows the numbers that the step reads; every box belongs to the
    step."""
    bank = shipped("one_step")
    variant = variants_of(bank, 1)[0]
    assert {bank.graph[box.quantity].time for box in bank.boxes} == {2}

    text = render(sheet(bank, variant, "Ada"), "markdown")
    solution = solve(bank, variant)
    full = evaluate(
        bank.full,
        {
            q.name: arrays_of(bank, [variant]).get(q.name, np.zeros((1, *q.shape)))
            for q in bank.full.givens
        },
        bank.rounding,
    )

    assert set(bank.task.shown) >= {"h[2]", "yhat[2]", "dL/da[3]"}
    assert set(full) > set(bank.task.shown)
    for box in bank.boxes:
        value = np.ravel(solution.chain[box.quantity][0])[box.entry]
        if abs(value) not in (0, 1):
            assert bank.rounding.format(float(value)) not in text


def test_the_gaps_of_a_derivation_are_open_and_all_other_lines_stand():
    """A fill task: each line of the solution is numbered; those asked have no value, all others
    theirs, but for formulas that are a number."""
    bank = shipped("fill_the_gaps")

    for variant in variants_of(bank, 5):
        text = render(sheet(bank, variant, "Ada"), "markdown")
        lines = re.findall(r"^ {4}(\d+)\. (\S+) = (.*)$", text, re.MULTILINE)
        assert len(lines) == len(bank.full.computed)

        open_ = {name for _, name, rest in lines if rest.endswith(" =")}
        assert open_ == set(bank.asked)
        for _, name, rest in lines:
            if name not in open_:
                assert re.search(r"(^|= )-?\d+(\.\d+)?$", rest), rest


@pytest.mark.slow
def test_the_mistake_to_be_found_stands_in_one_line_of_the_sheet():
    """A find task: every line but one follows from the lines before it; the boxes are its number
    and its right value."""
    bank = shipped("find_the_mistake")
    lines = bank.task.lines
    numbers = set()

    for variant in variants_of(bank, 40):
        givens = arrays_of(bank, [variant])
        right = {
            name: bank.rounding.round(np.asarray(evaluate_line(bank, name, givens)))[0]
            for name in lines
        }
        off = [k for k, name in enumerate(lines) if abs(right[name] - givens[name][0]) > 1e-9]

        assert len(off) == 1

        wrong = off[0]
        numbers.add(wrong)
        solved = solve(bank, variant)

        assert solved.rounded["line"] == str(wrong + 1)

        answers = {"line": str(wrong + 1), "value": bank.rounding.format(right[lines[wrong]])}
        assert corrected(bank, givens, [answers]).totals[0] == bank.marks["finding"]

        shown = {"line": str(wrong + 2), "value": bank.rounding.format(givens[lines[wrong]][0])}
        assert corrected(bank, givens, [shown]).totals[0] == 0
        assert "The mistake: " in render(key(solved, "Ada"), "markdown")
        assert (
            "which"
            not in render(sheet(bank, variant, "Ada"), "markdown")
            .split("## Your numbers")[1]
            .split("##")[0]
        )
    assert len(numbers) > 10


def evaluate_line(bank, name, givens):
    """The right side of a line from the numbers that the sheet shows."""
    from rnnquiz.algebra.operations import value_of

    return np.broadcast_to(value_of(bank.full[name].formula, givens), (1,))


def test_letters_are_one_hot_vectors_and_named_on_the_sheet():
    """A word gives each step its letter; an alphabet alone gives a letter drawn for each step."""
    bank = shipped("hello")
    variant = variants_of(bank, 1)[0]
    assert [int(v) for v in variant.givens["x[2]"]] == [0, 1, 0, 0]

    text = render(sheet(bank, variant, "Ada"), "markdown")
    assert 'x[2] = "e"' in text
    assert '"e" = [0, 1, 0, 0].T' in text

    text = (
        (folder("question_banks") / "hello.yaml")
        .read_text()
        .replace("alphabet: helo, word: he", "alphabet: helo")
    )
    drawn = {tuple(map(int, v.givens["x[1]"])) for v in variants_of(parse_bank(text), 30)}

    assert all(sum(vector) == 1 for vector in drawn)
    assert len(drawn) == 4
    with pytest.raises(BankError, match=r"givens.x.word: 'hex' for 2 steps -> write 2 letters"):
        parse_bank(
            (folder("question_banks") / "hello.yaml").read_text().replace("word: he}", "word: hex}")
        )
    with pytest.raises(BankError, match="'x' is not in the alphabet"):
        parse_bank(
            (folder("question_banks") / "hello.yaml").read_text().replace("word: he}", "word: hx}")
        )


@pytest.mark.parametrize("name", BANKS)
def test_the_sheet_says_what_is_asked(name):
    """The words of the task fit its kind; the equations of the network, and of the training step
    where it is asked, stand there."""
    bank = shipped(name)
    text = render(sheet(bank, variants_of(bank, 1)[0], "Ada"), "markdown")
    asked = {bank.graph[q].role for q in bank.asked}

    if bank.task.kind == "compute":
        assert ("the updated parameters" in text) is ("update" in asked)
        assert ("the forward pass" in text) is ("forward" in asked)
    assert bank.written.wording.intro.strip() in text
    if "update" in asked:
        assert "theta" in text


UNDEFINED = """
title: undefined
id: undef
style: delta
steps: 1
model: {cell: neuron, loss: cross_entropy, sizes: {output: 2}}
givens: {x: 1, y: [[1, 0]], W: [0, 0], b: [0, 1000], eta: 0.1}
"""


def test_fixed_numbers_without_a_value_are_refused_with_the_line():
    """A logarithm of zero in a bank with fixed numbers: no sheet is made; the formula is named."""
    from rnnquiz.variants.issue import issue_variants

    message = (
        r"L\[1\] = -sum\(y\[1\] \* log\(yhat\[1\]\)\) has no value with these numbers -> change"
        r" them: a logarithm"
    )

    with pytest.raises(BankError, match=message):
        issue_variants(parse_bank(UNDEFINED), b"s" * 32, [("s1", 1)])


def test_a_joint_loss_of_a_prediction_that_is_fed_back_is_refused_with_the_way_out():
    """The joint derivative leaves out the way through the next state: the key would be wrong. The
    loss derived through the softmax is right, and named in the remedy."""
    model = {"cell": "jordan", "sizes": {"output": 2}}

    with pytest.raises(BankError, match="is a prediction fed back whose loss is derived jointly"):
        bank_of(**model, loss="cross_entropy")
    assert bank_of(**model, loss="cross_entropy_through_softmax").boxes


@pytest.mark.parametrize("name", BANKS)
def test_a_mistake_is_made_only_with_what_is_there(name):
    """Nothing of a softmax is forgotten where there is none; a term with the previous state is none
    where the formula of another quantity is left, as that of z is of z (1 - z)."""
    bank = shipped(name)
    formulas = [q.formula for q in bank.full if q.formula is not None]
    made = [mistake for mistakes in bank.mistaken.values() for mistake in mistakes]
    of_softmax = [one for one in made if "softmax" in str(one.rule.name)]
    omitted = [one for one in made if one.rule.name == "recurrent term omitted"]

    operations = {node.op for tree in formulas for node in walk(tree) if isinstance(node, Apply)}

    assert not of_softmax or "softmax" in operations
    assert not [one for one in omitted if one.formula in formulas]


def test_the_diagonal_of_a_softmax_is_a_mistake_where_there_is_one():
    """In the gradient of its scores, when it goes through the softmax."""
    path = folder("question_banks") / "hello.yaml"
    text = path.read_text(encoding="utf-8")
    bank = parse_bank(text.replace("cross_entropy_joint", "cross_entropy_through_softmax"))

    names = {str(mistake.rule.name) for mistake in bank.mistaken["dL/ds[1]"]}

    assert "only the diagonal of the derivative of the softmax" in names
