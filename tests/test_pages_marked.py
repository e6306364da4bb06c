"""Pages among what was handed in: read against the student's own numbers, marked, and given back
line by line."""

import json
import random
import re
from collections import Counter

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from page_causes import NAMED_RIGHTLY, causes_named

from rnnquiz import handbook
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.cli import main
from rnnquiz.course.erasing import forget
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.regrading import regrade
from rnnquiz.course.runs import worked_pages
from rnnquiz.course.store import Course
from rnnquiz.documents.engines import pdfs
from rnnquiz.exercise import Exercise
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import mark
from rnnquiz.pages.layout.page import Page
from rnnquiz.pages.marked import with_lines
from rnnquiz.pages.reading import PageReader
from rnnquiz.people.roster import Student
from rnnquiz.solution.solved import solve
from tests_support import BANKS, SECRET, shipped

pytestmark = pytest.mark.slow

ROSTER = [Student(f"s{i}", name, "", i) for i, name in enumerate(["Ada", "Émile", "Li"], start=1)]
SEED = handbook.PICTURES / "page.md"


@pytest.fixture
def course(tmp_path):
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "secret.key").write_bytes(SECRET)
    generate(shipped("bptt_scalar"), ROSTER, tmp_path / "course")
    (tmp_path / "in").mkdir()
    return tmp_path / "course"


def solutions(course):
    with Course.open(course) as opened:
        return {variant.student: solve(opened.bank(), variant) for variant in opened.variants()}


def page_by(solution, changed=()):
    """A worked page of a key, with some of its text exchanged."""
    text = "\n\n".join(f"$${line.latex()}$$" for line in solution.lines)
    for old, new in changed:
        assert old in text
        text = text.replace(old, new)
    return text


def test_pages_in_all_formats_are_marked_by_the_students_own_numbers(course, tmp_path):
    """Markdown, LaTeX, a notebook: a right page of a student's own numbers gets full marks,
    another's page does not."""
    pages = {student: page_by(solution) for student, solution in solutions(course).items()}
    cells = [{"cell_type": "markdown", "metadata": {}, "source": pages["s3"], "id": "a"}]
    (tmp_path / "in" / "s1.md").write_text(pages["s1"])
    (tmp_path / "in" / "s2.tex").write_text(
        f"\\documentclass{{article}}\\begin{{document}}{pages['s2']}\\end{{document}}"
    )
    (tmp_path / "in" / "s3.ipynb").write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )

    graded = grade(course, tmp_path / "in", tmp_path / "out", GradeOptions(report=False))
    assert [row.marks for row in graded.rows] == [row.maximum for row in graded.rows]
    assert not graded.problems

    (tmp_path / "in" / "s1.md").write_text(pages["s2"])
    other = grade(course, tmp_path / "in", None, GradeOptions(dry_run=True))
    assert other.rows[0].marks < 0.5 * other.rows[0].maximum


def test_the_feedback_has_the_students_own_lines(course, tmp_path):
    """Each line with its mark, what is wrong where it was made, and what was not read with its
    place and reason."""
    solution = solutions(course)["s1"]
    line = next(line for line in solution.lines if line.name == "L[1]")
    text = page_by(solution, [(line.latex(), line.latex().removesuffix(line.shown) + "9.9999")])
    (tmp_path / "in" / "s1.md").write_text(f"{text}\n\n$$q_7 = 0.3 \\cdot 0.5 = 0.15$$\n")

    graded = grade(course, tmp_path / "in", tmp_path / "out", GradeOptions(report=False))

    shown = (tmp_path / "out" / "feedback").glob("*s1*.html")
    page = next(shown).read_text()

    assert "line by line" in page
    assert page.count('class="margin v-correct"') > 40
    assert "This does not follow from what stands before it" in page
    assert "q_7 is no quantity of the sheet" in page
    assert any("not read" in problem and "q_7" in problem for problem in graded.problems)


