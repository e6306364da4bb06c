"""What comes of whole courses, as sums to compare.

python tests/benchmarks/outcome.py > before.txt ; after a change that must change nothing the same
into another file, and then  diff .

Several banks and an assignment, each for a class of simulated students of all kinds, with a known
secret: numbers, a table and an archive of files, a first and a second marking, one with others'
numbers, late and absent ones. A line for each file and each table, with its SHA-256.
"""

import csv
import hashlib
import json
import random
import sqlite3
import sys
import tempfile
import zipfile
from pathlib import Path

from rnnquiz.assignment import numbered
from rnnquiz.assignment_files import load_assignment
from rnnquiz.bank.variant import arrays_of
from rnnquiz.course.folders import DATABASE, SECRET
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.files.resources import folder
from rnnquiz.grade.simulate import STUDENT_KINDS
from rnnquiz.people.roster import Student

BANKS = ("bptt_scalar", "lstm_step", "find_the_mistake", "one_neuron", "adam_two_steps")
ASSIGNMENT = """\
title: A sheet of three
id: outcome
exercises:
  - {bank: forward_pass, marks: 10}
  - {bank: bptt_scalar, marks: 40}
  - {bank: gru_step, marks: 30}
"""
POOL = """\
title: Drawn from a pool
id: pool
exercises:
  - {bank: forward_pass, marks: 10}
  - one of: [bptt_scalar, one_step]
    marks: 20
"""
KNOWN = b"a secret that everybody knows: !"


def answers_of(course, assignment, dice):
    """What each student writes, by student: of each problem a kind of its own."""
    found = {}
    for one in assignment.exercises:
        mistaken = one.bank.mistaken
        for k, variant in enumerate(course.part(one.key).variants()):
            kind = STUDENT_KINDS[(k + one.place) % len(STUDENT_KINDS)]
            texts = kind.answer(one.bank, arrays_of(one.bank, [variant]), mistaken, dice)
            sheet = found.setdefault(variant.student, {"token": variant.token, "answers": {}})
            for box, text in texts.items():
                name = numbered(one.place, box) if assignment.several else box
                sheet["answers"][name] = text
    return found


def hand_in(place, sheets):
    """A table of the first half, an archive of one file for each of the others; some are absent."""
    named = list(sheets.items())
    half = len(named) // 2
    columns = list(dict.fromkeys(name for _, one in named[:half] for name in one["answers"]))
    with open(place / "table.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["student", *columns, "nonsense"])
        for student, one in named[:half]:
            table.writerow([student, *(one["answers"].get(name, "") for name in columns), ""])
    with zipfile.ZipFile(place / "files.zip", "w") as archive:
        for k, (student, one) in enumerate(named[half:-5]):
            # With another's answers, an unknown name, no token, all of it in the wrong shape.
            sheet = {"student": student, **one}
            if k % 19 == 3:
                sheet["answers"] = named[half][1]["answers"]
            if k % 23 == 5:
                sheet = {"student": student, "answers": {**one["answers"], "nobox": "1"}}
            text = "{" if k % 29 == 7 else json.dumps(sheet)
            archive.writestr(f"{student}.json", text)


def sums(place, before=""):
    for path in sorted(place.rglob("*")):
        # An archive has the time in it.
        if path.is_file() and path.name not in (DATABASE, SECRET, "files.zip"):
            yield f"{before}{path.relative_to(place)}", path.read_bytes()
    database = sqlite3.connect(place / "course" / DATABASE)
    tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
    for (table,) in tables.fetchall():
        rows = database.execute(f"SELECT * FROM {table}").fetchall()
        yield f"{before}table {table}", repr(rows).encode()
    database.close()


def outcome(path, count, executor):
    assignment = load_assignment(path)
    name = assignment.head.id
    people = [
        Student(f"s{i:04d}", f"Student {i}", f"s{i}@example.org", i) for i in range(1, count + 1)
    ]
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        (place / "course").mkdir()
        (place / "course" / SECRET).write_bytes(KNOWN)
        wanted = Wanted(None, documents=False)
        given = generate(assignment, people, place / "course", wanted, executor=executor)
        print(name, "report", given.report.drawn, sorted(given.report.reasons.items()))
        with Course.open(place / "course") as course:
            hand_in(place, answers_of(course, assignment, random.Random(1)))
        for k, source in enumerate(("table.csv", "files.zip")):
            options = GradeOptions(executor=executor, evidence=k == 1)
            graded = grade(place / "course", place / source, place / f"grades{k}", options)
            said = repr([graded.rows, graded.problems, graded.matches, graded.results])
            said = said.replace(str(place), "")
            print(name, source, graded.marked, hashlib.sha256(said.encode()).hexdigest()[:20])
        for made_path, data in sums(place):
            # Where the course, the assignment and the banks lie is of this run.
            for where in (place, path.parent, folder("question_banks")):
                data = data.replace(str(where).encode(), b"")
            print(name, made_path, hashlib.sha256(data).hexdigest()[:20])


def main(count=150, executor="alone"):
    for bank in BANKS:
        outcome(folder("question_banks") / f"{bank}.yaml", count, executor)
    with tempfile.TemporaryDirectory() as made:
        for text in (ASSIGNMENT, POOL):
            path = Path(made) / "sheet.yaml"
            path.write_text(text)
            outcome(path, count, executor)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:3])
