"""Names of quantities as the symbols of a notation: h[t-1], its derivative, one of its entries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from rnnquiz.algebra.symbols import Variable, parse_symbol
from rnnquiz.algebra.targets import MATHML, Target
from rnnquiz.algebra.typeset_part import ATOM, RAISED, Leaf, Typeset
from rnnquiz.algebra.writing import (
    WRITTEN_FORMS,
)

KEPT_TYPESET = 50_000  # symbols, formulas and numbers of one class that are typeset once


@lru_cache(maxsize=KEPT_TYPESET)
def symbol(
    name: str, target: Target, now: int | None = None, update: int | None = None, entry: str = ""
) -> str:
    """The symbol of a quantity; where `now` is a step, its time is shown relative to it, as t or
    t-1; numbers of updates relative to `update`, as k or k-1. `entry`: the index of one entry."""
    parsed, notation = parse_symbol(name), target.notation
    # In a typed name the number of the pass stands once, and a given parameter has none.
    numbering = notation.of_one_pass if target.typed else notation

    def shown(variable: Variable, entry: str = "") -> str:
        numbered = numbering.in_training(variable)
        variable = replace(relative(numbered, now, update), entry=entry)
        in_notation = notation.variable(variable)
        return target.variable(in_notation, notation)

    if isinstance(parsed, Variable):
        return shown(parsed, entry)
    if notation.is_delta(parsed) and not target.is_text:
        time = notation.variable(parsed.by).time
        delta = Variable("delta", time, "", parsed.number, entry=entry)
        return target.variable(delta, notation)
    at = notation.shown_step(notation.part_of(parsed))
    direct = parsed.direct and notation.direct
    parsed = replace(numbering.in_pass(parsed), at=at, direct=direct)
    text = target.derivative(parsed, shown(parsed.of), shown(parsed.by))
    if entry:
        return _entry_of(text, entry, target)
    return text


def _entry_of(text: str, entry: str, target: Target) -> str:
    """One entry of what has more than a letter."""
    if target.language == MATHML.language:
        indices = [f"<mi>{index}</mi>" for index in entry.split(",")]
        entry = "<mo>,</mo>".join(indices)
    form = target.of(WRITTEN_FORMS["entry"].prints)
    return form.format(text, entry)


def relative(variable: Variable, now: int | None, update: int | None = None) -> Variable:
    """The variable with its time as t, t-1, t+1 and its number as k, k-1, for display."""
    if variable.time is not None and now is not None:
        shown = _from("t", variable.time - now)
        variable = replace(variable, shown=shown)
    if variable.number is not None and update is not None:
        counted = _from("k", variable.number - update)
        variable = replace(variable, counted=counted)
    return variable


def _from(letter: str, shift: int) -> str:
    if shift:
        return f"{letter}{shift:+d}"
    return letter


@dataclass(frozen=True)
class SymbolLeaf:
    """Shows names as symbols; with `entry` those of one of their entries."""

    target: Target
    now: int | None = None
    update: int | None = None
    entry: str = ""

    def __call__(self, name: str) -> Typeset:
        """The name typeset, with what it is to a bracket or an exponent around it."""
        parsed, target = parse_symbol(name), self.target
        atom = isinstance(parsed, Variable) or target.notation.is_delta(parsed)
        shown = symbol(name, target, self.now, self.update, self.entry)
        # In plain text nothing stands above a letter.
        raised = not target.is_text and any(sign in shown for sign in _ABOVE)
        if atom:
            return Typeset(shown, RAISED if raised else ATOM)
        # An entry of a derivative has brackets of its own. Without them a power would seem to be
        # one of its numerator.
        return Typeset(shown, ATOM if self.entry else RAISED)


def symbol_leaf(target: Target, now: int | None = None, update: int | None = None) -> Leaf:
    """How leaves are written by their symbols, seen from a step and an update."""
    return SymbolLeaf(target, now, update)


_ABOVE = ("^", "'", "<msup", "<msubsup")  # what shows that something stands above a letter
