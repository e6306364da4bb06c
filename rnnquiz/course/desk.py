"""Puts together what comes of the sheets of a class: gradebook, report, evidence, matches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from itertools import chain
from pathlib import Path

from rnnquiz.assignment import Assignment
from rnnquiz.course.bench import MOST_AT_ONCE, Bench, in_groups, without_addresses
from rnnquiz.course.bundles import MarkingOptions, Outcome, Outcomes, StudentBundle
from rnnquiz.course.crew import Crew
from rnnquiz.course.deadlines import EXCUSED
from rnnquiz.course.feedback_pages import PAGES_TOGETHER
from rnnquiz.course.graded import Graded, Shelf
from rnnquiz.course.kept import standing_rows
from rnnquiz.course.marking import mark_piece
from rnnquiz.course.outside import note_outside
from rnnquiz.course.records import GradedLine
from rnnquiz.course.reporting import absent, write_report
from rnnquiz.course.standing import Stored, concerned, row_of_lines, without_marks
from rnnquiz.course.store import Course
from rnnquiz.exports.grade_row import GradeRow, MarksAndMaximum
from rnnquiz.exports.gradebook import ALWAYS, GRADEBOOK_WRITERS
from rnnquiz.files.private import remove, writing
from rnnquiz.people.roster import Student, among
from rnnquiz.progress import Progress, unseen
from rnnquiz.report.marking import NOTHING
from rnnquiz.submissions.sheets import Sheet

EARLIER = "marked earlier"
ROWS_ALIKE = 1000  # marks of all kinds, and counts of verdicts, that rows are looked up in
FOR_A_PAGE = 20  # sheets that are marked in the time of writing one feedback page

LinesByPlace = dict[int, GradedLine]


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
        self.benches = {}
        for one in assignment.exercises:
            self.benches[one.key] = Bench(course, one, chosen.get(one.key, {}))
        self.chosen = set(chain.from_iterable(chosen.values()))
        self.everyone, self.excused = concerned(course), course.excused()
        self.students = among(self.everyone, self.chosen)

    def work(self, options: MarkingOptions) -> int:
        """How much there is to do, in pages."""
        count = len(self.students)
        if options.pages:
            return count
        return count // FOR_A_PAGE

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
                shelf.put(key, outcome)
        for key, bench in self.benches.items():
            bench.finish(shelf.run_of(key))
        if shelf.kept is not None:
            shelf.kept.close(self.graded.problems, self.graded.matches)
        # Each exercise has a run of its own: the last number stands for all of them.
        if shelf.runs is not None:
            self.graded.run = max(run.number for run in shelf.runs.values())
        self._add_absent()

    def _outcomes(
        self, options: MarkingOptions, crew: Crew, place: Path | None, progress: Progress
    ) -> Iterator[Outcomes]:
        """Each piece, once it is marked and taken into the gradebook, the report and the search for
        copies."""
        groups = in_groups(self.students, self._size(crew))
        pieces = (self._piece(group, options, place) for group in groups)
        done = 0
        mark_some = partial(mark_piece, options)
        # Without a folder no pages are wanted, and nothing is written into any.
        made = crew.build(mark_some, pieces, place or Path())
        # A crew gives what comes of the pieces in their order, whichever was ready first.
        for group, (_, (outcomes, faults)) in zip(groups, made, strict=True):
            self._take(group, outcomes)
            self.graded.problems += faults
            done += len(group)
            progress("marked", done, len(self.students))
            yield outcomes

    def _size(self, crew: Crew) -> int:
        """Sheets of a piece: whole batches of pages, and two pieces at least for each pair of
        hands, so that none waits long for the last."""
        shares = crew.hands * 2
        batches = len(self.students) // (PAGES_TOGETHER * shares)
        return PAGES_TOGETHER * max(1, min(MOST_AT_ONCE, batches))

    def _piece(
        self, students: Sequence[Student], options: MarkingOptions, place: Path | None
    ) -> StudentBundle:
        """What one pair of hands is given."""
        # A page with the marks of before goes first: where the new one cannot be set, none is left.
        if options.pages and place is not None:
            for student in students:
                remove(place, f"feedback/{student.stem}.pdf")
        parts = {}
        for key, bench in self.benches.items():
            # An exercise of a pool may be that of nobody here.
            if bench.having(students):
                parts[key] = bench.part(students)
        people = tuple(map(without_addresses, students))
        return StudentBundle(people, parts, self.course.attempt)

    def _take(self, students: Sequence[Student], outcomes: Outcomes) -> None:
        lines: dict[str, LinesByPlace] = {student.id: {} for student in students}
        for key, outcome in outcomes.items():
            bench = self.benches[key]
            having = bench.having(students)
            for student, line in zip(having, outcome.lines, strict=True):
                sheet = bench.chosen[student.id]
                dated = replace(line, days=sheet.days, taken_off=sheet.taken_off)
                lines[student.id][bench.exercise.place] = dated
            self.graded.problems += map(str, outcome.notices)
            self.graded.matches += bench.take(having, outcome)
        for student in students:
            row = row_of_lines(self.assignment, student, lines[student.id])
            self.graded.rows.append(_sharing(row))

    def _add_absent(self) -> None:
        """The rows of the gradebook, those who handed nothing in among the others."""
        # Both are in the order of the roster, so that the next row is that of the next student.
        marked = iter(self.graded.rows)
        rows = []
        for student in self.everyone:
            if student.id in self.chosen:
                rows.append(next(marked))
            else:
                rows.append(self._absent(student))
        # Of a retake, each mark says which it is.
        if self.course.attempt > 1:
            said = str(self.course.attempt)
            rows = [replace(row, attempt=said) for row in rows]
        self.graded.rows = rows

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
        # Some are excused and hand in all the same: then it says why that does not count.
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
        for kind in ALWAYS:
            name, writer = GRADEBOOK_WRITERS[kind]
            with writing(place, name) as file:
                file.writelines(writer(self.assignment.head.title, self.graded.rows))
        if report:
            for key, bench in self.benches.items():
                self._report(place, key, bench)

    def _report(self, place: Path, key: str, bench: Bench) -> None:
        """The report of an exercise, about those who have it."""
        missing = absent(self._having(key), bench.answered, self._why)
        marking = bench.report.marking(tuple(missing), bench.matched)
        title = self._title(key, bench.exercise.place, marking.title)
        path = write_report(replace(marking, title=title), place, key)
        self.graded.reports.append(path)

    def _title(self, key: str, place: int, title: str) -> str:
        """What a report is of: the exercise, and which attempt, where there are several."""
        if key:
            title = f"{self.assignment.head.title}, problem {place}: {title}"
        if self.course.attempt > 1:
            title = f"{title} (attempt {self.course.attempt})"
        return title

    def _having(self, key: str) -> list[Student]:
        """Those who have an exercise: on their sheet, but where they answered another of its pool,
        as a quiz may ask."""
        # The exercise of a bank alone is everybody's, of those, too, who have no sheet yet.
        if not key:
            return self.everyone
        answered, place = self._answered[key], self.benches[key].exercise.place
        elsewhere = set[str]()
        for other in self.assignment.places[place]:
            if other.key != key:
                elsewhere |= self._answered[other.key]
        on_sheet = self.benches[key].course.tokens().keys()
        own = (on_sheet - elsewhere) | answered
        return among(self.everyone, own)

    @cached_property
    def _answered(self) -> dict[str, set[str]]:
        """Of each exercise, those who are marked by it, now or by an earlier marking."""
        before = standing_rows(self.course, self.assignment)
        found = {}
        for key, bench in self.benches.items():
            earlier = {row.student for row in before[key]}
            # Who is marked now counts by what is marked now alone.
            found[key] = {*bench.answered, *(earlier - self.chosen)}
        return found

    def note(self, place: Path, words: str) -> None:
        """Remember the folder, for `erase`."""
        if problem := note_outside(self.course, place, words):
            self.graded.problems.append(problem)


def _sharing(row: GradeRow) -> GradeRow:
    """The row, with what it has in common with others in memory once: most students of a large
    class have the same marks of most kinds."""
    skills, verdicts = tuple(row.skills.items()), tuple(row.verdicts.items())
    return replace(row, skills=_skills(skills), verdicts=_verdicts(verdicts))


@lru_cache(maxsize=ROWS_ALIKE)
def _skills(items: tuple[tuple[str, MarksAndMaximum], ...]) -> dict[str, MarksAndMaximum]:
    return dict(items)


@lru_cache(maxsize=ROWS_ALIKE)
def _verdicts(items: tuple[tuple[str, int], ...]) -> dict[str, int]:
    return dict(items)
