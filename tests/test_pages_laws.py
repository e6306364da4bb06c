"""Laws of reading: what is written is read back, looks change nothing, and no page, however
hostile, is more than a page."""

import random
import re
import time
from dataclasses import replace

import pytest

from rnnquiz import handbook
from rnnquiz.algebra.shown_symbols import symbol
from rnnquiz.algebra.targets import LATEX, notated
from rnnquiz.algebra.typeset import typeset_symbols
from rnnquiz.errors import RnnquizError
from rnnquiz.exercise import Exercise
from rnnquiz.pages.layout.opening import LARGEST_PAGE, page_of
from rnnquiz.pages.layout.page import Page
from rnnquiz.pages.reading import PageReader
from tests_support import BANKS, slowly, within

NOTATIONS = ("", "goodfellow", "d2l", "ax_aa_ya", "delta_h", "plain_partials", "pytorch")


def flat(printed):
    return (
        [printed] if isinstance(printed, str) else [text for part in printed for text in flat(part)]
    )


def by_first_names(bank, answers):
    """Answers by the names of boxes, in place of second names of the same numbers (dL/dW for the
    share of the only step)."""
    first = {}
    for second, name in bank.second_names.items():
        if {second, name} <= bank.graph.quantities.keys():
            boxes = (bank.boxes_of(bank.graph[one]) for one in (second, name))
            first |= {alias.name: box.name for alias, box in zip(*boxes, strict=True)}
    return {first.get(box, box): text for box, text in answers.items()}


def written(exercise, draw):
    """The lines of a key with other numbers in some of their ends, and what each box then says."""
    expected, latex, plain = {}, [], []
    graph = exercise.bank.graph
    for line in exercise.solution.shown_lines:
        asked = (
            line.name in graph.quantities
            and graph[line.name].formula is not None
            and line.name not in ("which",)
        )
        shown = (line.latex(), line.text())
        values = flat(line.shown)
        if asked and len(values) == 1 and draw.random() < 0.4 and shown[1].endswith(values[0]):
            slipped = exercise.bank.rounding.format(draw.uniform(-3, 3))
            shown = tuple(text.removesuffix(values[0]) + slipped for text in shown)
            values = [slipped]
        latex.append(shown[0])
        plain.append(shown[1])
        if asked:
            expected.update(
                zip(
                    (box.name for box in exercise.bank.boxes_of(line.quantity)), values, strict=True
                )
            )
    return expected, latex, plain


def forms(latex, plain):
    """The same lines in the ways in which pages hold them."""
    yield Page("\n\n".join(f"$${line}$$" for line in latex), "markdown")
    yield Page("\n".join(f"- \\( {line} \\)" for line in latex), "markdown")
    yield Page(
        "\\begin{document}\n"
        + "\n".join(f"\\[{line}\\] % next" for line in latex)
        + "\\end{document}",
        "latex",
    )
    yield Page("\n".join(plain), "text")


def check_round_trip(bank, notation, seed):
    exercise = Exercise.load(bank, notation=notation)
    if exercise.bank.task.kind == "find":
        return 0  # its sheet shows a wrong line on purpose, which is no line of a key
    expected, latex, plain = written(exercise, random.Random(f"{bank} {notation} {seed}"))
    reader, count = PageReader(exercise.bank), 0
    for page in forms(latex, plain):
        reading = reader.read(page, exercise.variant)
        answers = by_first_names(exercise.bank, reading.answers)
        accused = [slip for slip in reading.slips if slip.kind == "formula"]
        assert not accused, (bank, notation, page.kind)
        wrong = {
            box: (text, answers.get(box))
            for box, text in expected.items()
            if box not in answers or float(answers[box]) != float(text)
        }
        assert not wrong, (bank, notation, page.kind)
        assert set(answers) <= set(expected)
        count += len(latex)
    return count


