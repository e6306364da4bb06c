"""`rnnquiz generate`: variants, sheets, keys and templates for a roster; goes on where it was
interrupted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, filterfalse
from pathlib import Path
from secrets import token_bytes

from rnnquiz.assignment import Assignment, PortableAssignment
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import SECRET_BYTES, Variant
from rnnquiz.course.assignments import set_assignment, set_language, with_sheets
from rnnquiz.course.crew import Crew, hired
from rnnquiz.course.issuing import BATCHES, Batches, Issuing
from rnnquiz.course.known_again import changes_of, known_again
from rnnquiz.course.store import DATABASE, Course
from rnnquiz.course.templates import as_xlsx, as_yaml, blank
from rnnquiz.course.terms import take_part
from rnnquiz.documents.classbook import CLASS
from rnnquiz.documents.engines import names_not_set
from rnnquiz.documents.form import answer_pages, assignment_pages
from rnnquiz.documents.produce import (
    BOOK,
    BOOKS,
    KINDS,
    TEXTS,
    Batch,
    Issued,
    Recipe,
    batches,
    documents_of,
    files_of,
    part_of_book,
    produce,
    rehearse,
)
from rnnquiz.documents.render import PLAIN
from rnnquiz.documents.style import Style
from rnnquiz.errors import CourseError
from rnnquiz.languages.catalogue import Language
from rnnquiz.private import is_there, make_folder, refuse_links, remove, write_atomically
from rnnquiz.progress import Progress, unseen
from rnnquiz.roster import Student, among
from rnnquiz.variants.issue import Report, issue_variants

DOCUMENTS_TOGETHER = 100  # documents in one TeX run; the bytes of a PDF depend on it
TEMPLATES, RETAKE = "templates", "attempt-"
ANSWERS = {"yaml": "yaml", "xlsx": "xlsx", "form": "html"}
"""What students can fill in, and the ending of its file."""


@dataclass(frozen=True, repr=False)
class Generated:
    """What a run of generate did: students, variants made now, files written now, why draws were
    refused, what could not be set.

    `notes`: what the roster changes in a course that is there already.
    """

    students: int
    new_variants: int
    written: int
    report: Report
    problems: list[str]
    notes: list[str]

    def __repr__(self) -> str:
        return (
            f"<Generated: {self.students} students, {self.new_variants} new, {self.written} files>"
        )


@dataclass(frozen=True)
class Wanted:
    """What to make beside sheets, keys and templates: `engine` of the PDFs (none without), `depth`
    of the keys.

    `also` names further documents (of `KINDS` and `CLASS`) and further forms of all documents
    (endings of `TEXTS`). Without `documents` the numbers are drawn and stored, and nothing else is
    made. `attempt`: the first, or a retake, whose files have a folder of their own. `term`: the
    folder above is to be that of a term. `language`: in place of that of the assignment. `batches`:
    for how many students is drawn at a time, which changes no number.
    """

    engine: str | None = None
    style: Style = PLAIN
    depth: str = "worked"
    also: tuple[str, ...] = ()
    documents: bool = True
    attempt: int = 1
    term: bool = False
    language: Language | None = None
    batches: Batches = BATCHES

    @property
    def place(self) -> str:
        """The folder of the files in that of the course, with a slash behind it."""
        if self.attempt == 1:
            return ""
        return f"{RETAKE}{self.attempt}/"

    @property
    def kinds(self) -> list[str]:
        """The documents, those of a student and those of the class."""
        if not self.documents:
            return []
        chosen = {"sheets", "keys", *self.also}
        # In the order of the tables, in whichever they were asked for.
        known = dict.fromkeys((*KINDS, *CLASS))
        return list(filter(chosen.__contains__, known))

    @property
    def templates(self) -> list[str]:
        """The endings of what students can fill in."""
        if not self.documents:
            return []
        chosen = {"yaml", *self.also}
        found = []
        for word, ending in ANSWERS.items():
            if word in chosen:
                found.append(ending)
        return found

    def recipe(self, assignment: Assignment) -> Recipe:
        # Everything is made out of the TeX: it is always there.
        further = filter(self.also.__contains__, TEXTS)
        endings = tuple(dict.fromkeys(["tex", *further]))
        portable = PortableAssignment.of(assignment)
        return Recipe(portable, self.engine, self.style, endings, self.depth)

    def words(self, kind: str) -> str:
        """The layout of the documents of a kind."""
        depth = "results" if kind == BOOK else self.depth
        return f"{self.engine or 'no'} PDFs, {self.style.words()}, depth {depth}"


SHEETS_AND_KEYS = Wanted()


def generate(
    exercises: Bank | Assignment,
    roster: list[Student],
    folder: Path,
    wanted: Wanted = SHEETS_AND_KEYS,
    progress: Progress = unseen,
    executor: str = "processes",
) -> Generated:
    """Issue what is missing and write what is missing. `executor`: who does the work, one of
    `crew.EXECUTORS`.

    Every variant is stored before any of its files is written; every file is whole or absent. A
    retake is for those of the `roster` who had a sheet before.
    """
    term = take_part(folder, wanted.term)
    # A retake is for students whom the course has already.
    if term is not None and wanted.attempt == 1:
        roster = _in_term(term, roster)
    with Course.create(folder) as first:
        assignment = _in_its_language(first, assignment_of(exercises), wanted)
        wanted = replace(wanted, style=replace(wanted.style, language=assignment.language))
        assignment = set_assignment(first, _checked(assignment, wanted))
        course = first.sitting(wanted.attempt)
        place = _place_of(folder, wanted)
        plan = _Plan(wanted.recipe(assignment), wanted.kinds, wanted.templates, place)
        waiting, notes = _waiting(course, roster)
        if wanted.engine is not None and wanted.documents:
            notes += names_not_set(wanted.engine, [student.shown for student in roster])
        # Before any file is written: two layouts in one folder would be handed out as one.
        for kind in wanted.kinds:
            course.keep_layout(f"{wanted.place}{kind}", wanted.words(kind))
        before = with_sheets(course, assignment)
        issuing = Issuing(course, assignment, wanted.batches)
        with hired(executor, plan.rehearsal, plan.work(before, waiting)) as crew:
            # Who has numbers already is given what is missing of the documents.
            issued = chain([before], issuing.issue(waiting, crew, progress))
            students = len(before) + len(waiting)
            steps = students * len(plan.kinds)
            written, problems = plan.make(issued, crew, partial(progress, "documents"), steps)
        everyone = with_sheets(course, assignment)
    written += plan.finish(everyone, bool(problems))
    new = len(everyone) - len(before)
    return Generated(len(everyone), new, written, issuing.report, problems, notes)


def _in_its_language(course: Course, assignment: Assignment, wanted: Wanted) -> Assignment:
    """The assignment in the language that is wanted, or else in that of the course, or of its
    file."""
    # A bank that names no language is in English, too: then the course decides.
    known = course.language() if assignment.language.plain else None
    chosen = wanted.language or known or assignment.language
    set_language(course, chosen)
    return assignment.in_language(chosen)


def _in_term(term: Path, roster: Sequence[Student]) -> list[Student]:
    """The roster with the ids that the term has for its students; who is new is taken up there,
    too."""
    with Course.open(term) as course:
        students, _ = known_again(course, roster)
        course.add_students(students)
    return students


def _place_of(folder: Path, wanted: Wanted) -> Path:
    """The folder of the files, there and closed to others."""
    place = folder / wanted.place
    # The folder of a retake lies within the course, where no link is followed.
    if wanted.place:
        refuse_links(folder, wanted.place.rstrip("/"))
        make_folder(place)
    return place


def _waiting(course: Course, roster: Sequence[Student]) -> tuple[list[Student], list[str]]:
    """Who needs a sheet of the attempt, and a line for each change that the roster brings. New
    students are taken up for the first attempt only; for a retake they are an error."""
    students, notes = known_again(course, roster)
    if course.attempt == 1:
        notes += changes_of(course, students)
        course.add_students(students)
        return course.waiting(), notes
    _refuse_new(course, students)
    listed = {student.id for student in students}
    wanted = listed - course.sheets().keys()
    # In the order of the course, whose positions are in the names of the files.
    return among(course.students(), wanted), notes


def _refuse_new(course: Course, students: Sequence[Student]) -> None:
    earlier = course.attempt - 1
    before = course.sitting(earlier).sheets()
    ids = [student.id for student in students]
    unknown = list(filterfalse(before.__contains__, ids))
    if unknown:
        found = f"no sheet of attempt {earlier}: {', '.join(unknown[:20])}"
        remedy = "take them off the list, or give them that attempt first"
        raise CourseError.at(str(course.folder), "--students", found, remedy)


def assignment_of(exercises: Bank | Assignment) -> Assignment:
    """What is given, as an assignment."""
    if isinstance(exercises, Assignment):
        return exercises
    return Assignment.of(exercises)


def _checked(assignment: Assignment, wanted: Wanted) -> Assignment:
    """The assignment, where all that is wanted can be made of it; CourseError where a template of
    the teacher's would write one problem in the notation of another."""
    own = wanted.style.templates
    notations = {exercise.bank.notation.name for exercise in assignment.exercises}
    if own is None or len(notations) == 1:
        return assignment
    # Our own templates turn at the heading of each problem.
    for name, text in own.texts:
        if name.startswith("document.") and "turn(" not in text:
            found = "does not turn to the notation of each problem, and these have several"
            remedy = "write  turn(block.notation)  in the heading of a problem, as ours does"
            raise CourseError.at(f"{own.folder}/{name}", "template", found, remedy)
    return assignment


