"""Second chances: new numbers for a retake, and which attempt counts."""

import csv
import io
import json
import shutil
import sqlite3
from datetime import datetime

import pytest
import yaml
from click.testing import CliRunner
from pypdf import PdfReader

from rnnquiz.assignment_files import load_assignment
from rnnquiz.cli import main
from rnnquiz.course.assignments import issued_assignment, with_sheets
from rnnquiz.course.exporting import ExportOptions, export
from rnnquiz.course.foreseeing import plan
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.regrading import regrade
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.errors import CourseError
from rnnquiz.people.roster import Student
from rnnquiz.solution.solved import solve
from tests_support import SECRET, shipped, slowly

PEOPLE = [Student(f"s{k}", f"Student {k}", f"s{k}@x.org", k) for k in range(1, 7)]
RETAKING = PEOPLE[:3]
TEXT = """\
title: Homework
id: homework
exercises:
  - {bank: one_neuron, marks: 10}
  - {one of: [perceptron, forward_pass], marks: 20}
"""
OF = {"alone": 11.0, "several": 30.0}


@pytest.fixture(scope="module", params=slowly(["alone", "several"], quick=["alone"]))
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def exercises(kind, tmp_path_factory):
    """A bank alone, and an assignment: what is said here holds for both."""
    if kind == "alone":
        return shipped("one_neuron")
    path = tmp_path_factory.mktemp("bank") / "homework.yaml"
    path.write_text(TEXT)
    return load_assignment(path)


@pytest.fixture(scope="module")
def made(exercises, tmp_path_factory):
    """A course with the first sheets of all, and a retake of three; no test changes it."""
    folder = tmp_path_factory.mktemp("made") / "course"
    folder.mkdir()
    (folder / "secret.key").write_bytes(SECRET)
    generate(exercises, PEOPLE, folder, Wanted(None), executor="alone")
    generate(exercises, RETAKING, folder, Wanted(None, attempt=2), executor="alone")
    return folder


@pytest.fixture
def course(made, tmp_path):
    shutil.copytree(made, tmp_path / "course")
    return tmp_path / "course"


def flat(printed):
    return [printed] if isinstance(printed, str) else [t for part in printed for t in flat(part)]


def hand_in(folder, attempt, wrong):
    """Right answers of an attempt, of each student in `wrong`, but for so many boxes of the first
    exercise: its last ones, that nothing reads."""
    out = folder.parent / f"in-{attempt}"
    out.mkdir(exist_ok=True)
    with Course.open(folder) as first:
        course = first.sitting(attempt)
        assignment = issued_assignment(course)
        for student, variants in with_sheets(course, assignment):
            if student.id not in wrong:
                continue
            texts = {}
            for variant in variants:
                exercise = assignment[variant.exercise]
                rounded = solve(exercise.bank, variant).rounded
                boxes = exercise.bank.boxes
                spoilt = len(boxes) - (wrong[student.id] if exercise.place == 1 else 0)
                for number, box in enumerate(boxes):
                    name = f"{exercise.place}/{box.name}" if exercise.key else box.name
                    right = flat(rounded[box.quantity])[box.entry]
                    texts[name] = right if number < spoilt else "77.7"
            sheet = {"student": student.id, "token": variants[0].token, "answers": texts}
            (out / f"{student.id}.yaml").write_text(yaml.safe_dump(sheet))
    return out


def mark(folder, attempt, wrong, **options):
    wanted = GradeOptions(executor="alone", report=False, pages=False, attempt=attempt, **options)
    return grade(folder, hand_in(folder, attempt, wrong), None, wanted)


def gradebook(folder, count):
    place = folder.parent / f"{count}.csv"
    export(folder, "csv", place, ExportOptions(count=count))
    return {row["id"]: row for row in csv.DictReader(io.StringIO(place.read_text()))}


def box_worth(kind):
    """The last box of the first exercise: one of the three of its kind, of eleven marks; ten in the
    assignment, shared out as 3/11."""
    return 1.0 if kind == "alone" else 2.73 / 3


def test_a_retake_has_numbers_that_nobody_had(made):
    """No student's numbers are those of any sheet of either attempt; tokens are others, too."""
    with sqlite3.connect(made / "course.sqlite") as database:
        rows = list(
            database.execute("SELECT exercise, student, attempt, token, givens FROM variants")
        )

    assert {(student, attempt) for _, student, attempt, _, _ in rows} == {
        *((one.id, 1) for one in PEOPLE),
        *((one.id, 2) for one in RETAKING),
    }

    by_exercise = {}
    for exercise, _, _, _, givens in rows:
        by_exercise.setdefault(exercise, []).append(givens)

    assert all(len(set(found)) == len(found) for found in by_exercise.values())
    assert len({token for _, _, _, token, _ in rows}) == 9


