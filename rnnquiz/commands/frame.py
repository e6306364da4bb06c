"""What all commands share: kinds of options, progress on the terminal, the engine of PDFs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from rnnquiz.errors import CourseError
from rnnquiz.files.private import close, open_to_others
from rnnquiz.files.resources import folder as data
from rnnquiz.progress import Progress, unseen
from rnnquiz.text import nearest

if TYPE_CHECKING:
    from rnnquiz.course.store import Course

MOST_ATTEMPTS = 20
MOST_STRESS = 1_000_000  # draws: they give a share to a thousandth


class NamedPath(click.Path):
    """A path that is not empty."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path that was typed; one of no letters is refused."""
        # As --out "$COURSE" without that variable, it would be the folder that one is in.
        if not str(value):
            self.fail("is empty; give a path, such as . for this folder", param, ctx)
        return super().convert(value, param, ctx)


FILE = NamedPath(path_type=Path)
ENGINE = click.Choice(["auto", "latex", "typst", "none"])
NOTATION = click.option(
    "--notation",
    default="",
    metavar="NAMES",
    help="How it is written, such as goodfellow or d2l+delta_a (rnnquiz models lists them).",
)
EXECUTOR = click.option(
    "--executor",
    default="processes",
    show_default=True,
    metavar="NAME",
    help="Who works: alone, processes (all cores), dask or dask=ADDRESS.",
)
ATTEMPT = click.option(
    "--attempt",
    type=click.IntRange(1, MOST_ATTEMPTS),
    default=1,
    show_default=True,
    help="The first sheets, or those of a retake (2 and more).",
)
EXERCISE = click.option(
    "--exercise",
    default="",
    metavar="NUMBER",
    help="Which exercise, where there are several: its number, of a pool such as 2.1.",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")
CLOSE = click.option(
    "--close", "closing", is_flag=True,
    help="Take from all others on this machine the rights on folders that are open to them.",
)  # fmt: skip


class Words(click.ParamType):  # type: ignore[type-arg]
    """One of some words, written with hyphens as options are; an underscore in its place is taken
    as well."""

    name = "word"

    def __init__(self, *words: str) -> None:
        self.words = words

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """The words, as help shows what can be typed."""
        return f"[{'|'.join(self.words)}]"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name inside of the program, which has underscores."""
        if value.replace("_", "-") not in self.words:
            self.fail(f"{value!r} is not known -> {nearest(value, self.words)}", param, ctx)
        return value.replace("-", "_")

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The words that begin with what has been typed."""
        return _completed(self.words, incomplete)


class BankName(click.ParamType):  # type: ignore[type-arg]
    """A bank: a file, or the name of one that ships; the shell completes both."""

    name = "bank"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The banks that ship, and files."""
        paths = data("question_banks").glob("*.yaml")
        shipped = sorted(path.stem for path in paths)
        # Files are the shell's to list.
        files = CompletionItem(incomplete, type="file")
        return [*_completed(shipped, incomplete), files]


def _completed(words: Iterable[str], beginning: str) -> list[CompletionItem]:
    found = []
    for word in words:
        if word.startswith(beginning):
            found.append(CompletionItem(word))
    return found


def show_json(data: object, letters: bool = False) -> None:
    """Data for programs, in ASCII or with all `letters` as they are."""
    click.echo(json.dumps(data, indent=1, ensure_ascii=not letters))


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress bar on the terminal's error stream; nothing where that is no terminal."""
    # In a file a bar would be a line for each of its steps.
    if not sys.stderr.isatty():
        yield unseen
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def advance(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done, total=of)

        yield advance


def keep_private(closing: bool, *folders: Path | None) -> None:
    """Close folders that are open to others, where that is wished; else say that they are.

    What is not there yet is made closed.
    """
    for folder in folders:
        if folder is None or not folder.is_dir() or not (how := open_to_others(folder)):
            continue
        if closing:
            close(folder)
            said = f"was open to others on this machine ({how}), and is closed now"
        else:
            remedy = "close it with all that is in it: --close"
            said = f"open to others on this machine ({how}) -> {remedy}"
        # Not among the results, which programs read.
        click.echo(f"{folder}: {said}", err=True)


def counted(number: int, noun: str) -> str:
    """1 student, 2 students."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def engine_of(name: str) -> str | None:
    """The engine to set with, None for `none`."""
    from rnnquiz.documents.engines import choose_engine

    if name == "none":
        return None
    return choose_engine(name)


def one_of(table: Iterable[str], chosen: str) -> str:
    """The name of the table that is chosen, with hyphens or underscores; else a usage error with
    those that there are."""
    known = {name.replace("_", "-"): name for name in table}
    word = chosen.replace("_", "-")
    if word not in known:
        raise click.UsageError(f"--to {chosen!r} is not known -> {nearest(word, known)}")
    return known[word]


def student_of(course: Course, word: str) -> str:
    """The id of the student of a course whom a word (id, e-mail, name) means; CourseError with near
    ones where there is none."""
    from rnnquiz.people.roster import Lookup

    students = course.students()
    meant = Lookup(students).find([word]) if word else None
    if meant is not None:
        return meant.id
    known = [student.id for student in students]
    # Without students there is none to give as an example.
    if not known:
        nobody, remedy = "the course has no students", "run rnnquiz generate with a roster"
        raise CourseError.at(str(course.folder), "student", nobody, remedy)
    some = f"there are {counted(len(known), 'student')}, such as {known[0]}"
    near = nearest(word, [*known, *(student.name for student in students)], some)
    found = f"no student {word!r} has a sheet" if word else "say whose: --student ID"
    raise CourseError.at(str(course.folder), "student", found, near)
