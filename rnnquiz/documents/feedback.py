"""The feedback page: the marks as bars, the map of verdicts, up to three cards, then all boxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rnnquiz.bank.specification import Bank
from rnnquiz.documents.cards import MarkedSheet, cards, grouped
from rnnquiz.documents.page import page_blocks
from rnnquiz.documents.palette import RIGHT
from rnnquiz.documents.parts import KIND_WORDS, document_of
from rnnquiz.documents.returned import Bar, Bars, BoxFeedback, Folded, NamedPlace, Said, TypedText
from rnnquiz.documents.tree import Block, Document, Drawing, Heading, Paragraph, Symbol
from rnnquiz.documents.verdict_map import map_of
from rnnquiz.grade.mark import BoxResult, Finding, Marked
from rnnquiz.pages.reading import Reading
from rnnquiz.solution import Solution
from rnnquiz.worked_lines import Line

LEAST_MARKS = 1e-9


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
        Paragraph(f"{total:.2f} of {maximum:.2f} marks", "strong"),
        bars(marked.by_skill(n), list(bank.marks), total, maximum),
        Heading("Where you stand"),
        map_of(bank, results, drawing),
        *_what_to_look_at(sheet, findings),
    ]
    if reading is not None:
        blocks += page_blocks(reading, {row.box: row for row in results}, solution)
    blocks += [Heading("Box by box"), *_folded(sheet)]
    return document_of(bank, solution.variant, name, blocks, "Feedback")


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
                f"{got[k] / 100:.2f}",
                f"{of[k] / 100:.2f}",
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
    yield Heading("What to look at")
    if findings:
        first = next(row for row in sheet.results if row.box == findings[0].boxes[0])
        yield Said(
            (
                "The first step to look at is ",
                sheet.place(first.quantity, first.box),
                "." + _consistent(sheet.results, len(findings)),
            )
        )
        yield from cards(sheet, findings)
    if blank:
        first_of = sheet.place(blank[0].quantity, blank[0].box)
        number = "One box is" if len(blank) == 1 else f"{len(blank)} boxes are"
        yield Said((f"{number} empty; the first of them is ", first_of, "."))


def _consistent(results: Sequence[BoxResult], findings: int) -> str:
    after = [row for row in results if row.verdict == "follow-through"]
    if findings == 1 and after:
        return " Everything after it is consistent with what you wrote there."
    boxes = "1 box is" if len(after) == 1 else f"{len(after)} boxes are"
    return f" {boxes} right for the numbers that you had by then." if after else ""


def _folded(sheet: MarkedSheet) -> Iterator[Block]:
    """The boxes that are not right with reason and right line, then those that are."""
    lines = {line.name: line for line in sheet.solution.lines}
    other = [row for row in sheet.results if row.verdict not in RIGHT]
    right = [row for row in sheet.results if row.verdict in RIGHT]
    for words, rows, brief in (("Not right", other, False), ("Right", right, True)):
        if rows:
            count = f"{len(rows)} box" + ("" if len(rows) == 1 else "es")
            verdicts = tuple(_verdict(sheet, row, None if brief else lines) for row in rows)
            yield Folded(f"{words}: {count}", verdicts, sheet.places(rows), brief)


def _verdict(sheet: MarkedSheet, row: BoxResult, lines: Mapping[str, Line] | None) -> BoxFeedback:
    bank = sheet.bank
    stands = row.verdict not in ("blank", "unreadable")
    return BoxFeedback(
        sheet.place(row.quantity, row.box),
        row.box,
        TypedText(row.typed),
        row.verdict,
        _notes(row),
        tuple(NamedPlace(Symbol(name)) for name in row.bridged) if stands else (),
        lines[row.quantity] if lines and row.box == sheet.boxes[row.quantity][0] else None,
        sheet.right(row) if lines else "",
        _accepted(bank, row),
        f"{row.marks:.2f} / {row.of:.2f}" if row.of > LEAST_MARKS else "not counted",
    )


def _notes(row: BoxResult) -> tuple[str, ...]:
    best = [
        f"{e.name}{': ' + e.detail if e.detail else ''}. {e.says}" for e in row.explanations[:1]
    ]
    others = [f"or: {e.name}" for e in row.explanations[1:3]]
    return (*best, *others, *([row.reason] if row.reason else []))


def _accepted(bank: Bank, row: BoxResult) -> tuple[str, str]:
    return bank.rounding.format(row.low, 1), bank.rounding.format(row.high, 1)


__all__ = ["adding_up", "bars", "feedback"]
