"""The class report as one HTML file, as a PDF and as plain data."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from rnnquiz.bank.verdict import Verdict
from rnnquiz.documents.compiled import KeptTemplates
from rnnquiz.documents.glyphs import has_glyph
from rnnquiz.documents.outputs import OUTPUTS, in_pairs, quoted_typst
from rnnquiz.documents.palette import COLOURS
from rnnquiz.files.resources import folder
from rnnquiz.report import measures
from rnnquiz.report import statistics as st
from rnnquiz.report.blocks import MOST_NAMES_TOGETHER, Section
from rnnquiz.report.fairness import fairness
from rnnquiz.report.marking import Marking
from rnnquiz.report.sections import sections

MOST_PRINTED = 1000  # rows of a table of the PDF; the page has all
MOST_UNBROKEN = 12  # rows of a table that stands on one page of the PDF


def html(marking: Marking, shown: Sequence[Section] | None = None) -> str:
    """One file that needs nothing else: no script, no font, no address. `shown`: the sections,
    where they are made already."""
    return _rendered(marking, shown, "html", "report.html.jinja")


def pdf(marking: Marking, shown: Sequence[Section] | None = None) -> bytes:
    """The same report by Typst, tagged for screen readers (PDF/UA-1)."""
    import typst

    text = _rendered(marking, shown, "typst", "report.typ.jinja").encode()
    # The fonts of Typst itself: the same page on every machine.
    fonts = typst.Fonts(include_system_fonts=False)
    # Always of the same date: the same marks make the same bytes.
    written = typst.compile(text, font_paths=fonts, timestamp=0, pdf_standards=["ua-1"])
    return bytes(written)


def summary(marking: Marking) -> dict[str, Any]:
    """All statistics as plain data, None for what is not defined; of students only those who made a
    mistake are named."""
    found = {
        "title": marking.title,
        "course": marking.course,
        "absent": len(marking.absent),
        "marks": st.marks(marking),
        "kinds": st.kinds(marking),
        "boxes": st.boxes(marking),
        "verdicts": list(Verdict),
        "follow_through": st.follow_through(marking),
        "mistakes": _mistakes(marking),
        "fairness": fairness(marking),
        "difficulty": measures.spread(marking.difficulty),
        "matches": marking.matches,
        "attempts": _attempts(marking),
    }
    return _plain_members(found)


def _mistakes(marking: Marking) -> list[dict[str, Any]]:
    rows = st.mistakes(marking.mistakes)
    return [_named(marking, row) for row in rows]


def _attempts(marking: Marking) -> list[dict[str, int]]:
    pairs = st.attempts(marking)
    return [{"sheets": sheets, "students": students} for sheets, students in pairs]


def _named(marking: Marking, row: st.Mistake) -> dict[str, Any]:
    shown = row.students[:MOST_NAMES_TOGETHER]
    whom = [marking.students[n] for n in shown]
    first = [{"box": box, "students": n} for box, n in row.first]
    return {
        "name": row.name,
        "students": len(row.students),
        "boxes": row.boxes,
        "first": first,
        "whom": whom,
    }


def _plain(value: Any) -> Any:
    """Data of the kinds that JSON has."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return _plain_members(value)
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    # JSON has neither NaN nor infinity; many readers refuse a file with them.
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _plain_members(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(part) for name, part in value.items()}


@cache
def _environment(output: str) -> Environment:
    """Text is escaped as in the documents of that output; only the SVG of a page is not."""
    target = OUTPUTS[output]

    def finalized(value: Any) -> Any:
        if isinstance(value, Markup) or not isinstance(value, str):
            return str(value)
        return target.escape(in_pairs(value))

    loader = FileSystemLoader(str(folder("templates")))
    environment = Environment(
        loader=loader,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=finalized,
        bytecode_cache=KeptTemplates(f"report in {output}"),
        **target.syntax,
    )
    # What is marked up already goes through as it is: the pictures, and quoted text of Typst.
    environment.filters["raw"] = _raw
    environment.filters["quoted"] = _quoted
    environment.globals["colours"] = COLOURS
    return environment


def _raw(value: Any) -> Markup:
    return Markup(str(value))


def _quoted(svg: str) -> Markup:
    """A picture as a string of Typst, which makes no PDF of a picture with letters that its fonts
    lack."""
    # Each character once: a picture has tens of thousands, of which a hundred differ.
    drawn = svg.translate({ord(one): _drawable(one) for one in set(svg)})
    return Markup(quoted_typst(drawn))


def _drawable(character: str) -> str:
    # In a picture a mark must be in the font of its letter: those beyond Latin may not be.
    is_mark = unicodedata.category(character).startswith("M") and character > "\u036f"
    if has_glyph(character) and not is_mark:
        return character
    return "□"


def _rendered(marking: Marking, shown: Sequence[Section] | None, output: str, template: str) -> str:
    if shown is None:
        shown = sections(marking)
    values = {
        "title": marking.title,
        "course": marking.course,
        "sections": shown,
        "printed": MOST_PRINTED,
        "unbroken": MOST_UNBROKEN,
    }
    page = _environment(output).get_template(template)
    return page.render(**values)


__all__ = ["html", "pdf", "sections", "summary"]
