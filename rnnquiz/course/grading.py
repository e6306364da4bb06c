"""`rnnquiz grade` and `regrade`: sheets to marks, gradebook and feedback pages; nothing that is
wrong stops the rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from rnnquiz import __version__
from rnnquiz.bank.load import Portable, parse_bank
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import arrays_of
from rnnquiz.course.crew import Crew, hired
from rnnquiz.course.evidence import Evidence, evidence_in
from rnnquiz.course.marking import BATCH, Outcome, Piece, Wish, mark_piece, ready
from rnnquiz.course.receiving import receive
from rnnquiz.course.reporting import Gathering, absent, write_report
from rnnquiz.course.responses import as_shown
from rnnquiz.course.standing import Kinds, kinds_of, row_of, without_marks
from rnnquiz.course.store import Course, Run, Standing
from rnnquiz.errors import CourseError, Problem
from rnnquiz.exports.gradebook import ALWAYS, WRITERS, GradeRow
from rnnquiz.grade.matching import Keys
from rnnquiz.pages.pieces import Page
from rnnquiz.private import remove, write_atomically
from rnnquiz.report.marking import NOTHING
from rnnquiz.roster import Lookup, Student
from rnnquiz.submissions.collect import Unread, collect
from rnnquiz.submissions.sheets import Sheet
from rnnquiz.text import shortened

MOST_LINES = 20  # of a message
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


def grade(
    folder: Path,
    submissions: Path,
    out: Path | None,
    dry_run: bool = False,
    evidence: bool = False,
    pages: bool = True,
    engine: str | None = None,
    progress: Progress = QUIET,
    late: str = "mark",
    report: bool = True,
    executor: str = "processes",
) -> Graded:
    """Mark what was handed in. Nothing is stored or written in a dry run. `evidence` gives every
    box's verdict back; `engine` makes the feedback pages PDFs, too. `late`: what becomes of late
    sheets (`receiving.LATE`). `report`: write the class report, too.
    `executor`: who does the work, one of `crew.EXECUTORS`."""
    if (
        out is not None
        and submissions.is_dir()
        and out.resolve().is_relative_to(submissions.resolve())
    ):
        raise CourseError(
            str(out), Problem("--out", "lies in the folder of submissions", "choose another folder")
        )
    with Course.open(folder) as course:
        bank, place = course.marking_bank(), None if dry_run else out
        chosen, problems, refused = _received(course, bank, submissions, late)
        wish = Wish(
            Portable.of(bank), evidence or place is not None, pages and place is not None, engine
        )
        desk = _Desk(course, bank, chosen, Graded(problems=problems), refused)
        storing = (
            nullcontext() if dry_run else course.run(bank, __version__, f"grade {submissions.name}")
        )
        keeping, hands = (
            evidence_in(place, bank),
            hired(executor, partial(ready, wish), desk.work(wish)),
        )
        with (
            keeping as kept,
            hands as crew,
            storing as run,
        ):  # left in reverse: the marks are stored before their evidence is in place
            results = desk.graded.results if evidence else []
            desk.mark(
                wish,
                crew,
                place,
                run,
                kept,
                lambda made: results.extend(map(json.loads, made.evidence)),
                progress,
            )
        if place is not None:
            desk.write(place, report)
            desk.note(place, "grade")
    return desk.graded


def _received(
    course: Course, bank: Bank, submissions: Path, late: str
) -> tuple[dict[str, Sheet], list[str], dict[str, str]]:
    """The sheet that counts for each student, a line for whatever does not, and why nothing counts
    of a student who handed in.

    CourseError where nothing can be marked at all, so that no gradebook is overwritten by an empty
    one.
    """
    sheets, problems = collect(submissions)
    sheets, unmarked = as_shown(course, bank, sheets)
    problems += unmarked
    students = {student.id: student for student in course.students()}
    chosen, lines, refused = receive(bank, sheets, students, course.tokens(), late)
    if not chosen:
        found = [Problem("", line) for line in [*problems, *lines][:MOST_LINES]]
        nothing = Problem(
            "nothing can be marked",
            f"{len(sheets)} sheets were read",
            "give the file or folder of what was handed in",
        )
        raise CourseError(str(submissions), [nothing, *found])
    lookup = Lookup(students.values())
    by_token = {token: student for student, token in course.tokens().items()}
    for line in problems:
        if isinstance(line, Unread):
            named = lookup.find(line.known_as)
            owner = by_token.get(line.token.lower()) or (named.id if named is not None else None)
            if owner is not None and owner not in chosen:
                refused.setdefault(owner, line)
    return chosen, [*problems, *lines], refused


class _Desk:
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


@dataclass(frozen=True, repr=False)
class Change:
    """A student whose marks or maximum differ between two markings, with both maxima and the
    boxes whose verdict changed."""

    student: str
    before: float
    after: float
    maxima: tuple[float, float]
    boxes: tuple[tuple[str, str, str], ...]

    @property
    def percents(self) -> tuple[float, float]:
        """The marks in per cent of the maximum, before and after."""
        pairs = zip((self.before, self.after), self.maxima, strict=True)
        before, after = (100 * marks / of if of else 0.0 for marks, of in pairs)
        return before, after

    def __repr__(self) -> str:
        return f"<Change of {shortened(self.student)}: {self.before:.2f} to {self.after:.2f} marks>"


def regrade(
    folder: Path, bank: Bank | None, out: Path | None, apply: bool
) -> tuple[list[Change], Graded]:
    """Mark the stored answers again, with the program as it is and the marks and credits of `bank`
    where one is given.

    Only `apply` stores the new marking (the earlier one is kept) and writes it to `out`.
    CourseError where the bank asks another exercise than the one issued.
    """
    with Course.open(folder) as course:
        if bank is not None:
            text = course.as_issued(bank.text)
            bank = parse_bank(text, bank.source, course.bank().notation.name)
        if bank is not None and not same_exercise(course.bank(), bank):
            found = "asks another exercise than the one that was issued"
            raise CourseError(
                bank.source,
                Problem("the bank", found, "change only marks, credit, wording and misconceptions"),
            )
        standing = course.standing()
        if not standing:
            raise CourseError(
                str(folder), Problem("the course", "has no marking yet", "run rnnquiz grade first")
            )
        now = bank or course.bank(max(standing, key=lambda row: row.run).bank)
        standing, erased = _with_numbers(course, standing)
        pages = course.pages()
        chosen = {
            row.student: _sheet_of(row, pages.get((row.run, row.student))) for row in standing
        }
        place = out if apply else None
        wish = Wish(Portable.of(now), place is not None, place is not None)
        desk = _Desk(course, now, chosen, Graded(problems=erased), {})
        stored: list[tuple[Any, ...]] = []
        storing = course.run(now, __version__, "regrade") if apply else nullcontext()
        keeping, hands = (
            evidence_in(place, now),
            hired("processes", partial(ready, wish), desk.work(wish)),
        )
        with keeping as kept, hands as crew, storing as run:
            desk.mark(wish, crew, place, run, kept, lambda made: stored.extend(made.stored))
        changes = list(_changes(standing, stored))
        if place is not None:
            desk.write(place)
            desk.note(place, "regrade")
    return changes, desk.graded


def _sheet_of(row: Standing, page: str | None) -> Sheet:
    """What was handed in, as it was stored; a worked page is read again."""
    sheet = Sheet(row.source, row.student, "", row.answers, numbers=row.numbers)
    return sheet if page is None else replace(sheet, page=Page.from_json(page))


def _with_numbers(course: Course, standing: Sequence[Standing]) -> tuple[list[Standing], list[str]]:
    """Those who can be marked again, and a line for each whose numbers were another's who was
    erased."""
    known = set(course.tokens().values())
    lost = [row for row in standing if row.numbers and row.numbers not in known]
    why = "were erased with the student whose sheet has them -> stays as it is"
    return [row for row in standing if row not in lost], [
        f"{row.student}: the numbers {row.numbers} {why}" for row in lost
    ]


def same_exercise(one: Bank, other: Bank) -> bool:
    """True where two banks ask the same boxes of the same problem under the same rounding rule."""
    return (
        one.model,
        one.samplers,
        one.rounding,
        one.asked,
        one.written.style,
        one.written.slope,
    ) == (
        other.model,
        other.samplers,
        other.rounding,
        other.asked,
        other.written.style,
        other.written.slope,
    )


def _changes(before: Sequence[Standing], after: Sequence[tuple[Any, ...]]) -> Iterator[Change]:
    old = {row.student: (row.marks, row.maximum, row.boxes) for row in before}
    for student, _, _, _, marks, maximum, boxes in after:
        was, of, verdicts = old[student]
        now = json.loads(boxes)
        moved = tuple(
            (box, verdicts.get(box, ""), now[box])
            for box in now
            if verdicts.get(box, "") != now[box]
        )
        if moved or abs(was - marks) > 1e-9 or abs(of - maximum) > 1e-9:
            yield Change(student, was, marks, (of, maximum), moved)
