"""Documents of a whole class: the teacher's book of all keys with bookmarks and an index, and the
sheet to mark on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

from rnnquiz.assignment import Assignment
from rnnquiz.documents.bound import of_attempt
from rnnquiz.documents.engines import pdfs
from rnnquiz.documents.parts import kind_words, plain_marks
from rnnquiz.documents.pdf_books import PAGE_MARKER, for_printing, joined, pages_of, starts_of
from rnnquiz.documents.produce import BOOK, WORKED_BOOK, Batch, Issued, Recipe, part_of_book
from rnnquiz.documents.render import render
from rnnquiz.documents.results import UNITS
from rnnquiz.documents.tree import Document, EmptyPages, Paragraph, Table
from rnnquiz.errors import ToolError
from rnnquiz.languages.sentences import meant, of_bank, plural, said, strung
from rnnquiz.people.identity import squeezed

STUDENT_COLUMNS = said("student"), said("id"), meant("token", "sheet")
Write = Callable[[Path, bytes], None]


def class_book(
    recipe: Recipe,
    folder: Path,
    issued: Sequence[Issued],
    parts: Sequence[Batch],
    write: Write,
    name: str = "class_book.pdf",
) -> int:
    """A page or a key of each student in one PDF, in the order of the roster, with a bookmark for
    each student and an index by name in front; each line of it leads to the student's page, and
    each student's name back to the index. Index and pages are numbered as one book."""
    path = folder / name
    files = [folder.joinpath(part_of_book(batch)) for batch in parts]
    if _is_newest(path, files):
        return 0
    starts, before = [], 0
    for file in files:
        starts += [before + start for start in starts_of(file)]
        before += pages_of(file)
    worked = any(batch.kind == WORKED_BOOK for batch in parts)
    notes = () if worked else tuple(_notes(starts, before))
    pages = 1
    for _ in range(3):  # the index counts its own pages; more digits can make it longer
        document = _index(recipe, issued, [start + pages for start in starts])
        words, table = document.blocks
        blocks = (words, *notes, table, EmptyPages(before))
        index = _pdf(recipe, replace(document, blocks=blocks))
        if pages_of(index) == pages + before:
            break
        pages = pages_of(index) - before
    titles = [student.shown for student, _ in issued]
    places = [start + pages for start in starts]
    first = said("Index").said_in(recipe.assignment.language)
    book = joined(index, files, [first, *titles], [0, *places])
    write(path, book)
    return 1


def _notes(starts: Sequence[int], pages: int) -> Iterator[Paragraph]:
    """What is to be known of all pages: what small numbers on them say, and for how many students
    one page is not enough."""
    yield Paragraph(UNITS, "note")
    lengths = (end - start for start, end in pairwise([*starts, pages]))
    longer = sum(length > 1 for length in lengths)
    if longer:
        several = plural(
            "One student has several pages: letters of 7 points did not fit on one.",
            "{n} students have several pages: letters of 7 points did not fit on one.",
            longer,
        )
        yield Paragraph(several, "note")


def _is_newest(path: Path, files: Sequence[Path]) -> bool:
    """True where a file is there and none of those that it is made from was made after it."""
    if not path.exists():
        return False
    made = _made(path)
    # As new is new enough: some file systems count whole seconds.
    return all(made >= other for other in map(_made, files))


def _made(path: Path) -> int:
    return path.stat().st_mtime_ns


def marking_sheet(
    recipe: Recipe, folder: Path, issued: Sequence[Issued], parts: Sequence[Batch], write: Write
) -> int:
    """A row for each student, with a place for the marks of each kind: for marking on paper."""
    worth = dict(_worth(recipe.assignment))
    total = sum(worth.values())
    marked = [_column(words, marks) for words, marks in worth.items()]
    marked.append(_column(said("total"), total))
    header = (*STUDENT_COLUMNS, *marked)
    to_fill_in = ("",) * len(marked)
    rows = tuple((*row, *to_fill_in) for row in map(_who, issued))
    table = Table(header, rows, ruled=True)
    document = _of_class(recipe, issued, said("Marking sheet"), table)
    path = folder / "marking_sheet.tex"
    text = render(document, "latex", recipe.style).encode()
    # Compared by what is in it: it is made from roster and bank, and from no file.
    if path.exists() and path.read_bytes() == text:
        return 0
    if recipe.engine is not None:
        pdf = _pdf(recipe, document)
        write(path.with_suffix(".pdf"), pdf)
    write(path, text)
    return 1 + (recipe.engine is not None)


