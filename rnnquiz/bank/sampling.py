"""What a given may be: one number, or a choice among numbers, for each of its entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rnnquiz.algebra.shapes import Shape, show_shape
from rnnquiz.decimals import Typed, plain, read_number

MOST_CHOICES = 10_000
HOW = "a number, a list of numbers, {range: [low, high], step: s, not: [...]} or {choices: [...]}"


class GivenProblem(ValueError):
    """A given that cannot be read; `path` leads to the entry at fault, `remedy` says what would do."""

    def __init__(self, path: tuple[str | int, ...], found: str, remedy: str) -> None:
        super().__init__(found)
        self.path, self.found, self.remedy = path, found, remedy


@dataclass(frozen=True)
class Sampler:
    """Choices for each entry of a quantity, row by row; one choice where the entry is fixed."""

    shape: Shape
    choices: tuple[tuple[Fraction, ...], ...]

    @property
    def fixed(self) -> bool:
        return all(len(entry) == 1 for entry in self.choices)

    def describe(self) -> str:
        low = min(min(entry) for entry in self.choices)
        high = max(max(entry) for entry in self.choices)
        return f"{plain(low)} to {plain(high)}, {max(map(len, self.choices))} choices"


def read_sampler(data: Any, shape: Shape, path: tuple[str | int, ...]) -> Sampler:
    """The sampler of one quantity from its entry in the bank."""
    return Sampler(shape, tuple(_entries(data, shape, path)))


def _entries(data: Any, shape: Shape, path: tuple[str | int, ...]) -> Iterator[tuple[Fraction, ...]]:
    if isinstance(data, list):
        if not shape:
            raise GivenProblem(path, f"a list of {len(data)} where one number belongs", f"write {HOW}")
        if len(data) != shape[0]:
            raise GivenProblem(path, f"{len(data)} entries for a {show_shape(shape)}", f"write {shape[0]} entries")
        for index, item in enumerate(data):
            yield from _entries(item, shape[1:], (*path, index))
        return
    choices = _choices(data, path)
    for _ in range(_size(shape)):
        yield choices


def _size(shape: Shape) -> int:
    size = 1
    for length in shape:
        size *= length
    return size


def _choices(data: Any, path: tuple[str | int, ...]) -> tuple[Fraction, ...]:
    if isinstance(data, str):
        return (_number(data, path),)
    if not isinstance(data, dict):
        raise GivenProblem(path, f"{data!r}", f"write {HOW}")
    unknown = set(data) - {"range", "step", "not", "choices"}
    if unknown or not ({"range", "step"} <= set(data) or "choices" in data) or ("choices" in data and "range" in data):
        raise GivenProblem((*path, *sorted(unknown)[:1]), "the keys " + ", ".join(data), f"write {HOW}")
    values = _listed(data, path) if "choices" in data else _ranged(data, path)
    left_out = {_number(item, (*path, "not", i)) for i, item in enumerate(_list(data.get("not", []), (*path, "not")))}
    kept = tuple(dict.fromkeys(value for value in values if value not in left_out))
    if not kept:
        raise GivenProblem(path, "no value is left to choose from", "widen the range or shorten `not`")
    return kept


def _listed(data: dict[str, Any], path: tuple[str | int, ...]) -> list[Fraction]:
    return [_number(item, (*path, "choices", i)) for i, item in enumerate(_list(data["choices"], (*path, "choices")))]


def _ranged(data: dict[str, Any], path: tuple[str | int, ...]) -> list[Fraction]:
    ends = _list(data["range"], (*path, "range"))
    if len(ends) != 2:
        raise GivenProblem((*path, "range"), f"{len(ends)} numbers", "write [low, high]")
    low, high = (_number(end, (*path, "range", i)) for i, end in enumerate(ends))
    step = _number(data["step"], (*path, "step"))
    if low > high:
        raise GivenProblem((*path, "range"), f"low {plain(low)} is above high {plain(high)}", "write the smaller number first")
    if step <= 0 or (high - low) % step:
        found = f"steps of {plain(step)} do not lead from {plain(low)} to {plain(high)}"
        raise GivenProblem((*path, "step"), found, "choose one that divides the range")
    if (high - low) / step >= MOST_CHOICES:
        raise GivenProblem((*path, "step"), f"more than {MOST_CHOICES} choices", "take a larger step")
    return [low + k * step for k in range(int((high - low) / step) + 1)]


def _list(data: Any, path: tuple[str | int, ...]) -> list[Any]:
    if not isinstance(data, list):
        raise GivenProblem(path, f"{data!r}", "write a list such as [1, 2]")
    return data


def _number(data: Any, path: tuple[str | int, ...]) -> Fraction:
    typed = read_number(data) if isinstance(data, str) else None
    if not isinstance(typed, Typed):
        raise GivenProblem(path, f"{data!r} is not a number", "write it like 0.5 or -1.25")
    if abs(typed.value) > 10**6 or (typed.last_place is not None and typed.last_place < -9):
        raise GivenProblem(path, f"{data!r}", "use numbers up to 1000000 with at most 9 decimals")
    return typed.value
