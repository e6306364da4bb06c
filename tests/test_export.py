"""The loop with other systems: from their download to their gradebook."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from click.testing import CliRunner
from data.systems.moodle_files import worksheet
from openpyxl import load_workbook

from rnnquiz.cli import main
from rnnquiz.course import autograder
from rnnquiz.course.exporting import TARGETS
from rnnquiz.course.folders import SECRET as SECRET_FILE
from rnnquiz.course.generating import generate
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.exports.gradescope import NEEDED, requirements
from rnnquiz.exports.quiz.writers import QUIZZES
from rnnquiz.people.roster import Student
from rnnquiz.solution.solved import solve
from rnnquiz.submissions.sources import Source, paths_in
from tests_support import SECRET, shipped

PEOPLE = [
    Student("s1", "Ada Lovelace", "ada@example.org", 1, ("4711", "alove", "Participant 90")),
    Student("s2", '=HYPERLINK("x")', "emile@example.org", 2, ("4712", "echat", "Participant 91")),
    Student("s3", "Absent", "gone@example.org", 3, ("4713",)),
]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course of which two students handed in through Moodle: one all right, one with a wrong
    number."""
    place = tmp_path_factory.mktemp("course")
    course = place / "course"
    course.mkdir()
    (course / SECRET_FILE).write_bytes(SECRET)
    generate(shipped("bptt_scalar"), PEOPLE, course, Wanted(None))
    with Course.open(course) as opened, zipfile.ZipFile(place / "moodle.zip", "w") as made:
        bank = opened.bank()
        for (student, variant), wrong in zip(
            opened.issued()[:2], ({}, {"h[2]": "0.123"}), strict=True
        ):
            rounded = solve(bank, variant).rounded
            answers = {box.name: rounded[box.quantity] for box in bank.boxes} | wrong
            text = "\n".join(f"{box} = {value}" for box, value in answers.items())
            folder = f"{student.name.replace(' ', '_')}_{89 + student.position}"
            made.writestr(f"{folder}_assignsubmission_file/a.txt", text)
    result = CliRunner().invoke(
        main, ["grade", str(course), str(place / "moodle.zip"), "--out", str(place / "grades")]
    )
    assert result.exit_code == 0, result.output
    return place


def marks_of(place):
    with Course.open(place / "course") as course:
        return {row.student: (row.marks, row.maximum) for row in course.standing()}


def exported(place, *arguments):
    out = place / "out.file"
    result = CliRunner().invoke(
        main, ["export", str(place / "course"), "--out", str(out), *map(str, arguments)]
    )
    assert result.exit_code == 0, result.output
    return out.read_bytes()


def test_marks_go_back_into_a_gradebook_of_canvas(graded):
    """From Moodle's archive to Canvas' gradebook: the marks stand where Canvas looks for them."""
    (graded / "c.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,RNN (7)\n    Points"
        ' Possible,,,,,40\n"Lovelace, Ada",4711,,alove,A,\n"x",4712,,echat,A,\n"y",4713,,,A,\n'
    )
    lines = exported(graded, "--to", "canvas", "--into", graded / "c.csv").decode().splitlines()
    marks = marks_of(graded)

    assert marks["s1"][0] == marks["s1"][1] > marks["s2"][0]
    assert [float(line.rpartition(",")[2]) for line in lines[2:4]] == [
        pytest.approx(marks[s][0] / marks[s][1] * 40, abs=0.006) for s in ("s1", "s2")
    ]
    assert lines[4].endswith(",")


def test_a_workbook_has_numbers_as_numbers_and_names_as_text(graded):
    """A name that looks like a formula is text; marks are numbers; two builds are the same
    bytes."""
    data = exported(graded, "--to", "xlsx")
    rows = list(load_workbook(io.BytesIO(data)).active.iter_rows())

    assert rows[2][1].data_type == "s"
    assert rows[2][1].value == '=HYPERLINK("x")'
    assert rows[1][4].value == pytest.approx(marks_of(graded)["s1"][0], abs=0.006)
    assert data == exported(graded, "--to", "xlsx")


def export_for_moodle(graded, out):
    """The command that writes the marks for Moodle's import."""
    words = ["export", str(graded / "course"), "--to", "moodle_gradebook", "--out", str(out)]
    return CliRunner().invoke(main, words)


