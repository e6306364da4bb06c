"""The blocks of what a student gets back: bars of marks, the map of verdicts, cards, the own page
line by line, boxes behind a fold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from rnnquiz.algebra.prints import Prints
from rnnquiz.algebra.targets import Target
from rnnquiz.bank.verdict import Verdict
from rnnquiz.documents.diagram import Circle, Edge
from rnnquiz.documents.mathematics import Math, Symbol
from rnnquiz.documents.palette import gravest
from rnnquiz.languages.sentences import Figure, pieces_between
from rnnquiz.solution.lines import Line

PIECE = 18  # characters of what was typed that stand in one row at the least


@dataclass(frozen=True)
class TypedText:
    """What a student typed, letter by letter; a long one may break between its pieces."""

    typed: str

    @property
    def pieces(self) -> tuple[str, ...]:
        """The text in pieces between which a line may break."""
        starts = range(0, len(self.typed), PIECE)
        return tuple(self.typed[k : k + PIECE] for k in starts)


@dataclass(frozen=True)
class NamedPlace:
    """A quantity or one entry of it (row and column), as it is named in a sentence."""

    math: Math
    entry: str = ""

    def show(self, target: Target) -> str:
        """The name typeset, with the entry in brackets."""
        shown = self.math.show(target)
        if not self.entry:
            return shown
        with_entry = target.of(_ENTRY)
        return with_entry.format(shown, self.entry)


_ENTRY = Prints(
    r"{0}\,[{1}]",
    "{0} thin [{1}]",
    "<mrow>{0}<mspace width='.2em'></mspace><mtext>[{1}]</mtext></mrow>",
    "{0} [{1}]",
)


@dataclass(frozen=True)
class Said:
    """A sentence with typeset names, formulas and typed numbers in it; `lead` is bold before it."""

    text: str
    tone: Literal["plain", "note"] = "plain"
    lead: str = ""
    kind: Literal["said"] = "said"

    @property
    def parts(self) -> tuple[str | TypedText | NamedPlace, ...]:
        """Texts and what stands between them, in order."""
        return pieces_between(self.text)


@dataclass(frozen=True)
class Bar:
    """Marks of one kind: its name, what was earned of what as printed, and both as shares of the
    longest bar."""

    name: str
    got: Figure
    of: Figure
    filled: float
    length: float


@dataclass(frozen=True)
class Bars:
    """A bar for each kind of question: what was earned of what it is worth."""

    rows: tuple[Bar, ...]
    kind: Literal["bars"] = "bars"


@dataclass(frozen=True)
class Mark:
    """The verdict on one box, and as a sentence."""

    box: str
    verdict: Verdict
    words: str


@dataclass(frozen=True)
class Chip:
    """A quantity with the verdicts on its boxes, in the shape of the quantity; None where an entry
    is no box."""

    math: Math
    rows: tuple[tuple[Mark | None, ...], ...]

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks of its boxes, row by row."""
        # A mark is never empty: what is left out are the entries that are no box.
        return tuple(filter(None, chain.from_iterable(self.rows)))

    @property
    def gravest(self) -> str:
        """The verdict that weighs most among its boxes."""
        return gravest(mark.verdict for mark in self.marks)

    @property
    def words(self) -> str:
        """What its marks say, for a screen reader."""
        return "; ".join(mark.words for mark in self.marks)


@dataclass(frozen=True)
class Map:
    """The network, each circle with the verdicts on it; all other quantities as chips, by kind.
    `caption`: what it is a picture of; `legend`: a verdict with each sign in it, and its
    meaning."""

    nodes: tuple[tuple[Circle, Chip | None], ...]
    edges: tuple[Edge, ...]
    width: float
    height: float
    groups: tuple[tuple[str, tuple[Chip, ...]], ...]
    caption: str
    legend: tuple[tuple[str, str], ...]
    kind: Literal["map"] = "map"

    @property
    def circles(self) -> tuple[Circle, ...]:
        """The circles of the network."""
        return tuple(circle for circle, _ in self.nodes)

    @property
    def is_drawn(self) -> bool:
        """Whether anything of the network was asked: without a verdict it would say nothing."""
        return any(self._drawn)

    @property
    def chips(self) -> tuple[Chip, ...]:
        """All chips, those in the drawing first."""
        beside = chain.from_iterable(chips for _, chips in self.groups)
        return (*self._drawn, *beside)

    @property
    def _drawn(self) -> Iterator[Chip]:
        """Those on circles."""
        return filter(None, (chip for _, chip in self.nodes))

    @property
    def crowd(self) -> int:
        """The most verdicts beside one circle."""
        numbers = (len(chip.marks) for chip in self._drawn)
        return max(numbers, default=0)

    @property
    def words(self) -> str:
        """What the picture says, for those who do not see it."""
        boxes = "; ".join(chip.words for chip in self._drawn)
        return f"{self.caption} {boxes}"


@dataclass(frozen=True)
class PageLine:
    """A line of a student's own page: where it stands, the mark in its margin, what it is about,
    what is said of it, and the right line beside it. `tone`: the verdict in whose colour the mark
    is shown."""

    place: str
    mark: str
    tone: str
    about: Symbol | None
    math: Math
    notes: tuple[str, ...]
    line: Line | None


@dataclass(frozen=True)
class PageLines:
    """The student's page, line by line, with what is said of each."""

    rows: tuple[PageLine, ...]
    kind: Literal["page"] = "page"


@dataclass(frozen=True)
class CardStart:
    """Up to the next end of a card, all is about one mistake."""

    number: int
    title: str
    place: NamedPlace
    verdict: Verdict
    kind: Literal["card"] = "card"


@dataclass(frozen=True)
class CardEnd:
    """Where a part in a frame ends."""

    kind: Literal["card end"] = "card end"


@dataclass(frozen=True)
class BoxFeedback:
    """All that is to be said of one box. `word`: the verdict as students read it; `right`: the
    number of the key; `bridged`: what was computed on for the student, as a sentence."""

    place: NamedPlace
    name: str
    typed: TypedText
    verdict: Verdict
    word: str
    notes: tuple[str, ...]
    bridged: str
    line: Line | None
    right: Figure
    accepted: tuple[str, str]
    marks: str


@dataclass(frozen=True)
class FoldedPart:
    """The boxes of one part of the sheet, those of a quantity together; `names`: of the quantities,
    or of the boxes where not all of a quantity are there."""

    words: str
    quantities: tuple[tuple[BoxFeedback, ...], ...]
    names: tuple[NamedPlace, ...]

    @property
    def rows(self) -> tuple[BoxFeedback, ...]:
        """All of its boxes, in order."""
        return tuple(chain.from_iterable(self.quantities))


@dataclass(frozen=True)
class Folded:
    """Boxes that are looked up, not read, part by part as on the sheet: behind a fold where there
    are folds, else in few lines: with `brief` no more than their names."""

    summary: str
    parts: tuple[FoldedPart, ...]
    brief: bool
    kind: Literal["folded"] = "folded"

    @property
    def rows(self) -> tuple[BoxFeedback, ...]:
        """All boxes, in order."""
        return tuple(chain.from_iterable(part.rows for part in self.parts))
