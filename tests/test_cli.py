"""The command line: what README shows runs, errors are text, programs get JSON."""

import json
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from rnnquiz.cli import main
from rnnquiz.commands.columns import in_columns
from rnnquiz.course.demo import demo
from rnnquiz.files.resources import folder
from rnnquiz.progress import unseen

ROOT = Path(__file__).resolve().parent.parent


def run(*args, ok=True):
    result = CliRunner().invoke(main, list(args), catch_exceptions=False)
    assert (result.exit_code == 0) is ok, result.output
    return result.output


@pytest.mark.parametrize("name", sorted(main.commands))
def test_each_command_and_each_of_its_options_says_what_it_does(name):
    """The help of a command begins with a sentence on one line, and no option stands without
    words."""
    command = main.commands[name]
    options = [one for one in command.params if isinstance(one, click.Option)]

    assert re.fullmatch(r"[A-Z][^\n]*[.?]", command.help.partition("\n")[0])
    assert [one.name for one in options if not one.help] == []


def test_solve_as_json_names_every_quantity():
    """The JSON has each quantity once, with formula, numbers, exact and rounded value."""
    data = json.loads(run("solve", "worked_example", "--json"))
    rows = {row["name"]: row for row in data["quantities"]}

    assert {"h[2]", "dL[3]/dU", "dh[3]/dh[2]", "U_new"} <= set(rows)
    assert rows["h[1]"]["rounded"] == "0.604"
    assert rows["h[1]"]["exact"] == pytest.approx(0.6043677771171636, rel=1e-15)
    assert all(
        set(row) >= {"formula", "numbers", "exact", "rounded", "role"} for row in rows.values()
    )


def test_check_tells_what_a_bank_cannot_show():
    """--stress gives the rate, reasons and the mistakes that cannot be told apart."""
    data = json.loads(run("check", "bptt_scalar", "--stress", "500", "--json"))

    assert data["drawn"] == 500
    assert 0 < data["accepted"] < 500
    assert data["confusable"][0]["share"] > 0
    assert "R6 wrong weight, at h[1]" in run("check", "worked_example", "--stress", "1")


def test_errors_are_text_with_exit_code_1():
    """A missing bank, roster or course is said in a line; nothing like a traceback."""
    for args in (
        ["check", "no.yaml"],
        ["grade", "nowhere", "nothing", "--dry-run"],
        ["generate", "bptt_scalar", "--roster", "none.csv", "--out", "x"],
        ["solve", "bptt_scalar", "--course", "nowhere"],
    ):
        out = run(*args, ok=False)
        assert "Error" in out
        assert "Traceback" not in out


CODES = [
    (["banks"], 0),
    (["check", "no.yaml"], 1),
    (["grade", "nowhere", "nothing", "--dry-run"], 1),
    (["grade", "nowhere", "nothing"], 2),
    (["export", "nowhere", "--to", "csv", "--out", "{place}"], 1),
    (["export", "nowhere", "--to", "nothing", "--out", "x"], 2),
    (["quiz", "bptt_scalar", "--to", "qti21", "-n", "1", "--out", "{place}"], 1),
    (["quiz", "bptt_scalar", "--to", "qti21", "-n", "1", "--out", "."], 1),
    (["quiz", "bptt_scalar", "--to", "qti21", "-n", "1", "--out", "/"], 1),
    (["quiz", "bptt_scalar", "--to", "qti21", "-n", "1", "--out", "{place}/file/x.zip"], 1),
    (
        [
            "practice",
            "forward_pass",
            "--on",
            "forward",
            "--engine",
            "none",
            "--out",
            "{place}/file",
        ],
        1,
    ),
    (
        [
            "generate",
            "hello",
            "--roster",
            "{place}/roster.csv",
            "--engine",
            "none",
            "--out",
            "{place}/file",
        ],
        1,
    ),
    (["erase", "nowhere", "s1", "--yes"], 1),
    (["no-such-command"], 2),
]


