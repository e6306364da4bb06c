"""`rnnquiz grade` and `regrade`: sheets to marks, gradebook and feedback pages; nothing that is wrong stops the rest."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rnnquiz import __version__
from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.course.evidence import Evidence, evidence_in
from rnnquiz.course.receiving import receive
from rnnquiz.course.reporting import Gathering, write_report
from rnnquiz.course.store import Course, Standing, write_atomically
from rnnquiz.documents.engines import pdfs
from rnnquiz.documents.feedback import feedback
from rnnquiz.documents.render import render
from rnnquiz.errors import CourseError, Problem
from rnnquiz.exports.gradebook import ALWAYS, WRITERS, GradeRow
from rnnquiz.grade.diagnose import Diagnosis
from rnnquiz.grade.mark import BoxResult, Finding, Marked, mark
from rnnquiz.grade.matching import Keys
from rnnquiz.roster import Student
from rnnquiz.solution import solve_all
from rnnquiz.submissions.collect import collect
from rnnquiz.submissions.sheets import Sheet

CHUNK, BATCH = 500, 50  # sheets marked together, pages typeset together

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Chunk:
    """Some students of one marking, with what is needed to write about them."""

    students: list[Student]
    variants: list[Variant]
    sheets: list[Sheet]
    marked: Marked

    def rows(self) -> Iterator[tuple[int, Student, Variant, Sheet]]:
        return ((n, *row) for n, row in enumerate(zip(self.students, self.variants, self.sheets, strict=True)))


@dataclass
class Graded:
    """The outcome of a marking."""

    rows: list[GradeRow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    matches: list[str] = field(default_factory=list)
    run: int | None = None

    @property
    def marked(self) -> int:
        """How many sheets were marked."""
        return sum(row.marks is not None for row in self.rows)

    @property
    def mean(self) -> float:
        """Mean marks of those who handed in."""
        return sum(row.marks or 0.0 for row in self.rows) / max(1, self.marked)


def grade(
    folder: Path, submissions: Path, out: Path | None, dry_run: bool = False, evidence: bool = False, pages: bool = True,
    engine: str | None = None, progress: Progress = lambda what, done, of: None, late: str = "mark",
    report: bool = True,
) -> Graded:  # fmt: skip
    """Mark what was handed in. Nothing is stored or written in a dry run. `evidence` gives every box's verdict back; `engine` makes
    the feedback pages PDFs, too. `late`: what becomes of late sheets (`receiving.LATE`). `report`: write the class report, too."""
    if out is not None and submissions.is_dir() and out.resolve().is_relative_to(submissions.resolve()):
        raise CourseError(str(out), Problem("--out", "lies in the folder of submissions", "choose another folder"))
    with Course.open(folder) as course:
        bank = course.bank()
        students = {student.id: student for student in course.students()}
        variants = {variant.student: variant for variant in course.variants()}
        sheets, problems = collect(submissions)
        chosen, unmatched = receive(bank, sheets, students, variants, late)
        graded = Graded(problems=[*problems, *unmatched])
        place = None if dry_run else out
        with evidence_in(place, bank) as kept:
            gathering = Gathering(bank)
            desk = _Desk(bank, graded, kept, place if pages else None, engine, evidence, gathering)
            rows = desk.rows(marked_in_chunks(bank, chosen, students, variants, progress), variants)
            if dry_run:
                list(rows)
            else:
                graded.run = course.add_run(bank, __version__, f"grade {submissions.name}", rows)
            graded.rows += [_absent(bank, student) for student in students.values() if student.id not in chosen]
            graded.rows.sort(key=lambda row: students[row.id].position)
            if kept is not None:
                kept.close(graded.problems, graded.matches)
        if place is not None:
            write_books(bank, graded, place)
        if place is not None and report:
            write_report(gathering.marking(len(graded.rows) - graded.marked, graded.matches), place)
    return graded


class _Desk:
    """Where chunks of marked sheets pass: into the gradebook, the evidence, the feedback pages, the search for copies."""

    def __init__(
        self, bank: Bank, graded: Graded, kept: Evidence | None, pages: Path | None, engine: str | None, evidence: bool,
        report: Gathering,
    ) -> None:  # fmt: skip
        self.bank, self.graded, self.kept, self.pages, self.engine, self.evidence = bank, graded, kept, pages, engine, evidence
        self.report = report

    def rows(self, chunks: Iterator[Chunk], variants: dict[str, Variant]) -> Iterator[tuple[Any, ...]]:
        """What is to be stored of each sheet, as the chunks come."""
        known = list(variants)
        order = {student: row for row, student in enumerate(known)}
        keys: Keys | None = None
        for chunk in chunks:
            keys = keys or (None if self.bank.fixed else Keys(self.bank, arrays_of(self.bank, list(variants.values()))))
            yield from note(chunk, self.graded, self.kept, self.evidence, self.report)
            if keys is not None:
                for found in keys.matches(self.bank, chunk.marked.answers, [order[student.id] for student in chunk.students]):
                    self.graded.matches.append(found.words(chunk.students[found.student].id, known[found.other]))
            if self.pages is not None:
                self.graded.problems += write_pages(self.bank, chunk, self.pages, self.engine)


def marked_in_chunks(
    bank: Bank, chosen: dict[str, Sheet], students: dict[str, Student], variants: dict[str, Variant], progress: Progress
) -> Iterator[Chunk]:
    """Mark the sheets in the order of the roster, some hundred at a time."""
    diagnosis = Diagnosis(bank)
    ids = sorted(chosen, key=lambda student: students[student].position)
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        mine = [variants[student] for student in part]
        sheets = [chosen[student] for student in part]
        marked = mark(bank, arrays_of(bank, mine), [sheet.answers for sheet in sheets], diagnosis)
        progress("marked", start + len(part), len(ids))
        yield Chunk([students[s] for s in part], mine, sheets, marked)


def note(
    chunk: Chunk, graded: Graded, kept: Evidence | None, evidence: bool, report: Gathering
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    """Add a chunk's outcome to the gradebook, the evidence and the report; gives what is to be stored of each sheet."""
    marked = chunk.marked
    for n, student, variant, sheet in chunk.rows():
        results = list(marked.results(n))
        asked = [row for row in results if row.of or row.quantity in marked.bank.asked]
        counts = dict(Counter(row.verdict for row in asked))
        first = next((row.box for row in results if row.verdict not in ("correct", "follow-through", "blank")), "")
        total, maximum = float(marked.totals[n]), float(marked.maxima[n])
        graded.rows.append(
            GradeRow(student.id, student.name, student.email, total, maximum, marked.by_skill(n), counts, first, "marked")
        )
        for box in marked.answers.unknown.get(n, ()):
            graded.problems.append(f"{sheet.source}: {box[:80]!r} is no box of the sheet -> use the names of the template")
        findings = marked.findings(n, results)
        report.add(student, sheet, results, findings)
        if kept is not None or evidence:
            result = _result(marked, n, student, sheet, results, findings)
            if kept is not None:
                kept.add(result)
            graded.results += [result] if evidence else []
        answers = json.dumps(sheet.answers, ensure_ascii=False)
        verdicts = json.dumps({row.box: row.verdict for row in results})
        yield student.id, variant.attempt, sheet.source, answers, total, maximum, verdicts
    report.finish_chunk(marked, chunk.variants)


