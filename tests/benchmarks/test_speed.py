"""Speed, as ratios against a peer in the same run where there is one; run with  pytest
tests/benchmarks --benchmark-only."""

import itertools
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

from rnnquiz.bank.variant import arrays_of
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import grade
from rnnquiz.course.issued import add_sheets, set_bank
from rnnquiz.course.store import Course
from rnnquiz.derivation.backward import derive
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.documents.engines import missing_for_latex
from rnnquiz.exercise import Exercise
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import mark
from rnnquiz.grade.simulate import STUDENT_KINDS, texts_of
from rnnquiz.models.mistakes import mistakes_of
from rnnquiz.people.roster import Student
from rnnquiz.variants.certify import Certifier
from tests_support import model_of, random_givens, shipped, variants_of

BATCH = 2000


def by_hand(g):
    """The per-step gradients of the scalar network, written by hand in numpy."""
    h, rows = g["h[0]"], []
    tu = tw = tb = np.zeros(BATCH)
    for t in (1, 2, 3):
        x, before = g[f"x[{t}]"], h
        h = np.tanh(g["W"] * x + g["U"] * before + g["b"])
        slope = 1 - h * h
        hop = slope * g["U"]
        tu, tw, tb = slope * before + hop * tu, slope * x + hop * tw, slope + hop * tb
        e = g["V"] * h + g["c"] - g[f"y[{t}]"]
        ev = e * g["V"]
        rows.append((e * h, e, ev * tu, ev * tw, ev * tb))
    sums = [sum(parts) for parts in zip(*rows, strict=True)]
    return rows, [g[p] - g["eta"] * s for p, s in zip("VcUWb", sums, strict=True)]


def by_torch(torch, g):
    """The same by batched automatic differentiation: one backward pass for each step's loss."""
    leaves = {p: g[p].clone().requires_grad_() for p in "VcUWb"}
    h, losses = g["h[0]"], []
    for t in (1, 2, 3):
        h = torch.tanh(leaves["W"] * g[f"x[{t}]"] + leaves["U"] * h + leaves["b"])
        losses.append((0.5 * (g[f"y[{t}]"] - leaves["V"] * h - leaves["c"]) ** 2).sum())
    return [
        torch.autograd.grad(
            loss, [leaves[p] for p in "VcUWb"], retain_graph=True, allow_unused=True
        )
        for loss in losses
    ]


def processed(function, rounds=3):
    """Seconds of processor time, the best of some rounds."""
    function()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)


