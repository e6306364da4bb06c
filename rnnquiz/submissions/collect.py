"""All sheets of a file, a folder or an archive; what cannot be read is listed and never stops the
rest.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from rnnquiz.errors import CourseError, Problem, SubmissionError
from rnnquiz.identity import AsName, AsSpelt
from rnnquiz.submissions.archives import Budget, Member, is_junk, members, spellings
from rnnquiz.submissions.gradescope import owners_of
from rnnquiz.submissions.kinds import ENDINGS as KINDS
from rnnquiz.submissions.kinds import stranger
from rnnquiz.submissions.online_text import is_blank_page
from rnnquiz.submissions.origins import Origin, is_index, origin_of
from rnnquiz.submissions.readers import READERS, format_of
from rnnquiz.submissions.sheets import Sheet

LARGEST_FILE = 512 * 1024 * 1024
LARGEST_SINGLE = 5 * 1024 * 1024
ENDINGS = (
    ".yaml",
    ".yml",
    ".json",
    ".csv",
    ".tsv",
    ".txt",
    ".md",
    ".markdown",
    ".tex",
    ".ipynb",
    ".html",
    ".htm",
    ".xlsx",
    ".xls",
    ".pdf",
    ".zip",
)
DEEPEST = 1  # archives in archives


class Unread(str):
    """A line about a file that cannot be read. `known_as`: what the learning system, or the name
    of the file, calls the student. `token`: that of the sheet, where the file has it."""

    known_as: tuple[str, ...] = ()
    token: str = ""

    def by(self, *words: str) -> Unread:
        self.known_as = words
        return self


@dataclass
class _Found:
    """What has been read so far, and who Gradescope's numbered folders belong to."""

    sheets: list[Sheet] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    owners: dict[str, tuple[Origin, ...]] = field(default_factory=dict)
    ordered: list[tuple[str, int]] = field(default_factory=list)


def collect(path: Path) -> tuple[list[Sheet], list[str]]:
    """Sheets in the order in which they were handed in, as far as that is known, then of their
    paths; and a line for each file that could not be read.
    """
    if not path.exists():
        raise CourseError.at(
            str(path), "submissions", "there is no such file or folder", "give the path of either"
        )
    found = _Found()
    for file, source, readings in sorted(
        _files(path), key=lambda row: (not is_index(row[1]), _counting(row[1]))
    ):
        try:
            data = _bytes(
                file,
                source,
                LARGEST_FILE if path.is_file() or file.suffix.lower() == ".zip" else LARGEST_SINGLE,
            )
            _take(found, _File(source, source, data, readings), 0)
        except SubmissionError as error:
            found.problems.append(str(error))
    order = sorted(range(len(found.sheets)), key=lambda k: found.ordered[k])
    return [found.sheets[k] for k in order], found.problems


