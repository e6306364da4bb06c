"""Greek letters in a bank: α among the names of a network is alpha everywhere in the program."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from rnnquiz import strict_yaml
from rnnquiz.algebra.symbols import spelled
from rnnquiz.errors import Problem

NAMED = (  # where names of quantities stand
    ("givens",), ("ask",), ("model", "parameters"), ("model", "gradients"), ("model", "shapes"),
    ("model", "inputs"), ("model", "targets"), ("model", "roles"),
)  # fmt: skip

Lines = dict[strict_yaml.Path, int]


def spell(data: dict[str, Any], lines: Lines, problems: list[Problem]) -> tuple[dict[str, Any], Lines]:
    """The bank's data, and the line of each entry, with names spelled in Latin letters."""

    def word(text: Any, path: strict_yaml.Path) -> Any:
        try:
            return spelled(text) if isinstance(text, str) else text
        except ValueError as error:
            where = ".".join(map(str, path))
            problems.append(Problem(where, str(error), "write the name in Latin letters", lines.get(path)))
            return text

    for path in NAMED:
        data = _changed(data, path, partial(word, path=path))
    found = len(problems)
    named = {tuple(word(part, place) for part in place) if _is_named(place) else place: n for place, n in lines.items()}
    del problems[found:]
    return data, named


def _is_named(place: strict_yaml.Path) -> bool:
    return any(place[: len(path)] == path for path in NAMED)


def _changed(data: Any, path: tuple[str, ...], word: Callable[[Any], Any]) -> Any:
    """The data with the names at the end of the path spelled: items of a list, keys of a mapping (values of roles, too)."""
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
