"""Where one exercise of a class is marked: what counts of its sheets, the search for copies, its
part of the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from rnnquiz.assignment import Assigned
from rnnquiz.bank.variant import arrays_of
from rnnquiz.course.bundles import Bundle, Outcome, Paper
from rnnquiz.course.feedback_pages import PAGES_TOGETHER
from rnnquiz.course.records import MarkingRun
from rnnquiz.course.reporting import Gathering
from rnnquiz.course.store import Course
from rnnquiz.derivation.evaluate import Values
from rnnquiz.grade.matching import Keys
from rnnquiz.people.roster import Student, among
from rnnquiz.submissions.sheets import Sheet

MOST_AT_ONCE = 10  # batches of sheets marked together
_Item = TypeVar("_Item")


class Bench:
    """Where one exercise of the class is marked: what counts of its sheets, the search for copies,
    its part of the report."""

    def __init__(self, course: Course, exercise: Assigned, chosen: Mapping[str, Sheet]) -> None:
        self.course, self.exercise, self.chosen = course.part(exercise.key), exercise, chosen
        self.answered = frozenset(chosen)
        self.report = Gathering(exercise.bank)
        self.matched: list[str] = []

    def part(self, students: Sequence[Student]) -> Bundle:
        """What one pair of hands is given of the exercise: of each student no more than is
        needed."""
        having = self.having(students)
        owners = {student.id: self._owner(student) for student in having}
        found = self.course.variants(list(owners.values()))
        variants = {variant.student: variant for variant in found}
        papers = []
        for student in having:
            # With the numbers of another, which a quiz has shown, it is still this student's sheet.
            variant = replace(variants[owners[student.id]], student=student.id)
            paper = Paper(without_addresses(student), variant, self.chosen[student.id])
            papers.append(paper)
        return Bundle(tuple(papers))

    def having(self, students: Sequence[Student]) -> list[Student]:
        """Those of whom something counts for the exercise."""
        return among(students, self.chosen)

    def _owner(self, student: Student) -> str:
        """Whose sheet has the numbers that a student is marked by."""
        numbers = self.chosen[student.id].numbers
        if not numbers:
            return student.id
        return self._owners[numbers]

    @cached_property
    def _owners(self) -> dict[str, str]:
        used = {sheet.numbers for sheet in self.chosen.values()} - {""}
        # Mostly nobody is marked by another's numbers, and the tokens of all need not be read.
        if not used:
            return {}
        owners = self.course.owners()
        known = used & owners.keys()
        return {token: owners[token] for token in known}

    def take(self, students: Sequence[Student], outcome: Outcome) -> list[str]:
        """Take a part into the report; a line for each of its sheets that has the numbers of
        another."""
        self.report.add(students, outcome.report)
        found = list(self._matches(students, outcome))
        self.matched += found
        return found

    def _matches(self, students: Sequence[Student], outcome: Outcome) -> Iterator[str]:
        """A line for each sheet that has the numbers of another."""
        if self._keys is None:
            return
        keys, order, known = self._keys
        owners = map(self._owner, students)
        rows = [order[owner] for owner in owners]
        before = ""
        if self.exercise.key:
            before = f"problem {self.exercise.place}: "
        for found in keys.matches(outcome.numbers, rows):
            student, other = students[found.student], known[found.other]
            yield before + found.words(student.id, other)

    @cached_property
    def _keys(self) -> tuple[Keys, dict[str, int], list[str]] | None:
        """The right answers of everybody's sheet, the row of each student, and whose each row is;
        None where all have the same numbers."""
        bank = self.exercise.bank
        # Where all have the same numbers, that two share their answers says nothing.
        if bank.fixed:
            return None
        known = list(self.course.tokens())
        keys = Keys(bank, self._numbers(known))
        return keys, {student: row for row, student in enumerate(known)}, known

    def _numbers(self, known: Sequence[str]) -> Iterator[Values]:
        """The numbers of everybody's sheet, so many at a time as the database takes."""
        for some in in_groups(known, MOST_AT_ONCE * PAGES_TOGETHER):
            yield arrays_of(self.exercise.bank, self.course.variants(some))

    def finish(self, run: MarkingRun | None) -> None:
        """Store what is not stored sheet by sheet, and let go of what is large."""
        # The right answers of the whole class, and its sheets, would stay until all is written.
        vars(self).pop("_keys", None)
        chosen, self.chosen = self.chosen, {}
        if run is None:
            return
        numbers, late, pages = [], [], []
        for student, sheet in chosen.items():
            if sheet.numbers:
                numbers.append((student, sheet.numbers))
            if sheet.days:
                late.append((student, sheet.days, sheet.taken_off))
            if sheet.page is not None:
                pages.append((student, sheet.page.as_json()))
        run.keep_numbers(numbers)
        run.keep_late(late)
        run.keep_pages(pages)


def without_addresses(student: Student) -> Student:
    """A student as marking needs one: what is not needed does not leave the main process."""
    return replace(student, email="", others=())


def in_groups(items: Sequence[_Item], size: int) -> list[Sequence[_Item]]:
    """The items in groups of a size, the last one smaller."""
    starts = range(0, len(items), size)
    return [items[start : start + size] for start in starts]
