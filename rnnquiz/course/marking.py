"""Some sheets, marked, and all that is kept of them. It can be done in any process, in any order,
and comes out the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rnnquiz.assignment import Assigned, PortableAssignment
from rnnquiz.bank.load import MOST_PARSED, Portable
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.course.records import GradedLine, StoredRow
from rnnquiz.course.reporting import ReportPart, part_of
from rnnquiz.decimals import Array
from rnnquiz.documents.bound import Reviewed, feedback_of, of_attempt
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.parts import Common
from rnnquiz.documents.render import render
from rnnquiz.documents.tree import Document
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import BoxResult, Finding, Marked, mark
from rnnquiz.grade.matching import written_numbers
from rnnquiz.roster import Student
from rnnquiz.solution import solve_all
from rnnquiz.submissions.sheets import Sheet

if TYPE_CHECKING:
    from rnnquiz.pages.reading import PageReader, Reading

MOST_UNREAD = 10  # lines about one page
PAGES_TOGETHER = 50  # pages typeset together; the bytes of a PDF depend on it


@dataclass(frozen=True)
class MarkingOptions:
    """What is wanted of each piece: the evidence of each box, the feedback pages, the engine of
    their PDFs (none without)."""

    portable: PortableAssignment
    evidence: bool = False
    pages: bool = False
    engine: str | None = None

    @property
    def banks(self) -> dict[str, Portable]:
        """The bank of each exercise."""
        return {key: portable for key, _, portable in self.portable.exercises}


@dataclass(frozen=True)
class StudentBundle:
    """Some students, and of each exercise those of them who have it; of which attempt."""

    students: tuple[Student, ...]
    parts: Mapping[str, Bundle]
    attempt: int = 1


@dataclass(frozen=True)
class Bundle:
    """Some students who have an exercise, with their variants and what counts of their sheets."""

    students: tuple[Student, ...]
    variants: tuple[Variant, ...]
    sheets: tuple[Sheet, ...]

    def rows(self) -> Iterator[tuple[int, Student, Variant, Sheet]]:
        rows = zip(self.students, self.variants, self.sheets, strict=True)
        for n, row in enumerate(rows):
            yield n, *row


@dataclass(frozen=True)
class Outcome:
    """An exercise of a marked piece: what the gradebook says of each sheet, what is stored of it,
    and its evidence as JSON; the numbers that were handed in, (N, boxes); the part of the report;
    boxes that are none.
    """

    lines: list[GradedLine]
    stored: list[StoredRow]
    evidence: list[str]
    numbers: Array
    report: ReportPart
    problems: list[str]


Outcomes = dict[str, Outcome]
"""The outcome of each exercise, by its key."""


def mark_piece(
    options: MarkingOptions, piece: StudentBundle
) -> tuple[dict[str, bytes], tuple[Outcomes, list[str]]]:
    """The feedback pages of a piece by their paths; what comes of each exercise, and pages that
    could not be set."""
    assignment, outcomes = options.portable.assignment, Outcomes()
    pages: dict[str, ReviewedByPlace] = {student.id: {} for student in piece.students}
    for key, part in piece.parts.items():
        exercise = assignment[key]
        marked, readings, outcomes[key] = _mark_part(options, exercise, part)
        for student, page in _reviewed(options, exercise, part, (marked, readings)):
            pages[student][exercise.place] = page
    if not options.pages:
        return {}, (outcomes, [])
    whole = []
    for one in piece.students:
        document = feedback_of(assignment, pages[one.id], _late(piece, one))
        whole.append(of_attempt(document, piece.attempt))
    files, faults = _pages(options, piece, whole)
    return files, (outcomes, faults)


def _late(piece: StudentBundle, student: Student) -> tuple[int, float]:
    """How many days late the sheet of a student is, and the share of all marks that this costs."""
    for part in piece.parts.values():
        for one, sheet in zip(part.students, part.sheets, strict=True):
            if one.id == student.id:
                return sheet.days, sheet.taken_off
    return 0, 0.0


Readings = Sequence["Reading | None"]


def _mark_part(
    options: MarkingOptions, exercise: Assigned, piece: Bundle
) -> tuple[Marked, Readings, Outcome]:
    """One exercise of a piece, marked by itself."""
    portable = options.banks[exercise.key]
    bank, diagnosis = portable.bank, _diagnosis(portable)
    readings = [_reading(portable, sheet, variant) for _, _, variant, sheet in piece.rows()]
    texts = [_texts(*row) for row in zip(piece.sheets, readings, strict=True)]
    marked = mark(bank, arrays_of(bank, piece.variants), texts, diagnosis)
    if any(readings):
        marked = _with_lines(marked, readings)
    every = range(len(piece.sheets))
    # Once: each list of results is needed in four places, and takes longer than marking itself.
    results = [list(marked.results(n)) for n in every]
    findings = [marked.findings(n, rows) for n, rows in enumerate(results)]
    stored, evidence = [], []
    for n, student, variant, sheet in piece.rows():
        verdicts = results[n]
        stored.append(_stored(marked, n, verdicts, variant, sheet))
        if options.evidence:
            found = verdicts, findings[n], readings[n]
            evidence.append(_evidence(marked, n, (student, variant, sheet), *found))
    lines = [_line(marked, n, rows) for n, rows in enumerate(results)]
    attempts = [sheet.attempts for sheet in piece.sheets]
    numbers = written_numbers(bank, marked.answers.values)
    report = part_of(marked, piece.variants, attempts, results, findings)
    problems = list(_problems(marked, piece.sheets, readings))
    outcome = Outcome(lines, stored, evidence, numbers, report, problems)
    return marked, readings, outcome


def _with_lines(marked: Marked, readings: Readings) -> Marked:
    # What reads pages takes long to load, and most classes hand none in.
    from rnnquiz.pages.marked import with_lines

    return with_lines(marked, readings)


def _texts(sheet: Sheet, reading: Reading | None) -> Mapping[str, str]:
    """The answers of a sheet; of a worked page, what was read of it."""
    if reading is not None:
        return reading.answers
    # Unpacked once, where each look at packed answers would unpack them all.
    return dict(sheet.answers.items())


def _problems(marked: Marked, sheets: Sequence[Sheet], readings: Readings) -> Iterator[str]:
    """A line for each name that is no box, and for what of a page was not read."""
    for n, boxes in marked.answers.unknown.items():
        for box in boxes:
            # What stands in the place of a name can be a text of any length.
            where = f"{sheets[n].source}: {box[:80]!r}"
            yield f"{where} is no box of the sheet -> use the names of the template"
    for sheet, reading in zip(sheets, readings, strict=True):
        yield from _not_read(sheet, reading)


def ready(options: MarkingOptions) -> None:
    """Load what marking needs: the banks, and the mistakes that are looked for."""
    for portable in options.banks.values():
        _diagnosis(portable)


@lru_cache(maxsize=4)
def _reader(portable: Portable) -> PageReader:
    from rnnquiz.pages.reading import PageReader

    return PageReader(portable.bank)


def _reading(portable: Portable, sheet: Sheet, variant: Variant) -> Reading | None:
    """What a worked page says; None for a sheet of another form."""
    if sheet.page is None:
        return None
    return _reader(portable).read(sheet.page, variant)


def _not_read(sheet: Sheet, reading: Reading | None) -> Iterator[str]:
    """What of a page was not read, each with its place and reason; a page of which little was read
    says so first."""
    if reading is None:
        return
    if reading.few:
        yield (
            f"{sheet.source}: less than half of its statements could be read -> look at it"
            f" ({sheet.student!r})"
        )
    rows = [reading.described(row) for row in reading.placed.unread]
    for row in rows[:MOST_UNREAD]:
        at, line, why = row["at"], row["line"], row["why"]
        yield f"{sheet.source}: {at}: not read: {line}: {why}"
    more = len(rows) - MOST_UNREAD
    if more > 0:
        yield (
            f"{sheet.source}: {more} more statements are not read; they are on the feedback page"
        )


# Worked out once in a process: the mistakes of a bank take longer than many sheets.
@lru_cache(maxsize=MOST_PARSED)
def _diagnosis(portable: Portable) -> Diagnosis:
    return Diagnosis(portable.bank)


def _line(marked: Marked, n: int, results: Sequence[BoxResult]) -> GradedLine:
    asked = []
    # A box that is not asked has a verdict, too, where a student has filled it.
    for row in results:
        if row.quantity in marked.bank.asked:
            asked.append(row)
    verdicts = dict(Counter(str(row.verdict) for row in asked))
    marks, maximum = _sums(marked, n)
    return GradedLine(marks, maximum, marked.by_skill(n), verdicts, _first_wrong(asked))


def _sums(marked: Marked, n: int) -> tuple[float, float]:
    """The marks of a sheet, and what they are out of."""
    return float(marked.totals[n]), float(marked.maxima[n])


def _first_wrong(asked: Sequence[BoxResult]) -> str:
    for row in asked:
        # A blank box says nothing of where the work went wrong.
        if row.verdict.is_fault:
            return row.box
    return ""


def _stored(
    marked: Marked, n: int, results: Sequence[BoxResult], variant: Variant, sheet: Sheet
) -> StoredRow:
    answers = json.dumps(marked.answers.texts[n], ensure_ascii=False)
    verdicts = json.dumps({row.box: row.verdict for row in results})
    marks, maximum = _sums(marked, n)
    return StoredRow(
        variant.student, variant.attempt, sheet.source, answers, marks, maximum, verdicts
    )


def _evidence(
    marked: Marked,
    n: int,
    row: tuple[Student, Variant, Sheet],
    results: Sequence[BoxResult],
    findings: Sequence[Finding],
    reading: Reading | None,
) -> str:
    """Everything that a sheet's marks rest on."""
    student, variant, sheet = row
    marks, maximum = _sums(marked, n)
    found: dict[str, Any] = {"student": student.id}
    found |= _special(variant, sheet)
    found["source"] = sheet.source
    # Four digits, as the gradebook has them: the rest is the rounding of floats.
    found |= {"marks": round(marks, 4), "maximum": round(maximum, 4)}
    found["findings"] = [_finding(one) for one in findings]
    found["boxes"] = [one.as_dict() for one in results]
    if reading is not None:
        found["page"] = reading.as_dict()
    return json.dumps(found, ensure_ascii=False)


