"""Mistakes as data: which formulas a mistake turns into which. One row of a table for each mistake,
nothing per network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rnnquiz import strict_yaml
from rnnquiz.algebra.expression import Expression


@dataclass(frozen=True)
class Misconception:
    """A mistake: its name, a sentence for the student, the quantities it can strike, the rewrites
    that it is."""

    id: str
    name: str
    says: str
    where: tuple[str, ...]
    rewrite: tuple[str, ...]


@dataclass(frozen=True)
class Mistaken:
    """The formula of one quantity as somebody with the misconception would compute it."""

    rule: Misconception
    quantity: str
    formula: Expression


@cache
def catalogue() -> tuple[Misconception, ...]:
    """The registered misconceptions, frequent ones first."""
    table = files("rnnquiz") / "models" / "misconceptions.yaml"
    data, _ = strict_yaml.load(table.read_text(encoding="utf-8"))
    return tuple(map(_registered, data))


def _registered(row: dict[str, Any]) -> Misconception:
    where, rewrite = tuple(row["where"]), tuple(row["rewrite"])
    return Misconception(row["id"], row["name"], row["says"], where, rewrite)
