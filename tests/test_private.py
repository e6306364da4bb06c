"""A course is private: nothing that is written can be read by others on the machine, and no link is
followed."""

import ast
import csv
import io
import json
import os
import re
import stat
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_course import hand_in, right_answers

import rnnquiz
from rnnquiz.bank.load import parse_bank
from rnnquiz.cli import main
from rnnquiz.course.erasing import erase
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.standing import kinds_of
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.documents import texrun
from rnnquiz.documents.engines import missing_for_latex, pdfs
from rnnquiz.documents.sheet import sheet
from rnnquiz.errors import CourseError, ToolError
from rnnquiz.files import private
from rnnquiz.files.private import close, open_to_others, write_into
from rnnquiz.people.roster import Student
from tests_support import shipped, slowly, variants_of

PACKAGE = Path(rnnquiz.__file__).parent
POSIX = pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
BIN = str(Path(sys.executable).parent)


@contextmanager
def umask(mask):
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def invoke(*args, ok=True):
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    assert (result.exit_code == 0) is ok, result.output + str(result.exception)
    return result.output


def modes(root):
    """What is open to others, or is not its owner's to read and write, below a folder."""
    found = {}
    for path in [root, *root.rglob("*")]:
        mode, wanted = stat.S_IMODE(path.lstat().st_mode), 0o700 if path.is_dir() else 0o600
        if mode != wanted:
            found[path.relative_to(root).as_posix()] = oct(mode)
    return found


def a_roster(place, count=3):
    path = place / "roster.csv"
    path.write_text(
        "id,name,email\n"
        + "".join(f"s{k},Student {k},s{k}@example.org\n" for k in range(1, count + 1))
    )
    return path


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize("mask", [0o000, 0o077, 0o777])
def test_all_that_is_written_is_for_its_owner_alone(tmp_path, mask):
    """Each command that writes, under any umask: folders are 0700, files 0600, SQLite's among
    them."""
    roster, place = a_roster(tmp_path), tmp_path / "new" / "deep"
    course, grades = place / "course", place / "grades"
    with umask(mask):
        invoke(
            "generate",
            "hello",
            "--roster",
            roster,
            "--out",
            course,
            "--engine",
            "typst",
            "--also",
            "book",
            "--also",
            "marking_sheet",
            "--also",
            "xlsx",
            "--also",
            "html",
            "--fillable",
        )
        write_into(tmp_path / "in", "s1.txt", b"student: s1\nh[1].1 = 0.5\n")
        invoke("grade", course, tmp_path / "in", "--out", grades, "--pdf")
        invoke("regrade", course, "--apply", "--out", place / "again")
        for form in ("csv", "json", "xlsx", "moodle_gradebook", "gradescope"):
            invoke("export", course, "--to", form, "--out", grades / f"export.{form}")
        invoke("quiz", "bptt_scalar", "--to", "qti21", "-n", 2, "--out", place / "quiz.zip")
        invoke("quiz", "--course", course, "--to", "gradescope", "--out", place / "autograder.zip")
        invoke(
            "practice",
            "forward_pass",
            "--on",
            "forward",
            "--engine",
            "typst",
            "--out",
            place / "practice",
        )
        invoke("explain", course, "s1", "h[1].1")
        names = {path.name for path in place.rglob("*")}
        invoke("erase", course, "s3", "--yes", "--out", grades)

    assert modes(tmp_path / "new") == {}
    assert {
        "course.sqlite",
        "secret.key",
        "class_book.pdf",
        "evidence.json",
        "report.pdf",
        "gradebook.csv",
        "quiz.zip",
    } <= names


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_the_demo_and_a_class_of_several_processes_are_private(tmp_path, mask):
    """The same where other processes write."""
    with umask(mask):
        invoke("demo", tmp_path / "demo", "--engine", "typst")
        invoke(
            "generate",
            "hello",
            "--roster",
            a_roster(tmp_path, 60),
            "--out",
            tmp_path / "course",
            "--engine",
            "none",
        )

    assert modes(tmp_path / "demo") == {}
    assert modes(tmp_path / "course") == {}


