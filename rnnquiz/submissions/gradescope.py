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
LARGEST_METADATA = 64 * 2**20  # bytes: a class of thousands, each entry with its results
_KEYS: dict[str, Callable[[str], str]] = {"sid": AsId, "email": AsId, "name": AsName}
"""What says who it is; the key `id` is a number of Gradescope's own, which may be another's id."""


def owners_of(path: str, data: bytes) -> dict[str, tuple[Origin, ...]]:
    """The owners (several in a group) by the folder of their submission, from a file of metadata;
    empty where it is none.
    """
    path_ = PurePosixPath(path)
    read = {YML: _of_class, JSON: _of_one}.get(path_.name)
    if read is None:
        return {}
    owners = read(decode(data)[0])
    return {str(path_.parent / folder): people for folder, people in owners.items()}


def _of_class(text: str) -> dict[str, tuple[Origin, ...]]:
    """The owners of each submission of an assignment."""
    try:
        content, _ = strict_yaml.load(text, LARGEST_METADATA)
    except strict_yaml.YamlProblem:
        return {}
    if not isinstance(content, dict):
        return {}
    return {key: _people(entry) for key, entry in content.items() if isinstance(entry, dict)}


def _of_one(text: str) -> dict[str, tuple[Origin, ...]]:
    """The owners of the one submission that an autograder gets."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(content, dict) or not isinstance(content.get("users"), list):
        return {}
    return {"submission": _origins(content["users"], str(content.get("created_at", "")))}


def _people(entry: dict[str, Any]) -> tuple[Origin, ...]:
    plain = _plain(entry)
    people = plain.get("submitters")
    if not isinstance(people, list):
        return ()
    return _origins(people, str(plain.get("created_at", "")))


def _origins(people: Iterable[Any], time: str) -> tuple[Origin, ...]:
    rows = (_plain(person) for person in people if isinstance(person, dict))
    known = filter(None, map(words_of, rows))
    return tuple(Origin(words, _text(time)) for words in known)


def _plain(entry: Mapping[Any, Any]) -> dict[str, Any]:
    """The keys without the colon that Ruby writes before them."""
    return {str(key).lstrip(":"): value for key, value in entry.items()}


def words_of(person: Mapping[str, Any]) -> tuple[str, ...]:
    """The words of Gradescope for a student, best first."""
    return tuple(kind(_text(person[key])) for key, kind in _KEYS.items() if person.get(key))


def _text(value: Any) -> str:
    """The value as text that can be written down again: JSON can hold halves of characters."""
    return str(value).encode("utf-8", "replace").decode()
