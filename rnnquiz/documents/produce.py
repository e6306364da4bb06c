"""What can be made for a student: the kinds of documents, and their files, a batch of students at a
time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product, repeat
from pathlib import Path

import numpy as np

from rnnquiz.assignment import Assigned, Assignment, PortableAssignment
from rnnquiz.bank.variant import Variant, exact_givens
from rnnquiz.documents.bound import as_one, of_attempt, sheet_of
from rnnquiz.documents.engines import pdfs
from rnnquiz.documents.key import key
from rnnquiz.documents.parts import SharedBlocks
from rnnquiz.documents.pdf_books import join_pdfs
from rnnquiz.documents.render import body, whole
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.style import Style
from rnnquiz.documents.tree import Document
from rnnquiz.people.roster import Student
from rnnquiz.solution.distinguish import mistakes_told_apart
from rnnquiz.solution.solved import solve_all

Issued = tuple[Student, tuple[Variant, ...]]
"""A student, and the numbers of each exercise of the sheet, in the order of their places."""
OfExercise = Sequence[tuple[Student, Variant]]


@dataclass(frozen=True)
class Recipe:
    """All that a process of its own needs to make documents: the exercises, the engine (or none),
    layout, endings of files."""

    portable: PortableAssignment
    engine: str | None
    style: Style
    endings: tuple[str, ...] = ("tex",)
    depth: str = "worked"

    @property
    def worked(self) -> str:
        """How much the worked book shows: what keys do, but more than results."""
        return "worked" if self.depth == "results" else self.depth

    @property
    def assignment(self) -> Assignment:
        """The assignment, read again where this process has not read it yet."""
        return self.portable.assignment


TEXTS = {"tex": "latex", "typ": "typst", "html": "html", "md": "markdown"}
"""Endings of files that are text, and the output that they hold."""


def _sheets(recipe: Recipe, exercise: Assigned, issued: OfExercise) -> list[Document]:
    bank, common = exercise.bank, SharedBlocks.of(exercise.bank, exercise.key)
    lines = recipe.style.lines
    return [sheet(bank, variant, student.shown, common, lines) for student, variant in issued]


def _keys(
    exercise: Assigned, issued: OfExercise, depth: str, appendix: bool = False
) -> list[Document]:
    """Keys; those for the teacher have the appendix."""
    common = SharedBlocks.of(exercise.bank, exercise.key)
    variants = [variant for _, variant in issued]
    solved = solve_all(exercise.bank, variants)
    nothing = repeat(None, len(issued))
    mistakes = mistakes_told_apart(solved) if appendix else nothing
    rows = zip(issued, solved.one_by_one, mistakes, strict=True)
    keys = []
    for (student, _), solution, shown in rows:
        keys.append(key(solution, student.shown, depth, shown, common))
    return keys


BOOK, WORKED_BOOK = "book", "worked_book"
BOOKS = (BOOK, WORKED_BOOK)  # kinds whose batches are one file each

DOCUMENT_KINDS: dict[str, Callable[[Recipe, Assigned, OfExercise], list[Document]]] = {
    WORKED_BOOK: lambda recipe, of, issued: _keys(of, issued, recipe.worked, appendix=True),
    BOOK: lambda recipe, of, issued: _keys(of, issued, "results", appendix=True),
    "keys": lambda recipe, of, issued: _keys(of, issued, recipe.depth),
    "short_keys": lambda recipe, of, issued: _keys(of, issued, "results"),
    "sheets": _sheets,
}
"""What can be made of each exercise, longest first, so that no process has to wait for another at
the end."""


def documents_of(recipe: Recipe, kind: str, issued: Sequence[Issued]) -> list[Document]:
    """The document of each student, with all exercises that the student has."""
    pages: list[dict[int, tuple[Assigned, Document]]] = [{} for _ in issued]
    for exercise in recipe.assignment.exercises:
        rows = list(_with(exercise, issued))
        if not rows:
            continue
        own = [row for _, row in rows]
        made = DOCUMENT_KINDS[kind](recipe, exercise, own)
        for (n, _), document in zip(rows, made, strict=True):
            pages[n][exercise.place] = exercise, document
    # Only a sheet says what each problem is worth, and has a line to sign on.
    bind = sheet_of if kind == "sheets" else as_one
    whole: list[Document] = []
    for of_student, (_, variants) in zip(pages, issued, strict=True):
        document = bind(recipe.assignment, of_student)
        attempt = variants[0].attempt
        in_book = replace(document, in_book=kind in BOOKS)
        whole.append(of_attempt(in_book, attempt))
    return whole


def _with(
    exercise: Assigned, issued: Sequence[Issued]
) -> Iterator[tuple[int, tuple[Student, Variant]]]:
    """Those who have the exercise, each by the place among all of them."""
    for n, (student, variants) in enumerate(issued):
        for variant in variants:
            if variant.exercise == exercise.key:
                yield n, (student, variant)


@dataclass(frozen=True)
class Batch:
    """Students whose documents of one kind are made together; by position, as the fonts in a PDF
    depend on it. Only the last can grow.

    `wanted`: which of their files are to be made, by their paths in the course folder.
    """

    kind: str
    issued: tuple[Issued, ...]
    wanted: tuple[str, ...] = ()


def part_of_book(batch: Batch) -> Path:
    """The file, in the course folder, of a batch of a book."""
    students = [student for student, _ in batch.issued]
    first, last = students[0], students[-1]
    return Path(batch.kind) / f"{first.position:05d}-{last.position:05d}.pdf"


def files_of(recipe: Recipe, batch: Batch) -> list[str]:
    """All files of a batch."""
    if batch.kind in BOOKS:
        return [part_of_book(batch).as_posix()]
    endings = [*recipe.endings, "pdf"] if recipe.engine else recipe.endings
    pairs = product(batch.issued, endings)
    return [_file(batch, student, ending) for (student, _), ending in pairs]


def produce(recipe: Recipe, batch: Batch) -> tuple[dict[str, bytes], list[str]]:
    """The wanted files of a batch, and a line for each document that could not be set."""
    documents = documents_of(recipe, batch.kind, batch.issued)
    bodies: dict[str, list[str]] = {}
    for output in _outputs(recipe, batch):
        bodies[output] = [body(document, output, recipe.style) for document in documents]
    made = dict(_texts(recipe, batch, bodies))
    problems: list[str] = []
    if recipe.engine is not None and any(file.endswith(".pdf") for file in batch.wanted):
        # All of the batch, also where few are wanted: the fonts in a PDF are those of its run.
        set_ = pdfs(documents, recipe.engine, recipe.style, bodies[recipe.engine])
        found: dict[str, bytes] = {}
        for (student, _), pdf in zip(batch.issued, set_, strict=True):
            if isinstance(pdf, bytes):
                found[_file(batch, student, "pdf")] = pdf
            else:
                problems.append(f"{student.id} ({batch.kind}): {pdf}")
        if batch.kind not in BOOKS:
            made |= {file: pdf for file, pdf in found.items() if file in batch.wanted}
        elif not problems:  # a book without one of its pages would have the wrong index
            (book,) = batch.wanted
            pages = list(found.values())
            made[book] = join_pdfs(pages)
    return made, problems


def _texts(
    recipe: Recipe, batch: Batch, bodies: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, bytes]]:
    """The wanted files that are text, by name; a book has none."""
    for ending in recipe.endings if batch.kind not in BOOKS else ():
        output = TEXTS[ending]
        for (student, _), text in zip(batch.issued, bodies[output], strict=True):
            file = _file(batch, student, ending)
            if file in batch.wanted:
                yield file, whole(text, output, recipe.style).encode()


def rehearse(recipe: Recipe, kinds: Sequence[str]) -> None:
    """Make a document of each kind of arbitrary numbers for nobody: what is made once in a process
    is made then."""
    nobody = Student("", "", "", 1)
    for exercise in recipe.assignment.exercises:
        # The first number of each range, whether or not such a variant would be issued.
        first = np.zeros(len(exercise.bank.sizes), dtype=np.int64)
        givens = exact_givens(exercise.bank, first)
        issued = [(nobody, Variant("", 1, "", 0, givens, exercise.key))]
        for kind in filter(DOCUMENT_KINDS.__contains__, kinds):
            for document in DOCUMENT_KINDS[kind](recipe, exercise, issued):
                for output in _outputs(recipe, Batch(kind, ())):
                    body(document, output, recipe.style)


def _outputs(recipe: Recipe, batch: Batch) -> set[str]:
    endings = recipe.endings if batch.kind not in BOOKS else ()
    outputs = set(map(TEXTS.__getitem__, endings))
    if recipe.engine:
        outputs.add(recipe.engine)
    return outputs


def _file(batch: Batch, student: Student, ending: str) -> str:
    return f"{batch.kind}/{student.stem}.{ending}"


def batches(kinds: Sequence[str], issued: Sequence[Issued], size: int) -> list[Batch]:
    """All batches of the course, by position, `size` students in each, kind by kind."""
    starts = range(0, len(issued), size)
    parts = [tuple(issued[start : start + size]) for start in starts]
    return [Batch(kind, part) for part, kind in product(parts, kinds)]
