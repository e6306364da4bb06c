"""A class with an assignment of several exercises: from the roster to the gradebook, each number
held against a calculation of the test's own."""

import csv
import io
import json
import re
import shutil
import sqlite3
from dataclasses import replace
from fractions import Fraction
from html import unescape

import pytest
import yaml
from click.testing import CliRunner
from openpyxl import load_workbook
from pikepdf import Pdf, String

from rnnquiz.assignment import PortableAssignment
from rnnquiz.assignment_files import load_assignment
from rnnquiz.bank.load import load_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.cli import main
from rnnquiz.course.assignments import exercises_of, issued_assignment, with_sheets
from rnnquiz.course.exporting import ExportOptions, export
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.issuing import Batches, Issuing
from rnnquiz.course.regrading import regrade
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.documents.produce import Recipe, documents_of
from rnnquiz.documents.render import render
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.style import OwnTemplates, Style
from rnnquiz.errors import BankError, CourseError
from rnnquiz.fields import TOKEN, field_name
from rnnquiz.files.resources import folder as templates_of
from rnnquiz.grade.mark import mark
from rnnquiz.people.roster import Student
from rnnquiz.solution.solved import solve
from rnnquiz.variants.issue import issue_variants
from tests_support import BANKS, SECRET, shipped

TEXT = """\
title: Homework 3
id: homework-3
course: Recurrent networks
due: 14 December, 18:00
exercises:
  - {bank: forward_pass, marks: 10}
  - {one of: [one_neuron, perceptron], marks: 22}
  - {bank: bptt_scalar, marks: 60, rounding: {decimals: 4}}
"""
BANKS_OF = {"1": "forward_pass", "2.1": "one_neuron", "2.2": "perceptron", "3": "bptt_scalar"}
MARKS = {1: 10, 2: 22, 3: 60}
PEOPLE = [Student(f"s{k}", f"Student {k:02}", f"s{k}@x.org", k) for k in range(1, 13)]
NUMBERS_ONLY = Wanted(None, documents=False)


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    path = tmp_path_factory.mktemp("bank") / "homework.yaml"
    path.write_text(TEXT)
    return load_assignment(path)


@pytest.fixture(scope="module")
def made(assignment, tmp_path_factory):
    """A course of twelve, with templates; no test changes it."""
    folder = tmp_path_factory.mktemp("made") / "course"
    folder.mkdir()
    (folder / "secret.key").write_bytes(SECRET)
    generate(assignment, PEOPLE, folder, Wanted(None, also=("xlsx",)), executor="alone")
    return folder


@pytest.fixture
def course(made, tmp_path):
    """The same to change."""
    shutil.copytree(made, tmp_path / "course")
    return tmp_path / "course"


def flat(printed):
    return [printed] if isinstance(printed, str) else [t for part in printed for t in flat(part)]


def keys_of(folder):
    """The right answers of each student, by place and box, from the worked solution."""
    found = {}
    with Course.open(folder) as course:
        assignment = issued_assignment(course)
        for student, variants in with_sheets(course, assignment):
            for variant in variants:
                exercise = assignment[variant.exercise]
                solution = solve(exercise.bank, variant)
                for box in exercise.bank.boxes:
                    text = flat(solution.rounded[box.quantity])[box.entry]
                    found.setdefault(student.id, {})[exercise.place, box.name] = text
        return found, course.sheets()


def hand_in(folder, answers, tokens, name="sub"):
    """A file in YAML for each student, as the template has it."""
    out = folder.parent / name
    out.mkdir(exist_ok=True)
    for student, boxes in answers.items():
        texts = {f"{place}/{box}": text for (place, box), text in boxes.items()}
        sheet = {"student": student, "token": tokens[student], "answers": texts}
        (out / f"{student}.yaml").write_text(yaml.safe_dump(sheet))
    return out


def graded(folder, submissions, out=None, **options):
    wanted = GradeOptions(executor="alone", report=False, pages=False, **options)
    return grade(folder, submissions, out, wanted)


def marks(done):
    return {row.id: row.marks for row in done.rows}


def last_of(bank):
    """A box that nothing asked reads, and what it is worth of all marks, by the bank alone."""
    box = bank.boxes[-1]
    role = bank.graph[box.quantity].role
    count = sum(bank.graph[other.quantity].role == role for other in bank.boxes)
    whole = sum(map(Fraction, bank.marks.values()))
    return box.name, Fraction(bank.marks[role]) / whole / count


