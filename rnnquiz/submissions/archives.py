"""Members of a ZIP archive, one by one, from memory: nothing is unpacked to the disk, and nothing is believed that the archive says.

Sizes are counted while reading, not taken from headers. An archive within an archive is opened once, no deeper.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from rnnquiz.errors import Problem, SubmissionError

MOST_MEMBERS = 50_000
LARGEST_MEMBER, LARGEST_TOTAL = 20 * 2**20, 500 * 2**20
LARGEST_RATIO, SMALL = 200, 2**20  # a member that grows more than this when it is unpacked, past a megabyte, is a bomb
LONGEST_PATH = 400
_JUNK = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass
class Budget:
    """What may still be read out of one archive and those in it."""

    bytes: int = LARGEST_TOTAL
    members: int = MOST_MEMBERS
    problems: list[str] = field(default_factory=list)


def members(source: str, data: bytes, budget: Budget) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file; a line in `budget.problems` for each that is refused. SubmissionError where it is no archive."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, UnicodeDecodeError, OverflowError) as error:
        raise SubmissionError(source, Problem("the archive", f"cannot be read: {str(error)[:120]}", "download it again")) from None
    seen: set[str] = set()
    with archive:
        for info in infos:
            path = info.filename
            if path.endswith("/") or is_junk(path):
                continue
            budget.members -= 1
            if budget.members < 0:
                budget.problems.append(f"{source}: more than {MOST_MEMBERS} files -> the rest was not read")
                return
            refusal = _refusal(info, seen)
            if not refusal:
                content, refusal = _content(archive, info, budget)
            if refusal:
                budget.problems.append(f"{source}/{shown(path)}: {refusal}")
            else:
                yield path, content
            if budget.bytes <= 0:
                budget.problems.append(f"{source}: unpacks to more than {LARGEST_TOTAL // 2**20} MB -> the rest was not read")
                return


def shown(path: str) -> str:
    """A member's path as it can be printed."""
    return path[:LONGEST_PATH].encode("utf-8", "replace").decode()


def is_junk(path: str) -> bool:
    """True for what operating systems leave beside files."""
    parts = PurePosixPath(path).parts
    return any(part in _JUNK or part.startswith("._") for part in parts)


def _refusal(info: zipfile.ZipInfo, seen: set[str]) -> str:
    """Why a member is not read; empty where it is."""
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if not path.parts or path.is_absolute() or ".." in path.parts or ":" in path.parts[0][:2]:
        return "its path is empty or leads out of the archive -> not read"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link -> not read"
    if info.flag_bits & 1:
        return "is protected by a password -> not read"
    if len(info.filename) > LONGEST_PATH:
        return "its path is too long -> not read"
    if info.filename in seen:
        return "stands twice in the archive -> only the first is read"
    seen.add(info.filename)
    return ""


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> tuple[bytes, str]:
    """What a member holds, read no further than it may be; or why it is refused."""
    most = min(LARGEST_MEMBER, max(SMALL, LARGEST_RATIO * info.compress_size), budget.bytes)
    try:
        with archive.open(info) as member:
            data = member.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, EOFError, OSError, RuntimeError, MemoryError) as error:
        return b"", f"is damaged: {str(error)[:120]} -> ask for the file"
    budget.bytes -= len(data)
    return (b"", f"is larger than {most // 1024} kB -> not read") if len(data) > most else (data, "")
