"""What templates can call: their filters, mathematics, signs, and the sentences of a language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import Any

from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from rnnquiz.algebra.breaks import pieces
from rnnquiz.algebra.language import DECIMAL_POINT, with_powers
from rnnquiz.algebra.targets import Target, with_mark
from rnnquiz.documents.breaking import ROW_NAME
from rnnquiz.documents.compiled import KeptTemplates
from rnnquiz.documents.leaves import Found
from rnnquiz.documents.mathematics import name_of
from rnnquiz.documents.outputs import (
    CONTROL,
    OUTPUTS,
    TemplateOutput,
    breakable,
    escaped,
    quoted_typst,
    styled,
)
from rnnquiz.documents.palette import COLOURS, LOOKS
from rnnquiz.documents.phrases import Phrases, typeset_sentence
from rnnquiz.documents.script import script, script_words
from rnnquiz.documents.sides import Side, sides_of
from rnnquiz.documents.staying import staying
from rnnquiz.documents.strokes import strokes
from rnnquiz.documents.style import Style
from rnnquiz.documents.tree import Worked
from rnnquiz.documents.turning import SIGNS_A_ROW, both_ways
from rnnquiz.fields import MARKER
from rnnquiz.files.resources import folder
from rnnquiz.languages.catalogue import ENGLISH, Language
from rnnquiz.languages.sentences import Figure, Message, pieces_between, said
from rnnquiz.solution.lines import Line


@cache
def environment_of(name: str, style: Style) -> Environment:
    """Jinja for one output in a style: our own templates run as they are, a teacher's in a
    sandbox."""
    output, own = OUTPUTS[name], style.templates
    language = style.language
    kind = SandboxedEnvironment if own else Environment
    # As texts: the work may be done on another machine, which has no such folder.
    texts = dict(own.texts) if own else {}
    ours = folder("templates")
    loaders = [DictLoader(texts), FileSystemLoader(str(ours))]
    environment = kind(
        loader=ChoiceLoader(loaders),
        # A misspelt name is an error, and no empty place on a sheet.
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: _finalized(value, output, language),
        # A teacher's are not kept: their names may be those of ours.
        bytecode_cache=None if own else KeptTemplates(f"{name} in {language.words()}"),
        **output.syntax,
    )
    phrases = Phrases(language)
    environment.filters.update(_filters(phrases))
    environment.globals |= _Typesetting(output, language).names()
    environment.globals |= {
        "kept": _MacroCache(),
        "style": style,
        "language": language,
        "colon": _sign_in(language, said("{name}: {says}", name="", says="")),
        "semicolon": _sign_in(language, said("{first}; {rest}", first="", rest="")),
        "_": phrases,
        "looks": LOOKS,
        "colours": COLOURS,
        "marker": Markup(MARKER),
        "fields": name == "form",
        "script": script(),
        "script_words": script_words(language) if name == "form" else "",
    }
    return environment


def _sign_in(language: Language, between_nothing: Message) -> str:
    """The sign that stands between two names in a sentence, with the space that French sets before
    it, at which no line ends."""
    return language.of(between_nothing).rstrip(" ")


def _filters(phrases: Phrases) -> dict[str, Callable[..., Any]]:
    """What templates write behind a bar."""
    return {
        "raw": _raw,
        "safe": Markup,
        "quoted": _quoted,
        "styled": _styled,
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


def _styled(text: str) -> Markup:
    return Markup(styled(text))


def _exact(text: str) -> Markup:
    """What a student typed: letter by letter, in no other order and no other form."""
    return Markup.escape(CONTROL.sub(" ", text))


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
            "staying": staying,
            "paired": self._paired,
            "number": self._number,
            "sides": self._sides,
            "after": After,
            "pieces": _pieces,
            "both_ways": both_ways,
            "signs_a_row": SIGNS_A_ROW,
            "latex": self._line,
            "_set": self._set,
        }

    def _symbol(self, line: Line) -> Markup:
        name = name_of(line.quantity)
        if isinstance(name, Found):
            in_language = replace(name, word=self.language.of(name.word))
            return Markup(in_language.show(self.target))
        return Markup(line.symbol(self.target))

    def _paired(self, block: Worked) -> tuple[tuple[Line, ...], ...]:
        return block.rows(self.target)

    def _number(self, text: str) -> Markup:
        # A number that has been said in the language has its mark already, of which mathematics
        # would make a comma between two numbers.
        pointed = text.replace(self.language.decimal, DECIMAL_POINT)
        return Markup(self.target.number(pointed))

    def _sides(self, line: Line) -> list[Side]:
        return sides_of(line, self.target, self.row_name)

    def _line(self, line: Line) -> Markup:
        return Markup(line.show(self.output.line, self.language.decimal))

    def _set(self, text: str, **values: Any) -> Markup:
        return typeset_sentence(text, values, self.output, self.language)


def _pieces(text: object) -> list[Markup]:
    return list(map(Markup, pieces(str(text))))


RANGE = said("{low} to {high}")


_WITH_POWERS = with_powers(str, "10^{}", "{} \u22c5 {}")
_ABOVE_TEN = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _as_printed(text: str, language: Language) -> str:
    """A number with the signs of print: a minus for a hyphen, the decimal mark of the language, a
    power of ten for a tiny one."""
    base, _, exponent = _WITH_POWERS(text).partition("^")
    with_minus = base.replace("-", "\u2212")
    return with_minus.replace(".", language.decimal) + exponent.translate(_ABOVE_TEN)


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
        """The stop that stays with the formula; empty where something else follows."""
        # What follows may be a formula, which has no stop of its own.
        first = self.text[:1] if isinstance(self.text, str) else ""
        return first if first in ",.:;)" else ""

    @property
    def rest(self) -> str:
        """The text without that stop."""
        return str(self.text).removeprefix(self.stop)


MOST_KEPT = 500  # blocks: those of a few exercises


class _MacroCache:
    """What a macro made of a block that the documents of a class share, so that it is made once."""

    def __init__(self) -> None:
        self.made: dict[int, tuple[Any, Markup]] = {}

    def __call__(self, macro: Callable[[Any], str], block: Any) -> Markup:
        if id(block) not in self.made:
            if len(self.made) > MOST_KEPT:
                # All at once: what is still in use comes back with the next document.
                self.made.clear()
            # With the block itself: while it lives, no other one gets its id.
            made = Markup(macro(block))
            self.made[id(block)] = block, made
        _, made = self.made[id(block)]
        return made


def _finalized(value: Any, output: TemplateOutput, language: Language) -> Any:
    if type(value) is str:  # nearly all of them: quickly
        return escaped(output, value)
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    spoken = value if language is ENGLISH else str(language.of(value))
    return escaped(output, spoken)
