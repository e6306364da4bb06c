"""The course folder: rosters, generating, marking, regrading; interrupted, hostile and malformed
input."""

import csv
import io
import json
import os
import random
import re
import sqlite3
import stat
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from killed_at import calls_of, kill_at
from rnnquiz.bank.load import load_bank, parse_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.cli import main
from rnnquiz.course import erasing
from rnnquiz.course.erasing import erase
from rnnquiz.course.evidence import evidence_in
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.regrading import regrade
from rnnquiz.course.standing import marks_of
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.derivation.evaluate import evaluate
from rnnquiz.errors import CourseError, SubmissionError, ToolError
from rnnquiz.files.resources import folder
from rnnquiz.files.tables import defused, read_table
from rnnquiz.grade.simulate import texts_of
from rnnquiz.people.lists import read_roster
from rnnquiz.people.roster import Lookup, Student
from rnnquiz.submissions.formats import READERS, format_of
from tests_support import BANKS, SECRET, shipped, slowly

ROSTER = [
    Student(f"s{i}", name, "", i) for i, name in enumerate(["Ada", "Émile", "=1+1", "<b>"], start=1)
]


@pytest.fixture
def course(tmp_path):
    with_secret(tmp_path / "course")
    generate(shipped("bptt_scalar"), ROSTER, tmp_path / "course")
    return tmp_path / "course"


def with_secret(folder_):
    """A course folder whose numbers are the same in every run of the tests."""
    folder_.mkdir()
    (folder_ / "secret.key").write_bytes(SECRET)


def right_answers(course):
    with Course.open(course) as opened:
        bank, variants = opened.bank(), opened.variants()
        texts = texts_of(bank, evaluate(bank.graph, arrays_of(bank, variants), bank.rounding))
        return {v.student: (v.token, t) for v, t in zip(variants, texts, strict=True)}


def hand_in(place, answers, students=None):
    place.mkdir(exist_ok=True)
    for student, (token, texts) in answers.items():
        if students is None or student in students:
            (place / f"{student}.json").write_text(
                json.dumps({"student": student, "token": token, "answers": texts})
            )


ROSTERS = [
    ("id,name,email\ns1,Ada,a@x\n", [("s1", "Ada", "a@x")]),
    ('\ufeffStudent ID;Name\ns1;"Müller, Zoë"\n', [("s1", "Müller, Zoë", "")]),
    ("SID\tFirst Name\tLast Name\n007\tAda\tLove\n", [("007", "Ada Love", "")]),
    ("Username,Last Name,First Name,Email address\nu1,Love,Ada,a@x\n", [("u1", "Ada Love", "a@x")]),
    ("id,name\n../x,=SUM(A1)\n", [("../x", "=SUM(A1)", "")]),
]


