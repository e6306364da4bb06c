"""The file of a course: folders of earlier releases open and stay right, newer ones are refused."""

import csv
import sqlite3
from pathlib import Path

import pytest

from rnnquiz.bank.variant import keyed
from rnnquiz.course.assignments import issued_assignment
from rnnquiz.course.database import STEPS, VERSION, connect
from rnnquiz.course.exporting import ExportOptions, export
from rnnquiz.course.generating import generate
from rnnquiz.course.older import as_issued
from rnnquiz.course.regrading import regrade
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.errors import CourseError
from rnnquiz.people.roster import Student
from tests_support import bank_of

COURSES = Path(__file__).parent / "data" / "courses"
BEFORE_ASSIGNMENTS = ("0.2.0", "0.3.0")
WITH_ASSIGNMENTS = ("0.4.0",)
BEFORE_PAGES = "DROP TABLE pages; PRAGMA user_version = 0;"  # as made before pages were read


def version_of(file):
    return sqlite3.connect(file).execute("PRAGMA user_version").fetchone()[0]


def tables_of(file):
    database = sqlite3.connect(file)
    return set(database.execute("SELECT type, name, sql FROM sqlite_master WHERE sql NOT NULL"))


def rows_of(file):
    """What a file of any release holds of students, their numbers and their marks."""
    database = sqlite3.connect(file)
    return [
        list(database.execute(f"SELECT {columns} FROM {table}"))
        for table, columns in (
            ("students", "*"),
            ("variants", "student, attempt, token, givens"),
            ("grades", "*"),
        )
    ]


def restored(folder, name, secret):
    """A course folder from the text of its file."""
    folder.mkdir(exist_ok=True)
    (folder / "course.sqlite").unlink(missing_ok=True)
    database = sqlite3.connect(folder / "course.sqlite")
    database.executescript((COURSES / f"{name}.sql").read_text())
    database.close()
    (folder / "secret.key").write_bytes(secret)
    return folder


@pytest.fixture(params=BEFORE_ASSIGNMENTS)
def old(request, tmp_path):
    """A folder as a release left it: three students, two of them marked, 11 and 10 of 11."""
    return restored(tmp_path, request.param, bytes(range(32)))


@pytest.fixture(params=WITH_ASSIGNMENTS)
def term(request, tmp_path):
    """A term as a release left it, of one assignment of 20 marks with a pool. Ada has all; Émile
    lost a mark and was a day late (a tenth of all), and two marks in the retake; Kurt is excused.
    """
    term = restored(tmp_path / "term", f"{request.param}-term", bytes(range(32)))
    restored(term / "01-sheet", request.param, keyed(bytes(range(32)), "assignment", "01-sheet"))
    return term


ISSUED = {
    ("s1", 1, "1"): "g6p4-cwh-g2l",
    ("s1", 1, "2.2"): "g6p4-cwh-g2l",
    ("s2", 1, "1"): "qepd-k2t-sy4",
    ("s2", 1, "2.1"): "qepd-k2t-sy4",
    ("s2", 2, "1"): "hot5-esu-fov",
    ("s2", 2, "2.1"): "hot5-esu-fov",
    ("s3", 1, "1"): "i24k-sk5-h7i",
    ("s3", 1, "2.2"): "i24k-sk5-h7i",
}
COUNTED = {
    "best": ("18.00", "2"),
    "last": ("18.00", "2"),
    "mean": ("17.50", "mean of 1 and 2"),
}
"""What the gradebook of that release said of Émile, by rule: 17 and 18 marks."""


def gradebook(folder, count):
    out = folder.parent / "out.csv"
    export(folder, "csv", out, ExportOptions(count=count))
    return {row["id"]: row for row in csv.DictReader(out.read_text().splitlines())}


