"""The outputs of a document: for each the template, the typesetting, and how text becomes text that
is nothing but text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from rnnquiz.algebra.targets import LATEX, MATHML, TEXT, TYPST, Target
from rnnquiz.direction import isolated, without_controls
from rnnquiz.documents import latex as tex
from rnnquiz.documents.glyphs import has_glyph

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
# A number and its sign, a step, and the signs that French sets apart: all that a line keeps
# together.
_KEPT_PAIR = re.compile(
    r"(?<=\d) (?=%)|(?<=\bt) (?==)|(?<=\bt[ \u00a0]=) (?=\d)|(?<=\w) (?=[:;?!»])|(?<=«) "
)
_WORD, _PIECE = re.compile(r"\S{32,}"), re.compile(r".{16}(?=.)")
_ANGLED = {
    "block_start_string": "<%", "block_end_string": "%>", "variable_start_string": "<<",
    "variable_end_string": ">>", "comment_start_string": "<%#", "comment_end_string": "#%>",
}  # fmt: skip


def printable(text: str) -> str:
    """Text without control characters; what is written in another direction is isolated from the
    line around it."""
    # Composed: fonts have most letters with marks as one.
    composed = unicodedata.normalize("NFC", text)
    return isolated(CONTROL.sub(" ", composed))


def escape_typst(text: str) -> str:
    """Text as a string of Typst: nothing in it is markup. A character that the fonts lack is named
    by its code."""
    shown = map(_drawn_by_typst, printable(text))
    return quoted_typst("".join(shown))


def _drawn_by_typst(character: str) -> str:
    # Typst sets no PDF for screen readers with a letter in it that its fonts lack.
    return character if has_glyph(character) else f"[U+{ord(character):04X}]"


def quoted_typst(text: str) -> str:
    """A Typst string of just these characters."""
    # The backslash first: those that are put in before quotes are no part of the text.
    without_escapes = text.replace("\\", "\\\\")
    without_ends = without_escapes.replace('"', '\\"')
    return f'"{without_ends}"'.replace("\n", " ").replace("\t", " ")


def styled(text: str) -> str:
    """Text as a string in a style sheet within a page: nothing in it ends the string or the
    sheet."""
    shown = map(_in_style, printable(text))
    return f'"{"".join(shown)}"'


def _in_style(character: str) -> str:
    # All but letters and digits by its code, which ends with a space.
    return character if character.isalnum() else f"\\{ord(character):x} "


def breakable(text: str) -> str:
    """Text in which a word that may be wider than a line can be broken."""
    return _WORD.sub(_in_pieces, text)


def _in_pieces(word: re.Match[str]) -> str:
    # A space without width, not a hyphen, which would be read as a part of the word.
    return _PIECE.sub("\\g<0>\u200b", word[0])


def in_pairs(text: str) -> str:
    """Text in which no line ends within a pair: 12 %, t = 1."""
    return _KEPT_PAIR.sub("\u00a0", text)


@dataclass(frozen=True, eq=False)
class TemplateOutput:
    """One target: its template, its typesetting column, how text is escaped, the syntax of its
    template. `text`: how an escaped text stands between other things."""

    template: str
    target: Target
    escape: Callable[[str], str]
    syntax: dict[str, Any]
    line: str
    text: str = "{}"


def _escape_latex(text: str) -> str:
    # Fonts of TeX have no letter for the controls of direction, which would print as their codes.
    visible = without_controls(printable(text))
    return tex.escape(visible)


def _escape_html(text: str) -> str:
    escaped = Markup.escape(in_pairs(printable(text)))
    return str(escaped)


_LATEX = TemplateOutput("document.tex.jinja", LATEX, _escape_latex, _ANGLED, "latex")
_TYPST = TemplateOutput("document.typ.jinja", TYPST, escape_typst, _ANGLED, "typst", "#{}")
_HTML = TemplateOutput("document.html.jinja", MATHML, _escape_html, {}, "mathml")
_MARKDOWN = TemplateOutput("document.md.jinja", TEXT, printable, {}, "text")
OUTPUTS: dict[str, TemplateOutput] = {
    "latex": _LATEX,
    "typst": _TYPST,
    "html": _HTML,
    "form": replace(_HTML, template="form.html.jinja"),
    "markdown": _MARKDOWN,
}


@lru_cache(maxsize=20_000)
def escaped(output: TemplateOutput, text: str) -> str:
    """The text as this output writes it: no sign of it is a command."""
    return output.escape(text)
