"""Tables of text as spreadsheets and learning systems write them: any usual encoding and separator,
sizes capped.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice

from rnnquiz.files.encodings import CODECS, SAMPLE, guesses, utf_of

LARGEST_TABLE = 512 * 1024 * 1024  # bytes: a hundred thousand rows of five kilobytes
_LONGEST_CELL = 100_000  # a quiz's report can hold the text of the question
SEPARATORS = ",;\t|"
_FORMULA = re.compile("^[=+\\-@\t\r\x00＝＋－＠]")
_HINT = re.compile(r'"?sep=([,;\t|])"?\r?\n')
_SAMPLE_ROWS = 60  # that show how a table is written
_BEGINNING = 20_000  # bytes in which its header stands

Header = Callable[[Sequence[str]], int]
"""How much a row is the header of what is looked for, such as how many headings it knows; 0 for
one that is none."""


class TableProblem(ValueError):
    """Bytes that are no table; the text says why."""


def read_table(data: bytes) -> list[list[str]]:
    """Rows of cells, blank rows left out. TableProblem where the bytes are no table."""
    return list(rows_in(data))


def rows_in(data: bytes) -> Iterator[list[str]]:
    """The same, row by row, for tables that are large."""
    return (row for _, row in numbered_rows(data))


def numbered_rows(data: bytes, is_header: Header | None = None) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers, as a spreadsheet counts them."""
    return delimited(data, is_header).rows()


@dataclass(frozen=True)
class Delimited:
    """A table whose cells are parted by `separator`; `first` is the number of its first row."""

    data: bytes
    encoding: str
    separator: str
    first: int

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The rows with their numbers, blank ones left out."""
        # A limit of the whole process, which another library may have set.
        csv.field_size_limit(_LONGEST_CELL)
        lines = _lines(self.data, self.encoding)
        for _ in range(1, self.first):
            lines.readline()
        try:
            # Rows, not lines: a cell in quotes may have several.
            for number, row in enumerate(csv.reader(lines, delimiter=self.separator), self.first):
                if any(cell.strip() for cell in row):
                    yield number, row
        except csv.Error as error:
            raise TableProblem(str(error)) from None

    def longest(self) -> int:
        """How many cells the longest row has."""
        widths = (len(row) for _, row in self.rows())
        return max(widths, default=0)


def delimited(data: bytes, is_header: Header | None = None) -> Delimited:
    """The table in these bytes; its separator is the one with which a row is the header.
    TableProblem where they are none.
    """
    if len(data) > LARGEST_TABLE:
        raise TableProblem(f"larger than {LARGEST_TABLE // 2**20} MB")
    if refusal := _no_table(data):
        raise TableProblem(refusal)
    encoding = utf_of(data) or _guessed(data, is_header)
    text = data.decode(CODECS[encoding], "replace")
    if "\0" in text:
        raise TableProblem("has NUL bytes; save it as CSV in UTF-8")
    sample = text[:SAMPLE]
    # Excel's own line for the separator.
    if hint := _HINT.match(sample):
        return Delimited(data, encoding, hint[1], 2)
    return Delimited(data, encoding, _separator(sample, is_header), 1)


def _guessed(data: bytes, is_header: Header | None) -> str:
    """The encoding of what is no UTF: the one in which a row is most a header; of several the one
    in which the words look best."""
    known = guesses(data)
    if is_header is None:
        return known[0][0]
    names = [name for name, _ in known]
    return max(names, key=partial(_headings, data, is_header))


def _headings(data: bytes, is_header: Header, encoding: str) -> int:
    """How much the best row of the beginning is a header."""
    codec = CODECS[encoding]
    text = data[:_BEGINNING].decode(codec, "replace")
    rows = chain.from_iterable(_sampled(text, separator) for separator in SEPARATORS)
    return max(map(is_header, rows), default=0)


def _lines(data: bytes, encoding: str) -> io.TextIOWrapper:
    # The ends of lines are csv's to read: within quotes they belong to the cell.
    return io.TextIOWrapper(io.BytesIO(data), CODECS[encoding], "replace", newline="")


def _no_table(data: bytes) -> str:
    """What the bytes are, where they are known to be no text at all."""
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return (
            "is a workbook of old Excel (.xls) or has a password; save it as XLSX, or as CSV in"
            " UTF-8"
        )
    if data[:2] == b"PK":
        return "is an archive or a workbook of another program; save it as XLSX, or as CSV in UTF-8"
    if re.match(rb"\s*<", data[:100]):
        return "is a page (HTML), whatever its name says; save it as CSV in UTF-8"
    return ""


def _separator(sample: str, is_header: Header | None) -> str:
    """The separator with which a row is the header, the first such row; else that with which most
    rows have one width.
    """
    tables = {separator: _sampled(sample, separator) for separator in SEPARATORS}
    if is_header is not None:
        known = {s: _first_header(rows, is_header) for s, rows in tables.items()}
        best = min(known, key=known.__getitem__)
        if known[best] < _NOWHERE:
            return best
    widths = {separator: _of_one_width(rows) for separator, rows in tables.items()}
    return max(widths, key=widths.__getitem__)


_NOWHERE = (_SAMPLE_ROWS, 0)  # behind every header that a sample can have


def _first_header(rows: list[list[str]], is_header: Header) -> tuple[int, int]:
    """Where the first header stands, and minus how many cells it has."""
    for k, row in enumerate(rows):
        if is_header(row):
            return k, -len(row)
    return _NOWHERE


def _of_one_width(rows: list[list[str]]) -> int:
    """How many rows have the width that most have; those of one cell do not count."""
    widths = Counter(map(len, rows))
    del widths[1]
    return max(widths.values(), default=0)


def _sampled(sample: str, separator: str) -> list[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    rows: list[list[str]] = []
    try:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        for row in islice(reader, _SAMPLE_ROWS):
            rows.append(row)
    except csv.Error:
        pass  # it is met again, and said, when the table is read
    return rows


def defused(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula. Never for our own numbers, which may
    begin with a minus.
    """
    if _FORMULA.match(text):
        return f"'{text}"
    return text


def write_table(rows: Iterable[Sequence[str]]) -> str:
    """RFC 4180 text of the rows, as they are."""
    return "".join(table_lines(rows))


def table_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The same line by line: a large table need not be in memory at once."""
    table = csv.writer(_Echo(), lineterminator="\r\n")
    for row in rows:
        yield table.writerow(row)


class _Echo:
    """Gives back what is written."""

    def write(self, text: str) -> str:
        return text
