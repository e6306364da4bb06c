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
from itertools import islice

LARGEST_TABLE = 512 * 1024 * 1024
LONGEST_CELL = 100_000  # a quiz's report can hold the text of the question
SEPARATORS = ",;\t|"
_CODECS = {
    "UTF-8": "utf-8-sig", "UTF-16": "utf-16", "UTF-16 LE": "utf-16-le", "UTF-16 BE": "utf-16-be", "Windows-1252": "cp1252",
    "Mac OS Roman": "mac_roman",
}  # fmt: skip
_FORMULA = re.compile("^[=+\\-@\t\r\x00＝＋－＠]")
_HINT = re.compile(r'"?sep=([,;\t|])"?\r?\n')
_SAMPLE, _SAMPLE_ROWS = 200_000, 60  # characters and rows that show how a table is written

Header = Callable[[Sequence[str]], bool]
"""True for a row that is the header of what is looked for."""


class TableProblem(ValueError):
    """Bytes that are no table; the text says why."""


def decode(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: UTF-8 or UTF-16, with or without mark, else
    Windows-1252 or that of old Macs.
    """
    name = encoding_of(data)
    return data.decode(_CODECS[name], "replace"), name


def encoding_of(data: bytes) -> str:
    """The name of the encoding: what is no UTF is guessed from where in a word letters with marks
    would stand.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    even, odd = data[:4096:2].count(0), data[1:4096:2].count(0)
    if max(even, odd) > 0.3 * len(data[:4096]) / 2 and min(even, odd) == 0:
        return "UTF-16 BE" if even else "UTF-16 LE"
    try:
        data.decode("utf-8-sig")
        return "UTF-8"
    except UnicodeDecodeError:
        sample = re.sub(rb"[\x00-\x7f]{4,}", b" a ", data[: 10 * _SAMPLE])[:_SAMPLE]
        return min(
            ("Windows-1252", "Mac OS Roman"),
            key=lambda name: strangeness(sample.decode(_CODECS[name], "replace")),
        )


def strangeness(text: str) -> int:
    """How many letters with marks, or what is read in their place, cannot stand in a name where
    they stand.

    >>> strangeness("José Müller"), strangeness("JosŽ MŸller")
    (0, 2)

    """
    return sum(
        _is_strange(text[max(0, at - 1) : at], text[at], text[at + 1 : at + 2])
        for at in _foreign(text)
    )


def _foreign(text: str) -> Iterator[int]:
    return (found.start() for found in re.finditer(r"[^\x00-\x7f]", text))


def _is_strange(before: str, letter: str, after: str) -> bool:
    if not letter.isalpha():
        return (before.isalpha() or after.isalpha()) and letter not in "’‘´·‐–\u0301\u0308"
    return letter.isupper() and before.isalpha() and (before.islower() or after.islower())


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
        csv.field_size_limit(LONGEST_CELL)
        lines = _lines(self.data, self.encoding)
        for _ in range(1, self.first):
            lines.readline()
        try:
            for number, row in enumerate(csv.reader(lines, delimiter=self.separator), self.first):
                if any(cell.strip() for cell in row):
                    yield number, row
        except csv.Error as error:
            raise TableProblem(str(error)) from None

    def longest(self) -> int:
        """How many cells the longest row has."""
        return max((len(row) for _, row in self.rows()), default=0)


def delimited(data: bytes, is_header: Header | None = None) -> Delimited:
    """The table in these bytes; its separator is the one with which a row is the header.
    TableProblem where they are none.
    """
    if len(data) > LARGEST_TABLE:
        raise TableProblem(f"larger than {LARGEST_TABLE // 2**20} MB")
    if refusal := _no_table(data):
        raise TableProblem(refusal)
    text, encoding = decode(data)
    if "\0" in text:
        raise TableProblem("has NUL bytes; save it as CSV in UTF-8")
    sample = text[:_SAMPLE]
    if hint := _HINT.match(sample):
        return Delimited(data, encoding, hint[1], 2)
    return Delimited(data, encoding, _separator(sample, is_header), 1)


def _lines(data: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), _CODECS[encoding], "replace", newline="")


def _no_table(data: bytes) -> str:
    """What the bytes are, where they are known to be no text at all."""
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "is a workbook of old Excel (.xls) or has a password; save it as XLSX, or as CSV in UTF-8"
    if data[:2] == b"PK":
        return "is an archive or a workbook of another program; save it as XLSX, or as CSV in UTF-8"
    return (
        "is a page (HTML), whatever its name says; save it as CSV in UTF-8"
        if re.match(rb"\s*<", data[:100])
        else ""
    )


def _separator(sample: str, is_header: Header | None) -> str:
    """The separator with which a row is the header, the first such row; else that with which most
    rows have one width.
    """
    tables = {separator: _sampled(sample, separator) for separator in SEPARATORS}
    if is_header is not None:
        found = {
            s: next((k for k, row in enumerate(rows) if is_header(row)), None)
            for s, rows in tables.items()
        }
        known = [(at, -len(tables[s][at]), s) for s, at in found.items() if at is not None]
        if known:
            return min(known, key=lambda row: row[:2])[2]
    return max(
        tables,
        key=lambda s: max(
            Counter(len(row) for row in tables[s] if len(row) > 1).values(), default=0
        ),
    )


def _sampled(sample: str, separator: str) -> list[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    rows: list[list[str]] = []
    try:
        for row in islice(
            csv.reader(io.StringIO(sample, newline=""), delimiter=separator), _SAMPLE_ROWS
        ):
            rows.append(row)
    except csv.Error:
        pass  # it is met again, and said, when the table is read
    return rows


def defused(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula. Never for our own numbers, which may
    begin with a minus.
    """
    return "'" + text if _FORMULA.match(text) else text


def write_table(rows: Iterable[Sequence[str]]) -> str:
    """RFC 4180 text of the rows, as they are."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
