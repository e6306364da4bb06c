"""What a student fills in: a text in YAML, or a workbook in which only the answers can be
changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import yaml

from rnnquiz.assignment import Assignment, numbered
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.documents.sheet_order import sheet_order
from rnnquiz.files.workbook import cell_text, saved
from rnnquiz.languages.catalogue import ENGLISH, Language
from rnnquiz.languages.sentences import of_bank, said
from rnnquiz.people.roster import Student
from rnnquiz.typed.numerals import WELCOME

COLUMN_CHARACTERS = 22  # of the columns, in characters
_HEAD_ROWS = 3  # they say whose it is, and what stands where


def _kinds(bank: Bank) -> Iterator[tuple[str, list[str]]]:
    """What stands above the parts of the boxes of a sheet, with the names of its boxes, in the
    order of the sheet."""
    for words, bands in sheet_order(bank).parts:
        boxes = chain.from_iterable(band.boxes for band in bands)
        yield words, [box.name for box in boxes]


_Kind = tuple[str, int, tuple[str, ...]]


@dataclass(frozen=True)
class Blank:
    """What is to be filled in: of whom, with which token, and kind by kind in words the boxes, each
    with the number of its problem (0 where there is only one)."""

    student: str
    token: str
    kinds: tuple[_Kind, ...]
    language: Language = ENGLISH


def blank(assignment: Assignment, student: Student, variants: Sequence[Variant]) -> Blank:
    """The empty template of a student's sheet."""
    kinds: list[_Kind] = []
    for variant in variants:
        exercise = assignment[variant.exercise]
        place = exercise.place if assignment.several else 0
        # A kind without boxes is a heading: those of the problem stand below it.
        if place:
            title = of_bank(exercise.bank.written.title)
            kinds.append((said("Problem {place}: {title}", place=place, title=title), place, ()))
        kinds += [(words, place, tuple(boxes)) for words, boxes in _kinds(exercise.bank)]
    return Blank(student.id, variants[0].token, tuple(kinds), assignment.language)


def template(bank: Bank, student: Student, variant: Variant) -> bytes:
    """YAML with an empty place for each box of a bank alone."""
    form = blank(Assignment.of(bank), student, [variant])
    return as_yaml(form)


def as_yaml(form: Blank) -> bytes:
    """YAML with an empty place for each box. A colon within a name would have to be quoted there:
    the box 2: h[1] is 2/h[1]."""
    told = [
        said("Write your results behind the colons, for example  h[1]: 0.604"),
        said("Leave a place empty where you have no result."),
        WELCOME,
    ]
    lines = [
        *(f"# {form.language.of(text)}" for text in told),
        f"student: {_quoted(form.student)}",
        f"token: {form.token}",
        "answers:",
    ]
    for words, place, boxes in form.kinds:
        before = f"{place}/" if place else ""
        lines += [f"  # {form.language.of(words)}", *(f"  {before}{box}:" for box in boxes)]
    return "\n".join([*lines, ""]).encode()


def _quoted(text: str) -> str:
    """A YAML scalar that is this text and nothing else."""
    # So wide that nothing is folded: each key of a template stands on one line.
    return str(yaml.safe_dump(text, default_style='"', width=10**6)).strip()


def workbook(bank: Bank, student: Student, variant: Variant) -> bytes:
    """A workbook of a bank alone."""
    form = blank(Assignment.of(bank), student, [variant])
    return as_xlsx(form)


def as_xlsx(form: Blank) -> bytes:
    """XLSX: labels are locked, answers are cells of text, so that no spreadsheet makes a date of
    1/2 or drops a zero."""
    from openpyxl import Workbook
    from openpyxl.styles import Font, Protection

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "answers"
    rows = [("student", form.student), ("token", form.token), ("box", "answer")]
    rows.append((f"# {form.language.of(WELCOME)}", ""))
    for words, place, boxes in form.kinds:
        rows.append((f"# {form.language.of(words)}", ""))
        rows += [(numbered(place, box) if place else box, "") for box in boxes]
    for number, (label, value) in enumerate(rows, start=1):
        for column, text in ((1, label), (2, value)):
            cell = sheet.cell(number, column, cell_text(text) or None)
            # openpyxl takes a text that begins with = for a formula, unless it is told what it is.
            cell.data_type, cell.number_format = "s" if text else "n", "@"
        if number > _HEAD_ROWS and not label.startswith("#"):
            sheet.cell(number, 2).protection = Protection(locked=False)
        elif number == _HEAD_ROWS or label.startswith("#"):
            sheet.cell(number, 1).font = Font(bold=True)
    sheet.protection.sheet = True
    sheet.freeze_panes = "A4"
    for letter in "AB":
        sheet.column_dimensions[letter].width = COLUMN_CHARACTERS
    return saved(book)
