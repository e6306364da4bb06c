"""Cards: at most three mistakes, each with what was written, the right line, what follows from
it, and a hint."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rnnquiz.algebra.expression import Apply, Expression, Number
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.verdict import Verdict
from rnnquiz.documents.boxes import is_whole
from rnnquiz.documents.mathematics import Formula, Symbol, Value, name_of
from rnnquiz.documents.naming import typeset_names
from rnnquiz.documents.returned import CardEnd, CardStart, NamedPlace, Said, TypedText
from rnnquiz.documents.tree import Block, Worked
from rnnquiz.grade.mark import BoxResult, Finding
from rnnquiz.grade.marked import LOOK_AGAIN, UNKNOWN
from rnnquiz.grade.verdicts import Explanation
from rnnquiz.languages.sentences import Message, said, strung
from rnnquiz.solution.lines import Line, flat
from rnnquiz.solution.solved import Solution

MOST_CARDS = 3
MOST_OTHERS = 3  # other explanations of the same number
MOST_NAMED = 10  # quantities in one sentence; the boxes behind the fold are all there
CONSTANT_DIGITS = 5  # of a constant in a formula, behind its point
COMPUTE_AGAIN = said("a step to compute again")
NO_KNOWN_MISTAKE = said(
    "No mistake that is known gives your number. Compute the line once more, term by term, and"
    " compare."
)


@dataclass(frozen=True)
class MarkedSheet:
    """A marked sheet as cards need it: the results in the order of the sheet, with the worked
    solution."""

    solution: Solution
    results: Sequence[BoxResult]

    @property
    def bank(self) -> Bank:
        """The bank of the exercise."""
        return self.solution.bank

    @cached_property
    def boxes(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the boxes of each quantity."""
        # Each quantity once: a matrix has a result for each of its many boxes.
        names = dict.fromkeys(row.quantity for row in self.results)
        return {name: self._boxes_of(name) for name in names}

    def _boxes_of(self, name: str) -> tuple[str, ...]:
        boxes = self.bank.boxes_of(self.bank.graph[name])
        return tuple(box.name for box in boxes)

    @cached_property
    def by_box(self) -> Mapping[str, BoxResult]:
        """What became of each box, by its name."""
        return {row.box: row for row in self.results}

    @cached_property
    def lines(self) -> Mapping[str, Line]:
        """The worked line of each quantity."""
        return {line.name: line for line in self.solution.lines}

    def places(self, rows: Iterable[BoxResult]) -> tuple[NamedPlace, ...]:
        """The names of boxes, a quantity by its own name where all of its boxes are there."""
        named: dict[str, list[str]] = {}
        for row in rows:
            named.setdefault(row.quantity, []).append(row.box)
        found: list[NamedPlace] = []
        for quantity, boxes in named.items():
            if len(boxes) == len(self.boxes[quantity]):
                found.append(NamedPlace(name_of(self.bank.graph[quantity])))
            else:
                found += map(self.place, boxes)
        return tuple(found)

    def place(self, name: str) -> NamedPlace:
        """The name of a box in a sentence."""
        box = self.bank.every_box[name]
        return NamedPlace(name_of(self.bank.graph[box.quantity]), box.shown)

    def right(self, row: BoxResult) -> str:
        """The number of the key in a box."""
        numbers = flat(self.solution.rounded[row.quantity])
        box = self.bank.every_box[row.box]
        return numbers[box.entry]

    def own(self, row: BoxResult) -> str:
        """What a box comes to with the student's own numbers before it; empty where that is the
        number of the key, or none."""
        # The number of a line is computed from nothing.
        if not math.isfinite(row.own) or is_whole(self.bank, row.quantity):
            return ""
        own = self.bank.rounding.format(row.own)
        return "" if own == self.right(row) else own


