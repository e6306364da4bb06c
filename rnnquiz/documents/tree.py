"""A document as a neutral tree: blocks that say what stands there, not how it looks, and nothing
about a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from rnnquiz.algebra.expression import Expression
from rnnquiz.algebra.notation import OWN, Notation
from rnnquiz.algebra.targets import Target
from rnnquiz.algebra.typeset import symbol, typeset_symbols, value_piece
from rnnquiz.documents.qr import Code
from rnnquiz.fields import field_name
from rnnquiz.pages.shown import Statement
from rnnquiz.solution import Line, Printed


@dataclass(frozen=True)
class Symbol:
    """The symbol of a quantity; with `now`, times are shown relative to that step (h[2] as h_t),
    numbers of updates to `update`."""

    name: str
    now: int | None = None
    update: int | None = None

    def show(self, target: Target) -> str:
        return symbol(self.name, target, self.now, self.update)


@dataclass(frozen=True)
class Formula:
    """A formula over symbols; `now` and `update` as for a symbol."""

    tree: Expression
    now: int | None = None
    update: int | None = None

    def show(self, target: Target) -> str:
        return typeset_symbols(self.tree, target, self.now, self.update)


@dataclass(frozen=True)
class Value:
    """A printed number, vector or matrix."""

    printed: Printed

    def show(self, target: Target) -> str:
        return value_piece(self.printed, target).text


Math = Symbol | Formula | Value | Statement
LINE, LONGEST_CELL, TO_FILL_IN = 104, 34, 6  # characters


@dataclass(frozen=True)
class Heading:
    text: str
    level: int = 1
    math: Math | None = None
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True)
class Paragraph:
    text: str
    tone: Literal["plain", "note", "strong"] = "plain"
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True)
class Equations:
    """Rows of left side = right side."""

    rows: tuple[tuple[Math, Math], ...]
    kind: Literal["equations"] = "equations"


@dataclass(frozen=True)
class Givens:
    """The numbers of the problem, several to a row."""

    rows: tuple[tuple[Math, Math], ...]
    kind: Literal["givens"] = "givens"


@dataclass(frozen=True)
class Derivation:
    """Numbered lines: symbol, formula, value; a line without a value is to be filled in."""

    rows: tuple[tuple[str, Math, Math, Math | None], ...]
    kind: Literal["derivation"] = "derivation"


@dataclass(frozen=True)
class Worked:
    """Worked lines; asked ones are boxed. `exact` has the exact value of the lines where it differs
    visibly."""

    lines: tuple[Line, ...]
    exact: dict[str, str] = field(default_factory=dict)
    kind: Literal["worked"] = "worked"


@dataclass(frozen=True)
class Reasons:
    """Why the next line is as it is: formulas that it comes from, and the rules used."""

    rows: tuple[tuple[Math, Math], ...]
    text: str
    kind: Literal["reasons"] = "reasons"


@dataclass(frozen=True)
class Result:
    """The value of one box, and from where to where a number is accepted."""

    math: Math
    entry: str
    value: str
    accepted: tuple[str, str] | None


@dataclass(frozen=True)
class Results:
    rows: tuple[Result, ...]
    kind: Literal["results"] = "results"


@dataclass(frozen=True)
class AnswerBox:
    """An empty box: its name in the template, and how many digits go in."""

    name: str
    digits: int

    @property
    def field(self) -> str:
        """The form field of the box."""
        return field_name(self.name)


@dataclass(frozen=True)
class Unknown:
    """A quantity that is asked: its symbol, and its empty boxes row by row in its shape, in
    brackets unless it is a scalar."""

    math: Math
    rows: tuple[tuple[AnswerBox, ...], ...]
    bracketed: bool

    @property
    def columns(self) -> int:
        return len(self.rows[0])

    @property
    def boxes(self) -> tuple[AnswerBox, ...]:
        """All boxes, row by row."""
        return tuple(box for row in self.rows for box in row)


@dataclass(frozen=True)
class Answers:
    """What is asked of one step (`step` says of which; empty where it is of no step)."""

    unknowns: tuple[Unknown, ...]
    step: str = ""
    kind: Literal["answers"] = "answers"

    @property
    def boxes(self) -> tuple[AnswerBox, ...]:
        """All boxes, row by row."""
        return tuple(box for unknown in self.unknowns for box in unknown.boxes)


@dataclass(frozen=True)
class Node:
    """A circle of the drawing, at x, y in units of one step."""

    x: float
    y: float
    math: Math
    given: bool


@dataclass(frozen=True)
class Edge:
    """An arrow between the rims of two circles; the label stands at its middle."""

    x1: float
    y1: float
    x2: float
    y2: float
    label: Math | None


@dataclass(frozen=True)
class Drawing:
    """Circles and arrows; in the documents of one class a label stands for one drawing."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float
    caption: str
    label: str = "network"
    kind: Literal["drawing"] = "drawing"


@dataclass(frozen=True)
class Verdict:
    """One row of a feedback table."""

    math: Math
    entry: str
    name: str
    typed: str
    verdict: str
    notes: tuple[str, ...]
    line: Line | None
    accepted: str
    marks: str


@dataclass(frozen=True)
class Verdicts:
    rows: tuple[Verdict, ...]
    kind: Literal["verdicts"] = "verdicts"


@dataclass(frozen=True)
class Table:
    """A table of text, over several pages where it is long. Ruled: with lines around cells that are
    to be filled in."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    ruled: bool = False

    @property
    def right(self) -> tuple[bool, ...]:
        """Which columns hold numbers, and stand on the right."""
        return tuple(
            all(not row[k].strip("-.0123456789") for row in self.rows)
            for k in range(len(self.header))
        )

    @property
    def shares(self) -> tuple[float, ...]:
        """The width of each column as a share of a line of text: its longest cell, or the longest
        word above it."""
        heads = [max(map(len, head.split()), default=0) + 1 for head in self.header]
        longest = [
            min(max(len(row[k]) for row in (*self.rows, ("",) * len(heads))), LONGEST_CELL)
            for k in range(len(heads))
        ]
        widths = [
            max(4, head if cell else min(head, TO_FILL_IN), cell) + 2
            for head, cell in zip(heads, longest, strict=True)
        ]
        room = LINE - (1.5 if self.ruled else 2.5) * len(widths)
        return tuple(width / max(room, sum(widths)) * room / LINE for width in widths)

    kind: Literal["table"] = "table"


@dataclass(frozen=True)
class PageLine:
    """A line of a student's own page: where it stands, the mark in its margin, what it is about,
    what is said of it, and the right line beside it. `tone`: the verdict in whose colour the mark
    is shown."""

    place: str
    mark: str
    tone: str
    name: str
    math: Math
    notes: tuple[str, ...]
    line: Line | None


@dataclass(frozen=True)
class PageLines:
    rows: tuple[PageLine, ...]
    kind: Literal["page"] = "page"


Block = (
    Heading
    | Paragraph
    | Equations
    | Givens
    | Derivation
    | Worked
    | Reasons
    | Results
    | Answers
    | Drawing
    | Verdicts
    | Table
    | PageLines
)


@dataclass(frozen=True)
class Document:
    """A sheet, a key or a feedback page. Course, title, student and token stand on every page, the
    token also as a QR code."""

    title: str
    course: str
    student: str
    token: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    notation: Notation = OWN

    @cached_property
    def code(self) -> Code:
        return Code(self.token.upper())
