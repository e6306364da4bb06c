"""Writers of quizzes: one for each program, in a literal table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import Variant
from rnnquiz.exports.quiz.canvas import canvas
from rnnquiz.exports.quiz.moodle import moodle, notes
from rnnquiz.exports.quiz.prairielearn import prairielearn
from rnnquiz.exports.quiz.qti import qti3, qti21


@dataclass(frozen=True)
class Quiz:
    """A format: the ending of its file, what writes it from variants and their titles, a line for
    the user, and what is to be said of a file that was made.
    """

    ending: str
    write: Callable[[Bank, Sequence[Variant], Sequence[str]], bytes]
    says: str
    notes: Callable[[bytes, Bank], list[str]] = lambda made, bank: []


QUIZZES: dict[str, Quiz] = {
    "moodle": Quiz(
        "xml", moodle, "Moodle XML: an embedded-answers question for each variant", notes
    ),
    "canvas": Quiz("zip", canvas, "Canvas QTI 1.2: a quiz for each variant, at most four decimals"),
    "qti21": Quiz("zip", qti21, "QTI 2.1: an item for each variant"),
    "qti3": Quiz("zip", qti3, "QTI 3.0: an item for each variant"),
    "prairielearn": Quiz(
        "zip", prairielearn, "PrairieLearn: one question that picks a variant for each student"
    ),
}