@pytest.mark.parametrize(("text", "expected"), ROSTERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_rosters_are_read_as_learning_systems_export_them(tmp_path, text, expected, encoding):
    """Separators, marks, encodings and headings of the usual exports are understood."""
    (tmp_path / "r.csv").write_bytes(
        text.lstrip("\ufeff" if encoding == "utf-16" else "").encode(encoding)
    )
    found = [(s.id, s.name, s.email) for s in read_roster(tmp_path / "r.csv")]

    assert found == expected


BAD_ROSTERS = [
    ("", "the roster: is empty"),
    ("name\nAda\n", "row 1: no column is an id"),
    ("id,name\n,Ada\n", "row 2, column 'id': Ada has no id"),
    ("id,name\ns1,A\ns1,B\n", "row 3, column 'id': the id 's1' of B stands in row 2"),
    ("id,name\n", "the roster: has no students"),
    ("id,name\n" + "x" * 400 + ",A\n", "row 2, column 'id': a field is longer than 300"),
    ("id\0,x\n1,2\n", "the roster: cannot be read: has NUL bytes"),
]


@pytest.mark.parametrize(("text", "said"), BAD_ROSTERS)
def test_bad_rosters_are_refused_with_the_row(tmp_path, text, said):
    """A roster that cannot be used is a CourseError that says where, and what is wrong there."""
    (tmp_path / "r.csv").write_text(text)

    with pytest.raises(CourseError, match=re.escape(said)):
        read_roster(tmp_path / "r.csv")


@given(st.text(max_size=30))
def test_no_id_leads_out_of_the_folder(text):
    """A file name made for a student stays a plain name, whatever the id."""
    stem = Student(text, "x", "", 1).stem
    assert (Path("root") / f"{stem}.tex").resolve().parent == Path("root").resolve()
    assert stem.startswith("0001")


def test_a_new_course_gets_a_secret_of_its_own(tmp_path):
    """32 random bytes, readable by the owner only, others for each course."""
    for name in ("one", "two"):
        generate(shipped("worked_example"), ROSTER[:1], tmp_path / name)
        assert stat.S_IMODE((tmp_path / name / "secret.key").stat().st_mode) == 0o600
        assert len((tmp_path / name / "secret.key").read_bytes()) == 32
    assert (tmp_path / "one" / "secret.key").read_bytes() != (
        tmp_path / "two" / "secret.key"
    ).read_bytes()


def test_generate_makes_sheet_key_and_template_for_each_student(course):
    """Each student has an own sheet, key and template."""
    for part, ending in (("sheets", "tex"), ("keys", "tex"), ("templates", "yaml")):
        assert sorted(p.name for p in (course / part).iterdir()) == [
            f"000{i}-s{i}.{ending}" for i in range(1, 5)
        ]
    assert len({(course / "sheets" / f"000{i}-s{i}.tex").read_text() for i in range(1, 5)}) == 4


def snapshot(place):
    return {
        p.relative_to(place).as_posix(): p.read_bytes()
        for p in place.rglob("*")
        if p.is_file() and p.suffix != ".sqlite"
    }


def test_generate_again_changes_nothing_and_mends_what_is_missing(course):
    """A second run writes nothing; a file that was lost comes back the same."""
    before = snapshot(course)
    assert generate(shipped("bptt_scalar"), ROSTER, course).written == 0

    (course / "keys" / "0002-s2.tex").unlink()
    assert generate(shipped("bptt_scalar"), ROSTER, course).written == 1
    assert snapshot(course) == before


def test_a_later_roster_adds_students_and_keeps_the_others(course):
    """New students get sheets; those issued stay as they are."""
    before = snapshot(course)
    done = generate(shipped("bptt_scalar"), [*ROSTER, Student("s9", "New", "", 5)], course)
    assert (done.new_variants, done.written) == (1, 3)

    after = snapshot(course)
    assert {name: after[name] for name in before} == before


def test_another_bank_is_refused_for_an_issued_course(course):
    """An edited bank cannot change what was issued."""
    text = (
        (folder("question_banks") / "bptt_scalar.yaml")
        .read_text()
        .replace("decimals: 4", "decimals: 3")
    )

    with pytest.raises(CourseError, match="choose a new folder"):
        generate(parse_bank(text), ROSTER, course)


@pytest.mark.slow
def test_killed_runs_resume_to_the_same_bytes(tmp_path):
    """generate killed at several moments and run again gives what one run gives, under the same
    secret."""
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\n" + "".join(f"s{i},Student {i}\n" for i in range(120)))
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    command = ["generate", "bptt_scalar", "--roster", roster, "--engine", "none", "--out"]

    calls = calls_of(*command, whole)
    broken.mkdir()
    (broken / "secret.key").write_bytes((whole / "secret.key").read_bytes())

    for part in (0.3, 0.8, 0.9, 0.95):
        kill_at(round(part * calls), *command, broken)
    calls_of(*command, broken)

    parts = {
        name: data
        for name, data in snapshot(broken).items()
        if not Path(name).name.startswith(".rnnquiz-part-")
    }

    assert parts == snapshot(whole)


def test_the_loop_gives_full_marks_for_right_answers(course, tmp_path):
    """Right answers, handed in as JSON, get full marks in the gradebook; who handed in nothing is
    said to be so."""
    hand_in(tmp_path / "in", right_answers(course), {"s1", "s2", "s3"})
    graded = grade(course, tmp_path / "in", tmp_path / "out", GradeOptions(report=False))
    assert graded.problems == []

    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "gradebook.csv").read_text())))
    assert [(r["id"], r["marks"], r["status"]) for r in rows] == [
        ("s1", "40.00", "marked"),
        ("s2", "40.00", "marked"),
        ("s3", "40.00", "marked"),
        ("s4", "", "not handed in"),
    ]
    assert rows[2]["name"] == "'=1+1"
    assert sorted(p.name for p in (tmp_path / "out" / "feedback").iterdir()) == sorted(
        f"000{i}-s{i}.{e}" for i in (1, 2, 3) for e in ("html", "md")
    )


