"""`rnnquiz read`: what a worked page says, what of it is not read, and the page with marks in its
margin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnnquiz.commands.frame import AS_JSON, ENGINE, FILE, NOTATION, BankName, engine_of
from rnnquiz.errors import CourseError

if TYPE_CHECKING:
    from rnnquiz.exercise import Exercise, PageSheet


@click.command("read")
@click.argument("page", type=FILE)
@click.option("--bank", type=BankName(), help="The bank of the exercise (not with --course).")
@click.option(
    "--student",
    default="anyone",
    help="Whose numbers: with --course as issued, without for practice.",
)
@click.option("--course", type=FILE, help="Take bank and numbers from this course folder.")
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
    page: Path,
    bank: str | None,
    student: str,
    course: Path | None,
    notation: str,
    out: Path | None,
    annotated: Path | None,
    engine: str,
    as_json: bool,
) -> None:
    """Read a worked page, and check it line by line.

    PAGE is Markdown, LaTeX, a notebook or text. What was taken for what is shown, and what was not
    read.

    \b
    rnnquiz read page.md --bank worked_example

    Each line is checked: its arithmetic, its formula, the numbers put in. What cannot be placed is
    listed with its place and the reason; nothing is guessed.
    """
    if (bank is None) == (course is None):
        raise click.UsageError("give --bank or --course")
    exercise = _exercise(bank, student, course, notation)
    sheet = exercise.read(_existing(page))
    if as_json:
        click.echo(
            json.dumps(
                {**sheet.reading.as_dict(), "marks": sheet.marks, "of": sheet.maximum},
                indent=1,
                ensure_ascii=False,
            )
        )
    else:
        _show(sheet)
    if out is not None:
        _write(out, submission(sheet).encode())
    if annotated is not None:
        _write(annotated, _document(sheet, annotated, engine))


def _existing(page: Path) -> Path:
    if not page.is_file():
        raise CourseError.at(str(page), "the page", "there is no such file", "check the path")
    return page


def _exercise(bank: str | None, student: str, course: Path | None, notation: str) -> Exercise:
    from rnnquiz.exercise import Exercise

    if course is None:
        return Exercise.load(bank or "", student, notation=notation)
    from rnnquiz.course.store import Course

    with Course.open(course) as opened:
        found = [variant for variant in opened.variants() if variant.student == student]
        if not found:
            raise CourseError.at(
                str(course),
                "student",
                f"no sheet was issued to {student!r}",
                "give an id of the roster",
            )
        return Exercise(opened.bank(), found[-1])


def _show(sheet: PageSheet) -> None:
    reading = sheet.reading
    if reading.few:
        click.echo("Less than half of the statements on this page could be read.")
    if reading.counted:
        click.echo(reading.counted)
    for box, text in reading.answers.items():
        claim = reading.claims[box]
        click.echo(
            f"{reading.page.shown_place(claim.place):>18}  {box} ="
            f" {text}{'' if claim.kind == 'stated' else '   (within a line)'}"
        )
    for row in reading.placed.unread:
        shown = reading.described(row)
        click.echo(f"{shown['at']:>18}  not read: {shown['line']}: {shown['why']}")
    for slip in reading.slips:
        click.echo(f"{reading.where(slip):>18}  {slip.name}: {slip.says}")
    counts = f"{len(reading.answers)} boxes read, {len(reading.placed.unread)} statements not read"
    click.echo(f"{counts}; {sheet.marks:.2f} of {sheet.maximum:.2f} marks")


def submission(sheet: PageSheet) -> str:
    """The reading in the form of the template, each box with the place that it was read from."""
    reading, variant = sheet.reading, sheet.exercise.variant
    lines = [
        f"student: {json.dumps(variant.student)}",
        f"token: {json.dumps(variant.token)}",
        "answers:",
    ]
    for box, text in reading.answers.items():
        lines.append(
            f"  {json.dumps(box)}: {json.dumps(text)}  #"
            f" {reading.page.shown_place(reading.claims[box].place)}"
        )
    for row in reading.placed.unread:
        shown = reading.described(row)
        lines.append(
            f"  # not read, {shown['at']}: {' '.join(shown['line'].split())}: {shown['why']}"
        )
    return "\n".join(lines) + "\n"


def _document(sheet: PageSheet, path: Path, engine: str) -> bytes:
    from rnnquiz.documents.engines import pdfs
    from rnnquiz.documents.render import render

    document = sheet.annotated()
    if path.suffix != ".pdf":
        return render(document, "markdown" if path.suffix == ".md" else "html").encode()
    made = next(iter(pdfs([document], engine_of(engine) or "typst")))
    if isinstance(made, str):
        raise CourseError.at(str(path), "the PDF", made, "write .html")
    return made


def _write(path: Path, content: bytes) -> None:
    from rnnquiz.private import write_atomically

    write_atomically(path, content)
