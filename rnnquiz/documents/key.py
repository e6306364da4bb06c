"""The worked key."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnquiz.algebra.operations import evaluate as value_of
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task import WHICH
from rnnquiz.bank.variant import arrays_of, shown_digits
from rnnquiz.documents.parts import DERIVED, KIND_WORDS, derivation, document_of, drawn, equations, givens, plain_marks
from rnnquiz.documents.tree import Block, Document, Equations, Givens, Heading, Paragraph, Symbol, Table, Worked
from rnnquiz.solution import Line, Solution, given_text


def key(solution: Solution, name: str) -> Document:
    """The fully worked key: every line, the asked values boxed, exact values where they differ from the chain."""
    bank = solution.bank
    blocks: list[Block] = [
        Heading("Given"), Equations(equations(bank)),
        Givens(givens(bank, solution.variant, drawn(bank) if bank.task.kind in DERIVED else list(bank.graph.givens))),
        Paragraph(bank.rounding.words(), "note"),
    ]  # fmt: skip
    if bank.task.kind in DERIVED:
        blocks += [Heading("The derivation"), derivation(bank, solution.variant)]
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
    return document_of(bank, solution.variant, name, blocks, "Worked key")


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
