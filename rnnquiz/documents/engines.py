"""From neutral documents to PDFs: LaTeX, a class in one run; or Typst, which needs no TeX on the
machine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from rnnquiz.direction import without_controls
from rnnquiz.documents import latex
from rnnquiz.documents.glyphs import SCRIPTS, without_glyph
from rnnquiz.documents.pdf import About, finished, split
from rnnquiz.documents.render import PLAIN, body, in_language_of, preamble, printable
from rnnquiz.documents.style import Style
from rnnquiz.documents.texrun import Fault, typeset_all
from rnnquiz.documents.tree import Document
from rnnquiz.errors import Problem, ToolError

if TYPE_CHECKING:
    import typst

STYLES = ("lmodern.sty", "amsmath.sty", "xcolor.sty", "pict2e.sty", "longtable.sty", "geometry.sty")
INSTALL_TEX = (
    "apt-get install -y --no-install-recommends texlive-latex-recommended texlive-pictures lmodern"
)


@cache
def missing_for_latex() -> tuple[str, ...]:
    """What LaTeX lacks on this machine; empty where PDFs can be made with it."""
    programs = tuple(name for name in ("pdftex", "kpsewhich") if shutil.which(name) is None)
    if programs:
        return programs
    found = subprocess.run(
        ["kpsewhich", *STYLES], capture_output=True, text=True, check=False
    ).stdout
    return tuple(style for style in STYLES if f"/{style}" not in found)


def choose_engine(wanted: str) -> str:
    """latex or typst; `auto` takes LaTeX where it is complete. ToolError where LaTeX is wanted and
    is not."""
    missing = missing_for_latex() if wanted != "typst" else ()
    if wanted == "latex" and missing:
        raise ToolError(
            "LaTeX",
            Problem(
                "engine",
                f"{', '.join(missing)} not found",
                f"run: {INSTALL_TEX}; or use --engine typst",
            ),
        )
    return "latex" if wanted != "typst" and not missing else "typst"


def _about(document: Document) -> About:
    parts = map(document.language.of, (document.title, document.subtitle, document.token))
    return About(
        " - ".join(filter(None, parts)),
        document.token,
        document.language.code,
    )


def latex_pdfs(
    bodies: Sequence[str], about: Sequence[About], style: Style = PLAIN
) -> list[bytes | str]:
    """The PDF of each document, all in one run; TeX's message for one that cannot be set."""
    results: list[bytes | str] = [""] * len(bodies)
    for part in typeset_all(preamble(style), bodies):
        if isinstance(part, Fault):
            results[part.number] = part.message
        else:
            pdfs = split(part.pdf, part.pages, [about[k] for k in part.numbers])
            for number, pdf in zip(part.numbers, pdfs, strict=True):
                results[number] = pdf
    return results


def typst_pdfs(
    bodies: Sequence[str], about: Sequence[About], style: Style = PLAIN
) -> list[bytes | str]:
    """The PDF of each document, tagged for screen readers (PDF/UA-1); Typst's message for one that
    cannot be set."""
    return [_typst(text, own) for text, own in zip(bodies, about, strict=True)]


def _typst(text: str, about: About) -> bytes | str:
    import typst

    try:
        pdf = typst.compile(text.encode(), font_paths=_fonts(), timestamp=0, pdf_standards=["ua-1"])
    except RuntimeError as error:  # TypstError is one; so is a missing working folder
        return str(error)[:500]
    return finished(pdf, about)  # with form fields, and half as large


def pdfs(
    documents: Sequence[Document],
    engine: str,
    style: Style = PLAIN,
    bodies: Sequence[str] | None = None,
) -> list[bytes | str]:
    """The PDF of each document by an engine, or its message for one that cannot be set; `bodies`
    where they are known already."""
    style = in_language_of(documents[0], style) if documents else style
    if bodies is None:
        bodies = [body(document, engine, style) for document in documents]
    return ENGINES[engine](bodies, [_about(document) for document in documents], style)


@cache
def _fonts() -> typst.Fonts:
    """The fonts of the wheel alone: the same on every machine, and quicker than looking for
    others."""
    import typst

    return typst.Fonts(include_system_fonts=False)


def names_not_set(engine: str, names: Iterable[str]) -> list[str]:
    """A line about the names that an engine has not all letters of; none where it has."""
    title, unset, remedy = UNSET[engine]
    lacking = [(name[:_LONGEST_NAMED], unset(printable(name))) for name in names]
    found = [f"{name}: {_codes(letters)}" for name, letters in lacking if letters]
    if not found:
        return []
    number = "a name has" if len(found) == 1 else f"{len(found)} names have"
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    some = f"{', '.join(found[:_MOST_NAMED])}{more}"
    lack = f"letters that the fonts of {title} lack; PDFs show their codes ({some})"
    return [f"{number} {lack} -> {remedy}"]


def _codes(characters: Iterable[str]) -> str:
    letters = dict.fromkeys("".join(characters))
    return " ".join(f"U+{ord(letter):04X}" for letter in letters)


_MOST_NAMED, _LONGEST_NAMED = 3, 60
_PAGES = "pages (--also html, form) show every letter"
UNSET: dict[str, tuple[str, Callable[[str], list[str]], str]] = {
    "latex": (
        "LaTeX",
        lambda text: latex.unset(without_controls(text)),
        f"{_PAGES}; --engine typst has {SCRIPTS}",
    ),
    "typst": ("Typst", without_glyph, _PAGES),
}
Engine = Callable[[Sequence[str], Sequence[About], Style], list[bytes | str]]
ENGINES: dict[str, Engine] = {"latex": latex_pdfs, "typst": typst_pdfs}
