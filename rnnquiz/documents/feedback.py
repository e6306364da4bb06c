"""The feedback page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rnnquiz.bank.specification import Bank
from rnnquiz.documents.page import page_blocks
from rnnquiz.documents.parts import KIND_WORDS, document_of, entry_of
from rnnquiz.documents.tree import (
    Block,
    Document,
    Heading,
    Paragraph,
    Symbol,
    Table,
    Verdict,
    Verdicts,
)
from rnnquiz.grade.mark import BoxResult, Finding, Marked
from rnnquiz.pages.reading import Reading
from rnnquiz.solution import Line, Solution

MOST_NAMED = 6  # boxes


def feedback(
    marked: Marked, n: int, solution: Solution, name: str, reading: Reading | None = None
) -> Document:
    """What a student gets back: marks, the mistakes made, the student's own page where there is
    one, then each box with verdict, reason and the right line."""
    bank = marked.bank
    total, maximum = float(marked.totals[n]), float(marked.maxima[n])
    blocks: list[Block] = [Paragraph(f"{total:.2f} of {maximum:.2f} marks", "strong")]
    skills = marked.by_skill(n)
    rows = tuple(
        (KIND_WORDS[role], f"{got:.2f}", f"{of:.2f}") for role, (got, of) in skills.items()
    )
    blocks.append(Table(("kind", "marks", "of"), rows))
    results = list(marked.results(n))
    findings = marked.findings(n, results)
    if findings:
        blocks.append(Heading("What to look at"))
        first = findings[0].boxes[0]
        blocks.append(
            Paragraph(
                f"The first step to look at is {first}." + _consistent(results, len(findings))
            )
        )
        for finding in findings:
            also = (
                f" The same number could also come from: {', '.join(finding.others)}."
                if finding.others
                else ""
            )
            followed = _followed(bank, finding, results)
            blocks.append(
                Paragraph(
                    f"{finding.name} ({', '.join(finding.boxes)}): {finding.says}{also}{followed}"
                )
            )
    lines = {line.name: line for line in solution.lines}
    if reading is not None:
        blocks += page_blocks(reading, {row.box: row for row in results}, solution)
    blocks += [
        Heading("Box by box"),
        Verdicts(tuple(_verdict_row(bank, row, lines) for row in results)),
    ]
    return document_of(bank, solution.variant, name, blocks, "Feedback")


def _followed(bank: Bank, finding: Finding, results: Sequence[BoxResult]) -> str:
    """The boxes that are right for the wrong number, as they were computed from it."""
    wrong = {row.quantity for row in results if row.box in finding.boxes}
    after = [
        row.box
        for row in results
        if row.verdict == "follow-through" and wrong & bank.graph.ancestors[row.quantity]
    ]
    more = f" and {len(after) - MOST_NAMED} more" if len(after) > MOST_NAMED else ""
    return (
        " What followed from it is right for the number that you had:"
        f" {', '.join(after[:MOST_NAMED])}{more}."
        if after
        else ""
    )


def _consistent(results: Sequence[BoxResult], findings: int) -> str:
    after = [row for row in results if row.verdict == "follow-through"]
    if findings == 1 and after:
        return " Everything after it is consistent with what you wrote there."
    return f" {len(after)} boxes are right for the numbers that you had by then." if after else ""


def _verdict_row(bank: Bank, row: BoxResult, lines: dict[str, Line]) -> Verdict:
    notes = [
        f"{e.name}{': ' + e.detail if e.detail else ''}. {e.says}" for e in row.explanations[:1]
    ]
    notes += [f"or: {e.name}" for e in row.explanations[1:3]]
    if row.reason:
        notes.append(row.reason)
    if row.bridged and row.verdict not in ("blank", "unreadable"):
        notes.append(
            "Computed on for you, as nothing readable stands there:"
            f" {', '.join(map(bank.notation.text, row.bridged))}."
        )
    shape = bank.graph.shapes[row.quantity]
    entry = entry_of(bank, row.quantity, row.box) if shape else ""
    show = row.verdict not in ("correct", "follow-through") and (
        not shape or re.search(r"\.1(\.1)?$", row.box) is not None
    )
    accepted = f"{bank.rounding.format(row.low, 1)} to {bank.rounding.format(row.high, 1)}"
    marks = f"{row.marks:.2f} / {row.of:.2f}" if row.of else "not counted"
    line = lines[row.quantity] if show else None
    return Verdict(
        Symbol(row.quantity),
        entry,
        row.box,
        row.typed,
        row.verdict,
        tuple(notes),
        line,
        accepted,
        marks,
    )
