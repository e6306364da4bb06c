"""Whatever is wrong with a bank, its author is told where it stands and what would do."""

import pytest

from rnnquiz.assignment_files import load_assignment
from rnnquiz.bank.load import load_bank, parse_bank
from rnnquiz.errors import BankError

BANK = """title: A bank
id: a-bank
steps: 2
model:
  sizes: {{input: 2, hidden: 2, output: 1}}
  shapes: {{W: [hidden, input], b: [hidden], x: [input], h: [hidden]}}
  parameters: [W]
  loss: none
  equations: |
    h[t] = {h}
givens: {{W: {rule}, x: [[0.1, 0.2], [0.3, 0.4]], b: [0.1, 0.2], "h[0]": [0, 0], s: 1}}
"""
RULE = "{choices: [0.1, 0.2]}"

EQUATIONS = [
    "",
    "W @ x[t] = b",
    "W @ (x[t]",
    "sinh(W @ x[t])",
    "tanh(W @ x[t], b)",
    "like(W)",
    "x[t]**h[t-1]",
    "x[t] % 2",
    "x[t] if b else b",
    "[x[t]]",
    "1e3 * b",
    "0x1F * b",
    "h[2*t]",
    "h[t+q]",
    "h[t]",
    "h",
    "δh[t]",
    "é[t]",
    "unknown + b",
    "W + b",
    "W * b",
    "b @ W @ b",
    "outer(W, b)",
    "concat(W, b)",
    "like(W, b)",
    "like(s, x)",
    "softmax(s)",
    "maximum(W, b)",
    "clip(b, W)",
    "(" * 50 + "b" + ")" * 50,
    "b" + " + b" * 600,
    "b\n    h[t] = b",
    "b\n    h[1] = b",
    "b\n    k[t]",
    "b\n    3 = b",
    "b\n    h[t+1] = b",
]
RULES = {
    "{range: [1, -1]}": "low 1 is above high -1",
    "{range: [1, -1], step: 1}": "low 1 is above high -1",
    "{range: [-1, 1]}": "a range and no step",
    "{range: [-1, 1], step: 0.3}": "steps of 0.3 do not lead from -1 to 1",
    "{range: [-1, 1], step: 0}": "steps of 0 do not lead",
    "{range: [-1, 1], step: 0.0001}": "more than 10000 choices",
    "{range: [1], step: 1}": "has 1 numbers, and a range two",
    "{range: 1, step: 1}": "is no list",
    "{range: [-1, 1], step: 0.5, choices: [1]}": "both range and choices",
    "{step: 0.5}": "neither range nor choices",
    "{rnage: [-1, 1], step: 0.5}": "rnage: is not known here",
    "{choices: [a]}": "is not a number",
    "{choices: []}": "no value is left",
    "{choices: [1], not: [1]}": "no value is left",
    "[1, 2, 3]": "3 entries for a 2x2 matrix",
    "[[1, 2], [1, [2]]]": "a list of 1 where one number belongs",
    "12345678": "too large",
    "0.1234567891": "too many decimals",
    "{alphabet: aa}": "'aa' for a 2x2 matrix",
    "{alphabet: ab, size: 2}": "size: is not known here",
}


def problems_of(text):
    with pytest.raises(BankError) as caught:
        parse_bank(text, "bank")
    return caught.value.problems


@pytest.mark.parametrize("equation", EQUATIONS)
def test_what_is_wrong_with_an_equation_has_a_line_and_a_remedy(equation):
    """Names, shapes, functions, signs: also what the parser of Python says itself."""
    found = problems_of(BANK.format(h=equation, rule=RULE))

    assert all(problem.remedy for problem in found), list(map(str, found))
    assert all(problem.line for problem in found), list(map(str, found))


@pytest.mark.parametrize(("rule", "says"), RULES.items())
def test_what_is_wrong_with_a_rule_of_drawing_is_named_with_a_remedy(rule, says):
    """What was found, not only which keys there are."""
    (problem,) = problems_of(BANK.format(h="tanh(W @ x[t] + s * b + h[t-1])", rule=rule))

    assert says in str(problem)
    assert problem.remedy
    assert problem.line == 11


@pytest.mark.parametrize(
    ("mistake", "remedy"),
    [
        ("rewrite: tanh(_u)", "write  pattern -> template"),
        ("rewrite: _all -> (_all", "every bracket closed"),
        ("rewrite: _all -> h[t]", "use shift"),
        ("rewrite: _all -> 1/0", "take it out"),
        ("rewrite: _all -> 2 * _all\n    where: [forwrd]", "did you mean forward"),
    ],
)
def test_what_is_wrong_with_a_mistake_of_ones_own_has_its_own_remedy(mistake, remedy):
    """Not the same sentence for all."""
    more = f"misconceptions:\n  - id: T1\n    name: n\n    says: s\n    {mistake}\n"
    text = BANK.format(h="tanh(W @ x[t] + s * b + h[t-1])", rule=RULE)

    (problem,) = problems_of(text + more)

    assert remedy in problem.remedy
    assert problem.line == 13


@pytest.mark.parametrize("read", [load_bank, load_assignment])
def test_a_catalogue_that_is_not_there_is_said_at_its_line(read, tmp_path):
    """It is the name in the bank, or in the assignment, that has to be mended."""
    path = tmp_path / "a.yaml"
    text = BANK.format(h="tanh(W @ x[t] + s * b + h[t-1])", rule=RULE)
    if read is load_assignment:
        text = "title: Homework\nid: homework\nexercises: [{bank: hello}]\n"
    path.write_text(f"{text}catalogue: words.po\n")

    with pytest.raises(
        BankError, match=r"line \d+, catalogue: 'words.po' cannot be read"
    ) as caught:
        read(path)

    (problem,) = caught.value.problems
    assert (problem.where, problem.line) == ("catalogue", text.count("\n") + 1)
    assert problem.remedy
