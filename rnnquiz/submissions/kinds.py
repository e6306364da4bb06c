"""What a file is that cannot be read, in words: found by its first bytes, not by its name, which
may be false; one row for each kind."""

from __future__ import annotations

import io
import zipfile

from rnnquiz.submissions.archives import NO_ARCHIVE, begins_as_archive

_FTYP, _JPEG = b"ftyp", b"\xff\xd8\xff"
_ARCHIVE_ENDS = b"PK\x05\x06"
_END_AND_COMMENT = 65_600  # bytes: the end of an archive, with the longest comment behind it
_SHORT_MARK = 3  # letters: with so few a text could begin

STARTS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"{\\rtf", "a rich text (RTF), as word processors save it"),
    (
        0,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "a document of an old Office (doc, xls, ppt), or one with a password",
    ),
    (0, b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
    (0, _JPEG, "a picture (JPEG), perhaps a photo of the sheet"),
    (0, b"GIF8", "a picture (GIF)"),
    (0, b"II*\0", "a picture (TIFF)"),
    (0, b"MM\0*", "a picture (TIFF)"),
    (0, b"BM", "a picture (BMP)"),
    (8, b"WEBP", "a picture (WebP)"),
    (4, b"ftypheic", "a picture (HEIC), perhaps a photo of the sheet"),
    (4, b"ftypheix", "a picture (HEIC), perhaps a photo of the sheet"),
    (4, b"ftypmif1", "a picture (HEIF), perhaps a photo of the sheet"),
    (4, b"ftypavif", "a picture (AVIF)"),
    # It stands after the pictures, which begin in the same way.
    (4, _FTYP, "a film"),
    (0, b"\x1aE\xdf\xa3", "a film"),
    (0, b"ID3", "a sound"),
    (0, b"%!PS", "a PostScript file"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ\0", "an xz archive"),
    # Behind the name, the times and the owner of its first member.
    (257, b"ustar", "a tar archive"),
    (0, b"SQLite format 3\0", "a database"),
    (0, b"bplist00", "a settings file of macOS"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a program"),
)
"""Where a kind has its mark, the mark, and what it is called."""

PARTS: tuple[tuple[str, str], ...] = (
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a PowerPoint presentation"),
    ("Index/Document.iwa", "a document of Pages, Numbers or Keynote"),
    ("Index.zip", "a document of Pages, Numbers or Keynote"),
    ("META-INF/container.xml", "an e-book (EPUB)"),
)
"""Members of archives that are documents."""

# The first mark that is found counts: the general one stands behind those that begin with it.
TYPES: tuple[tuple[bytes, str], ...] = (
    (b"application/vnd.oasis.opendocument.text", "a text document of LibreOffice (ODT)"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "a spreadsheet of LibreOffice (ODS)"),
    (b"application/vnd.oasis.opendocument", "a document of LibreOffice"),
    (b"application/epub+zip", "an e-book (EPUB)"),
)
"""What documents that are archives say of themselves."""

_ENDINGS: tuple[tuple[tuple[str, ...], str], ...] = (
    ((".doc", ".docx", ".docm", ".dotx"), "a Word document"),
    ((".ppt", ".pptx"), "a PowerPoint presentation"),
    ((".xls", ".xlsm", ".xlsb"), "an Excel workbook, but not XLSX"),
    ((".odt", ".ods", ".odp"), "a document of LibreOffice"),
    ((".pages", ".numbers", ".key"), "a document of Pages, Numbers or Keynote"),
    (
        (".png", ".jpg", ".jpeg", ".gif", ".heic", ".heif", ".webp", ".tif", ".tiff", ".bmp"),
        "a picture",
    ),
    ((".7z", ".rar", ".gz", ".tar", ".tgz", ".bz2", ".xz"), "an archive, but not ZIP"),
    ((".mp4", ".mov", ".avi"), "a film"),
    ((".rtf", ".rtfd"), "a rich text, as word processors save it"),
    ((".gdoc",), "a link to a document of Google, not the document"),
    ((".gsheet",), "a link to a spreadsheet of Google, not the spreadsheet"),
    ((".webloc", ".url"), "a link to a web page, not the page"),
    ((".lnk",), "a link to a file, not the file"),
    # Browsers name a file so until all of it has arrived.
    ((".part", ".crdownload"), "a download that was not finished"),
)


def _by_ending() -> dict[str, str]:
    found: dict[str, str] = {}
    for endings, kind in _ENDINGS:
        found |= dict.fromkeys(endings, kind)
    return found


BY_ENDING = _by_ending()
"""What a file is by its ending, for those that are not opened."""


def stranger(data: bytes) -> str:
    """What a file is that holds no answers, in words; empty where it may be one that is read."""
    if not data:
        return "empty: it has 0 bytes"
    if not data.strip(b"\0"):
        return "empty: all of its bytes are zero, as an upload leaves that was broken off"
    if not data.strip():
        return "empty: it holds nothing but blanks"
    if begins_as_archive(data):
        return _archive(data)
    for at, mark, words in STARTS:
        if data[at : at + len(mark)] == mark and _sure(data, mark):
            return words
    return ""


def _sure(data: bytes, mark: bytes) -> bool:
    """Marks of two or three letters could begin a text, in which no NUL stands."""
    if len(mark) > _SHORT_MARK or mark == _JPEG:
        return True
    return b"\0" in data[:512]


def _archive(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except NO_ARCHIVE:
        return _cut_off(data)
    said = data[30:120]  # the name and the content of the first member
    if b"mimetype" in said[:8]:
        for kind, words in TYPES:
            if kind in said:
                return words
        return ""
    # Word, PowerPoint and Apple write no type at the beginning: their parts tell them.
    for part, words in PARTS:
        if part in names:
            return words
    return ""


def _cut_off(data: bytes) -> str:
    """What an archive was that has no end; empty where it has one."""
    if _ARCHIVE_ENDS in data[-_END_AND_COMMENT:]:
        return ""
    office = b"[Content_Types].xml" in data[:4096]
    whole = "Word document, workbook or other archive" if office else "ZIP archive"
    return f"a {whole} that is cut off or damaged"
