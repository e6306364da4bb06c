"""A derivation as a sheet shows it: with boxes in the lines that are open; in a key with the values
there, and with a sign beside the line that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from rnnquiz.algebra.expression import Number
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.task import WHICH
from rnnquiz.bank.task_kind import TaskKind
from rnnquiz.bank.variant import Variant
from rnnquiz.bank.verdict import Verdict
from rnnquiz.derivation.graph import Quantity
from rnnquiz.documents.boxes import unknown_of
from rnnquiz.documents.gaps import Derivation, DerivedLine
from rnnquiz.documents.mathematics import Formula, Symbol, Value
from rnnquiz.documents.parts import shown_formula
from rnnquiz.solution.lines import Printed
from rnnquiz.solution.solved import given_text


def derivation(bank: Bank, variant: Variant) -> Derivation:
    """All lines of the solution; those that are asked are open."""
    rows = []
    for number, q in enumerate(bank.full.computed, start=1):
        row = open_line(bank, q, f"{number}.")
        if q.name in bank.task.shown:
            printed = given_text(bank, variant, q)
            value = None if _is_said(bank, q, printed) else Value(printed)
            row = replace(row, value=value, gap=None)
        rows.append(row)
    return Derivation(tuple(rows))


def _is_said(bank: Bank, q: Quantity, printed: Printed) -> bool:
    """Whether the formula is the number itself: a line does not say = 1 = 1.0000."""
    formula = bank.full[q.name].formula
    # By the printed text: 1.0000 is the number 1, and 0.3333 is not a third.
    return isinstance(formula, Number) and Fraction(str(printed)) == formula.value


def open_line(bank: Bank, q: Quantity, number: str = "") -> DerivedLine:
    """A line with boxes in place of its value."""
    formula = bank.full[q.name].formula
    assert formula is not None
    shown = Formula(shown_formula(bank, formula))
    return DerivedLine(number, Symbol(q.name), shown, gap=unknown_of(bank, q))


def solved(bank: Bank, variant: Variant, values: Mapping[str, Printed]) -> Derivation:
    """The same with the values that were asked, and signs beside the wrong line and those that go
    on with its number."""
    signs = signs_of(bank, variant)
    rows = []
    for q, row in zip(bank.full.computed, derivation(bank, variant).rows, strict=True):
        if row.gap is not None:
            row = replace(row, value=Value(values[q.name]), gap=None, framed=True)
        rows.append(replace(row, sign=signs.get(q.name)))
    return Derivation(tuple(rows))


def wrong_line(bank: Bank, variant: Variant) -> int:
    """The number of the line that is wrong, in a task to find it."""
    return int(variant.givens[WHICH][0])


def carrying(bank: Bank, variant: Variant) -> dict[int, str]:
    """The lines that go on with the wrong number, by their numbers: those whose values depend on
    it, directly or through others."""
    wrong = bank.task.lines[wrong_line(bank, variant) - 1]
    found = {}
    for number, name in enumerate(bank.task.lines, start=1):
        if wrong in bank.full.ancestors[name]:
            found[number] = name
    return found


def signs_of(bank: Bank, variant: Variant) -> dict[str, Verdict]:
    """The signs beside the lines of a derivation, by their names."""
    if bank.task.kind != TaskKind.FIND:
        return {}
    signs = dict.fromkeys(carrying(bank, variant).values(), Verdict.FOLLOW_THROUGH)
    wrong = bank.task.lines[wrong_line(bank, variant) - 1]
    return {**signs, wrong: Verdict.WRONG}
