"""A neutral document through one Jinja2 template for each target. Text is escaped by default; only
typesetting is not."""

from __future__ import annotations

import re
import traceback
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
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
from rnnquiz.documents.sides import sides_of
from rnnquiz.documents.strokes import strokes
from rnnquiz.documents.style import Style
from rnnquiz.documents.tree import Document, Math
from rnnquiz.errors import BankError, Problem
from rnnquiz.fields import MARKER
from rnnquiz.languages.catalogue import ENGLISH, Language
from rnnquiz.languages.sentences import pieces_between, said, template_parts
from rnnquiz.resources import folder

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
    return isolated(_CONTROL.sub(" ", unicodedata.normalize("NFC", text)))


def escape_typst(text: str) -> str:
    """Text as a string of Typst: nothing in it is markup. A character that the fonts lack is named
    by its code."""
    shown = "".join(c if has_glyph(c) else f"[U+{ord(c):04X}]" for c in printable(text))
    return quoted_typst(shown)


def quoted_typst(text: str) -> str:
    """A Typst string of just these characters."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def breakable(text: str) -> str:
    """Text in which a word that may be wider than a line can be broken."""
    return _WORD.sub(lambda word: _PIECE.sub("\\g<0>\u200b", word[0]), text)


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


OUTPUTS: dict[str, TemplateOutput] = {
    "latex": TemplateOutput(
        "document.tex.jinja",
        LATEX,
        lambda text: tex.escape(without_controls(printable(text))),
        _ANGLED,
        "latex",
    ),
    "typst": TemplateOutput("document.typ.jinja", TYPST, escape_typst, _ANGLED, "typst", "#{}"),
    "html": TemplateOutput(
        "document.html.jinja",
        MATHML,
        lambda text: str(Markup.escape(printable(text))),
        {},
        "mathml",
    ),
    "form": TemplateOutput(
        "form.html.jinja",
        MATHML,
        lambda text: str(Markup.escape(printable(text))),
        {},
        "mathml",
    ),
    "markdown": TemplateOutput("document.md.jinja", TEXT, printable, {}, "text"),
}


@cache
def _environment(name: str, style: Style) -> Environment:
    """Our own templates run as they are, a teacher's in a sandbox."""
    output, own = OUTPUTS[name], style.templates
    language = style.language
    phrases = Phrases(language)
    target, row_name = with_mark(output.target, language.decimal), language.of(ROW_NAME)
    kind = SandboxedEnvironment if own else Environment
    loaders = [
        DictLoader(dict(own.texts) if own else {}),
        FileSystemLoader(str(folder("templates"))),
    ]
    environment = kind(
        loader=ChoiceLoader(loaders),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: _finalized(value, output, language),
        **output.syntax,
    )
    environment.filters["raw"] = lambda value: Markup(str(value))
    environment.filters["safe"] = Markup
    environment.filters["quoted"] = lambda text: Markup(quoted_typst(text))
    environment.filters["breakable"] = breakable
    environment.filters["parted"] = pieces_between
    environment.filters["ranged"] = lambda ends: phrases(RANGE, low=ends[0], high=ends[1])
    environment.filters["exact"] = lambda text: Markup.escape(_CONTROL.sub(" ", text))
    environment.filters["minus"] = lambda text: _as_printed(text, language)
    environment.globals |= {
        "symbol": lambda line: Markup(line.symbol(target)),
        "laid": _laid,
        "target": target,
        "strokes": strokes,
        "paired": lambda block: block.rows(target),
        "number": lambda text: Markup(target.number(text)),
        "sides": lambda line: sides_of(line, target, row_name),
        "after": After,
        "pieces": lambda text: [Markup(piece) for piece in pieces(str(text))],
        "latex": lambda line: Markup(line.show(output.line, language.decimal)),
        "kept": _Kept(),
        "style": style,
        "language": language,
        "_": phrases,
        "_set": lambda text, **values: _set_in(text, values, output, language),
        "looks": LOOKS,
        "marker": Markup(MARKER),
        "fields": name == "form",
        "script": _script(),
    }
    return environment


RANGE = said("{low} to {high}")