@pytest.mark.parametrize(
    ("args", "code"), CODES, ids=[" ".join(args[:3]) + f" {code}" for args, code in CODES]
)
def test_a_command_ends_with_0_1_or_2_and_says_why(tmp_path, args, code):
    """0: done; 1: what was asked cannot be done, in words; 2: a mistake of usage. Never a
    traceback, and no file is touched."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "roster.csv").write_text("id,name\ns1,Ada\n")
    result = CliRunner().invoke(main, [arg.format(place=tmp_path) for arg in args])

    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert code == 0 or "Error" in result.output
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "roster.csv"]


def test_an_interrupted_command_ends_with_130(monkeypatch):
    """Ctrl-C is said, with what to do."""
    from rnnquiz.commands import exercises

    def interrupted(text):
        raise KeyboardInterrupt

    monkeypatch.setattr(exercises, "bank_path", interrupted)
    result = CliRunner().invoke(main, ["check", "hello"])

    assert result.exit_code == 130
    assert "run the same command to go on" in result.output


HOSTILE = (
    "Ada Lovelace",
    "Émilie du Châtelet",
    "Kurt Gödel",
    "Sofja Kowalewskaja",
    "O'Brien, Pat",
    "Noether $\\input{x}$ <Emmy>",
    "=SUM(A1)",
    "Łukasz Żak",
)


@pytest.mark.slow
def test_the_demonstration_does_not_hang_on_names(tmp_path):
    """Whatever its students are called, all of them are marked."""
    done = demo(tmp_path, "typst", unseen, HOSTILE)

    assert done.graded.marked == len(HOSTILE)
    assert all(path.is_file() for path, _ in done.files)


def test_demo_generates_marks_and_reports(tmp_path):
    """The demonstration ends with a table of marks and paths that are there."""
    out = run("demo", str(tmp_path / "d"), "--engine", "typst")
    assert out.count(" / 40.00") == 8

    files = re.findall(r"^  (/\S+)$", out, re.MULTILINE)
    assert {Path(path).name for path in files} >= {"report.html", "gradebook.csv", "class_book.pdf"}
    assert all(Path(path).is_file() for path in files)
    assert (tmp_path / "d" / ".gitignore").read_text() == "*\n"
    with open(tmp_path / "d" / "grades" / "evidence.json") as file:
        assert len(json.load(file)["results"]) == 8

    box = json.loads((tmp_path / "d" / "grades" / "evidence.json").read_text())["results"][2][
        "findings"
    ][0]["boxes"][0]
    told = run("explain", str(tmp_path / "d" / "course"), "s03", box)

    assert "accepted from" in told
    assert "Formula" in told
    assert "Tried" in told

    data = json.loads(run("explain", str(tmp_path / "d" / "course"), "s03", box, "--json"))
    assert data["box"] == box
    assert data["marks"] < data["of"]
    assert data["says"] == told.splitlines()
    assert "0 students change" in run("regrade", str(tmp_path / "d" / "course"))


@pytest.mark.slow
def test_the_demonstration_is_the_same_each_time(tmp_path):
    """Its secret is known, so that two people see the same numbers and marks."""
    once, again = (
        json.loads(run("demo", str(tmp_path / name), "--engine", "none", "--json"))
        for name in ("a", "b")
    )

    assert once["students"] == again["students"]
    assert len(once["students"]) == 8

    one, other = (
        next((tmp_path / name / "course" / "sheets").glob("*s03*.tex")).read_bytes()
        for name in ("a", "b")
    )

    assert one == other


@pytest.mark.parametrize("word", ["moodle-gradebook", "moodle_gradebook"])
def test_values_have_hyphens_as_options_have(tmp_path, word):
    """Words are written with hyphens; underscores, as they were once, are taken."""
    missing = CliRunner().invoke(
        main, ["export", str(tmp_path / "none"), "--to", word, "--out", str(tmp_path / "x.csv")]
    )

    assert "holds no course" in missing.output

    listed = CliRunner().invoke(
        main,
        [
            "export",
            str(tmp_path / "none"),
            "--to",
            "moodle-gradebok",
            "--out",
            str(tmp_path / "x.csv"),
        ],
    )

    assert "did you mean moodle-gradebook" in listed.output


def test_doctor_tells_programs_too():
    """--json has the versions that are installed, and the engine by what LaTeX lacks; people read
    the same."""
    data, shown = json.loads(run("doctor", "--json")), run("doctor")

    for package, found in data["packages"].items():
        assert found == version(package)
        assert re.search(rf"^{package} +{re.escape(found)}$", shown, re.MULTILINE)
    assert data["engine"] == ("typst" if data["missing_for_latex"] else "latex")
    assert f"PDFs are made with {data['engine']}" in shown


def test_doctor_looks_at_all_that_the_program_needs():
    """Each dependency that pyproject.toml names is looked for, and nothing else."""
    project = (Path(__file__).parent.parent / "pyproject.toml").read_text()
    needed = re.search(r"^dependencies = \[(.*?)^\]", project, re.DOTALL | re.MULTILINE)[1]

    packages = json.loads(run("doctor", "--json"))["packages"]

    assert sorted(packages) == sorted(re.findall(r'"([\w-]+)', needed))


PEOPLE_IN_ROWS = [
    ("s1", "\u5c71\u7530\u592a\u90ce", "12.00 / 40.00", "first wrong step: h[1]"),
    ("s22", "Ada [bold]Lovelace[/bold]", "-", "is not on the roster, and in no list of a system"),
]


def cells(text):
    """How many cells of a terminal a text takes: two for a wide letter (UAX 11)."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def test_rows_in_a_pipe_are_one_line_each_and_whole():
    """Without a terminal no row is wrapped or cut, and the columns stand under each other."""
    first, second, third = in_columns([*PEOPLE_IN_ROWS, ("s3", "x" * 500, "", "")]).splitlines()

    assert third == f"s3   {'x' * 500}"
    assert first.startswith(f"s1   {PEOPLE_IN_ROWS[0][1]}  ")

    before_last = [
        line.partition(row[3])[0] for line, row in zip((first, second), PEOPLE_IN_ROWS, strict=True)
    ]

    assert cells(before_last[0]) == cells(before_last[1])
    assert all(cell in second for cell in PEOPLE_IN_ROWS[1])


