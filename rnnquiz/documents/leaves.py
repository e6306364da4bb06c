"""What is mathematics in a document and neither symbol nor formula nor number: a step of time, a
word, what is to be found of a mistake."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass

from rnnquiz.algebra.prints import Prints
from rnnquiz.algebra.targets import Target
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task import LINE_FOUND, VALUE
from rnnquiz.documents.latex import escape
from rnnquiz.languages.sentences import meant


@dataclass(frozen=True)
class TimeStep:
    """A step of time, as it is counted on the sheet: t = 3."""

    number: int

    def show(self, target: Target) -> str:
        """The step typeset."""
        return target.of(_AT_STEP).format(self.number)


_AT_STEP = Prints(
    "t = {}",
    "t = {}",
    "<mi>t</mi><mo>=</mo><mn>{}</mn>",
    "t = {}",
)


@dataclass(frozen=True)
class Word:
    """A letter or a word that a one-hot vector stands for."""

    text: str

    def show(self, target: Target) -> str:
        """The word in the letters of a typewriter."""
        return target.of(_QUOTED)(self.text)


def _typst_string(text: str) -> str:
    without_escapes = text.replace("\\", "\\\\")
    without_ends = without_escapes.replace('"', '\\"')
    return f'"{without_ends}"'


def _typst_typed(text: str) -> str:
    return f'#text(font: "DejaVu Sans Mono", size: 0.9em, {_typst_string(text)})'


_QUOTED: Prints[Callable[[str], str]] = Prints(
    lambda text: rf"\mbox{{\ttfamily {escape(text)}}}",
    _typst_typed,
    lambda text: f'<mtext class="letter">{html.escape(text)}</mtext>',
    lambda text: f'"{text}"',
)


@dataclass(frozen=True)
class Found:
    """What is to be found of a mistake: its word in the language of the sheet, and in plain text,
    which people copy to type it, the name of its box."""

    name: str
    word: str

    def show(self, target: Target) -> str:
        """The word typeset; in plain text the name of the box."""
        return target.of(_FOUND)(self)


_FOUND: Prints[Callable[[Found], str]] = Prints(
    lambda found: rf"\mbox{{{escape(found.word)}}}",
    lambda found: _typst_string(found.word),
    lambda found: f"<mtext>{html.escape(found.word)}</mtext>",
    lambda found: found.name,
)
FOUND = {
    LINE_FOUND: Found(LINE_FOUND, meant("found", "line")),
    VALUE: Found(VALUE, meant("found", "value")),
}


def step_asked(bank: Bank) -> TimeStep:
    """The step of a task that is about one step."""
    at = bank.written.task.at or 0
    return TimeStep(at + bank.notation.first - 1)


__all__ = ["FOUND", "Found", "TimeStep", "Word", "step_asked"]