class Phrases:
    """Says the sentences of templates in a language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.known: dict[str, str] = {}

    def __call__(self, text: str, **values: Any) -> str:
        if text not in self.known:
            self.known[text] = self.language.form_of(said(text))
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
    for literal, name, _ in template_parts(language.form_of(said(text))):
        parts.append(output.text.format(_escaped(output, literal)) if literal else "")
        parts.append(str(values[name]) if name else "")
    return Markup("".join(parts))


def _as_printed(text: str, language: Language) -> str:
    """A number with the signs of print: a minus for a hyphen, the decimal mark of the language."""
    return text.replace("-", "\u2212").replace(".", language.decimal)


def _laid(
    sides: list[tuple[str, str, bool]], equals: str, about: str, goes_on: str, boxed: str
) -> list[Markup]:
    """The pieces of the right-hand sides of a worked line, each written as the template says; the
    last is the value."""
    signs = {"=": equals, "~": about, "": goes_on}
    return [
        Markup(signs[sign] % (boxed % text if framed else text)) for sign, text, framed in sides
    ]


@dataclass(frozen=True)
class After:
    """What stands after a formula: the stop or comma that stays with it, and the rest."""

    text: Any

    @property
    def stop(self) -> str:
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
        return "sha256-" + b64encode(sha256(self.text.encode()).digest()).decode()


@cache
def _script() -> Script:
    return Script((folder("templates") / "form.js").read_text(encoding="utf-8"))


MOST_KEPT = 500  # blocks: those of a few exercises


class _Kept:
    """What a macro made of a block that the documents of a class share, so that it is made once."""

    def __init__(self) -> None:
        self.made: dict[int, tuple[Any, Markup]] = {}

    def __call__(self, macro: Callable[[Any], str], block: Any) -> Markup:
        if id(block) not in self.made:
            if len(self.made) > MOST_KEPT:
                self.made.clear()
            self.made[id(block)] = block, Markup(macro(block))
        return self.made[id(block)][1]


def _finalized(value: Any, output: TemplateOutput, language: Language) -> Any:
    if type(value) is str:  # nearly all of them: quickly
        return _escaped(output, value)
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _escaped(output, str(language.of(value)) if language is not ENGLISH else value)


@lru_cache(maxsize=20_000)
def _escaped(output: TemplateOutput, text: str) -> str:
    return output.escape(text)


def body(document: Document, name: str, style: Style = PLAIN) -> str:
    """The document in the output `name` (latex, typst, html, markdown), in LaTeX without preamble.

    BankError with the template's line where a template of the teacher's is at fault.
    """
    output = OUTPUTS[name]
    document = spoken(document, style.language)
    hand = _Hand(output.target, document.notation, style.language.decimal)
    return _rendered(
        name,
        style,
        output.template,
        document=document,
        math=hand.math,
        named=hand.named,
        plain=hand.plain,
        turn=hand.turn,
    )


class _Hand:
    """Writes the mathematics of a document, in the notation of the problem that it is at."""

    def __init__(self, target: Target, notation: Notation, decimal: str) -> None:
        self.of = with_mark(target, decimal)
        self.plain_text = with_mark(TEXT, decimal)
        self.turn(notation)

    def turn(self, notation: Notation) -> Markup:
        """From here on, in another notation; prints nothing."""
        self.target, self.text = notated(self.of, notation), notated(self.plain_text, notation)
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
    return _rendered(
        "latex", style, "preamble.tex.jinja", packages=Markup(tex.packages(style.paper))
    )


def render(document: Document, name: str, style: Style = PLAIN) -> str:
    """One document as a whole file."""
    return whole(body(document, name, style), name, style)


def whole(text: str, name: str, style: Style = PLAIN) -> str:
    """The file of one document from its body."""
    return (
        f"{preamble(style)}\\begin{{document}}\n{text}\\end{{document}}\n"
        if name == "latex"
        else text
    )


def _rendered(name: str, style: Style, template: str, **values: Any) -> str:
    try:
        return _environment(name, style).get_template(template).render(**values)
    except TemplateSyntaxError as error:
        where = f"{style.templates.folder}/{error.name}" if style.templates else str(error.filename)
        raise BankError(where, Problem("template", str(error.message), "", error.lineno)) from None
    except Exception as error:
        if style.templates is None or template not in dict(style.templates.texts):
            raise
        found = f"{type(error).__name__}: {error}"
        raise BankError(
            f"{style.templates.folder}/{template}", Problem("template", found, "", _line_of(error))
        ) from None


def _line_of(error: BaseException) -> int | None:
    """The line of the template in which an error was raised."""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.endswith((".jinja", "<template>"))
    ]
    return lines[-1] if lines else None
