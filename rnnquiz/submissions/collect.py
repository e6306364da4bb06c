"""All sheets of a file, a folder or an archive; what cannot be read is listed and never stops the rest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from rnnquiz.errors import CourseError, Problem, SubmissionError
from rnnquiz.submissions.archives import Budget, is_junk, members
from rnnquiz.submissions.gradescope import owners_of
from rnnquiz.submissions.kinds import ENDINGS as KINDS
from rnnquiz.submissions.kinds import stranger
from rnnquiz.submissions.origins import Origin, is_index, origin_of
from rnnquiz.submissions.readers import READERS, format_of
from rnnquiz.submissions.sheets import Sheet

LARGEST_FILE = 512 * 1024 * 1024
LARGEST_SINGLE = 5 * 1024 * 1024
ENDINGS = (".yaml", ".yml", ".json", ".csv", ".tsv", ".txt", ".html", ".xlsx", ".pdf", ".zip")
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
    """Sheets in the order in which they were handed in, as far as that is known, then of their paths; and a line for each file that
    could not be read."""
    if not path.exists():
        raise CourseError(str(path), Problem("submissions", "there is no such file or folder", "give the path of either"))
    found = _Found()
    for file, source in sorted(_files(path), key=lambda row: (not is_index(row[1]), row[1])):
        try:
            data = _bytes(file, source, LARGEST_FILE if path.is_file() or file.suffix.lower() == ".zip" else LARGEST_SINGLE)
            _take(found, source, source, data, 0)
        except SubmissionError as error:
            found.problems.append(str(error))
    order = sorted(range(len(found.sheets)), key=lambda k: found.ordered[k])
    return [found.sheets[k] for k in order], found.problems


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    if path.is_file():
        yield path, shown(path.name)
    else:
        for file in path.rglob("*"):
            source = shown(file.relative_to(path).as_posix())
            if file.is_file() and not file.name.startswith((".", "~")) and not is_junk(source):
                yield file, source


def shown(name: str) -> str:
    """A file name as text, also where its bytes are none."""
    return os.fsencode(name).decode("utf-8", "replace")


def _bytes(file: Path, source: str, largest: int) -> bytes:
    _check_ending(source)
    try:
        if file.is_symlink() or file.stat().st_size > largest:
            raise SubmissionError(source, Problem("the file", f"is a link or larger than {largest // 2**20} MB", "hand in one sheet"))
        return file.read_bytes()
    except OSError as error:
        raise SubmissionError(source, Problem("the file", f"cannot be read: {error.strerror}")) from None


def _check_ending(source: str) -> None:
    suffix = PurePosixPath(source).suffix.lower()
    if suffix not in ENDINGS and not is_index(source):
        what = f"this is {KINDS[suffix]}; " if suffix in KINDS else ""
        found = f"{what}{suffix or 'no ending'} is not read"
        raise SubmissionError(source, Problem("the file", found, f"hand in {', '.join(ENDINGS)}"))


def _take(found: _Found, source: str, path: str, data: bytes, depth: int, above: Origin | None = None) -> None:
    """The sheets of one file or archive. `path` counts from the outermost archive, `above` is what the archive's own path says."""
    if is_index(path):
        found.owners |= owners_of(path, data)
        return
    origins = _origins(found, path) or ((above,) if above else ())
    if origins and origins[0].note:
        return
    kind = format_of(data, PurePosixPath(path).suffix)
    if what := stranger(data):
        error = SubmissionError(source, Problem("the file", f"this is {what}", _INSTEAD))
        found.problems.append(_unread(error, path, origins))
        return
    if kind == "zip":
        if depth > DEEPEST:
            raise SubmissionError(source, Problem("the archive", "lies in an archive in an archive", "hand in the sheet itself"))
        _take_archive(found, source, data, depth, origins[0] if origins else None)
        return
    name = _name(path)
    try:
        for sheet in READERS[kind](source, data, name):
            for own in _owned(sheet, origins):
                found.sheets.append(own)
                found.ordered.append((own.time, next((o.order for o in origins), 0)))
    except SubmissionError as error:
        found.problems.append(_unread(error, path, origins))


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


def _take_archive(found: _Found, source: str, data: bytes, depth: int, above: Origin | None) -> None:
    budget = Budget()
    content = list(members(source, data, budget)) if depth else members(source, data, budget)
    waiting: list[tuple[str, bytes]] = []
    for path, inner in content:
        if depth == 0 and _is_gradescope(path) and not is_index(path):
            waiting.append((path, inner))  # its file of metadata may come last
        else:
            _take_member(found, source, path, inner, depth, above)
    for path, inner in waiting:
        _take_member(found, source, path, inner, depth, above)
    found.problems += budget.problems


def _is_gradescope(path: str) -> bool:
    return any(part.startswith("submission_") or part == "submission" for part in PurePosixPath(path).parts[:-1])


def _take_member(found: _Found, source: str, path: str, data: bytes, depth: int, above: Origin | None) -> None:
    own = f"{source}/{shown(path)}"
    try:
        _check_ending(own)
        _take(found, own, path, data, depth + 1, above)
    except SubmissionError as error:
        found.problems.append(str(error))


def _origins(found: _Found, path: str) -> tuple[Origin, ...]:
    """Who handed in the file at `path`: by Gradescope's metadata, or by what the path itself says."""
    for parent in PurePosixPath(path).parents:
        if str(parent) in found.owners:
            return found.owners[str(parent)]
    origin = origin_of(path)
    return (origin,) if origin else ()


def _owned(sheet: Sheet, origins: tuple[Origin, ...]) -> list[Sheet]:
    """The sheet once for each owner whom the system names. Whose it is says the system, and else the token of the sheet."""
    if not origins or (sheet.named and sheet.source.rpartition(", row ")[1]):
        return [sheet]
    return [
        replace(sheet, student=one.known_as[0], known_as=one.known_as[1:], time=one.time, late=one.late, named=False) for one in origins
    ]
