"""The memory of a course: one SQLite file with what was issued, handed in and marked. Every change
is one transaction.

What is issued and marked belongs to an exercise, by its key, and to an attempt. A course of a bank
alone has one exercise, whose key is empty. A course that holds an assignment is looked at exercise
by exercise: `part` gives the same course with one of them. `sitting` gives it with another attempt:
the sheets of a retake.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rnnquiz.bank.load import Portable
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.course.database import (
    STANDING,
    connect,
    damaged,
    is_of_a_term,
    needs_one_exercise,
    remedy_of,
)
from rnnquiz.course.folders import DATABASE, SECRET, check_links, make_secret, secret_in
from rnnquiz.course.older import as_issued
from rnnquiz.course.records import (
    NewestMarking,
    givens_in,
    language_in,
    newest_marking,
)
from rnnquiz.errors import CourseError, ToolError
from rnnquiz.files.private import (
    clear_parts,
    make_folder,
    new_file,
)  # fmt: skip
from rnnquiz.languages.catalogue import ENGLISH, Language
from rnnquiz.people.roster import Student


class Course:
    """A course folder. Open it with `Course.create` or `Course.open`; close it, or use it in a
    `with`.

    Banks, variants and markings are those of one exercise, of the bank alone or of a `part`;
    variants, tokens and how students stand are those of one attempt.
    """

    def __init__(
        self, folder: Path, database: sqlite3.Connection, exercise: str = "", attempt: int = 1
    ) -> None:
        self.folder, self.database = folder, database
        self.exercise, self.attempt = exercise, attempt

    def part(self, exercise: str) -> Course:
        """The same course, looked at for another exercise."""
        return Course(self.folder, self.database, exercise, self.attempt)

    def sitting(self, attempt: int) -> Course:
        """The same course, looked at for another attempt."""
        return Course(self.folder, self.database, self.exercise, attempt)

    def attempts(self) -> list[int]:
        """The attempts for which there are sheets."""
        rows = self.rows("SELECT DISTINCT attempt FROM variants ORDER BY 1")
        return [attempt for (attempt,) in rows]

    @classmethod
    def create(cls, folder: Path) -> Course:
        """Open the course in `folder`, making folder, secret and database where they are
        missing."""
        try:
            make_folder(folder)
            clear_parts(folder)
            check_links(folder)
            # Made before SQLite opens it: its journals get the mode of the file, closed to others.
            with suppress(FileExistsError):
                new_file(folder / DATABASE).close()
            database = connect(folder / DATABASE)
            course = cls(folder, database)
            if not (folder / SECRET).exists():
                make_secret(folder, issued=bool(course.attempts()))
        except OSError as error:
            found = f"cannot be made: {error.strerror}"
            raise ToolError.at("disk", str(folder), found, "choose another folder") from None
        return course

    @classmethod
    def open(cls, folder: Path) -> Course:
        """Open an existing course; CourseError where there is none."""
        if not (folder / DATABASE).is_file():
            remedy = "make one: rnnquiz generate BANK --roster R --out FOLDER"
            raise CourseError.at(str(folder), "the folder", "holds no course", remedy)
        check_links(folder)
        database = connect(folder / DATABASE)
        return cls(folder, database)

    def __enter__(self) -> Course:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    @property
    def secret(self) -> bytes:
        """The secret of the course, from which all its numbers are drawn."""
        return secret_in(self.folder)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside is kept together or not at all."""
        try:
            with self.database:
                yield self.database
        except sqlite3.Error as error:
            path, found = str(self.folder / DATABASE), str(error)
            raise ToolError.at(path, "database", found, remedy_of(error)) from None

    def rows(self, query: str, *values: Any) -> list[Any]:
        """All rows of a query; CourseError where the database is damaged or no course."""
        try:
            # All at once: no query is left open between two calls.
            return self.database.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise damaged(self.folder / DATABASE, error) from None

    def students(self) -> list[Student]:
        """All students in the order of the roster, with the ids by which they are known
        elsewhere."""
        others: dict[str, list[str]] = {}
        for student, other in self.rows("SELECT student, other FROM known_as ORDER BY rowid"):
            others.setdefault(student, []).append(other)
        rows = self.rows("SELECT id, name, email, position FROM students ORDER BY position")
        students = []
        for id_, name, email, position in rows:
            further = tuple(others.get(id_, ()))
            students.append(Student(id_, name, email, position, further))
        return students

    def add_students(self, roster: Iterable[Student]) -> None:
        """Take up new students after those known; a known one keeps position and gets the roster's
        name and e-mail."""
        positions = {student.id: student.position for student in self.students()}
        following = max(positions.values(), default=0) + 1
        update = (
            "INSERT INTO students (id, name, email, position) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email"
        )
        further = "INSERT OR IGNORE INTO known_as (student, other) VALUES (?, ?)"
        with self.transaction() as db:
            for student in roster:
                # Nobody's changes: names of files and the lots of pools come from it.
                position = positions.get(student.id, following)
                following += student.id not in positions
                db.execute(update, (student.id, student.name, student.email, position))
                # An id that the roster has no more is theirs no more.
                db.execute("DELETE FROM known_as WHERE student = ?", (student.id,))
                db.executemany(further, [(student.id, other) for other in student.others])

    def bank(self, digest: str | None = None) -> Bank:
        """The bank that was issued, or the one of a marking by its digest, from its stored text."""
        digest = digest or self.issued_bank() or ""
        if not digest and not self.exercise and self.assignment():
            raise needs_one_exercise(self.folder)
        if not digest and self.is_term:
            raise is_of_a_term(self.folder)
        found = self.rows("SELECT source, text FROM banks WHERE digest = ?", digest)
        if not found:
            place, remedy = str(self.folder), "run rnnquiz generate"
            raise CourseError.at(place, "the course", "has no bank yet", remedy)
        source, text = found[0]
        whole, notation = self.as_issued(text, digest), self.noted(f"notation of {digest}")
        language = self.language() or ENGLISH
        return Portable(whole, source, notation or "", language).bank

    def language(self) -> Language | None:
        """In which its students read; None where nothing was issued yet."""
        if noted := self.noted("language"):
            return language_in(noted)
        # What was issued before there were languages says none.
        if self.assignment() or self.part("").issued_bank():
            return ENGLISH
        return None

    def as_issued(self, text: str, digest: str = "") -> str:
        """The text of a bank with names that mean what they meant when the bank `digest`, or the
        one of this course, was issued."""
        known = digest or self.issued_bank() or ""
        programs = self._programs(known)
        return as_issued(text, programs)

    def _programs(self, digest: str) -> list[str]:
        """The versions of this program that issued or marked by a bank."""
        programs = []
        for table in ("variants", "runs"):
            rows = self.rows(f"SELECT DISTINCT program FROM {table} WHERE bank = ?", digest)
            programs += [program for (program,) in rows]
        return programs

    def marking_bank(self) -> Bank:
        """The bank that marks are given by: that of the newest marking, which `regrade --apply` may
        have changed; else the one issued."""
        query = "SELECT bank FROM runs WHERE exercise = ? ORDER BY id DESC LIMIT 1"
        for (digest,) in self.rows(query, self.exercise):
            return self.bank(digest)
        return self.bank()

    def issued_bank(self) -> str | None:
        """The text of the bank that was issued; none before that."""
        return self.noted(self.bank_key)

    @property
    def bank_key(self) -> str:
        """Where the bank of the exercise is noted."""
        if not self.exercise:
            return "bank"
        return f"bank of {self.exercise}"

    def noted(self, key: str) -> str | None:
        """What was noted under a key; none where nothing was."""
        for (value,) in self.rows("SELECT value FROM meta WHERE key = ?", key):
            return str(value)
        return None

    @property
    def is_term(self) -> bool:
        """Whether the folder is that of a term: students, and a folder for each assignment."""
        return self.noted("term") is not None

    def assignment(self) -> str:
        """What the assignment of the course is, as it was stored; empty for a bank alone."""
        return self.noted("assignment") or ""

    def tokens(self) -> dict[str, str]:
        """The token of each student who has a variant, in the order of the roster."""
        query = (
            "SELECT v.student, v.token FROM variants v JOIN students s ON s.id = v.student"
            " WHERE v.exercise = ? AND v.attempt = ? ORDER BY s.position"
        )
        return dict(self.rows(query, self.exercise, self.attempt))

    def sheets(self) -> dict[str, str]:
        """The token of each student who has a sheet, of whichever exercises, in the order of the
        roster."""
        # Each exercise of a sheet has a row, and all of them one token.
        query = (
            "SELECT DISTINCT v.student, v.token FROM variants v JOIN students s"
            " ON s.id = v.student WHERE v.attempt = ? ORDER BY s.position"
        )
        return dict(self.rows(query, self.attempt))

    def owners(self) -> dict[str, str]:
        """The student of each token: whose numbers a quiz has shown."""
        return {token: student for student, token in self.tokens().items()}

    def variants(self, students: Sequence[str] | None = None) -> list[Variant]:
        """All variants of the attempt in the order of the roster, or those of some students (a
        thousand at most)."""
        query = (
            "SELECT v.student, v.attempt, v.token, v.candidate, v.givens "
            "FROM variants v JOIN students s ON s.id = v.student "
            "WHERE v.exercise = ? AND v.attempt = ?"
        )
        values: list[Any] = [self.exercise, self.attempt]
        # SQLite takes so many values in a query and no more: 999 before version 3.32.
        if students is not None:
            marks = ", ".join("?" * len(students))
            query += f" AND v.student IN ({marks})"
            values += students
        rows = self.rows(f"{query} ORDER BY s.position", *values)
        return [
            Variant(student, attempt, token, candidate, givens_in(givens), self.exercise)
            for student, attempt, token, candidate, givens in rows
        ]

    def every_variant(self) -> list[Variant]:
        """The variants of the exercise, of all attempts."""
        every = []
        for attempt in self.attempts():
            every += self.sitting(attempt).variants()
        return every

    def issued(self) -> list[tuple[Student, Variant]]:
        """All variants, each with its student, in the order of the roster."""
        students = {student.id: student for student in self.students()}
        variants = self.variants()
        return [(students[variant.student], variant) for variant in variants]

    def waiting(self) -> list[Student]:
        """Students who have no sheet yet."""
        have, missing = self.sheets(), []
        for student in self.students():
            if student.id not in have:
                missing.append(student)
        return missing

    def standing(self) -> list[NewestMarking]:
        """The newest marking of the attempt of each student who was ever marked."""
        rows = self.rows(STANDING, self.attempt, self.exercise, self.attempt)
        return [newest_marking(row) for row in rows]

    def excused(self) -> frozenset[str]:
        """Who need not hand in the attempt."""
        rows = self.rows("SELECT student FROM excused WHERE attempt = ?", self.attempt)
        return frozenset(student for (student,) in rows)

    def set_excused(self, students: Iterable[str]) -> None:
        """Remember who need not hand in the attempt: these and nobody else."""
        rows = [(student, self.attempt) for student in students]
        with self.transaction() as db:
            db.execute("DELETE FROM excused WHERE attempt = ?", (self.attempt,))
            db.executemany("INSERT INTO excused (student, attempt) VALUES (?, ?)", rows)
