"""A neutral document through one Jinja2 template for each target. Text is escaped by default; only
typesetting is not."""

from __future__ import annotations

import json
import re
import traceback
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache, partial
from hashlib import sha256
from typing import Any

from jinja2 import (
    ChoiceLoader,
    DictLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.targets import LATEX, MATHML, TEXT, TYPST, Target, notated, with_mark
from rnnquiz.algebra.typeset import symbol
from rnnquiz.direction import isolated, without_controls
from rnnquiz.documents import latex as tex
from rnnquiz.documents.breaking import ROW_NAME, pieces
from rnnquiz.documents.glyphs import has_glyph
from rnnquiz.documents.palette import LOOKS
from rnnquiz.documents.saying import spoken
from rnnquiz.documents.sides import Side, sides_of
from rnnquiz.documents.strokes import strokes
from rnnquiz.documents.style import Style
from rnnquiz.documents.tree import Document, Math, Worked
from rnnquiz.errors import BankError, Problem
from rnnquiz.fields import MARKER
from rnnquiz.languages.catalogue import ENGLISH, Language
from rnnquiz.languages.scripts import script_sentences
from rnnquiz.languages.sentences import Figure, meant, pieces_between, plural, said, template_parts
from rnnquiz.resources import folder
from rnnquiz.worked_lines import Line

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_WORD, _PIECE = re.compile(r"\S{32,}"), re.compile(r".{16}(?=.)")
PLAIN = Style()
_ANGLED = {
    "block_start_string": "<%", "block_end_string": "%>", "variable_start_string": "<<",
    "variable_end_string": ">>", "comment_start_string": "<%#", "comment_end_string": "#%>",
}  # fmt: skip


def printable(text: str) -> str:
    """Text without control characters; what is written in another direction is isolated from the
    line around it."""
    # Composed: fonts have most letters with marks as one.
    composed = unicodedata.normalize("NFC", text)
    return isolated(_CONTROL.sub(" ", composed))


def escape_typst(text: str) -> str:
    """Text as a string of Typst: nothing in it is markup. A character that the fonts lack is named
    by its code."""
    shown = map(_drawn_by_typst, printable(text))
    return quoted_typst("".join(shown))


def _drawn_by_typst(character: str) -> str:
    # Typst leaves out what its fonts lack, without a word.
    return character if has_glyph(character) else f"[U+{ord(character):04X}]"


def quoted_typst(text: str) -> str:
    """A Typst string of just these characters."""
    # The backslash first: those that are put in before quotes are no part of the text.
    without_escapes = text.replace("\\", "\\\\")
    without_ends = without_escapes.replace('"', '\\"')
    return f'"{without_ends}"'.replace("\n", " ")


def breakable(text: str) -> str:
    """Text in which a word that may be wider than a line can be broken."""
    return _WORD.sub(_in_pieces, text)


def _in_pieces(word: re.Match[str]) -> str:
    # A space without width: the word is still found when one looks for it, or copies it.
    return _PIECE.sub("\\g<0>\u200b", word[0])


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
    escaped = Markup.escape(printable(text))
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


@cache
def _environment(name: str, style: Style) -> Environment:
    """Our own templates run as they are, a teacher's in a sandbox."""
    output, own = OUTPUTS[name], style.templates
    language = style.language
    kind = SandboxedEnvironment if own else Environment
    ours = FileSystemLoader(str(folder("templates")))
    # As texts: the work may be done on another machine, which has no such folder.
    theirs = DictLoader(dict(own.texts) if own else {})
    environment = kind(
        loader=ChoiceLoader([theirs, ours]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: _finalized(value, output, language),
        **output.syntax,
    )
    phrases = Phrases(language)
    environment.filters.update(_filters(phrases))
    environment.globals |= _Typesetting(output, language).names()
    environment.globals |= {
        "kept": _Kept(),
        "style": style,
        "language": language,
        "_": phrases,
        "looks": LOOKS,
        "marker": Markup(MARKER),
        "fields": name == "form",
        "script": _script(),
        "script_words": script_words(language) if name == "form" else "",
    }
    return environment


def _filters(phrases: Phrases) -> dict[str, Callable[..., Any]]:
    """What templates write behind a bar."""
    return {
        "raw": _raw,
        "safe": Markup,
        "quoted": _quoted,
        "breakable": breakable,
        "parted": pieces_between,
        "ranged": partial(_ranged, phrases),
        "exact": _exact,
        "figure": Figure,
        "minus": partial(_as_printed, language=phrases.language),
    }


def _raw(value: object) -> Markup:
    return Markup(str(value))


def _quoted(text: str) -> Markup:
    return Markup(quoted_typst(text))


def _exact(text: str) -> Markup:
    """What a student typed: letter by letter, in no other order and no other form."""
    return Markup.escape(_CONTROL.sub(" ", text))


def _ranged(phrases: Phrases, ends: tuple[str, str]) -> str:
    low, high = ends
    return phrases(RANGE, low=low, high=high)


@dataclass(frozen=True)
class _Typesetting:
    """Writes for templates mathematics, drawings, and sentences with mathematics in them."""

    output: TemplateOutput
    language: Language

    @cached_property
    def target(self) -> Target:
        return with_mark(self.output.target, self.language.decimal)

    @cached_property
    def row_name(self) -> str:
        return self.language.of(ROW_NAME)

    def names(self) -> dict[str, Any]:
        """What templates call it by."""
        return {
            "symbol": self._symbol,
            "laid": _laid,
            "target": self.target,
            "strokes": strokes,
            "paired": self._paired,
            "number": self._number,
            "sides": self._sides,
            "after": After,
            "pieces": _pieces,
            "latex": self._line,
            "_set": self._set,
        }

    def _symbol(self, line: Line) -> Markup:
        return Markup(line.symbol(self.target))

    def _paired(self, block: Worked) -> tuple[tuple[Line, ...], ...]:
        return block.rows(self.target)

    def _number(self, text: str) -> Markup:
        return Markup(self.target.number(text))

    def _sides(self, line: Line) -> list[Side]:
        return sides_of(line, self.target, self.row_name)

    def _line(self, line: Line) -> Markup:
        return Markup(line.show(self.output.line, self.language.decimal))

    def _set(self, text: str, **values: Any) -> Markup:
        return _set_in(text, values, self.output, self.language)


def _pieces(text: object) -> list[Markup]:
    return list(map(Markup, pieces(str(text))))


HYPHENATION = meant("what TeX calls the patterns of hyphenation", "english")
RANGE = said("{low} to {high}")


class Phrases:
    """Says the sentences of templates in a language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.known: dict[str, str] = {}

    def __call__(self, text: str, **values: Any) -> str:
        if text not in self.known:
            sentence = said(text)
            self.known[text] = self.language.form_of(sentence)
        template = self.known[text]
        if not values:
            return template
        if self.language.plain:
            return template.format(**values)
        return self.language.of(said(text, **values))


def _set_in(
    text: str, values: dict[str, Any], output: TemplateOutput, language: Language
) -> Markup:
    """A sentence in a template with parts that are typeset: its own text is escaped, they are
    not."""
    parts = []
    sentence = language.form_of(said(text))
    for literal, name, _ in template_parts(sentence):
        if literal:
            own = _escaped(output, literal)
            parts.append(output.text.format(own))
        if name:
            typeset = values[name]
            parts.append(str(typeset))
    return Markup("".join(parts))


def _as_printed(text: str, language: Language) -> str:
    """A number with the signs of print: a minus for a hyphen, the decimal mark of the language."""
    with_minus = text.replace("-", "\u2212")
    return with_minus.replace(".", language.decimal)


def _laid(
    sides: list[tuple[str, str, bool]], equals: str, about: str, goes_on: str, boxed: str
) -> list[Markup]:
    """The pieces of the right-hand sides of a worked line, each written as the template says; the
    last is the value."""
    signs = {"=": equals, "~": about, "": goes_on}
    laid = []
    for sign, text, framed in sides:
        shown = boxed % text if framed else text
        with_sign = signs[sign] % shown
        laid.append(Markup(with_sign))
    return laid


@dataclass(frozen=True)
class After:
    """What stands after a formula: the stop or comma that stays with it, and the rest."""

    text: Any

    @property
    def stop(self) -> str:
        # What follows may be a formula, which has no stop of its own.
        first = self.text[:1] if isinstance(self.text, str) else ""
        return first if first in ",.:;)" else ""

    @property
    def rest(self) -> str:
        return str(self.text).removeprefix(self.stop)


@dataclass(frozen=True)
class Script:
    """The script of the answer page, and its digest, by which the page lets it and no other run."""

    text: str

    @property
    def digest(self) -> str:
        made = sha256(self.text.encode()).digest()
        return "sha256-" + b64encode(made).decode()


@cache
def _script() -> Script:
    templates = folder("templates")
    parts = [templates / name for name in ("words.js", "form.js")]
    texts = [part.read_text(encoding="utf-8") for part in parts]
    return Script("".join(texts))


def script_words(language: Language) -> str:
    """What the script of the answer page says in a language, as JSON: each sentence by its English
    one, of those that count all forms; and which form is for which number."""
    which = [language.form_number(n) for n in range(COUNTED)]
    # A number that takes each form, in the order of the forms: gettext gives a form by a number.
    forms_of_all = sorted(set(which))
    examples = [which.index(form) for form in forms_of_all]
    found: dict[str, str | list[str]] = {}
    for message, many in script_sentences(_script().text):
        if many:
            counted = [plural(message, many, n) for n in examples]
            found[message] = [language.form_of(sentence) for sentence in counted]
        else:
            sentence = said(message)
            found[message] = language.form_of(sentence)
    forms = "".join(map(str, which))
    return json.dumps({"forms": forms, "sentences": found}, ensure_ascii=False)


COUNTED = 200  # up to here the form is given for each number
MOST_KEPT = 500  # blocks: those of a few exercises


class _Kept:
    """What a macro made of a block that the documents of a class share, so that it is made once."""

    def __init__(self) -> None:
        self.made: dict[int, tuple[Any, Markup]] = {}

    def __call__(self, macro: Callable[[Any], str], block: Any) -> Markup:
        if id(block) not in self.made:
            if len(self.made) > MOST_KEPT:
                self.made.clear()
            # With the block itself: while it lives, no other one gets its id.
            made = Markup(macro(block))
            self.made[id(block)] = block, made
        _, made = self.made[id(block)]
        return made


def _finalized(value: Any, output: TemplateOutput, language: Language) -> Any:
    if type(value) is str:  # nearly all of them: quickly
        return _escaped(output, value)
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    spoken = value if language is ENGLISH else str(language.of(value))
    return _escaped(output, spoken)


@lru_cache(maxsize=20_000)
def _escaped(output: TemplateOutput, text: str) -> str:
    return output.escape(text)


def body(document: Document, name: str, style: Style = PLAIN) -> str:
    """The document in the output `name` (latex, typst, html, markdown), in LaTeX without preamble.

    BankError with the template's line where a template of the teacher's is at fault.
    """
    output, style = OUTPUTS[name], in_language_of(document, style)
    document = spoken(document, style.language)
    hand = _Hand(output.target, document.notation, style.language.decimal)
    writing = {"math": hand.math, "named": hand.named, "plain": hand.plain, "turn": hand.turn}
    return _rendered(name, style, output.template, document=document, **writing)


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
        found = _environment(name, style).get_template(template)
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
            line = frame.lineno
    return line
