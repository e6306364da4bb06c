"""Some sheets, marked, and all that is kept of them. It can be done in any process, in any order,
and comes out the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rnnquiz.bank.load import Portable
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.course.reporting import Part, part_of
from rnnquiz.decimals import Array
from rnnquiz.documents.engines import pdfs
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.parts import Common
from rnnquiz.documents.render import render
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import BoxResult, Finding, Marked, mark
from rnnquiz.grade.matching import written_numbers
from rnnquiz.pages.marked import with_lines
from rnnquiz.pages.reading import PageReader, Reading
from rnnquiz.roster import Student
from rnnquiz.solution import solve_all
from rnnquiz.submissions.sheets import Sheet

MOST_UNREAD = 10  # lines about one page
BATCH = 50  # pages typeset together; the bytes of a PDF depend on it


@dataclass(frozen=True)
class Wish:
    """What is wanted of each piece: the evidence of each box, the feedback pages, the engine of
    their PDFs (none without)."""

    portable: Portable
    evidence: bool = False
    pages: bool = False
    engine: str | None = None


@dataclass(frozen=True)
class Piece:
    """Some students with their variants and the sheets that count."""

    students: tuple[Student, ...]
    variants: tuple[Variant, ...]
    sheets: tuple[Sheet, ...]

    def rows(self) -> Iterator[tuple[int, Student, Variant, Sheet]]:
        return (
            (n, *row)
            for n, row in enumerate(zip(self.students, self.variants, self.sheets, strict=True))
        )


@dataclass(frozen=True)
class Line:
    """What the gradebook says of a sheet."""

    marks: float
    maximum: float
    skills: dict[str, tuple[float, float]]
    verdicts: dict[str, int]
    first_wrong: str


@dataclass(frozen=True)
class Outcome:
    """A marked piece: a line of the gradebook for each sheet, what is stored of it, and its
    evidence as JSON; the numbers that were handed in, (N, boxes); the part of the report; boxes
    that are none, and pages that could not be set.
    """

    lines: list[Line]
    stored: list[tuple[Any, ...]]
    evidence: list[str]
    numbers: Array
    report: Part
    problems: list[str]


def mark_piece(wish: Wish, piece: Piece) -> tuple[dict[str, bytes], Outcome]:
    """The feedback pages of a piece by their paths, and the rest."""
    bank, diagnosis = wish.portable.bank, _diagnosis(wish.portable)
    readings = [_reading(wish.portable, sheet, variant) for _, _, variant, sheet in piece.rows()]
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
    files, faults = _pages(wish, piece, marked, readings) if wish.pages else ({}, [])
    outcome = Outcome(
        lines=[_line(marked, n, rows) for n, rows in enumerate(results)],
        stored=[
            _stored(marked, n, results[n], variant, sheet) for n, _, variant, sheet in piece.rows()
        ],
        evidence=[
            _evidence(marked, n, student, sheet, results[n], findings[n], readings[n])
            for n, student, _, sheet in piece.rows()
            if wish.evidence
        ],
        numbers=written_numbers(bank, marked.answers.values),
        report=part_of(
            marked, piece.variants, [sheet.attempts for sheet in piece.sheets], results, findings
        ),
        problems=[*problems, *faults],
    )
    return files, outcome


def ready(wish: Wish) -> None:
    """Load what marking needs: the bank, and the mistakes that are looked for."""
    _diagnosis(wish.portable)


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


@lru_cache(maxsize=4)
def _diagnosis(portable: Portable) -> Diagnosis:
    return Diagnosis(portable.bank)


def _line(marked: Marked, n: int, results: Sequence[BoxResult]) -> Line:
    asked = [row for row in results if row.quantity in marked.bank.asked]
    first = next(
        (row.box for row in asked if row.verdict not in ("correct", "follow-through", "blank")), ""
    )
    verdicts = dict(Counter(row.verdict for row in asked))
    return Line(
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
    student: Student,
    sheet: Sheet,
    results: Sequence[BoxResult],
    findings: Sequence[Finding],
    reading: Reading | None,
) -> str:
    """Everything that a sheet's marks rest on."""
    page = {} if reading is None else {"page": reading.as_dict()}
    return json.dumps(
        {
            "student": student.id,
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


def _pages(
    wish: Wish, piece: Piece, marked: Marked, readings: Sequence[Reading | None]
) -> tuple[dict[str, bytes], list[str]]:
    """The feedback page of each student, as HTML, as Markdown and by an engine as PDF; a line for
    each PDF that cannot be set."""
    solutions = solve_all(marked.bank, piece.variants).one_by_one
    drawing = Common.of(marked.bank).drawing
    files: dict[str, bytes] = {}
    problems = []
    for start in range(0, len(solutions), BATCH):
        part = range(start, min(start + BATCH, len(solutions)))
        documents = [
            feedback(marked, n, solutions[n], piece.students[n].shown, readings[n], drawing)
            for n in part
        ]
        stems = [f"feedback/{piece.students[n].stem}" for n in part]
        for stem, document in zip(stems, documents, strict=True):
            files[f"{stem}.html"] = render(document, "html").encode()
            files[f"{stem}.md"] = render(document, "markdown").encode()
        for stem, pdf in (
            zip(stems, pdfs(documents, wish.engine), strict=True) if wish.engine else ()
        ):
            if isinstance(pdf, bytes):
                files[f"{stem}.pdf"] = pdf
            else:
                problems.append(f"{stem}.pdf: {pdf}")
    return files, problems
