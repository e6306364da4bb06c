"""Whose the files of a Gradescope download are: it numbers submissions, and says in one file of
metadata who made each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from rnnquiz.files import strict_yaml
from rnnquiz.files.encodings import decode
from rnnquiz.people.identity import AsId, AsName
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
    text, *_ = decode(data)
    found: dict[str, tuple[Origin, ...]] = {}
    for folder, people in read(text).items():
        beside = path_.parent / folder  # the submissions lie beside the file of metadata
        found[str(beside)] = people
    return found


def _of_class(text: str) -> dict[str, tuple[Origin, ...]]:
    """The owners of each submission of an assignment."""
    try:
        content, _ = strict_yaml.load(text, LARGEST_METADATA)
    except strict_yaml.YamlProblem:
        return {}
    if not isinstance(content, dict):
        return {}
    found = {}
    for key, entry in content.items():
        if isinstance(entry, dict):
            found[key] = _people(entry)
    return found


def _of_one(text: str) -> dict[str, tuple[Origin, ...]]:
    """The owners of the one submission that an autograder gets."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {}
    users, time = content.get("users"), content.get("created_at", "")
    if not isinstance(users, list):
        return {}
    return {"submission": _origins(users, time)}


def _people(entry: dict[str, Any]) -> tuple[Origin, ...]:
    plain = _plain(entry)
    people, time = plain.get("submitters"), plain.get("created_at", "")
    if not isinstance(people, list):
        return ()
    return _origins(people, time)


def _origins(people: Iterable[Any], time: Any) -> tuple[Origin, ...]:
    """The people who have a word that says who they are, and when they handed in."""
    rows = map(_plain, filter(_is_mapping, people))
    known = filter(None, map(words_of, rows))
    shown = _text(time)
    return tuple(Origin(words, shown) for words in known)


def _is_mapping(person: Any) -> bool:
    return isinstance(person, dict)


def _plain(entry: Mapping[Any, Any]) -> dict[str, Any]:
    """The keys without the colon that Ruby writes before them."""
    keys = [str(key).lstrip(":") for key in entry]
    return dict(zip(keys, entry.values(), strict=True))


def words_of(person: Mapping[str, Any]) -> tuple[str, ...]:
    """The words of Gradescope for a student, best first."""
    found = []
    for key, kind in _KEYS.items():
        if value := person.get(key):
            word = _text(value)
            found.append(kind(word))
    return tuple(found)


def _text(value: Any) -> str:
    """The value as text that can be written down again: JSON can hold halves of characters."""
    raw = str(value).encode("utf-8", "replace")
    return raw.decode()
