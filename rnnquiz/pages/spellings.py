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
    rows: dict[str, Any] = {
        **{name: dict(data[name]) for name in ("accents", "raised", "lowered")},
        **{name: _rows(data[name]) for name in ("scan", "roles", "networks", "labels")},
        **{name: tuple(data[name]) for name in ("joints", "components", "losses", "values")},
        **{name: frozenset(map(str, data[name])) for name in _SETS},
    }
    return Spellings(
        signs=_turned(data["signs"]),
        functions=_turned(data["functions"]),
        words=_turned(data["words"]),
        greek=greek,
        ordinals={word: int(k) for k, row in data["ordinals"].items() for word in row},
        **rows,
    )


_SETS = ("dropped", "unwrapped", "labelled", "coloured", "texts", "silent", "romans",
         "environments", "matrices", "problems")  # fmt: skip


def _rows(table: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(row) for name, row in table.items()}