def _counting(source: str) -> list[tuple[int, str]]:
    """For the order of files: Version 10 comes after Version 2."""
    parts = re.split(r"([0-9]{1,15})", source)
    return [(int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in parts]


def _files(path: Path) -> Iterator[tuple[Path, str, tuple[str, ...]]]:
    """Each file, its path as text, and how else that can be read."""
    if path.is_file():
        yield path, shown(path.name), misread(path.name)
    else:
        for file in path.rglob("*"):
            name = file.relative_to(path).as_posix()
            if file.is_file() and not file.name.startswith((".", "~")) and not is_junk(shown(name)):
                yield file, shown(name), misread(name)


def shown(name: str) -> str:
    """A file name as text, also where its bytes are none."""
    return os.fsencode(name).decode("utf-8", "replace")


def misread(path: str) -> tuple[str, ...]:
    """What a path may have been, where another program has unpacked its bytes as they were, or its
    UTF-8 as something else.
    """
    raw = os.fsencode(path)
    found = spellings(raw) if not _is_utf8(raw) else []
    for codec in ("cp437", "cp1252", "cp850", "mac_roman", "latin-1") if not path.isascii() else ():
        try:
            found.append(path.encode(codec).decode("utf-8"))
        except UnicodeError:
            continue
    return tuple(dict.fromkeys(found))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _bytes(file: Path, source: str, largest: int) -> bytes:
    _check_ending(source)
    try:
        if file.is_symlink() or file.stat().st_size > largest:
            raise SubmissionError.at(
                source,
                "the file",
                f"is a link or larger than {largest // 2**20} MB",
                "hand in one sheet",
            )
        return file.read_bytes()
    except OSError as error:
        raise SubmissionError.at(source, "the file", f"cannot be read: {error.strerror}") from None


def _check_ending(source: str) -> None:
    suffix = PurePosixPath(source).suffix.lower()
    if suffix not in ENDINGS and not is_index(source):
        what = f"this is {KINDS[suffix]}; " if suffix in KINDS else ""
        found = f"{what}{suffix or 'no ending'} is not read"
        raise SubmissionError.at(source, "the file", found, f"hand in {', '.join(ENDINGS)}")


@dataclass(frozen=True)
class _File:
    """A file handed in: `source` says where it was found; `path` counts from the outermost
    archive; `spellings` are other readings of that path; `archive` is what it lies in, `above`
    what the path of an archive within an archive says.
    """

    source: str
    path: str
    data: bytes
    spellings: tuple[str, ...] = ()
    archive: str = ""
    above: Origin | None = None


def _take(found: _Found, file: _File, depth: int) -> None:
    """The sheets of one file or archive."""
    if is_index(file.path):
        found.owners |= owners_of(file.path, file.data)
        return
    origins = _origins(found, file) or ((file.above,) if file.above else ())
    kind = format_of(file.data, PurePosixPath(file.path).suffix)
    if origins and (
        origins[0].note
        or (kind == "html" and "_onlinetext" in file.path and is_blank_page(file.data))
    ):
        return
    if what := stranger(file.data):
        error = SubmissionError.at(file.source, "the file", f"this is {what}", _INSTEAD)
        found.problems.append(_unread(error, file.path, origins))
        return
    if kind == "zip":
        if depth > DEEPEST:
            problem = Problem(
                "the archive", "lies in an archive in an archive", "hand in the sheet itself"
            )
            raise SubmissionError(file.source, problem)
        _take_archive(found, file, depth, origins[0] if origins else None)
        return
    name = _name(file.path)
    try:
        for sheet in READERS[kind](file.source, file.data, name):
            for own in _owned(sheet, origins, file):
                found.sheets.append(own)
                found.ordered.append((own.time, next((o.order for o in origins), 0)))
    except SubmissionError as error:
        found.problems.append(_unread(error, file.path, origins))


_INSTEAD = "hand in the sheet that was filled in and saved, or the template"


def _name(path: str) -> str:
    """Whose a file is by its own name."""
    stem = PurePosixPath(path).stem
    return stem.split("-", 1)[1] if stem[:4].isdigit() and "-" in stem else stem


def _unread(error: SubmissionError, path: str, origins: tuple[Origin, ...]) -> Unread:
    """The line about a file that cannot be read, with all words for its owner."""
    words = [word for origin in origins for word in origin.known_as]
    line = Unread(error).by(*(words if origins else [_name(path)]))
    line.token = error.token
    return line


def _take_archive(found: _Found, file: _File, depth: int, above: Origin | None) -> None:
    budget = Budget()
    content = members(file.source, file.data, budget)
    waiting: list[Member] = []
    for member in list(content) if depth else content:
        if depth == 0 and _is_gradescope(member.path) and not is_index(member.path):
            waiting.append(member)  # its file of metadata may come last
        else:
            _take_member(found, file.source, member, depth, above)
    for member in waiting:
        _take_member(found, file.source, member, depth, above)
    found.problems += budget.problems


def _is_gradescope(path: str) -> bool:
    return any(
        part.startswith("submission_") or part == "submission"
        for part in PurePosixPath(path).parts[:-1]
    )


def _take_member(
    found: _Found, source: str, member: Member, depth: int, above: Origin | None
) -> None:
    own = f"{source}/{shown(member.path)}"
    try:
        _check_ending(own)
        _take(
            found, _File(own, member.path, member.data, member.spellings, source, above), depth + 1
        )
    except SubmissionError as error:
        found.problems.append(str(error))


def _origins(found: _Found, file: _File) -> tuple[Origin, ...]:
    """Who handed in the file: by Gradescope's metadata, or by what the path itself says, in
    whatever encoding.
    """
    for parent in PurePosixPath(file.path).parents:
        if str(parent) in found.owners:
            return tuple(
                replace(one, place=file.archive, attempt=str(parent))
                for one in found.owners[str(parent)]
            )
    origin = origin_of(file.path)
    if origin is None:
        return ()
    others = [other for path in file.spellings if (other := origin_of(path)) is not None]
    words = origin.known_as
    if file.spellings:
        words = tuple(
            dict.fromkeys(_spelt(word) for one in (origin, *others) for word in one.known_as)
        )
    return (replace(origin, known_as=words, place=f"{file.archive}/{origin.place}"),)


def _spelt(word: str) -> str:
    return AsSpelt(word) if isinstance(word, AsName) and not word.isascii() else word


def _owned(sheet: Sheet, origins: tuple[Origin, ...], file: _File) -> list[Sheet]:
    """The sheet once for each owner whom the system names. Whose it is says the system, and else
    the token of the sheet.

    A row of a table says so, too: both must mean the same student.
    """
    if not origins:
        together = sheet.attempt or str(PurePosixPath(file.source).parent)
        return [sheet if sheet.attempt else replace(sheet, attempt=together)]
    own = (sheet.student, *sheet.known_as) if sheet.place and sheet.named else ()
    return [
        replace(
            sheet,
            student=one.known_as[0],
            known_as=(*one.known_as[1:], *own),
            time=one.time,
            late=one.late,
            named=False,
            number=one.number,
            place=one.place,
            attempt=f"{one.place}|{one.attempt}",
            lines=(),
        )
        for one in origins
    ]
