"""Many PDFs in one: the parts of a book, a whole book with its numbers and links, all files of a
class for printing."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from pikepdf import Array, Dictionary, Name, Object, ObjectStreamMode, OutlineItem, Page, Pdf

from rnnquiz.documents.pdf import annotations_of, digest_of, link_target, objects_of


def _saved(pdf: Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True, object_stream_mode=ObjectStreamMode.generate)
    return out.getvalue()


def join_pdfs(pdfs: Sequence[bytes]) -> bytes:
    """All PDFs in one, what they have in common stored once; where each begins can be read back by
    `starts_of`."""
    with Pdf.new() as whole:
        starts: list[int] = []
        for data in pdfs:
            starts.append(len(whole.pages))
            with Pdf.open(io.BytesIO(data)) as one:
                whole.pages.extend(one.pages)
        _share_fonts(whole)
        whole.docinfo[_STARTS] = " ".join(map(str, starts))
        return _saved(whole)


_STARTS = "/Starts"


def starts_of(pdf: Path) -> list[int]:
    """The first pages, from 0, of the documents in a file made by `join_pdfs`."""
    with Pdf.open(pdf) as whole:
        written = str(whole.docinfo[_STARTS])
        return list(map(int, written.split()))


def pages_of(pdf: Path | bytes) -> int:
    """The number of pages of a PDF."""
    with _opened(pdf) as whole:
        return len(whole.pages)


def _opened(file: Path | bytes) -> Pdf:
    return Pdf.open(file if isinstance(file, Path) else io.BytesIO(file))


PAGE_MARKER = "rnnquizpage:"  # and a page, from 1: where a link leads once all pages are joined
HEAD, PAPER_HEIGHT = (56, 760, 330, 800), 842  # where name and course stand on A4, in points


def joined(
    numbers: bytes, files: Sequence[Path], titles: Sequence[str], starts: Sequence[int]
) -> bytes:
    """The files one after the other behind the first pages of `numbers`, each of whose others is
    laid over one page of theirs; with a bookmark at each start (a page, from 0). Links of the first
    pages to pages lead there, and the head of each of these pages back to the link."""
    with ExitStack() as opened, Pdf.new() as whole:
        front = opened.enter_context(_opened(numbers))
        for file in files:
            one = opened.enter_context(_opened(file))
            whole.pages.extend(one.pages)
        first = len(front.pages) - len(whole.pages)
        for place, number in enumerate(list(front.pages)[first:]):
            drawn = whole.copy_foreign(number.as_form_xobject())
            _lay_over(whole.pages[place], drawn, f"/Number{place}")
        # Last: up to here the numbers of pages are those of the files.
        for place, page in enumerate(list(front.pages)[:first]):
            whole.pages.insert(place, page)
        _share_fonts(whole)
        with whole.open_outline() as outline:
            for title, start in zip(titles, starts, strict=True):
                outline.root.append(OutlineItem(title, start))
        # With its bookmarks open: in a book of a class one looks for a name.
        whole.Root.PageMode = Name.UseOutlines
        _link_pages(whole)
        return _saved(whole)


def _lay_over(page: Page, drawn: Object, name: str) -> None:
    """Draw something over all that is on a page."""
    # pikepdf's own overlay has a name at random; one of ours is no other's where pages share names.
    page.add_resource(drawn, Name.XObject, Name(name))
    # q and Q: what the page has set does not hold for what is drawn over it.
    page.contents_add(b"q", prepend=True)
    page.contents_add(f"Q q {name} Do Q".encode())


def _link_pages(whole: Pdf) -> None:
    for page in list(whole.pages):
        for link in page.get("/Annots", Array()):
            target = link_target(link)
            if target.startswith(PAGE_MARKER):
                number = int(target.removeprefix(PAGE_MARKER))
                to = whole.pages[number - 1]
                del link["/A"]
                link.Dest = _whole_page(to)
                _link(whole, to, page)


def _link(whole: Pdf, page: Page, to: Page) -> None:
    """The head of a page leads to another one."""
    # PDF counts from the bottom: on paper of another height the head is as far from the top.
    higher = float(page.mediabox[3]) - PAPER_HEIGHT
    left, bottom, right, top = HEAD
    place = Array([left, bottom + higher, right, top + higher])
    back = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=place,
        Border=Array([0, 0, 0]),
        Dest=_whole_page(to),
    )
    links = annotations_of(page)
    links.append(whole.make_indirect(back))


def _whole_page(page: Page) -> Array:
    return Array([page.obj, Name.Fit])


def for_printing(files: Sequence[Path]) -> bytes:
    """All files one after the other without form fields, each on a sheet of paper of its own where
    both sides are printed: after an odd number of pages one stays empty."""
    with ExitStack() as opened, Pdf.new() as whole:
        for file in files:
            one = opened.enter_context(Pdf.open(file))
            # Fields of one name in several files would show one and the same text.
            if "/AcroForm" in one.Root:
                del one.Root.AcroForm
            for page in one.pages:
                if "/Annots" in page:
                    del page.Annots
            whole.pages.extend(one.pages)
            if len(one.pages) % 2:
                left, bottom, right, top = map(float, one.pages[-1].mediabox)
                size = right - left, top - bottom
                whole.add_blank_page(page_size=size)
        _share_fonts(whole)
        return _saved(whole)


def _share_fonts(pdf: Pdf) -> None:
    """Font files that are the same byte for byte are kept once."""
    seen: dict[str, Object] = {}
    for item in objects_of(pdf, Name.FontDescriptor):
        # Type 1, TrueType, and all others.
        for key in ("/FontFile", "/FontFile2", "/FontFile3"):
            if key in item:
                file = item[key]
                item[key] = seen.setdefault(digest_of(file.read_raw_bytes()), file)
