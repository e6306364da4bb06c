"""A term from roster to each system's gradebook, compared with a calculation of the test's own.

The test works out the right answers from the numbers of each sheet, lets sixty students hand in
some of them wrong, and works out every mark from the boxes that it spoilt: nothing of that is asked
of the program.
"""

import csv
import io
import json
import random
import re
import sqlite3
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil, exp, tanh
from pathlib import Path

import pytest
from click.testing import CliRunner
from data.systems.moodle_files import worksheet
from openpyxl import load_workbook
from rosters import as_csv, moodle

from rnnquiz.cli import main
from rnnquiz.course.counting import COUNTS
from rnnquiz.course.exporting import TARGETS
from tests_support import SECRET

pytestmark = pytest.mark.slow

DUE = datetime(2026, 12, 14, 18, 0)
PER_DAY = 0.10
IDS = [f"m{k:03}" for k in range(1, 61)]
MOVED = "m010"
"""Who changes groups after the first assignment; from then on elsewhere in the roster."""


# What the students know ---------------------------------------------------------------------------


def sigmoid(value):
    return 1 / (1 + exp(-value))


def neuron(given, shift):
    """One neuron with two inputs: all answers. `shift`: what is added to the first one by mistake,
    and gone on with."""
    w, x, (b,) = given["W"], given["x[1]"], given["b"]
    (y,), (eta,) = given["y[1]"], given["eta"]
    s = w[0] * x[0] + w[1] * x[1] + b + shift
    out = sigmoid(s)
    error, slope = out - y, out * (1 - out)
    delta = error * slope
    steps = [delta * x[0], delta * x[1]]
    return {
        "s[1]": s,
        "yhat[1]": out,
        "L[1]": error * error / 2,
        "dL/dyhat[1]": error,
        "yhat'[1]": slope,
        "dL/ds[1]": delta,
        "dL/dW@1.1": steps[0],
        "dL/dW@1.2": steps[1],
        "W_new.1": w[0] - eta * steps[0],
        "W_new.2": w[1] - eta * steps[1],
        "b_new": b - eta * delta,
    }


def forward(given, shift):
    """Four steps of a scalar network; the shift is in the first state."""
    w, u, v, b, c, h = (given[name][0] for name in ("W", "U", "V", "b", "c", "h[0]"))
    found = {}
    for t in (1, 2, 3, 4):
        h = tanh(w * given[f"x[{t}]"][0] + u * h + b) + (shift if t == 1 else 0)
        found[f"h[{t}]"], found[f"yhat[{t}]"] = h, v * h + c
    return found


def perceptron(given, shift):
    """Two inputs, two hidden neurons, two outputs; the shift is in the first score."""
    w, v, x, y, b, c = (given[name] for name in ("W", "V", "x[1]", "y[1]", "b", "c"))
    (eta,), ks = given["eta"], (0, 1)
    a = [w[2 * k] * x[0] + w[2 * k + 1] * x[1] + b[k] + (shift if k == 0 else 0) for k in ks]
    h = [sigmoid(value) for value in a]
    s = [v[2 * k] * h[0] + v[2 * k + 1] * h[1] + c[k] for k in ks]
    out = [sigmoid(value) for value in s]
    error = [out[k] - y[k] for k in ks]
    slope, slope_h = [o * (1 - o) for o in out], [o * (1 - o) for o in h]
    delta = [error[k] * slope[k] for k in ks]
    back = [v[k] * delta[0] + v[2 + k] * delta[1] for k in ks]
    inner = [back[k] * slope_h[k] for k in ks]
    vectors = {
        "a[1]": a,
        "h[1]": h,
        "s[1]": s,
        "yhat[1]": out,
        "dL/dyhat[1]": error,
        "yhat'[1]": slope,
        "h'[1]": slope_h,
        "dL/ds[1]": delta,
        "dL/dh[1]": back,
        "dL/da[1]": inner,
        "c_new": [c[k] - eta * delta[k] for k in ks],
        "b_new": [b[k] - eta * inner[k] for k in ks],
    }
    found = {f"{name}.{k + 1}": value[k] for name, value in vectors.items() for k in ks}
    for k in ks:
        for j in ks:
            found[f"V_new.{k + 1}.{j + 1}"] = v[2 * k + j] - eta * delta[k] * h[j]
            found[f"W_new.{k + 1}.{j + 1}"] = w[2 * k + j] - eta * inner[k] * x[j]
    return {**found, "L[1]": (error[0] ** 2 + error[1] ** 2) / 2}