def test_moodles_import_is_checked_before(graded, tmp_path):
    """Only who has marks is in the file; who has no e-mail is named, for Moodle would refuse
    all."""
    text = exported(graded, "--to", "moodle_gradebook").decode()
    assert [line.split(",")[0] for line in text.splitlines()] == [
        "email",
        "ada@example.org",
        "emile@example.org",
    ]

    with Course.open(graded / "course") as course, course.transaction() as db:
        db.execute("UPDATE students SET email = '' WHERE id = 's2'")
    try:
        result = export_for_moodle(graded, tmp_path / "x")
    finally:
        with Course.open(graded / "course") as course, course.transaction() as db:
            db.execute("UPDATE students SET email = 'emile@example.org' WHERE id = 's2'")

    assert result.exit_code == 1
    assert "s2: has no e-mail" in result.output


def test_feedback_goes_back_to_moodle(graded):
    """The archive has each student's page in the folder that Moodle gave the student, and no
    other's."""
    with zipfile.ZipFile(
        io.BytesIO(
            exported(
                graded, "--to", "moodle_feedback", "--feedback", graded / "grades" / "feedback"
            )
        )
    ) as made:
        assert made.namelist()[0] == "Ada_Lovelace_90_assignsubmission_file/feedback.html"
        page = made.read(made.namelist()[0]).decode()
    assert "Ada Lovelace" in page
    assert "HYPERLINK" not in page


def autograded(place):
    """What stands in the results after Gradescope's own call, with this Python as that of the
    environment."""
    (place / "venv" / "bin").mkdir(parents=True, exist_ok=True)
    (place / "venv" / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (place / "venv" / "bin" / "python").chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": str(place / "source"), "AUTOGRADER_ROOT": str(place)}
    subprocess.run(
        ["bash", str(place / "source" / "run_autograder")], cwd=place, env=environment, check=True
    )
    found = json.loads((place / "results" / "results.json").read_text())
    assert isinstance(found["score"], (int, float))
    assert found["output"]
    assert isinstance(found["tests"], list)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "score"),
    [
        ({"a.txt": None}, "full"),
        ({"a.txt": b"h[1] = 0.1"}, "little"),
        ({"a.exe": b"MZ"}, "none"),
        ({}, "none"),
        ({"a.pdf": b"%PDF-1.4"}, "none"),
    ],
)
def test_the_autograder_always_leaves_results(graded, tmp_path, files, score):
    """Unpacked where Gradescope does, alone, without a network: the marks of the course, or no
    points and a reason."""
    with zipfile.ZipFile(io.BytesIO(exported(graded, "--to", "gradescope"))) as made:
        made.extractall(tmp_path / "source")
        assert made.getinfo("run_autograder").external_attr >> 16 & 0o777 == 0o755
        assert not any(SECRET in made.read(name) for name in made.namelist())

    with zipfile.ZipFile(graded / "moodle.zip") as sheets:
        right = sheets.read(sheets.namelist()[0])
    (tmp_path / "submission").mkdir()
    for name, data in files.items():
        (tmp_path / "submission" / name).write_bytes(right if data is None else data)
    (tmp_path / "submission_metadata.json").write_text(
        json.dumps({"users": [{"email": "ada@example.org", "name": "x", "id": 3}]})
    )
    found = autograded(tmp_path)
    maximum = marks_of(graded)["s1"][1]

    assert {
        "full": found["score"] == pytest.approx(maximum),
        "little": 0 <= found["score"] < maximum / 4,
        "none": found["score"] == 0,
    }[score]
    assert found["output"]
    assert sum(test["score"] for test in found["tests"]) == pytest.approx(found["score"], abs=0.01)
    assert all(
        test["max_score"] >= 0 and test["status"] in ("passed", "failed") for test in found["tests"]
    )


def unpacked(graded, place, users=({"email": "ada@example.org", "name": "x", "id": 3},)):
    """An autograder where Gradescope has it, with a submission that is all right."""
    with zipfile.ZipFile(io.BytesIO(exported(graded, "--to", "gradescope"))) as made:
        made.extractall(place / "source")
    (place / "submission").mkdir()
    with zipfile.ZipFile(graded / "moodle.zip") as sheets:
        (place / "submission" / "a.txt").write_bytes(sheets.read(sheets.namelist()[0]))
    (place / "submission_metadata.json").write_text(json.dumps({"users": list(users)}))


