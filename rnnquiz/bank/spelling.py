"""Names in a bank, spelled as the program has them: α is alpha, and a letter of the notation that
of the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnquiz.algebra.symbols import in_latin
from rnnquiz.errors import Problem
from rnnquiz.files import strict_yaml
from rnnquiz.problems import Lines, dotted

NAMED = (  # where names of quantities stand
    ("givens",), ("ask",), ("model", "parameters"), ("model", "gradients"), ("model", "shapes"),
    ("model", "inputs"), ("model", "targets"), ("model", "roles"),
)  # fmt: skip

_Word = Callable[[str, strict_yaml.Path], str]
"""Another word for a name, given also where it stands."""


def spell(
    data: dict[str, Any], lines: Lines, problems: list[Problem]
) -> tuple[dict[str, Any], Lines]:
    """The bank's data, and the line of each entry, with names in Latin letters."""

    def word(text: str, path: strict_yaml.Path) -> str:
        try:
            return in_latin(text)
        except ValueError as error:
            remedy = "write the name in Latin letters"
            line = lines.get(path)
            problem = Problem(dotted(path), str(error), remedy, line)
            problems.append(problem)
            return text

    data = renamed(data, word)
    found = len(problems)
    places = renamed_places(lines, word)
    del problems[found:]  # each is there already
    return data, places


def renamed(data: dict[str, Any], word: _Word) -> dict[str, Any]:
    """The data with another word for each name of a quantity."""

    def at(path: strict_yaml.Path) -> Callable[[Any], Any]:
        def renamed_here(text: Any) -> Any:
            return word(text, path) if isinstance(text, str) else text

        return renamed_here

    for path in NAMED:
        data = _changed(data, path, at(path))
    return data


def renamed_places(lines: Lines, word: _Word) -> Lines:
    """The line of each entry, by the same other words."""
    return {_place(place, word): line for place, line in lines.items()}


def _place(place: strict_yaml.Path, word: _Word) -> strict_yaml.Path:
    """A place by the other words, where names lead to it."""
    if not _is_named(place):
        return place
    parts: list[Any] = []
    for part in place:
        # The number of an entry in a list stays.
        shown = word(part, place) if isinstance(part, str) else part
        parts.append(shown)
    return tuple(parts)


def _is_named(place: strict_yaml.Path) -> bool:
    return any(place[: len(path)] == path for path in NAMED)


def _changed(data: Any, path: tuple[str, ...], word: Callable[[Any], Any]) -> Any:
    """The data with the names at the end of the path spelled: items of a list, keys of a mapping
    (values of roles, too)."""
    if not isinstance(data, dict) or path[0] not in data:
        return data
    first, *rest = path
    inner = data[first]
    if rest:
        return {**data, first: _changed(inner, tuple(rest), word)}
    if isinstance(inner, list):
        return {**data, first: list(map(word, inner))}
    if isinstance(inner, dict):
        of_values = word if first == "roles" else _same
        changed = {word(key): of_values(value) for key, value in inner.items()}
        if len(changed) == len(inner):  # else two keys are the same name, which is said elsewhere
            return {**data, first: changed}
    return data


def _same(value: Any) -> Any:
    return value
