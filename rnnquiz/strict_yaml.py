"""YAML without surprises: every scalar is the text that was written, and each entry knows its line.

Anchors, aliases, tags and duplicate keys are refused (facts of YAML 1.1 such as 1e-3 being a string
and 12:30 a number cannot bite); size and depth are capped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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


def load(text: str, largest: int = LARGEST_TEXT) -> tuple[Any, dict[Path, int]]:
    """The data (dicts, lists, strings) and the line of each entry, by its path."""
    if len(text) > largest:
        raise YamlProblem(
            Problem("the file", f"is larger than {largest // 1024} kB", "hand in one sheet a file")
        )
    deep = _TOO_DEEP.search(text)
    if deep:
        line = text.count("\n", 0, deep.start()) + 1
        raise YamlProblem(Problem("the file", f"nested deeper than {_DEEPEST} levels", "", line))
    lines: dict[Path, int] = {}
    try:
        events = iter(yaml.parse(text, Loader=_Loader))
        next(events), next(events, None)
        data = _node(next(events, None), events, (), lines)
        rest = [event for event in events if not isinstance(event, _ENDS)]
    except (yaml.YAMLError, RecursionError) as error:
        raise YamlProblem(_unreadable(error)) from None
    if rest:
        remedy = "remove the lines from '---' on"
        raise YamlProblem(Problem("YAML", "more than one document", remedy, _line(rest[0])))
    return data, lines


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
    if event is None or isinstance(event, _ENDS):
        return ""
    line = _line(event)
    lines[path] = line
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        found = "anchors (&) and aliases (*) are not read"
        raise YamlProblem(Problem(_entry(path), found, "write the value out", line))
    if getattr(event, "tag", None) not in (None, "!"):
        found = f"the tag {event.tag!r} is not read"
        raise YamlProblem(Problem(_entry(path), found, "remove it", line))
    if len(path) > _DEEPEST:
        raise YamlProblem(Problem(_entry(path), f"nested deeper than {_DEEPEST} levels", "", line))
    if isinstance(event, yaml.ScalarEvent):
        return event.value
    if isinstance(event, yaml.SequenceStartEvent):
        return _sequence(events, path, lines)
    return _mapping(events, path, lines)


def _sequence(events: Iterator[Any], path: Path, lines: dict[Path, int]) -> list[Any]:
    items: list[Any] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        items.append(_node(event, events, (*path, len(items)), lines))
    return items


def _mapping(events: Iterator[Any], path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        if not isinstance(event, yaml.ScalarEvent):
            raise YamlProblem(Problem(_entry(path), "a key must be plain text", "", _line(event)))
        if event.value in mapping:
            raise YamlProblem(
                Problem(_entry((*path, event.value)), "stands twice", "keep one", _line(event))
            )
        key = str(event.value)
        line = _line(event)
        mapping[key] = _node(next(events), events, (*path, key), lines)
        lines[(*path, key)] = line
    return mapping


def _entry(path: Path) -> str:
    return ".".join(map(str, path)) or "the file"
