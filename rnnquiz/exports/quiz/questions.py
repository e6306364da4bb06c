"""A shipped exercise as neutral quiz questions: the problem, and for each box what is accepted and
what mistakes give.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from math import floor
from operator import sub

import numpy as np

from rnnquiz.algebra.targets import TEXT, notated
from rnnquiz.bank.specification import Bank, Box
from rnnquiz.bank.variant import Variant, arrays_of
from rnnquiz.bank.verdict import Verdict
from rnnquiz.decimals import Array, Rounding, fixed
from rnnquiz.documents.mathematics import name_of
from rnnquiz.documents.parts import KIND_WORDS, SharedBlocks, kind_words
from rnnquiz.documents.saying import in_language
from rnnquiz.documents.sheet import sheet
from rnnquiz.errors import CourseError
from rnnquiz.exports.quiz import problem
from rnnquiz.exports.quiz.xml import element, serialised
from rnnquiz.grade.mark import weights_of
from rnnquiz.languages.catalogue import ENGLISH, Language
from rnnquiz.languages.sentences import Message, said
from rnnquiz.problems import Problems
from rnnquiz.solution.distinguish import Wrong, wrong_values
from rnnquiz.solution.solved import Solution, solve_all

_MOST_MISTAKES = 6  # named for one box
POINT = Decimal("0.001")
"""What points are whole numbers of: a player of QTI 3 keeps three decimals of a score."""


def decimal_rule(rounding: Rounding) -> Message:
    """How to type a number, in the words that stand on every question of every program. Programs
    read a point before the decimals, whatever the language of the sheet."""
    return said(
        "Give {amount}; more digits are right, too. Type numbers like -0.3086: a point before the"
        " decimals, no comma, and the minus sign of the keyboard.",
        amount=rounding.amount(),
    )


def one_in_place(place: int) -> Decimal:
    """One in a decimal place: 0.001 for -3."""
    return Decimal(1).scaleb(place)


@dataclass(frozen=True)
class WrongAnswer:
    """What a named mistake gives in a box, up to `tolerance` on both sides; `credit` is a share of
    the box's marks.
    """

    value: Decimal
    tolerance: Decimal
    credit: float
    says: str


@dataclass(frozen=True)
class QuizPart:
    """One box: its symbol as MathML and as text, the value printed in the key, and from where to
    where is accepted, ends included.

    The ends are the least and the greatest number with the digits asked that any honest chain of
    rounding gives. Who types more digits is right from `least` to `most`: where rounding to the
    digits asked leads to one of those numbers.
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
    def unit(self) -> Decimal:
        """One in the last place written."""
        return _unit(self.low)

    @property
    def least(self) -> Decimal:
        """The least number that is taken: half a unit below the end."""
        return self.low - self.unit / 2

    @property
    def most(self) -> Decimal:
        """The greatest number that is taken: half a unit above the end."""
        return self.high + self.unit / 2


def _unit(number: Decimal) -> Decimal:
    place = number.as_tuple().exponent
    return one_in_place(int(place))


@dataclass(frozen=True)
class Question:
    """The problem of one variant, as an HTML fragment and as plain text, and its boxes. `ident`
    serves as an XML name.

    `rule`: how numbers are to be typed, which the problem says, too.
    """

    ident: str
    name: str
    html: str
    plain: str
    parts: tuple[QuizPart, ...]
    rule: str
    language: Language = ENGLISH
    words: Mapping[str, Message] = field(default_factory=lambda: KIND_WORDS)

    def heading(self, role: str) -> str:
        """What stands above the boxes of a kind."""
        return str(self.language.of(self.words[role]))

    @property
    def points(self) -> tuple[Decimal, ...]:
        """The marks of each box in thousandths, none without; together they are exactly the
        marks of all.
        """
        marks = [part.marks for part in self.parts]
        units = apportioned(marks, Fraction(POINT))
        return tuple(unit * POINT for unit in units)


def apportioned(marks: Sequence[float], size: Fraction) -> list[int]:
    """How many units of this size each box gets, none without: all together as many as the sum of
    the marks has, rounded.
    """
    # Fractions: what rounding down has left must not depend on the last bit of a float.
    exact = [Fraction(mark) / size for mark in marks]
    units = [max(1, floor(mark)) for mark in exact]
    total = round(sum(exact))
    left = total - sum(units)
    order = range(len(units))
    # What rounding down has left goes to those who lost most by it.
    gained = list(map(sub, units, exact))
    neediest = sorted(order, key=gained.__getitem__)
    for k in neediest[: max(0, left)]:
        units[k] += 1
    # Where none may be without, too many were given: the largest shares can spare one.
    largest = sorted(order, key=units.__getitem__, reverse=True)
    for k in largest[: max(0, -left)]:
        fewer = units[k] - 1
        units[k] = max(1, fewer)
    return units