@dataclass(frozen=True)
class Exercise:
    """What the lecturer chose of a bank: how many decimals, what each box is worth (all boxes of
    these banks are worth the same); how it is worked out; what begins it, and a beginning of the
    names that nothing else is worked out from."""

    answers: object
    decimals: int
    worth: float
    boxes: int
    first: str
    last: tuple[str, ...]


def one_neuron(worth, decimals=4):
    return Exercise(neuron, decimals, worth, 11, "s[1]", ("W_new", "b_new", "L"))


def forward_pass(worth, decimals=3):
    return Exercise(forward, decimals, worth, 8, "h[1]", ("yhat",))


def a_perceptron(worth, decimals=5):
    last = ("W_new", "V_new", "b_new", "c_new", "L")
    return Exercise(perceptron, decimals, worth, 33, "a[1].1", last)


@dataclass(frozen=True)
class Assignment:
    """One of the term: its file, its exercises by key, what they are worth together, the decimal
    mark that its students write, and what `grade` is told."""

    text: str
    exercises: dict
    maximum: float
    mark: str = "."
    language: str = ""
    options: tuple[str, ...] = ()

    def file(self):
        """The text; a language of its own where it has one."""
        said = f"language: {self.language}\n" if self.language else ""
        return self.text.replace("exercises:", f"{said}exercises:")


TERM = {
    "01-neuron": Assignment(
        "title: Sheet 1\nid: sheet-1\nexercises: [{bank: one_neuron, marks: 11}]\n",
        {"1": one_neuron(1)},
        11,
    ),
    "02-sheet": Assignment(
        "title: Sheet 2\nid: sheet-2\nexercises:\n"
        "  - {bank: forward_pass, marks: 16}\n"
        "  - {one of: [perceptron, one_neuron], marks: 33}\n"
        "  - {bank: one_neuron, marks: 22, rounding: {decimals: 3}}\n",
        {
            "1": forward_pass(2),
            "2.1": a_perceptron(1),
            "2.2": one_neuron(3),
            "3": one_neuron(2, decimals=3),
        },
        71,
        mark=",",
        language="de",
        options=("--due", "2026-12-14 18:00", "--per-day", "10"),
    ),
    "03-pools": Assignment(
        "title: Sheet 3\nid: sheet-3\nexercises:\n"
        "  - {one of: [one_neuron, perceptron], marks: 16.5}\n"
        "  - {one of: [forward_pass, forward_pass.yaml], marks: 12}\n",
        {
            "1.1": one_neuron(1.5),
            "1.2": a_perceptron(0.5),
            "2.1": forward_pass(1.5),
            "2.2": forward_pass(1.5, decimals=4),
        },
        28.5,
        options=("--due", "2026-12-14 18:00", "--per-day", "10"),
    ),
}


# What the students do -----------------------------------------------------------------------------


@dataclass
class Sheet:
    """What one student writes on one sheet, and the marks lost by it."""

    token: str
    texts: dict = field(default_factory=dict)
    lost: float = 0.0


def written(value, decimals, mark):
    text = f"{value:.{decimals}f}"
    return (text[1:] if float(text) == 0 and text[0] == "-" else text).replace(".", mark)


def slipped(exercise, given):
    """A slip up or down, whichever leaves more to go on with: work on numbers that have become
    nearly zero is paid in part, which is another matter."""
    both = [exercise.answers(given, shift) for shift in (0.5371, -0.5371)]
    return max(both, key=lambda values: min(map(abs, values.values())))