@POSIX
def test_the_journal_of_the_database_is_private_while_it_is_written(tmp_path):
    """SQLite's journal holds old pages in the clear; it is there only within a transaction."""
    with umask(0), Course.create(tmp_path / "course") as course:
        course.add_students([Student("s1", "Ada", "", 1)])
        course.database.execute("PRAGMA cache_spill = ON")
        course.database.execute("PRAGMA cache_size = 1")

        with course.transaction() as db:
            db.executemany(
                "INSERT INTO meta VALUES (?, ?)", [(f"key {k}", "x" * 3000) for k in range(200)]
            )

            assert "course.sqlite-journal" in {
                path.name for path in (tmp_path / "course").iterdir()
            }
            assert modes(tmp_path / "course") == {}


@POSIX
@pytest.mark.skipif(bool(missing_for_latex()), reason="no LaTeX")
def test_the_folders_in_which_tex_works_are_private(monkeypatch):
    """TeX works in /tmp, on sheets with names: in a folder that nobody else can enter."""
    seen, real = [], texrun._run

    def spied(folder, *rest):
        said = real(folder, *rest)
        seen.append(
            (
                stat.S_IMODE(folder.stat().st_mode),
                stat.S_IMODE((folder / "sheet.tex").stat().st_mode),
            )
        )
        return said

    monkeypatch.setattr(texrun, "_run", spied)
    with umask(0):
        (made,) = pdfs(
            [sheet(shipped("hello"), variants_of(shipped("hello"), 1)[0], "Ada")], "latex"
        )

    assert made.startswith(b"%PDF")
    assert set(seen) == {(0o700, 0o600)}


WRITING = [
    "write_text",
    "write_bytes",
    "mkdir",
    "makedirs",
    "touch",
    "chmod",
    "fchmod",
    "rename",
    "replace_file",
    "unlink",
    "rmtree",
    "copy2",
    "copyfile",
    "copytree",
    "move",
    "mkstemp",
    "mkdtemp",
    "NamedTemporaryFile",
    "TemporaryFile",
    "TemporaryDirectory",
    "hardlink_to",
    "link_to",
    "savefig",
    "tofile",
]
WRITING_OF_OS = ("open", "replace", "symlink", "link", "remove", "rmdir")
TO_WRITE = re.compile("[rbt+]*[wax+][rbt+]*")
NO_SECRET = {
    ("languages/extract.py", "write_text"),  # the source
    ("commands/manual.py", "write_text"),  # the manual
    ("commands/manual.py", "write_bytes"),
    ("commands/manual.py", "mkdir"),
}


def written_by(call):
    """The name of a function that writes a file or changes a folder, where a call is of one."""
    function, values = call.func, [*call.args, *(k.value for k in call.keywords)]
    of_os = isinstance(function, ast.Attribute) and ast.unparse(function.value) == "os"
    called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    texts = [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]
    opened = called == "open" and any(map(TO_WRITE.fullmatch, texts))
    return called if called in WRITING or opened or (of_os and called in WRITING_OF_OS) else ""


def test_files_are_written_in_one_module_alone():
    """No other module of the package opens a file to write, makes a folder, moves, links or
    unlinks, but for what is no secret."""
    modules = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    del modules["files/private.py"]

    found = {
        (name, written_by(node))
        for name, path in modules.items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and written_by(node)
    }

    assert found == NO_SECRET


