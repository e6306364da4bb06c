"""The files of a class: which of them are missing, made batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import filterfalse
from pathlib import Path

from rnnquiz.course.crew import Crew
from rnnquiz.course.templates import as_xlsx, as_yaml, blank
from rnnquiz.documents.classbook import CLASS
from rnnquiz.documents.form import answer_pages, assignment_pages
from rnnquiz.documents.produce import (
    BOOKS,
    DOCUMENT_KINDS,
    Batch,
    Issued,
    Recipe,
    batches,
    documents_of,
    files_of,
    part_of_book,
    produce,
    rehearse,
)
from rnnquiz.files.private import is_there, refuse_links, remove, write_atomically
from rnnquiz.people.roster import Student

DOCUMENTS_TOGETHER = 100  # documents in one TeX run; the bytes of a PDF depend on it
TEMPLATES = "templates"


class ClassFiles:
    """What is made for a class, batch by batch, and which of it is missing in the course folder."""

    def __init__(
        self, recipe: Recipe, kinds: Sequence[str], templates: Sequence[str], folder: Path
    ) -> None:
        self.recipe, self.templates, self.folder = recipe, templates, folder
        self.documents = kinds
        self.kinds = list(filter(DOCUMENT_KINDS.__contains__, kinds))
        if templates:
            self.kinds.append(TEMPLATES)
        self.rehearsal = partial(rehearse, recipe, self.kinds)

    def work(self, before: Sequence[Issued], waiting: Sequence[Student]) -> int:
        """How much there is to do: files that are missing, and for each who waits the numbers and
        every document."""
        there = self.batches([before])
        missing = sum(len(batch.wanted) for batch in there)
        each = 1 + len(self.kinds)
        return missing + len(waiting) * each

    def make(
        self,
        issued: Iterable[Sequence[Issued]],
        crew: Crew,
        progress: Callable[[int, int], object],
        steps: int,
    ) -> tuple[int, list[str]]:
        """Write what is missing; how many files, and what could not be set."""
        written, done, problems = 0, 0, list[str]()
        make = partial(_made, self.recipe)
        made = crew.build(make, self.batches(issued), self.folder)
        for files, (students, faults) in made:
            written += files
            problems += faults
            done += students
            progress(done, steps)
        return written, problems

    def batches(self, issued: Iterable[Sequence[Issued]]) -> Iterator[Batch]:
        """A batch begins when all of its students are there, the last one when no more come."""
        waiting: list[Issued] = []
        # The size of a group depends on who draws the numbers. That of a batch must not, as the
        # bytes of a PDF depend on it.
        for group in issued:
            waiting += group
            while len(waiting) >= DOCUMENTS_TOGETHER:
                yield from self._batches(waiting[:DOCUMENTS_TOGETHER])
                del waiting[:DOCUMENTS_TOGETHER]
        yield from self._batches(waiting)

    def _batches(self, issued: Sequence[Issued]) -> Iterator[Batch]:
        return map(self._missing, batches(self.kinds, issued, DOCUMENTS_TOGETHER))

    def _missing(self, batch: Batch) -> Batch:
        if batch.kind == TEMPLATES:
            files = list(self._templates(batch))
        else:
            files = files_of(self.recipe, batch)
        wanted = filterfalse(partial(is_there, self.folder), files)
        # Addresses and further ids are on no document: they stay in this process.
        people = [(replace(one, email="", others=()), numbers) for one, numbers in batch.issued]
        missing = tuple(wanted)
        return replace(batch, issued=tuple(people), wanted=missing)

    def _templates(self, batch: Batch) -> Iterator[str]:
        for student, _ in batch.issued:
            for ending in self.templates:
                yield f"{TEMPLATES}/{student.stem}.{ending}"

    def finish(self, everyone: Sequence[Issued], faulty: bool) -> int:
        """Write the documents of the whole class, unless some of its parts could not be made; how
        many."""
        # Parts of a book are removed there: through a link they would be those of others.
        for kind in BOOKS:
            refuse_links(self.folder, kind)
        # A book without some of its pages would be taken for the whole.
        if faulty:
            return 0
        written = 0
        for kind in filter(CLASS.__contains__, self.documents):
            make, parts = CLASS[kind], self._parts_of_book(kind, everyone)
            written += make(self.recipe, self.folder, everyone, parts, write_atomically)
        return written

    def _parts_of_book(self, kind: str, everyone: Sequence[Issued]) -> Sequence[Batch]:
        """The parts of a book of the class; what is left of one that has grown since goes."""
        if kind not in BOOKS:
            return []
        parts = batches([kind], everyone, DOCUMENTS_TOGETHER)
        new = {self.folder / part_of_book(batch) for batch in parts}
        # The name of a part says whom it has: the last one is named anew when students come.
        if parts:
            for path in set((self.folder / kind).glob("*.pdf")) - new:
                inside = path.relative_to(self.folder)
                remove(self.folder, inside.as_posix())
        return parts


def _made(recipe: Recipe, batch: Batch) -> tuple[dict[str, bytes], tuple[int, list[str]]]:
    """The wanted files of a batch; how many students it has, and what could not be set."""
    count = len(batch.issued)
    if batch.kind == TEMPLATES:
        return _made_templates(recipe, batch), (count, [])
    if not batch.wanted:
        return {}, (count, [])
    files, problems = produce(recipe, batch)
    return files, (count, problems)


def _made_templates(recipe: Recipe, batch: Batch) -> dict[str, bytes]:
    made: dict[str, bytes] = {}
    for ending, make in MAKERS.items():
        wanted = {}
        for one in batch.issued:
            student, _ = one
            name = f"{TEMPLATES}/{student.stem}.{ending}"
            if name in batch.wanted:
                wanted[name] = one
        if wanted:
            contents = make(recipe, list(wanted.values()))
            made |= zip(wanted, contents, strict=True)
    return made


def _yaml_templates(recipe: Recipe, issued: Sequence[Issued]) -> Iterator[bytes]:
    for student, variants in issued:
        yield as_yaml(blank(recipe.assignment, student, variants))


def _xlsx_templates(recipe: Recipe, issued: Sequence[Issued]) -> Iterator[bytes]:
    for student, variants in issued:
        yield as_xlsx(blank(recipe.assignment, student, variants))


Maker = Callable[[Recipe, Sequence[Issued]], Iterable[bytes]]


def _answer_pages(recipe: Recipe, issued: Sequence[Issued]) -> list[bytes]:
    assignment = recipe.assignment
    if assignment.alone:
        rows = [(student, variants[0]) for student, variants in issued]
        return answer_pages(assignment.exercises[0].bank, rows, recipe.style)
    sheets = documents_of(recipe, "sheets", issued)
    return assignment_pages([student for student, _ in issued], sheets, recipe.style)


MAKERS: dict[str, Maker] = {
    "yaml": _yaml_templates,
    "xlsx": _xlsx_templates,
    "html": _answer_pages,
}