def answered(exercise, given, mark, dice):
    """Answers of one exercise as the dice fall, and the marks that they lose: all right, one slip
    at the beginning that is gone on with, or some of the last boxes wrong or empty."""
    how = dice.choice(["right", "slip", "wrong", "blank"])
    values = slipped(exercise, given) if how == "slip" else exercise.answers(given, 0.0)
    texts = {box: written(value, exercise.decimals, mark) for box, value in values.items()}
    spoilt = [exercise.first] if how == "slip" else []
    if how in ("wrong", "blank"):
        ends = [box for box in values if box.startswith(exercise.last)]
        spoilt = dice.sample(ends, dice.randint(1, min(4, len(ends))))
        for k, box in enumerate(spoilt):
            off = written(values[box] + 2.3 + 1.7 * k, exercise.decimals, mark)
            texts[box] = off if how == "wrong" else ""
    assert len(values) == exercise.boxes
    return texts, len(spoilt) * exercise.worth


def sheets_of(folder, assignment, attempt, dice):
    """The sheet of each student, by the numbers that were issued."""
    found = {}
    query = "SELECT student, exercise, token, givens FROM variants WHERE attempt = ? ORDER BY 1, 2"
    with sqlite3.connect(folder / "course.sqlite") as database:
        rows = list(database.execute(query, (attempt,)))
    for student, key, token, givens in rows:
        given = {
            name: [float(one) for one in entries] for name, entries in json.loads(givens).items()
        }
        texts, lost = answered(assignment.exercises[key], given, assignment.mark, dice)
        sheet = found.setdefault(student, Sheet(token))
        before = f"{key.partition('.')[0]}/" if len(assignment.exercises) > 1 else ""
        sheet.texts |= {f"{before}{box}": text for box, text in texts.items()}
        sheet.lost += lost
    return found


def filled_in(template, sheet):
    """The template that the student was given, with the answers behind the colons."""
    lines = [line.rstrip() for line in template.read_text().splitlines()]
    boxes = [line.strip()[:-1] for line in lines if re.fullmatch(r"  \S+:", line)]
    assert sorted(boxes) == sorted(sheet.texts)
    return "\n".join(
        f'{line} "{sheet.texts[line.strip()[:-1]]}"' if line.strip()[:-1] in boxes else line
        for line in lines
    )


# The term -----------------------------------------------------------------------------------------


def run(*words):
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.output


def roster(place, moved):
    """The participants as Moodle gives them out. Afterwards one has changed groups, and stands at
    the end."""
    people = [(one, f"First{one[1:]}", f"Last{one[1:]}", f"{one}@example.org", one) for one in IDS]
    table = moodle(people, "de")
    for number, row in enumerate(table[1:]):
        row[4] = f"Gruppe {1 + number % 2}"
    if moved:
        (row,) = [row for row in table if row[2] == MOVED]
        table.remove(row)
        row[4] = "Gruppe 1" if row[4] == "Gruppe 2" else "Gruppe 2"
        table.append(row)
    path = place / ("after.csv" if moved else "before.csv")
    path.write_text(as_csv(table), encoding="utf-8")
    return path


def templates(folder, attempt=1):
    """The template of each student, by id."""
    place = folder / (f"attempt-{attempt}" if attempt > 1 else "") / "templates"
    return {path.stem.partition("-")[2]: path for path in place.iterdir()}


