"""Members of a ZIP archive, one by one, from memory: nothing is unpacked to the disk, and nothing
is believed that the archive says.

Sizes are counted while reading, not taken from headers. An archive within an archive is opened
once, no deeper. Names that are not marked as UTF-8 are read in each encoding in which they can be
names; who is on the roster says which was meant.
"""

from __future__ import annotations

import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath

from rnnquiz.errors import SubmissionError
from rnnquiz.files.encodings import strangeness
from rnnquiz.submissions.sources import Refusal, Source

MOST_MEMBERS = 50_000  # files: a class of ten thousand with a few each
MEGABYTE = 2**20
LARGEST_MEMBER, LARGEST_TOTAL = 20 * MEGABYTE, 500 * MEGABYTE  # a filled PDF has 0.4 MB
# A member that grows more than this when it is unpacked, past a megabyte, is a bomb: text of which
# each line is the same grows 200 times at the most.
LARGEST_RATIO, NO_BOMB = 200, 2**20
LONGEST_PATH = 400  # characters; systems allow a name 255, and put one or two folders around it
LONGEST_REASON = 120  # characters of what a library says
NO_ARCHIVE = (
    zipfile.BadZipFile,
    ValueError,
    NotImplementedError,
    OSError,
    UnicodeDecodeError,
    OverflowError,
)
"""What zipfile raises for bytes that are no archive."""
_JUNK = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_BEGINNING = 60  # letters that show how a name looks
_IS_UTF8 = 0x800  # bit 11 of the flags (APPNOTE.TXT, section 4.4.4)
_UNICODE_PATH = 0x7075  # the extra field of Info-ZIP (section 4.6.9)
_FIELD = struct.Struct("<HH")  # before each extra field: its kind and size
_BEFORE_NAME = 5  # bytes of version and checksum
_ENCODINGS = (
    "cp437", "cp1252", "cp850", "mac_roman", "cp866", "cp1251", "cp1250", "cp852", "koi8_r",
    "gb18030", "big5", "shift_jis", "euc_kr", "cp1253", "cp737", "cp1254", "cp857", "iso8859_15",
    "cp1255", "cp1256", "cp874",
)  # fmt: skip
"""In which archivers have written names that are not UTF-8, the standard's own first; the others as
they are met.
"""


_MARKS = (b"PK\x03\x04", b"PK\x05\x06")  # of a member, and of an archive of nothing


def begins_as_archive(data: bytes) -> bool:
    """True for a ZIP archive, and for workbooks and documents, which are archives, too."""
    return data.startswith(_MARKS)


@dataclass(frozen=True)
class ArchiveMember:
    """A file of an archive; `spellings`: its path as it can be read in other encodings."""

    path: str
    data: bytes
    spellings: tuple[str, ...] = ()


@dataclass
class Budget:
    """What may still be read out of one archive and those in it."""

    bytes: int = LARGEST_TOTAL
    members: int = MOST_MEMBERS
    refused: list[Refusal] = field(default_factory=list)

    def refuse(self, path: str, why: str) -> None:
        """Notes that a file was not read, and why."""
        refusal = Refusal(Source.of(path), why)
        self.refused.append(refusal)


def members(source: str, data: bytes, budget: Budget) -> Iterator[ArchiveMember]:
    """Each file; a refusal in the budget for each that is not read. SubmissionError where it is
    no archive.
    """
    archive, infos = _opened(source, data)
    seen: set[str] = set()
    with archive:
        for info in infos:
            path, *others = paths_of(info)
            if path.endswith("/") or is_junk(path):
                continue
            budget.members -= 1
            if budget.members < 0:
                found = f"more than {MOST_MEMBERS} files -> the rest was not read"
                budget.refuse(source, found)
                return
            refusal = _refusal(info, path, seen)
            if not refusal:
                content, refusal = _content(archive, info, budget)
            if refusal:
                budget.refuse(f"{source}/{_printable(path)}", refusal)
            else:
                yield ArchiveMember(path, content, tuple(others))
            if budget.bytes <= 0:
                found = f"unpacks to more than {LARGEST_TOTAL // 2**20} MB"
                budget.refuse(source, f"{found} -> the rest was not read")
                return


def _opened(source: str, data: bytes) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        return archive, archive.infolist()
    except NO_ARCHIVE as error:
        found = f"cannot be read: {str(error)[:LONGEST_REASON]}"
        raise SubmissionError.at(source, "the archive", found, "download it again") from None


