"""Puts together what comes of the sheets of a class: gradebook, report, evidence, matches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from rnnquiz.assignment import Assigned, Assignment
from rnnquiz.bank.variant import arrays_of
from rnnquiz.course.crew import Crew
from rnnquiz.course.deadlines import EXCUSED
from rnnquiz.course.evidence import EvidenceFile
from rnnquiz.course.kept import standing_rows
from rnnquiz.course.marking import (
    PAGES_TOGETHER,
    Bundle,
    MarkingOptions,
    Outcome,
    Outcomes,
    StudentBundle,
    mark_piece,
)
from rnnquiz.course.records import GradedLine, MarkingRun
from rnnquiz.course.reporting import Gathering, absent, write_report
from rnnquiz.course.standing import Stored, concerned, row_of_lines, without_marks
from rnnquiz.course.store import Course
from rnnquiz.exports.gradebook import ALWAYS, WRITERS, GradeRow
from rnnquiz.grade.matching import Keys
from rnnquiz.private import remove, write_atomically
from rnnquiz.progress import Progress, unseen
from rnnquiz.report.marking import NOTHING
from rnnquiz.roster import Student
from rnnquiz.submissions.sheets import Sheet

MOST_AT_ONCE = 10  # batches of sheets marked together
EARLIER = "marked earlier"
FOR_A_PAGE = 20  # sheets that are marked in the time of writing one feedback page


@dataclass(repr=False)
class Graded:
    """The outcome of a marking."""

    rows: list[GradeRow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    matches: list[str] = field(default_factory=list)
    run: int | None = None
    reports: list[Path] = field(default_factory=list)

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


class _Bench:
    """Where one exercise of the class is marked: what counts of its sheets, the search for copies,
    its part of the report."""

    def __init__(self, course: Course, exercise: Assigned, chosen: Mapping[str, Sheet]) -> None:
        self.course, self.exercise, self.chosen = course.part(exercise.key), exercise, chosen
        self.report = Gathering(exercise.bank)
        self.matched: list[str] = []

    def part(self, students: Sequence[Student]) -> Bundle:
        """What one pair of hands is given of the exercise: of each student no more than is
        needed."""
        having = [student for student in students if student.id in self.chosen]
        owners = {student.id: self._owner(student) for student in having}
        variants = {
            variant.student: variant for variant in self.course.variants(list(owners.values()))
        }
        own = [replace(variants[owner], student=student) for student, owner in owners.items()]
        people = [replace(student, email="", others=()) for student in having]
        sheets = [self.chosen[student.id] for student in having]
        return Bundle(tuple(people), tuple(own), tuple(sheets))

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
        rows = [order[self._owner(student)] for student in students]
        before = f"problem {self.exercise.place}: " if self.exercise.key else ""
        for found in keys.matches(outcome.numbers, rows):
            yield before + found.words(students[found.student].id, known[found.other])

    @cached_property
    def _keys(self) -> tuple[Keys, dict[str, int], list[str]] | None:
        """The right answers of everybody's sheet, the row of each student, and whose each row is;
        None where all have the same numbers."""
        bank = self.exercise.bank
        if bank.fixed:
            return None
        known = list(self.course.tokens())
        parts = (
            known[start : start + MOST_AT_ONCE * PAGES_TOGETHER]
            for start in range(0, len(known), MOST_AT_ONCE * PAGES_TOGETHER)
        )
        keys = Keys(bank, (arrays_of(bank, self.course.variants(part)) for part in parts))
        return keys, {student: row for row, student in enumerate(known)}, known

    def finish(self, run: MarkingRun | None) -> None:
        """Store what is not stored sheet by sheet, and let go of what is large."""
        vars(self).pop("_keys", None)
        if run is None:
            return
        run.keep_numbers(
            (student, sheet.numbers) for student, sheet in self.chosen.items() if sheet.numbers
        )
        run.keep_late(
            (student, sheet.days, sheet.taken_off)
            for student, sheet in self.chosen.items()
            if sheet.days
        )
        run.keep_pages(
            (student, sheet.page.as_json())
            for student, sheet in self.chosen.items()
            if sheet.page is not None
        )


@dataclass(frozen=True)
class Shelf:
    """Where what is marked goes: pages to a folder, verdicts to a run of each exercise and into the
    file of evidence; nowhere what is None."""

    place: Path | None
    runs: Mapping[str, MarkingRun] | None
    kept: EvidenceFile | None


class Desk:
    """Puts together what comes of the sheets of a class, piece by piece, in the order of the
    roster."""

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        chosen: Mapping[str, Mapping[str, Sheet]],
        graded: Graded,
        refused: Mapping[str, str],
    ) -> None:
        """`chosen`: of each exercise, what counts of the sheet of each student."""
        self.refused = refused
        self.course, self.assignment, self.graded = course, assignment, graded
        self.benches = {
            one.key: _Bench(course, one, chosen.get(one.key, {})) for one in assignment.exercises
        }
        self.chosen = {student for part in chosen.values() for student in part}
        self.everyone, self.excused = concerned(course), course.excused()
        self.students = [student for student in self.everyone if student.id in self.chosen]

    def work(self, options: MarkingOptions) -> int:
        """How much there is to do, in pages."""
        return len(self.students) if options.pages else len(self.students) // FOR_A_PAGE

    def mark(
        self,
        options: MarkingOptions,
        crew: Crew,
        shelf: Shelf,
        each: Callable[[str, Outcome], object],
        progress: Progress = unseen,
    ) -> None:
        """Mark all sheets, put away what comes of them, and give `each` outcome with its
        exercise."""
        for outcomes in self._outcomes(options, crew, shelf.place, progress):
            for key, outcome in outcomes.items():
                each(key, outcome)
                if shelf.runs is not None:
                    shelf.runs[key].add(outcome.stored)
                if shelf.kept is not None:
                    shelf.kept.add(outcome.evidence)
        for key, bench in self.benches.items():
            bench.finish(shelf.runs[key] if shelf.runs is not None else None)
        if shelf.kept is not None:
            shelf.kept.close(self.graded.problems, self.graded.matches)
        if shelf.runs is not None:
            self.graded.run = max(run.number for run in shelf.runs.values())
        self._add_absent()

    def _outcomes(
        self, options: MarkingOptions, crew: Crew, place: Path | None, progress: Progress
    ) -> Iterator[Outcomes]:
        """Each piece, once it is marked and taken into the gradebook, the report and the search for
        copies."""
        size = PAGES_TOGETHER * max(
            1, min(MOST_AT_ONCE, len(self.students) // (PAGES_TOGETHER * crew.hands * 2))
        )
        groups = [
            self.students[start : start + size] for start in range(0, len(self.students), size)
        ]
        done = 0
        made = crew.build(
            partial(mark_piece, options),
            (self._piece(group, options, place) for group in groups),
            place or Path(),
        )
        for group, (_, (outcomes, faults)) in zip(groups, made, strict=True):
            self._take(group, outcomes)
            self.graded.problems += faults
            done += len(group)
            progress("marked", done, len(self.students))
            yield outcomes

    def _piece(
        self, students: Sequence[Student], options: MarkingOptions, place: Path | None
    ) -> StudentBundle:
        """What one pair of hands is given. A page with the marks of before is removed."""
        if options.pages and place is not None:
            for student in students:
                remove(place, f"feedback/{student.stem}.pdf")
        parts = {key: bench.part(students) for key, bench in self.benches.items()}
        people = tuple(replace(student, email="", others=()) for student in students)
        some = {key: part for key, part in parts.items() if part.students}
        return StudentBundle(people, some, self.course.attempt)

    def _take(self, students: Sequence[Student], outcomes: Outcomes) -> None:
        lines: dict[str, dict[int, GradedLine]] = {student.id: {} for student in students}
        for key, outcome in outcomes.items():
            bench = self.benches[key]
            having = [student for student in students if student.id in bench.chosen]
            for student, line in zip(having, outcome.lines, strict=True):
                sheet = bench.chosen[student.id]
                dated = replace(line, days=sheet.days, taken_off=sheet.taken_off)
                lines[student.id][bench.exercise.place] = dated
            self.graded.problems += outcome.problems
            self.graded.matches += bench.take(having, outcome)
        self.graded.rows += [
            row_of_lines(self.assignment, student, lines[student.id]) for student in students
        ]

    def _add_absent(self) -> None:
        """The rows of the gradebook, those who handed nothing in among the others."""
        marked = iter(self.graded.rows)
        rows = [
            next(marked) if student.id in self.chosen else self._absent(student)
            for student in self.everyone
        ]
        # Of a retake, each mark says which it is.
        said = str(self.course.attempt) if self.course.attempt > 1 else ""
        self.graded.rows = [replace(row, attempt=said) for row in rows] if said else rows

    def _absent(self, student: Student) -> GradeRow:
        """The row of a student of whom nothing was marked now: as marked before, or why there are
        no marks."""
        if student.id in self._before:
            return self._before.row(student, EARLIER)
        return without_marks(self.assignment, student, self._why(student))

    def _why(self, student: Student) -> str:
        """Why nothing was marked now of a student."""
        if student.id in self._before:
            return EARLIER
        if student.id in self.excused and student.id not in self.refused:
            return EXCUSED
        if student.id in self.refused:
            return f"handed in, not marked: {self.refused[student.id]}"
        return NOTHING

    @cached_property
    def _before(self) -> Stored:
        """How all others stand by earlier markings."""
        return Stored(self.course, self.assignment, self.chosen)

    def write(self, place: Path, report: bool = True) -> None:
        """The gradebook in each format, and the report of each exercise."""
        for name, writer in (WRITERS[kind] for kind in ALWAYS):
            made = writer(self.assignment.head.title, self.graded.rows)
            write_atomically(
                place / name, made if isinstance(made, bytes) else made.encode("utf-8")
            )
        for key, bench in self.benches.items() if report else ():
            self._report(place, key, bench)

    def _report(self, place: Path, key: str, bench: _Bench) -> None:
        """The report of an exercise, about those who have it."""
        own = self.everyone if not key else self._having(key)
        missing = absent(own, bench.chosen, self._why)
        marking = bench.report.marking(tuple(missing), bench.matched)
        titled = replace(marking, title=self._title(key, bench.exercise.place, marking.title))
        self.graded.reports.append(write_report(titled, place, key))

    def _title(self, key: str, place: int, title: str) -> str:
        """What a report is of: the exercise, and which attempt, where there are several."""
        named = f"{self.assignment.head.title}, problem {place}: {title}" if key else title
        attempt = self.course.attempt
        return named if attempt == 1 else f"{named} (attempt {attempt})"

    def _having(self, key: str) -> list[Student]:
        """Those who have an exercise: on their sheet, but where they answered another of its pool,
        as a quiz may ask."""
        answered, place = self._answered[key], self.benches[key].exercise.place
        pool = [one.key for one in self.assignment.places[place] if one.key != key]
        elsewhere = set[str]().union(*(self._answered[other] for other in pool))
        own = (self.benches[key].course.tokens().keys() - elsewhere) | answered
        return [student for student in self.everyone if student.id in own]

    @cached_property
    def _answered(self) -> dict[str, set[str]]:
        """Of each exercise, those who are marked by it, now or by an earlier marking."""
        before = standing_rows(self.course, self.assignment)
        return {
            key: {*bench.chosen, *({row.student for row in before[key]} - self.chosen)}
            for key, bench in self.benches.items()
        }

    def note(self, place: Path, words: str) -> None:
        """Remember the folder, for `erase`."""
        if problem := self.course.note_outside(place, words):
            self.graded.problems.append(problem)
