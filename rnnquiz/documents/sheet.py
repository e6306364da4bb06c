"""The problem sheet."""

from __future__ import annotations

from collections.abc import Iterator

from rnnquiz.bank.specification import Bank, trivial
from rnnquiz.bank.task_kind import TaskKind
from rnnquiz.bank.variant import Variant
from rnnquiz.derivation.roles import BACKWARD, Role
from rnnquiz.documents.boxes import answers
from rnnquiz.documents.derived import derivation
from rnnquiz.documents.leaves import step_asked
from rnnquiz.documents.legend import legend, rules
from rnnquiz.documents.parts import (
    SharedBlocks,
    document_of,
    drawn,
    givens,
    marks_table,
)
from rnnquiz.documents.tree import Block, Document, Givens, Heading, Paragraph, Space
from rnnquiz.languages.sentences import Message, listing, of_bank, plural, said, strung


def sheet(
    bank: Bank,
    variant: Variant,
    name: str,
    common: SharedBlocks | None = None,
    lines: int | None = None,
) -> Document:
    """The problem sheet: nothing in it depends on the solution, but for the numbers that the task
    shows. `lines`: ruled lines after each kind of boxes, in place of those of the bank."""
    task, common = bank.task, common or SharedBlocks.of(bank)
    network = common.once("network", lambda: _network(bank, common))
    numbers = givens(bank, variant, drawn(bank))
    blocks: list[Block] = [*network, Givens(numbers)]
    if task.kind == TaskKind.STEP:
        shown = [bank.graph[name_] for name_ in task.shown]
        known = givens(bank, variant, shown)
        heading = Heading(said("What is known already"))
        blocks += [heading, Givens(known)]
    ruled = bank.written.lines if lines is None else lines
    # For each number of lines: a style can ask for others than the bank.
    blocks += common.once(f"task, {ruled} lines", lambda: _task_and_answers(bank, ruled))
    if task.kind.shows_derivation:  # which takes pages: what is to be done stands before it
        blocks.append(Heading(said("The derivation")))
        blocks.append(derivation(bank, variant))
        if task.kind == TaskKind.FILL and ruled:  # elsewhere below each kind of boxes
            blocks.append(Space(ruled))
    if bank.written.signature:
        foot = Space(1, said("Date and signature"))
        blocks.append(foot)
    return document_of(bank, variant, name, blocks)


def _network(bank: Bank, common: SharedBlocks) -> Iterator[Block]:
    """What stands before the numbers."""
    yield from _about(bank)
    yield from (Heading(said("The network")), common.drawing, common.equations)
    if symbols := legend(bank):
        yield symbols
    yield Heading(said("Your numbers"))


def _what_to_do(bank: Bank) -> Iterator[Block]:
    yield Heading(said("What to do"))
    yield Paragraph(_task(bank))
    yield Paragraph(bank.rounding.words(), "strong")
    yield rules(bank)
    if note := bank.written.wording.note.strip():
        yield Paragraph(of_bank(note), "note")


def _task_and_answers(bank: Bank, ruled: int) -> Iterator[Block]:
    yield from _what_to_do(bank)
    yield marks_table(bank)
    # Gaps are filled in where they stand: a second box would ask whether both count.
    if bank.task.kind == TaskKind.FILL:
        return
    yield Heading(said("Answers"))
    yield from _answers(bank, ruled)


def _answers(bank: Bank, ruled: int) -> Iterator[Block]:
    """The boxes, part by part, each with so many ruled lines for the work."""
    for heading, bands in answers(bank):
        yield Heading(heading, 2)
        yield from bands
        if ruled:
            yield Space(ruled)


