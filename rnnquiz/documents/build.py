"""The documents of a course as neutral trees: the sheet, the key, the feedback page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rnnquiz.bank.load import Bank, boxes_of
from rnnquiz.bank.variant import Variant
from rnnquiz.decimals import plain
from rnnquiz.documents.drawing import draw
from rnnquiz.documents.tree import (
    AnswerBox,
    Answers,
    Block,
    Document,
    Equations,
    Formula,
    Givens,
    Heading,
    Paragraph,
    Symbol,
    Table,
    Value,
    Verdict,
    Verdicts,
    Worked,
)
from rnnquiz.grade.mark import BoxResult, Marked
from rnnquiz.solution import Line, Solution, nested

LONGEST_NAME = 70

KIND_WORDS = {
    "forward": "Forward pass", "loss": "Loss", "local": "Local derivatives", "recurrence": "Derivatives through time",
    "gradient": "Gradients of each step", "sum": "Gradients, summed over time", "update": "Update",
}  # fmt: skip


def sheet(bank: Bank, variant: Variant, name: str) -> Document:
    """The problem sheet: nothing in it depends on the solution."""
    written = bank.written
    blocks: list[Block] = []
    if written.wording.intro:
        blocks.append(Paragraph(written.wording.intro.strip()))
    blocks += [
        Heading("The network"), draw(bank.graph, tuple(bank.cell.inputs)), Equations(_equations(bank)),
        Heading("Your numbers"), Givens(_givens(bank, variant)),
        Heading("What to do"), Paragraph(_task(bank)), Paragraph(bank.rounding.words(), "strong"),
        Paragraph("Fill in each box. Marks: " + ", ".join(
            f"{KIND_WORDS[role].lower()} {plain_marks(marks)}" for role, marks in bank.marks.items()) + "."),
    ]  # fmt: skip
    if any(q.shape for q in bank.graph.computed):
        blocks.append(Paragraph("A product with a circled dot and a power of a vector are taken entry by entry.", "note"))
    if written.wording.note:
        blocks.append(Paragraph(written.wording.note.strip(), "note"))
    blocks.append(Heading("Answers"))
    for role in KIND_WORDS:
        boxes = tuple(_answer_boxes(bank, role))
        if boxes:
            blocks += [Heading(KIND_WORDS[role], 2), Answers(boxes)]
    return Document(written.title, written.course, shortened(name), variant.token, tuple(blocks))


def key(solution: Solution, name: str) -> Document:
    """The fully worked key: every line, the asked values boxed, exact values where they differ from the chain."""
    bank = solution.bank
    blocks: list[Block] = [
        Heading("Given"), Equations(_equations(bank)), Givens(_givens(bank, solution.variant)),
        Paragraph(bank.rounding.words(), "note"),
    ]  # fmt: skip
    last = ""
    for section, topic, lines in solution.topics():
        if section != last:
            blocks.append(Heading(section))
            last = section
        if topic:
            parameter = topic in bank.graph.parameters
            blocks.append(Heading("For" if parameter else topic, 2, Symbol(topic) if parameter else None))
        blocks.append(Worked(tuple(lines), _differing(solution, lines)))
    blocks += [Heading("Marks"), Table(("kind", "boxes", "marks"), tuple(_marks_rows(bank)))]
    return Document(bank.written.title, bank.written.course, shortened(name), solution.variant.token, tuple(blocks), "Worked key")


def feedback(marked: Marked, n: int, solution: Solution, name: str) -> Document:
    """What a student gets back: marks, the mistakes made, then each box with verdict, reason and the right line."""
    bank = marked.bank
    total, maximum = float(marked.totals[n]), float(marked.maxima[n])
    blocks: list[Block] = [Paragraph(f"{total:.2f} of {maximum:.2f} marks", "strong")]
    skills = marked.by_skill(n)
    rows = tuple((KIND_WORDS[role], f"{got:.2f}", f"{of:.2f}") for role, (got, of) in skills.items())
    blocks.append(Table(("kind", "marks", "of"), rows))
    findings = marked.findings(n)
    if findings:
        blocks.append(Heading("What to look at"))
        first = findings[0].boxes[0]
        blocks.append(Paragraph(f"The first step to look at is {first}." + _consistent(marked, n, len(findings))))
        for finding in findings:
            also = f" The same number could also come from: {', '.join(finding.others)}." if finding.others else ""
            blocks.append(Paragraph(f"{finding.name} ({', '.join(finding.boxes)}): {finding.says}{also}"))
    lines = {line.name: line for line in solution.lines}
    blocks += [Heading("Box by box"), Verdicts(tuple(_verdict_row(bank, row, lines) for row in marked.results(n)))]
    return Document(bank.written.title, bank.written.course, shortened(name), solution.variant.token, tuple(blocks), "Feedback")


def shortened(name: str) -> str:
    """A name as it fits on the top of a page."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def plain_marks(marks: float) -> str:
    return f"{marks:g}"