@dataclass
class Term:
    """The folder, and what the test says of it: of each assignment and student the marks by
    attempt, and who is excused."""

    folder: Path
    marks: dict = field(default_factory=dict)
    excused: dict = field(default_factory=dict)

    def note(self, name, attempt, student, sheet, days=0):
        """The marks of a sheet: what is right, less a share of all marks for each day begun."""
        maximum = TERM[name].maximum
        earned = maximum - sheet.lost
        taken = maximum * min(1.0, PER_DAY * days)
        self.marks.setdefault(name, {}).setdefault(student, {})[attempt] = max(0.0, earned - taken)

    def counted(self, name, student, rule):
        """The marks that count; None where nothing was handed in."""
        by_attempt = self.marks[name].get(student)
        if not by_attempt:
            return None
        marks = [by_attempt[attempt] for attempt in sorted(by_attempt)]
        return {"best": max(marks), "last": marks[-1], "mean": sum(marks) / len(marks)}[rule]

    def whole(self, student, rule):
        """The marks of the term, and what they are out of."""
        found = {name: self.counted(name, student, rule) for name in TERM}
        of = [
            TERM[name].maximum
            for name in TERM
            if found[name] is not None or student not in self.excused.get(name, ())
        ]
        marks = [one for one in found.values() if one is not None]
        return (sum(marks) if marks else None), sum(of)


def generated(place, folder, name, people, *more):
    file = place / f"{name}.yaml"
    file.write_text(TERM[name].file())
    run(
        "generate",
        file,
        "--roster",
        people,
        "--out",
        folder / name,
        "--engine",
        "none",
        "--executor",
        "alone",
        *more,
    )


MARKS_ALONE = ("--executor", "alone", "--no-pages", "--no-report")


def graded(term, name, source, *more):
    run(
        "grade",
        term.folder / name,
        source,
        *MARKS_ALONE,
        "--out",
        term.folder.parent / "grades",
        *TERM[name].options,
        *more,
    )


def by_table(term, place, dice):
    """The first assignment comes as one table of the class; one in five hands in nothing."""
    name = "01-neuron"
    sheets = sheets_of(term.folder / name, TERM[name], 1, dice)
    boxes = list(sheets["m001"].texts)
    with open(place / "class.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", *boxes])
        for student, sheet in sheets.items():
            if dice.random() < 0.8:
                table.writerow([student, *(sheet.texts[box] for box in boxes)])
                term.note(name, 1, student, sheet)
    graded(term, name, place / "class.csv")


def by_archive(term, place, dice):
    """The second comes as Blackboard's archive, whose names have the times. Six have two days more;
    three are excused, of whom the first hands in all the same."""
    name = "02-sheet"
    sheets = sheets_of(term.folder / name, TERM[name], 1, dice)
    blank = templates(term.folder / name)
    longer, excused = dice.sample(IDS, 6), dice.sample(IDS, 3)
    due = {student: DUE + timedelta(days=2 * (student in longer)) for student in IDS}
    with zipfile.ZipFile(place / "in.zip", "w") as archive:
        for student, sheet in sheets.items():
            if dice.random() < 0.1 or student in excused[1:]:
                continue
            when = DUE + timedelta(hours=dice.choice([-50, -1, 1, 23, 25, 49, 300]))
            stamp = f"{when:%Y-%m-%d-%H-%M-%S}"
            text = filled_in(blank[student], sheet)
            archive.writestr(f"Sheet 2_{student}_attempt_{stamp}_answers.yaml", text)
            days = max(0, ceil((when - due[student]) / timedelta(days=1)))
            term.note(name, 1, student, sheet, days)
    lines = [f"{student},{due[student]:%Y-%m-%d %H:%M}," for student in longer]
    for student in excused:
        lines = [line for line in lines if not line.startswith(student)]
        lines.append(f"{student},{due[student]:%Y-%m-%d %H:%M},yes")
    (place / "dates.csv").write_text("\n".join(["id,due,excused", *lines]))
    term.excused[name] = excused
    graded(term, name, place / "in.zip", "--dates", place / "dates.csv")


