"""The answer page: the sheet with a field for each box, in one file that a browser opens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from markupsafe import escape

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.documents.gaps import Boxed
from rnnquiz.documents.parts import SharedBlocks
from rnnquiz.documents.render import PLAIN, render
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.style import Style
from rnnquiz.documents.tree import Document, Saving
from rnnquiz.errors import BankError, Problem
from rnnquiz.people.roster import Student


def answer_pages(
    bank: Bank, issued: Sequence[tuple[Student, Variant]], style: Style
) -> list[bytes]:
    """A page for each student, from the sheet alone: no solution is computed for it.

    BankError where a template of the teacher's has no fields.
    """
    common = SharedBlocks.of(bank)
    documents = (form(bank, variant, student, common, style) for student, variant in issued)
    names = [box.name for box in bank.boxes]
    return [_page(names, document, style) for document in documents]


def assignment_pages(
    students: Sequence[Student], sheets: Sequence[Document], style: Style
) -> list[bytes]:
    """The same for an assignment, from the sheets of the students."""
    rows = zip(students, sheets, strict=True)
    documents = [_savable(document, student) for student, document in rows]
    # Which boxes there are depends on the student, who has some of several exercises.
    return [_page(list(_boxes(document)), document, style) for document in documents]


def _boxes(document: Document) -> Iterator[str]:
    """The names under which all boxes of a sheet are saved."""
    for block in document.blocks:
        if isinstance(block, Boxed):
            yield from (box.saved for box in block.boxes)


def form(
    bank: Bank,
    variant: Variant,
    student: Student,
    common: SharedBlocks | None = None,
    style: Style = PLAIN,
) -> Document:
    """The sheet, and the foot where it is saved."""
    return _savable(sheet(bank, variant, student.shown, common, style.lines), student)


def _savable(document: Document, student: Student) -> Document:
    return replace(document, blocks=(*document.blocks, Saving(student.id, student.stem)))


def _page(boxes: Sequence[str], document: Document, style: Style) -> bytes:
    text = render(document, "form", style)
    # A template of the teacher's may have lost the fields: better found here than by students.
    for name in boxes:
        if f'data-box="{escape(name)}"' not in text:
            place = style.templates.folder if style.templates else "templates"
            remedy = "take the part of the boxes over from our document.html.jinja"
            raise BankError(place, Problem("templates", f"no field for {name}", remedy))
    return text.encode()