@pytest.mark.parametrize("width", [20, 40, 80])
def test_rows_on_a_terminal_keep_to_its_width(width):
    """A narrow terminal wraps what is long, and loses no letter of it."""
    lines = in_columns(PEOPLE_IN_ROWS, width).splitlines()

    assert max(map(cells, lines)) <= width

    shown, told = "".join(lines), "".join(map("".join, PEOPLE_IN_ROWS))
    assert Counter(shown.replace(" ", "")) == Counter(told.replace(" ", ""))


@pytest.mark.parametrize("module", ["rnnquiz", "rnnquiz.cli"])
def test_the_package_runs_as_a_program(module):
    """`python -m rnnquiz` is the command `rnnquiz`, and says so in its help."""
    command = [sys.executable, "-m", module, "--help"]

    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert shown.startswith("Usage: rnnquiz") or module != "rnnquiz"
    assert "rnnquiz demo" in shown


def test_solutions_and_sheets_show_themselves_in_a_notebook():
    """A notebook gets mathematics of the whole solution and the feedback page of a sheet."""
    from rnnquiz.exercise import Exercise

    exercise = Exercise.load("bptt_vector")

    assert exercise.solution._repr_latex_().count("&=") == len(exercise.solution.lines)
    assert exercise.solution._repr_html_().count("<math") >= len(exercise.solution.lines)
    assert "of 40.00 marks" in exercise.mark({"h[1].1": "0.5"})._repr_html_()


