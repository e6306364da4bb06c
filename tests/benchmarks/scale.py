"""A roster of any size, from numbers to gradebook and report:  python tests/benchmarks/scale.py
100000

Generates (numbers only), lets simulated students hand in one table, marks it, writes gradebook and
report; prints seconds and the largest memory of the process. A third of the students has one wrong
number.
"""

import csv
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from rnnquiz.bank.load import load_bank
from rnnquiz.course.generating import Wanted, generate
from rnnquiz.course.grading import GradeOptions, grade
from rnnquiz.course.store import Course
from rnnquiz.resources import folder
from rnnquiz.roster import Student
from rnnquiz.solution import solve_all

AT_ONCE = 2000


def hand_in(place, bank):
    """One table with the answers of the whole class, rounded as asked."""
    dice = random.Random(1)
    with (
        Course.open(place / "course") as course,
        open(place / "answers.csv", "w", newline="") as file,
    ):
        table = csv.writer(file)
        table.writerow(["student", *(box.name for box in bank.boxes)])
        variants = course.variants()
        for start in range(0, len(variants), AT_ONCE):
            solved = solve_all(bank, variants[start : start + AT_ONCE])
            chain = {
                name: values.reshape(len(solved.variants), -1)
                for name, values in solved.chain.items()
            }
            for k, variant in enumerate(solved.variants):
                row = [
                    bank.rounding.format(float(chain[box.quantity][k, box.entry]))
                    for box in bank.boxes
                ]
                if k % 3 == 0:
                    at = dice.randrange(len(row))
                    row[at] = f"{float(row[at]) * 1.5 + 0.01:.4f}"
                table.writerow([variant.student, *row])


def timed(words, work):
    start = time.perf_counter()
    found = work()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{words}: {time.perf_counter() - start:.1f} s, {memory:.0f} MB at most", flush=True)
    return found


def main(count):
    bank = load_bank(folder("question_banks") / "bptt_scalar.yaml")
    people = [
        Student(f"s{i:06d}", f"Student {i}", f"s{i}@example.org", i) for i in range(1, count + 1)
    ]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        timed(
            f"numbers of {count} students",
            lambda: generate(bank, people, place / "course", Wanted(None, documents=False)),
        )
        timed(f"a table of {count} x {len(bank.boxes)} answers, made", lambda: hand_in(place, bank))
        graded = timed(
            "read, marked, gradebook and report",
            lambda: grade(
                place / "course", place / "answers.csv", place / "grades", GradeOptions(pages=False)
            ),
        )
        print(f"{graded.marked} marked, {len(graded.problems)} problems, mean {graded.mean:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