@pytest.mark.parametrize("bank", slowly(BANKS))
def test_what_a_key_says_is_read_back(bank):
    """Lines as the program writes them, right or with other numbers at their ends, are read back
    completely, and nothing else."""
    check_round_trip(bank, random.Random(bank).choice(NOTATIONS[1:]), 1)


def test_another_form_of_a_slope_is_no_other_formula():
    """The sheet of one step shows the state and its argument; the key of some notations goes by the
    one, the key of others by the other."""
    assert check_round_trip("one_step", "ax_aa_ya", 0)


@pytest.mark.parametrize("bank", slowly(BANKS))
def test_nothing_is_found_on_an_honest_key(bank):
    """Formulas, numbers put in and results of numbers, vectors and matrices, as LaTeX and as text:
    no finding, nothing unread, and the method is seen on most lines."""
    exercise = Exercise.load(bank)
    if exercise.bank.task.kind == "find":
        return
    lines = list(exercise.solution.shown_lines)
    reader = PageReader(exercise.bank)

    for page in list(forms([line.latex() for line in lines], [line.text() for line in lines]))[::3]:
        reading = reader.read(page, exercise.variant)
        assert not reading.slips, [slip.says for slip in reading.slips]
        assert not reading.placed.unread

        # Products written row by row within a function are read, but not as the method.
        gates = [line for line in lines if "sigmoid([" in line.text() or "tanh([" in line.text()]
        rows = [line for line in gates if re.search(r"\[[^;\]]* \* ", line.text())]
        assert len(reading.methods) > 0.5 * (len(lines) - len(rows))


SEED = (handbook.PICTURES / "page.md").read_text()
LOOKS = {
    "blanks": lambda text: text.replace("&=", "  &  =  ").replace("\\times", " \\times  "),
    "left and right": (
        lambda text: text.replace("\\tanh(", "\\tanh\\left(").replace(
            "\\operatorname{sech}^2(", "\\operatorname{sech}^2\\bigl("
        )
    ),
    "thin spaces": lambda text: text.replace("\\frac", "\\,\\frac").replace(" + ", " \\;+\\, "),
    "styles": (
        lambda text: text.replace("$$\\", "$$\\displaystyle \\").replace(
            "\\partial h", "\\partial \\mathbf{h}"
        )
    ),
    "environments": lambda text: text.replace("{aligned}", "{align*}"),
    "brackets": lambda text: re.sub(r"\$\$(.*?)\$\$", r"\\[\1\\]", text, flags=re.DOTALL),
    "words between": lambda text: text.replace(
        "$$\n\n$$", "$$\n\nand so we get on with the work\n\n$$"
    ),
    "line ends": lambda text: text.replace("\n", "\r\n"),
}


@pytest.fixture(scope="module")
def reader():
    return PageReader(Exercise.load("worked_example").bank), Exercise.load("worked_example").variant


@pytest.mark.parametrize("look", LOOKS)
def test_looks_change_nothing(reader, look):
    """Blanks, brackets that grow, styles, environments and words between the lines do not change
    what is read and found."""
    own, variant = reader
    plain = own.read(page_of(SEED.encode(), ".md"), variant)
    changed = own.read(page_of(LOOKS[look](SEED).encode(), ".md"), variant)

    assert changed.answers == plain.answers
    assert [(slip.name, slip.says) for slip in changed.slips] == [
        (slip.name, slip.says) for slip in plain.slips
    ]


def test_the_order_of_independent_sections_changes_nothing(reader):
    """The steps' own sections may stand in any order."""
    own, variant = reader
    sections = [
        f"For $t={t}$\n\n$$y_{t} = (0.5)({h}) + 0.1 = {y}$$\n\n$$h_{t} = {h}$$\n"
        for t, h, y in ((1, "0.604", "0.402"), (2, "0.717", "0.459"), (3, "0.695", "0.448"))
    ]

    one = own.read(Page("\n".join(sections)), variant).answers
    other = own.read(Page("\n".join(sections[::-1])), variant).answers

    assert one == other
    assert len(one) == 6


