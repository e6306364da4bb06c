"""`rnnquiz generate`: variants, sheets, keys and templates for a roster; goes on where it was interrupted."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from rnnquiz import __version__
from rnnquiz.bank.specification import Bank
from rnnquiz.course.store import Course, write_atomically
from rnnquiz.course.templates import template, workbook
from rnnquiz.documents.classbook import CLASS
from rnnquiz.documents.produce import BOOK, KINDS, TEXTS, Batch, Issued, Recipe, batches, missing, parts_of, produce
from rnnquiz.documents.render import PLAIN
from rnnquiz.documents.style import Style
from rnnquiz.issue import Report, issue_variants
from rnnquiz.roster import Student

FEWEST, MOST = 100, 2000  # variants drawn at a time
BATCH = 50  # documents in one TeX run; the bytes of a PDF depend on it
ALONE = 40  # files and students that take less time than starting processes

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
    Without `documents` the numbers are drawn and stored, and nothing else is made.
    """

    engine: str | None = None
    style: Style = PLAIN
    depth: str = "worked"
    also: tuple[str, ...] = ()
    documents: bool = True

    def recipe(self, bank: Bank) -> Recipe:
        endings = ("tex", *(ending for ending in TEXTS if ending in self.also and ending != "tex"))
        return Recipe(bank.text, bank.source, bank.notation.name, self.engine, self.style, endings, self.depth)

    def words(self) -> str:
        return f"{self.engine or 'no'} PDFs, {self.style.words()}, depth {self.depth}"


SHEETS_AND_KEYS = Wanted()


def generate(
    bank: Bank, roster: list[Student], folder: Path, wanted: Wanted = SHEETS_AND_KEYS, progress: Progress = lambda what, done, of: None
) -> Generated:
    """Issue what is missing and write what is missing, on all cores.

    Every variant is stored before any of its files is written; every file is whole or absent.
    """
    recipe = wanted.recipe(bank)
    chosen = ("sheets", "keys", *wanted.also) if wanted.documents else ()
    kinds = [kind for kind in dict.fromkeys((*KINDS, *CLASS)) if kind in chosen]
    with Course.create(folder) as course:
        course.set_bank(bank)
        course.add_students(roster)
        for kind in kinds:
            course.keep_layout(kind, wanted.words())
        with _crew(recipe, (len(_to_do(course, recipe, kinds)) + len(course.waiting())) * bool(kinds)) as crew:
            making = _Making(recipe, folder, crew, progress)
            report, fresh = Report(), 0
            for issued, part in _issue(course, bank, progress):
                report.add(part)
                fresh += issued
                making.begin(_to_do(course, recipe, kinds, whole=True))
            making.begin(_to_do(course, recipe, kinds))
            everyone = course.issued()
            written = _templates(bank, everyone, folder, wanted.also) if wanted.documents else 0
            made, problems = making.finish()
    parts = [batch for batch in batches(kinds, everyone, BATCH) if batch.kind == BOOK]
    for old in set((folder / BOOK).glob("*.pdf")) - {folder / parts_of(batch) for batch in parts}:
        old.unlink()  # a batch that has grown since
    written += made
    for kind in kinds:
        if kind in CLASS and not problems:
            written += CLASS[kind](recipe, folder, everyone, parts, write_atomically)
    return Generated(len(everyone), fresh, written, report, problems)


def _to_do(course: Course, recipe: Recipe, kinds: Sequence[str], whole: bool = False) -> list[tuple[Batch, int]]:
    """The batches of which files are missing, and how many; `whole`: without one that may still grow."""
    if not kinds:
        return []
    work = [batch for batch in batches(kinds, course.issued(), BATCH) if len(batch.issued) == BATCH or not whole]
    counted = [(batch, len(missing(recipe, course.folder, batch))) for batch in work]
    return [(batch, count) for batch, count in counted if count]


@contextmanager
def _crew(recipe: Recipe, work: int) -> Iterator[Executor | None]:
    """Processes that get ready while variants are still being drawn; none where there is too little to do."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores == 1 or work <= ALONE:
        yield None
        return
    # forks of a server that has only loaded the modules: a fork of this process, with its threads and perhaps Typst's, can hang
    context = get_context("forkserver")
    context.set_forkserver_preload(["rnnquiz.documents.produce"])
    with ProcessPoolExecutor(cores, context, _prepared, (recipe,)) as pool:
        for _ in range(cores):
            pool.submit(os.getpid)
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _prepared(recipe: Recipe) -> None:
    """Ctrl-C is for the first process, which lets this one finish its batch. What is loaded by now is no garbage to come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert recipe.bank
    gc.freeze()


def _issue(course: Course, bank: Bank, progress: Progress) -> Iterator[tuple[int, Report]]:
    """Variants for the students who have none, stored chunk by chunk; how many there were in each, and what was refused."""
    taken = course.variants()
    waiting = [(student.id, 1) for student in course.waiting()]
    done = 0
    while done < len(waiting):
        size = min(max(FEWEST, len(taken) // 2), MOST)  # each variant is compared with all others: larger chunks as they grow
        variants, report = issue_variants(bank, course.secret, waiting[done : done + size], taken)
        course.add_variants(bank, variants, __version__)
        taken += variants
        done += len(variants)
        progress("variants", done, len(waiting))
        yield len(variants), report


class _Making:
    """Batches at work, in processes of their own where there are some; what has begun is not begun again."""

    def __init__(self, recipe: Recipe, folder: Path, crew: Executor | None, progress: Progress) -> None:
        self.make = partial(produce, recipe, folder, write=write_atomically)
        self.crew, self.progress = crew, progress
        self.begun: dict[tuple[str, int], tuple[int, Callable[[], tuple[int, list[str]]]]] = {}

    def begin(self, todo: Sequence[tuple[Batch, int]]) -> None:
        for batch, count in todo:
            at = (batch.kind, batch.issued[0][0].position)
            if at not in self.begun:
                self.begun[at] = count, self.crew.submit(self.make, batch).result if self.crew else partial(self.make, batch)

    def finish(self) -> tuple[int, list[str]]:
        """Wait for all; how many files were written, and what could not be set."""
        total, done, written = sum(count for count, _ in self.begun.values()), 0, 0
        problems: list[str] = []
        for count, result in self.begun.values():
            made, faults = result()
            done += count
            written += made
            problems += faults
            self.progress("files", done, total)
        return written, problems


def _templates(bank: Bank, issued: Sequence[Issued], folder: Path, also: Sequence[str]) -> int:
    """The submission templates that are not there yet."""
    makers = {"yaml": template, **({"xlsx": workbook} if "xlsx" in also else {})}
    fresh = [
        (path, make(bank, student, variant))
        for student, variant in issued
        for ending, make in makers.items()
        if not (path := folder / "templates" / f"{student.stem}.{ending}").exists()
    ]
    for path, data in fresh:
        write_atomically(path, data)
    return len(fresh)