def test_a_page_and_a_form_of_one_student_are_two_attempts(course, tmp_path):
    """The later of the two counts as a whole; they are not put together."""
    solution = solutions(course)["s1"]
    half = "\n\n".join(f"$${line.latex()}$$" for line in solution.lines[:9])
    (tmp_path / "in" / "a").mkdir()
    (tmp_path / "in" / "a" / "s1.md").write_text(half)
    (tmp_path / "in" / "a" / "s1.txt").write_text("student: s1\nh[1] = 0.5\n")

    graded = grade(course, tmp_path / "in", None, GradeOptions(dry_run=True, evidence=True))

    assert any("superseded" in problem for problem in graded.problems)

    filled = [box["box"] for box in graded.results[0]["boxes"] if box["typed"]]
    assert filled == ["h[1]"]


def test_what_a_line_shows_is_the_first_reason():
    """The mistake that a formula is, is named before all others that give the same number."""
    wrong = r"$$h_1 = W x_1 + U h_0 + b = 0.5 \cdot 1 + 0.5 \cdot 0 + 0.2 = 0.7$$"
    sheet = Exercise.load("worked_example").read(wrong)
    row = next(row for row in sheet.boxes if row.box == "h[1]")

    assert row.explanations[0].name == "activation forgotten"
    assert row.explanations[0].basis == "page"


@pytest.mark.parametrize("engine", ["typst", "latex"])
def test_the_annotated_page_is_a_document(engine):
    """The annotated page is set by both engines, with its lines."""
    from rnnquiz.documents.engines import missing_for_latex

    if engine == "latex" and missing_for_latex():
        pytest.skip("no LaTeX here")
    made = pdfs([Exercise.load("worked_example").read(SEED).annotated()], engine)

    assert isinstance(made[0], bytes), made[0]


def test_the_command_shows_and_writes_the_reading(tmp_path):
    """`read` lists what was read and not read; its file can be corrected, and is a submission with
    the same boxes."""
    page = tmp_path / "mine.md"
    page.write_text(SEED.read_text() + "\n\n$$q_7 = 0.15$$\n")
    arguments = [
        "read",
        str(page),
        "--bank",
        "worked_example",
        "--out",
        str(tmp_path / "mine.yaml"),
        "--annotated",
        str(tmp_path / "mine.html"),
    ]

    done = CliRunner().invoke(main, arguments)

    assert done.exit_code == 0, done.output
    assert "line 320  subtraction without borrowing" in done.output
    assert "not read: $$q_7 = 0.15$$: q_7 is no quantity of the sheet" in done.output

    answers = yaml.safe_load((tmp_path / "mine.yaml").read_text())["answers"]
    sheet = Exercise.load("worked_example").read(SEED)
    assert answers == sheet.reading.answers
    assert Exercise.load("worked_example").mark(answers).marks == pytest.approx(sheet.marks)
    assert "line by line" in (tmp_path / "mine.html").read_text()

    as_json = CliRunner().invoke(main, ["read", str(page), "--bank", "worked_example", "--json"])
    assert json.loads(as_json.output)["not read"][0]["why"] == "q_7 is no quantity of the sheet"


def test_a_page_of_which_little_is_read_says_so_first():
    """Less than half of the statements read: the page begins with that."""
    sheet = Exercise.load("worked_example").read(
        "$$h_1 = 0.604$$\n\n$$q_1 = 0.3$$\n\n$$q_2 = 0.3$$\n"
    )

    assert sheet.reading.few
    assert "Less than half" in sheet._repr_html_()


def marks_with(credit, page):
    text = shipped("worked_example").text + f"credit: {{method: {credit}}}\n"
    bank = parse_bank(text, "worked_example.yaml")
    return Exercise(bank, Exercise.load("worked_example").variant).read(page)