def by_template(term, place, dice):
    """The third comes as templates on paper and by mail, with times that the lecturer wrote down;
    twenty have a retake, to which some come."""
    name = "03-pools"
    folder = term.folder / name
    sheets, blank = sheets_of(folder, TERM[name], 1, dice), templates(folder)
    (place / "first").mkdir()
    lines = ["id,handed in"]
    for student in dice.sample(IDS, 50):
        (place / "first" / f"{student}.yaml").write_text(filled_in(blank[student], sheets[student]))
        days = dice.choice([0, 0, 0, 1, 3])
        lines.append(f"{student},{DUE + timedelta(days=days):%Y-%m-%d %H:%M}")
        term.note(name, 1, student, sheets[student], days)
    (place / "times.csv").write_text("\n".join(lines))
    graded(term, name, place / "first", "--dates", place / "times.csv")
    (place / "retake.csv").write_text("\n".join(["id", *IDS[20:40]]))
    run(
        "generate",
        "--attempt",
        2,
        "--out",
        folder,
        "--students",
        place / "retake.csv",
        "--engine",
        "none",
        "--executor",
        "alone",
    )
    sheets, blank = sheets_of(folder, TERM[name], 2, dice), templates(folder, 2)
    assert sorted(sheets) == sorted(blank) == IDS[20:40]
    (place / "second").mkdir()
    for student in IDS[20:35]:
        text = filled_in(blank[student], sheets[student])
        (place / "second" / f"{student}.yaml").write_text(text)
        term.note(name, 2, student, sheets[student])
    run("grade", folder, place / "second", "--attempt", 2, *MARKS_ALONE, "--out", place / "grades")


@pytest.fixture(scope="module")
def term(tmp_path_factory):
    """The whole term, handed in and marked."""
    place = tmp_path_factory.mktemp("term")
    term, dice = Term(place / "course"), random.Random(20)
    term.folder.mkdir()
    (term.folder / "secret.key").write_bytes(SECRET)
    banks = Path(__file__).parent.parent / "question_banks"
    finer = (banks / "forward_pass.yaml").read_text().replace("decimals: 3", "decimals: 4")
    (place / "forward_pass.yaml").write_text(finer)
    before, after = roster(place, moved=False), roster(place, moved=True)
    for name, people in zip(TERM, (before, after, after), strict=True):
        generated(place, term.folder, name, people, "--term")
    files = [path for path in (term.folder / "01-neuron").rglob(f"*{MOVED}*") if path.is_file()]
    first = {path: path.read_bytes() for path in files}
    generated(place, term.folder, "01-neuron", after)
    assert len(first) > 2
    assert all(path.read_bytes() == data for path, data in first.items())
    by_table(term, place, dice)
    by_archive(term, place, dice)
    by_template(term, place, dice)
    return term


# The files of the systems -------------------------------------------------------------------------

MAXIMUM = "60"
"""What the term is out of in the systems: marks are scaled to it."""


def own_csv(text):
    return {row["id"]: row["marks"] for row in csv.DictReader(io.StringIO(text))}


def canvas_file():
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Term (12)"]]
    rows.append(["    Points Possible", "", "", "", "", MAXIMUM])
    rows += [
        [f"Last{one[1:]}, First{one[1:]}", str(900 + k), one, f"{one}@example.org", "A", ""]
        for k, one in enumerate(IDS)
    ]
    return table_of(rows)


def brightspace_file():
    head = ["OrgDefinedId", "Username", f"Term Points Grade <Numeric MaxPoints:{MAXIMUM}>"]
    return table_of(
        [[*head, "End-of-Line Indicator"], *([f"#{one}", f"#u{one}", "", "#"] for one in IDS)]
    )


def blackboard_file():
    head = ["Last Name", "First Name", "Username", "Student ID"]
    rows = [[f"Last{one[1:]}", f"First{one[1:]}", f"u{one}", one, ""] for one in IDS]
    return table_of([[*head, f"Term [Total Pts: {MAXIMUM} Score] |8812"], *rows])


def moodle_file():
    """As a German Moodle writes it, with decimal commas."""
    people = [
        (700 + k, f"First{one[1:]} Last{one[1:]}", one, f"{one}@example.org", "", True)
        for k, one in enumerate(IDS)
    ]
    return worksheet(people, "de", f"{MAXIMUM}.00")


