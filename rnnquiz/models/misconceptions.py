"""Mistakes as data: which formulas a mistake turns into which. One row of a table for each mistake,
nothing per network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from rnnquiz.algebra.expression import Expression
from rnnquiz.algebra.named import Named, named_formula
from rnnquiz.algebra.parser import parse_expression
from rnnquiz.files import strict_yaml
from rnnquiz.languages.sentences import Message, said, template_parts

_FACTOR = re.compile(r"\b([a-z])\(")  # a letter before a bracket: no function has one letter


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
    # As messages: students read them in the language of the course.
    name, says = said(row["name"]), sentence_of(row["says"])
    where, rewrite = tuple(row["where"]), tuple(row["rewrite"])
    return Misconception(row["id"], name, says, where, rewrite)


def sentence_of(sentence: str) -> Message:
    """A sentence whose place-holders are formulas: {1 - h^2} is printed as it stands there, and
    typeset in documents."""
    # Text behind the last place-holder has none.
    holders = filter(None, (holder for _, holder, _ in template_parts(sentence)))
    formulas = {holder: _formula(holder) for holder in holders}
    return said(sentence, **formulas)


def _formula(typed: str) -> Named:
    """A formula as people type it, with h(1 - h) for a product."""
    written = _FACTOR.sub(r"\1*(", typed).replace("^", "**")
    return named_formula(parse_expression(written), text=typed)
