"""Which sheet counts for each student: names are matched, never guessed, and each sheet that does not count has a line of its own.

Ids are compared exactly; then other ids of the roster, e-mail, and a name that only one student has. A sheet that names no
student belongs to the one whose token it has. A token, where one is given, must be the student's own. Of several sheets of one
student the last counts, by the system's time where it gives one, then in the order of file names and rows; a blank one never takes
the place of another. Late sheets are marked and reported, or refused, as is asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rnnquiz.bank.specification import Bank
from rnnquiz.grade.answers import known_boxes
from rnnquiz.roster import Lookup, Student
from rnnquiz.submissions.sheets import Packed, Sheet
from rnnquiz.submissions.tabular import PART

LATE = ("mark", "refuse")


def receive(
    bank: Bank, sheets: Sequence[Sheet], students: Mapping[str, Student], tokens: Mapping[str, str], late: str = "mark"
) -> tuple[dict[str, Sheet], list[str], dict[str, str]]:
    """The sheet that counts for each student; a line for each that does not; of each student none of whose sheets counts, why.

    `late`: what becomes of late ones, one of LATE. `tokens`: the token of each student's variant.
    """
    desk = _Desk(bank, students, tokens, late)
    for sheet in sheets:
        desk.take(sheet)
    return desk.chosen, desk.problems, {who: why for who, why in desk.refused.items() if who not in desk.chosen}


class _Desk:
    """Where sheets come in one after the other."""

    def __init__(self, bank: Bank, students: Mapping[str, Student], tokens: Mapping[str, str], late: str) -> None:
        self.tokens, self.late = tokens, late
        self.lookup = Lookup(students.values())
        self.owners = {token: student for student, token in tokens.items()}
        self.names = _BoxNames(bank)
        self.chosen: dict[str, Sheet] = {}
        self.problems: list[str] = []
        self.refused: dict[str, str] = {}

    def take(self, sheet: Sheet) -> None:
        """Keep the sheet, or say why not."""
        token = sheet.token.strip().lower()
        student = self._student(sheet, token)
        if student is not None and student not in self.tokens:
            self.problems.append(f"{sheet.source}: {student!r} has no sheet yet -> run rnnquiz generate with the roster")
            return
        if student is None:
            words = [sheet.student, *sheet.known_as]
            several, who = self.lookup.candidates(words), repr(sheet.student[:80])
            found = f"{who} may be any of {', '.join(several[:5])}" if len(several) > 1 else f"no student {who} on the roster"
            self.problems.append(f"{sheet.source}: {found} -> check the id")
            return
        sheet = replace(sheet, student=student, answers=Packed(self.names.read(sheet.answers)))
        refusal = self._refusal(sheet, token)
        if refusal:
            self.problems.append(f"{sheet.source}: {refusal}")
            self.refused[student] = refusal
            return
        self.problems += [
            f"{sheet.source}: {note} -> look at it ({student!r})" for note in sheet.notes
        ]
        if sheet.late:
            self.problems.append(f"{sheet.source}: late, marked all the same ({student!r})")
        if student in self.chosen:
            self.problems.append(f"{self.chosen[student].source}: superseded for {student!r} by {sheet.source}")
            sheet = replace(sheet, attempts=self.chosen[student].attempts + 1)
        self.chosen[student] = sheet

    def _student(self, sheet: Sheet, token: str) -> str | None:
        found = self.lookup.find([sheet.student, *sheet.known_as])
        if found is None and not sheet.named:
            return self.owners.get(token)
        return found.id if found else None

    def _refusal(self, sheet: Sheet, token: str) -> str:
        """Why a sheet does not count; empty where it does."""
        if sheet.answers and self.names.boxes.isdisjoint(sheet.answers):
            return "no box of the sheet is named -> use the template, or remove the file"
        if token and token != self.tokens[sheet.student]:
            owner = self.owners.get(token)
            whose = f"is that of {owner!r}" if owner else "is no sheet of this course"
            return f"the token of {sheet.student!r} {whose} -> not marked; ask the student"
        if sheet.late and self.late == "refuse":
            return f"late -> not marked ({sheet.student!r})"
        blank = not any(text.strip() for text in sheet.answers.values())
        if blank and sheet.source.lower().endswith(".pdf"):
            self.problems.append(f"{sheet.source}: all fields are empty -> ask {sheet.student!r} whether the filled form was saved")
        if blank and sheet.student in self.chosen:
            return f"blank, {sheet.student!r} has handed in {self.chosen[sheet.student].source} already"
        return ""


class _BoxNames:
    """The boxes of a bank under the names that people and learning systems give them: h1 for h[1], part 3 for the third."""

    def __init__(self, bank: Bank) -> None:
        self.boxes = frozenset(known_boxes(bank))
        self.parts = {f"{PART}{k}": box.name for k, box in enumerate(bank.boxes, start=1)}
        loose: dict[str, set[str]] = {}
        for name in self.boxes:
            loose.setdefault(_loosely(name), set()).add(name)
        self.loose = {key: next(iter(names)) for key, names in loose.items() if len(names) == 1}

    def read(self, answers: Mapping[str, str]) -> dict[str, str]:
        """The answers by box; a name that is none stays as it is, and so does one that would stand twice."""
        found: dict[str, str] = {}
        for name, text in answers.items():
            box = name if name in self.boxes else self.parts.get(name) or self.loose.get(_loosely(name), name)
            found[name if (box != name and box in answers) or box in found else box] = text
        return found


def _loosely(name: str) -> str:
    """A name without the marks that people leave out when they type: brackets, underscores, spaces; ŷ is yhat, ∂ is d."""
    plain = unicodedata.normalize("NFKD", name).replace("\u0302", "hat").replace("∂", "d")
    return re.sub(r"[\[\](){}_\s$\\]", "", plain)
