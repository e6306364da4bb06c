"""Names, formulas and steps in sentences: as people type them where the sentence is mere text, and
what a document typesets in their place."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rnnquiz.algebra.expression import Expression
from rnnquiz.algebra.language import notated
from rnnquiz.algebra.notation import OWN, Notation
from rnnquiz.algebra.plain import TEXT
from rnnquiz.algebra.typeset import typeset_symbols

KEPT_NAMES = 10_000  # every sheet of a class has the same ones


class Named(str):
    """The name of a quantity, of one entry of it (row and column as they are shown), a formula, or
    a step of time. As a text it is what people type; it is never translated."""

    quantity: str
    entry: str
    tree: Expression | None
    step: int | None

    def __reduce__(self) -> tuple[Any, ...]:
        return _named, (str(self), self.quantity, self.entry, self.tree, self.step)


@lru_cache(maxsize=KEPT_NAMES)
def named_quantity(name: str, notation: Notation = OWN) -> Named:
    """A quantity by its name in the program."""
    return _named(notation.text(name), name)


@lru_cache(maxsize=KEPT_NAMES)
def named_box(box: str, quantity: str, entry: str) -> Named:
    """A box by its own name, h[2].1, that of its quantity in the program, and its row and column as
    they are shown."""
    return _named(box, quantity, entry)


@lru_cache(maxsize=KEPT_NAMES)
def named_formula(tree: Expression, notation: Notation = OWN, text: str = "") -> Named:
    """A formula; `text`: how it is typed, where that is not what the notation makes of it."""
    if not text:
        text = typeset_symbols(tree, notated(TEXT, notation))
    return _named(text, "", "", tree)


@lru_cache(maxsize=KEPT_NAMES)
def named_step(step: int) -> Named:
    """A step of time, as it is counted on the sheet."""
    return _named(f"t = {step}", "", step=step)


def _named(
    text: str,
    quantity: str,
    entry: str = "",
    tree: Expression | None = None,
    step: int | None = None,
) -> Named:
    made = Named(text)
    made.quantity, made.entry, made.tree, made.step = quantity, entry, tree, step
    return made


__all__ = ["Named", "named_box", "named_formula", "named_quantity", "named_step"]
