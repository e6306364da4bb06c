"""A shipped exercise as neutral quiz questions: the problem, and for each box what is accepted and what mistakes give."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from rnnquiz.algebra.targets import TEXT, notated
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.decimals import Array, fixed
from rnnquiz.distinguish import Wrong, wrong_values
from rnnquiz.documents.parts import Common, entry_of
from rnnquiz.documents.sheet import sheet
from rnnquiz.documents.tree import Symbol
from rnnquiz.errors import CourseError, Problem
from rnnquiz.exports.quiz import problem
from rnnquiz.grade.mark import weights_of
from rnnquiz.solution import Solution, solve_all

MOST_MISTAKES = 6  # named for one box


@dataclass(frozen=True)
class WrongAnswer:
    """What a named mistake gives in a box, up to `tolerance` on both sides; `credit` is a share of the box's marks."""

    value: Decimal
    tolerance: Decimal
    credit: float
    says: str


@dataclass(frozen=True)
class Part:
    """One box: its symbol as MathML and as text, the value printed in the key, and from where to where is accepted, ends included.

    The ends are the least and the greatest number with the digits asked that any honest chain of rounding gives.
    """

    box: str
    role: str
    math: str
    plain: str
    value: Decimal
    low: Decimal
    high: Decimal
    marks: float
    wrong: tuple[WrongAnswer, ...]

    @property
    def middle(self) -> Decimal:
        return (self.low + self.high) / 2

    @property
    def half(self) -> Decimal:
        """Half the width of what is accepted."""
        return (self.high - self.low) / 2

    @property
    def unit(self) -> Decimal:
        """One in the last place written."""
        return Decimal(1).scaleb(int(self.low.as_tuple().exponent))


@dataclass(frozen=True)
class Question:
    """The problem of one variant, as an HTML fragment and as plain text, and its boxes. `ident` serves as an XML name."""

    ident: str
    name: str
    html: str
    plain: str
    parts: tuple[Part, ...]


def questions(bank: Bank, variants: Sequence[Variant], names: Sequence[str]) -> list[Question]:
    """One question for each variant; boxes without marks (zero by structure) are left out.

    CourseError, naming every box, where a box accepts any number.
    """
    solved, common = solve_all(bank, variants), Common.of(bank)
    weights, wrong = _weights(bank, variants), list(wrong_values(solved, solved.wide))
    made, problems = [], []
    for row, (solution, name) in enumerate(zip(solved.one_by_one, names, strict=True)):
        worth = [(box, float(marks)) for box, marks in zip(bank.boxes, weights[row], strict=True) if marks > 0]
        problems += [Problem(f"{name}, box {box.name}", "has no end to what is accepted") for box, _ in worth if not solution.wide(box)]
        if problems:
            continue
        document = sheet(bank, solution.variant, name, common)
        parts = tuple(_part(solution, box, marks, wrong) for box, marks in worth)
        html = problem.serialised(problem.fragment(document))
        made.append(Question(f"v-{solution.variant.token}", name, html, problem.plain(document), parts))
    if problems:
        raise CourseError(bank.source, problems)
    return made


def _weights(bank: Bank, variants: Sequence[Variant]) -> Array:
    """Marks of each box in each variant, as the grader shares them out."""
    return weights_of(bank, arrays_of(bank, variants))


def _part(solution: Solution, box: Box, marks: float, wrong: Sequence[Wrong]) -> Part:
    bank, ends = solution.bank, solution.wide(box)
    assert ends is not None
    low, high = map(Decimal, ends)
    value = Decimal(bank.rounding.format(float(solution.chain[box.quantity].reshape(-1)[box.entry])))
    entry, symbol = entry_of(bank, box.quantity, box.name), Symbol(box.quantity)
    plain = symbol.show(notated(TEXT, bank.notation)) + (f" [{entry}]" if entry else "")
    math = problem.serialised(problem.formula(bank.notation, symbol, entry=entry))
    role = bank.graph[box.quantity].role
    named = tuple(_named(solution, box, role, low, high, wrong))[:MOST_MISTAKES]
    return Part(box.name, role, math, plain, value, low, high, marks, named)


def _named(solution: Solution, box: Box, role: str, low: Decimal, high: Decimal, wrong: Sequence[Wrong]) -> Iterator[WrongAnswer]:
    """One answer for each distinct wrong value that cannot be taken for a right one, frequent mistakes first."""
    rounding, written = solution.bank.rounding, solution.bank.written
    credit = {str(kind): of for kind, of in written.credit_by.items()}.get(role, written.credit).of("misconception")
    seen: set[Decimal] = set()
    for made in wrong:
        if made.mistake.quantity != box.quantity or not made.outside[solution.row, box.entry]:
            continue
        number = float(made.values[solution.row, box.entry])
        place = int(rounding.exponent(np.asarray(number)))
        value, tolerance = Decimal(fixed(number, place)), Decimal(1).scaleb(place) / 2
        if value not in seen and not low - tolerance <= value <= high + tolerance:
            seen.add(value)
            yield WrongAnswer(value, tolerance, credit, made.mistake.rule.says.strip())


def element_of(markup: str) -> ET.Element:
    """A fragment of a question as a tree."""
    return ET.fromstring(markup)


def decimal(value: Decimal) -> str:
    """A number as every quiz program reads it: digits and a point, without exponent, without superfluous zeros."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def points(marks: float) -> str:
    """Marks with at most four decimals."""
    return f"{marks:.4f}".rstrip("0").rstrip(".")
