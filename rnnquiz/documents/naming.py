"""Names of quantities and formulas in sentences, as the mathematics that a document typesets."""

from __future__ import annotations

from rnnquiz.algebra.named import Named
from rnnquiz.documents.returned import NamedPlace
from rnnquiz.documents.tree import Formula, Symbol
from rnnquiz.languages.sentences import Message, strung


def typeset_names(text: str) -> str:
    """A sentence with its names as mathematics; itself where it has none."""
    if isinstance(text, Named):
        return strung("", [_mathematics(text)])
    if not isinstance(text, Message) or not text.values:
        return text
    values = {key: _value(value) for key, value in text.values.items()}
    same = all(value is values[key] for key, value in text.values.items())
    return text if same else text.with_values(values)


def _value(value: object) -> object:
    if isinstance(value, Named):
        return _mathematics(value)
    return typeset_names(value) if isinstance(value, Message) else value


def _mathematics(name: Named) -> NamedPlace | Formula:
    return (
        Formula(name.tree)
        if name.tree is not None
        else NamedPlace(Symbol(name.quantity), name.entry)
    )


__all__ = ["typeset_names"]
