"""Late sheets: what they cost, for whom the date is another, who is excused, and what is never
guessed."""

import csv
import io
import json
import shutil
import zipfile
from datetime import datetime, timedelta, timezone

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from rnnquiz.assignment_files import load_assignment
from rnnquiz.cli import main
from rnnquiz.course.assignments import issued_assignment, with_sheets
from rnnquiz.course.deadlines import Dates, Deadline, moment, read_dates
from rnnquiz.course.exporting import ExportOptions, export
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.regrading import regrade
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.errors import CourseError
from rnnquiz.people.roster import Lookup, Student
from rnnquiz.solution.solved import solve
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.submissions.sources import Source
from tests_support import SECRET, shipped

PEOPLE = [Student(f"s{k}", f"Student Nr {'ABCDEF'[k - 1]}", "", k) for k in range(1, 7)]
TEXT = "title: H\nid: h\nexercises: [{bank: one_neuron, marks: 10}, {bank: hello, marks: 30}]\n"
A_FILE = Source.of("a")
OF = {"alone": 11.0, "several": 40.0}
DUE = datetime(2026, 12, 14, 18, 0)


@pytest.fixture(scope="module", params=["alone", "several"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def made(kind, tmp_path_factory):
    place = tmp_path_factory.mktemp("made")
    (place / "h.yaml").write_text(TEXT)
    exercises = shipped("one_neuron") if kind == "alone" else load_assignment(place / "h.yaml")
    (place / "course").mkdir()
    (place / "course" / "secret.key").write_bytes(SECRET)
    generate(exercises, PEOPLE, place / "course", Wanted(None, documents=False), executor="alone")
    return place / "course"


@pytest.fixture
def course(made, tmp_path):
    shutil.copytree(made, tmp_path / "course")
    return tmp_path / "course"


def flat(printed):
    return [printed] if isinstance(printed, str) else [t for part in printed for t in flat(part)]


def archive(folder, times):
    """An archive as Blackboard gives it out, whose names hold the times; all sheets are right."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made_, Course.open(folder) as course:
        assignment = issued_assignment(course)
        for student, variants in with_sheets(course, assignment):
            texts = {}
            for variant in variants:
                exercise = assignment[variant.exercise]
                rounded = solve(exercise.bank, variant).rounded
                for box in exercise.bank.boxes:
                    name = f"{exercise.place}/{box.name}" if exercise.key else box.name
                    texts[name] = flat(rounded[box.quantity])[box.entry]
            sheet = {"student": student.id, "token": variants[0].token, "answers": texts}
            for when in times.get(student.id, ()):
                name = f"Home work_{student.id}_attempt_{when:%Y-%m-%d-%H-%M-%S}_answers.yaml"
                made_.writestr(name, yaml.safe_dump(sheet))
    (folder.parent / "in.zip").write_bytes(out.getvalue())
    return folder.parent / "in.zip"


def marked(folder, submissions, out=None, **options):
    wanted = GradeOptions(executor="alone", report=False, pages=out is not None, **options)
    return grade(folder, submissions, out, wanted)


def after(**late):
    return DUE + timedelta(**late)


@pytest.mark.parametrize(
    ("handed_in", "days"),
    [
        (DUE - timedelta(days=3), 0),
        (DUE, 0),
        (DUE + timedelta(seconds=1), 1),
        (DUE + timedelta(days=1), 1),
        (DUE + timedelta(days=1, seconds=1), 2),
        (DUE + timedelta(days=30), 30),
    ],
)
def test_each_day_begun_counts(handed_in, days):
    """To the second: on time is on time, a second later is a day."""
    sheet = Sheet(A_FILE, "s1", "", {}, time=handed_in.isoformat())

    found, untold = Deadline(due=DUE, per_day=0.1).dated(sheet)

    assert (found.days, found.late, untold) == (days, days > 0, "")
    assert found.taken_off == pytest.approx(min(1.0, days / 10))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.floats(0, 1))
def test_nobody_loses_more_than_everything_nor_gains_by_coming_later(when, per_day):
    """What is taken off lies between none and all, and never falls as time goes on."""
    deadline = Deadline(due=DUE, per_day=per_day)
    shares = [
        deadline.dated(Sheet(A_FILE, "s1", "", {}, time=(when + timedelta(hours=k)).isoformat()))[
            0
        ].taken_off
        for k in range(0, 200, 7)
    ]

    assert all(0 <= share <= 1 for share in shares)
    assert shares == sorted(shares)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-12-14 18:00", DUE),
        ("2026-12-14T18:00:00", DUE),
        ("2026-12-14", datetime(2026, 12, 14, 23, 59)),
        ("2026-12-14 18:00:00.123456789 Z", DUE.replace(tzinfo=timezone.utc)),
        ("2026-12-14 18:00:00 -0700", DUE.replace(tzinfo=timezone(timedelta(hours=-7)))),
        ("2026-12-14 18:00+01:00", DUE.replace(tzinfo=timezone(timedelta(hours=1)))),
        ("14.12.2026", None),
        ("2026-13-01", None),
        ("2026-12-14 25:00", None),
        ("", None),
        ("soon", None),
    ],
)
def test_times_are_read_as_systems_write_them(text, found):
    """With their zone, where they have one; what is none is None."""
    assert moment(text) == found


def test_times_of_different_kinds_are_not_compared():
    """A time with a zone against a date without one, or the reverse, takes nothing off, and a line
    says so; two with zones are compared as instants."""
    for due, time in (
        (DUE, "2026-12-20 10:00Z"),
        (DUE.replace(tzinfo=timezone.utc), "2026-12-20 10:00"),
    ):
        found, untold = Deadline(due=due, per_day=0.5).dated(Sheet(A_FILE, "s1", "", {}, time=time))
        assert (found.days, found.taken_off) == (0, 0)
        assert "nothing is taken off" in untold

    due = DUE.replace(tzinfo=timezone(timedelta(hours=1)))  # 17:00 UTC
    for time, days in (("2026-12-14 17:00Z", 0), ("2026-12-14 17:01Z", 1)):
        assert Deadline(due=due).dated(Sheet(A_FILE, "s1", "", {}, time=time))[0].days == days


def test_marks_are_those_of_a_calculation_of_the_test(course, kind):
    """10 % a day: on time, a minute late, two days and an hour, twenty days; the rest is raw."""
    of = OF[kind]
    times = {
        "s1": [after(minutes=-1)],
        "s2": [after(minutes=1)],
        "s3": [after(days=2, hours=1)],
        "s4": [after(days=20)],
    }

    done = marked(course, archive(course, times), due=DUE, per_day=0.1)

    rows = {row.id: row for row in done.rows}
    expected = {"s1": (of, 0), "s2": (0.9 * of, 1), "s3": (0.7 * of, 3), "s4": (0.0, 20)}

    for student, (marks, days) in expected.items():
        assert rows[student].marks == pytest.approx(marks)
        assert rows[student].maximum == pytest.approx(of)
        assert rows[student].days == days
        assert rows[student].marks + rows[student].taken_off == pytest.approx(of)
    assert any(
        "3 days late, 30% of all marks are taken off ('s3')" in line for line in done.problems
    )
    assert rows["s5"].marks is None


def test_what_is_taken_off_is_in_the_gradebook_and_stays_with_regrade(course, kind):
    """Exported, graded again and regraded, the marks are the same, and say why."""
    of = OF[kind]
    marked(
        course,
        archive(course, {"s1": [after(days=-1)], "s2": [after(days=1)]}),
        due=DUE,
        per_day=0.25,
    )

    def table():
        export(course, "csv", course.parent / "out.csv", ExportOptions())
        text = (course.parent / "out.csv").read_text()
        return {row["id"]: row for row in csv.DictReader(io.StringIO(text))}

    before = table()
    changes, _graded = regrade(course, None, None, apply=True)
    export(course, "json", course.parent / "out.json", ExportOptions())

    assert changes == []
    assert table() == before
    assert float(before["s2"]["marks"]) == pytest.approx(0.75 * of, abs=0.006)
    assert (before["s2"]["days late"], float(before["s2"]["taken off"])) == (
        "1",
        pytest.approx(of / 4, abs=0.006),
    )
    assert (before["s1"]["days late"], before["s1"]["taken off"]) == ("0", "0.00")

    data = {
        row["id"]: row for row in json.loads((course.parent / "out.json").read_text())["students"]
    }

    assert data["s2"]["days_late"] == 1
    assert "days_late" not in data["s1"]


def test_an_extension_and_a_time_of_ones_own(course, kind, tmp_path):
    """s1 has two more days, and is late by one after them; s2 handed in on paper in time; s3 has no
    date of its own."""
    (tmp_path / "dates.csv").write_text(
        "id,due,handed in,excused\ns1,2026-12-16 18:00,,\ns2,,2026-12-14 17:00,no\ns5,,,yes\n"
    )
    times = {student: [after(days=3)] for student in ("s1", "s2", "s3")}

    done = marked(
        course, archive(course, times), due=DUE, per_day=0.1, dates=tmp_path / "dates.csv"
    )
    rows = {row.id: row for row in done.rows}

    assert [rows[s].days for s in ("s1", "s2", "s3")] == [1, 0, 3]
    assert [rows[s].marks / OF[kind] for s in ("s1", "s2", "s3")] == pytest.approx([0.9, 1, 0.7])
    assert (rows["s5"].status, rows["s5"].marks) == ("excused", None)
    assert rows["s6"].status == "not handed in"


def test_who_is_excused_stays_so_and_is_marked_where_something_is_handed_in(course, tmp_path):
    """The gradebook says excused until another list says otherwise; a sheet that came all the same
    counts."""
    dates = tmp_path / "dates.csv"
    dates.write_text("id,excused\ns2,yes\ns3,x\n")
    marked(course, archive(course, {"s1": [DUE], "s3": [DUE]}), dates=dates)
    marked(course, archive(course, {"s1": [DUE]}))

    def status():
        export(course, "csv", course.parent / "out.csv", ExportOptions())
        text = (course.parent / "out.csv").read_text()
        return {
            row["id"]: (row["status"], row["marks"]) for row in csv.DictReader(io.StringIO(text))
        }

    found = status()
    assert found["s2"] == ("excused", "")
    assert found["s3"][0] == "marked"

    dates.write_text("id,excused\ns4,yes\n")
    marked(course, archive(course, {"s1": [DUE]}), dates=dates)
    assert (status()["s2"][0], status()["s4"][0]) == ("not handed in", "excused")


def test_late_ones_are_refused_and_the_one_in_time_counts(course, kind):
    """With --late refuse a sheet after the date is none; an earlier one in time counts, in full."""
    times = {"s1": [after(hours=-1), after(hours=1)], "s2": [after(hours=1)]}

    done = marked(course, archive(course, times), due=DUE, late="refuse")
    rows = {row.id: row for row in done.rows}

    assert (rows["s1"].marks, rows["s1"].days) == (pytest.approx(OF[kind]), 0)
    assert rows["s2"].marks is None
    assert "late -> not marked" in rows["s2"].status


def test_without_a_time_nothing_is_taken_off_and_it_is_said(course, kind):
    """A file that no system has dated is marked in full, with a line; --dates dates it."""
    source = archive(course, {"s1": [DUE]})
    with zipfile.ZipFile(source) as opened:
        (course.parent / "s1.yaml").write_bytes(opened.read(opened.namelist()[0]))

    done = marked(course, course.parent / "s1.yaml", due=DUE, per_day=0.1)
    (course.parent / "dates.csv").write_text("id,handed in\ns1,2026-12-15 09:00\n")
    dated = marked(
        course, course.parent / "s1.yaml", due=DUE, per_day=0.1, dates=course.parent / "dates.csv"
    )

    assert any("has no time: nothing is taken off -> say when" in line for line in done.problems)
    assert next(row for row in done.rows if row.id == "s1").marks == pytest.approx(OF[kind])
    assert next(row for row in dated.rows if row.id == "s1").marks == pytest.approx(0.9 * OF[kind])


def test_the_feedback_page_says_what_was_taken_off(course, kind, tmp_path):
    """In words and numbers, with what counts; a sheet in time says nothing of it."""
    times = {"s1": [DUE], "s2": [after(days=2)]}
    marked(course, archive(course, times), tmp_path / "grades", due=DUE, per_day=0.1)

    of = OF[kind]
    pages = {n: (tmp_path / "grades" / "feedback" / f"000{n}-s{n}.md").read_text() for n in (1, 2)}
    assert (
        f"2 days late, so 20% of {of:.2f} marks are taken off: {0.8 * of:.2f} marks count."
        in pages[2]
    )
    assert "late" not in pages[1]

    evidence = json.loads((tmp_path / "grades" / "evidence.json").read_text())["results"]
    assert {one["student"] for one in evidence if "days_late" in one} == {"s2"}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("id,due\nnobody,2026-12-14\n", "row 2: nobody is no student -> check the id"),
        ("id,due\ns1,soon\n", "row 2, due: 'soon' is no date -> write it like 2026-12-14 18:00"),
        ("id,excused\ns1,perhaps\n", "row 2, excused: 'perhaps' is neither yes nor no"),
        ("id,due\ns1,2026-12-14\ns1,2026-12-15\n", "row 3: s1 stands twice -> keep one row"),
        (
            "id,date\ns1,2026-12-14\n",
            "the headings: id, date -> give one of due, handed in, excused",
        ),
    ],
)
def test_what_is_wrong_with_a_table_of_dates_is_said(tmp_path, table, said):
    """Row, column and remedy; nothing is marked by half of it."""
    (tmp_path / "dates.csv").write_text(table)

    with pytest.raises(CourseError) as error:
        read_dates(tmp_path / "dates.csv", Lookup(PEOPLE))

    assert said in str(error.value)


def test_a_name_finds_the_row_as_it_finds_a_sheet(tmp_path):
    """Students are named as in any other table."""
    (tmp_path / "dates.csv").write_text("Name;Excused\nStudent Nr B;yes\n")

    assert read_dates(tmp_path / "dates.csv", Lookup(PEOPLE)) == {"s2": Dates(excused=True)}


def test_the_command_takes_date_and_deduction(course, kind):
    """A wrong date is an error; a deduction without a date is wrong usage."""
    source = archive(course, {"s1": [after(hours=30)]})
    words = ["grade", str(course), str(source), "--dry-run", "--executor", "alone"]

    done = CliRunner().invoke(
        main, [*words, "--due", "2026-12-14 18:00", "--per-day", "15", "--json"]
    )
    wrong = CliRunner().invoke(main, [*words, "--due", "Monday"])
    usage = CliRunner().invoke(main, [*words, "--per-day", "15"])

    lines = json.loads(done.stdout)["problems"]

    assert any("2 days late, 30% of all marks are taken off" in line for line in lines)
    assert wrong.exit_code == 1
    assert "'Monday' is no date" in wrong.output
    assert usage.exit_code == 2


def test_of_two_attempts_the_best_is_that_after_deductions(course, kind):
    """A retake in time beats a first sheet that was late."""
    with Course.open(course) as opened:
        exercises = issued_assignment(opened)
    generate(
        exercises, PEOPLE[:1], course, Wanted(None, documents=False, attempt=2), executor="alone"
    )
    marked(course, archive(course, {"s1": [after(days=4)]}), due=DUE, per_day=0.1)

    with Course.open(course) as opened:
        second = opened.sitting(2).sheets()["s1"]
        assignment = issued_assignment(opened)
        ((_, variants),) = with_sheets(opened.sitting(2), assignment)

    texts = {}
    for variant in variants:
        exercise = assignment[variant.exercise]
        rounded = solve(exercise.bank, variant).rounded
        for box in exercise.bank.boxes:
            name = f"{exercise.place}/{box.name}" if exercise.key else box.name
            texts[name] = flat(rounded[box.quantity])[box.entry]
    texts[("1/" if kind == "several" else "") + "b_new"] = "77.7"
    sheet = {"student": "s1", "token": second, "answers": texts}
    (course.parent / "s1.yaml").write_text(yaml.safe_dump(sheet))
    marked(course, course.parent / "s1.yaml", attempt=2)

    export(course, "json", course.parent / "out.json", ExportOptions())

    row = json.loads((course.parent / "out.json").read_text())["students"][0]
    lost = 1.0 if kind == "alone" else 2.73 / 3

    assert row["attempt"] == "2"
    assert row["marks"] == pytest.approx(OF[kind] - lost, abs=0.011)
    assert row["attempts"]["1"] == pytest.approx(0.6 * OF[kind])