def test_each_student_has_every_exercise_once_and_one_token(course, assignment):
    """One variant for each place, one token on all of them, a pool that goes out evenly."""
    with Course.open(course) as opened:
        own, tokens = exercises_of(opened, assignment), opened.sheets()
        found = opened.rows(
            "SELECT student, count(*), count(DISTINCT token) FROM variants GROUP BY student"
        )

    assert sorted(found) == sorted((one.id, 3, 1) for one in PEOPLE)
    assert len(set(tokens.values())) == 12
    assert all([key[0] for key in keys] == ["1", "2", "3"] for keys in own.values())
    assert sum(keys[1] == "2.1" for keys in own.values()) == 6


def test_all_right_has_all_marks_and_each_slip_costs_what_its_box_is_worth(course):
    """Student k has the last box wrong in the exercises of the bits of k: what is lost is that
    box's share of the bank's marks, scaled, to a hundredth; and one exercise costs nothing in
    another."""
    keys, tokens = keys_of(course)
    expected = {}
    with Course.open(course) as opened:
        own = exercises_of(opened, issued_assignment(opened))
    for k, student in enumerate(own):
        lost = {}
        for place in (1, 2, 3):
            bank = load_bank(BANKS_OF[own[student][place - 1]])
            box, share = last_of(bank)
            wrong = k >> (place - 1) & 1
            lost[place] = MARKS[place] * (1 - share * wrong)
            if wrong:
                keys[student][place, box] = "77.7"
        expected[student] = lost

    done = graded(course, hand_in(course, keys, tokens))

    assert done.problems == []
    for row in done.rows:
        assert row.maximum == pytest.approx(92, abs=1e-9)
        assert row.marks == pytest.approx(float(sum(expected[row.id].values())), abs=0.015)
        for place, of in MARKS.items():
            got, most = row.exercises[place]
            assert most == pytest.approx(of, abs=1e-9)
            assert got == pytest.approx(float(expected[row.id][place]), abs=0.011)
    assert [row.marks for row in done.rows if row.id in ("s1", "s9")] == pytest.approx([92, 92])


def test_follow_through_stays_within_an_exercise(course):
    """A wrong h[1] in problem 1 is followed there, and makes nothing right or wrong in problem 3,
    which has a box of that name."""
    keys, tokens = keys_of(course)
    bank, student = shipped("forward_pass"), "s1"
    wrong = f"{float(keys[student][1, 'h[1]']) + 0.05:.3f}"
    keys[student][1, "h[1]"] = wrong

    done = graded(course, hand_in(course, {student: keys[student]}, tokens), evidence=True)

    (row,) = [row for row in done.rows if row.marks is not None]
    by_problem = {one["exercise"]: one for one in done.results}
    assert row.exercises[3] == pytest.approx((60, 60))
    assert row.first_wrong == "1: h[1]"

    verdicts = {box["box"]: box["verdict"] for box in by_problem["1"]["boxes"]}
    assert verdicts["h[1]"] != "correct"
    assert len(verdicts) == len(bank.boxes)
    assert {box["verdict"] for box in by_problem["3"]["boxes"]} == {"correct"}


def test_what_is_copied_is_found_in_its_exercise(course):
    """A sheet with another's numbers in problem 3 alone is named there, with that student."""
    keys, tokens = keys_of(course)
    mine = {**keys["s1"], **{k: v for k, v in keys["s5"].items() if k[0] == 3}}

    done = graded(course, hand_in(course, {"s1": mine, "s2": keys["s2"]}, tokens))

    assert len(done.matches) == 1
    assert done.matches[0].startswith("problem 3: ")
    assert "s1" in done.matches[0]
    assert "s5" in done.matches[0]

    row = next(row for row in done.rows if row.id == "s1")
    assert row.exercises[1] == pytest.approx((10, 10))
    assert row.exercises[3][0] < 20


def as_lines(answers, token):
    lines = [f"{place}: {box} = {text}" for (place, box), text in answers.items()]
    return "s1.txt", "\n".join(["student: s1", f"token: {token}", *lines]).encode()


def as_parted_lines(answers, token):
    lines = [f"{place}: {box} = {text}" for (place, box), text in answers.items()]
    return "s1.txt", f"student: s1\ntoken: {token}\n{'; '.join(lines)}".encode()


def under_headings(answers, token):
    lines = ["student: s1", f"token: {token}"]
    for place in MARKS:
        lines.append(f"Problem {place}: what I have")
        lines += [f"{box} = {text}" for (at, box), text in answers.items() if at == place]
    return "s1.txt", "\n".join(lines).encode()