BROKEN = {
    "no submission": lambda place: shutil.rmtree(place / "submission"),
    "no metadata": lambda place: (place / "submission_metadata.json").unlink(),
    "metadata cut off": (
        lambda place: (place / "submission_metadata.json").write_text('{"users": [{"email')
    ),
    "metadata of another form": (
        lambda place: (place / "submission_metadata.json").write_text('["users"]')
    ),
    "nobody in the metadata": (
        lambda place: (place / "submission_metadata.json").write_text('{"users": [null, 3]}')
    ),
    "a stranger": (
        lambda place: (place / "submission_metadata.json").write_text(
            '{"users": [{"email": "who@example.org"}]}'
        )
    ),
    "no exercise": lambda place: (place / "source" / "exercise.json").unlink(),
    "a file that is none": (
        lambda place: (place / "submission" / "a.txt").write_bytes(b"\0\xff" * 500)
    ),
    "a folder in its place": lambda place: (
        (place / "submission" / "a.txt").unlink(),
        (place / "submission" / "a.txt").mkdir(),
    ),
    "a program that stops": (
        lambda place: (place / "source" / "rnnquiz" / "course" / "autograder.py").write_text(
            "import os\nos._exit(9)"
        )
    ),
    "a program that does not start": (
        lambda place: (place / "source" / "rnnquiz" / "course" / "autograder.py").write_text(
            "import nothing_of_that_name"
        )
    ),
    "no environment": lambda place: (place / "venv").write_text(""),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", BROKEN)
def test_whatever_is_missing_there_are_results(graded, tmp_path, kind):
    """No points, a sentence for the student, and JSON that Gradescope reads; results of an earlier
    run are gone."""
    unpacked(graded, tmp_path)
    BROKEN[kind](tmp_path)
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "results.json").write_text('{"score": 40}')
    if kind == "no environment":
        environment = {**os.environ, "AUTOGRADER_ROOT": str(tmp_path)}
        subprocess.run(
            ["bash", str(tmp_path / "source" / "run_autograder")], env=environment, check=True
        )
        found = json.loads((tmp_path / "results" / "results.json").read_text())
    else:
        found = autograded(tmp_path)

    assert found["score"] == 0
    assert found["output"]


@pytest.mark.parametrize(("name", "is_known"), [("Ada Lovelace", True), ("A. Lovelace", False)])
def test_the_number_that_gradescope_gives_a_user_is_nobodys_id(graded, tmp_path, name, is_known):
    """A user with the number of another student's id, and an unknown address, is known by name
    alone."""
    unpacked(graded, tmp_path, [{"id": 4712, "name": name, "email": "a.l@example.org"}])

    found = autograder.run(tmp_path)

    assert found["score"] == (pytest.approx(marks_of(graded)["s1"][1]) if is_known else 0)
    assert ("roster" in found["output"]) is not is_known


@pytest.mark.slow
@pytest.mark.parametrize("wrong", ["", "last", "blank"])
def test_all_boxes_are_right_is_said_only_then(graded, tmp_path, wrong):
    """One wrong box or one empty one, and the summary counts them."""
    unpacked(graded, tmp_path)
    lines = (tmp_path / "submission" / "a.txt").read_text().splitlines()
    name = lines[-1].partition(" = ")[0]
    lines[-1:] = {"": lines[-1:], "last": [f"{name} = 123.4567"], "blank": []}[wrong]
    (tmp_path / "submission" / "a.txt").write_text("\n".join(lines))

    found = autograded(tmp_path)

    assert ("All boxes are right." in found["output"]) == (not wrong)
    if wrong:
        assert f"{len(lines) - (wrong == 'last')} of " in found["output"]
        assert ("1 box is empty." in found["output"]) == (wrong == "blank")


def wheel(folder, name, version="1.0", tag="py3-none-any", needs=(), damaged=False):
    """A wheel that holds nothing but what it needs."""
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as made:
        lines = [f"Requires-Dist: {row}" for row in needs]
        made.writestr(
            f"{name}-{version}.dist-info/METADATA",
            "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *lines]),
        )
    if damaged:
        path.write_bytes(b"PK")
    return path


CP310 = "cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64"


