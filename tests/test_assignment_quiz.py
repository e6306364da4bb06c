"""Quizzes and the autograder of Gradescope with an assignment of several exercises, and with a
retake."""

import io
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile

import pytest
import yaml
from click.testing import CliRunner
from data.systems.moodle_files import plain, written

from rnnquiz.assignment_files import load_assignment
from rnnquiz.cli import main
from rnnquiz.course.assignments import issued_assignment, with_sheets
from rnnquiz.course.generating import generate
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.people.roster import Student
from rnnquiz.solution.solved import solve
from tests_support import SECRET

TEXT = """\
title: Homework 3
id: homework-3
exercises:
  - {bank: forward_pass, marks: 10}
  - {one of: [one_neuron, perceptron], marks: 22}
  - {bank: one_neuron, marks: 30}
"""
MARKS = {"1": 10, "2": 22, "3": 30}
PEOPLE = [Student(f"k{k}", f"Ada{k} Lovelace{k}", f"ada{k}@example.org", k) for k in range(1, 5)]
KEYS = ("1", "2.1", "2.2", "3")


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A course with a retake, and of each attempt and exercise the questions of Moodle by token:
    the text, and the right answers by part."""
    place = tmp_path_factory.mktemp("quiz")
    (place / "homework.yaml").write_text(TEXT)
    (place / "course").mkdir()
    (place / "course" / "secret.key").write_bytes(SECRET)
    assignment = load_assignment(place / "homework.yaml")
    for attempt in (1, 2):
        wanted = Wanted(None, documents=False, attempt=attempt)
        generate(assignment, PEOPLE, place / "course", wanted, executor="alone")
    return place


@pytest.fixture(scope="module")
def questions(place):
    found = {}
    for attempt in (1, 2):
        for key in KEYS:
            out = place / f"{attempt}-{key}.xml"
            made = run(
                "quiz",
                "--course",
                place / "course",
                "--exercise",
                key,
                "--attempt",
                attempt,
                "--to",
                "moodle",
                "--out",
                out,
            )
            assert made.exit_code == 0, made.output
            for question in ET.parse(out).iter("question"):
                if question.get("type") == "cloze":
                    text = question.findtext("questiontext/text")
                    token = re.search(r"\w{4}-\w{3}-\w{3}", text)[0]
                    right = re.findall(r"\{\d+:NUMERICAL:=([^:]+):", text)
                    found[attempt, key, token] = text, right
    return found


def tokens_of(place, attempt=1):
    with Course.open(place / "course") as course:
        return course.sitting(attempt).sheets()


def report(rows):
    """A report of responses: of each student the questions that were asked, in their order."""
    count = max(len(asked) for asked in rows.values())
    header = ["Last name", "First name", "ID number", "Email address", "Status"]
    header += [f"{word} {k}" for k in range(1, count + 1) for word in ("Question", "Response")]
    table = [header]
    for student in PEOPLE:
        first, last = student.name.split()
        row = [last, first, student.id, student.email, "Finished"]
        for text, values in rows.get(student.id, ()):
            typed = "; ".join(f"part {k}: {value}" for k, value in enumerate(values, start=1))
            row += [plain(text), typed]
        table.append(row + [""] * (len(header) - len(row)))
    return written(table)


def graded(place, tmp_path, data, *more):
    (tmp_path / "responses.csv").write_bytes(data)
    result = run(
        "grade", place / "course", tmp_path / "responses.csv", "--json", "--dry-run", *more
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def by_student(found):
    rows = {}
    for one in found["results"]:
        rows.setdefault(one["student"], {})[one["exercise"].split(".")[0]] = one["marks"]
    return rows


@pytest.mark.parametrize("attempt", [1, 2])
def test_responses_to_several_exercises_are_marked_by_what_was_shown(
    place, questions, tmp_path, attempt
):
    """Each student is shown another's numbers in each exercise, in whichever order: all right has
    all marks in all of them, for the first sheets and for a retake."""
    drawn = {}
    for at, student in enumerate(PEOPLE):
        keys = ("3", f"2.{1 + at % 2}", "1") if at else ("1", "2.1", "3")
        pools = {
            key: [q for (a, k, _), q in questions.items() if (a, k) == (attempt, key)]
            for key in keys
        }
        drawn[student.id] = [pool[at % len(pool)] for pool in pools.values()]

    found = graded(place, tmp_path, report(drawn), "--attempt", attempt)

    assert found["problems"] == found["matches"] == []
    assert by_student(found) == {student.id: pytest.approx(MARKS) for student in PEOPLE}


def test_a_wrong_part_costs_its_box_in_its_exercise(place, questions, tmp_path):
    """The last part of exercise 3 is wrong: problem 3's last box has no marks, nothing else."""
    token = tokens_of(place)["k1"]
    asked = {key: q for (a, key, of), q in questions.items() if (a, of) == (1, token)}
    asked["3"] = asked["3"][0], [*asked["3"][1][:-1], "77.7"]

    found = graded(place, tmp_path, report({"k1": list(asked.values())}))
    bad = [
        (one["exercise"], box["box"])
        for one in found["results"]
        for box in one["boxes"]
        if box["marks"] < box["of"]
    ]

    assert bad == [("3", "b_new")]


