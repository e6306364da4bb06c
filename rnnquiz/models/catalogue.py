"""The catalogue of cells, losses and optimisers: one YAML file each, read and checked on use."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from rnnquiz import strict_yaml
from rnnquiz.errors import BankError, Problem

KINDS = ("cells", "losses", "optimisers")


@dataclass(frozen=True)
class Cell:
    """Equations of a network; `shapes` gives each given letter its sizes by name (input, hidden, output)."""

    title: str
    equations: str
    shapes: dict[str, list[str]]
    parameters: list[str]
    inputs: list[str]
    targets: list[str]
    goal: str = ""


@dataclass(frozen=True)
class Loss:
    """Equations for the loss of a step and for L."""

    title: str
    equations: str


@dataclass(frozen=True)
class Optimiser:
    """The new value of a parameter p from its gradient g and constants."""

    title: str
    update: str
    constants: list[str] = field(default_factory=list)


def names(kind: str) -> list[str]:
    """What the catalogue has of a kind."""
    folder = files("rnnquiz") / "models" / kind
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml"))


def read(kind: str, name: str) -> dict[str, Any]:
    """One entry as data; BankError naming what there is where there is no such entry."""
    known = names(kind)
    if name not in known:
        raise BankError(f"catalogue of {kind}", Problem(name, "is not in the catalogue", f"known are {', '.join(known)}"))
    text = (files("rnnquiz") / "models" / kind / f"{name}.yaml").read_text(encoding="utf-8")
    data, _ = strict_yaml.load(text)
    assert isinstance(data, dict)
    return data


def cell(name: str) -> Cell:
    return Cell(**read("cells", name))


def loss(name: str) -> Loss:
    return Loss(**read("losses", name))


def optimiser(name: str) -> Optimiser:
    return Optimiser(**read("optimisers", name))