def _who(row: Issued) -> tuple[str, str, str]:
    """What stands in the columns of a student."""
    student, variants = row
    return student.name, student.id, variants[0].token  # one token for all exercises of a sheet


def _column(words: str, marks: float) -> str:
    bracketed = strung("", ("(", plain_marks(marks), ")"))
    return strung(" ", (words, bracketed))


def _worth(assignment: Assignment) -> Iterator[tuple[str, float]]:
    """The marks of each kind of boxes; of each problem, where there are several."""
    if len(assignment.exercises) > 1:
        for place, pool in assignment.places.items():
            yield said("Problem {place}", place=place), pool[0].marks
        return
    bank = assignment.exercises[0].bank
    words = kind_words(bank)
    for role, marks in bank.marks.items():
        yield words[role], marks


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
        students.sort(key=lambda student: (in_order_of_names(student.name), student.id))
    sheets = folder / "sheets"
    files = [sheets / f"{student.stem}.pdf" for student in students]
    path = folder / ("printer_by_name.pdf" if by_name else "printer.pdf")
    if _is_newest(path, files):
        return 0
    write(path, for_printing(files))
    return 1


def in_order_of_names(name: str) -> tuple[str, str]:
    """A name as it is sorted: word by word without accents and capitals; where that makes two one,
    by the whole name."""
    words = map(squeezed, name.split())
    return " ".join(words), name


CLASS: dict[str, Callable[[Recipe, Path, Sequence[Issued], Sequence[Batch], Write], int]] = {
    BOOK: class_book,
    WORKED_BOOK: partial(class_book, name="class_book_worked.pdf"),
    "marking_sheet": marking_sheet,
    "printer": printer_file,
    "printer_by_name": partial(printer_file, by_name=True),
}


def _index(recipe: Recipe, issued: Sequence[Issued], starts: Sequence[int]) -> Document:
    """Each student by name, with the page from 0 on which the student's own begin."""
    rows = []
    for row, start in zip(issued, starts, strict=True):
        page = str(start + 1)  # as viewers and feet of pages count them
        rows.append((*_who(row), page))
    by_name = sorted(rows, key=lambda row: (in_order_of_names(row[0]), row))
    header = (*STUDENT_COLUMNS, said("page"))
    links = tuple(f"{PAGE_MARKER}{page}" for *_, page in by_name)
    table = Table(header, tuple(by_name), links=links)
    return _of_class(recipe, issued, said("Class book"), table)


def _of_class(recipe: Recipe, issued: Sequence[Issued], subtitle: str, table: Table) -> Document:
    head = recipe.assignment.head
    _, (variant, *_) = issued[0]  # all are of one attempt
    title, course = of_bank(head.title), of_bank(head.course)
    sheets = said("{sheets} sheets of {title}. For the teacher.", sheets=len(issued), title=title)
    words = Paragraph(sheets, "note")
    students = plural("{n} student", "{n} students", len(issued))
    no_token = ""  # it is nobody's sheet
    document = Document(title, course, students, no_token, (words, table), subtitle)
    document = replace(document, language=recipe.assignment.language)
    return of_attempt(document, variant.attempt)


def _pdf(recipe: Recipe, document: Document) -> bytes:
    assert recipe.engine is not None
    (pdf,) = pdfs([document], recipe.engine, recipe.style)
    if isinstance(pdf, str):
        raise ToolError(recipe.engine, pdf)
    return pdf
