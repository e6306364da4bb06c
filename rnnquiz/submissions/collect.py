"""All sheets of a file, a folder or an archive; what cannot be read is listed and never stops the
rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path, PurePosixPath

from rnnquiz.errors import CourseError, SubmissionError
from rnnquiz.people.identity import AsName, AsSpelt
from rnnquiz.submissions.archives import ArchiveMember, Budget, members
from rnnquiz.submissions.files import (
    LARGEST_ARCHIVE,
    LARGEST_SINGLE,
    as_text,
    check_ending,
    files_below,
)
from rnnquiz.submissions.formats import ARCHIVE, READERS, format_of
from rnnquiz.submissions.gradescope import owners_of
from rnnquiz.submissions.kinds import stranger
from rnnquiz.submissions.online_text import is_blank_page
from rnnquiz.submissions.origins import Origin, is_index, origin_of
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.submissions.sources import Refusal

MOST_NESTED = 1  # archives in archives: a system packs what was handed in, which may be an archive


@dataclass
class _Collected:
    """What has been read so far, and who Gradescope's numbered folders belong to."""

    sheets: list[Sheet] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    owners: dict[str, tuple[Origin, ...]] = field(default_factory=dict)
    ordered: list[tuple[str, int]] = field(default_factory=list)


def collect(path: Path) -> tuple[list[Sheet], list[Refusal]]:
    """Sheets in the order in which they were handed in, as far as that is known, then of their
    paths; and why, for each file that could not be read.
    """
    if not path.exists():
        raise CourseError.at(
            str(path), "submissions", "there is no such file or folder", "give the path of either"
        )
    found = _Collected()
    for file in files_below(path):
        is_archive = file.path.suffix.lower() == ".zip"
        # The one file that is given may be an archive of any name, or a report of a whole class.
        largest = LARGEST_ARCHIVE if is_archive or path.is_file() else LARGEST_SINGLE
        try:
            data = file.read(largest)
            _take(found, _File(file.source, file.source, data, file.spellings), 0)
        except SubmissionError as error:
            found.refused.append(Refusal.of(error))
    # Sheets of one time, or of none, keep the order of their paths.
    order = sorted(range(len(found.sheets)), key=found.ordered.__getitem__)
    return [found.sheets[k] for k in order], found.refused


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


def _take(found: _Collected, file: _File, depth: int) -> None:
    """The sheets of one file or archive."""
    if is_index(file.path):
        found.owners |= owners_of(file.path, file.data)
        return
    origins = _origins(found, file)
    # In an archive that a student has packed, paths need not name the student.
    if not origins and file.above is not None:
        origins = (file.above,)
    kind = format_of(file.data, PurePosixPath(file.path).suffix)
    # A note that the system wrote, or a text of nothing: no sheet, and nothing to complain of.
    if origins and (origins[0].note or _is_empty_text(kind, file)):
        return
    # A Word document is an archive, too: it is told before it would be opened as one.
    if what := stranger(file.data):
        error = SubmissionError.at(file.source, "the file", f"this is {what}", _INSTEAD)
        found.refused.append(_unread(error, file.path, origins))
    elif kind == ARCHIVE:
        if depth > MOST_NESTED:
            remedy = "hand in the sheet itself"
            what = "lies in an archive in an archive"
            raise SubmissionError.at(file.source, "the archive", what, remedy)
        above = origins[0] if origins else None
        _take_archive(found, file, depth, above)
    else:
        _take_sheets(found, file, kind, origins)


def _is_empty_text(kind: str, file: _File) -> bool:
    """True for what Moodle writes for everybody who typed nothing."""
    if kind != "html" or "_onlinetext" not in file.path:
        return False
    return is_blank_page(file.data)


def _take_sheets(found: _Collected, file: _File, kind: str, origins: tuple[Origin, ...]) -> None:
    """The sheets of a file that is no archive."""
    order = origins[0].order if origins else 0
    try:
        for sheet in READERS[kind].read(file.source, file.data, _name(file.path)):
            for own in _owned(sheet, origins, file):
                found.sheets.append(own)
                found.ordered.append((own.time, order))
    except SubmissionError as error:
        found.refused.append(_unread(error, file.path, origins))


