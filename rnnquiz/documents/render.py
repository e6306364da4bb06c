"""A neutral document through one Jinja2 template for each target. Text is escaped by default; only typesetting is not."""

from __future__ import annotations

import re
import traceback
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from rnnquiz.algebra.targets import LATEX, MATHML, TEXT, TYPST, Target, notated
from rnnquiz.documents import latex as tex
from rnnquiz.documents.tree import Document
from rnnquiz.errors import BankError, Problem
from rnnquiz.resources import folder

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_ANGLED = {"block_start_string": "<%", "block_end_string": "%>", "variable_start_string": "<<", "variable_end_string": ">>"}


def printable(text: str) -> str:
    """Text without control characters and without marks that turn the direction of what follows."""
    cleaned = _CONTROL.sub(" ", unicodedata.normalize("NFC", text))
    return "".join(c for c in cleaned if unicodedata.bidirectional(c) not in _TURNING)


_TURNING = frozenset({"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"})


def escape_typst(text: str) -> str:
    """A Typst string literal: nothing in it is markup."""
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


@dataclass(frozen=True)
class Output:
    """One target: its template, its typesetting column, how text is escaped, the syntax of its template."""

    template: str
    target: Target
    escape: Callable[[str], str]
    syntax: dict[str, str]
    line: str


OUTPUTS: dict[str, Output] = {
    "latex": Output("document.tex.jinja", LATEX, lambda text: tex.escape(printable(text)), _ANGLED, "latex"),
    "typst": Output("document.typ.jinja", TYPST, escape_typst, _ANGLED, "typst"),
    "html": Output("document.html.jinja", MATHML, lambda text: str(Markup.escape(printable(text))), {}, "mathml"),
    "markdown": Output("document.md.jinja", TEXT, printable, {}, "text"),
}


@cache
def _environment(name: str, own: Path | None) -> SandboxedEnvironment:
    output = OUTPUTS[name]
    places = [str(own)] if own else []
    environment = SandboxedEnvironment(
        loader=FileSystemLoader([*places, str(folder("templates"))]), undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True, finalize=lambda value: _finalized(value, output), **output.syntax,
    )  # fmt: skip
    environment.filters["raw"] = lambda value: Markup(str(value))
    environment.globals |= {
        "symbol": lambda line: Markup(line.symbol(output.target)),
        "rows": lambda line: [[(sign, Markup(part), boxed) for sign, part, boxed in row] for row in line.rows(output.target)],
        "number": lambda text: Markup(output.target.number(text)),
        "latex": lambda line: Markup(line.show(output.line)),
        "preamble": Markup(tex.preamble()) if name == "latex" else "",
    }
    return environment


def _finalized(value: Any, output: Output) -> Any:
    if isinstance(value, Markup):
        return str(value)
    return output.escape(value) if isinstance(value, str) else value


def render(document: Document, name: str, own: Path | None = None) -> str:
    """The document in the output `name` (latex, typst, html, markdown); templates in the folder `own` win over ours.

    BankError with the template's line where a template is at fault.
    """
    output = OUTPUTS[name]
    target = notated(output.target, document.notation)
    try:
        template = _environment(name, own).get_template(output.template)
        return template.render(document=document, math=lambda math: Markup(math.show(target)))
    except TemplateSyntaxError as error:
        raise BankError(str(error.filename), Problem("template", str(error.message), "", error.lineno)) from None
    except Exception as error:
        if own is None or not (own / output.template).is_file():
            raise
        raise BankError(str(own / output.template), Problem("template", f"{type(error).__name__}: {error}", "", _line_of(error))) from None


def _line_of(error: BaseException) -> int | None:
    """The line of the template in which an error was raised."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".jinja")]
    return lines[-1] if lines else None
