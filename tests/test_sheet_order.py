"""In which order the boxes of a sheet and the lines of a key stand, read from what is printed."""

import re
import subprocess
from html import unescape
from itertools import chain, combinations, product

import numpy as np
import pytest
from test_class import words_of

from rnnquiz.bank.load import parse_bank
from rnnquiz.course.templates import template
from rnnquiz.documents.boxes import answers
from rnnquiz.documents.engines import missing_for_latex, pdfs
from rnnquiz.documents.key import key
from rnnquiz.documents.render import PLAIN, render
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.sheet_order import sheet_order
from rnnquiz.files.resources import folder
from rnnquiz.people.roster import Student
from rnnquiz.solution.solved import solve
from tests_support import BANKS, shipped, slowly, variants_of

ENGINES = [
    "typst",
    pytest.param("latex", marks=pytest.mark.skipif(bool(missing_for_latex()), reason="no TeX")),
]
OF_STEP = re.compile(r"\[(\d+)\]|@(\d+)")
# A name without step, pass, entry, and without the plus of a direct part.
BARE = re.compile(r"\[\d+\]|@\d+|#\d+|(?<=d)\+|\.\d[\d.]*$")
IN_THE_DERIVATION = {"fill_the_gaps"}  # the order of the derivation
TWO_WAYS = ("e", "f_1", "b_1", "f_2", "b_2", "yhat", "L")


def text_of(name):
    return (folder("question_banks") / f"{name}.yaml").read_text()


def printed(bank):
    """The sheet of a student as text."""
    return render(sheet(bank, variants_of(bank, 1)[0], "Ada"), "markdown")


def parts(text):
    """What stands above each part of the answers, with the names of its boxes in order."""
    _, _, answers = text.partition("## Answers\n")
    found = []
    for line in answers.splitlines():
        if line.startswith("### "):
            found.append((line[4:], []))
        elif box := re.fullmatch(r"    (\S+) =", line):
            found[-1][1].append(box[1])
    return found


def steps(boxes):
    """For each step the quantities that have boxes in it, in order."""
    found = {}
    for box in boxes:
        if place := OF_STEP.search(box):
            own = found.setdefault(place[1] or place[2], [])
            bare = BARE.sub("", box)
            if bare not in own:
                own.append(bare)
    return list(found.values())


def differing(boxes):
    """Quantities that stand in one order in one step and in another one in another."""
    before = {pair for step in steps(boxes) for pair in combinations(step, 2)}
    return {(a, b) for a, b in before if (b, a) in before}


@pytest.mark.parametrize("name", sorted({*BANKS} - IN_THE_DERIVATION))
def test_quantities_stand_in_the_same_order_in_each_step(name):
    """Of two quantities that two steps have, the same one comes first in both."""
    found = parts(printed(shipped(name)))
    assert len(found) > 0
    assert [differing(boxes) for _, boxes in found] == [set()] * len(found)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", slowly(["gru_step", "lstm_step", "bptt_scalar"], ["gru_step"]))
def test_boxes_of_a_page_stand_in_the_same_order_in_each_step(engine, name):
    """Read from the places of the names on the pages, row by row and from left to right."""
    bank = shipped(name)
    (pdf,) = pdfs([sheet(bank, variants_of(bank, 1)[0], "Ada")], engine, PLAIN)
    every = {box.name: bank.graph[box.quantity].role for box in bank.boxes}
    kinds = {box: kind for box, kind in every.items() if OF_STEP.search(box)}
    found = [word for _, word in words_in_order(pdf) if word in kinds]

    assert sorted(found) == sorted(kinds)
    for kind in set(kinds.values()):
        assert differing([box for box in found if kinds[box] == kind]) == set()


def words_in_order(pdf):
    """The words of a PDF with their pages, in the order in which one reads: the boxes of a row
    stand at one height, to a point."""
    html = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    rows = []
    for page, text in enumerate(html.split("<page ")[1:], start=1):
        words = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)".*?>(.*?)</word>', text)
        rows += [(page, round(float(y)), float(x), word) for x, y, word in words]
    return [(page, unescape(word).replace("\u2019", "'")) for page, _, _, word in sorted(rows)]


HALF = 244.0  # points from a band to the one beside it
IN_STEPS = slowly(
    ["bptt_scalar", "bptt_vector", "gru_step", "lstm_step", "sentiment", "stacked_layers"],
    ["gru_step", "sentiment"],
)


def stepped(bank):
    """Of each part of several steps the quantities that several of them have: by a name without the
    step, those of each step."""
    for _, bands in sheet_order(bank).parts:
        found = {}
        for band in bands:
            for unknown in band.unknowns:
                of_all = re.sub(r"\[\d+\]|@\d+|\+", "", unknown.math.name)
                found.setdefault(of_all, []).append(unknown)
        yield from (own for own in found.values() if len(own) > 1 and len(own) <= len(bands))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", IN_STEPS)
