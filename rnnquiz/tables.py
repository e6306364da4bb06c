"""Tables of text as spreadsheets and learning systems write them: any usual encoding and separator, sizes capped."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

LARGEST_TABLE = 512 * 1024 * 1024
LONGEST_CELL = 10_000
_CODECS = {"UTF-8": "utf-8-sig", "UTF-16": "utf-16", "Windows-1252": "cp1252"}
_SEPARATOR = re.compile(r"sep=([,;\t|])\r?\n")
_FORMULA = re.compile("^[=+\\-@\t\r\x00＝＋－＠]")


class TableProblem(ValueError):
    """Bytes that are no table; the text says why."""


def decode(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: UTF-8 with or without mark, UTF-16 with mark, else Windows-1252."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace"), "UTF-16"
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "Windows-1252"


def read_table(data: bytes) -> list[list[str]]:
    """Rows of cells, blank rows left out. TableProblem where the bytes are no table."""
    return list(rows_in(data))


def rows_in(data: bytes) -> Iterator[list[str]]:
    """The same, row by row, for tables that are large."""
    if len(data) > LARGEST_TABLE:
        raise TableProblem(f"larger than {LARGEST_TABLE // 2**20} MB")
    text, encoding = decode(data)
    if "\0" in text:
        raise TableProblem("has NUL bytes; save it as CSV in UTF-8")
    separator, hint = separator_of(text), _SEPARATOR.match(text)
    del text
    lines = io.TextIOWrapper(io.BytesIO(data), _CODECS[encoding], "replace", newline="")
    if hint:
        lines.readline()
    csv.field_size_limit(LONGEST_CELL)
    try:
        yield from (row for row in csv.reader(lines, delimiter=separator) if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise TableProblem(str(error)) from None


def separator_of(text: str) -> str:
    """What parts the cells of a table, by what its first line says or what stands there most."""
    hint = _SEPARATOR.match(text)
    first = re.sub(r'"[^"]*"', "", text.partition("\n")[0])
    return hint[1] if hint else max(",;\t", key=first.count)


def defused(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula. Never for our own numbers, which may begin with a minus."""
    return "'" + text if _FORMULA.match(text) else text


def write_table(rows: Iterable[Sequence[str]]) -> str:
    """RFC 4180 text of the rows, as they are."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
