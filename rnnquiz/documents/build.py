"""The documents of a course as neutral trees: the sheet, the key, the feedback page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from rnnquiz.algebra.operations import evaluate as value_of
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task import WHICH
from rnnquiz.bank.variant import Variant, arrays_of, shown_digits
from rnnquiz.derivation.graph import Quantity
from rnnquiz.derivation.training import update_rule
from rnnquiz.documents.drawing import draw
from rnnquiz.documents.tree import (
    AnswerBox,
    Answers,
    Block,
    Derivation,
    Document,
    Equations,
    Formula,
    Givens,
    Heading,
    Math,
    Paragraph,
    Symbol,
    Table,
    Value,
    Verdict,
    Verdicts,
    Worked,
)
from rnnquiz.grade.mark import BoxResult, Marked
from rnnquiz.solution import Line, Solution, given_text

LONGEST_NAME = 70
DERIVED = ("fill", "find")  # tasks whose sheet shows a derivation

KIND_WORDS = {
    "forward": "Forward pass", "loss": "Loss", "local": "Local derivatives", "recurrence": "Derivatives through time",
    "gradient": "Gradients of each step", "sum": "Gradients, summed over time", "update": "Update",
    "finding": "The mistake",
}  # fmt: skip


def sheet(bank: Bank, variant: Variant, name: str) -> Document:
    """The problem sheet: nothing in it depends on the solution, but for the numbers that the task shows."""
    written, task = bank.written, bank.task
    blocks: list[Block] = [Paragraph(line, "note") for line in _about(bank)]
    if written.wording.intro:
        blocks.append(Paragraph(written.wording.intro.strip()))
    blocks += [
        Heading("The network"), draw(bank.full, tuple(bank.cell.inputs)), Equations(_equations(bank)),
        Heading("Your numbers"), Givens(_givens(bank, variant, _drawn(bank))),
    ]  # fmt: skip
    blocks += [Paragraph(line, "note") for line in _words(bank, variant)]
    if task.kind == "step":
        shown = [bank.graph[name_] for name_ in task.shown]
        blocks += [Heading("What is known already"), Givens(_givens(bank, variant, shown))]
    elif task.kind in DERIVED:
        blocks += [Heading("The derivation"), _derivation(bank, variant)]
    blocks += [
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
    return _document(bank, variant, name, blocks)


def _document(bank: Bank, variant: Variant, name: str, blocks: list[Block], subtitle: str = "") -> Document:
    written = bank.written
    return Document(written.title, written.course, shortened(name), variant.token, tuple(blocks), subtitle, bank.notation)


def _drawn(bank: Bank) -> list[Quantity]:
    """The givens that were drawn, without what the sheet shows of the solution."""
    return [q for q in bank.graph.givens if q.name not in (*bank.task.shown, WHICH)]


def _about(bank: Bank) -> Iterator[str]:
    """Goal, time and level, as far as the bank gives them."""
    written = bank.written
    if written.goal:
        yield f"Goal: {written.goal.strip()}"
    parts = [f"about {written.minutes} minutes" if written.minutes else "", written.level]
    if any(parts):
        yield "; ".join(part for part in parts if part).capitalize() + "."


def _words(bank: Bank, variant: Variant) -> Iterator[str]:
    """Which letters one-hot vectors stand for."""
    words = {n: w for n, s in bank.samplers.items() if n in variant.givens and (w := s.word(variant.givens[n]))}
    for base in dict.fromkeys(name.partition("[")[0] for name in words):
        letters = [w for name, w in words.items() if name.partition("[")[0] == base]
        yield f"{bank.notation.letter(base)}: the letters {', '.join(letters)}, each as a one-hot vector."


def _derivation(bank: Bank, variant: Variant) -> Derivation:
    """All lines of the solution as the sheet shows them; what is asked is left open."""
    rows: list[tuple[str, Math, Math, Math | None]] = []
    for number, q in enumerate(bank.full.computed, start=1):
        assert q.formula is not None
        value = Value(given_text(bank, variant, q)) if q.name in bank.task.shown else None
        rows.append((str(number), Symbol(q.name), Formula(q.formula), value))
    return Derivation(tuple(rows))


def key(solution: Solution, name: str) -> Document:
    """The fully worked key: every line, the asked values boxed, exact values where they differ from the chain."""
    bank = solution.bank
    blocks: list[Block] = [
        Heading("Given"), Equations(_equations(bank)),
        Givens(_givens(bank, solution.variant, _drawn(bank) if bank.task.kind in DERIVED else list(bank.graph.givens))),
        Paragraph(bank.rounding.words(), "note"),
    ]  # fmt: skip
    if bank.task.kind in DERIVED:
        blocks += [Heading("The derivation"), _derivation(bank, solution.variant)]
    last = ""
    for section, topic, lines in solution.topics():
        if section != last:
            blocks.append(Heading(section))
            last = section
        if topic:
            parameter = next((p for p in bank.full.parameters if bank.notation.letter(p) == topic), None)
            blocks.append(Heading("For" if parameter else topic, 2, Symbol(parameter) if parameter else None))
        blocks.append(Worked(tuple(lines), _differing(solution, lines)))
    blocks += [Paragraph(line) for line in _made(solution)]
    blocks += [Heading("Marks"), Table(("kind", "boxes", "marks"), tuple(_marks_rows(bank)))]
    return _document(bank, solution.variant, name, blocks, "Worked key")


def _made(solution: Solution) -> Iterator[str]:
    """In a find task the names of the mistakes that give the number of the wrong line."""
    bank, variant = solution.bank, solution.variant
    if bank.task.kind != "find":
        return
    number = int(variant.givens[WHICH][0])
    line = bank.task.lines[number - 1]
    values = arrays_of(bank, [variant])
    shown = given_text(bank, variant, bank.graph[line])
    digits = shown_digits(bank)
    names = [
        f"{m.rule.name}: {m.rule.says}"
        for m in bank.candidates
        if m.quantity == line and bank.rounding.format(float(np.ravel(value_of(m.formula, values))[0]), digits) == shown
    ]
    yield f"Line {number} ({bank.notation.text(line)}) is wrong."
    yield "The mistake: " + " Or: ".join(dict.fromkeys(names)) if names else "The mistake is none of those now registered."


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
    return _document(bank, solution.variant, name, blocks, "Feedback")


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
    """The equations of one step, with t for the step, those without time, and the training step where it is needed."""
    rows = []
    last = max((q.time for q in bank.full.computed if q.role == "forward" and q.time is not None), default=None)
    for q in bank.full.computed:
        if q.role in ("forward", "loss") and q.time in (None, last) and q.symbol.number in (None, 1):
            assert q.formula is not None
            rows.append((Symbol(q.name, q.time, q.symbol.number), Formula(q.formula, q.time, q.symbol.number)))
    if any(q.role == "update" for q in bank.full.computed):
        rows += [(Symbol(name, None, 1), Formula(formula, None, 1)) for name, formula in update_rule(bank.model)]
    return tuple(rows)


def _givens(bank: Bank, variant: Variant, shown: list[Quantity]) -> tuple[tuple[Symbol, Value], ...]:
    order = {q.name: i for i, q in enumerate(bank.full)}

    def rank(q: Quantity) -> tuple[int, str, int]:
        base = q.name.partition("[")[0]
        if q.name in bank.task.shown:
            return 4, "", order[q.name]
        kind = 0 if base in bank.cell.inputs else 1 if base in bank.cell.targets else 2 if q.time is not None else 3
        return kind, base if kind < 2 else "", q.time or 0

    return tuple((Symbol(q.name), Value(given_text(bank, variant, q))) for q in sorted(shown, key=rank))


def _task(bank: Bank) -> str:
    """What to do, in words, from what is asked."""
    task, style = bank.task, bank.written.style
    if task.kind == "find":
        return (
            "Each line was computed from the numbers of the lines before it. One line is wrong; all others follow from what "
            "stands there. Give the number of the wrong line, and its right value from the numbers before it."
        )
    if task.kind == "fill":
        return "Some lines of the derivation are open. Fill them in, from the numbers of the other lines."
    if task.kind == "step":
        at = (bank.written.task.at or 0) + bank.notation.first - 1
        return f"Do one step of backpropagation through time, at t = {at}, from the numbers that are known already."
    roles = {bank.graph[name].role for name in bank.asked}
    words = {
        "the forward pass": roles & {"forward"}, "the loss": roles & {"loss"},
        "the gradients": roles & {"local", "recurrence", "gradient", "sum"}, "the updated parameters": roles & {"update"},
    }  # fmt: skip
    parts = [what for what, found in words.items() if found]
    listed = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
    text = f"Compute {listed}."
    if words["the gradients"]:
        text += {
            "total": " Take one loss at a time, from the last step to the first, and add up over time.",
            "delta": " Run the gradients backwards through the network, then add up over time.",
        }[style]
    if bank.written.model.window and words["the gradients"]:
        text += f" Gradients stay within chunks of {bank.written.model.window} steps (truncated backpropagation through time)."
    if bank.written.model.updates > 1:
        text += f" Do this {bank.written.model.updates} times, each time with the updated parameters; numbers in brackets count the passes."
    return text


def _answer_boxes(bank: Bank, role: str) -> Iterator[AnswerBox]:
    digits = bank.rounding.digits + 3
    for name in bank.asked:
        q = bank.graph[name]
        if q.role == role:
            for box in bank.boxes_of(q):
                yield AnswerBox(Symbol(name), _entry_of(bank, name, box.name), box.name, digits)


def _entry_of(bank: Bank, name: str, box: str) -> str:
    """Row and column of a box within its quantity, as shown; empty for a scalar."""
    return box[len(bank.notation.text(name)) + 1 :].replace(".", ",")


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
        notes.append(f"Computed on for you, as nothing readable stands there: {', '.join(map(bank.notation.text, row.bridged))}.")
    shape = bank.graph.shapes[row.quantity]
    entry = _entry_of(bank, row.quantity, row.box) if shape else ""
    show = row.verdict not in ("correct", "follow-through") and (not shape or re.search(r"\.1(\.1)?$", row.box) is not None)
    accepted = f"{bank.rounding.format(row.low, 1)} to {bank.rounding.format(row.high, 1)}"
    marks = f"{row.marks:.2f} / {row.of:.2f}" if row.of else "not counted"
    line = lines[row.quantity] if show else None
    return Verdict(Symbol(row.quantity), entry, row.box, row.typed, row.verdict, tuple(notes), line, accepted, marks)


