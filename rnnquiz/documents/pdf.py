"""Finished PDFs: one for each student out of a run, form fields where the marks for them stand, a
book of many."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
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

from rnnquiz.documents.typefaces import codes_of, compact
from rnnquiz.fields import MARKER, TOKEN, box_name

LONGEST_ANSWER = 40
_APPEARANCE = "/Helv 10 Tf 0 g"  # 10 points, black


@dataclass(frozen=True)
class About:
    """What a PDF says of itself: its title, the token of the sheet, the code of its language."""

    title: str
    token: str
    language: str = field(default="en", repr=False)


def split(pdf: bytes, pages: Sequence[int], about: Sequence[About]) -> Iterator[bytes]:
    """One PDF for each document of a run, from the number of pages of each."""
    run = _digest(pdf)
    with Pdf.open(io.BytesIO(pdf)) as source:
        _compact_fonts(source)
        at = 0
        for count, own in zip(pages, about, strict=True):
            end = at + count
            with Pdf.new() as one:
                one.pages.extend(source.pages[at:end])
                yield _finished(one, own, f"{run} {at}")
            at = end


def _compact_fonts(pdf: Pdf) -> None:
    """Fonts in the compact format, where they can be written so."""
    for font in _of_type(pdf, Name.Font):
        file = font.get("/FontDescriptor", Dictionary()).get("/FontFile")
        if file is not None and "/Encoding" not in font:
            _keep_codes(font, codes_of(file.read_bytes()))
    for item in _of_type(pdf, Name.FontDescriptor):
        if "/FontFile" not in item:
            continue
        with suppress(ValueError):
            data = compact(item.FontFile.read_bytes())
            # Packed once here, and not again for each of the documents that it goes to.
            packed = zlib.compress(data, level=9)
            item.FontFile3 = pdf.make_stream(packed, Subtype=Name.Type1C, Filter=Name.FlateDecode)
            del item["/FontFile"]


def _keep_codes(font: Dictionary, names: Mapping[int, str]) -> None:
    """Say in the PDF which letters codes stand for: TeX leaves that to fonts that have codes of
    their own, and a compact font has none."""
    if names:
        places: list[Object | int] = []
        for code, name in names.items():
            places += [code, Name(f"/{name}")]
        font.Encoding = Dictionary(Type=Name.Encoding, Differences=Array(places))


def _of_type(pdf: Pdf, kind: Object) -> Iterator[Dictionary]:
    for item in pdf.objects:
        if isinstance(item, Dictionary) and item.get("/Type") == kind:
            yield item


def finished(pdf: bytes, about: About) -> bytes:
    """The PDF of one document, with form fields."""
    with Pdf.open(io.BytesIO(pdf)) as one:
        return _finished(one, about, _digest(pdf))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _finished(one: Pdf, about: About, origin: str) -> bytes:
    fields: list[Object] = []
    for page in one.pages:
        fields += _fields(one, page)
    if fields:
        # So that a saved PDF says whose it is, whatever it is called and whoever sends it.
        nowhere = Array([0, 0, 0, 0])
        token = _field(one, one.pages[0], TOKEN, nowhere, about.token)
        one.Root.AcroForm = _form(one, [*fields, token])
    # Typst has both from the document; TeX runs are of many documents.
    if "/Title" not in one.docinfo:
        one.docinfo["/Title"] = about.title
    if "/Lang" not in one.Root:
        one.Root.Lang = String(about.language)
    one.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    out = io.BytesIO()
    # To work an identifier out from all bytes of the file takes half as long as to save it.
    one.save(out, static_id=True, object_stream_mode=ObjectStreamMode.generate)
    digest = _digest(f"{origin} {about}".encode())
    own_id = digest[: len(_STATIC_ID)]  # of the same length: places in the file stay right
    return out.getvalue().replace(_STATIC_ID, own_id.encode())


_STATIC_ID = b"31415926535897932384626433832795"  # what qpdf writes: the digits of pi


def _form(pdf: Pdf, fields: Sequence[Object]) -> Object:
    """The form of a document, with the font in which viewers write into it."""
    # One of the fonts that every viewer has: nothing of it is in the file.
    helvetica = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type1,
        BaseFont=Name.Helvetica,
        Encoding=Name.WinAnsiEncoding,
    )
    font = pdf.make_indirect(helvetica)
    fonts = Dictionary(Helv=font)
    form = Dictionary(
        Fields=Array(fields),
        # A field has no picture of what is typed: the viewer is to make it.
        NeedAppearances=True,
        DA=String(_APPEARANCE),
        DR=Dictionary(Font=fonts),
    )
    return pdf.make_indirect(form)


def _saved(pdf: Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True, object_stream_mode=ObjectStreamMode.generate)
    return out.getvalue()


def _fields(pdf: Pdf, page: Page) -> Iterator[Object]:
    """Turn the page's marking links into form fields."""
    for link in page.get("/Annots", Array()):
        target = _target(link)
        if target.startswith(MARKER):
            yield _field(pdf, page, target.removeprefix(MARKER), link.Rect, "", link)


def _target(link: Object) -> str:
    """Where a link leads, empty within the document."""
    action = link.get("/A", Dictionary())
    return str(action.get("/URI", ""))


def _field(
    pdf: Pdf, page: Page, name: str, place: Object, value: str, link: Object | None = None
) -> Object:  # fmt: skip
    """A text field; without a link to take the place of, it is hidden and cannot be edited."""
    flags, field_flags = (_HIDDEN, _READ_ONLY) if link is None else (_PRINTED, 0)
    # What a screen reader says: the box as the sheet names it.
    spoken = box_name(name) or name
    field = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Tx,
        T=String(name),
        TU=String(spoken),
        Rect=place,
        P=page.obj,
        DA=String(_APPEARANCE),
        F=flags,
        MaxLen=LONGEST_ANSWER,
        Ff=field_flags,
    )
    if value:
        field.V = String(value)
    if link is not None:
        return _in_place_of(link, field, pdf)
    made = pdf.make_indirect(field)
    _annotations(page).append(made)
    return made


_HIDDEN, _PRINTED, _READ_ONLY = 2, 4, 1  # flags of annotations and of fields (ISO 32000-1, 12)


def _in_place_of(link: Object, field: Dictionary, pdf: Pdf) -> Object:
    """The link made into the field: what refers to it on the page and in the tags stays."""
    if "/StructParent" in link:
        # A tagged PDF: what was the element of a link is now that of a form field.
        field.StructParent = link.StructParent
        elements = NumberTree(pdf.Root.StructTreeRoot.ParentTree)
        elements[int(link.StructParent)].S = Name.Form
    for key in list(link.keys()):
        del link[key]
    for key, item in field.items():
        link[key] = item
    return link if link.is_indirect else pdf.make_indirect(link)


def _annotations(page: Page) -> Object:
    """The links and fields of a page, to add to."""
    if "/Annots" not in page:
        page.Annots = Array()
    return page.Annots


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
            target = _target(link)
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
    links = _annotations(page)
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
    for item in _of_type(pdf, Name.FontDescriptor):
        # Type 1, TrueType, and all others.
        for key in ("/FontFile", "/FontFile2", "/FontFile3"):
            if key in item:
                file = item[key]
                item[key] = seen.setdefault(_digest(file.read_raw_bytes()), file)
