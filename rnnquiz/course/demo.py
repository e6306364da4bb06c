"""`rnnquiz demo`: the whole loop on a small class, with simulated students of several kinds."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnquiz.bank.load import load_bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.course.folders import SECRET
from rnnquiz.course.generating import generate
from rnnquiz.course.graded import Graded
from rnnquiz.course.grading import grade
from rnnquiz.course.store import Course
from rnnquiz.course.wanted import Wanted
from rnnquiz.files.private import make_folder, write_atomically
from rnnquiz.files.resources import folder
from rnnquiz.grade.simulate import STUDENT_KINDS
from rnnquiz.people.roster import Student
from rnnquiz.progress import Progress

NAMES = (
    "Ada Lovelace", "Émilie du Châtelet", "Kurt Gödel", "Sofja Kowalewskaja", "Pat O'Brien",
    "Emmy Noether", "Chien-Shiung Wu", "Łukasz Żak",
)  # fmt: skip
KNOWN_SECRET = b"a secret that everybody can read: the demonstration is no course"
LOOKED_AT = "one slip"  # the kind of student whose files are shown


@dataclass(frozen=True)
class Demo:
    """What kind of student each was, how they were marked, and files to look at, each with what is
    to be seen in it."""

    kinds: dict[str, str]
    graded: Graded
    files: list[tuple[Path, str]]


def demo(place: Path, engine: str | None, progress: Progress, names: Sequence[str] = NAMES) -> Demo:
    """Generate, solve, typeset, hand in, mark and report for a class of eight, in the folder
    `place`."""
    bank = load_bank(folder("question_banks") / "bptt_scalar.yaml")
    course, grades = place / "course", place / "grades"
    make_folder(course)
    # Before the course is made, which takes a secret that is there, and else makes one.
    write_atomically(course / SECRET, KNOWN_SECRET)
    # The folder may lie in a repository, to which nothing of it belongs.
    write_atomically(place / ".gitignore", b"*\n")
    roster = [
        Student(f"s{i:02d}", name, f"s{i:02d}@example.org", i)
        for i, name in enumerate(names, start=1)
    ]
    # A class book is a PDF.
    also = ("book",) if engine else ()
    generate(bank, roster, course, Wanted(engine, also=also), progress)
    kinds = _hand_in(course, place / "submissions")
    graded = grade(course, place / "submissions", grades, progress=progress)
    shown = next(_looked_at(roster, kinds))
    files = filter(_is_there, _files(course, grades, shown))
    return Demo(kinds, graded, list(files))


def _looked_at(roster: Sequence[Student], kinds: Mapping[str, str]) -> Iterator[Student]:
    """The students of the kind whose files are shown."""
    for student in roster:
        if kinds[student.id] == LOOKED_AT:
            yield student


def _is_there(row: tuple[Path, str]) -> bool:
    path, _ = row
    return path.is_file()


def _files(course: Path, grades: Path, student: Student) -> Iterator[tuple[Path, str]]:
    """Files of the demonstration and what is to be seen in each; some are there only with an engine
    for PDFs."""
    typeset = course / "sheets" / f"{student.stem}.pdf"
    ending = ".pdf" if typeset.is_file() else ".tex"
    yield (
        course / "sheets" / f"{student.stem}{ending}",
        f"the sheet of {student.name}: own numbers, the rounding rule, the boxes",
    )
    yield (
        course / "keys" / f"{student.stem}{ending}",
        "its key: every line with the numbers put in, and the intervals that are accepted",
    )
    yield (
        grades / "feedback" / f"{student.stem}.html",
        "what comes back: one slip, and full marks for what follows from it",
    )
    yield (
        grades / "report.html",
        "the class: which boxes were hard, which mistakes were made, by whom",
    )
    yield grades / "gradebook.csv", "the marks as a table"
    yield course / "class_book.pdf", "the class book: a page a student, with an index"


def _hand_in(folder_: Path, submissions: Path) -> dict[str, str]:
    """One submission file for each student, of each kind in turn."""
    dice = random.Random(1)
    kinds: dict[str, str] = {}
    with Course.open(folder_) as course:
        bank = course.bank()
        mistaken = bank.mistaken
        students = {student.id: student for student in course.students()}
        for i, variant in enumerate(course.variants()):
            # In turn, so that the report has something of each.
            kind = STUDENT_KINDS[i % len(STUDENT_KINDS)]
            student = students[variant.student]
            answers = kind.answer(bank, arrays_of(bank, [variant]), mistaken, dice)
            sheet = {"student": student.id, "token": variant.token, "answers": answers}
            text = json.dumps(sheet, indent=1)
            write_atomically(submissions / f"{student.stem}.json", text.encode())
            kinds[student.id] = kind.name
    return kinds
