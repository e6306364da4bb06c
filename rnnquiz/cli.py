"""The command line. Each command reads its input, calls one function and shows what came out."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from rnnquiz import __version__
from rnnquiz.errors import CourseError, Problem, RnnquizError
from rnnquiz.resources import bank_path

FILE = click.Path(path_type=Path)
ENGINE = click.Choice(["auto", "latex", "typst", "none"])
ALSO = click.Choice(["short_keys", "book", "marking_sheet", "html", "md", "typ"])
NOTATION = click.option(
    "--notation", default="", metavar="NAMES", help="How it is written, such as goodfellow or d2l+delta_a (rnnquiz models lists them)."
)
Progress = Callable[[str, int, int], None]


class _Group(click.Group):
    """Shows our own errors as text and leaves with 1; 130 after Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal without our letters is no reason to stop
        try:
            return super().invoke(ctx)
        except RnnquizError as error:
            click.echo(f"{type(error).__name__}: {error}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("\ninterrupted; what was done is kept, run the same command to go on", err=True)
            ctx.exit(130)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Exercises on recurrent networks computed by hand.

    \b
    rnnquiz demo                            the whole loop on a small class
    rnnquiz check BANK                      is the bank sound, are its variants good?
    rnnquiz solve BANK                      the worked solution in the terminal
    rnnquiz generate BANK --roster R --out COURSE
    rnnquiz grade COURSE SUBMISSIONS --out GRADES

    A bank is a YAML file; those that ship (rnnquiz banks) can be given by name.
    """


@contextmanager
def _progress() -> Iterator[Progress]:
    """A progress bar on the terminal's error stream; nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda what, done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def advance(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done, total=of)

        yield advance


def _engine(name: str) -> str | None:
    from rnnquiz.documents.engines import choose_engine

    return None if name == "none" else choose_engine(name)


@main.command()
@click.argument("bank")
@NOTATION
@click.option("--stress", default=0, metavar="N", help="Draw N variants: how many are good, which mistakes they cannot tell apart.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def check(bank: str, notation: str, stress: int, as_json: bool) -> None:
    """Check a question bank; every problem is listed with file, line and remedy."""
    from rnnquiz.bank.load import load_bank
    from rnnquiz.stress import report_of

    loaded = load_bank(bank_path(bank), notation)
    report = report_of(loaded, stress)
    click.echo(json.dumps(report.as_dict(), indent=1) if as_json else report.text())


@main.command()
@click.argument("bank")
@click.option("--student", default="anyone", help="Whose numbers (with --course: as issued; without: numbers for practice).")
@NOTATION
@click.option("--course", type=FILE, help="Take the numbers that were issued in this course folder; BANK is not read then.")
@click.option("--json", "as_json", is_flag=True, help="Every quantity with formula, numbers, exact and rounded value.")
def solve(bank: str, student: str, notation: str, course: Path | None, as_json: bool) -> None:
    """Show the worked solution of a bank."""
    from rnnquiz.exercise import Exercise
    from rnnquiz.solution import solve as worked

    if course is None:
        solution = Exercise.load(bank, student, notation=notation).solution
    else:
        from rnnquiz.course.store import Course

        with Course.open(course) as opened:
            found = [variant for variant in opened.variants() if variant.student == student]
            if not found:
                raise CourseError(str(course), Problem("student", f"no sheet was issued to {student!r}", "give an id of the roster"))
            solution = worked(opened.bank(), found[-1])
    click.echo(json.dumps(solution.as_dict(), indent=1, ensure_ascii=False) if as_json else solution.text())


@main.command()
@click.argument("bank")
@click.option("--roster", required=True, type=FILE, help="CSV with a column for id and one for name (as a learning system exports it).")
@click.option("--out", required=True, type=FILE, help="The course folder; made if missing, continued if interrupted.")
@click.option("--engine", type=ENGINE, default="auto", show_default=True, help="What makes the PDFs; the .tex is always written.")
@NOTATION
@click.option("--also", type=ALSO, multiple=True, help="More documents (short_keys, book, marking_sheet), or all of them as html, md, typ.")
@click.option("--depth", type=click.Choice(["results", "worked", "explained"]), default="worked", show_default=True, help="Of the keys.")
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True)
@click.option("--fillable", is_flag=True, help="PDF sheets with a form field for each box; grade reads them back.")
@click.option("--templates", type=FILE, help="A folder with templates of your own (default: templates/ beside the bank, where it is).")
@click.option("--dry-run", is_flag=True, help="Only check bank and roster and say what would be done.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def generate(
    bank: str, roster: Path, out: Path, engine: str, notation: str, also: tuple[str, ...], depth: str, paper: str, fillable: bool,
    templates: Path | None, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Make each student's own sheet, worked key and submission template."""
    from rnnquiz.bank.load import load_bank
    from rnnquiz.course.generating import Wanted
    from rnnquiz.course.generating import generate as run
    from rnnquiz.documents.style import Style
    from rnnquiz.roster import read_roster

    loaded, students = load_bank(bank_path(bank), notation), read_roster(roster)
    chosen = _engine(engine)
    if chosen is None and (fillable or "book" in also):
        raise click.UsageError("--fillable and --also book need PDFs: choose another --engine")
    style = Style("letter" if paper == "letter" else "a4", fillable, _templates(templates, bank_path(bank)))
    if dry_run:
        click.echo(f"would issue sheets of {loaded.written.id} to {len(students)} students in {out} (PDFs: {chosen or 'none'})")
        return
    with _progress() as progress:
        done = run(loaded, students, out, Wanted(chosen, style, depth, also), progress)
    if as_json:
        reasons = {reason: count for reason, count in done.report.reasons.items() if count}
        click.echo(json.dumps({
            "students": done.students, "new_variants": done.new_variants, "files_written": done.written,
            "drawn": done.report.drawn, "refused": reasons, "problems": done.problems}, indent=1))  # fmt: skip
        sys.exit(1 if done.problems else 0)
    click.echo(f"{done.students} students: {done.new_variants} new variants, {done.written} files written in {out}")
    for reason, count in done.report.reasons.most_common():
        if count:
            click.echo(f"  {count} of {done.report.drawn} draws refused: {reason}")
    if loaded.fixed:
        click.echo("  fixed numbers: every student has the same sheet; run rnnquiz check to see which mistakes they cannot tell apart")
    for problem in done.problems:
        click.echo(f"  {problem}", err=True)
    if done.problems:
        click.echo(f"{len(done.problems)} documents could not be set; all others are there. Mend the cause, run it again", err=True)
        sys.exit(1)


def _templates(given: Path | None, bank: Path) -> Path | None:
    """The teacher's templates: the folder given, or that beside the bank."""
    if given is not None and not given.is_dir():
        raise CourseError(str(given), Problem("--templates", "is no folder", "give the folder of your own templates"))
    beside = bank.parent / "templates"
    return given or (beside if beside.is_dir() and any(beside.glob("*.jinja")) else None)


@main.command()
@click.argument("course", type=FILE)
@click.argument("submissions", type=FILE)
@click.option("--out", type=FILE, help="Folder for gradebook, feedback pages and evidence.")
@click.option("--dry-run", is_flag=True, help="Mark and show, store and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Every verdict with its evidence.")
@click.option("--no-pages", is_flag=True, help="Leave out the feedback pages.")
@click.option("--pdf", is_flag=True, help="The feedback pages also as PDF.")
@click.option("--late", type=click.Choice(["mark", "refuse"]), default="mark", show_default=True, help="Sheets that the system calls late.")
def grade(
    course: Path, submissions: Path, out: Path | None, dry_run: bool, as_json: bool, no_pages: bool, pdf: bool, late: str
) -> None:  # fmt: skip
    """Mark what students handed in.

    SUBMISSIONS is a file, a folder, or an archive as Moodle, Canvas, Gradescope, Brightspace or Blackboard give it out: filled PDF
    forms, YAML, JSON, CSV, XLSX, text with lines such as  h1 = 0.604 , or Moodle's report of a quiz's responses. Of several sheets of
    one student the last counts; whatever does not count has a line that says why.
    """
    from rnnquiz.course.grading import grade as run

    if out is None and not dry_run and not as_json:
        raise click.UsageError("give --out FOLDER, or --dry-run")
    with _progress() as progress:
        graded = run(course, submissions, out, dry_run, as_json, not no_pages, _engine("auto") if pdf else None, progress, late)
    if as_json:
        shown = {"problems": graded.problems, "matches": graded.matches, "results": graded.results}
        click.echo(json.dumps(shown, indent=1, ensure_ascii=False))
        return
    _show_marks(graded)
    if out is not None and not dry_run:
        click.echo(f"gradebook: {out / 'gradebook.csv'}\nfeedback:  {out / 'feedback'}")


def _show_marks(graded: Any) -> None:
    marked = [row for row in graded.rows if row.marks is not None]
    for row in graded.rows if len(graded.rows) <= 40 else []:
        marks = "not handed in" if row.marks is None else f"{row.marks:6.2f} / {row.maximum:.2f}"
        click.echo(f"{row.id:12.12} {row.name:28.28} {marks}  {row.first_wrong and 'first wrong step: ' + row.first_wrong}")
    mean = sum(row.marks for row in marked) / len(marked) if marked else 0.0
    click.echo(f"{len(marked)} of {len(graded.rows)} marked, mean {mean:.2f}")
    for match in graded.matches:
        click.echo(f"  to look at: {match}")
    for problem in graded.problems:
        click.echo(f"  {problem}", err=True)


@main.command()
@click.argument("course", type=FILE)
@click.option("--bank", "bank_", help="A bank of the same exercise with other marks, credits, wording or misconceptions.")
@click.option("--out", type=FILE, help="Folder for the new gradebook and pages (with --apply).")
@click.option("--apply", is_flag=True, help="Store the new marking; the earlier one is kept. Without it, only the differences are shown.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def regrade(course: Path, bank_: str | None, out: Path | None, apply: bool, as_json: bool) -> None:
    """Mark the stored answers again and show what would change, before anything is replaced."""
    from rnnquiz.bank.load import load_bank
    from rnnquiz.course.grading import regrade as run

    changes, graded = run(course, load_bank(bank_path(bank_)) if bank_ else None, out, apply)
    if as_json:
        rows = [{"student": c.student, "before": c.before, "after": c.after, "boxes": [list(b) for b in c.boxes]} for c in changes]
        click.echo(json.dumps({"applied": apply, "changes": rows}, indent=1))
        return
    for change in changes:
        click.echo(f"{change.student}: {change.before:.2f} -> {change.after:.2f}")
        for box, before, after in change.boxes:
            click.echo(f"    {box}: {before or 'not marked'} -> {after}")
    click.echo(f"{len(changes)} students change; " + (f"stored as run {graded.run}" if apply else "nothing was stored (use --apply)"))


@main.command()
@click.argument("course", type=FILE)
@click.argument("student")
@click.argument("box")
def explain(course: Path, student: str, box: str) -> None:
    """How one box was judged: formula, numbers used, accepted interval, mistakes tried."""
    from rnnquiz.bank.variant import arrays_of
    from rnnquiz.course.store import Course
    from rnnquiz.explain import explain as words
    from rnnquiz.grade.answers import known_boxes
    from rnnquiz.grade.diagnose import Diagnosis
    from rnnquiz.grade.mark import mark

    with Course.open(course) as opened:
        row = next((row for row in opened.standing() if row.student == student), None)
        if row is None:
            found = f"nothing is marked of {student!r}"
            raise CourseError(str(course), Problem("student", found, "run rnnquiz grade first, or check the id"))
        bank = opened.bank(row.bank)
        variants = {variant.student: variant for variant in opened.variants()}
    boxes = known_boxes(bank)
    if box not in boxes:
        raise CourseError(str(course), Problem("box", f"{box!r} is no box", f"names are like {', '.join(list(boxes)[:4])}"))
    diagnosis = Diagnosis(bank)
    marked = mark(bank, arrays_of(bank, [variants[student]]), [row.answers], diagnosis)
    click.echo(words(marked, 0, boxes[box], diagnosis))


@main.command()
@click.argument("folder", type=FILE, default=Path("rnnquiz-demo"))
@click.option("--engine", type=ENGINE, default="auto", show_default=True)
def demo(folder: Path, engine: str) -> None:
    """The whole loop on a small class: sheets, keys, simulated submissions, marks, feedback."""
    from rnnquiz.course.demo import demo as run

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CourseError(str(folder), Problem("the folder", "is not an empty one", "give another: rnnquiz demo FOLDER"))
    with _progress() as progress:
        shown = run(folder, _engine(engine), progress)
    for row in shown.graded.rows:
        marks = "-" if row.marks is None else f"{row.marks:6.2f} / {row.maximum:.2f}"
        click.echo(f"{row.id}  {row.name:28.28} {shown.kinds[row.id]:18} {marks}  {row.first_wrong and 'first wrong: ' + row.first_wrong}")
    sheets = sorted((shown.course / "sheets").iterdir(), key=lambda path: (path.suffix != ".pdf", path.name))
    first = sheets[2]  # the student with one slip
    click.echo(f"\nLook at\n  {first}\n  {shown.course / 'keys' / first.name}")
    click.echo(f"  {shown.grades / 'feedback' / first.with_suffix('.html').name}\n  {shown.grades / 'gradebook.csv'}")


@main.command()
def banks() -> None:
    """The question banks that ship, with goal, time and level."""
    from rnnquiz.bank.load import load_bank
    from rnnquiz.resources import folder as data

    for path in sorted(data("question_banks").glob("*.yaml")):
        written = load_bank(path).written
        minutes = f"{written.minutes} min" if written.minutes else ""
        click.echo(f"{path.stem:22} {written.level:12} {minutes:8} {written.title}\n{'':22} {written.goal.strip()}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def models(as_json: bool) -> None:
    """The cells, outputs, losses, optimisers and notations that a bank can name."""
    from rnnquiz.models import catalogue

    found = {kind: {name: catalogue.read(kind, name)["title"] for name in catalogue.names(kind)} for kind in catalogue.KINDS}
    if as_json:
        click.echo(json.dumps(found, indent=1, ensure_ascii=False))
        return
    for kind, entries in found.items():
        click.echo(f"{kind}:")
        for name, title in entries.items():
            click.echo(f"  {name:28} {title}")


@main.command()
def doctor() -> None:
    """What is on this machine, what is missing, and the command that installs it."""
    from importlib.metadata import PackageNotFoundError, version

    from rnnquiz.documents.engines import INSTALL_TEX, missing_for_latex

    for package in ("numpy", "jinja2", "pylatex", "pyyaml", "pydantic", "click", "rich", "typst"):
        try:
            click.echo(f"{package:10} {version(package)}")
        except PackageNotFoundError:
            click.echo(f"{package:10} missing -> pip install {package}")
    missing = missing_for_latex()
    click.echo(f"LaTeX      missing {', '.join(missing)} -> {INSTALL_TEX}" if missing else "LaTeX      complete")
    click.echo(f"PDFs are made with {'typst' if missing else 'latex'} (--engine auto)")


if __name__ == "__main__":
    main()
