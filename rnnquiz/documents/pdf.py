"""Finished PDFs: one for each student out of a run, form fields where the marks for them stand."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from pikepdf import Array, Dictionary, Name, NumberTree, Object, ObjectStreamMode, Page, Pdf, String

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
    run = digest_of(pdf)
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
    for font in objects_of(pdf, Name.Font):
        file = font.get("/FontDescriptor", Dictionary()).get("/FontFile")
        if file is not None and "/Encoding" not in font:
            _keep_codes(font, codes_of(file.read_bytes()))
    for item in objects_of(pdf, Name.FontDescriptor):
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


def objects_of(pdf: Pdf, kind: Object) -> Iterator[Dictionary]:
    """All objects of a PDF that have this type, pages and fonts among them."""
    for item in pdf.objects:
        if isinstance(item, Dictionary) and item.get("/Type") == kind:
            yield item


def finished(pdf: bytes, about: About) -> bytes:
    """The PDF of one document, with form fields."""
    with Pdf.open(io.BytesIO(pdf)) as one:
        return _finished(one, about, digest_of(pdf))


def digest_of(data: bytes) -> str:
    """The SHA-256 of bytes, in hexadecimal digits: the same bytes, the same name."""
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
    digest = digest_of(f"{origin} {about}".encode())
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


def _fields(pdf: Pdf, page: Page) -> Iterator[Object]:
    """Turn the page's marking links into form fields."""
    for link in page.get("/Annots", Array()):
        target = link_target(link)
        if target.startswith(MARKER):
            yield _field(pdf, page, target.removeprefix(MARKER), link.Rect, "", link)


def link_target(link: Object) -> str:
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
    annotations_of(page).append(made)
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


def annotations_of(page: Page) -> Object:
    """The links and fields of a page, to add to."""
    if "/Annots" not in page:
        page.Annots = Array()
    return page.Annots
