"""An entry of the catalogue in words: equations, shapes, parameters, and its letters in each
notation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rnnquiz.algebra.parser import EquationError
from rnnquiz.derivation.unroll import ModelError
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
    rows = [(kind, name) for kind in catalogue.KINDS if name in catalogue.names(kind)]
    if not rows:
        every = [each for kind in catalogue.KINDS for each in catalogue.names(kind)]
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
    more = {"letters": dict(_letters(name))} if kind == "cells" else {}
    return {"kind": SINGULAR[kind], "name": name, **entry, **more}


def text(kind: str, name: str) -> str:
    """An entry in Markdown."""
    entry = catalogue.read(kind, name)
    out = [
        f"### {name}",
        "",
        f"{SINGULAR[kind].capitalize()}: {entry['title']}."
        + (f" {entry['goal'].capitalize()}." if entry.get("goal") else ""),
    ]
    if entry.get("equations"):
        out += ["", "```", *entry["equations"].strip().splitlines(), "```"]
    out += [*_facts(kind, entry)]
    if kind == "cells":
        out += ["", *_table(name)]
    return "\n".join(out) + "\n"


def _facts(kind: str, entry: dict[str, Any]) -> Iterator[str]:
    """What a kind of entry has beside its equations, one line each."""
    for label, words in _FACTS[kind](entry) if kind in _FACTS else ():
        if words:
            yield ""
            yield f"- {label}: {words}" if "`" in words else f"- {label}: `{words}`"


def _of_cell(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    sizes = {letter: " x ".join(dims) or "one number" for letter, dims in entry["shapes"].items()}
    yield "shapes", ", ".join(f"{letter} ({size})" for letter, size in sizes.items())
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
    yield "letters", ", ".join(f"{own} is {shown}" for own, shown in letters.items())
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
        bases = letters_of(assemble(Network(cell, outputs), SIZES, Span(2)))
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
    bases = list(dict.fromkeys(base for letters in rows.values() for base in letters))
    if rows:
        yield f"| notation | {' | '.join(bases)} |"
        yield f"| --- | {' | '.join('---' for _ in bases)} |"
        for notation, letters in rows.items():
            yield f"| {notation} | {' | '.join(letters.get(base, base) for base in bases)} |"
