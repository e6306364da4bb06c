"""The command `help`: the manual on the terminal or as a page, and its chapters that are made from
the program."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import filterfalse
from pathlib import Path
from typing import Any

import click

from rnnquiz.commands.columns import show_columns
from rnnquiz.commands.frame import FILE
from rnnquiz.errors import CourseError

# As the commands have them, or the chapter would show another help than the terminal.
HELP_OPTIONS = ("-h", "--help")
COLUMNS_OF_HELP = 100  # of the help of commands, where it is shown in the manual
MADE = "This chapter is made from the program: `rnnquiz help --write rnnquiz/manual`."


@click.command("help")
@click.argument("topic", required=False)
@click.option(
    "--html",
    type=FILE,
    metavar="FILE",
    help="Write the whole manual as one page, to read in a browser.",
)
@click.option(
    "--write",
    type=FILE,
    metavar="FOLDER",
    help="Write the chapters and pictures that are made, for who changes the program.",
)
@click.pass_context
def help_(ctx: click.Context, topic: str | None, html: Path | None, write: Path | None) -> None:
    """The manual: its chapters, one of them, or a command.

    TOPIC is a chapter or a command; without one, the chapters are listed.

    \b
    rnnquiz help tutorial
    rnnquiz help --html manual.html
    """
    from rnnquiz import handbook

    group = ctx.find_root().command
    assert isinstance(group, click.Group)
    if write is not None:
        _write(write, group)
    elif html is not None:
        try:
            html.write_text(handbook.manual_page(), encoding="utf-8")
        except OSError as error:
            raise CourseError.at(
                str(html), "--html", f"cannot be written: {error.strerror}", "give another file"
            ) from None
        click.echo(f"the manual is in {html}")
    elif topic is None:
        show_columns((each.name, each.about) for each in handbook.chapters())
        click.echo(
            "\nrnnquiz help TOPIC shows a chapter, rnnquiz help --html FILE all of them on a page,"
            " rnnquiz COMMAND --help a command"
        )
    # models is a command and a chapter: the chapter says more.
    elif topic in group.commands and topic not in {each.name for each in handbook.chapters()}:
        click.echo(_help_of(group.commands[topic], "rnnquiz"))
    else:
        _show(handbook.chapter(topic).text)


def _show(text: str) -> None:
    """Laid out on a terminal; as it was written where something else reads it."""
    if not sys.stdout.isatty():
        click.echo(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    # A longer line is hard to read, however wide the terminal is.
    width = min(100, Console().width)
    Console(width=width).print(Markdown(text))


def _help_of(command: click.Command, name: str) -> str:
    """The help of a command, in lines of the same length everywhere."""
    shown = f"{name} {command.name}"
    context = click.Context(
        command,
        info_name=shown,
        terminal_width=COLUMNS_OF_HELP,
        help_option_names=list(HELP_OPTIONS),
    )
    return command.get_help(context)


def made(group: click.Group) -> dict[str, str]:
    """The text of each chapter that is made from the program."""
    return {"bank": bank_chapter(), "models": models_chapter(), "commands": commands_chapter(group)}


def _write(folder: Path, group: click.Group) -> None:
    from rnnquiz.course.pictures import pictures

    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    for name, text in made(group).items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    for name, picture in pictures().items():
        (folder / "pictures" / f"{name}.png").write_bytes(picture)
    click.echo(f"written to {folder}: {', '.join(made(group))}, pictures")


def commands_chapter(group: click.Group) -> str:
    """Every command with its arguments, options and examples."""
    out = ["# Commands", "", "Every command, as `rnnquiz COMMAND --help` shows it.", "", MADE, ""]
    for name, command in group.commands.items():
        out += [f"## {name}", "", "```", _help_of(command, "rnnquiz"), "```", ""]
    return "\n".join(out)


def models_chapter() -> str:
    """Every entry of the catalogue."""
    from rnnquiz.models import catalogue, describe

    about = (
        "Every cell, output, loss, optimiser and notation that a bank can name: equations, shapes,"
        " letters."
    )
    out = ["# Models", "", about, "", MADE, ""]
    for kind in catalogue.PART_KINDS:
        out += [f"## {kind.capitalize()}", ""]
        out += [describe.text(kind, name) for name in catalogue.names(kind)]
    return _chapter(out)


def _chapter(lines: Iterable[str]) -> str:
    text = "\n".join(lines).rstrip()
    return f"{text}\n"


def bank_chapter() -> str:
    """Every key of a bank, and of an assignment."""
    from rnnquiz.bank.schema import AssignmentText, BankText

    about = "Every key of a question bank: type, default, meaning, an example."
    start = (
        "`rnnquiz new FILE` writes a bank with comments; `rnnquiz check FILE --stress 1000` says"
        " whether it is sound and what would help. Editors that know YAML schemas complete the"
        " keys: the first line of the bank names the schema, `rnnquiz schema > bank.schema.json`"
        " writes it. Keys without a default have to be given. A key with nothing behind it, or with"
        ' null or ~, is as if it were not there; the word itself is written in quotes: "null".'
    )
    head = ["# The question bank", "", about, "", MADE, "", start, ""]
    return _chapter([*head, *_keys(BankText, ""), *_keys(AssignmentText, "assignment")])


def _keys(model: Any, path: str) -> Iterator[str]:
    """The keys at one place, then those inside of them."""
    inside = []
    if path:
        yield f"## {path}"
        yield ""
        about = model.__doc__ or ""
        yield " ".join(about.split())
        yield ""
    for name, field in model.model_fields.items():
        key = field.alias or name
        default = "" if field.is_required() else f"; default `{_default(field.default)}`"
        yield (
            f"**`{key}`** ({_type(field.annotation)}{_bounds(field)}{default}). {field.description}"
        )
        yield ""
        if field.examples:
            # An example of several lines begins below its key.
            yield from ("```yaml", f"{key}: {field.examples[0]}".replace(": \n", ":\n"), "```", "")
        for candidate in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if hasattr(candidate, "model_fields"):
                inside.append((candidate, key))
    for candidate, key in inside:
        if not path or key not in path:
            yield from _keys(candidate, key)


def _default(value: Any) -> str:
    if hasattr(value, "model_dump"):
        rows = value.model_dump(exclude_defaults=True, by_alias=True)
        inside = [f"{key}: {_default(one)}" for key, one in rows.items()]
        return f"{{{', '.join(inside)}}}"
    # In the words of YAML, not of Python.
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    if value == {}:
        return "{}"
    return str(value) or "empty"


_TYPES = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "Any": "a given",
}


def _type(annotation: Any) -> str:
    """A type in words."""
    args: tuple[Any, ...] = getattr(annotation, "__args__", ())
    # Annotated: its bounds are told by themselves.
    if getattr(annotation, "__metadata__", None):
        return _type(annotation.__origin__)
    origin = getattr(annotation, "__origin__", None)
    if origin is list:
        return f"list of {_type(args[0])}"
    if origin is dict:
        return f"mapping of {_type(args[0])} to {_type(args[1])}"
    if args and all(isinstance(arg, str) for arg in args):
        # An empty word stands for a key that is not given.
        words = map("`{}`".format, filter(None, args))
        return f"one of {', '.join(words)}"
    if args:
        kinds = map(_type, filterfalse(_is_nothing, args))
        return " or ".join(kinds)
    if hasattr(annotation, "model_fields"):
        return "keys below"
    text = str(annotation)
    name = getattr(annotation, "__name__", text)
    return _TYPES.get(name, text)


def _is_nothing(annotation: Any) -> bool:
    return annotation is type(None)


def _bounds(field: Any) -> str:
    # A bound of a number has one of these names in pydantic.
    words = {"ge": "from", "gt": "above", "le": "to", "lt": "below"}
    found = []
    for item in field.metadata:
        for key, word in words.items():
            limit = getattr(item, key, None)
            if limit is not None:
                found.append(f"{word} {limit:g}")
    return f" {' '.join(found)}" if found else ""
