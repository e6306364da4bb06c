"""What an assignment costs beside its exercises alone; run with  pytest
tests/benchmarks/test_assignment_speed.py --benchmark-only -n 0 -s."""

import csv
import itertools
import time

import pytest

from rnnquiz.assignment_files import load_assignment
from rnnquiz.course.assignments import issued_sheets
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.people.roster import Student
from rnnquiz.solution.solved import solve_all

BANKS = ("forward_pass", "bptt_scalar", "gru_step")
STUDENTS = [Student(f"s{k:04}", f"Student {k}", "", k) for k in range(1, 201)]
ROUNDS = 3
MOST = 1.1
"""Of the sum of its exercises alone; below 1 where one gradebook is quicker than three."""


def handed_in(folder, assignment):
    """A table with the right answers of all."""
    with Course.open(folder) as course:
        sheets = issued_sheets(course, assignment)
    columns = {student: {} for student in sheets}
    for one in assignment.exercises:
        variants = [row for of in sheets.values() for row in of if row.exercise == one.key]
        solved = solve_all(one.bank, variants)
        chain = {name: values.reshape(len(variants), -1) for name, values in solved.chain.items()}
        for k, variant in enumerate(solved.variants):
            for box in one.bank.boxes:
                name = f"{one.place}: {box.name}" if assignment.several else box.name
                text = one.bank.rounding.format(float(chain[box.quantity][k, box.entry]))
                columns[variant.student][name] = text
    with open(folder / "answers.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["student", *next(iter(columns.values()))])
        table.writerows([student, *row.values()] for student, row in columns.items())
    return folder / "answers.csv"


def seconds_of(folder, assignment, documents):
    """Seconds of this process for generating and for grading a class, in one process."""
    start = time.process_time()
    wanted = Wanted(None, documents=documents)
    generate(assignment, STUDENTS, folder / "course", wanted, executor="alone")
    made = time.process_time() - start
    table = handed_in(folder / "course", assignment)
    start = time.process_time()
    options = GradeOptions(executor="alone", pages=documents, report=documents)
    graded = grade(folder / "course", table, folder / "grades", options)
    assert graded.marked == len(STUDENTS)
    return made, time.process_time() - start


@pytest.mark.parametrize("documents", [False, True], ids=["numbers and marks", "with all files"])
def test_an_assignment_of_three_costs_no_more_than_three_banks(benchmark, tmp_path, documents):
    """Each in a course of its own, in turn, in one process; of each the quickest round, for other
    work on the machine only ever adds."""
    text = "title: H\nid: h\nexercises: [" + ", ".join(f"{{bank: {one}}}" for one in BANKS) + "]\n"
    (tmp_path / "sheet.yaml").write_text(text)
    kinds = {name: load_assignment(name) for name in BANKS}
    kinds["three"] = load_assignment(tmp_path / "sheet.yaml")
    found = {name: [] for name in kinds}
    rounds = itertools.count()

    def a_round():
        place = tmp_path / str(next(rounds))
        for name, exercises in kinds.items():
            (place / name).mkdir(parents=True)
            found[name].append(seconds_of(place / name, exercises, documents))

    benchmark.pedantic(a_round, rounds=ROUNDS, warmup_rounds=1)

    least = {
        name: [min(column) for column in zip(*rows, strict=True)] for name, rows in found.items()
    }
    sums = [sum(column) for column in zip(*(least[name] for name in BANKS), strict=True)]
    ratios = [round(ours / of, 2) for ours, of in zip(least["three"], sums, strict=True)]
    benchmark.extra_info.update(generate=ratios[0], grade=ratios[1])
    print(f"\n{len(STUDENTS)} students: generate {ratios[0]}, grade {ratios[1]} of three alone")

    assert sum(least["three"]) <= MOST * sum(sums)
