"""The feedback page: the marks as bars, the map of verdicts, up to three cards, then all boxes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import filterfalse, groupby
from math import isfinite
from operator import attrgetter, sub
from typing import TYPE_CHECKING

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.verdict import Verdict
from rnnquiz.documents.cards import MarkedSheet, bridged, cards, grouped, unsaid
from rnnquiz.documents.diagram import Drawing
from rnnquiz.documents.naming import typeset_names
from rnnquiz.documents.page import page_blocks
from rnnquiz.documents.palette import LOOKS
from rnnquiz.documents.parts import KIND_WORDS, document_of, kind_words
from rnnquiz.documents.returned import (
    Bar,
    Bars,
    BoxFeedback,
    Folded,
    FoldedPart,
    Said,
    TypedText,
)
from rnnquiz.documents.sheet_order import sheet_order
from rnnquiz.documents.tree import Block, Document, Heading, Paragraph
from rnnquiz.documents.verdict_map import map_of
from rnnquiz.grade.mark import BoxResult, Finding, Marked
from rnnquiz.languages.sentences import Figure, Message, plural, said, strung
from rnnquiz.solution.lines import Line
from rnnquiz.solution.solved import Solution

if TYPE_CHECKING:
    from rnnquiz.pages.reading import Reading

LEAST_MARKS = 1e-9  # what is less comes from sums of floats, not from a bank
NOT_COUNTED = said("not counted")
KEPT_MARKS_OF = 2_000
_QUANTITY = attrgetter("quantity")


def feedback(
    marked: Marked,
    n: int,
    solution: Solution,
    name: str,
    reading: Reading | None = None,
    drawing: Drawing | None = None,
) -> Document:
    """What a student gets back: marks, where they were lost, the mistakes made, the student's own
    page where there is one; each box behind a fold. `drawing`: the network, where it is drawn
    already."""
    bank = marked.bank
    total = float(marked.totals[n])
    maximum = float(marked.maxima[n])
    found = list(marked.results(n))
    results = sheet_order(bank).in_order(found, _QUANTITY)
    sheet = MarkedSheet(solution, results)
    findings = _on_the_sheet(sheet, grouped(marked.findings(n, found)))
    in_all = said("{got:.2f} of {of:.2f} marks", got=total, of=maximum)
    words = kind_words(bank)
    by_kind = bars(marked.by_skill(n), list(bank.marks), total, maximum, words)
    where = Heading(said("Where you stand"))
    blocks: list[Block] = [Paragraph(in_all, "strong"), by_kind, where]
    blocks.append(map_of(bank, results, drawing))
    blocks += _what_to_look_at(sheet, findings)
    if reading is not None:
        blocks += page_blocks(reading, sheet.by_box, solution)
    heading = Heading(said("Box by box"))
    blocks += [heading, *_folded(sheet)]
    return document_of(bank, solution.variant, name, blocks, said("Feedback"))


def _on_the_sheet(sheet: MarkedSheet, findings: Iterable[Finding]) -> list[Finding]:
    """Findings in the order in which their first boxes stand on the sheet."""

    def first(finding: Finding) -> str:
        box, *_ = finding.boxes
        return sheet.by_box[box].quantity

    return sheet_order(sheet.bank).in_order(findings, first)


def bars(
    skills: Mapping[str, tuple[float, float]],
    order: Sequence[str],
    total: float,
    maximum: float,
    words: Mapping[str, Message] = KIND_WORDS,
) -> Bars:
    """Marks by kind in the order of the sheet; what is printed adds up to the printed total."""
    places = {kind: place for place, kind in enumerate(order)}
    kinds = sorted(skills, key=lambda kind: places.get(kind, len(order)))
    marks_of = [skills[kind] for kind in kinds]
    earned = [got for got, _ in marks_of]
    worth = [of for _, of in marks_of]
    # Where no box counts there is nothing to divide by.
    longest = max(worth, default=0.0) or 1.0
    shown_got = map(_from_hundredths, adding_up(earned, total))
    shown_of = map(_from_hundredths, adding_up(worth, maximum))
    rows: list[Bar] = []
    for kind, got, of in zip(kinds, shown_got, shown_of, strict=True):
        marks, most = skills[kind]
        filled = min(marks / longest, 1.0)
        length = most / longest
        rows.append(Bar(words[kind], got, of, filled, length))
    return Bars(tuple(rows))


def _from_hundredths(marks: int) -> Figure:
    return Figure(f"{marks / 100:.2f}")


def adding_up(parts: Sequence[float], total: float) -> list[int]:
    """Parts in hundredths whose sum is the total as printed: those nearest to the next one are
    rounded the other way."""
    exact = [100 * part for part in parts]
    whole = list(map(round, exact))
    # As it is printed: to round a hundred times the float differs for one in 25 numbers of three
    # decimals (22.915 is printed 22.91, and 2291.5 is rounded to 2292).
    printed = float(f"{total:.2f}")
    missing = round(100 * printed) - sum(whole)
    step = 1 if missing > 0 else -1
    rounded_by = list(map(sub, whole, exact))
    places = range(len(parts))
    nearest = sorted(places, key=lambda k: step * rounded_by[k])
    # Nothing is taken off where there is nothing: no part is printed below 0.
    movable = [k for k in nearest if step > 0 or whole[k] > 0]
    for k in movable[: abs(missing)]:
        whole[k] += step
    return whole


def _what_to_look_at(sheet: MarkedSheet, findings: Sequence[Finding]) -> Iterator[Block]:
    blank = list(_of_verdict(sheet.results, Verdict.BLANK))
    if not findings and not blank:
        return
    yield Heading(said("What to look at"))
    if findings:
        first_box, *_ = findings[0].boxes
        place = sheet.place(first_box)
        begun = said("The first step to look at is {place}.", place=place)
        sentences = [begun, *_consistent(sheet.results, len(findings))]
        yield Said(strung(" ", sentences))
        yield from cards(sheet, findings)
    if blank:
        first, *_ = blank
        place = sheet.place(first.box)
        empty = plural(
            "One box is empty: {place}.",
            "{n} boxes are empty; the first of them is {place}.",
            len(blank),
            place=place,
        )
        yield Said(empty)


def _of_verdict(results: Iterable[BoxResult], verdict: Verdict) -> Iterator[BoxResult]:
    for row in results:
        if row.verdict == verdict:
            yield row


def _consistent(results: Sequence[BoxResult], findings: int) -> Iterator[Message]:
    after = list(_of_verdict(results, Verdict.FOLLOW_THROUGH))
    if findings == 1 and after:
        yield said("All that comes after it is right for what you wrote there.")
    elif after:
        yield plural(
            "{n} box is right for the numbers that you had by then.",
            "{n} boxes are right for the numbers that you had by then.",
            len(after),
        )


def _folded(sheet: MarkedSheet) -> Iterator[Block]:
    """The boxes that are not right with reason and right line, then those that are."""
    other = list(filterfalse(_is_right, sheet.results))
    right = list(filter(_is_right, sheet.results))
    if other:
        summary = plural("Not right: {n} box", "Not right: {n} boxes", len(other))
        yield Folded(summary, tuple(_parts(sheet, other, sheet.lines)), False)
    if right:
        summary = plural("Right: {n} box", "Right: {n} boxes", len(right))
        yield Folded(summary, tuple(_parts(sheet, right, None)), True)


def _parts(
    sheet: MarkedSheet, rows: Iterable[BoxResult], lines: Mapping[str, Line] | None
) -> Iterator[FoldedPart]:
    """Boxes part by part, those of a quantity together."""
    for heading, own in sheet_order(sheet.bank).by_part(rows, _QUANTITY):
        quantities = []
        for _, boxes in groupby(own, _QUANTITY):
            quantities.append(tuple(_verdict(sheet, row, lines) for row in boxes))
        yield FoldedPart(heading, tuple(quantities), sheet.places(own))


def _is_right(row: BoxResult) -> bool:
    return row.verdict.agrees


def _verdict(sheet: MarkedSheet, row: BoxResult, lines: Mapping[str, Line] | None) -> BoxFeedback:
    right, line = "", None
    if lines:
        right = sheet.right(row)
        # The line of a vector is long: it stands at the first of its boxes only.
        first, *_ = sheet.boxes[row.quantity]
        line = lines[row.quantity] if row.box == first else None
    return BoxFeedback(
        place=sheet.place(row.box),
        name=row.box,
        typed=TypedText(row.typed),
        verdict=row.verdict,
        word=LOOKS[row.verdict].word,
        notes=tuple(map(typeset_names, _notes(row))),
        bridged=bridged(row) if row.verdict.has_number and row.bridged else "",
        line=line,
        right=Figure(right),
        accepted=_accepted(sheet.bank, row),
        marks=_marks_of(row.marks, row.of),
    )


@lru_cache(maxsize=KEPT_MARKS_OF)
def _marks_of(got: float, of: float) -> Message:
    """What a box earned of what; few of all boxes differ in it."""
    if of <= LEAST_MARKS:
        return NOT_COUNTED
    return said("{got:.2f} / {of:.2f}", got=got, of=of)


def _notes(row: BoxResult) -> Iterator[str]:
    for best in row.explanations[:1]:
        facts = {"name": best.name, "says": best.says}
        if detail := unsaid(best):
            yield said("{name}: {detail}. {says}", **facts, detail=detail)
        else:
            yield said("{name}. {says}", **facts)
    for other in row.explanations[1:3]:
        yield said("or: {name}", name=other.name)
    if row.reason:
        yield row.reason


def _accepted(bank: Bank, row: BoxResult) -> tuple[str, str]:
    return _bound(bank, row.low), _bound(bank, row.high)


def _bound(bank: Bank, value: float) -> str:
    """An end of what is accepted, to one digit more than asked."""
    if not isfinite(value):
        return said("no number")
    # With the digits asked, an end would look like a number that is itself accepted or not.
    return Figure(bank.rounding.format(value, 1))


__all__ = ["adding_up", "bars", "feedback"]