def questions(bank: Bank, variants: Sequence[Variant], names: Sequence[str]) -> list[Question]:
    """One question for each variant; boxes without marks (zero by structure) are left out.

    CourseError, naming every box, where a box accepts any number.
    """
    # All variants at once: the network is solved on arrays, for a class as for one student.
    solved, common = solve_all(bank, variants), SharedBlocks.of(bank)
    weights = _weights(bank, variants)
    # Against the wide interval: a quiz program sees a box without the numbers written before it.
    wrong = list(wrong_values(solved, solved.wide))
    made, problems = [], Problems(CourseError, bank.source)
    for row, (solution, name) in enumerate(zip(solved.one_by_one, names, strict=True)):
        worth = list(_worth(bank.boxes, weights[row]))
        for box, _ in worth:
            if not solution.wide(box):
                problems.add(f"{name}, box {box.name}", "has no end to what is accepted")
        # Once one box has no end nothing is made: the rest is read for its problems alone.
        if problems:
            continue
        parts = tuple(_part(solution, box, marks, wrong) for box, marks in worth)
        made.append(_question(bank, solution.variant, name, common, parts))
    problems.raise_if_any()
    return made


def _worth(boxes: Iterable[Box], weights: Array) -> Iterator[tuple[Box, float]]:
    """The boxes that have marks, with these."""
    for box, marks in zip(boxes, weights, strict=True):
        if marks > 0:
            yield box, float(marks)


def _question(
    bank: Bank, variant: Variant, name: str, common: SharedBlocks, parts: tuple[QuizPart, ...]
) -> Question:
    """The problem begins with the token of its numbers, by which a response is marked again, and
    ends with how to type.
    """
    document = sheet(bank, variant, name, common)
    rule = str(bank.language.of(decimal_rule(bank.rounding)))
    fragment = problem.problem_fragment(document)
    named = variant.token
    if variant.exercise:
        named = f"{variant.exercise}/{variant.token}"
    on_top = bank.language.of(said("Sheet {number}", number=named))
    fragment.insert(0, element("p", on_top))
    fragment.append(element("p", rule))
    words = kind_words(bank)
    lines = f"{on_top}\n{problem.problem_text(document)}\n{rule}"
    return Question(
        f"v-{variant.token}", name, serialised(fragment), lines, parts, rule, bank.language, words
    )


def _weights(bank: Bank, variants: Sequence[Variant]) -> Array:
    """Marks of each box in each variant, as the grader shares them out."""
    return weights_of(bank, arrays_of(bank, variants))


def boxes_asked(bank: Bank, variants: Sequence[Variant]) -> list[tuple[str, ...]]:
    """The names of the boxes in the question of each variant, in order: a response numbers them
    from 1.
    """
    asked = []
    for row in _weights(bank, variants):
        names = [box.name for box, _ in _worth(bank.boxes, row)]
        asked.append(tuple(names))
    return asked


def _part(solution: Solution, box: Box, marks: float, wrong: Sequence[Wrong]) -> QuizPart:
    bank, ends = solution.bank, solution.wide(box)
    assert ends is not None
    low, high = map(Decimal, ends)
    # What the key prints: the chain of numbers of a student who rounds as the sheet says.
    (number,) = box.of(solution.chain[box.quantity])
    printed = bank.rounding.format(float(number))
    value = Decimal(printed)
    symbol = in_language(name_of(bank.graph[box.quantity]), bank.language, {})
    plain = symbol.show(notated(TEXT, bank.notation))
    if box.shown:
        plain += f" [{box.shown}]"
    math = serialised(problem.formula(bank.notation, symbol, entry=box.shown))
    role = bank.graph[box.quantity].role
    # A quiz program has room for some: the most frequent come first.
    named = islice(_named(solution, box, role, (low, high), wrong), _MOST_MISTAKES)
    return QuizPart(box.name, role, math, plain, value, low, high, marks, tuple(named))


def _named(
    solution: Solution,
    box: Box,
    role: str,
    ends: tuple[Decimal, Decimal],
    wrong: Sequence[Wrong],
) -> Iterator[WrongAnswer]:
    """One answer for each distinct wrong value that cannot be taken for a right one, frequent
    mistakes first.
    """
    low, high = ends
    half = _unit(low) / 2
    bank, place = solution.bank, (solution.row, box.entry)
    credit = _credit(bank, role)
    seen: set[Decimal] = set()
    for made in wrong:
        if made.mistake.quantity != box.quantity or not made.outside[place]:
            continue
        number = float(made.values[place])
        value, tolerance = _rounded(bank.rounding, number)
        # Neither what rounds to it may be accepted, nor what rounds to an end.
        apart = max(tolerance, half)
        if value not in seen and not low - apart <= value <= high + apart:
            seen.add(value)
            says = bank.language.of(made.mistake.rule.says)
            yield WrongAnswer(value, tolerance, credit, str(says).strip())


def _credit(bank: Bank, role: str) -> float:
    """The share of a box's marks that a mistake earns there."""
    written = bank.written
    by_role = {str(kind): credit for kind, credit in written.credit_by.items()}
    credit = by_role.get(role, written.credit)
    return credit.of(Verdict.MISCONCEPTION)


def _rounded(rounding: Rounding, number: float) -> tuple[Decimal, Decimal]:
    """A number by the rule of the bank, and half of one in its last place."""
    place = int(rounding.exponent(np.asarray(number)))
    value, half = Decimal(fixed(number, place)), one_in_place(place) / 2
    return value, half


def decimal(value: Decimal) -> str:
    """A number as every quiz program reads it: digits and a point, without exponent, without
    superfluous zeros.
    """
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text in ("-0", ""):
        return "0"
    return text
