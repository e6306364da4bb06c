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
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rnnquiz.bank.specification import Bank
from rnnquiz.grade.answers import known_boxes
from rnnquiz.roster import Lookup, Student
from rnnquiz.submissions.owners import Claim, Owners, token_of
from rnnquiz.submissions.responses import PART
from rnnquiz.submissions.sheets import Packed, Sheet
from rnnquiz.text import visible

LATE = ("mark", "refuse")


def receive(
    bank: Bank,
    sheets: Sequence[Sheet],
    students: Mapping[str, Student],
    tokens: Mapping[str, str],
    late: str = "mark",
) -> tuple[dict[str, Sheet], list[str], dict[str, str]]:
    """The sheet that counts for each student; a line for each that does not; of each student none
    of whose sheets counts, why.

    `late`: what becomes of late ones, one of LATE. `tokens`: the token of each student's variant.
    """
    desk = _Desk(bank, tokens, late)
    lookup, of_token = Lookup(students.values()), {token: who for who, token in tokens.items()}
    owners = Owners(lookup, sheets, of_token, desk.names.is_none)
    for sheet, claim in zip(sheets, owners.claims, strict=True):
        desk.take(sheet, owners.checked(sheet, claim))
    refused = {who: why for who, why in desk.refused.items() if who not in desk.chosen}
    return desk.chosen, desk.problems, refused


class _Desk:
    """Where sheets come in one after the other."""

    def __init__(self, bank: Bank, tokens: Mapping[str, str], late: str) -> None:
        self.tokens, self.late = tokens, late
        self.owners = {token: student for student, token in tokens.items()}
        self.names = _BoxNames(bank)
        self.chosen: dict[str, Sheet] = {}
        self.problems: list[str] = []
        self.refused: dict[str, str] = {}

    def take(self, sheet: Sheet, claim: Claim) -> None:
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
        sheet = replace(sheet, student=student, answers=Packed(self.names.read(sheet.answers)))
        refusal = self._refusal(sheet, token_of(sheet))
        if refusal:
            self.problems.append(f"{sheet.source}: {refusal}")
            self.refused[student] = refusal
            return
        self.problems += [
            f"{sheet.source}: {note} -> look at it ({student!r})" for note in sheet.notes
        ]
        if sheet.late:
            self.problems.append(f"{sheet.source}: late, marked all the same ({student!r})")
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
            sheet = replace(sheet, attempts=before.attempts + 1)
        self.chosen[sheet.student] = sheet

    def _refusal(self, sheet: Sheet, token: str) -> str:
        """Why a sheet does not count; empty where it does."""
        if sheet.refusal:
            return f"{sheet.refusal} ({sheet.student!r})"
        if sheet.answers and self.names.boxes.isdisjoint(sheet.answers):
            return "no box of the sheet is named -> use the template, or remove the file"
        if token and token != self.tokens[sheet.student]:
            owner = self.owners.get(token)
            whose = f"is that of {owner!r}" if owner else "is no sheet of this course"
            return f"the token of {sheet.student!r} {whose} -> not marked; ask the student"
        if sheet.late and self.late == "refuse":
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
    )


def _file(source: str) -> str:
    """The file of a sheet, without the row."""
    return re.sub(r", row \d+$", "", source)


class _BoxNames:
    """The boxes of a bank under the names that people and learning systems give them: h1 for h[1],
    part 3 for the third.
    """

    def __init__(self, bank: Bank) -> None:
        self.boxes = frozenset(known_boxes(bank))
        self.parts = {f"{PART}{k}": box.name for k, box in enumerate(bank.boxes, start=1)}
        loose: dict[str, set[str]] = {}
        for name in self.boxes:
            loose.setdefault(_loosely(name), set()).add(name)
        self.loose = {key: next(iter(names)) for key, names in loose.items() if len(names) == 1}

    def read(self, answers: Mapping[str, str]) -> dict[str, str]:
        """The answers by box; a name that is none stays as it is, and so does one that would stand
        twice.
        """
        found: dict[str, str] = {}
        for name, text in answers.items():
            box = (
                name
                if name in self.boxes
                else self.parts.get(name) or self.loose.get(_loosely(name), name)
            )
            found[name if (box != name and box in answers) or box in found else box] = text
        return found

    def is_none(self, name: str) -> bool:
        """True for a name that no box has, however it is written."""
        return (
            name not in self.boxes and name not in self.parts and _loosely(name) not in self.loose
        )


_MARKS = str.maketrans(
    {"\u0302": "hat", "∂": "d", "’": "'", "‘": "'", "′": "'", "`": "'", "´": "'"}
)


def _loosely(name: str) -> str:
    """A name without the marks that people leave out when they type: brackets, underscores, spaces;
    ŷ is yhat, ∂ is d.
    """
    plain = unicodedata.normalize("NFKD", visible(name)).translate(_MARKS)
    return re.sub(r"[\[\](){}_\s$\\]", "", plain)
