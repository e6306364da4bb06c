"""Finished PDFs: one for each student out of a run, form fields where the marks for them stand, a
book of many."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pikepdf import (
    Array,
    Dictionary,
    Name,
    NumberTree,
    Object,
    ObjectStreamMode,
    OutlineItem,
    Page,
    Pdf,
    String,
)

from rnnquiz.documents.typefaces import compact
from rnnquiz.fields import MARKER, TOKEN, box_name

LONGEST_ANSWER = 40
_TEXT_SIZE = 10


@dataclass(frozen=True)
class About:
    """What a PDF says of itself: its title, the token of the sheet, the code of its language."""

    title: str
    token: str
    language: str = field(default="en", repr=False)


def split(pdf: bytes, pages: Sequence[int], about: Sequence[About]) -> Iterator[bytes]:
    """One PDF for each document of a run, from the number of pages of each."""
    run = hashlib.sha256(pdf).hexdigest()
    with Pdf.open(io.BytesIO(pdf)) as source:
        _compact_fonts(source)
        at = 0
        for count, own in zip(pages, about, strict=True):
            with Pdf.new() as one:
                one.pages.extend(source.pages[at : at + count])
                yield _finished(one, own, f"{run} {at}")
            at += count


def _compact_fonts(pdf: Pdf) -> None:
    """Fonts in the compact format, where they can be written so."""
    for item in _font_descriptors(pdf):
        if "/FontFile" not in item:
            continue
        with suppress(ValueError):
            data = compact(item.FontFile.read_bytes())
            # Packed once here, and not again for each of the documents that it goes to.
            packed = zlib.compress(data, level=9)
            item.FontFile3 = pdf.make_stream(packed, Subtype=Name.Type1C, Filter=Name.FlateDecode)
            del item["/FontFile"]


def _font_descriptors(pdf: Pdf) -> Iterator[Dictionary]:
    for item in pdf.objects:
        if isinstance(item, Dictionary) and item.get("/Type") == Name.FontDescriptor:
            yield item


def finished(pdf: bytes, about: About) -> bytes:
    """The PDF of one document, with form fields."""
    with Pdf.open(io.BytesIO(pdf)) as one:
        return _finished(one, about, hashlib.sha256(pdf).hexdigest())


def _finished(one: Pdf, about: About, origin: str) -> bytes:
    fields = [field for page in one.pages for field in _fields(one, page)]
    if fields:
        fields.append(_field(one, one.pages[0], TOKEN, Array([0, 0, 0, 0]), about.token))
        font = one.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type1,
                BaseFont=Name.Helvetica,
                Encoding=Name.WinAnsiEncoding,
            )
        )
        one.Root.AcroForm = one.make_indirect(
            Dictionary(
                Fields=Array(fields),
                NeedAppearances=True,
                DA=String(f"/Helv {_TEXT_SIZE} Tf 0 g"),
                DR=Dictionary(Font=Dictionary(Helv=font)),
            )
        )
    if "/Title" not in one.docinfo:
        one.docinfo["/Title"] = about.title
    if "/Lang" not in one.Root:
        one.Root.Lang = String(about.language)
    one.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    out = io.BytesIO()
    # to work an identifier out from all bytes of the file takes half as long as to save it
    one.save(out, static_id=True, object_stream_mode=ObjectStreamMode.generate)
    return out.getvalue().replace(
        _STATIC_ID, hashlib.sha256(f"{origin} {about}".encode()).hexdigest()[:32].encode()
    )


_STATIC_ID = b"31415926535897932384626433832795"


def _saved(pdf: Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True, object_stream_mode=ObjectStreamMode.generate)
    return out.getvalue()


def _fields(pdf: Pdf, page: Page) -> Iterator[Object]:
    """Turn the page's marking links into form fields."""
    for link in page.get("/Annots", Array()):
        target = str(link.get("/A", Dictionary()).get("/URI", ""))
        if target.startswith(MARKER):
            yield _field(pdf, page, target.removeprefix(MARKER), link.Rect, "", link)


def _field(
    pdf: Pdf, page: Page, name: str, place: Object, value: str, link: Object | None = None
) -> Object:  # fmt: skip
    """A text field; without a link to take the place of, it is hidden and cannot be edited."""
    field = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Tx,
        T=String(name),
        TU=String(box_name(name) or name),
        Rect=place,
        P=page.obj,
        DA=String(f"/Helv {_TEXT_SIZE} Tf 0 g"),
        F=4 if link is not None else 2,
        MaxLen=LONGEST_ANSWER,
        Ff=0 if link is not None else 1,
    )
    if value:
        field.V = String(value)
    if link is not None:
        if (
            "/StructParent" in link
        ):  # a tagged PDF: what was the element of a link is now that of a form field
            field.StructParent = link.StructParent
            element = NumberTree(pdf.Root.StructTreeRoot.ParentTree)[int(link.StructParent)]
            element.S = Name.Form
        for key in list(link.keys()):
            del link[key]
        for key, item in field.items():
            link[key] = item
        return link if link.is_indirect else pdf.make_indirect(link)
    made = pdf.make_indirect(field)
    if "/Annots" not in page:
        page.Annots = Array()
    page.Annots.append(made)
    return made