def as_json(answers, token):
    boxes = {f"{place}: {box}": text for (place, box), text in answers.items()}
    return "s1.json", json.dumps({"student": "s1", "token": token, "answers": boxes}).encode()


def as_row(answers, token):
    out = io.StringIO()
    boxes = {f"{place}: {box}": text for (place, box), text in answers.items()}
    csv.writer(out).writerows([["student", "token", *boxes], ["s1", token, *boxes.values()]])
    return "class.csv", out.getvalue().encode()


def as_broken_yaml(answers, token):
    lines = [f'  "{place}: {box}": {text}' for (place, box), text in answers.items()]
    return (
        "s1.yaml",
        "\n".join(["student: s1", f"token: {token}", "answers:", *lines, "\tdone"]).encode(),
    )


def with_bare_numbers(answers, token):
    lines = [f"  {place}: {box} = {text}" for (place, box), text in answers.items()]
    return "s1.yaml", "\n".join(["student: s1", f"token: {token}", "answers:", *lines]).encode()


@pytest.mark.parametrize(
    "written",
    [as_lines, as_parted_lines, under_headings, as_json, as_row, as_broken_yaml, with_bare_numbers],
    ids=lambda written: written.__name__,
)
def test_every_form_of_a_sheet_is_read(made, tmp_path, written):
    """All boxes of all exercises come to their places, whatever they are handed in as."""
    keys, tokens = keys_of(made)
    box, share = last_of(shipped("bptt_scalar"))
    keys["s1"][3, box] = "77.7"
    name, data = written(keys["s1"], tokens["s1"])
    (tmp_path / name).write_bytes(data)

    done = graded(made, tmp_path / name, dry_run=True)
    row = next(row for row in done.rows if row.id == "s1")

    assert [line for line in done.problems if "no box" in line] == []
    assert row.marks == pytest.approx(float(92 - 60 * share), abs=0.011)


def test_the_template_and_the_workbook_are_read_as_they_are_filled_in(made, tmp_path):
    """Each place of the template takes its answer; an empty template has all boxes blank."""
    keys, _tokens = keys_of(made)
    lines = (made / "templates" / "0001-s1.yaml").read_text().splitlines()
    named = {f"  {place}/{box}:": text for (place, box), text in keys["s1"].items()}
    filled = [f"{line} {named.pop(line)}" if line in named else line for line in lines]

    assert named == {}

    (tmp_path / "a.yaml").write_text("\n".join(filled))
    book = load_workbook(made / "templates" / "0001-s1.xlsx")
    texts = {f"{place}: {box}": text for (place, box), text in keys["s1"].items()}
    for row in book.active.iter_rows():
        if row[0].value in texts:
            row[1].value = texts.pop(row[0].value)

    assert texts == {}

    book.save(tmp_path / "b.xlsx")

    for name in ("a.yaml", "b.xlsx"):
        assert marks(graded(made, tmp_path / name, dry_run=True))["s1"] == pytest.approx(92)


def test_a_filled_form_is_read(assignment, tmp_path):
    """Each box of the PDF has a field of its own, which grade reads back."""
    wanted = Wanted("typst", Style(fillable=True))
    generate(assignment, PEOPLE[:1], tmp_path / "course", wanted, executor="alone")
    keys, _tokens = keys_of(tmp_path / "course")
    fields = {field_name(f"{place}: {box}"): text for (place, box), text in keys["s1"].items()}
    with Pdf.open(tmp_path / "course" / "sheets" / "0001-s1.pdf") as pdf:
        for field in pdf.Root.AcroForm.Fields:
            if str(field.T) != TOKEN:
                field.V = String(fields.pop(str(field.T)))
        pdf.save(tmp_path / "filled.pdf")

    assert fields == {}
    assert marks(graded(tmp_path / "course", tmp_path / "filled.pdf"))["s1"] == pytest.approx(92)


def test_a_box_without_a_number_is_taken_only_where_one_exercise_has_it(course):
    """h[1] stands in two problems: it is no box, and says so; U_new in one only."""
    keys, tokens = keys_of(course)
    texts = {"h[1]": keys["s1"][3, "h[1]"], "U_new": keys["s1"][3, "U_new"]}
    (course.parent / "s1.yaml").write_text(
        yaml.safe_dump({"student": "s1", "token": tokens["s1"], "answers": texts})
    )

    done = graded(course, course.parent / "s1.yaml", evidence=True)

    assert any("'h[1]' is no box of the sheet" in line for line in done.problems)

    typed = {(one["exercise"], b["box"]): b["typed"] for one in done.results for b in one["boxes"]}
    assert typed["3", "U_new"] == texts["U_new"]
    assert typed["1", "h[1]"] == typed["3", "h[1]"] == ""


