"""The file of a course: folders of earlier releases open and stay right, newer ones are refused."""

import sqlite3
from pathlib import Path

import pytest

from rnnquiz.course.database import VERSION, connect
from rnnquiz.course.generating import Wanted, generate
from rnnquiz.course.older import as_issued
from rnnquiz.course.regrading import regrade
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError
from rnnquiz.roster import Student
from tests_support import bank_of

RELEASES = sorted((Path(__file__).parent / "data" / "courses").glob("*.sql"))
BEFORE_PAGES = "DROP TABLE pages; PRAGMA user_version = 0;"  # as made before pages were read


def version_of(file):
    return sqlite3.connect(file).execute("PRAGMA user_version").fetchone()[0]


def tables_of(file):
    database = sqlite3.connect(file)
    return set(database.execute("SELECT type, name, sql FROM sqlite_master WHERE sql NOT NULL"))


@pytest.fixture(params=RELEASES, ids=lambda path: path.stem)
def old(request, tmp_path):
    """A folder as a release left it: three students, two of them marked, 11 and 10 of 11."""
    database = sqlite3.connect(tmp_path / "course.sqlite")
    database.executescript(request.param.read_text())
    database.close()
    (tmp_path / "secret.key").write_bytes(bytes(range(32)))
    return tmp_path


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
        ("loss: 'binary_cross_entropy'  # as told", "loss: 'binary_cross_entropy_through_sigmoid'  # as told"),
        ("model: {cell: gru, loss: cross_entropy}", "model: {cell: gru, loss: cross_entropy_through_softmax}"),
        ("loss: cross_entropy_joint", "loss: cross_entropy_joint"),
        ("intro: the loss is cross_entropy", "intro: the loss is cross_entropy"),
        ("# loss: cross_entropy", "# loss: cross_entropy"),
    ],
)  # fmt: skip
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
