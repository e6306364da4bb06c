"""Names in a bank, spelled as the program has them: α is alpha, and a letter of the notation that
of the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnquiz import strict_yaml
from rnnquiz.algebra.symbols import spelled
from rnnquiz.errors import Problem

NAMED = (  # where names of quantities stand
    ("givens",), ("ask",), ("model", "parameters"), ("model", "gradients"), ("model", "shapes"),
    ("model", "inputs"), ("model", "targets"), ("model", "roles"),
)  # fmt: skip

Lines = dict[strict_yaml.Path, int]
Word = Callable[[str, strict_yaml.Path], str]
"""Another word for a name, given also where it stands."""


def spell(
    data: dict[str, Any], lines: Lines, problems: list[Problem]
) -> tuple[dict[str, Any], Lines]:
    """The bank's data, and the line of each entry, with names in Latin letters."""

    def word(text: str, path: strict_yaml.Path) -> str:
        try:
            return spelled(text)
        except ValueError as error:
            where = ".".join(map(str, path))
            problems.append(
                Problem(where, str(error), "write the name in Latin letters", lines.get(path))
            )
            return text

    data = renamed(data, word)
    found = len(problems)
    places = renamed_places(lines, word)
    del problems[found:]  # each is there already
    return data, places


def renamed(data: dict[str, Any], word: Word) -> dict[str, Any]:
    """The data with another word for each name of a quantity."""

    def at(path: strict_yaml.Path) -> Callable[[Any], Any]:
        return lambda text: word(text, path) if isinstance(text, str) else text

    for path in NAMED:
        data = _changed(data, path, at(path))
    return data


def renamed_places(lines: Lines, word: Word) -> Lines:
    """The line of each entry, by the same other words."""
    return {
        (
            tuple(word(part, place) if isinstance(part, str) else part for part in place)
            if _is_named(place)
            else place
        ): line
        for place, line in lines.items()
    }


def _is_named(place: strict_yaml.Path) -> bool:
    return any(place[: len(path)] == path for path in NAMED)


def _changed(data: Any, path: tuple[str, ...], word: Callable[[Any], Any]) -> Any:
    """The data with the names at the end of the path spelled: items of a list, keys of a mapping
    (values of roles, too)."""
    if not isinstance(data, dict) or path[0] not in data:
        return data
    inner = data[path[0]]
    if len(path) > 1:
        return {**data, path[0]: _changed(inner, path[1:], word)}
    if isinstance(inner, list):
        return {**data, path[0]: [word(item) for item in inner]}
    if isinstance(inner, dict):
        roles = path[0] == "roles"
        changed = {word(key): word(value) if roles else value for key, value in inner.items()}
        return {**data, path[0]: changed if len(changed) == len(inner) else inner}
    return data
