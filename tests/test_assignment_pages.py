"""Worked pages of an assignment: a page of several problems under headings, a page a problem, and
what cannot be told apart."""

import json
import shutil

import pytest
import yaml

from rnnquiz.assignment_files import load_assignment
from rnnquiz.course.assignments import issued_assignment, with_sheets
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.regrading import regrade
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.pages.layout.page import Page
from rnnquiz.pages.layout.problems import parted_page, place_in_name
from rnnquiz.people.roster import Student
from rnnquiz.solution.solved import solve
from tests_support import SECRET

TEXT = """\
title: Homework 3
id: homework-3
exercises:
  - {bank: forward_pass, marks: 10}
  - {one of: [one_neuron, perceptron], marks: 22}
  - {bank: one_neuron, marks: 30, credit: {method: 0.5}}
"""
MARKS = {1: 10, 2: 22, 3: 30}
PEOPLE = [Student(f"s{k}", f"Student {k}", "", k) for k in range(1, 5)]
TITLES = {1: "Forward pass", 2: "GRU step", 3: "BPTT"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    place = tmp_path_factory.mktemp("pages")
    (place / "homework.yaml").write_text(TEXT)
    (place / "course").mkdir()
    (place / "course" / "secret.key").write_bytes(SECRET)
    assignment = load_assignment(place / "homework.yaml")
    wanted = Wanted(None, documents=False)
    generate(assignment, PEOPLE, place / "course", wanted, executor="alone")
    return place / "course"


@pytest.fixture
def course(made, tmp_path):
    shutil.copytree(made, tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def given(tmp_path):
    """Where sheets are handed in."""
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def derivations(folder):
    """Of each student and problem, the derivation line by line, and the numbers by box."""
    found = {}
    with Course.open(folder) as opened:
        assignment = issued_assignment(opened)
        for student, variants in with_sheets(opened, assignment):
            for variant in variants:
                exercise = assignment[variant.exercise]
                solution = solve(exercise.bank, variant)
                lines = [f"$${line.latex()}$$" for line in solution.lines]
                found.setdefault(student.id, {})[exercise.place] = lines
    return found


def page_of(lines, heading):
    """All problems on one page, each under its heading."""
    return "\n\n".join([line for place in lines for line in (heading.format(place), *lines[place])])


def graded(folder, submissions, out=None, **options):
    wanted = GradeOptions(executor="alone", report=False, pages=out is not None, **options)
    return grade(folder, submissions, out, wanted)


def by_problem(done, student):
    row = next(row for row in done.rows if row.id == student)
    return {place: got for place, (got, _) in row.exercises.items()}


@pytest.mark.parametrize(
    ("name", "heading", "before", "behind"),
    [
        ("s1.md", "## Problem {}", "# Homework 3 of Student 1\n\n", ""),
        ("s1.md", "**Aufgabe {}: so geht es**", "", ""),
        ("s1.md", "# {}", "", ""),
        ("s1.md", "Exercice nº {}", "", ""),
        (
            "s1.tex",
            r"\section*{{Problem {}}}",
            "\\documentclass{article}\n\\begin{document}\n",
            "\n\\end{document}\n",
        ),
        ("s1.tex", r"\textbf{{Ejercicio {}.}}", "\\begin{document}\n", "\n\\end{document}\n"),
        ("s1.txt", "Problem {}", "", ""),
    ],
)
def test_a_page_of_several_problems_is_parted_at_its_headings(
    course, given, name, heading, before, behind
):
    """The whole key on one page has all marks of every problem, although boxes of one name stand in
    several; one wrong problem costs that problem alone."""
    pages = derivations(course)["s1"]
    (given / name).write_text(before + page_of(pages, heading) + behind)

    done = graded(course, given)

    assert done.problems == []
    assert by_problem(done, "s1") == pytest.approx(MARKS)

    swapped = {**pages, 3: derivations(course)["s2"][3]}
    (given / name).write_text(before + page_of(swapped, heading) + behind)
    other = by_problem(graded(course, given), "s1")

    assert (other[1], other[2]) == pytest.approx((10, 22))
    assert other[3] < 15


def test_a_notebook_is_parted_at_its_headings(course, given):
    """Cells of Markdown under a heading belong to its problem, cells of another to theirs."""
    pages = derivations(course)["s1"]
    texts = [f"## Problem {place}\n" + "\n\n".join(lines) for place, lines in pages.items()]
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": text, "id": f"c{k}"}
        for k, text in enumerate(texts)
    ]
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (given / "s1.ipynb").write_text(json.dumps(book))

    assert by_problem(graded(course, given), "s1") == pytest.approx(MARKS)


def test_a_page_a_problem_is_one_sheet(course, given):
    """Files whose name or heading says the problem are taken together with a form of the third."""
    pages = derivations(course)["s1"]
    (given / "s1").mkdir()
    with Course.open(course) as opened:
        token = opened.sheets()["s1"]

    (given / "s1" / "problem-2.md").write_text(f"Sheet {token}\n\n" + "\n\n".join(pages[2]))
    (given / "s1" / "rest.md").write_text(f"Sheet {token}\n\nAufgabe 3\n\n" + "\n\n".join(pages[3]))
    texts = {"1/h[1]": "0.5"}
    (given / "s1" / "s1.yaml").write_text(
        yaml.safe_dump({"student": "s1", "token": token, "answers": texts})
    )

    done = graded(course, given)

    assert sum("taken together" in line for line in done.problems) == 2

    found = by_problem(done, "s1")
    assert (found[2], found[3]) == pytest.approx((22, 30))
    assert found[1] < 10


def test_what_cannot_be_told_apart_marks_nothing_and_is_said(course, given):
    """A page without headings is not marked; what stands above the headings, or below that of a
    problem that the sheet does not have, is named with its line and marks nothing."""
    pages = derivations(course)
    (given / "s1.md").write_text("\n\n".join(pages["s1"][1]))
    parts = ["$$h_1 = 99$$", "## Problem 3", *pages["s2"][3], "## Problem 4", "$$h_2 = 99$$"]
    (given / "s2.md").write_text("\n\n".join(parts))

    done = graded(course, given)

    row = next(row for row in done.rows if row.id == "s1")
    assert row.marks is None
    assert "it cannot be told which problem this page is of" in row.status
    assert by_problem(done, "s2") == pytest.approx({1: 0, 2: 0, 3: 30})

    said = [line for line in done.problems if "s2.md" in line]
    assert any("line 1: stands under no heading" in line for line in said)
    assert any("the sheet has no problem 4" in line for line in said)


def test_pages_that_come_one_after_another_add_up_and_are_kept(course, given, tmp_path):
    """Problem 3 as a page with a slip in its arithmetic, later problem 1 alone: the page stands
    with its marks for the method; marked again, nothing changes."""
    pages = derivations(course)["s1"]
    at = next(k for k, line in enumerate(pages[3]) if line.startswith(r"$$\hat{y}'"))
    value = pages[3][at].rstrip("$").rpartition("=")[2].strip()
    slip = pages[3][at].replace(f"= {value}", f"= {float(value) + 0.0313:.4f}")
    wrong = [*pages[3][:at], slip]
    (given / "s1.md").write_text("## Problem 3\n\n" + "\n\n".join(wrong))

    done = graded(course, given, evidence=True)
    first = by_problem(done, "s1")
    verdicts = {box["box"]: box for one in done.results for box in one["boxes"] if box["typed"]}
    (given / "s1.md").write_text("## Problem 1\n\n" + "\n\n".join(pages[1]))

    done = graded(course, given)
    changes, _ = regrade(course, None, None, apply=False)

    paid = [box for box in verdicts.values() if 0 < box["marks"] < box["of"]]

    assert [box["marks"] for box in paid] == pytest.approx([paid[0]["of"] / 2])
    assert by_problem(done, "s1") == pytest.approx({1: 10, 2: 0, 3: first[3]})
    assert any("problem 3 stands as in s1.md" in line for line in done.problems)
    assert changes == []


def test_a_later_page_of_a_problem_takes_the_place_of_that_problem_alone(course, given):
    """Of two pages that both have problem 1 the later counts there, the earlier in problem 2."""
    pages, others = derivations(course)["s1"], derivations(course)["s2"]
    for name, of in (("a", {1: others[1], 2: pages[2]}), ("b", {1: pages[1]})):
        (given / name).mkdir()
        (given / name / "s1.md").write_text(page_of(of, "## Problem {}"))

    done = graded(course, given)

    found = by_problem(done, "s1")

    assert (found[1], found[2]) == pytest.approx((10, 22))
    assert any("problem 2 of" in line and "stands" in line for line in done.problems)


def test_the_feedback_page_shows_each_part_in_its_problem(course, given, tmp_path):
    """The lines of a problem stand below its heading, with their place on the page as handed in,
    and on no other."""
    pages = derivations(course)["s1"]
    wrong = [*pages[1], r"$$h_2 = 0.1 + 0.1 = 0.7777$$"]
    text = page_of({1: wrong, 3: pages[3]}, "## Problem {}")
    (given / "s1.md").write_text(text)

    graded(course, given, tmp_path / "grades")

    whole = (tmp_path / "grades" / "feedback" / "0001-s1.md").read_text()
    first, second, third = whole.split("## Problem ")[-3:]
    assert "0.7777" in first
    assert "0.7777" not in second
    assert "0.7777" not in third

    line = text[: text.index("0.7777")].count("\n") + 1
    assert f"line {line}" in first


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("## Problem 1\nh=1\n### 1. Forward\nh=2\n### 2. Backward\nh=3", {1: "123"}),
        ("## 1. Forward\nh=1\n## 2. Backward\nh=2", {}),
        ("## 1\nh=1\n## 2. GRU step\nh=2", {1: "1", 2: "2"}),
        ("## 1\nh=1\n## 4\nh=2", {}),
        ("Problem 1\nh=1\nProblem 2 was hard, so h=2", {1: "12"}),
        ("Problem 1\nh=1\nProblem 2\nh=2\nProblem 1 (b)\nh=3", {1: "13", 2: "2"}),
        ("h=1", {}),
        ("Step 2\nh=1", {}),
        ("**Q1.**\n```\nh=1\n```\n第2題\n```\nh=2\n```\n题 3\nh=3", {1: "12", 3: "3"}),
        ("Exercise sheet 3\nProblem 2a\nh=1", {2: "1"}),
    ],
)
def test_headings_are_told_from_parts_of_a_solution(text, parts):
    """A number counts as that of a problem where a word, the title or nothing stands beside it."""
    found = parted_page(Page(text), TITLES).parts
    said = {
        place: "".join(c for c in page.text.split("h=", 1)[1] if c.isdigit())
        for place, page in found.items()
    }

    assert {place: "".join(sorted(set(digits))) for place, digits in said.items()} == parts


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("problem-2.md", 2),
        ("Aufgabe 3.tex", 3),
        ("ada_ex_1.ipynb", 1),
        ("s2.md", 0),
        ("2.md", 0),
        ("exercise-3-problem-2.md", 0),
        ("homework-3-problem-2.md", 2),
        ("files2.md", 0),
    ],
)
def test_the_name_of_a_file_says_the_problem_or_nothing(name, place):
    """A word of a problem with one number behind it; two numbers say nothing."""
    assert place_in_name(name) == place
