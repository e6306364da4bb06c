"""XLSX workbooks: written as bytes that are the same each time, read as rows of text; what a
hostile file could cost is limited first.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice, starmap, zip_longest
from typing import TYPE_CHECKING, Any

from rnnquiz.errors import Problem

if TYPE_CHECKING:
    from openpyxl import Workbook

_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_ZEROS = re.compile(r"0{2,40}")
# as many columns as a sheet may have boxes, with those that say who; of sheets a class has one
MOST_COLUMNS, _MOST_ROWS, MOST_SHEETS = 2100, 200_000, 8
# members of the workbook's archive; how much larger than itself its content may be, past so many
# bytes that nobody minds
MOST_PARTS, RATIO, HARMLESS = 500, 30, 50 * 2**20
_LONGEST_TEXT = 10_000  # of a cell, in characters
_LONGEST_MEMBER = 300  # of the name of a part of the file; those of Excel have some fifty
LARGEST_EXACT = 1e15  # below it every whole number is a float
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def saved(book: Workbook) -> bytes:
    """The workbook, without the times at which it and its parts were written."""
    book.properties.created = book.properties.modified = datetime(2000, 1, 1)
    whole, out = io.BytesIO(), io.BytesIO()
    book.save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(info.filename), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def cell_text(text: str) -> str:
    """Text without the characters that no workbook can hold."""
    return _CONTROL.sub(" ", text)


_DAMAGED = (
    SyntaxError, zipfile.BadZipFile, LookupError, ValueError, TypeError, AttributeError, OSError,
    EOFError, RuntimeError, ArithmeticError, AssertionError, struct.error, zlib.error,
)  # fmt: skip
"""What openpyxl raises for files of which a part is not as it should be; met by fuzzing."""

Row = tuple[int, list[str]]
"""A row and its number, as it is shown."""


class WorkbookProblem(ValueError):
    """A workbook that cannot be read; `problem` says where and why."""

    def __init__(self, where: str, found: str, remedy: str) -> None:
        self.problem = Problem(where, found, remedy)
        super().__init__(str(self.problem))


def sheets_in(data: bytes, results: bool = False) -> Iterator[list[Row]]:
    """The rows of each sheet that can be seen, blank ones left out; formulas by their `results`, or
    as they are typed.

    WorkbookProblem where it cannot be read.
    """
    _check_size(data)
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=results, keep_links=False)
        try:
            for sheet in islice(filter(_is_visible, book.worksheets), MOST_SHEETS):
                yield list(_rows(sheet))
        finally:
            book.close()
    except WorkbookProblem:
        raise
    except (InvalidFileException, *_DAMAGED) as error:
        found = f"cannot be read: {str(error)[:120]}"
        raise WorkbookProblem("the workbook", found, "save it as XLSX again") from None


def sheets_as_seen(data: bytes) -> list[list[Row]]:
    """The rows of each sheet as people see them: a formula by its result, or as it is typed where
    the file has none (a program has written it, and nobody has opened it since).

    WorkbookProblem as above.
    """
    typed = list(sheets_in(data))
    if not any(map(_has_formulas, typed)):
        return typed
    sheets = zip(typed, sheets_in(data, results=True), strict=True)
    return list(starmap(_with_results, sheets))


def _has_formulas(rows: Sequence[Row]) -> bool:
    return any(any(map(_is_formula, cells)) for _, cells in rows)


def _is_formula(text: str) -> bool:
    return text.startswith("=")


def _with_results(typed: Sequence[Row], worked_out: Sequence[Row]) -> list[Row]:
    """The rows of a sheet, with the results of its formulas where it has them."""
    results, rows = dict(worked_out), []
    for number, cells in typed:
        own = results.get(number, [])
        # A row ends where nothing follows: it can be shorter without the text of its formulas.
        seen = starmap(_seen, zip_longest(cells, own, fillvalue=""))
        rows.append((number, list(seen)))
    return rows


def _seen(typed: str, result: str) -> str:
    return (result or typed) if _is_formula(typed) else typed


def _is_visible(sheet: Any) -> bool:
    return bool(sheet.sheet_state == "visible")


def _rows(sheet: Any) -> Iterator[Row]:
    from openpyxl.cell.read_only import EMPTY_CELL

    sheet.reset_dimensions()  # what the file says of its own size may be false
    for number, cells in enumerate(sheet.iter_rows(max_row=_MOST_ROWS), start=1):
        some = cells[:MOST_COLUMNS]
        # In a wide sheet most cells are this one, of which nothing need be asked.
        row = ["" if cell is EMPTY_CELL else _text(cell) for cell in some]
        if any(row):
            yield number, row


def is_workbook(data: bytes) -> bool:
    """True for an archive with the list of contents that every Office file has."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False


def _check_size(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise WorkbookProblem("the workbook", f"is damaged: {error}", "save it again") from None
    size = sum(info.file_size for info in infos)
    if len(infos) > MOST_PARTS or size > max(HARMLESS, RATIO * len(data)):
        raise WorkbookProblem(
            "the workbook", "unpacks to more than a sheet can be", "hand in the template itself"
        )
    if any(len(info.filename) > _LONGEST_MEMBER or info.flag_bits & 1 for info in infos):
        raise WorkbookProblem(
            "the workbook", "is protected or damaged", "save it without a password"
        )


def _text(cell: Any) -> str:
    """What a cell holds; a whole number with the zeros in front of it that its format shows."""
    value, kind = cell.value, cell.data_type
    if value is None:
        return ""
    if kind == "f":
        # One that fills several cells is an object with a text.
        value = str(getattr(value, "text", value))
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float | int):
        return _number(value, cell.number_format)
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        found = f"holds more than {_LONGEST_TEXT} characters"
        raise WorkbookProblem(cell.coordinate, found, "write one number in each cell")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def _number(value: float, shown: str | None) -> str:
    """A number; where it is whole, without a point and with the zeros that its format (`shown`)
    puts before it."""
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST_EXACT:
        value = int(value)
    form = shown or ""
    # A format such as 00000 is how a spreadsheet keeps the zeros of an id.
    if isinstance(value, int) and value >= 0 and _ZEROS.fullmatch(form):
        return repr(value).zfill(len(form))
    return repr(value)
