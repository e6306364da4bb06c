"""What the key of a derivation with a mistake says: which line is wrong, which lines go on with it,
and by which mistakes its number comes out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnquiz.algebra.operations import value_of
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task import VALUE
from rnnquiz.bank.task_kind import TaskKind
from rnnquiz.bank.variant import Variant, arrays_of, shown_digits
from rnnquiz.documents.derived import carrying, wrong_line
from rnnquiz.documents.mathematics import Symbol, Value
from rnnquiz.documents.returned import NamedPlace
from rnnquiz.languages.sentences import Message, plural, said, strung
from rnnquiz.solution.solved import Solution, given_text


def told_of_wrong_line(solution: Solution) -> Iterator[Message]:
    """In a find task the names of the mistakes that give the number of the wrong line."""
    bank, variant = solution.bank, solution.variant
    if bank.task.kind != TaskKind.FIND:
        return
    number = wrong_line(bank, variant)
    line = bank.task.lines[number - 1]
    name = NamedPlace(Symbol(line))
    yield said(
        "Line {number} ({name}) is wrong and has a cross: it says {shown}, and {right} comes from"
        " the numbers before it.",
        number=number,
        name=name,
        shown=Value(given_text(bank, variant, bank.graph[line])),
        right=Value(solution.rounded[VALUE]),
    )
    yield _goes_on(bank, variant)
    names = list(_mistakes_that_give(solution, line))
    # A course keeps its sheets when a mistake of theirs is taken out of the registry.
    if not names:
        yield said("The mistake is none of those now registered.")
        return
    first, *others = dict.fromkeys(names)
    made = said("The mistake: {name_and_sentence}", name_and_sentence=first)
    or_made = (said("Or: {name_and_sentence}", name_and_sentence=other) for other in others)
    yield strung(" ", [made, *or_made])


def _goes_on(bank: Bank, variant: Variant) -> Message:
    """Which lines go on with the number of the wrong one."""
    lines = carrying(bank, variant)
    if not lines:
        return said("No other line goes on with the wrong number.")
    return plural(
        "Line {lines} goes on with the wrong number and has an arrow: for what stands there it is"
        " right.",
        "Lines {lines} go on with the wrong number and have arrows: for what stands there they are"
        " right.",
        len(lines),
        lines=strung(", ", map(str, lines)),
    )


def _mistakes_that_give(solution: Solution, line: str) -> Iterator[Message]:
    """The mistakes by which the number comes out that stands in a line, each with its sentence."""
    bank, variant = solution.bank, solution.variant
    values = arrays_of(bank, [variant])
    shown = given_text(bank, variant, bank.graph[line])
    digits = shown_digits(bank)
    for mistake in bank.candidates:
        if mistake.quantity != line:
            continue
        entries = np.ravel(value_of(mistake.formula, values))
        # A line that can be wrong is a scalar: its first entry is its only one.
        if bank.rounding.format(float(entries[0]), digits) == shown:
            yield said("{name}: {says}", name=mistake.rule.name, says=mistake.rule.says)
