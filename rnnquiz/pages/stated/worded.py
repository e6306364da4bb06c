"""Words of a line that stand for signs and letters: "and" between two statements, "hidden state"
for h, "first component" of what was named before.

Each is replaced by a sign or a letter at its place, and the rest of it by blanks: a finding still
knows where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from rnnquiz.pages.spellings import spellings

_NAME = r"(?:[^\W\d]|∂)[^\s=≈:;,]{0,24}"
_STEP = (
    r"(?:[ \t]*\([ \t]*t[ \t]*=[ \t]*(\d{1,2})[ \t]*\)"
    r"|[ \t]+(?:at|for|bei|für|en|à)[ \t]+t[ \t]*=[ \t]*(\d{1,2}))"
)


def _any(words: tuple[str, ...]) -> str:
    """One of the words, the longest first."""
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(map(re.escape, longest_first))


# Two blanks, or a tab, between a number and a name part two statements; one may be a product.
_GAP = re.compile(r"(?<=[\d)\]])(?:[ \t]{2,}|\t)(?=[^\W\d][^\s=≈]{0,14}[ \t]*[=≈])")


def parted_at_gaps(text: str) -> str:
    """A line with a semicolon for each wide blank between two statements."""
    return _GAP.sub(_with_semicolon, text)


def _with_semicolon(gap: re.Match[str]) -> str:
    blank = gap.group()
    return ";" + blank[1:]


@cache
def _joint() -> re.Pattern[str]:
    """A word between a number and the name of the next statement."""
    # With one word more at most: "and then", "und damit"; longer prose is no joint.
    return re.compile(
        rf"(?<=[\d)\]])(?P<joint>[ \t]+(?:{_any(spellings().joints)})(?:[ \t]+[^\W\d]{{2,10}})?)"
        rf"(?=[ \t]+{_NAME}[ \t]*[=≈])",
        re.IGNORECASE,
    )


def parted_at_words(text: str) -> str:
    """A line with a semicolon for each word that joins two statements."""
    return _joint().sub(_as_semicolon, text)


def _as_semicolon(found: re.Match[str]) -> str:
    """A semicolon, as long as the word was."""
    return " ;".ljust(len(found.group()))


@cache
def _component() -> re.Pattern[str]:
    """first component, entry 2."""
    ordinals = _any(tuple(spellings().ordinals))
    nouns = _any(spellings().components)
    return re.compile(
        rf"\b(?:(?P<word>{ordinals})[ \t]+(?:{nouns})|(?:{nouns})[ \t]*(?P<digit>[1-9]))\b",
        re.IGNORECASE,
    )


def component_in(words: str) -> int:
    """The entry that a line says it is about, from 1; nought where it names none, or several."""
    matches = _component().finditer(words)
    found = set(map(_number, matches))
    if len(found) == 1:
        return found.pop()
    return 0


def _number(found: re.Match[str]) -> int:
    if found["digit"]:
        return int(found["digit"])
    word = found["word"].lower()
    return spellings().ordinals[word]


def named_component(text: str) -> str:
    """dL/dh_2 (component 1) = ... without what stands in the brackets: it says the entry."""
    nouns = _component().pattern
    behind = re.compile(rf"(?<=\w)[ \t]*\([ \t]*{nouns}[ \t]*\)(?=[ \t]*[=≈:])", re.IGNORECASE)
    return behind.sub(_as_blank, text)


def _as_blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def lettered(text: str, labels: Mapping[str, str]) -> str:
    """A line that begins with a label and its value, with the letter that the label stands for."""
    if not labels:
        return text
    found = _label(frozenset(labels)).match(text)
    if found is None:
        return text
    label = found["label"].lower()
    letter = labels[label]
    step = found[2] or found[3]  # in brackets, or behind "at"
    if step:
        letter = f"{letter}_{step}"
    start, end = found.start("label"), found.end()
    # As long as it was, so that each sign keeps its place.
    as_long = letter.ljust(end - start)
    return f"{text[:start]}{as_long}{text[end:]}"


@cache
def _label(labels: frozenset[str]) -> re.Pattern[str]:
    value = r"[=≈:][ \t]*[-−+]?[ \t]*[\d.]"
    return re.compile(
        rf"\s*(?P<label>{_any(tuple(labels))}){_STEP}?(?=[ \t]*(?:{value}|$))", re.IGNORECASE
    )
