"""`rnnquiz generate`: variants, sheets, keys and templates for a roster; goes on where it was interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import yaml

from rnnquiz import __version__
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.course.store import Course, write_atomically
from rnnquiz.documents.engines import ENGINES
from rnnquiz.documents.key import key
from rnnquiz.documents.parts import KIND_WORDS
from rnnquiz.documents.render import render
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.tree import Document
from rnnquiz.issue import Report, issue_variants
from rnnquiz.roster import Student
from rnnquiz.solution import solve

CHUNK = 500
WORKERS = 2

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Generated:
    """What a run of generate did: students, variants made now, files written now, and why draws were refused."""

    students: int
    new_variants: int
    written: int
    report: Report


def generate(
    bank: Bank, roster: list[Student], folder: Path, engine: str | None, templates: Path | None = None,
    progress: Progress = lambda what, done, of: None,
) -> Generated:  # fmt: skip
    """Issue what is missing and write what is missing; `engine` None leaves out the PDFs.

    Every variant is stored before any of its files is written; every file is whole or absent.
    """
    with Course.create(folder) as course:
        course.set_bank(bank)
        course.add_students(roster)
        fresh, report = _issue(course, bank, progress)
        students = {student.id: student for student in course.students()}
        pairs = [(students[variant.student], variant) for variant in course.variants()]
        jobs = [job for student, variant in pairs for job in _jobs(bank, student, variant, folder, engine, templates)]
        written = _run(jobs, progress)
    return Generated(len(pairs), fresh, written, report)


def _issue(course: Course, bank: Bank, progress: Progress) -> tuple[int, Report]:
    """Variants for the students who have none, stored chunk by chunk."""
    taken = course.variants()
    have = {variant.student for variant in taken}
    waiting = [(student.id, 1) for student in course.students() if student.id not in have]
    total, done = Report(), 0
    for start in range(0, len(waiting), CHUNK):
        variants, report = issue_variants(bank, course.secret, waiting[start : start + CHUNK], taken)
        course.add_variants(bank, variants, __version__)
        taken += variants
        done += len(variants)
        total.drawn += report.drawn
        total.issued += report.issued
        total.reasons.update(report.reasons)
        progress("variants", done, len(waiting))
    return done, total


@dataclass(frozen=True)
class _Job:
    """One file to be written from a document, or from a text."""

    path: Path
    make: Callable[[], bytes]


def _jobs(
    bank: Bank, student: Student, variant: Variant, folder: Path, engine: str | None, templates: Path | None
) -> Iterator[_Job]:
    """Files of one student that are not there yet."""
    documents: dict[str, Callable[[], Document]] = {
        "sheets": lambda: sheet(bank, variant, student.name),
        "keys": lambda: key(solve(bank, variant), student.name),
    }
    for place, build in documents.items():
        yield from _missing(folder / place / f"{student.stem}.tex", partial(_text, build, templates))
        if engine is not None:
            who = f"{student.id} ({place[:-1]})"
            yield from _missing(folder / place / f"{student.stem}.pdf", partial(_pdf, build, engine, templates, who))
    yield from _missing(folder / "templates" / f"{student.stem}.yaml", lambda: template(bank, student, variant).encode())


def _text(build: Callable[[], Document], templates: Path | None) -> bytes:
    return render(build(), "latex", templates).encode()


def _pdf(build: Callable[[], Document], engine: str, templates: Path | None, who: str) -> bytes:
    return ENGINES[engine](render(build(), engine, templates), who)


def _missing(path: Path, make: Callable[[], bytes]) -> Iterator[_Job]:
    if not path.exists():
        yield _Job(path, make)


def _run(jobs: list[_Job], progress: Progress) -> int:
    """Write all files, several at a time; an error or Ctrl-C leaves whole files only and stops the rest."""
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            for done, _ in enumerate(pool.map(lambda job: write_atomically(job.path, job.make()), jobs), start=1):
                progress("files", done, len(jobs))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return len(jobs)


def template(bank: Bank, student: Student, variant: Variant) -> str:
    """The submission template of one student: YAML with an empty place for each box."""
    lines = [
        "# Write your results behind the colons, for example  h[1]: 0.604",
        "# Leave a place empty where you have no result.",
        f"student: {_quoted(student.id)}",
        f"token: {variant.token}",
        "answers:",
    ]
    for role in KIND_WORDS:
        names = [name for name in bank.asked if bank.graph[name].role == role]
        if names:
            lines.append(f"  # {KIND_WORDS[role]}")
            lines += [f"  {box.name}:" for name in names for box in bank.boxes_of(bank.graph[name])]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """A YAML scalar that is this text and nothing else."""
    return str(yaml.safe_dump(text, default_style='"', width=10**6)).strip()

