"""Which sheet counts for each student: names are matched, never guessed, and each sheet that does
not count has a line of its own.

Every word that says who it is is looked up (ids, e-mail, names), and all that name anybody must
name the same student. A sheet that names no student belongs to the one whose token it has. A
token, where one is given, must be the student's own. Of several sheets of one student the last
counts, by the system's time where it gives one, then in the order of file names and rows; files of
one attempt that do not contradict each other are one sheet; a blank one never takes the place of
another. Late sheets are marked and reported, or refused, as is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rnnquiz.assignment import Assignment
from rnnquiz.bank.specification import Bank
from rnnquiz.course.box_names import NumberedBoxes, SheetNames
from rnnquiz.course.deadlines import Deadline, days_late
from rnnquiz.roster import Lookup, Student
from rnnquiz.submissions.owners import NamedOwner, Owners, token_written
from rnnquiz.submissions.sheets import Packed, Sheet

NO_DEADLINE = Deadline()


def receive(
    exercises: Bank | Assignment,
    sheets: Sequence[Sheet],
    students: Mapping[str, Student],
    tokens: Mapping[str, str],
    deadline: Deadline = NO_DEADLINE,
    own: Mapping[str, Sequence[str]] | None = None,
) -> tuple[dict[str, Sheet], list[str], dict[str, str]]:
    """The sheet that counts for each student; a line for each that does not; of each student none
    of whose sheets counts, why.

    `deadline`: what becomes of late ones. `tokens`: the token of each student's sheet.
    `own`: the keys of each student's exercises; a bank alone has no keys.
    """
    assignment = exercises if isinstance(exercises, Assignment) else Assignment.of(exercises)
    desk = _Desk(assignment, tokens, deadline, own or {})
    lookup, of_token = Lookup(students.values()), {token: who for who, token in tokens.items()}
    owners = Owners(lookup, sheets, of_token, desk.names.is_none)
    for sheet, claim in zip(sheets, owners.claims, strict=True):
        desk.take(sheet, owners.checked(sheet, claim))
    refused = {who: why for who, why in desk.refused.items() if who not in desk.chosen}
    return desk.chosen, desk.problems, refused


class _Desk:
    """Where sheets come in one after the other."""

    def __init__(
        self,
        assignment: Assignment,
        tokens: Mapping[str, str],
        deadline: Deadline,
        own: Mapping[str, Sequence[str]],
    ) -> None:
        self.tokens, self.deadline, self.own = tokens, deadline, own
        self.owners = {token: student for student, token in tokens.items()}
        self.names = SheetNames(assignment)
        self.chosen: dict[str, Sheet] = {}
        self.problems: list[str] = []
        self.refused: dict[str, str] = {}

    def take(self, sheet: Sheet, claim: NamedOwner) -> None:
        """Keep the sheet, or say why not."""
        student = claim.student
        if student is None:
            self.problems.append(f"{sheet.source}: {claim.why}")
            return
        if student not in self.tokens:
            self.problems.append(
                f"{sheet.source}: {student!r} has no sheet yet -> run rnnquiz generate with the"
                " roster"
            )
            return
        names = self.names.of(self.own.get(student, ("",)))
        read = replace(sheet, student=student, answers=Packed(names.read(sheet.answers)))
        sheet, untold = self.deadline.dated(read)
        refusal = self._refusal(sheet, token_written(sheet))
        if refusal:
            self.problems.append(f"{sheet.source}: {refusal}")
            self.refused[student] = refusal
            return
        self.problems += [
            f"{sheet.source}: {note} -> look at it ({student!r})" for note in sheet.notes
        ]
        if untold:
            self.problems.append(f"{sheet.source}: {untold}")
        if sheet.late:
            self.problems.append(f"{sheet.source}: {_of_late(sheet)} ({student!r})")
        self._keep(sheet)

    def _keep(self, sheet: Sheet) -> None:
        """The sheet takes the place of an earlier one, or belongs to it."""
        before = self.chosen.get(sheet.student)
        if before is not None and _belong_together(before, sheet):
            self.problems.append(
                f"{sheet.source}: taken together with {before.source} ({sheet.student!r})"
            )
            sheet = _together(before, sheet)
        elif before is not None:
            self.problems.append(
                f"{before.source}: superseded for {sheet.student!r} by {sheet.source}"
            )
            sheet = self._with_earlier(before, replace(sheet, attempts=before.attempts + 1))
        self.chosen[sheet.student] = sheet

    def _with_earlier(self, before: Sheet, sheet: Sheet) -> Sheet:
        """The later sheet, with those problems of the earlier one that it leaves blank: a blank
        problem never takes the place of another."""
        names = self.names.of(self.own.get(sheet.student, ("",)))
        if not isinstance(names, NumberedBoxes):
            return sheet
        places, answers = names.kept(before.answers, sheet.answers)
        if not places:
            return sheet
        listed = ", ".join(map(str, places))
        self.problems.append(
            f"{sheet.source}: problem {listed} of {before.source} stands ({sheet.student!r})"
        )
        return with_parts_of(before, replace(sheet, answers=Packed(answers)))

    def _refusal(self, sheet: Sheet, token: str) -> str:
        """Why a sheet does not count; empty where it does."""
        if sheet.refusal:
            return f"{sheet.refusal} ({sheet.student!r})"
        if why := self._of_several(sheet):
            return why
        names = self.names.of(self.own.get(sheet.student, ("",)))
        if sheet.answers and names.boxes.isdisjoint(sheet.answers):
            return "no box of the sheet is named -> use the template, or remove the file"
        if token and token != self.tokens[sheet.student]:
            owner = self.owners.get(token)
            whose = f"is that of {owner!r}" if owner else "is no sheet of this course"
            return f"the token of {sheet.student!r} {whose} -> not marked; ask the student"
        if sheet.late and self.deadline.late == "refuse":
            return f"late -> not marked ({sheet.student!r})"
        blank = sheet.page is None and not any(text.strip() for text in sheet.answers.values())
        if blank and sheet.source.lower().endswith(".pdf"):
            self.problems.append(
                f"{sheet.source}: all fields are empty -> ask {sheet.student!r} whether the filled"
                " form was saved"
            )
        if blank and sheet.student in self.chosen:
            return (
                f"blank, {sheet.student!r} has handed in {self.chosen[sheet.student].source}"
                " already"
            )
        return ""

    def _of_several(self, sheet: Sheet) -> str:
        """Why a sheet cannot be that of an assignment; empty where it can, or of a bank alone."""
        if self.names.assignment.alone:
            return ""
        if sheet.page is not None:
            return (
                "worked pages are read for one exercise as yet -> ask for the template"
                f" ({sheet.student!r})"
            )
        if sheet.response:
            return f"responses of a quiz are of one exercise -> not marked ({sheet.student!r})"
        return ""


def with_parts_of(before: Sheet, sheet: Sheet) -> Sheet:
    """A sheet with parts of an earlier one: it is as late as the later of them."""
    return replace(
        sheet,
        late=before.late or sheet.late,
        days=max(before.days, sheet.days),
        taken_off=max(before.taken_off, sheet.taken_off),
    )


def _of_late(sheet: Sheet) -> str:
    """What becomes of a late sheet that counts."""
    if not sheet.days:
        return "late, marked all the same"
    if not sheet.taken_off:
        return f"{days_late(sheet.days)}, marked all the same"
    return f"{days_late(sheet.days)}, {sheet.taken_off:.0%} of all marks are taken off"


def _belong_together(before: Sheet, after: Sheet) -> bool:
    """True for two files of one attempt in which no box has two answers."""
    files = [_file(source) for source in before.source.split(" + ")]
    if before.page is not None or after.page is not None:
        return False  # a page and a form are two attempts
    if not after.attempt or before.attempt != after.attempt or before.time != after.time:
        return False
    if before.numbers != after.numbers:
        return False
    old = dict(before.answers.items())
    pairs = [(old.get(box, "").strip(), text.strip()) for box, text in after.answers.items()]
    return _file(after.source) not in files and all(not a or not b or a == b for a, b in pairs)


def _together(before: Sheet, after: Sheet) -> Sheet:
    """Both as one sheet, in the order of the boxes in which they came."""
    answers = dict(before.answers.items())
    answers |= {
        box: text for box, text in after.answers.items() if text.strip() or box not in answers
    }
    return replace(
        before,
        answers=Packed(answers),
        token=before.token or after.token,
        source=f"{before.source} + {_file(after.source)}",
        late=before.late or after.late,
        days=max(before.days, after.days),
        taken_off=max(before.taken_off, after.taken_off),
    )


def _file(source: str) -> str:
    """The file of a sheet, without the row."""
    return re.sub(r", row \d+$", "", source)
