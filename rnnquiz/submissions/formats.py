"""One reader for each format in which students hand in, in a literal table; the format is found by
content, and by the ending where that leaves it open.

A reader gets the bytes and gives sheets; what cannot be read is a SubmissionError, never an
exception of a library.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rnnquiz.files.encodings import decode
from rnnquiz.files.workbook import is_workbook
from rnnquiz.pages.pieces import ENDINGS, is_worked
from rnnquiz.submissions.readers.csv import read_csv
from rnnquiz.submissions.readers.html import read_html
from rnnquiz.submissions.readers.json import read_json
from rnnquiz.submissions.readers.page import read_worked_page
from rnnquiz.submissions.readers.pdf import read_pdf
from rnnquiz.submissions.readers.text import read_text
from rnnquiz.submissions.readers.xlsx import read_xlsx
from rnnquiz.submissions.readers.yaml import read_yaml
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.submissions.tabular import is_header

FIRST_BYTES = 4096  # in which the kind of a text shows

Reader = Callable[[str, bytes, str], Iterator[Sheet]]

READERS: dict[str, Reader] = {
    "yaml": read_yaml,
    "json": read_json,
    "csv": read_csv,
    "xlsx": read_xlsx,
    "text": read_text,
    "page": read_worked_page,
    "html": read_html,
    "pdf": read_pdf,
}


def format_of(data: bytes, suffix: str) -> str:
    """The format of a file, by its content, and by its ending where the content leaves it open;
    "zip" is an archive of files.
    """
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        if is_workbook(data):
            return "xlsx"
        return "zip"
    # Other bytes may stand in front of a PDF: viewers look for its mark in the first kilobyte.
    # An archive may have one there, too, where it stores its first member as it is.
    if b"%PDF-" in data[:1024]:
        return "pdf"
    start, *_ = decode(data[:FIRST_BYTES])
    start = start.lstrip("\ufeff \r\n\t")
    if _TEMPLATE.search(start):
        return "yaml"
    suffix = suffix.lower()
    if suffix in ENDINGS and (suffix != ".txt" or is_worked(data)):
        return "page"
    if start.startswith(("{", "[")):
        return "json"
    if start.startswith("<"):
        return "html"
    # Blackboard calls a text with tabs .xls; a real one begins in another way.
    if suffix in (".csv", ".tsv", ".xls") or _is_table(start):
        return "csv"
    if suffix == ".txt" and not _ANSWERS.search(start):
        return "text"
    return "yaml"


_ANSWERS = re.compile(r"^answers\s*:", re.MULTILINE)
_TEMPLATE = re.compile(r"^token *:.*\n(?:.*\n){0,5}?answers *:", re.MULTILINE)
"""The head of the template, whatever its file is called, and whatever is written into it."""


def _is_table(start: str) -> bool:
    first, _, _ = start.partition("\n")
    for separator in (",", ";", "\t"):
        cells = first.strip().split(separator)
        if len(cells) > 1 and is_header(cells):
            return True
    return False
