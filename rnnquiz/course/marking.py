"""Some sheets, marked, and all that is kept of them. It can be done in any process, in any order,
and comes out the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rnnquiz.assignment import Assigned, PortableAssignment
from rnnquiz.bank.load import MOST_PARSED, Portable
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.course.records import GradedLine
from rnnquiz.course.reporting import ReportPart, part_of
from rnnquiz.decimals import Array
from rnnquiz.documents.bound import Reviewed, feedback_of, of_attempt
from rnnquiz.documents.engines import pdfs
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.parts import Common
from rnnquiz.documents.render import render
from rnnquiz.documents.tree import Document
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import BoxResult, Finding, Marked, mark
from rnnquiz.grade.matching import written_numbers
from rnnquiz.pages.marked import with_lines
from rnnquiz.pages.reading import PageReader, Reading
from rnnquiz.roster import Student
from rnnquiz.solution import solve_all
from rnnquiz.submissions.sheets import Sheet

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
        return (
            (n, *row)
            for n, row in enumerate(zip(self.students, self.variants, self.sheets, strict=True))
        )


@dataclass(frozen=True)
class Outcome:
    """An exercise of a marked piece: what the gradebook says of each sheet, what is stored of it,
    and its evidence as JSON; the numbers that were handed in, (N, boxes); the part of the report;
    boxes that are none.
    """

    lines: list[GradedLine]
    stored: list[tuple[Any, ...]]
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
    pages: dict[str, dict[int, Reviewed]] = {student.id: {} for student in piece.students}
    for key, part in piece.parts.items():
        exercise = assignment[key]
        marked, readings, outcomes[key] = _mark_part(options, exercise, part)
        for student, page in _reviewed(options, exercise, part, (marked, readings)):
            pages[student][exercise.place] = page
    if not options.pages:
        return {}, (outcomes, [])
    whole = [
        of_attempt(feedback_of(assignment, pages[student.id], _late(piece, student)), piece.attempt)
        for student in piece.students
    ]
    files, faults = _pages(options, piece, whole)
    return files, (outcomes, faults)


def _late(piece: StudentBundle, student: Student) -> tuple[int, float]:
    """How many days late the sheet of a student is, and the share of all marks that this costs."""
    for part in piece.parts.values():
        for one, sheet in zip(part.students, part.sheets, strict=True):
            if one.id == student.id:
                return sheet.days, sheet.taken_off
    return 0, 0.0


Readings = Sequence[Reading | None]


def _mark_part(
    options: MarkingOptions, exercise: Assigned, piece: Bundle
) -> tuple[Marked, Readings, Outcome]:
    """One exercise of a piece, marked by itself."""
    portable = options.banks[exercise.key]
    bank, diagnosis = portable.bank, _diagnosis(portable)
    readings = [_reading(portable, sheet, variant) for _, _, variant, sheet in piece.rows()]
    texts = [
        dict(sheet.answers.items()) if reading is None else reading.answers
        for sheet, reading in zip(piece.sheets, readings, strict=True)
    ]
    marked = with_lines(mark(bank, arrays_of(bank, piece.variants), texts, diagnosis), readings)
    results = [list(marked.results(n)) for n in range(len(piece.sheets))]
    findings = [marked.findings(n, rows) for n, rows in enumerate(results)]
    problems = [
        f"{piece.sheets[n].source}: {box[:80]!r} is no box of the sheet -> use the names of the"
        " template"
        for n, boxes in marked.answers.unknown.items()
        for box in boxes
    ]
    problems += [
        line
        for sheet, reading in zip(piece.sheets, readings, strict=True)
        for line in _not_read(sheet, reading)
    ]
    outcome = Outcome(
        lines=[_line(marked, n, rows) for n, rows in enumerate(results)],
        stored=[
            _stored(marked, n, results[n], variant, sheet) for n, _, variant, sheet in piece.rows()
        ],
        evidence=[
            _evidence(marked, n, (student, variant, sheet), results[n], findings[n], readings[n])
            for n, student, variant, sheet in piece.rows()
            if options.evidence
        ],
        numbers=written_numbers(bank, marked.answers.values),
        report=part_of(
            marked, piece.variants, [sheet.attempts for sheet in piece.sheets], results, findings
        ),
        problems=problems,
    )
    return marked, readings, outcome


def ready(options: MarkingOptions) -> None:
    """Load what marking needs: the banks, and the mistakes that are looked for."""
    for portable in options.banks.values():
        _diagnosis(portable)


@lru_cache(maxsize=4)
def _reader(portable: Portable) -> PageReader:
    return PageReader(portable.bank)


def _reading(portable: Portable, sheet: Sheet, variant: Variant) -> Reading | None:
    """What a worked page says; None for a sheet of another form."""
    return None if sheet.page is None else _reader(portable).read(sheet.page, variant)


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
        yield f"{sheet.source}: {row['at']}: not read: {row['line']}: {row['why']}"
    if len(rows) > MOST_UNREAD:
        yield (
            f"{sheet.source}: {len(rows) - MOST_UNREAD} more statements are not read; they are on"
            " the feedback page"
        )


@lru_cache(maxsize=MOST_PARSED)
def _diagnosis(portable: Portable) -> Diagnosis:
    return Diagnosis(portable.bank)


def _line(marked: Marked, n: int, results: Sequence[BoxResult]) -> GradedLine:
    asked = [row for row in results if row.quantity in marked.bank.asked]
    first = next(
        (row.box for row in asked if row.verdict not in ("correct", "follow-through", "blank")), ""
    )
    verdicts = dict(Counter(row.verdict for row in asked))
    return GradedLine(
        float(marked.totals[n]), float(marked.maxima[n]), marked.by_skill(n), verdicts, first
    )


def _stored(
    marked: Marked, n: int, results: Sequence[BoxResult], variant: Variant, sheet: Sheet
) -> tuple[Any, ...]:
    """A row of `Run.add`."""
    answers = json.dumps(marked.answers.texts[n], ensure_ascii=False)
    verdicts = json.dumps({row.box: row.verdict for row in results})
    return (
        variant.student,
        variant.attempt,
        sheet.source,
        answers,
        float(marked.totals[n]),
        float(marked.maxima[n]),
        verdicts,
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
    exercise: dict[str, Any] = {"exercise": variant.exercise} if variant.exercise else {}
    if sheet.days:
        exercise |= {"days_late": sheet.days, "taken_off": sheet.taken_off}
    if variant.attempt > 1:
        exercise["attempt"] = variant.attempt
    page = {} if reading is None else {"page": reading.as_dict()}
    return json.dumps(
        {
            "student": student.id,
            **exercise,
            "source": sheet.source,
            "marks": round(float(marked.totals[n]), 4),
            "maximum": round(float(marked.maxima[n]), 4),
            "findings": [
                {"name": f.name, "boxes": list(f.boxes), "says": f.says, "or": list(f.others)}
                for f in findings
            ],
            "boxes": [row.as_dict() for row in results],
            **page,
        },
        ensure_ascii=False,
    )


def _reviewed(
    options: MarkingOptions, exercise: Assigned, part: Bundle, found: tuple[Marked, Readings]
) -> Iterator[tuple[str, Reviewed]]:
    """The feedback on one exercise for each student, where pages are wanted."""
    if not options.pages:
        return
    marked, readings = found
    solutions = solve_all(exercise.bank, part.variants).one_by_one
    drawing = Common.of(exercise.bank).drawing
    for n, student in enumerate(part.students):
        page = feedback(marked, n, solutions[n], student.shown, readings[n], drawing)
        marks = float(marked.totals[n]), float(marked.maxima[n])
        yield student.id, Reviewed(page, exercise, *marks)


def _pages(
    options: MarkingOptions, piece: StudentBundle, documents: Sequence[Document]
) -> tuple[dict[str, bytes], list[str]]:
    """The feedback page of each student, as HTML, as Markdown and by an engine as PDF; a line for
    each PDF that cannot be set."""
    files: dict[str, bytes] = {}
    problems = []
    stems = [f"feedback/{student.stem}" for student in piece.students]
    for stem, document in zip(stems, documents, strict=True):
        files[f"{stem}.html"] = render(document, "html").encode()
        files[f"{stem}.md"] = render(document, "markdown").encode()
    for start in range(0, len(documents) if options.engine else 0, PAGES_TOGETHER):
        part = slice(start, start + PAGES_TOGETHER)
        made = pdfs(documents[part], options.engine or "")
        for stem, pdf in zip(stems[part], made, strict=True):
            if isinstance(pdf, bytes):
                files[f"{stem}.pdf"] = pdf
            else:
                problems.append(f"{stem}.pdf: {pdf}")
    return files, problems
