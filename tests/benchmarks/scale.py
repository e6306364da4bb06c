"""A roster of any size, from numbers to gradebook and report.

python tests/benchmarks/scale.py 100000 ; with an assignment of three exercises:
python tests/benchmarks/scale.py 20000 3 ; all in one process, so that its seconds are those of the
work:  python tests/benchmarks/scale.py 20000 3 alone

Generates (numbers only), lets simulated students hand in one table, marks it, writes gradebook and
report; prints seconds, those of this process alone, and its largest memory. A third of the students
has one wrong number.
"""

import csv
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from rnnquiz.assignment import numbered
from rnnquiz.assignment_files import load_assignment
from rnnquiz.course.generating import generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.files.resources import folder
from rnnquiz.people.roster import Student
from rnnquiz.solution.solved import solve_all

AT_ONCE = 2000


def hand_in(place, assignment):
    """One table with the answers of the whole class, rounded as asked."""
    dice = random.Random(1)
    with (
        Course.open(place / "course") as course,
        open(place / "answers.csv", "w", newline="") as file,
    ):
        table = csv.writer(file)
        exercises = assignment.exercises
        names = [
            numbered(one.place, box.name) if assignment.several else box.name
            for one in exercises
            for box in one.bank.boxes
        ]
        table.writerow(["student", *names])
        variants = {one.key: course.part(one.key).variants() for one in exercises}
        for start in range(0, len(variants[exercises[0].key]), AT_ONCE):
            parts = [
                rows_of(one.bank, variants[one.key][start : start + AT_ONCE]) for one in exercises
            ]
            for k, of_student in enumerate(zip(*parts, strict=True)):
                row = [text for _, texts in of_student for text in texts]
                if k % 3 == 0:
                    at = dice.randrange(len(row))
                    row[at] = f"{float(row[at]) * 1.5 + 0.01:.4f}"
                table.writerow([of_student[0][0], *row])


def rows_of(bank, variants):
    """The right answers of some students, as they are written."""
    solved = solve_all(bank, variants)
    chain = {name: values.reshape(len(variants), -1) for name, values in solved.chain.items()}
    for k, variant in enumerate(solved.variants):
        yield (
            variant.student,
            [bank.rounding.format(float(chain[box.quantity][k, box.entry])) for box in bank.boxes],
        )


def timed(words, work):
    start, before = time.perf_counter(), time.process_time()
    found = work()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    own = time.process_time() - before
    seconds = f"{time.perf_counter() - start:.1f} s ({own:.1f} s of this process)"
    print(f"{words}: {seconds}, {memory:.0f} MB at most", flush=True)
    return found


ASSIGNMENT = """\
title: A sheet of three
id: scale
exercises:
  - {bank: forward_pass, marks: 10}
  - {bank: bptt_scalar, marks: 40}
  - {bank: gru_step, marks: 30}
"""


def exercises_of(place, several):
    if not several:
        return load_assignment(folder("question_banks") / "bptt_scalar.yaml")
    (place / "sheet.yaml").write_text(ASSIGNMENT)
    return load_assignment(place / "sheet.yaml")


def main(count, several=False, executor="processes"):
    people = [
        Student(f"s{i:06d}", f"Student {i}", f"s{i}@example.org", i) for i in range(1, count + 1)
    ]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        assignment = exercises_of(place, several)
        numbers = Wanted(None, documents=False)
        marks = GradeOptions(pages=False, executor=executor)
        boxes = sum(len(one.bank.boxes) for one in assignment.exercises)
        timed(
            f"numbers of {count} students",
            lambda: generate(assignment, people, place / "course", numbers, executor=executor),
        )
        timed(f"a table of {count} x {boxes} answers, made", lambda: hand_in(place, assignment))
        graded = timed(
            "read, marked, gradebook and report",
            lambda: grade(place / "course", place / "answers.csv", place / "grades", marks),
        )
        print(f"{graded.marked} marked, {len(graded.problems)} problems, mean {graded.mean:.2f}")


if __name__ == "__main__":
    words = sys.argv[1:]
    alone = {"executor": "alone"} if "alone" in words else {}
    main(int(words[0]) if words else 10_000, several="3" in words[1:], **alone)
