"""Where a sheet was found, and what is to be said of it: a notice, or why it does not count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from rnnquiz.errors import SubmissionError

_AND = " + "


@dataclass(frozen=True)
class Source:
    """The files of a sheet, more than one where several were taken together; and the row, where the
    first of them is a table."""

    files: tuple[str, ...]
    row: int | None = None

    @classmethod
    def of(cls, path: str, row: int | None = None) -> Source:
        """A file, or a row of one."""
        return cls((path,), row)

    def __str__(self) -> str:
        first, *others = self.files
        if self.row is not None:
            first = f"{first}, row {self.row}"
        return _AND.join((first, *others))

    @property
    def path(self) -> PurePosixPath:
        """Its first file, as it lies in the folder or the archive that was given."""
        return PurePosixPath(self.files[0])

    def joined(self, other: Source) -> Source:
        """Where a sheet was found that was put together out of two."""
        return Source((*self.files, *other.files), self.row)


def paths_in(words: str) -> Iterator[str]:
    """The paths that a source may have had, of which only the words were kept. A path may have the
    sign between files in it, so that each stretch between two of them may be one."""
    parts = words.split(_AND)
    for first in range(len(parts)):
        for end in range(first + 1, len(parts) + 1):
            yield _AND.join(parts[first:end])


@dataclass(frozen=True)
class Notice:
    """What a teacher is told of a sheet."""

    source: Source
    says: str

    def __str__(self) -> str:
        return f"{self.source}: {self.says}"


@dataclass(frozen=True)
class Refusal:
    """Why a sheet does not count, or a file cannot be read. `known_as`: what the learning system,
    or the name of the file, calls the student. `token`: that of the sheet, where the file has
    it."""

    source: Source
    why: str
    known_as: tuple[str, ...] = ()
    token: str = ""

    @classmethod
    def of(cls, error: SubmissionError, known_as: tuple[str, ...] = ()) -> Refusal:
        """That of a file which cannot be read."""
        return cls(Source.of(error.source), error.why, known_as, error.token)

    def __str__(self) -> str:
        return f"{self.source}: {self.why}"