@dataclass(frozen=True)
class Foreseen:
    """What a run of generate would do: sheets for how many new students, what the roster changes,
    and what it took to find numbers for them."""

    new: int
    there: int
    notes: list[str]
    report: Report


def plan(
    exercises: Bank | Assignment, roster: Sequence[Student], folder: Path, attempt: int = 1
) -> Foreseen:
    """Look and store nothing. BankError where a bank has not enough variants for the new
    students."""
    assignment, notes = assignment_of(exercises), list[str]()
    # Without a course there is no secret yet: numbers of one that is thrown away are drawn.
    there = _There(token_bytes(SECRET_BYTES))
    if (folder / DATABASE).is_file():
        with Course.open(folder) as first:
            course = first.sitting(attempt)
            roster, notes = known_again(course, roster)
            if attempt == 1:
                notes += changes_of(course, roster)
            there = _There.of(course, assignment)
    ids = [student.id for student in roster]
    new = list(filterfalse(there.known.__contains__, ids))
    report = _tried(assignment, there, new, attempt)
    before = len(roster) - len(new)
    return Foreseen(len(new), before, notes, report)


@dataclass(frozen=True)
class _There:
    """What a course has already: its secret, who has a sheet, the variants of each exercise that
    were issued, the position of each student."""

    secret: bytes
    known: Collection[str] = ()
    taken: Mapping[str, Sequence[Variant]] = field(default_factory=dict)
    positions: Mapping[str, int] = field(default_factory=dict)

    @staticmethod
    def of(course: Course, assignment: Assignment) -> _There:
        positions = {student.id: student.position for student in course.students()}
        taken = {}
        for exercise in assignment.exercises:
            taken[exercise.key] = course.part(exercise.key).every_variant()
        return _There(course.secret, set(course.sheets()), taken, positions)