def test_a_quantity_stands_below_itself_in_each_step(engine, name):
    """A box has the same place in the line in all steps, or in the band beside; a step that has
    less leaves its place free."""
    bank = shipped(name)
    (pdf,) = pdfs([sheet(bank, variants_of(bank, 1)[0], "Ada")], engine, PLAIN)
    begin = {
        unescape(word).replace("\u2019", "'"): left
        for _, _, words in words_of(pdf)
        for left, *_, word in words
    }
    seen = 0

    for own in stepped(bank):
        places = [begin[unknown.boxes[0].name] for unknown in own]
        away = [abs(place - min(places)) for place in places]
        assert all(min(one, abs(one - HALF)) < 3 for one in away), (own, away)

        seen += len(own)
    assert seen > 8


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", IN_STEPS)
def test_a_result_stands_below_itself_in_each_step(engine, name):
    """Numbers of a key stand where the boxes of the sheet stand to one another."""
    bank = shipped(name)
    solution = solve(bank, variants_of(bank, 1)[0])
    (pdf,) = pdfs([key(solution, "Ada")], engine, PLAIN)

    words = [word for _, _, words in words_of(pdf) for word in words]
    heading, *_ = [k for k, word in enumerate(words) if word[4] == "Results,"]
    begin = {}
    for left, *_, word in words[heading:]:
        begin.setdefault(word.strip("=(\u2212-"), []).append(left)

    for own in stepped(bank):
        shown = [solution.rounded[unknown.math.name] for unknown in own]
        firsts = [one if isinstance(one, str) else np.ravel(one)[0] for one in shown]
        places = [begin[first.strip("-")] for first in firsts]

        # Two results can be the same number; a number is wider by its sign.
        assert min(max(row) - min(row) for row in product(*places)) < 12, own


@pytest.mark.parametrize("name", ["adam_two_steps", "momentum_epochs"])
def test_training_goes_pass_by_pass(name):
    """All of the first pass stands before the second one, each kind below the number of its pass;
    so it is in the key."""
    bank = shipped(name)
    found = parts(printed(bank))
    passes = [int(re.match(r"Pass (\d): ", heading)[1]) for heading, _ in found]

    assert passes == sorted(passes)
    assert set(passes) == {1, 2}
    for number, (_, boxes) in zip(passes, found, strict=True):
        assert {int(box.partition("#")[2]) for box in boxes} == {number}

    of_key = re.findall(r"^## Pass (\d): ", worked(bank), re.MULTILINE)
    assert of_key == sorted(of_key)
    assert set(of_key) == {"1", "2"}


def worked(bank):
    """The key of a student as text."""
    return render(key(solve(bank, variants_of(bank, 1)[0]), "Ada"), "markdown")


@pytest.mark.parametrize("name", ["adam_two_steps", "momentum_epochs", "clipping"])
def test_what_a_rule_needs_is_given_behind_the_parameters(name):
    """Inputs, targets, states and parameters stand first, then the numbers of the rule of the
    update, then what its running means begin with."""
    bank = shipped(name)
    given = [
        block
        for block in sheet(bank, variants_of(bank, 1)[0], "Ada").blocks
        if block.kind == "givens"
    ]
    names = [symbol.name for symbol, _ in given[0].rows]

    of_data = [k for k, one in enumerate(names) if "[" in one]
    parameters = [names.index(one) for one in bank.full.parameters]
    means = [k for k, one in enumerate(names) if one.endswith("#0")]
    others = {*range(len(names))} - {*of_data, *parameters, *means}
    order = [of_data, parameters, others, means]

    assert max(of_data) < min(parameters)
    assert [k for part in order for k in sorted(part)] == list(range(len(names)))


def test_one_update_has_no_passes():
    """What an optimiser keeps has a number also where there is one update; there is one pass."""
    text = text_of("momentum_epochs").replace("updates: 2", "updates: 1")
    found = parts(printed(parse_bank(text)))

    assert [heading for heading, _ in found] == [
        "Forward pass",
        "Loss",
        "Gradients, summed over time",
        "Update",
    ]
    assert found[-1][1] == ["m_W#1", "W_new", "m_b#1", "b_new"]


def test_the_file_to_fill_in_has_the_order_of_the_sheet():
    """So that a column of numbers goes from one to the other."""
    bank = shipped("adam_two_steps")
    text = template(bank, Student("s1", "Ada", "", 1), variants_of(bank, 1)[0]).decode()
    lines = re.findall(r"^  (\S+?):$", text.partition("answers:")[2], re.MULTILINE)

    assert lines == list(chain.from_iterable(boxes for _, boxes in parts(printed(bank))))