FORMULA = r"\hat y_1 = V h_1 + c"
METHOD_PAGES = {
    "right": rf"$$h_1 = 0.604$$ $${FORMULA} = 0.5 \cdot 0.604 + 0.1 = 0.402$$",
    "slip": rf"$$h_1 = 0.604$$ $${FORMULA} = 0.5 \cdot 0.604 + 0.1 = 0.471$$",
    "wrong numbers": rf"$$h_1 = 0.604$$ $${FORMULA} = 0.5 \cdot 0.204 + 0.1 = 0.202$$",
    "no work": r"$$h_1 = 0.604$$ $$\hat y_1 = 0.471$$",
    "blank": r"$$h_1 = 0.604$$",
}


def test_method_marks_are_paid_for_the_right_formula_and_numbers():
    """A bank that asks for it pays a share where nothing but the arithmetic is wrong; never more
    for less."""
    paid = {name: marks_with(0.5, page).marks for name, page in METHOD_PAGES.items()}
    unpaid = {name: marks_with(0, page).marks for name, page in METHOD_PAGES.items()}

    assert paid["right"] > paid["slip"] > paid["wrong numbers"] == paid["no work"] == paid["blank"]
    assert paid["slip"] == pytest.approx((paid["right"] + paid["blank"]) / 2)
    assert unpaid["slip"] == unpaid["no work"]
    assert all(unpaid[name] <= paid[name] for name in paid)

    row = next(row for row in marks_with(0.5, METHOD_PAGES["slip"]).boxes if row.box == "yhat[1]")
    assert (row.verdict, row.explanations[0].id) == ("method", "P0")


def test_a_page_is_read_again_when_it_is_marked_again(tmp_path):
    """regrade reads the page that was handed in, so that nothing changes, method marks included;
    erase forgets it."""
    bank = parse_bank(shipped("bptt_scalar").text + "credit: {method: 0.5}\n", "bptt_scalar.yaml")
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "secret.key").write_bytes(SECRET)
    generate(bank, ROSTER, tmp_path / "course")

    solution = solutions(tmp_path / "course")["s1"]
    line = next(line for line in solution.lines if line.name == "yhat[1]")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "s1.md").write_text(
        page_by(solution, [(line.latex(), line.latex().removesuffix(line.shown) + "9.9999")])
    )

    first = grade(
        tmp_path / "course",
        tmp_path / "in",
        tmp_path / "out",
        GradeOptions(report=False, evidence=True),
    )

    assert [box["verdict"] for box in first.results[0]["boxes"] if box["box"] == "yhat[1]"] == [
        "method"
    ]

    for _ in range(2):
        changes, _ = regrade(tmp_path / "course", None, tmp_path / "out", apply=True)
        assert changes == []

    with Course.open(tmp_path / "course") as opened:
        assert {student for _, student in worked_pages(opened)} == {"s1"}
        forget(opened, ["s1"])
        assert worked_pages(opened) == {}


MEMBERS = 3  # a formula, numbers put in, a value
STATES = ("right", "slip", "formula", "wrong", "blank")  # each is less than the one before
NUMBER = re.compile(r"-?\d+\.\d+")


def line_in(state, line):
    """A line of a key in a state: whole; with another number at its end; with its formula and no
    numbers put in; the number alone; not there."""
    members = line.latex().split(" = ")
    wrong = NUMBER.sub(lambda found: f"{float(found.group()) + 1.2345:.4f}", members[-1])
    kept = {"right": members, "slip": [*members[:-1], wrong], "wrong": [members[0], wrong]}
    if state == "blank":
        return ""
    return " = ".join(kept.get(state, [*members[:2], wrong]))


def totals_of(bank, variant, pages):
    """Marks of pages, by their boxes alone and with what their lines show."""
    reader = PageReader(bank)
    texts = ["\n\n".join(f"$${line}$$" for line in page if line) for page in pages]
    readings = [reader.read(Page(text), variant) for text in texts]
    givens = arrays_of(bank, [variant] * len(pages))
    marked = mark(bank, givens, [reading.answers for reading in readings], Diagnosis(bank))
    return marked.totals, with_lines(marked, readings).totals


