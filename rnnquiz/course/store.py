"""The memory of a course: one SQLite file with what was issued, handed in and marked. Every change
is one transaction.

What is issued and marked belongs to an exercise, by its key, and to an attempt. A course of a bank
alone has one exercise, whose key is empty. A course that holds an assignment is looked at exercise
by exercise: `part` gives the same course with one of them. `sitting` gives it with another attempt:
the sheets of a retake.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rnnquiz.bank.load import Portable
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import SECRET_BYTES, Variant
from rnnquiz.course.database import connect, damaged, is_of_a_term, needs_one_exercise, remedy_of
from rnnquiz.course.older import as_issued
from rnnquiz.course.records import (
    MarkingRun,
    NewestMarking,
    givens_as_text,
    givens_in,
    language_in,
    newest_marking,
)
from rnnquiz.errors import CourseError, ToolError
from rnnquiz.languages.catalogue import ENGLISH, Language
from rnnquiz.private import (
    check_named,
    clear_parts,
    make_folder,
    new_file,
    refuse_links,
    write_atomically,
)  # fmt: skip
from rnnquiz.roster import Student

DATABASE, SECRET = "course.sqlite", "secret.key"
_OUTSIDE = "outside: "
# All tables of what students did. Some of them point to `students`, and so all go before it.
_OF_STUDENTS = ("grades", "numbers_of", "pages", "late", "excused", "variants", "known_as")


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
            _check(folder)
            # Made before SQLite opens it: its journals get the mode of the file, closed to others.
            with suppress(FileExistsError):
                new_file(folder / DATABASE).close()
            database = connect(folder / DATABASE)
            course = cls(folder, database)
            course._make_secret()
        except OSError as error:
            found = f"cannot be made: {error.strerror}"
            raise ToolError.at("disk", str(folder), found, "choose another folder") from None
        return course

    def _make_secret(self) -> None:
        secret = self.folder / SECRET
        if secret.exists():
            return
        # The numbers of sheets that were given out come from the secret that is gone.
        if self.attempts():
            remedy = "restore it from a backup; a new one gives other sheets"
            raise CourseError.at(str(secret), "the secret", "is missing", remedy)
        write_atomically(secret, secrets.token_bytes(SECRET_BYTES))

    @classmethod
    def open(cls, folder: Path) -> Course:
        """Open an existing course; CourseError where there is none."""
        if not (folder / DATABASE).is_file():
            remedy = "make one: rnnquiz generate BANK --roster R --out FOLDER"
            raise CourseError.at(str(folder), "the folder", "holds no course", remedy)
        _check(folder)
        database = connect(folder / DATABASE)
        return cls(folder, database)

    def __enter__(self) -> Course:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    @property
    def secret(self) -> bytes:
        path = self.folder / SECRET
        try:
            data = path.read_bytes()
        except OSError:
            data = b""
        # A key that was cut short would go on with other numbers, and easier ones to guess.
        if len(data) < SECRET_BYTES:
            remedy = "restore it from a backup"
            raise CourseError.at(str(path), "the secret", "is damaged", remedy)
        return data

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
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
        with self.transaction() as db:
            for student in roster:
                # Nobody's changes: names of files and the lots of pools come from it.
                position = positions.get(student.id, following)
                following += student.id not in positions
                db.execute(
                    "INSERT INTO students VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                    "name = excluded.name, email = excluded.email",
                    (student.id, student.name, student.email, position),
                )
                # An id that the roster has no more is theirs no more.
                db.execute("DELETE FROM known_as WHERE student = ?", (student.id,))
                others = [(student.id, other) for other in student.others]
                db.executemany("INSERT OR IGNORE INTO known_as VALUES (?, ?)", others)

    def bank(self, digest: str | None = None) -> Bank:
        """The bank that was issued, or the one of a marking by its digest, from its stored text."""
        digest = digest or self._issued() or ""
        if not digest and not self.exercise and self.assignment():
            raise needs_one_exercise(self.folder)
        if not digest and self.is_term:
            raise is_of_a_term(self.folder)
        found = self.rows("SELECT source, text FROM banks WHERE digest = ?", digest)
        if not found:
            place, remedy = str(self.folder), "run rnnquiz generate"
            raise CourseError.at(place, "the course", "has no bank yet", remedy)
        source, text = found[0]
        whole, notation = self.as_issued(text, digest), self._noted(f"notation of {digest}")
        language = self.language() or ENGLISH
        return Portable(whole, source, notation or "", language).bank

    def language(self) -> Language | None:
        """In which its students read; None where nothing was issued yet."""
        if noted := self._noted("language"):
            return language_in(noted)
        # What was issued before there were languages says none.
        if self.assignment() or self.part("")._issued():
            return ENGLISH
        return None

    def as_issued(self, text: str, digest: str = "") -> str:
        """The text of a bank with names that mean what they meant when the bank `digest`, or the
        one of this course, was issued."""
        known = digest or self._issued() or ""
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

    def _issued(self) -> str | None:
        return self._noted(self._bank_key)

    @property
    def _bank_key(self) -> str:
        """Where the bank of the exercise is noted."""
        if not self.exercise:
            return "bank"
        return f"bank of {self.exercise}"

    def _noted(self, key: str) -> str | None:
        for (value,) in self.rows("SELECT value FROM meta WHERE key = ?", key):
            return str(value)
        return None

    @property
    def is_term(self) -> bool:
        """Whether the folder is that of a term: students, and a folder for each assignment."""
        return self._noted("term") is not None

    def begin_term(self) -> None:
        """Make the folder that of a term; CourseError where sheets were issued from it."""
        if self.assignment() or self._issued():
            remedy = "choose a folder above it that holds no course"
            found = "holds a course of its own, and cannot be that of a term"
            raise CourseError.at(str(self.folder), "the folder", found, remedy)
        with self.transaction() as db:
            db.execute("INSERT OR IGNORE INTO meta VALUES ('term', 'yes')")

    def assignment(self) -> str:
        """What the assignment of the course is, as it was stored; empty for a bank alone."""
        return self._noted("assignment") or ""

    def set_assignment(self, text: str) -> None:
        """Store what the assignment is; CourseError where the course has another one, or a bank."""
        if self.is_term:
            raise is_of_a_term(self.folder)
        alone = self.part("")._issued()
        if self.assignment() not in ("", text) or alone:
            found = "another assignment, or a bank alone, was issued from this folder"
            remedy = "choose a new folder, or give the assignment back its old text"
            raise CourseError.at(str(self.folder), "the assignment", found, remedy)
        with self.transaction() as db:
            db.execute("INSERT OR IGNORE INTO meta VALUES ('assignment', ?)", (text,))

    def set_bank(self, bank: Bank) -> Bank:
        """Store the bank that is issued, and give back the one to go on with: what an older program
        issued, in the names of today. CourseError where another text was issued already."""
        if not self.exercise and self.assignment():
            raise needs_one_exercise(self.folder)
        if self.is_term:
            raise is_of_a_term(self.folder)
        if self._issued() not in (None, bank.digest):
            issued = self.bank()
            # What an older program issued is stored twice: as it was, and in the names of today.
            if issued.digest == bank.digest:
                return issued
            found = (
                "sheets of another text of the bank, or in another notation, were issued from this"
                " folder"
            )
            remedy = "choose a new folder, or give the bank back its old text and notation"
            raise CourseError.at(str(self.folder), "the bank", found, remedy)
        with self.transaction() as db:
            self._keep(db, bank)
            row = self._bank_key, bank.digest
            db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", row)
        if self.as_issued(bank.text) == bank.text:
            return bank
        issued = self.bank()
        with self.transaction() as db:
            self._keep(db, issued)
        return issued

    def _keep(self, db: sqlite3.Connection, bank: Bank) -> None:
        row = bank.digest, bank.source, bank.text
        db.execute("INSERT OR IGNORE INTO banks VALUES (?, ?, ?)", row)
        if bank.notation.name:
            noted = f"notation of {bank.digest}", bank.notation.name
            db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", noted)

    def keep_layout(self, kind: str, words: str) -> None:
        """Remember how the files in the folder `kind` are laid out; CourseError where some are
        there in another layout."""
        key = f"layout of {kind}"
        known = self._noted(key)
        place = self.folder / kind
        # A folder that was emptied may be filled in any layout.
        if known not in (None, words) and place.is_dir() and any(place.iterdir()):
            found = f"the files there were made with: {known}; now asked for: {words}"
            remedy = "give the same options as before, or remove this folder to make all of it anew"
            raise CourseError.at(str(place), "layout", found, remedy)
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, words))

    def note_outside(self, path: Path, words: str) -> str:
        """Remember that a command, in `words`, put names or marks elsewhere, so that `erase` can
        say so; why it cannot be noted."""
        row = f"{_OUTSIDE}{path.absolute()}", words
        try:
            with self.transaction() as db:
                db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", row)
        # The file is there by now: that it cannot be noted takes nothing back.
        except ToolError as error:
            found = error.problems[0].found
            return f"{path} is not noted in the course, erase will not name it: {found}"
        return ""

    def outside(self) -> list[tuple[Path, str]]:
        """What was put elsewhere, and by which command."""
        query = "SELECT key, value FROM meta WHERE substr(key, 1, ?) = ? ORDER BY key"
        rows = self.rows(query, len(_OUTSIDE), _OUTSIDE)
        return [(Path(key.removeprefix(_OUTSIDE)), words) for key, words in rows]

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

    def variant_of(self, row: NewestMarking) -> Variant:
        """The numbers that a student was marked by; CourseError where they were another's who was
        erased."""
        owner: str | None = row.student
        if row.numbers:
            owner = self.owners().get(row.numbers)
        if owner is None:
            found = (
                f"was marked by the numbers {row.numbers}, which were erased with the student whose"
                " sheet has them"
            )
            remedy = "the marks stay as they are stored"
            raise CourseError.at(str(self.folder), row.student, found, remedy)
        return self.variants([owner])[0]

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

    def add_variants(self, bank: Bank, variants: Sequence[Variant], program: str) -> None:
        """Store variants of this exercise."""
        self.add_sheets({self.exercise: bank}, variants, program)

    def add_sheets(
        self, banks: Mapping[str, Bank], variants: Sequence[Variant], program: str
    ) -> None:
        """Store variants of several exercises, each by its bank: all of them or none."""
        rows = []
        for one in variants:
            issued = one.exercise, one.student, one.attempt, one.token, one.candidate
            digest = banks[one.exercise].digest
            rows.append((*issued, givens_as_text(one.givens), digest, program))
        with self.transaction() as db:
            db.executemany("INSERT INTO variants VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    @contextmanager
    def run(self, bank: Bank, program: str, note: str) -> Iterator[MarkingRun]:
        """A marking of the course: what is added to it within the block is stored when the block
        ends, all of it or nothing."""
        with self.transaction() as db:
            yield self._run(db, bank, program, note)

    @contextmanager
    def runs(
        self, banks: Mapping[str, Bank], program: str, note: str
    ) -> Iterator[dict[str, MarkingRun]]:
        """The same for several exercises at once, each by its bank."""
        with self.transaction() as db:
            found = {}
            for key, bank in banks.items():
                found[key] = self.part(key)._run(db, bank, program, note)
            yield found

    def _run(self, db: sqlite3.Connection, bank: Bank, program: str, note: str) -> MarkingRun:
        # The run points to its bank.
        self._keep(db, bank)
        cursor = db.execute(
            "INSERT INTO runs (bank, program, note, exercise) VALUES (?, ?, ?, ?)",
            (bank.digest, program, note, self.exercise),
        )
        assert cursor.lastrowid is not None
        return MarkingRun(db, cursor.lastrowid)

    def forget(self, students: Sequence[str], dry_run: bool = False) -> int:
        """Delete all that is known of students, in all markings, so that it cannot be read from the
        file either; how many markings."""
        count = 0
        # Before they are gone: the question whether to forget them says how many there are.
        for student in students:
            rows = self.rows("SELECT count(*) FROM grades WHERE student = ?", student)
            count += rows[0][0]
        if dry_run:
            return count
        which = [(student,) for student in students]
        # SQLite leaves what it deletes in the file until the place is used again.
        self.rows("PRAGMA secure_delete = ON")
        with self.transaction() as db:
            for table in _OF_STUDENTS:
                db.executemany(f"DELETE FROM {table} WHERE student = ?", which)
            db.executemany("DELETE FROM students WHERE id = ?", which)
        # The file is written anew: no free page in it holds an older copy of a row.
        self.rows("VACUUM")
        return count

    def pages(self) -> dict[tuple[int, str], str]:
        """Worked pages as JSON, by run and student."""
        rows = self.rows("SELECT run, student, page FROM pages")
        return {(run, student): page for run, student, page in rows}

    def standing(self) -> list[NewestMarking]:
        """The newest marking of the attempt of each student who was ever marked."""
        rows = self.rows(_STANDING, self.attempt, self.exercise, self.attempt)
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
            db.executemany("INSERT INTO excused VALUES (?, ?)", rows)


def _check(folder: Path) -> None:
    """ToolError where what is kept of the course would be read or written through a link."""
    check_named(folder)
    # SQLite writes them beside the file, without a look at what stands there.
    journals = [f"{DATABASE}-{kind}" for kind in ("journal", "wal", "shm")]
    for name in (SECRET, DATABASE, *journals):
        refuse_links(folder, name)


# The newest run of each student, perhaps not the newest of all; the index `newest` finds it.
_STANDING = (
    "SELECT g.run, r.bank, g.student, g.attempt, g.source, g.answers, g.marks, g.maximum,"
    " g.boxes, n.token, l.days, l.share FROM grades g JOIN runs r ON r.id = g.run"
    " LEFT JOIN numbers_of n ON n.run = g.run AND n.student = g.student"
    " LEFT JOIN late l ON l.run = g.run AND l.student = g.student"
    " JOIN students s ON s.id = g.student WHERE"
    " g.run = (SELECT max(h.run) FROM grades h JOIN runs q ON q.id = h.run"
    " WHERE h.student = g.student AND h.attempt = ? AND q.exercise = ?)"
    " AND g.attempt = ? ORDER BY s.position"
)
