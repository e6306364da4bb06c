"""The table of spellings: how people write signs, functions and letters, read once from its data
file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rnnquiz import strict_yaml
from rnnquiz.algebra.symbols import GREEK


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
    romans: frozenset[str]
    environments: frozenset[str]
    matrices: frozenset[str]
    raised: dict[str, str]
    lowered: dict[str, str]
    scan: dict[str, tuple[str, ...]]
    roles: dict[str, tuple[str, ...]]
    networks: dict[str, tuple[str, ...]]
    problems: frozenset[str]


def _turned(table: dict[str, Any]) -> dict[str, str]:
    """Each spelling with its meaning; a meaning is a spelling of itself."""
    found = {meaning: meaning for meaning in table}
    found.update({str(spelling): meaning for meaning, row in table.items() for spelling in row})
    return found


@cache
def spellings() -> Spellings:
    text = (files("rnnquiz") / "pages" / "spellings.yaml").read_text(encoding="utf-8")
    data, _ = strict_yaml.load(text)
    assert isinstance(data, dict)
    greek = {f"\\{word}": word for word in GREEK} | {letter: word for word, letter in GREEK.items()}
    greek |= {f"\\var{word}": word for word in GREEK} | {"ϵ": "epsilon"}
    signs = _turned(data["signs"])
    functions = _turned(data["functions"])
    sets = (
        "dropped",
        "unwrapped",
        "labelled",
        "coloured",
        "texts",
        "romans",
        "environments",
        "matrices",
        "problems",
    )
    return Spellings(
        signs=signs,
        functions=functions,
        words=_turned(data["words"]),
        greek=greek,
        accents=dict(data["accents"]),
        raised=dict(data["raised"]),
        lowered=dict(data["lowered"]),
        scan={letter: tuple(row) for letter, row in data["scan"].items()},
        roles={letter: tuple(row) for letter, row in data["roles"].items()},
        networks={name: tuple(row) for name, row in data["networks"].items()},
        **{name: frozenset(map(str, data[name])) for name in sets},
    )
