"""The files of a folder, in the order in which their names count, and their paths as text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rnnquiz.errors import SubmissionError
from rnnquiz.submissions.archives import is_junk, names_in_encodings
from rnnquiz.submissions.formats import READ_ENDINGS
from rnnquiz.submissions.kinds import BY_ENDING
from rnnquiz.submissions.origins import is_index

LARGEST_ARCHIVE = 512 * 2**20  # bytes: a class of a thousand with a megabyte each is half of it
LARGEST_SINGLE = 5 * 2**20  # bytes of one submission; a filled PDF has 0.4 MB
# What a program has taken UTF-8 for that unpacked an archive in its own encoding.
_TAKEN_FOR = ("cp437", "cp1252", "cp850", "mac_roman", "latin-1")


@dataclass(frozen=True)
class OnDisk:
    """A file that is there: its path from the folder that was given as text (`source`), and how
    else that can be read."""

    path: Path
    source: str
    spellings: tuple[str, ...]

    @classmethod
    def of(cls, path: Path, name: str) -> OnDisk:
        """A file with the ways in which its name may have been meant."""
        spellings = misread(name)
        return cls(path, as_text(name), spellings)

    def read(self, largest: int) -> bytes:
        """What is in it; SubmissionError where it is none of ours, too large, or not readable."""
        check_ending(self.source)
        try:
            if self.path.is_symlink() or self.path.stat().st_size > largest:
                found = f"is a link or larger than {largest // 2**20} MB"
                raise SubmissionError.at(self.source, "the file", found, "hand in one sheet")
            return self.path.read_bytes()
        except OSError as error:
            found = f"cannot be read: {error.strerror}"
            raise SubmissionError.at(self.source, "the file", found) from None


def files_below(path: Path) -> list[OnDisk]:
    """The file itself, or each file of the folder: lists of a system first, then by their names, in
    which Version 10 comes after Version 2."""
    if path.is_file():
        return [OnDisk.of(path, path.name)]
    return sorted(_in_folder(path), key=_rank)


def _rank(file: OnDisk) -> tuple[bool, list[tuple[int, str]]]:
    # A list of a system says whose the other files are: it must have been read before them.
    comes_later = not is_index(file.source)
    parts = re.split(r"([0-9]{1,15})", file.source)
    return comes_later, list(map(_counting, parts))


def _in_folder(folder: Path) -> Iterator[OnDisk]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.name.startswith((".", "~")) or is_junk(as_text(name)):
            continue
        if path.is_file():
            yield OnDisk.of(path, name)


def _counting(part: str) -> tuple[int, str]:
    """A part of a path, where it is a number as a number."""
    if part.isascii() and part.isdigit():
        return int(part), ""
    return -1, part


def as_text(name: str) -> str:
    """A file name as text, also where its bytes are none."""
    return os.fsencode(name).decode("utf-8", "replace")


def misread(path: str) -> tuple[str, ...]:
    """What a path may have been, where another program has unpacked its bytes as they were, or its
    UTF-8 as something else.
    """
    raw = os.fsencode(path)
    found: list[str] = []
    if not _is_utf8(raw):
        found += names_in_encodings(raw)
    if not path.isascii():
        found += _reencoded(path)
    return tuple(dict.fromkeys(found))


def _reencoded(path: str) -> Iterator[str]:
    for codec in _TAKEN_FOR:
        try:
            yield path.encode(codec).decode("utf-8")
        except UnicodeError:
            continue


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def check_ending(source: str) -> None:
    """SubmissionError for a file that is of no kind that is read."""
    suffix = PurePosixPath(source).suffix.lower()
    if suffix in READ_ENDINGS or is_index(source):
        return
    found = f"{suffix or 'no ending'} is not read"
    if suffix in BY_ENDING:
        found = f"this is {BY_ENDING[suffix]}; {found}"
    raise SubmissionError.at(source, "the file", found, f"hand in {', '.join(READ_ENDINGS)}")
