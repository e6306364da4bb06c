"""A quiz of variants, drawn at random for each student, comes back and is marked by the numbers
that were shown."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner
from data.systems.moodle_files import RESPONSES, responses, written

from rnnquiz.cli import main
from rnnquiz.course.folders import SECRET as SECRET_FILE
from rnnquiz.course.generating import generate
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.people.roster import Student
from tests_support import SECRET, shipped

PEOPLE = [
    Student("k1", "Ada Lovelace", "ada@example.org", 1),
    Student("k2", "Émile du Châtelet", "emile@example.org", 2),
    Student("k3", "Grace Hopper", "grace@example.org", 3),
    Student("k4", "Kurt Gödel", "kurt@example.org", 4),
]
DRAWN = {"k1": "k2", "k2": "k3", "k3": "k3", "k4": "k2"}
"""Whose variant each student got: another's, the own one, and one that two had."""


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def course_of(place, bank):
    """A course, and its quiz as Moodle has it: of each sheet the text of the question and the right
    answers by part."""
    course = place / "course"
    course.mkdir()
    (course / SECRET_FILE).write_bytes(SECRET)
    generate(shipped(bank), PEOPLE, course, Wanted(None))
    assert (
        run("quiz", "--course", course, "--to", "moodle", "--out", place / "quiz.xml").exit_code
        == 0
    )
    texts = [
        q.findtext("questiontext/text")
        for q in ET.parse(place / "quiz.xml").iter("question")
        if q.get("type") == "cloze"
    ]
    with Course.open(course) as opened:
        students = list(opened.tokens())
    return course, {
        who: (text, re.findall(r"\{\d+:NUMERICAL:=([^:]+):", text))
        for who, text in zip(students, texts, strict=True)
    }


@pytest.fixture(scope="module", params=["one_neuron", "jordan_network"])
def quiz(request, tmp_path_factory):
    return course_of(tmp_path_factory.mktemp(request.param), request.param)


def report(questions, language="en", question=True, change=lambda student, values: values):
    rows = []
    for student in PEOPLE:
        first, last = student.name.split(" ", 1)
        text, right = questions[DRAWN[student.id]]
        rows.append((last, first, student.id, student.email, text, change(student.id, list(right))))
    return responses(rows, language, question)


def graded(course, data, place, *more):
    (place / "responses.csv").write_bytes(data)
    return run("grade", course, place / "responses.csv", "--json", *(more or ("--dry-run",)))


@pytest.mark.parametrize("language", RESPONSES)
def test_each_is_marked_by_the_numbers_that_were_shown(quiz, tmp_path, language):
    """Right answers to somebody else's variant earn all marks, in every language, and nobody is
    said to have copied."""
    course, questions = quiz
    found = json.loads(graded(course, report(questions, language), tmp_path).stdout)

    assert found["problems"] == found["matches"] == []
    assert {row["student"]: row["marks"] for row in found["results"]} == {
        row["student"]: pytest.approx(row["maximum"]) for row in found["results"]
    }
    assert len(found["results"]) == len(PEOPLE)


def test_a_wrong_number_costs_its_box_alone(quiz, tmp_path):
    """Part k is the k-th box that has marks: the box that is wrong is the one in which the wrong
    number was typed."""
    course, questions = quiz

    def change(student, values):
        values[-1] = "77.5" if student == "k1" else values[-1]
        return values

    found = json.loads(graded(course, report(questions, change=change), tmp_path).stdout)
    bad = {
        row["student"]: [box["box"] for box in row["boxes"] if box["marks"] < box["of"]]
        for row in found["results"]
    }
    with Course.open(course) as opened:
        names = [box.name for box in opened.bank().boxes]

    assert bad == {"k1": [names[-1]], "k2": [], "k3": [], "k4": []}


def test_without_the_text_of_the_question_nothing_is_marked(quiz, tmp_path):
    """The line says what to tick; no student gets 0 for it, and none is said to have copied."""
    course, questions = quiz
    result = graded(course, report(questions, question=False), tmp_path)

    assert result.exit_code == 1
    assert result.output.count("tick 'question text'") == len(PEOPLE)


def test_a_token_typed_into_a_box_counts_for_nothing(quiz, tmp_path):
    """Who types the token of another's sheet into a box is not marked by that sheet's numbers."""
    course, questions = quiz
    token = re.search(r"Sheet (\S{4}-\S{3}-\S{3})", questions["k3"][0])[1]
    right = questions["k3"][1]

    shown = graded(
        course, report(questions, change=lambda student, values: [token, *right[1:]]), tmp_path
    )
    found = {row["student"]: row for row in json.loads(shown.stdout)["results"]}

    assert found["k1"]["marks"] < found["k1"]["maximum"] / 2

    hidden = graded(
        course,
        report(questions, question=False, change=lambda student, values: [token, *right[1:]]),
        tmp_path,
    )

    assert hidden.exit_code == 1


