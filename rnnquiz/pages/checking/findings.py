"""A finding at one member of a line, and numbers as its sentence shows them."""

from __future__ import annotations

from dataclasses import dataclass

from rnnquiz.languages.sentences import Figure, said
from rnnquiz.models.misconceptions import Misconception
from rnnquiz.pages.mathematics.written import Node, Num, Op

SHOWN_DIGITS = 5  # significant digits of a value in a sentence


@dataclass(frozen=True)
class SlipOfLine:
    """A finding at one member of a line. `kind`: arithmetic, rounding, numbers or formula. `rule`:
    the registered mistake that the formula is. `entry`: the place of the number in a vector or
    matrix that it is about, row by row; None for all of it."""

    chain: int
    member: int
    kind: str
    name: str
    says: str
    rule: Misconception | None = None
    entry: int | None = None


def shown_number(value: float) -> Figure:
    """A number in a sentence."""
    return Figure(f"{value:.{SHOWN_DIGITS}g}")


def text_of(tree: Node) -> str:
    """A number as the student wrote it; "this" for anything else."""
    if isinstance(tree, Num):
        return tree.text
    if isinstance(tree, Op) and tree.op == "neg":
        (number,) = tree.args
        return f"-{text_of(number)}"
    return said("this")
