"""Practice: what to do and the boxes first, then no more than the lines that are needed; a key
without empty boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from rnnquiz.algebra.expression import Expression
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.documents.key import key
from rnnquiz.documents.parts import document_of, givens, shown_formula
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.tree import (
    AskedStep,
    Block,
    Document,
    Equations,
    Formula,
    Givens,
    Heading,
    Paragraph,
    Reasons,
    Results,
    Symbol,
    Worked,
)
from rnnquiz.languages.sentences import said
from rnnquiz.numerals import WELCOME
from rnnquiz.solution import Solution

FILLED = "fill"  # the task whose open lines stand alone


def practice_sheet(bank: Bank, variant: Variant, name: str) -> Document:
    """The sheet of one practice; a task that shows all of its lines keeps them."""
    whole = sheet(bank, variant, name)
    if bank.task.kind != FILLED:
        return whole
    task = said(
        "Compute the open lines below, in their order, and write the results into the boxes."
    )
    heading = Heading(said("What to do"))
    rounding = Paragraph(bank.rounding.words(), "strong")
    blocks: list[Block] = [heading, Paragraph(task), rounding]
    # The boxes first, so that they stand on one page with what to do, where they fit.
    blocks += filter(_is_asked, whole.blocks)
    blocks.append(Paragraph(WELCOME, "note"))
    blocks += _needed(bank, variant)
    return document_of(bank, variant, name, blocks)


def _is_asked(block: Block) -> bool:
    return isinstance(block, AskedStep)


def practice_key(solution: Solution, name: str) -> Document:
    """The worked lines, each explained, and what is accepted."""
    whole = key(solution, name, "explained")
    bank = solution.bank
    if bank.task.kind != FILLED:
        return whole
    blocks = [*_needed(bank, solution.variant), *_worked(whole.blocks)]
    return document_of(bank, solution.variant, name, blocks, whole.subtitle)


def _needed(bank: Bank, variant: Variant) -> Iterator[Block]:
    """The open lines as formulas, and the numbers that they read."""
    symbols = map(Symbol, bank.asked)
    formulas = [Formula(_formula(bank, name)) for name in bank.asked]
    yield Heading(said("The open lines"))
    yield Equations(tuple(zip(symbols, formulas, strict=True)))
    yield Heading(said("The numbers that they need"))
    read = [bank.graph[name] for name in read_by(bank)]
    yield Givens(givens(bank, variant, read))


def read_by(bank: Bank) -> list[str]:
    """What the open lines read that is not itself open, in the order of computation."""
    reads = (bank.full.parents[name] for name in bank.asked)
    every = chain.from_iterable(reads)
    read = set(every).difference(bank.asked)
    names = (q.name for q in bank.graph)
    return list(filter(read.__contains__, names))


def _formula(bank: Bank, name: str) -> Expression:
    formula = bank.full[name].formula
    assert formula is not None
    return shown_formula(bank, formula)


def _worked(blocks: Sequence[Block]) -> Iterator[Block]:
    """Of a key its worked lines with their headings, and the results."""
    kept = (Worked, Reasons, Results)
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        # A heading stays above what is kept, and above a heading of a lower level.
        leads = isinstance(block, Heading) and isinstance(after, (*kept, Heading))
        if isinstance(block, kept) or leads:
            yield block


__all__ = ["practice_key", "practice_sheet", "read_by"]
