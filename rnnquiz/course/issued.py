"""What is issued from a course, written down once: its bank or assignment, the numbers of
its sheets, how its files are laid out. Another bank or layout is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.course.database import is_of_a_term, needs_one_exercise
from rnnquiz.course.records import givens_as_text
from rnnquiz.course.runs import keep_bank
from rnnquiz.course.store import Course
from rnnquiz.errors import CourseError


def begin_term(course: Course) -> None:
    """Make the folder that of a term; CourseError where sheets were issued from it."""
    if course.assignment() or course.issued_bank():
        remedy = "choose a folder above it that holds no course"
        found = "holds a course of its own, and cannot be that of a term"
        raise CourseError.at(str(course.folder), "the folder", found, remedy)
    with course.transaction() as db:
        db.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('term', 'yes')")


def set_assignment_text(course: Course, text: str) -> None:
    """Store what the assignment is; CourseError where the course has another one, or a bank."""
    if course.is_term:
        raise is_of_a_term(course.folder)
    alone = course.part("").issued_bank()
    if course.assignment() not in ("", text) or alone:
        found = "another assignment, or a bank alone, was issued from this folder"
        remedy = "choose a new folder, or give the assignment back its old text"
        raise CourseError.at(str(course.folder), "the assignment", found, remedy)
    with course.transaction() as db:
        db.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('assignment', ?)", (text,))


def set_bank(course: Course, bank: Bank) -> Bank:
    """Store the bank that is issued, and give back the one to go on with: what an older program
    issued, in the names of today. CourseError where another text was issued already."""
    if not course.exercise and course.assignment():
        raise needs_one_exercise(course.folder)
    if course.is_term:
        raise is_of_a_term(course.folder)
    if course.issued_bank() not in (None, bank.digest):
        issued = course.bank()
        # What an older program issued is stored twice: as it was, and in the names of today.
        if issued.digest == bank.digest:
            return issued
        found = (
            "sheets of another text of the bank, or in another notation, were issued from this"
            " folder"
        )
        remedy = "choose a new folder, or give the bank back its old text and notation"
        raise CourseError.at(str(course.folder), "the bank", found, remedy)
    with course.transaction() as db:
        keep_bank(db, bank)
        row = course.bank_key, bank.digest
        db.execute("INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", row)
    if course.as_issued(bank.text) == bank.text:
        return bank
    issued = course.bank()
    with course.transaction() as db:
        keep_bank(db, issued)
    return issued


def keep_layout(course: Course, kind: str, words: str) -> None:
    """Remember how the files in the folder `kind` are laid out; CourseError where some are
    there in another layout."""
    key = f"layout of {kind}"
    known = course.noted(key)
    place = course.folder / kind
    # A folder that was emptied may be filled in any layout.
    if known not in (None, words) and place.is_dir() and any(place.iterdir()):
        found = f"the files there were made with: {known}; now asked for: {words}"
        remedy = "give the same options as before, or remove this folder to make all of it anew"
        raise CourseError.at(str(place), "layout", found, remedy)
    with course.transaction() as db:
        db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, words))


def add_sheets(
    course: Course, banks: Mapping[str, Bank], variants: Sequence[Variant], program: str
) -> None:
    """Store variants of several exercises, each by its bank: all of them or none."""
    rows = []
    for one in variants:
        issued = one.exercise, one.student, one.attempt, one.token, one.candidate
        digest = banks[one.exercise].digest
        rows.append((*issued, givens_as_text(one.givens), digest, program))
    query = (
        "INSERT INTO variants"
        " (exercise, student, attempt, token, candidate, givens, bank, program)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    )
    with course.transaction() as db:
        db.executemany(query, rows)
