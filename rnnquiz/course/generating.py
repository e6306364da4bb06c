"""`rnnquiz generate`: variants, sheets, keys and templates for a roster; goes on where it was interrupted."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import yaml

from rnnquiz import __version__
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.course.store import Course, write_atomically
from rnnquiz.documents.classbook import CLASS
from rnnquiz.documents.parts import KIND_WORDS
from rnnquiz.documents.produce import BOOK, KINDS, TEXTS, Batch, Issued, Recipe, batches, missing, parts_of, produce
from rnnquiz.documents.render import PLAIN
from rnnquiz.documents.style import Style
from rnnquiz.issue import Report, issue_variants
from rnnquiz.roster import Student

CHUNK = 500
BATCH = 50  # documents in one TeX run; the bytes of a PDF depend on it
ALONE = 40  # documents that are made quicker without starting processes

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Generated:
    """What a run of generate did: students, variants made now, files written now, why draws were refused, what could not be set."""

    students: int
    new_variants: int
    written: int
    report: Report
    problems: list[str]


@dataclass(frozen=True)
class Wanted:
    """What to make beside sheets, keys and templates: `engine` of the PDFs (none without), `depth` of the keys.

    `also` names further documents (of `KINDS` and `CLASS`) and further forms of all documents (endings of `TEXTS`).
    """

    engine: str | None = None
    style: Style = PLAIN
    depth: str = "worked"
    also: tuple[str, ...] = ()

    def recipe(self, bank: Bank) -> Recipe:
        endings = ("tex", *(ending for ending in TEXTS if ending in self.also and ending != "tex"))
        return Recipe(bank.text, bank.source, bank.notation.name, self.engine, self.style, endings, self.depth)

    def words(self) -> str:
        return f"{self.engine or 'no'} PDFs, {self.style.words()}, depth {self.depth}"


SHEETS_AND_KEYS = Wanted()


def generate(
    bank: Bank, roster: list[Student], folder: Path, wanted: Wanted = SHEETS_AND_KEYS, progress: Progress = lambda what, done, of: None
) -> Generated:
    """Issue what is missing and write what is missing.

    Every variant is stored before any of its files is written; every file is whole or absent.
    """
    recipe = wanted.recipe(bank)
    with Course.create(folder) as course:
        course.set_bank(bank)
        course.add_students(roster)
        fresh, report = _issue(course, bank, progress)
        students = {student.id: student for student in course.students()}
        issued = [(students[variant.student], variant) for variant in course.variants()]
        kinds = [*dict.fromkeys(("sheets", "keys", *(kind for kind in (*KINDS, *CLASS) if kind in wanted.also)))]
        for kind in kinds:
            course.keep_layout(kind, wanted.words())
    work = batches([kind for kind in kinds if kind in KINDS], issued, BATCH)
    parts = [batch for batch in work if batch.kind == BOOK]
    for old in set((folder / BOOK).glob("*.pdf")) - {folder / parts_of(batch) for batch in parts}:
        old.unlink()  # a batch that has grown since
    written, problems = _make(recipe, folder, work, progress)
    written += _templates(bank, issued, folder)
    for kind in kinds:
        if kind in CLASS and not problems:
            written += CLASS[kind](recipe, folder, issued, parts, write_atomically)
    return Generated(len(issued), fresh, written, report, problems)


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


def _make(recipe: Recipe, folder: Path, work: Sequence[Batch], progress: Progress) -> tuple[int, list[str]]:
    """Make the files of all batches, on all cores where there are several; Ctrl-C leaves whole files only."""
    todo = [(batch, len(missing(recipe, folder, batch))) for batch in work]
    todo = [(batch, count) for batch, count in todo if count]
    total, written, problems = sum(count for _, count in todo), 0, []
    for (_, count), (made, faults) in zip(todo, _made(recipe, folder, [batch for batch, _ in todo]), strict=True):
        written += made
        problems += faults
        progress("files", total if made == count == total else written, total)
    return written, problems


def _made(recipe: Recipe, folder: Path, work: list[Batch]) -> Iterator[tuple[int, list[str]]]:
    cores = os.cpu_count() or 1
    if cores == 1 or sum(len(batch.issued) for batch in work) <= ALONE:
        yield from (produce(recipe, folder, batch, write_atomically) for batch in work)
        return
    # a new process each, not a fork: a fork after a Typst run, or beside the thread of a progress bar, can hang
    with ProcessPoolExecutor(min(cores, len(work)), get_context("spawn"), _undisturbed) as pool:
        try:
            yield from pool.map(partial(produce, recipe, folder, write=write_atomically), work)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _undisturbed() -> None:
    """Ctrl-C is for the first process, which lets this one finish its batch."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _templates(bank: Bank, issued: Sequence[Issued], folder: Path) -> int:
    """The submission templates that are not there yet."""
    paths = [(folder / "templates" / f"{student.stem}.yaml", student, variant) for student, variant in issued]
    fresh = [row for row in paths if not row[0].exists()]
    for path, student, variant in fresh:
        write_atomically(path, template(bank, student, variant).encode())
    return len(fresh)


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

