"""Cards: at most three mistakes, each with what was written, the right line, what follows from
it, and a hint."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rnnquiz.bank.specification import Bank
from rnnquiz.documents.naming import typeset_names
from rnnquiz.documents.parts import entry_of
from rnnquiz.documents.returned import CardEnd, CardStart, NamedPlace, Said, TypedText
from rnnquiz.documents.tree import Block, Formula, Symbol, Value, Worked
from rnnquiz.grade.mark import BoxResult, Finding
from rnnquiz.languages.sentences import Message, said, strung
from rnnquiz.solution import Solution, flat

MOST_CARDS = 3
MOST_OTHERS = 3  # other explanations of the same number


@dataclass(frozen=True)
class MarkedSheet:
    """A marked sheet as cards need it: the results in the order of computation, with the worked
    solution."""

    solution: Solution
    results: Sequence[BoxResult]

    @property
    def bank(self) -> Bank:
        return self.solution.bank

    @cached_property
    def boxes(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the boxes of each quantity."""
        graph = self.bank.graph
        names = dict.fromkeys(row.quantity for row in self.results)
        return {name: tuple(b.name for b in self.bank.boxes_of(graph[name])) for name in names}

    def places(self, rows: Iterable[BoxResult]) -> tuple[NamedPlace, ...]:
        """The names of boxes, a quantity by its own name where all of its boxes are there."""
        named: dict[str, list[str]] = {}
        for row in rows:
            named.setdefault(row.quantity, []).append(row.box)
        return tuple(
            place
            for quantity, boxes in named.items()
            for place in (
                [NamedPlace(Symbol(quantity))]
                if len(boxes) == len(self.boxes[quantity])
                else [self.place(quantity, box) for box in boxes]
            )
        )

    def place(self, quantity: str, box: str) -> NamedPlace:
        entry = entry_of(self.bank, quantity, box) if self.bank.graph.shapes[quantity] else ""
        return NamedPlace(Symbol(quantity), entry)

    def right(self, row: BoxResult) -> str:
        """The number of the key in a box."""
        return flat(self.solution.rounded[row.quantity])[self.boxes[row.quantity].index(row.box)]

    def own(self, row: BoxResult) -> str:
        """What a box comes to with the student's own numbers before it; empty where that is the
        number of the key, or none."""
        if not math.isfinite(row.own):
            return ""
        own = self.bank.rounding.format(row.own)
        return "" if own == self.right(row) else own


def grouped(findings: Sequence[Finding]) -> list[Finding]:
    """Boxes that cannot be read, and those that nothing explains, are one matter each to a
    reader."""
    found: dict[str, Finding] = {}
    for finding in findings:
        known = found.get(finding.name, replace(finding, boxes=()))
        found[finding.name] = replace(known, boxes=(*known.boxes, *finding.boxes))
    return list(found.values())


def cards(sheet: MarkedSheet, findings: Sequence[Finding]) -> Iterator[Block]:
    """A card for the first finding and the two others that cost most marks, in the order in which
    they were made, and the names of what is to be looked at after them."""
    rows = {row.box: row for row in sheet.results}
    lost = [sum(rows[box].of - rows[box].marks for box in one.boxes) for one in findings]
    dearest = sorted(range(len(findings)), key=lambda k: (k > 0, -round(lost[k], 6), k))
    dearest = dearest[:MOST_CARDS]
    for number, k in enumerate(sorted(dearest), start=1):
        yield from _card(sheet, number, findings[k], [rows[box] for box in findings[k].boxes])
    later = [rows[box] for k, one in enumerate(findings) if k not in dearest for box in one.boxes]
    if later:
        places = listed(sheet.places(later))
        yield Said(said("When these are mended, look at {places}.", places=places))


def listed(places: Sequence[NamedPlace]) -> Message:
    """Names with commas between them."""
    return strung(", ", places)


def _card(
    sheet: MarkedSheet, number: int, finding: Finding, rows: list[BoxResult]
) -> Iterator[Block]:
    first = rows[0]
    yield CardStart(number, finding.name, sheet.place(first.quantity, first.box), first.verdict)
    yield Said(
        said(
            "You wrote {typed}; {got:.2f} of {of:.2f} marks. The right line:",
            typed=TypedText(first.typed),
            got=first.marks,
            of=first.of,
        )
    )
    line = next((line for line in sheet.solution.lines if line.name == first.quantity), None)
    if line is not None:
        yield Worked((line,))
    yield from _own(sheet, first)
    yield _hint(finding, first)
    if rows[1:]:
        places = listed(sheet.places(rows[1:]))
        yield Said(said("The same again in {places}.", places=places))
    yield from _followed(sheet, rows)
    yield CardEnd()


def _own(sheet: MarkedSheet, row: BoxResult) -> Iterator[Block]:
    """What the line comes to with the student's own numbers, where those are others than the
    key's."""
    if own := sheet.own(row):
        yield Said(
            said(
                "With your own numbers before it, {place} comes to {number}.",
                place=sheet.place(row.quantity, row.box),
                number=NamedPlace(Value(own)),
            )
        )
    if row.bridged:
        yield Said(strung("", (bridged(row), ".")))


def bridged(row: BoxResult) -> Message:
    """What stands for the numbers that nobody can read, without its full stop."""
    return said(
        "Computed on for you, as nothing readable stands there: {places}",
        places=listed([NamedPlace(Symbol(name)) for name in row.bridged]),
    )


def _hint(finding: Finding, row: BoxResult) -> Said:
    """What went wrong, the formula that gives the number, and what else could give it."""
    best = row.explanations[0] if row.explanations else None
    parts = [finding.says]
    if best and best.detail:
        parts.append(said("({detail}.)", detail=best.detail))
    if best and best.formula is not None:
        name, formula = NamedPlace(Symbol(row.quantity)), Formula(best.formula)
        parts.append(said("Your number is that of {name} = {formula}.", name=name, formula=formula))
    if finding.others:
        names = strung(", ", finding.others[:MOST_OTHERS])
        parts.append(said("It could also come from: {names}.", names=names))
    return Said(typeset_names(strung(" ", parts)), lead=said("Hint:"))


def _followed(sheet: MarkedSheet, rows: Sequence[BoxResult]) -> Iterator[Block]:
    """The boxes that are right for the wrong number, as they were computed from it."""
    wrong = {row.quantity for row in rows}
    after = [
        row
        for row in sheet.results
        if row.verdict == "follow-through" and wrong & sheet.bank.graph.ancestors[row.quantity]
    ]
    if after:
        places = listed(sheet.places(after))
        yield Said(said("What followed from your number is right for it: {places}.", places=places))


__all__ = ["MOST_CARDS", "MarkedSheet", "bridged", "cards", "grouped", "listed"]
