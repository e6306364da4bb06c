"""A term: one roster, one secret, one gradebook for several assignments; nobody ever has the same
numbers twice."""

import csv
import io
import itertools
import json
import random
import sqlite3

import pytest
import yaml
from click.testing import CliRunner

from rnnquiz.assignment_files import load_assignment
from rnnquiz.cli import main
from rnnquiz.course.assignments import issued_assignment, with_sheets
from rnnquiz.course.exporting import ExportOptions, export
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.errors import CourseError
from rnnquiz.people.roster import Student
from rnnquiz.solution.solved import solve
from tests_support import SECRET, shipped

PEOPLE = [Student(f"m{k:03}", f"Student {k:02}", f"m{k}@x.org", k) for k in range(1, 61)]
SHEET = """\
title: Homework 2
id: homework-2
exercises:
  - {bank: one_neuron, marks: 10}
  - {one of: [perceptron, hello], marks: 20}
  - {bank: one_neuron, marks: 6, rounding: {decimals: 3}}
"""
KINDS = ("sheets", "keys", "templates")
NUMBERS = Wanted(None, documents=False, term=True)


def flat(printed):
    return [printed] if isinstance(printed, str) else [t for part in printed for t in flat(part)]


def keys_of(folder, attempt=1):
    """Of each student the token, and the right answers by the name in the template."""
    found = {}
    with Course.open(folder) as first:
        course = first.sitting(attempt)
        assignment = issued_assignment(course)
        for student, variants in with_sheets(course, assignment):
            texts = {}
            for variant in variants:
                exercise = assignment[variant.exercise]
                rounded = solve(exercise.bank, variant).rounded
                for box in exercise.bank.boxes:
                    name = f"{exercise.place}/{box.name}" if exercise.key else box.name
                    texts[name] = flat(rounded[box.quantity])[box.entry]
            found[student.id] = variants[0].token, texts
    return found


def hand_in(place, sheets):
    place.mkdir()
    for student, (token, texts) in sheets.items():
        sheet = {"student": student, "token": token, "answers": texts}
        (place / f"{student}.yaml").write_text(yaml.safe_dump(sheet))
    return place


def marked(folder, submissions, attempt=1):
    options = GradeOptions(executor="alone", pages=False, report=False, attempt=attempt)
    return grade(folder, submissions, None, options)


@pytest.fixture(scope="module")
def term(tmp_path_factory):
    """Three assignments for sixty students, a pool, one bank three times, a retake of twenty."""
    place = tmp_path_factory.mktemp("term") / "course"
    place.mkdir()
    (place / "secret.key").write_bytes(SECRET)
    (place.parent / "homework.yaml").write_text(SHEET)
    sheet = load_assignment(place.parent / "homework.yaml")
    generate(shipped("one_neuron"), PEOPLE, place / "01-neuron", NUMBERS, executor="alone")
    generate(sheet, PEOPLE, place / "02-sheet", NUMBERS, executor="alone")
    generate(shipped("one_neuron"), PEOPLE, place / "03-again", NUMBERS, executor="alone")
    retake = Wanted(None, documents=False, attempt=2)
    generate(shipped("one_neuron"), PEOPLE[:20], place / "03-again", retake, executor="alone")
    return place


def test_nobody_has_the_same_numbers_twice(term):
    """The ranges of one neuron are drawn from in four places and a retake: no two sheets of
    anybody have the same numbers, nor the same token."""
    givens, tokens = [], []
    for name in ("01-neuron", "02-sheet", "03-again"):
        with sqlite3.connect(term / name / "course.sqlite") as database:
            rows = list(
                database.execute("SELECT exercise, student, attempt, token, givens FROM variants")
            )
        givens += [row[4] for row in rows if name != "02-sheet" or row[0] in ("1", "3")]
        tokens += list({(row[1], row[2], row[3]) for row in rows})

    assert len(givens) == 60 * 4 + 20
    assert len(set(givens)) == len(givens)
    assert len(tokens) == 60 * 3 + 20
    assert len({token for _, _, token in tokens}) == len(tokens)


def test_nobody_has_nearly_the_same_numbers(term):
    """Of the seven numbers of one neuron any two sheets of the term differ in three at least:
    those of one student, of two, of other assignments, of a retake."""
    sheets = []
    for name in ("01-neuron", "02-sheet", "03-again"):
        with sqlite3.connect(term / name / "course.sqlite") as database:
            rows = database.execute("SELECT exercise, givens FROM variants")
            sheets += [json.loads(givens) for key, givens in rows if key in ("", "1", "3")]
    numbers = [[text for one in sorted(sheet) for text in sheet[one]] for sheet in sheets]

    assert {len(row) for row in numbers} == {7}

    differing = [
        sum(a != b for a, b in zip(one, other, strict=True))
        for one, other in itertools.combinations(numbers, 2)
    ]

    assert min(differing) >= 3


