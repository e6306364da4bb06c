"""A document in its language: the one place in which what it says is translated."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from functools import cache
from operator import is_
from typing import Any, TypeVar

from rnnquiz.algebra.notation import Notation
from rnnquiz.documents.diagram import Drawing
from rnnquiz.documents.leaves import TimeStep, Word
from rnnquiz.documents.mathematics import Formula, Symbol, Value
from rnnquiz.documents.tree import Document, Table
from rnnquiz.languages.catalogue import Language
from rnnquiz.languages.sentences import Figure, Message, Speaker
from rnnquiz.pages.shown import Statement
from rnnquiz.solution.lines import Line

SILENT = (Symbol, Formula, Value, Word, Statement, TimeStep, Line, Notation)
SHARED = (Drawing, Table)  # blocks that the documents of a class have in common
MOST_SHARED = 100
Thing = TypeVar("Thing")


def spoken(document: Document, language: Language) -> Document:
    """The document with all that it says in a language."""
    if language.plain:
        return document
    return in_language(document, language, _shared(language))


def in_language(thing: Thing, words: Speaker, shared: dict[int, tuple[Any, Any]]) -> Thing:
    """A part of a document in a language; itself where it says nothing. `shared`: blocks said
    already, by which templates know what they have made before."""
    found: Any = thing
    if isinstance(found, (Message, Figure)):
        found = words.of(_with_words(found, words, shared))
    elif isinstance(found, tuple):
        found = _all_of(found, words, shared)
    elif isinstance(found, SHARED):
        found = _spoken_once(found, words, shared)
    elif is_dataclass(found) and not isinstance(found, SILENT):
        found = _parts_of(found, words, shared)
    return found  # type: ignore[no-any-return]


def _with_words(text: Any, words: Speaker, shared: dict[int, tuple[Any, Any]]) -> Any:
    """A sentence in which what is mathematics, and has a word, has that of the language."""
    if not getattr(text, "objects", ()):
        return text
    values = {key: _value(value, words, shared) for key, value in text.values.items()}
    same = all(map(is_, text.values.values(), values.values()))
    return text if same else text.with_values(values)


def _value(value: object, words: Speaker, shared: dict[int, tuple[Any, Any]]) -> object:
    if isinstance(value, str):  # also a sentence in the sentence, which is said with it
        return _with_words(value, words, shared)
    return in_language(value, words, shared)


def _all_of(things: tuple[Any, ...], words: Speaker, shared: dict[int, Any]) -> tuple[Any, ...]:
    spoken = [in_language(thing, words, shared) for thing in things]
    # Itself where it says nothing: what is told apart by identity later stays the same.
    same = all(map(is_, things, spoken))
    return things if same else tuple(spoken)


def _spoken_once(block: Any, words: Speaker, shared: dict[int, tuple[Any, Any]]) -> Any:
    if id(block) not in shared:
        if len(shared) > MOST_SHARED:
            shared.clear()
        said = _parts_of(block, words, shared)
        # With the block itself: while it lives, no other one gets its id.
        shared[id(block)] = block, said
    _, said = shared[id(block)]
    return said


def _parts_of(thing: Any, words: Speaker, shared: dict[int, Any]) -> Any:
    changed = {}
    for name in _names_of(thing.__class__):
        value = getattr(thing, name)
        spoken = in_language(value, words, shared)
        if spoken is not value:
            changed[name] = spoken
    return replace(thing, **changed) if changed else thing


@cache
def _names_of(kind: type) -> tuple[str, ...]:
    # `replace` refuses all others.
    return tuple(field.name for field in fields(kind) if field.init)


@cache
def _shared(language: Language) -> dict[int, tuple[Any, Any]]:
    return {}


__all__ = ["in_language", "spoken"]
