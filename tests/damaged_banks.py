"""Banks with damage: values of the shipped ones changed, equations changed or made of anything, and
the way from text to marks."""

from __future__ import annotations

from random import Random

import yaml

from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.files.resources import folder
from rnnquiz.grade.mark import mark
from rnnquiz.grade.simulate import texts_of
from rnnquiz.models import catalogue
from rnnquiz.solution.solved import solve
from rnnquiz.variants import certify
from rnnquiz.variants.issue import issue_variants
from rnnquiz.variants.stress import report_of
from tests_support import BANKS, DATA

LARGE = 80  # boxes
STRAY = [
    "",
    "0",
    "1",
    "-1",
    "12",
    "1e9",
    "0.5",
    "h[0]",
    "x[1]",
    "x",
    "h",
    "α",
    "λ",
    "U_new",
    "L",
    "L[t]",
    "[]",
    "{}",
    "total",
    "delta",
    "softmax",
    "relu",
    "none",
    "9999999999",
    "0.0000001",
    "dL/d*",
    "*",
    "é",
    "_x",
    "a__b",
    "in",
    "True",
    "ask",
    "min",
    "#",
    "h'[1]",
]
ATOMS = [
    "x[t]",
    "h[t-1]",
    "h[t]",
    "W",
    "U",
    "b",
    "k",
    "y[t]",
    "yhat[t]",
    "h[0]",
    "x[1]",
    "x",
    "h[t+1]",
    "h[t-2]",
    "h[99]",
    "h[-1]",
    "0",
    "1",
    "2.5",
    "α",
    "β_1",
    "λ",
    "lambda",
    "L",
    "L[t]",
    "t",
    "W_new",
    "dW",
    "_q",
    "é[t]",
    "x[1.5]",
    "10**30",
    "sum_t(h[t])",
]
UNARY = [
    "tanh",
    "sigmoid",
    "relu",
    "exp",
    "log",
    "sqrt",
    "softmax",
    "sum",
    "mean",
    "transpose",
    "step",
    "sum_t",
    "mean_t",
    "last_t",
    "sum_p",
    "sech2",
    "tan",
    "sin",
    "abs",
    "len",
]
BINARY = [
    "{} + {}",
    "{} - {}",
    "{} * {}",
    "{} / {}",
    "{} @ {}",
    "outer({}, {})",
    "like({}, {})",
    "clip({}, {})",
    "minimum({}, {})",
    "maximum({}, {})",
    "concat({}, {})",
    "{}**{}",
    "({})**2",
    "({})**0.5",
    "({}).T",
    "-({})",
]
TOKENS = [
    "+",
    "*",
    "@",
    "(",
    ")",
    "[t]",
    "[t-1]",
    "**",
    ",",
    "=",
    "#",
    "lambda",
    "1/0",
    "0*",
    ".T",
    "\n",
]


def expression(draw: Random, depth: int = 3) -> str:
    """Any formula, grammatical for the most part."""
    if depth == 0 or draw.random() < 0.25:
        return draw.choice(ATOMS)
    if draw.random() < 0.35:
        return f"{draw.choice(UNARY)}({expression(draw, depth - 1)})"
    return draw.choice(BINARY).format(expression(draw, depth - 1), expression(draw, depth - 1))


def _spoiled(draw: Random, text: str) -> str:
    """Equations with a formula, a piece or a letter changed."""
    lines = text.splitlines()
    k = draw.randrange(len(lines))
    left, equals, right = lines[k].partition("=")
    kind = draw.randrange(5)
    if kind == 0:
        lines[k] = f"{left}{equals} {expression(draw)}"
    elif kind == 1:
        lines[k] = f"{left}{equals}{right} {draw.choice('+*@-/')} {expression(draw, 2)}"
    elif kind == 2:
        at = draw.randrange(len(lines[k]) + 1)
        lines[k] = lines[k][:at] + draw.choice(TOKENS) + lines[k][at + draw.randrange(3) :]
    elif kind == 3:
        lines[k] = f"{left}{equals} {draw.choice(UNARY)}({right.strip()})"
    else:
        lines.insert(k, f"{draw.choice(ATOMS)} = {expression(draw)}")
    return "\n".join(lines)


