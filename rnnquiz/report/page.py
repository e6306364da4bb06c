"""The class report as one HTML file, as a PDF and as plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from rnnquiz.bank.schema import VERDICTS
from rnnquiz.documents.render import OUTPUTS, quoted_typst
from rnnquiz.report import statistics as st
from rnnquiz.report.blocks import MOST_NAMES_TOGETHER, Section
from rnnquiz.report.fairness import fairness
from rnnquiz.report.marking import Marking
from rnnquiz.report.sections import sections
from rnnquiz.resources import folder

MOST_PRINTED = 1000  # rows of a table of the PDF; the page has all


def html(marking: Marking, shown: Sequence[Section] | None = None) -> str:
    """One file that needs nothing else: no script, no font, no address. `shown`: the sections,
    where they are made already."""
    return _rendered(marking, shown, "html", "report.html.jinja")


def pdf(marking: Marking, shown: Sequence[Section] | None = None) -> bytes:
    """The same report by Typst, tagged for screen readers (PDF/UA-1)."""
    import typst

    text = _rendered(marking, shown, "typst", "report.typ.jinja")
    fonts = typst.Fonts(include_system_fonts=False)
    return bytes(
        typst.compile(text.encode(), font_paths=fonts, timestamp=0, pdf_standards=["ua-1"])
    )


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
        "verdicts": VERDICTS,
        "follow_through": st.follow_through(marking),
        "mistakes": [_named(marking, row) for row in st.mistakes(marking.mistakes)],
        "fairness": fairness(marking),
        "difficulty": st.spread(marking.difficulty),
        "matches": marking.matches,
        "attempts": [{"sheets": sheets, "students": n} for sheets, n in st.attempts(marking)],
    }
    return {name: _plain(value) for name, value in found.items()}


def _named(marking: Marking, row: st.Mistake) -> dict[str, Any]:
    whom = [marking.students[n] for n in row.students[:MOST_NAMES_TOGETHER]]
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
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@cache
def _environment(output: str) -> Environment:
    """Text is escaped as in the documents of that output; only the SVG of a page is not."""
    target = OUTPUTS[output]

    def finalized(value: Any) -> Any:
        return (
            str(value)
            if isinstance(value, Markup) or not isinstance(value, str)
            else target.escape(value)
        )

    environment = Environment(
        loader=FileSystemLoader(str(folder("templates"))),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=finalized,
        **target.syntax,
    )
    environment.filters["raw"] = lambda value: Markup(str(value))
    environment.filters["quoted"] = lambda text: Markup(quoted_typst(text))
    return environment


def _rendered(marking: Marking, shown: Sequence[Section] | None, output: str, template: str) -> str:
    values = {
        "title": marking.title,
        "course": marking.course,
        "sections": sections(marking) if shown is None else shown,
        "printed": MOST_PRINTED,
    }
    return _environment(output).get_template(template).render(**values)


__all__ = ["html", "pdf", "sections", "summary"]
