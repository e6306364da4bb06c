"""The worked key."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnquiz.algebra.expression import Ref
from rnnquiz.algebra.operations import evaluate as value_of
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task import WHICH
from rnnquiz.bank.variant import arrays_of, shown_digits
from rnnquiz.distinguish import Mistakes
from rnnquiz.documents.parts import (
    DERIVED,
    KIND_WORDS,
    Common,
    derivation,
    document_of,
    drawn,
    entry_of,
    givens,
    plain_marks,
)
from rnnquiz.documents.tree import (
    Block,
    Document,
    Formula,
    Givens,
    Heading,
    Paragraph,
    Reasons,
    Result,
    Results,
    Symbol,
    Table,
    Worked,
)
from rnnquiz.reasons import Reason, reason_of
from rnnquiz.solution import Line, Printed, Solution, given_text

DEPTHS = ("results", "worked", "explained")
SUBTITLES = {
    "results": "Results",
    "worked": "Worked key",
    "explained": "Worked key, every step explained",
}


def key(
    solution: Solution,
    name: str,
    depth: str = "worked",
    mistakes: Mistakes | None = None,
    common: Common | None = None,
) -> Document:
    """The key: results only, every line worked, or every line explained; asked values boxed, exact
    ones where they differ.

    `mistakes` gives the teacher's appendix.
    """
    bank = solution.bank
    blocks: list[Block] = [Heading("Given")]
    if depth != "results":
        blocks.append((common or Common.of(bank)).equations)
    blocks += [
        Givens(
            givens(
                bank,
                solution.variant,
                drawn(bank) if bank.task.kind in DERIVED else list(bank.graph.givens),
            )
        ),
        Paragraph(bank.rounding.words(), "note"),
    ]
    if depth != "results":
        if bank.task.kind in DERIVED:
            blocks += [Heading("The derivation"), derivation(bank, solution.variant)]
        blocks += _worked(solution, depth == "explained")
    blocks += [Paragraph(line) for line in _made(solution)]
    blocks += [Heading("Results, and what is accepted"), Results(tuple(_results(solution)))]
    blocks += [Heading("Marks"), Table(("kind", "boxes", "marks"), tuple(_marks_rows(bank)))]
    if mistakes is not None:
        blocks += _appendix(mistakes)
    return document_of(bank, solution.variant, name, blocks, SUBTITLES[depth])


def _worked(solution: Solution, explained: bool) -> Iterator[Block]:
    bank, last = solution.bank, ""
    for section, topic, lines in solution.topics():
        if section != last:
            yield Heading(section)
            last = section
        if topic:
            parameter = next(
                (p for p in bank.full.parameters if bank.notation.letter(p) == topic), None
            )
            yield Heading(
                "For" if parameter else topic, 2, Symbol(parameter) if parameter else None
            )
        for reason, group in _reasoned(bank, lines) if explained else [(None, lines)]:
            if reason is not None:
                yield Reasons(
                    tuple(_formula(bank, source) for source in reason.sources), reason.words
                )
            yield Worked(tuple(group), _differing(solution, group))


def _reasoned(bank: Bank, lines: list[Line]) -> Iterator[tuple[Reason | None, list[Line]]]:
    """Each line that needs a reason alone with it; those that need none together."""
    plain: list[Line] = []
    for line in lines:
        reason = (
            reason_of(bank, bank.full[line.name]) if line.name in bank.full.quantities else None
        )
        if reason is None:
            plain.append(line)
            continue
        if plain:
            yield None, plain
        plain = []
        yield reason, [line]
    if plain:
        yield None, plain


def _formula(bank: Bank, name: str) -> tuple[Symbol, Formula]:
    formula = bank.full[name].formula
    assert formula is not None
    return Symbol(name), Formula(formula)


def _results(solution: Solution) -> Iterator[Result]:
    """Each box with its value and the numbers that are accepted there."""
    bank = solution.bank
    for box in bank.boxes:
        ends = solution.accepted(box) if bank.graph[box.quantity].formula != Ref(WHICH) else None
        value = _entries(solution.rounded[box.quantity])[box.entry]
        yield Result(
            Symbol(box.quantity),
            entry_of(bank, box.quantity, box.name),
            value,
            None if ends == (value, value) else ends,
        )


def _entries(printed: Printed) -> list[str]:
    return (
        [printed]
        if isinstance(printed, str)
        else [text for part in printed for text in _entries(part)]
    )


def _appendix(mistakes: Mistakes) -> Iterator[Block]:
    """For the teacher: what the mistakes that people make would give with these numbers."""
    yield Heading("For the teacher: mistakes that show in these numbers")
    yield Table(
        ("mistake", "shows in", "would give", "right"),
        tuple((m.name, m.box, m.wrong, m.right) for m in mistakes.shown),
    )
    if mistakes.hidden:
        yield Paragraph(
            f"Not to be told from the right answer here: {', '.join(mistakes.hidden)}.", "note"
        )


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
        if m.quantity == line
        and bank.rounding.format(float(np.ravel(value_of(m.formula, values))[0]), digits) == shown
    ]
    yield f"Line {number} ({bank.notation.text(line)}) is wrong."
    yield (
        "The mistake: " + " Or: ".join(dict.fromkeys(names))
        if names
        else "The mistake is none of those now registered."
    )


def _differing(solution: Solution, lines: list[Line]) -> dict[str, str]:
    """Exact values, to two digits more, of the asked scalars whose printed chain has drifted away
    from them."""
    found = {}
    for line in lines:
        if line.asked and line.quantity.shape == () and line.formula != Ref(WHICH):
            exact = float(solution.exact[line.name][0])
            if solution.bank.rounding.format(exact) != line.shown:
                found[line.name] = solution.bank.rounding.format(exact, 2)
    return found


def _marks_rows(bank: Bank) -> Iterator[tuple[str, str, str]]:
    for role, marks in bank.marks.items():
        count = sum(bank.graph[box.quantity].role == role for box in bank.boxes)
        yield KIND_WORDS[role], str(count), plain_marks(marks)
