"""Moodle XML: a category, then a cloze question for each variant, every box a NUMERICAL part.

The first answer of a part is the key, which Moodle shows as the right one; where more is accepted,
an answer follows whose tolerance reaches exactly to both ends. Moodle adds 10**-14 (times the key
where that is above 1) to a tolerance, so both ends are in. Named mistakes follow with their
tolerance, credit and feedback; Moodle takes the first answer that fits.

Every text stands in a span of class nolink: Moodle's filters make pictures of (h) and :) and links
of the words of a glossary elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from hashlib import sha256
from html import escape
from itertools import chain
from math import floor, lcm, log10
from typing import TYPE_CHECKING

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.documents.outputs import printable
from rnnquiz.errors import CourseError, Problem
from rnnquiz.exports.quiz.questions import (
    Question,
    QuizPart,
    WrongAnswer,
    apportioned,
    decimal,
    questions,
)
from rnnquiz.exports.quiz.xml import element, element_of, html_text, serialised, xml_file
from rnnquiz.problems import Problems

if TYPE_CHECKING:
    from rnnquiz.exports.quiz.xml import Element

FRACTIONS = (
    100, 90, 83.33333, 80, 75, 70, 66.66667, 60, 50, 40, 33.33333, 30, 25, 20, 16.66667, 14.28571,
    12.5, 11.11111, 10, 5, 0,
)  # fmt: skip
"""Percentages that Moodle's import keeps."""
MOST_WEIGHT = 99_999  # of all boxes together; Moodle stores five digits before the point
UPLOAD = 2 * 10**6  # bytes that PHP takes where nobody has changed upload_max_filesize
SAME_TOTAL = 1e-9  # marks closer than this are the same
SAME_PERCENT = 1e-3  # Moodle writes a third as 33.33333: what that rounds away is no fraction


def moodle(bank: Bank, variants: Sequence[Variant], names: Sequence[str]) -> bytes:
    """The XML file; CourseError where a mistake's credit is no percentage that Moodle keeps."""
    made = questions(bank, variants, names)
    problems = Problems(CourseError, bank.source)
    for one in made:
        problems.extend(_unknown_fractions(one))
    problems.raise_if_any()
    category = element("category", "", element("text", _category(bank, made)))
    head = element("question", "", category, type="category")
    quiz = element("quiz", "", head, *map(_cloze, made))
    quiz.text = "\n"
    for question in quiz:
        question.tail = "\n"
    return xml_file(quiz)


def _category(bank: Bank, made: Sequence[Question]) -> str:
    """A category of its own: a random question must not draw from another bank of the same title.

    In that of the bank each set of variants has its own, so that it can be drawn from one or all.
    """
    idents = "".join(question.ident for question in made).encode()
    variants = sha256(idents).hexdigest()
    name = printable(f"{bank.written.title} ({bank.written.id} {bank.digest[:8]})")
    # A slash would begin a category below; Moodle writes one that is meant twice.
    return f"$course$/top/{name.replace('/', '//')}/{variants[:8]}"


def notes(made: bytes, bank: Bank) -> list[str]:
    """What the teacher has to know who imports the file."""
    lines = [
        (
            "grade marks Moodle's report of responses, too, of a quiz made with --course: tick"
            " 'question text' there, which says whose numbers were shown; of several attempts grade"
            " takes the last, Moodle the highest"
        ),
    ]
    maximum = sum(bank.marks.values())
    total = _total(made)
    if abs(total - maximum) > SAME_TOTAL:
        lines.append(
            f"Moodle adds up whole weights, here to {total}: "
            f"set the mark of the question in the quiz to {maximum:g}"
        )
    if len(made) > UPLOAD:
        megabytes = len(made) / 1e6
        lines.append(
            f"{megabytes:.1f} MB, which is more than a fresh PHP takes (2 MB): "
            "raise upload_max_filesize, or make several files with fewer variants each (-n) "
            "and draw from their common category, its subcategories included"
        )
    return lines


def _total(made: bytes) -> int:
    """The weights of the first question together."""
    first, _, _ = made.partition(b"</questiontext>")
    weights = re.findall(rb"[{](\d+):NUMERICAL:", first)
    return sum(map(int, weights))


def _unknown_fractions(question: Question) -> Iterator[Problem]:
    known = ", ".join(f"{fraction:g}" for fraction in FRACTIONS)
    for part in question.parts:
        for wrong in part.wrong:
            percent = 100 * wrong.credit
            if abs(percent - _nearest_fraction(wrong)) > SAME_PERCENT:
                where = f"{question.name}, box {part.box}"
                found = f"a mistake earns {percent:g} %, which Moodle does not keep"
                yield Problem(where, found, f"one of {known}")
                # All mistakes of a box have one credit.
                break


