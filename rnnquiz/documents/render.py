"""A neutral document through one Jinja2 template for each target. Text is escaped by default; only
typesetting is not."""

from __future__ import annotations

import traceback
from dataclasses import replace
from functools import cache
from typing import Any

from jinja2 import TemplateSyntaxError
from markupsafe import Markup

from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.shown_symbols import symbol
from rnnquiz.algebra.targets import MATHML, TEXT, Target, in_sentences, notated, with_mark
from rnnquiz.algebra.tight import tight
from rnnquiz.documents import latex as tex
from rnnquiz.documents.environment import environment_of
from rnnquiz.documents.mathematics import Math, Symbol
from rnnquiz.documents.outputs import OUTPUTS
from rnnquiz.documents.returned import NamedPlace
from rnnquiz.documents.saying import spoken
from rnnquiz.documents.style import Style
from rnnquiz.documents.tree import Document
from rnnquiz.errors import BankError, Problem
from rnnquiz.languages.sentences import meant

PLAIN = Style()
WRITING = ("math", "in_line", "named", "plain", "turn")  # what templates call a hand for


HYPHENATION = meant("what TeX calls the patterns of hyphenation", "english")


def body(document: Document, name: str, style: Style = PLAIN) -> str:
    """The document in the output `name` (latex, typst, html, markdown), in LaTeX without preamble.

    BankError with the template's line where a template of the teacher's is at fault.
    """
    output, style = OUTPUTS[name], in_language_of(document, style)
    document = spoken(document, style.language)
    hand = _Hand(output.target, document.notation, style.language.decimal)
    writing = {name: getattr(hand, name) for name in WRITING}
    text = _rendered(name, style, output.template, document=document, **writing)
    return tight(text) if output.target is MATHML else text


def in_language_of(document: Document, style: Style) -> Style:
    """The style in the language of a document, where that has chosen one."""
    return style if document.language.plain else replace(style, language=document.language)


class _Hand:
    """Writes the mathematics of a document, in the notation of the problem that it is at."""

    def __init__(self, target: Target, notation: Notation, decimal: str) -> None:
        self.of = with_mark(target, decimal)
        self.plain_text = with_mark(TEXT, decimal)
        self.turn(notation)

    def turn(self, notation: Notation) -> Markup:
        """From here on, in another notation; prints nothing."""
        self.target = notated(self.of, notation)
        self.text = notated(self.plain_text, notation)
        return Markup("")

    def math(self, math: Math) -> Markup:
        return Markup(math.show(self.target))

    def in_line(self, math: Math | NamedPlace) -> Markup:
        """Mathematics in a sentence: a derivative without the line of a fraction."""
        named = math.math if isinstance(math, NamedPlace) else math
        # In a formula a slash would not show how far down it reaches.
        target = in_sentences(self.target) if isinstance(named, Symbol) else self.target
        return Markup(math.show(target))

    def named(self, name: str) -> Markup:
        return Markup(symbol(name, self.target))

    def plain(self, math: Math) -> str:
        return math.show(self.text)


@cache
def preamble(style: Style) -> str:
    """All that stands before the first LaTeX document, the same for all of a class."""
    packages = Markup(tex.packages(style.paper))
    hyphenation = style.language.of(HYPHENATION)
    head = {"packages": packages, "hyphenation": hyphenation}
    return _rendered("latex", style, "preamble.tex.jinja", **head)


def render(document: Document, name: str, style: Style = PLAIN) -> str:
    """One document as a whole file."""
    text = body(document, name, style)
    return whole(text, name, in_language_of(document, style))


def whole(text: str, name: str, style: Style = PLAIN) -> str:
    """The file of one document from its body."""
    if name != "latex":
        return text
    return f"{preamble(style)}\\begin{{document}}\n{text}\\end{{document}}\n"


def _rendered(name: str, style: Style, template: str, **values: Any) -> str:
    try:
        found = environment_of(name, style).get_template(template)
        return found.render(**values)
    except TemplateSyntaxError as error:
        where = f"{style.templates.folder}/{error.name}" if style.templates else str(error.filename)
        problem = Problem("template", str(error.message), "", error.lineno)
        raise BankError(where, problem) from None
    except Exception as error:
        # A template can fail in any way; one of ours that does is a fault of the program.
        if style.templates is None or template not in dict(style.templates.texts):
            raise
        where = f"{style.templates.folder}/{template}"
        what = f"{type(error).__name__}: {error}"
        problem = Problem("template", what, "", _line_of(error))
        raise BankError(where, problem) from None


def _line_of(error: BaseException) -> int | None:
    """The line of the template in which an error was raised."""
    line = None
    for frame in traceback.extract_tb(error.__traceback__):
        # Jinja gives a text that comes from no file the second of these names.
        if frame.filename.endswith((".jinja", "<template>")):
            # The last one stays: an outer template only includes the one that fails.
            line = frame.lineno
    return line
