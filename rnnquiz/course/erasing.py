"""`rnnquiz erase`: what a course holds of a student is forgotten, and what is asked for of the
grades; what others hold of the course stays as it is. What lies outside is named."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, filterfalse
from pathlib import Path

from rnnquiz.course.clearing import Cleared, clear, ids_in
from rnnquiz.course.outside import outside
from rnnquiz.course.store import Course
from rnnquiz.course.terms import assignments_in, folders_in
from rnnquiz.course.wanted import RETAKE
from rnnquiz.documents.produce import BOOKS
from rnnquiz.errors import CourseError
from rnnquiz.files.private import remove
from rnnquiz.people.roster import Student, among

DOCUMENTS_OF_THE_CLASS = (
    "class_book.pdf",
    "class_book_worked.pdf",
    "marking_sheet.tex",
    "marking_sheet.pdf",
    "printer.pdf",
    "printer_by_name.pdf",
)  # generate makes them again, without the student

# All tables of what students did. Some of them point to `students`, and so all go before it.
_OF_STUDENTS = ("grades", "numbers_of", "pages", "late", "excused", "variants", "known_as")


@dataclass(frozen=True)
class Erased:
    """How many markings were forgotten, the files that were removed, what was cleared of each
    folder of grades, and what the course has put elsewhere, each with the command that wrote it."""

    markings: int
    files: list[Path]
    cleared: list[Cleared]
    outside: list[tuple[Path, str]]


def erase(
    folder: Path, ids: Sequence[str], dry_run: bool = False, grades: Sequence[Path] = ()
) -> Erased:
    """Forget students, in a term from all of its assignments; see `_erase`."""
    with Course.open(folder) as course:
        is_term = course.is_term
    found = _erase(folder, ids, dry_run, grades)
    if not is_term:
        return found
    for place in assignments_in(folder):
        # Not everybody of a term has a sheet of each assignment.
        own = _known(place, ids)
        if own:
            found = _both(found, _erase(place, own, dry_run, ()))
    return found


def _known(folder: Path, ids: Sequence[str]) -> list[str]:
    with Course.open(folder) as course:
        known = among(course.students(), ids)
    return [student.id for student in known]


def _both(one: Erased, other: Erased) -> Erased:
    reached = [*one.outside, *other.outside]
    files, cleared = [*one.files, *other.files], [*one.cleared, *other.cleared]
    return Erased(one.markings + other.markings, files, cleared, reached)


def _erase(folder: Path, ids: Sequence[str], dry_run: bool, grades: Sequence[Path]) -> Erased:
    """Forget students: their rows in the database (overwritten on the disk), their own files in the
    course folder, the class documents in which they stand, and what folders of `grades` hold of
    them. CourseError, and nothing is done, where an id is not in the course; who was forgotten
    before can still be cleared out of `grades`."""
    with Course.open(folder) as course:
        known = among(course.students(), ids)
        # Before anything is removed, so that it is all of them or none.
        _refuse_unknown(folder, ids, grades, [student.id for student in known])
        files = list(_files(folder, known))
        cleared = [clear(place, ids, known, dry_run) for place in grades]
        # Files first: after a run that was killed in between, the students are still found.
        for path in [] if dry_run else files:
            inside = path.relative_to(folder)
            remove(folder, inside.as_posix())
        markings = forget(course, [student.id for student in known], dry_run)
        outside = list(_outside(course, grades))
    return Erased(markings, files, cleared, outside)


def forget(course: Course, students: Sequence[str], dry_run: bool = False) -> int:
    """Delete all that is known of students, in all markings, so that it cannot be read from the
    file either; how many markings."""
    count = 0
    # Before they are gone: the question whether to forget them says how many there are.
    for student in students:
        rows = course.rows("SELECT count(*) FROM grades WHERE student = ?", student)
        count += rows[0][0]
    if dry_run:
        return count
    which = [(student,) for student in students]
    # SQLite leaves what it deletes in the file until the place is used again.
    course.rows("PRAGMA secure_delete = ON")
    with course.transaction() as db:
        for table in _OF_STUDENTS:
            db.executemany(f"DELETE FROM {table} WHERE student = ?", which)
        db.executemany("DELETE FROM students WHERE id = ?", which)
    # The file is written anew: no free page in it holds an older copy of a row.
    course.rows("VACUUM")
    return count


def _refuse_unknown(
    folder: Path, ids: Sequence[str], grades: Sequence[Path], known: Collection[str]
) -> None:
    there = set(known).union(*map(ids_in, grades))
    unknown = list(filterfalse(there.__contains__, ids))
    if unknown:
        found = f"{', '.join(map(repr, unknown))} not in the course"
        remedy = "check the id; to clear a folder of grades of somebody forgotten: --out"
        raise CourseError.at(str(folder), "student", found, remedy)


def _outside(course: Course, grades: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """What the course has put elsewhere and is still there, but for what is cleared now."""
    reached = {place.absolute() for place in grades}
    for path, words in outside(course):
        if path.exists() and path not in reached:
            yield path, words


def _files(folder: Path, known: Sequence[Student]) -> Iterator[Path]:
    """What is theirs in the course folder; what a link leads to lies elsewhere."""
    places = folders_in(folder)
    retakes = list(filter(_is_retake, places))
    stems = {student.stem for student in known}
    inner = [folders_in(retake) for retake in retakes]
    for place in chain(places, *inner):
        for path in sorted(place.iterdir()):
            if path.stem in stems:
                yield path
    for base in (folder, *retakes):
        for book in BOOKS:
            yield from _book_parts(base / book, known)
    # Of those whom the course knows no more, nothing stands in what it made since.
    if not known:
        return
    # Nobody can be taken out of a document of the whole class: all of it goes.
    for base in (folder, *retakes):
        for name in DOCUMENTS_OF_THE_CLASS:
            path = base / name
            if path.exists():
                yield path


def _is_retake(place: Path) -> bool:
    return place.name.startswith(RETAKE)


def _book_parts(book: Path, known: Sequence[Student]) -> Iterator[Path]:
    """The parts of the class book in which they stand."""
    if book.is_symlink():
        return
    for path in sorted(book.glob("*.pdf")):
        if any(_in_part(path, student.position) for student in known):
            yield path


def _in_part(part: Path, position: int) -> bool:
    """Whether a part of the book, named by its first and last position, has a student."""
    first, _, last = part.stem.partition("-")
    # Whatever else lies there was not written by this program.
    if not (first.isdigit() and last.isdigit()):
        return False
    return int(first) <= position <= int(last)