@pytest.mark.slow
def test_a_question_of_the_pool_that_the_sheet_does_not_have_is_marked_and_stays(
    place, questions, tmp_path
):
    """Who has exercise 2.1 on the sheet and is shown 2.2 is marked by that; marked again, nothing
    changes; a later sheet counts instead of it."""
    course = tmp_path / "course"
    run(
        "generate",
        place / "homework.yaml",
        "--out",
        course,
        "--engine",
        "none",
        "--roster",
        _roster(tmp_path),
    )

    with Course.open(course) as opened:
        own, token = opened.part("2.1").tokens(), opened.part("2.2").tokens()
        assignment = issued_assignment(opened)
        sheets = {s.id: v for s, v in with_sheets(opened, assignment)}
    student, (_, shown) = next(iter(own)), next(iter(token.items()))

    out = tmp_path / "q.xml"
    run("quiz", "--course", course, "--exercise", "2.2", "--to", "moodle", "--out", out)
    text = next(
        text
        for q in ET.parse(out).iter("question")
        if (text := q.findtext("questiontext/text")) and shown in text
    )
    right = re.findall(r"\{\d+:NUMERICAL:=([^:]+):", text)
    (tmp_path / "r.csv").write_bytes(report({student: [(text, right)]}))

    def rows():
        run("export", course, "--to", "json", "--out", tmp_path / "marks.json")
        data = json.loads((tmp_path / "marks.json").read_text())["students"]
        return next(row for row in data if row["id"] == student)["problems"]

    first = run("grade", course, tmp_path / "r.csv", "--out", tmp_path / "grades")
    assert first.exit_code == 0, first.output
    assert rows()["2"] == [22, 22]
    assert "0 students change" in run("regrade", course).output

    variant = next(one for one in sheets[student] if one.exercise == "2.1")
    bank = assignment["2.1"].bank
    rounded = solve(bank, variant).rounded
    texts = {f"2/{box.name}": str(rounded[box.quantity]) for box in bank.boxes[:1]}
    sheet = {"student": student, "token": variant.token, "answers": texts}
    (tmp_path / "s.yaml").write_text(yaml.safe_dump(sheet))

    again = run("grade", course, tmp_path / "s.yaml", "--out", tmp_path / "grades")

    assert again.exit_code == 0, again.output
    assert 0 < rows()["2"][0] < 22
    assert "0 students change" in run("regrade", course).output


@pytest.mark.slow
def test_a_report_is_about_those_who_were_asked(place, questions, tmp_path):
    """Everybody is shown the exercise of the pool that the own sheet does not have: the report of
    each is about those who answered it, and nobody is missing; later it says of whom was marked
    earlier, and by which."""
    shutil.copytree(place / "course", tmp_path / "course")
    with Course.open(tmp_path / "course") as opened:
        own = {key: set(opened.part(key).tokens()) for key in ("2.1", "2.2")}
    asked = {key: [q for (a, k, _), q in questions.items() if (a, k) == (1, key)] for key in KEYS}
    other = {student: ("2.2", "2.1")[student in own["2.2"]] for student in own["2.1"] | own["2.2"]}
    rows = {who: [asked["1"][0], asked[key][0]] for who, key in other.items()}

    def heads(rows):
        (tmp_path / "r.csv").write_bytes(report(rows))
        result = run(
            "grade",
            tmp_path / "course",
            tmp_path / "r.csv",
            "--out",
            tmp_path / "grades",
            "--executor",
            "alone",
            "--no-pages",
        )

        assert result.exit_code == 0, result.output

        pages = [(tmp_path / "grades" / f"report-{key}.html").read_text() for key in own]
        texts = [re.sub(r"<[^>]+>", "", page) for page in pages]
        head = re.compile(r"\d+ handed in, \d+ did not\.\s*(Not among these marks:[^.]*\.)?")
        return [head.search(text)[0] for text in texts]

    everybody = heads(rows)
    last = sorted(other)[-1]
    one = heads({last: rows[last]})

    assert [len(students) for students in own.values()] == [2, 2]
    assert [head.strip() for head in everybody] == ["2 handed in, 0 did not."] * 2
    for key, head in zip(own, one, strict=True):
        answered = {student for student in other if other[student] == key}

        assert head.startswith(f"{int(last in answered)} handed in, 0 did not.")
        assert head.count("marked earlier") == len(answered - {last})
        assert all(f"Ada{who[1:]} " in head for who in answered - {last})