def _printable(path: str) -> str:
    """A member's path as it can be printed."""
    raw = path[:LONGEST_PATH].encode("utf-8", "replace")
    return raw.decode()


def is_junk(path: str) -> bool:
    """True for what operating systems leave beside files."""
    parts = PurePosixPath(path).parts
    return any(map(_is_left_behind, parts))


def _is_left_behind(part: str) -> bool:
    return part in _JUNK or part.startswith("._")


def paths_of(info: zipfile.ZipInfo) -> list[str]:
    """The path of a member, and how else it can be read. Old archivers of Windows part its folders
    by backslashes.
    """
    if info.flag_bits & _IS_UTF8:
        return [_slashed(info.filename)]
    # zipfile's own `metadata_encoding` came with Python 3.11, and is one for all names of a file.
    raw = info.orig_filename.encode("cp437", "replace")  # as zipfile has decoded it: no loss
    if (name := _unicode_path(info.extra, raw)) is not None:
        return [_slashed(name)]
    return list(map(_slashed, names_in_encodings(raw)))


def names_in_encodings(raw: bytes) -> list[str]:
    """A name in each encoding in which all that is not ASCII are letters, best first; at least
    one.
    """
    if raw.isascii():
        return [raw.decode("ascii")]
    try:
        return [raw.decode("utf-8")]
    except UnicodeDecodeError:
        # Many bytes read the same in several of them.
        readings = dict.fromkeys(raw.decode(codec, "replace") for codec in _ENCODINGS)
        named = sorted(filter(_is_a_name, readings), key=_strangeness)
        return named or [raw.decode("cp437")]


def _strangeness(name: str) -> float:
    return strangeness(name[:_BEGINNING])


def _is_a_name(text: str) -> bool:
    if "\ufffd" in text or not text.isprintable():
        return False
    return all(map(_in_a_name, set(text)))


@lru_cache(maxsize=65536)
def _in_a_name(character: str) -> bool:
    """True for what can stand in a name; signs and boxes of other encodings cannot."""
    if character.isascii() or character in "’‘–·´":
        return True
    # A ligature or a letter in a circle is a letter to Unicode, but in nobody's name.
    if unicodedata.decomposition(character).startswith("<"):
        return False
    return character.isalpha()


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """The name in UTF-8 that Info-ZIP keeps beside the other; None where there is none, or it
    belongs to another name.
    """
    checksum = struct.pack("<L", zlib.crc32(raw))
    while len(extra) >= _FIELD.size:
        kind, size = _FIELD.unpack(extra[: _FIELD.size])
        if kind == _UNICODE_PATH and size > _BEFORE_NAME and extra[5:9] == checksum:
            kept = extra[9 : 4 + size]  # behind kind, size, version and checksum
            try:
                name, _, _ = kept.decode("utf-8").partition("\0")
            except UnicodeDecodeError:
                return None
            return name or None
        extra = extra[4 + size :]
    return None


def _slashed(path: str) -> str:
    """Without what stands behind a NUL, which no system takes for a part of the name."""
    name, _, _ = path.partition("\0")
    return name.replace("\\", "/")


def _refusal(info: zipfile.ZipInfo, name: str, seen: set[str]) -> str:
    """Why a member is not read; empty where it is."""
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or ":" in path.parts[0][:2]:
        return "its path is empty or leads out of the archive -> not read"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a link -> not read"
    if info.flag_bits & 1:
        return "is protected by a password -> not read"
    if len(name) > LONGEST_PATH:
        return "its path is too long -> not read"
    if name in seen:
        return "stands twice in the archive -> only the first is read"
    seen.add(name)
    return ""


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> tuple[bytes, str]:
    """What a member holds, read no further than it may be; or why it is refused."""
    unpacked = max(NO_BOMB, LARGEST_RATIO * info.compress_size)
    most = min(LARGEST_MEMBER, unpacked, budget.bytes)
    try:
        with archive.open(info) as member:
            data = member.read(most + 1)
    except _DAMAGED as error:
        return b"", f"is damaged: {str(error)[:LONGEST_REASON]} -> ask for the file"
    budget.bytes -= len(data)
    if len(data) > most:
        return b"", f"is larger than {most // 1024} kB -> not read"
    return data, ""


_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    NotImplementedError,
    EOFError,
    OSError,
    RuntimeError,
    MemoryError,
)
"""What zipfile raises for a member that is damaged, or packed in a way that it does not know."""
