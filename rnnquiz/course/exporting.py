"""`rnnquiz export`: the marks of a course, as they are stored, in the form of another system."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path, PurePosixPath

from rnnquiz.course.assignments import handed_in, issued_assignment, marking_assignment
from rnnquiz.course.autograder import exercise_of
from rnnquiz.course.counting import counted_marks, words_of_count
from rnnquiz.course.outside import note_outside
from rnnquiz.course.store import Course
from rnnquiz.course.terms import term_marks
from rnnquiz.errors import MOST_PROBLEMS, CourseError, Problem
from rnnquiz.exports.grade_row import GradeRow, two_places
from rnnquiz.exports.gradebook import GRADEBOOK_WRITERS, NOTES
from rnnquiz.exports.gradescope import autograder
from rnnquiz.exports.layouts import LAYOUTS
from rnnquiz.exports.roundtrip import Filled, SystemFile, fill
from rnnquiz.files.private import refuse_links, write_atomically
from rnnquiz.people.identity import AsName, participant
from rnnquiz.people.roster import Lookup
from rnnquiz.submissions.origins import origin_of, without_group
from rnnquiz.submissions.sources import paths_in


@dataclass(frozen=True)
class ExportOptions:
    """What was asked for: the file to fill in, its column, the folder of feedback pages, wheels for
    an autograder, and whose sheets it marks: those of an attempt; which attempt counts."""

    into: Path | None = None
    column: str = ""
    feedback: Path | None = None
    wheels: tuple[Path, ...] | None = None
    count: str = "best"
    attempt: int = 1


def _filled(system: str, course: Course, options: ExportOptions) -> Filled:
    if options.into is None:
        raise CourseError.at(
            system,
            "--into",
            "is missing",
            f"give the file that {system} gave out; its marks are filled in",
        )
    try:
        data = options.into.read_bytes()
    except OSError as error:
        raise CourseError.at(
            str(options.into), "the file", f"cannot be read: {error.strerror}"
        ) from None
    rows = _rows(course, options)
    handed = {} if course.is_term else dict(_handed(course))
    file = SystemFile(system, options.into.name, data, options.column)
    lookup = Lookup(course.students())
    done = fill(file, rows, lookup, handed)
    others = []
    # Who got the mark of the team has none in the course, and one in the file.
    for row in rows:
        if row.id not in done.shared:
            others.append(row)
    done.problems += _without_marks(others)
    return done


def _handed(course: Course) -> Iterator[tuple[str, str]]:
    """Moodle's number of each student, from the folders of its download; not that of a team."""
    students = {student.id: student for student in course.students()}
    for student, source in handed_in(course).items():
        # Of files that were taken together each may lie in a folder of its own.
        for path in paths_in(source):
            origin = origin_of(path)
            if origin is None or not (number := participant(origin.number)):
                continue
            blind = origin.known_as == (origin.number,)
            names = map(AsName, chain.from_iterable(map(_names, origin.known_as)))
            lookup = Lookup([students[student]])
            # Under blind marking the token in the file has told whose it is. A folder with another
            # name is that of a team, and its number the team's.
            if blind or any(lookup.named(name) for name in names):
                yield number, student


def _names(known: str) -> Iterator[str]:
    """A name of Moodle's folder, and what it is without a group in front."""
    yield known
    yield from (rest for _, rest in without_group(known))


def _rows(course: Course, options: ExportOptions) -> list[GradeRow]:
    """The marks of a course, or those of all assignments of a term."""
    if course.is_term:
        return term_marks(course, options.count)
    return counted_marks(course, options.count)


def _title(course: Course) -> str:
    """What the marks are of; a term has the name of its folder."""
    if course.is_term:
        return course.folder.absolute().name
    return issued_assignment(course).head.title


def _written(kind: str, course: Course, options: ExportOptions) -> Filled:
    rows = _rows(course, options)
    _, writer = GRADEBOOK_WRITERS[kind]
    data = b"".join(writer(_title(course), rows))
    notes = list[str]()
    if kind in NOTES:
        notes = NOTES[kind](rows)
    marked = sum(row.marks is not None for row in rows)
    return Filled(data, marked, problems=_without_marks(rows), written=marked, notes=notes)


def _without_marks(rows: Sequence[GradeRow]) -> list[Problem]:
    """A problem that names those who have no marks, where there are some."""
    names = []
    for row in rows:
        if row.marks is None:
            names.append(row.id)
    if not names:
        return []
    where = f"no marks, nothing of theirs is marked ({len(names)})"
    return [Problem(where, ", ".join(names))]


