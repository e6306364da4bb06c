"""Responses of an online quiz, each with the numbers of the question that was shown, whoever's
sheet that is elsewhere.

A quiz of variants draws one for each student. Its report names no question, only its text, where
the teacher has asked for that; so the text holds the token of the variant. Without it nobody can
know which numbers a student had, and nothing is marked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rnnquiz.bank.specification import Bank
from rnnquiz.course.store import Course
from rnnquiz.exports.quiz.questions import boxes_asked
from rnnquiz.submissions.collect import UnreadFile
from rnnquiz.submissions.responses import PART
from rnnquiz.submissions.sheets import Packed, Sheet

QUESTIONS_AT_ONCE = 500
NO_TEXT = (
    "the report does not say which numbers were shown -> in Moodle's report of responses tick "
    "'question text', and download it again; a quiz made without --course has no sheets here"
)
NOT_OURS = "is of no sheet of this course -> make the quiz of a course: rnnquiz quiz --course C"


def as_shown(
    course: Course, bank: Bank, sheets: Sequence[Sheet]
) -> tuple[list[Sheet], list[UnreadFile]]:
    """All sheets, parts of responses under the names of their boxes; and a line for each response
    that cannot be marked.
    """
    if not any(sheet.response for sheet in sheets):
        return list(sheets), []
    owners = {token: student for student, token in course.tokens().items()}
    shown = {token for sheet in sheets if sheet.response and (token := _token(sheet)) in owners}
    anybody = next(iter(owners), "")
    boxes = _boxes(
        course,
        bank,
        {token: owners[token] for token in (*shown, *([anybody] if bank.fixed and owners else []))},
    )
    kept, lines = list[Sheet](), list[UnreadFile]()
    for sheet in sheets:
        token = _token(sheet) or (anybody if bank.fixed else "")
        if sheet.response and token not in boxes:
            why = f"the question {token!r} {NOT_OURS}" if token else NO_TEXT
            lines.append(
                UnreadFile(f"{sheet.source}: {why}; not marked ({sheet.student!r})").by(
                    sheet.student, *sheet.known_as
                )
            )
        else:
            kept.append(_named(sheet, token, boxes[token]) if sheet.response else sheet)
    return kept, lines


def _token(sheet: Sheet) -> str:
    return sheet.token.strip().lower()


def _boxes(course: Course, bank: Bank, owners: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The boxes of each question, in the order of its parts; by token."""
    found: dict[str, tuple[str, ...]] = {}
    students = list(owners.values())
    for start in range(0, len(students), QUESTIONS_AT_ONCE):
        variants = course.variants(students[start : start + QUESTIONS_AT_ONCE])
        found |= zip(
            (variant.token for variant in variants), boxes_asked(bank, variants), strict=True
        )
    return found


def _named(sheet: Sheet, token: str, boxes: Sequence[str]) -> Sheet:
    names = {f"{PART}{k}": box for k, box in enumerate(boxes, start=1)}
    answers = Packed({names.get(part, part): text for part, text in sheet.answers.items()})
    return replace(sheet, token="", answers=answers, numbers="" if not sheet.token else token)
