"""The problem sheet."""

from __future__ import annotations

from collections.abc import Iterator

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.documents.boxes import answers
from rnnquiz.documents.legend import legend, rules
from rnnquiz.documents.parts import (
    DERIVED,
    KIND_WORDS,
    Common,
    derivation,
    document_of,
    drawn,
    givens,
    marks_table,
)
from rnnquiz.documents.tree import Block, Document, Givens, Heading, Paragraph, Space


def sheet(
    bank: Bank, variant: Variant, name: str, common: Common | None = None, lines: int | None = None
) -> Document:
    """The problem sheet: nothing in it depends on the solution, but for the numbers that the task
    shows. `lines`: ruled lines after each kind of boxes, in place of those of the bank."""
    task, common = bank.task, common or Common.of(bank)
    blocks: list[Block] = [*common.once("network", lambda: _network(bank, common))]
    blocks.append(Givens(givens(bank, variant, drawn(bank))))
    if task.kind == "step":
        shown = [bank.graph[name_] for name_ in task.shown]
        blocks += [Heading("What is known already"), Givens(givens(bank, variant, shown))]
    ruled = bank.written.lines if lines is None else lines
    blocks += common.once(f"task, {ruled} lines", lambda: _task_and_answers(bank, ruled))
    if task.kind in DERIVED:  # which takes pages: what is to be done stands before it
        blocks += [Heading("The derivation"), derivation(bank, variant)]
    if bank.written.signature:
        blocks.append(Space(1, "Date and signature"))
    return document_of(bank, variant, name, blocks)


def _network(bank: Bank, common: Common) -> Iterator[Block]:
    """What stands before the numbers."""
    yield from _about(bank)
    yield from (Heading("The network"), common.drawing, common.equations)
    if symbols := legend(bank):
        yield symbols
    yield Heading("Your numbers")


def _what_to_do(bank: Bank) -> Iterator[Block]:
    yield Heading("What to do")
    yield Paragraph(_task(bank))
    yield Paragraph(bank.rounding.words(), "strong")
    yield rules(bank)
    if note := bank.written.wording.note.strip():
        yield Paragraph(note, "note")


def _task_and_answers(bank: Bank, ruled: int) -> Iterator[Block]:
    yield from _what_to_do(bank)
    yield marks_table(bank)
    yield Heading("Answers")
    yield from _answers(bank, ruled)


def _answers(bank: Bank, ruled: int) -> Iterator[Block]:
    """The boxes, kind by kind, each with so many ruled lines for the work."""
    for role, words in KIND_WORDS.items():
        bands = tuple(answers(bank, role))
        if bands:
            yield Heading(words, 2)
            yield from bands
            if ruled:
                yield Space(ruled)


def _about(bank: Bank) -> Iterator[Paragraph]:
    """When, with what and where, as far as the bank says; what the exercise is; that it is no work
    for a hand, where it is none."""
    written = bank.written
    rules = {"Due": written.due, "Aids": written.aids, "Hand in": written.handing_in}
    said = [f"{word}: {text.strip().rstrip('.')}." for word, text in rules.items() if text.strip()]
    if written.minutes:
        said.append(f"About {written.minutes} minutes.")
    if said:
        yield Paragraph(" ".join(said), "note")
    if bank.warning:
        yield Paragraph(bank.warning, "note")
    if written.wording.intro:
        yield Paragraph(written.wording.intro.strip())


def _task(bank: Bank) -> str:
    """What to do, in words, from what is asked."""
    task, style = bank.task, bank.written.style
    if task.kind == "find":
        return (
            "Each line of the derivation below was computed from the numbers of the lines before"
            " it. One line is wrong; all others follow from what stands there. Give the number of"
            " the wrong line, and its right value from the numbers before it."
        )
    if task.kind == "fill":
        return (
            "Some lines of the derivation below are open. Fill them in, from the numbers of the"
            " other lines."
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
