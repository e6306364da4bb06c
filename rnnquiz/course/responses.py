"""Responses of an online quiz, each with the numbers of the question that was shown, whoever's
sheet that is elsewhere.

A quiz of variants draws one for each student. Its report names no question, only its text, where
the teacher has asked for that; so the text holds the token of the variant. Without it nobody can
know which numbers a student had, and nothing is marked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rnnquiz.assignment import Assignment, numbered, place_of
from rnnquiz.bank.specification import Bank
from rnnquiz.course.store import Course
from rnnquiz.exports.quiz.questions import boxes_asked
from rnnquiz.submissions.responses import PART
from rnnquiz.submissions.sheets import Packed, Sheet
from rnnquiz.submissions.sources import Refusal, Source

QUESTIONS_AT_ONCE = 500  # of which the numbers are in memory together
NO_TEXT = (
    "the report does not say which numbers were shown -> in Moodle's report of responses tick "
    "'question text', and download it again; a quiz made without --course has no sheets here"
)
TWICE_ASKED = "the quiz has asked this exercise before in this row -> keep one question of each"
NOT_OURS = "is of no sheet of this course -> make the quiz of a course: rnnquiz quiz --course C"


def as_shown(
    course: Course, assignment: Assignment, sheets: Sequence[Sheet]
) -> tuple[list[Sheet], list[Refusal]]:
    """All sheets, parts of responses under the names of their boxes, the responses of a student to
    several exercises together; and why, for each response that cannot be marked.
    """
    responses = list(filter(_is_response, sheets))
    if not responses:
        return list(sheets), []
    asked = _Asked(course, assignment, responses)
    kept: dict[int | Source, Sheet] = {}
    refused: list[Refusal] = []
    for at, sheet in enumerate(sheets):
        # Under its place in the list, where nothing else is put together with it.
        if not sheet.response or sheet.refusal:
            kept[at] = sheet
            continue
        # The questions of a row are of one student; a bank alone has one of them.
        row = at if assignment.alone else sheet.source
        before, why = kept.get(row), asked.refusal(sheet)
        whole = None if why else _with_row(before, asked.named(sheet))
        if whole is None:
            said = f"{why or TWICE_ASKED}; not marked ({sheet.student!r})"
            words = (sheet.student, *sheet.known_as)
            refused.append(Refusal(sheet.source, said, words))
        else:
            kept[row] = whole
    return list(kept.values()), refused


def _is_response(sheet: Sheet) -> bool:
    return sheet.response


def _with_row(before: Sheet | None, sheet: Sheet) -> Sheet | None:
    """The response with those to the other questions of its row; None where one of them was to the
    same exercise."""
    if before is None:
        return sheet
    places = {place_of(key) for key, _ in before.shown}
    if any(place_of(key) in places for key, _ in sheet.shown):
        return None
    answers = dict(before.answers.items())
    answers |= dict(sheet.answers.items())
    return replace(before, answers=Packed(answers), shown=(*before.shown, *sheet.shown))


class _Asked:
    """The questions that some responses answer: of which exercise, and which boxes, in the order of
    their parts."""

    def __init__(self, course: Course, assignment: Assignment, responses: Sequence[Sheet]) -> None:
        self.assignment = assignment
        self.anybody = dict[str, str]()
        self.boxes: dict[tuple[str, str], tuple[str, ...]] = {}
        named = {_question(sheet) for sheet in responses}
        for exercise in assignment.exercises:
            part, key = course.part(exercise.key), exercise.key
            owners = part.owners()
            shown = []
            for of, token in named:
                if of == key and token in owners:
                    shown.append(token)
            # Where all have the same numbers, a response without a token is marked by any sheet.
            if exercise.bank.fixed and owners:
                self.anybody[key] = next(iter(owners))
                shown.append(self.anybody[key])
            wanted = {token: owners[token] for token in shown}
            found = _boxes(part, exercise.bank, wanted)
            self.boxes |= {(key, token): boxes for token, boxes in found.items()}

    def _of(self, sheet: Sheet) -> tuple[str, str]:
        """The exercise and the token of a response; any token where all have the same numbers."""
        key, token = _question(sheet)
        return key, token or self.anybody.get(key, "")

    def refusal(self, sheet: Sheet) -> str:
        """Why a response cannot be marked; empty where it can."""
        key, token = self._of(sheet)
        if (key, token) in self.boxes:
            return ""
        return f"the question {sheet.token.strip()!r} {NOT_OURS}" if token else NO_TEXT

    def named(self, sheet: Sheet) -> Sheet:
        """The response with the boxes of its question, and whose numbers it had."""
        key, token = self._of(sheet)
        place = place_of(key) if self.assignment.several else 0
        names = {}
        for k, box in enumerate(self.boxes[key, token], start=1):
            part = f"{PART}{k}"
            names[part] = numbered(place, box) if place else box
        texts = {names.get(part, part): text for part, text in sheet.answers.items()}
        answers = Packed(texts)
        # It is the token of what was shown, and says nothing of whose response it is: in a quiz
        # others' numbers are as usual as the own ones.
        used = token if sheet.token else ""
        if self.assignment.alone:
            return replace(sheet, token="", answers=answers, numbers=used)
        return replace(sheet, token="", answers=answers, shown=((key, used),))


def _question(sheet: Sheet) -> tuple[str, str]:
    """The key of the exercise, empty for a bank alone, and the token of the numbers."""
    key, _, token = sheet.token.strip().lower().rpartition("/")
    return key, token


def _boxes(course: Course, bank: Bank, owners: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The boxes of each question, in the order of its parts; by token."""
    found: dict[str, tuple[str, ...]] = {}
    students = list(owners.values())
    for start in range(0, len(students), QUESTIONS_AT_ONCE):
        some = students[start : start + QUESTIONS_AT_ONCE]
        variants = course.variants(some)
        tokens = [variant.token for variant in variants]
        found |= zip(tokens, boxes_asked(bank, variants), strict=True)
    return found