FORTH, BACK = ", from the first step to the last", ", from the last step to the first"
ALONE = ", each step by itself"


def test_a_network_that_reads_both_ways_goes_one_way_after_the_other():
    """One direction, then the other, then the outputs; each heading says which."""
    bank = shipped("both_directions")
    kind = "Forward pass"
    assert parts(printed(bank)) == [
        (kind + FORTH, ["h_f[1]", "h_f[2]", "h_f[3]"]),
        (kind + BACK, ["h_b[3]", "h_b[2]", "h_b[1]"]),
        (kind + ALONE, ["yhat[1]", "yhat[2]", "yhat[3]"]),
        ("Loss", ["L[1]", "L[2]", "L[3]", "L"]),
    ]

    headings = re.findall(r"^## (Forward .*)", worked(bank), re.MULTILINE)
    assert headings == [kind + FORTH, kind + BACK, "Forward pass and loss" + ALONE]


def trained_both_ways():
    text = text_of("both_directions")
    text = re.sub(r"\{(range|choices).*\}", "0.5", text)
    changes = {
        "optimiser: none": "optimiser: gradient_descent",
        "steps: 3": "steps: 3\nstyle: delta",
        "ask: [forward, loss]": "ask: [forward, loss, local, recurrence, sum, update]",
        "  c: 0.5": "  eta: 0.1\n  c: 0.5",
    }
    for old, new in changes.items():
        text = text.replace(old, new)
    return parse_bank(text)


def test_gradients_go_both_ways_against_the_states():
    """Where the states of a direction go forth, their gradients come back, and the other way."""
    bank = trained_both_ways()
    found = dict(parts(printed(bank)))
    kind = "Derivatives through time"

    assert found[kind + BACK] == ["dL/dh_f[3]", "dL/dh_f[2]", "dL/dh_f[1]"]
    assert found[kind + FORTH] == ["dL/dh_b[1]", "dL/dh_b[2]", "dL/dh_b[3]"]

    lines = [
        line for _, _, lines in solve(bank, variants_of(bank, 1)[0]).topics() for line in lines
    ]
    names = [line.name for line in lines]

    for k, name in enumerate(names):
        assert not bank.displayed.ancestors[name] & set(names[k:])

    sections = re.findall(r"^## (.*)", worked(bank), re.MULTILINE)
    assert len(sections) == len(set(sections))


def two_layers():
    """Two layers that read both ways, on a layer that reads neither."""
    equations = """
  equations: |
    e[t] = tanh(E * x[t])
    f_1[t] = tanh(W_f * e[t] + U_f * f_1[t-1])
    b_1[t] = tanh(W_b * e[t] + U_b * b_1[t+1])
    f_2[t] = tanh(A_f * f_1[t] + B_f * b_1[t] + R_f * f_2[t-1])
    b_2[t] = tanh(A_b * f_1[t] + B_b * b_1[t] + R_b * b_2[t+1])
    yhat[t] = V_f * f_2[t] + V_b * b_2[t]
    L[t] = 0.5*(y[t] - yhat[t])**2
    L = sum_t(L[t])
  optimiser: none
steps: 3
givens:
"""
    letters = ("x", "y", "E", "W_f", "U_f", "W_b", "U_b", "A_f", "B_f", "R_f", "A_b", "B_b", "R_b")
    states = ("f_1[0]", "f_2[0]", "b_1[4]", "b_2[4]")
    rows = [f"  {letter}: 0.5" for letter in (*letters, "V_f", "V_b", *states)]
    head = "title: Two layers\nid: two-layers\nmodel:"
    foot = "rounding: {decimals: 4}\nask: [forward, loss]\n"
    return parse_bank(head + equations + "\n".join(rows) + "\n" + foot)


def asked_parts(bank):
    """The same as of a printed sheet, without its drawing, which takes long for such a network."""
    for heading, bands in answers(bank):
        yield heading, [box.name for band in bands for box in band.boxes]


def test_layers_that_read_both_ways_stand_layer_by_layer():
    """Each part goes one way and comes after all that it is computed from; parts of the same way
    are told apart by their number."""
    bank = two_layers()
    found = list(asked_parts(bank))
    headings = [heading for heading, _ in found]

    assert len(headings) == len(set(headings))

    boxes = list(chain.from_iterable(boxes for _, boxes in found))
    assert {BARE.sub("", box) for box in boxes} == set(TWO_WAYS)
    for k, box in enumerate(boxes):
        assert not bank.graph.ancestors[box] & set(boxes[k:])
    for heading, own in found[:-1]:
        times = [int(OF_STEP.search(box)[1]) for box in own]
        assert times == sorted(times, reverse=BACK in heading)
