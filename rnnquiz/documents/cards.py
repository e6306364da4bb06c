"""Cards: at most three mistakes, each with what was written, the right line, what follows from
it, and a hint."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rnnquiz.bank.specification import Bank
from rnnquiz.documents.parts import entry_of
from rnnquiz.documents.returned import CardEnd, CardStart, NamedPlace, Said, TypedText
from rnnquiz.documents.tree import Block, Formula, Symbol, Value, Worked
from rnnquiz.grade.mark import BoxResult, Finding
from rnnquiz.solution import Solution
from rnnquiz.worked_lines import flat

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
        yield Said(("When these are mended, look at ", *listed(sheet.places(later)), "."))


def listed(places: Sequence[NamedPlace]) -> Iterator[str | NamedPlace]:
    """Names with commas between them."""
    for k, place in enumerate(places):
        if k:
            yield ", "
        yield place


def _card(
    sheet: MarkedSheet, number: int, finding: Finding, rows: list[BoxResult]
) -> Iterator[Block]:
    first = rows[0]
    yield CardStart(number, finding.name, sheet.place(first.quantity, first.box), first.verdict)
    yield Said(
        (
            "You wrote ",
            TypedText(first.typed),
            f"; {first.marks:.2f} of {first.of:.2f} marks. The right line:",
        )
    )
    line = next((line for line in sheet.solution.lines if line.name == first.quantity), None)
    if line is not None:
        yield Worked((line,))
    yield from _own(sheet, first)
    yield from _hint(finding, first)
    if rows[1:]:
        yield Said(("The same again in ", *listed(sheet.places(rows[1:])), "."))
    yield from _followed(sheet, rows)
    yield CardEnd()


def _own(sheet: MarkedSheet, row: BoxResult) -> Iterator[Block]:
    """What the line comes to with the student's own numbers, where those are others than the
    key's."""
    own = sheet.own(row)
    if own:
        place = sheet.place(row.quantity, row.box)
        yield Said(
            ("With your own numbers before it, ", place, " comes to ", NamedPlace(Value(own)), ".")
        )
    if row.bridged:
        places = tuple(NamedPlace(Symbol(name)) for name in row.bridged)
        yield Said(
            ("Computed on for you, as nothing readable stands there: ", *listed(places), ".")
        )


def _hint(finding: Finding, row: BoxResult) -> Iterator[Block]:
    """What went wrong, the formula that gives the number, and what else could give it."""
    best = row.explanations[0] if row.explanations else None
    detail = f" ({best.detail}.)" if best and best.detail else ""
    parts: list[str | TypedText | NamedPlace] = ["Hint: ", f"{finding.says}{detail}"]
    if best and best.formula is not None:
        parts += [" Your number is that of ", NamedPlace(Symbol(row.quantity)), " = "]
        parts += [NamedPlace(Formula(best.formula)), "."]
    if finding.others:
        parts.append(f" It could also come from: {', '.join(finding.others[:MOST_OTHERS])}.")
    yield Said(tuple(parts), "strong")


def _followed(sheet: MarkedSheet, rows: Sequence[BoxResult]) -> Iterator[Block]:
    """The boxes that are right for the wrong number, as they were computed from it."""
    wrong = {row.quantity for row in rows}
    after = [
        row
        for row in sheet.results
        if row.verdict == "follow-through" and wrong & sheet.bank.graph.ancestors[row.quantity]
    ]
    if after:
        yield Said(
            (
                "What followed from your number is right for it: ",
                *listed(sheet.places(after)),
                ".",
            )
        )


__all__ = ["MOST_CARDS", "MarkedSheet", "cards", "grouped", "listed"]