def test_a_retake_keeps_the_exercises_and_the_first_sheets(made, exercises, tmp_path):
    """Who had which exercise of a pool has it again; files and numbers of the first attempt are as
    they were without a retake; those of the retake have a folder of their own, and say so."""
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "secret.key").write_bytes(SECRET)
    generate(exercises, PEOPLE, tmp_path / "course", Wanted(None), executor="alone")

    for path in (tmp_path / "course").rglob("*.*"):
        if path.name != "course.sqlite" and path.is_file():
            same = made / path.relative_to(tmp_path / "course")
            assert same.read_bytes() == path.read_bytes()

    with sqlite3.connect(made / "course.sqlite") as database:
        exercises_ = dict(
            database.execute(
                "SELECT student || attempt, group_concat(exercise) FROM variants GROUP BY 1"
            )
        )

    assert all(exercises_[f"{one.id}1"] == exercises_[f"{one.id}2"] for one in RETAKING)

    sheets = sorted(path.name for path in (made / "attempt-2" / "sheets").iterdir())
    assert sheets == [f"000{k}-s{k}.tex" for k in (1, 2, 3)]
    assert "Attempt 2" in (made / "attempt-2" / "sheets" / sheets[0]).read_text()
    assert "attempt 2" in (made / "attempt-2" / "keys" / sheets[0]).read_text()
    assert (made / "attempt-2").stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_the_class_book_of_a_retake_says_so_on_every_page(exercises, tmp_path):
    """Whichever page is printed or lies open, it is not taken for one of the first attempt; pages
    of the first attempt do not count it."""
    for people, attempt in ((PEOPLE, 1), (RETAKING, 2)):
        wanted = Wanted("typst", attempt=attempt, also=("book",))
        generate(exercises, people, tmp_path, wanted, executor="alone")

    for folder, said in ((tmp_path, False), (tmp_path / "attempt-2", True)):
        pages = [page.extract_text() for page in PdfReader(folder / "class_book.pdf").pages]
        assert len(pages) > 3
        assert {"attempt 2" in page.lower() for page in pages} == {said}


def test_the_rule_says_which_attempt_counts(course, kind):
    """First attempt: s1 loses three boxes, s2 none, s3 one, s4 two. Retake: s1 loses one, s2 two,
    s3 does not come. Best, last and mean are worked out here."""
    worth, of = box_worth(kind), OF[kind]
    mark(course, 1, {"s1": 3, "s2": 0, "s3": 1, "s4": 2})
    done = mark(course, 2, {"s1": 1, "s2": 2})
    first = {"s1": of - 3 * worth, "s2": of, "s3": of - worth, "s4": of - 2 * worth}
    second = {"s1": of - worth, "s2": of - 2 * worth}

    assert [(row.id, row.attempt, row.status) for row in done.rows] == [
        ("s1", "2", "marked"),
        ("s2", "2", "marked"),
        ("s3", "2", "not handed in"),
    ]

    expected = {
        "best": {"s1": (second["s1"], "2"), "s2": (first["s2"], "1")},
        "last": {"s1": (second["s1"], "2"), "s2": (second["s2"], "2")},
        "mean": {s: ((first[s] + second[s]) / 2, "mean of 1 and 2") for s in second},
    }

    for count, by in expected.items():
        rows = gradebook(course, count)
        by = {**by, "s3": (first["s3"], "1"), "s4": (first["s4"], "1")}

        for student, (marks, said) in by.items():
            assert float(rows[student]["marks"]) == pytest.approx(marks, abs=0.011)
            assert rows[student]["attempt"] == said
            assert float(rows[student]["attempt 1"]) == pytest.approx(first[student], abs=0.011)

            later = rows[student]["attempt 2"]
            assert (float(later) if later else None) == (
                pytest.approx(second[student], abs=0.011) if student in second else None
            )
        assert (rows["s5"]["status"], rows["s5"]["marks"]) == ("not handed in", "")


def test_what_is_taken_off_counts_as_the_marks_do(course, kind, tmp_path):
    """A first sheet two days late, a retake in time: with the mean, half of what was taken off is
    said, so that problems less what is taken off are the marks."""
    dates = tmp_path / "dates.csv"
    dates.write_text("id,handed in\ns1,2026-12-16 12:00\n")
    mark(course, 1, {"s1": 0}, due=datetime(2026, 12, 14, 18), per_day=0.1, dates=dates)
    mark(course, 2, {"s1": 1})

    row = gradebook(course, "mean")["s1"]

    of, lost = OF[kind], box_worth(kind)

    assert float(row["marks"]) == pytest.approx((0.8 * of + of - lost) / 2, abs=0.011)
    assert row["days late"] == "2"
    assert float(row["taken off"]) == pytest.approx(0.2 * of / 2, abs=0.006)
    if kind == "several":
        whole = float(row["problem 1"]) + float(row["problem 2"])
        assert whole - float(row["taken off"]) == pytest.approx(float(row["marks"]), abs=0.02)