def _result(
    marked: Marked, n: int, student: Student, sheet: Sheet, results: list[BoxResult], findings: Sequence[Finding]
) -> dict[str, Any]:  # fmt: skip
    """Everything that a sheet's marks rest on."""
    return {
        "student": student.id, "source": sheet.source, "marks": round(float(marked.totals[n]), 4),
        "maximum": round(float(marked.maxima[n]), 4),
        "findings": [{"name": f.name, "boxes": list(f.boxes), "says": f.says, "or": list(f.others)} for f in findings],
        "boxes": [row.as_dict() for row in results],
    }  # fmt: skip


def _absent(bank: Bank, student: Student) -> GradeRow:
    return GradeRow(student.id, student.name, student.email, None, sum(bank.marks.values()), {}, {}, "", "not handed in")


def write_pages(bank: Bank, chunk: Chunk, out: Path, engine: str | None = None) -> list[str]:
    """The feedback page of each student, as HTML, as Markdown and by an engine as PDF; a line for each PDF that cannot be set."""
    solutions = solve_all(bank, chunk.variants).one_by_one
    problems = []
    for start in range(0, len(solutions), BATCH):
        part = range(start, min(start + BATCH, len(solutions)))
        documents = [feedback(chunk.marked, n, solutions[n], chunk.students[n].name) for n in part]
        files = [out / "feedback" / f"{chunk.students[n].stem}.html" for n in part]
        for file, document in zip(files, documents, strict=True):
            write_atomically(file, render(document, "html").encode())
            write_atomically(file.with_suffix(".md"), render(document, "markdown").encode())
        for file, pdf in zip(files, pdfs(documents, engine), strict=True) if engine else ():
            if isinstance(pdf, bytes):
                write_atomically(file.with_suffix(".pdf"), pdf)
            else:
                problems.append(f"{file.with_suffix('.pdf')}: {pdf}")
    return problems


