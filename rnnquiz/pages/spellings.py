"""The table of spellings: how people write signs, functions and letters, read once from its data
file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rnnquiz.algebra.symbols import GREEK
from rnnquiz.files import strict_yaml


@dataclass(frozen=True)
class Spellings:
    """What commands, characters and words mean. `signs` and `functions` map a spelling to its
    meaning."""

    signs: dict[str, str]
    functions: dict[str, str]
    words: dict[str, str]
    greek: dict[str, str]
    accents: dict[str, str]
    dropped: frozenset[str]
    unwrapped: frozenset[str]
    labelled: frozenset[str]
    coloured: frozenset[str]
    texts: frozenset[str]
    silent: frozenset[str]
    romans: frozenset[str]
    environments: frozenset[str]
    matrices: frozenset[str]
    raised: dict[str, str]
    lowered: dict[str, str]
    scan: dict[str, tuple[str, ...]]
    roles: dict[str, tuple[str, ...]]
    networks: dict[str, tuple[str, ...]]
    problems: frozenset[str]
    labels: dict[str, tuple[str, ...]]
    ordinals: dict[str, int]
    joints: tuple[str, ...]
    components: tuple[str, ...]
    losses: tuple[str, ...]
    values: tuple[str, ...]
    ones: frozenset[str]


def _turned(table: dict[str, Any]) -> dict[str, str]:
    """Each spelling with its meaning; a meaning is a spelling of itself."""
    found = {meaning: meaning for meaning in table}
    for meaning, row in table.items():
        for spelling in row:
            found[str(spelling)] = meaning
    return found


def _rows(table: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(row) for name, row in table.items()}


def _set(row: Iterable[object]) -> frozenset[str]:
    return frozenset(map(str, row))


def _counted(table: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Each word with the number that its row is for."""
    found: dict[str, int] = {}
    for number, row in table.items():
        for word in row:
            found[word] = int(number)
    return found


# How each row of the data file is read.
_READ_AS: dict[str, Callable[[Any], Any]] = {
    "signs": _turned, "functions": _turned, "words": _turned,
    "accents": dict, "raised": dict, "lowered": dict,
    "scan": _rows, "roles": _rows, "networks": _rows, "labels": _rows,
    "ones": _set, "joints": tuple, "components": tuple, "losses": tuple, "values": tuple,
    "dropped": _set, "unwrapped": _set, "labelled": _set, "coloured": _set, "texts": _set,
    "silent": _set, "romans": _set, "environments": _set, "matrices": _set, "problems": _set,
    "ordinals": _counted,
}  # fmt: skip


@cache
def spellings() -> Spellings:
    """The table of spellings, read once."""
    table = files("rnnquiz") / "pages" / "spellings.yaml"
    text = table.read_text(encoding="utf-8")
    data, _ = strict_yaml.load(text)
    assert isinstance(data, dict)
    read = {name: of(data[name]) for name, of in _READ_AS.items()}
    greek = dict(_greek())
    return Spellings(greek=greek, **read)


def _greek() -> Iterator[tuple[str, str]]:
    """Greek letters, as commands and as characters, with their names."""
    for word, letter in GREEK.items():
        yield f"\\{word}", word
        yield letter, word
        yield f"\\var{word}", word
    # Unicode has a second epsilon, which keyboards and editors offer for \epsilon.
    yield "ϵ", "epsilon"
