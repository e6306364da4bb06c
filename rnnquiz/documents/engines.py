"""From neutral documents to PDFs: LaTeX, a class in one run; or Typst, which needs no TeX on the
machine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import filterfalse
from typing import TYPE_CHECKING

from rnnquiz.direction import without_controls
from rnnquiz.documents import latex
from rnnquiz.documents.glyphs import SCRIPTS, without_glyph
from rnnquiz.documents.outputs import printable
from rnnquiz.documents.pdf import About, finished, split
from rnnquiz.documents.render import PLAIN, body, in_language_of, preamble
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
    programs = tuple(filterfalse(shutil.which, ("pdftex", "kpsewhich")))
    if programs:
        return programs
    command = ["kpsewhich", *STYLES]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return tuple(style for style in STYLES if f"/{style}" not in found)


def choose_engine(wanted: str) -> str:
    """latex or typst; `auto` takes LaTeX where it is complete. ToolError where LaTeX is wanted and
    is not."""
    if wanted == "typst":
        return wanted
    missing = missing_for_latex()
    if wanted == "latex" and missing:
        found = f"{', '.join(missing)} not found"
        remedy = f"run: {INSTALL_TEX}; or use --engine typst"
        raise ToolError("LaTeX", Problem("engine", found, remedy))
    return "typst" if missing else "latex"


def _about(document: Document) -> About:
    parts = map(document.language.of, (document.title, document.subtitle, document.token))
    title = " - ".join(filter(None, parts))
    return About(title, document.token, document.language.code)


def latex_pdfs(
    bodies: Sequence[str], about: Sequence[About], style: Style = PLAIN
) -> list[bytes | str]:
    """The PDF of each document, all in one run; TeX's message for one that cannot be set."""
    results: list[bytes | str] = [""] * len(bodies)
    for part in typeset_all(preamble(style), bodies):
        if isinstance(part, Fault):
            results[part.number] = part.message
        else:
            own = [about[k] for k in part.numbers]
            pdfs = split(part.pdf, part.pages, own)
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
        # As bytes: a string would be the path of a file. All PDFs are of one time, so that the same
        # document has the same bytes again.
        source, fonts = text.encode(), _fonts()
        pdf = typst.compile(source, font_paths=fonts, timestamp=0, pdf_standards=["ua-1"])
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
    about = list(map(_about, documents))
    return ENGINES[engine](bodies, about, style)


@cache
def _fonts() -> typst.Fonts:
    """The fonts of the wheel alone: the same on every machine, and quicker than looking for
    others."""
    import typst

    return typst.Fonts(include_system_fonts=False)


def names_not_set(engine: str, names: Iterable[str]) -> list[str]:
    """A line about the names that an engine has not all letters of; none where it has."""
    title, unset, remedy = UNSET[engine]
    found: list[str] = []
    for name in names:
        if letters := unset(printable(name)):
            begun = name[:_LONGEST_NAMED]
            found.append(f"{begun}: {_codes(letters)}")
    if not found:
        return []
    count = len(found)
    number = "a name has" if count == 1 else f"{count} names have"
    others = count - _MOST_NAMED
    more = f" and {others} more" if others > 0 else ""
    some = f"{', '.join(found[:_MOST_NAMED])}{more}"
    lack = f"letters that the fonts of {title} lack; PDFs show their codes ({some})"
    return [f"{number} {lack} -> {remedy}"]


def _codes(characters: Iterable[str]) -> str:
    letters = dict.fromkeys("".join(characters))  # a letter can come with marks on it
    codes = (f"U+{ord(letter):04X}" for letter in letters)
    return " ".join(codes)


def _unset_in_latex(text: str) -> list[str]:
    return latex.unset(without_controls(text))


_MOST_NAMED, _LONGEST_NAMED = 3, 60
_PAGES = "pages (--also html, form) show every letter"
UNSET: dict[str, tuple[str, Callable[[str], list[str]], str]] = {
    "latex": ("LaTeX", _unset_in_latex, f"{_PAGES}; --engine typst has {SCRIPTS}"),
    "typst": ("Typst", without_glyph, _PAGES),
}
Engine = Callable[[Sequence[str], Sequence[About], Style], list[bytes | str]]
ENGINES: dict[str, Engine] = {"latex": latex_pdfs, "typst": typst_pdfs}
