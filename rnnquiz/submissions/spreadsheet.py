"""Rows of an XLSX workbook, all as text; formulas are refused, and what a hostile file could cost is limited first."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date

from rnnquiz.errors import Problem, SubmissionError
from rnnquiz.tables import LONGEST_CELL

MOST_COLUMNS, MOST_ROWS = 2100, 200_000
MOST_PARTS, RATIO = 500, 30  # members of the workbook's archive; how much larger than itself its content may be
SMALL = 50 * 2**20


def rows_of(source: str, data: bytes) -> list[list[str]]:
    """The rows of the first sheet, blank ones left out; SubmissionError names the cell of a formula."""
    _check_size(source, data)
    from openpyxl import load_workbook
    from openpyxl.cell.read_only import EMPTY_CELL
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its own size may be false
            rows: Iterator[tuple[object, ...]] = (cells[:MOST_COLUMNS] for cells in sheet.iter_rows(max_row=MOST_ROWS))
            return [row for cells in rows if any(row := ["" if cell is EMPTY_CELL else _text(source, cell) for cell in cells])]
        finally:
            book.close()
    except SubmissionError:
        raise
    except (InvalidFileException, SyntaxError, zipfile.BadZipFile, LookupError, ValueError, TypeError, AttributeError, OSError,
            EOFError, RuntimeError, ArithmeticError, AssertionError, struct.error, zlib.error) as error:  # fmt: skip
        raise SubmissionError(source, Problem("the workbook", f"cannot be read: {str(error)[:120]}", "save it as XLSX again")) from None


def is_workbook(data: bytes) -> bool:
    """True for an archive with the list of contents that every Office file has."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False


def _check_size(source: str, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise SubmissionError(source, Problem("the workbook", f"is damaged: {error}", "save it again")) from None
    size = sum(info.file_size for info in infos)
    if len(infos) > MOST_PARTS or size > max(SMALL, RATIO * len(data)):
        raise SubmissionError(source, Problem("the workbook", "unpacks to more than a sheet can be", "hand in the template itself"))
    if any(len(info.filename) > 300 or info.flag_bits & 1 for info in infos):
        raise SubmissionError(source, Problem("the workbook", "is protected or damaged", "save it without a password"))


def _text(source: str, cell: object) -> str:
    value, kind = getattr(cell, "value", None), getattr(cell, "data_type", "n")
    if value is None:
        return ""
    if kind == "f" or (isinstance(value, str) and value.startswith("=") and kind != "s"):
        where = getattr(cell, "coordinate", "a cell")
        raise SubmissionError(source, Problem(where, "holds a formula", "write its value, as a number"))
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float | int):
        return repr(int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value)
    if isinstance(value, str) and len(value) > LONGEST_CELL:
        where = getattr(cell, "coordinate", "a cell")
        raise SubmissionError(source, Problem(where, f"holds more than {LONGEST_CELL} characters", "write one number in each cell"))
    return value.isoformat() if isinstance(value, date) else str(value).strip()