def test_a_box_that_is_written_twice_is_said_and_the_first_stands(course):
    """1: h[1] and 1/h[1] are one box; no second value takes the place of the first in silence."""
    keys, tokens = keys_of(course)
    right = keys["s1"][1, "h[1]"]
    texts = {"1: h[1]": right, "1/h[1]": "0.9"}
    (course.parent / "s1.json").write_text(
        json.dumps({"student": "s1", "token": tokens["s1"], "answers": texts})
    )

    done = graded(course, course.parent / "s1.json", evidence=True)

    assert any("'1/h[1]' is no box of the sheet" in line for line in done.problems)

    typed = {(one["exercise"], b["box"]): b["typed"] for one in done.results for b in one["boxes"]}
    assert typed["1", "h[1]"] == right


def test_a_sheet_of_another_student_is_refused(course):
    """The token settles whose sheet it is, for all exercises at once."""
    keys, tokens = keys_of(course)

    done = graded(
        course,
        hand_in(course, {"s1": keys["s2"], "s3": keys["s3"]}, {**tokens, "s1": tokens["s2"]}),
    )
    rows = {row.id: row for row in done.rows}

    assert rows["s1"].marks is None
    assert "is that of 's2'" in rows["s1"].status
    assert rows["s3"].marks == pytest.approx(92)


def test_problems_in_files_of_their_own_are_one_sheet(course):
    """Two files of one attempt, a problem in each, are marked together."""
    keys, tokens = keys_of(course)
    out = course.parent / "sub"
    for place in (1, 3):
        part = {f"{at}/{box}": text for (at, box), text in keys["s1"].items() if at == place}
        (out / "s1").mkdir(parents=True, exist_ok=True)
        sheet = {"student": "s1", "token": tokens["s1"], "answers": part}
        (out / "s1" / f"problem {place}.yaml").write_text(yaml.safe_dump(sheet))

    done = graded(course, out)
    (row,) = [row for row in done.rows if row.marks is not None]

    assert row.exercises == {
        1: pytest.approx((10, 10)),
        2: pytest.approx((0, 22)),
        3: pytest.approx((60, 60)),
    }


def some(answers, *places):
    return {key: text for key, text in answers.items() if key[0] in places}


def test_problems_that_come_one_after_another_add_up(course):
    """Problem 1 in one download, 2 and 3 in the next, in which problem 1 is blank or missing: all
    count, and it is said whose earlier ones stand."""
    keys, tokens = keys_of(course)
    graded(course, hand_in(course, {s: some(keys[s], 1) for s in ("s1", "s2")}, tokens))
    blank = {**dict.fromkeys(some(keys["s2"], 1), ""), **some(keys["s2"], 2, 3)}
    later = hand_in(
        course, {"s1": some(keys["s1"], 2, 3), "s2": blank, "s3": keys["s3"]}, tokens, "in 2"
    )

    done = graded(course, later)
    again, _ = regrade(course, None, None, apply=False)

    rows = {row.id: row for row in done.rows}

    for student in ("s1", "s2", "s3"):
        assert rows[student].marks == pytest.approx(92)
        assert rows[student].exercises[1] == pytest.approx((10, 10))
    assert sum("problem 1 stands as in" in line for line in done.problems) == 2
    assert again == []


def test_a_later_sheet_of_one_download_leaves_what_it_does_not_have(course):
    """Of two sheets of a student the later counts, problem by problem; one that it has wrong takes
    the place of one that was right."""
    keys, tokens = keys_of(course)
    box, share = last_of(shipped("bptt_scalar"))
    first, second = some(keys["s1"], 1, 3), {**some(keys["s1"], 2, 3), (3, box): "77.7"}
    out = course.parent / "sub"
    for name, answers in (("s1 a", first), ("s1 b", second)):
        hand_in(course, {"s1": answers}, tokens)
        (out / "s1.yaml").rename(out / f"{name}.yaml")
        (out / name).mkdir()
        (out / f"{name}.yaml").rename(out / name / "s1.yaml")

    done = graded(course, out)
    row = next(row for row in done.rows if row.id == "s1")

    assert row.exercises[1] == pytest.approx((10, 10))
    assert row.exercises[2] == pytest.approx((22, 22))
    assert row.exercises[3][0] == pytest.approx(float(60 - 60 * share), abs=0.011)
    assert any("problem 1 of" in line and "stands" in line for line in done.problems)


