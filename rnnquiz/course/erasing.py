"""`rnnquiz erase`: what a course holds of a student is forgotten, and what is asked for of the
grades; what others hold of the course stays as it is. What lies outside is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnquiz.course.clearing import Cleared, clear, ids_in
from rnnquiz.course.generating import RETAKE
from rnnquiz.course.store import Course
from rnnquiz.course.terms import assignments_in
from rnnquiz.documents.produce import BOOK
from rnnquiz.errors import CourseError
from rnnquiz.private import remove

DOCUMENTS_OF_THE_CLASS = (
    "class_book.pdf",
    "marking_sheet.tex",
    "marking_sheet.pdf",
    "printer.pdf",
    "printer_by_name.pdf",
)  # generate makes them again, without the student


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
    for place in assignments_in(folder) if is_term else []:
        with Course.open(place) as course:
            known = {student.id for student in course.students()}
        own = [id_ for id_ in ids if id_ in known]
        if own:
            found = _both(found, _erase(place, own, dry_run, ()))
    return found


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
        known = {student.id: student for student in course.students() if student.id in set(ids)}
        there = set(known).union(*(ids_in(place) for place in grades))
        if unknown := [id_ for id_ in ids if id_ not in there]:
            found = f"{', '.join(map(repr, unknown))} not in the course"
            remedy = "check the id; to clear a folder of grades of somebody forgotten: --out"
            raise CourseError.at(str(folder), "student", found, remedy)
        files = _files(
            folder,
            [student.stem for student in known.values()],
            [student.position for student in known.values()],
        )
        cleared = [clear(place, ids, list(known.values()), dry_run) for place in grades]
        markings = course.forget(list(known), dry_run)
        reached = {place.absolute() for place in grades}
        outside = [
            (path, words)
            for path, words in course.outside()
            if path.exists() and path not in reached
        ]
    for path in files if not dry_run else ():
        remove(folder, path.relative_to(folder).as_posix())
    return Erased(markings, files, cleared, outside)


def _files(folder: Path, stems: Sequence[str], positions: Sequence[int]) -> list[Path]:
    """What is theirs in the course folder; what a link leads to lies elsewhere."""
    places = _folders(folder)
    retakes = [place for place in places if place.name.startswith(RETAKE)]
    inner = [place for retake in retakes for place in _folders(retake)]
    own = [
        path
        for place in (*places, *inner)
        for path in sorted(place.iterdir())
        if path.stem in set(stems)
    ]
    books = [base / BOOK for base in (folder, *retakes)]
    parts = [path for book in books if not book.is_symlink() for path in sorted(book.glob("*.pdf"))]
    shared = [path for path in parts if any(_in_part(path, position) for position in positions)]
    whole = [
        path
        for base in (folder, *retakes)
        for name in DOCUMENTS_OF_THE_CLASS
        if stems and (path := base / name).exists()
    ]
    return [*own, *shared, *whole]


def _folders(folder: Path) -> list[Path]:
    """The folders in a folder, without links."""
    return [
        place for place in sorted(folder.iterdir()) if place.is_dir() and not place.is_symlink()
    ]


def _in_part(part: Path, position: int) -> bool:
    """Whether a part of the book, named by its first and last position, has a student."""
    first, _, last = part.stem.partition("-")
    return first.isdigit() and last.isdigit() and int(first) <= position <= int(last)
