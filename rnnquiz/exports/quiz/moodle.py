"""Moodle XML: a category, then a cloze question for each variant, every box a NUMERICAL part.

The key of a part is the middle of what is accepted, its tolerance half the width, so that key +/- tolerance are exactly
the ends. Moodle adds 10**-14 (times the key where that is above 1) to the tolerance, so both ends are in, and nothing
else that has the digits asked. Named mistakes follow with their tolerance, credit and feedback; Moodle takes the first
answer that fits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape
from math import gcd, lcm

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.documents.parts import KIND_WORDS
from rnnquiz.documents.render import printable
from rnnquiz.errors import CourseError, Problem
from rnnquiz.exports.quiz.questions import Part, Question, WrongAnswer, decimal, questions

FRACTIONS = (
    100, 90, 83.33333, 80, 75, 70, 66.66667, 60, 50, 40, 33.33333, 30, 25, 20, 16.66667, 14.28571, 12.5, 11.11111, 10, 5, 0,
)  # fmt: skip
"""Percentages that Moodle's import keeps."""
MOST_WEIGHT = 10_000  # of all boxes together; Moodle stores five digits before the point


def moodle(bank: Bank, variants: Sequence[Variant], names: Sequence[str]) -> bytes:
    """The XML file; CourseError where the credit of a mistake is no percentage that Moodle keeps."""
    made = questions(bank, variants, names)
    problems = [p for question in made for p in _unknown_fractions(question)]
    if problems:
        raise CourseError(bank.source, problems)
    category = f"$course$/top/{printable(bank.written.title).replace('/', '//')}"
    head = f'<question type="category"><category>{_text(category)}</category></question>'
    body = "\n".join([head, *map(_cloze, made)])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{body}\n</quiz>\n'.encode()


def _unknown_fractions(question: Question) -> Iterator[Problem]:
    for part in question.parts:
        for wrong in part.wrong:
            if min(abs(100 * wrong.credit - known) for known in FRACTIONS) > 1e-3:
                found = f"a mistake earns {100 * wrong.credit:g} %, which Moodle does not keep"
                yield Problem(f"{question.name}, box {part.box}", found, f"one of {', '.join(f'{f:g}' for f in FRACTIONS)}")
                break


def _cloze(question: Question) -> str:
    return (
        f'<question type="cloze"><name>{_text(printable(question.name))}</name>\n'
        f'<questiontext format="html">{_text(_body(question))}</questiontext>\n'
        "<generalfeedback format=\"html\"><text></text></generalfeedback><penalty>0.3333333</penalty><hidden>0</hidden>"
        f"<idnumber>{escape(question.ident)}</idnumber></question>"
    )


def _text(content: str) -> str:
    """A text element around raw characters."""
    return "<text><![CDATA[" + content.replace("]]>", "]]]]><![CDATA[>") + "]]></text>"


def _body(question: Question) -> str:
    """The problem, in which no brace opens a part, then the parts under a heading for each kind."""
    lines, role = [_braceless(question.html)], ""
    for part, weight in zip(question.parts, whole_weights([p.marks for p in question.parts]), strict=True):
        if part.role != role:
            role = part.role
            lines.append(f"<h4>{KIND_WORDS[role]}</h4>")
        lines.append(f"<p>{_braceless(part.math)} = {_cloze_part(part, weight)}</p>")
    return "\n".join(lines)


def _braceless(markup: str) -> str:
    return markup.replace("{", "&#123;").replace("}", "&#125;")


def _cloze_part(part: Part, weight: int) -> str:
    answers = [f"={decimal(part.middle)}:{decimal(part.half)}", *map(_mistake, part.wrong)]
    return "{" + f"{weight}:NUMERICAL:" + "~".join(answers) + "}"


def _mistake(wrong: WrongAnswer) -> str:
    share = min(FRACTIONS, key=lambda known: abs(100 * wrong.credit - known))
    return f"%{share:.7g}%{decimal(wrong.value)}:{decimal(wrong.tolerance)}#{feedback(wrong.says)}"


def feedback(text: str) -> str:
    """Text as the feedback of a part: Moodle decodes entities once, then takes away the backslash of "\\#"; a browser does the rest."""
    shown = escape(escape(" ".join(printable(text).split()), quote=False), quote=False)
    return "".join(f"&amp;\\#{ord(c)};" if c in "~#{}\\" else c for c in shown)


def whole_weights(marks: Sequence[float]) -> list[int]:
    """Marks as whole numbers in the same proportions; in nearly the same where those would be too large, and none below one."""
    shares = [Fraction(mark).limit_denominator(1000) for mark in marks]
    scale = lcm(*(share.denominator for share in shares))
    weights = [int(share * scale) for share in shares]
    if not all(weights) or sum(weights) > MOST_WEIGHT * gcd(*weights):
        return [max(1, round(mark / sum(marks) * MOST_WEIGHT)) for mark in marks]
    return [weight // gcd(*weights) for weight in weights]
