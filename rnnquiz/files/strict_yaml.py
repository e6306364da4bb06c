"""YAML without surprises: every scalar is the text that was written, and each entry knows its line.

Anchors, aliases, tags and duplicate keys are refused (facts of YAML 1.1 such as 1e-3 being a string
and 12:30 a number cannot bite); size and depth are capped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import filterfalse
from typing import Any

import yaml

from rnnquiz.errors import Problem

LARGEST_TEXT = 256 * 1024  # characters: the longest bank that ships has two thousand
_DEEPEST = 8  # a bank nests four levels, and a submission two
# Before anything is parsed: the parser takes a call of Python's for each level.
_TOO_DEEP = re.compile(rf"[\[{{](?:\s*[\[{{]){{{_DEEPEST}}}|(?:- ){{{_DEEPEST}}}")

Path = tuple[str | int, ...]
_ENDS = (yaml.DocumentEndEvent, yaml.StreamEndEvent)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlProblem(ValueError):
    """A text that is not the YAML we read; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Null(str):
    """A text that YAML reads as nothing: empty, null or ~, without quotes."""


_NULLS = ("", "~", "null", "Null", "NULL")  # those of the core schema of YAML 1.2


def load_keys(text: str) -> tuple[Any, dict[Path, int]]:
    """As `load`, for a file of keys that somebody sets: a key with nothing behind it is as if it
    were absent, but has its line."""
    data, lines = load(text, remedy="give a bank alone: the longest that ships has 2 kB")
    return _said(data), lines


def _said(data: Any) -> Any:
    """The data without the keys of which nothing is said; texts are plain ones."""
    if isinstance(data, dict):
        found: dict[str, Any] = {}
        for key, value in data.items():
            if not isinstance(value, Null):
                found[key] = _said(value)
        return found
    if isinstance(data, list):
        return list(map(_said, data))
    return str(data)


def load(
    text: str, largest: int = LARGEST_TEXT, remedy: str = "hand in one sheet a file"
) -> tuple[Any, dict[Path, int]]:
    """The data (dicts, lists, strings) and the line of each entry, by its path. `largest`: how many
    characters are read, and what to do where there are more."""
    if len(text) > largest:
        found = f"is larger than {largest // 1024} kB"
        raise YamlProblem(Problem("the file", found, remedy))
    deep = _TOO_DEEP.search(text)
    if deep:
        before = text.count("\n", 0, deep.start())
        raise _too_deep("the file", before + 1)
    lines: dict[Path, int] = {}
    try:
        events = iter(yaml.parse(text, Loader=_Loader))
        # The stream begins, then its document. An empty text has none.
        next(events), next(events, None)
        root = next(events, None)
        data = _node(root, events, (), lines)
        # To the end, which may hold what is no YAML.
        rest = list(filterfalse(_is_end, events))
    except (yaml.YAMLError, RecursionError) as error:
        raise YamlProblem(_unreadable(error)) from None
    if rest:
        remedy, line = "remove the lines from '---' on", _line(rest[0])
        raise YamlProblem(Problem("YAML", "more than one document", remedy, line))
    return data, lines


def _too_deep(where: str, line: int) -> YamlProblem:
    found, remedy = f"nested deeper than {_DEEPEST} levels", "write fewer brackets and dashes"
    return YamlProblem(Problem(where, found, remedy, line))


def _is_end(event: Any) -> bool:
    return isinstance(event, _ENDS)


def _unreadable(error: Exception) -> Problem:
    """What the parser says, in its own words."""
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or getattr(error, "reason", None)
    remedy = "check indentation and quotes (in a list a name with brackets is quoted)"
    line = mark.line + 1 if mark else None
    return Problem("YAML", str(said or "not readable as YAML"), remedy, line)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _node(event: Any, events: Iterator[Any], path: Path, lines: dict[Path, int]) -> Any:
    # The text is empty, or has comments alone.
    if event is None or isinstance(event, _ENDS):
        return ""
    line = _line(event)
    lines[path] = line
    # Aliases of aliases make megabytes of a text of 271 bytes.
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        found = "anchors (&) and aliases (*) are not read"
        raise _refused(path, found, "write the value out", line)
    # A ! alone says that a scalar is text, which all are here.
    if getattr(event, "tag", None) not in (None, "!"):
        raise _refused(path, f"the tag {event.tag!r} is not read", "remove it", line)
    if len(path) > _DEEPEST:
        raise _too_deep(_entry(path), line)
    if isinstance(event, yaml.ScalarEvent):
        return _text(event)
    if isinstance(event, yaml.SequenceStartEvent):
        return _sequence(events, path, lines)
    return _mapping(events, path, lines)


def _text(event: Any) -> str:
    plain, _ = event.implicit  # false in quotes
    if plain and event.value in _NULLS:
        return Null(event.value)
    return str(event.value)


def _refused(path: Path, found: str, remedy: str, line: int) -> YamlProblem:
    return YamlProblem(Problem(_entry(path), found, remedy, line))


def _sequence(events: Iterator[Any], path: Path, lines: dict[Path, int]) -> list[Any]:
    items: list[Any] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        items.append(_node(event, events, (*path, len(items)), lines))
    return items


def _mapping(events: Iterator[Any], path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        line = _line(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise _refused(path, "a key must be plain text", "write it in quotes", line)
        key = str(event.value)
        inside = (*path, key)
        # YAML would take the last of them without a word.
        if key in mapping:
            raise _refused(inside, "stands twice", "keep one", line)
        mapping[key] = _node(next(events), events, inside, lines)
        # A long value begins lines below its key, which is where to look.
        lines[inside] = line
    return mapping


def _entry(path: Path) -> str:
    return ".".join(map(str, path)) or "the file"
