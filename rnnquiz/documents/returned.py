"""The blocks of what a student gets back: bars of marks, the map of verdicts, cards, boxes behind a
fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnnquiz.documents.palette import gravest, told_apart
from rnnquiz.documents.tree import Circle, Edge, Math
from rnnquiz.worked_lines import Line

PIECE = 18  # characters of what was typed that stand in one row at the least


@dataclass(frozen=True)
class TypedText:
    """What a student typed, letter by letter; a long one may break between its pieces."""

    typed: str

    @property
    def pieces(self) -> tuple[str, ...]:
        return tuple(self.typed[k : k + PIECE] for k in range(0, len(self.typed), PIECE))


@dataclass(frozen=True)
class NamedPlace:
    """A quantity or one entry of it (row and column), as it is named in a sentence."""

    math: Math
    entry: str = ""


@dataclass(frozen=True)
class Said:
    """A sentence with typeset names, formulas and typed numbers in it; of a strong one the first
    part is bold."""

    parts: tuple[str | TypedText | NamedPlace, ...]
    tone: Literal["plain", "note", "strong"] = "plain"
    kind: Literal["said"] = "said"


@dataclass(frozen=True)
class Bar:
    """Marks of one kind: its name, what was earned of what as printed, and both as shares of the
    longest bar."""

    name: str
    got: str
    of: str
    filled: float
    length: float


@dataclass(frozen=True)
class Bars:
    rows: tuple[Bar, ...]
    kind: Literal["bars"] = "bars"


@dataclass(frozen=True)
class Mark:
    """The verdict on one box."""

    box: str
    verdict: str


@dataclass(frozen=True)
class Chip:
    """A quantity with the verdicts on its boxes, in the shape of the quantity; None where an entry
    is no box."""

    math: Math
    rows: tuple[tuple[Mark | None, ...], ...]

    @property
    def marks(self) -> tuple[Mark, ...]:
        return tuple(mark for row in self.rows for mark in row if mark is not None)

    @property
    def gravest(self) -> str:
        return gravest(mark.verdict for mark in self.marks)

    @property
    def words(self) -> str:
        return "; ".join(f"{mark.box}: {mark.verdict}" for mark in self.marks)


@dataclass(frozen=True)
class Map:
    """The network, each circle with the verdicts on it; all other quantities as chips, by kind."""

    nodes: tuple[tuple[Circle, Chip | None], ...]
    edges: tuple[Edge, ...]
    width: float
    height: float
    groups: tuple[tuple[str, tuple[Chip, ...]], ...]
    kind: Literal["map"] = "map"

    @property
    def chips(self) -> tuple[Chip, ...]:
        drawn = (chip for _, chip in self.nodes if chip is not None)
        return (*drawn, *(chip for _, chips in self.groups for chip in chips))

    @property
    def crowd(self) -> int:
        """The most verdicts beside one circle."""
        return max((len(chip.marks) for _, chip in self.nodes if chip is not None), default=0)

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        return told_apart(mark.verdict for chip in self.chips for mark in chip.marks)

    @property
    def words(self) -> str:
        """What the picture says, for those who do not see it."""
        said = "; ".join(chip.words for _, chip in self.nodes if chip is not None)
        return "The network, unrolled over time. " + said


@dataclass(frozen=True)
class CardStart:
    """Up to the next end of a card, all is about one mistake."""

    number: int
    title: str
    place: NamedPlace
    verdict: str
    kind: Literal["card"] = "card"


@dataclass(frozen=True)
class CardEnd:
    kind: Literal["card end"] = "card end"


@dataclass(frozen=True)
class BoxFeedback:
    """All that is to be said of one box. `right`: the number of the key; `bridged`: what was
    computed on for the student."""

    place: NamedPlace
    name: str
    typed: TypedText
    verdict: str
    notes: tuple[str, ...]
    bridged: tuple[NamedPlace, ...]
    line: Line | None
    right: str
    accepted: tuple[str, str]
    marks: str


@dataclass(frozen=True)
class Folded:
    """Boxes that are looked up, not read: behind a fold where there are folds, else in few lines:
    with `brief` no more than their names."""

    summary: str
    rows: tuple[BoxFeedback, ...]
    names: tuple[NamedPlace, ...]
    brief: bool
    kind: Literal["folded"] = "folded"
