"""`rnnquiz demo`: the whole loop on a small class, with simulated students of several kinds."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rnnquiz.bank.load import load_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.course.generating import Wanted, generate
from rnnquiz.course.grading import Graded, grade
from rnnquiz.course.store import Course
from rnnquiz.private import write_atomically
from rnnquiz.resources import folder
from rnnquiz.roster import Student
from rnnquiz.simulate import KINDS

NAMES = (
    "Ada Lovelace", "Émilie du Châtelet", "Kurt Gödel", "Sofja Kowalewskaja", "O'Brien, Pat", "Noether $\\input{x}$ <Emmy>",
    "=SUM(A1)", "Łukasz Żak",
)  # fmt: skip

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Demo:
    """Where to look, what kind of student each was, and how they were marked."""

    course: Path
    grades: Path
    kinds: dict[str, str]
    graded: Graded


def demo(place: Path, engine: str | None, progress: Progress) -> Demo:
    """Generate, solve, typeset, hand in, mark and report for a class of eight, in the folder `place`."""
    bank = load_bank(folder("question_banks") / "bptt_scalar.yaml")
    course, grades = place / "course", place / "grades"
    roster = [Student(f"s{i:02d}", name, f"s{i:02d}@example.org", i) for i, name in enumerate(NAMES, start=1)]
    generate(bank, roster, course, Wanted(engine, also=("book",) if engine else ()), progress)
    kinds = _hand_in(course, place / "submissions")
    graded = grade(course, place / "submissions", grades, progress=progress)
    return Demo(course, grades, kinds, graded)


def _hand_in(folder_: Path, submissions: Path) -> dict[str, str]:
    """One submission file for each student, of each kind in turn."""
    dice = random.Random(1)
    kinds: dict[str, str] = {}
    with Course.open(folder_) as course:
        bank = course.bank()
        mistaken = bank.mistaken
        students = {student.id: student for student in course.students()}
        for i, variant in enumerate(course.variants()):
            kind = KINDS[i % len(KINDS)]
            student = students[variant.student]
            answers = kind.answer(bank, arrays_of(bank, [variant]), mistaken, dice)
            sheet = {"student": student.id, "token": variant.token, "answers": answers}
            write_atomically(submissions / f"{student.stem}.json", json.dumps(sheet, indent=1).encode())
            kinds[student.id] = kind.name
    return kinds