def test_whoever_comes_later_moves_nobody(assignment, made, tmp_path):
    """Numbers, exercises and tokens of a course that grew in three steps are those of one made at
    once."""
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "secret.key").write_bytes(SECRET)
    for count in (1, 6, 12):
        generate(assignment, PEOPLE[:count], folder, NUMBERS_ONLY, executor="alone")

    def rows(place):
        with sqlite3.connect(place / "course.sqlite") as database:
            return set(database.execute("SELECT exercise, student, token, givens FROM variants"))

    assert rows(folder) == rows(made)


def test_hands_far_away_draw_the_same(assignment, made, tmp_path):
    """Who draws, and how many at a time, changes no number of any exercise."""
    far = replace(NUMBERS_ONLY, batches=Batches(far=5, at_home=0))
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "secret.key").write_bytes(SECRET)
    generate(assignment, PEOPLE, tmp_path / "course", far, executor="processes")

    def rows(place):
        with sqlite3.connect(place / "course.sqlite") as database:
            return set(database.execute("SELECT exercise, student, token, givens FROM variants"))

    assert rows(tmp_path / "course") == rows(made)


def test_an_interruption_leaves_no_part_of_a_sheet(assignment, tmp_path, monkeypatch):
    """Where drawing stops in the middle of a group, its students have all exercises or none, and
    the next run goes on to what one run makes."""
    stopped = iter([False] * 4 + [True])
    drawn = Issuing._found

    def found(self, share):
        if next(stopped, False):
            raise KeyboardInterrupt
        return drawn(self, share)

    monkeypatch.setattr(Issuing, "_found", found)
    in_fives = replace(NUMBERS_ONLY, batches=Batches(here=5))
    with pytest.raises(KeyboardInterrupt):
        generate(assignment, PEOPLE, tmp_path / "course", in_fives, executor="alone")
    with Course.open(tmp_path / "course") as opened:
        assert len(opened.sheets()) == 5
        assert set(map(len, exercises_of(opened, assignment).values())) == {3}

    done = generate(assignment, PEOPLE, tmp_path / "course", NUMBERS_ONLY, executor="alone")

    assert done.students == 12
    assert done.new_variants == 7


def test_other_marks_are_given_by_regrade(course, tmp_path):
    """Twice the marks of problem 1: what changes is what the test works out; the numbers may not
    change."""
    keys, tokens = keys_of(course)
    del keys["s2"][1, "h[1]"]
    graded(course, hand_in(course, keys, tokens))
    (tmp_path / "other.yaml").write_text(
        TEXT.replace("forward_pass, marks: 10", "forward_pass, marks: 20")
    )
    other = load_assignment(tmp_path / "other.yaml")

    changes, _ = regrade(course, other, None, apply=True)
    again, _ = regrade(course, None, None, apply=False)

    assert {change.student for change in changes} == {one.id for one in PEOPLE}

    by = {change.student: change for change in changes}
    assert (by["s1"].before, by["s1"].after) == pytest.approx((92, 102))
    assert (by["s2"].before, by["s2"].after) == pytest.approx((92 - 10 / 8, 102 - 20 / 8))
    assert by["s1"].maxima == pytest.approx((92, 102))
    assert again == []

    (tmp_path / "other.yaml").write_text(TEXT.replace("decimals: 4", "decimals: 3"))
    with pytest.raises(CourseError, match="asks another exercise"):
        regrade(course, load_assignment(tmp_path / "other.yaml"), None, apply=True)
    with pytest.raises(CourseError, match="other exercises"):
        regrade(course, shipped("bptt_scalar"), None, apply=True)


@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "moodle_gradebook"])
def test_the_gradebook_has_a_column_for_each_exercise(course, tmp_path, form):
    """Total and problems, as stored; a system's column is the total."""
    keys, tokens = keys_of(course)
    graded(course, hand_in(course, keys, tokens))

    export(course, form, tmp_path / "out", ExportOptions())

    if form == "json":
        rows = json.loads((tmp_path / "out").read_text())["students"]
        assert all(row["marks"] == 92 for row in rows)
        assert all(row["problems"] == {"1": [10, 10], "2": [22, 22], "3": [60, 60]} for row in rows)

        return

    if form == "xlsx":
        (tmp_path / "out").rename(tmp_path / "out.xlsx")
        table = list(load_workbook(tmp_path / "out.xlsx").active.values)
    else:
        table = list(csv.reader(io.StringIO((tmp_path / "out").read_text())))
    rows = [dict(zip(table[0], row, strict=True)) for row in table[1:]]

    if form == "moodle_gradebook":
        assert {row["Homework 3 (of 92.00)"] for row in rows} == {"92.00"}
        return
    for row in rows:
        problems = [row["marks"], *(row[f"problem {place}"] for place in MARKS)]
        assert list(map(float, problems)) == [92, 10, 22, 60]