def write_books(bank: Bank, graded: Graded, out: Path) -> None:
    """The gradebook in each format."""
    for name, writer in (WRITERS[kind] for kind in ALWAYS):
        made = writer(bank.written.title, graded.rows)
        write_atomically(out / name, made if isinstance(made, bytes) else made.encode("utf-8"))


@dataclass(frozen=True)
class Change:
    """A student whose marks differ between two markings, with the boxes whose verdict changed."""

    student: str
    before: float
    after: float
    boxes: tuple[tuple[str, str, str], ...]


def regrade(folder: Path, bank: Bank | None, out: Path | None, apply: bool) -> tuple[list[Change], Graded]:
    """Mark the stored answers again, with the program as it is and the marks and credits of `bank` where one is given.

    Only `apply` stores the new marking (the earlier one is kept) and writes it to `out`. CourseError where the bank asks
    another exercise than the one issued.
    """
    with Course.open(folder) as course:
        if bank is not None:
            bank = parse_bank(bank.text, bank.source, course.bank().notation.name)
        if bank is not None and not same_exercise(course.bank(), bank):
            found = "asks another exercise than the one that was issued"
            raise CourseError(bank.source, Problem("the bank", found, "change only marks, credit, wording and misconceptions"))
        standing = course.standing()
        if not standing:
            raise CourseError(str(folder), Problem("the course", "has no marking yet", "run rnnquiz grade first"))
        now = bank or course.bank(max(standing, key=lambda row: row.run).bank)
        students = {student.id: student for student in course.students()}
        variants = {variant.student: variant for variant in course.variants()}
        chosen = {row.student: Sheet(row.source, row.student, "", row.answers) for row in standing}
        graded = Graded()
        stored: list[tuple[Any, ...]] = []
        place, report = out if apply else None, Gathering(now)
        with evidence_in(place, now) as kept:
            for chunk in marked_in_chunks(now, chosen, students, variants, lambda what, done, of: None):
                stored += note(chunk, graded, kept, False, report)
                if place is not None:
                    write_pages(now, chunk, place)
            if kept is not None:
                kept.close(graded.problems, graded.matches)
        changes = list(_changes(standing, stored))
        if apply:
            graded.run = course.add_run(now, __version__, "regrade", stored)
        if place is not None:
            graded.rows += [_absent(now, student) for student in students.values() if student.id not in chosen]
            graded.rows.sort(key=lambda row: students[row.id].position)
            write_books(now, graded, place)
            write_report(report.marking(len(graded.rows) - graded.marked, graded.matches), place)
    return changes, graded


def same_exercise(one: Bank, other: Bank) -> bool:
    """True where two banks ask the same boxes of the same problem under the same rounding rule."""
    return (one.model, one.samplers, one.rounding, one.asked, one.written.style, one.written.slope) == (
        other.model, other.samplers, other.rounding, other.asked, other.written.style, other.written.slope,
    )  # fmt: skip


def _changes(before: Sequence[Standing], after: Sequence[tuple[Any, ...]]) -> Iterator[Change]:
    old = {row.student: (row.marks, row.boxes) for row in before}
    for student, _, _, _, marks, _, boxes in after:
        was, verdicts = old[student]
        now = json.loads(boxes)
        moved = tuple((box, verdicts.get(box, ""), now[box]) for box in now if verdicts.get(box, "") != now[box])
        if moved or abs(was - marks) > 1e-9:
            yield Change(student, was, marks, moved)