@pytest.mark.slow
def test_who_changes_groups_keeps_the_sheet(tmp_path):
    """In the roster of afterwards people stand elsewhere and in other groups, and one is new: no
    file of anybody who had a sheet is another, nor the exercise of the pool; nor in a retake."""
    (tmp_path / "homework.yaml").write_text(SHEET)
    head = "Matrikelnummer;Vorname;Nachname;Gruppe\n"
    people = [f"{k};Vorname{k};Nachname{k}" for k in range(1, 6)]
    before = [f"{one};{'AB'[k % 2]}" for k, one in enumerate(people)]
    after = [f"{one};{'BA'[k % 3 == 0]}" for k, one in enumerate(["6;Neu;Da", *reversed(people)])]
    place = tmp_path / "course" / "01"

    def issue(rows):
        (tmp_path / "roster.csv").write_text(head + "\n".join(rows))
        words = ["generate", tmp_path / "homework.yaml", "--roster", tmp_path / "roster.csv"]
        retake = ["generate", "--attempt", "2"]

        for command in ([*words, "--term"], retake):
            last = ["--out", place, "--engine", "none", "--executor", "alone"]
            result = CliRunner().invoke(main, [str(word) for word in (*command, *last)])
            assert result.exit_code == 0, result.output

        with sqlite3.connect(place / "course.sqlite") as database:
            query = "SELECT student, attempt, exercise, token, givens FROM variants"
            numbers = set(database.execute(query))
        files = [path for kind in KINDS for path in place.rglob(f"{kind}/*.*")]
        return numbers, {path.relative_to(place): path.read_bytes() for path in files}

    numbers, files = issue(before)
    numbers_after, files_after = issue(after)

    assert len(files) == 5 * 3 * 2
    assert {row[0] for row in numbers_after - numbers} == {"6"}
    assert numbers <= numbers_after
    assert {name: files_after.get(name) for name in files} == files


def test_another_term_has_other_numbers(term, tmp_path):
    """The same roster and the same banks under another secret: no student's numbers come again."""
    (tmp_path / "next").mkdir()
    generate(
        shipped("one_neuron"), PEOPLE, tmp_path / "next" / "01-neuron", NUMBERS, executor="alone"
    )

    def rows(place):
        with sqlite3.connect(place / "01-neuron" / "course.sqlite") as database:
            return dict(database.execute("SELECT student, givens FROM variants"))

    old, new = rows(term), rows(tmp_path / "next")

    assert old.keys() == new.keys()
    assert not any(old[student] == new[student] for student in old)
    assert (tmp_path / "next" / "secret.key").read_bytes() != SECRET


def test_the_gradebook_of_a_term_adds_up(term, tmp_path):
    """Sixty students hand in as the dice of the test fall: all right, nothing, or some last boxes
    wrong; a retake is best of two. Each cell is worked out here, by the marks of the banks alone.
    """
    dice = random.Random(7)
    worth = {"01-neuron": 11.0, "02-sheet": 36.0, "03-again": 11.0}
    last = {"01-neuron": "b_new", "02-sheet": "1/b_new", "03-again": "b_new"}
    cost = {"01-neuron": 1.0, "02-sheet": 2.73 / 3, "03-again": 1.0}
    expected = {student.id: {} for student in PEOPLE}

    for name in worth:
        sheets = {}
        for student, (token, texts) in keys_of(term / name).items():
            how = dice.choice(["right", "right", "wrong", "absent"])
            if how == "absent":
                continue
            wrong = how == "wrong"
            sheets[student] = token, {**texts, **({last[name]: "77.7"} if wrong else {})}
            expected[student][name] = worth[name] - cost[name] * wrong
        done = marked(term / name, hand_in(tmp_path / name, sheets))

        assert done.problems == []

    again = {
        student: sheet
        for student, sheet in keys_of(term / "03-again", 2).items()
        if dice.random() < 0.5
    }
    marked(term / "03-again", hand_in(tmp_path / "retake", again), attempt=2)
    for student in again:
        expected[student]["03-again"] = 11.0

    done = export(term, "csv", tmp_path / "term.csv", ExportOptions())
    table = {
        row["id"]: row for row in csv.DictReader(io.StringIO((tmp_path / "term.csv").read_text()))
    }

    assert done.written == sum(bool(parts) for parts in expected.values())
    assert list(table) == [student.id for student in PEOPLE]
    for student, parts in expected.items():
        row = table[student]

        for name in worth:
            if name in parts:
                assert float(row[name]) == pytest.approx(parts[name], abs=0.011)
            else:
                assert row[name] == ""
        assert row["maximum"] == "58.00"
        assert (
            row["marks"] == ""
            if not parts
            else float(row["marks"]) == pytest.approx(sum(parts.values()), abs=0.02)
        )
    assert (
        json.loads(_exported(term, "json", tmp_path))["students"][0]["assignments"].keys()
        <= worth.keys()
    )

    filled = _filled_canvas(term, tmp_path, table)
    assert filled == sum(bool(parts) for parts in expected.values())


def _exported(term, form, tmp_path):
    export(term, form, tmp_path / f"term.{form}", ExportOptions())
    return (tmp_path / f"term.{form}").read_text()


