"""What can be made for a student: the kinds of documents, and their files, a batch of students at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rnnquiz.bank.load import parse_bank
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.distinguish import told_apart
from rnnquiz.documents.engines import pdfs
from rnnquiz.documents.key import key
from rnnquiz.documents.parts import Common
from rnnquiz.documents.pdf import together
from rnnquiz.documents.render import body, whole
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.style import Style
from rnnquiz.documents.tree import Document
from rnnquiz.roster import Student
from rnnquiz.solution import solve_all

WRITERS = 8
Issued = tuple[Student, Variant]
Write = Callable[[Path, bytes], None]


@dataclass(frozen=True)
class Recipe:
    """All that a process of its own needs to make documents: the bank's text, the engine (or none), layout, endings of files."""

    text: str
    source: str
    notation: str
    engine: str | None
    style: Style
    endings: tuple[str, ...] = ("tex",)
    depth: str = "worked"

    @property
    def bank(self) -> Bank:
        return _bank(self.text, self.source, self.notation)


@cache
def _bank(text: str, source: str, notation: str) -> Bank:
    return parse_bank(text, source, notation)


TEXTS = {"tex": "latex", "typ": "typst", "html": "html", "md": "markdown"}
"""Endings of files that are text, and the output that they hold."""

def _sheets(recipe: Recipe, issued: Sequence[Issued]) -> list[Document]:
    common = Common.of(recipe.bank)
    return [sheet(recipe.bank, variant, student.name, common) for student, variant in issued]


def _keys(recipe: Recipe, issued: Sequence[Issued], depth: str, appendix: bool = False) -> list[Document]:
    """Keys; those for the teacher have the appendix."""
    common, solved = Common.of(recipe.bank), solve_all(recipe.bank, [variant for _, variant in issued])
    mistakes = told_apart(solved) if appendix else [None] * len(issued)
    rows = zip(issued, solved.one_by_one, mistakes, strict=True)
    return [key(solution, student.name, depth, shown, common) for (student, _), solution, shown in rows]


KINDS: dict[str, Callable[[Recipe, Sequence[Issued]], list[Document]]] = {
    "book": lambda recipe, issued: _keys(recipe, issued, recipe.depth, appendix=True),
    "keys": lambda recipe, issued: _keys(recipe, issued, recipe.depth),
    "short_keys": lambda recipe, issued: _keys(recipe, issued, "results"),
    "sheets": _sheets,
}
"""What can be made, longest first, so that no process has to wait for another at the end."""


@dataclass(frozen=True)
class Batch:
    """Students whose documents of one kind are made together; always the same ones, as the fonts in a PDF depend on it."""

    kind: str
    issued: tuple[Issued, ...]


BOOK = "book"  # a kind whose batches are one file each


def parts_of(batch: Batch) -> Path:
    """The file, in the course folder, of a batch of the book."""
    return Path(BOOK) / f"{batch.issued[0][0].position:05d}-{batch.issued[-1][0].position:05d}.pdf"


def missing(recipe: Recipe, folder: Path, batch: Batch) -> list[Path]:
    """The files of a batch that are not there yet."""
    if batch.kind == BOOK:
        paths = [folder / parts_of(batch)]
    else:
        endings = [*recipe.endings, *(["pdf"] if recipe.engine else [])]
        paths = [_file(folder, batch, student, ending) for student, _ in batch.issued for ending in endings]
    return [path for path in paths if not path.exists()]


def produce(recipe: Recipe, folder: Path, batch: Batch, write: Write) -> tuple[int, list[str]]:
    """Make what is missing of a batch: how many files were written, and a line for each document that could not be set."""
    wanted = missing(recipe, folder, batch)
    documents = KINDS[batch.kind](recipe, batch.issued)
    bodies = {output: [body(document, output, recipe.style) for document in documents] for output in _outputs(recipe, batch)}
    made: dict[Path, bytes] = {}
    problems: list[str] = []
    for ending in recipe.endings if batch.kind != BOOK else ():
        files = [_file(folder, batch, student, ending) for student, _ in batch.issued]
        for file, text in zip(files, bodies[TEXTS[ending]], strict=True):
            if file in wanted:
                made[file] = whole(text, TEXTS[ending], recipe.style).encode()
    if recipe.engine is not None and any(path.suffix == ".pdf" for path in wanted):
        found: dict[str, bytes] = {}
        for (student, _), pdf in zip(batch.issued, pdfs(documents, recipe.engine, recipe.style, bodies[recipe.engine]), strict=True):
            if isinstance(pdf, bytes):
                found[student.stem] = pdf
            else:
                problems.append(f"{student.id} ({batch.kind}): {pdf}")
        if batch.kind != BOOK:
            made |= {path: found[path.stem] for path in wanted if path.suffix == ".pdf" and path.stem in found}
        elif not problems:
            made[wanted[0]] = together(list(found.values()))
    with ThreadPoolExecutor(WRITERS) as pool:  # most of the time of writing is waiting for the disk
        list(pool.map(write, made.keys(), made.values()))
    return len(made), problems


def _outputs(recipe: Recipe, batch: Batch) -> set[str]:
    texts = {TEXTS[ending] for ending in recipe.endings} if batch.kind != BOOK else set()
    return texts | ({recipe.engine} if recipe.engine else set())


def _file(folder: Path, batch: Batch, student: Student, ending: str) -> Path:
    return folder / batch.kind / f"{student.stem}.{ending}"


def batches(kinds: Sequence[str], issued: Sequence[Issued], size: int) -> list[Batch]:
    """All batches of the course, kind by kind, by position, `size` students in each."""
    parts = [tuple(issued[start : start + size]) for start in range(0, len(issued), size)]
    return [Batch(kind, part) for kind in kinds if kind in KINDS for part in parts]
