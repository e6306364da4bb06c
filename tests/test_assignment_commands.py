"""Commands that take a bank take an assignment, too: read, solve, practice, quiz."""

import json

import pytest
import yaml
from click.testing import CliRunner

from rnnquiz.assignment_files import load_assignment
from rnnquiz.bank.load import load_bank
from rnnquiz.cli import main
from rnnquiz.course.assignments import issued_assignment, with_sheets
from rnnquiz.course.generating import generate
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.exercise import Exercise
from rnnquiz.people.roster import Student
from rnnquiz.solution.solved import solve
from tests_support import SECRET

TEXT = """\
title: Homework 3
id: homework-3
exercises:
  - {bank: forward_pass, marks: 10}
  - {one of: [one_neuron, perceptron], marks: 22}
"""


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def place(tmp_path):
    """An assignment, and a course of it for two, with a retake."""
    (tmp_path / "homework.yaml").write_text(TEXT)
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "secret.key").write_bytes(SECRET)
    people = [Student("s1", "Ada Lovelace", "", 1), Student("s2", "Kurt Gödel", "", 2)]
    assignment = load_assignment(tmp_path / "homework.yaml")
    for attempt in (1, 2):
        wanted = Wanted(None, documents=False, attempt=attempt)
        generate(assignment, people, tmp_path / "course", wanted, executor="alone")
    return tmp_path


def page_of(course, student, attempt):
    """A right page of all problems, each under its heading."""
    with Course.open(course) as first:
        opened = first.sitting(attempt)
        assignment = issued_assignment(opened)
        variants = {one.id: rows for one, rows in with_sheets(opened, assignment)}[student]
    lines = []
    for variant in variants:
        exercise = assignment[variant.exercise]
        lines += [f"## Problem {exercise.place}"]
        lines += [f"$${line.latex()}$$" for line in solve(exercise.bank, variant).lines]
    return "\n\n".join(lines), variants


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_page_of_several_problems_is_read_for_each(place, attempt):
    """All marks in each problem; the reading, handed in as it was written, has all marks, too; the
    annotated page has each problem."""
    text, _ = page_of(place / "course", "s1", attempt)
    (place / "page.md").write_text(text)
    words = [
        "read",
        place / "page.md",
        "--course",
        place / "course",
        "--student",
        "Ada Lovelace",
        "--attempt",
        attempt,
    ]

    found = json.loads(run(*words, "--json").stdout)
    made = run(*words, "--out", place / "s1.yaml", "--annotated", place / "a.md")

    rows = {row["problem"]: (row["marks"], row["of"]) for row in found["problems"]}
    assert rows == {1: pytest.approx((10, 10)), 2: pytest.approx((22, 22))}
    assert found["in no problem"] == []
    assert "Problem 2: " in made.output

    shown = (place / "a.md").read_text()
    assert [line for line in shown.splitlines() if line.startswith("## Problem")] == [
        "## Problem 1: The forward pass of a recurrent network (10 marks)",
        next(line for line in shown.splitlines() if line.startswith("## Problem 2")),
    ]

    graded = run(
        "grade", place / "course", place / "s1.yaml", "--attempt", attempt, "--json", "--dry-run"
    )

    assert sum(row["marks"] for row in json.loads(graded.stdout)["results"]) == pytest.approx(32)


def test_a_page_is_read_by_the_bank_that_marks_are_given_by(place):
    """After regrade with other marks, read says what grade would give."""
    text, _ = page_of(place / "course", "s1", 1)
    (place / "page.md").write_text(text)
    (place / "in").mkdir()
    (place / "in" / "s1.md").write_text(text)
    (place / "other.yaml").write_text(TEXT.replace("marks: 10", "marks: 14"))
    words = ["--out", place / "grades", "--executor", "alone", "--no-report", "--no-pages"]

    graded = run("grade", place / "course", place / "in", *words)
    changed = run(
        "regrade",
        place / "course",
        "--bank",
        place / "other.yaml",
        "--apply",
        "--out",
        place / "again",
    )

    found = run(
        "read", place / "page.md", "--course", place / "course", "--student", "s1", "--json"
    )

    assert (graded.exit_code, changed.exit_code) == (0, 0), changed.output
    assert not {"feedback:", "report:"} & set(graded.output.split())

    marks = [(row["marks"], row["of"]) for row in json.loads(found.stdout)["problems"]]
    assert marks == [pytest.approx((14, 14)), pytest.approx((22, 22))]


def test_a_page_without_headings_is_read_for_the_exercise_that_is_named(place):
    """--exercise says it; without it the page is not read, and the remedy is said."""
    text, _ = page_of(place / "course", "s2", 1)
    first = text.partition("## Problem 2")[0].replace("## Problem 1", "")
    (place / "page.md").write_text(first)
    words = ["read", place / "page.md", "--course", place / "course", "--student", "s2"]

    vague = run(*words)
    found = run(*words, "--exercise", "1", "--json", "--out", place / "r.yaml")
    wrong = run(*words, "--exercise", "4")

    assert vague.exit_code == wrong.exit_code == 1
    assert "names none of its problems" in vague.output
    assert "there are 1, 2." in wrong.output

    (row,) = json.loads(found.stdout)["problems"]
    assert (row["problem"], row["marks"]) == (1, pytest.approx(10))

    answers = yaml.safe_load((place / "r.yaml").read_text())["answers"]
    assert all(name.startswith("1/") for name in answers)


def test_a_page_is_read_for_an_assignment_without_a_course(place):
    """With numbers for practice, those that solve shows."""
    alone = Exercise.load("forward_pass")
    with_own = Exercise.of(load_assignment(place / "homework.yaml")["1"].bank)
    text = "\n\n".join(f"$${line.latex()}$$" for line in with_own.solution.lines)
    (place / "page.md").write_text(f"## Aufgabe 1\n\n{text}")

    found = run("read", place / "page.md", "--bank", place / "homework.yaml")

    assert found.exit_code == 0, found.output
    assert "10.00 of 10.00 marks" in found.output
    assert alone.bank.rounding == with_own.bank.rounding


@pytest.mark.parametrize("name", ["1", "2.1", "2.2"])
def test_an_exercise_of_an_assignment_is_solved_practised_and_asked(place, name):
    """Each command shows the bank of that exercise; without a name it says which there are."""
    bank = {"1": "forward_pass", "2.1": "one_neuron", "2.2": "perceptron"}[name]
    title = load_bank(bank).written.title
    commands = (
        ["solve", place / "homework.yaml"],
        [
            "practice",
            place / "homework.yaml",
            "--on",
            "forward",
            "--out",
            place / "p",
            "--engine",
            "none",
        ],
        ["quiz", place / "homework.yaml", "--to", "moodle", "-n", "2", "--out", place / "q.xml"],
    )

    for words in commands:
        vague, made = run(*words), run(*words, "--exercise", name)

        assert vague.exit_code == 1
        assert "say which: --exercise 1 (there are 1, 2.1, 2.2)" in vague.output
        assert made.exit_code == 0, made.output

    assert title in (place / "q.xml").read_text()
    assert any(title in path.read_text() for path in (place / "p").glob("*.html"))
