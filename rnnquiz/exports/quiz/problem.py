"""The problem of a sheet as an HTML fragment and as plain text: what is asked, without the boxes
and without the drawing.

The fragment is made of h2 to h4, p, strong, span and math alone, which every quiz program keeps;
the equations of the network say what the drawing shows. Each formula has its plain text as
`alttext`, for programs without MathML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rnnquiz.algebra.notation import Notation
from rnnquiz.algebra.targets import MATHML, TEXT, notated, with_mark
from rnnquiz.documents.asked import AskedStep
from rnnquiz.documents.diagram import Drawing
from rnnquiz.documents.gaps import Derivation
from rnnquiz.documents.mathematics import Math
from rnnquiz.documents.outputs import printable
from rnnquiz.documents.saying import spoken
from rnnquiz.documents.tree import (
    Block,
    Document,
    Equations,
    Givens,
    Heading,
    Paragraph,
    Space,
    Table,
)
from rnnquiz.exports.quiz.xml import element, element_of
from rnnquiz.languages.catalogue import DECIMAL

if TYPE_CHECKING:
    from rnnquiz.exports.quiz.xml import Element


def formula(notation: Notation, *sides: Math, entry: str = "", decimal: str = DECIMAL) -> Element:
    """The sides with equals signs between them, and behind them the position of an entry.
    `decimal`: the mark before the decimals."""
    laid, text = (notated(with_mark(one, decimal), notation) for one in (MATHML, TEXT))
    shown = (side.show(laid) for side in sides)
    pieces = "<mo>=</mo>".join(shown)
    plain = " = ".join(side.show(text) for side in sides)
    made = element_of(f"<math><mrow>{pieces}</mrow></math>")
    if entry:
        position = f" [{entry}]"
        (row,) = made
        row.append(element("mtext", position))
        plain += position
    made.set("alttext", printable(plain))
    return made


def problem_fragment(document: Document) -> Element:
    """The problem as one div."""
    made = element("div")
    for block in _said(document):
        made.extend(_elements(block, document))
    return made


def problem_text(document: Document) -> str:
    """The problem as lines of text."""
    lines: list[str] = []
    for block in _said(document):
        lines += _lines(block, document)
    return "\n".join(lines)


def _said(document: Document) -> tuple[Block, ...]:
    """What is asked, in the language of the document."""
    blocks = tuple(asked(document))
    problem = replace(document, blocks=blocks)
    return spoken(problem, document.language).blocks


def asked(document: Document) -> Iterator[Block]:
    """The blocks of a sheet without the section of its answer boxes."""
    answers = False
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 1:
            # In the language of the source: a sheet is put into another one when it is written.
            answers = block == Heading("Answers")
        if not answers and not isinstance(block, AskedStep | Drawing | Space | Table):
            yield block


def _elements(block: Block, document: Document) -> Iterator[Element]:
    written = partial(formula, document.notation, decimal=document.language.decimal)
    match block:
        case Heading():
            yield element(f"h{block.level + 2}", block.text)
        case Paragraph(tone="strong"):
            yield element("p", "", element("strong", block.text))
        case Paragraph():
            yield _paragraph(block, written)
        case Equations() | Givens():
            for row in block.rows:
                yield element("p", "", written(*row))
        case Derivation():
            for line in block.rows:
                made = written(*line.members)
                if line.gap:
                    made.tail = " = ?"
                yield element("p", f"{line.number} ", made)
        case _:
            raise TypeError(f"a sheet holds no {block.kind}")


def _paragraph(block: Paragraph, written: Callable[[Math], Element]) -> Element:
    """Text with mathematics in it."""
    made = element("p")
    last = None
    for piece in block.pieces:
        if not isinstance(piece, str):
            last = written(piece)
            made.append(last)
            continue
        # In a tree of XML, text belongs to the element before it.
        text = printable(piece)
        if last is None:
            made.text = (made.text or "") + text
        else:
            last.tail = (last.tail or "") + text
    return made


def _lines(block: Block, document: Document) -> Iterator[str]:
    text = notated(with_mark(TEXT, document.language.decimal), document.notation)
    match block:
        case Heading():
            yield printable(block.text)
        case Paragraph():
            yield printable(block.show(text))
        case Equations() | Givens():
            for left, right in block.rows:
                yield f"{left.show(text)} = {right.show(text)}"
        case Derivation():
            for line in block.rows:
                shown = " = ".join(member.show(text) for member in line.members)
                asked_for = " = ?" if line.gap else ""
                yield f"{line.number} {shown}{asked_for}"
        case _:
            raise TypeError(f"a sheet holds no {block.kind}")