def grouped(findings: Sequence[Finding]) -> list[Finding]:
    """Boxes with one mistake, and those that cannot be read, are one matter to a reader; each that
    nothing explains is one of its own."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        first, *_ = finding.boxes
        # Wrong numbers without a known cause have nothing in common but that.
        key = finding.name, first if finding.name == UNKNOWN else ""
        known = found.get(key, replace(finding, boxes=()))
        found[key] = replace(known, boxes=(*known.boxes, *finding.boxes))
    return list(found.values())


def cards(sheet: MarkedSheet, findings: Sequence[Finding]) -> Iterator[Block]:
    """A card for the first finding and the two others that cost most marks, in the order of the
    sheet, and the names of what is to be looked at after them."""
    made = [(finding, [sheet.by_box[box] for box in finding.boxes]) for finding in findings]
    lost = [_lost(rows) for _, rows in made]
    # The first one first, whatever it cost: what comes after may follow from it.
    dearest = sorted(range(len(made)), key=lambda k: (k > 0, -lost[k], k))
    shown = sorted(dearest[:MOST_CARDS])
    others = sorted(dearest[MOST_CARDS:])
    for number, k in enumerate(shown, start=1):
        finding, rows = made[k]
        yield from _card(sheet, number, finding, rows)
    later: list[BoxResult] = []
    for k in others:
        later += made[k][1]
    if later:
        places = listed(sheet.places(later))
        yield Said(said("When these are mended, look at {places}.", places=places))


def _lost(rows: Iterable[BoxResult]) -> float:
    lost = (row.of - row.marks for row in rows)
    # The last digits of sums of floats do not choose between equal losses.
    return round(sum(lost), 6)


def listed(places: Sequence[NamedPlace]) -> Message:
    """Names with commas between them."""
    return strung(", ", places)


def _card(
    sheet: MarkedSheet, number: int, finding: Finding, rows: list[BoxResult]
) -> Iterator[Block]:
    first, *again = rows
    place = sheet.place(first.box)
    title = finding.name
    if title == UNKNOWN:
        title = COMPUTE_AGAIN
    yield CardStart(number, title, place, first.verdict)
    written = said(
        "You wrote {typed} ({got:.2f} of {of:.2f} marks). This is the right line:",
        typed=TypedText(first.typed),
        got=first.marks,
        of=first.of,
    )
    yield Said(written)
    line = sheet.lines.get(first.quantity)
    if line is not None:
        yield Worked((line,))
    yield from _own(sheet, first)
    yield _hint(finding, first)
    if again:
        places = _some(sheet.places(again))
        yield Said(said("The same again in {places}.", places=places))
    yield from _followed(sheet, rows)
    yield CardEnd()


def _some(places: Sequence[NamedPlace]) -> Message:
    """The first names, and how many more there are: of a whole sheet nobody reads a list."""
    more = len(places) - MOST_NAMED
    # To say that there is one more takes as much room as its name.
    if more <= 1:
        return listed(places)
    shown = listed(places[:MOST_NAMED])
    return said("{places} and {n} more", places=shown, n=more)


def _own(sheet: MarkedSheet, row: BoxResult) -> Iterator[Block]:
    """What the line comes to with the student's own numbers, where those are others than the
    key's."""
    if own := sheet.own(row):
        place = sheet.place(row.box)
        comes_to = said(
            "With the numbers that you had by then, {place} would be {number}.",
            place=place,
            number=NamedPlace(Value(own)),
        )
        yield Said(comes_to)
    if row.bridged:
        sentence = strung("", (bridged(row), "."))
        yield Said(sentence)


def bridged(row: BoxResult) -> Message:
    """What stands for the numbers that nobody can read, without its full stop."""
    places = [NamedPlace(Symbol(name)) for name in row.bridged]
    return said(
        "Computed on for you, as nothing readable stands there: {places}", places=listed(places)
    )


def _hint(finding: Finding, row: BoxResult) -> Said:
    """What went wrong, the formula that gives the number, and what else could give it."""
    best = row.explanations[0] if row.explanations else None
    parts = [_with_full_stop(finding.says)]
    if finding.says == LOOK_AGAIN:
        parts = [NO_KNOWN_MISTAKE]
    if best and (detail := unsaid(best)):
        parts.append(said("({detail}.)", detail=detail))
    if best and best.formula is not None:
        # Not as an equation: one that is wrong would be remembered, too.
        formula = NamedPlace(Formula(_shortened(best.formula)))
        parts.append(said("Your number comes from {formula}.", formula=formula))
    if finding.others:
        names = strung(", ", finding.others[:MOST_OTHERS])
        parts.append(said("It could also come from: {names}.", names=names))
    hint = typeset_names(strung(" ", parts))
    return Said(hint, lead=said("Hint:"))


def unsaid(explanation: Explanation) -> str:
    """The detail of an explanation, unless its sentence has it."""
    return "" if explanation.detail in explanation.says else explanation.detail


def _with_full_stop(sentence: str) -> str:
    """With a full stop, which the reasons of readers lack."""
    if sentence.endswith((".", "?", "!")):
        return sentence
    return strung("", (sentence, "."))


def _shortened(tree: Expression) -> Expression:
    """A formula as it is shown: of a constant no more digits than anybody checks it by."""
    if isinstance(tree, Apply):
        return Apply(tree.op, tuple(map(_shortened, tree.args)))
    if isinstance(tree, Number) and tree.value.denominator > 10**CONSTANT_DIGITS:
        return Number(round(tree.value, CONSTANT_DIGITS))
    return tree


def _followed(sheet: MarkedSheet, rows: Sequence[BoxResult]) -> Iterator[Block]:
    """The boxes that are right for the wrong number, as they were computed from it."""
    wrong = {row.quantity for row in rows}
    after = []
    for row in sheet.results:
        # A follow-through may as well come from another mistake.
        before = sheet.bank.graph.ancestors[row.quantity]
        if row.verdict == Verdict.FOLLOW_THROUGH and wrong & before:
            after.append(row)
    if after:
        places = _some(sheet.places(after))
        yield Said(
            said("From there you went on correctly with your number: {places}.", places=places)
        )


__all__ = ["MOST_CARDS", "MarkedSheet", "bridged", "cards", "grouped", "listed", "unsaid"]
