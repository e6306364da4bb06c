"""`rnnquiz export`: the marks of a course, as they are stored, in the form of another system."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rnnquiz.course.assignments import handed_in, issued_assignment, marking_assignment
from rnnquiz.course.autograder import exercise_of
from rnnquiz.course.counting import counted_marks, words_of_count
from rnnquiz.course.store import Course
from rnnquiz.course.terms import term_marks
from rnnquiz.errors import CourseError, Problem
from rnnquiz.exports.gradebook import NOTES, WRITERS, GradeRow, two_places
from rnnquiz.exports.gradescope import autograder
from rnnquiz.exports.layouts import LAYOUTS
from rnnquiz.exports.roundtrip import Filled, SystemFile, fill
from rnnquiz.identity import AsName, participant
from rnnquiz.private import refuse_links, write_atomically
from rnnquiz.roster import Lookup
from rnnquiz.submissions.origins import origin_of, without_group


@dataclass(frozen=True)
class Wish:
    """What was asked for: the file to fill in, its column, the folder of feedback pages, wheels for
    an autograder, and whose sheets it marks: those of an attempt; which attempt counts."""

    into: Path | None = None
    column: str = ""
    feedback: Path | None = None
    wheels: tuple[Path, ...] | None = None
    count: str = "best"
    attempt: int = 1


def _filled(system: str, course: Course, wish: Wish) -> Filled:
    if wish.into is None:
        raise CourseError(
            system,
            Problem(
                "--into",
                "is missing",
                f"give the file that {system} gave out; its marks are filled in",
            ),
        )
    try:
        data = wish.into.read_bytes()
    except OSError as error:
        raise CourseError(
            str(wish.into), Problem("the file", f"cannot be read: {error.strerror}")
        ) from None
    rows = _rows(course, wish)
    handed = {} if course.is_term else dict(_handed(course))
    file = SystemFile(system, wish.into.name, data, wish.column)
    done = fill(file, rows, Lookup(course.students()), handed)
    done.problems += _without_marks([row for row in rows if row.id not in done.shared])
    return done


def _handed(course: Course) -> Iterator[tuple[str, str]]:
    """Moodle's number of each student, from the folders of its download; not that of a team."""
    students = {student.id: student for student in course.students()}
    for student, source in handed_in(course).items():
        for path in source.split(" + "):
            origin = origin_of(path)
            if origin is None or not (number := participant(origin.number)):
                continue
            blind = origin.known_as == (origin.number,)
            names = (AsName(word) for known in origin.known_as for word in _names(known))
            lookup = Lookup([students[student]])
            if blind or any(lookup.named(name) for name in names):
                yield number, student


def _names(known: str) -> Iterator[str]:
    """A name of Moodle's folder, and what it is without a group in front."""
    yield known
    yield from (rest for _, rest in without_group(known))


def _rows(course: Course, wish: Wish) -> list[GradeRow]:
    """The marks of a course, or those of all assignments of a term."""
    if course.is_term:
        return term_marks(course, wish.count)
    return counted_marks(course, wish.count)


def _title(course: Course) -> str:
    """What the marks are of; a term has the name of its folder."""
    if course.is_term:
        return course.folder.absolute().name
    return issued_assignment(course).head.title


def _written(kind: str, course: Course, wish: Wish) -> Filled:
    rows = _rows(course, wish)
    made = WRITERS[kind][1](_title(course), rows)
    notes = NOTES[kind](rows) if kind in NOTES else []
    marked = sum(row.marks is not None for row in rows)
    data = made if isinstance(made, bytes) else made.encode()
    return Filled(data, marked, problems=_without_marks(rows), written=marked, notes=notes)


def _without_marks(rows: Sequence[GradeRow]) -> list[str]:
    """A line that names those who have no marks, where there are some."""
    names = [row.id for row in rows if row.marks is None]
    found = f"no marks, nothing of theirs is marked ({len(names)}): {', '.join(names)}"
    return [found] if names else []


