"""A course in Python: what the command line does, returned as records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rnnquiz.assignment import Assignment
from rnnquiz.assignment_files import load_assignment
from rnnquiz.bank.specification import Bank
from rnnquiz.course import exporting, grading, regrading
from rnnquiz.course.assignments import issued_assignment, part_named
from rnnquiz.course.generating import Generated, generate
from rnnquiz.course.graded import Graded
from rnnquiz.course.regrading import Change
from rnnquiz.course.store import Course as Store
from rnnquiz.course.wanted import Wanted
from rnnquiz.documents.engines import choose_engine
from rnnquiz.errors import CourseError
from rnnquiz.exports.roundtrip import Filled
from rnnquiz.files.resources import bank_path
from rnnquiz.people.lists import read_roster
from rnnquiz.people.roster import Lookup, Student
from rnnquiz.solution.solved import Solution, solve
from rnnquiz.text import nearest


@dataclass(frozen=True)
class Course:
    """A course folder. It holds no file open between two calls."""

    folder: Path

    @classmethod
    def create(
        cls, folder: str | Path, bank: str | Path, roster: str | Path, documents: bool = True,
        engine: str = "auto", notation: str = "",
    ) -> Course:  # fmt: skip
        """Draw numbers for all of a roster, and make sheets, keys and templates, as `rnnquiz
        generate` does.

        A course that is there already goes on: who is new on the roster gets a sheet. `engine`
        makes the PDFs (auto, latex, typst, none).
        """
        course = cls(Path(folder))
        exercises = load_assignment(bank_path(bank), notation)
        course.generate(roster, exercises, documents, engine)
        return course

    @classmethod
    def open(cls, folder: str | Path) -> Course:
        """A course that is there; CourseError where there is none."""
        # Opened once only to see that it can be: what is wrong with it is said here.
        Store.open(Path(folder)).database.close()
        return cls(Path(folder))

    def generate(
        self,
        roster: str | Path,
        bank: Bank | Assignment | None = None,
        documents: bool = True,
        engine: str = "auto",
    ) -> Generated:
        """What is missing for the students of a roster; the bank, or the assignment, is that of the
        course where none is given."""
        made_by = None
        # A missing engine is an error only where something is to be typeset.
        if documents and engine != "none":
            made_by = choose_engine(engine)
        wanted = Wanted(made_by, documents=documents)
        exercises = bank or self.assignment
        students = read_roster(Path(roster))
        return generate(exercises, students, self.folder, wanted)

    @property
    def bank(self) -> Bank:
        """The bank whose sheets were issued."""
        with Store.open(self.folder) as store:
            return store.bank()

    @property
    def assignment(self) -> Assignment:
        """The exercises that were issued; of a course of a bank alone, one."""
        with Store.open(self.folder) as store:
            return issued_assignment(store)

    @property
    def students(self) -> list[Student]:
        """Everybody who is in the course, in the order of the roster."""
        with Store.open(self.folder) as store:
            return store.students()

    def solution(self, student: str, exercise: str = "") -> Solution:
        """The worked solution of the newest sheet of a student, by id, e-mail or name; `exercise`
        is its number on the sheet, where there are several."""
        with Store.open(self.folder) as store:
            meant = Lookup(store.students()).find([student])
            if meant is None or meant.id not in store.sheets():
                found = f"no student {student!r} has a sheet"
                raise CourseError.at(str(self.folder), "student", found, "see course.students")
            part = part_named(store, exercise, meant.id)
            bank, own = part.bank(), part.variants([meant.id])
            return solve(bank, own[-1])

    def grade(self, submissions: str | Path, out: str | Path | None = None) -> Graded:
        """Mark what was handed in, and store it; `out` is a folder for gradebook, feedback and
        report."""
        place = None if out is None else Path(out)
        # In Python the verdicts are what is asked for next; a terminal shows none of them.
        options = grading.GradeOptions(evidence=True)
        return grading.grade(self.folder, Path(submissions), place, options)

    def regrade(self, bank: str | Path | None = None, apply: bool = False) -> list[Change]:
        """What another bank of the same exercise would change in the marks; stored with `apply`."""
        other = None
        if bank is not None:
            other = load_assignment(bank_path(bank))
        return regrading.regrade(self.folder, other, None, apply)[0]

    def export(
        self, form: str, out: str | Path, into: str | Path | None = None, column: str = ""
    ) -> Filled:
        """The marks as a gradebook, or put into the file of a learning system."""
        if form not in exporting.TARGETS:
            raise CourseError.at(form, "form", "is not known", nearest(form, exporting.TARGETS))
        file = None if into is None else Path(into)
        options = exporting.ExportOptions(file, column)
        return exporting.export(self.folder, form, Path(out), options)

    def __repr__(self) -> str:
        count = len(self.students)
        return f"<Course of {self.assignment.head.id}: {count} student{'' if count == 1 else 's'}>"
