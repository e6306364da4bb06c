"""What is asked: empty boxes in the shape of each quantity, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Literal

from rnnquiz.documents.mathematics import Math
from rnnquiz.fields import field_name


@dataclass(frozen=True)
class AnswerBox:
    """An empty box: its name in the template, how many digits go in, and how its number is
    rounded: "decimals 3", "significant 4", or "whole 3" for a whole number, which is not."""

    name: str
    digits: int
    rule: str

    @property
    def field(self) -> str:
        """The form field of the box."""
        return field_name(self.name)

    @property
    def saved(self) -> str:
        """The name in a file that is YAML, in which no colon may stand within it."""
        return self.name.replace(": ", "/", 1)


@dataclass(frozen=True)
class Unknown:
    """A quantity that is asked: its symbol, and its empty boxes row by row in its shape, in
    brackets unless it is a scalar. Before it the places of quantities of another step stay free,
    which this step has not. `below` is the symbol of another step that stands in its place, where
    that is wider."""

    math: Math
    rows: tuple[tuple[AnswerBox, ...], ...]
    bracketed: bool
    free: tuple[Unknown, ...] = ()
    below: Math | None = None

    @property
    def columns(self) -> int:
        """How many boxes stand beside one another."""
        return len(self.rows[0])

    @property
    def boxes(self) -> tuple[AnswerBox, ...]:
        """All boxes, row by row."""
        return tuple(chain.from_iterable(self.rows))

    @property
    def widest(self) -> int:
        """Letters of the longest name of a box."""
        lengths = (len(box.name) for box in self.boxes)
        return max(lengths)


@dataclass(frozen=True)
class AskedStep:
    """What is asked of one step (`step` says of which; empty where it is of no step). `most`: how
    many unknowns that step has, of all of which boxes stand below these, that has most of them.
    `even`: whether it is one of an even number of steps, of which two may stand side by side."""

    unknowns: tuple[Unknown, ...]
    step: str = ""
    most: int = 1
    even: bool = True
    kind: Literal["answers"] = "answers"

    @property
    def boxes(self) -> tuple[AnswerBox, ...]:
        """All boxes, row by row."""
        parts = (unknown.boxes for unknown in self.unknowns)
        return tuple(chain.from_iterable(parts))