def test_feedback_report_and_evidence_are_by_exercise(course, tmp_path):
    """A page with all problems for each student, a report of each exercise of those who have it,
    the evidence of each."""
    keys, tokens = keys_of(course)
    keys["s1"][1, "h[1]"] = "0.999"
    grade(
        course, hand_in(course, keys, tokens), tmp_path / "grades", GradeOptions(executor="alone")
    )

    page = (tmp_path / "grades" / "feedback" / "0001-s1.md").read_text()
    assert [line for line in page.splitlines() if line.startswith("## Problem")] == [
        "## Problem 1: The forward pass of a recurrent network (10 marks)",
        f"## Problem 2: {shipped(BANKS_OF[own_pool(course, 's1')]).written.title} (22 marks)",
        "## Problem 3: Backpropagation through time by hand (60 marks)",
    ]
    assert sorted(path.name for path in (tmp_path / "grades").glob("report*.html")) == [
        "report-1.html",
        "report-2.1.html",
        "report-2.2.html",
        "report-3.html",
    ]

    results = json.loads((tmp_path / "grades" / "evidence.json").read_text())["results"]
    assert len(results) == 36
    assert sum(one["marks"] for one in results if one["student"] == "s2") == pytest.approx(92)

    report = (tmp_path / "grades" / "report-2.1.html").read_text()
    with Course.open(course) as opened:
        having = opened.part("2.1").tokens()

    assert "not handed in" not in report
    assert len(having) == 6


def own_pool(course, student):
    with Course.open(course) as opened:
        return exercises_of(opened, issued_assignment(opened))[student][1]


def test_a_box_is_explained_by_its_number(course):
    """`2: ...` is the box of the second exercise; without a number it has to be said which."""
    keys, tokens = keys_of(course)
    keys["s1"][3, "h[2]"] = "0.9876"
    graded(course, hand_in(course, keys, tokens))

    found = CliRunner().invoke(main, ["explain", str(course), "s1", "3: h[2]"])
    other = CliRunner().invoke(main, ["explain", str(course), "s1", "1/h[2]"])
    vague = CliRunner().invoke(main, ["explain", str(course), "s1", "h[2]"])
    none = CliRunner().invoke(main, ["explain", str(course), "s1", "4: h[2]"])

    assert "Box h[2]: you wrote '0.9876'." in found.output
    assert f"you wrote '{keys['s1'][1, 'h[2]']}'" in other.output
    assert vague.exit_code == none.exit_code == 1
    assert "say which: 1, 2." in vague.output
    assert "has no exercise '4'" in none.output


def test_the_solution_of_an_exercise_is_shown(course):
    """solve and practice take the number of an exercise; without one they say which there are."""
    keys, _ = keys_of(course)
    shown = CliRunner().invoke(
        main, ["solve", "--course", str(course), "--student", "s1", "--exercise", "3"]
    )
    vague = CliRunner().invoke(main, ["solve", "--course", str(course), "--student", "s1"])

    assert f"= {keys['s1'][3, 'h[1]']}" in shown.output
    assert vague.exit_code == 1
    assert "holds several exercises -> say which: 1, 2." in vague.output


def test_a_teachers_own_templates_make_the_documents_of_several(assignment, tmp_path):
    """Sheets, answer pages and feedback come out of them, with all problems and boxes; other
    templates are ours."""
    own = tmp_path / "own"
    own.mkdir()
    for name, sign in (("document.md.jinja", "# "), ("document.html.jinja", "<title>")):
        text = (templates_of("templates") / name).read_text()
        assert sign in text
        (own / name).write_text(text.replace(sign, f"{sign}Faculty of Nets: ", 1))

    style = Style(templates=OwnTemplates.read(own))
    wanted = Wanted(None, style, also=("md", "html", "form"))

    generate(assignment, PEOPLE[:1], tmp_path / "course", wanted, executor="alone")

    keys, _ = keys_of(tmp_path / "course")
    for name in ("sheets/0001-s1.md", "sheets/0001-s1.html", "keys/0001-s1.md"):
        text = (tmp_path / "course" / name).read_text()
        assert "Faculty of Nets: " in text
        assert [f"Problem {place}: " in text for place in MARKS] == [True] * 3

    page = unescape((tmp_path / "course" / "templates" / "0001-s1.html").read_text())
    assert all(f'data-box="{place}/{box}"' in page for place, box in keys["s1"])