def _special(variant: Variant, sheet: Sheet) -> dict[str, Any]:
    """What is said only where it is not as usual: the exercise, lateness, the attempt."""
    found: dict[str, Any] = {}
    if variant.exercise:
        found["exercise"] = variant.exercise
    if sheet.days:
        found |= {"days_late": sheet.days, "taken_off": sheet.taken_off}
    if variant.attempt > 1:
        found["attempt"] = variant.attempt
    return found


def _finding(one: Finding) -> dict[str, Any]:
    boxes, others = list(one.boxes), list(one.others)
    return {"name": one.name, "boxes": boxes, "says": one.says, "or": others}


def _reviewed(
    options: MarkingOptions, exercise: Assigned, part: Bundle, found: tuple[Marked, Readings]
) -> Iterator[tuple[str, Reviewed]]:
    """The feedback on one exercise for each student, where pages are wanted."""
    if not options.pages:
        return
    marked, readings = found
    solutions = solve_all(exercise.bank, part.variants).one_by_one
    # The network is drawn once: it is the same on all pages.
    drawing = Common.of(exercise.bank).drawing
    for n, student in enumerate(part.students):
        page = feedback(marked, n, solutions[n], student.shown, readings[n], drawing)
        marks, maximum = _sums(marked, n)
        yield student.id, Reviewed(page, exercise, marks, maximum)


def _pages(
    options: MarkingOptions, piece: StudentBundle, documents: Sequence[Document]
) -> tuple[dict[str, bytes], list[str]]:
    """The feedback page of each student, as HTML, as Markdown and by an engine as PDF; a line for
    each PDF that cannot be set."""
    files: dict[str, bytes] = {}
    stems = [f"feedback/{student.stem}" for student in piece.students]
    for stem, document in zip(stems, documents, strict=True):
        page, text = render(document, "html"), render(document, "markdown")
        files |= {f"{stem}.html": page.encode(), f"{stem}.md": text.encode()}
    if not options.engine:
        return files, []
    from rnnquiz.documents.engines import pdfs

    problems = []
    for start in range(0, len(documents), PAGES_TOGETHER):
        part = slice(start, start + PAGES_TOGETHER)
        made = pdfs(documents[part], options.engine)
        for stem, pdf in zip(stems[part], made, strict=True):
            if isinstance(pdf, bytes):
                files[f"{stem}.pdf"] = pdf
            # The page is there as HTML all the same.
            else:
                problems.append(f"{stem}.pdf: {pdf}")
    return files, problems


ReviewedByPlace = dict[int, Reviewed]