@pytest.mark.slow
@POSIX
def test_an_open_folder_is_said_and_closed_on_demand(tmp_path):
    """A course of before, open to all: each command says so; nothing changes until --close, which
    leaves links alone."""
    course, elsewhere, out = tmp_path / "course", tmp_path / "elsewhere", tmp_path / "out"
    with umask(0o022):
        invoke(
            "generate", "hello", "--roster", a_roster(tmp_path), "--out", course, "--engine", "none"
        )
        elsewhere.write_text("mine")
        for path in [course, *course.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        out.mkdir()
        (course / "link").symlink_to(elsewhere)
    (tmp_path / "in.csv").write_text("student,h[1].1\ns1,0.5\n")

    said = invoke("grade", course, tmp_path / "in.csv", "--out", out)

    for folder in (course, out):
        assert (
            f"{folder}: open to others on this machine (drwxr-xr-x) -> close it with all that is in"
            " it: --close" in said
        )
    assert stat.S_IMODE((course / "course.sqlite").stat().st_mode) == 0o644
    assert modes(out) == {".": "0o755"}
    assert "is closed now" in invoke("grade", course, tmp_path / "in.csv", "--out", out, "--close")

    (course / "link").unlink()
    assert modes(course) == {}
    assert modes(out) == {}
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o644
    assert "open to others" not in invoke("grade", course, tmp_path / "in.csv", "--out", out)


@POSIX
def test_a_folder_of_many_is_not_closed(tmp_path):
    """A folder like /tmp, in which others write, is refused by --close."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o1777)

    with pytest.raises(ToolError, match="not yours alone"):
        close(tmp_path / "shared")
    assert open_to_others(tmp_path / "shared") == "drwxrwxrwt"


PLACES = [
    "sheets",
    "keys",
    "templates",
    "course.sqlite",
    "secret.key",
    "course.sqlite-journal",
    "keys/0001-s1.tex",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("there", [True, False], ids=["to something", "to nothing"])
def test_no_link_in_a_course_is_followed(tmp_path, name, there):
    """A link put into the place of a part of the course: refused with the path, nothing lands where
    it leads."""
    course, elsewhere = tmp_path / "course", tmp_path / "elsewhere"
    command = [
        "generate",
        "hello",
        "--roster",
        a_roster(tmp_path),
        "--out",
        course,
        "--engine",
        "none",
    ]
    if "/" in name or there:
        invoke(*command)
    else:
        course.mkdir()

    part = course / name
    if part.exists():
        part.rename(tmp_path / "moved")
    if there:
        (
            (tmp_path / "moved").rename(elsewhere)
            if (tmp_path / "moved").exists()
            else elsewhere.mkdir()
        )

    before = sorted(path.name for path in elsewhere.rglob("*")) if there else []
    part.parent.mkdir(exist_ok=True)
    part.symlink_to(elsewhere)

    said = invoke(*command, ok=False)

    assert f"{part}: the path: is a link to {elsewhere} -> remove the link" in said
    assert (sorted(path.name for path in elsewhere.rglob("*")) if there else []) == before
    assert elsewhere.exists() is there


@pytest.mark.parametrize(
    "name",
    slowly(
        ["feedback", "gradebook.csv", "evidence.json", "report.html", "feedback/0001-s1.html"],
        ("feedback",),
    ),
)
def test_no_link_in_a_folder_of_grades_is_followed(tmp_path, name):
    """The same for --out of grade; and what lies where the link leads is neither written nor
    removed."""
    course, out, elsewhere = tmp_path / "course", tmp_path / "out", tmp_path / "elsewhere"
    generate(shipped("hello"), [Student("s1", "Ada", "", 1)], course, Wanted(None, documents=False))
    (tmp_path / "in.csv").write_text("student,h[1].1\ns1,0.5\n")
    grade(course, tmp_path / "in.csv", out, GradeOptions(engine="typst"))

    (out / name).rename(elsewhere)
    (out / name).symlink_to(elsewhere)
    kept = {
        path: path.read_bytes() for path in [elsewhere, *elsewhere.rglob("*")] if path.is_file()
    }

    assert "is a link to" in invoke("grade", course, tmp_path / "in.csv", "--out", out, ok=False)
    assert {
        path: path.read_bytes() for path in [elsewhere, *elsewhere.rglob("*")] if path.is_file()
    } == kept


@pytest.mark.parametrize("command", ["export", "quiz", "practice"])
def test_a_link_in_the_place_of_the_file_is_refused(tmp_path, command):
    """--out FILE that is a link: what it leads to stays."""
    target, out = tmp_path / "target", tmp_path / "out.zip"
    target.write_text("mine")
    out.symlink_to(target)
    if command == "practice":
        (tmp_path / "p").mkdir()
        out = tmp_path / "p" / "practice-01-sheet.html"
        out.symlink_to(target)
        said = invoke(
            "practice",
            "forward_pass",
            "--on",
            "forward",
            "--engine",
            "none",
            "--out",
            tmp_path / "p",
            "--seed",
            "1",
            ok=False,
        )
    elif command == "quiz":
        said = invoke("quiz", "bptt_scalar", "--to", "qti21", "-n", 1, "--out", out, ok=False)
    else:
        generate(
            shipped("hello"),
            [Student("s1", "Ada", "", 1)],
            tmp_path / "course",
            Wanted(None, documents=False),
        )
        said = invoke("export", tmp_path / "course", "--to", "gradescope", "--out", out, ok=False)

    assert f"{out}: the path: is a link to {target}" in said
    assert target.read_text() == "mine"
    assert out.is_symlink()


def test_a_folder_named_by_a_link_of_ones_own_is_followed(tmp_path):
    """A teacher's own link to a folder of the teacher's, as the course or as --out, is what the
    teacher meant."""
    (tmp_path / "disk").mkdir(mode=0o700)
    (tmp_path / "home").symlink_to(tmp_path / "disk")
    write_into(tmp_path / "home", "a/b.txt", b"x")

    assert (tmp_path / "disk" / "a" / "b.txt").read_bytes() == b"x"


@POSIX
@pytest.mark.skipif(
    os.name == "posix" and os.geteuid() != 0, reason="only root can give a link to somebody"
)
@pytest.mark.parametrize("whose", ["link", "folder"])
def test_a_link_of_somebody_else_is_not_followed(tmp_path, whose):
    """A link that another user planted, or one of ours to another's folder, is refused before
    anything is written."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "disk")
    os.chown(tmp_path / ("out" if whose == "link" else "disk"), 12345, 12345, follow_symlinks=False)

    with pytest.raises(ToolError, match="is a link to"):
        write_into(tmp_path / "out", "a.txt", b"x")
    assert list((tmp_path / "disk").iterdir()) == []


def test_a_folder_that_becomes_a_link_after_the_check_is_not_followed(tmp_path, monkeypatch):
    """Between looking and opening somebody replaces the folder by a link: the handle is that of no
    link."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "root" / "keys").mkdir(parents=True)
    real = private._Handle.refuse_link

    def too_late(self, name):
        real(self, name)
        if name == "keys":
            (tmp_path / "root" / "keys").rmdir()
            (tmp_path / "root" / "keys").symlink_to(tmp_path / "elsewhere")

    monkeypatch.setattr(private._Handle, "refuse_link", too_late)

    with pytest.raises(ToolError):
        write_into(tmp_path / "root", "keys/a.txt", b"x")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_without_handles_of_folders_the_same_is_written_and_refused(tmp_path):
    """Windows has none: files are written by name, links are refused all the same."""
    write_into(tmp_path / "a", "b/c.txt", b"1", by_handle=False)
    write_into(tmp_path / "a", "b/c.txt", b"2", by_handle=False)
    assert (tmp_path / "a" / "b" / "c.txt").read_bytes() == b"2"
    assert len(list((tmp_path / "a" / "b").iterdir())) == 1

    (tmp_path / "a" / "d").symlink_to(tmp_path)
    for name in ("d/x.txt", "d"):
        with pytest.raises(ToolError, match="is a link to"):
            write_into(tmp_path / "a", name, b"3", by_handle=False)


def test_erase_does_not_follow_links(tmp_path):
    """What a link in the course leads to is not the course's: erase leaves it."""
    course = tmp_path / "course"
    generate(shipped("hello"), [Student("s1", "Ada", "", 1)], course, Wanted(None))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "0001-s1.pdf").write_text("mine")
    (course / "handed_in").symlink_to(tmp_path / "mine")

    invoke("erase", course, "s1", "--yes")

    assert (tmp_path / "mine" / "0001-s1.pdf").read_text() == "mine"
    assert not list((course / "keys").glob("*s1*"))