def test_yaml_json_and_both_csv_forms_mark_alike(course, tmp_path):
    """The same answers give the same marks in every format."""
    answers = right_answers(course)
    token, texts = answers["s1"]
    texts = {**texts, "h[2]": "0.1234", "L": ""}
    forms = {
        "a.yaml": (
            f"student: s1\ntoken: {token}\nanswers:\n"
            + "".join(f"  {k}: {v}\n" for k, v in texts.items())
        ),
        "b.json": json.dumps(
            {
                "student": "s1",
                "answers": {
                    k: (float(v) if v else None) if k == "h[2]" else v for k, v in texts.items()
                },
            }
        ),
        "c.csv": "box,answer\nstudent,s1\n" + "".join(f"{k},{v}\n" for k, v in texts.items()),
        "d.csv": "Student;" + ";".join(texts) + "\ns1;" + ";".join(texts.values()) + "\n",
    }
    marks = set()

    for name, text in forms.items():
        (tmp_path / name).write_text(text)
        graded = grade(course, tmp_path / name, None, GradeOptions(dry_run=True))
        assert not graded.problems

        marks.add(next(row.marks for row in graded.rows if row.id == "s1"))
    assert len(marks) == 1
    assert 30 < marks.pop() < 40


def test_unknown_students_wrong_tokens_and_bad_files_are_listed_and_spoil_nothing(course, tmp_path):
    """Every bad file gives a line; every other student's marks stand."""
    answers = right_answers(course)
    place = tmp_path / "in"
    hand_in(place, answers, {"s1"})

    (place / "s2.json").write_text(
        json.dumps({"student": "s2", "token": answers["s3"][0], "answers": answers["s3"][1]})
    )
    (place / "ghost.json").write_text(json.dumps({"student": "ghost", "answers": {}}))
    (place / "bomb.yaml").write_text("a: &a [x, x]\nb: &b [*a, *a]\nanswers: {h: *b}\n")

    (place / "broken.json").write_text("{")
    (place / "twice.json").write_text('{"student": "s4", "answers": {"h[1]": "1", "h[1]": "2"}}')
    (place / "binary.yaml").write_bytes(bytes(range(256)) * 10)
    (place / "picture.png").write_bytes(b"\x89PNG")
    (place / "deep.json").write_text("[" * 100_000)
    (place / "unknown.json").write_text(
        json.dumps({"student": "s4", "answers": {"h[99]": "1", "h[1]": "x"}})
    )

    graded = grade(course, place, tmp_path / "out", GradeOptions(report=False))
    marks = {row.id: row.marks for row in graded.rows}

    assert marks["s1"] == pytest.approx(40)
    assert marks["s2"] is None

    told = "\n".join(graded.problems)
    for word in (
        "token of 's2'",
        "is that of 's3'",
        "ghost",
        "bomb.yaml",
        "broken.json",
        "twice.json",
        "binary.yaml",
        "picture.png",
        "deep.json",
        "'h[99]' is no box",
    ):
        assert word in told, word


def test_another_students_answers_are_reported_with_the_base_rate_and_earn_nothing(tmp_path):
    """Who hands in another's right answers gets no marks for them; the match is reported, nobody
    else is."""
    roster = [Student(f"s{i}", f"Student {i}", "", i) for i in range(1, 13)]
    with_secret(tmp_path / "course")
    generate(shipped("bptt_scalar"), roster, tmp_path / "course")
    answers = right_answers(tmp_path / "course")
    answers["s2"] = (answers["s2"][0], answers["s5"][1])
    hand_in(tmp_path / "in", answers)

    graded = grade(tmp_path / "course", tmp_path / "in", None)
    marks = {row.id: row.marks for row in graded.rows}

    assert marks["s2"] < 2
    assert all(value == pytest.approx(40) for student, value in marks.items() if student != "s2")
    assert len(graded.matches) == 1
    assert graded.matches[0].startswith("s2: ")
    assert "of the sheet of s5; other sheets agree in" in graded.matches[0]


def test_a_full_disk_is_a_clear_error_and_leaves_no_half_file(course, tmp_path, monkeypatch):
    """Where the disk takes no more, the error names the file; what was there stays, and no part of
    a file is left."""
    import errno

    from rnnquiz.errors import ToolError

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    hand_in(tmp_path / "in", right_answers(course))
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(ToolError, match="No space left on device -> make room"):
        grade(course, tmp_path / "in", tmp_path / "out", GradeOptions(report=False))
    assert not [p for p in (tmp_path / "out").rglob("*") if p.is_file()]


