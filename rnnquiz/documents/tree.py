"""A document as a neutral tree: blocks that say what stands there, not how it looks, and nothing about a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rnnquiz.algebra.expression import Expression
from rnnquiz.algebra.notation import OWN, Notation
from rnnquiz.algebra.targets import Target
from rnnquiz.algebra.typeset import symbol, symbol_leaf, typeset, value_piece
from rnnquiz.solution import Line, Printed


@dataclass(frozen=True)
class Symbol:
    """The symbol of a quantity; with `now`, times are shown relative to that step (h[2] as h_t), numbers of updates to `update`."""

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
        return typeset(self.tree, target, symbol_leaf(target, self.now, self.update))


@dataclass(frozen=True)
class Value:
    """A printed number, vector or matrix."""

    printed: Printed

    def show(self, target: Target) -> str:
        return value_piece(self.printed, target).text


Math = Symbol | Formula | Value
WIDE = 7  # digits of a box beside a fraction with row and column


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
    """Worked lines; asked ones are boxed. `exact` has the exact value of the lines where it differs visibly."""

    lines: tuple[Line, ...]
    exact: dict[str, str] = field(default_factory=dict)
    kind: Literal["worked"] = "worked"


@dataclass(frozen=True)
class AnswerBox:
    """An empty box: its symbol and position (row, column), its name in the template, and how many digits go in."""

    math: Math
    entry: str
    name: str
    digits: int


@dataclass(frozen=True)
class Answers:
    """Boxes, four to a row, three where symbol and digits need the room."""

    boxes: tuple[AnswerBox, ...]
    kind: Literal["answers"] = "answers"

    @property
    def wide(self) -> bool:
        """True where symbol and digits of a box need the room."""
        return any(bool(box.entry) and box.digits >= WIDE and ("," in box.entry or "/" in box.name) for box in self.boxes)


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
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float
    caption: str
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
    """A small table of text."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: Literal["table"] = "table"


Block = Heading | Paragraph | Equations | Givens | Derivation | Worked | Answers | Drawing | Verdicts | Table


@dataclass(frozen=True)
class Document:
    """A sheet, a key or a feedback page. `corner` stands on every page: course, title, student, token."""

    title: str
    course: str
    student: str
    token: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    notation: Notation = OWN