def test_readme_python_runs():
    """The Python shown in README runs as it stands and prints what is written beside it."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)

    assert blocks
    for block in blocks:
        scope = {}

        for line in block.splitlines():
            code, _, comment = line.partition("  # ")

            if comment.startswith("-> "):
                assert str(eval(code, scope)) == comment.removeprefix("-> "), line
            else:
                exec(line, scope)


def test_templates_beside_the_bank_are_taken(tmp_path):
    """A folder templates/ beside the bank's file replaces ours, one file at a time; what it gets
    wrong comes with file and line."""
    (tmp_path / "bank.yaml").write_text(
        (folder("question_banks") / "worked_example.yaml").read_text()
    )
    (tmp_path / "roster.csv").write_text("id,name\ns1,Ada\n")
    (tmp_path / "templates").mkdir()
    own = tmp_path / "templates" / "document.html.jinja"
    arguments = [
        "generate",
        str(tmp_path / "bank.yaml"),
        "--roster",
        str(tmp_path / "roster.csv"),
        "--engine",
        "none",
        "--also",
        "html",
        "--out",
    ]
    own.write_text("mine: {{ document.student }}")

    assert CliRunner().invoke(main, [*arguments, str(tmp_path / "a")]).exit_code == 0
    assert (tmp_path / "a" / "sheets" / "0001-s1.html").read_text() == "mine: Ada (s1)"
    assert "documentclass" in (tmp_path / "a" / "sheets" / "0001-s1.tex").read_text()

    own.write_text("a\n{{ document.nothing }}\n")
    failed = CliRunner().invoke(main, [*arguments, str(tmp_path / "b")])
    assert failed.exit_code == 1
    assert "document.html.jinja: line 2" in failed.output


@pytest.mark.parametrize("option", [["--fillable"], ["--also", "book"]])
def test_what_needs_pdfs_is_refused_without_an_engine(tmp_path, option):
    """--fillable and the book ask for PDFs; with --engine none that is a mistake of usage."""
    (tmp_path / "roster.csv").write_text("id,name\ns1,Ada\n")
    arguments = [
        "generate",
        "worked_example",
        "--roster",
        str(tmp_path / "roster.csv"),
        "--out",
        str(tmp_path / "c"),
        "--engine",
        "none",
    ]

    assert CliRunner().invoke(main, [*arguments, *option]).exit_code == 2


NOT_FOR_MARKING = (
    "matplotlib",
    "multiprocessing",
    "pikepdf",
    "pylatex",
    "rnnquiz.pages.reading",
    "segno",
    "typst",
)


def test_marking_loads_only_what_it_uses():
    """To load libraries takes half of the time of a small command: readers of pages and PDFs, and
    what draws and starts processes, are for others."""
    code = (
        "import sys, rnnquiz.cli, rnnquiz.course.grading, rnnquiz.report.page; print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert "rnnquiz.grade.mark" in loaded
    assert [name for name in NOT_FOR_MARKING if name in loaded] == []


@pytest.mark.parametrize("stress", ["-1", "99999999999"])
def test_no_number_of_draws_is_taken_that_would_never_end(stress):
    """What would draw for weeks, or less than nothing, is an error at once."""
    assert "is not in the range" in run("check", "forward_pass", "--stress", stress, ok=False)


def test_an_empty_path_is_not_the_folder_that_one_is_in(tmp_path, monkeypatch):
    """A variable of the shell that is not set writes no course, and no secret, here."""
    (tmp_path / "roster.csv").write_text("id,name\ns1,Ada\n")
    monkeypatch.chdir(tmp_path)
    said = run("generate", "forward_pass", "--roster", "roster.csv", "--out", "", ok=False)

    assert "is empty" in said
    assert [path.name for path in tmp_path.iterdir()] == ["roster.csv"]
