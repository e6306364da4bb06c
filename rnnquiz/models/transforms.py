"""Rewrites that need to know the names around a formula: another weight, the state of another step,
a factor left out.

A transform is written in a rule as name(argument) or name(argument, steps), for instance
shift(state, -1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rnnquiz.algebra.expression import Expression
from rnnquiz.models.omissions import (
    diagonal,
    drop_part,
    everywhere,
    inside,
    keep_term,
    skip_slope,
    truncate,
)
from rnnquiz.models.renamings import family, initial, other, read_updated, shift, swap
from rnnquiz.models.setting import Setting

Transform = Callable[[Expression, Setting, str, int], Iterator[Expression]]
"""The wrong formulas that a right one becomes, by what stands in the brackets: a word, and a number
of steps (0 where there is none)."""


@dataclass(frozen=True)
class TransformRow:
    """A transform, and the words that it takes."""

    transform: Transform
    words: tuple[str, ...]


# A word that is not in its row is refused where a teacher's rule is read, and not passed over.
TRANSFORMS: Mapping[str, TransformRow] = {
    "other": TransformRow(other, ("bias", "weight", "gate", "layer")),
    "swap": TransformRow(swap, ("bias", "weight", "gate")),
    "updated": TransformRow(read_updated, ("bias", "weight")),
    "shift": TransformRow(shift, ("slope", "input", "gradient", "state")),
    "initial": TransformRow(initial, ("state",)),
    "everywhere": TransformRow(everywhere, ("slope", "weight")),
    "family": TransformRow(family, ("weight",)),
    "inside": TransformRow(inside, ("state",)),
    "keep": TransformRow(keep_term, ("first", "last", "middle", "term")),
    "drop": TransformRow(drop_part, ("first", "term", "factor")),
    "skip": TransformRow(skip_slope, ("slope",)),
    "diagonal": TransformRow(diagonal, ("matrix",)),
    "truncate": TransformRow(truncate, ("paths",)),
}
_WRITTEN = re.compile(r"(\w+)\((\w+)(?:,\s*(-?\d+))?\)")


@dataclass(frozen=True)
class Call:
    """A transform as a rule writes it."""

    name: str
    word: str
    steps: int = 0

    @property
    def row(self) -> TransformRow:
        """The row of the table that says what is done."""
        return TRANSFORMS[self.name]

    def applied(self, form: Expression, setting: Setting) -> Iterator[Expression]:
        """The formulas that the transformation makes of one."""
        return self.row.transform(form, setting, self.word, self.steps)


@lru_cache(maxsize=1_000)
def call_of(text: str) -> Call | None:
    """The transform that a rule writes; None where it writes a pattern."""
    found = _WRITTEN.fullmatch(text.strip())
    # tanh(_x) looks the same, and is a pattern.
    if found is None or found[1] not in TRANSFORMS:
        return None
    name, word, steps = found.groups()
    return Call(name, word, int(steps or 0))