def all_wheels(folder, tag=CP310, **more):
    """What the autograder needs, and what that needs."""
    folder.mkdir()
    for row in requirements():
        name = re.split(r"[^\w-]", row)[0]
        wheel(
            folder,
            name,
            "99.0",
            **{
                "tag": tag if name in ("numpy", "pikepdf") else "py3-none-any",
                **more.get(name, {}),
            },
        )
    wheel(folder, "inner", "2.0")


INNER = (
    "inner>=1.5",
    "never; sys_platform == 'win32'",
    "extra_only; extra == 'test'",
    "old; python_version < '3.10'",
)


def test_wheels_that_are_all_there_are_taken_along(graded, tmp_path):
    """Only what is needed is packed, the newest that fits, and it is installed without a network by
    the Python that it is for."""
    all_wheels(tmp_path / "w", numpy={"needs": INNER})
    wheel(tmp_path / "w", "numpy", "98.0", CP310)
    wheel(tmp_path / "w", "stranger")
    (tmp_path / "w" / "notes.txt").write_text("mine")
    with zipfile.ZipFile(
        io.BytesIO(exported(graded, "--to", "gradescope", "--wheels", tmp_path / "w"))
    ) as made:
        names = {name.partition("/")[2] for name in made.namelist() if name.startswith("wheels/")}
        setup = made.read("setup.sh").decode()

    assert {re.split("-", name)[0] for name in names} == {*NEEDED, "inner"}
    assert f"numpy-99.0-{CP310}.whl" in names
    assert "python=python3.10\n" in setup
    assert "--no-index --find-links wheels" in setup