def clocked(function, rounds=40):
    function()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return sorted(times)[rounds // 2]


def test_evaluation_of_all_quantities(benchmark):
    """All named quantities of 2,000 scalar variants; extra_info has the ratios to numpy by hand and
    to PyTorch."""
    graph = derive(model_of("elman"), "total", "output")
    givens = random_givens(graph, 1, count=BATCH)

    benchmark(evaluate, graph, givens)
    ours, hand = clocked(lambda: evaluate(graph, givens)), clocked(lambda: by_hand(givens))
    benchmark.extra_info["times numpy by hand"] = round(ours / hand, 2)

    torch = pytest.importorskip("torch")
    tensors = {k: torch.tensor(v) for k, v in givens.items()}
    benchmark.extra_info["times PyTorch"] = round(
        ours / clocked(lambda: by_torch(torch, tensors)), 2
    )
    print(benchmark.extra_info)


def test_help_is_quick(benchmark):
    """rnnquiz --help as a whole process."""
    benchmark.pedantic(
        lambda: subprocess.run(
            [sys.executable, "-m", "rnnquiz.cli", "--help"], check=True, capture_output=True
        ),
        rounds=5,
    )


def test_grading_a_table_of_a_thousand(benchmark, tmp_path):
    """1,000 submissions of 53 boxes from one CSV: read, marked, diagnosed, stored; without
    pages."""
    bank = shipped("bptt_scalar")
    generate_course(bank, tmp_path / "course", 1000)
    with Course.open(tmp_path / "course") as course:
        variants = course.variants()
        givens = arrays_of(bank, variants)
        texts = texts_of(bank, evaluate(bank.graph, givens, bank.rounding))

    boxes = list(texts[0])
    rows = [
        ",".join(["student", *boxes]),
        *(
            ",".join([v.student, *(t[b] for b in boxes)])
            for v, t in zip(variants, texts, strict=True)
        ),
    ]
    (tmp_path / "answers.csv").write_text("\n".join(rows))

    benchmark.pedantic(lambda: grade(tmp_path / "course", tmp_path / "answers.csv", None), rounds=3)


def generate_course(bank, folder, count):
    roster = [Student(f"s{i}", f"Student {i}", "", i) for i in range(1, count + 1)]
    from rnnquiz import __version__
    from rnnquiz.variants.issue import issue_variants

    with Course.create(folder) as course:
        set_bank(course, bank)
        course.add_students(roster)
        variants, _ = issue_variants(bank, course.secret, [(s.id, 1) for s in roster])
        add_sheets(course, {course.exercise: bank}, variants, __version__)


def of_all_kinds(bank, count):
    """Givens and sheets of students of all kinds, each with numbers of an own."""
    dice, kinds = random.Random(3), itertools.cycle(STUDENT_KINDS)
    variants = variants_of(bank, count)
    mistaken = mistakes_of(bank.graph, Diagnosis(bank).rules)
    sheets = [
        kind.answer(bank, arrays_of(bank, [variant]), mistaken, dice)
        for kind, variant in zip(kinds, variants, strict=False)
    ]
    return arrays_of(bank, variants), sheets


def marker(bank, givens, sheets, count, piece):
    """Marks `count` sheets, the given ones again and again, some at a time."""
    diagnosis = Diagnosis(bank)

    def marked():
        for start in range(0, count, piece):
            rows = np.arange(start, start + piece) % len(sheets)
            some = {name: values[rows] for name, values in givens.items()}
            mark(bank, some, [sheets[i] for i in rows], diagnosis)

    return marked


@pytest.mark.parametrize("piece", [500, 10_000])
@pytest.mark.parametrize("name", ["bptt_scalar", "bptt_vector", "lstm_step"])
def test_marking_with_diagnosis(benchmark, name, piece):
    """10,000 submissions of about 50 boxes, of 2,000 students of all kinds, marked with diagnosis
    on one core, some at a time or all at once."""
    bank = shipped(name)
    givens, sheets = of_all_kinds(bank, 2000)
    benchmark.extra_info["boxes"] = len(bank.boxes)
    benchmark.pedantic(marker(bank, givens, sheets, 10_000, piece), rounds=3)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bptt_vector", "lstm_step", "gru_step"])
def test_a_box_of_a_vector_or_a_gate_costs_no_more_than_three_scalar_ones(name):
    """An entry of a vector, and a gate, takes at most three times as long to mark as a scalar."""
    costs = {}
    for bank in (shipped("bptt_scalar"), shipped(name)):
        givens, sheets = of_all_kinds(bank, 1000)
        spent = processed(marker(bank, givens, sheets, 5000, 5000))
        costs[bank.written.id] = spent / len(bank.boxes)
    scalar, other = costs.values()

    assert other <= 3 * scalar, costs


def right_sheet(exercise):
    bank = exercise.bank
    return dict(texts_of(bank, evaluate(bank.graph, arrays_of(bank, [exercise.variant])))[0])


def with_wrong(sheet, wrong, apart=7):
    """The sheet with so many of its boxes wrong, each some boxes behind the one before."""
    boxes = list(sheet)[3 : 3 + apart * wrong : apart]
    return sheet | {box: f"{float(sheet[box]) + 0.0137:.4f}" for box in boxes}


@pytest.mark.parametrize("wrong", [0, 1, 7])
def test_a_second_sheet_marked_from_python(benchmark, wrong):
    """55 boxes, some of them wrong, on an exercise that a sheet was marked on before."""
    exercise = Exercise.load("bptt_scalar", "a")
    sheet = right_sheet(exercise)
    exercise.mark(sheet)
    sheet = with_wrong(sheet, wrong)
    benchmark(lambda: exercise.mark(sheet).boxes)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bptt_scalar", "bptt_vector", "lstm_step"])
def test_seven_wrong_boxes_cost_no_more_than_twenty_right_sheets(name):
    """Also where a mistake can have been made in steps that nobody writes down."""
    exercise = Exercise.load(name, "a")
    right = right_sheet(exercise)
    wrong = with_wrong(right, 7, apart=6)
    of_right = processed(lambda: exercise.mark(right).boxes, 20)
    of_wrong = processed(lambda: exercise.mark(wrong).boxes, 20)
    print(f"\n{name}: right {of_right * 1000:.1f} ms, seven wrong {of_wrong * 1000:.1f} ms")

    assert of_wrong <= 20 * of_right, (of_wrong, of_right)


@pytest.mark.parametrize(
    ("cell", "steps", "sizes"),
    [
        ("bptt_scalar", 3, {}),
        ("bptt_scalar", 6, {}),
        ("bptt_vector", 2, {}),
        ("bptt_vector", 6, {}),
    ],
)
def test_certification(benchmark, cell, steps, sizes):
    """2,000 candidates, every test over all of them."""
    import re

    from rnnquiz.bank.load import parse_bank
    from rnnquiz.bank.variant import draws, givens_of, keyed
    from rnnquiz.files.resources import folder

    text = (folder("question_banks") / f"{cell}.yaml").read_text()
    bank = parse_bank(re.sub(r"steps: \d+", f"steps: {steps}", text))
    givens = givens_of(
        bank, draws(bank, [keyed(b"speed", "c", i) for i in range(2000)], [0] * 2000)
    )
    certifier = Certifier(bank)
    benchmark.pedantic(lambda: certifier.certify(givens), rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("count", [10, 40])
def test_generating_without_pdf(benchmark, tmp_path, count):
    """Variants, .tex of sheet and key, templates, for a class; the cost grows with the class."""
    bank = shipped("bptt_scalar")
    roster = [Student(f"s{i}", f"Student {i}", "", i) for i in range(1, count + 1)]
    folders = iter(range(100))
    benchmark.pedantic(lambda: generate(bank, roster, tmp_path / str(next(folders))), rounds=3)
    json.dumps(benchmark.extra_info)


def spent(command, folder):
    """Seconds of processor time of a command and all that it starts."""
    # A demonstration is written into no folder that is there.
    shutil.rmtree(folder / "rnnquiz-demo", ignore_errors=True)
    # As after an installation: the first of some runs compiles what Python keeps compiled.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def times_the_libraries(command, folder, rounds=5):
    """How many times as long a command takes as the libraries take to load: both in turn, and of
    some rounds the least, for what else the machine does slows now the one and now the other."""
    ratios = []
    for _ in range(rounds):
        ours, theirs = spent(command, folder), spent(LIBRARIES, folder)
        ratios.append(ours / theirs)
        print(f"\n{ours:.2f} s; libraries {theirs:.2f} s")
    return min(ratios)


LIBRARIES = [sys.executable, "-c", "import numpy, pydantic, yaml, jinja2, click"]
RNNQUIZ = [sys.executable, "-m", "rnnquiz.cli"]


@pytest.mark.slow
def test_one_submission_from_the_shell(tmp_path):
    """Marked, with feedback and report, in 6 times what it takes to load the libraries: 4 to 5 are
    usual, and were 11."""
    course = tmp_path / "course"
    generate_course(shipped("bptt_scalar"), course, 8)
    with Course.open(course) as opened:
        bank, variant = opened.bank(), opened.variants()[0]

    givens = arrays_of(bank, [variant])
    answers = dict(texts_of(bank, evaluate(bank.graph, givens, bank.rounding))[0])
    answers["L[3]"] = "0.4242"
    sheet = {"student": variant.student, "token": variant.token, "answers": answers}
    (tmp_path / "s1.json").write_text(json.dumps(sheet))

    command = [*RNNQUIZ, "grade", "course", "s1.json", "--out", "grades"]

    assert times_the_libraries(command, tmp_path) <= 6


@pytest.mark.slow
@pytest.mark.skipif(bool(missing_for_latex()), reason="no TeX on this machine")
def test_the_demonstration_takes_little(tmp_path):
    """15 times what it takes to load the libraries: 10 to 12 are usual, and were 18 to 20."""
    assert times_the_libraries([*RNNQUIZ, "demo"], tmp_path) <= 15