N = LARGEST_PAGE - 64
HOSTILE = {
    "open braces": "$$" + "{" * (N - 4) + "$$",
    "nested braces": "$$" + "{" * (N // 2 - 4) + "}" * (N // 2 - 4) + "$$",
    "brackets": "$$h_1=" + "(" * (N // 2 - 9) + "1" + ")" * (N // 2 - 9) + "$$",
    "fractions": "$$h_1=" + r"\frac{" * (N // 6 - 8) + "$$",
    "macros": r"\def\a{\a\a}\a" * (N // 14),
    "matrices": "$$h_1=" + r"\begin{pmatrix}" * (N // 15 - 8) + "$$",
    "dollars": "$" * N,
    "one long sum": "$$h_1=" + "0.5+" * (N // 4 - 8) + "1$$",
    "one long product": "$$h_1=" + "(0.5)" * (N // 5 - 8) + "$$",
    "many lines": "h_1 = 0.6\n" * (N // 10),
    "many unknown": "q_1 = 0.5*0.3 = 0.15\n" * (N // 21),
    "digits": "h_1=" + "1" * (N - 8),
    "letters": "d" * N + "=1",
    "equal signs": "=" * N,
    "tables": "| h_1 | 0.5 |\n" * (N // 14),
    "indices": "$$h" + "_1" * (N // 2 - 8) + "=0.5$$",
    "long quotients": "$$h_1=" + "1/" * 4000 + "1$$",
    "products of matrices": "$$h_1=" + "1@" * 4000 + "1$$",
    "towers": "$$h_1=2" + "^2" * 3000 + "$$",
    "nested powers": "$$h_1=2" + "^{2" * 900 + "}" * 900 + "$$",
    "functions": "$$h_1=" + r"\tanh " * 3000 + "1$$",
    "nested matrices": "$$h_1=" + r"\begin{pmatrix}" * 300 + "1" + r"\end{pmatrix}" * 300 + "$$",
    "rows": "$$h_1" + "\\\\ = 0.5" * (N // 8) + "$$",
    "minus signs": "$$h_1=" + "-" * (N - 10) + "1$$",
    "backslashes": "\\" * N,
    "joints": "h_1 = 0.6 and " * (N // 14),
    "components": "first component of h_1 " * (N // 23),
    "labels": "hidden state " * (N // 13) + ": 1",
    "columns": "```\nh_1 =\n" + " 0.5" * (N // 4 - 8),
    "printed rows": "```\n" + "h_1 =\n 0.5\n 0.6\n" * (N // 17),
    "keys": "```\n" + "'h_1': 0.5, " * (N // 12 - 2),
    "numbers alone": "0.5, " * (N // 5),
    "arrays of equations": r"$$\begin{array}{l}" + r"h_1 = 0.5 \\ " * (N // 14) + r"\end{array}$$",
}


@pytest.mark.parametrize("name", slowly(HOSTILE, list(HOSTILE)[:6]))
def test_a_hostile_page_gets_an_answer(reader, name):
    """256 kB of anything: an answer within two seconds of the processor's time, and no error but
    our own."""
    own, variant = reader
    for suffix in (".md", ".tex"):
        with within(2):
            own.read(page_of(HOSTILE[name].encode(), suffix), variant)


def test_damaged_pages_raise_only_our_own_error(reader):
    """Cut, doubled, swapped: the handwritten page in any state gives a reading."""
    own, variant = reader
    draw = random.Random(18)
    for _ in range(25):
        at, size = draw.randrange(len(SEED)), draw.randrange(400)
        other = draw.randrange(len(SEED))
        text = SEED[:at] + SEED[other : other + draw.randrange(60)] + SEED[at + size :]
        own.read(
            page_of(
                text[: draw.randrange(200, 4000)].encode(), draw.choice((".md", ".tex", ".txt"))
            ),
            variant,
        )
    for data in (
        b"\xff\xfe\x00\x00",
        b"{}",
        b'{"cells": 3}',
        b'{"cells": [{"cell_type": "code"}], "nbformat": 4}',
        b"\0" * 99,
    ):
        for suffix in (".ipynb", ".md"):
            try:
                own.read(page_of(data, suffix), variant)
            except RnnquizError:
                continue


@pytest.mark.parametrize("by", [1, -1])
@pytest.mark.parametrize("bank", slowly(BANKS))
def test_a_page_that_counts_otherwise_is_never_read_one_step_off(bank, by):
    """A key whose steps have other numbers than the sheet's: each box gets its own number, or
    none; and a page of the sheet's own steps is not taken for one that counts otherwise."""
    exercise = Exercise.load(bank)
    if exercise.bank.task.kind == "find":
        return

    notation = exercise.bank.notation
    shifted = Exercise(
        replace(exercise.bank, notation=replace(notation, first=notation.first + by)),
        exercise.variant,
    )

    expected, latex, plain = written(shifted, random.Random(f"{bank} {by}"))
    own = dict(zip(shifted.bank.every_box, exercise.bank.every_box, strict=True))
    reader = PageReader(exercise.bank)

    for page in forms(latex, plain):
        answers = by_first_names(exercise.bank, reader.read(page, exercise.variant).answers)
        wrong = {
            own[box]: (text, answers[own[box]])
            for box, text in expected.items()
            if own[box] in answers and float(answers[own[box]]) != float(text)
        }

        assert not wrong
        assert set(answers) <= {own[box] for box in expected}


SAME = (
    r"2 \left({}\right) / 2",
    r"\left({}\right) + 1 - 1",
    r"-\left(-\left({}\right)\right)",
    r"1 \cdot \left({}\right)",
)
OTHER = (r"3 \left({}\right)", r"\left({}\right) + 1")


@pytest.mark.parametrize("bank", BANKS)
def test_a_formula_is_accused_where_it_differs_and_only_there(bank):
    """Forms that are algebraically the same are the quantity's own; another formula is said to be
    another, or is a registered mistake."""
    exercise = Exercise.load(bank)
    if exercise.bank.task.kind == "find":
        return  # which line is wrong is no formula
    graph, target = exercise.bank.graph, notated(LATEX, exercise.bank.notation)
    reader, draw = PageReader(exercise.bank), random.Random(bank)
    rows = [
        (symbol(q.name, target), typeset_symbols(q.formula, target))
        for q in graph.computed
        if q.shape == () and all(graph[p].shape == () for p in graph.parents[q.name])
    ]
    rows = draw.sample(rows, min(len(rows), 25))

    for forms_of, accused in ((SAME, False), (OTHER, True)):
        lines = [f"$${name} = {draw.choice(forms_of).format(form)}$$" for name, form in rows]
        reading = reader.read(Page("\n\n".join(lines)), exercise.variant)
        found = {slip.chain for slip in reading.slips if slip.kind == "formula"}
        owned = set(reading.placed.owners)

        if accused:
            silent = owned - found
            assert len(silent) <= 0.15 * len(rows), [lines[k] for k in sorted(silent)]
        else:
            assert not found, [slip.says for slip in reading.slips]


def seconds(reader, page, variant):
    started = time.process_time()
    reader.read(page, variant)
    return time.process_time() - started


def test_the_cost_of_a_statement_does_not_grow_with_the_page(reader):
    """Six times the page takes about six times as long: the best of several runs, in one go."""
    own, variant = reader
    once, longer = Page(SEED), Page("\n\n".join([SEED] * 6))
    own.read(once, variant)

    short = min(seconds(own, once, variant) for _ in range(5))
    long = min(seconds(own, longer, variant) for _ in range(3))

    assert long < 6 * 1.6 * short
