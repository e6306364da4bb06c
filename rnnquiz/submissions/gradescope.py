"""Whose the files of a Gradescope download are: it numbers submissions, and says in one file of
metadata who made each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from rnnquiz import strict_yaml
from rnnquiz.encodings import decode
from rnnquiz.identity import AsId, AsName
from rnnquiz.submissions.origins import Origin

YML, JSON = "submission_metadata.yml", "submission_metadata.json"
LARGEST = 64 * 2**20
_KEYS: dict[str, Callable[[str], str]] = {"sid": AsId, "email": AsId, "name": AsName}
"""What says who it is; the key `id` is a number of Gradescope's own, which may be another's id."""


def owners_of(path: str, data: bytes) -> dict[str, tuple[Origin, ...]]:
    """The owners (several in a group) by the folder of their submission, from a file of metadata;
    empty where it is none.
    """
    name, folder = PurePosixPath(path).name, str(PurePosixPath(path).parent)
    if name == YML:
        try:
            content, _ = strict_yaml.load(decode(data)[0], LARGEST)
        except strict_yaml.YamlProblem:
            return {}
        entries = content.items() if isinstance(content, dict) else ()
        return {
            str(PurePosixPath(folder) / key): _people(entry)
            for key, entry in entries
            if isinstance(entry, dict)
        }
    if name == JSON:
        try:
            content = json.loads(decode(data)[0])
        except (ValueError, RecursionError):
            return {}
        if isinstance(content, dict) and isinstance(content.get("users"), list):
            time = str(content.get("created_at", ""))
            return {str(PurePosixPath(folder) / "submission"): _origins(content["users"], time)}
    return {}


def _people(entry: dict[str, Any]) -> tuple[Origin, ...]:
    plain = {key.lstrip(":"): value for key, value in entry.items()}
    people = plain.get("submitters")
    return _origins(people if isinstance(people, list) else [], str(plain.get("created_at", "")))


def _origins(people: Iterable[Any], time: str) -> tuple[Origin, ...]:
    rows = [
        {str(key).lstrip(":"): value for key, value in person.items()}
        for person in people
        if isinstance(person, dict)
    ]
    known = map(words_of, rows)
    return tuple(Origin(words, _text(time)) for words in known if words)


def words_of(person: Mapping[str, Any]) -> tuple[str, ...]:
    """The words of Gradescope for a student, best first."""
    return tuple(kind(_text(person[key])) for key, kind in _KEYS.items() if person.get(key))


def _text(value: Any) -> str:
    """The value as text that can be written down again: JSON can hold halves of characters."""
    return str(value).encode("utf-8", "replace").decode()
