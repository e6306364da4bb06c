"""Files of a quiz package: XML documents and zip archives, the same bytes for the same content."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip archive can hold


def document(root: ET.Element) -> bytes:
    """An XML file."""
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip archive with sorted entries; a name that ends in a slash is an empty folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = (
                3,
                ((0o40755 << 16 | 0x10) if name.endswith("/") else 0o100644 << 16),
            )
            entry.compress_type = zipfile.ZIP_STORED if name.endswith("/") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return buffer.getvalue()
