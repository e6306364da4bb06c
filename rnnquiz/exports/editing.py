"""A delimited table in which single cells are replaced and every other byte stays as it was."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rnnquiz.errors import CourseError

_CODECS = ("utf-8-sig", "utf-8", "cp1252")


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
        return [cell.value.strip() for cell in self.rows[0]] if self.rows else []

    def value(self, row: int, column: int) -> str:
        """What stands in a cell; nothing past the end of a short row."""
        return self.rows[row][column].value.strip() if 0 <= column < len(self.rows[row]) else ""

    def put(self, row: int, column: int, value: str) -> bool:
        """Replace a cell; False where that would change nothing."""
        if column >= len(self.rows[row]):
            raise CourseError.at(
                self.source,
                f"row {row + 1}",
                f"has no column {column + 1}",
                "download the file again",
            )
        if self.rows[row][column].value == value:
            return False
        self.changes[row, column] = value
        return True

    def data(self) -> bytes:
        """The file with its changes, in its own encoding."""
        parts, at = [], 0
        for (row, column), value in sorted(self.changes.items()):
            cell = self.rows[row][column]
            bare = not cell.quoted and not any(
                c in value for c in (self.separator, '"', "\n", "\r")
            )
            parts += [
                self.text[at : cell.start],
                value if bare else '"' + value.replace('"', '""') + '"',
            ]
            at = cell.end
        return self.mark + "".join([*parts, self.text[at:]]).encode(self.codec, "xmlcharrefreplace")


def _decoded(source: str, data: bytes) -> tuple[str, str, bytes]:
    """The text, its codec, and the mark of the encoding in front; only where the bytes can be given
    back as they were."""
    marks = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
    mark = next((mark for mark in marks if data.startswith(mark)), b"")
    for codec in [marks[mark]] if mark else _CODECS[1:]:
        try:
            text = data[len(mark) :].decode(codec)
        except UnicodeDecodeError:
            continue
        if text.encode(codec) == data[len(mark) :] and "\0" not in text:
            return text, codec, mark
    raise CourseError.at(
        source,
        "the file",
        "is no text in UTF-8, UTF-16 or Windows-1252",
        "download it again as CSV",
    )


def _separator(text: str) -> str:
    first = "".join(part for k, part in enumerate(text.partition("\n")[0].split('"')) if k % 2 == 0)
    return max(",;\t", key=first.count)


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
            row.append(TextCell(at, at, "", False))
        at += 2 if text[at : at + 2] == "\r\n" else 1
        if len(row) > 1 or row[0].value:
            rows.append(row)
        row = []
    return rows


def _cell(source: str, text: str, start: int, separator: str, bare: re.Pattern[str]) -> TextCell:
    if text[start] != '"':
        found = bare.match(text, start)
        end = found.end() if found else start
        return TextCell(start, end, text[start:end], False)
    at = start + 1
    while (quote := text.find('"', at)) >= 0:
        if text[quote + 1 : quote + 2] != '"':
            break
        at = quote + 2
    if quote < 0 or text[quote + 1 : quote + 2] not in (separator, "\n", "\r", ""):
        line = text.count("\n", 0, start) + 1
        raise CourseError.at(
            source,
            f"line {line}",
            "a quoted cell does not end as it should",
            "download the file again",
        )
    return TextCell(start, quote + 1, text[start + 1 : quote].replace('""', '"'), True)


_MOST_LISTED = 10  # columns in one message


def column_of(table: EditableTable, wanted: str, candidates: Sequence[int], what: str) -> int:
    """The column that the teacher named, or the only candidate; CourseError lists those that there
    are."""
    header = table.header
    found = list(candidates)
    if wanted:
        like = [k for k in candidates if wanted.casefold() in header[k].casefold()]
        found = [k for k, name in enumerate(header) if name == wanted] or like
    if len(found) == 1:
        return found[0]
    several = found or candidates
    if several:
        names = ", ".join(repr(header[k]) for k in several[:_MOST_LISTED])
        words = f"{len(found)} columns may be {what}: {names}"
        remedy = f"name one: --column, for {what}"
    else:
        names = ", ".join(map(repr, header[:_MOST_LISTED]))
        words = f"no column is {what}; there are {names}"
        remedy = "make it in the system, and export the file with it"
    raise CourseError.at(table.source, "the first row", words, remedy)
