"""The only place where files are written: whole or not at all, for their owner alone whatever the
umask, never through a link.

A course, its marks and its keys lie on machines that students use, too. A folder that is made here
is closed to others (0700), a file is closed to them from its first byte (0600). A folder that is
there already stays as it is; `open_to_others` says so, `close` closes it. The folder that a user
names may be a link, if link and folder are the user's own; below it no link is followed or
replaced.
"""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import filterfalse
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from rnnquiz.errors import Problem, ToolError

_PART = ".rnnquiz-part-"  # how the name of a file begins that is not whole yet
FOLDER_MODE, FILE_MODE = 0o700, 0o600  # for their owner alone
_OTHERS = 0o077  # what group and others may do
_WRITTEN = stat.S_IWGRP | stat.S_IWOTH
BY_HANDLE = (
    hasattr(os, "O_NOFOLLOW")
    and {os.open, os.mkdir, os.rename, os.stat, os.unlink} <= os.supports_dir_fd
)
# What a system does not know of these cannot be asked of it: Windows has no O_DIRECTORY.
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_NEW = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL  # never a file that somebody else has put there
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)  # or Windows writes two bytes for the end of a line
)


def write_atomically(path: Path, data: bytes) -> None:
    """The whole file or none of it, in the folder that the user named; ToolError where the disk
    does not take it."""
    write_into(path.parent, path.name, data)


def write_into(
    root: Path, name: str, data: bytes, mode: int = FILE_MODE, by_handle: bool = BY_HANDLE
) -> None:
    """The same for a file by its path below `root`, the folder that the user named. Folders on the
    way are made."""
    with writing(root, name, mode, by_handle) as file:
        file.write(data)


@contextmanager
def writing(
    root: Path, name: str, mode: int = FILE_MODE, by_handle: bool = BY_HANDLE
) -> Iterator[BinaryIO]:
    """A file that is in place once the block is left without an error."""
    if not name or ((root / name).is_dir() and not (root / name).is_symlink()):
        found = Problem("the file", "is a folder", "give the path of a file in it")
        raise ToolError(str(root / name), found)
    *above, last = PurePosixPath(name).parts
    with _said(root / name), _opened(root, above, by_handle) as place:
        place.refuse_link(last)
        part = f"{_PART}{secrets.token_hex(8)}"
        try:
            with place.new(part, mode) as file:
                yield file
                file.flush()
                # Before it gets its name: after a power cut the name would stand on nothing.
                os.fsync(file.fileno())
            place.replace(part, last)
        except BaseException:
            with suppress(FileNotFoundError):
                place.remove(part)
            raise


def check_named(root: Path) -> None:
    """ToolError where the folder that the user named is a link that may not be followed."""
    _own(root)


def make_folder(root: Path) -> None:
    """The folder that the user named, made where it is missing."""
    with _said(root), _opened(root, ()):
        pass


def new_file(path: Path, data: bytes = b"") -> BinaryIO:
    """A new file in a folder of our own (`scratch`, or a course), open for writing; an error where
    the name is taken."""
    handle = os.open(path, _NEW, FILE_MODE)
    file = os.fdopen(handle, "wb")
    _set_mode(handle, FILE_MODE)
    file.write(data)
    return file


@contextmanager
def scratch(where: Path | None = None) -> Iterator[Path]:
    """A folder for work in progress, closed to others and removed in the end."""
    with tempfile.TemporaryDirectory(prefix=_PART if where else "rnnquiz-", dir=where) as place:
        yield Path(place)


def is_there(root: Path, name: str) -> bool:
    """Whether a file by its path below `root` is there; an empty one, as a full disk leaves behind,
    is none. ToolError where a link is."""
    refuse_links(root, name)
    try:
        return (root / name).stat().st_size > 0
    except FileNotFoundError:
        return False


def remove(root: Path, name: str) -> None:
    """Remove a file by its path below `root`, if it is there; ToolError where that leads through a
    link."""
    refuse_links(root, PurePosixPath(name).parent.as_posix())
    with _said(root / name):
        (root / name).unlink(missing_ok=True)


def refuse_links(root: Path, name: str) -> None:
    """ToolError where a part of the path below `root` is a link."""
    at = root
    for part in PurePosixPath(name).parts:
        at = at / part
        if at.is_symlink():
            raise _link(at)


def clear_parts(folder: Path) -> None:
    """Remove what a run that was killed has left half-written."""
    for part in folder.rglob(f"{_PART}*"):
        if part.is_file() and not part.is_symlink():
            part.unlink(missing_ok=True)


def is_own(path: Path) -> bool:
    """Whether a file is the user's own, and nobody else may have written it; OSError where there is
    none."""
    found = path.stat()
    return found.st_uid == _mine() and not (os.name == "posix" and found.st_mode & _WRITTEN)


def open_to_others(folder: Path) -> str:
    """How a folder is open to others, as  drwxr-xr-x ; empty where it is not, and where the system
    has no such modes."""
    try:
        mode = folder.stat().st_mode
    except OSError:
        return ""
    if os.name == "posix" and mode & _OTHERS:
        return stat.filemode(mode)
    return ""


