"""`rnnquiz erase`: what a course holds of a student is forgotten; what others hold of the course stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnquiz.course.store import Course
from rnnquiz.documents.produce import BOOK
from rnnquiz.errors import CourseError, Problem

OF_THE_CLASS = ("class_book.pdf", "marking_sheet.tex", "marking_sheet.pdf")  # generate makes them again, without the student


@dataclass(frozen=True)
class Erased:
    """How many markings were forgotten, and the files that were removed."""

    markings: int
    files: list[Path]


def erase(folder: Path, ids: Sequence[str], dry_run: bool = False) -> Erased:
    """Forget students: their rows in the database (overwritten on the disk), their own files in the course folder, and the class
    documents in which they stand. CourseError, and nothing is done, where an id is not in the course."""
    with Course.open(folder) as course:
        known = {student.id: student for student in course.students()}
        if unknown := [id_ for id_ in ids if id_ not in known]:
            raise CourseError(str(folder), Problem("student", f"{', '.join(map(repr, unknown))} not in the course", "check the id"))
        stems = {known[id_].stem for id_ in ids}
        parts = [path for path in sorted((folder / BOOK).glob("*.pdf")) if any(_in_part(path, known[id_].position) for id_ in ids)]
        own = [path for place in sorted(folder.iterdir()) if place.is_dir() for path in sorted(place.iterdir()) if path.stem in stems]
        files = [*own, *parts, *(path for name in OF_THE_CLASS if (path := folder / name).exists())]
        markings = course.forget(ids, dry_run)
    for path in files if not dry_run else ():
        path.unlink(missing_ok=True)
    return Erased(markings, files)


def _in_part(part: Path, position: int) -> bool:
    """Whether a part of the book, named by its first and last position, has a student."""
    first, _, last = part.stem.partition("-")
    return first.isdigit() and last.isdigit() and int(first) <= position <= int(last)