def test_a_template_that_mixes_notations_is_refused(tmp_path):
    """Where problems have several notations a template has to turn to each; nothing is made of one
    that does not; where they have one, it need not."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "document.md.jinja").write_text("{{ document.title }}")
    wanted = Wanted(None, Style(templates=OwnTemplates.read(tmp_path / "own")), also=("md",))
    for name, other in (("one", ""), ("two", ", notation: goodfellow")):
        (tmp_path / f"{name}.yaml").write_text(
            f"title: H\nid: h\nexercises: [{{bank: forward_pass}}, {{bank: forward_pass{other}}}]\n"
        )
    one, two = (load_assignment(tmp_path / f"{name}.yaml") for name in ("one", "two"))

    generate(one, PEOPLE[:1], tmp_path / "first", wanted, executor="alone")

    with pytest.raises(CourseError, match=r"document\.md\.jinja.*turn\(block\.notation\)"):
        generate(two, PEOPLE[:1], tmp_path / "second", wanted, executor="alone")

    assert (tmp_path / "first" / "sheets" / "0001-s1.md").read_text() == "H"
    assert list((tmp_path / "second").glob("sheets/*")) == []


def test_a_quiz_of_a_course_is_of_one_exercise(course, tmp_path):
    """It is asked which; Gradescope, which marks whole sheets, takes no number."""
    refused = (
        (["--to", "moodle"], "q.xml", "holds several exercises"),
        (["--to", "gradescope", "--exercise", "1"], "q.zip", "marks whole sheets"),
    )

    for words, name, said in refused:
        result = CliRunner().invoke(
            main, ["quiz", "--course", str(course), *words, "--out", str(tmp_path / name)]
        )

        assert result.exit_code == 1
        assert said in result.output
        assert not (tmp_path / name).exists()


def test_a_quiz_has_the_numbers_of_one_exercise(course, tmp_path):
    """All who have it, each by the token of the sheet, with the right answers of that exercise."""
    _keys, tokens = keys_of(course)
    with Course.open(course) as opened:
        having = opened.part("2.1").tokens()

    result = CliRunner().invoke(
        main,
        [
            "quiz",
            "--course",
            str(course),
            "--exercise",
            "2.1",
            "--to",
            "moodle",
            "--out",
            str(tmp_path / "q.xml"),
        ],
    )

    assert result.exit_code == 0, result.output

    text = (tmp_path / "q.xml").read_text()
    assert f"{len(having)} variants in" in result.output
    assert all((token in text) == (student in having) for student, token in tokens.items())


@pytest.mark.slow
@pytest.mark.parametrize("name", BANKS)
def test_every_bank_is_marked_in_an_assignment_as_alone(name, tmp_path):
    """All right has all marks; one wrong last box costs in the assignment what it costs alone, in
    the proportion of the marks; nothing is lost in the exercise beside it."""
    (tmp_path / "homework.yaml").write_text(
        "title: H\n"
        "id: h\n"
        "exercises:\n"
        f"  - {{bank: {name}, marks: 100}}\n"
        "  - {bank: hello, marks: 50}\n"
    )
    assignment = load_assignment(tmp_path / "homework.yaml")
    generate(assignment, PEOPLE[:2], tmp_path / "course", NUMBERS_ONLY, executor="alone")
    keys, tokens = keys_of(tmp_path / "course")
    last = [key for key in keys["s2"] if key[0] == 1][-1]
    keys["s2"][last] = "77.7"

    done = graded(tmp_path / "course", hand_in(tmp_path / "course", keys, tokens))

    rows = {row.id: row for row in done.rows}
    assert rows["s1"].marks == pytest.approx(150)
    assert rows["s2"].exercises[2] == pytest.approx((50, 50))

    bank = assignment["1"].bank
    with Course.open(tmp_path / "course") as opened:
        variant = opened.part("1").variants(["s2"])
    texts = {box: text for (place, box), text in keys["s2"].items() if place == 1}
    alone = mark(load_bank(name), arrays_of(load_bank(name), variant), [texts])
    share = float(alone.totals[0] / alone.maxima[0])

    assert rows["s2"].exercises[1][0] == pytest.approx(100 * share, abs=0.011)
    assert bank.rounding == load_bank(name).rounding


def test_a_course_has_one_assignment(course, assignment, tmp_path):
    """Another text, another bank, or a bank alone is refused in its folder, and the reverse."""
    (tmp_path / "other.yaml").write_text(TEXT.replace("marks: 10", "marks: 12"))
    for other in (load_assignment(tmp_path / "other.yaml"), shipped("bptt_scalar")):
        with pytest.raises(CourseError):
            generate(other, PEOPLE, course, NUMBERS_ONLY, executor="alone")

    generate(shipped("hello"), PEOPLE[:1], tmp_path / "alone", NUMBERS_ONLY, executor="alone")
    with pytest.raises(CourseError, match="another assignment, or a bank alone"):
        generate(assignment, PEOPLE, tmp_path / "alone", NUMBERS_ONLY, executor="alone")

    again = generate(assignment, PEOPLE, course, NUMBERS_ONLY, executor="alone")
    assert again.new_variants == 0


def test_an_exercise_without_enough_numbers_is_named(tmp_path):
    """The error is that of the exercise, and nobody has a part of a sheet."""
    narrow = "{W: 0.5, x: 0.6, b: {choices: [0.2, 0.3]}, y: 0.8, eta: 0.2}"
    (tmp_path / "homework.yaml").write_text(
        f"title: H\nid: h\nexercises: [{{bank: hello}}, {{bank: one_neuron, givens: {narrow}}}]\n"
    )
    assignment = load_assignment(tmp_path / "homework.yaml")

    with pytest.raises(BankError, match=r"exercise 2.*did not give enough variants"):
        generate(assignment, PEOPLE[:3], tmp_path / "course", NUMBERS_ONLY, executor="alone")

    with Course.open(tmp_path / "course") as opened:
        assert opened.sheets() == {}


def test_a_student_is_erased_from_all_exercises(course, tmp_path):
    """No row of any exercise, no page, and no report with the name is left."""
    keys, tokens = keys_of(course)
    grade(
        course, hand_in(course, keys, tokens), tmp_path / "grades", GradeOptions(executor="alone")
    )

    result = CliRunner().invoke(
        main, ["erase", str(course), "s1", "--out", str(tmp_path / "grades"), "--yes"]
    )

    assert result.exit_code == 0, result.output
    assert b"Student 01" not in (course / "course.sqlite").read_bytes()
    assert tokens["s1"].encode() not in (course / "course.sqlite").read_bytes()

    left = [path for path in (tmp_path / "grades").rglob("*") if path.is_file()]
    assert not [path for path in left if b"Student 01" in path.read_bytes()]
    assert not list((tmp_path / "grades").glob("report*"))


@pytest.mark.parametrize("output", ["latex", "typst", "html", "markdown"])
def test_each_problem_is_written_in_its_own_notation(tmp_path, output):
    """A sheet of two notations has the letters of each in its own problem, and nothing else stands
    in the headings."""
    (tmp_path / "homework.yaml").write_text(
        "title: H\nid: h\nexercises:\n  - {bank: forward_pass}\n"
        "  - {bank: forward_pass, notation: goodfellow}\n  - {bank: forward_pass}\n"
    )
    assignment = load_assignment(tmp_path / "homework.yaml")
    issued = [(PEOPLE[0], tuple(_variant(one) for one in assignment.exercises))]
    recipe = Recipe(PortableAssignment.of(assignment), None, Style())

    (document,) = documents_of(recipe, "sheets", issued)

    whole = render(document, output)
    parts = re.split(r"Problem [123]: ", whole)[-3:]
    alone = [_alone(one, output) for one in assignment.exercises]
    formula = {"latex": r"&=", "typst": "&=", "html": "<mo>=</mo>", "markdown": " = "}[output]

    for part, page in zip(parts, alone, strict=True):
        lines = [line for line in page.splitlines() if formula in line][:2]
        assert lines
        assert all(line in part for line in lines)
    assert parts[0] != parts[1]
    assert '[""' not in whole  # an empty text of Typst, which it would print


def _variant(exercise):
    bank = exercise.bank
    return replace(issue_variants(bank, SECRET, [("s1", 1)])[0][0], exercise=exercise.key)


def _alone(exercise, output):
    return render(sheet(exercise.bank, _variant(exercise), "Ada"), output)
