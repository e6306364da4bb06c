"""What a given may be: one number, or a choice among numbers, for each of its entries."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain, filterfalse
from operator import getitem
from typing import Any

from rnnquiz.algebra.shapes import Shape, show_shape
from rnnquiz.decimals import plain
from rnnquiz.files import strict_yaml
from rnnquiz.text import nearest
from rnnquiz.typed.numerals import Typed, read_number

MOST_CHOICES = 10_000  # of one entry: -5 to 5 in steps of a thousandth
FINEST_PLACE = -9  # of a given: with a million in front, fifteen digits
_KEYS = ("range", "step", "not", "choices")
HOW_TO_GIVE = (
    "a number, a list of numbers, {range: [low, high], step: s, not: [...]} or {choices: [...]}"
)


class GivenProblem(ValueError):
    """A given that cannot be read; `path` leads to the entry at fault, `remedy` says what would
    do."""

    def __init__(self, path: strict_yaml.Path, found: str, remedy: str) -> None:
        super().__init__(found)
        self.path, self.found, self.remedy = path, found, remedy


Entries = tuple[Fraction, ...]


@dataclass(frozen=True)
class Sampler:
    """What is drawn for a quantity: group after group, one of its choices; a choice gives one
    entry, or a whole one-hot vector.

    Entries are in the order of rows. `words` says what each choice of a one-hot vector stands for.
    """

    shape: Shape
    groups: tuple[tuple[Entries, ...], ...]
    words: tuple[str, ...] = ()

    @property
    def fixed(self) -> bool:
        """True where there is nothing to draw: each group has one choice."""
        sizes = set(map(len, self.groups))
        return sizes <= {1}

    @cached_property
    def places(self) -> tuple[dict[Entries, int], ...]:
        """Of each group, where each choice stands in it."""
        return tuple(map(_places, self.groups))

    def describe(self) -> str:
        """The range and how many choices there are, in words."""
        values = self.numbers
        low, high = map(plain, (min(values), max(values)))
        choices = max(map(len, self.groups))
        return f"{low} to {high}, {choices} choices"

    @property
    def numbers(self) -> list[Fraction]:
        """Every number that some choice of some group gives."""
        choices = chain.from_iterable(self.groups)
        return list(chain.from_iterable(choices))

    def nth(self, number: int) -> list[float]:
        """The entries where each group takes the choice of this number, counted around."""
        places = (number % len(group) for group in self.groups)
        chosen = map(getitem, self.groups, places)
        return list(map(float, chain.from_iterable(chosen)))

    def word(self, entries: Entries) -> str:
        """What drawn entries stand for; empty where they are mere numbers."""
        if not self.words:
            return ""
        (vectors,) = self.groups
        return self.words[vectors.index(entries)]


def _places(group: Sequence[Entries]) -> dict[Entries, int]:
    """The first place of each choice."""
    found: dict[Entries, int] = {}
    for place, choice in enumerate(group):
        found.setdefault(choice, place)
    return found


def read_sampler(data: Any, shape: Shape, path: strict_yaml.Path) -> Sampler:
    """The sampler of one quantity from its entry in the bank."""
    if isinstance(data, dict) and "alphabet" in data:
        return _letters(data, shape, path)
    groups = map(_one_entry, _entries(data, shape, path))
    return Sampler(shape, tuple(groups))


def _one_entry(choices: Entries) -> tuple[Entries, ...]:
    """The choices of one number, each as the entries that it gives."""
    return tuple((value,) for value in choices)


def is_word(data: Any) -> bool:
    """True for an entry that gives each step a letter of its own."""
    return isinstance(data, dict) and "word" in data


def letter_of(
    data: dict[str, Any], step: int, steps: int, path: strict_yaml.Path
) -> dict[str, Any]:
    """The entry of one step of a word."""
    word = data["word"]
    if not isinstance(word, str) or len(word) != steps:
        raise GivenProblem((*path, "word"), f"{word!r} for {steps} steps", f"write {steps} letters")
    entry = {**data, "letter": word[step]}
    del entry["word"]
    return entry


def _letters(data: dict[str, Any], shape: Shape, path: strict_yaml.Path) -> Sampler:
    """One-hot vectors: of a given letter, or of any letter of the alphabet."""
    unknown = sorted(data.keys() - {"alphabet", "letter"})
    letters = data["alphabet"]
    if unknown:
        remedy = "write {alphabet: helo} or {alphabet: helo, word: hell}"
        raise GivenProblem((*path, unknown[0]), "is not known here", remedy)
    if not _is_alphabet(letters, shape):
        found = f"{letters!r} for a {show_shape(shape)}"
        remedy = "write as many different letters as the vector has entries"
        raise GivenProblem((*path, "alphabet"), found, remedy)
    places = range(len(letters))
    vectors = tuple(_one_hot(place, len(places)) for place in places)
    if "letter" not in data:
        return Sampler(shape, (vectors,), tuple(letters))
    letter = data["letter"]
    if letter not in letters:
        found = f"{letter!r} is not in the alphabet {letters!r}"
        raise GivenProblem((*path, "word"), found, "use letters of the alphabet")
    only = vectors[letters.index(letter)]
    return Sampler(shape, ((only,),), (letter,))


def _is_alphabet(letters: Any, shape: Shape) -> bool:
    """True for different letters, as many as a vector has entries."""
    if not isinstance(letters, str) or len(set(letters)) != len(letters):
        return False
    return shape == (len(letters),)


def _one_hot(place: int, size: int) -> Entries:
    entries = [Fraction(0)] * size
    entries[place] = Fraction(1)
    return tuple(entries)


def _entries(data: Any, shape: Shape, path: strict_yaml.Path) -> Iterator[tuple[Fraction, ...]]:
    # One range is that of every entry, each of which is drawn by itself.
    if not isinstance(data, list):
        choices = _choices(data, path)
        for _ in range(math.prod(shape)):
            yield choices
        return
    if not shape:
        found = f"a list of {len(data)} where one number belongs"
        raise GivenProblem(path, found, f"write {HOW_TO_GIVE}")
    if len(data) != shape[0]:
        found = f"{len(data)} entries for a {show_shape(shape)}"
        raise GivenProblem(path, found, f"write {shape[0]} entries")
    for index, item in enumerate(data):
        yield from _entries(item, shape[1:], (*path, index))


def _choices(data: Any, path: strict_yaml.Path) -> tuple[Fraction, ...]:
    # The reader of YAML gives every scalar as the text that was typed.
    if isinstance(data, str):
        return (_number(data, path),)
    if not isinstance(data, dict):
        found = f"{data!r} is neither a number nor a rule to draw one"
        raise GivenProblem(path, found, f"write {HOW_TO_GIVE}")
    _check_keys(data, path)
    left_out: set[Fraction] = set()
    if "not" in data:
        left_out.update(_numbers(data, "not", path))
    kept = filterfalse(left_out.__contains__, _values(data, path))
    # A number that is listed twice is no likelier than the others.
    choices = tuple(dict.fromkeys(kept))
    if not choices:
        remedy = "widen the range or shorten `not`"
        raise GivenProblem(path, "no value is left to choose from", remedy)
    return choices


def _check_keys(data: dict[str, Any], path: strict_yaml.Path) -> None:
    """GivenProblem where the keys of a rule are not those of one way to draw."""
    for key in data:
        if key not in _KEYS:
            raise GivenProblem((*path, key), "is not known here", nearest(key, _KEYS))
    both = {"range", "choices"} <= data.keys()
    if both:
        raise GivenProblem(path, "has both range and choices", "keep one of them")
    if not data.keys() & {"range", "choices"}:
        found = "has neither range nor choices"
        raise GivenProblem(path, found, f"write {HOW_TO_GIVE}")


def _values(data: dict[str, Any], path: strict_yaml.Path) -> list[Fraction]:
    if "choices" in data:
        return _numbers(data, "choices", path)
    return _ranged(data, path)


def _numbers(data: dict[str, Any], key: str, path: strict_yaml.Path) -> list[Fraction]:
    """The numbers of a list under a key."""
    path = (*path, key)
    items = _list(data[key], path)
    return [_number(item, (*path, i)) for i, item in enumerate(items)]


def _ranged(data: dict[str, Any], path: strict_yaml.Path) -> list[Fraction]:
    numbers = _numbers(data, "range", path)
    try:
        low, high = numbers
    except ValueError:
        found = f"has {len(numbers)} numbers, and a range two"
        raise GivenProblem((*path, "range"), found, "write [low, high]") from None
    width = high - low
    # As a teacher writes them: 0.1, and not the fraction 1/10.
    bottom, top = map(plain, (low, high))
    if width < 0:
        found = f"low {bottom} is above high {top}"
        remedy = f"write the smaller first, and a step: {{range: [{top}, {bottom}], step: s}}"
        raise GivenProblem((*path, "range"), found, remedy)
    if "step" not in data:
        remedy = f"write {{range: [{bottom}, {top}], step: s}}, with an s that divides the range"
        raise GivenProblem(path, "has a range and no step", remedy)
    step = _number(data["step"], (*path, "step"))
    each = plain(step)
    # Exact fractions: of floats 0.1 does not divide 1.
    if step <= 0 or width % step:
        found = f"steps of {each} do not lead from {bottom} to {top}"
        raise GivenProblem((*path, "step"), found, "choose one that divides the range")
    steps = int(width / step)
    # Before the list is made, which a small step would make endless.
    if steps >= MOST_CHOICES:
        found = f"more than {MOST_CHOICES} choices"
        raise GivenProblem((*path, "step"), found, "take a larger step")
    return [low + k * step for k in range(steps + 1)]


def _list(data: Any, path: strict_yaml.Path) -> list[Any]:
    if not isinstance(data, list):
        raise GivenProblem(path, f"{data!r} is no list", "write one such as [1, 2]")
    return data


def _number(data: Any, path: strict_yaml.Path) -> Fraction:
    typed = read_number(data) if isinstance(data, str) else None
    if not isinstance(typed, Typed):
        raise GivenProblem(path, f"{data!r} is not a number", "write it like 0.5 or -1.25")
    # Fifteen digits: so many every float keeps.
    fine = typed.last_place is not None and typed.last_place < FINEST_PLACE
    if abs(typed.value) > 10**6 or fine:
        found = f"{data!r} is too large or has too many decimals"
        raise GivenProblem(path, found, "use numbers up to 1000000 with at most 9 decimals")
    return typed.value
