"""Practice: what to do, the numbers, and the open lines with their boxes, and nothing else;
a key without empty boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, filterfalse

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task_kind import TaskKind
from rnnquiz.bank.variant import Variant
from rnnquiz.derivation.graph import Quantity
from rnnquiz.documents.derived import open_line
from rnnquiz.documents.gaps import Derivation
from rnnquiz.documents.key import key
from rnnquiz.documents.legend import rules
from rnnquiz.documents.mathematics import Math, Symbol, Value
from rnnquiz.documents.parts import document_of, givens
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.signs import Seen
from rnnquiz.documents.tree import Block, Document, Givens, Heading, Paragraph, Reasons, Worked
from rnnquiz.languages.sentences import said, strung
from rnnquiz.solution.sections import in_order_of_steps
from rnnquiz.solution.solved import Solution, given_text


def practice_sheet(bank: Bank, variant: Variant, name: str, subtitle: str = "") -> Document:
    """The sheet of one practice; a task that shows all of its lines keeps them."""
    if bank.task.kind != TaskKind.FILL:
        return replace(sheet(bank, variant, name), subtitle=subtitle)
    task = said("Compute the open lines, in their order, and write the results into the boxes.")
    blocks: list[Block] = [Heading(said("What to do")), Paragraph(task)]
    blocks += [
        Paragraph(bank.rounding.words(), "strong"),
        rules(bank, Seen.in_lines(bank, bank.asked)),
    ]
    # The numbers first: boxes of many vectors fill a page, and no number must stand behind them.
    blocks += [Heading(said("Your numbers")), _numbers(bank, variant)]
    lines = [open_line(bank, q) for q in _open(bank)]
    blocks += [Heading(said("The open lines")), Derivation(tuple(lines))]
    return document_of(bank, variant, name, blocks, subtitle)


def practice_key(solution: Solution, name: str, subtitle: str = "") -> Document:
    """The numbers, and the worked lines, each explained."""
    whole = key(solution, name, "explained")
    bank = solution.bank
    if bank.task.kind != TaskKind.FILL:
        return replace(whole, subtitle=subtitle)
    numbers = _numbers(bank, solution.variant)
    signs = list(Seen.in_lines(bank, bank.asked).signs())
    blocks: list[Block] = [Heading(said("Given")), numbers]
    if signs:
        blocks.append(Paragraph(strung(" ", signs), "note"))
    blocks += _worked(whole.blocks)
    return document_of(bank, solution.variant, name, blocks, subtitle)


def _numbers(bank: Bank, variant: Variant) -> Givens:
    """The numbers that the open lines read: what the bank gives as on a sheet, then results of
    other lines as the open ones, read from left to right, come to them."""
    read = [bank.graph[name] for name in read_by(bank)]
    given, known = list[Quantity](), list[tuple[Math, Math]]()
    for q in read:
        if q.name in bank.task.shown:
            known.append((Symbol(q.name), Value(given_text(bank, variant, q))))
        else:
            given.append(q)
    return Givens((*givens(bank, variant, given), *known))


def _open(bank: Bank) -> list[Quantity]:
    """In the order in which the key works them out."""
    return in_order_of_steps(bank.graph[name] for name in bank.asked)


def read_by(bank: Bank) -> list[str]:
    """What the open lines read that is not itself open, in the order of reading."""
    reads = (bank.full.parents[name] for name in bank.asked)
    every = dict.fromkeys(chain.from_iterable(reads))
    return list(filterfalse(bank.asked.__contains__, every))


def _worked(blocks: Sequence[Block]) -> Iterator[Block]:
    """Of a key its worked lines with their headings."""
    kept = [block for block in blocks if isinstance(block, (Heading, Reasons, Worked))]
    for block, after in zip(kept, [*kept[1:], None], strict=True):
        if not isinstance(block, Heading) or _leads(block, after):
            yield block


def _leads(heading: Heading, after: Block | None) -> bool:
    """True above what is no heading, or one of a lower level."""
    if isinstance(after, Heading):
        return after.level > heading.level
    return after is not None


__all__ = ["practice_key", "practice_sheet", "read_by"]