# what a marking says of those who were marked before, of those who were not, and where it lies


def a_marked_class(tmp_path, bank=None):
    """Four students: two marked first, one later, one never."""
    course = tmp_path / "course"
    people = [
        Student(f"s{k}", name, f"{name}@example.org", k)
        for k, name in enumerate(("Adalovelace", "Bobbertson", "Cleopatra", "Dorothea"), 1)
    ]
    generate(bank or shipped("bptt_scalar"), people, course, Wanted(None, documents=False))
    answers = right_answers(course)
    hand_in(tmp_path / "first", answers, {"s1", "s2"})
    hand_in(tmp_path / "late", answers, {"s3"})
    return course


def table(path):
    return {row["id"]: row for row in csv.DictReader(io.StringIO(path.read_text()))}


def test_kinds_of_marks_stay_for_those_who_were_marked_earlier(tmp_path):
    """A later grade, regrade and every export give each kind's marks of before, which add up to the
    marks."""
    course = a_marked_class(tmp_path)
    text = json.loads((tmp_path / "first" / "s2.json").read_text())
    text["answers"] |= {"h[2]": "0.1", "U_new": "", "dL/dU": "abc"}
    (tmp_path / "first" / "s2.json").write_text(json.dumps(text))

    grade(course, tmp_path / "first", tmp_path / "one", GradeOptions(report=False))
    graded = grade(course, tmp_path / "late", tmp_path / "two", GradeOptions(report=False))
    kinds = list(shipped("bptt_scalar").marks)
    one, two = table(tmp_path / "one" / "gradebook.csv"), table(tmp_path / "two" / "gradebook.csv")

    assert [two["s2"][kind] for kind in kinds] == [one["s2"][kind] for kind in kinds]
    assert two["s2"]["status"] == "marked earlier"
    assert all(float(two["s2"][kind]) >= 0 for kind in kinds)
    for row in graded.rows[:3]:
        assert sum(got for got, _ in row.skills.values()) == pytest.approx(row.marks)
        assert sum(of for _, of in row.skills.values()) == pytest.approx(row.maximum)

    invoke("export", course, "--to", "csv", "--out", tmp_path / "out.csv")
    assert [table(tmp_path / "out.csv")["s2"][kind] for kind in kinds] == [
        one["s2"][kind] for kind in kinds
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        "",
        "credit: {rounding: 0.25, misconception: 0.2}\n",
        "policy: {follow-through-cap: 0.3, penalty: {wrong: 0.5}}\n",
    ],
)
def test_kinds_by_stored_verdicts_are_those_of_the_marking(tmp_path, settings):
    """Caps, penalties and credits included: the kinds worked out from verdicts are those that were
    given when it was marked."""
    bank = parse_bank(shipped("bptt_scalar").text + settings)
    course = a_marked_class(tmp_path, bank)
    for student, changes in (
        ("s1", {"h[1]": "0.9"}),
        ("s2", {"h[2]": "0.1", "dL/dU": "7", "U_new": "x", "h[3]": "0.2"}),
    ):
        path = tmp_path / "first" / f"{student}.json"
        sheet = json.loads(path.read_text())
        sheet["answers"] |= changes
        path.write_text(json.dumps(sheet))
    graded = grade(course, tmp_path / "first", None)
    with Course.open(course) as opened:
        kinds = kinds_of(opened, opened.standing())

    for row in graded.rows[:2]:
        assert kinds[row.id] == {kind: pytest.approx(pair) for kind, pair in row.skills.items()}
        assert row.marks < row.maximum


