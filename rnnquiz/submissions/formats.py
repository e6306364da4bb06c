"""One row for each format in which students hand in: the endings of its files, what it is known by,
and what reads it. A new format is one module beside those in `readers` and one row here.

The first row that knows a file counts. What is certain stands first, then what the ending says,
then what the first characters suggest. A reader gets the bytes and gives sheets; what cannot be
read is a SubmissionError, never an exception of a library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from rnnquiz.files.workbook import is_workbook
from rnnquiz.pages.layout.opening import ENDINGS
from rnnquiz.submissions.archives import begins_as_archive
from rnnquiz.submissions.content import Content
from rnnquiz.submissions.readers.csv import TABLE_ENDINGS, is_csv, read_csv
from rnnquiz.submissions.readers.html import is_html, read_html
from rnnquiz.submissions.readers.json import is_json, read_json
from rnnquiz.submissions.readers.page import is_worked_page, read_worked_page
from rnnquiz.submissions.readers.pdf import is_pdf, read_pdf
from rnnquiz.submissions.readers.text import is_text, read_text
from rnnquiz.submissions.readers.xlsx import is_xlsx, read_xlsx
from rnnquiz.submissions.readers.yaml import is_template, read_yaml
from rnnquiz.submissions.sheets import Sheet


@dataclass(frozen=True)
class Reader:
    """`read` gets where the file was found, in words, its bytes, and whose it is by its name."""

    endings: tuple[str, ...]
    knows: Callable[[Content], bool]
    read: Callable[[str, bytes, str], Iterator[Sheet]]


READERS: dict[str, Reader] = {
    "xlsx": Reader((".xlsx",), is_xlsx, read_xlsx),
    "pdf": Reader((".pdf",), is_pdf, read_pdf),
    "yaml": Reader((".yaml", ".yml"), is_template, read_yaml),
    # A notebook begins as JSON does, and a page may begin with a tag.
    "page": Reader(tuple(ENDINGS), is_worked_page, read_worked_page),
    "json": Reader((".json",), is_json, read_json),
    "html": Reader((".html", ".htm"), is_html, read_html),
    "csv": Reader(TABLE_ENDINGS, is_csv, read_csv),
    "text": Reader((".txt",), is_text, read_text),
}
ARCHIVE = "zip"
_UNKNOWN = "yaml"  # it also reads what was typed in the template's form with another head, or none


def _endings(readers: Iterable[Reader]) -> tuple[str, ...]:
    each = chain.from_iterable(reader.endings for reader in readers)
    return (*dict.fromkeys(each), ".zip")


READ_ENDINGS = _endings(READERS.values())


def format_of(data: bytes, suffix: str) -> str:
    """The name of the reader for a file, or ARCHIVE, whose members have readers of their own.

    `suffix` is the ending of its name, which says what the content leaves open.
    """
    # An archive that packs nothing has the marks of its first member, a PDF's for one.
    if begins_as_archive(data) and not is_workbook(data):
        return ARCHIVE
    content = Content(data, suffix.lower())
    for name, reader in READERS.items():
        if reader.knows(content):
            return name
    return _UNKNOWN