def test_a_term_of_an_earlier_release_opens_and_stays_right(term):
    """Sheets of both attempts, marks by each rule, late and excused are as they were; all can be
    marked again; whoever comes later gets a sheet, and nobody else's changes."""
    sheet = term / "01-sheet"

    rows = {count: gradebook(sheet, count) for count in COUNTED}
    whole = {count: gradebook(term, count) for count in COUNTED}
    again = [regrade(sheet, None, None, apply=True, attempt=attempt)[0] for attempt in (1, 2)]

    with Course.open(sheet) as course:
        people, assignment = course.students(), issued_assignment(course)
    late = Student("s4", "Emmy Noether", "", 4)
    numbers = Wanted(documents=False)
    generate(assignment, [*people, late], sheet, numbers, executor="alone")

    for count, (marks, attempt) in COUNTED.items():
        ada, emile, kurt = (rows[count][student] for student in ("s1", "s2", "s3"))

        assert (ada["marks"], ada["attempt"]) == ("20.00", "1")
        assert (emile["marks"], emile["attempt"]) == (marks, attempt)
        assert (emile["attempt 1"], emile["attempt 2"]) == ("17.00", "18.00")
        assert (kurt["marks"], kurt["status"]) == ("", "excused")
        assert [row["01-sheet"] for row in whole[count].values()] == ["20.00", marks, ""]
    assert again == [[], []]

    with sqlite3.connect(sheet / "course.sqlite") as file:
        found = list(file.execute("SELECT student, attempt, exercise, token FROM variants"))
    issued = {(student, attempt, exercise): token for student, attempt, exercise, token in found}
    new = {key for key in issued if key[0] == "s4"}

    assert {key: issued[key] for key in issued if key not in new} == ISSUED
    assert {key[2].partition(".")[0] for key in new} == {"1", "2"}
    assert version_of(sheet / "course.sqlite") == VERSION


def test_a_term_of_a_newer_program_is_refused_with_the_remedy(term):
    """The term, and an assignment in it; neither is touched."""
    for folder in (term / "01-sheet", term):
        with sqlite3.connect(folder / "course.sqlite") as file:
            file.execute(f"PRAGMA user_version = {VERSION + 1}")
        before = (folder / "course.sqlite").read_bytes()

        with pytest.raises(CourseError, match=r"newer rnnquiz.*pip install --upgrade rnnquiz"):
            gradebook(term, "best")

        assert (folder / "course.sqlite").read_bytes() == before


def test_each_version_of_the_file_has_a_folder_of_a_release_here(tmp_path):
    """Whoever raises the version once more adds the folder that the release before it made."""
    names = [path.stem for path in COURSES.glob("*.sql")]
    versions = [version_of(restored(tmp_path, name, b"") / "course.sqlite") for name in names]

    releases = {*BEFORE_ASSIGNMENTS, *WITH_ASSIGNMENTS}

    assert {name.removesuffix("-term") for name in names} == releases
    assert VERSION - max(versions) <= 1


def test_a_later_program_takes_one_step_more_from_every_release(old):
    """The file gets the table, keeps every row, and is refused by the program of now."""
    file, later = old / "course.sqlite", (*STEPS, "CREATE TABLE of_later (one TEXT);")
    before = rows_of(file)

    connect(file, later).close()

    assert version_of(file) == len(later)
    assert rows_of(file) == before
    assert "of_later" in {name for _, name, _ in tables_of(file)}
    with pytest.raises(CourseError, match="newer rnnquiz"):
        connect(file)


@pytest.mark.parametrize("change", ["", BEFORE_PAGES])
def test_a_folder_of_an_earlier_release_opens_and_stays_right(old, change):
    """Students, numbers and marks are as they were, and all can be marked again."""
    with sqlite3.connect(old / "course.sqlite") as database:
        database.executescript(change)

    with Course.open(old) as course:
        assert [s.name for s in course.students()] == [
            "Ada Lovelace",
            "Émile du Châtelet",
            "Kurt Gödel",
        ]
        assert [(row.student, row.marks) for row in course.standing()] == [("s1", 11), ("s2", 10)]
        assert len(course.variants()) == 3

    changes, _ = regrade(old, None, None, apply=True)

    assert changes == []
    assert version_of(old / "course.sqlite") == VERSION


def test_a_migrated_file_has_the_tables_of_a_new_one(old, tmp_path):
    """Whichever way it came to be, a file of this version is the same."""
    connect(old / "course.sqlite").close()
    connect(tmp_path / "new.sqlite").close()

    def squeezed(file):
        return {(kind, name, " ".join(sql.split())) for kind, name, sql in tables_of(file)}

    assert squeezed(old / "course.sqlite") == {
        (kind, name, sql.replace("IF NOT EXISTS ", ""))
        for kind, name, sql in squeezed(tmp_path / "new.sqlite")
    }


