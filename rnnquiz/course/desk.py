"""Puts together what comes of the sheets of a class: gradebook, report, evidence, matches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.course.crew import Crew
from rnnquiz.course.evidence import Evidence
from rnnquiz.course.marking import BATCH, Outcome, Piece, Wish, mark_piece
from rnnquiz.course.records import Run, Standing
from rnnquiz.course.reporting import Gathering, absent, write_report
from rnnquiz.course.standing import Kinds, kinds_of, row_of, without_marks
from rnnquiz.course.store import Course
from rnnquiz.exports.gradebook import ALWAYS, WRITERS, GradeRow
from rnnquiz.grade.matching import Keys
from rnnquiz.private import remove, write_atomically
from rnnquiz.report.marking import NOTHING
from rnnquiz.roster import Student
from rnnquiz.submissions.sheets import Sheet

MOST_AT_ONCE = 10  # batches of sheets marked together
EARLIER = "marked earlier"
FOR_A_PAGE = 20  # sheets that are marked in the time of writing one feedback page

Progress = Callable[[str, int, int], None]
QUIET: Progress = lambda what, done, of: None


@dataclass(repr=False)
class Graded:
    """The outcome of a marking."""

    rows: list[GradeRow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    matches: list[str] = field(default_factory=list)
    run: int | None = None

    @property
    def marked(self) -> int:
        """How many sheets were marked now."""
        return sum(row.status == "marked" for row in self.rows)

    @property
    def mean(self) -> float:
        """Mean marks of those sheets."""
        return sum(row.marks or 0.0 for row in self.rows if row.status == "marked") / max(
            1, self.marked
        )

    def __repr__(self) -> str:
        return f"<Graded: {self.marked} of {len(self.rows)} marked, mean {self.mean:.2f}>"


class Desk:
    """Puts together what comes of the sheets of a class, piece by piece, in the order of the
    roster."""

    def __init__(
        self,
        course: Course,
        bank: Bank,
        chosen: Mapping[str, Sheet],
        graded: Graded,
        refused: Mapping[str, str],
    ) -> None:
        self.refused = refused
        self.course, self.bank, self.chosen, self.graded = course, bank, chosen, graded
        self.everyone = course.students()
        self.students = [student for student in self.everyone if student.id in chosen]
        self.report = Gathering(bank)

    def work(self, wish: Wish) -> int:
        """How much there is to do, in pages."""
        return len(self.students) if wish.pages else len(self.students) // FOR_A_PAGE

    def mark(
        self,
        wish: Wish,
        crew: Crew,
        place: Path | None,
        run: Run | None,
        kept: Evidence | None,
        each: Callable[[Outcome], object],
        progress: Progress = QUIET,
    ) -> None:
        """Mark all sheets: pages are written to `place`, all else is taken up, stored where there
        is a run, and kept as evidence."""
        for outcome in self._outcomes(wish, crew, place, progress):
            each(outcome)
            if run is not None:
                run.add(outcome.stored)
            if kept is not None:
                kept.add(outcome.evidence)
        if run is not None:
            run.keep_numbers(
                (student, sheet.numbers) for student, sheet in self.chosen.items() if sheet.numbers
            )
            run.keep_pages(
                (student, sheet.page.as_json())
                for student, sheet in self.chosen.items()
                if sheet.page is not None
            )
        if kept is not None:
            kept.close(self.graded.problems, self.graded.matches)
        vars(self).pop("_keys", None)  # of a large class they are large
        self.graded.run = run.number if run is not None else None
        self._add_absent()

    def _outcomes(
        self, wish: Wish, crew: Crew, place: Path | None, progress: Progress
    ) -> Iterator[Outcome]:
        """Each piece, once it is marked and taken into the gradebook, the report and the search for
        copies."""
        size = BATCH * max(1, min(MOST_AT_ONCE, len(self.students) // (BATCH * crew.hands * 2)))
        groups = [
            self.students[start : start + size] for start in range(0, len(self.students), size)
        ]
        done = 0
        made = crew.build(
            partial(mark_piece, wish),
            (self._piece(group, wish, place) for group in groups),
            place or Path(),
        )
        for group, (_, outcome) in zip(groups, made, strict=True):
            self._take(group, outcome)
            done += len(group)
            progress("marked", done, len(self.students))
            yield outcome

    def _piece(self, students: Sequence[Student], wish: Wish, place: Path | None) -> Piece:
        """What one pair of hands is given: of each student no more than is needed. A page with the
        marks of before is removed."""
        if wish.pages and place is not None:
            for student in students:
                remove(place, f"feedback/{student.stem}.pdf")
        variants = {
            variant.student: variant
            for variant in self.course.variants([self._owner(student) for student in students])
        }
        sheets = tuple(self.chosen[student.id] for student in students)
        people = tuple(replace(student, email="", others=()) for student in students)
        return Piece(
            people,
            tuple(
                replace(variants[self._owner(student)], student=student.id) for student in students
            ),
            sheets,
        )

    def _owner(self, student: Student) -> str:
        """Whose sheet has the numbers that a student is marked by."""
        numbers = self.chosen[student.id].numbers
        return self._owners[numbers] if numbers else student.id

    @cached_property
    def _owners(self) -> dict[str, str]:
        used = {sheet.numbers for sheet in self.chosen.values()} - {""}
        return (
            {token: student for student, token in self.course.tokens().items() if token in used}
            if used
            else {}
        )

    def _take(self, students: Sequence[Student], outcome: Outcome) -> None:
        for student, line in zip(students, outcome.lines, strict=True):
            who = (student.id, student.name, student.email)
            self.graded.rows.append(
                GradeRow(
                    *who,
                    line.marks,
                    line.maximum,
                    line.skills,
                    line.verdicts,
                    line.first_wrong,
                    "marked",
                )
            )
        self.graded.problems += outcome.problems
        self.report.add(students, outcome.report)
        if self._keys is not None:
            keys, order, known = self._keys
            for found in keys.matches(
                outcome.numbers, [order[self._owner(student)] for student in students]
            ):
                self.graded.matches.append(
                    found.words(students[found.student].id, known[found.other])
                )

    @cached_property
    def _keys(self) -> tuple[Keys, dict[str, int], list[str]] | None:
        """The right answers of everybody's sheet, the row of each student, and whose each row is;
        None where all have the same numbers."""
        if self.bank.fixed:
            return None
        known = list(self.course.tokens())
        parts = (
            known[start : start + MOST_AT_ONCE * BATCH]
            for start in range(0, len(known), MOST_AT_ONCE * BATCH)
        )
        keys = Keys(self.bank, (arrays_of(self.bank, self.course.variants(part)) for part in parts))
        return keys, {student: row for row, student in enumerate(known)}, known

    def _add_absent(self) -> None:
        """The rows of the gradebook, those who handed nothing in among the others."""
        marked = iter(self.graded.rows)
        self.graded.rows = [
            next(marked) if student.id in self.chosen else self._absent(student)
            for student in self.everyone
        ]

    def _absent(self, student: Student) -> GradeRow:
        """The row of a student of whom nothing was marked now: as marked before, or why there are
        no marks."""
        if student.id in self._before:
            row = self._before[student.id]
            return row_of(self.bank, student, row, self._kinds, EARLIER)
        return without_marks(self.bank, student, self._why(student))

    def _why(self, student: Student) -> str:
        """Why nothing was marked now of a student."""
        if student.id in self._before:
            return EARLIER
        if student.id in self.refused:
            return f"handed in, not marked: {self.refused[student.id]}"
        return NOTHING

    @cached_property
    def _before(self) -> dict[str, Standing]:
        return {
            row.student: row for row in self.course.standing() if row.student not in self.chosen
        }

    @cached_property
    def _kinds(self) -> Kinds:
        return kinds_of(self.course, self._before.values())

    def write(self, place: Path, report: bool = True) -> None:
        """The gradebook in each format, and the report."""
        for name, writer in (WRITERS[kind] for kind in ALWAYS):
            made = writer(self.bank.written.title, self.graded.rows)
            write_atomically(
                place / name, made if isinstance(made, bytes) else made.encode("utf-8")
            )
        if report:
            write_report(
                self.report.marking(
                    tuple(absent(self.everyone, self.chosen, self._why)), self.graded.matches
                ),
                place,
            )

    def note(self, place: Path, words: str) -> None:
        """Remember the folder, for `erase`."""
        if problem := self.course.note_outside(place, words):
            self.graded.problems.append(problem)
