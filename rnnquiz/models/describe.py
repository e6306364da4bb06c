"""An entry of the catalogue in words: equations, shapes, parameters, and its letters in each
notation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rnnquiz.algebra.parser import EquationError
from rnnquiz.derivation.unroll import ModelError
from rnnquiz.errors import BankError, Problem
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
        raise BankError(
            "catalogue",
            Problem(name, "is not in it", nearest(name, every, "rnnquiz models lists all of them")),
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
    rows: list[tuple[str, str]] = []
    if kind == "cells":
        shapes = [
            f"{letter} ({' x '.join(dims)})" if dims else f"{letter} (one number)"
            for letter, dims in entry["shapes"].items()
        ]
        rows = [
            ("shapes", ", ".join(shapes)),
            ("trained", ", ".join(entry["parameters"])),
            ("inputs", ", ".join(entry.get("inputs", []))),
        ]
        rows.append(("targets", ", ".join(entry.get("targets", []))))
        if "act(" in entry["equations"]:
            rows.append(
                (
                    "activation",
                    (
                        f"act is {entry.get('activation', 'tanh')}; `activation:` chooses"
                        f" {', '.join(catalogue.ACTIVATIONS)}"
                    ),
                )
            )
    elif kind == "losses":
        rows = [
            ("output", entry.get("output", "linear")),
            ("derivative", entry.get("joint", {}).get("formula", "")),
        ]
    elif kind == "optimisers":
        rows = [("constants", ", ".join(entry.get("constants", [])))]
    elif kind == "notations":
        letters = entry.get("letters", {})
        rows = [("letters", ", ".join(f"{own} is {shown}" for own, shown in letters.items()))]
        rows += [
            (key, str(entry[key]))
            for key in ("first", "time", "layout", "slope", "tanh_slope", "delta", "direct")
            if key in entry
        ]
    for label, words in rows:
        if words:
            yield ""
            yield f"- {label}: {words}" if "`" in words else f"- {label}: `{words}`"


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
