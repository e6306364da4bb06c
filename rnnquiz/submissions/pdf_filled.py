"""What the form of a PDF was filled in with: each field once, and the texts that lie over it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

from pikepdf import PasswordError, Pdf, PdfError

from rnnquiz.fields import TOKEN
from rnnquiz.submissions.pdf_forms import Form
from rnnquiz.submissions.pdf_walk import MOST_BESIDE, MOST_FIELDS, FieldMet, Rectangle, Walk


def read_form(data: bytes) -> Form | str:
    """Read by pikepdf; where that finds no PDF in it, by pypdf, which writes it anew for
    pikepdf."""
    _, end, after = data.rpartition(b"%%EOF")
    # A viewer adds what was filled in at the end: without it the form would seem blank.
    if not end or b" obj" in after:
        return "is cut off: its end is missing"
    try:
        return _read(data)
    except PasswordError:
        return "is protected by a password"
    except (PdfError, ValueError, TypeError, AttributeError, RecursionError):
        pass
    again = _written_anew(data)
    if again is None:
        return "cannot be read as a PDF"
    return _read(again)


def _written_anew(data: bytes) -> bytes | None:
    from pypdf import PdfReader, PdfWriter

    out = io.BytesIO()
    try:
        reader = PdfReader(io.BytesIO(data))
        PdfWriter(clone_from=reader).write(out)
    except Exception:  # a library that meets a broken file; what it raises is not stated
        return None
    return out.getvalue()


def _read(data: bytes) -> Form | str:
    with Pdf.open(io.BytesIO(data)) as pdf:
        walk = Walk(pdf)
        if walk.met > MOST_FIELDS:
            return f"has more than {MOST_FIELDS} fields"
        return _form(walk)


def _form(walk: Walk) -> Form | str:
    """What the fields hold, each once; a message where there are none, or those of two sheets."""
    met_by_name = walk.by_name()
    form = Form(drawn=walk.drawn)
    for name, met in met_by_name.items():
        _put(form, name, met)
    if TOKEN in form.twice:
        tokens = ", ".join(form.twice[TOKEN][:3])
        return f"holds several sheets (tokens {tokens})"
    blank: dict[str, list[FieldMet]] = {}
    for name, met in met_by_name.items():
        if not form.fields[name] and name not in form.twice:
            blank[name] = met
    beside = []
    for page, place, text in walk.typed:
        if name := _below(blank, page, place):
            known = form.over.get(name, "")
            form.over[name] = f"{known} {text}" if known else text
        else:
            beside.append(text)
    if not form.fields:
        return _without_fields(len(beside), walk.drawn)
    return replace(form, beside=beside[:MOST_BESIDE])


def _put(form: Form, name: str, met: list[FieldMet]) -> None:
    """The text of one field; where it has none, what its appearance shows."""
    texts = _texts(met)
    form.fields[name] = ""
    if len(texts) == 1:
        form.fields[name] = texts[0]
    elif texts:
        form.twice[name] = texts
    else:
        shown = filter(None, (one.shown for one in met))
        if first := next(shown, ""):
            form.over[name] = first


def _without_fields(beside: int, drawn: int) -> str:
    """What is said of a PDF that has no fields."""
    message = "has no form fields: it was printed or flattened, or it is another file"
    if beside:
        return f"{message}; {beside} texts were typed over its pages"
    if drawn:
        return f"{message}; it was written on by pen"
    return message


def _texts(met: list[FieldMet]) -> list[str]:
    """The different texts of one field: those that can be seen on a page before others, blank ones
    never before others."""
    hidden: dict[str, None] = {}
    seen: dict[str, None] = {}
    for one in met:
        if one.text.strip():
            hidden[one.text] = None
            if one.page is not None:
                seen[one.text] = None
    return list(seen or hidden)


def _below(fields: dict[str, list[FieldMet]], page: int, place: Rectangle | None) -> str:
    """The blank field that a text covers most; empty where it covers none."""
    covered, most = "", 0.0
    for name, met in fields.items():
        for one in met:
            size = _common(one.place, place) if one.page == page else 0.0
            if size > most:
                covered, most = name, size
    return covered


def _common(one: Rectangle | None, other: Rectangle | None) -> float:
    """The area that two rectangles share."""
    if one is None or other is None:
        return 0.0
    width = _overlap(one[0::2], other[0::2])
    height = _overlap(one[1::2], other[1::2])
    return width * height


def _overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """The length that two stretches share."""
    begin = max(one[0], other[0])
    end = min(one[1], other[1])
    return max(end - begin, 0.0)