def table_of(rows):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def column_of(data, who, mark, first=0):
    """A column of a table by another one, by their places."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1 + first :]
    return {row[who].removeprefix("#").partition("@")[0]: row[mark] for row in rows}


def workbook_column(data):
    head, *rows = load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)
    marks = head.index("marks")
    return {row[0]: "" if row[marks] in (None, "") else str(row[marks]) for row in rows}


def json_column(data):
    rows = json.loads(data)["students"]
    return {row["id"]: "" if row["marks"] is None else str(row["marks"]) for row in rows}


SYSTEMS = {
    "csv": (None, lambda data: own_csv(data.decode())),
    "json": (None, json_column),
    "xlsx": (None, workbook_column),
    "moodle_gradebook": (None, lambda data: column_of(data, 0, 1)),
    "canvas": (canvas_file, lambda data: column_of(data, 2, 5, first=1)),
    "moodle": (moodle_file, lambda data: column_of(data, 2, 5)),
    "brightspace": (brightspace_file, lambda data: column_of(data, 0, 2)),
    "blackboard": (blackboard_file, lambda data: column_of(data, 3, 4)),
}
"""The file that a system gives out, and how its marks are read, by id."""
NO_TABLES = {"moodle_feedback", "gradescope"}


def exported(folder, system, place, rule):
    """The marks of each student that the file of a system has; nothing where there is none."""
    made, read = SYSTEMS[system]
    words = ["export", folder, "--to", system, "--out", place / "out", "--count", rule]
    if made is not None:
        (place / "given.csv").write_bytes(made())
        words += ["--into", place / "given.csv"]
    run(*words)
    marks = read((place / "out").read_bytes())
    return {student: float(text.replace(",", ".")) for student, text in marks.items() if text}


def test_each_table_of_a_system_is_looked_at():
    """Whoever adds one adds how it is read."""
    assert set(SYSTEMS) == set(TARGETS) - NO_TABLES


def expected_in(system, marks, maximum, common):
    """Own files have the marks; systems have them out of their own maximum. The import of Moodle's
    gradebook has one maximum for all, that of most."""
    of = {"moodle_gradebook": common}.get(system, maximum if SYSTEMS[system][0] is None else 60)
    return marks if of == maximum else marks / maximum * of


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_gradebook_of_the_term_is_that_of_the_test(term, tmp_path, system):
    """Each student's marks of the whole term, to a hundredth, by each rule of attempts."""
    for rule in COUNTS:
        found = exported(term.folder, system, tmp_path, rule)

        whole = {student: term.whole(student, rule) for student in IDS}
        expected = {
            student: expected_in(system, marks, of, 110.5)
            for student, (marks, of) in whole.items()
            if marks is not None
        }

        assert found == pytest.approx(expected, abs=0.00501)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("name", TERM)
def test_the_gradebook_of_an_assignment_is_that_of_the_test(term, tmp_path, system, name):
    """Each student's marks of one assignment, to a hundredth."""
    for rule in COUNTS if name == "03-pools" else ("best",):
        found = exported(term.folder / name, system, tmp_path, rule)

        of = TERM[name].maximum
        expected = {
            student: expected_in(system, marks, of, of)
            for student in IDS
            if (marks := term.counted(name, student, rule)) is not None
        }

        assert found == pytest.approx(expected, abs=0.00501)


def test_the_term_has_everything_in_it(term):
    """The dice of the test gave what is to be shown: late ones, nobody excused with marks but one,
    retakes better and worse, every exercise of each pool."""
    by_attempt = term.marks["03-pools"]
    both = [marks for marks in by_attempt.values() if len(marks) == 2]
    assert any(one[1] > one[2] for one in both)
    assert any(one[1] < one[2] for one in both)
    assert any(2 in marks and 1 not in marks for marks in by_attempt.values())

    excused = term.excused["02-sheet"]
    assert [student in term.marks["02-sheet"] for student in excused] == [True, False, False]
    assert any(0.0 in marks.values() for marks in term.marks["02-sheet"].values())
    for name in TERM:
        with sqlite3.connect(term.folder / name / "course.sqlite") as database:
            keys = {row[0] for row in database.execute("SELECT exercise FROM variants")}
        assert keys == set(TERM[name].exercises)