@pytest.mark.parametrize(
    ("line", "now"),
    [
        ("loss: cross_entropy", "loss: cross_entropy_through_softmax"),
        (
            "loss: 'binary_cross_entropy'  # as told",
            "loss: 'binary_cross_entropy_through_sigmoid'  # as told",
        ),
        (
            "model: {cell: gru, loss: cross_entropy}",
            "model: {cell: gru, loss: cross_entropy_through_softmax}",
        ),
        ("loss: cross_entropy_joint", "loss: cross_entropy_joint"),
        ("intro: the loss is cross_entropy", "intro: the loss is cross_entropy"),
        ("# loss: cross_entropy", "# loss: cross_entropy"),
    ],
)
def test_names_mean_what_they_meant_when_issued(line, now):
    """The loss of a bank that an earlier program issued stays what it was; of a new one not."""
    assert as_issued(line, ["0.2.0", "0.3.0"]) == now
    assert as_issued(line, ["0.3.0"]) == line
    assert as_issued(line, []) == line


def test_a_course_of_an_earlier_release_keeps_its_boxes(tmp_path):
    """Sheets made where cross_entropy was derived the long way are marked, and go on, that way."""
    bank = bank_of(cell="elman", loss="cross_entropy", output="softmax")
    roster = [Student("s1", "Ada", "", 1)]
    generate(bank, roster, tmp_path / "c", Wanted(documents=False))
    with sqlite3.connect(tmp_path / "c" / "course.sqlite") as database:
        database.execute("UPDATE variants SET program = '0.2.0'")

    with Course.open(tmp_path / "c") as course:
        old = course.bank()
    again = [*roster, Student("s2", "Émile", "", 2)]

    generate(bank, again, tmp_path / "c", Wanted(documents=False))
    generate(old, again, tmp_path / "c", Wanted(documents=False))

    assert old.written.model.loss == "cross_entropy_through_softmax"
    assert set(old.asked) > set(bank.asked)
    with Course.open(tmp_path / "c") as course:
        assert course.bank().asked == old.asked
        assert len(course.variants()) == 2


def test_a_newer_folder_is_refused_with_the_remedy(old):
    """It is left as it is."""
    with sqlite3.connect(old / "course.sqlite") as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = (old / "course.sqlite").read_bytes()

    with pytest.raises(CourseError, match=r"newer rnnquiz.*pip install --upgrade rnnquiz"):
        Course.open(old)

    assert (old / "course.sqlite").read_bytes() == before


def test_a_migration_that_fails_changes_nothing(old):
    """All steps or none: where the index cannot be made, no table is either."""
    file = old / "course.sqlite"
    with sqlite3.connect(file) as database:
        database.executescript(
            "DROP TABLE pages; DROP TABLE meta; DROP INDEX newest; CREATE TABLE newest (one TEXT);"
            "PRAGMA user_version = 0"
        )
    before = tables_of(file)

    with pytest.raises(CourseError):
        Course.open(file.parent)

    assert version_of(file) == 0
    assert tables_of(file) == before


def test_a_migration_that_fails_at_its_end_changes_nothing(old):
    """Where the last statement of the last step fails, all before it is undone, rows and all."""
    file = old / "course.sqlite"
    with sqlite3.connect(file) as database:
        database.execute("ALTER TABLE runs ADD COLUMN exercise TEXT")
        before = tables_of(file), list(database.execute("SELECT * FROM variants"))
        version = version_of(file)

    with pytest.raises(CourseError, match="duplicate column"):
        Course.open(file.parent)

    with sqlite3.connect(file) as database:
        assert (tables_of(file), list(database.execute("SELECT * FROM variants"))) == before
    assert version_of(file) == version < VERSION


def test_rows_belong_to_rows_that_are_there(old):
    """Foreign keys are on: no variant without its student; a known student may be renamed."""
    with Course.open(old) as course:
        course.add_students([Student("s1", "Ada King", "", 1)])

        assert course.students()[0].name == "Ada King"

        with pytest.raises(sqlite3.IntegrityError), course.database as database:
            database.execute("DELETE FROM students WHERE id = 's1'")
