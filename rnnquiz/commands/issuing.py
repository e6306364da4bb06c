"""The command that makes sheets, keys and templates for a class, and what it says of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnnquiz.commands.frame import (
    AS_JSON,
    ATTEMPT,
    CLOSE,
    ENGINE,
    EXECUTOR,
    FILE,
    NOTATION,
    BankName,
    Words,
    engine_of,
    keep_private,
    progress_bar,
)  # fmt: skip
from rnnquiz.commands.issued import show_done, show_made_as_data, show_plan
from rnnquiz.errors import CourseError
from rnnquiz.files.resources import bank_path
from rnnquiz.languages.files import language_codes

if TYPE_CHECKING:
    from rnnquiz.assignment import Assignment
    from rnnquiz.documents.style import OwnTemplates, Style
    from rnnquiz.languages.catalogue import Language
    from rnnquiz.people.lists import Roster
    from rnnquiz.people.roster import Student

# Written out here: the tables of documents and templates load what draws them.
ALSO = Words(
    "form", "short-keys", "book", "worked-book", "marking-sheet", "printer", "printer-by-name",
    "html", "md", "typ", "xlsx",
)  # fmt: skip


@click.command("generate")
@click.argument("bank", type=BankName(), required=False)
@click.option(
    "--roster",
    type=FILE,
    help="The students, in CSV or XLSX as a learning system exports them.",
)
@ATTEMPT
@click.option(
    "--students",
    "retaking",
    type=FILE,
    help="Who takes a retake, as a roster; without it all who had the attempt before.",
)
@click.option(
    "--term",
    is_flag=True,
    help="Make the folder above that of a term: one roster and one gradebook for all in it.",
)
@click.option(
    "--id-column",
    default="",
    metavar="HEADING",
    help="Which column of the roster is the id, where it is not found.",
)
@click.option("--name-column", default="", metavar="HEADING", help="Which column is the name.")
@click.option(
    "--out",
    required=True,
    type=FILE,
    help="The course folder; made if missing, continued if interrupted.",
)
@click.option(
    "--engine",
    type=ENGINE,
    default="auto",
    show_default=True,
    help="What makes the PDFs; the .tex is always written.",
)
@NOTATION
@click.option(
    "--language",
    default="",
    metavar="CODE",
    help=f"In which language students read: {', '.join(language_codes())}; that of the bank"
    " without it.",
)
@click.option(
    "--catalogue", type=FILE, help="Sentences that you word otherwise: a .po file of that language."
)
@click.option(
    "--also",
    type=ALSO,
    multiple=True,
    help="More: answer pages for a browser (form), other documents, all as html, md, typ too,"
    " templates as xlsx.",
)
@click.option(
    "--depth",
    type=click.Choice(["results", "worked", "explained"]),
    default="worked",
    show_default=True,
    help="Of the keys.",
)
@click.option(
    "--paper",
    type=click.Choice(["a4", "letter"]),
    default="a4",
    show_default=True,
    help="Of the PDFs.",
)
@click.option(
    "--fillable",
    is_flag=True,
    help="PDF sheets with a form field for each box; grade reads them back.",
)
@click.option(
    "--lines",
    type=click.IntRange(0, 40),
    metavar="N",
    help="Ruled lines for the work after each kind of boxes, in place of those of the bank.",
)
@click.option(
    "--templates",
    type=FILE,
    help="A folder with templates of your own (default: templates/ beside the bank, where it is).",
)
@click.option(
    "--no-documents",
    is_flag=True,
    help="Only draw and store the numbers; a later run makes the documents.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Check bank and roster, say what would be done and whether there are numbers enough.",
)
@EXECUTOR
@AS_JSON
@CLOSE
def generate_sheets(
    bank: str | None, roster: Path | None, attempt: int, retaking: Path | None, term: bool,
    id_column: str, name_column: str, out: Path, engine: str, notation: str, language: str,
    catalogue: Path | None, also: tuple[str, ...], depth: str, paper: str, fillable: bool,
    lines: int | None, templates: Path | None, no_documents: bool, dry_run: bool, executor: str,
    as_json: bool, closing: bool,
) -> None:  # fmt: skip
    """Each student's own sheet, key and template.

    BANK is a bank, or an assignment of several exercises (rnnquiz help assignments).

    Goes on where it was interrupted; a course that is there keeps all of its numbers.

    \b
    rnnquiz generate bptt_scalar --roster roster.csv --out course --fillable
    rnnquiz generate --roster late.csv --out course
    rnnquiz generate --attempt 2 --students retake.csv --out course
    """
    from rnnquiz.course.foreseeing import plan
    from rnnquiz.course.generating import generate
    from rnnquiz.course.wanted import Wanted

    given = _list_of(out, attempt, roster, retaking)
    loaded = _exercises(bank, notation, out)
    chosen = _pdfs_by(engine, fillable, also)
    understood = _roster_read(given, id_column, name_column, as_json)
    students = understood.students if understood else _known(out, attempt)
    style = _style(paper, fillable, _templates(templates, bank), lines)
    keep_private(closing and not dry_run, out)
    if dry_run:
        show_plan(plan(loaded, students, out, attempt), out, loaded, chosen, as_json)
        return
    spoken = _language(language, catalogue)
    wanted = Wanted(chosen, style, depth, also, not no_documents, attempt, term, spoken)
    with progress_bar() as progress:
        done = generate(loaded, students, out, wanted, progress, executor)
    if as_json:
        show_made_as_data(done, understood)
    else:
        show_done(done, out, loaded.fixed)


def _roster_read(
    given: Path | None, id_column: str, name_column: str, silent: bool
) -> Roster | None:
    """The list of students; which columns it was read from is said before anything is made, so
    that a column that was misread is seen in time."""
    from rnnquiz.people.lists import roster_in

    if given is None:
        return None
    understood = roster_in(given, id_column, name_column)
    if not silent:
        click.echo("\n".join(understood.lines()))
    return understood


def _pdfs_by(engine: str, fillable: bool, also: tuple[str, ...]) -> str | None:
    """What makes the PDFs; a usage error where there are to be none and they are needed."""
    chosen = engine_of(engine)
    if chosen is None and (fillable or {"book", "worked_book"} & set(also)):
        raise click.UsageError("--fillable and --also book need PDFs: choose another --engine")
    return chosen


def _style(paper: str, fillable: bool, own: OwnTemplates | None, lines: int | None) -> Style:
    from rnnquiz.documents.style import Style

    return Style("letter" if paper == "letter" else "a4", fillable, own, lines)


def _exercises(bank: str | None, notation: str, out: Path) -> Assignment:
    """What is named; without a name what was issued in the course."""
    from rnnquiz.assignment_files import load_assignment

    if bank:
        return load_assignment(bank_path(bank), notation)
    return _issued_in(out)


def _language(code: str, catalogue: Path | None) -> Language | None:
    """What is chosen here; None where nothing is."""
    from rnnquiz.languages.catalogue import catalogue_at, language_of

    if not code and catalogue is not None:
        raise click.UsageError("--catalogue is for a language: give --language, too")
    over = None if catalogue is None else catalogue_at(catalogue)
    return language_of(code, over) if code else None


def _list_of(out: Path, attempt: int, roster: Path | None, retaking: Path | None) -> Path | None:
    """The file that says who gets sheets; none for all of the term, or who can have a retake."""
    from rnnquiz.course.terms import term_of

    if attempt > 1:
        if roster is not None:
            raise click.UsageError(
                "a retake is for students of the course: --students, no --roster"
            )
        return retaking
    # A course of a term has the term's students.
    if (roster is None and term_of(out) is None) or retaking is not None:
        raise click.UsageError("give --roster; --students is for a retake: --attempt 2")
    return roster


def _known(out: Path, attempt: int) -> list[Student]:
    """Who had the attempt before, in a course that is there; for the first, all of its term."""
    from rnnquiz.course.standing import concerned
    from rnnquiz.course.store import Course
    from rnnquiz.course.terms import term_of
    from rnnquiz.people.roster import among

    term = term_of(out)
    if attempt == 1 and term is not None:
        with Course.open(term) as course:
            return course.students()
    # A retake: a first attempt without a list has been refused, but for a term.
    with Course.open(out) as course:
        having = course.sitting(attempt - 1).sheets()
        return among(concerned(course), having)


def _beside(bank: str | None) -> Path | None:
    """The folder of templates beside a bank, where there is one."""
    if bank is None:
        return None
    place = bank_path(bank).parent / "templates"
    # A folder of this name may hold anything.
    if place.is_dir() and any(place.glob("*.jinja")):
        return place
    return None


def _issued_in(out: Path) -> Assignment:
    """What was issued in a course that is there."""
    from rnnquiz.course.assignments import issued_assignment
    from rnnquiz.course.folders import DATABASE
    from rnnquiz.course.store import Course

    if not (out / DATABASE).is_file():
        raise click.UsageError(f"give a BANK: there is no course in {out} that would tell it")
    with Course.open(out) as course:
        return issued_assignment(course)


def _templates(given: Path | None, bank: str | None) -> OwnTemplates | None:
    """The teacher's templates: in the folder given, or in that beside the bank."""
    from rnnquiz.documents.style import OwnTemplates

    # Only a folder that is named has to be there.
    if given is not None and not given.is_dir():
        raise CourseError.at(
            str(given), "--templates", "is no folder", "give the folder of your own templates"
        )
    place = given or _beside(bank)
    try:
        return OwnTemplates.read(place) if place else None
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError.at(
            str(place), "templates", f"cannot be read: {error}", "save them in UTF-8"
        ) from None