def paying(bank, share):
    """A shipped bank that pays for the method; None where it has no worked lines, or credits of its
    own."""
    text = shipped(bank).text
    if "\ncredit:" in text or shipped(bank).task.kind == "find":
        return None
    return parse_bank(f"{text}credit: {{method: {share}}}\n", f"{bank}.yaml")


@pytest.mark.parametrize(("name", "share"), [*((name, 1.0) for name in BANKS), ("deltas", 0.5)])
def test_no_line_earns_more_by_showing_less(name, share):
    """Search over pages of any quality: one line is made less, from right over slipped to left out,
    and the page never earns more for it by the method than its bare numbers do. Formulas alone, or
    with other numbers and nothing put in, earn nothing by the method."""
    bank, draw = paying(name, share), random.Random(f"{name} {share}")
    if bank is None:
        return

    exercise = Exercise(bank, Exercise.load(name).variant)
    lines = [line for line in exercise.solution.lines if line.latex().count(" = ") >= MEMBERS]

    pages = []
    for good in (0.2, 0.5, 0.8, 0.95):
        states = ["right" if draw.random() < good else draw.choice(STATES) for _ in lines]
        k = draw.randrange(len(lines))
        pages += [
            [line_in(state if n == k else states[n], line) for n, line in enumerate(lines)]
            for state in STATES
        ]
    alone = [" = ".join(line.latex().split(" = ")[:2]) for line in lines]
    pages += [alone, [line_in("formula", line) for line in lines]]

    plain, whole = totals_of(bank, exercise.variant, pages)

    more, less = (totals[:-2].reshape(-1, len(STATES)) for totals in (plain, whole))
    by_numbers = np.maximum(np.diff(more, axis=1), 0)
    gained = np.diff(less, axis=1) - by_numbers
    lawful = (by_numbers == 0).all(axis=1)  # the numbers alone are never paid more for less

    assert (gained[:, 0] <= 1e-9).all()
    assert (gained[lawful] <= 1e-9).all()
    assert (whole >= plain - 1e-9).all()
    assert whole[-2] == 0
    assert whole[-1] == plain[-1]


def test_a_slip_is_not_paid_in_full_where_a_right_number_is_not():
    """A page of many wrong lines, on which dL[2]/dV once earned more for a slipped number than for
    the right one: the pay for the method was not held against what the right number would earn."""
    bank, draw = paying("bptt_scalar", 1.0), random.Random("bptt_scalar1.0")
    exercise = Exercise(bank, Exercise.load("bptt_scalar").variant)
    lines = [line for line in exercise.solution.lines if line.latex().count(" = ") >= MEMBERS]
    for _ in range(14):
        good = draw.choice((0.1, 0.4, 0.7, 0.9))
        states = ["right" if draw.random() < good else draw.choice(STATES) for _ in lines]
        k = draw.randrange(len(lines))
    pages = [
        [line_in(state if n == k else states[n], line) for n, line in enumerate(lines)]
        for state in ("right", "slip")
    ]
    plain, whole = totals_of(bank, exercise.variant, pages)

    assert lines[k].name == "dL[2]/dV"
    assert whole[1] - whole[0] <= max(0, plain[1] - plain[0]) + 1e-9


def test_the_cause_is_named_where_a_page_shows_the_formula():
    """A sample of the mistakes of every bank, one in a line: the mistake is the first that is named
    in at least 98 of 100, and the line helps. `benchmarks/pages.py causes` takes ten times as
    many."""
    total, others = Counter(), []
    for bank in BANKS:
        found, wrong = causes_named(bank, 15)
        total, others = total + found, others + wrong

    assert total["named"] > 250
    assert total["right"] >= NAMED_RIGHTLY * total["named"], others
    assert total["right"] > total["right by the number alone"]