def _moodle_feedback(course: Course, wish: Wish) -> Filled:
    """Feedback pages in the folders of Moodle's own download, so that it gives each student the
    right one."""
    if wish.feedback is None or not wish.feedback.is_dir():
        raise CourseError(
            "moodle_feedback",
            Problem(
                "--feedback", "is no folder", "give the folder of feedback pages that grade wrote"
            ),
        )
    done, out = Filled(), io.BytesIO()
    stems = {student.id: student.stem for student in course.students()}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for student, source in handed_in(course).items():
            prefix = next(
                (part for part in PurePosixPath(source).parts if "_assignsubmission_file" in part),
                "",
            )
            for ending in ("pdf", "html"):
                refuse_links(wish.feedback, f"{stems[student]}.{ending}")
            pages = [
                page
                for ending in ("pdf", "html")
                if (page := wish.feedback / f"{stems[student]}.{ending}").is_file()
            ]
            if not prefix or not pages:
                done.problems.append(
                    f"{student}:"
                    f" {'no feedback page' if prefix else 'was not in an archive of Moodle'} ->"
                    " left out"
                )
                continue
            folder = prefix.partition("_assignsubmission_file")[0] + "_assignsubmission_file"
            for page in pages:
                made.writestr(
                    zipfile.ZipInfo(f"{folder}/feedback{page.suffix}"),
                    page.read_bytes(),
                    zipfile.ZIP_DEFLATED,
                )
            done.changed += 1
            done.written += 1
    done.problems += _without_marks(counted_marks(course, wish.count))
    if not done.changed:
        remedy = (
            "grade the archive of Moodle itself, then export; the folders of the pages come from"
            " its names"
        )
        raise CourseError(
            "moodle_feedback",
            Problem("no sheet", "was in an archive of Moodle, or has a page", remedy),
        )
    done.data = out.getvalue()
    return done


def _autograder(first: Course, wish: Wish) -> Filled:
    course = first.sitting(wish.attempt)
    exercise = exercise_of(course)
    count = len(exercise["students"])
    remedy = "run rnnquiz generate with the roster"
    without = course.waiting() if course.attempt == 1 else []
    waiting = [f"{student.id}: has no sheet yet -> {remedy}" for student in without]
    return Filled(autograder(exercise, wish.wheels), count, waiting, count)


TARGETS: dict[str, Callable[[Course, Wish], Filled]] = {
    **{kind: lambda course, wish, kind=kind: _written(kind, course, wish) for kind in WRITERS},  # type: ignore[misc]
    **{
        system: lambda course, wish, system=system: _filled(system, course, wish)  # type: ignore[misc]
        for system in LAYOUTS
    },
    "moodle_feedback": _moodle_feedback,
    "gradescope": _autograder,
}
"""What marks can be exported as; `LAYOUTS` need the file that the system gave out."""


def export(folder: Path, target: str, out: Path, wish: Wish, dry_run: bool = False) -> Filled:
    """Make the file at `out`; in a dry run only say what would change. The file that is filled in
    is never overwritten by mistake.

    CourseError where nobody's marks would be in it: an empty file is no export.
    """
    if wish.into is not None and out.resolve() == wish.into.resolve():
        raise CourseError(
            str(out),
            Problem(
                "--out",
                "is the file to fill in",
                "give another name; keep what the system gave out",
            ),
        )
    with Course.open(folder) as course:
        done = TARGETS[target](course, wish)
        if not done.written:
            why = [Problem("", line) for line in done.problems[:MOST_LINES]]
            nobody = Problem("0 students", "would be in this file", _REMEDY)
            raise CourseError(str(out), [nobody, *why])
        if not course.is_term:
            done.notes += [*_changed_maximum(course), *words_of_count(course, wish.count)]
        if not dry_run:
            write_atomically(out, done.data)
            done.problems += filter(None, [course.note_outside(out, f"export --to {target}")])
    return done


MOST_LINES = 20  # of a message
_REMEDY = (
    "check that --into is the file of this class, and that grade or generate was run; "
    "nothing was written"
)


def _changed_maximum(course: Course) -> list[str]:
    """That regrade has changed what all marks are out of, where it has."""
    both = issued_assignment(course), marking_assignment(course)
    before, now = (two_places(assignment.marks) for assignment in both)
    was = f"it was {before} when the sheets were issued (regrade changed it)"
    return [f"the maximum is {now}; {was}"] if before != now else []