def _about(bank: Bank) -> Iterator[Paragraph]:
    """When, with what and where, as far as the bank says; what the exercise is; that it is no work
    for a hand, where it is none."""
    written = bank.written
    lines = list(circumstances(written.due, written.aids, written.handing_in))
    if written.minutes:
        lines.append(plural("About {n} minute.", "About {n} minutes.", written.minutes))
    if lines:
        yield Paragraph(strung(" ", lines), "note")
    if bank.warning:
        yield Paragraph(bank.warning, "note")
    if written.wording.intro:
        intro = written.wording.intro.strip()
        yield Paragraph(of_bank(intro))


def circumstances(due: str, aids: str, handing_in: str) -> Iterator[Message]:
    """When, with what and where, as far as it is said."""
    # Our sentences end with a stop of their own; a bank may be written with it or without.
    due, aids, handing_in = map(_without_stop, (due, aids, handing_in))
    if due:
        yield said("Due: {when}.", when=of_bank(due))
    if aids:
        yield said("Aids: {what}.", what=of_bank(aids))
    if handing_in:
        yield said("Hand in: {where}.", where=of_bank(handing_in))


def _without_stop(text: str) -> str:
    return text.strip().rstrip(".")


FIND_THE_LINE = said(
    "Each line of the derivation below was computed from the numbers of the lines before it. One"
    " line is wrong; all others follow from what stands there. Give the number of the wrong line,"
    " and its right value from the numbers before it."
)
FILL_THE_LINES = said(
    "Some lines of the derivation below are open. Fill them in, from the numbers of the other"
    " lines."
)
BY_GRADIENTS = said("Run the gradients backwards through the network.")
LOSS_BY_LOSS = said("Take one loss at a time, from the last step to the first.")
ADDED_UP = {
    BY_GRADIENTS: said("Run the gradients backwards through the network, then add up over time."),
    LOSS_BY_LOSS: said(
        "Take one loss at a time, from the last step to the first, and add up over time."
    ),
}
"""The same where gradients of several steps are summed."""
WHAT = (
    ({Role.FORWARD}, said("the forward pass")),
    ({Role.LOSS}, said("the loss")),
    (BACKWARD, said("the gradients")),
    ({Role.UPDATE}, said("the updated parameters")),
)


def _task(bank: Bank) -> Message:
    """What to do, in words, from what is asked."""
    task = bank.task
    if task.kind == TaskKind.FIND:
        return FIND_THE_LINE
    if task.kind == TaskKind.FILL:
        return FILL_THE_LINES
    if task.kind == TaskKind.STEP:
        return said(
            "Do one step of backpropagation through time, at {step}, from the numbers that are"
            " known already.",
            step=step_asked(bank),
        )
    roles = {bank.graph[name].role for name in bank.asked}
    parts = [words for kinds, words in WHAT if roles & kinds]
    first = said("Compute {what}.", what=listing(parts))
    gradients = not roles.isdisjoint(BACKWARD)
    return strung(" ", [first, *_how(bank, gradients)])


def _how(bank: Bank, gradients: bool) -> Iterator[Message]:
    """In which order, within which steps, and how often."""
    model = bank.written.model
    if gradients:
        # A single loss leaves nothing to take one at a time.
        by_loss = bank.written.style == "total" and _losses(bank) > 1
        way = LOSS_BY_LOSS if by_loss else BY_GRADIENTS
        yield ADDED_UP[way] if _sums(bank) else way
    if gradients and model.window:
        yield said(
            "Gradients stay within chunks of {steps} steps (truncated backpropagation through"
            " time).",
            steps=model.window,
        )
    if model.updates > 1:
        yield said(
            "Do this {times} times, each time with the updated parameters; numbers in brackets"
            " count the passes.",
            times=model.updates,
        )


def _losses(bank: Bank) -> int:
    """The number of steps with a loss of their own."""
    return len({q.time for q in bank.full.computed if q.role == Role.LOSS} - {None})


def _sums(bank: Bank) -> bool:
    """True where the gradients of several steps add up to what is asked."""
    return any(q.role == Role.SUM and not trivial(q) for q in bank.graph.computed)
