"""Numbers for the students of a course who have none: drawn, certified, and stored before anything
is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from rnnquiz.assignment import Assigned, Assignment
from rnnquiz.bank.load import Portable
from rnnquiz.bank.variant import Variant
from rnnquiz.course.crew import Crew
from rnnquiz.course.issued import add_sheets
from rnnquiz.course.store import Course
from rnnquiz.course.terms import numbers_drawn_in, numbers_elsewhere
from rnnquiz.documents.produce import Issued
from rnnquiz.people.roster import Student
from rnnquiz.progress import Progress
from rnnquiz.variants.certify import certifier_of
from rnnquiz.variants.issue import Certified, Issuer, Report, first_accepted
from rnnquiz.version import __version__


@dataclass(frozen=True)
class Batches:
    """For how many students is drawn at a time: by this process alone (`here`), and by each hand
    (`far` at least, `most` at most). Up to `at_home` students are drawn for here, while the hands
    make the first documents; for more it is the hands that draw."""

    here: int = 100
    far: int = 500
    at_home: int = 1000
    # For 2000 at a time a student takes three fifths of the time that it takes for 500.
    most: int = 2000

    def size(self, students: int, hands: int) -> int:
        """For how many of so many students is drawn at a time."""
        if students <= self.at_home:
            return self.here
        # Four for each pair of hands, so that none waits long for the last.
        share = students // (hands * 4)
        return max(self.far, min(self.most, share))


BATCHES = Batches()


@dataclass(frozen=True)
class _Share:
    """Those of a group of students who have an exercise, and what is needed to draw for them."""

    exercise: Assigned
    students: tuple[str, ...]
    seeds: tuple[bytes, ...]


class Issuing:
    """Issues the sheets of an attempt in the order of the students: nobody gets numbers that
    anybody had before. `report` counts what was refused of all exercises."""

    def __init__(self, course: Course, assignment: Assignment, batches: Batches = BATCHES) -> None:
        self.course, self.assignment, self.batches = course, assignment, batches
        self.banks = {one.key: one.bank for one in assignment.exercises}
        self.secret = course.secret
        self.issuers: dict[str, Issuer] = {}

    @property
    def report(self) -> Report:
        """What was drawn and refused, over all exercises."""
        whole = Report()
        for issuer in self.issuers.values():
            whole.add(issuer.report)
        return whole

    def issue(
        self, waiting: Sequence[Student], crew: Crew, progress: Progress
    ) -> Iterator[list[Issued]]:
        """A sheet for each student, stored group by group before it is given out: all exercises of
        a student or none."""
        here = len(waiting) <= self.batches.at_home
        size = self.batches.size(len(waiting), crew.hands)
        starts = range(0, len(waiting), size)
        groups = [waiting[at : at + size] for at in starts]
        # Made as they are asked for: a crew begins only a few pieces more than it has hands.
        shares = chain.from_iterable(map(self._shares, groups))
        drawn = map(self._found, shares) if here else self._far(crew, shares)
        done = 0
        for group in groups:
            variants: dict[str, list[Variant]] = {}
            # Which exercises a group has hangs on nothing but the secret: it is the same again.
            for share in self._shares(group):
                for variant in self._issued(share, next(drawn)):
                    variants.setdefault(variant.student, []).append(variant)
            stored = list(chain.from_iterable(variants.values()))
            add_sheets(self.course, self.banks, stored, __version__)
            done += len(group)
            progress("variants", done, len(waiting))
            yield [(student, tuple(variants[student.id])) for student in group]

    def _shares(self, group: Sequence[Student]) -> Iterator[_Share]:
        """The exercises of a group, in the order of the sheet."""
        lots = [self.assignment.drawn(self.secret, student.position) for student in group]
        for exercise in self.assignment.exercises:
            students = []
            for student, lot in zip(group, lots, strict=True):
                if exercise in lot:
                    students.append(student.id)
            if students:
                rows = [(id_, self.course.attempt) for id_ in students]
                seeds = self._issuer(exercise).seeds(rows)
                yield _Share(exercise, tuple(students), tuple(seeds))

    def _issuer(self, exercise: Assigned) -> Issuer:
        if exercise.key not in self.issuers:
            bank = exercise.bank
            taken = self.course.part(exercise.key).every_variant()
            # Fixed numbers are those of everybody, in every assignment.
            if not bank.fixed:
                taken += numbers_drawn_in(self.course, bank, without=exercise.key)
                taken += numbers_elsewhere(self.course.folder, bank)
            self.issuers[exercise.key] = Issuer(bank, self.secret, taken)
        return self.issuers[exercise.key]

    @cached_property
    def twins(self) -> dict[str, list[Assigned]]:
        """Of each exercise, the others on the sheet whose numbers come from the same ranges."""
        exercises = self.assignment.exercises
        return {one.key: list(self._twins_of(one)) for one in exercises}

    def _twins_of(self, one: Assigned) -> Iterator[Assigned]:
        for other in self.assignment.exercises:
            if other is not one and other.bank.samplers == one.bank.samplers:
                yield other

    def _found(self, share: _Share) -> Certified:
        return first_accepted(self._issuer(share.exercise).certifier, share.seeds)

    def _far(self, crew: Crew, shares: Iterator[_Share]) -> Iterator[Certified]:
        pieces = ((Portable.of(one.exercise.bank), one.seeds) for one in shares)
        return crew.map(_drawn, pieces)

    def _issued(self, share: _Share, found: Certified) -> Iterator[Variant]:
        """The variants of a share; on one sheet all exercises have one token."""
        rows = [(student, self.course.attempt) for student in share.students]
        twins = [self._issuer(twin) for twin in self.twins[share.exercise.key]]
        for variant in self._issuer(share.exercise).issue(rows, found):
            # The same numbers in two exercises of a sheet would be one exercise less.
            for twin in twins:
                twin.avoid(variant)
            yield self._on_sheet(variant, share.exercise)

    def _on_sheet(self, variant: Variant, exercise: Assigned) -> Variant:
        if not exercise.key:
            return variant
        token = self.assignment.token(self.secret, variant.student, variant.attempt)
        return replace(variant, token=token, exercise=exercise.key)


def _drawn(piece: tuple[Portable, Sequence[bytes]]) -> Certified:
    portable, seeds = piece
    return first_accepted(certifier_of(portable.bank), seeds)
