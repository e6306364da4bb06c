"""Commands for a start: what ships, a bank of one's own, the form of a bank, a demonstration."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnnquiz.commands.columns import show_columns
from rnnquiz.commands.frame import (
    AS_JSON,
    ENGINE,
    FILE,
    BankName,
    engine_of,
    keep_private,
    progress_bar,
    show_json,
)  # fmt: skip
from rnnquiz.errors import CourseError
from rnnquiz.files.private import new_file
from rnnquiz.files.resources import bank_path, folder, starter

if TYPE_CHECKING:
    from rnnquiz.exports.grade_row import GradeRow

SCHEMA_FILE = "bank.schema.json"  # which the first line of a new bank names


@click.command()
@AS_JSON
def banks(as_json: bool) -> None:
    """The question banks that ship.

    \b
    rnnquiz banks                                 with goal, time and level
    rnnquiz check bptt_scalar                     use one by its name
    rnnquiz new mine.yaml --like bptt_scalar      have it as a file of your own
    """
    from rnnquiz.bank.load import load_bank

    paths = sorted(folder("question_banks").glob("*.yaml"))
    rows = [(path.stem, load_bank(path).written) for path in paths]
    if as_json:
        keys = ("title", "goal", "minutes", "level")
        shown = {}
        for name, written in rows:
            shown[name] = {key: getattr(written, key) for key in keys}
        show_json(shown)
        return
    lines: list[tuple[str, ...]] = []
    for name, written in rows:
        minutes = f"{written.minutes} min" if written.minutes else ""
        lines.append((name, written.level, minutes, f"{written.title}\n{written.goal.strip()}"))
    show_columns(lines)
    click.echo(
        "\nUse one by its name:  rnnquiz solve NAME.  Have it as a file of your own:  rnnquiz new"
        " mine.yaml --like NAME"
    )


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--like",
    type=BankName(),
    default="",
    metavar="BANK",
    help="Copy this bank (a name that ships, or a file).",
)
def new(file: Path, like: str) -> None:
    """Write a question bank to begin with.

    It has comments; beside it lies the schema by which editors complete and check it.

    \b
    rnnquiz new mine.yaml                         the letters of a word, softmax, deltas
    rnnquiz new mine.yaml --like bptt_scalar      a copy of a bank that ships
    """
    from rnnquiz.bank.load import load_bank
    from rnnquiz.bank.schema import json_schema

    if file.suffix not in (".yaml", ".yml"):
        raise click.UsageError(f"a bank is a YAML file: call it {file.with_suffix('.yaml').name}")
    source = bank_path(like) if like else starter()
    # A bank that is at fault is no bank to begin with.
    load_bank(source)
    # With an id of its own: numbers are drawn by it, and two banks of one id would share them.
    written, own = source.read_text(encoding="utf-8"), f"id: {_id(file.stem)}"
    text = re.sub(r"(?m)^id:.*$", own, written, count=1)
    _write(file, text)
    schema = file.parent / SCHEMA_FILE
    # One for all banks of a folder.
    if not schema.exists():
        text = json.dumps(json_schema(), indent=1)
        _write(schema, f"{text}\n")
    click.echo(
        f"{file}: change it, then\n  rnnquiz check {file} --stress 1000\n  rnnquiz solve {file}"
    )
    click.echo("Every key is explained in  rnnquiz help bank")


def _id(stem: str) -> str:
    """An id of a bank from the name of its file."""
    word = re.sub(r"[^A-Za-z0-9._-]+", "-", stem)
    # Of a name in another script nothing is left.
    return word.strip("-._") or "exercise"


def _write(file: Path, text: str) -> None:
    """A new file; nothing is overwritten."""
    try:
        new_file(file, text.encode()).close()
    except FileExistsError:
        raise CourseError.at(
            str(file), "the file", "is there already", "give another name, or remove it"
        ) from None
    except OSError as error:
        raise CourseError.at(
            str(file), "the file", f"cannot be written: {error.strerror}", "give another place"
        ) from None


@click.command()
@click.option("--assignment", is_flag=True, help="That of an assignment.")
def schema(assignment: bool) -> None:
    """The JSON schema of a bank, for editors.

    \b
    rnnquiz schema > bank.schema.json             beside your banks; their first line names it
    """
    from rnnquiz.bank.schema import AssignmentText, BankText, json_schema

    form = AssignmentText if assignment else BankText
    show_json(json_schema(form))


@click.command()
@click.argument("name", required=False)
@AS_JSON
def models(name: str | None, as_json: bool) -> None:
    """What a bank can name: cells, losses, notations and more.

    Cells, outputs, losses, optimisers and notations; NAME shows one.

    \b
    rnnquiz models                                all of them
    rnnquiz models elman                          its equations, shapes, parameters and letters
    """
    from rnnquiz.models import catalogue, describe

    if name:
        rows = describe.found(name)
        shown = [describe.described(*row) for row in rows]
        texts = [describe.text(*row) for row in rows]
        if as_json:
            show_json(shown, letters=True)
        else:
            click.echo("\n".join(texts).rstrip())
        return
    found = {}
    for kind in catalogue.PART_KINDS:
        entries = {each: catalogue.read(kind, each) for each in catalogue.names(kind)}
        found[kind] = {each: entry["title"] for each, entry in entries.items()}
    if as_json:
        show_json(found, letters=True)
        return
    for kind, titles in found.items():
        click.echo(f"{kind}:")
        show_columns(titles.items(), indent=2)
    click.echo("\nOne of them:  rnnquiz models elman")


@click.command("demo")
@click.argument("place", metavar="[FOLDER]", type=FILE, default=Path("rnnquiz-demo"))
@click.option(
    "--engine", type=ENGINE, default="auto", show_default=True, help="What makes the PDFs."
)
@AS_JSON
def make_demo(place: Path, engine: str, as_json: bool) -> None:
    """The whole loop on a small class that is made up.

    Sheets, keys, simulated submissions, marks, feedback, report. The numbers are the same each
    time: they are those of a secret that everybody knows, and of no course of yours.

    \b
    rnnquiz demo my-demo
    """
    from rnnquiz.course.demo import demo

    # Its files would take the place of those of the same name.
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        remedy = "give another: rnnquiz demo FOLDER"
        raise CourseError.at(str(place), "the folder", "is not an empty one", remedy)
    keep_private(False, place)
    with progress_bar() as progress:
        shown = demo(place, engine_of(engine), progress)
    if as_json:
        rows = [
            {"id": row.id, "name": row.name, "kind": shown.kinds[row.id], "marks": row.marks}
            for row in shown.graded.rows
        ]
        files = {str(path): words for path, words in shown.files}
        show_json({"students": rows, "files": files})
        return
    show_columns(_demo_row(row, shown.kinds[row.id]) for row in shown.graded.rows)
    click.echo("\nLook at")
    for path, words in shown.files:
        click.echo(f"  {path}\n      {words}")
    click.echo("\nThe same with a bank and a roster of your own:  rnnquiz help tutorial")


def _demo_row(row: GradeRow, kind: str) -> tuple[str, ...]:
    marks = "-" if row.marks is None else f"{row.marks:6.2f} / {row.maximum:.2f}"
    first = row.first_wrong and f"first wrong: {row.first_wrong}"
    return row.id, row.name, kind, marks, first
