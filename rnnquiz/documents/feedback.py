"""The feedback page: the marks as bars, the map of verdicts, up to three cards, then all boxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import isfinite

from rnnquiz.bank.specification import Bank
from rnnquiz.documents.cards import MarkedSheet, bridged, cards, grouped
from rnnquiz.documents.naming import typeset_names
from rnnquiz.documents.page import page_blocks
from rnnquiz.documents.palette import LOOKS, RIGHT
from rnnquiz.documents.parts import KIND_WORDS, document_of
from rnnquiz.documents.returned import Bar, Bars, BoxFeedback, Folded, Said, TypedText
from rnnquiz.documents.tree import Block, Document, Drawing, Heading, Paragraph
from rnnquiz.documents.verdict_map import map_of
from rnnquiz.grade.mark import BoxResult, Finding, Marked
from rnnquiz.languages.sentences import Figure, Message, plural, said, strung
from rnnquiz.pages.reading import Reading
from rnnquiz.solution import Line, Solution

LEAST_MARKS = 1e-9
NOT_COUNTED = said("not counted")
KEPT_MARKS_OF = 2_000


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
    total, maximum = float(marked.totals[n]), float(marked.maxima[n])
    results = list(marked.results(n))
    sheet = MarkedSheet(solution, results)
    findings = grouped(marked.findings(n, results))
    blocks: list[Block] = [
        Paragraph(said("{got:.2f} of {of:.2f} marks", got=total, of=maximum), "strong"),
        bars(marked.by_skill(n), list(bank.marks), total, maximum),
        Heading(said("Where you stand")),
        map_of(bank, results, drawing),
        *_what_to_look_at(sheet, findings),
    ]
    if reading is not None:
        blocks += page_blocks(reading, {row.box: row for row in results}, solution)
    blocks += [Heading(said("Box by box")), *_folded(sheet)]
    return document_of(bank, solution.variant, name, blocks, said("Feedback"))


def bars(
    skills: Mapping[str, tuple[float, float]], order: Sequence[str], total: float, maximum: float
) -> Bars:
    """Marks by kind in the order of the sheet; what is printed adds up to the printed total."""
    kinds = sorted(skills, key=lambda kind: order.index(kind) if kind in order else len(order))
    got = adding_up([skills[kind][0] for kind in kinds], total)
    of = adding_up([skills[kind][1] for kind in kinds], maximum)
    longest = max((skills[kind][1] for kind in kinds), default=0.0) or 1.0
    return Bars(
        tuple(
            Bar(
                KIND_WORDS[kind],
                Figure(f"{got[k] / 100:.2f}"),
                Figure(f"{of[k] / 100:.2f}"),
                min(skills[kind][0] / longest, 1.0),
                skills[kind][1] / longest,
            )
            for k, kind in enumerate(kinds)
        )
    )


def adding_up(parts: Sequence[float], total: float) -> list[int]:
    """Parts in hundredths whose sum is the total as printed: those nearest to the next one are
    rounded the other way."""
    whole = [round(100 * part) for part in parts]
    missing = round(100 * float(f"{total:.2f}")) - sum(whole)
    step = 1 if missing > 0 else -1
    nearest = sorted(range(len(parts)), key=lambda k: step * (whole[k] - 100 * parts[k]))
    for k in [k for k in nearest if step > 0 or whole[k] > 0][: abs(missing)]:
        whole[k] += step
    return whole


def _what_to_look_at(sheet: MarkedSheet, findings: Sequence[Finding]) -> Iterator[Block]:
    blank = [row for row in sheet.results if row.verdict == "blank"]
    if not findings and not blank:
        return
    yield Heading(said("What to look at"))
    if findings:
        first = next(row for row in sheet.results if row.box == findings[0].boxes[0])
        place = sheet.place(first.quantity, first.box)
        begun = said("The first step to look at is {place}.", place=place)
        yield Said(strung(" ", [begun, *_consistent(sheet.results, len(findings))]))
        yield from cards(sheet, findings)
    if blank:
        empty = plural(
            "One box is empty; the first of them is {place}.",
            "{n} boxes are empty; the first of them is {place}.",
            len(blank),
            place=sheet.place(blank[0].quantity, blank[0].box),
        )
        yield Said(empty)


def _consistent(results: Sequence[BoxResult], findings: int) -> Iterator[Message]:
    after = [row for row in results if row.verdict == "follow-through"]
    if findings == 1 and after:
        yield said("Everything after it is consistent with what you wrote there.")
    elif after:
        yield plural(
            "{n} box is right for the numbers that you had by then.",
            "{n} boxes are right for the numbers that you had by then.",
            len(after),
        )


def _folded(sheet: MarkedSheet) -> Iterator[Block]:
    """The boxes that are not right with reason and right line, then those that are."""
    lines = {line.name: line for line in sheet.solution.lines}
    other = [row for row in sheet.results if row.verdict not in RIGHT]
    right = [row for row in sheet.results if row.verdict in RIGHT]
    if other:
        summary = plural("Not right: {n} box", "Not right: {n} boxes", len(other))
        verdicts = tuple(_verdict(sheet, row, lines) for row in other)
        yield Folded(summary, verdicts, sheet.places(other), False)
    if right:
        summary = plural("Right: {n} box", "Right: {n} boxes", len(right))
        verdicts = tuple(_verdict(sheet, row, None) for row in right)
        yield Folded(summary, verdicts, sheet.places(right), True)


def _verdict(sheet: MarkedSheet, row: BoxResult, lines: Mapping[str, Line] | None) -> BoxFeedback:
    bank = sheet.bank
    stands = row.verdict not in ("blank", "unreadable")
    return BoxFeedback(
        sheet.place(row.quantity, row.box),
        row.box,
        TypedText(row.typed),
        row.verdict,
        LOOKS[row.verdict].word,
        tuple(map(typeset_names, _notes(row))),
        bridged(row) if stands and row.bridged else "",
        lines[row.quantity] if lines and row.box == sheet.boxes[row.quantity][0] else None,
        Figure(sheet.right(row) if lines else ""),
        _accepted(bank, row),
        _marks_of(row.marks, row.of),
    )


@lru_cache(maxsize=KEPT_MARKS_OF)
def _marks_of(got: float, of: float) -> Message:
    """What a box earned of what; few of all boxes differ in it."""
    return said("{got:.2f} / {of:.2f}", got=got, of=of) if of > LEAST_MARKS else NOT_COUNTED


def _notes(row: BoxResult) -> Iterator[str]:
    for best in row.explanations[:1]:
        facts = {"name": best.name, "says": best.says}
        if best.detail:
            yield said("{name}: {detail}. {says}", **facts, detail=best.detail)
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
    return Figure(bank.rounding.format(value, 1)) if isfinite(value) else said("no number")


__all__ = ["adding_up", "bars", "feedback"]
