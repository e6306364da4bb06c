"""A course folder on the disk: its secret, and nothing that is reached through a link."""

from __future__ import annotations

import secrets
from pathlib import Path

from rnnquiz.bank.variant import SECRET_BYTES
from rnnquiz.errors import CourseError
from rnnquiz.files.private import check_named, refuse_links, write_atomically

DATABASE, SECRET = "course.sqlite", "secret.key"


def make_secret(folder: Path, issued: bool) -> None:
    """A new secret; CourseError where sheets were `issued` already."""
    secret = folder / SECRET
    # The numbers of sheets that were given out come from the secret that is gone.
    if issued:
        remedy = "restore it from a backup; a new one gives other sheets"
        raise CourseError.at(str(secret), "the secret", "is missing", remedy)
    write_atomically(secret, secrets.token_bytes(SECRET_BYTES))


def secret_in(folder: Path) -> bytes:
    """The secret; CourseError where it is missing or damaged."""
    path = folder / SECRET
    try:
        data = path.read_bytes()
    except OSError:
        data = b""
    # A key that was cut short would go on with other numbers, and easier ones to guess.
    if len(data) < SECRET_BYTES:
        remedy = "restore it from a backup"
        raise CourseError.at(str(path), "the secret", "is damaged", remedy)
    return data


def check_links(folder: Path) -> None:
    """ToolError where what is kept of the course would be read or written through a link."""
    check_named(folder)
    # SQLite writes them beside the file, without a look at what stands there.
    journals = [f"{DATABASE}-{kind}" for kind in ("journal", "wal", "shm")]
    for name in (SECRET, DATABASE, *journals):
        refuse_links(folder, name)
