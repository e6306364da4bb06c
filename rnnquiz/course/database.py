"""The file of a course: its tables, their version, and how the file of an older program becomes
one of this.

A change of the tables is one more row of `STEPS`; what stands there already is never changed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from rnnquiz.errors import CourseError

STEPS = (
    """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS banks (
  digest TEXT PRIMARY KEY, source TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS students (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, position INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS known_as (
  student TEXT NOT NULL REFERENCES students(id), other TEXT NOT NULL,
  PRIMARY KEY (student, other));
CREATE TABLE IF NOT EXISTS variants (
  student TEXT NOT NULL REFERENCES students(id), attempt INTEGER NOT NULL,
  token TEXT NOT NULL UNIQUE, candidate INTEGER NOT NULL, givens TEXT NOT NULL,
  bank TEXT NOT NULL REFERENCES banks(digest), program TEXT NOT NULL,
  PRIMARY KEY (student, attempt));
CREATE TABLE IF NOT EXISTS runs (
  id INTEGER PRIMARY KEY, bank TEXT NOT NULL, program TEXT NOT NULL, note TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS grades (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, attempt INTEGER NOT NULL,
  source TEXT NOT NULL, answers TEXT NOT NULL, marks REAL NOT NULL, maximum REAL NOT NULL,
  boxes TEXT NOT NULL, PRIMARY KEY (run, student, attempt));
CREATE TABLE IF NOT EXISTS numbers_of (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, token TEXT NOT NULL,
  PRIMARY KEY (run, student));
CREATE INDEX IF NOT EXISTS newest ON grades (student, run);
""",
    """
CREATE TABLE IF NOT EXISTS pages (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, page TEXT NOT NULL,
  PRIMARY KEY (run, student));
""",
    """
CREATE TABLE numbers (
  exercise TEXT NOT NULL, student TEXT NOT NULL REFERENCES students(id),
  attempt INTEGER NOT NULL, token TEXT NOT NULL, candidate INTEGER NOT NULL, givens TEXT NOT NULL,
  bank TEXT NOT NULL REFERENCES banks(digest), program TEXT NOT NULL,
  PRIMARY KEY (student, attempt, exercise), UNIQUE (token, exercise));
INSERT INTO numbers
  SELECT '', student, attempt, token, candidate, givens, bank, program FROM variants
  ORDER BY rowid;
DROP TABLE variants;
ALTER TABLE numbers RENAME TO variants;
ALTER TABLE runs ADD COLUMN exercise TEXT NOT NULL DEFAULT '';
""",
    """
CREATE TABLE late (
  run INTEGER NOT NULL REFERENCES runs(id), student TEXT NOT NULL, days INTEGER NOT NULL,
  share REAL NOT NULL, PRIMARY KEY (run, student));
CREATE TABLE excused (
  student TEXT NOT NULL REFERENCES students(id), attempt INTEGER NOT NULL,
  PRIMARY KEY (student, attempt));
""",
)
"""From a file of version k to version k + 1. Files of 0.2.0 and before say version 0, whichever
tables they have, so the first two steps make what is missing only."""
VERSION = len(STEPS)


def connect(path: Path, steps: Sequence[str] = STEPS) -> sqlite3.Connection:
    """The database in `path`, with all `steps` taken; CourseError where it is damaged, or of a
    newer program."""
    try:
        database = sqlite3.connect(path)
        # Others can read until a long marking is stored.
        database.execute("PRAGMA cache_spill = OFF")
        # SQLite heeds them only where each connection asks for it.
        database.execute("PRAGMA foreign_keys = ON")
        _migrate(database, path, steps)
    except sqlite3.Error as error:
        raise damaged(path, error) from None
    return database


def _migrate(database: sqlite3.Connection, path: Path, steps: Sequence[str]) -> None:
    """All steps that are missing, in one transaction."""
    known = len(steps)
    if _version(database) > known:
        found = _version(database)
        database.close()
        what = f"is of a newer rnnquiz (version {found} of the file; this one knows {known})"
        remedy = "bring rnnquiz up to date: pip install --upgrade rnnquiz"
        raise CourseError.at(str(path), "database", what, remedy)
    if _version(database) < known:
        with database:
            database.execute("BEGIN IMMEDIATE")  # another process may have done it by now
            # One by one: sqlite3's executescript would commit the transaction before them.
            for step in steps[_version(database) :]:
                for statement in step.split(";"):
                    database.execute(statement)
            database.execute(f"PRAGMA user_version = {known}")


def _version(database: sqlite3.Connection) -> int:
    row = database.execute("PRAGMA user_version").fetchone()
    return int(row[0])


def damaged(path: Path, error: sqlite3.Error) -> CourseError:
    """What to say of a database that cannot be read."""
    found, remedy = str(error), remedy_of(error)
    return CourseError.at(str(path), "database", found, remedy)


def remedy_of(error: sqlite3.Error) -> str:
    """What would do, by SQLite's own words."""
    busy = "another rnnquiz is at work in this folder: wait for it, and run the command again"
    words = {
        # Two runs of one command at a time store the same row; the second one fails.
        "UNIQUE": busy,
        "locked": busy,
        "readonly": "give write permission on the folder and its files",
        "unable to open": "give write permission on the folder, or choose another",
        "full": "make room and run the command again",
    }
    message = str(error)
    for word, remedy in words.items():
        if word in message:
            return remedy
    return "restore it from a backup"


def needs_one_exercise(folder: Path) -> CourseError:
    """What to say where an exercise is needed and the course has an assignment."""
    found = "holds an assignment of several exercises, and one is needed here"
    remedy = "say which, with --exercise, where the command has it"
    return CourseError.at(str(folder), "the course", found, remedy)


def is_of_a_term(folder: Path) -> CourseError:
    """What to say where a course is needed and the folder is that of a term."""
    remedy = "give the folder of one of its assignments"
    return CourseError.at(str(folder), "the folder", "is that of a term", remedy)


# The newest run of each student, perhaps not the newest of all; the index `newest` finds it.
STANDING = (
    "SELECT g.run, r.bank, g.student, g.attempt, g.source, g.answers, g.marks, g.maximum,"
    " g.boxes, n.token, l.days, l.share FROM grades g JOIN runs r ON r.id = g.run"
    " LEFT JOIN numbers_of n ON n.run = g.run AND n.student = g.student"
    " LEFT JOIN late l ON l.run = g.run AND l.student = g.student"
    " JOIN students s ON s.id = g.student WHERE"
    " g.run = (SELECT max(h.run) FROM grades h JOIN runs q ON q.id = h.run"
    " WHERE h.student = g.student AND h.attempt = ? AND q.exercise = ?)"
    " AND g.attempt = ? ORDER BY s.position"
)
"""How everybody stands: attempt, exercise, and the attempt again."""
