"""A document as a neutral tree: blocks that say what stands there, not how it looks, and nothing
about a network."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

from rnnquiz.algebra.forms import LONGEST_PART
from rnnquiz.algebra.notation import OWN, Notation
from rnnquiz.algebra.targets import Target
from rnnquiz.documents import sizes
from rnnquiz.documents.columns import shares_of
from rnnquiz.documents.diagram import Drawing
from rnnquiz.documents.mathematics import Math
from rnnquiz.documents.qr import Code
from rnnquiz.languages.catalogue import ENGLISH, Language
from rnnquiz.languages.sentences import pieces_between
from rnnquiz.solution.lines import Line


@dataclass(frozen=True)
class Heading:
    """Level 0 begins a problem of several: what follows is written in its `notation`."""

    text: str
    level: int = 1
    math: Math | None = None
    notation: Notation | None = None
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True)
class Paragraph:
    """Text; the values of a message that are mathematics stand in it typeset."""

    text: str
    tone: Literal["plain", "note", "strong"] = "plain"
    kind: Literal["paragraph"] = "paragraph"

    @property
    def pieces(self) -> tuple[str | Math, ...]:
        """Texts and the mathematics between them, in order."""
        return pieces_between(self.text)

    def show(self, target: Target) -> str:
        """The paragraph as plain text."""
        shown = [piece if isinstance(piece, str) else piece.show(target) for piece in self.pieces]
        return "".join(shown)


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
class Worked:
    """Worked lines; asked ones are boxed. `exact` has the exact value of the lines where it differs
    visibly. Lines that are `narrow` leave room on the right, in which a drawing may stand."""

    lines: tuple[Line, ...]
    exact: dict[str, str] = field(default_factory=dict)
    narrow: bool = False
    beside: Drawing | None = None
    kind: Literal["worked"] = "worked"

    @property
    def share(self) -> float:
        """The width of the lines as a share of that of the page."""
        return sizes.NARROW if self.narrow else 1.0

    @property
    def first(self) -> int:
        """How many rows of lines are at least as high as the drawing beside them."""
        if self.beside is None:
            return 0
        height = self.beside.small * (self.beside.height + sizes.MARGIN)
        return math.ceil(height / sizes.LOWEST_ROW)

    def pieces(self, line: Line, target: Target) -> list[tuple[str, str, bool]]:
        """The right-hand sides of a line in pieces none of which is longer than a row."""
        return line.pieces(target, self.longest)

    @property
    def longest(self) -> int:
        """How many characters of plain text a piece of a line may have."""
        return sizes.LONGEST_NARROW if self.narrow else LONGEST_PART

    def rows(self, target: Target) -> tuple[tuple[Line, ...], ...]:
        """Two short lines side by side, others alone."""
        rows: list[tuple[Line, ...]] = []
        open_ = False  # whether the last row has room for another line
        room = sizes.HALF_A_LINE * self.share
        for line in self.lines:
            lengths = line.lengths(target, self.longest)
            width = sum(lengths) + sizes.SIGN * len(lengths)
            alone = line.name in self.exact or line.columns or width > room
            if open_ and not alone:
                (before,) = rows.pop()
                rows.append((before, line))
                open_ = False
            else:
                rows.append((line,))
                open_ = not alone
        return tuple(rows)


@dataclass(frozen=True)
class Reasons:
    """Why the next line is as it is: formulas that it comes from, and the rules used."""

    rows: tuple[tuple[Math, Math], ...]
    text: str
    kind: Literal["reasons"] = "reasons"


@dataclass(frozen=True)
class EmptyPages:
    """Pages with nothing on them but their number, to be laid over others."""

    count: int
    kind: Literal["empty pages"] = "empty pages"


@dataclass(frozen=True)
class Space:
    """Ruled lines for what is written by hand, with a word for what (none: for the work)."""

    lines: int
    label: str = ""
    kind: Literal["space"] = "space"


@dataclass(frozen=True)
class Table:
    """A table of text, over several pages where it is long. Ruled: with lines around cells that are
    to be filled in. Lying: of few rows and many columns, which on a screen change places.
    `links`: where the last cell of each row leads, if anywhere."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    ruled: bool = False
    links: tuple[str, ...] = ()
    lying: bool = False

    @property
    def upright(self) -> Table:
        """The same where lines are short: a lying table with its columns as rows."""
        if not self.lying:
            return self
        header, *rows = zip(self.header, *self.rows, strict=True)
        turned = tuple(map(tuple, rows))
        return Table(tuple(header), turned, self.ruled)

    @property
    def right(self) -> tuple[bool, ...]:
        """Which columns hold numbers, and stand on the right."""
        columns = range(len(self.header))
        return tuple(map(self._holds_numbers, columns))

    def _holds_numbers(self, column: int) -> bool:
        # A column of empty cells, to be filled in, counts as one of numbers.
        others = (row[column].strip("-.,0123456789") for row in self.rows)
        return not any(others)

    @property
    def standing(self) -> tuple[bool, ...]:
        """Which headings stand upright: those above cells that are to be filled in, which are
        narrower than a word."""
        columns = range(len(self.header))
        return tuple(self.ruled and not any(row[k] for row in self.rows) for k in columns)

    @property
    def shares(self) -> tuple[float, ...]:
        """The width of each column as a share of a line of text."""
        return shares_of(self.header, self.rows, self.ruled)

    kind: Literal["table"] = "table"


@dataclass(frozen=True)
class Saving:
    """The foot of an answer page: whose file is saved there, and under which name."""

    student: str
    stem: str
    kind: Literal["saving"] = "saving"


class Block(Protocol):
    """Whatever has a kind that the templates know."""

    @property
    def kind(self) -> str:
        """The name by which templates know the block."""


@dataclass(frozen=True)
class Document:
    """A sheet, a key or a feedback page. Course, title, student and token stand on every page, the
    token also as a QR code; title and subtitle once more above the first. Where it is not `titled`,
    all of it is to stand on one page; where it is one of many `in_book`, the book numbers its
    pages."""

    title: str
    course: str
    student: str
    token: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    notation: Notation = OWN
    titled: bool = True
    in_book: bool = False
    language: Language = ENGLISH

    @property
    def running(self) -> str:
        """What stands at the top of every page: course and title, on two lines at most."""
        text = f"{self.course} · {self.title}"
        if len(text) <= sizes.RUNNING:
            return text
        kept = text[: sizes.RUNNING - 1]
        return f"{kept.rstrip()}…"

    @cached_property
    def code(self) -> Code:
        """The code of the sheet, as the QR code holds it."""
        # A QR code holds capitals in 5.5 bits each, small letters in 8.
        return Code(self.token.upper())
