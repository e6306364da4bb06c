"""A delimited table in which single cells are replaced and every other byte stays as it was."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, count

from rnnquiz.errors import CourseError

_UNMARKED = ("utf-8", "cp1252")  # in this order: nearly all bytes are a text in cp1252


@dataclass(frozen=True)
class TextCell:
    """Where a cell stands in the text, from its first to past its last character, and what it
    holds."""

    start: int
    end: int
    value: str
    quoted: bool


class EditableTable:
    """The rows of a file as a learning system wrote it. CourseError where its bytes are no
    table."""

    def __init__(self, source: str, data: bytes) -> None:
        self.source = source
        self.text, self.codec, self.mark = _decoded(source, data)
        self.separator = _separator(self.text)
        self.rows = _rows(source, self.text, self.separator)
        self.changes: dict[tuple[int, int], str] = {}

    @property
    def header(self) -> list[str]:
        """The headings, without blanks around them."""
        if not self.rows:
            return []
        return [cell.value.strip() for cell in self.rows[0]]

    def value(self, row: int, column: int) -> str:
        """What stands in a cell; nothing past the end of a short row."""
        cells = self.rows[row]
        if not 0 <= column < len(cells):
            return ""
        return cells[column].value.strip()

    def put(self, row: int, column: int, value: str) -> bool:
        """Replace a cell; False where that would change nothing."""
        cells = self.rows[row]
        # To add a cell, the separators before it would have to be added, too.
        if column >= len(cells):
            where, found = f"row {row + 1}", f"has no column {column + 1}"
            raise CourseError.at(self.source, where, found, "download the file again")
        if cells[column].value == value:
            return False
        self.changes[row, column] = value
        return True

    def data(self) -> bytes:
        """The file with its changes, in its own encoding."""
        parts, at = [], 0
        # In the order of the file: what stands between two changes is copied as it is.
        for (row, column), value in sorted(self.changes.items()):
            cell = self.rows[row][column]
            parts += [self.text[at : cell.start], self._written(cell, value)]
            at = cell.end
        text = "".join([*parts, self.text[at:]])
        # What the encoding of the file cannot write is written as HTML writes it.
        return self.mark + text.encode(self.codec, "xmlcharrefreplace")

    def _written(self, cell: TextCell, value: str) -> str:
        """A value as a cell of the file: in quotes where the old one was, or where it must be."""
        special = (self.separator, '"', "\n", "\r")
        if not cell.quoted and not any(sign in value for sign in special):
            return value
        doubled = value.replace('"', '""')
        return f'"{doubled}"'


def _decoded(source: str, data: bytes) -> tuple[str, str, bytes]:
    """The text, its codec, and the mark of the encoding in front; only where the bytes can be given
    back as they were."""
    mark, codecs = _marked(data)
    body = data.removeprefix(mark)
    for codec in codecs:
        try:
            text = body.decode(codec)
        except UnicodeDecodeError:
            continue
        # UTF-16 without a mark passes for UTF-8 with a NUL in each character.
        if text.encode(codec) == body and "\0" not in text:
            return text, codec, mark
    found, remedy = "is no text in UTF-8, UTF-16 or Windows-1252", "download it again as CSV"
    raise CourseError.at(source, "the file", found, remedy)


_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def _marked(data: bytes) -> tuple[bytes, Sequence[str]]:
    """The mark of an encoding in front, and which encodings the rest may be in."""
    for mark, codec in _MARKS.items():
        if data.startswith(mark):
            return mark, (codec,)
    return b"", _UNMARKED


def _separator(text: str) -> str:
    header, _, _ = text.partition("\n")
    # Between two quotes stands a heading, whatever marks it has.
    outside = header.split('"')[::2]
    return max(",;\t", key="".join(outside).count)


def _rows(source: str, text: str, separator: str) -> list[list[TextCell]]:
    """All rows by RFC 4180, blank lines left out, each cell with its place."""
    rows: list[list[TextCell]] = []
    row: list[TextCell] = []
    at = 0
    bare = re.compile(f"[^\r\n{separator}]*")
    while at < len(text):
        cell = _cell(source, text, at, separator, bare)
        row.append(cell)
        at = cell.end
        if text[at : at + 1] == separator:
            at += 1
            if at < len(text):
                continue
            # The file ends behind a separator: an empty cell without a place of its own.
            row.append(TextCell(at, at, "", False))
        at += 1
        if text[at - 1 : at + 1] == "\r\n":
            at += 1
        if len(row) > 1 or row[0].value:
            rows.append(row)
        row = []
    return rows


def _cell(source: str, text: str, start: int, separator: str, bare: re.Pattern[str]) -> TextCell:
    if text[start] != '"':
        found = bare.match(text, start)
        assert found is not None
        return TextCell(start, found.end(), found[0], False)
    at = start + 1
    while (quote := text.find('"', at)) >= 0:
        # Two quotes are one that belongs to the cell.
        if text[quote + 1 : quote + 2] != '"':
            break
        at = quote + 2
    if quote < 0 or text[quote + 1 : quote + 2] not in (separator, "\n", "\r", ""):
        line = text.count("\n", 0, start) + 1
        wrong, remedy = "a quoted cell does not end as it should", "download the file again"
        raise CourseError.at(source, f"line {line}", wrong, remedy)
    inner = text[start + 1 : quote]
    return TextCell(start, quote + 1, inner.replace('""', '"'), True)


_MOST_LISTED = 10  # columns in one message


def column_of(table: EditableTable, wanted: str, candidates: Sequence[int], what: str) -> int:
    """The column that the teacher named, or the only candidate; CourseError lists those that there
    are."""
    header = table.header
    found = list(candidates)
    if wanted:
        found = _columns_named(header, wanted, candidates)
    if len(found) == 1:
        return found[0]
    several = found or candidates
    if several:
        names = _listed([header[k] for k in several])
        words = f"{len(found)} columns may be {what}: {names}"
        remedy = f"name one: --column, for {what}"
    else:
        words = f"no column is {what}; there are {_listed(header)}"
        remedy = "make it in the system, and export the file with it"
    raise CourseError.at(table.source, "the first row", words, remedy)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:_MOST_LISTED]))


def _columns_named(header: Sequence[str], wanted: str, candidates: Sequence[int]) -> list[int]:
    """The columns of this heading, whatever they are; else candidates that have it in theirs."""
    exact = list(compress(count(), map(wanted.__eq__, header)))
    if exact:
        return exact
    part = wanted.casefold()
    alike = (part in header[k].casefold() for k in candidates)
    return list(compress(candidates, alike))