def _consistent(marked: Marked, n: int, findings: int) -> str:
    after = [row for row in marked.results(n) if row.verdict == "follow-through"]
    if findings == 1 and after:
        return " Everything after it is consistent with what you wrote there."
    return f" {len(after)} boxes are right for the numbers that you had by then." if after else ""


def _equations(bank: Bank) -> tuple[tuple[Symbol, Formula], ...]:
    """The equations of one step, with t for the step, and those without time."""
    rows = []
    for q in bank.graph.computed:
        if q.role in ("forward", "loss") and q.time in (None, bank.graph.steps) and q.formula is not None:
            rows.append((Symbol(q.name, q.time), Formula(q.formula, q.time)))
    return tuple(rows)


def _givens(bank: Bank, variant: Variant) -> tuple[tuple[Symbol, Value], ...]:
    def order(name: str) -> tuple[int, str, int]:
        base = name.partition("[")[0]
        time = bank.graph[name].time
        rank = 0 if base in bank.cell.inputs else 1 if base in bank.cell.targets else 2 if time is not None else 3
        return rank, base if rank < 2 else "", time or 0

    names = sorted((q.name for q in bank.graph.givens), key=order)
    return tuple((Symbol(n), Value(nested([plain(v) for v in variant.givens[n]], bank.graph.shapes[n]))) for n in names)


def _task(bank: Bank) -> str:
    style = {
        "total": "Take one loss at a time, from the last step to the first, and add up over time.",
        "delta": "Run the gradients backwards through the states, then add up over time.",
    }[bank.written.style]
    return f"Compute the forward pass, the loss, all gradients and the updated parameters. {style}"


def _answer_boxes(bank: Bank, role: str) -> Iterator[AnswerBox]:
    digits = bank.rounding.digits + 3
    for name in bank.asked:
        q = bank.graph[name]
        if q.role == role:
            for box in boxes_of(q):
                yield AnswerBox(Symbol(name), box.name[len(name) + 1 :].replace(".", ","), box.name, digits)


def _differing(solution: Solution, lines: list[Line]) -> dict[str, str]:
    """Exact values, to two digits more, of the asked scalars whose printed chain has drifted away from them."""
    found = {}
    for line in lines:
        if line.asked and line.quantity.shape == ():
            exact = float(solution.exact[line.name][0])
            if solution.bank.rounding.format(exact) != line.shown:
                found[line.name] = solution.bank.rounding.format(exact, 2)
    return found


def _marks_rows(bank: Bank) -> Iterator[tuple[str, str, str]]:
    for role, marks in bank.marks.items():
        count = sum(bank.graph[box.quantity].role == role for box in bank.boxes)
        yield KIND_WORDS[role], str(count), plain_marks(marks)


def _verdict_row(bank: Bank, row: BoxResult, lines: dict[str, Line]) -> Verdict:
    notes = [f"{e.name}{': ' + e.detail if e.detail else ''}. {e.says}" for e in row.explanations[:1]]
    notes += [f"or: {e.name}" for e in row.explanations[1:3]]
    if row.reason:
        notes.append(row.reason)
    if row.bridged and row.verdict not in ("blank", "unreadable"):
        notes.append(f"Computed on for you, as nothing readable stands there: {', '.join(row.bridged)}.")
    shape = bank.graph.shapes[row.quantity]
    entry = row.box[len(row.quantity) + 1 :].replace(".", ",") if shape else ""
    show = row.verdict not in ("correct", "follow-through") and (not shape or re.search(r"\.1(\.1)?$", row.box) is not None)
    accepted = f"{bank.rounding.format(row.low, 1)} to {bank.rounding.format(row.high, 1)}"
    marks = f"{row.marks:.2f} / {row.of:.2f}" if row.of else "not counted"
    line = lines[row.quantity] if show else None
    return Verdict(Symbol(row.quantity), entry, row.box, row.typed, row.verdict, tuple(notes), line, accepted, marks)