def close(folder: Path) -> None:
    """Take from all others every right in a folder and on all that is in it; links are left as they
    are.

    ToolError where the folder is not the user's own, or one in which others are to write, such as
    /tmp.
    """
    found = folder.stat()
    # Where others are to write, the system has set the sticky bit.
    if found.st_uid != _mine() or found.st_mode & stat.S_ISVTX:
        raise ToolError.at(
            str(folder), "--close", "this folder is not yours alone", "choose a folder of your own"
        )
    with _said(folder):
        _take_rights(folder)
        for place, folders, files in os.walk(folder):
            for entry in (*folders, *files):
                _take_rights(Path(place, entry))


def _take_rights(path: Path) -> None:
    mode = path.lstat().st_mode
    if not stat.S_ISLNK(mode) and mode & _OTHERS:
        path.chmod(stat.S_IMODE(mode) & ~_OTHERS)


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """Errors of the disk as text."""
    try:
        yield
    except OSError as error:
        remedy = "make room or give write permission, and run the command again"
        found = f"cannot be written: {error.strerror}"
        raise ToolError.at("disk", str(path), found, remedy) from None


def _link(path: Path) -> ToolError:
    try:
        target = os.readlink(path)
    except OSError:
        target = "another place"
    remedy = (
        "remove the link, or put a real folder or file in its place; links are not followed here"
    )
    return ToolError.at(str(path), "the path", f"is a link to {target}", remedy)


def _set_mode(handle: int, mode: int) -> None:
    # The umask may take rights from the owner, too; by the handle, whatever its name is by now.
    if hasattr(os, "fchmod"):
        os.fchmod(handle, mode)


@contextmanager
def _opened(
    root: Path, above: Sequence[str], by_handle: bool = BY_HANDLE
) -> Iterator[_Handle | _Named]:
    """The folder `above` below `root`; what is missing is made."""
    real = _own(root)
    missing = filterfalse(Path.exists, (real, *real.parents))
    # From the outermost on: each is made in the one above it, and each is closed.
    for folder in reversed(list(missing)):
        _made(folder)
    place: _Handle | _Named = _Handle(real) if by_handle else _Named(real)
    try:
        for part in above:
            place = place.below(part)
        yield place
    finally:
        place.leave()


def _own(root: Path) -> Path:
    """The folder that the user named, where a link has led: link and folder must be the user's
    own."""
    if not root.is_symlink():
        return root
    real = root.resolve()
    if not real.is_dir() or {root.lstat().st_uid, real.stat().st_uid} - {_mine()}:
        raise _link(root)
    return real


def _mine() -> int:
    """Who runs this; Windows knows no numbers of users, and gives 0 as that of every file."""
    return os.geteuid() if hasattr(os, "geteuid") else 0


def _made(folder: Path) -> None:
    with suppress(FileExistsError):  # another hand of ours was quicker
        folder.mkdir(FOLDER_MODE)
        folder.chmod(FOLDER_MODE)  # where the umask takes rights from the owner


class _Handle:
    """A folder by its handle: what is put in the place of its name in the meantime is not met."""

    def __init__(self, path: Path, handle: int | None = None) -> None:
        self.path = path
        if handle is None:
            handle = os.open(path, _FOLDER | os.O_NOFOLLOW)
        self.handle = handle

    def leave(self) -> None:
        os.close(self.handle)

    def below(self, name: str) -> _Handle:
        """The folder of this name, made where it is missing; this one is left."""
        path = self.path / name
        self.refuse_link(name)
        with suppress(FileExistsError):
            os.mkdir(name, FOLDER_MODE, dir_fd=self.handle)
            os.chmod(name, FOLDER_MODE, dir_fd=self.handle)
        # A link that is put there in the meantime is not followed either.
        handle = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=self.handle)
        self.leave()
        return _Handle(path, handle)

    def refuse_link(self, name: str) -> None:
        with suppress(FileNotFoundError):
            if stat.S_ISLNK(os.stat(name, dir_fd=self.handle, follow_symlinks=False).st_mode):
                raise _link(self.path / name)

    def new(self, name: str, mode: int) -> BinaryIO:
        handle = os.open(name, _NEW, FILE_MODE, dir_fd=self.handle)
        file = os.fdopen(handle, "wb")
        _set_mode(handle, mode)
        return file

    def replace(self, old: str, new: str) -> None:
        os.replace(old, new, src_dir_fd=self.handle, dst_dir_fd=self.handle)

    def remove(self, name: str) -> None:
        os.unlink(name, dir_fd=self.handle)


class _Named:
    """A folder by its name, where the system has no handles of folders (Windows)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def leave(self) -> None:
        """Nothing is held."""

    def below(self, name: str) -> _Named:
        self.refuse_link(name)
        _made(self.path / name)
        return _Named(self.path / name)

    def refuse_link(self, name: str) -> None:
        if (self.path / name).is_symlink():
            raise _link(self.path / name)

    def new(self, name: str, mode: int) -> BinaryIO:
        handle = os.open(self.path / name, _NEW, FILE_MODE)
        file = os.fdopen(handle, "wb")
        _set_mode(handle, mode)
        return file

    def replace(self, old: str, new: str) -> None:
        os.replace(self.path / old, self.path / new)

    def remove(self, name: str) -> None:
        (self.path / name).unlink()