_INSTEAD = "hand in the sheet that was filled in and saved, or the template"


def _name(path: str) -> str:
    """Whose a file is by its own name."""
    stem = PurePosixPath(path).stem
    _, dash, name = stem.partition("-")  # 0017-Ada, as our own templates are called
    if stem[:4].isdigit() and dash:
        return name
    return stem


def _unread(error: SubmissionError, path: str, origins: tuple[Origin, ...]) -> Refusal:
    """Why a file cannot be read, with all words for its owner."""
    words: Iterable[str] = [_name(path)]
    if origins:
        words = chain.from_iterable(origin.known_as for origin in origins)
    return Refusal.of(error, tuple(words))


def _take_archive(found: _Collected, file: _File, depth: int, above: Origin | None) -> None:
    budget = Budget()
    content: Iterable[ArchiveMember] = members(file.source, file.data, budget)
    if depth:
        content = list(content)
    waiting: list[ArchiveMember] = []
    for member in content:
        if depth == 0 and _is_gradescope(member.path) and not is_index(member.path):
            waiting.append(member)  # its file of metadata may come last
        else:
            _take_member(found, file.source, member, depth, above)
    for member in waiting:
        _take_member(found, file.source, member, depth, above)
    found.refused += budget.refused


def _is_gradescope(path: str) -> bool:
    *folders, _ = PurePosixPath(path).parts or ("",)
    return any(map(_is_of_gradescope, folders))


def _is_of_gradescope(folder: str) -> bool:
    """One of a class's download, or the one that an autograder gets."""
    return folder == "submission" or folder.startswith("submission_")


def _take_member(
    found: _Collected, source: str, member: ArchiveMember, depth: int, above: Origin | None
) -> None:
    own = f"{source}/{as_text(member.path)}"
    try:
        check_ending(own)
        file = _File(own, member.path, member.data, member.spellings, source, above)
        _take(found, file, depth + 1)
    except SubmissionError as error:
        found.refused.append(Refusal.of(error))


def _origins(found: _Collected, file: _File) -> tuple[Origin, ...]:
    """Who handed in the file: by Gradescope's metadata, or by what the path itself says, in
    whatever encoding.
    """
    for folder in map(str, PurePosixPath(file.path).parents):
        if folder in found.owners:
            owners = found.owners[folder]
            return tuple(replace(one, place=file.archive, attempt=folder) for one in owners)
    origin = origin_of(file.path)
    if origin is None:
        return ()
    words = origin.known_as
    if file.spellings:
        read = filter(None, (origin, *map(origin_of, file.spellings)))
        several = map(_spelt, chain.from_iterable(one.known_as for one in read))
        words = tuple(dict.fromkeys(several))
    place = f"{file.archive}/{origin.place}"
    return (replace(origin, known_as=words, place=place),)


def _spelt(word: str) -> str:
    if isinstance(word, AsName) and not word.isascii():
        return AsSpelt(word)
    return word


def _owned(sheet: Sheet, origins: tuple[Origin, ...], file: _File) -> list[Sheet]:
    """The sheet once for each owner whom the system names. Whose it is says the system, and else
    the token of the sheet.

    A row of a table says so, too: both must mean the same student.
    """
    if not origins:
        if not sheet.attempt:
            sheet = replace(sheet, attempt=str(sheet.source.path.parent))
        return [sheet]
    return [_of_owner(sheet, one) for one in origins]


def _of_owner(sheet: Sheet, owner: Origin) -> Sheet:
    student, *others = owner.known_as
    # Only a row of a table has a place by now; what students write of themselves in a file of
    # their own does not count beside the system's word.
    if sheet.place and sheet.named:
        others += [sheet.student, *sheet.known_as]
    return replace(
        sheet,
        student=student,
        known_as=tuple(others),
        time=owner.time,
        late=owner.late,
        named=False,
        number=owner.number,
        place=owner.place,
        attempt=f"{owner.place}|{owner.attempt}",
        lines=(),
    )
