"""Files in a zip archive: the same bytes for the same files, on every system and at any time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip archive can hold
UNIX = 3  # the system whose rights of files the archive has
# The mode of a file on Unix in the upper half; the mark of a folder for DOS in the lower one.
_FOLDER, _FILE, _PROGRAM = 0o40755 << 16 | 0x10, 0o100644 << 16, 0o100755 << 16


def zipped(files: Mapping[str, bytes], programs: Collection[str] = ()) -> bytes:
    """An archive with sorted entries; a name that ends in a slash is an empty folder, and
    `programs` may be run."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = UNIX
            if name.endswith("/"):
                entry.external_attr = _FOLDER
            else:
                entry.external_attr = _PROGRAM if name in programs else _FILE
                entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return buffer.getvalue()
