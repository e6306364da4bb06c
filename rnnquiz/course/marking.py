"""Some sheets, marked, and all that is kept of them. It can be done in any process, in any order,
and comes out the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from rnnquiz.bank.load import MOST_PARSED, Portable
from rnnquiz.bank.variant import arrays_of
from rnnquiz.course.bundles import (
    Bundle,
    MarkedPaper,
    MarkingOptions,
    Outcome,
    Outcomes,
    Paper,
    StudentBundle,
)
from rnnquiz.course.feedback_pages import ReviewedByPlace, reviewed, set_pages
from rnnquiz.course.marks_kept import evidence_of, graded_line, stored_row
from rnnquiz.course.reporting import ReportPart, part_of
from rnnquiz.documents.bound import feedback_of, of_attempt
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import Marked, mark
from rnnquiz.grade.matching import written_numbers
from rnnquiz.people.roster import Student
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.submissions.sources import Notice

if TYPE_CHECKING:
    from rnnquiz.pages.reading import PageReader, Reading

MOST_UNREAD = 10  # lines about one page


def mark_piece(
    options: MarkingOptions, piece: StudentBundle
) -> tuple[dict[str, bytes], tuple[Outcomes, list[str]]]:
    """The feedback pages of a piece by their paths; what comes of each exercise, and pages that
    could not be set."""
    assignment, outcomes = options.portable.assignment, Outcomes()
    pages: dict[str, ReviewedByPlace] = {student.id: {} for student in piece.students}
    for key, part in piece.parts.items():
        exercise = assignment[key]
        papers = _mark_part(options.banks[key], part)
        outcomes[key] = _outcome(options, papers)
        for student, page in reviewed(options, exercise, papers):
            pages[student][exercise.place] = page
    if not options.pages:
        return {}, (outcomes, [])
    whole = []
    for one in piece.students:
        document = feedback_of(assignment, pages[one.id], _late(piece, one))
        whole.append(of_attempt(document, piece.attempt))
    files, faults = set_pages(options, piece, whole)
    return files, (outcomes, faults)


def _late(piece: StudentBundle, student: Student) -> tuple[int, float]:
    """How many days late the sheet of a student is, and the share of all marks that this costs."""
    for part in piece.parts.values():
        for paper in part.papers:
            if paper.student.id == student.id:
                return paper.sheet.days, paper.sheet.taken_off
    return 0, 0.0


def _mark_part(portable: Portable, piece: Bundle) -> list[MarkedPaper]:
    """One exercise of a piece, marked by itself."""
    bank, diagnosis = portable.bank, _diagnosis(portable)
    readings = [_reading(portable, paper) for paper in piece.papers]
    texts = [_texts(*row) for row in zip(piece.papers, readings, strict=True)]
    marked = mark(bank, arrays_of(bank, piece.variants), texts, diagnosis)
    if any(readings):
        marked = _with_lines(marked, readings)
    papers = []
    for n, (paper, reading) in enumerate(zip(piece.papers, readings, strict=True)):
        # Once: the list is needed in four places, and takes longer than marking itself.
        results = list(marked.results(n))
        findings = marked.findings(n, results)
        papers.append(MarkedPaper(paper, marked, n, results, findings, reading))
    return papers


def _outcome(options: MarkingOptions, papers: Sequence[MarkedPaper]) -> Outcome:
    """What the gradebook, the store, the evidence and the report get of marked papers."""
    evidence = list[str]()
    if options.evidence:
        evidence += map(evidence_of, papers)
    marked = papers[0].marked
    return Outcome(
        lines=list(map(graded_line, papers)),
        stored=list(map(stored_row, papers)),
        evidence=evidence,
        numbers=written_numbers(marked.bank, marked.answers.values),
        report=_report_part(papers),
        notices=list(_notices(papers)),
    )


def _report_part(papers: Sequence[MarkedPaper]) -> ReportPart:
    variants = [one.paper.variant for one in papers]
    attempts = [one.paper.sheet.attempts for one in papers]
    results = [one.results for one in papers]
    findings = [one.findings for one in papers]
    return part_of(papers[0].marked, variants, attempts, results, findings)


def _with_lines(marked: Marked, readings: Sequence[Reading | None]) -> Marked:
    # What reads pages takes long to load, and most classes hand none in.
    from rnnquiz.pages.marked import with_lines

    return with_lines(marked, readings)


def _texts(paper: Paper, reading: Reading | None) -> Mapping[str, str]:
    """The answers of a sheet; of a worked page, what was read of it."""
    if reading is not None:
        return reading.answers
    # Unpacked once, where each look at packed answers would unpack them all.
    return dict(paper.sheet.answers.items())


def _notices(papers: Sequence[MarkedPaper]) -> Iterator[Notice]:
    """A notice on each name that is no box, and on what of a page was not read."""
    for n, boxes in papers[0].marked.answers.unknown.items():
        for box in boxes:
            # What stands in the place of a name can be a text of any length.
            says = f"{box[:80]!r} is no box of the sheet -> use the names of the template"
            yield Notice(papers[n].paper.sheet.source, says)
    for one in papers:
        yield from _not_read(one.paper.sheet, one.reading)


def ready(options: MarkingOptions) -> None:
    """Load what marking needs: the banks, and the mistakes that are looked for."""
    for portable in options.banks.values():
        _diagnosis(portable)


@lru_cache(maxsize=4)
def _reader(portable: Portable) -> PageReader:
    from rnnquiz.pages.reading import PageReader

    return PageReader(portable.bank)


def _reading(portable: Portable, paper: Paper) -> Reading | None:
    """What a worked page says; None for a sheet of another form."""
    if paper.sheet.page is None:
        return None
    return _reader(portable).read(paper.sheet.page, paper.variant)


def _not_read(sheet: Sheet, reading: Reading | None) -> Iterator[Notice]:
    """What of a page was not read, each with its place and reason; a page of which little was read
    says so first."""
    if reading is None:
        return
    if reading.few:
        few = "less than half of its statements could be read -> look at it"
        yield Notice(sheet.source, f"{few} ({sheet.student!r})")
    rows = [reading.described(row) for row in reading.placed.unread]
    for row in rows[:MOST_UNREAD]:
        at, line, why = row["at"], row["line"], row["why"]
        yield Notice(sheet.source, f"{at}: not read: {line}: {why}")
    more = len(rows) - MOST_UNREAD
    if more > 0:
        says = f"{more} more statements are not read; they are on the feedback page"
        yield Notice(sheet.source, says)


# Worked out once in a process: the mistakes of a bank take longer than many sheets.
@lru_cache(maxsize=MOST_PARSED)
def _diagnosis(portable: Portable) -> Diagnosis:
    return Diagnosis(portable.bank)
