"""What a given may be: one number, or a choice among numbers, for each of its entries."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import Any

from rnnquiz import strict_yaml
from rnnquiz.algebra.shapes import Shape, show_shape
from rnnquiz.decimals import plain
from rnnquiz.numerals import Typed, read_number

MOST_CHOICES = 10_000  # of one entry: -5 to 5 in steps of a thousandth
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
        return all(len(group) == 1 for group in self.groups)

    @cached_property
    def places(self) -> tuple[dict[Entries, int], ...]:
        """Of each group, where each choice stands in it."""
        return tuple(
            {choice: k for k, choice in reversed(list(enumerate(group)))} for group in self.groups
        )

    def describe(self) -> str:
        values = self.numbers
        return f"{plain(min(values))} to {plain(max(values))}, {max(map(len, self.groups))} choices"

    @property
    def numbers(self) -> list[Fraction]:
        """Every number that some choice of some group gives."""
        choices = chain.from_iterable(self.groups)
        return list(chain.from_iterable(choices))

    def nth(self, number: int) -> list[float]:
        """The entries where each group takes the choice of this number, counted around."""
        return list(map(float, chain.from_iterable(g[number % len(g)] for g in self.groups)))

    def word(self, entries: Entries) -> str:
        """What drawn entries stand for; empty where they are mere numbers."""
        if self.words:
            return self.words[self.groups[0].index(entries)]
        return ""


def read_sampler(data: Any, shape: Shape, path: strict_yaml.Path) -> Sampler:
    """The sampler of one quantity from its entry in the bank."""
    if isinstance(data, dict) and "alphabet" in data:
        return _letters(data, shape, path)
    return Sampler(
        shape, tuple(tuple((value,) for value in entry) for entry in _entries(data, shape, path))
    )


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
    return {**{key: value for key, value in data.items() if key != "word"}, "letter": word[step]}


def _letters(data: dict[str, Any], shape: Shape, path: strict_yaml.Path) -> Sampler:
    """One-hot vectors: of a given letter, or of any letter of the alphabet."""
    unknown = sorted(set(data) - {"alphabet", "letter"})
    letters = data["alphabet"]
    if unknown:
        raise GivenProblem(
            (*path, unknown[0]),
            "is not known here",
            "write {alphabet: helo} or {alphabet: helo, word: hell}",
        )
    if (
        not isinstance(letters, str)
        or len(set(letters)) != len(letters)
        or shape != (len(letters),)
    ):
        found = f"{letters!r} for a {show_shape(shape)}"
        raise GivenProblem(
            (*path, "alphabet"), found, "write as many different letters as the vector has entries"
        )
    vectors = tuple(_one_hot(k, len(letters)) for k in range(len(letters)))
    if "letter" not in data:
        return Sampler(shape, (vectors,), tuple(letters))
    if data["letter"] not in letters:
        raise GivenProblem(
            (*path, "word"),
            f"{data['letter']!r} is not in the alphabet {letters!r}",
            "use letters of the alphabet",
        )
    return Sampler(shape, ((vectors[letters.index(data["letter"])],),), (data["letter"],))


def _one_hot(place: int, size: int) -> Entries:
    return tuple(Fraction(int(k == place)) for k in range(size))


def _entries(data: Any, shape: Shape, path: strict_yaml.Path) -> Iterator[tuple[Fraction, ...]]:
    if isinstance(data, list):
        if not shape:
            raise GivenProblem(
                path, f"a list of {len(data)} where one number belongs", f"write {HOW_TO_GIVE}"
            )
        if len(data) != shape[0]:
            raise GivenProblem(
                path, f"{len(data)} entries for a {show_shape(shape)}", f"write {shape[0]} entries"
            )
        for index, item in enumerate(data):
            yield from _entries(item, shape[1:], (*path, index))
        return
    choices = _choices(data, path)
    for _ in range(math.prod(shape)):
        yield choices


def _choices(data: Any, path: strict_yaml.Path) -> tuple[Fraction, ...]:
    if isinstance(data, str):
        return (_number(data, path),)
    if not isinstance(data, dict):
        raise GivenProblem(path, f"{data!r}", f"write {HOW_TO_GIVE}")
    keys = set(data)
    unknown = keys - {"range", "step", "not", "choices"}
    one_way = ("choices" in keys) != ("range" in keys)
    if unknown or not one_way or ("range" in keys and "step" not in keys):
        raise GivenProblem(
            (*path, *sorted(unknown)[:1]), "the keys " + ", ".join(data), f"write {HOW_TO_GIVE}"
        )
    values = _numbers(data, "choices", path) if "choices" in keys else _ranged(data, path)
    left_out = set(_numbers(data, "not", path)) if "not" in keys else set()
    kept = tuple(dict.fromkeys(value for value in values if value not in left_out))
    if not kept:
        raise GivenProblem(
            path, "no value is left to choose from", "widen the range or shorten `not`"
        )
    return kept


def _numbers(data: dict[str, Any], key: str, path: strict_yaml.Path) -> list[Fraction]:
    """The numbers of a list under a key."""
    path = (*path, key)
    return [_number(item, (*path, i)) for i, item in enumerate(_list(data[key], path))]


def _ranged(data: dict[str, Any], path: strict_yaml.Path) -> list[Fraction]:
    ends = _list(data["range"], (*path, "range"))
    if len(ends) != 2:
        raise GivenProblem((*path, "range"), f"{len(ends)} numbers", "write [low, high]")
    low, high = _numbers(data, "range", path)
    step = _number(data["step"], (*path, "step"))
    if low > high:
        raise GivenProblem(
            (*path, "range"),
            f"low {plain(low)} is above high {plain(high)}",
            "write the smaller number first",
        )
    if step <= 0 or (high - low) % step:
        found = f"steps of {plain(step)} do not lead from {plain(low)} to {plain(high)}"
        raise GivenProblem((*path, "step"), found, "choose one that divides the range")
    if (high - low) / step >= MOST_CHOICES:
        raise GivenProblem(
            (*path, "step"), f"more than {MOST_CHOICES} choices", "take a larger step"
        )
    return [low + k * step for k in range(int((high - low) / step) + 1)]


def _list(data: Any, path: strict_yaml.Path) -> list[Any]:
    if not isinstance(data, list):
        raise GivenProblem(path, f"{data!r}", "write a list such as [1, 2]")
    return data


def _number(data: Any, path: strict_yaml.Path) -> Fraction:
    typed = read_number(data) if isinstance(data, str) else None
    if not isinstance(typed, Typed):
        raise GivenProblem(path, f"{data!r} is not a number", "write it like 0.5 or -1.25")
    if abs(typed.value) > 10**6 or (typed.last_place is not None and typed.last_place < -9):
        raise GivenProblem(path, f"{data!r}", "use numbers up to 1000000 with at most 9 decimals")
    return typed.value
