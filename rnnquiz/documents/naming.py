"""Names of quantities, formulas and steps in sentences, as the mathematics that a document
typesets."""

from __future__ import annotations

from operator import is_

from rnnquiz.algebra.named import Named
from rnnquiz.documents.leaves import TimeStep
from rnnquiz.documents.mathematics import Formula, Symbol
from rnnquiz.documents.returned import NamedPlace
from rnnquiz.languages.sentences import Message, strung


def typeset_names(text: str) -> str:
    """A sentence with its names as mathematics; itself where it has none."""
    if isinstance(text, Named):
        return strung("", [_mathematics(text)])
    if not isinstance(text, Message) or not text.values:
        return text
    values = {key: _value(value) for key, value in text.values.items()}
    # Itself where nothing is changed: a sentence that many boxes share stays one.
    same = all(map(is_, text.values.values(), values.values()))
    return text if same else text.with_values(values)


def _value(value: object) -> object:
    if isinstance(value, Named):
        return _mathematics(value)
    return typeset_names(value) if isinstance(value, Message) else value


def _mathematics(name: Named) -> NamedPlace | Formula | TimeStep:
    if name.step is not None:
        return TimeStep(name.step)
    if name.tree is not None:
        return Formula(name.tree)
    return NamedPlace(Symbol(name.quantity), name.entry)


__all__ = ["typeset_names"]