def test_who_did_not_hand_in_is_listed(tmp_path):
    """By grade and by each export, also of a class too large to show row by row."""
    course = a_marked_class(tmp_path)
    assert "not handed in: 2: s3, s4" in invoke(
        "grade", course, tmp_path / "first", "--out", tmp_path / "g", "--no-report"
    )

    canvas = "Student,ID,SIS Login ID,Section,Quiz (77)\nPoints Possible,,,,40\n" + "".join(
        f"x,{k},s{k},A,\n" for k in (1, 2, 3)
    )
    (tmp_path / "canvas.csv").write_text(canvas)

    for form, more in (
        ("csv", ()),
        ("json", ()),
        ("xlsx", ()),
        ("moodle_gradebook", ()),
        ("canvas", ("--into", tmp_path / "canvas.csv")),
    ):
        said = invoke("export", course, "--to", form, "--out", tmp_path / f"e.{form}", *more)
        assert "2 students written" in said
        assert "no marks, nothing of theirs is marked (2): s3, s4" in said


def into_canvas(course, file, out, **options):
    """What the export of marks into a file of Canvas says."""
    return invoke("export", course, "--to", "canvas", "--into", file, "--out", out, **options)


def test_an_export_of_nobody_is_an_error(tmp_path):
    """A file of another class: exit code 1, the rows with the reason, and nothing is written; the
    same marks again are no error."""
    course = a_marked_class(tmp_path)
    grade(course, tmp_path / "first", None)
    head = "Student,ID,SIS Login ID,Section,Quiz (77)\nPoints Possible,,,,40\n"
    (tmp_path / "other.csv").write_text(head + "Zoe,99,zoe,A,\n")
    said = into_canvas(course, tmp_path / "other.csv", tmp_path / "o.csv", ok=False)

    assert (
        "0 students: would be in this file -> check that --into is the file of this class" in said
    )
    assert "zoe" in said
    assert "s1: has marks, but no row" in said
    assert not (tmp_path / "o.csv").exists()

    (tmp_path / "own.csv").write_text(head + "Ada,1,s1,A,40.00\n")
    said = into_canvas(course, tmp_path / "own.csv", tmp_path / "o.csv")
    assert "1 student written" in said
    assert "0 of them changed" in said


