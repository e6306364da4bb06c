"""All sheets of a file or a folder; what cannot be read is listed and never stops the rest."""

from __future__ import annotations

import os
from pathlib import Path

from rnnquiz.errors import CourseError, Problem, SubmissionError
from rnnquiz.submissions.readers import READERS, Sheet, format_of

LARGEST_FILE = 512 * 1024 * 1024
LARGEST_SINGLE = 5 * 1024 * 1024
ENDINGS = (".yaml", ".yml", ".json", ".csv", ".tsv", ".txt", ".pdf")


def collect(path: Path) -> tuple[list[Sheet], list[str]]:
    """Sheets in the order of file names, and a line for each file that could not be read."""
    if not path.exists():
        raise CourseError(str(path), Problem("submissions", "there is no such file or folder", "give the path of either"))
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith((".", "~")))
    sheets: list[Sheet] = []
    problems: list[str] = []
    for file in files:
        source = shown(file.name if path.is_file() else file.relative_to(path).as_posix())
        try:
            sheets.extend(_read(file, source, LARGEST_FILE if path.is_file() else LARGEST_SINGLE))
        except SubmissionError as error:
            problems.append(str(error))
    return sheets, problems


def shown(name: str) -> str:
    """A file name as text, also where its bytes are none."""
    return os.fsencode(name).decode("utf-8", "replace")


def _read(file: Path, source: str, largest: int) -> list[Sheet]:
    if file.suffix.lower() not in ENDINGS:
        raise SubmissionError(source, Problem("the file", f"{file.suffix or 'no ending'} is not read", f"hand in {', '.join(ENDINGS)}"))
    try:
        if file.is_symlink() or file.stat().st_size > largest:
            raise SubmissionError(source, Problem("the file", f"is a link or larger than {largest // 2**20} MB", "hand in one sheet"))
        data = file.read_bytes()
    except OSError as error:
        raise SubmissionError(source, Problem("the file", f"cannot be read: {error.strerror}")) from None
    stem = shown(file.stem)
    name = stem.split("-", 1)[1] if stem[:4].isdigit() and "-" in stem else stem
    return list(READERS[format_of(data, file.suffix)](source, data, name))