def _nearest_fraction(wrong: WrongAnswer) -> float:
    percent = 100 * wrong.credit

    def away(known: float) -> float:
        return abs(percent - known)

    return min(FRACTIONS, key=away)


def _cloze(question: Question) -> Element:
    return element(
        "question",
        "",
        element("name", "", element("text", question.name)),
        element("questiontext", "", html_text(_body(question)), format="html"),
        element("generalfeedback", "", element("text"), format="html"),
        element("penalty", "0.3333333"),
        element("hidden", "0"),
        element("idnumber", question.ident),
        type="cloze",
    )


def _body(question: Question) -> str:
    """The problem, in which no brace opens a part, then the parts under a heading for each kind."""
    lines, role = [_braceless(_unfiltered(question.html))], ""
    weights = whole_weights([part.marks for part in question.parts])
    for part, weight in zip(question.parts, weights, strict=True):
        if part.role != role:
            role = part.role
            lines.append(f"<h4>{question.heading(role)}</h4>")
        math = _braceless(part.math)
        lines.append(f"<p>{SPAN}{math} = {_cloze_part(part, weight)}</span></p>")
    return "\n".join(lines)


# A new Moodle makes pictures of (h) and (y): it leaves alone what has this class.
SPAN = '<span class="nolink">'


def _unfiltered(html: str) -> str:
    """The problem, each block's content in a span that Moodle's filters pass over."""
    made = element_of(html)
    for block in made:
        inner = element("span")
        inner.text, block.text = block.text, None
        inner.extend(list(block))  # an element stands in one place: they leave the block
        inner.set("class", "nolink")
        block.append(inner)
    return serialised(made)


def _braceless(markup: str) -> str:
    # A brace and a number behind it would open a part in the middle of the problem.
    return markup.replace("{", "&#123;").replace("}", "&#125;")


def _cloze_part(part: QuizPart, weight: int) -> str:
    # The right ones first: Moodle takes the first answer that fits.
    answers = chain(_right(part), map(_mistake, part.wrong))
    joined = "~".join(answers)
    return f"{{{weight}:NUMERICAL:{joined}}}"


def _right(part: QuizPart) -> Iterator[str]:
    """The key, with a tolerance where it is the middle of what is accepted; else alone, and then
    all that is accepted.
    """
    middle = (part.least + part.most) / 2
    half = (part.most - part.least) / 2
    if middle != part.value:
        yield f"={decimal(part.value)}:0"
    yield f"={decimal(middle)}:{decimal(half)}"


def _mistake(wrong: WrongAnswer) -> str:
    number = f"{decimal(wrong.value)}:{decimal(wrong.tolerance)}"
    return f"%{_nearest_fraction(wrong):.7g}%{number}#{feedback_element(wrong.says)}"


def feedback_element(text: str) -> str:
    """Text as the feedback of a part: Moodle decodes entities once, then takes away the backslash
    of "\\#"; a browser does the rest.
    """
    words = " ".join(printable(text).split())
    # Twice: once for Moodle, which decodes, and once for the browser.
    shown = escape(escape(words, quote=False), quote=False)
    return SPAN + shown.translate(_PART_SIGNS) + "</span>"


# The signs that part the answers of a question, or end it.
_PART_SIGNS = {ord(sign): f"&amp;\\#{ord(sign)};" for sign in "~#{}\\"}


def whole_weights(marks: Sequence[float]) -> list[int]:
    """Marks as whole numbers whose sum is that of the marks, or the smallest multiple that keeps
    the proportions.

    Where Moodle has no room for so large ones: nearly the same proportions, and none below one.
    """
    shares = [_share(mark) for mark in marks]
    total = sum(shares, Fraction(0))
    # Moodle takes the weights for the maximum: where all marks are whole, both are the marks.
    scale = lcm(*(share.denominator for share in shares))
    if total * scale <= MOST_WEIGHT:
        return [int(share * scale) for share in shares]
    zeros = floor(log10(MOST_WEIGHT / total))
    # A power of ten where there is room for one: the weights then still read as the marks.
    if zeros >= 0:
        size = Fraction(1, 10**zeros)
        return apportioned(marks, size)
    return apportioned(marks, total / MOST_WEIGHT)


def _share(mark: float) -> Fraction:
    """A mark as the fraction that was meant: 0.1 is a tenth, and not its nearest float."""
    exact = Fraction(mark).limit_denominator(FINEST)
    return max(exact, Fraction(1, FINEST))


FINEST = 10_000  # parts of a mark
