"""`rnnquiz read`: what a worked page says, what of it is not read, and the page with marks in its
margin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnnquiz.commands.columns import show_columns
from rnnquiz.commands.frame import (
    AS_JSON,
    ATTEMPT,
    ENGINE,
    EXERCISE,
    FILE,
    NOTATION,
    BankName,
    engine_of,
    show_json,
    student_of,
)  # fmt: skip
from rnnquiz.errors import CourseError
from rnnquiz.files.resources import bank_path

if TYPE_CHECKING:
    from rnnquiz.assignment import Assigned, Assignment
    from rnnquiz.documents.tree import Document
    from rnnquiz.exercise import Exercise, PageSheet
    from rnnquiz.pages.layout.page import Page


@click.command("read")
@click.argument("page", type=FILE)
@click.option(
    "--bank", type=BankName(), help="The bank or the assignment of the page (not with --course)."
)
@click.option(
    "--student",
    default="",
    help="Whose numbers: with --course as issued, without for practice.",
)
@click.option("--course", type=FILE, help="Take bank and numbers from this course folder.")
@EXERCISE
@ATTEMPT
@NOTATION
@click.option(
    "--out",
    type=FILE,
    help="Write the reading as a submission (YAML) that can be corrected and handed in.",
)
@click.option(
    "--annotated", type=FILE, help="Write the page with marks in its margin (.html, .md or .pdf)."
)
@click.option("--engine", type=ENGINE, default="auto", show_default=True, help="Of a PDF.")
@AS_JSON
def read_page(
    page: Path, bank: str | None, student: str, course: Path | None, exercise: str, attempt: int,
    notation: str, out: Path | None, annotated: Path | None, engine: str, as_json: bool,
) -> None:  # fmt: skip
    """Read a worked page, and check it line by line.

    PAGE is Markdown, LaTeX, a notebook or text. What was taken for what is shown, and what was not
    read.

    \b
    rnnquiz read page.md --bank worked_example

    Each line is checked: its arithmetic, its formula, the numbers put in. What cannot be placed is
    listed with its place and the reason; nothing is guessed. A page of several problems is parted
    at headings such as Problem 2; with --exercise all of it is of that one.
    """
    if (bank is None) == (course is None):
        raise click.UsageError("give --bank or --course")
    if course is None:
        assignment, exercises = _for_practice(bank or "", student or "anyone", notation)
    else:
        assignment, exercises = _issued_to(course, student, attempt)
    chosen = _chosen(assignment, exercises, exercise)
    found = _read(_opened(page), page.name, chosen, assignment.several)
    if as_json:
        show_json(_as_data(found), letters=True)
    else:
        _show_all(found)
    if out is not None:
        _write(out, submission(found.sheets).encode())
    if annotated is not None:
        _write(annotated, _document(assignment, found, annotated, engine))


OwnExercises = list[tuple["Assigned", "Exercise"]]
Sheets = list[tuple["Assigned | None", "PageSheet"]]


@dataclass(frozen=True)
class _SheetsRead:
    """The sheets that were read from a page, with their problems where there are several, and what
    belongs to none."""

    sheets: Sheets
    lost: tuple[str, ...] = ()


def _opened(path: Path) -> Page:
    from rnnquiz.pages.layout.opening import page_of

    if not path.is_file():
        raise CourseError.at(str(path), "the page", "there is no such file", "check the path")
    return page_of(path.read_bytes(), path.suffix, str(path))


def _for_practice(bank: str, student: str, notation: str) -> tuple[Assignment, OwnExercises]:
    """The exercises of a bank or an assignment, of a pool the first, with numbers of no course."""
    from rnnquiz.assignment_files import load_assignment
    from rnnquiz.exercise import Exercise

    assignment = load_assignment(bank_path(bank), notation)
    # Who gets which is drawn by the secret of a course.
    first = [pool[0] for pool in assignment.places.values()]
    return assignment, [(one, Exercise.of(one.bank, student)) for one in first]


def _issued_to(course: Path, student: str, attempt: int) -> tuple[Assignment, OwnExercises]:
    """The exercises of a student's sheet, with the numbers that were issued, by the banks that
    marks are given by."""
    from rnnquiz.course.assignments import issued_sheets, marking_assignment
    from rnnquiz.course.store import Course
    from rnnquiz.exercise import Exercise

    with Course.open(course) as opened:
        meant, assignment = student_of(opened, student), marking_assignment(opened)
        sheets = issued_sheets(opened.sitting(attempt), assignment, [meant])
        variants = sheets.get(meant, ())
    if not variants:
        found = f"no sheet was issued to {meant!r} for attempt {attempt}"
        raise CourseError.at(str(course), "student", found, "give an id of the roster")
    exercises = [(assignment[one.exercise], one) for one in variants]
    return assignment, [(one, Exercise(one.bank, variant)) for one, variant in exercises]


def _chosen(assignment: Assignment, exercises: OwnExercises, name: str) -> OwnExercises:
    """The exercises that a page is read for: all of the sheet, or the one that is named."""
    if not name:
        return exercises
    named = assignment.named(name)
    chosen = []
    for one, exercise in exercises:
        if one in named:
            chosen.append((one, exercise))
    if not chosen:
        keys = filter(None, (one.key for one, _ in exercises))
        known = ", ".join(keys) or "none"
        found = f"the sheet has no {name!r}"
        raise CourseError.at(assignment.head.id, "--exercise", found, f"there are {known}")
    return chosen


def _read(page: Page, name: str, exercises: OwnExercises, several: bool) -> _SheetsRead:
    """The page, read for one exercise, or parted for several; of one of `several` the sheet has its
    number, too."""
    from rnnquiz.pages.layout.problems import parted_page

    if len(exercises) == 1:
        one, exercise = exercises[0]
        # No number stands before the boxes of a sheet of one exercise.
        problem = one if several else None
        return _SheetsRead([(problem, exercise.mark_page(page))])
    titles = {one.place: one.bank.written.title for one, _ in exercises}
    parted = parted_page(page, titles, name)
    if not parted.parts:
        remedy = "write a heading such as Problem 2 above each, or give --exercise"
        raise CourseError.at(name, "the page", "names none of its problems", remedy)
    own = {one.place: (one, exercise) for one, exercise in exercises}
    rows: Sheets = []
    for place, part in parted.parts.items():
        one, exercise = own[place]
        rows.append((one, exercise.mark_page(part)))
    return _SheetsRead(rows, parted.lost)


def _as_data(found: _SheetsRead) -> dict[str, Any]:
    """For programs: of one exercise its reading, of several a list of them."""
    rows = []
    for one, sheet in found.sheets:
        if one is None:
            return _reading(sheet)
        rows.append({"problem": one.place, **_reading(sheet)})
    return {"problems": rows, "in no problem": list(found.lost)}


def _reading(sheet: PageSheet) -> dict[str, Any]:
    return {**sheet.reading.as_dict(), "marks": sheet.marks, "of": sheet.maximum}


def _show_all(found: _SheetsRead) -> None:
    for one, sheet in found.sheets:
        if one is not None:
            click.echo(f"Problem {one.place}: {one.bank.written.title}")
        _show(sheet)
    for line in found.lost:
        click.echo(line)


def _show(sheet: PageSheet) -> None:
    reading = sheet.reading
    if reading.few:
        click.echo("Less than half of the statements on this page could be read.")
    if reading.counted:
        click.echo(reading.counted)
    rows: list[tuple[str, str]] = []
    for box, text in reading.answers.items():
        claim = reading.claims[box]
        at = reading.page.shown_place(claim.place)
        # Not what the page states, but what stands on the way to it.
        note = "" if claim.kind == "stated" else "   (within a line)"
        rows.append((at, f"{box} = {text}{note}"))
    for row in reading.placed.unread:
        shown = reading.described(row)
        rows.append((shown["at"], f"not read: {shown['line']}: {shown['why']}"))
    for slip in reading.slips:
        rows.append((reading.where(slip), f"{slip.name}: {slip.says}"))
    show_columns(rows, indent=2)
    counts = f"{len(reading.answers)} boxes read, {len(reading.placed.unread)} statements not read"
    click.echo(f"{counts}; {sheet.marks:.2f} of {sheet.maximum:.2f} marks")


def submission(sheets: Sheets) -> str:
    """The reading in the form of the template, each box with the place that it was read from."""
    # All of a page are of one student, with one token.
    variant = sheets[0][1].exercise.variant
    lines = [
        f"student: {json.dumps(variant.student)}",
        f"token: {json.dumps(variant.token)}",
        "answers:",
    ]
    for one, sheet in sheets:
        before = "" if one is None else f"{one.place}/"
        lines += _lines(before, sheet)
    return "\n".join(lines) + "\n"


def _lines(before: str, sheet: PageSheet) -> Iterator[str]:
    """The boxes of one exercise; `before` stands before their names."""
    reading = sheet.reading
    for box, text in reading.answers.items():
        at = reading.page.shown_place(reading.claims[box].place)
        # A text of JSON is one of YAML, whatever stands in it.
        yield f"  {json.dumps(before + box)}: {json.dumps(text)}  # {at}"
    for row in reading.placed.unread:
        shown = reading.described(row)
        # On one line, as it stands behind the sign of a comment.
        statement = " ".join(shown["line"].split())
        yield f"  # not read, {shown['at']}: {statement}: {shown['why']}"


def _document(assignment: Assignment, found: _SheetsRead, path: Path, engine: str) -> bytes:
    from rnnquiz.documents.engines import pdfs
    from rnnquiz.documents.render import render

    document = _annotated(assignment, found)
    if path.suffix != ".pdf":
        form = "markdown" if path.suffix == ".md" else "html"
        return render(document, form).encode()
    # A PDF is asked for, whatever --engine says; Typst is there with the program.
    chosen = engine_of(engine) or "typst"
    (made,) = pdfs([document], chosen)
    if isinstance(made, str):
        raise CourseError.at(str(path), "the PDF", made, "write .html")
    return made


def _annotated(assignment: Assignment, found: _SheetsRead) -> Document:
    """The page with marks in its margin, problem by problem."""
    from rnnquiz.documents.bound import Reviewed, feedback_of

    reviewed = {}
    for one, sheet in found.sheets:
        if one is None:
            return sheet.annotated()
        page = Reviewed(sheet.annotated(), one, sheet.marks, sheet.maximum)
        reviewed[one.place] = page
    return feedback_of(assignment, reviewed)


def _write(path: Path, content: bytes) -> None:
    from rnnquiz.files.private import write_atomically

    write_atomically(path, content)
