"""The problem sheet."""

from __future__ import annotations

from collections.abc import Iterator

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.documents.boxes import answers
from rnnquiz.documents.parts import (
    DERIVED,
    KIND_WORDS,
    Common,
    derivation,
    document_of,
    drawn,
    givens,
    plain_marks,
)
from rnnquiz.documents.tree import (
    Block,
    Document,
    Givens,
    Heading,
    Paragraph,
)
from rnnquiz.numerals import WELCOME


def sheet(bank: Bank, variant: Variant, name: str, common: Common | None = None) -> Document:
    """The problem sheet: nothing in it depends on the solution, but for the numbers that the task
    shows."""
    written, task, common = bank.written, bank.task, common or Common.of(bank)
    blocks: list[Block] = [Paragraph(line, "note") for line in _about(bank)]
    if written.wording.intro:
        blocks.append(Paragraph(written.wording.intro.strip()))
    blocks += [
        Heading("The network"), common.drawing, common.equations,
        Heading("Your numbers"), Givens(givens(bank, variant, drawn(bank))),
    ]  # fmt: skip
    blocks += [Paragraph(line, "note") for line in _words(bank, variant)]
    if task.kind == "step":
        shown = [bank.graph[name_] for name_ in task.shown]
        blocks += [Heading("What is known already"), Givens(givens(bank, variant, shown))]
    elif task.kind in DERIVED:
        blocks += [Heading("The derivation"), derivation(bank, variant)]
    blocks += [
        Heading("What to do"),
        Paragraph(_task(bank)),
        Paragraph(bank.rounding.words(), "strong"),
        Paragraph(
            "Fill in each box. Marks: "
            + ", ".join(
                f"{KIND_WORDS[role].lower()} {plain_marks(marks)}"
                for role, marks in bank.marks.items()
            )
            + "."
        ),
        Paragraph(WELCOME, "note"),
    ]
    if any(q.shape for q in bank.graph.computed):
        blocks.append(
            Paragraph(
                "A product with a circled dot and a power of a vector are taken entry by entry.",
                "note",
            )
        )
    if written.wording.note:
        blocks.append(Paragraph(written.wording.note.strip(), "note"))
    blocks.append(Heading("Answers"))
    for role in KIND_WORDS:
        bands = tuple(answers(bank, role))
        if bands:
            blocks += [Heading(KIND_WORDS[role], 2), *bands]
    return document_of(bank, variant, name, blocks)


def _about(bank: Bank) -> Iterator[str]:
    """Goal, time and level, as far as the bank gives them; that it is no work for a hand, where it
    is none."""
    written = bank.written
    if written.goal:
        yield f"Goal: {written.goal.strip()}"
    parts = [f"about {written.minutes} minutes" if written.minutes else "", written.level]
    if any(parts):
        yield "; ".join(part for part in parts if part).capitalize() + "."
    if bank.warning:
        yield bank.warning


def _words(bank: Bank, variant: Variant) -> Iterator[str]:
    """Which letters one-hot vectors stand for."""
    words = {
        n: w
        for n, s in bank.samplers.items()
        if n in variant.givens and (w := s.word(variant.givens[n]))
    }
    for base in dict.fromkeys(name.partition("[")[0] for name in words):
        letters = [w for name, w in words.items() if name.partition("[")[0] == base]
        yield (
            f"{bank.notation.letter(base)}: the letters {', '.join(letters)}, each as a one-hot"
            " vector."
        )


def _task(bank: Bank) -> str:
    """What to do, in words, from what is asked."""
    task, style = bank.task, bank.written.style
    if task.kind == "find":
        return (
            "Each line was computed from the numbers of the lines before it. One line is wrong; all"
            " others follow from what stands there. Give the number of the wrong line, and its"
            " right value from the numbers before it."
        )
    if task.kind == "fill":
        return (
            "Some lines of the derivation are open. Fill them in, from the numbers of the other"
            " lines."
        )
    if task.kind == "step":
        at = (bank.written.task.at or 0) + bank.notation.first - 1
        return (
            f"Do one step of backpropagation through time, at t = {at}, from the numbers that are"
            " known already."
        )
    roles = {bank.graph[name].role for name in bank.asked}
    words = {
        "the forward pass": roles & {"forward"},
        "the loss": roles & {"loss"},
        "the gradients": roles & {"local", "recurrence", "gradient", "sum"},
        "the updated parameters": roles & {"update"},
    }
    parts = [what for what, found in words.items() if found]
    listed = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
    text = f"Compute {listed}."
    if words["the gradients"]:
        text += {
            "total": (
                " Take one loss at a time, from the last step to the first, and add up over time."
            ),
            "delta": " Run the gradients backwards through the network, then add up over time.",
        }[style]
    if bank.written.model.window and words["the gradients"]:
        text += (
            f" Gradients stay within chunks of {bank.written.model.window} steps (truncated"
            " backpropagation through time)."
        )
    if bank.written.model.updates > 1:
        text += (
            f" Do this {bank.written.model.updates} times, each time with the updated parameters;"
            " numbers in brackets count the passes."
        )
    return text