def _filled_canvas(term, tmp_path, table):
    """Put into Canvas's own file, each total is that of the student's row."""
    head = "Student,ID,SIS User ID,SIS Login ID,Section,Term (1)\n    Points Possible,,,,,58\n"
    lines = [f'"{one.name}",{one.position},{one.id},{one.email},A,' for one in PEOPLE]
    (tmp_path / "canvas.csv").write_text(head + "\n".join(lines) + "\n")
    export(term, "canvas", tmp_path / "up.csv", ExportOptions(into=tmp_path / "canvas.csv"))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "up.csv").read_text())))
    by = {row["SIS User ID"]: row["Term (1)"] for row in rows if row["SIS User ID"]}
    for student, row in table.items():
        assert by[student] == "" if not row["marks"] else float(by[student]) == float(row["marks"])
    return sum(bool(marks) for marks in by.values())


def test_the_roster_of_a_term_is_said_once(tmp_path):
    """Later assignments need no roster; who comes later is in all that are made after; ids are
    those of the term, however a later roster writes them."""
    (tmp_path / "roster.csv").write_text("id,name\n0017,Ada Lovelace\n0018,Kurt Gödel\n")
    (tmp_path / "late.csv").write_text("id,name\n17,Ada Lovelace\n19,Emmy Noether\n")
    words = ["generate", "hello", "--engine", "none", "--executor", "alone", "--out"]
    place = tmp_path / "course"

    def run(name, *more):
        result = CliRunner().invoke(main, [*words, str(place / name), *more])
        assert result.exit_code == 0, result.output

    run("01", "--roster", str(tmp_path / "roster.csv"), "--term")
    run("02")
    run("03", "--roster", str(tmp_path / "late.csv"))
    run("04")

    def ids(name):
        with Course.open(place / name) as course:
            return list(course.sheets())

    assert [ids(name) for name in ("01", "02", "03", "04")] == [
        ["0017", "0018"],
        ["0017", "0018"],
        ["0017", "19"],
        ["0017", "0018", "19"],
    ]

    alone = CliRunner().invoke(main, [*words, str(tmp_path / "alone")])
    assert alone.exit_code == 2
    assert "give --roster" in alone.output


def test_a_term_and_a_course_are_not_mistaken_for_each_other(tmp_path):
    """Nothing is issued from, or graded in, the folder of a term; a course is no term."""
    people = PEOPLE[:2]
    generate(shipped("hello"), people, tmp_path / "course" / "01", NUMBERS, executor="alone")
    with pytest.raises(CourseError, match="is that of a term"):
        generate(shipped("hello"), people, tmp_path / "course", Wanted(None, documents=False))

    (tmp_path / "in.txt").write_text("student: m001\nh[1] = 0.5\n")
    with pytest.raises(CourseError, match="is that of a term"):
        grade(tmp_path / "course", tmp_path / "in.txt", None)
    with pytest.raises(CourseError, match="has no marking yet"):
        export(tmp_path / "course", "csv", tmp_path / "x.csv", ExportOptions())
    with pytest.raises(CourseError, match="cannot be that of a term"):
        generate(shipped("hello"), people, tmp_path / "course" / "01" / "deeper", NUMBERS)


def test_a_course_beside_others_is_no_part_of_a_term(tmp_path):
    """Without --term a folder within a course folder is what it was: it has a secret of its own."""
    people = PEOPLE[:2]
    plain = Wanted(None, documents=False)
    generate(shipped("hello"), people, tmp_path / "course", plain, executor="alone")
    generate(shipped("hello"), people, tmp_path / "course" / "inner", plain, executor="alone")

    one, two = ((tmp_path / "course" / name / "secret.key").read_bytes() for name in (".", "inner"))

    assert one != two
    with Course.open(tmp_path / "course") as course:
        assert not course.is_term


def test_a_student_is_erased_from_the_whole_term(tmp_path):
    """One command: no assignment, and not the term, holds a row or a file of theirs."""
    people = PEOPLE[:3]
    wanted = Wanted(None, term=True)
    for name in ("01", "02"):
        generate(shipped("hello"), people, tmp_path / "course" / name, wanted, executor="alone")

    result = CliRunner().invoke(main, ["erase", str(tmp_path / "course"), "m002", "--yes"])

    assert result.exit_code == 0, result.output

    left = [path for path in (tmp_path / "course").rglob("*") if path.is_file()]
    assert not [path for path in left if b"m002" in path.read_bytes() or "m002" in path.name]
    assert [path.name for path in left if "m001" in path.name]


def test_a_lost_secret_is_never_made_anew(tmp_path):
    """Sheets of exercises, or of a retake alone, are sheets: their course keeps to its secret."""
    (tmp_path / "homework.yaml").write_text(SHEET)
    sheet = load_assignment(tmp_path / "homework.yaml")
    generate(
        sheet, PEOPLE[:2], tmp_path / "course", Wanted(None, documents=False), executor="alone"
    )
    (tmp_path / "course" / "secret.key").unlink()

    with pytest.raises(CourseError, match="is missing -> restore it from a backup"):
        generate(sheet, PEOPLE[:3], tmp_path / "course", Wanted(None, documents=False))