def _places(data, path=()):
    yield path
    items = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for key, value in items:
        yield from _places(value, (*path, key))


def _changed(draw: Random, data):
    """The data with one value replaced, removed, moved to another key or put twice."""
    path = draw.choice([p for p in _places(data) if p])
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    kind = draw.randrange(4)
    if kind == 0:
        inner[path[-1]] = draw.choice(STRAY)
    elif kind == 1 and isinstance(inner, dict):
        inner[draw.choice(STRAY)] = inner.pop(path[-1])
    elif kind == 2:
        del inner[path[-1]]
    else:
        inner[path[-1]] = draw.choice(
            [
                [draw.choice(STRAY)],
                {draw.choice(STRAY): draw.choice(STRAY)},
                str(inner[path[-1]]) + draw.choice(STRAY),
            ]
        )
    return data


def _own(draw: Random) -> dict:
    """A bank that brings a cell of the catalogue as equations of its own, with fixed numbers in
    ranges."""
    cell = catalogue.cell(draw.choice(catalogue.names("cells")))
    sizes = {"hidden": draw.choice((1, 1, 2)), "input": draw.choice((1, 2)), "output": 1}
    numbers = "{range: [-0.9, 0.9], step: 0.1, not: [0]}"
    initial = [f"{letter}[0]" for letter in cell.shapes if f"{letter}[t-1]" in cell.equations]
    letters = [letter for letter in cell.shapes if f"{letter}[0]" not in initial]
    equations = cell.equations.replace("act(", "tanh(")
    return {
        "title": "t",
        "id": "t",
        "steps": draw.randint(1, 3),
        "style": draw.choice(("delta", "total")),
        "givens": {
            **{name: yaml.safe_load(numbers) for name in (*letters, *initial)},
            "eta": "0.1",
        },
        "rounding": {"decimals": 4},
        "model": {
            "equations": _spoiled(draw, equations) if draw.random() < 0.9 else equations,
            "parameters": list(cell.parameters),
            "shapes": {letter: list(dims) for letter, dims in cell.shapes.items()},
            "sizes": sizes,
            "gradients": draw.choice(([], [], ["x"], ["h[0]"], ["x[1]", "h"])),
        },
    }


def damaged(seed: int) -> str:
    """The text of a bank with one or two things wrong, or none."""
    draw = Random(seed)
    if draw.random() < 0.6:
        data = _own(draw)
    else:
        path = draw.choice(
            [DATA / "own_cell.yaml", *(folder("question_banks") / f"{name}.yaml" for name in BANKS)]
        )
        data = yaml.load(path.read_text(), yaml.BaseLoader)
        if "equations" in data["model"] and draw.random() < 0.7:
            data["model"]["equations"] = _spoiled(draw, data["model"]["equations"])
        else:
            data = _changed(draw, data)
    if draw.random() < 0.3:
        data = _changed(draw, data)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def whole_way(text: str, draws: int = 12) -> float:
    """From the text to marks: load, look at draws, issue, solve, write, mark. The marks of a right
    sheet.

    Of large banks draws are not looked at, and sheets not marked: each takes a minute.
    """
    bank = parse_bank(text, "bank.yaml")
    certify.LEVEL_SAMPLE, before = 40, certify.LEVEL_SAMPLE
    try:
        if len(bank.boxes) <= LARGE:
            report_of(bank, draws).text()
        variant = issue_variants(bank, b"x" * 32, [("s", 1)])[0][0]
    finally:
        certify.LEVEL_SAMPLE = before
    solution = solve(bank, variant)
    assert solution.text()
    if len(bank.boxes) > LARGE:
        return 0.0
    return float(mark(bank, arrays_of(bank, [variant]), texts_of(bank, solution.chain)).totals[0])
