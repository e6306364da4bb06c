"""Documents of a whole class: the teacher's book of all keys with bookmarks and an index, and the
sheet to mark on."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from rnnquiz.assignment import Assignment
from rnnquiz.documents.bound import of_attempt
from rnnquiz.documents.engines import pdfs
from rnnquiz.documents.parts import KIND_WORDS, plain_marks
from rnnquiz.documents.pdf import PAGE_MARKER, for_printing, joined, pages_of, starts_of
from rnnquiz.documents.produce import Batch, Issued, Recipe, part_of_book
from rnnquiz.documents.render import render
from rnnquiz.documents.tree import Document, Paragraph, Table
from rnnquiz.errors import ToolError
from rnnquiz.languages.sentences import meant, of_bank, plural, said, strung

STUDENT_COLUMNS = said("student"), said("id"), meant("token", "sheet")
Write = Callable[[Path, bytes], None]


def class_book(
    recipe: Recipe, folder: Path, issued: Sequence[Issued], parts: Sequence[Batch], write: Write
) -> int:
    """A page or a key of each student in one PDF, in the order of the roster, with a bookmark for
    each student and an index by name in front; each line of it leads to the student's page, and
    each student's name back to the index."""
    path = folder / "class_book.pdf"
    files = [folder / part_of_book(batch) for batch in parts]
    if path.exists() and all(path.stat().st_mtime_ns >= file.stat().st_mtime_ns for file in files):
        return 0
    starts, before = [], 0
    for file in files:
        starts += [before + start for start in starts_of(file)]
        before += pages_of(file)
    index = _pdf(recipe, _index(recipe, issued, starts, 0))
    for _ in range(3):  # the index counts its own pages; more digits can make it longer
        pages = pages_of(index)
        again = _pdf(recipe, _index(recipe, issued, starts, pages))
        if pages_of(again) == pages:
            break
        index = again
    titles = [student.shown for student, _ in issued]
    write(
        path, joined([again, *files], ["Index", *titles], [0, *(start + pages for start in starts)])
    )
    return 1


def marking_sheet(
    recipe: Recipe, folder: Path, issued: Sequence[Issued], parts: Sequence[Batch], write: Write
) -> int:
    """A row for each student, with a place for the marks of each kind: for marking on paper."""
    worth = dict(_worth(recipe.assignment))
    header: list[str] = [*STUDENT_COLUMNS]
    header += [_column(words, marks) for words, marks in worth.items()]
    header.append(_column(said("total"), sum(worth.values())))
    rows = tuple(
        (student.name, student.id, variants[0].token, *[""] * (len(worth) + 1))
        for student, variants in issued
    )
    document = _of_class(
        recipe, issued, said("Marking sheet"), Table(tuple(header), rows, ruled=True)
    )
    path, text = folder / "marking_sheet.tex", render(document, "latex", recipe.style).encode()
    if path.exists() and path.read_bytes() == text:
        return 0
    if recipe.engine is not None:
        write(path.with_suffix(".pdf"), _pdf(recipe, document))
    write(path, text)
    return 1 + (recipe.engine is not None)


def _column(words: str, marks: float) -> str:
    return strung(" ", (words, strung("", ("(", plain_marks(marks), ")"))))


def _worth(assignment: Assignment) -> Iterator[tuple[str, float]]:
    """The marks of each kind of boxes; of each problem, where there are several."""
    if len(assignment.exercises) > 1:
        for place, pool in assignment.places.items():
            yield said("Problem {place}", place=place), pool[0].marks
        return
    for role, marks in assignment.exercises[0].bank.marks.items():
        yield KIND_WORDS[role], marks


def printer_file(
    recipe: Recipe,
    folder: Path,
    issued: Sequence[Issued],
    parts: Sequence[Batch],
    write: Write,
    by_name: bool = False,
) -> int:
    """All sheets in one PDF for the printer, in the order of the roster or by name."""
    if recipe.engine is None:
        return 0
    students = [student for student, _ in issued]
    if by_name:
        students.sort(key=lambda student: (_folded(student.name), student.id))
    files = [folder / "sheets" / f"{student.stem}.pdf" for student in students]
    path = folder / ("printer_by_name.pdf" if by_name else "printer.pdf")
    if path.exists() and all(path.stat().st_mtime_ns >= file.stat().st_mtime_ns for file in files):
        return 0
    write(path, for_printing(files))
    return 1


def _folded(name: str) -> str:
    """A name as it is sorted, without accents and capitals."""
    return unicodedata.normalize("NFKD", name).casefold()


CLASS: dict[str, Callable[[Recipe, Path, Sequence[Issued], Sequence[Batch], Write], int]] = {
    "book": class_book,
    "marking_sheet": marking_sheet,
    "printer": printer_file,
    "printer_by_name": partial(printer_file, by_name=True),
}


def _index(
    recipe: Recipe, issued: Sequence[Issued], starts: Sequence[int], before: int
) -> Document:
    rows = sorted(
        (student.name, student.id, variants[0].token, str(start + before + 1))
        for (student, variants), start in zip(issued, starts, strict=True)
    )
    by_name = sorted(rows, key=lambda row: (_folded(row[0]), row))
    return _of_class(
        recipe,
        issued,
        said("Class book"),
        Table(
            (*STUDENT_COLUMNS, said("page of this file")),
            tuple(by_name),
            links=tuple(f"{PAGE_MARKER}{row[3]}" for row in by_name),
        ),
    )


def _of_class(recipe: Recipe, issued: Sequence[Issued], subtitle: str, table: Table) -> Document:
    head, attempt = recipe.assignment.head, issued[0][1][0].attempt
    title = of_bank(head.title)
    sheets = said("{sheets} sheets of {title}. For the teacher.", sheets=len(issued), title=title)
    words = Paragraph(sheets, "note")
    students = plural("{n} student", "{n} students", len(issued))
    document = Document(
        title,
        of_bank(head.course),
        students,
        "",
        (words, table),
        subtitle,
        language=recipe.assignment.language,
    )
    return of_attempt(document, attempt)


def _pdf(recipe: Recipe, document: Document) -> bytes:
    assert recipe.engine is not None
    (pdf,) = pdfs([document], recipe.engine, recipe.style)
    if isinstance(pdf, str):
        raise ToolError(recipe.engine, pdf)
    return pdf