def test_a_dry_run_stores_and_writes_nothing(course, tmp_path):
    """--dry-run leaves course and disk as they were."""
    hand_in(tmp_path / "in", right_answers(course))
    before = (course / "course.sqlite").read_bytes()
    grade(course, tmp_path / "in", tmp_path / "out", GradeOptions(dry_run=True, report=False))

    assert (course / "course.sqlite").read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_marking_twice_gives_the_same_bytes(course, tmp_path):
    """Gradebook, evidence and pages are the same each time."""
    hand_in(tmp_path / "in", right_answers(course))
    grade(course, tmp_path / "in", tmp_path / "one")
    grade(course, tmp_path / "in", tmp_path / "two")

    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")


def test_regrade_shows_changes_before_it_stores_them(course, tmp_path):
    """New credits are shown as differences; only --apply stores them, and the earlier marking
    stays."""
    answers = right_answers(course)
    box = next(
        name
        for name, text in answers["s1"][1].items()
        if name.endswith("_new") and text[-1] not in "0"
    )
    answers["s1"][1][box] = answers["s1"][1][box][:-1]
    hand_in(tmp_path / "in", answers)
    grade(course, tmp_path / "in", None)

    text = (folder("question_banks") / "bptt_scalar.yaml").read_text()
    bank = parse_bank(text + "credit: {rounding: 0.0}\n")

    changes, _ = regrade(course, bank, None, apply=False)

    assert [c.student for c in changes] == ["s1"]
    assert changes[0].after < changes[0].before
    with Course.open(course) as opened:
        assert {row.run for row in opened.standing()} == {1}

    regrade(course, bank, None, apply=True)
    with Course.open(course) as opened:
        assert {row.run for row in opened.standing()} == {2}
        assert opened.database.execute("SELECT count(*) FROM grades WHERE run = 1").fetchone() == (
            4,
        )
    with pytest.raises(CourseError, match="another exercise"):
        regrade(course, parse_bank(text.replace("decimals: 4", "decimals: 3")), None, apply=False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_takes_no_files_is_a_clear_error(tmp_path):
    """Nothing is half-written where the disk does not take it."""
    from rnnquiz.errors import ToolError

    (tmp_path / "course").mkdir()
    (tmp_path / "course").chmod(0o500)

    with pytest.raises(ToolError):
        generate(shipped("bptt_scalar"), ROSTER, tmp_path / "course")


@pytest.mark.parametrize("reader", list(READERS))
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_no_bytes_make_a_reader_raise_anything_else(reader, data):
    """Every reader gives sheets or a SubmissionError."""
    try:
        for sheet in READERS[reader].read("file", data, "name"):
            assert all(isinstance(text, str) for text in sheet.answers.values())
    except SubmissionError:
        pass
    assert format_of(data, ".yaml") in (*READERS, "zip")


FORMULAS = ["=1+1", "+1", "-x", "@x", "\tx", "\rx", "\uff1d1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_cells_are_defused(text):
    """A text that a spreadsheet would run begins with an apostrophe."""
    assert defused(text) == "'" + text
    assert defused("Ada") == "Ada"


def test_tables_without_a_separator_are_one_column():
    """A table of one column is read as such."""
    assert read_table(b"id\ns1\n") == [["id"], ["s1"]]


ROUNDS = ["", "goodfellow", "ax_aa_ya", "d2l+delta_a", "pytorch", "xh_hh_hy", "rows+from_zero"]


@pytest.mark.parametrize("name", slowly(BANKS))
def test_every_bank_goes_from_the_roster_to_the_gradebook(name, tmp_path):
    """Each bank in some notation: generated, handed in under the names of the sheet, marked; one
    slip costs one box at most."""
    from rnnquiz.grade.diagnose import Diagnosis
    from rnnquiz.grade.simulate import STUDENT_KINDS

    bank = load_bank(
        folder("question_banks") / f"{name}.yaml", ROUNDS[BANKS.index(name) % len(ROUNDS)]
    )
    roster = [Student(f"s{i}", f"Student {i}", "", i) for i in (1, 2, 3)]
    with_secret(tmp_path / "course")
    generate(bank, roster, tmp_path / "course")
    kinds = [
        kind for kind in STUDENT_KINDS if kind.name in ("rounds each step", "one slip", "blank")
    ]

    with Course.open(tmp_path / "course") as course:
        stored = course.bank()
        assert stored.notation.name == bank.notation.name

        mistaken = Diagnosis(stored).mistaken
        for variant, kind in zip(course.variants(), kinds, strict=True):
            answers = kind.answer(stored, arrays_of(stored, [variant]), mistaken, random.Random(2))
            sheet = {"student": variant.student, "token": variant.token, "answers": answers}
            (tmp_path / "in").mkdir(exist_ok=True)
            (tmp_path / "in" / f"{variant.student}.json").write_text(json.dumps(sheet))

    graded = grade(
        tmp_path / "course",
        tmp_path / "in",
        tmp_path / "out",
        GradeOptions(evidence=True, report=False),
    )
    marks = {kind.name: row.marks for kind, row in zip(kinds, graded.rows, strict=True)}
    most = sum(bank.marks.values())
    share = max(box["of"] for result in graded.results for box in result["boxes"])

    assert marks["rounds each step"] == pytest.approx(most)
    assert most - share - 1e-6 <= marks["one slip"] < most
    assert marks["blank"] == 0
    assert not graded.problems


def test_an_erased_student_is_forgotten_and_the_others_stay(tmp_path):
    """Nothing of the name, the id or the answers is left in the course folder; marks and files of
    all others are what they were."""
    course = tmp_path / "course"
    people = [
        Student("a1", "Adaverylong Name", "ada@example.org", 1, ("uni-4711-x",)),
        Student("b2", "Bob Other", "", 2),
        Student("c3", "Cleo", "", 3),
    ]
    generate(
        shipped("hello"), people, course, Wanted("typst", also=("book", "marking_sheet", "html"))
    )
    (tmp_path / "in.csv").write_text("student,h[1].1\na1,0.123456\nb2,0.5\n")
    grade(course, tmp_path / "in.csv", None)

    before = {path.name: path.read_bytes() for path in (course / "sheets").iterdir()}
    with Course.open(course) as opened:
        variants, marks = opened.variants(), {row.student: row.marks for row in opened.standing()}
    command = ["erase", str(course), "a1"]

    assert CliRunner().invoke(main, [*command, "nobody", "--yes"]).exit_code == 1
    assert CliRunner().invoke(main, [*command, "--dry-run"]).exit_code == 0
    assert CliRunner().invoke(main, command, input="n\n").exit_code == 1
    assert (course / "sheets" / "0001-a1.pdf").exists()
    assert "1 student, 1 marking" in CliRunner().invoke(main, [*command, "--yes"]).output
    for path in course.rglob("*"):
        assert path.is_dir() or not any(
            word in path.read_bytes()
            for word in (b"Adaverylong", b"ada@example", b"uni-4711-x", b"0.123456")
        )
        assert "a1" not in path.name
    with Course.open(course) as opened:
        assert opened.variants() == variants[1:]
        assert {row.student: row.marks for row in opened.standing()} == {"b2": marks["b2"]}

    generate(
        shipped("hello"),
        people[1:],
        course,
        Wanted("typst", also=("book", "marking_sheet", "html")),
    )

    assert (course / "class_book.pdf").exists()
    assert {path.name: path.read_bytes() for path in (course / "sheets").iterdir()} == {
        n: d for n, d in before.items() if "a1" not in n
    }


def test_who_is_interrupted_while_erasing_goes_on(tmp_path, monkeypatch):
    """Stopped between the files and the database, a second run erases all that is left; then
    nobody is there, which is said."""
    course, ada = tmp_path / "course", [Student("a1", "Ada", "", 1)]
    generate(shipped("hello"), ada, course, Wanted("typst"))

    with monkeypatch.context() as stopped:
        stopped.setattr(erasing, "forget", interrupted)
        with pytest.raises(KeyboardInterrupt):
            erase(course, ["a1"])

    done = erase(course, ["a1"])
    solved = CliRunner().invoke(main, ["solve", "--course", str(course), "--student", "a1"])

    assert not [path for path in course.rglob("*") if "a1" in path.name]
    assert done.markings == 0
    assert solved.exit_code == 1
    assert "the course has no students -> run rnnquiz generate with a roster" in solved.output


def interrupted(*_):
    raise KeyboardInterrupt


def test_marks_stay_on_the_scale_that_regrade_applied(tmp_path):
    """After new marks were applied to all, a late sheet is marked by them, too; who stands from
    before is in the gradebook, and said to be."""
    course, bank = tmp_path / "course", shipped("hello")
    generate(
        bank,
        [Student(f"s{k}", f"Student {k}", "", k) for k in (1, 2, 3, 4)],
        course,
        Wanted(None, documents=False),
    )
    (tmp_path / "in.csv").write_text("student,h[1].1\ns1,0.5\ns2,0.5\n")
    grade(course, tmp_path / "in.csv", tmp_path / "first")

    text = re.sub(r"^marks:.*\n(?:[ ].*\n)*", "", bank.text, flags=re.MULTILINE)
    kinds = "".join(f"  {kind}: 7\n" for kind in bank.marks)
    regrade(course, parse_bank(f"{text}\nmarks:\n{kinds}", "new.yaml"), None, True)

    (tmp_path / "late").mkdir()
    (tmp_path / "late" / "s3.csv").write_text("student,h[1].1\ns3,0.5\n")
    (tmp_path / "late" / "s4.pdf").write_bytes(b"%PDF-1.4 printed")

    graded = grade(course, tmp_path / "late", tmp_path / "second")

    assert {round(row.maximum, 9) for row in graded.rows} == {7.0 * len(bank.marks)}
    assert [row.status for row in graded.rows[:3]] == ["marked earlier", "marked earlier", "marked"]
    assert graded.rows[3].status.startswith("handed in, not marked: s4.pdf")
    assert graded.marked == 1
    assert regrade(course, None, None, False)[0] == []
    with Course.open(course) as opened:
        assert [row.marks for row in marks_of(opened)] == [row.marks for row in graded.rows]


def test_where_nothing_can_be_marked_nothing_is_overwritten(tmp_path):
    """An empty folder, or one with nothing readable, is an error; the gradebook that is there
    stays."""
    course, out, empty = tmp_path / "course", tmp_path / "out", tmp_path / "empty"
    generate(shipped("hello"), [Student("s1", "A", "", 1)], course, Wanted(None, documents=False))
    (tmp_path / "in.csv").write_text("student,h[1].1\ns1,0.5\n")
    grade(course, tmp_path / "in.csv", out)
    before = (out / "gradebook.csv").read_bytes()
    empty.mkdir()

    for files in ((), ("picture.png",)):
        for name in files:
            (empty / name).write_bytes(b"x")
        result = CliRunner().invoke(main, ["grade", str(course), str(empty), "--out", str(out)])

        assert result.exit_code == 1
        assert "nothing can be marked" in result.output
    assert "picture.png" in result.output
    assert (out / "gradebook.csv").read_bytes() == before


def test_an_id_that_the_roster_has_no_more_finds_nobody(tmp_path):
    """Two swapped ids, mended in the roster: each finds its owner again."""
    with Course.create(tmp_path) as course:
        course.add_students(
            [Student("s1", "Ada", "", 1, ("777",)), Student("s2", "Bob", "", 2, ("888",))]
        )
        course.add_students(
            [Student("s1", "Ada", "", 1, ("888",)), Student("s2", "Bob", "", 2, ("777",))]
        )
        lookup = Lookup(course.students())

        assert lookup.candidates(["777"]) == ["s2"]
        assert lookup.candidates(["888"]) == ["s1"]


def test_an_empty_file_is_made_again(tmp_path):
    """What a full disk has left of a sheet is no sheet."""
    people = [Student("s1", "Ada", "", 1)]
    generate(shipped("hello"), people, tmp_path, Wanted("typst"))
    sheet = tmp_path / "sheets" / "0001-s1.pdf"
    before = sheet.read_bytes()
    sheet.write_bytes(b"")

    assert generate(shipped("hello"), people, tmp_path, Wanted("typst")).written == 1
    assert sheet.read_bytes() == before


def test_the_book_stays_when_it_is_not_asked_for(tmp_path):
    """A later run without a book leaves the book of an earlier one where it is."""
    people = [Student(f"s{k}", f"Student {k}", "", k) for k in (1, 2)]
    generate(shipped("hello"), people[:1], tmp_path, Wanted("typst", also=("book",)))
    generate(shipped("hello"), people, tmp_path, Wanted("typst"))

    assert len(list((tmp_path / "book").glob("*.pdf"))) == 1


def test_a_feedback_pdf_with_the_marks_of_before_does_not_stay(tmp_path):
    """A page is made again, or is not there."""
    course, out = tmp_path / "course", tmp_path / "out"
    generate(shipped("hello"), [Student("s1", "Ada", "", 1)], course, Wanted(None, documents=False))
    (tmp_path / "in.csv").write_text("student,h[1].1\ns1,0.5\n")

    grade(course, tmp_path / "in.csv", out, GradeOptions(engine="typst"))

    assert (out / "feedback" / "0001-s1.pdf").exists()

    grade(course, tmp_path / "in.csv", out)
    assert not (out / "feedback" / "0001-s1.pdf").exists()


def test_evidence_goes_to_its_file_alone_where_nobody_asked_for_it(course, tmp_path, monkeypatch):
    """Of a large class it is most of the memory: it is written, and not read again."""
    hand_in(tmp_path / "in", right_answers(course))
    read = []
    monkeypatch.setattr("rnnquiz.course.grading.json", SimpleNamespace(loads=read.append))
    wanted = GradeOptions(pages=False, report=False, executor="alone")

    grade(course, tmp_path / "in", tmp_path / "out", wanted)

    assert read == []
    assert (tmp_path / "out" / "evidence.json").stat().st_size > 1000


def test_the_evidence_is_in_place_only_once_the_marks_are_stored(tmp_path, monkeypatch):
    """Where storing fails at the last moment, the evidence of the marks that stand stays."""
    course, out = tmp_path / "course", tmp_path / "out"
    generate(shipped("hello"), [Student("s1", "Ada", "", 1)], course, Wanted(None, documents=False))
    (tmp_path / "in.csv").write_text("student,h[1].1\ns1,0.5\n")
    grade(course, tmp_path / "in.csv", out)

    before = (out / "evidence.json").read_bytes()
    (tmp_path / "in.csv").write_text("student,h[1].1\ns1,0.7\n")
    real = Course.transaction

    @contextmanager
    def failing(self):
        with real(self) as db:
            yield db
            raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr(Course, "transaction", failing)

    with pytest.raises(ToolError, match="make room"):
        grade(course, tmp_path / "in.csv", out)
    assert (out / "evidence.json").read_bytes() == before


def test_evidence_that_the_disk_does_not_take_is_said(tmp_path):
    """A full disk is an error that says so, and no half evidence is left."""
    bank = shipped("hello")

    with (
        pytest.raises(ToolError, match="cannot be written"),
        evidence_in(tmp_path / "out", bank.written.id),
    ):
        raise OSError(28, "No space left on device")
    assert list((tmp_path / "out").iterdir()) == []


def test_what_a_roster_changes_in_a_course_is_said(tmp_path):
    """A new name, and students who are not in the roster: in a line each, also in a dry run, which
    changes nothing."""
    generate(
        shipped("hello"),
        [Student("s1", "Ada", "", 1), Student("s2", "Bob", "", 2)],
        tmp_path / "course",
        Wanted(None, documents=False),
    )
    (tmp_path / "bank.yaml").write_text(shipped("hello").text)
    (tmp_path / "roster.csv").write_text("id,name\ns1,Ada King\ns3,New\n")
    command = [
        "generate",
        str(tmp_path / "bank.yaml"),
        "--roster",
        str(tmp_path / "roster.csv"),
        "--out",
        str(tmp_path / "course"),
    ]
    shown = CliRunner().invoke(main, [*command, "--no-documents", "--dry-run"]).output

    assert "1 student would get sheets, 1 have theirs" in shown
    for output in (shown, CliRunner().invoke(main, [*command, "--no-documents"]).output):
        assert "s1 was 'Ada' and is 'Ada King': remove the files 0001-s1.*" in output
        assert (
            "1 students of the course are not in this roster, and stay in the course: s2" in output
        )


def test_practice_sheets_are_not_overwritten_by_others(tmp_path):
    """The key of a sheet that was handed out would be gone; the same seed makes the same again."""
    command = [
        "practice",
        "forward_pass",
        "--on",
        "forward",
        "-n",
        "1",
        "--engine",
        "none",
        "--out",
        str(tmp_path),
    ]

    assert CliRunner().invoke(main, [*command, "--seed", "5"]).exit_code == 0

    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 1
    assert "--seed" in refused.output
    assert CliRunner().invoke(main, [*command, "--seed", "5"]).exit_code == 0