_MOODLE_FOLDER = "_assignsubmission_file"  # the end of its folders of handed in files


def _moodle_feedback(course: Course, options: ExportOptions) -> Filled:
    """Feedback pages in the folders of Moodle's own download, so that it gives each student the
    right one."""
    if options.feedback is None or not options.feedback.is_dir():
        remedy = "give the folder of feedback pages that grade wrote"
        raise CourseError.at("moodle_feedback", "--feedback", "is no folder", remedy)
    done, out = Filled(), io.BytesIO()
    stems = {student.id: student.stem for student in course.students()}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for student, source in handed_in(course).items():
            folder, pages = _folder_of(source), _pages_of(options.feedback, stems[student])
            if not folder or not pages:
                why = "no feedback page" if folder else "was not in an archive of Moodle"
                done.problems.append(Problem(student, why, "left out"))
                continue
            for page in pages:
                # An entry made from a name alone has no time of the file: the same bytes each time.
                entry = zipfile.ZipInfo(f"{folder}/feedback{page.suffix}")
                made.writestr(entry, page.read_bytes(), zipfile.ZIP_DEFLATED)
            done.changed += 1
            done.written += 1
    done.problems += _without_marks(counted_marks(course, options.count))
    if not done.changed:
        found = "was in an archive of Moodle, or has a page"
        raise CourseError.at("moodle_feedback", "no sheet", found, _REMEDY_OF_MOODLE)
    done.data = out.getvalue()
    return done


_REMEDY_OF_MOODLE = (
    "grade the archive of Moodle itself, then export; the folders of the pages come from its names"
)


def _folder_of(source: str) -> str:
    """The student's folder in Moodle's download that a sheet was found in; "" for another place."""
    # Moodle before 4.1 writes an underscore behind it, which is left out.
    for part in PurePosixPath(source).parts:
        before, found, _ = part.partition(_MOODLE_FOLDER)
        if found:
            return before + found
    return ""


def _pages_of(folder: Path, stem: str) -> list[Path]:
    """The feedback pages of a student that are there."""
    names = [f"{stem}.pdf", f"{stem}.html"]
    for name in names:
        refuse_links(folder, name)
    pages = (folder / name for name in names)
    return list(filter(Path.is_file, pages))


def _autograder(first: Course, options: ExportOptions) -> Filled:
    course = first.sitting(options.attempt)
    exercise = exercise_of(course)
    count = len(exercise["students"])
    remedy = "run rnnquiz generate with the roster"
    # A retake is for some: who has no sheet of it need not have one.
    without = course.waiting() if course.attempt == 1 else []
    waiting = [Problem(student.id, "has no sheet yet", remedy) for student in without]
    return Filled(autograder(exercise, options.wheels), count, waiting, count)


TARGETS: dict[str, Callable[[Course, ExportOptions], Filled]] = {
    **{kind: partial(_written, kind) for kind in GRADEBOOK_WRITERS},
    **{system: partial(_filled, system) for system in LAYOUTS},
    "moodle_feedback": _moodle_feedback,
    "gradescope": _autograder,
}
"""What marks can be exported as; `LAYOUTS` need the file that the system gave out."""


def export(
    folder: Path, target: str, out: Path, options: ExportOptions, dry_run: bool = False
) -> Filled:
    """Make the file at `out`; in a dry run only say what would change. The file that is filled in
    is never overwritten by mistake.

    CourseError where nobody's marks would be in it: an empty file is no export.
    """
    # Both are resolved, as one file has several names. It is needed again if an import fails.
    if options.into is not None and out.resolve() == options.into.resolve():
        raise CourseError.at(
            str(out),
            "--out",
            "is the file to fill in",
            "give another name; keep what the system gave out",
        )
    with Course.open(folder) as course:
        done = TARGETS[target](course, options)
        if not done.written:
            why = done.problems[:MOST_PROBLEMS]
            nobody = Problem("0 students", "would be in this file", _REMEDY)
            raise CourseError(str(out), [nobody, *why])
        if not course.is_term:
            done.notes += [*_changed_maximum(course), *words_of_count(course, options.count)]
        if not dry_run:
            write_atomically(out, done.data)
            if unnoted := note_outside(course, out, f"export --to {target}"):
                done.problems.append(Problem("", unnoted))
    return done


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