def test_a_question_of_another_course_is_not_marked(quiz, tmp_path):
    """A token that no sheet of the course has is named, and the others are marked."""
    course, questions = quiz
    text = re.sub(r"Sheet \S{12}", "Sheet aaaa-bbb-ccc", questions["k3"][0])
    found = json.loads(
        graded(course, report({**questions, "k3": (text, questions["k3"][1])}), tmp_path).stdout
    )

    assert sorted(row["student"] for row in found["results"]) == ["k1", "k4"]
    assert (
        sum("'aaaa-bbb-ccc' is of no sheet of this course" in line for line in found["problems"])
        == 2
    )


def test_what_is_stored_is_marked_again_by_the_same_numbers(tmp_path):
    """Marking again changes nothing, a box is explained by the numbers shown, and an erased owner's
    numbers are said to be gone."""
    course, questions = course_of(tmp_path, "one_neuron")
    assert graded(course, report(questions), tmp_path, "--out", tmp_path / "grades").exit_code == 0
    assert "0 students change" in run("regrade", course).output
    with Course.open(course) as opened:
        box = opened.bank().boxes[0].name

        assert {row.student: row.marks for row in opened.standing()} == {
            row.student: pytest.approx(row.maximum) for row in opened.standing()
        }
    assert "correct" in run("explain", course, "k1", box).output
    assert run("erase", course, "k2", "--yes").exit_code == 0

    again = run("regrade", course)
    assert "0 students change" in again.output
    assert sum("erased with the student" in line for line in again.output.splitlines()) == 2
    assert "which were erased" in run("explain", course, "k1", box).output


def test_fixed_numbers_need_no_text(tmp_path):
    """Where all sheets have the same numbers a report without the text is marked, too."""
    course, questions = course_of(tmp_path, "worked_example")
    found = json.loads(graded(course, report(questions, question=False), tmp_path).stdout)

    assert found["problems"] == []
    assert all(row["marks"] == pytest.approx(row["maximum"]) for row in found["results"])


def test_what_was_typed_into_a_part_is_never_cut(quiz, tmp_path):
    """A semicolon, a colon or another label in an answer makes its box unreadable, and no other
    box, in which nothing is lost."""
    course, questions = quiz

    def change(student, values):
        return [f"{values[0]}; 77", f"{values[1]}; part 2: 9; part 9: 5", *values[2:]]

    found = json.loads(graded(course, report(questions, change=change), tmp_path).stdout)

    for row in found["results"]:
        first, second, *rest = [box for box in row["boxes"] if box["of"]]

        assert first["typed"].endswith("; 77")
        assert second["typed"].endswith("; part 2: 9; part 9: 5")
        assert {first["verdict"], second["verdict"]} == {"unreadable"}
        assert all(box["typed"] for box in rest)


def test_labels_whose_number_comes_first_are_read(quiz, tmp_path):
    """A language pack may write  1. rész:  under  1. válasz ."""
    course, questions = quiz
    text = report(questions).decode().replace("Response 1", "1. válasz")
    text = re.sub(r"part (\d+):", r"\1. rész:", text)
    found = json.loads(graded(course, text.encode(), tmp_path).stdout)

    assert [row["marks"] for row in found["results"]] == [
        pytest.approx(row["maximum"]) for row in found["results"]
    ]
    assert len(found["results"]) == len(PEOPLE)


def with_another_question(data, text):
    """The report of a quiz that asks something else first."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    asked = next(
        (k for k, cell in enumerate(rows[0]) if cell == "Question 1"), rows[0].index("Response 1")
    )
    head = [cell.replace(" 1", " 2") for cell in rows[0][asked:]]
    first = [["Question 1", "Response 1"], *([text, "True"] for _ in rows[1:])]
    more = [
        [*row[:asked], *other, *own]
        for row, other, own in zip(
            rows, first, [head, *(row[asked:] for row in rows[1:])], strict=True
        )
    ]
    return written(more)


def test_a_quiz_may_ask_other_questions_too(quiz, tmp_path):
    """Of several responses in a row the one counts whose question has a token; where none has, that
    is said."""
    course, questions = quiz
    found = json.loads(
        graded(course, with_another_question(report(questions), "Is tanh odd?"), tmp_path).stdout
    )

    assert found["problems"] == []
    assert [row["marks"] for row in found["results"]] == [
        pytest.approx(row["maximum"]) for row in found["results"]
    ]
    assert len(found["results"]) == len(PEOPLE)

    without = graded(
        course, with_another_question(report(questions, question=False), "Is tanh odd?"), tmp_path
    )

    assert without.exit_code == 1
    assert "2 responses a row" in without.output
    assert "tick 'question text'" in without.output
