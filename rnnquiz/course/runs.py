"""The markings of a course: what is added to one is stored when it ends, all of it or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rnnquiz.bank.specification import Bank
from rnnquiz.course.records import MarkingRun
from rnnquiz.course.store import Course


@contextmanager
def marking_runs(
    course: Course, banks: Mapping[str, Bank], program: str, note: str
) -> Iterator[dict[str, MarkingRun]]:
    """A marking of several exercises, each by its bank: what is added to it within the block is
    stored when the block ends, all of it or nothing."""
    with course.transaction() as db:
        found = {}
        for key, bank in banks.items():
            found[key] = _run(course.part(key), db, bank, program, note)
        yield found


def _run(course: Course, db: sqlite3.Connection, bank: Bank, program: str, note: str) -> MarkingRun:
    # The run points to its bank.
    keep_bank(db, bank)
    cursor = db.execute(
        "INSERT INTO runs (bank, program, note, exercise) VALUES (?, ?, ?, ?)",
        (bank.digest, program, note, course.exercise),
    )
    assert cursor.lastrowid is not None
    return MarkingRun(db, cursor.lastrowid)


def keep_bank(db: sqlite3.Connection, bank: Bank) -> None:
    """Keeps the text of the bank, once, and the name of its notation."""
    row = bank.digest, bank.source, bank.text
    db.execute("INSERT OR IGNORE INTO banks (digest, source, text) VALUES (?, ?, ?)", row)
    if bank.notation.name:
        noted = f"notation of {bank.digest}", bank.notation.name
        db.execute("INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", noted)


def worked_pages(course: Course) -> dict[tuple[int, str], str]:
    """Worked pages as JSON, by run and student."""
    rows = course.rows("SELECT run, student, page FROM pages")
    return {(run, student): page for run, student, page in rows}
