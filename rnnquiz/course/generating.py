"""`rnnquiz generate`: variants, sheets, keys and templates for a roster; goes on where it was
interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from secrets import token_bytes

from rnnquiz.assignment import Assignment, PortableAssignment
from rnnquiz.bank.specification import Bank
from rnnquiz.bank.variant import SECRET_BYTES, Variant
from rnnquiz.course.assignments import set_assignment, set_language, with_sheets
from rnnquiz.course.crew import hired
from rnnquiz.course.issuing import Issuing
from rnnquiz.course.store import DATABASE, Course
from rnnquiz.course.templates import as_xlsx, as_yaml, blank
from rnnquiz.course.terms import take_part
from rnnquiz.documents.classbook import CLASS
from rnnquiz.documents.engines import names_not_set
from rnnquiz.documents.form import answer_pages, assignment_pages
from rnnquiz.documents.produce import (
    BOOK,
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
from rnnquiz.identity import AsId, orders
from rnnquiz.languages.catalogue import Language
from rnnquiz.private import is_there, make_folder, refuse_links, remove, write_atomically
from rnnquiz.progress import Progress, unseen
from rnnquiz.roster import Lookup, Student
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


WORKED_BOOK = "worked_book"


@dataclass(frozen=True)
class Wanted:
    """What to make beside sheets, keys and templates: `engine` of the PDFs (none without), `depth`
    of the keys.

    `also` names further documents (of `KINDS` and `CLASS`) and further forms of all documents
    (endings of `TEXTS`). Without `documents` the numbers are drawn and stored, and nothing else is
    made. `attempt`: the first, or a retake, whose files have a folder of their own. `term`: the
    folder above is to be that of a term. `language`: in place of that of the assignment.
    """

    engine: str | None = None
    style: Style = PLAIN
    depth: str = "worked"
    also: tuple[str, ...] = ()
    documents: bool = True
    attempt: int = 1
    term: bool = False
    language: Language | None = None

    @property
    def place(self) -> str:
        """The folder of the files in that of the course, with a slash behind it."""
        return "" if self.attempt == 1 else f"{RETAKE}{self.attempt}/"

    @property
    def kinds(self) -> list[str]:
        """The documents, those of a student and those of the class."""
        book = ("book",) if WORKED_BOOK in self.also else ()
        chosen = ("sheets", "keys", *self.also, *book) if self.documents else ()
        return [kind for kind in dict.fromkeys((*KINDS, *CLASS)) if kind in chosen]

    @property
    def templates(self) -> list[str]:
        """The endings of what students can fill in."""
        chosen = ("yaml", *self.also) if self.documents else ()
        return [ending for word, ending in ANSWERS.items() if word in chosen]

    def recipe(self, assignment: Assignment) -> Recipe:
        endings = ("tex", *(ending for ending in TEXTS if ending in self.also and ending != "tex"))
        depths = self.depth, self.book_depth
        portable = PortableAssignment.of(assignment)
        return Recipe(portable, self.engine, self.style, endings, *depths)

    @property
    def book_depth(self) -> str:
        """A page a student, or the worked keys."""
        return self.depth if WORKED_BOOK in self.also else "results"

    def words(self, kind: str) -> str:
        """The layout of the documents of a kind."""
        depth = self.book_depth if kind == "book" else self.depth
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
        for kind in wanted.kinds:
            course.keep_layout(f"{wanted.place}{kind}", wanted.words(kind))
        everyone = with_sheets(course, assignment)
        before, count = len(everyone), len(everyone) + len(waiting)
        work = sum(len(batch.wanted) for batch in plan.batches([everyone])) + len(waiting) * (
            1 + len(plan.kinds)
        )
        with hired(executor, partial(rehearse, plan.recipe, plan.kinds), work) as crew:
            issuing = Issuing(course, assignment)
            issued = chain([everyone], issuing.issue(waiting, crew, progress))
            written, done, problems = 0, 0, list[str]()
            for made, (students, faults) in crew.build(
                partial(_made, plan.recipe), plan.batches(issued), place
            ):
                written += made
                problems += faults
                done += students
                progress("documents", done, count * len(plan.kinds))
            everyone = with_sheets(course, assignment)
    written += plan.finish(everyone, bool(problems))
    new = len(everyone) - before
    return Generated(len(everyone), new, written, issuing.report, problems, notes)


def _in_its_language(course: Course, assignment: Assignment, wanted: Wanted) -> Assignment:
    """The assignment in the language that is wanted, or else in that of the course, or of its
    file."""
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
    before, have = course.sitting(course.attempt - 1).sheets(), course.sheets()
    if unknown := [student.id for student in students if student.id not in before]:
        found = f"no sheet of attempt {course.attempt - 1}: {', '.join(unknown[:20])}"
        remedy = "take them off the list, or give them that attempt first"
        raise CourseError.at(str(course.folder), "--students", found, remedy)
    wanted = {student.id for student in students}
    known = [student for student in course.students() if student.id in wanted]
    return [student for student in known if student.id not in have], notes


def assignment_of(exercises: Bank | Assignment) -> Assignment:
    """What is given, as an assignment."""
    return exercises if isinstance(exercises, Assignment) else Assignment.of(exercises)


def _checked(assignment: Assignment, wanted: Wanted) -> Assignment:
    """The assignment, where all that is wanted can be made of it; CourseError where a template of
    the teacher's would write one problem in the notation of another."""
    own = wanted.style.templates
    notations = {exercise.bank.notation.name for exercise in assignment.exercises}
    if own is None or len(notations) == 1:
        return assignment
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
    students.

    Where there is no course yet, and so no secret, numbers of a secret that is thrown away are
    drawn.
    """
    assignment, notes, secret = assignment_of(exercises), list[str](), token_bytes(SECRET_BYTES)
    known, taken, places = set[str](), dict[str, list[Variant]](), dict[str, int]()
    if (folder / DATABASE).is_file():
        with Course.open(folder) as first:
            course = first.sitting(attempt)
            roster, notes = known_again(course, roster)
            notes += changes_of(course, roster) if attempt == 1 else []
            secret, known = course.secret, set(course.sheets())
            places = {student.id: student.position for student in course.students()}
            for exercise in assignment.exercises:
                taken[exercise.key] = course.part(exercise.key).every_variant()
    new = [student.id for student in roster if student.id not in known]
    report = Report()
    for id_ in new:
        places.setdefault(id_, max(places.values(), default=0) + 1)
    lots = [assignment.drawn(secret, places[id_]) for id_ in new]
    for exercise in assignment.exercises:
        rows = [(id_, attempt) for id_, lot in zip(new, lots, strict=True) if exercise in lot]
        before_them = taken.get(exercise.key, ())
        if rows:
            report.add(issue_variants(exercise.bank, secret, rows, before_them)[1])
    return Foreseen(len(new), len(roster) - len(new), notes, report)


def known_again(course: Course, roster: Sequence[Student]) -> tuple[list[Student], list[str]]:
    """The roster with the ids that the course has for its students; a line for each that the roster
    writes otherwise.

    A spreadsheet drops zeros, and another system puts another id first: with the same name, and an
    id, a further id or the e-mail in common, a student is the one who has a sheet already.
    """
    known, given = course.students(), {student.id for student in roster}
    lookup, free = Lookup(known), {student.id for student in known} - given
    found, notes = list[Student](), list[str]()
    for student in roster:
        words = [AsId(word) for word in (student.id, *student.others, student.email) if word]
        same = lookup.find(words) if free and student.id not in lookup.by_id else None
        if (
            same is not None
            and same.id in free
            and (student.name == student.id or orders(same.name) & orders(student.name))
        ):
            free.remove(same.id)
            notes.append(f"{student.shown} has a sheet as {same.id}, and keeps that id")
            others = tuple(
                dict.fromkeys(word for word in (*student.others, student.id) if word != same.id)
            )
            student = replace(
                student,
                id=same.id,
                name=same.name if student.name == student.id else student.name,
                others=others,
            )
        found.append(student)
    return found, notes


def changes_of(course: Course, roster: Sequence[Student]) -> list[str]:
    """What a roster changes in a course that has students: a line for each new name, and how many
    there are who are not in it."""
    known = {student.id: student for student in course.students()}
    ids = {student.id for student in roster}
    found = [
        f"{student.id} was {known[student.id].name!r} and is {student.name!r}: remove the files"
        f" {known[student.id].stem}.* to have them made again with the new name"
        for student in roster
        if student.id in known and known[student.id].name != student.name
    ]
    if rest := [id_ for id_ in known if id_ not in ids]:
        more = f"{', '.join(rest[:5])}{', ...' if len(rest) > 5 else ''}"
        found.append(
            f"{len(rest)} students of the course are not in this roster, and stay in the course:"
            f" {more}"
        )
    return found


class _Plan:
    """What is made for a class, batch by batch, and which of it is missing in the course folder."""

    def __init__(
        self, recipe: Recipe, kinds: Sequence[str], templates: Sequence[str], folder: Path
    ) -> None:
        self.recipe, self.templates, self.folder = recipe, templates, folder
        self.documents = kinds
        self.kinds = [
            *(kind for kind in kinds if kind in KINDS),
            *([TEMPLATES] if templates else []),
        ]

    def batches(self, issued: Iterable[Sequence[Issued]]) -> Iterator[Batch]:
        """A batch begins when all of its students are there, the last one when no more come."""
        waiting: list[Issued] = []
        for group in issued:
            waiting += group
            while len(waiting) >= DOCUMENTS_TOGETHER:
                yield from map(
                    self._missing,
                    batches(self.kinds, waiting[:DOCUMENTS_TOGETHER], DOCUMENTS_TOGETHER),
                )
                del waiting[:DOCUMENTS_TOGETHER]
        yield from map(self._missing, batches(self.kinds, waiting, DOCUMENTS_TOGETHER))

    def _missing(self, batch: Batch) -> Batch:
        if batch.kind == TEMPLATES:
            files = [
                f"{TEMPLATES}/{student.stem}.{ending}"
                for student, _ in batch.issued
                for ending in self.templates
            ]
        else:
            files = files_of(self.recipe, batch)
        people = tuple(
            (replace(student, email="", others=()), variant) for student, variant in batch.issued
        )  # what is needed of them
        wanted = tuple(file for file in files if not is_there(self.folder, file))
        return replace(batch, issued=people, wanted=wanted)

    def finish(self, everyone: Sequence[Issued], faulty: bool) -> int:
        """Write the documents of the whole class, unless some of its parts could not be made; how
        many."""
        parts = batches(
            [BOOK] if BOOK in self.documents and not faulty else [], everyone, DOCUMENTS_TOGETHER
        )
        refuse_links(self.folder, BOOK)
        old = set((self.folder / BOOK).glob("*.pdf")) - {
            self.folder / part_of_book(batch) for batch in parts
        }
        for path in old if parts else ():  # a batch that has grown since
            remove(self.folder, path.relative_to(self.folder).as_posix())
        chosen = [kind for kind in self.documents if kind in CLASS and not faulty]
        return sum(
            CLASS[kind](self.recipe, self.folder, everyone, parts, write_atomically)
            for kind in chosen
        )


def _made(recipe: Recipe, batch: Batch) -> tuple[dict[str, bytes], tuple[int, list[str]]]:
    """The wanted files of a batch; how many students it has, and what could not be set."""
    if batch.kind != TEMPLATES:
        files, problems = produce(recipe, batch) if batch.wanted else ({}, [])
        return files, (len(batch.issued), problems)
    made: dict[str, bytes] = {}
    for ending, make in MAKERS.items():
        names = [f"{TEMPLATES}/{student.stem}.{ending}" for student, _ in batch.issued]
        rows = zip(names, batch.issued, strict=True)
        wanted = {name: one for name, one in rows if name in batch.wanted}
        if wanted:
            made |= zip(wanted, make(recipe, list(wanted.values())), strict=True)
    return made, (len(batch.issued), [])


def _answer_pages(recipe: Recipe, issued: Sequence[Issued]) -> list[bytes]:
    assignment = recipe.assignment
    if assignment.alone:
        rows = [(student, variants[0]) for student, variants in issued]
        return answer_pages(assignment.exercises[0].bank, rows, recipe.style)
    sheets = documents_of(recipe, "sheets", issued)
    return assignment_pages([student for student, _ in issued], sheets, recipe.style)


MAKERS: dict[str, Callable[[Recipe, Sequence[Issued]], Iterable[bytes]]] = {
    "yaml": lambda recipe, issued: (as_yaml(blank(recipe.assignment, *one)) for one in issued),
    "xlsx": lambda recipe, issued: (as_xlsx(blank(recipe.assignment, *one)) for one in issued),
    "html": lambda recipe, issued: _answer_pages(recipe, issued),
}