def _tried(assignment: Assignment, there: _There, new: Sequence[str], attempt: int) -> Report:
    """What it takes to find numbers for new students, who come after those that there are."""
    positions = dict(there.positions)
    for id_ in new:
        following = max(positions.values(), default=0) + 1
        # For a retake they have a position already, by which the lot of a pool is drawn.
        positions.setdefault(id_, following)
    report = Report()
    lots = {id_: assignment.drawn(there.secret, positions[id_]) for id_ in new}
    for exercise in assignment.exercises:
        # Of a pool each student has but one exercise.
        rows = []
        for id_ in new:
            if exercise in lots[id_]:
                rows.append((id_, attempt))
        if rows:
            before_them = there.taken.get(exercise.key, ())
            _, found = issue_variants(exercise.bank, there.secret, rows, before_them)
            report.add(found)
    return report


class _Plan:
    """What is made for a class, batch by batch, and which of it is missing in the course folder."""

    def __init__(
        self, recipe: Recipe, kinds: Sequence[str], templates: Sequence[str], folder: Path
    ) -> None:
        self.recipe, self.templates, self.folder = recipe, templates, folder
        self.documents = kinds
        self.kinds = list(filter(KINDS.__contains__, kinds))
        if templates:
            self.kinds.append(TEMPLATES)
        self.rehearsal = partial(rehearse, recipe, self.kinds)

    def work(self, before: Sequence[Issued], waiting: Sequence[Student]) -> int:
        """How much there is to do: files that are missing, and for each who waits the numbers and
        every document."""
        there = self.batches([before])
        missing = sum(len(batch.wanted) for batch in there)
        each = 1 + len(self.kinds)
        return missing + len(waiting) * each

    def make(
        self,
        issued: Iterable[Sequence[Issued]],
        crew: Crew,
        progress: Callable[[int, int], object],
        steps: int,
    ) -> tuple[int, list[str]]:
        """Write what is missing; how many files, and what could not be set."""
        written, done, problems = 0, 0, list[str]()
        make = partial(_made, self.recipe)
        made = crew.build(make, self.batches(issued), self.folder)
        for files, (students, faults) in made:
            written += files
            problems += faults
            done += students
            progress(done, steps)
        return written, problems

    def batches(self, issued: Iterable[Sequence[Issued]]) -> Iterator[Batch]:
        """A batch begins when all of its students are there, the last one when no more come."""
        waiting: list[Issued] = []
        # The size of a group depends on who draws the numbers. That of a batch must not, as the
        # bytes of a PDF depend on it.
        for group in issued:
            waiting += group
            while len(waiting) >= DOCUMENTS_TOGETHER:
                yield from self._batches(waiting[:DOCUMENTS_TOGETHER])
                del waiting[:DOCUMENTS_TOGETHER]
        yield from self._batches(waiting)

    def _batches(self, issued: Sequence[Issued]) -> Iterator[Batch]:
        return map(self._missing, batches(self.kinds, issued, DOCUMENTS_TOGETHER))

    def _missing(self, batch: Batch) -> Batch:
        if batch.kind == TEMPLATES:
            files = list(self._templates(batch))
        else:
            files = files_of(self.recipe, batch)
        wanted = filterfalse(partial(is_there, self.folder), files)
        # Addresses and further ids are on no document: they stay in this process.
        people = [(replace(one, email="", others=()), numbers) for one, numbers in batch.issued]
        missing = tuple(wanted)
        return replace(batch, issued=tuple(people), wanted=missing)

    def _templates(self, batch: Batch) -> Iterator[str]:
        for student, _ in batch.issued:
            for ending in self.templates:
                yield f"{TEMPLATES}/{student.stem}.{ending}"

    def finish(self, everyone: Sequence[Issued], faulty: bool) -> int:
        """Write the documents of the whole class, unless some of its parts could not be made; how
        many."""
        # Parts of a book are removed there: through a link they would be those of others.
        for kind in BOOKS:
            refuse_links(self.folder, kind)
        # A book without some of its pages would be taken for the whole.
        if faulty:
            return 0
        written = 0
        for kind in filter(CLASS.__contains__, self.documents):
            make, parts = CLASS[kind], self._parts_of_book(kind, everyone)
            written += make(self.recipe, self.folder, everyone, parts, write_atomically)
        return written

    def _parts_of_book(self, kind: str, everyone: Sequence[Issued]) -> Sequence[Batch]:
        """The parts of a book of the class; what is left of one that has grown since goes."""
        if kind not in BOOKS:
            return []
        parts = batches([kind], everyone, DOCUMENTS_TOGETHER)
        new = {self.folder / part_of_book(batch) for batch in parts}
        # The name of a part says whom it has: the last one is named anew when students come.
        if parts:
            for path in set((self.folder / kind).glob("*.pdf")) - new:
                inside = path.relative_to(self.folder)
                remove(self.folder, inside.as_posix())
        return parts


