"""Marks for Moodle's import of grades, which takes all of a file or none of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rnnquiz.errors import CourseError, Problem
from rnnquiz.exports.grade_row import GradeRow, two_places
from rnnquiz.files.tables import write_table
from rnnquiz.problems import Problems

MAXIMUM_OF_IMPORT = 100  # of an item that an import of Moodle makes


def moodle_gradebook(title: str, rows: Sequence[GradeRow]) -> Iterator[bytes]:
    """For Moodle's import of grades, which refuses all for one fault: CourseError lists every row
    that it would refuse."""
    marked = _marked(rows)
    problems = Problems(CourseError, "the gradebook")
    problems.extend(_refused(marked))
    problems.raise_if_any()
    maximum = _maximum(marked)
    table = [_moodle_row(row, maximum) for row in marked]
    heading = f"{title} (of {two_places(maximum)})"
    text = write_table([["email", heading, f"{heading} feedback"], *table])
    yield text.encode()


def _marked(rows: Sequence[GradeRow]) -> list[GradeRow]:
    return list(filter(_has_marks, rows))


def _has_marks(row: GradeRow) -> bool:
    return row.marks is not None


def _refused(marked: Sequence[GradeRow]) -> Iterator[Problem]:
    """Moodle knows students by the e-mail, in whatever case it is written."""
    mails = (row.email.casefold() for row in marked)
    known = Counter(mails)
    remedy = "mend the roster, run generate and grade again"
    for row in marked:
        if not row.email:
            yield Problem(row.id, "has no e-mail", remedy)
        elif known[row.email.casefold()] > 1:
            yield Problem(row.id, f"shares the e-mail {row.email!r}", remedy)


def _moodle_row(row: GradeRow, maximum: float) -> list[str]:
    share = 0.0
    # Of a variant in which no box counts there is no share.
    if row.marks and row.maximum:
        share = row.marks / row.maximum
    feedback = ""
    if row.first_wrong:
        feedback = f"The first step to look at is {row.first_wrong}."
    # One column has one maximum: where variants have others, the share is what counts.
    return [row.email, two_places(share * maximum), feedback]


def _maximum(marked: Sequence[GradeRow]) -> float:
    """The maximum of most."""
    if not marked:
        return 0.0
    maxima = Counter(row.maximum for row in marked)
    ((maximum, _),) = maxima.most_common(1)
    return maximum


def moodle_items(rows: Sequence[GradeRow]) -> list[str]:
    """What no table can tell Moodle: an item that its import makes has the maximum 100."""
    maximum = _maximum(_marked(rows))
    if maximum == MAXIMUM_OF_IMPORT:
        return []
    refused = ""
    if maximum > MAXIMUM_OF_IMPORT:
        refused = ", and marks above it are refused"
    return [
        f"a new item that the import makes has the maximum 100{refused}: first add a grade item "
        f"with the maximum {two_places(maximum)} in Moodle's gradebook, and map the column to it"
    ]
