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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rnnquiz.assignment import Assignment
from rnnquiz.bank.specification import Bank
from rnnquiz.course.box_names import BoxNames, NumberedBoxes, SheetNames
from rnnquiz.course.deadlines import Deadline, days_late
from rnnquiz.course.parting import (
    belong_together,
    is_empty,
    keys_shown,
    put_together,
    with_earlier,
    with_parts,
)
from rnnquiz.people.roster import Lookup, Student
from rnnquiz.submissions.owners import NamedOwner, Owners, token_written
from rnnquiz.submissions.sheets import Packed, Sheet
from rnnquiz.submissions.sources import Notice, Refusal

NO_DEADLINE = Deadline()


@dataclass(frozen=True)
class Received:
    """The sheet that counts for each student; a line for each that does not, and for what else is
    to be said; of each student none of whose sheets counts, why."""

    sheets: dict[str, Sheet]
    lines: list[Notice | Refusal]
    refused: dict[str, Refusal]


def receive(
    exercises: Bank | Assignment,
    sheets: Sequence[Sheet],
    students: Mapping[str, Student],
    tokens: Mapping[str, str],
    deadline: Deadline = NO_DEADLINE,
    own: Mapping[str, Sequence[str]] | None = None,
) -> Received:
    """Which sheet counts for each student.

    `deadline`: what becomes of late ones. `tokens`: the token of each student's sheet.
    `own`: the keys of each student's exercises; a bank alone has no keys.
    """
    assignment = exercises if isinstance(exercises, Assignment) else Assignment.of(exercises)
    desk = _Desk(assignment, tokens, deadline, own or {})
    lookup = Lookup(students.values())
    of_token = {token: who for who, token in tokens.items()}
    owners = Owners(lookup, sheets, of_token, desk.names.is_none)
    for sheet, claim in zip(sheets, owners.claims, strict=True):
        desk.take(sheet, owners.checked(sheet, claim))
    refused = {}
    for who, why in desk.refused.items():
        # Another sheet of theirs may count.
        if who not in desk.chosen:
            refused[who] = why
    return Received(desk.chosen, desk.lines, refused)


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
        self.lines: list[Notice | Refusal] = []
        self.refused: dict[str, Refusal] = {}

    def take(self, sheet: Sheet, claim: NamedOwner) -> None:
        """Keep the sheet, or say why not."""
        student = claim.student
        if student is None:
            self.lines.append(Refusal(sheet.source, claim.why))
            return
        if student not in self.tokens:
            why = f"{student!r} has no sheet yet -> run rnnquiz generate with the roster"
            self.lines.append(Refusal(sheet.source, why))
            return
        sheet = replace(sheet, student=student)
        names = self._names(sheet)
        read = replace(sheet, answers=Packed(names.read(sheet.answers)))
        if isinstance(names, NumberedBoxes):
            read = with_parts(read, self.names.titles(self.own[student]))
        # First how late it is: that alone may be why it does not count.
        sheet, untold = self.deadline.dated(read)
        if why := self._why_not(sheet, token_written(sheet)):
            refusal = Refusal(sheet.source, why)
            self.lines.append(refusal)
            self.refused[student] = refusal
            return
        for note in sheet.notes:
            self._notice(sheet, f"{note} -> look at it ({student!r})")
        if untold:
            self._notice(sheet, untold)
        if sheet.late:
            self._notice(sheet, f"{_of_late(sheet)} ({student!r})")
        self._keep(sheet)

    def _notice(self, sheet: Sheet, says: str) -> None:
        self.lines.append(Notice(sheet.source, says))

    def _keep(self, sheet: Sheet) -> None:
        """The sheet takes the place of an earlier one, or belongs to it."""
        before, names = self.chosen.get(sheet.student), self._names(sheet)
        if before is not None and belong_together(before, sheet, names):
            self._notice(sheet, f"taken together with {before.source} ({sheet.student!r})")
            sheet = put_together(before, sheet)
        elif before is not None:
            self._notice(before, f"superseded for {sheet.student!r} by {sheet.source}")
            later = replace(sheet, attempts=before.attempts + 1)
            sheet, places = with_earlier(before, later, names)
            if places:
                listed = ", ".join(map(str, places))
                stands = f"problem {listed} of {before.source} stands"
                self._notice(sheet, f"{stands} ({sheet.student!r})")
        self.chosen[sheet.student] = sheet

    def _names(self, sheet: Sheet) -> BoxNames | NumberedBoxes:
        """The boxes of a student's sheet."""
        # A bank alone has one exercise, whose key is empty.
        own = self.own.get(sheet.student, ("",))
        return self.names.of(keys_shown(own, sheet))

    def _why_not(self, sheet: Sheet, token: str) -> str:
        """Why a sheet does not count; empty where it does."""
        if sheet.refusal:
            return f"{sheet.refusal} ({sheet.student!r})"
        names = self._names(sheet)
        # It is a file of another exercise, or of none.
        if sheet.answers and names.boxes.isdisjoint(sheet.answers):
            return "no box of the sheet is named -> use the template, or remove the file"
        # The token or the name is wrong, and only the student can say which.
        if token and token != self.tokens[sheet.student]:
            owner = self.owners.get(token)
            whose = f"is that of {owner!r}" if owner else "is no sheet of this course"
            return f"the token of {sheet.student!r} {whose} -> not marked; ask the student"
        if sheet.late and self.deadline.late == "refuse":
            return f"late -> not marked ({sheet.student!r})"
        blank = is_empty(sheet)
        # On the screen a form can look filled that was never saved.
        if blank and sheet.source.path.suffix.lower() == ".pdf":
            ask = f"ask {sheet.student!r} whether the filled form was saved"
            self._notice(sheet, f"all fields are empty -> {ask}")
        if blank and sheet.student in self.chosen:
            other = self.chosen[sheet.student].source
            return f"blank, {sheet.student!r} has handed in {other} already"
        return ""


def _of_late(sheet: Sheet) -> str:
    """What becomes of a late sheet that counts."""
    if not sheet.days:
        return "late, marked all the same"
    if not sheet.taken_off:
        return f"{days_late(sheet.days)}, marked all the same"
    return f"{days_late(sheet.days)}, {sheet.taken_off:.0%} of all marks are taken off"
