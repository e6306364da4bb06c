"""The slope of an activation that is written out in a line and then put in as a number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rnnquiz.algebra.expression import Expression, Ref
from rnnquiz.pages.mathematics.written import Node, has_slope, is_numeric, is_value
from rnnquiz.pages.meaning.alignment import Pairs, align
from rnnquiz.pages.meaning.evidence import Evidence
from rnnquiz.pages.placing.candidates import is_slope
from rnnquiz.pages.stated.chains import Chain


@dataclass(frozen=True)
class SlopePutIn:
    """A slope in a line about another quantity: its name, its number and where that stands."""

    name: str
    value: Node
    place: int


def slope_put_in(chain: Chain, name: str, evidence: Evidence) -> SlopePutIn | None:
    """A slope that is written out in a line and then put in as a number: sech^2(0.9) x 0.8 =
    0.49 x 0.8; None where there is none."""
    form = evidence.formulas.quantity(name).formula
    slopes = list(filter(is_slope, evidence.formulas.inner_of(name)))
    if form is None or len(slopes) != 1 or not any(has_slope(m.tree) for m in chain.right):
        return None
    (slope,) = slopes
    for member in chain.right:
        tree = member.tree
        if tree is None or not is_numeric(tree) or has_slope(tree):
            continue
        value = _number_of(slope, form, tree, evidence)
        if value is not None:
            return SlopePutIn(slope, value, member.place)
    return None


def _number_of(slope: str, form: Expression, tree: Node, evidence: Evidence) -> Node | None:
    """The number that stands for a slope where all others of the formula fit."""
    looked_for = Ref(slope)

    def fits(part: Expression, node: Node) -> bool:
        return part == looked_for or evidence.known.fits(part, node)

    pairs = align(form, tree, fits) or []
    mine = list(_put_in_for(looked_for, pairs))
    # One that is there twice, or is not worked out yet, has no number of its own.
    if len(mine) != 1 or not is_value(mine[0]):
        return None
    if all(fits(part, node) for part, node in pairs):
        return mine[0]
    return None


def _put_in_for(part: Expression, pairs: Pairs) -> Iterator[Node]:
    """What stands for one part of a formula, wherever that is read."""
    for other, node in pairs:
        if other == part:
            yield node