def _made(recipe: Recipe, batch: Batch) -> tuple[dict[str, bytes], tuple[int, list[str]]]:
    """The wanted files of a batch; how many students it has, and what could not be set."""
    count = len(batch.issued)
    if batch.kind == TEMPLATES:
        return _made_templates(recipe, batch), (count, [])
    if not batch.wanted:
        return {}, (count, [])
    files, problems = produce(recipe, batch)
    return files, (count, problems)


def _made_templates(recipe: Recipe, batch: Batch) -> dict[str, bytes]:
    made: dict[str, bytes] = {}
    for ending, make in MAKERS.items():
        wanted = {}
        for one in batch.issued:
            student, _ = one
            name = f"{TEMPLATES}/{student.stem}.{ending}"
            if name in batch.wanted:
                wanted[name] = one
        if wanted:
            contents = make(recipe, list(wanted.values()))
            made |= zip(wanted, contents, strict=True)
    return made


def _yaml_templates(recipe: Recipe, issued: Sequence[Issued]) -> Iterator[bytes]:
    for student, variants in issued:
        yield as_yaml(blank(recipe.assignment, student, variants))


def _xlsx_templates(recipe: Recipe, issued: Sequence[Issued]) -> Iterator[bytes]:
    for student, variants in issued:
        yield as_xlsx(blank(recipe.assignment, student, variants))


Maker = Callable[[Recipe, Sequence[Issued]], Iterable[bytes]]


def _answer_pages(recipe: Recipe, issued: Sequence[Issued]) -> list[bytes]:
    assignment = recipe.assignment
    if assignment.alone:
        rows = [(student, variants[0]) for student, variants in issued]
        return answer_pages(assignment.exercises[0].bank, rows, recipe.style)
    sheets = documents_of(recipe, "sheets", issued)
    return assignment_pages([student for student, _ in issued], sheets, recipe.style)


MAKERS: dict[str, Maker] = {
    "yaml": _yaml_templates,
    "xlsx": _xlsx_templates,
    "html": _answer_pages,
}