def together(pdfs: Sequence[bytes]) -> bytes:
    """All PDFs in one, what they have in common stored once; where each begins can be read back by
    `starts_of`."""
    with Pdf.new() as whole:
        starts = []
        for data in pdfs:
            starts.append(len(whole.pages))
            with Pdf.open(io.BytesIO(data)) as one:
                whole.pages.extend(one.pages)
        _share_fonts(whole)
        whole.docinfo[_STARTS] = " ".join(map(str, starts))
        return _saved(whole)


_STARTS = "/Starts"


def starts_of(pdf: Path) -> list[int]:
    """The first pages, from 0, of the documents in a file made by `together`."""
    with Pdf.open(pdf) as whole:
        return [int(start) for start in str(whole.docinfo[_STARTS]).split()]


def pages_of(pdf: Path | bytes) -> int:
    with Pdf.open(pdf if isinstance(pdf, Path) else io.BytesIO(pdf)) as whole:
        return len(whole.pages)


PAGE_MARKER = "rnnquizpage:"  # and a page, from 1: where a link leads once all pages are joined
HEAD, PAPER_HEIGHT = (56, 760, 330, 800), 842  # where name and course stand on A4, in points


def joined(files: Sequence[Path | bytes], titles: Sequence[str], starts: Sequence[int]) -> bytes:
    """The files one after the other, with a bookmark at each start (a page, from 0); links of the
    first file to pages lead there, and the head of each of these pages back to the link."""
    with ExitStack() as opened, Pdf.new() as whole:
        for file in files:
            one = opened.enter_context(
                Pdf.open(file if isinstance(file, Path) else io.BytesIO(file))
            )
            whole.pages.extend(one.pages)
        with whole.open_outline() as outline:
            outline.root.extend(
                OutlineItem(title, start) for title, start in zip(titles, starts, strict=True)
            )
        whole.Root.PageMode = Name.UseOutlines
        _link_pages(whole)
        return _saved(whole)


def _link_pages(whole: Pdf) -> None:
    for page in list(whole.pages):
        for link in page.get("/Annots", Array()):
            target = str(link.get("/A", Dictionary()).get("/URI", ""))
            if target.startswith(PAGE_MARKER):
                to = whole.pages[int(target.removeprefix(PAGE_MARKER)) - 1]
                del link["/A"]
                link.Dest = Array([to.obj, Name.Fit])
                _link(whole, to, page)


def _link(whole: Pdf, page: Page, to: Page) -> None:
    """The head of a page leads to another one."""
    height = float(page.mediabox[3]) - PAPER_HEIGHT
    left, bottom, right, top = HEAD
    place = Array([left, bottom + height, right, top + height])
    back = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=place,
        Border=Array([0, 0, 0]),
        Dest=Array([to.obj, Name.Fit]),
    )
    if "/Annots" not in page:
        page.Annots = Array()
    page.Annots.append(whole.make_indirect(back))


def for_printing(files: Sequence[Path]) -> bytes:
    """All files one after the other without form fields, each on a sheet of paper of its own where
    both sides are printed: after an odd number of pages one stays empty."""
    with ExitStack() as opened, Pdf.new() as whole:
        for file in files:
            one = opened.enter_context(Pdf.open(file))
            if "/AcroForm" in one.Root:
                del one.Root.AcroForm
            for page in one.pages:
                if "/Annots" in page:
                    del page.Annots
            whole.pages.extend(one.pages)
            if len(one.pages) % 2:
                left, bottom, right, top = (float(v) for v in one.pages[-1].mediabox)
                whole.add_blank_page(page_size=(right - left, top - bottom))
        _share_fonts(whole)
        return _saved(whole)


def _share_fonts(pdf: Pdf) -> None:
    """Font files that are the same byte for byte are kept once."""
    seen: dict[bytes, Object] = {}
    for item in _font_descriptors(pdf):
        for key in ("/FontFile", "/FontFile2", "/FontFile3"):
            if key in item:
                digest = hashlib.sha256(item[key].read_raw_bytes()).digest()
                item[key] = seen.setdefault(digest, item[key])