FAULTS = {
    "one is gone": (lambda folder: next(folder.glob("pypdf*")).unlink(), r"pypdf\S* is missing"),
    "what one needs is gone": (
        lambda folder: next(folder.glob("inner*")).unlink(),
        r"inner\S* is missing",
    ),
    "not built": (
        lambda folder: next(folder.glob("pyyaml*")).rename(folder / "pyyaml-99.0.tar.gz"),
        r"pyyaml\S* is a source archive",
    ),
    "for Windows": (
        lambda folder: next(folder.glob("numpy*")).rename(
            folder / "numpy-99.0-cp310-cp310-win_amd64.whl"
        ),
        r"numpy\S* is there for other",
    ),
    "for a newer system": (
        lambda folder: next(folder.glob("numpy*")).rename(
            folder / "numpy-99.0-cp310-cp310-manylinux_2_39_x86_64.whl"
        ),
        r"numpy\S* is there for other",
    ),
    "for two Pythons": (
        lambda folder: next(folder.glob("pikepdf*")).rename(
            folder / "pikepdf-99.0-cp311-cp311-manylinux_2_17_x86_64.whl"
        ),
        r"is there for other",
    ),
    "too old": (
        lambda folder: next(folder.glob("pydantic*")).rename(
            folder / "pydantic-1.0-py3-none-any.whl"
        ),
        r"pydantic\S* is there for other",
    ),
    "damaged": (
        lambda folder: next(folder.glob("numpy*")).write_bytes(b"PK"),
        r"numpy.*is damaged",
    ),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_wheels_that_would_not_install_are_named(graded, tmp_path, kind):
    """The error names the package and what is wrong, before anything is uploaded; nothing is
    written."""
    all_wheels(tmp_path / "w", numpy={"needs": INNER})
    change, words = FAULTS[kind]
    change(tmp_path / "w")

    result = CliRunner().invoke(
        main,
        [
            "export",
            str(graded / "course"),
            "--to",
            "gradescope",
            "--wheels",
            str(tmp_path / "w"),
            "--out",
            str(tmp_path / "a.zip"),
        ],
    )

    assert result.exit_code == 1
    assert re.search(words, result.output.replace("\n", " "))
    assert not (tmp_path / "a.zip").exists()
    if "gone" in kind or kind == "not built":
        assert "pip download --only-binary=:all: --python-version 3.10" in result.output


def test_wheels_for_another_python_are_said_to_the_installation(graded, tmp_path):
    """Where all are for Python 3.12 the installation asks for that one."""
    all_wheels(tmp_path / "w", "cp312-cp312-manylinux_2_17_x86_64")

    with zipfile.ZipFile(
        io.BytesIO(exported(graded, "--to", "gradescope", "--wheels", tmp_path / "w"))
    ) as made:
        assert "python=python3.12\n" in made.read("setup.sh").decode()


def test_the_autograder_needs_nothing_but_what_it_installs():
    """With all other packages out of reach, every reader's file can be read and marked."""
    hidden = ["click", "jinja2", "pylatex", "rich", "segno", "typst", "packaging", "distributed"]
    code = (
        "import sys, importlib.abc\n"
        "class Hide(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name.partition('.')[0] in {hidden!r}: raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Hide())\n"
        "import rnnquiz.course.autograder, rnnquiz.submissions.collect\n"
        "import openpyxl, pikepdf, pypdf, defusedxml\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_quiz_for_gradescope_is_its_autograder_and_needs_a_course(graded, tmp_path):
    """Gradescope imports no questions: it gets the sheets of a course, or the user a word."""
    out = tmp_path / "quiz.zip"
    command = ["quiz", "--to", "gradescope", "--out", str(out)]
    assert CliRunner().invoke(main, [*command, "--course", str(graded / "course")]).exit_code == 0
    assert out.read_bytes() == exported(graded, "--to", "gradescope")

    refused = CliRunner().invoke(main, [*command, "bptt_scalar"])
    assert refused.exit_code == 1
    assert "give --course" in refused.output


def test_a_workbook_to_fill_in_comes_back(tmp_path):
    """Labels are locked, answers open and text; filled in and handed in, the workbook is that
    student's sheet, to full marks."""
    course, bank = tmp_path / "course", shipped("bptt_scalar")
    generate(bank, PEOPLE, course, Wanted(None, also=("xlsx",)))
    with Course.open(course) as opened:
        rounded = solve(bank, opened.variants()[1]).rounded
    book = load_workbook(course / "templates" / "0002-s2.xlsx")
    values = {box.name: rounded[box.quantity] for box in bank.boxes}

    for label, answer in book.active.iter_rows(min_row=4):
        assert label.protection.locked
        assert answer.number_format == "@"
        if label.value in values:
            assert not answer.protection.locked
            answer.value = values[label.value]
    assert book.active.protection.sheet

    (tmp_path / "in").mkdir()
    book.save(tmp_path / "in" / "renamed.xlsx")
    result = CliRunner().invoke(
        main, ["grade", str(course), str(tmp_path / "in"), "--dry-run", "--json"]
    )
    found = json.loads(result.output)

    assert found["problems"] == []
    assert [(row["student"], row["marks"]) for row in found["results"]] == [
        ("s2", pytest.approx(found["results"][0]["maximum"]))
    ]


def test_help_names_every_form_and_others_are_refused(tmp_path):
    """Each form stands in the help of its command; one that is none is a usage error that lists
    them."""
    for command, table in (("export", TARGETS), ("quiz", QUIZZES)):
        shown = CliRunner().invoke(main, [command, "--help"]).output
        assert all(name.replace("_", "-") in shown for name in table)

        refused = CliRunner().invoke(
            main, [command, "forward_pass", "--to", "nothing", "--out", str(tmp_path / "x")]
        )

        assert refused.exit_code == 2
        assert all(name.replace("_", "-") in refused.output for name in table)


@pytest.mark.parametrize("target", list(TARGETS))
def test_a_dry_run_writes_nothing(graded, tmp_path, target):
    """With --dry-run no file appears, whatever the form."""
    (tmp_path / "c.csv").write_text("Student,ID,Section,RNN (7)\nx,4711,A,\n")
    arguments = [
        "export",
        str(graded / "course"),
        "--to",
        target,
        "--out",
        str(tmp_path / "x"),
        "--dry-run",
        "--into",
        str(tmp_path / "c.csv"),
    ]
    CliRunner().invoke(main, [*arguments, "--feedback", str(graded / "grades" / "feedback")])

    assert not (tmp_path / "x").exists()


def handed_in(course, place, folders):
    """Moodle's archive of right sheets that name nobody but by their token: (folder, student)."""
    with Course.open(course) as opened, zipfile.ZipFile(place / "moodle.zip", "w") as made:
        bank, variants = (
            opened.bank(),
            {student.id: variant for student, variant in opened.issued()},
        )
        for folder, student in folders:
            rounded = solve(bank, variants[student]).rounded
            answers = "\n".join(f"{box.name} = {rounded[box.quantity]}" for box in bank.boxes)
            made.writestr(
                f"{folder}_assignsubmission_file/a.txt",
                f"token = {variants[student].token}\n{answers}",
            )
    result = CliRunner().invoke(
        main,
        [
            "grade",
            str(course),
            str(place / "moodle.zip"),
            "--out",
            str(place / "grades"),
            "--no-report",
        ],
    )
    assert result.exit_code == 0, result.output


@pytest.fixture
def by_token(tmp_path):
    """A course whose roster knows no number of Moodle's."""
    course = tmp_path / "course"
    people = [
        Student("k1", "Ada Lovelace", "", 1),
        Student("k2", "Kurt Gödel", "", 2),
        Student("k3", "Grace Hopper", "", 3),
    ]
    generate(shipped("bptt_scalar"), people, course, Wanted(None))
    return course


def filled(course, place, worksheet):
    (place / "w.csv").write_bytes(worksheet)
    result = CliRunner().invoke(
        main,
        [
            "export",
            str(course),
            "--to",
            "moodle",
            "--into",
            str(place / "w.csv"),
            "--out",
            str(place / "up.csv"),
            "--json",
        ],
    )
    rows = list(
        csv.reader(io.StringIO((place / "up.csv").read_bytes().decode("utf-8-sig"), newline=""))
    )
    grade = rows[0].index("Grade")
    return {row[0]: row[grade] for row in rows[1:]}, json.loads(result.output)


@pytest.mark.slow
@pytest.mark.parametrize(
    "folder",
    [
        "Participant_15",
        "Group A-Participant_15",
        "Teilnehmerin_15",
        "Übung 2-Participante_15",
        "Übung 1 + 2-Participant_15",
    ],
)
def test_blind_marking_from_the_download_to_the_worksheet(by_token, tmp_path, folder):
    """The teacher's worksheet knows numbers alone, and so does the archive, in any language and
    group: the token has said whose the number is."""
    handed_in(by_token, tmp_path, [(folder, "k2"), ("Participant_19", "k1")])
    sheet = worksheet(
        [(15, "", "", "", "", True), (16, "", "", "", "", True), (19, "", "", "", "", False)],
        maximum="40.00",
        blind=True,
    )
    marks, said = filled(by_token, tmp_path, sheet)

    assert marks == {"Participant 15": "40.00", "Participant 16": "", "Participant 19": ""}
    assert [line.partition(" ->")[0] for line in said["problems"]] == [
        "row 3: 'Participant 16' is nobody of the course",
        "row 4: 'k1' is locked",
        "no marks, nothing of theirs is marked (1): k3",
    ]


def test_files_taken_together_are_told_apart_also_where_a_name_has_a_plus():
    """Each of them is among the paths that their one source may have been made of."""
    one, two, three = "Ada + Bo_7_assignsubmission_file/1 + 2.txt", "c.txt", "d + e/f.txt"
    whole = Source.of(one).joined(Source.of(two)).joined(Source.of(three))

    found = list(paths_in(str(whole)))

    assert whole.files == (one, two, three)
    assert {one, two, three} < set(found)
    assert list(paths_in(two)) == [two]


def test_the_number_of_a_team_is_nobodys(by_token, tmp_path):
    """A team's folder has the number of the team, which may be some student's elsewhere: all of the
    team get the mark, no one else."""
    handed_in(by_token, tmp_path, [("Group A_1", "k2")])
    sheet = worksheet(
        [
            (1, "Grace Hopper", "k3", "", "Group B", True),
            (7, "Kurt Gödel", "k2", "", "Group A", True),
            (8, "Ada Lovelace", "k1", "", "Group A", True),
        ],
        maximum="40.00",
        team=True,
    )
    marks, said = filled(by_token, tmp_path, sheet)

    assert marks == {"Participant 1": "", "Participant 7": "40.00", "Participant 8": "40.00"}
    assert said["problems"] == ["no marks, nothing of theirs is marked (1): k3"]
    assert len(said["notes"]) == 1


def test_a_new_grade_item_has_another_maximum(graded):
    """The column says what the marks are out of, and the command that an item of that maximum is to
    be there first."""
    head = exported(graded, "--to", "moodle_gradebook").decode().splitlines()[0]
    assert "(of 40.00)" in head

    result = export_for_moodle(graded, graded / "m.csv")
    assert "has the maximum 100" in result.output
    assert "the maximum 40.00" in result.output