def test_marks_that_are_scaled_and_a_changed_maximum_are_said(tmp_path):
    """After regrade to another maximum, regrade shows both and per cent, and each export says the
    maximum, and what it scales."""
    course = a_marked_class(tmp_path)
    grade(course, tmp_path / "first", None)
    bank = shipped("bptt_scalar")
    text = re.sub(r"^marks:.*\n(?:[ ].*\n)*", "", bank.text, flags=re.MULTILINE)
    (tmp_path / "new.yaml").write_text(
        text + "\nmarks:\n" + "".join(f"  {kind}: {2 * of}\n" for kind, of in bank.marks.items())
    )

    said = invoke("regrade", course, "--bank", tmp_path / "new.yaml", "--apply")

    assert "the maximum changes: 40.00 -> 80.00" in said
    assert "s1: 40.00 / 40.00 (100.0 %) -> 80.00 / 80.00 (100.0 %)" in said

    (tmp_path / "canvas.csv").write_text(
        "Student,ID,SIS Login ID,Section,Quiz (77)\nPoints Possible,,,,40\nx,1,s1,A,\n"
    )
    said = into_canvas(course, tmp_path / "canvas.csv", tmp_path / "o.csv")

    assert (
        "marks are scaled: 80.00 marks here are 40.00 in the column 'Quiz (77)' (1 students)"
        in said
    )
    assert "the maximum is 80.00; it was 40.00 when the sheets were issued" in said
    assert "the maximum is 80.00" in invoke(
        "export", course, "--to", "csv", "--out", tmp_path / "o2.csv"
    )

    data = json.loads(
        CliRunner().invoke(main, ["regrade", str(course), "--bank", "bptt_scalar", "--json"]).stdout
    )

    assert data["changes"][0]["percent_after"] == pytest.approx(100)
    assert (data["changes"][0]["maximum_before"], data["changes"][0]["maximum_after"]) == (80, 40)


def test_erase_names_what_lies_outside_and_clears_a_folder_of_grades(tmp_path):
    """Folders of grades and exported files are named; with --out nothing of the student is left in
    the folder, all others stay."""
    course = a_marked_class(tmp_path)
    grade(course, tmp_path / "first", tmp_path / "g1", GradeOptions(engine=None))
    grade(course, tmp_path / "first", tmp_path / "g2")
    invoke("export", course, "--to", "csv", "--out", tmp_path / "upload.csv")
    (tmp_path / "g1" / "note.txt").write_text("Adalovelace was ill")

    others = {
        row["id"]: row
        for row in json.loads((tmp_path / "g1" / "gradebook.json").read_text())["students"]
        if row["id"] != "s1"
    }
    proof = {
        row["student"]: row
        for row in json.loads((tmp_path / "g1" / "evidence.json").read_text())["results"]
        if row["student"] != "s1"
    }

    said = invoke("erase", course, "s1", "--yes", "--out", tmp_path / "g1")

    assert f"written by grade, not touched: {tmp_path / 'g2'} -> give it as --out" in said
    assert f"written by export --to csv, not touched: {tmp_path / 'upload.csv'}" in said
    assert str(tmp_path / "g1" / "note.txt") in said
    assert f"not touched: {tmp_path / 'g1'} " not in said
    for path in (tmp_path / "g1").rglob("*"):
        assert (
            path.name == "note.txt"
            or path.is_dir()
            or not re.search(rb"Adalovelace|\bs1\b", path.read_bytes())
        ), path
        assert "s1" not in path.stem.split("-")
    assert {
        row["id"]: row
        for row in json.loads((tmp_path / "g1" / "gradebook.json").read_text())["students"]
    } == others
    assert {
        row["student"]: row
        for row in json.loads((tmp_path / "g1" / "evidence.json").read_text())["results"]
    } == proof
    assert list(table(tmp_path / "g1" / "gradebook.csv")) == ["s2", "s3", "s4"]
    assert (tmp_path / "g1" / "feedback" / "0002-s2.html").exists()
    assert "Adalovelace" in (tmp_path / "g2" / "gradebook.csv").read_text()
    assert "not in the course" in invoke(
        "erase", course, "s77", "--yes", "--out", tmp_path / "g2", ok=False
    )

    invoke(
        "erase", course, "s1", "--yes", "--out", tmp_path / "g2"
    )  # forgotten before: the folder's own gradebook knows the name

    assert not any(
        b"Adalovelace" in path.read_bytes()
        for path in (tmp_path / "g2").rglob("*")
        if path.is_file()
    )
    with pytest.raises(CourseError, match="holds no gradebook"):
        erase(course, ["s2"], grades=[tmp_path / "first"])
    with Course.open(course) as opened:
        assert "s2" in {student.id for student in opened.students()}
