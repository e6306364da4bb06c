"""The catalogue of cells, outputs, losses, optimisers and notations: one YAML file each, read and
checked on use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from rnnquiz.algebra.functions import FUNCTIONS
from rnnquiz.algebra.notation import Notation
from rnnquiz.errors import BankError
from rnnquiz.files import strict_yaml
from rnnquiz.text import nearest

# Of the catalogue, by the part they play.
_LETTERS = ("x", "y", "yhat", "h", "a", "W", "U", "V", "b", "c", "s")
PART_KINDS = ("cells", "outputs", "losses", "optimisers", "notations")
ACTIVATIONS = (*(name for name, row in FUNCTIONS.items() if row.activation), "identity")


@dataclass(frozen=True)
class Cell:
    """Equations of a network; `shapes` gives each given letter its sizes by name (input, hidden,
    output).

    act(...) in the equations is the activation, which a bank may choose. `roles` maps letters of
    its own to those letters of the catalogue that play the same part, for the notations. `words`:
    what letters of its own stand for, for legends.
    """

    title: str
    equations: str
    shapes: dict[str, list[str]]
    parameters: list[str]
    inputs: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    goal: str = ""
    activation: str = "tanh"
    roles: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """What makes the prediction of the cell's last equation: `scores` names what that equation
    gives, `equations` goes on."""

    title: str
    equations: str = ""
    scores: str = ""


@dataclass(frozen=True)
class Loss:
    """Equations for the loss of a step (and for L, unless the bank's reduction makes it).

    `output` is the output it is made for. `joint`: a derivative written down as a whole (of, by,
    skips, formula).
    """

    title: str
    equations: str
    output: str = "linear"
    joint: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Optimiser:
    """Equations for the new value p_new of a parameter p from its gradient g, constants, and what
    is kept: m[k], m[k-1]. `words`: what its letters stand for, for legends."""

    title: str
    equations: str
    constants: list[str] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)


_FOLDER = files("rnnquiz") / "models"
_YAML = ".yaml"


@cache
def names(kind: str) -> tuple[str, ...]:
    """What the catalogue has of a kind."""
    folder = _FOLDER / kind
    found = []
    for entry in folder.iterdir():
        if entry.name.endswith(_YAML):
            found.append(entry.name.removesuffix(_YAML))
    return tuple(sorted(found))


def read(kind: str, name: str) -> dict[str, Any]:
    """One entry as data; BankError naming what there is where there is no such entry."""
    known = names(kind)
    # A name is looked up, and never made a path: ../ leads nowhere.
    if name not in known:
        raise BankError.at(
            f"catalogue of {kind}", name, "is not in the catalogue", nearest(name, known)
        )
    entry = _FOLDER / kind / f"{name}{_YAML}"
    data, _ = strict_yaml.load(entry.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def words() -> dict[str, str]:
    """What the letters of the catalogue stand for."""
    return _table("words.yaml")


def renamed_losses() -> dict[str, dict[str, str]]:
    """Names of losses that got another meaning, by the version that gave it: the name that means
    now what they meant before."""
    return _table("renamed.yaml")


@cache
def _table(name: str) -> dict[str, Any]:
    file = _FOLDER / name
    data, _ = strict_yaml.load(file.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


@cache
def cell(name: str) -> Cell:
    """The cell of this name in the catalogue."""
    return Cell(**read("cells", name))


@cache
def output(name: str) -> Output:
    """The output of this name in the catalogue."""
    return Output(**read("outputs", name))


@cache
def loss(name: str) -> Loss:
    """The loss of this name in the catalogue."""
    return Loss(**read("losses", name))


@cache
def optimiser(name: str) -> Optimiser:
    """The optimiser of this name in the catalogue."""
    return Optimiser(**read("optimisers", name))


def notation(names_: str) -> Notation:
    """One profile, or several joined by +, of which the later ones win
    (goodfellow+rows+delta_a)."""
    data: dict[str, Any] = {}
    for name in names_.split("+"):
        data |= read("notations", name.strip())
    data.pop("title", None)
    # YAML gives texts alone.
    first = data.get("first", 1)
    data["first"] = int(first)
    data["direct"] = data.get("direct", "yes") == "yes"
    return Notation(name=names_, **data)


def fitted(profile: Notation, bases: list[str], roles: dict[str, str]) -> Notation:
    """The profile with a letter for each base of a network; BankError where two of them would look
    alike.

    A key such as W_* of the profile holds for every letter with an index; the index takes the place
    of the star. A letter that another quantity has already is not taken: the quantity keeps its
    own.
    """
    letters = {base: _letter(profile, base, roles) for base in bases}
    letters |= {base: base for base in _shown_alike(letters)}
    # Once more: a letter that was given back may be one that the profile has for another.
    alike = sorted(_shown_alike(letters))
    if alike:
        found = f"shows {', '.join(alike)} by the same letter"
        remedy = "choose another notation, or set roles of the cell"
        raise BankError.at(f"notation {profile.name}", "letters", found, remedy)
    delta = ""
    for base in bases:
        if roles.get(base, base) == profile.delta:
            delta = base
            break
    return replace(profile, letters=letters, delta=delta)


def _shown_alike(letters: Mapping[str, str]) -> set[str]:
    """The bases that share their letter with another."""
    by_letter: dict[str, set[str]] = {}
    for base, letter in letters.items():
        sharing = by_letter.setdefault(letter, set())
        sharing.add(base)
    alike: set[str] = set()
    for bases in by_letter.values():
        if len(bases) > 1:
            alike |= bases
    return alike


def _letter(profile: Notation, base: str, roles: Mapping[str, str]) -> str:
    """The letter of a base: that of the part which it plays, by the profile; else its own."""
    role = roles.get(base, base)
    if role in profile.letters:
        return profile.letters[role]
    letter, _, index = role.partition("_")
    pattern = profile.letters.get(f"{letter}_*")
    if index and pattern:
        return pattern.replace("*", index)
    # A profile that is about something else, such as rows, leaves every letter as it is.
    if role in _LETTERS and profile.letters:
        return role
    return base