def test_the_rule_is_said_beside_the_marks(course, tmp_path):
    """Whoever exports marks of several attempts reads by which rule, as a person and a program."""
    mark(course, 1, {"s1": 3})
    mark(course, 2, {"s1": 1})
    shown = CliRunner().invoke(
        main,
        [
            "export",
            str(course),
            "--to",
            "json",
            "--out",
            str(tmp_path / "a.json"),
            "--count",
            "mean",
        ],
    )

    assert "of 2 attempts the mean counts (--count)" in shown.output

    row = json.loads((tmp_path / "a.json").read_text())["students"][0]
    assert (row["attempt"], len(row["attempts"])) == ("mean of 1 and 2", 2)


def test_a_sheet_of_the_other_attempt_is_refused(course):
    """In either direction, and it is said where it belongs; nobody gets 0 for it."""
    old, new = hand_in(course, 1, {"s1": 0, "s4": 0}), hand_in(course, 2, {"s1": 0, "s2": 0})
    shutil.copy(old / "s1.yaml", new / "s1.yaml")
    shutil.copy(hand_in(course, 2, {"s3": 0}) / "s3.yaml", old / "s3.yaml")
    wanted = GradeOptions(executor="alone", report=False, pages=False)

    second = grade(course, new, None, GradeOptions(**{**vars(wanted), "attempt": 2}))
    first = grade(course, old, None, wanted)

    status = {row.id: row for row in second.rows}
    assert status["s1"].marks is None
    assert "is that of attempt 1 -> grade it with --attempt 1" in status["s1"].status
    assert status["s2"].marks is not None

    status = {row.id: row for row in first.rows}
    assert status["s3"].marks is None
    assert "is that of attempt 2" in status["s3"].status


def test_only_who_had_a_sheet_has_a_retake(course, exercises, tmp_path):
    """A stranger, or a third attempt without a second, is an error, and nothing is drawn."""
    before = (course / "course.sqlite").read_bytes()
    for people, attempt in (([Student("new", "New", "", 1)], 2), (PEOPLE, 3)):
        with pytest.raises(CourseError, match=f"no sheet of attempt {attempt - 1}"):
            generate(exercises, people, course, Wanted(None, attempt=attempt), executor="alone")
    assert (course / "course.sqlite").read_bytes() == before

    words = ["generate", "--out", str(course), "--engine", "none", "--executor", "alone"]
    assert CliRunner().invoke(main, [*words, "--attempt", "2", "--roster", "x.csv"]).exit_code == 2
    assert CliRunner().invoke(main, words).exit_code == 2


def test_the_command_gives_a_retake_to_a_list_or_to_all(course, tmp_path):
    """--students names them; without it all have one who had the attempt before."""
    (tmp_path / "retake.csv").write_text("id,name\ns5,Student 5\n")
    words = [
        "generate",
        "--out",
        str(course),
        "--engine",
        "none",
        "--attempt",
        "2",
        "--executor",
        "alone",
    ]

    one = CliRunner().invoke(main, [*words, "--students", str(tmp_path / "retake.csv")])
    rest = CliRunner().invoke(main, words)

    assert "4 students: 1 new variant" in one.output
    assert "6 students: 2 new variants" in rest.output
    with Course.open(course) as opened:
        assert len(opened.sheets()) == len(opened.sitting(2).sheets()) == 6


def test_a_dry_run_counts_who_would_get_one(course, exercises):
    """Nothing is stored."""
    before = (course / "course.sqlite").read_bytes()
    found = plan(exercises, PEOPLE, course, 2)

    assert (found.new, found.there) == (3, 3)
    assert (course / "course.sqlite").read_bytes() == before


def test_a_retake_is_marked_again_by_itself(course):
    """regrade looks at one attempt; the other stays as it is."""
    mark(course, 1, {"s1": 3})
    mark(course, 2, {"s1": 1, "s2": 0})
    with sqlite3.connect(course / "course.sqlite") as database:
        database.execute("UPDATE grades SET marks = marks - 1 WHERE attempt = 2")

    changes, graded = regrade(course, None, None, apply=False, attempt=2)

    assert {change.student for change in changes} == {"s1", "s2"}
    assert {row.id for row in graded.rows} == {one.id for one in RETAKING}
    assert regrade(course, None, None, apply=False)[0] == []


def test_a_box_of_a_retake_is_explained(course, kind):
    """With the numbers of that attempt."""
    mark(course, 1, {"s1": 1})
    mark(course, 2, {"s1": 0})
    box = "b_new" if kind == "alone" else "1: b_new"

    first = CliRunner().invoke(main, ["explain", str(course), "s1", box])
    second = CliRunner().invoke(main, ["explain", str(course), "s1", box, "--attempt", "2"])

    assert "you wrote '77.7'" in first.output
    assert second.exit_code == 0
    assert "77.7" not in second.output


def test_who_is_erased_has_no_retake_either(course, tmp_path):
    """No file of either attempt, no row."""
    result = CliRunner().invoke(main, ["erase", str(course), "s1", "--yes"])

    assert result.exit_code == 0, result.output
    assert list(course.rglob("*s1.*")) == []
    assert len(list((course / "attempt-2").rglob("*s2.*"))) == 3
    with Course.open(course) as opened:
        assert "s1" not in opened.sheets() | opened.sitting(2).sheets()