def _roster(tmp_path):
    lines = ["id,name,email", *(f"{one.id},{one.name},{one.email}" for one in PEOPLE)]
    (tmp_path / "roster.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "roster.csv"


def test_an_exercise_that_is_asked_twice_is_said(place, questions, tmp_path):
    """The first question of an exercise counts, the second has a line."""
    asked = [q for (a, key, _), q in questions.items() if (a, key) == (1, "3")]
    wrong = asked[1][0], ["0"] * len(asked[1][1])

    found = graded(place, tmp_path, report({"k1": [asked[0], wrong]}))

    assert by_student(found)["k1"]["3"] == pytest.approx(30)
    assert any("has asked this exercise before" in line for line in found["problems"])


def test_responses_to_another_attempt_are_refused(place, questions, tmp_path):
    """It is said where they belong, and nobody gets 0 for it."""
    asked = {}
    for student in PEOPLE[:2]:
        attempt = 2 if student.id == "k1" else 1
        token = tokens_of(place, attempt)[student.id]
        asked[student.id] = [q for (a, _, of), q in questions.items() if of == token]

    found = graded(place, tmp_path, report(asked))

    assert list(by_student(found)) == ["k2"]
    assert any("grade it with --attempt 2" in line for line in found["problems"])


@pytest.fixture(scope="module", params=[1, 2])
def autograder(request, place, tmp_path_factory):
    """The archive, unpacked where Gradescope does, of each attempt."""
    out = tmp_path_factory.mktemp("autograder")
    made = run(
        "export",
        place / "course",
        "--to",
        "gradescope",
        "--attempt",
        request.param,
        "--out",
        out / "a.zip",
    )
    assert made.exit_code == 0, made.output
    with zipfile.ZipFile(io.BytesIO((out / "a.zip").read_bytes())) as archive:
        archive.extractall(out / "source")
    return request.param, out


def handed_to_gradescope(autograder, tmp_path, student, files):
    """The results of one submission."""
    (tmp_path / "source").symlink_to(autograder / "source")
    (tmp_path / "submission").mkdir()
    for name, text in files.items():
        (tmp_path / "submission" / name).write_text(text)
    users = [{"email": student.email, "name": student.name}]
    (tmp_path / "submission_metadata.json").write_text(json.dumps({"users": users}))
    (tmp_path / "results").mkdir()
    command = [sys.executable, "-m", "rnnquiz.course.autograder", str(tmp_path)]
    subprocess.run(command, cwd=autograder / "source", check=True, timeout=120)
    return json.loads((tmp_path / "results" / "results.json").read_text())


def solutions(place, attempt, student):
    with Course.open(place / "course") as first:
        course = first.sitting(attempt)
        assignment = issued_assignment(course)
        sheets = {s.id: v for s, v in with_sheets(course, assignment)}
    return {
        assignment[variant.exercise].place: (
            assignment[variant.exercise].bank,
            solve(assignment[variant.exercise].bank, variant),
        )
        for variant in sheets[student]
    }


def flat(printed):
    return [printed] if isinstance(printed, str) else [t for part in printed for t in flat(part)]


@pytest.mark.slow
def test_the_autograder_marks_all_exercises(place, autograder, tmp_path):
    """All right but the last box of problem 3: the score is the sum, each box has a test with the
    number of its problem, and only that one fails."""
    attempt, out = autograder
    answers = {
        f"{at}/{box.name}": flat(solved.rounded[box.quantity])[box.entry]
        for at, (bank, solved) in solutions(place, attempt, "k2").items()
        for box in bank.boxes
    }
    answers["3/b_new"] = "77.7"
    sheet = {"student": "k2", "token": tokens_of(place, attempt)["k2"], "answers": answers}

    found = handed_to_gradescope(out, tmp_path, PEOPLE[1], {"s.yaml": yaml.safe_dump(sheet)})
    tests = {test["name"]: test for test in found["tests"]}

    assert found["score"] == pytest.approx(sum(test["score"] for test in tests.values()), abs=0.01)
    assert found["score"] == pytest.approx(62 - tests["3: b_new"]["max_score"], abs=0.01)
    assert [name for name, test in tests.items() if test["status"] != "passed"] == ["3: b_new"]
    assert sum(test["max_score"] for test in tests.values()) == pytest.approx(62, abs=0.01)
    assert found["output"].startswith("1: All boxes are right.\n2: All boxes are right.\n3: ")


@pytest.mark.slow
def test_the_autograder_reads_worked_pages(place, autograder, tmp_path):
    """A page with all problems under headings has all marks."""
    attempt, out = autograder
    text = [
        line
        for at, (_, solved) in solutions(place, attempt, "k3").items()
        for line in (f"## Problem {at}", *(f"$${line.latex()}$$" for line in solved.lines))
    ]

    found = handed_to_gradescope(out, tmp_path, PEOPLE[2], {"page.md": "\n\n".join(text)})

    assert found["score"] == pytest.approx(62), found["output"]
