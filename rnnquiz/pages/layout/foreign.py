"""Files that are no page that can be read: what they are, and what makes a page of them."""

from __future__ import annotations

from rnnquiz.errors import Problem

RECOGNISE = "let a recogniser of handwriting make LaTeX or Markdown of it, and hand that in"
CONVERT = "save it as .md, .tex or .txt; `pandoc page.docx -o page.md` does so, formulas included"
SIGNATURES: tuple[tuple[int, bytes, str, str], ...] = (  # place, bytes, what it is, what to do
    (0, b"%PDF-", "is a PDF", RECOGNISE),
    (0, b"\x89PNG\r\n\x1a\n", "is a picture", RECOGNISE),
    (0, b"\xff\xd8\xff", "is a picture", RECOGNISE),
    (0, b"GIF8", "is a picture", RECOGNISE),
    (0, b"II*\0", "is a picture", RECOGNISE),
    (0, b"MM\0*", "is a picture", RECOGNISE),
    (8, b"WEBP", "is a picture", RECOGNISE),
    (4, b"ftyp", "is a picture or a film", RECOGNISE),
    (0, b"PK\x03\x04", "is a document of an office program, or an archive", CONVERT),
    (0, b"\xd0\xcf\x11\xe0", "is a document of an office program", CONVERT),
    (0, b"{\\rtf", "is rich text", CONVERT),
)


def foreign(data: bytes) -> Problem | None:
    """What is wrong with a file that is no text; None for one that may be a page."""
    for at, mark, found, remedy in SIGNATURES:
        if data[at : at + len(mark)] == mark:
            return Problem("the page", found, remedy)
    return None
