"""XLSX workbooks as bytes that are the same each time."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl import Workbook

_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def saved(book: Workbook) -> bytes:
    """The workbook, without the times at which it and its parts were written."""
    book.properties.created = book.properties.modified = datetime(2000, 1, 1)
    whole, out = io.BytesIO(), io.BytesIO()
    book.save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", content)
            new.writestr(zipfile.ZipInfo(info.filename), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def cell_text(text: str) -> str:
    """Text without the characters that no workbook can hold."""
    return _CONTROL.sub(" ", text)
