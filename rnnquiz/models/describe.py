"""An entry of the catalogue in words: equations, shapes, parameters, and its letters in each
notation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from rnnquiz.algebra.parser import EquationError
from rnnquiz.derivation.model import ModelError
from rnnquiz.errors import BankError
from rnnquiz.models import catalogue
from rnnquiz.models.assemble import Network, Span, assemble, letters_of
from rnnquiz.text import nearest

SINGULAR = {
    "cells": "cell",
    "outputs": "output",
    "losses": "loss",
    "optimisers": "optimiser",
    "notations": "notation",
}
SIZES = {"input": 4, "hidden": 2, "output": 4}


def found(name: str) -> list[tuple[str, str]]:
    """The entries of this name, as (kind, name); BankError with near names where there is none."""
    names = {kind: catalogue.names(kind) for kind in catalogue.PART_KINDS}
    rows = []
    # Nothing forbids two kinds to have an entry of the same name.
    for kind, known in names.items():
        if name in known:
            rows.append((kind, name))
    if not rows:
        every = list(chain.from_iterable(names.values()))
        raise BankError.at(
            "catalogue",
            name,
            "is not in it",
            nearest(name, every, "rnnquiz models lists all of them"),
        )
    return rows


def described(kind: str, name: str) -> dict[str, Any]:
    """What there is to say of an entry, for programs."""
    entry = catalogue.read(kind, name)
    described_ = {"kind": SINGULAR[kind], "name": name, **entry}
    if kind == "cells":
        described_["letters"] = dict(_letters(name))
    return described_


def text(kind: str, name: str) -> str:
    """An entry in Markdown."""
    entry, of_kind = catalogue.read(kind, name), SINGULAR[kind]
    what = f"{of_kind.capitalize()}: {entry['title']}."
    if entry.get("goal"):
        what += f" {entry['goal'].capitalize()}."
    out = [f"### {name}", "", what]
    if entry.get("equations"):
        equations = entry["equations"].strip()
        out += ["", "```", *equations.splitlines(), "```"]
    out += _facts(kind, entry)
    if kind == "cells":
        out += ["", *_table(name)]
    return "\n".join(out) + "\n"


def _facts(kind: str, entry: dict[str, Any]) -> Iterator[str]:
    """What a kind of entry has beside its equations, one line each."""
    if kind not in _FACTS:
        return
    for label, words in _FACTS[kind](entry):
        if words:
            yield ""
            # Words with a name in them are a sentence, and no name as a whole.
            shown = words if "`" in words else f"`{words}`"
            yield f"- {label}: {shown}"


def _of_cell(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    shapes = []
    for letter, dims in entry["shapes"].items():
        size = " x ".join(dims) or "one number"
        shapes.append(f"{letter} ({size})")
    yield "shapes", ", ".join(shapes)
    yield "trained", ", ".join(entry["parameters"])
    yield "inputs", ", ".join(entry.get("inputs", []))
    yield "targets", ", ".join(entry.get("targets", []))
    if "act(" in entry["equations"]:
        own, others = entry.get("activation", "tanh"), ", ".join(catalogue.ACTIVATIONS)
        yield "activation", f"act is {own}; `activation:` chooses {others}"


def _of_loss(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "output", entry.get("output", "linear")
    yield "derivative", entry.get("joint", {}).get("formula", "")


def _of_optimiser(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "constants", ", ".join(entry.get("constants", []))


def _of_notation(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    letters = entry.get("letters", {})
    renamed = [f"{own} is {shown}" for own, shown in letters.items()]
    yield "letters", ", ".join(renamed)
    for key in ("first", "time", "layout", "slope", "tanh_slope", "delta", "direct"):
        if key in entry:
            yield key, str(entry[key])


_FACTS: dict[str, Callable[[dict[str, Any]], Iterator[tuple[str, str]]]] = {
    "cells": _of_cell,
    "losses": _of_loss,
    "optimisers": _of_optimiser,
    "notations": _of_notation,
}


def _letters(name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """For each notation that renames letters of the cell, what it makes of them."""
    cell = catalogue.cell(name)
    outputs = catalogue.output("linear")
    try:
        model = assemble(Network(cell, outputs), SIZES, Span(2))
        bases = letters_of(model)
    except (EquationError, ModelError, KeyError):
        return
    for notation in catalogue.names("notations"):
        try:
            shown = catalogue.fitted(catalogue.notation(notation), bases, cell.roles).letters
        except BankError:
            continue  # a notation in which two letters of this cell would look alike
        changed = {base: letter for base, letter in shown.items() if letter != base}
        if changed and catalogue.read("notations", notation).get("letters"):
            yield notation, changed


def _table(name: str) -> Iterator[str]:
    rows = dict(_letters(name))
    every = chain.from_iterable(rows.values())
    bases = list(dict.fromkeys(every))
    if rows:
        rule = " | ".join("---" for _ in bases)
        yield f"| notation | {' | '.join(bases)} |"
        yield f"| --- | {rule} |"
        for notation, letters in rows.items():
            shown = [letters.get(base, base) for base in bases]
            yield f"| {notation} | {' | '.join(shown)} |"
